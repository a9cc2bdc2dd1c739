"""Which files are unchanged, whatever their size and date say; archives; what is hashed and how often."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from archives import encrypted, picture, zipped
from fake_signal import InProcessReader, MeanColour, Notebook, Thumbnail, paint
from PIL import Image

from simcheck.errors import PictureError
from simcheck.images import hash_file
from simcheck.images.files import read_bytes
from simcheck.indexing.portfolio import IndexResult, index_portfolio
from simcheck.store import Store
from simcheck.store.connection import connect_writer

DATE = 1_600_000_000


class Desk:
    def __init__(self, folder: Path) -> None:
        self.art = folder / "art"
        self.path = folder / "index"
        self.art.mkdir()
        self.reader = InProcessReader()
        self.watcher = Notebook()

    def run(self, *, prune: bool = False) -> IndexResult:
        self.reader, self.watcher = InProcessReader(), Notebook()
        with Store.open(self.path, write=True, create=True) as store:
            return index_portfolio(store, [self.art], [MeanColour()], self.reader, self.watcher, prune)

    def truth(self) -> dict[str, str]:
        """Path -> digest of the work that the index names there."""
        with Store.open(self.path) as store:
            return {
                path.relative_to(self.art).as_posix(): work.facts.sha256
                for work in store.works()
                for path in work.paths
            }

    def disk(self) -> dict[str, str]:
        return {p.relative_to(self.art).as_posix(): hash_file(p) for p in self.art.rglob("*.bmp")}


def bmp(path: Path, seed: int) -> Path:
    """All are equal in size and date."""
    pixels = np.random.default_rng(seed).integers(0, 255, (16, 24, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    os.utime(path, (DATE, DATE))
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    for number in range(1, 5):
        bmp(desk.art / f"dsc{number:04}.bmp", number)
    assert len({(p.stat().st_size, p.stat().st_mtime_ns) for p in desk.art.iterdir()}) == 1
    return desk


def renumbered(art: Path) -> None:
    (art / "dsc0001.bmp").unlink()
    for number in (2, 3, 4):
        (art / f"dsc{number:04}.bmp").rename(art / f"dsc{number - 1:04}.bmp")


def turned_round(art: Path) -> None:
    (art / "dsc0001.bmp").rename(art / "x")
    for number in (2, 3, 4):
        (art / f"dsc{number:04}.bmp").rename(art / f"dsc{number - 1:04}.bmp")
    (art / "x").rename(art / "dsc0004.bmp")


def copied_over(art: Path) -> None:
    other = bmp(art.parent / "other.bmp", 77)
    shutil.copy2(other, art / "dsc0002.bmp")


def copied_within(art: Path) -> None:
    shutil.copy2(art / "dsc0001.bmp", art / "dsc0002.bmp")


def unpacked_anew(art: Path) -> None:
    for number in range(1, 5):
        (art / f"dsc{number:04}.bmp").unlink()
        bmp(art / f"dsc{number:04}.bmp", number + 1)


def replaced(art: Path) -> None:
    bmp(art.parent / "dsc0003.bmp", 88).replace(art / "dsc0003.bmp")


def linked(art: Path) -> None:
    (art / "dsc0001.bmp").unlink()
    (art / "dsc0001.bmp").hardlink_to(art / "dsc0003.bmp")


CHANGES = [renumbered, turned_round, copied_over, copied_within, unpacked_anew, replaced, linked]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("exact", [True, False], ids=["ctime", "no ctime"])
def test_paths_are_true_though_size_and_date_are_the_same(
    desk: Desk, change: Callable[[Path], None], exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exact:  # FAT, Windows
        without_exact_times(monkeypatch)
    desk.run()
    before = set(desk.disk().values())
    change(desk.art)
    desk.run()
    assert desk.truth() == desk.disk() | {  # and nothing that was indexed is lost before it is pruned
        path: digest for path, digest in desk.truth().items() if path not in desk.disk()
    }
    desk.run(prune=True)
    assert desk.truth() == desk.disk()
    with Store.open(desk.path) as store:
        assert {work.facts.sha256 for work in store.works()} == set(desk.disk().values())
        assert all(store.description(work.id, MeanColour().identity()) for work in store.works())
    assert before & set(desk.disk().values()) <= set(desk.truth().values())


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_pruning_at_once_loses_nothing(desk: Desk, change: Callable[[Path], None]) -> None:
    desk.run()
    change(desk.art)
    desk.run(prune=True)
    assert desk.truth() == desk.disk()


def without_exact_times(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["simcheck.images.walk"]
    found = module._found

    def coarse(*args: object) -> object:
        from dataclasses import replace

        return replace(found(*args), ctime_ns=None)

    monkeypatch.setattr(module, "_found", coarse)


def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []

    def noted(path: Path, max_bytes: int = 1 << 29) -> str:
        done.append(path.name)
        return hash_file(path, max_bytes)

    monkeypatch.setattr("simcheck.indexing.known.hash_file", noted)
    return done


def test_nothing_is_hashed_that_cannot_be_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    done = hashed(monkeypatch)
    for number in range(4):
        paint(desk.art / f"{number}.png", number, size=(20 + number, 20))
    first = desk.run()
    assert first.new == 8
    assert sorted(done) == [f"dsc{n:04}.bmp" for n in range(1, 5)], "equal in size: one may be a copy of another"
    done.clear()
    assert desk.run().unchanged == 8
    assert done == []
    paint(desk.art / "new.png", 50, size=(90, 90))
    assert desk.run().new == 1
    assert done == []
    (desk.art / "3.png").rename(desk.art / "moved.png")
    result = desk.run()
    assert (result.known, result.renamed, desk.reader.opened) == (1, 1, [])
    assert done == ["moved.png"]


def test_a_touched_or_moved_file_is_not_decoded(desk: Desk) -> None:
    desk.run()
    (desk.art / "dsc0001.bmp").chmod(0o600)
    os.utime(desk.art / "dsc0002.bmp", (1, 1))
    (desk.art / "dsc0003.bmp").rename(desk.art / "y.bmp")
    result = desk.run()
    assert desk.reader.opened == []
    assert (result.unchanged, result.known, result.renamed) == (2, 2, 1)
    assert desk.truth() == desk.disk()
    assert desk.run().unchanged == 4


def test_an_index_made_before_times_of_change_were_kept_hashes_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run()
    rows = connect_writer(desk.path / "index.sqlite3")
    rows.execute("UPDATE files SET ctime_ns = NULL, file_id = NULL, checksum = NULL")
    rows.close()
    renumbered(desk.art)
    done = hashed(monkeypatch)
    desk.run(prune=True)
    assert sorted(done) == ["dsc0001.bmp", "dsc0002.bmp", "dsc0003.bmp"]
    assert desk.truth() == desk.disk()
    assert desk.reader.opened == []
    done.clear()
    assert desk.run().unchanged == 3
    assert done == []


def test_a_picture_copied_over_a_damaged_file_is_read(desk: Desk) -> None:
    whole = bmp(desk.art.parent / "whole.bmp", 30)
    bad = desk.art / "bad.bmp"
    bad.write_bytes(b"?" * whole.stat().st_size)
    os.utime(bad, (DATE, DATE))
    assert [skip.path for skip in desk.run().skipped] == [bad]
    assert [skip.path for skip in desk.run().skipped] == [bad]
    assert desk.reader.opened == []
    shutil.copy2(whole, bad)
    assert desk.run().new == 1
    assert desk.truth() == desk.disk()


@pytest.mark.parametrize("code", ["unreadable", "no_permission", "vanished", "timeout", "encrypted", "damaged_archive"])
def test_what_a_file_that_cannot_be_read_may_hold_is_not_pruned(
    desk: Desk, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renumbered, and one of them cannot be read this time: the work that is in it is not found anywhere."""
    desk.run()
    before = desk.truth()
    renumbered(desk.art)

    def refuse(path: Path, max_bytes: int = 1 << 29) -> str:
        if path.name == "dsc0003.bmp":
            raise PictureError(f"{path}: not now", code)
        return hash_file(path, max_bytes)

    with monkeypatch.context() as patched:
        patched.setattr("simcheck.indexing.known.hash_file", refuse)
        result = desk.run(prune=True)
    assert [skip.code for skip in result.skipped] == [code]
    assert before["dsc0004.bmp"] in desk.truth().values(), "it is in dsc0003.bmp, which nobody could read"
    assert "prune_unsettled" in desk.watcher.codes
    desk.run(prune=True)
    assert desk.truth() == desk.disk()


