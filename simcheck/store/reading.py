"""Everything that reads an index."""
# ruff: noqa: S608 - the SQL is put together from constants of this module; values are always bound.

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from simcheck import __version__
from simcheck.records import Description, Region, SignalIdentity, Skipped, Work
from simcheck.records.marks import Mark, MarkPlace
from simcheck.store.connection import translated
from simcheck.store.folder import FILE_NAME
from simcheck.store.kept import KEEP_BYTES, Kept
from simcheck.store.packing import (
    Damage,
    Packed,
    description_checksums,
    identity_digest,
    pack_path,
    unpack_descriptor,
    unpack_path,
)
from simcheck.store.rows import FILE_COLUMNS, WORK_COLUMNS, FileState, StoredFile, file_facts, stored_file, stored_files

__all__ = ["StoreReader"]

_VISIBLE = "EXISTS (SELECT 1 FROM files f WHERE f.work_id = w.id)"
"""A work that no path leads to is kept until it is pruned, but nobody sees it."""
_COMPARABLE = "(s.name, s.version, s.weights, s.params, s.preprocessing) = (?, ?, ?, ?, ?)"
_AT_ONCE = 64
"""Works that one statement asks for: so many are in memory at the same time while all are read."""


class StoreReader:
    """The reading half of `Store`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._file = path / FILE_NAME
        self._connection = connection
        self._kept = Kept(KEEP_BYTES)
        self._writes = 0
        """Batches of this very connection, which ``PRAGMA data_version`` does not count."""

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """A random UUID, given when the index was made and never changed."""
        return str(self._rows("SELECT id FROM meta")[0][0])

    @property
    def name(self) -> str:
        """The portfolio's name."""
        return str(self._rows("SELECT name FROM meta")[0][0])

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self._rows("SELECT created FROM meta")[0][0])

    @property
    def updated(self) -> datetime:
        return datetime.fromisoformat(self._rows("SELECT updated FROM meta")[0][0])

    @property
    def version(self) -> int:
        """A number that changes when another connection has written to the index; it means nothing beyond this one."""
        return int(self._rows("PRAGMA data_version")[0][0])

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that were indexed, absolute, in the order in which they were added."""
        return tuple(unpack_path(path) for (path,) in self._rows("SELECT path FROM roots ORDER BY id"))

    def derived_path(self, identity: SignalIdentity, suffix: str = ".vectors") -> Path:
        """Where a file that is derived from these descriptors lies: ``<signal>-<12 hex digits><suffix>``."""
        signal = re.sub(r"[^A-Za-z0-9_-]", "_", identity.name)
        return self.path / f"{signal}-{identity_digest(identity)[:12]}{suffix}"

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

    # -- descriptors --------------------------------------------------------------------------------------------

    def identities(self) -> tuple[SignalIdentity, ...]:
        """What descriptors are stored under. Two may be comparable and differ in their libraries only."""
        rows = self._rows(
            "SELECT name, version, weights, params, preprocessing, libraries FROM signals s WHERE EXISTS "
            f"(SELECT 1 FROM descriptors d JOIN works w ON w.id = d.work_id WHERE d.signal_id = s.id AND {_VISIBLE}) "
            "ORDER BY name, version, id"
        )
        return tuple(SignalIdentity(*row) for row in rows)

    def described(self, identity: SignalIdentity) -> int:
        """How many works have comparable descriptors."""
        return len(self._described(identity))

    def undescribed(self, identities: Sequence[SignalIdentity]) -> tuple[Work, ...]:
        """The works of which none of these signals has anything to say: they abstained, or failed."""
        said: set[int] = set()
        for identity in identities:
            rows = self._rows(
                "SELECT DISTINCT d.work_id FROM descriptors d JOIN signals s ON s.id = d.signal_id "
                f"WHERE {_COMPARABLE} AND d.rows > 0",
                identity.comparable,
            )
            said.update(work_id for (work_id,) in rows)
        return tuple(work for work in self.works() if work.id not in said)

    def description(self, work_id: int, identity: SignalIdentity) -> Description | None:
        """What a comparable signal says of the work, or None when it was not described."""
        return next((description for _, description in self.descriptions(identity, [work_id])), None)

    def descriptions(
        self, identity: SignalIdentity, work_ids: Sequence[int] | None = None
    ) -> Iterator[tuple[int, Description]]:
        """``(work id, description)`` of all works, or of ``work_ids``, by id.

        They are read some at a time, so that a long reading never holds up a writer, and kept as far as `KEEP_BYTES`
        allows. Raises StoreError for what is not as it was written.
        """
        chosen = self._described(identity) if work_ids is None else sorted(set(work_ids))
        for start in range(0, len(chosen), _AT_ONCE):
            for work_id, description in self._some_descriptions(chosen[start : start + _AT_ONCE], identity):
                if description is not None:  # else it was pruned since we looked
                    yield work_id, description

    def seals(self, identity: SignalIdentity) -> dict[int, str]:
        """For each work with comparable descriptors what changes whenever these do: who derived something from them,
        and kept this, knows whether it still holds. It is the checksum of region 0, which covers all of them."""
        rows = self._rows(
            "SELECT d.work_id, d.checksum, d.id FROM descriptors d JOIN signals s ON s.id = d.signal_id "
            f"JOIN works w ON w.id = d.work_id WHERE {_COMPARABLE} AND d.region = 0 AND {_VISIBLE} ORDER BY d.work_id",
            identity.comparable,
        )
        # an index of an older format that is only read has no checksums, but it gives no number twice
        return {work_id: f"row {row}" if seal is None else seal.hex() for work_id, seal, row in rows}

    def stamp(self, identity: SignalIdentity) -> str:
        """32 hex digits that change whenever the set of descriptors comparable to ``identity`` changes."""
        rows = self._rows(
            f"SELECT s.id, s.changes FROM signals s WHERE {_COMPARABLE} ORDER BY s.id", identity.comparable
        )
        state = json.dumps([self.id, identity_digest(identity), [list(row) for row in rows if row[1]]])
        return hashlib.sha256(state.encode()).hexdigest()[:32]

    def lacking(self, work_id: int, identities: Sequence[SignalIdentity]) -> tuple[SignalIdentity, ...]:
        """Those of ``identities`` that this work still has to be described under.

        A recorded failure counts as done for the same simcheck and the same libraries: the same would happen again.
        """
        columns = "s.name, s.version, s.weights, s.params, s.preprocessing"
        described = set(
            self._rows(
                f"SELECT {columns} FROM descriptors d JOIN signals s ON s.id = d.signal_id "
                "WHERE d.work_id = ? AND d.region = 0",
                (work_id,),
            )
        )
        failed = set(
            self._rows(
                f"SELECT {columns}, s.libraries FROM failures x JOIN signals s ON s.id = x.signal_id "
                "WHERE x.work_id = ? AND x.simcheck = ?",
                (work_id, __version__),
            )
        )
        return tuple(
            identity
            for identity in identities
            if identity.comparable not in described and (*identity.comparable, identity.libraries) not in failed
        )

    # -- marks --------------------------------------------------------------------------------------------------

    def marks(self) -> tuple[Mark, ...]:
        """The artist's marks, in the order in which they were added."""
        return tuple(
            Mark(*row) for row in self._rows("SELECT id, name, sha256, picture, origin, added FROM marks ORDER BY id")
        )

    def mark_places(self, mark_id: int) -> dict[int, MarkPlace]:
        """Work id -> where that work bears the mark, for the works that do."""
        rows = self._rows(
            "SELECT p.work_id, p.x0, p.y0, p.x1, p.y1, p.turn, p.mirrored, p.score FROM mark_places p "
            f"JOIN works w ON w.id = p.work_id WHERE p.mark_id = ? AND p.x0 IS NOT NULL AND {_VISIBLE} ORDER BY w.id",
            (mark_id,),
        )
        return {
            work_id: MarkPlace((x0, y0, x1, y1), turn, bool(mirrored), score)
            for work_id, x0, y0, x1, y1, turn, mirrored, score in rows
        }

    def unsearched(self, mark_id: int, method: int) -> tuple[Work, ...]:
        """The works in which this mark has not been looked for yet by this ``method``."""
        searched = "EXISTS (SELECT 1 FROM mark_places p WHERE p.work_id = w.id AND p.mark_id = ? AND p.method = ?)"
        return self._works(f"NOT {searched}", (mark_id, method))

    # -- inside -------------------------------------------------------------------------------------------------

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with translated(self._file):
            return self._connection.execute(sql, values).fetchall()

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

    def _some_descriptions(
        self, work_ids: Sequence[int], identity: SignalIdentity
    ) -> list[tuple[int, Description | None]]:
        """Of these works, by one statement for those that are not kept."""
        unfinished = self._connection.in_transaction  # what is read then may never be
        kept = self._kept.of(object() if unfinished else (self._writes, self.version))
        found = {work_id: kept[identity, work_id] for work_id in work_ids if (identity, work_id) in kept}
        if wanted := [work_id for work_id in work_ids if work_id not in found]:
            read = dict(self._descriptions(wanted, identity))
            for work_id in wanted:
                found[work_id] = kept[identity, work_id] = read.get(work_id)
        return [(work_id, found[work_id]) for work_id in work_ids]

    def _descriptions(self, work_ids: Sequence[int], identity: SignalIdentity) -> Iterator[tuple[int, Description]]:
        rows = self._rows(
            "SELECT w.id, w.sha256, w.width, w.height, d.checksum, d.region, d.x0, d.y0, d.x1, d.y1, d.reason, "
            "d.dtype, d.rows, d.columns, d.data "
            "FROM descriptors d JOIN works w ON w.id = d.work_id JOIN signals s ON s.id = d.signal_id "
            f"WHERE d.work_id IN ({', '.join('?' * len(work_ids))}) AND {_COMPARABLE} AND {_VISIBLE} "
            "ORDER BY w.id, d.region",
            (*work_ids, *identity.comparable),
        )
        for (work_id, sha256, width, height), group in groupby(rows, key=lambda row: row[:4]):
            known, packed = zip(*((row[4], row[5:]) for row in group), strict=True)
            with translated(self._file):
                description = _description(sha256, identity, packed, known, width, height)
            yield work_id, description

    def _described(self, identity: SignalIdentity) -> list[int]:
        rows = self._rows(
            "SELECT d.work_id FROM descriptors d JOIN signals s ON s.id = d.signal_id JOIN works w ON w.id = d.work_id "
            f"WHERE {_COMPARABLE} AND d.region = 0 AND {_VISIBLE} ORDER BY d.work_id",
            identity.comparable,
        )
        return [work_id for (work_id,) in rows]


def _description(
    work: str, identity: SignalIdentity, rows: Sequence[Packed], known: Sequence[bytes | None], width: int, height: int
) -> Description:
    """Raises Damage, which says of which work and signal."""
    try:
        if any(not isinstance(row[-1], bytes) for row in rows):
            raise Damage("holds something else than bytes")
        if known[0] is not None and description_checksums(work, identity, rows) != list(known):
            raise Damage("is not as it was written")
        regions, descriptors = [], []
        for number, x0, y0, x1, y1, reason, dtype, count, columns, data in rows:
            regions.append(Region(number, (x0, y0, x1, y1)))
            descriptors.append(unpack_descriptor(dtype, count, columns, data, reason))
    except (Damage, TypeError, ValueError) as error:
        raise Damage(f"what {identity.name} says of the work {work} {error}") from error
    return Description(tuple(regions), tuple(descriptors), width, height)
