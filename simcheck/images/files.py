"""A file's bytes: read whole within a limit, or hashed as a stream. Every failure is a PictureError with a code.

A path may go on through a Zip archive (`simcheck.images.archives`): then the bytes are those of the file inside.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simcheck.errors import PictureError
from simcheck.images.archives import archive_of, members, unpacked
from simcheck.system.reading import NotAFile, TooLarge, open_file, read_file, read_start

__all__ = ["MOST_BYTES", "first_bytes", "hash_file", "holds", "is_there", "read_bytes", "shown", "size_of"]

MOST_BYTES = 512 * 1024 * 1024
"""The largest file that is read or hashed: no picture is larger, and a sparse file may be without end."""

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


def read_bytes(path: Path, max_bytes: int = MOST_BYTES) -> bytes:
    """All bytes of an ordinary file, or of a file inside an archive.

    Raises PictureError: vanished, no_permission, not_a_file, empty_file, too_large_file, unreadable; of a file inside
    an archive also encrypted, no_decoder, damaged, damaged_archive and too_large_archive.
    """
    with _refusals(path, max_bytes):
        inside = archive_of(path)
        data = b"".join(unpacked(*inside, max_bytes)) if inside else read_file(path, max_bytes)
        if not data:
            raise _refused(path, "empty_file")
        return data


def hash_file(path: Path, max_bytes: int = MOST_BYTES) -> str:
    """SHA-256 of a file, or of a file inside an archive, as lower-case hex, in bounded memory.

    Raises PictureError as `read_bytes` does.
    """
    digest, size = hashlib.sha256(), 0
    with _refusals(path, max_bytes):
        for piece in _pieces(path, max_bytes):
            digest.update(piece)
            size += len(piece)
        if not size:
            raise _refused(path, "empty_file")
    return digest.hexdigest()


def first_bytes(path: Path, count: int) -> bytes:
    """The beginning of what was found to be an ordinary file.

    Raises PictureError: vanished, no_permission, not_a_file, unreadable.
    """
    with _refusals(path, count):
        return read_start(path, count)


def size_of(path: Path) -> int:
    """Bytes of an ordinary file, or of a file inside an archive, which are not read.

    Raises PictureError: vanished, no_permission, not_a_file, unreadable, and what is wrong with the archive.
    """
    with _refusals(path, 0):
        if inside := archive_of(path):
            member = members(inside[0]).get(inside[1])
            if member is None:
                raise _refused(path, "vanished")
            return member.size
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _refused(path, "not_a_file")
        return found.st_size


def holds(path: Path, sha256: str, size_bytes: int) -> bool | None:
    """Whether a file has these very bytes now. None: there is no file, or it cannot be read."""
    try:
        return size_of(path) == size_bytes and hash_file(path, size_bytes) == sha256
    except PictureError:
        return None


def is_there(path: Path) -> bool:
    """Whether anything is at this path: a file, a folder, a link that leads nowhere, a file inside an archive."""
    if os.path.lexists(path):
        return True
    inside = archive_of(path)
    try:
        return inside is not None and inside[1] in members(inside[0])
    except PictureError as error:
        return error.code != "not_an_archive"  # what cannot be looked into may hold it
    except OSError:
        return True


def _pieces(path: Path, max_bytes: int) -> Iterator[bytes]:
    if inside := archive_of(path):
        yield from unpacked(*inside, max_bytes)
        return
    with open_file(path) as (file, size):
        if size > max_bytes:
            raise TooLarge
        while size and (piece := file.read(min(_CHUNK, max_bytes + 1))):
            yield piece
            max_bytes -= len(piece)
            if max_bytes < 0:  # it has grown since
                raise TooLarge


@contextmanager
def _refusals(path: Path, max_bytes: int) -> Iterator[None]:
    """What goes wrong within, as a PictureError that names the file."""
    try:
        yield
    except PictureError as error:
        if error.code == "not_an_archive":  # the path goes on through a file that is no folder any more
            raise _refused(path, "vanished") from error
        if str(error).startswith(shown(path)):
            raise
        raise PictureError(f"{shown(path)}: {error}", error.code) from error
    except TooLarge as error:
        raise PictureError(
            f"{shown(path)}: the file is larger than {max_bytes / 1e6:,.0f} MB, which is more than simcheck reads "
            "into memory; save a smaller copy",
            "too_large_file",
        ) from error
    except NotAFile as error:
        raise _refused(path, "not_a_file") from error
    except FileNotFoundError as error:
        raise _refused(path, "vanished") from error
    except PermissionError as error:
        raise _refused(path, "no_permission") from error
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ENAMETOOLONG):
            raise _refused(path, "vanished") from error
        raise PictureError(
            f"{shown(path)}: the system could not read the file ({error.strerror or error}); check the disk or the "
            "connection to it, and run again",
            "unreadable",
        ) from error


def _refused(path: Path, code: str) -> PictureError:
    return PictureError(f"{shown(path)}: {_REASONS[code]}", code)
