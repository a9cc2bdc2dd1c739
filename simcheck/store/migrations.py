"""The way from each older format of an index to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from simcheck.records import SignalIdentity
from simcheck.store.packing import checksum, description_checksums

__all__ = ["MARKS_3", "MIGRATIONS", "Migration"]

MARKS = """
CREATE TABLE marks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    picture BLOB NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('given', 'found')),
    added TEXT NOT NULL
);
CREATE TABLE mark_places (
    mark_id INTEGER NOT NULL REFERENCES marks (id) ON DELETE CASCADE,
    work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
    method INTEGER NOT NULL,
    score REAL NOT NULL,
    x0 REAL,
    y0 REAL,
    x1 REAL,
    y1 REAL,
    turn REAL,
    mirrored INTEGER,
    PRIMARY KEY (mark_id, work_id)
);
CREATE INDEX mark_places_by_work ON mark_places (work_id)
"""
"""The tables that came with format 2."""
MARKS_3 = MARKS.replace("added TEXT NOT NULL", "added TEXT NOT NULL,\n    checksum BLOB").replace(
    "mirrored INTEGER,", "mirrored INTEGER,\n    checksum BLOB,"
)
"""As they are in format 3."""


@dataclass(frozen=True, slots=True)
class Migration:
    """Takes an index of format ``before`` to ``before + 1``. ``apply`` must not commit; the number is set for it.

    By ``show`` a reader, who changes nothing, sees what ``apply`` would make: temporary tables and views, which SQLite
    looks at before those of the file.
    """

    name: str
    before: int
    apply: Callable[[sqlite3.Connection], None]
    show: Callable[[sqlite3.Connection], None]


def _add_marks(connection: sqlite3.Connection) -> None:
    # Each statement by itself: executescript() would commit what came before.
    for statement in MARKS.split(";"):
        connection.execute(statement)


def _show_no_marks(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TEMP TABLE marks (id, name, sha256, picture, origin, added)")
    connection.execute(
        "CREATE TEMP TABLE mark_places (mark_id, work_id, method, score, x0, y0, x1, y1, turn, mirrored)"
    )


_NEW_IN_3 = {
    "meta": ("checksum BLOB",),
    "works": ("checksum BLOB",),
    "files": ("ctime_ns INTEGER", "file_id TEXT", "mounted INTEGER", "checksum BLOB"),
    "descriptors": ("checksum BLOB",),
    "marks": ("checksum BLOB",),
    "mark_places": ("checksum BLOB",),
}
_SEALED_IN_3 = {
    "meta": "SELECT rowid, id, name, created FROM meta",
    "works": "SELECT id, id, sha256, size_bytes, format, mode, width, height, frames, decoder, notes FROM works",
    "files": "SELECT f.id, r.path, f.relative, f.size_bytes, f.mtime_ns, f.ctime_ns, f.file_id, f.mounted, f.work_id, "
    "f.state, f.code, f.reason, f.simcheck, f.run_id FROM files f JOIN roots r ON r.id = f.root_id",
    "marks": "SELECT id, name, sha256, origin, added FROM marks",
    "mark_places": "SELECT rowid, mark_id, work_id, method, score, x0, y0, x1, y1, turn, mirrored FROM mark_places",
}
"""By table its number and what the checksum of a row is of."""


def _add_checksums(connection: sqlite3.Connection) -> None:
    """What is there is taken for right: only from now on can damage be told."""
    for table, columns in _NEW_IN_3.items():
        for column in columns:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for table, sealed in _SEALED_IN_3.items():
        rows = connection.execute(sealed).fetchall()
        connection.executemany(
            f"UPDATE {table} SET checksum = ? WHERE rowid = ?",  # noqa: S608
            [(checksum(row[1:]), row[0]) for row in rows],
        )
    signals = connection.execute("SELECT id, name, version, weights, params, preprocessing FROM signals").fetchall()
    for signal_id, *signal in signals:
        works = connection.execute(
            "SELECT id, sha256 FROM works WHERE id IN (SELECT work_id FROM descriptors WHERE signal_id = ?)",
            (signal_id,),
        ).fetchall()
        for work_id, sha256 in works:
            rows = connection.execute(
                "SELECT id, region, x0, y0, x1, y1, reason, dtype, rows, columns, data FROM descriptors "
                "WHERE signal_id = ? AND work_id = ? ORDER BY region",
                (signal_id, work_id),
            ).fetchall()
            seals = description_checksums(sha256, SignalIdentity(*signal), [row[1:] for row in rows])
            connection.executemany(
                "UPDATE descriptors SET checksum = ? WHERE id = ?",
                [(seal, row[0]) for seal, row in zip(seals, rows, strict=True)],
            )
    connection.execute("CREATE INDEX descriptions ON descriptors (signal_id, work_id, checksum) WHERE region = 0")


def _show_no_checksums(connection: sqlite3.Connection) -> None:
    temporary = {name for (name,) in connection.execute("SELECT name FROM sqlite_temp_master")}
    for table, columns in _NEW_IN_3.items():
        if table in temporary:
            for column in columns:
                connection.execute(f"ALTER TABLE temp.{table} ADD COLUMN {column}")
        else:
            more = ", ".join(f"NULL AS {column.split()[0]}" for column in columns)
            connection.execute(f"CREATE TEMP VIEW {table} AS SELECT *, {more} FROM main.{table}")  # noqa: S608


MIGRATIONS: tuple[Migration, ...] = (
    Migration("marks", 1, _add_marks, _show_no_marks),
    Migration("checksums", 2, _add_checksums, _show_no_checksums),
)
"""A new format adds one here and a golden index of its own to the tests; what a step does never changes again."""