# -- archives -----------------------------------------------------------------------------------------------------


def pages(*seeds: int) -> dict[str, bytes]:
    return {f"p/{number:02}.png": picture(seed) for number, seed in enumerate(seeds)}


class ThroughArchives(InProcessReader):
    """As `InProcessReader`, of files inside archives too."""

    def read_all(self, paths):  # type: ignore[no-untyped-def]
        for path in paths:
            copy = Path(self.folder) / "copy"  # type: ignore[attr-defined]
            copy.write_bytes(read_bytes(path, 1 << 20))
            self.opened.append(path)
            ((_, result),) = InProcessReader().read_all([copy])
            yield path, result


@pytest.fixture
def shelf(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)

    class Reader(ThroughArchives):
        folder = str(tmp_path)

    def run(*, prune: bool = False) -> IndexResult:
        desk.reader, desk.watcher = Reader(), Notebook()
        with Store.open(desk.path, write=True, create=True) as store:
            return index_portfolio(store, [desk.art], [MeanColour(), Thumbnail()], desk.reader, desk.watcher, prune)

    desk.run = run  # type: ignore[method-assign]
    return desk


def test_each_page_of_an_archive_is_a_work(shelf: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    book = zipped(shelf.art / "book.cbz", pages(1, 2, 3))
    assert shelf.run().new == 3
    assert shelf.truth() == {f"book.cbz/p/{n:02}.png": hash_file(book / f"p/{n:02}.png") for n in range(3)}
    done = hashed(monkeypatch)
    assert shelf.run().unchanged == 3
    assert (shelf.reader.opened, done) == ([], [])
    os.utime(book, (DATE, DATE))
    assert shelf.run().known == 3
    assert shelf.reader.opened == []
    book.rename(shelf.art / "renamed.zip")
    result = shelf.run()
    assert (result.known, result.renamed) == (3, 3)
    assert set(shelf.truth()) == {f"renamed.zip/p/{n:02}.png" for n in range(3)}
    # unpacked, by its side and instead of it
    for name, data in pages(1, 2, 3).items():
        (shelf.art / name).parent.mkdir(exist_ok=True)
        (shelf.art / name).write_bytes(data)
    assert shelf.run().known == 3
    (shelf.art / "renamed.zip").unlink()
    assert shelf.run(prune=True).renamed == 3
    assert set(shelf.truth()) == {f"p/{n:02}.png" for n in range(3)}


def test_archives_that_change_places_keep_true_paths(shelf: Desk) -> None:
    for name, seeds in (("a.zip", (1, 2)), ("b.zip", (3, 4))):
        os.utime(zipped(shelf.art / name, pages(*seeds), 0), (DATE, DATE))
    shelf.run()
    (shelf.art / "a.zip").rename(shelf.art / "x")
    (shelf.art / "b.zip").rename(shelf.art / "a.zip")
    (shelf.art / "x").rename(shelf.art / "b.zip")
    shelf.run(prune=True)
    assert shelf.truth() == {
        f"{name}/p/{n:02}.png": hash_file(shelf.art / name / f"p/{n:02}.png")
        for name in ("a.zip", "b.zip")
        for n in (0, 1)
    }
    zipped(shelf.art / "a.zip", pages(3, 9))
    result = shelf.run(prune=True)
    assert (result.new, result.pruned) == (1, 1)


@pytest.mark.parametrize("harm", ["closed", "cut"])
def test_an_archive_that_cannot_be_opened_keeps_its_works(shelf: Desk, harm: str) -> None:
    book = zipped(shelf.art / "book.cbz", pages(1, 2))
    paint(shelf.art / "one.png", 9)
    shelf.run()
    known = shelf.truth()
    if harm == "closed":
        encrypted(book)
    else:
        book.write_bytes(book.read_bytes()[:-30])
    result = shelf.run(prune=True)
    assert [skip.path for skip in result.skipped] == [book]
    assert shelf.truth() == known
    book.unlink()
    assert shelf.run(prune=True).pruned == 2


def test_pages_in_a_folder_that_is_not_looked_at_stay(shelf: Desk) -> None:
    """An archive is there, so the pages in it are, though no file has their path."""
    zipped(shelf.art / "a" / "book.cbz", pages(1, 2))
    shelf.run()
    other = shelf.art.parent / "other"
    zipped(other / "book.cbz", pages(1, 2))
    with Store.open(shelf.path, write=True) as store:
        result = index_portfolio(store, [other], [MeanColour(), Thumbnail()], type(shelf.reader)(), Notebook())
        assert result.renamed == 0
        assert [len(work.paths) for work in store.works()] == [2, 2]


def test_counts_of_a_run_are_noted(shelf: Desk) -> None:
    zipped(shelf.art / "book.cbz", pages(1))
    shelf.run()
    rows = sqlite3.connect(shelf.path / "index.sqlite3")
    assert rows.execute("SELECT display FROM files").fetchall() == [("book.cbz/p/00.png",)]
    rows.close()
