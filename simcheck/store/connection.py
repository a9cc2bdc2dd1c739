"""Open the SQLite file for writing or reading, and say what SQLite's errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simcheck.errors import StoreBusy, StoreError
from simcheck.store.packing import Damage

__all__ = ["ANEW", "REPAIR", "connect_reader", "connect_writer", "translated"]

REPAIR = "What is damaged is described again by: simcheck index --check FOLDER (the folder of the pictures)."
"""What to do about damage to rows."""
ANEW = "Move the folder away and run `simcheck index` on them again."
"""What to do about damage to more than rows."""
_PATIENCE_SECONDS = 30.0
"""For the moments when SQLite itself must lock (a checkpoint, the switch to WAL), not for whole runs."""


def connect_writer(file: Path) -> sqlite3.Connection:
    """The caller holds the writer lock. Creates the file when it is not there."""
    with translated(file):
        connection = sqlite3.connect(file, timeout=_PATIENCE_SECONDS, isolation_level=None)
    try:
        with translated(file):
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL: a batch is seconds of work, so one flush to disk each is cheap, and a power cut loses one batch.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(file: Path) -> sqlite3.Connection:
    """Read-only, beside a writer. On media that cannot be written, the file is read as one that never changes."""
    try:
        with translated(file):
            return _read_only(file, "mode=ro")
    except StoreError as error:
        code = _primary_code(error.__cause__)
        if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or os.access(file.parent, os.W_OK):
            raise
    # SQLite could not place its two side files. Reading without them is right only if nothing waits in the log.
    log = file.with_name(file.name + "-wal")
    if log.exists() and log.stat().st_size > 0:
        raise StoreError(
            f"The index {file.parent} cannot be written to, and its last run was not finished. "
            "Copy the whole folder to a place that you can write to and use it from there (--index)."
        )
    with translated(file):
        return _read_only(file, "mode=ro&immutable=1")


def _read_only(file: Path, options: str) -> sqlite3.Connection:
    place = f"{file.as_uri()}?{options}"
    connection = sqlite3.connect(place, uri=True, timeout=_PATIENCE_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens the file for real
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """Errors of the disk and of a damaged file become StoreError; mistakes in our own SQL stay what they are."""
    try:
        yield
    except Damage as error:
        raise StoreError(
            f"The index {file.parent} is damaged: {error}. Your pictures are not touched. "
            f"{ANEW if error.lasting else REPAIR}"
        ) from error
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except sqlite3.DatabaseError as error:
        raise _meaning(error, file) from error
    except UnicodeDecodeError as error:  # SQLite quotes a garbled schema in its message, which Python cannot read
        raise _meaning(sqlite3.DatabaseError(f"its tables are garbled: {error}"), file) from error


def _meaning(error: sqlite3.DatabaseError, file: Path) -> StoreError:
    folder = file.parent
    code = _primary_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"The index {folder} is in use by another program ({error}). Try again when it has finished.")
    if code == sqlite3.SQLITE_FULL:
        return StoreError(
            f"The disk that holds the index {folder} is full. Free some space and run the command again: "
            "everything up to the last finished batch is kept."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StoreError(f"The index {folder} cannot be written to ({error}). Check the permissions of the folder.")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return StoreError(
            f"The index file {file} could not be read or written ({error}). Check that the disk is connected and "
            "that you may write to the folder, then run the command again."
        )
    return StoreError(
        f"The index file {file} is damaged or not an index of simcheck ({error}). Your pictures are not touched. {ANEW}"
    )


def _primary_code(error: BaseException | None) -> int:
    """SQLite's error code without its extended part; an error that Python itself raised has none."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF
