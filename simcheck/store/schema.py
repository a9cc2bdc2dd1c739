"""The tables of an index, its format version and the way from older formats to this one.

What every format keeps for ever: the file name, SQLite, ``application_id`` and ``meta.format_version``; by these an
old simcheck recognises a newer index and says so instead of failing on it.
"""

from __future__ import annotations

import sqlite3
import uuid
from datetime import UTC, datetime
from pathlib import Path

from simcheck import __version__
from simcheck.errors import StoreError, StoreTooNew
from simcheck.store.migrations import MARKS_3, MIGRATIONS, Migration
from simcheck.store.packing import Damage, checksum

__all__ = [
    "APPLICATION_ID",
    "FORMAT_VERSION",
    "SCHEMA",
    "create",
    "format_of",
    "is_blank",
    "migrate",
    "now",
    "seal_meta",
    "show_as_latest",
]

FORMAT_VERSION = 3
APPLICATION_ID = 0x73696D63
"""``simc`` in ASCII, in the header of the SQLite file (``PRAGMA application_id``)."""

SCHEMA = """
CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    format_version INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    simcheck TEXT NOT NULL,
    checksum BLOB
);
CREATE TABLE roots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    display TEXT NOT NULL
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started TEXT NOT NULL,
    finished TEXT,
    command TEXT NOT NULL,
    environment TEXT NOT NULL,
    counts TEXT NOT NULL DEFAULT '{}',
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'done', 'interrupted', 'failed', 'killed'))
);
CREATE TABLE works (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    size_bytes INTEGER NOT NULL,
    format TEXT NOT NULL,
    mode TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    decoder TEXT NOT NULL,
    notes TEXT NOT NULL,
    checksum BLOB
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id INTEGER NOT NULL REFERENCES roots (id),
    relative BLOB NOT NULL,
    display TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    work_id INTEGER REFERENCES works (id),
    state TEXT NOT NULL CHECK (state IN ('ok', 'skipped', 'missing')),
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    simcheck TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    ctime_ns INTEGER,
    file_id TEXT,
    mounted INTEGER,
    checksum BLOB,
    UNIQUE (root_id, relative)
);
CREATE INDEX files_by_work ON files (work_id);
CREATE TABLE signals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    weights TEXT NOT NULL,
    params TEXT NOT NULL,
    preprocessing TEXT NOT NULL,
    libraries TEXT NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (name, version, weights, params, preprocessing, libraries)
);
CREATE TABLE descriptors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
    signal_id INTEGER NOT NULL REFERENCES signals (id),
    region INTEGER NOT NULL,
    x0 REAL NOT NULL,
    y0 REAL NOT NULL,
    x1 REAL NOT NULL,
    y1 REAL NOT NULL,
    reason TEXT,
    dtype TEXT NOT NULL CHECK (dtype IN ('uint8', 'float16')),
    rows INTEGER NOT NULL,
    columns INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum BLOB,
    UNIQUE (signal_id, work_id, region)
);
CREATE INDEX descriptors_by_work ON descriptors (work_id, region, signal_id);
CREATE INDEX descriptions ON descriptors (signal_id, work_id, checksum) WHERE region = 0;
CREATE TABLE failures (
    work_id INTEGER NOT NULL REFERENCES works (id) ON DELETE CASCADE,
    signal_id INTEGER NOT NULL REFERENCES signals (id),
    reason TEXT NOT NULL,
    simcheck TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    PRIMARY KEY (work_id, signal_id)
);
"""
SCHEMA += MARKS_3


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def create(connection: sqlite3.Connection, name: str) -> None:
    """Lay out an empty index, all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, NULL)",
            (FORMAT_VERSION, str(uuid.uuid4()), name, now(), now(), __version__),
        )
        seal_meta(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def seal_meta(connection: sqlite3.Connection) -> None:
    """Write the checksum of what the index says of itself, after a change of that."""
    row = connection.execute("SELECT id, name, created FROM meta").fetchone()
    connection.execute("UPDATE meta SET checksum = ?", (checksum(row),))


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing at all: made by a run that was killed before its first commit."""
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def format_of(connection: sqlite3.Connection, file: Path) -> int:
    """The format version. Raises StoreError for another program's file, StoreTooNew for a later simcheck's."""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise StoreError(
            f"{file} is a SQLite file, but not an index of simcheck. Name another folder with --index, "
            "or move this file away."
        )
    row = connection.execute("SELECT format_version FROM meta").fetchone()
    if row is None or not isinstance(row[0], int):
        raise StoreError(f"{file} is damaged: it does not say its format. Delete its folder and index again.")
    if row[0] > FORMAT_VERSION:
        raise StoreTooNew(
            f"The index {file.parent} was made by a later simcheck (format {row[0]}; this one reads up to "
            f"{FORMAT_VERSION}); update simcheck."
        )
    return int(row[0])


def show_as_latest(connection: sqlite3.Connection, found: int, file: Path) -> None:
    """Let a reader see an index of the older format ``found`` as one of `FORMAT_VERSION`; the file stays as it is.

    Raises StoreError when there is no way from that format.
    """
    connection.execute("PRAGMA temp_store = MEMORY")
    for step in _steps(found, file):
        step.show(connection)


def _steps(found: int, file: Path) -> list[Migration]:
    steps = {step.before: step for step in MIGRATIONS}
    if not set(range(found, FORMAT_VERSION)) <= steps.keys():
        raise StoreError(
            f"The index {file.parent} has format {found}, which this simcheck cannot read any more. "
            "Delete the folder and run `simcheck index` again; your pictures are not touched."
        )
    return [steps[number] for number in range(found, FORMAT_VERSION)]


def migrate(connection: sqlite3.Connection, file: Path) -> tuple[str, ...]:
    """Bring an older index to `FORMAT_VERSION`, each step in its own transaction. Returns the names of the steps.

    Raises StoreError when there is no way from that format, or a step would leave references to nothing.
    """
    found = format_of(connection, file)
    done: list[str] = []
    if found < FORMAT_VERSION and connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise Damage(
            "SQLite finds its structure broken", lasting=True
        )  # else the damage would get checksums that are right
    # Off while tables are rebuilt (SQLite ignores the switch inside a transaction); each step checks at its end.
    connection.execute("PRAGMA foreign_keys = OFF")
    for step in _steps(found, file):
        connection.execute("BEGIN IMMEDIATE")
        try:
            step.apply(connection)
            connection.execute("UPDATE meta SET format_version = ?", (step.before + 1,))
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise StoreError(
                    f"The index {file.parent} could not be brought up to date (step {step.name}): it is damaged. "
                    "It was left as it was. Delete the folder and run `simcheck index` again."
                )
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        done.append(step.name)
    connection.execute("PRAGMA foreign_keys = ON")
    return tuple(done)
