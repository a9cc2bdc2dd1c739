"""Everything that the command line says goes through one door, and no name of anything gets past it."""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import Outcome, simcheck
from paintings import painting
from PIL import Image

from simcheck.cli import door
from simcheck.cli.door import Door

CLI = Path(door.__file__).parent
STEERING = "red\x1b[31m\x07\x7f\x9b2J\u202egnp.evil\u2066\u2028\u200b\nFORGED line"
"""Colours, a bell, other ways to begin a command, the other direction, an invisible character, and a new line."""
needs_such_names = pytest.mark.skipif(sys.platform != "linux", reason="this system allows no such names")


def speaks(node: ast.AST) -> str | None:
    """What prints: the names of functions that write to a terminal."""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and function.id in ("print", "input"):
            return function.id
        if isinstance(function, ast.Attribute) and function.attr in ("echo", "secho", "print", "prompt", "confirm"):
            return function.attr
    if isinstance(node, ast.Attribute) and node.attr in ("write", "writelines"):
        return node.attr
    if isinstance(node, ast.ImportFrom | ast.Import):
        names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
        return next((name for name in names if name in ("rich.console", "rich.print", "logging", "Console")), None)
    return None


def test_there_is_one_door() -> None:
    found = [
        f"{path.name}:{getattr(node, 'lineno', 0)} {said}"
        for path in sorted(CLI.glob("*.py"))
        if path.name != "door.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (said := speaks(node))
    ]
    assert found == [], "say it through simcheck.cli.door"


def test_the_door_spells_out_what_steers(capsys: pytest.CaptureFixture[str]) -> None:
    Door().aside(f"Note: {STEERING} :warning: [red]x")
    Door().result(f"a {STEERING}")
    Door().json({STEERING: [STEERING]})
    out, err = capsys.readouterr()
    assert harmless(err)
    assert err.count("\n") == 1, "one line, whatever is in it"
    assert ":warning: [red]x" in err
    first, _, rest = out.partition("\n{")
    assert harmless(first)
    assert json.loads("{" + rest) == {STEERING: [STEERING]}
    assert harmless(rest)


def harmless(text: str) -> bool:
    return all(c == "\n" or c.isprintable() or c in "\u3000\xa0\u200d" for c in text)


def looked_at(done: Outcome, code: int | None = 0) -> Outcome:
    assert code is None or done.code == code, done.err
    for text in (done.out, done.err):
        assert harmless(text), ascii(text)
        assert not any(line.startswith("FORGED") for line in text.split("\n")), text
        assert "Traceback" not in text
    return done


