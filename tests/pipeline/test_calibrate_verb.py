"""``simcheck calibrate``: pairs of the person's own become a calibration, or a clear refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import simcheck
from paintings import painting
from PIL import Image

from simcheck.errors import UsageError
from simcheck.pipeline import Choice, compare, index
from simcheck.pipeline.calibrating import calibrate
from simcheck.records import Silent
from simcheck.scoring.calibrate import Calibration

CHOICE = Choice(only=("layout", "phash"), offline=True)
SIZE = (160, 120)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve works in an index, a smaller copy of each, and twelve independent paintings."""
    folder = tmp_path_factory.mktemp("calibrate")
    rows = ["suspect,source,hand"]
    for kind in ("art", "copies", "others"):
        (folder / kind).mkdir()
    for seed in range(12):
        work = Image.fromarray(painting(seed, SIZE))
        work.save(folder / "art" / f"{seed}.png")
        work.resize((120, 90)).save(folder / "copies" / f"{seed}.png")
        Image.fromarray(painting(100 + seed, SIZE)).save(folder / "others" / f"{seed}.png")
        rows += [f"copies/{seed}.png,art/{seed}.png,copyist {seed % 6}", f"others/{seed}.png,,other {seed % 6}"]
    (folder / "pairs.csv").write_text("\n".join(rows), encoding="utf-8")
    index([folder / "art"], folder / "index", name="art", choice=CHOICE, watcher=Silent())
    return folder


def test_own_pairs_are_fitted_and_used(studio: Path, tmp_path: Path) -> None:
    made = calibrate(studio / "pairs.csv", studio / "index", name="mine", choice=CHOICE, alone=True, watcher=Silent())
    assert [model.signals for model in made.models] == [("layout",), ("phash",), ("layout", "phash")]
    assert {(g.kind, g.pairs, g.sources) for g in made.groups} == {("derived", 12, 12), ("other", 12, 6)}
    made.save(tmp_path / "mine.json")
    choice = Choice(only=("layout", "phash"), offline=True, calibration=tmp_path / "mine.json")
    run = compare(
        [studio / "copies" / "3.png", studio / "others" / "3.png"], studio / "index", choice=choice, watcher=Silent()
    )
    assert run.calibration is not None
    assert run.calibration.digest == Calibration.load(tmp_path / "mine.json").digest
    copy, other = (query.findings[0] for query in run.queries)
    assert copy.llr is not None
    assert other.llr is not None
    assert copy.work.paths[0].name == "3.png"
    assert copy.llr.value > 0.5 > other.llr.value
    assert copy.llr.high <= 1.08, "twelve independent suspects carry no more than a ratio of twelve"


def test_a_source_that_was_not_found_is_counted_not_refused(studio: Path) -> None:
    """Of three suspects the source is a work that they look nothing like: with one candidate it is never shown."""
    lines = [line.split(",") for line in (studio / "pairs.csv").read_text("utf-8").splitlines()]
    for line in [line for line in lines[1:] if line[1]][:3]:
        line[1] = f"art/{(int(Path(line[1]).stem) + 6) % 12}.png"
    (studio / "missed.csv").write_text("\n".join(map(",".join, lines)), "utf-8")
    made = calibrate(
        studio / "missed.csv", studio / "index", name="x", choice=CHOICE, alone=True, candidates=1, watcher=Silent()
    )
    assert {(m.validation.missed, m.validation.h1_suspects) for m in made.models} == {(3, 12)}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "needs the columns suspect and source"),
        ("picture,work\na.png,b.png", "needs the columns suspect and source"),
        ("suspect,source\n,art/1.png", "Line 2 of .* names no suspect"),
        ("suspect,source\ncopies/1.png,elsewhere.png", "does not hold .*elsewhere"),
        ("suspect,source\ncopies/1.png,art/1.png", "too few suspects"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(studio: Path, table: str, said: str) -> None:
    (studio / "bad.csv").write_text(table, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        calibrate(studio / "bad.csv", studio / "index", name="x", choice=CHOICE, alone=True, watcher=Silent())


def test_shipped_pairs_of_other_signals_are_not_mixed_in(studio: Path) -> None:
    with pytest.raises(UsageError, match="--alone"):
        calibrate(studio / "pairs.csv", studio / "index", name="x", choice=CHOICE, watcher=Silent())


def test_suspects_by_one_hand_cannot_be_tested_and_that_is_said(studio: Path) -> None:
    lines = [line.split(",") for line in (studio / "pairs.csv").read_text("utf-8").splitlines()]
    artist = lines[0].index("hand")
    one = [lines[0], *([*line[:artist], "one", *line[artist + 1 :]] for line in lines[1:])]
    (studio / "one.csv").write_text("\n".join(",".join(line) for line in one), "utf-8")
    with pytest.raises(UsageError, match="Number of artists: 1. Name more in the column artist"):
        calibrate(studio / "one.csv", studio / "index", name="x", choice=CHOICE, alone=True, watcher=Silent())


def test_a_suspect_is_not_derived_and_independent_at_once(studio: Path) -> None:
    lines = (studio / "pairs.csv").read_text("utf-8").splitlines()
    names = lines[0].split(",")
    derived = next(line.split(",") for line in lines[1:] if line.split(",")[names.index("source")])
    derived[names.index("source")] = ""
    (studio / "both.csv").write_text("\n".join([*lines, ",".join(derived)]), "utf-8")
    with pytest.raises(UsageError, match="independent in one line and derived in another"):
        calibrate(studio / "both.csv", studio / "index", name="x", choice=CHOICE, alone=True, watcher=Silent())


def test_the_command_says_what_is_wrong(studio: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "c.json"
    done = simcheck("calibrate", studio / "pairs.csv", "--to", nowhere, "--index", studio / "index")
    assert done.code == 2
    assert "in a folder that exists" in done.err
    done = simcheck("calibrate", tmp_path / "absent.csv", "--to", tmp_path / "c.json", "--index", studio / "index")
    assert done.code == 2
    assert "absent.csv cannot be read" in done.err
    assert not (tmp_path / "c.json").exists()
    done = simcheck(
        "compare", studio / "others", "--index", studio / "index", "--calibration", tmp_path / "absent.json"
    )
    assert done.code == 2
    assert "absent.json does not exist" in done.err
