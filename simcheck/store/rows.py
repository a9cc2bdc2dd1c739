"""What a row of the store's own bookkeeping (files, runs) is outside SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from simcheck.records import Descriptor, FileFacts, Region, SignalIdentity
from simcheck.records.marks import Mark, MarkPlace
from simcheck.store.packing import (
    Damage,
    Packed,
    description_checksums,
    held_against,
    readable_path,
    unpack_descriptor,
    unpack_path,
)

__all__ = [
    "FILE_COLUMNS",
    "WORK_COLUMNS",
    "FileState",
    "RunOutcome",
    "StoredFile",
    "checked_description",
    "file_facts",
    "moment",
    "name_of",
    "stored_file",
    "stored_files",
    "stored_mark",
    "stored_place",
]


class FileState(StrEnum):
    OK = "ok"
    SKIPPED = "skipped"
    MISSING = "missing"
    """The file was not found by a later run; its work stays until it is pruned."""


class RunOutcome(StrEnum):
    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    KILLED = "killed"
    """The run never wrote its end; the next writer found it so."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A path of the portfolio as a run last saw it. ``work_id`` is None for a file that was never read."""

    root: Path
    relative: Path
    size_bytes: int
    mtime_ns: int
    state: FileState
    run_id: int
    """The run that last saw it."""
    simcheck: str
    """The version of simcheck that last tried to read it."""
    work_id: int | None = None
    code: str = ""
    reason: str = ""
    ctime_ns: int | None = None
    """When the file's own record last changed (POSIX), in nanoseconds; None where that is not known."""
    file_id: int | None = None
    """The file's number on its volume (``st_ino``); None where that is not known. It may need more than 64 bits."""
    mounted: bool = False
    """Whether it lay on another volume than its root, as on a drive that is mounted in a folder below. Only told of a
    file whose number is known."""

    @property
    def path(self) -> Path:
        return self.root / self.relative


WORK_COLUMNS = (
    "w.id, w.sha256, w.size_bytes, w.format, w.mode, w.width, w.height, w.frames, w.decoder, w.notes, w.checksum"
)
FILE_COLUMNS = (
    "r.path, f.relative, f.size_bytes, f.mtime_ns, f.ctime_ns, f.file_id, f.mounted, f.work_id, f.state, f.code, "
    "f.reason, f.simcheck, f.run_id, f.checksum"
)


def stored_files(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> Iterator[StoredFile]:
    """The rows that fulfil ``where`` (our own SQL; ``f`` is a file, ``r`` its root), in the order of their paths.

    Raises Damage for a row that is not as it was written.
    """
    rows = connection.execute(
        f"SELECT {FILE_COLUMNS} FROM files f JOIN roots r ON r.id = f.root_id WHERE {where} "  # noqa: S608
        "ORDER BY r.path, f.relative",
        values,
    )
    for row in rows:
        yield stored_file(row)


def stored_file(row: Sequence[Any]) -> StoredFile:
    """A row of `FILE_COLUMNS`. Raises Damage."""
    root, relative, size, mtime_ns, ctime_ns, file_id, mounted, *rest, known = row
    work_id, state, code, reason, simcheck, run_id = rest
    held_against(known, row[:-1], f"the row of the file {relative!r}")
    try:
        return StoredFile(
            root=unpack_path(root),
            relative=unpack_path(relative),
            size_bytes=int(size),
            mtime_ns=int(mtime_ns),
            state=FileState(state),
            run_id=int(run_id),
            simcheck=str(simcheck),
            work_id=None if work_id is None else int(work_id),
            code=str(code),
            reason=str(reason),
            ctime_ns=None if ctime_ns is None else int(ctime_ns),
            file_id=None if file_id is None else int(file_id),
            mounted=bool(mounted),
        )
    except (TypeError, ValueError) as error:
        raise Damage(f"the row of the file {relative!r} makes no sense ({error})") from error


def file_facts(row: Sequence[Any]) -> FileFacts:
    """A row of `WORK_COLUMNS`. Raises Damage."""
    work_id, sha256, size, kind, mode, width, height, frames, decoder, notes, known = row
    held_against(known, row[:-1], f"the row of work {work_id}")
    try:
        counts = (size, width, height, frames)
        if any(not isinstance(count, int) or count < 0 for count in counts) or not (width and height):
            raise ValueError(f"{width!r} x {height!r} pixels, {frames!r} frames, {size!r} bytes")
        return FileFacts(
            str(sha256),
            size,
            str(kind),
            str(mode),
            width,
            height,
            frames,
            str(decoder),
            tuple(map(str, json.loads(notes))),
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise Damage(f"the row of work {work_id} makes no sense ({error})") from error


def checked_description(
    work: str, identity: SignalIdentity, rows: Sequence[Packed], known: Sequence[bytes | None]
) -> tuple[tuple[Region, ...], tuple[Descriptor, ...]]:
    """What a signal says of the work with this SHA-256, from its rows and their checksums. Raises Damage."""
    if any(not isinstance(row[-1], bytes) for row in rows):
        raise Damage("holds something else than bytes")
    if known[0] is not None and description_checksums(work, identity, rows) != list(known):
        raise Damage("is not as it was written")
    regions, descriptors = [], []
    try:
        for place, (number, x0, y0, x1, y1, reason, dtype, count, columns, data) in enumerate(rows):
            box = (float(x0), float(y0), float(x1), float(y1))
            if number != place or not all(0 <= edge <= 1 for edge in box):
                raise Damage(f"has region {number!r} at {box} in place {place}")
            regions.append(Region(number, box))
            descriptors.append(unpack_descriptor(dtype, count, columns, data, reason))
    except (TypeError, ValueError) as error:
        raise Damage(f"makes no sense ({error})") from error
    return tuple(regions), tuple(descriptors)


def name_of(connection: sqlite3.Connection, work_id: int) -> str:
    """A work as people know it: where a file of it was seen."""
    rows = connection.execute(
        "SELECT r.path, f.relative FROM files f JOIN roots r ON r.id = f.root_id WHERE f.work_id = ?", (work_id,)
    )
    for root, relative in rows:
        if isinstance(root, bytes) and isinstance(relative, bytes):
            return readable_path(unpack_path(root) / unpack_path(relative))
    return f"work {work_id}"


def stored_mark(row: Sequence[Any]) -> Mark:
    """``id, name, sha256, origin, added, picture, checksum``. Raises Damage. The picture is for its reader to check."""
    number, name, sha256, origin, added, picture, known = row
    held_against(known, row[1:5], f"the row of the mark {name!r}")
    if not isinstance(picture, bytes):
        raise Damage(f"the picture of the mark {name!r} is no picture")
    return Mark(int(number), str(name), str(sha256), picture, str(origin), str(added))


def stored_place(row: Sequence[Any]) -> tuple[int, MarkPlace]:
    """The number of the work and where it bears a mark. Raises Damage."""
    mark_id, work_id, _, score, x0, y0, x1, y1, turn, mirrored, known = row
    held_against(known, row[:-1], f"where work {work_id} bears the mark {mark_id}")
    try:
        box = (float(x0), float(y0), float(x1), float(y1))
        return int(work_id), MarkPlace(box, float(turn), bool(mirrored), float(score))
    except (TypeError, ValueError) as error:
        raise Damage(f"where work {work_id} bears the mark {mark_id} makes no sense ({error})") from error


def moment(text: object) -> datetime:
    """Raises Damage."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Damage(f"a date makes no sense ({error})", lasting=True) from error
