"""`simcheck index --prune` forgets what is gone for certain, and spares what is perhaps only out of reach."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fake_signal import InProcessReader, MeanColour, Notebook, paint

from simcheck.images import FoundFile
from simcheck.indexing.portfolio import IndexResult, index_portfolio
from simcheck.store import Store


class Desk:
    def __init__(self, folder: Path) -> None:
        self.art = folder / "art"
        self.path = folder / "index"
        self.watcher = Notebook()

    def run(
        self, *, prune: bool = False, emptied: Sequence[Path] = (), roots: Sequence[Path] | None = None
    ) -> IndexResult:
        self.watcher = Notebook()
        with Store.open(self.path, write=True, create=True) as store:
            return index_portfolio(
                store, roots or [self.art], [MeanColour()], InProcessReader(), self.watcher, prune, emptied=emptied
            )

    def names(self) -> list[str]:
        with Store.open(self.path) as store:
            return sorted(p.relative_to(self.art).as_posix() for work in store.works() for p in work.paths)

    @property
    def said(self) -> str:
        return " ".join(notice.message for notice in self.watcher.notices)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    for number, name in enumerate(("a.png", "drive/b.png", "drive/deep/c.png", "own/d.png")):
        paint(desk.art / name, number, size=(20 + number, 20))
    desk.run()
    return desk


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize("left", [(), ("deep",), ("deep/er", "x"), (".DS_Store",)], ids=str)
def test_a_folder_in_which_nothing_is_left_is_spared_and_named(desk: Desk, left: tuple[str, ...]) -> None:
    drive = desk.art / "drive"
    empty(drive)
    for name in left:
        (drive / name).mkdir(parents=True) if not name.startswith(".") else (drive / name).touch()
    result = desk.run(prune=True)
    assert (result.pruned, result.missing) == (0, 2)
    assert desk.watcher.codes == ["prune_spared"]
    assert f"2 files in {drive}, which is empty now" in desk.said
    assert f"--emptied {drive}" in desk.said
    assert desk.names() == ["a.png", "drive/b.png", "drive/deep/c.png", "own/d.png"]
    for name, number in (("b.png", 1), ("deep/c.png", 2)):  # connected again
        paint(drive / name, number, size=(20 + number, 20))
    assert desk.run(prune=True).known == 2
    assert desk.watcher.codes == []


def test_a_folder_that_the_artist_emptied_is_forgotten_when_it_is_named_or_deleted(desk: Desk) -> None:
    empty(desk.art / "drive")
    assert desk.run(prune=True, emptied=[desk.art / "own"]).pruned == 0
    assert desk.run(prune=True, emptied=[desk.art / "drive"]).pruned == 2
    assert desk.watcher.codes == []
    empty(desk.art / "own")
    assert desk.run(prune=True).pruned == 0
    (desk.art / "own").rmdir()
    assert desk.run(prune=True).pruned == 1
    assert desk.names() == ["a.png"]


def test_an_emptied_part_of_a_folder_says_nothing_of_the_rest(desk: Desk) -> None:
    paint(desk.art / "drive" / "deep" / "e.png", 7)
    desk.run()
    empty(desk.art / "drive" / "deep")
    (desk.art / "a.png").unlink()
    assert desk.run(prune=True).pruned == 1
    assert f"2 files in {desk.art / 'drive' / 'deep'}, which is empty" in desk.said
    assert desk.names() == ["drive/b.png", "drive/deep/c.png", "drive/deep/e.png", "own/d.png"]


def test_a_root_in_which_nothing_is_left_is_spared_unless_it_is_named(desk: Desk) -> None:
    empty(desk.art)
    assert desk.run(prune=True).pruned == 0
    assert desk.watcher.codes == ["prune_refused"]
    assert f"--emptied {desk.art}" in desk.said
    (desk.art / "note.txt").write_text("the drive goes here")
    assert desk.run(prune=True).pruned == 0
    assert desk.run(prune=True, emptied=[desk.art / "own"]).pruned == 1
    assert desk.run(prune=True, emptied=[desk.art]).pruned == 3
    assert desk.names() == []


def test_a_root_that_is_gone_is_spared_unless_it_is_named(desk: Desk) -> None:
    other = desk.art.parent / "other"
    paint(other / "x.png", 50)
    desk.run(roots=[other])
    shutil.rmtree(desk.art)
    assert desk.run(prune=True, roots=[desk.art, other]).pruned == 0
    assert desk.watcher.codes == ["root_absent"]
    assert f"--emptied {desk.art}" in desk.said
    result = desk.run(prune=True, emptied=[desk.art], roots=[desk.art, other])
    assert (result.pruned, result.missing, desk.watcher.codes) == (4, 0, [])
    with Store.open(desk.path) as store:
        assert [work.paths for work in store.works()] == [(other / "x.png",)]
        assert store.roots == (other,)


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_to_a_drive_that_is_away_is_spared(desk: Desk) -> None:
    away = desk.art.parent / "mnt"
    paint(away / "usb" / "e.png", 9)
    (desk.art / "usb").symlink_to(away / "usb")
    desk.run()
    assert "usb/e.png" in desk.names()
    shutil.rmtree(away / "usb")
    assert desk.run(prune=True).pruned == 0
    (away / "usb").mkdir()
    assert desk.run(prune=True).pruned == 0
    assert desk.watcher.codes == ["prune_spared"]
    assert "usb/e.png" in desk.names()


class Volumes:
    """Lets a folder seem to be another volume, as long as it is ``mounted``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.mounted = True
        stat = Path.stat
        outer = self

        class Elsewhere:
            def __init__(self, real: os.stat_result) -> None:
                self.real = real
                self.st_dev = real.st_dev + 1000

            def __getattr__(self, name: str) -> object:
                return getattr(self.real, name)

        def seen(path: Path, **options: bool) -> object:
            found = stat(path, **options)
            return Elsewhere(found) if outer.mounted and path.is_relative_to(folder) else found

        monkeypatch.setattr(Path, "stat", seen)


