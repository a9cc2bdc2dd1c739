"""One writer at a time. The operating system frees the lock when its holder ends, however it ends."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import filelock

from simcheck.errors import StoreBusy, StoreError
from simcheck.records import Notice, Watcher
from simcheck.store.schema import now

__all__ = ["LOCK_NAME", "WRITER_NAME", "WriterLock"]

LOCK_NAME = "writer.lock"
WRITER_NAME = "writer.json"
"""Who holds the lock, for the message to the one who waits. Only the lock counts: this file may be a dead writer's."""


class WriterLock:
    """Held from construction to `release`. Waits up to ``wait_seconds``, with one notice that says for whom.

    Raises StoreBusy when the other writer is still there after that, StoreError when the folder cannot be locked.
    """

    def __init__(self, folder: Path, wait_seconds: float, watcher: Watcher) -> None:
        self._folder = folder
        # No soft lock where the file system cannot lock: it would outlive a killed process.
        self._lock = filelock.FileLock(folder / LOCK_NAME, thread_local=False, fallback_to_soft=False)
        try:
            self._acquire(wait_seconds, watcher)
            self._sign()
        except OSError as error:
            self._lock.release()
            raise StoreError(
                f"The index {folder} cannot be locked for writing ({error}). Check that you may write to the folder; "
                "on a network drive, keep the index on a local disk instead (--index)."
            ) from error

    def _acquire(self, wait_seconds: float, watcher: Watcher) -> None:
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            pass
        else:
            return
        writer = self._writer()
        if wait_seconds > 0:
            watcher.notice(Notice("index_busy", f"Waiting for {writer}, which is writing to the index {self._folder}."))
        try:
            self._lock.acquire(timeout=max(0.0, wait_seconds), poll_interval=0.1)
        except filelock.Timeout as error:
            raise StoreBusy(
                f"{writer[0].upper()}{writer[1:]} is still writing to the index {self._folder} "
                f"(waited {wait_seconds:g} s). Try again when it has finished."
            ) from error

    def _writer(self) -> str:
        try:
            writer = json.loads((self._folder / WRITER_NAME).read_text("utf-8"))
            return f"another simcheck (process {writer['pid']} on {writer['host']}, since {writer['started']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another simcheck"  # it holds the lock but has not signed yet; there is no more to be told

    def _sign(self) -> None:
        signature = {"pid": os.getpid(), "host": socket.gethostname(), "started": now()}
        unfinished = self._folder / f"{WRITER_NAME}.part"
        unfinished.write_text(json.dumps(signature) + "\n", "utf-8")
        unfinished.replace(self._folder / WRITER_NAME)

    def release(self) -> None:
        (self._folder / WRITER_NAME).unlink(missing_ok=True)
        self._lock.release()
