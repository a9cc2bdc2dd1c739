"""The Python API: what README shows works as it stands, and nothing is loaded before it is used."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from paintings import painting
from PIL import Image

import simcheck
from simcheck.errors import PictureError, StoreMissing, UsageError
from simcheck.records import FindingType

CHECKOUT = Path(__file__).resolve().parent.parent
QUICK = simcheck.Choice(only=("phash", "palette"), offline=True)


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    (folder / "my_art").mkdir()
    for seed in range(3):
        Image.fromarray(painting(seed)).save(folder / "my_art" / f"{seed}.png")
    Image.fromarray(painting(1)).save(folder / "suspect.jpg", quality=90)
    return folder


def test_importing_it_loads_nothing() -> None:
    code = "import sys, simcheck; print([m for m in sys.modules if m.split('.')[0] in ('numpy','PIL','torch','typer')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert done.stdout.strip() == "[]"


def test_every_name_is_there_and_nothing_else() -> None:
    for name in simcheck.__all__:
        assert getattr(simcheck, name) is not None
    assert set(simcheck.__all__) <= set(dir(simcheck))
    with pytest.raises(AttributeError, match="no attribute 'indexes'"):
        simcheck.indexes  # type: ignore[attr-defined]  # noqa: B018


def test_the_verbs_stay_functions_whatever_is_imported() -> None:
    """No folder is called like a verb: importing one would put a module in the function's place."""
    assert all(callable(getattr(simcheck, name)) for name in ("index", "compare", "report"))
    folders = {path.name for path in Path(simcheck.__file__).parent.iterdir() if path.is_dir()}
    assert not folders & set(simcheck.__all__)


def test_what_the_readme_shows_runs(art: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:  # type: ignore[type-arg]
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(import simcheck\n.*?)```", readme, re.S)
    monkeypatch.chdir(art)
    exec(compile(shown, "README.md", "exec"), {})  # noqa: S102 - our own document
    assert "1.png" in capsys.readouterr().out.splitlines()[0]
    assert (art / "evidence" / "report.html").is_file()


def test_a_script_needs_no_guard(art: Path, tmp_path: Path) -> None:
    """`multiprocessing` else runs the script again in each decoding process."""
    script = tmp_path / "script.py"
    script.write_text(
        f"import simcheck\nprint('begun')\nchoice = simcheck.Choice(only=('phash',), offline=True)\n"
        f"run = simcheck.compare({str(art / 'suspect.jpg')!r}, works={str(art / 'my_art')!r}, choice=choice)\n"
        "print(run.queries[0].findings[0].work.paths[0].name)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    assert (done.returncode, done.stdout.split()) == (0, ["begun", "1.png"]), done.stderr


def test_an_index_by_path_and_typed_results(art: Path, tmp_path: Path) -> None:
    made = simcheck.index(str(art / "my_art"), index=tmp_path / "index", choice=QUICK)
    assert (made.new, made.skipped) == (3, ())
    run = simcheck.compare(art / "suspect.jpg", index=tmp_path / "index", choice=QUICK, cohorts=())
    assert isinstance(run, simcheck.Run)
    best = run.queries[0].findings[0]
    assert (best.work.paths[0].name, best.type) == ("1.png", FindingType.RE_ENCODED)
    paths = simcheck.report(run, tmp_path / "report", lang="zh")
    assert 'lang="zh' in paths.html.read_text(encoding="utf-8")
    again = simcheck.report(paths.json, tmp_path / "again")
    assert json.loads(again.json.read_text("utf-8")) == json.loads(paths.json.read_text("utf-8"))


def test_bytes_are_pictures_too_and_live_as_long_as_their_result(art: Path, tmp_path: Path) -> None:
    suspect = (art / "suspect.jpg").read_bytes()
    work = (art / "my_art" / "1.png").read_bytes()
    run = simcheck.compare([suspect, work], works=work, choice=QUICK, cohorts=())
    assert [query.findings[0].type for query in run.queries] == [FindingType.RE_ENCODED, FindingType.EXACT_FILE]
    held = [query.path for query in run.queries]
    page = simcheck.report(run, tmp_path / "report").html.read_text(encoding="utf-8")
    assert "data:image/jpeg" in page, "a report can show them"
    del run
    gc.collect()
    assert not any(path.exists() for path in held)


def test_a_report_is_made_again_and_not_over_another(
    art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [simcheck.compare(art / "suspect.jpg", works=art / "my_art", choice=QUICK, cohorts=()) for _ in range(2)]
    first = simcheck.report(runs[0], tmp_path / "report")
    assert (first.absent, str(art) in first.json.read_text("utf-8")) == ((), False)
    assert simcheck.report(first.json, tmp_path / "again", lang="zh").absent == (), "this computer knows where they lie"
    simcheck.report(runs[0], tmp_path / "report", full_paths=True)
    assert str(art) in first.json.read_text("utf-8")
    with pytest.raises(UsageError, match="another report"):
        simcheck.report(runs[1], tmp_path / "report")
    simcheck.report(runs[1], tmp_path / "report", replace=True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another computer"))
    elsewhere = simcheck.report(first.json, tmp_path / "elsewhere")
    absent = [name for name, _ in elsewhere.absent]
    assert absent[:2] == ["suspect.jpg", "1.png"]
    assert sorted(absent[2:]) == ["0.png", "2.png"]
    assert simcheck.report(first.json, tmp_path / "elsewhere", pictures=art).absent == ()


def test_errors_are_raised_and_leave_nothing_behind(art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with pytest.raises(StoreMissing):
        simcheck.compare(art / "suspect.jpg", index=tmp_path / "none", choice=QUICK)
    with pytest.raises(UsageError):
        simcheck.compare(art / "nosuch.png", index=tmp_path / "none", choice=QUICK)
    with pytest.raises(PictureError):
        simcheck.compare(b"no picture", works=(art / "my_art" / "1.png").read_bytes(), choice=QUICK, cohorts=())
    assert list((tmp_path / "temporary").iterdir()) == []


def test_from_how_many_suspects_were_chosen_is_part_of_the_run(art: Path) -> None:
    works = [art / "suspect.jpg"]
    run = simcheck.compare(works, works=works, choice=QUICK, selected_from=12)
    assert run.selected_from == 12
    with pytest.raises(UsageError, match="cannot have been chosen from 0 pictures"):
        simcheck.compare(works, works=works, choice=QUICK, selected_from=0)
