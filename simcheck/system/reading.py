"""Read a file that somebody named, or that lies in a folder: never waiting for ever, never more than was allowed.

A pipe, a socket or a device is never opened: opening a pipe waits for a writer, and opening a device can have effects.
A file of no size is never read: under ``/proc`` such files are endless, or wait for something to happen.
"""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MOST_NAMED",
    "NotAFile",
    "TooLarge",
    "arrays_of",
    "json_of",
    "open_file",
    "read_file",
    "read_start",
    "read_text",
]

MOST_NAMED = 64 * 1024 * 1024
"""Bytes of a settings file, a table or a calibration: the largest that ships has under one million."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class NotAFile(OSError):
    """A folder, pipe, socket or device where a file is needed."""


class TooLarge(OSError):
    """A file larger than may be read into memory."""


@contextmanager
def open_file(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """An ordinary file, open for reading, and its size. Raises NotAFile and other OSErrors."""
    _refuse(path.stat())
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _refuse(found)  # it may have been exchanged since it was looked at
        yield file, found.st_size


def read_file(path: Path, most_bytes: int = MOST_NAMED) -> bytes:
    """All bytes of an ordinary file. Raises NotAFile, TooLarge and other OSErrors."""
    with open_file(path) as (file, size):
        if not size:
            return b""
        data = file.read(size + 1) if size <= most_bytes else None
        if data is not None and len(data) > size:  # it has grown since: the rest, as far as allowed
            data += file.read(max(0, most_bytes + 1 - len(data)))
    if data is None or len(data) > most_bytes:
        raise TooLarge(f"it is larger than {most_bytes / 1e6:,.0f} MB, which is more than simcheck reads into memory")
    return data


def read_start(path: Path, count: int) -> bytes:
    """The first bytes of a file that was found to be an ordinary one. Raises NotAFile and other OSErrors."""
    descriptor = os.open(path, _FLAGS)
    try:
        found = os.fstat(descriptor)
        _refuse(found)
        return os.read(descriptor, count) if found.st_size else b""
    finally:
        os.close(descriptor)


def read_text(path: Path, most_bytes: int = MOST_NAMED, encoding: str = "utf-8") -> str:
    """The text of an ordinary file. Raises NotAFile, TooLarge, other OSErrors, and UnicodeError."""
    return read_file(path, most_bytes).decode(encoding)


def _refuse(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    what = next((name for is_kind, name in kinds if is_kind(found.st_mode)), "a device")
    raise NotAFile(f"it is {what}, not an ordinary file")


def json_of(data: str | bytes) -> Any:
    """A JSON document. Raises ValueError for anything else, also for one that is nested beyond all measure."""
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def arrays_of(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` file by name. Raises ValueError for a damaged one, in whichever way it is."""
    import numpy as np

    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (
        *(AttributeError, EOFError, KeyError, MemoryError, NotImplementedError, OSError, OverflowError, RecursionError),
        *(RuntimeError, SyntaxError, TypeError, struct.error, zipfile.BadZipFile, zlib.error),
    ) as error:
        raise ValueError(f"its arrays cannot be read: {type(error).__name__}: {error}") from error
