"""Work in batches that fit into memory, without knowing beforehand how large that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import ModelError

__all__ = ["Batches", "is_out_of_memory"]

T = TypeVar("T")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether CUDA, MPS or the CPU had no memory left. Only CUDA has an error class of its own for it."""
    import torch

    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)


class Batches:
    """Starts with ``size`` items at once and halves that whenever memory runs out; what fitted is kept for later calls.

    ``release`` is called after a failure, outside of the handler, when the failed attempt's tensors are gone.
    """

    def __init__(self, size: int, release: Callable[[], None] = lambda: None) -> None:
        self.size = size
        self._release = release

    def run(self, items: Sequence[T], encode: Callable[[Sequence[T]], NDArray[np.float32]]) -> NDArray[np.float32]:
        """``encode`` of all items, one row for each, in order; at least one item is needed.

        Raises ModelError when not even one item fits.
        """
        rows: list[NDArray[np.float32]] = []
        start = 0
        while start < len(items):
            batch = items[start : start + self.size]
            done = self._attempt(batch, encode)
            if done is None:
                self._release()
                if len(batch) == 1:
                    raise ModelError(
                        "There is not enough memory for one picture with this network. Close other programs, or "
                        "choose a smaller network with `--model`."
                    )
                self.size = max(1, len(batch) // 2)
                continue
            rows.append(done)
            start += len(batch)
        return np.concatenate(rows)

    @staticmethod
    def _attempt(
        batch: Sequence[T], encode: Callable[[Sequence[T]], NDArray[np.float32]]
    ) -> NDArray[np.float32] | None:
        try:
            return encode(batch)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            return None
