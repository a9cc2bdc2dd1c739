"""`simcheck.images.walk`: what is found, what is passed over, what is listed as skipped."""

from __future__ import annotations

import os
import socket
import string
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcheck.errors import PictureError, UsageError
from simcheck.images import PICTURE_EXTENSIONS, hash_file, walk
from simcheck.images.files import read_bytes

posix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and names of any bytes are POSIX")


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(folder: Path) -> list[str]:
    return [file.path.relative_to(folder).as_posix() for file in walk([folder]).files]


def codes(*roots: Path) -> dict[str, str]:
    return {skipped.path.name: skipped.code for skipped in walk(roots).skipped}


def test_pictures_are_found_in_order_and_others_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "b.PNG", "a.jpg", "deep/er/c.TIFF", "notes.txt", "deep/work.clip")
    found = walk([tmp_path])
    assert names(tmp_path) == ["a.jpg", "b.PNG", "deep/er/c.TIFF"]
    assert found.others == 1
    assert [skip.code for skip in found.skipped] == ["no_decoder"]
    assert {file.root for file in found.files} == {tmp_path}


def test_size_and_date_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1_700_000_000_123_456_700, 1_700_000_000_123_456_700))
    (file,) = walk([tmp_path]).files
    assert (file.size, file.mtime_ns) == (5, path.stat().st_mtime_ns)


def test_hidden_files_and_those_of_the_system_are_passed_over_in_silence(tmp_path: Path) -> None:
    put(tmp_path, "art.png", "._art.png", ".DS_Store", ".thumbnails/x.png", "Thumbs.db", "DESKTOP.INI")
    put(tmp_path, "System Volume Information/a.png", "$RECYCLE.BIN/b.png", "__MACOSX/c.png")
    found = walk([tmp_path])
    assert [file.path.name for file in found.files] == ["art.png"]
    assert found.skipped == ()
    assert found.others == 0


def test_a_file_named_directly_is_taken_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, "suspect.bin", ".hidden")
    found = walk([tmp_path / "suspect.bin", tmp_path / ".hidden"])
    assert [(file.path.name, file.root) for file in found.files] == [
        ("suspect.bin", tmp_path / "suspect.bin"),
        (".hidden", tmp_path / ".hidden"),
    ]


def test_each_path_comes_once_when_roots_overlap(tmp_path: Path) -> None:
    put(tmp_path, "a/x.png", "a/b/y.png")
    roots = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "x.png", tmp_path / "a" / ".." / "a" / "x.png"]
    assert sorted(file.path.name for file in walk(roots).files) == ["x.png", "y.png"]


def test_a_root_that_does_not_exist_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"my_atr does not exist"):
        walk([tmp_path / "my_atr"])


def test_names_of_all_scripts_are_found(tmp_path: Path) -> None:
    wanted = ["山水画.png", "🎨 art.png", "صورة.jpg", "ציור.png", "naïve café.webp", "作品 (终稿)(1).JPG", "a'b\"c.gif"]
    if os.name != "posix":
        wanted.remove("a'b\"c.gif")
    put(tmp_path, *wanted)
    assert sorted(names(tmp_path)) == sorted(wanted)


@posix
def test_a_name_that_is_not_valid_utf8_is_found_and_can_be_opened(tmp_path: Path) -> None:
    name = b"caf\xe9 \xff.png"
    try:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_bytes(b"bytes")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (file,) = walk([tmp_path]).files
    assert os.fsencode(file.path.name) == name
    assert file.path.read_bytes() == b"bytes"


@posix
def test_linked_folders_are_followed_but_loops_end(tmp_path: Path) -> None:
    put(tmp_path, "art/z/x.png")
    put(tmp_path, "elsewhere/y.png")
    (tmp_path / "art" / "a_loop").symlink_to(tmp_path / "art")
    (tmp_path / "art" / "b_same").symlink_to(tmp_path / "art" / "z")
    (tmp_path / "art" / "other").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "art")
    found = walk([tmp_path / "art"])
    # The real folder gives the path, although a link to it sorts before it.
    assert [file.path.relative_to(tmp_path).as_posix() for file in found.files] == ["art/other/y.png", "art/z/x.png"]
    assert codes(tmp_path / "art") == {"a_loop": "already_read", "b_same": "already_read", "back": "already_read"}


