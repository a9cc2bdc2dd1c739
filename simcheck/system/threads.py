"""Threads for work that numpy and OpenCV do without Python's lock, and how many of their own BLAS may start meanwhile.

The limit on BLAS is one setting of the whole process, so it is kept here, counted: it stands while any pool is open and
is what it was before once the last one has closed, in whatever order pools open and close.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

__all__ = ["every_core", "processors", "thread_pool"]


def processors() -> int:
    """How many this process may use: fewer than the machine has where a container or a person says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Blas:
    """Threads of matrix products: as they were while no pool is open, else one, and all cores within `every_core`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools = self._wide = 0
        self._before: Any = None

    def change(self, pools: int = 0, wide: int = 0) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            self._pools += pools
            self._wide += wide
            if not self._pools and not self._wide:
                self._before.restore_original_limits()
                self._before = None
                return
            now = threadpool_limits(limits=processors() if self._wide else 1, user_api="blas")
            self._before = self._before or now


_BLAS = _Blas()


@contextmanager
def thread_pool() -> Iterator[ThreadPoolExecutor]:
    """One thread for each processor. Matrix products inside run on one thread each meanwhile: threads that start
    threads of their own wait for one another."""
    _BLAS.change(pools=1)
    try:
        with ThreadPoolExecutor(processors(), thread_name_prefix="simcheck") as pool:
            yield pool
    finally:
        _BLAS.change(pools=-1)


@contextmanager
def every_core() -> Iterator[None]:
    """Within `thread_pool`, while its threads have nothing to do: one matrix product on all cores."""
    _BLAS.change(wide=1)
    try:
        yield
    finally:
        _BLAS.change(wide=-1)
