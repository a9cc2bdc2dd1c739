"""Pictures inside a Zip archive (``.zip``, ``.cbz``): what it holds, and the bytes of one of its files.

A file inside is known by a path that goes on through the archive: ``comics/book.cbz/page01.jpg``. Nothing is unpacked
to disk, so a hostile name leads nowhere. What an archive may cost is bounded before anything is unpacked: by its own
list of contents, and each file by the size stated there. The lists of the archives that were read last are kept.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from simcheck.errors import PictureError
from simcheck.system.reading import open_file

__all__ = ["PROBLEMS", "Member", "archive_of", "members", "peek", "unpacked"]

MOST_ENTRIES = 10_000
"""Files in one archive: more than any book has pages, and listed in a tenth of a second."""
MOST_CONTENTS = 4 * 1024 * 1024
"""Bytes of the list of contents; 10,000 long names need half of that."""
MOST_UNPACKED = 16 * 1024**3
"""Bytes of all files in one archive, which are unpacked one at a time: minutes of work, not hours."""
FREE = 256 * 1024**2
"""Bytes that any archive may unpack to, however well it is packed."""
MOST_RATIO = 200
"""How often its own size an archive may unpack to, beyond `FREE` bytes in all. White pages reach 1,000 times, but whole
books of pictures do not: real pictures hardly pack at all."""

_CHUNK = 1 << 18
"""Bytes that are unpacked at a time."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive. ``name`` is its path there, made safe and unique, with ``/`` between the parts."""

    name: str
    size: int
    packed: int
    deflated: bool
    offset: int
    crc: int
    problem: str | None = None
    """Why it cannot be unpacked (a code of `PROBLEMS`); None when it can."""


PROBLEMS = {
    "encrypted": "it is protected by a password; unpack the archive into a folder",
    "no_decoder": "it is packed in a way that simcheck does not read; unpack the archive into a folder",
    "damaged": "the archive contradicts itself about its size; fetch or make the archive again",
}


def archive_of(path: Path) -> tuple[Path, str] | None:
    """The file through which ``path`` goes on as if it were a folder, and the rest of the path; None if there is none.

    That the file is an archive, and that it holds the rest, is not looked at.
    """
    for parent in path.parents:
        try:
            found = parent.stat()
        except OSError:
            continue
        return (parent, path.relative_to(parent).as_posix()) if stat.S_ISREG(found.st_mode) else None
    return None


def members(archive: Path) -> Mapping[str, Member]:
    """The files in an archive by name, in its own order. Raises PictureError (its sentence does not name the file):
    not_an_archive, damaged_archive, too_large_archive; and OSError.
    """
    found = archive.stat()
    return _members(archive, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


def unpacked(archive: Path, name: str, most_bytes: int) -> Iterator[bytes]:
    """The bytes of a file in an archive, piece by piece; its checksum is compared at the end.

    Raises PictureError: those of `members`, and vanished, too_large_file, encrypted, damaged; and OSError.
    """
    member = members(archive).get(name)
    if member is None:
        raise PictureError("the archive does not hold this file any more; it has changed. Run again", "vanished")
    if member.problem:
        raise PictureError(PROBLEMS[member.problem], member.problem)
    if member.size > most_bytes:
        raise PictureError(
            f"the file is larger than {most_bytes / 1e6:,.0f} MB, which is more than simcheck reads into memory; "
            "save a smaller copy",
            "too_large_file",
        )
    crc = 0
    with open_file(archive) as (file, _):
        for piece in _inflated(file, member):
            crc = zlib.crc32(piece, crc)
            yield piece
    if crc != member.crc:
        raise _damaged("its checksum is another")


def peek(archive: Path, member: Member, count: int) -> bytes:
    """The first ``count`` bytes of a file in an archive. Raises PictureError (damaged) and OSError."""
    head = b""
    with open_file(archive) as (file, _):
        for piece in _inflated(file, member, count):
            head += piece
            if len(head) >= count:
                break
    return head[:count]


def _inflated(file: BinaryIO, member: Member, at_once: int = _CHUNK) -> Iterator[bytes]:
    """Never more bytes than the archive states for this file (APPNOTE.TXT 4.3.7: the header in front of the data)."""
    file.seek(member.offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\3\4":
        raise _damaged("it does not lie where the archive says")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), os.SEEK_CUR)
    left, packed = member.size, member.packed
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.deflated else None
    waiting = b""
    while left:
        if not waiting:
            waiting = file.read(min(packed, _CHUNK))
            packed -= len(waiting)
        if inflate is None:
            piece, waiting = waiting[:left], b""
        else:
            try:
                piece = inflate.decompress(waiting, min(left, at_once))
            except zlib.error as error:
                raise _damaged(str(error)) from error
            waiting = inflate.unconsumed_tail
            if inflate.eof and len(piece) < left:
                raise _damaged("it ends too early")
        if not piece and not waiting and not packed:
            raise _damaged("it ends too early")
        left -= len(piece)
        if piece:
            yield piece


