"""`simcheck.system.reading`: nothing waits for ever, nothing fills memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simcheck.system.reading import NotAFile, TooLarge, open_file, read_file, read_text

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices in the file system are POSIX")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("é".encode() * 1000)
    assert read_file(tmp_path / "a", 2000) == "é".encode() * 1000
    assert read_text(tmp_path / "a") == "é" * 1000
    (tmp_path / "empty").touch()
    assert read_file(tmp_path / "empty") == b""


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(TooLarge, match="larger than 64? MB|larger than 67 MB"):
        read_file(tmp_path / "sparse")
    (tmp_path / "a").write_bytes(b"12345")
    with pytest.raises(TooLarge):
        read_file(tmp_path / "a", 4)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nosuch")


def test_a_file_that_grows_while_it_is_read_stays_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 10)
    fstat = os.fstat

    def grow(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        with path.open("ab") as file:
            file.write(b"y" * 1000)
        return found

    monkeypatch.setattr(os, "fstat", grow)
    assert len(read_file(path, 2000)) == 1010
    with pytest.raises(TooLarge):
        read_file(path, 1500)


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link to a pipe", "link to a device"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    target = tmp_path / "y" if "link" in kind else path
    if "pipe" in kind:
        os.mkfifo(target)
    elif "device" in kind:
        target = Path("/dev/zero")
        path = target if "link" not in kind else path
    else:
        path.mkdir()
    if "link" in kind:
        path.symlink_to(target)
    with pytest.raises(NotAFile, match="not an ordinary file"):
        read_file(path)


@posix
def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"first a file")
    found = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: found)
    with pytest.raises(NotAFile), open_file(path):
        pass


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="Linux with its process folder")
def test_an_endless_file_of_the_system_is_not_read() -> None:
    """``/proc/kmsg`` is a regular file of 0 bytes, and reading it waits for the next message of the kernel."""
    try:
        assert read_file(Path("/proc/kmsg")) == b""
    except PermissionError:
        pytest.skip("may not even be opened here")