@posix
def test_broken_links_are_listed(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    put(tmp_path, "real.png")
    (tmp_path / "linked.png").symlink_to(tmp_path / "real.png")
    assert codes(tmp_path) == {"gone.png": "broken_link", "self.png": "broken_link"}
    assert names(tmp_path) == ["linked.png", "real.png"]


@posix
def test_pipes_and_sockets_are_listed_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    os.mkfifo(tmp_path / "pipe")
    # The path of a socket may have 104 bytes at most, hence another folder.
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{short}/s.png")
        assert codes(tmp_path, Path(short)) == dict.fromkeys(("pipe.png", "pipe", "s.png"), "not_a_file")
    assert codes(tmp_path / "pipe.png") == {"pipe.png": "not_a_file"}


@posix
def test_devices_and_files_of_the_system_behind_a_link_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "pipe").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "elsewhere")
    expected = dict.fromkeys(("zero.png", "pipe", "elsewhere"), "not_a_file")
    if Path("/proc/kmsg").exists():
        for name, target in (("kmsg.png", "/proc/kmsg"), ("kmsg", "/proc/kmsg"), ("core.tif", "/proc/cpuinfo")):
            (tmp_path / name).symlink_to(target)
        (tmp_path / "proc").symlink_to("/proc")
        expected |= dict.fromkeys(("kmsg.png", "kmsg", "core.tif", "proc"), "not_a_file")
    assert codes(tmp_path) == expected
    assert names(tmp_path) == []


@posix
def test_a_file_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for name in ("sparse.png", "noending"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(1 << 42)
    (found,) = walk([tmp_path]).files
    for read in (hash_file, read_bytes):
        with pytest.raises(PictureError) as caught:
            read(found.path)
        assert caught.value.code == "too_large_file"


def test_empty_folders_and_places_that_could_not_be_looked_into_are_known(tmp_path: Path) -> None:
    put(tmp_path, "full/a.png", "bare/.DS_Store", "texts/note.txt")
    (tmp_path / "deep" / "er" / "est").mkdir(parents=True)
    found = walk([tmp_path / "deep" / "er", tmp_path])
    assert {path.relative_to(tmp_path).as_posix() for path in found.empty} == {"bare", "deep", "deep/er", "deep/er/est"}
    assert found.unseen == ()
    if os.name == "posix":
        (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
        assert walk([tmp_path]).unseen == (tmp_path / "gone",)


@pytest.mark.skipif(os.name == "nt", reason="Windows gives the time of creation")
def test_the_time_of_change_counts_only_where_it_is_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.png")
    real = (tmp_path / "a.png").stat()
    for changed, known in ((1_700_000_000_123_456_789, True), (1_700_000_002_000_000_000, False),
                           (1_700_000_002_120_000_000, False)):  # fmt: skip
        told = Found(real, st_ctime_ns=changed)
        monkeypatch.setattr(Path, "stat", lambda path, told=told, **_: told if path.suffix else os.stat(path))  # noqa: PTH116 - the real one
        (file,) = walk([tmp_path]).files
        assert file.ctime_ns == (changed if known else None)
        assert file.file_id == real.st_ino


@pytest.mark.parametrize("told", [{"st_flags": 0x40000020}, {"st_file_attributes": 0x400020}], ids=["macOS", "Windows"])
def test_a_file_that_lies_with_a_cloud_service_is_not_fetched_to_see_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, int]
) -> None:
    for name in ("a.dat", "b.clip", "c.png"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0")
    monkeypatch.setattr(Path, "stat", lambda path, **_: Found(os.stat(path), **told))  # noqa: PTH116 - the real one
    opened: list[Path] = []
    module = sys.modules["simcheck.images.walk"]
    monkeypatch.setattr(module, "first_bytes", lambda path, _: opened.append(path) or b"")
    found = walk([tmp_path])
    assert opened == []
    assert [file.path.name for file in found.files] == ["c.png"]
    assert [skip.path.name for skip in found.skipped] == ["b.clip"]


class Found:
    """A stat_result of which some fields are others."""

    def __init__(self, real: os.stat_result, **others: int) -> None:
        self._real = real
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def test_a_folder_that_may_not_be_read_is_listed_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "open/a.png", "closed/b.png")
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(tmp_path) == ["open/a.png"]
    (skipped,) = walk([tmp_path]).skipped
    assert (skipped.path, skipped.code) == (tmp_path / "closed", "no_permission")
    assert str(tmp_path / "closed") in skipped.reason


def test_a_file_that_vanishes_during_the_walk_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.png", "b.png")
    stat = Path.stat

    def gone(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "a.png" and follow_symlinks:
            raise FileNotFoundError(2, "No such file or directory")
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", gone)
    assert codes(tmp_path) == {"a.png": "vanished"}
    assert names(tmp_path) == ["b.png"]


@given(stems=st.sets(st.text(string.ascii_lowercase + "山🎨", min_size=1, max_size=8), max_size=8), data=st.data())
def test_every_picture_is_found_once_and_in_the_same_order(stems: set[str], data: st.DataObject) -> None:
    extensions = st.sampled_from([*sorted(PICTURE_EXTENSIONS), ".txt", ".PNG", ""])
    wanted = {f"{stem}{data.draw(extensions)}" for stem in stems}
    with tempfile.TemporaryDirectory() as top:
        put(Path(top), *wanted)
        found = walk([Path(top)])
        assert found == walk([Path(top)])
        assert {file.path.name for file in found.files} == {
            name for name in wanted if Path(name).suffix.lower() in PICTURE_EXTENSIONS
        }
        assert len(found.files) + found.others == len(wanted)
