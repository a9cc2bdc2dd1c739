"""Which of the files that a run finds are known already: by what the system says of them, or by their bytes.

A file is taken for unchanged, without being opened, only when its size, its date, its number on the volume and the time
of its last change are those of the run before. Size and date alone would not do: files that are unpacked, or come from
a camera, often have both in common, and copying keeps the date. Where the system keeps no reliable time of change
(FAT, Windows), the bytes decide at every run. Only files whose size some work has are hashed here; the others are new,
and get their digest from the process that decodes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from simcheck import __version__
from simcheck.errors import PictureError
from simcheck.images import FoundFile, hash_file
from simcheck.store import FileState, Store, StoredFile

__all__ = ["Known", "Seen", "may_hold_anything"]

_OUTSIDE_THE_FILE = ("no_decoder", "no_permission", "out_of_memory", "unreadable")
"""Codes of skipped files that may be readable by now though the file is the same."""
_OF_ITS_ARCHIVE = ("damaged_archive", "encrypted", "too_large_archive")
_MAY_BE_WHOLE = (*_OUTSIDE_THE_FILE, *_OF_ITS_ARCHIVE, "timeout", "crashed", "vanished")
"""Codes by which nothing is known of the bytes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file of this run. ``file`` is its row as it will be stored if all is well; ``before`` what is stored now."""

    file: StoredFile
    before: StoredFile | None
    work_id: int | None = None
    sha256: str | None = None
    unchanged: bool = False
    """It holds the bytes that it held before, at the same size and date."""
    refused: PictureError | None = None
    """Why it cannot be read."""


class Known:
    """Looks files up. ``found`` are all files of the run: those that are equal in size are hashed before one of them
    is decoded."""

    def __init__(self, store: Store, run_id: int, found: Sequence[FoundFile], pool: Executor) -> None:
        self._store = store
        self._run_id = run_id
        self._roots = store.roots
        self._pool = pool
        times = Counter(file.size for file in found)
        self._sizes = store.sizes() | {size for size, number in times.items() if number > 1}

    def look_up(self, found: Sequence[FoundFile]) -> list[Seen]:
        rows = [self._row(each) for each in found]
        unsure = [
            (row.path, row.size_bytes)
            for row, before in rows
            if not _is_unchanged(row, before) and row.size_bytes in self._sizes
        ]
        digests = dict(zip((path for path, _ in unsure), self._pool.map(_digest, unsure), strict=True))
        return [self._seen(row, before, digests.get(row.path)) for row, before in rows]

    def _seen(self, row: StoredFile, before: StoredFile | None, digest: str | PictureError | None) -> Seen:
        if before is not None and _is_unchanged(row, before):
            if before.work_id is not None:
                sha256 = self._store.bytes_of_id(before.work_id)
                return Seen(replace(row, work_id=before.work_id), before, before.work_id, sha256, unchanged=True)
            if _would_be_refused_again(before):
                refused = PictureError(before.reason, before.code)
                return Seen(replace(before, run_id=self._run_id), before, unchanged=True, refused=refused)
        if isinstance(digest, PictureError):
            return Seen(row, before, refused=digest)
        if digest is None:
            return Seen(row, before)
        work_id = self._store.id_of_bytes(digest)
        same_date = before is not None and (before.size_bytes, before.mtime_ns) == (row.size_bytes, row.mtime_ns)
        unchanged = same_date and before is not None and work_id is not None and before.work_id == work_id
        return Seen(replace(row, work_id=work_id if unchanged else None), before, work_id, digest, unchanged)

    def _row(self, found: FoundFile) -> tuple[StoredFile, StoredFile | None]:
        """The file as it will be stored if all is well, and as it is stored now, under whichever root that is."""
        path, root = found.path, found.root
        before = None
        for known in self._roots:
            if path.is_relative_to(known) and (before := self._store.file(known, path.relative_to(known))):
                root = known
                break
        now = StoredFile(
            root=root,
            relative=path.relative_to(root),
            size_bytes=found.size,
            mtime_ns=found.mtime_ns,
            state=FileState.OK,
            run_id=self._run_id,
            simcheck=__version__,
            ctime_ns=found.ctime_ns,
            file_id=found.file_id,
            mounted=found.mounted,
        )
        return now, before


def may_hold_anything(code: str) -> bool:
    """Whether a file that was refused for this reason may hold, for all we know, any picture."""
    return code in _MAY_BE_WHOLE


def _is_unchanged(now: StoredFile, before: StoredFile | None) -> bool:
    if before is None or None in (now.ctime_ns, now.file_id):
        return False
    return (now.size_bytes, now.mtime_ns, now.ctime_ns, now.file_id) == (
        before.size_bytes,
        before.mtime_ns,
        before.ctime_ns,
        before.file_id,
    )


def _would_be_refused_again(file: StoredFile) -> bool:
    """Same bytes, same simcheck, and a reason that lies in the bytes."""
    return file.state is FileState.SKIPPED and file.simcheck == __version__ and file.code not in _OUTSIDE_THE_FILE


def _digest(of: tuple[Path, int]) -> str | PictureError:
    try:
        return hash_file(of[0])
    except PictureError as error:
        return error