@dataclass(frozen=True)
class Hostile:
    folder: Path
    art: Path
    suspects: Path
    index: Path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    folder = tmp_path_factory.mktemp("hostile")
    art, suspects = folder / f"art {STEERING}", folder / f"in {STEERING}"
    art.mkdir()
    suspects.mkdir()
    for seed in range(3):
        Image.fromarray(painting(seed)).save(art / f"{seed} {STEERING}.png", format="PNG")
    Image.fromarray(painting(0)[:, ::-1]).save(suspects / f"a {STEERING}.png", format="PNG")
    (suspects / f"torn {STEERING}.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    made = simcheck("index", art, "--index", folder / f"idx {STEERING}", "--signal", "phash")
    assert made.code == 0, made.err
    return Hostile(folder, art, suspects, folder / f"idx {STEERING}")


@needs_such_names
def test_index(hostile: Hostile) -> None:
    again = ("index", hostile.art, "--index", hostile.index, "--signal", "phash")
    looked_at(simcheck(*again))
    assert looked_at(simcheck(*again, "--json")).json["index"] == str(hostile.index)
    looked_at(simcheck("index", hostile.folder / STEERING), 2)
    looked_at(simcheck("index", hostile.art, "--name", STEERING, "--signal", "phash"))
    looked_at(simcheck("index", hostile.suspects, "--signal", "phash", "--index", hostile.folder / "new"))


@needs_such_names
def test_compare_and_report(hostile: Hostile, tmp_path: Path) -> None:
    out = tmp_path / f"out {STEERING}"
    options = ("--index", hostile.index, "--signal", "phash")
    looked_at(simcheck("compare", hostile.suspects, *options, "--out", out))
    document = looked_at(simcheck("compare", hostile.suspects, *options, "--json")).json
    assert document["queries"][0]["query"]["name"] == f"a {STEERING}.png"
    for file in (out / "report.json", out / "report.html"):
        assert harmless(file.read_text("utf-8").replace("\t", "")), file.name
    looked_at(simcheck("compare", hostile.suspects, *options, "--out", out), 2)
    looked_at(simcheck("report", out))
    (hostile.art / f"0 {STEERING}.png").rename(hostile.folder / "moved.png")
    told = looked_at(simcheck("report", out))
    assert "Not shown in the report: 1 picture" in told.err
    (hostile.folder / "moved.png").rename(hostile.art / f"0 {STEERING}.png")
    looked_at(simcheck("report", out, "--pictures", hostile.folder / STEERING), 2)
    looked_at(simcheck("report", hostile.folder / STEERING), 9)
    looked_at(simcheck("report", hostile.suspects), 9)
    looked_at(simcheck("compare", hostile.folder / STEERING, *options), 2)
    looked_at(simcheck("compare", hostile.suspects, "--with", hostile.suspects / f"torn {STEERING}.png"), None)
    looked_at(simcheck("compare", hostile.suspects, *options, "--calibration", hostile.folder / STEERING), 2)


@needs_such_names
def test_marks(hostile: Hostile) -> None:
    pixels = painting(9)[:80, :200].copy()
    pixels[:8], pixels[-8:], pixels[:, :8], pixels[:, -8:] = 255, 255, 255, 255
    mark = hostile.folder / f"mark {STEERING}.png"
    Image.fromarray(pixels).save(mark, format="PNG")
    index = ("--index", hostile.index)
    looked_at(simcheck("marks", "add", mark, *index), None)
    looked_at(simcheck("marks", "add", mark, *index, "--json"), None)
    looked_at(simcheck("marks", "add", hostile.folder / STEERING, *index), 2)
    looked_at(simcheck("marks", "list", *index))
    looked_at(simcheck("marks", "list", *index, "--json"))
    looked_at(simcheck("marks", "remove", STEERING, *index), 2)
    looked_at(simcheck("marks", "remove", mark.stem, *index), None)


@needs_such_names
def test_cohorts(hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMCHECK_COHORTS", str(tmp_path / "cohorts"))
    looked_at(simcheck("cohort", "add", hostile.art, "--name", STEERING))
    (cohort,) = looked_at(simcheck("cohort", "list", "--json")).json["cohorts"]
    assert (cohort["name"], cohort["roots"]) == (STEERING, [str(hostile.art)])
    assert "red" in looked_at(simcheck("cohort", "list")).out
    database = next((tmp_path / "cohorts").glob("*/index.sqlite3"))
    looked_at(simcheck("cohort", "remove", STEERING))
    looked_at(simcheck("cohort", "remove", STEERING), 2)
    database.parent.mkdir(parents=True, exist_ok=True)
    database.write_bytes(b"no database")
    looked_at(simcheck("cohort", "list"))
    looked_at(simcheck("cohort", "list", "--json"))


@needs_such_names
def test_what_typer_refuses(hostile: Hostile) -> None:
    for typed in (
        (f"--{STEERING}",),
        (STEERING,),
        ("compare", hostile.suspects, "--lang", STEERING),
        ("compare", hostile.suspects, f"--{STEERING}"),
        ("report", hostile.suspects, STEERING, STEERING),
        ("marks", STEERING),
        ("compare", hostile.suspects, "--candidates", STEERING),
    ):
        done = looked_at(simcheck(*typed), 2)
        assert done.out == ""
        assert done.err.startswith("simcheck: ")
        assert "--help" in done.err


@needs_such_names
def test_models_and_calibrate(hostile: Hostile, tmp_path: Path) -> None:
    looked_at(simcheck("models", "verify", "--model", f"./{STEERING}"), 7)
    looked_at(simcheck("models", "list", "--model", STEERING), None)
    looked_at(simcheck("calibrate", hostile.folder / STEERING, "--to", tmp_path / "x.json"), None)
    looked_at(simcheck("calibrate", hostile.folder, "--to", tmp_path / STEERING / STEERING), 2)


def test_an_unknown_language_is_told_with_those_there_are() -> None:
    for command in ("compare", "report", "demo"):
        done = simcheck(command, "x", "--lang", "fr")
        assert done.code == 2
        assert "'en', 'zh', 'both'" in done.err
        assert "Value error" not in done.err
        assert f"simcheck {command} --help" in done.err


LONG = "山" * 300


@pytest.mark.parametrize(
    "command",
    [
        ("index", "{art}", "--index", "{long}"),
        ("index", "{art}", "--name", "{name}"),
        ("index", "{art}", "--name", " "),
        ("index", "{art}", "--name", ""),
        ("index", "{long}"),
        ("compare", "{art}", "--index", "{index}", "--out", "{long}"),
        ("compare", "{art}", "--index", "{index}", "--out", "{deep}"),
        ("compare", "{art}", "--index", "{long}"),
        ("compare", "{art}", "--name", "{name}"),
        ("compare", "{long}", "--index", "{index}"),
        ("compare", "{art}", "--with", "{long}"),
        ("compare", "{art}", "--index", "{index}", "--calibration", "{long}"),
        ("report", "{long}"),
        ("report", "{index}"),
        ("report", "{index}", "--pictures", "{long}"),
        ("cohort", "add", "{art}", "--name", "{name}"),
        ("cohort", "remove", "{name}"),
        ("cohort", "add", "{art}", "--name", ""),
        ("marks", "add", "{long}", "--index", "{index}"),
        ("marks", "remove", "{name}", "--index", "{index}"),
        ("demo", "{long}", "--no-open"),
        ("calibrate", "{long}", "--index", "{index}", "--to", "{new}"),
        ("calibrate", "{index}", "--index", "{index}", "--to", "{long}"),
        ("models", "verify", "--model", "{long}"),
    ],
    ids=" ".join,
)
def test_no_name_is_too_long_for_a_message(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMCHECK_COHORTS", str(tmp_path / "cohorts"))
    Image.fromarray(painting(1)).save(tmp_path / "x.png")
    places = {
        "art": tmp_path / "x.png", "index": tmp_path / "index", "long": tmp_path / LONG,
        "deep": tmp_path / "a" / LONG / "b", "new": tmp_path / "new.json", "name": LONG,
    }  # fmt: skip
    done = looked_at(simcheck(*(part.format(**places) for part in command)), None)
    assert done.code in (2, 4, 5, 7, 9), done.err
    assert done.err.startswith(("simcheck: ", "Note: "))
    assert len(done.err) < 5000
