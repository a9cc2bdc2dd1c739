"""What signals said of the works of an index, and which of it serves whom."""
# ruff: noqa: S608 - the SQL is put together from constants of this module; values are always bound.

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from simcheck import __version__
from simcheck.records import Description, SignalIdentity
from simcheck.store.connection import translated
from simcheck.store.folder import FILE_NAME
from simcheck.store.kept import KEEP_BYTES, Kept
from simcheck.store.packing import Damage, identity_digest
from simcheck.store.rows import WORK_COLUMNS, checked_description, file_facts, name_of

__all__ = ["COMPARABLE", "VISIBLE", "DescriptionReader"]

VISIBLE = "EXISTS (SELECT 1 FROM files f WHERE f.work_id = w.id)"
"""A work that no path leads to is kept until it is pruned, but nobody sees it."""
COMPARABLE = "(s.name, s.version, s.weights, s.params, s.preprocessing) = (?, ?, ?, ?, ?)"
AT_ONCE = 64
"""Works that one statement asks for: so many are in memory at the same time while all are read."""


class DescriptionReader:
    """The part of `Store` that reads descriptors."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._file = path / FILE_NAME
        self._connection = connection
        self._kept = Kept(KEEP_BYTES)
        self._writes = 0
        """Batches of this very connection, which ``PRAGMA data_version`` does not count."""

    @property
    def version(self) -> int:
        """A number that changes when another connection has written to the index; it means nothing beyond this one."""
        return int(self._rows("PRAGMA data_version")[0][0])

    def derived_path(self, identity: SignalIdentity, suffix: str = ".vectors") -> Path:
        """Where a file that is derived from these descriptors lies: ``<signal>-<12 hex digits><suffix>``."""
        signal = re.sub(r"[^A-Za-z0-9_-]", "_", identity.name)
        return self.path / f"{signal}-{identity_digest(identity)[:12]}{suffix}"

    def identities(self) -> tuple[SignalIdentity, ...]:
        """What descriptors are stored under. Two may be comparable and differ in their libraries only."""
        rows = self._rows(
            "SELECT name, version, weights, params, preprocessing, libraries FROM signals s WHERE EXISTS "
            f"(SELECT 1 FROM descriptors d JOIN works w ON w.id = d.work_id WHERE d.signal_id = s.id AND {VISIBLE}) "
            "ORDER BY name, version, id"
        )
        return tuple(SignalIdentity(*row) for row in rows)

    def described(self, identity: SignalIdentity) -> int:
        """How many works have comparable descriptors."""
        return len(self._described(identity))

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
        for start in range(0, len(chosen), AT_ONCE):
            for work_id, description in self._some_descriptions(chosen[start : start + AT_ONCE], identity):
                if description is not None:  # else it was pruned since we looked
                    yield work_id, description

    def seals(self, identity: SignalIdentity) -> dict[int, str]:
        """For each work with comparable descriptors what changes whenever these do: who derived something from them,
        and kept this, knows whether it still holds. It is the checksum of region 0, which covers all of them."""
        rows = self._rows(
            "SELECT d.work_id, d.checksum, d.id FROM descriptors d JOIN signals s ON s.id = d.signal_id "
            f"JOIN works w ON w.id = d.work_id WHERE {COMPARABLE} AND d.region = 0 AND {VISIBLE} ORDER BY d.work_id",
            identity.comparable,
        )
        # an index of an older format that is only read has no checksums, but it gives no number twice
        return {work_id: f"row {row}" if seal is None else seal.hex() for work_id, seal, row in rows}

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

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with translated(self._file):
            return self._connection.execute(sql, values).fetchall()

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
            f"SELECT {WORK_COLUMNS}, d.checksum, d.region, d.x0, d.y0, d.x1, d.y1, d.reason, d.dtype, d.rows, "
            "d.columns, d.data "
            "FROM descriptors d JOIN works w ON w.id = d.work_id JOIN signals s ON s.id = d.signal_id "
            f"WHERE d.work_id IN ({', '.join('?' * len(work_ids))}) AND {COMPARABLE} AND {VISIBLE} "
            "ORDER BY w.id, d.region",
            (*work_ids, *identity.comparable),
        )
        size = WORK_COLUMNS.count(",") + 1
        for work, group in groupby(rows, key=lambda row: row[:size]):
            known, packed = zip(*((row[size], row[size + 1 :]) for row in group), strict=True)
            with translated(self._file):
                facts = file_facts(work)
                try:
                    regions, descriptors = checked_description(facts.sha256, identity, packed, known)
                except Damage as damage:
                    raise Damage(
                        f"what {identity.name} says of {name_of(self._connection, work[0])} {damage}"
                    ) from damage
            yield work[0], Description(regions, descriptors, facts.width, facts.height)

    def _described(self, identity: SignalIdentity) -> list[int]:
        rows = self._rows(
            "SELECT d.work_id FROM descriptors d JOIN signals s ON s.id = d.signal_id JOIN works w ON w.id = d.work_id "
            f"WHERE {COMPARABLE} AND d.region = 0 AND {VISIBLE} ORDER BY d.work_id",
            identity.comparable,
        )
        return [work_id for (work_id,) in rows]
