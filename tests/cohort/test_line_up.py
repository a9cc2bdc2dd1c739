"""The cohort and its line-ups: what ships, what a person adds, which works come nearest, what is left out."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import simcheck
from paintings import painting
from PIL import Image, ImageEnhance

from simcheck.cohort import line_up
from simcheck.cohort.line_up import WORKS, Cohort, described_with
from simcheck.cohort.style import LEAST_WORKS, NEAREST_ARTISTS
from simcheck.errors import PictureError, StoreError, StoreMissing
from simcheck.pipeline import Choice, compare, compare_pair, index, index_cohort
from simcheck.records import Notice, Silent
from simcheck.records.run import LineUp, Run
from simcheck.reporting.document.document import to_document
from simcheck.reporting.document.schema import validate
from simcheck.scoring.rates import Unrelated
from simcheck.scoring.scale import Scale
from simcheck.shipped import reference_folder
from simcheck.signals import load
from simcheck.store import FORMAT_VERSION, Store
from simcheck.store.folder import FILE_NAME

SIGNALS = described_with(own=False)
CHEAP = Choice(only=SIGNALS, offline=True)
CHECKOUT = Path(__file__).resolve().parents[2]


class Listener(Silent):
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


def paint(seed: int, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(painting(seed)).save(file)
    return file


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """``art`` with its ``index``, ``others`` by two artists with their ``cohort``, and a ``suspect.png`` made from one
    of the others."""
    folder = tmp_path_factory.mktemp("studio")
    for seed in range(4):
        paint(seed, folder / "art" / f"{seed}.png")
    paint(100, folder / "others" / "anna" / "100.png")
    paint(101, folder / "others" / "anna" / "101.png")
    paint(102, folder / "others" / "bela" / "102.png")
    index([folder / "art"], folder / "index", name="art", choice=CHEAP, watcher=Silent())
    index_cohort([folder / "others"], folder / "cohort", name="shapes", watcher=Silent())
    made = ImageEnhance.Color(Image.fromarray(painting(101)).resize((400, 300))).enhance(0.7)
    made.save(folder / "suspect.jpg", quality=80)
    yield folder


def lined_up(run: Run) -> LineUp:
    found = run.queries[0].line_up
    assert found is not None
    return found


# -- what ships -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((reference_folder() / WORKS).read_text(encoding="utf-8"))
    return read


def test_the_shipped_cohort_is_an_index_whose_works_are_all_named(shipped: dict[str, Any]) -> None:
    with Store.open(reference_folder()) as store:
        works = {work.facts.sha256: work for work in store.works()}
        named = {work["sha256"]: work for work in shipped["works"]}
        assert works.keys() == named.keys()
        assert len(works) == len(shipped["works"]) > 800
        for sha256, work in works.items():
            assert work.paths == (Path("cohort") / named[sha256]["path"],)
        assert store.look_through(lambda done, total: None).faults == ()
        for name, kind in load(SIGNALS).items():
            assert store.described(kind().identity()) == len(works), f"build/reference.py must run again for {name}"
        assert store.roots == (Path("cohort"),)


def test_every_shipped_work_says_whose_it_is_and_where_it_comes_from(shipped: dict[str, Any]) -> None:
    for work in shipped["works"]:
        assert all(work[key] for key in ("hand", "tradition", "licence", "attribution"))
        assert all(work["source"][key] for key in ("repo", "commit", "path", "sha256"))


def test_the_hands_kept_out_are_not_in_it(shipped: dict[str, Any]) -> None:
    pairs = json.loads((reference_folder() / "unrelated_pairs.json").read_text(encoding="utf-8"))
    assert shipped["hands_kept_out"] == pairs["hands_kept_out"]
    assert not {work["hand"] for work in shipped["works"]} & set(shipped["hands_kept_out"])


def test_the_shipped_cohort_is_of_this_format_and_packed_into_one_file() -> None:
    """`python scripts/build/reference.py --format` brings it up to date, and describes nothing."""
    file = reference_folder() / FILE_NAME
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as rows:
        assert rows.execute("SELECT format_version FROM meta").fetchone() == (FORMAT_VERSION,)
        assert rows.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert file.stat().st_size < 15e6


def test_no_place_of_a_machine_is_in_it() -> None:
    content = (reference_folder() / FILE_NAME).read_bytes()
    here = (str(Path.home()), tempfile.gettempdir(), "/home/", "/Users/", "C:\\", "simcheck-reference-")
    for place in (name.encode() for name in here if name != "/"):
        assert place not in content


def test_what_defines_the_scores_is_what_it_was() -> None:
    """The background and the table of pairs: another cohort must not change them in passing."""
    about = json.loads((reference_folder() / "unrelated_pairs.json").read_text(encoding="utf-8"))
    assert about["scores_sha256"] == "93ae43c3b816a0b6a233af17f25e6b9b1b8872d70e056e69e2d294148d1bf240"
    background = hashlib.sha256((reference_folder() / "copy_background.npz").read_bytes()).hexdigest()
    assert background[:16] == "2486d857bfbc12c1"


# -- style ------------------------------------------------------------------------------------------------------------


def test_clip_takes_part_in_the_style_where_a_cohort_of_ones_own_was_described_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped cohort was not. The network has random weights: what is tested is who takes part."""
    import tiny_clip

    some = ("clip", "phash", "palette")  # `copy` takes its time
    monkeypatch.setattr("simcheck.pipeline.indexing.described_with", lambda *, own: some)
    model = str(tiny_clip.write_folder(tmp_path / "weights", 1))
    for seed in range(LEAST_WORKS):
        paint(seed, tmp_path / "art" / f"{seed}.png")
        for artist in range(NEAREST_ARTISTS):
            paint(1000 + 20 * artist + seed, tmp_path / "others" / f"hand {artist}" / f"{seed}.png")
    for seed in range(3):
        paint(2000 + seed, tmp_path / "suspects" / f"{seed}.png")
    choice = Choice(only=("clip", "palette"), model=model, offline=True)
    index([tmp_path / "art"], tmp_path / "index", name="art", choice=choice, watcher=Silent())
    other = tmp_path / "cohort"
    index_cohort([tmp_path / "others"], other, name="shapes", model=model, offline=True, watcher=Silent())
    with Store.open(other) as store:
        assert {identity.name for identity in store.identities()} == {"phash", "palette", "clip"}

    beside = compare([tmp_path / "suspects"], tmp_path / "index", choice=choice, cohorts=(other,), watcher=Silent())
    assert beside.style is not None
    assert beside.style.signals == ("palette", "clip")
    assert beside.style.artists == NEAREST_ARTISTS + 1, "those that both know"
    assert beside.queries[0].line_up is not None
    assert "clip" in dict(beside.queries[0].line_up.highest)