@lru_cache(maxsize=4)
def _members(archive: Path, state: tuple[int, ...]) -> Mapping[str, Member]:
    size = state[2]
    with open_file(archive) as (file, _):
        begins = file.read(2) == b"PK"
        try:
            with zipfile.ZipFile(_Bounded(file)) as opened:
                entries = opened.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, struct.error) as error:
            if not begins:
                raise PictureError("this is not a Zip archive", "not_an_archive") from error
            raise PictureError(
                f"the archive is damaged and cannot be opened ({error}). Fetch or make it again", "damaged_archive"
            ) from error
    files = [entry for entry in entries if not entry.orig_filename.endswith(("/", "\\"))]
    whole = sum(entry.file_size for entry in files)
    too_large = (
        f"it holds {len(files):,} files; simcheck opens archives of up to {MOST_ENTRIES:,}"
        if len(files) > MOST_ENTRIES
        else f"it would unpack to {whole / 1e9:,.1f} GB, {whole / max(1, size):,.0f} times its own size"
        if whole > MOST_UNPACKED or (whole > FREE and whole > MOST_RATIO * size)
        else ""
    )
    if too_large:
        raise PictureError(f"the archive was not opened: {too_large}. Unpack it into a folder", "too_large_archive")
    if sum(entry.compress_size for entry in files) > size:
        raise PictureError(
            "the archive is damaged: its files would fill more than all of it. Fetch or make it again",
            "damaged_archive",
        )
    found: dict[str, Member] = {}
    times: Counter[str] = Counter()
    for entry in files:
        name = _unique(_safe(entry), times)
        found[name] = Member(
            name,
            entry.file_size,
            entry.compress_size,
            entry.compress_type == zipfile.ZIP_DEFLATED,
            entry.header_offset,
            entry.CRC,
            _problem(entry),
        )
    return MappingProxyType(found)


class _Bounded:
    """The file as `zipfile` may see it: no list of contents larger than `MOST_CONTENTS` is read into memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(count if 0 <= count <= MOST_CONTENTS else MOST_CONTENTS + 1)
        if count > MOST_CONTENTS or len(data) > MOST_CONTENTS:
            raise zipfile.BadZipFile(f"its list of contents is larger than {MOST_CONTENTS / 1e6:.0f} MB")
        return data


def _safe(entry: zipfile.ZipInfo) -> str:
    """The name as the end of a path: relative, no step upwards, no sign that a path cannot have."""
    name = entry.orig_filename
    if not entry.flag_bits & 0x800:
        # Without the flag the code page is anybody's guess; many programs write UTF-8 all the same.
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.orig_filename
    bad = '<>:"|?*' if os.name == "nt" else ""
    parts = ["".join("_" if c < " " or c in bad else c for c in part) for part in name.replace("\\", "/").split("/")]
    kept = ["__" if part == ".." else part for part in parts if part not in ("", ".")]
    return "/".join(kept)[-1000:].lstrip("/") or "_"


def _unique(name: str, times: Counter[str]) -> str:
    """Two files in one archive may have the same name: the second is called ``2 name``."""
    times[name] += 1
    if times[name] == 1:
        return name
    folder, slash, last = name.rpartition("/")
    return _unique(f"{folder}{slash}{times[name]} {last}", times)


def _problem(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & 0x1:
        return "encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "no_decoder"
    return "damaged" if entry.compress_type == zipfile.ZIP_STORED and entry.compress_size != entry.file_size else None


def _damaged(why: str) -> PictureError:
    return PictureError(f"the file in the archive is damaged ({why}). Fetch or make the archive again", "damaged")
