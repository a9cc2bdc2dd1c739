"""The way from each older format of an index to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from simcheck.records import SignalIdentity
from simcheck.store.packing import checksum, description_checksums

__all__ = ["MARKS", "MIGRATIONS", "Migration"]

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


@dataclass(frozen=True, slots=True)
class Migration:
    """Takes an index of format ``before`` to ``before + 1``. ``apply`` must not commit; the number is set for it.

    ``shown`` are statements by which a reader, who changes nothing, sees what ``apply`` would make: temporary tables
    and views, which SQLite looks at before those of the file.
    """

    name: str
    before: int
    apply: Callable[[sqlite3.Connection], None]
    shown: tuple[str, ...]


def _add_marks(connection: sqlite3.Connection) -> None:
    # Each statement by itself: executescript() would commit what came before.
    for statement in MARKS.split(";"):
        connection.execute(statement)


_NO_MARKS = (
    "CREATE TEMP TABLE marks (id, name, sha256, picture, origin, added)",
    "CREATE TEMP TABLE mark_places (mark_id, work_id, method, score, x0, y0, x1, y1, turn, mirrored)",
)


def _add_checksums(connection: sqlite3.Connection) -> None:
    """What is there is taken for right: only from now on can damage be told."""
    for table, column in (
        ("works", "checksum BLOB"),
        ("files", "ctime_ns INTEGER"),
        ("files", "file_id TEXT"),
        ("files", "checksum BLOB"),
        ("descriptors", "checksum BLOB"),
    ):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for (row_id,) in connection.execute("SELECT id FROM works").fetchall():
        row = connection.execute(
            "SELECT id, sha256, size_bytes, format, mode, width, height, frames, decoder, notes FROM works "
            "WHERE id = ?",
            (row_id,),
        ).fetchone()
        connection.execute("UPDATE works SET checksum = ? WHERE id = ?", (checksum(row), row_id))
    for (row_id,) in connection.execute("SELECT id FROM files").fetchall():
        row = connection.execute(
            "SELECT r.path, f.relative, f.size_bytes, f.mtime_ns, f.ctime_ns, f.file_id, f.work_id, f.state, f.code, "
            "f.reason, f.simcheck, f.run_id FROM files f JOIN roots r ON r.id = f.root_id WHERE f.id = ?",
            (row_id,),
        ).fetchone()
        connection.execute("UPDATE files SET checksum = ? WHERE id = ?", (checksum(row), row_id))
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


_NO_CHECKSUMS = (
    "CREATE TEMP VIEW works AS SELECT *, NULL AS checksum FROM main.works",
    "CREATE TEMP VIEW files AS SELECT *, NULL AS ctime_ns, NULL AS file_id, NULL AS checksum FROM main.files",
    "CREATE TEMP VIEW descriptors AS SELECT *, NULL AS checksum FROM main.descriptors",
)

MIGRATIONS: tuple[Migration, ...] = (
    Migration("marks", 1, _add_marks, _NO_MARKS),
    Migration("checksums", 2, _add_checksums, _NO_CHECKSUMS),
)
"""A new format adds one here and a golden index of its own to the tests; what a step does never changes again."""
