"""What a row of the store's own bookkeeping (files, runs) is outside SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from simcheck.store.packing import unpack_path

__all__ = ["FileState", "RunOutcome", "StoredFile", "stored_files"]


class FileState(StrEnum):
    OK = "ok"
    SKIPPED = "skipped"
    MISSING = "missing"
    """The file was not found by a later run; its work stays until it is pruned."""


class RunOutcome(StrEnum):
    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    KILLED = "killed"
    """The run never wrote its end; the next writer found it so."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A path of the portfolio as a run last saw it. ``work_id`` is None for a file that was never read."""

    root: Path
    relative: Path
    size_bytes: int
    mtime_ns: int
    state: FileState
    run_id: int
    """The run that last saw it."""
    simcheck: str
    """The version of simcheck that last tried to read it."""
    work_id: int | None = None
    code: str = ""
    reason: str = ""

    @property
    def path(self) -> Path:
        return self.root / self.relative


def stored_files(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> Iterator[StoredFile]:
    """The rows that fulfil ``where`` (our own SQL; ``f`` is a file, ``r`` its root), in the order of their paths."""
    rows = connection.execute(
        "SELECT r.path, f.relative, f.size_bytes, f.mtime_ns, f.state, f.run_id, f.simcheck, f.work_id, f.code, "  # noqa: S608
        f"f.reason FROM files f JOIN roots r ON r.id = f.root_id WHERE {where} ORDER BY r.path, f.relative",
        values,
    )
    for root, relative, size_bytes, mtime_ns, state, run_id, simcheck, work_id, code, reason in rows:
        yield StoredFile(
            root=unpack_path(root),
            relative=unpack_path(relative),
            size_bytes=size_bytes,
            mtime_ns=mtime_ns,
            state=FileState(state),
            run_id=run_id,
            simcheck=simcheck,
            work_id=work_id,
            code=code,
            reason=reason,
        )
