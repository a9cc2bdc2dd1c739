"""A file's bytes: read whole within a limit, or hashed as a stream. Every failure is a PictureError with a code."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simcheck.errors import PictureError

__all__ = ["hash_file", "read_bytes", "shown"]

_CHUNK = 1 << 20

_REASONS = {
    "vanished": "the file is no longer there; it was moved, renamed or deleted while simcheck ran. Run again",
    "no_permission": "you are not allowed to read this file; change its permissions, or copy it elsewhere",
    "not_a_file": "this is not an ordinary file (a folder, pipe, socket or device); name a picture file",
    "empty_file": "the file is empty (0 bytes); fetch or export it again",
}


def shown(path: Path) -> str:
    """The path as text that can always be printed: bytes that are not valid UTF-8 become ``�``."""
    return os.fsencode(path).decode("utf-8", "replace")


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """All bytes of an ordinary file.

    Raises PictureError: vanished, no_permission, not_a_file, empty_file, too_large_file, unreadable.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(size + 1) if size <= max_bytes else None
        if data is not None and len(data) > size:  # it has grown since: the rest, as far as allowed
            data += file.read(max_bytes + 1 - len(data))
    if data is None or len(data) > max_bytes:
        raise PictureError(
            f"{shown(path)}: the file is larger than {max_bytes / 1e6:,.0f} MB, which is more than simcheck reads "
            "into memory; save a smaller copy",
            "too_large_file",
        )
    if not data:
        raise _refused(path, "empty_file")
    return data


def hash_file(path: Path) -> str:
    """SHA-256 of a file of any size as lower-case hex, in bounded memory.

    Raises PictureError: vanished, no_permission, not_a_file, empty_file, unreadable.
    """
    digest = hashlib.sha256()
    size = 0
    with _opened(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    if not size:
        raise _refused(path, "empty_file")
    return digest.hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    try:
        # Looked at before it is opened: opening a pipe waits for ever, and opening a device can have effects.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refused(path, "not_a_file")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise _refused(path, "vanished") from error
    except PermissionError as error:
        raise _refused(path, "no_permission") from error
    except OSError as error:
        if error.errno == errno.ENOTDIR:
            raise _refused(path, "vanished") from error
        raise PictureError(
            f"{shown(path)}: the system could not read the file ({error.strerror or error}); check the disk or the "
            "connection to it, and run again",
            "unreadable",
        ) from error


def _refused(path: Path, code: str) -> PictureError:
    return PictureError(f"{shown(path)}: {_REASONS[code]}", code)
