"""Read all of an index, say what in it is damaged, and take that out."""
# ruff: noqa: S608 - the SQL is put together from constants of this module; values are always bound.

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simcheck.records import SignalIdentity
from simcheck.store.packing import Damage, held_against
from simcheck.store.rows import (
    FILE_COLUMNS,
    WORK_COLUMNS,
    checked_description,
    file_facts,
    name_of,
    stored_file,
    stored_mark,
    stored_place,
)
from simcheck.store.soundness import structure_of

__all__ = ["Fault", "Found", "faults_of", "take_out"]

MOST_FAULTS = 20
"""Faults of SQLite's structure that are listed."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written. ``table`` is empty where it cannot be taken out by itself."""

    said: str
    table: str = ""
    rows: tuple[int, ...] = ()
    """Their ``rowid`` in that table."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and its faults."""

    faults: tuple[Fault, ...]
    works: int = 0
    descriptions: int = 0


def faults_of(connection: sqlite3.Connection, sealed: bool, progress: Progress) -> Found:
    """Read everything. ``sealed``: in this format every row has a checksum."""
    if broken := structure_of(connection, MOST_FAULTS):
        return Found(tuple(map(Fault, broken)))
    (works,) = connection.execute("SELECT count(*) FROM works").fetchone()
    described = list(_of_descriptions(connection, sealed, progress))
    faults = (*_of_meta(connection), *_of_rows(connection, sealed), *(fault for fault in described if fault))
    return Found(faults, works, len(described))


def take_out(connection: sqlite3.Connection, fault: Fault) -> None:
    """Delete the rows of a fault, with what rests on them."""
    for row in fault.rows:
        if fault.table == "works":
            connection.execute("DELETE FROM files WHERE work_id = ?", (row,))
        connection.execute(f"DELETE FROM {fault.table} WHERE rowid = ?", (row,))


def _of_meta(connection: sqlite3.Connection) -> Iterator[Fault]:
    *about, known = connection.execute("SELECT id, name, created, checksum FROM meta").fetchone()
    try:
        held_against(known, about, "what the index says of itself")
    except Damage as damage:
        yield Fault(str(damage))


def _of_rows(connection: sqlite3.Connection, sealed: bool) -> Iterator[Fault]:
    tables: tuple[tuple[str, str, Callable[[Sequence[Any]], object]], ...] = (
        ("works", f"SELECT w.id, {WORK_COLUMNS} FROM works w", file_facts),
        ("files", f"SELECT f.id, {FILE_COLUMNS} FROM files f JOIN roots r ON r.id = f.root_id", stored_file),
        ("marks", "SELECT id, id, name, sha256, origin, added, picture, checksum FROM marks", _mark),
        (
            "mark_places",
            "SELECT rowid, mark_id, work_id, method, score, x0, y0, x1, y1, turn, mirrored, checksum FROM mark_places",
            _place,
        ),
    )
    for table, sql, reads in tables:
        if table == "mark_places" and not sealed:
            continue  # in format 1 there are none, and no number of their rows
        for number, *row in connection.execute(sql).fetchall():
            try:
                if sealed and row[-1] is None:
                    raise Damage(f"row {number} of {table} has no checksum")
                reads(row)
            except Damage as damage:
                yield Fault(str(damage), table, (number,))


def _mark(row: Sequence[Any]) -> None:
    mark = stored_mark(row)
    if hashlib.sha256(mark.picture).hexdigest() != mark.sha256:
        raise Damage(f"the picture of the mark {mark.name!r} is not as it was added; add it again")


def _place(row: Sequence[Any]) -> None:
    if row[4] is None:  # the work does not bear the mark
        held_against(row[-1], row[:-1], f"that work {row[1]} does not bear the mark {row[0]}")
    else:
        stored_place(row)


def _of_descriptions(connection: sqlite3.Connection, sealed: bool, progress: Progress) -> Iterator[Fault | None]:
    """For each description its fault or None."""
    signals = connection.execute("SELECT id, name, version, weights, params, preprocessing FROM signals").fetchall()
    pairs = [
        (signal_id, SignalIdentity(*identity), work_id)
        for signal_id, *identity in signals
        for (work_id,) in connection.execute(
            "SELECT DISTINCT work_id FROM descriptors WHERE signal_id = ? ORDER BY work_id", (signal_id,)
        ).fetchall()
    ]
    for done, (signal_id, identity, work_id) in enumerate(pairs, 1):
        rows = connection.execute(
            "SELECT d.id, w.sha256, d.checksum, d.region, d.x0, d.y0, d.x1, d.y1, d.reason, d.dtype, d.rows, "
            "d.columns, d.data FROM descriptors d JOIN works w ON w.id = d.work_id "
            "WHERE d.signal_id = ? AND d.work_id = ? ORDER BY d.region",
            (signal_id, work_id),
        ).fetchall()
        known = [row[2] for row in rows]
        try:
            if sealed and None in known:
                raise Damage("has no checksum")
            checked_description(str(rows[0][1]), identity, [row[3:] for row in rows], known)
        except Damage as damage:
            said = f"what {identity.name} says of {name_of(connection, work_id)} {damage}"
            yield Fault(said, "descriptors", tuple(row[0] for row in rows))
        else:
            yield None
        progress(done, len(pairs))