def test_a_cohort_without_the_weights_of_clip_says_so(tmp_path: Path) -> None:
    paint(1, tmp_path / "others" / "1.png")
    told = Listener()
    index_cohort([tmp_path / "others"], tmp_path / "cohort", name="one", offline=True, watcher=told)
    assert [(notice.code, notice.hint) for notice in told.notices] == [("signal_optional", True)]
    with Store.open(tmp_path / "cohort") as store:
        assert {identity.name for identity in store.identities()} == set(SIGNALS)


# -- line-ups ---------------------------------------------------------------------------------------------------------


def test_what_the_suspect_was_made_from_stands_first(studio: Path) -> None:
    run = compare(
        [studio / "suspect.jpg"], studio / "index", choice=CHEAP, cohorts=[studio / "cohort"], watcher=Silent()
    )
    found = lined_up(run)
    first = found.entries[0]
    assert (first.work.cohort, first.work.artist, first.work.tradition) == ("shapes", "anna", "shapes")
    assert first.work.source == str(studio / "others" / "anna" / "101.png")
    assert dict(first.scores)["phash"] > 0.7
    assert len(found.entries) == 8
    assert run.cohort is not None
    assert (run.cohort.own, run.cohort.described) == (("shapes",), found.works)
    assert found.compared < found.works


def test_the_line_up_says_how_many_others_score_as_high(studio: Path) -> None:
    """The portfolio has nothing to do with this suspect, and a work of the cohort beats it by every signal."""
    run = compare(
        [studio / "suspect.jpg"], studio / "index", choice=CHEAP, cohorts=[studio / "cohort"], watcher=Silent()
    )
    found = lined_up(run)
    reached, highest = dict(found.reached), dict(found.highest)
    best = {name: result.comparison.score for name, result in run.queries[0].findings[0].signals}
    assert set(reached) == set(highest) == {"copy", "layout", "phash"}
    for name, count in reached.items():
        assert count >= 1
        least = best[name]
        assert least is not None
        assert sum(score >= least for score in highest[name]) == min(count, 8)
        assert list(highest[name]) == sorted(highest[name], reverse=True)


