"""A pool of threads for work that numpy and OpenCV do without Python's lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["every_core", "thread_pool"]


@contextmanager
def thread_pool() -> Iterator[ThreadPoolExecutor]:
    """One thread for each processor. Matrix products inside run on one thread each meanwhile: threads that start
    threads of their own wait for one another."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        yield pool


@contextmanager
def every_core() -> Iterator[None]:
    """Within `thread_pool`, while its threads have nothing to do: one matrix product on all cores."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=os.cpu_count(), user_api="blas"):
        yield