@pytest.fixture
def volume(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Volumes:
    volume = Volumes(monkeypatch, desk.art / "drive")
    shutil.rmtree(desk.path)
    desk.run()
    with Store.open(desk.path) as store:
        assert {f.path.name: f.mounted for f in store.files()} == {
            "a.png": False, "b.png": True, "c.png": True, "d.png": False,
        }  # fmt: skip
    return volume


def test_a_drive_whose_folder_went_with_it_is_spared(desk: Desk, volume: Volumes) -> None:
    """Where drives are mounted by the system, the folder is gone, too."""
    shutil.rmtree(desk.art / "drive")
    volume.mounted = False
    assert desk.run(prune=True).pruned == 0
    assert f"2 files in {desk.art / 'drive'}. They lay on another drive" in desk.said
    assert desk.run(prune=True, emptied=[desk.art / "drive"]).pruned == 2


def test_a_folder_that_shows_what_lies_below_the_drive_is_spared(desk: Desk, volume: Volumes) -> None:
    empty(desk.art / "drive")
    paint(desk.art / "drive" / "stray.png", 40)
    volume.mounted = False
    assert desk.run(prune=True).pruned == 0
    assert desk.watcher.codes == ["prune_spared"]


def test_another_drive_at_the_same_place_is_not_taken_for_the_first(desk: Desk, volume: Volumes) -> None:
    empty(desk.art / "drive")
    paint(desk.art / "drive" / "other.png", 40)
    assert desk.run(prune=True).pruned == 0
    assert {"drive/b.png", "drive/deep/c.png", "drive/other.png"} < set(desk.names())


def test_what_is_deleted_on_a_drive_that_is_there_is_forgotten(desk: Desk, volume: Volumes) -> None:
    (desk.art / "drive" / "b.png").unlink()
    (desk.art / "own" / "d.png").unlink()
    (desk.art / "own").rmdir()
    assert desk.run(prune=True).pruned == 2
    assert desk.names() == ["a.png", "drive/deep/c.png"]


def test_a_volume_that_gets_another_number_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after each start of the computer."""
    module = sys.modules["simcheck.images.walk"]
    found = module._found

    def renumbered(*args: object) -> FoundFile:
        made: FoundFile = found(*args)
        return replace(made, mounted=not made.mounted)

    monkeypatch.setattr(module, "_found", renumbered)
    assert desk.run().unchanged == 4


def test_a_place_that_could_not_be_looked_into_is_spared(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def fail(path: Path) -> object:
        if Path(path).name == "drive":
            raise OSError(5, "Input/output error")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", fail)
    result = desk.run(prune=True)
    assert (result.pruned, result.missing) == (0, 0)
    assert [skip.code for skip in result.skipped] == ["unreadable"]