def test_a_copy_of_the_portfolio_is_singled_out(studio: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.jpg"
    Image.fromarray(painting(2)).resize((300, 225)).save(small)
    run = compare([small], studio / "index", choice=CHEAP, cohorts=[studio / "cohort"], watcher=Silent())
    assert run.queries[0].findings[0].work.paths[0].name == "2.png"
    assert dict(lined_up(run).reached) == {"copy": 0, "layout": 0, "phash": 0}


def test_works_with_the_bytes_of_the_suspect_or_of_the_portfolio_stay_out(studio: Path, tmp_path: Path) -> None:
    suspect = studio / "others" / "anna" / "101.png"
    run = compare([suspect], studio / "index", choice=CHEAP, cohorts=[studio / "cohort"], watcher=Silent())
    names = {Path(entry.work.source).name for entry in lined_up(run).entries}
    assert "101.png" not in names
    assert run.cohort is not None
    assert lined_up(run).works == run.cohort.described - 1

    art = tmp_path / "art"
    shutil.copytree(studio / "art", art)
    shutil.copy(suspect, art / "mine too.png")
    index([art], tmp_path / "index", name="art", choice=CHEAP, watcher=Silent())
    listener = Listener()
    again = compare(
        [studio / "suspect.jpg"], tmp_path / "index", choice=CHEAP, cohorts=[studio / "cohort"], watcher=listener
    )
    assert "101.png" not in {Path(entry.work.source).name for entry in lined_up(again).entries}
    (notice,) = [n for n in listener.notices if n.code == "cohort_overlap"]
    assert "'shapes'" in notice.message


def test_a_direct_comparison_has_a_line_up_too_and_the_document_keeps_to_the_schema(studio: Path) -> None:
    run = compare_pair(
        [studio / "suspect.jpg"],
        [studio / "art" / "1.png"],
        choice=CHEAP,
        cohorts=[studio / "cohort"],
        watcher=Silent(),
    )
    document = to_document(run)
    validate(document)
    told = document["queries"][0]["line_up"]
    assert told["entries"][0]["hand"] == "anna"
    assert set(told["entries"][0]["scores"]) == set(SIGNALS)
    assert document["cohort"]["own"] == ["shapes"]
    assert document["cohort"]["hands"] == 160 + 2


def test_without_a_signal_that_has_described_the_cohort_there_is_none(studio: Path, tmp_path: Path) -> None:
    choice = Choice(only=("keypoints",), offline=True)
    run = compare_pair([studio / "suspect.jpg"], [studio / "art" / "1.png"], choice=choice, watcher=Silent())
    assert run.queries[0].line_up is None
    document = to_document(run)
    validate(document)
    assert document["queries"][0]["line_up"] is None


def test_a_cohort_of_another_version_is_told_and_left_out(studio: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(studio / "cohort", tmp_path / "cohort")
    with closing(sqlite3.connect(copy / FILE_NAME)) as rows, rows:
        rows.execute("UPDATE signals SET version = version + 100")
    listener = Listener()
    run = compare([studio / "suspect.jpg"], studio / "index", choice=CHEAP, cohorts=[copy], watcher=listener)
    assert run.cohort is not None
    assert run.cohort.own == ()
    (notice,) = [n for n in listener.notices if n.code == "cohort_stale"]
    assert "simcheck cohort add FOLDER --name 'shapes'" in notice.message


def test_the_cohort_is_read_once_whatever_the_number_of_suspects() -> None:
    """A suspect took a statement for each signal and work that is near it, some 770 of them, and the next one again."""
    chosen = {name: kind() for name, kind in load(("layout", "phash", "palette")).items()}
    identities = {name: signal.identity() for name, signal in chosen.items()}
    table = Unrelated.load(CHECKOUT / "index" / "reference")
    scale = Scale.of(identities, {name: type(signal) for name, signal in chosen.items()}, table, None)
    statements: list[str] = []
    with Cohort.open([], chosen, scale, (), Silent()) as cohort, ThreadPoolExecutor(1) as pool:
        (part,) = cohort._parts
        works = part.store.works()
        part.store._connection.set_trace_callback(lambda sql: statements.append(sql) if "d.data" in sql else None)
        counts = []
        for work in works[10:13]:
            query = {name: part.store.description(work.id, identity) for name, identity in identities.items()}
            assert cohort.line_up(work.facts, {n: d for n, d in query.items() if d}, (), pool) is not None
            counts.append(len(statements))
        assert counts[0] <= 2 * len(chosen), "what retrieves was read when the cohort was opened"
        assert counts[-1] - counts[0] <= 2 * 4, "of `palette`, which does not retrieve, those that were not near before"
        part.store._connection.set_trace_callback(None)


# -- what can be wrong ------------------------------------------------------------------------------------------------


def opened(own: list[Path], signals: tuple[str, ...] = ("phash",)) -> None:
    chosen = {name: kind() for name, kind in load(signals).items()}
    identities = {name: signal.identity() for name, signal in chosen.items()}
    table = Unrelated.load(CHECKOUT / "index" / "reference")
    scale = Scale.of(identities, {name: type(signal) for name, signal in chosen.items()}, table, None)
    Cohort.open(own, chosen, scale, (), Silent()).close()


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda folder: (folder / FILE_NAME).unlink(), StoreMissing),
        (lambda folder: (folder / FILE_NAME).write_bytes(b"nothing of the kind" * 100), StoreError),
        (lambda folder: (folder / WORKS).unlink(), StoreError),
        (lambda folder: (folder / WORKS).write_text('{"works": [{}]}'), StoreError),
        (lambda folder: (folder / WORKS).write_text('{"name": "x", "works": []}'), StoreError),
    ],
)
def test_a_damaged_shipped_cohort_is_told(
    damage: Any, error: type[StoreError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (FILE_NAME, WORKS):
        shutil.copy(reference_folder() / name, tmp_path / name)
    monkeypatch.setattr(line_up, "reference_folder", lambda: tmp_path)
    damage(tmp_path)
    with pytest.raises(error, match="install simcheck again") as raised:
        opened([])
    assert "simcheck index" not in str(raised.value), "the store's own advice does not hold here"


def test_a_damaged_cohort_of_ones_own_is_told(tmp_path: Path) -> None:
    (tmp_path / "ink").mkdir()
    (tmp_path / "ink" / FILE_NAME).write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="simcheck cohort remove 'ink'"):
        opened([tmp_path / "ink"])


def test_comparing_writes_nothing_beside_the_shipped_cohort(
    studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (FILE_NAME, WORKS):
        shutil.copy(reference_folder() / name, tmp_path / name)
    monkeypatch.setattr(line_up, "reference_folder", lambda: tmp_path)
    compare([studio / "suspect.jpg"], studio / "index", choice=Choice(only=("phash",)), watcher=Silent())
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, WORKS}


# -- the commands -----------------------------------------------------------------------------------------------------


def test_the_commands_add_list_use_and_remove(studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMCHECK_COHORTS", str(tmp_path / "cohorts"))
    assert "no cohort of your own" in simcheck("cohort", "list").out
    added = simcheck("cohort", "add", studio / "others", "--name", "ink/land")
    assert added.code == 0
    assert added.out.startswith("Cohort 'ink/land': 3 new (")
    assert simcheck("cohort", "add", studio / "others", "--name", "ink/land", "--json").json["unchanged"] == 3
    (one,) = simcheck("cohort", "list", "--json").json["cohorts"]
    assert (one["name"], one["works"], one["roots"], one["problem"]) == ("ink/land", 3, [str(studio / "others")], "")
    assert "'ink/land': 3 works" in simcheck("cohort", "list").out

    compared = ("compare", studio / "suspect.jpg", "--index", studio / "index", "--json")
    document = simcheck(*compared).json
    assert document["cohort"]["own"] == ["ink/land"]
    assert document["queries"][0]["line_up"]["entries"][0]["cohort"] == "ink/land"

    unknown = simcheck("cohort", "remove", "oil")
    assert (unknown.code, "there are: 'ink/land'" in unknown.err) == (2, True)
    assert simcheck("cohort", "remove", "ink/land").code == 0
    assert list((tmp_path / "cohorts").iterdir()) == []
    assert (studio / "others" / "anna" / "101.png").is_file()
    assert simcheck(*compared).json["cohort"]["own"] == []


def test_a_cohort_without_pictures_or_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMCHECK_COHORTS", str(tmp_path / "cohorts"))
    (tmp_path / "empty").mkdir()
    assert simcheck("cohort", "add", tmp_path / "empty", "--name", "ink").code == PictureError.exit_code
    assert simcheck("cohort", "add", tmp_path / "nowhere", "--name", "ink").code == 2
    assert simcheck("cohort", "add", tmp_path / "empty", "--name", " ").code == 2
    assert not (tmp_path / "cohorts").exists()


def test_a_damaged_cohort_can_be_removed_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMCHECK_COHORTS", str(tmp_path))
    (tmp_path / "ink").mkdir()
    (tmp_path / "ink" / FILE_NAME).write_bytes(b"x" * 5000)
    (tmp_path / "ink" / "note.md").write_text("not simcheck's")
    assert "cannot be read" in simcheck("cohort", "list").out
    assert simcheck("cohort", "remove", "ink").code == 0
    assert [path.name for path in (tmp_path / "ink").iterdir()] == ["note.md"]
