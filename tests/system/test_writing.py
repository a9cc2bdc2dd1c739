"""`replace_file`: the old file or the whole new one, and nothing beside it."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcheck.system.writing import replace_file


@contextmanager
def full_disk() -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="only POSIX can limit the size of files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def alone(path: Path) -> None:
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@settings(max_examples=30)
@given(st.binary(max_size=5000), st.binary(max_size=5000))
def test_what_is_written_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, first: bytes, second: bytes
) -> None:
    path = tmp_path_factory.mktemp("w") / "图 表.json"
    for data in (first, second):
        replace_file(path, data)
        assert path.read_bytes() == data
        alone(path)


def test_on_a_full_disk_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    replace_file(path, b"old")
    with full_disk(), pytest.raises(OSError):
        replace_file(path, b"n" * 5000)
    assert path.read_bytes() == b"old"
    alone(path)


def test_where_a_folder_is_in_the_way_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.mkdir()
    with pytest.raises(OSError):
        replace_file(path, b"new")
    alone(path)
    assert path.is_dir()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "nowhere" / "report.json", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_the_old_file_or_the_new_one_never_a_half(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    versions = [bytes([i]) * 300_000 for i in range(2)]
    replace_file(path, versions[0])
    done = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not done.is_set():
            data = path.read_bytes()
            seen.add(data if data in versions else b"half")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for i in range(60):
            replace_file(path, versions[i % 2])
    finally:
        done.set()
        reader.join()
    assert seen <= set(versions)
    assert seen, "the reader ran"


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX knows them")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_file_has_the_rights_of_an_ordinary_one(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        replace_file(tmp_path / "report.json", b"new")
        assert os.umask(mask) == mask, "the mask is put back"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o666 & ~mask


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights of their own on Windows")
def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_bytes(b"keep me")
    link = tmp_path / "report.json"
    link.symlink_to(precious)
    replace_file(link, b"new")
    assert precious.read_bytes() == b"keep me"
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"
