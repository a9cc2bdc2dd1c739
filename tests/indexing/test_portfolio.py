"""Indexing: only what is new is described, nothing is lost, and an interrupted run is continued by the next."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fake_signal import POISON, InProcessReader, MeanColour, NetworkSignal, Notebook, Thumbnail, paint
from hypothesis import given
from hypothesis import strategies as st

from simcheck.errors import SignalError, UsageError
from simcheck.images import Reader
from simcheck.indexing.portfolio import IndexResult, index_portfolio
from simcheck.records import Descriptor, FileFacts, Picture, Pixels
from simcheck.signals.base import Signal
from simcheck.signals.describe import cut, describe
from simcheck.store import Store

TESTS = Path(__file__).resolve().parents[1]


class Desk:
    """A portfolio folder and its index; each `run` opens the store anew, as the command does."""

    def __init__(self, folder: Path) -> None:
        self.art = folder / "art"
        self.path = folder / "index"
        self.art.mkdir(parents=True)
        self.reader = InProcessReader()
        self.watcher = Notebook()

    def run(self, *signals: Signal, roots: Sequence[Path] | None = None, prune: bool = False) -> IndexResult:
        self.reader, self.watcher = InProcessReader(), Notebook()
        with Store.open(self.path, write=True, create=True) as store:
            return index_portfolio(
                store, roots or [self.art], signals or [MeanColour()], self.reader, self.watcher, prune, ["simcheck"]
            )

    def names(self) -> dict[str, int]:
        """File name -> work id, as a reader sees them."""
        with Store.open(self.path) as store:
            return {str(path.relative_to(self.art)): work.id for work in store.works() for path in work.paths}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    for number in range(4):
        paint(desk.art / f"{number}.png", number)
    return desk


def counts(result: IndexResult) -> dict[str, int]:
    names = ("new", "known", "renamed", "updated", "unchanged", "pruned", "missing")
    return {name: getattr(result, name) for name in names if getattr(result, name)}


def content(path: Path) -> list[object]:
    """All that an index says, without the numbers and times that depend on how often it was run."""
    with Store.open(path) as store:
        said: list[object] = []
        for work in store.works():
            said.append((work.facts, work.paths))
            for identity in store.identities():
                found = store.description(work.id, identity)
                assert found is not None
                said.append((identity, found.regions, found.width, found.height))
                said += [(d.reason, d.values.dtype.name, d.values.shape, d.values.tobytes()) for d in found.descriptors]
        said += store.skipped()
        said += [(file.path, file.state, file.size_bytes, file.mtime_ns) for file in store.files()]
        return said


def runs(path: Path) -> list[str]:
    rows = sqlite3.connect(path / "index.sqlite3")
    outcomes = [outcome for (outcome,) in rows.execute("SELECT outcome FROM runs ORDER BY id")]
    rows.close()
    return outcomes


# -- what is done and what is not --------------------------------------------------------------------------------


def test_a_first_run_describes_all_and_a_second_opens_nothing(desk: Desk) -> None:
    first = desk.run(MeanColour(), Thumbnail())
    assert counts(first) == {"new": 4}
    assert first.described == (("mean_colour", 4), ("thumbnail", 4))
    assert first.failed == ()
    assert desk.watcher.progresses[0] == (0, 4)
    assert desk.watcher.progresses[-1] == (4, 4)
    assert desk.watcher.notices == []
    with Store.open(desk.path) as store:
        seals = [store.seals(identity) for identity in store.identities()]
    second = desk.run(MeanColour(), Thumbnail())
    assert counts(second) == {"unchanged": 4}
    assert desk.reader.opened == []
    assert desk.watcher.progresses[-1] == (4, 4)
    with Store.open(desk.path) as store:
        assert [store.seals(identity) for identity in store.identities()] == seals
    assert runs(desk.path) == ["done", "done"]


def test_what_is_stored_is_what_the_signal_says(desk: Desk) -> None:
    desk.run(MeanColour(), Thumbnail())
    with Store.open(desk.path) as store:
        for work in store.works():
            ((_, picture),) = InProcessReader().read_all(work.paths)
            assert isinstance(picture, Picture)
            assert picture.facts == work.facts
            for one in (MeanColour(), Thumbnail()):
                (expected,) = describe([picture], one, query=False)
                found = store.description(work.id, one.identity())
                assert found is not None
                assert found.regions == expected.regions
                for ours, theirs in zip(found.descriptors, expected.descriptors, strict=True):
                    np.testing.assert_array_equal(ours.values, theirs.values)


def test_a_new_signal_describes_only_itself(desk: Desk) -> None:
    desk.run(MeanColour())
    old, new = MeanColour(), Thumbnail()
    result = desk.run(old, new)
    assert counts(result) == {"updated": 4}
    assert result.described == (("mean_colour", 0), ("thumbnail", 4))
    assert old.pictures_seen == 0


def test_a_raised_version_is_described_anew_and_the_old_one_goes_with_prune(desk: Desk) -> None:
    class Better(MeanColour):
        version = 2

    desk.run(MeanColour(), Thumbnail())
    result = desk.run(Better(), Thumbnail())
    assert result.described == (("mean_colour", 4), ("thumbnail", 0))
    with Store.open(desk.path) as store:
        assert store.described(MeanColour().identity()) == 4
        seals = store.seals(MeanColour().identity())
    desk.run(Better(), Thumbnail(), prune=True)
    with Store.open(desk.path) as store:
        assert store.described(MeanColour().identity()) == 0
        assert store.seals(MeanColour().identity()) != seals
        assert store.described(Better().identity()) == store.described(Thumbnail().identity()) == 4


def test_a_renamed_file_keeps_its_work(desk: Desk) -> None:
    desk.run()
    before = desk.names()
    (desk.art / "0.png").rename(desk.art / "renamed.png")
    (desk.art / "sub").mkdir()
    (desk.art / "1.png").rename(desk.art / "sub" / "1.png")
    result = desk.run()
    assert counts(result) == {"known": 2, "renamed": 2, "unchanged": 2}
    assert desk.reader.opened == []
    after = desk.names()
    assert after == {"renamed.png": before["0.png"], "sub/1.png": before["1.png"], "2.png": 3, "3.png": 4}


def test_two_files_that_change_places_keep_their_works(desk: Desk) -> None:
    desk.run()
    before = desk.names()
    for source, target in (("0", "x"), ("1", "0"), ("x", "1")):
        (desk.art / f"{source}.png").rename(desk.art / f"{target}.png")
    os.utime(desk.art / "0.png", (1, 1))
    os.utime(desk.art / "1.png", (2, 2))
    assert counts(desk.run()) == {"known": 2, "unchanged": 2}
    assert desk.reader.opened == []
    assert desk.names() == before | {"0.png": before["1.png"], "1.png": before["0.png"]}


def test_copies_are_one_work_decoded_once(desk: Desk) -> None:
    shutil.copy(desk.art / "0.png", desk.art / "copy.png")
    assert counts(desk.run()) == {"new": 4, "known": 1}
    assert len(desk.reader.opened) == 4
    shutil.copy(desk.art / "0.png", desk.art / "later.png")
    assert counts(desk.run()) == {"known": 1, "unchanged": 5}
    assert desk.reader.opened == []
    assert [desk.names()[name] for name in ("0.png", "copy.png", "later.png")] == [1, 1, 1]
    (desk.art / "0.png").unlink()
    assert counts(desk.run()) == {"renamed": 1, "unchanged": 5}
    assert "0.png" not in desk.names()


def test_an_overwritten_file_is_another_work(desk: Desk) -> None:
    desk.run()
    paint(desk.art / "0.png", 100, size=(50, 10))
    assert counts(desk.run()) == {"new": 1, "unchanged": 3}
    assert desk.names()["0.png"] == 5
    with Store.open(desk.path) as store:
        assert store.work(1) is None
        assert store.described(MeanColour().identity()) == 4
    assert counts(desk.run(prune=True)) == {"unchanged": 4, "pruned": 1}


def test_a_touched_file_is_hashed_and_no_more(desk: Desk) -> None:
    desk.run()
    os.utime(desk.art / "2.png", (5, 5))
    assert counts(desk.run()) == {"known": 1, "unchanged": 3}
    assert desk.reader.opened == []
    assert counts(desk.run()) == {"unchanged": 4}


def test_a_file_that_cannot_be_read_is_listed_and_tried_again_only_when_something_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = desk.art / "bad.png"
    bad.write_bytes(b"no picture")
    for opened in ([bad], []):
        result = desk.run()
        assert [(skip.path, skip.code) for skip in result.skipped] == [(bad, "damaged")]
        assert [path for path in desk.reader.opened if path == bad] == opened
        with Store.open(desk.path) as store:
            assert [(skip.path, skip.code) for skip in store.skipped()] == [(bad, "damaged")]
            assert len(store.works()) == 4
    monkeypatch.setattr("simcheck.indexing.known.__version__", "99")
    desk.run()
    assert desk.reader.opened == [bad]
    desk.run()
    assert desk.reader.opened == []
    paint(bad, 9)
    assert desk.run().new == 1
    with Store.open(desk.path) as store:
        assert store.skipped() == ()
    bad.unlink()
    (desk.art / "worse.png").write_bytes(b"?")
    desk.run()
    (desk.art / "worse.png").unlink()
    assert desk.run().skipped == ()


def test_a_reason_outside_the_file_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(InProcessReader):
        def read_all(self, paths):  # type: ignore[no-untyped-def]
            for path, picture in super().read_all(paths):
                if path.name == "3.png":
                    from simcheck.errors import PictureError

                    picture = PictureError("not allowed", "no_permission")
                yield path, picture

    with Store.open(desk.path, write=True, create=True) as store:
        result = index_portfolio(store, [desk.art], [MeanColour()], Refusing(), Notebook())
        assert [skip.code for skip in result.skipped] == ["no_permission"]
        # Unchanged and described already, so that it stays a work although a new signal cannot read it now.
        index_portfolio(store, [desk.art], [MeanColour()], InProcessReader(), Notebook())
        index_portfolio(store, [desk.art], [MeanColour(), Thumbnail()], Refusing(), Notebook())
        assert store.skipped() == ()
        assert store.described(MeanColour().identity()) == 4
        assert store.described(Thumbnail().identity()) == 3
    assert counts(desk.run(MeanColour(), Thumbnail())) == {"updated": 1, "unchanged": 3}


def test_a_file_that_vanishes_is_skipped(desk: Desk) -> None:
    class Late(InProcessReader):
        def read_all(self, paths):  # type: ignore[no-untyped-def]
            (desk.art / "1.png").unlink()
            paint(desk.art / "2.png", 77)  # and one is overwritten after it was hashed
            yield from super().read_all(paths)

    with Store.open(desk.path, write=True, create=True) as store:
        result = index_portfolio(store, [desk.art], [MeanColour()], Late(), Notebook())
    assert [(skip.path.name, skip.code) for skip in result.skipped] == [("1.png", "vanished")]
    assert result.new == 3
    assert sorted(desk.names()) == ["0.png", "2.png", "3.png"]
    result = desk.run()
    assert result.skipped == ()
    with Store.open(desk.path) as store:
        ((_, picture),) = InProcessReader().read_all([desk.art / "2.png"])
        assert isinstance(picture, Picture)
        found = store.work_of_bytes(picture.facts.sha256)
        assert found is not None
        assert found.paths == (desk.art / "2.png",)


def test_a_known_file_that_vanishes_while_it_changes_keeps_its_work(desk: Desk) -> None:
    class Late(InProcessReader):
        def read_all(self, paths):  # type: ignore[no-untyped-def]
            (desk.art / "1.png").unlink()
            yield from super().read_all(paths)

    desk.run()
    paint(desk.art / "1.png", 50, size=(9, 9))
    with Store.open(desk.path, write=True) as store:
        result = index_portfolio(store, [desk.art], [MeanColour()], Late(), Notebook())
    assert counts(result) == {"unchanged": 3, "missing": 1}
    assert [skip.code for skip in result.skipped] == ["vanished"]
    assert desk.names()["1.png"] == 2


def test_a_copy_stands_in_for_the_file_that_vanishes(desk: Desk) -> None:
    class Late(InProcessReader):
        def read_all(self, paths):  # type: ignore[no-untyped-def]
            (desk.art / "1.png").unlink(missing_ok=True)
            yield from super().read_all(paths)

    shutil.copy(desk.art / "1.png", desk.art / "copy.png")
    with Store.open(desk.path, write=True, create=True) as store:
        watcher = Notebook()
        result = index_portfolio(store, [desk.art], [MeanColour()], Late(), watcher)
        assert [str(file.relative) for file in store.files()] == ["0.png", "2.png", "3.png", "copy.png"]
    assert counts(result) == {"new": 4}
    assert watcher.progresses[-1] == (5, 5)


# -- what is gone -------------------------------------------------------------------------------------------------


def test_a_deleted_file_stays_until_it_is_pruned(desk: Desk) -> None:
    desk.run()
    (desk.art / "1.png").unlink()
    for _ in range(2):
        assert counts(desk.run()) == {"unchanged": 3, "missing": 1}
        assert "1.png" in desk.names()
    assert counts(desk.run(prune=True)) == {"unchanged": 3, "pruned": 1}
    assert sorted(desk.names()) == ["0.png", "2.png", "3.png"]
    with Store.open(desk.path) as store:
        assert store.described(MeanColour().identity()) == 3
    paint(desk.art / "1.png", 1)
    assert counts(desk.run()) == {"new": 1, "unchanged": 3}


def test_a_missing_file_that_comes_back_is_not_read(desk: Desk) -> None:
    desk.run()
    (desk.art / "1.png").rename(desk.art.parent / "1.png")
    assert counts(desk.run()) == {"unchanged": 3, "missing": 1}
    (desk.art.parent / "1.png").rename(desk.art / "1.png")
    assert counts(desk.run()) == {"unchanged": 4}
    assert desk.reader.opened == []


def test_an_unplugged_drive_is_not_pruned(desk: Desk) -> None:
    desk.run()
    away = desk.art.rename(desk.art.parent / "away")
    result = desk.run(prune=True)
    assert counts(result) == {}
    assert desk.watcher.codes == ["root_absent"]
    assert "nothing of it was pruned" in desk.watcher.notices[0].message
    assert len(desk.names()) == 4
    desk.art.mkdir()  # the empty folder in which a drive is mounted
    assert counts(desk.run(prune=True)) == {"missing": 4}
    assert desk.watcher.codes == ["prune_refused"]
    desk.art.rmdir()
    away.rename(desk.art)
    assert counts(desk.run(prune=True)) == {"unchanged": 4}
    assert desk.reader.opened == []


def test_a_folder_that_cannot_be_entered_is_not_pruned(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(desk.art / "locked" / "5.png", 5)
    desk.run()
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "no", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = desk.run(prune=True)
    assert [skip.code for skip in result.skipped] == ["no_permission"]
    assert counts(result) == {"unchanged": 4}
    assert "locked/5.png" in desk.names()


def test_a_folder_that_does_not_exist_is_a_mistake(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.run(roots=[desk.art / "typo"])


def test_roots_that_overlap_keep_one_path_for_each_file(desk: Desk) -> None:
    paint(desk.art / "sub" / "5.png", 5)
    assert counts(desk.run(roots=[desk.art / "sub"])) == {"new": 1}
    assert counts(desk.run()) == {"new": 4, "unchanged": 1}
    assert counts(desk.run(roots=[desk.art / "sub", desk.art, desk.art / "0.png"])) == {"unchanged": 5}
    shutil.rmtree(desk.art / "sub")
    assert counts(desk.run()) == {"unchanged": 4, "missing": 1}
    assert counts(desk.run(prune=True)) == {"unchanged": 4, "pruned": 1}
    with Store.open(desk.path) as store:
        assert store.roots == (desk.art,)


def test_a_copy_in_a_folder_that_is_not_looked_at_stays(desk: Desk) -> None:
    other = desk.art.parent / "other"
    shutil.copytree(desk.art, other)
    desk.run(roots=[desk.art, other])
    assert counts(desk.run(prune=True)) == {"unchanged": 4}
    with Store.open(desk.path) as store:
        assert [len(work.paths) for work in store.works()] == [2] * 4
    (other / "1.png").unlink()
    assert counts(desk.run()) == {"renamed": 1, "unchanged": 4}
    shutil.rmtree(desk.art)
    assert counts(desk.run(roots=[other])) == {"unchanged": 3, "renamed": 3}


def test_a_portfolio_that_moved_is_recognised(desk: Desk) -> None:
    desk.run()
    moved = desk.art.rename(desk.art.parent / "moved")
    assert counts(desk.run(roots=[moved])) == {"known": 4, "renamed": 4}
    assert desk.reader.opened == []
    desk.run(roots=[moved], prune=True)
    with Store.open(desk.path) as store:
        assert store.roots == (moved,)
        assert [work.paths for work in store.works()] == [(moved / f"{n}.png",) for n in range(4)]


def test_a_single_file_can_be_indexed(desk: Desk) -> None:
    assert counts(desk.run(roots=[desk.art / "1.png"])) == {"new": 1}
    assert counts(desk.run(roots=[desk.art / "1.png"])) == {"unchanged": 1}
    with Store.open(desk.path) as store:
        assert [work.paths for work in store.works()] == [(desk.art / "1.png",)]
        assert store.roots == (desk.art / "1.png",)


# -- signals that fail --------------------------------------------------------------------------------------------


def test_one_picture_that_hurts_a_signal_costs_only_itself(desk: Desk) -> None:
    hurts = paint(desk.art / "hurts.png", 6, corner=POISON)
    result = desk.run(MeanColour(), Thumbnail())
    assert counts(result) == {"new": 5}
    assert result.described == (("mean_colour", 4), ("thumbnail", 5))
    assert result.failed == (("mean_colour", 1),)
    assert desk.watcher.codes == ["signal_failed"]
    assert str(hurts) in desk.watcher.notices[0].message
    assert "this colour hurts" in desk.watcher.notices[0].message
    assert counts(desk.run(MeanColour(), Thumbnail())) == {"unchanged": 5}
    assert desk.reader.opened == []


def test_a_mistake_in_a_signal_does_not_end_the_run(desk: Desk) -> None:
    class Broken(MeanColour):
        name = "broken"

        def _describe(self, image: Pixels) -> Descriptor:
            if image[0, 0, 0] % 2:
                raise ZeroDivisionError("division by zero")
            return Descriptor(np.zeros((1, 1), np.float64))

    result = desk.run(Broken(), MeanColour())
    assert dict(result.failed) == {"broken": 4}
    assert dict(result.described) == {"broken": 0, "mean_colour": 4}
    said = " ".join(notice.message for notice in desk.watcher.notices)
    assert "ZeroDivisionError" in said
    assert "float64" in said


def test_a_network_that_cannot_run_sits_out_and_is_tried_by_the_next_run(desk: Desk) -> None:
    result = desk.run(NetworkSignal(), MeanColour())
    assert dict(result.described) == {"network": 0, "mean_colour": 4}
    assert result.failed == ()
    assert desk.watcher.codes == ["signal_out"]
    assert "weights are corrupt" in desk.watcher.notices[0].message
    assert counts(desk.run(NetworkSignal(), MeanColour())) == {"updated": 4}
    assert desk.watcher.codes == ["signal_out"]


# -- interruptions ------------------------------------------------------------------------------------------------


def test_ctrl_c_keeps_the_finished_batches(tmp_path: Path) -> None:
    desk, calm = Desk(tmp_path / "a"), Desk(tmp_path / "b")
    for number in range(40):
        paint(desk.art / f"{number}.png", number)

    class Interrupted(MeanColour):
        def _describe(self, image: Pixels) -> Descriptor:
            if self.pictures_seen > 20:
                raise KeyboardInterrupt
            return super()._describe(image)

    with pytest.raises(KeyboardInterrupt):
        desk.run(Interrupted())
    assert runs(desk.path) == ["interrupted"]
    with Store.open(desk.path) as store:
        assert len(store.works()) == store.described(MeanColour().identity()) == 16
    assert counts(desk.run()) == {"new": 24, "unchanged": 16}
    calm.run(roots=[desk.art])
    assert content(desk.path) == content(calm.path)


def test_a_reader_that_breaks_is_noted(desk: Desk) -> None:
    class Breaks(InProcessReader):
        def read_all(self, paths):  # type: ignore[no-untyped-def]
            raise RuntimeError("broken")

    with Store.open(desk.path, write=True, create=True) as store, pytest.raises(RuntimeError):
        index_portfolio(store, [desk.art], [MeanColour()], Breaks(), Notebook())
    assert runs(desk.path) == ["failed"]


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from fake_signal import InProcessReader, SlowSignal, Notebook, Thumbnail
from simcheck.indexing.portfolio import index_portfolio
from simcheck.store import Store

class Loud(Notebook):
    def progress(self, stage, done, total):
        print(done, flush=True)

with Store.open(Path({index!r}), write=True, create=True) as store:
    index_portfolio(store, [Path({art!r})], [SlowSignal(), Thumbnail()], InProcessReader(), Loud())
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with POSIX signals")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_that_is_stopped_is_continued(tmp_path: Path, stop: signal.Signals) -> None:
    desk, calm = Desk(tmp_path / "a"), Desk(tmp_path / "b")
    for number in range(56):
        paint(desk.art / f"{number:02}.png", number)
    (desk.art / "bad.png").write_bytes(b"no picture")

    def start(path: Path) -> subprocess.Popen[bytes]:
        code = textwrap.dedent(CHILD.format(tests=str(TESTS), index=str(path), art=str(desk.art)))
        return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    with start(desk.path) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= 32:
                break
        time.sleep(0.1)  # into the next batch
        child.send_signal(stop)
    assert child.returncode != 0
    with Store.open(desk.path) as store:
        assert 32 <= len(store.works()) < 56
        assert store.described(Thumbnail().identity()) == len(store.works())
    for path in (desk.path, calm.path):
        with start(path) as child:
            child.communicate()
        assert child.returncode == 0
    assert content(desk.path) == content(calm.path)
    assert runs(desk.path) == ["killed" if stop == signal.SIGKILL else "interrupted", "done"]


# -- names and real decoders --------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="names that are not valid Unicode exist on POSIX only")
def test_any_name_is_indexed(desk: Desk) -> None:
    names = [b"caf\xe9.png", "画 作.png".encode(), b"new\nline.png", b"%s'\".png", "🎨.png".encode()]
    for number, name in enumerate(names):
        try:
            paint(desk.art / os.fsdecode(name), 10 + number)
        except OSError:
            pytest.skip("this file system refuses names that are not valid UTF-8")
    (desk.art / os.fsdecode(b"bad\xff.png")).write_bytes(b"?")
    assert desk.run().new == 9
    assert {os.fsencode(name) for name in desk.names()} >= set(names)
    assert counts(desk.run()) == {"unchanged": 9}
    with Store.open(desk.path) as store:
        assert [os.fsencode(skip.path.name) for skip in store.skipped()] == [b"bad\xff.png"]


def test_real_decoders_in_their_own_processes(desk: Desk) -> None:
    (desk.art / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    with Store.open(desk.path, write=True, create=True) as store, Reader(workers=1) as reader:
        result = index_portfolio(store, [desk.art], [MeanColour()], reader, Notebook())
        again = index_portfolio(store, [desk.art], [MeanColour()], reader, Notebook())
    assert counts(result) == {"new": 4}
    assert [skip.path.name for skip in result.skipped] == ["bad.jpg"]
    assert counts(again) == {"unchanged": 4}


# -- regions ------------------------------------------------------------------------------------------------------


@given(st.tuples(*[st.floats(0, 1)] * 4), st.integers(1, 50), st.integers(1, 50))
def test_a_region_has_at_least_one_pixel(box: tuple[float, float, float, float], width: int, height: int) -> None:
    x0, x1 = sorted(box[::2])
    y0, y1 = sorted(box[1::2])
    numbered = np.zeros((height, width, 3), np.uint8)
    numbered[:, :, 0] = np.arange(width)
    numbered[:, :, 1] = np.arange(height)[:, None]
    region = cut(numbered, (x0, y0, x1, y1))
    assert region.shape[0] >= 1
    assert region.shape[1] >= 1
    left, right = int(region[0, 0, 0]), int(region[0, -1, 0]) + 1
    assert left - 0.5 <= x0 * width <= left + 1
    assert right - 1 <= x1 * width + 0.5
    assert cut(numbered, (0, 0, 1, 1)).shape == numbered.shape


def picture(pixels: Pixels, width: int = 400, height: int = 200) -> Picture:
    return Picture(FileFacts("0" * 64, 1, "PNG", "RGB", width, height, 1, "test"), pixels)


def test_each_region_of_a_query_is_described_mirrored_as_well() -> None:
    pictures = [picture(np.random.default_rng(n).integers(0, 255, (40, 60, 3), np.uint8)) for n in range(3)]
    panels = [(), ((0.1, 0.2, 0.4, 0.9),), ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0))]
    signal = Thumbnail()
    for image, found, inside in zip(
        pictures, describe(pictures, signal, query=True, panels=panels), panels, strict=True
    ):
        assert len(found.regions) == len(found.descriptors) == len(found.mirrored) == 19 + len(inside)
        assert (found.width, found.height, found.panels) == (400, 200, len(inside))
        assert [region.box for region in found.regions[19:]] == list(inside)
        assert [region.number for region in found.regions] == list(range(19 + len(inside)))
        for region, plain, mirrored in zip(found.regions, found.descriptors, found.mirrored, strict=True):
            shown = cut(image.pixels, region.box)
            for pixels, descriptor in ((shown, plain), (shown[:, ::-1], mirrored)):
                (expected,) = signal.describe([np.ascontiguousarray(pixels)])
                np.testing.assert_array_equal(descriptor.values, expected.values)
    assert all(found.mirrored == () for found in describe(pictures, Thumbnail(), query=False))
    assert all(found.mirrored == () for found in describe(pictures, MeanColour(), query=True))
    assert describe([], Thumbnail(), query=True) == []


def test_threads_change_nothing() -> None:
    pictures = [picture(np.random.default_rng(n).integers(0, 255, (30, 20, 3), np.uint8)) for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        beside = describe(pictures, Thumbnail(), query=True, pool=pool)
    for ours, theirs in zip(beside, describe(pictures, Thumbnail(), query=True), strict=True):
        for one, other in zip(ours.descriptors + ours.mirrored, theirs.descriptors + theirs.mirrored, strict=True):
            np.testing.assert_array_equal(one.values, other.values)


def test_a_signal_that_miscounts_is_named() -> None:
    class Miscounts(MeanColour):
        def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
            return super().describe(images)[:-1]

    with pytest.raises(SignalError, match="mean_colour gave 1 descriptors for 2"):
        describe([picture(np.zeros((2, 2, 3), np.uint8))] * 2, Miscounts(), query=False)
