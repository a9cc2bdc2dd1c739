"""What an index says of itself, of works, files and marks."""
# ruff: noqa: S608 - the SQL is put together from constants of this module; values are always bound.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path

from simcheck.records import SignalIdentity, Skipped, Work
from simcheck.records.marks import Mark, MarkPlace
from simcheck.store.connection import translated
from simcheck.store.described import COMPARABLE, VISIBLE, DescriptionReader
from simcheck.store.packing import held_against, pack_path, unpack_path
from simcheck.store.rows import (
    FILE_COLUMNS,
    WORK_COLUMNS,
    FileState,
    StoredFile,
    file_facts,
    moment,
    stored_file,
    stored_files,
    stored_mark,
    stored_place,
)

__all__ = ["StoreReader"]


class StoreReader(DescriptionReader):
    """The reading half of `Store`."""

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """A random UUID, given when the index was made and never changed."""
        return self._about[0]

    @property
    def name(self) -> str:
        """The portfolio's name."""
        return self._about[1]

    @property
    def created(self) -> datetime:
        with translated(self._file):
            return moment(self._about[2])

    @property
    def updated(self) -> datetime:
        with translated(self._file):
            return moment(self._rows("SELECT updated FROM meta")[0][0])

    @cached_property
    def _about(self) -> tuple[str, str, str]:
        *about, known = self._rows("SELECT id, name, created, checksum FROM meta")[0]
        with translated(self._file):
            held_against(known, about, "what it says of itself", lasting=True)
        return str(about[0]), str(about[1]), str(about[2])

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that were indexed, absolute, in the order in which they were added."""
        return tuple(unpack_path(path) for (path,) in self._rows("SELECT path FROM roots ORDER BY id"))

    # -- works and files ----------------------------------------------------------------------------------------

    def works(self) -> tuple[Work, ...]:
        """Every work that a path leads to, by id."""
        return self._works("1")

    def work(self, work_id: int) -> Work | None:
        found = self._works("w.id = ?", (work_id,))
        return found[0] if found else None

    def work_of_bytes(self, sha256: str) -> Work | None:
        """The work whose file has exactly these bytes."""
        found = self._works("w.sha256 = ?", (sha256,))
        return found[0] if found else None

    def id_of_bytes(self, sha256: str) -> int | None:
        """The id of the work with these bytes, also of one that no path leads to any more."""
        rows = self._rows("SELECT id FROM works WHERE sha256 = ?", (sha256,))
        return rows[0][0] if rows else None

    def bytes_of_id(self, work_id: int) -> str:
        """The SHA-256 of a work's bytes, also of one that no path leads to any more."""
        return str(self._rows("SELECT sha256 FROM works WHERE id = ?", (work_id,))[0][0])

    def sizes(self) -> frozenset[int]:
        """Of the files of all works, in bytes: a file of another size holds none of them."""
        return frozenset(size for (size,) in self._rows("SELECT DISTINCT size_bytes FROM works"))

    def file(self, root: Path, relative: Path) -> StoredFile | None:
        return next(self._files("r.path = ? AND f.relative = ?", (pack_path(root), pack_path(relative))), None)

    def files(self, state: FileState | None = None) -> Iterator[StoredFile]:
        """All stored paths, or those in one state, in order."""
        return self._files("1", ()) if state is None else self._files("f.state = ?", (state,))

    def skipped(self) -> tuple[Skipped, ...]:
        """The files that the last run to see them could not read, and why."""
        return tuple(Skipped(file.path, file.code, file.reason) for file in self.files(FileState.SKIPPED))

    def undescribed(self, identities: Sequence[SignalIdentity]) -> tuple[tuple[Work, frozenset[str]], ...]:
        """The works of which none of these signals has anything to say, with the reasons why they abstained; none
        where they failed."""
        signals = [
            row[0]
            for identity in identities
            for row in self._rows(f"SELECT s.id FROM signals s WHERE {COMPARABLE}", identity.comparable)
        ]
        of_these = f"d.work_id = w.id AND d.signal_id IN ({', '.join('?' * len(signals))})"
        found = self._works(f"NOT EXISTS (SELECT 1 FROM descriptors d WHERE {of_these} AND d.rows > 0)", tuple(signals))
        reasons = "SELECT DISTINCT d.reason FROM descriptors d JOIN works w ON w.id = ? WHERE d.region = 0 AND "
        return tuple(
            (work, frozenset(why for (why,) in self._rows(reasons + of_these, (work.id, *signals)) if why))
            for work in found
        )

    # -- marks --------------------------------------------------------------------------------------------------

    def marks(self) -> tuple[Mark, ...]:
        """The artist's marks, in the order in which they were added."""
        rows = self._rows("SELECT id, name, sha256, origin, added, picture, checksum FROM marks ORDER BY id")
        with translated(self._file):
            return tuple(stored_mark(row) for row in rows)

    def mark_places(self, mark_id: int) -> dict[int, MarkPlace]:
        """Work id -> where that work bears the mark, for the works that do."""
        rows = self._rows(
            "SELECT p.mark_id, p.work_id, p.method, p.score, p.x0, p.y0, p.x1, p.y1, p.turn, p.mirrored, p.checksum "
            "FROM mark_places p JOIN works w ON w.id = p.work_id "
            f"WHERE p.mark_id = ? AND p.x0 IS NOT NULL AND {VISIBLE} ORDER BY w.id",
            (mark_id,),
        )
        with translated(self._file):
            return dict(stored_place(row) for row in rows)

    def unsearched(self, mark_id: int, method: int) -> tuple[Work, ...]:
        """The works in which this mark has not been looked for yet by this ``method``."""
        searched = "EXISTS (SELECT 1 FROM mark_places p WHERE p.work_id = w.id AND p.mark_id = ? AND p.method = ?)"
        return self._works(f"NOT {searched}", (mark_id, method))

    # -- inside -------------------------------------------------------------------------------------------------

    def _files(self, where: str, values: tuple[object, ...]) -> Iterator[StoredFile]:
        with translated(self._file):
            yield from stored_files(self._connection, where, values)

    def _works(self, where: str, values: Sequence[object] = ()) -> tuple[Work, ...]:
        rows = self._rows(
            f"SELECT {WORK_COLUMNS}, {FILE_COLUMNS} FROM works w JOIN files f ON f.work_id = w.id "
            f"JOIN roots r ON r.id = f.root_id WHERE {where} "
            "ORDER BY w.id, f.state = 'ok' DESC, f.run_id DESC, f.mtime_ns DESC, r.id, f.relative",
            values,
        )
        size = WORK_COLUMNS.count(",") + 1
        works = []
        with translated(self._file):
            for work, group in groupby(rows, key=lambda row: row[:size]):
                works.append(Work(work[0], file_facts(work), tuple(stored_file(row[size:]).path for row in group)))
        return tuple(works)
