"""The sample art: it is copied whole and over nothing, and what the truth says of each suspect can be seen in it."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from simcheck import demo as sample
from simcheck.demo import Demo, Truth, copy_into
from simcheck.errors import StoreError, StoreMissing, UsageError
from simcheck.records import Box
from simcheck.system.writing import replace_file

Grey = NDArray[np.float64]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return copy_into(tmp_path_factory.mktemp("demo"))


def _truth(demo: Demo, number: int) -> Truth:
    return next(t for t in demo.truth if t.suspect.name.startswith(f"{number:02} "))


def _work(demo: Demo, name: str) -> Path:
    return next(w for w in demo.works if w.name == name)


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _part(image: Image.Image, box: Box) -> Image.Image:
    size = np.array([*image.size, *image.size])
    x0, y0, x1, y1 = np.rint(np.array(box) * size).astype(int)
    return image.crop((int(x0), int(y0), int(x1), int(y1)))


def _middle(image: Image.Image, share: float = 0.68) -> Image.Image:
    edge = (1 - share) / 2
    return _part(image, (edge, edge, 1 - edge, 1 - edge))


def _grey(image: Image.Image, size: tuple[int, int] = (48, 48)) -> Grey:
    return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), np.float64)


def _correlation(first: Grey, second: Grey) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): _digest(p) for p in sorted(folder.rglob("*")) if p.is_file()}


SHIPPED = Path(sample.__file__).parent / "sample"


def test_what_ships_has_the_digests_that_are_recorded() -> None:
    record = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    assert _files(SHIPPED) == record["files"]


def test_the_sample_is_copied_whole_and_again_without_a_change(demo: Demo) -> None:
    folder = demo.portfolio.parent
    assert _files(folder) == _files(SHIPPED)
    dates = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    assert copy_into(folder) == demo
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == dates, "no draft is left, nothing is written twice"


def test_a_copy_that_was_cut_short_is_filled_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, data: bytes) -> None:
        if len(_files(tmp_path)) == 5:
            raise KeyboardInterrupt
        replace_file(path, data)

    with monkeypatch.context() as patched:
        patched.setattr("simcheck.demo.replace_file", interrupted)
        with pytest.raises(KeyboardInterrupt):
            copy_into(tmp_path)
    copy_into(tmp_path)
    assert _files(tmp_path) == _files(SHIPPED)


@pytest.mark.parametrize(
    "name",
    ["truth.json", "READ ME.txt", "portfolio/mine.png", "suspects/mine.png", "index/index.sqlite3", "report/x.html"],
)
def test_nothing_of_anybody_else_is_touched(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match="is not from it. Nothing was written. Choose another folder"):
        copy_into(tmp_path)
    assert mine.read_text(encoding="utf-8") == "years of work"
    assert list(_files(tmp_path)) == [name]


def test_a_sample_that_somebody_painted_over_is_left_alone(tmp_path: Path) -> None:
    copied = copy_into(tmp_path)
    copied.works[3].write_bytes(b"painted over")
    copied.works[5].unlink()
    with pytest.raises(UsageError, match=copied.works[3].name):
        copy_into(tmp_path)
    assert copied.works[3].read_bytes() == b"painted over"
    assert not copied.works[5].exists()


def test_other_files_beside_the_sample_are_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    copy_into(tmp_path)
    assert _files(tmp_path).keys() == {*_files(SHIPPED), "notes.txt"}


def test_a_sample_that_is_not_whole_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "sample"
    shutil.copytree(SHIPPED, place)
    shutil.copy(SHIPPED.with_suffix(".json"), tmp_path)
    monkeypatch.setattr(sample, "_SAMPLE", place)
    monkeypatch.setattr(sample, "_RECORD", tmp_path / "sample.json")
    (place / "suspects" / "08 IMG_4471.jpg").write_bytes(b"cut")
    with pytest.raises(StoreError, match="08 IMG_4471.jpg is not the file that shipped.*Install simcheck again"):
        copy_into(tmp_path / "one")
    (place / "suspects" / "08 IMG_4471.jpg").unlink()
    with pytest.raises(StoreMissing, match="08 IMG_4471.jpg cannot be read.*Install simcheck again"):
        copy_into(tmp_path / "two")
    for damaged in (b"", b"[]", b"{}", b'{"files": {}}', b'{"files": 7}', b"[" * 100_000, b"\xff"):
        (tmp_path / "sample.json").write_bytes(damaged)
        with pytest.raises(StoreMissing, match="sample.json cannot be read"):
            copy_into(tmp_path / "three")


def test_folder_holds_what_was_returned(demo: Demo) -> None:
    folder = demo.portfolio.parent
    listed = {*demo.works, *(t.suspect for t in demo.truth), folder / "truth.json", folder / "READ ME.txt"}
    found = {p for p in folder.rglob("*") if p.is_file()}
    assert found == listed
    assert sum(p.stat().st_size for p in found) < 25_000_000
    artists = {artist.name: len(list(artist.iterdir())) for artist in demo.portfolio.iterdir()}
    assert artists == {"林 小舟": 12, "Odile Marrow": 12}
    assert len(demo.truth) == 8
    assert len({w.name for w in demo.works}) == 24
    assert {w.suffix for w in demo.works} == {".jpg", ".png", ".webp"}
    assert "invented" in (folder / "READ ME.txt").read_text(encoding="utf-8")


def test_works_are_large_enough_and_not_flat(demo: Demo) -> None:
    for work in demo.works:
        image = _open(work)
        assert 900 <= max(image.size) <= 1400, work.name
        assert min(image.size) >= 700, work.name
        assert np.asarray(image, np.float64).std() > 12, work.name


def test_truth_json_says_the_same(demo: Demo) -> None:
    written = json.loads((demo.portfolio.parent / "truth.json").read_text(encoding="utf-8"))
    assert written["seed"] == 2026
    for truth, entry in zip(demo.truth, written["suspects"], strict=True):
        assert demo.portfolio.parent / entry["suspect"] == truth.suspect
        assert (entry["done"], tuple(entry["works"])) == (truth.done, truth.works)
        boxes = [(tuple(e["box_in_work"]), tuple(e["box_in_suspect"])) for e in entry["elements"]]
        assert boxes == [(e.box_in_work, e.box_in_suspect) for e in truth.elements]


def test_truth_names_works_and_boxes_lie_inside(demo: Demo) -> None:
    names = {w.name for w in demo.works}
    for truth in demo.truth:
        assert set(truth.works) <= names
        assert {e.work for e in truth.elements} == set(truth.works)
        for element in truth.elements:
            for x0, y0, x1, y1 in (element.box_in_work, element.box_in_suspect):
                assert 0 <= x0 < x1 <= 1, (truth.suspect.name, element)
                assert 0 <= y0 < y1 <= 1, (truth.suspect.name, element)


def test_exact_copy_has_the_works_bytes(demo: Demo) -> None:
    truth = _truth(demo, 1)
    assert _digest(truth.suspect) == _digest(_work(demo, truth.works[0]))


def test_re_encoded_is_the_work_made_small(demo: Demo) -> None:
    truth = _truth(demo, 2)
    small = _open(truth.suspect)
    work = _open(_work(demo, truth.works[0])).resize(small.size, Image.Resampling.LANCZOS)
    assert max(small.size) == 480
    difference = np.abs(np.asarray(small, np.float64) - np.asarray(work, np.float64)).mean()
    assert 0.2 < difference < 8


def test_mirrored_crop_matches_only_when_turned_back(demo: Demo) -> None:
    truth = _truth(demo, 3)
    suspect, work = _open(truth.suspect), _open(_work(demo, truth.works[0]))
    cut = _grey(_part(work, truth.elements[0].box_in_work))
    turned = _grey(suspect.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert _correlation(turned, cut) > 0.8
    assert _correlation(_grey(suspect), cut) < _correlation(turned, cut) - 0.2
    fox = truth.elements[1]
    seen = _part(suspect, fox.box_in_suspect).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert _correlation(_grey(seen), _grey(_part(work, fox.box_in_work))) > 0.7
    means = [np.asarray(i, np.float64).mean((0, 1)) for i in (seen, _part(work, fox.box_in_work))]
    assert np.abs(means[0] - means[1]).max() > 15, "the colours were changed"


def test_screenshot_shows_the_work_in_its_box(demo: Demo) -> None:
    truth = _truth(demo, 4)
    (element,) = truth.elements
    shot = _open(truth.suspect)
    shown = _grey(_part(shot, element.box_in_suspect), (96, 96))
    assert _correlation(shown, _grey(_open(_work(demo, truth.works[0])), (96, 96))) > 0.98
    _, y0, _, y1 = element.box_in_suspect
    assert y1 - y0 < 0.7
    for bar in ((0.0, 0.0, 1.0, y0), (0.0, y1, 1.0, 1.0)):
        page = np.asarray(_part(shot, bar).convert("L"))
        assert np.median(page) > 240
        assert page.min() < 80, "there is text on it"


def test_collage_shows_the_sun_and_the_mountain_of_its_works(demo: Demo) -> None:
    truth = _truth(demo, 5)
    suspect = _open(truth.suspect)
    assert {e.name for e in truth.elements} == {"sun", "mountain"}
    assert len(truth.works) == 2
    for element in truth.elements:
        there = _middle(_part(_open(_work(demo, element.work)), element.box_in_work))
        here = _middle(_part(suspect, element.box_in_suspect))
        assert _correlation(_grey(here), _grey(there)) > 0.9, element.name
        elsewhere = [e for e in truth.elements if e is not element][0]
        other = _middle(_part(_open(_work(demo, elsewhere.work)), elsewhere.box_in_work))
        assert _correlation(_grey(here), _grey(other)) < 0.6, element.name


def test_re_rendered_keeps_the_arrangement_and_changes_the_pixels(demo: Demo) -> None:
    truth = _truth(demo, 6)
    suspect, work = _open(truth.suspect), _open(_work(demo, truth.works[0]))
    near = _correlation(_grey(suspect, (16, 16)), _grey(work, (16, 16)))
    others = [
        _correlation(_grey(suspect, (16, 16)), _grey(_open(w), (16, 16)))
        for w in demo.works
        if w.name != truth.works[0]
    ]
    assert near > 0.8
    assert near > max(others) + 0.1
    difference = np.abs(np.asarray(suspect, np.float64) - np.asarray(work, np.float64)).mean()
    assert difference > 25, "it has a palette of its own"


@pytest.mark.parametrize("number", [7, 8])
def test_independent_pictures_come_from_no_work(demo: Demo, number: int) -> None:
    truth = _truth(demo, number)
    assert truth.works == ()
    assert truth.elements == ()
    assert _digest(truth.suspect) not in {_digest(w) for w in demo.works}
    picture = _grey(_open(truth.suspect), (64, 64))
    mirrored = picture[:, ::-1]
    for work in demo.works:
        grey = _grey(_open(work), (64, 64))
        assert max(_correlation(picture, grey), _correlation(mirrored, grey)) < 0.85, work.name


def test_no_work_is_nearly_another(demo: Demo) -> None:
    small = {w.name: _grey(_open(w), (32, 32)) for w in demo.works}
    nearest = {
        (a, b): max(_correlation(small[a], small[b]), _correlation(small[a], small[b][:, ::-1]))
        for a, b in itertools.combinations(small, 2)
    }
    worst = max(nearest, key=lambda pair: nearest[pair])
    assert nearest[worst] < 0.88, (worst, nearest[worst])


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    with pytest.raises(UsageError, match="could not be written to .*Choose a folder"):
        copy_into(blocked)
