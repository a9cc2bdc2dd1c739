"""The seam behind which a search lies: a description goes in, works come out.

Today there is one way, `FlatRetriever`, which is exact. Another (an inverted file, a server) is a class with the same
two members, and a choice in `open_retriever`.
"""

from __future__ import annotations

from typing import Protocol

from simcheck.records import Description, SignalIdentity, Watcher
from simcheck.retrieval.flat import FlatRetriever
from simcheck.retrieval.upkeep import in_memory, kept_beside
from simcheck.signals.base import Signal
from simcheck.store import Store

__all__ = ["Retriever", "open_retriever"]


class Retriever(Protocol):
    """Finds works by the vectors of one signal."""

    @property
    def sure(self) -> int:
        """How many of the first that it finds are candidates in any case (`Signal.sure`)."""

    def search(self, description: Description, most: int) -> list[int]:
        """Ids of the works that are nearest to a query, best first, at most ``most``. Equal ones go by their id."""


def open_retriever(
    store: Store, signal: Signal, identity: SignalIdentity, watcher: Watcher, *, keep: bool = True
) -> Retriever:
    """A search over all works that ``signal`` has described, as they are now.

    ``keep`` files beside the index, so that the next one need not be made from all descriptors; False for an index that
    nothing may be written beside, such as one that is installed with the program. Raises StoreError when descriptors
    cannot be read.
    """
    return FlatRetriever(signal, (kept_beside if keep else in_memory)(store, signal, identity, watcher))
