"""Networks that were read stay in memory; weights that cannot be used are not read again for every picture."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import update_wrapper
from typing import Generic, TypeVar

from simcheck.errors import ModelError

__all__ = ["TRIES", "Kept", "kept"]

TRIES = 2
"""How often reading is tried before a failure counts for good: memory may be free the second time."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """A loader that keeps the last ``size`` things it made, and remembers why it could not make others.

    After `TRIES` failures the same ModelError is raised at once. Only its message is kept: the error itself would hold
    the frames it was raised from, and with them the tensors that were read. One thread reads at a time.
    """

    def __init__(self, make: Callable[[K], V], size: int) -> None:
        self._make = make
        self._size = size
        self._lock = threading.RLock()
        self._made: dict[K, V] = {}
        self._failed: dict[K, tuple[int, str]] = {}
        update_wrapper(self, make)

    def __call__(self, key: K) -> V:
        with self._lock:
            if key in self._made:
                self._made[key] = self._made.pop(key)  # the one used last is the last to go
                return self._made[key]
            tried, message = self._failed.get(key, (0, ""))
            if tried < TRIES:
                try:
                    return self._keep(key, self._make(key))
                except ModelError as error:
                    message = str(error)
                self._failed[key] = (tried + 1, message)
        raise ModelError(message)

    def cache_clear(self) -> None:
        with self._lock:
            self._made.clear()
            self._failed.clear()

    def _keep(self, key: K, made: V) -> V:
        self._failed.pop(key, None)
        while len(self._made) >= self._size:
            del self._made[next(iter(self._made))]
        self._made[key] = made
        return made


def kept(size: int) -> Callable[[Callable[[K], V]], Kept[K, V]]:
    """Decorator of a loader with one argument."""
    return lambda make: Kept(make, size)
