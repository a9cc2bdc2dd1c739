"""`Store`: open an index for reading or writing, and hand out batches that write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from simcheck.errors import StoreError, StoreMissing
from simcheck.records import Notice, Silent, Watcher
from simcheck.store import schema
from simcheck.store.batch import Batch
from simcheck.store.checking import Found, faults_of
from simcheck.store.connection import connect_reader, connect_writer, translated
from simcheck.store.folder import FILE_NAME, prepare_folder, write_readme
from simcheck.store.lock import WriterLock
from simcheck.store.reading import StoreReader
from simcheck.store.rows import RunOutcome
from simcheck.store.soundness import verify

__all__ = ["Store"]


class Store(StoreReader):
    """An open index. A context manager; use it in the thread that opened it, and open one for each thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        super().__init__(path, connection)
        self._lock = lock

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        write: bool = False,
        create: bool = False,
        name: str = "",
        wait_seconds: float = 600,
        watcher: Watcher | None = None,
    ) -> Self:
        """Open the index in the folder ``path``; with ``create``, make it (called ``name``) where there is none.

        A writer waits up to ``wait_seconds`` for another one, and tells ``watcher`` so; readers never wait. A writer
        brings an index of an older format up to date first; a reader takes it as it is. Raises StoreMissing,
        StoreTooNew, StoreBusy, StoreError.
        """
        assert write or not create, "only a writer can create an index"
        path = path.absolute()
        watcher = watcher or Silent()
        if write:
            return cls._open_writer(path, create, name, wait_seconds, watcher)
        if not (path / FILE_NAME).is_file():
            raise _missing(path)
        connection = connect_reader(path / FILE_NAME)
        try:
            with translated(path / FILE_NAME):
                if schema.is_blank(connection):
                    raise _missing(path)
                schema.show_as_latest(connection, schema.format_of(connection, path / FILE_NAME), path / FILE_NAME)
                verify(connection, path / FILE_NAME)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection, None)

    @classmethod
    def _open_writer(cls, path: Path, create: bool, name: str, wait_seconds: float, watcher: Watcher) -> Self:
        file = path / FILE_NAME
        if not create and not file.is_file():
            raise _missing(path)
        prepare_folder(path)
        lock = WriterLock(path, wait_seconds, watcher)
        connection: sqlite3.Connection | None = None
        try:
            connection = connect_writer(file)
            with translated(file):
                if schema.is_blank(connection):
                    if not create:
                        raise _missing(path)
                    schema.create(connection, name)
                for step in schema.migrate(connection, file):
                    watcher.notice(Notice("index_migrated", f"The index {path} was brought up to date ({step})."))
                verify(connection, file)
            store = cls(path, connection, lock)
            store._mark_killed_runs()
            write_readme(path, store.id, store.name)
        except BaseException:
            if connection is not None:
                connection.close()
            lock.release()
            raise
        return store

    def close(self) -> None:
        try:
            with translated(self._file):
                self._connection.close()
        finally:
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def look_through(self, progress: Callable[[int, int], None]) -> Found:
        """Read everything. What is damaged can be taken out (`Batch.take_out`)."""
        with translated(self._file):
            ((found,),) = self._rows("SELECT format_version FROM meta")
            return faults_of(self._connection, found == schema.FORMAT_VERSION, progress)

    # -- writing ------------------------------------------------------------------------------------------------

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """One transaction: what is written in it is kept when the block ends, and nothing when it raises."""
        if self._lock is None:
            raise StoreError(f"The index {self.path} was opened for reading only; open it with write=True.")
        with translated(self._file):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                batch = Batch(self._connection)
                yield batch
                batch.close()
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
            finally:
                self._writes += 1

    def _mark_killed_runs(self) -> None:
        """Nobody else writes now, so a run that still seems to be running never came to its end."""
        if self._rows("SELECT 1 FROM runs WHERE outcome = ?", (RunOutcome.RUNNING,)):
            with self.batch() as batch:
                batch.mark_killed_runs()

    def pack(self) -> None:
        """Leave a single file behind, fit to be shipped or put on read-only media; a later writer undoes this."""
        if self._lock is None:
            raise StoreError(f"The index {self.path} was opened for reading only; open it with write=True.")
        with translated(self._file):
            self._connection.execute("VACUUM")
            (mode,) = self._connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise StoreError(f"The index {self.path} is being read; close the other programs and try again.")


def _missing(path: Path) -> StoreMissing:
    return StoreMissing(
        f"There is no index in {path}. Make one from a folder of pictures with: simcheck index FOLDER "
        "(or name another index with --index)."
    )
