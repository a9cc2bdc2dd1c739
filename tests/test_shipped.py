"""What ships is what was made: a file that is another by now is refused, whatever is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from damage import KINDS

from simcheck import shipped
from simcheck.cohort import line_up
from simcheck.errors import StoreError, StoreMissing
from simcheck.scoring.calibrate import Calibration, PairSet
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import DIGESTS, reference_folder, write_digests
from simcheck.signals import load

REFERENCE = Path(__file__).resolve().parents[1] / "index" / "reference"


def test_the_digests_are_those_of_what_ships(tmp_path: Path) -> None:
    shutil.copytree(REFERENCE, tmp_path / "reference")
    write_digests(tmp_path / "reference")
    stated = (REFERENCE / DIGESTS).read_text("ascii")
    assert (tmp_path / "reference" / DIGESTS).read_text("ascii") == stated, "run python scripts/build/digests.py"
    assert reference_folder() == REFERENCE


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the shipped one."""
    folder = tmp_path / "simcheck" / "reference"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.json").write_text(f'{{"number": {number}}}')
    write_digests(folder)
    monkeypatch.setattr(shipped, "__file__", str(tmp_path / "simcheck" / "shipped.py"))
    return folder


def test_what_is_whole_is_taken(small: Path) -> None:
    assert reference_folder() == small


@pytest.mark.parametrize("kind", sorted(set(KINDS), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", ["1.json", DIGESTS])
def test_what_is_damaged_is_refused_before_anything_is_read(
    small: Path, name: str, kind: Callable[[bytes, Random], bytes]
) -> None:
    file = small / name
    before, random = file.read_bytes(), Random(3)
    while file.read_bytes() == before:
        file.write_bytes(kind(before, random))
    with pytest.raises(StoreError, match="Install simcheck again"):
        reference_folder()


def test_a_list_that_ends_early_is_refused(small: Path) -> None:
    """What is not in it would be taken for right."""
    first = (small / DIGESTS).read_text("ascii").splitlines(keepends=True)[:2]
    (small / DIGESTS).write_text("".join(first), "ascii")
    with pytest.raises(StoreError, match="2.json. Install"):
        reference_folder()


@pytest.mark.parametrize("name", ["1.json", DIGESTS])
def test_what_is_missing_is_named(small: Path, name: str) -> None:
    (small / name).unlink()
    with pytest.raises(StoreMissing, match=f"{name} is missing.*Install simcheck again"):
        reference_folder()


def background(folder: Path) -> None:
    shipped.background.__wrapped__("copy")


PALETTE = load(["palette"])["palette"]().identity()
LOADED: dict[str, Callable[[Path], object]] = {
    "unrelated_pairs.json": Unrelated.load,
    "unrelated_pairs.npz": Unrelated.load,
    "calibration_pairs.json": PairSet.load,
    "calibration_pairs.npz": PairSet.load,
    "calibration.json": lambda folder: Calibration.load(folder / "calibration.json"),
    "copy_background.npz": background,
    "works.json": line_up._described,
    "style.json": lambda folder: line_up._nearness_of_artists(folder, PALETTE),
}


@pytest.mark.parametrize("name", LOADED)
def test_whatever_is_wrong_with_a_file_is_an_error_of_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Should the digests have been made anew, as by who altered a file; and for calibrations of a person's own."""
    for file in REFERENCE.glob(f"{Path(name).stem}.*"):
        shutil.copy(file, tmp_path / file.name)
    monkeypatch.setattr(shipped, "reference_folder", lambda: tmp_path)
    whole = (tmp_path / name).read_bytes()
    LOADED[name](tmp_path)
    random = Random(name)
    for kind in (*set(KINDS), *[KINDS[0]] * 4):
        (tmp_path / name).write_bytes(kind(whole, random))
        try:
            LOADED[name](tmp_path)
        except StoreError as error:
            assert "nstall simcheck again" in str(error) or name == "works.json"
    (tmp_path / name).write_bytes(b'{"works":' + b"[" * 200_000)
    with pytest.raises(StoreError):
        LOADED[name](tmp_path)


def test_a_calibration_that_was_altered_is_refused(tmp_path: Path) -> None:
    """By one digit; those of earlier versions say nothing of what they were."""
    Calibration.load(REFERENCE / "calibration.json").save(tmp_path / "own.json")
    text = (tmp_path / "own.json").read_text("utf-8")
    own = Calibration.load(tmp_path / "own.json")
    assert own.digest == Calibration.load(REFERENCE / "calibration.json").digest
    place = text.index('"coefficients":[0.') + len('"coefficients":[0.')
    (tmp_path / "own.json").write_text(f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}", "utf-8")
    with pytest.raises(StoreError, match="not as it was written"):
        Calibration.load(tmp_path / "own.json")
