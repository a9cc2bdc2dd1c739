"""Query regions -> candidates. The only importer of faiss.

For every retrieval signal the vectors of the whole portfolio lie in a flat (exact) FAISS index beside the SQLite file.
That file is derived: its name carries the stamp of the descriptors it was made from, so a stale one is never read, and
it is rebuilt when it is missing. It is memory-mapped for reading. A folder that cannot be written to is no obstacle:
the FAISS index is then built in memory for this run.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import StoreError
from simcheck.records import Description, Notice, SignalIdentity, Watcher
from simcheck.signals.base import Retrieval, Signal
from simcheck.store import Store
from simcheck.system.threads import every_core
from simcheck.system.writing import replace_file

__all__ = ["Candidates", "Searcher", "retrieve"]

VOTES = 10
"""Nearest vectors that each vector of a voting query asks for; the last of them is the level of chance."""

STANDOUT_DEPTH = 64
"""Nearest vectors in which the ten nearest works are looked for: several of a work's windows overlap."""
FUSION = 60
LEAST_PRODUCT = 20
"""Numbers in the query vectors from which on FAISS multiplies matrices instead of going through the vectors one by one.
Its own limit, 128,000, left a thousand keypoints to the slow way: 2.7 s instead of 0.5 s against 160,000 vectors."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Work ids, best first, of one query; ``found_by`` names for each the signals that retrieved it."""

    works: tuple[int, ...]
    found_by: tuple[tuple[str, ...], ...]


class Searcher:
    """The vectors of one signal over the whole portfolio."""

    def __init__(self, signal: Signal, vectors: Any, owners: NDArray[np.int64]) -> None:
        self._signal = signal
        self._vectors = vectors
        self._owners = owners
        _, self._first = np.unique(owners, return_inverse=True)

    @classmethod
    def open(cls, store: Store, signal: Signal, identity: SignalIdentity, watcher: Watcher) -> Searcher:
        """Map the derived file, or make it first. Raises StoreError when the vectors cannot be read."""
        import faiss

        stamp = store.stamp(identity)[:12]
        vectors_path = store.derived_path(identity, f"-{stamp}.faiss")
        owners_path = vectors_path.with_suffix(".npy")
        if not (vectors_path.is_file() and owners_path.is_file()):
            vectors, owners = _gather(store, signal, identity, watcher)
            try:
                _write(vectors, owners, vectors_path, owners_path, store.derived_path(identity, ""))
            except OSError as error:
                watcher.notice(
                    Notice(
                        "derived_not_written",
                        f"The search file {vectors_path} could not be written ({error}); "
                        "it was built in memory and will be built again next time.",
                    )
                )
                return cls(signal, vectors, owners)
        try:
            vectors = faiss.read_index(str(vectors_path), faiss.IO_FLAG_MMAP_IFC)
            owners = np.load(owners_path, allow_pickle=False)
            if len(owners) != vectors.ntotal:
                raise ValueError(f"it holds {vectors.ntotal} vectors for {len(owners)} owners")
        except (RuntimeError, OSError, ValueError, EOFError) as error:
            raise StoreError(
                f"The search file {vectors_path} cannot be read ({error}). Delete it; it is made again from the index."
            ) from error
        return cls(signal, vectors, owners)

    @classmethod
    def in_memory(cls, store: Store, signal: Signal, identity: SignalIdentity, watcher: Watcher) -> Searcher:
        """For an index that nothing may be written beside, such as one that is installed with the program."""
        return cls(signal, *_gather(store, signal, identity, watcher))

    @property
    def sure(self) -> int:
        return self._signal.sure

    def search(self, query: Description, most: int) -> list[int]:
        """Work ids, best first, at most ``most``."""
        rows = [self._signal.vectors(d, query=True) for d in (*query.descriptors, *query.mirrored)]
        if not any(len(r) for r in rows) or not len(self._owners):
            return []
        asked = np.ascontiguousarray(np.concatenate([r for r in rows if len(r)]), np.float32)
        with every_core():
            return self._found(asked, most)

    def _found(self, asked: NDArray[np.float32], most: int) -> list[int]:
        import faiss

        faiss.cvar.distance_compute_blas_threshold = LEAST_PRODUCT
        if self._signal.retrieval is Retrieval.VOTES:
            return self._by_votes(asked, most)
        if self._signal.retrieval is Retrieval.STANDOUT:
            return self._by_standout(asked, most)
        return self._by_best_region(asked, most)

    def _by_best_region(self, asked: NDArray[np.float32], most: int) -> list[int]:
        # a work may own every one of the nearest vectors, so ask for as many as `most` works can own at the most
        per_work = int(np.bincount(self._first).max())
        scores, rows = self._vectors.search(asked, min(most * per_work, len(self._owners)))
        found = rows >= 0
        return _best(self._owners[rows[found]], scores[found], most, np.maximum)

    def _by_votes(self, asked: NDArray[np.float32], most: int) -> list[int]:
        depth = min(VOTES, len(self._owners))
        scores, rows = self._vectors.search(asked, depth)
        gain = scores - scores[:, -1:]
        owners = self._owners[rows]
        # one keypoint has one vote for a work, however many alike it finds there
        voter = np.repeat(np.arange(len(asked)), depth)
        order = np.argsort(-gain.ravel(), kind="stable")
        _, once = np.unique(np.c_[voter[order], owners.ravel()[order]], axis=0, return_index=True)
        chosen = order[once]
        return _best(owners.ravel()[chosen], gain.ravel()[chosen], most, np.add)

    def _by_standout(self, asked: NDArray[np.float32], most: int) -> list[int]:
        """By the most that one vector gains over its tenth-nearest work: an element is in few windows of a suspect, and
        what many works share gains nothing."""
        scores, rows = self._vectors.search(asked, min(STANDOUT_DEPTH, len(self._owners)))
        owners = self._owners[rows]
        again = np.tril(owners[:, :, None] == owners[:, None, :], -1).any(axis=2)
        works_seen = np.cumsum(~again, axis=1)
        tenth = np.minimum((works_seen < VOTES).sum(axis=1), scores.shape[1] - 1)
        gain = np.where(again, 0, scores - scores[np.arange(len(scores)), tenth][:, None])
        return _best(owners.ravel(), gain.ravel(), most, np.maximum)


def _best(owners: NDArray[np.int64], scores: NDArray[np.float32], most: int, join: np.ufunc) -> list[int]:
    works, place = np.unique(owners, return_inverse=True)
    total = np.full(len(works), -np.inf if join is np.maximum else 0.0)
    join.at(total, place, scores)
    return [int(works[i]) for i in np.argsort(-total, kind="stable")[:most]]


def _gather(store: Store, signal: Signal, identity: SignalIdentity, watcher: Watcher) -> tuple[Any, NDArray[np.int64]]:
    import faiss

    parts: list[NDArray[np.float32]] = []
    owners: list[int] = []
    total = store.described(identity)
    for done, (work, description) in enumerate(store.descriptions(identity), 1):
        for descriptor in description.descriptors:
            rows = signal.vectors(descriptor, query=False)
            parts.append(rows)
            owners += [work] * len(rows)
        watcher.progress(f"search file for {signal.name}", done, total)
    dimension = max((p.shape[1] for p in parts), default=1)
    vectors = faiss.IndexFlatIP(dimension)
    filled = [p for p in parts if len(p)]
    if filled:
        vectors.add(np.ascontiguousarray(np.concatenate(filled), np.float32))
    return vectors, np.array(owners, np.int64)


def _write(vectors: Any, owners: NDArray[np.int64], vectors_path: Path, owners_path: Path, stem: Path) -> None:
    import faiss

    # as bytes, since faiss only prints when a disk is full; two readers may do this at once, and either result is right
    packed = io.BytesIO()
    np.save(packed, owners, allow_pickle=False)
    try:
        replace_file(owners_path, packed.getvalue())
        replace_file(vectors_path, faiss.serialize_index(vectors).tobytes())
    except OSError:
        owners_path.unlink(missing_ok=True)  # of no use alone
        raise
    for old in stem.parent.glob(f"{stem.name}-*"):
        if old not in (vectors_path, owners_path) and old.suffix in (".faiss", ".npy"):
            with contextlib.suppress(PermissionError):  # Windows keeps a mapped file; the next run removes it
                old.unlink(missing_ok=True)


def retrieve(
    searchers: Mapping[str, Searcher], descriptions: Mapping[str, Sequence[Description]], number: int, most: int
) -> Candidates:
    """The union of what every retrieval signal finds for query ``number``, by reciprocal rank fusion.

    A work gets 1 / (60 + rank) from each signal that retrieved it (Cormack, Clarke & Buettcher, SIGIR 2009, with their
    constant). What a single signal puts first would drown in works that several put nowhere special, so the first
    places of every signal are always among the candidates. At most ``most`` works.
    """
    lists = {name: searchers[name].search(descriptions[name][number], most) for name in searchers}
    merit: dict[int, float] = {}
    for works in lists.values():
        for rank, work in enumerate(works, 1):
            merit[work] = merit.get(work, 0.0) + 1 / (FUSION + rank)
    sure = {work for name, works in lists.items() for work in works[: searchers[name].sure]}
    admitted = sorted(merit, key=lambda work: (work not in sure, -merit[work], work))[:most]
    chosen = tuple(sorted(admitted, key=lambda work: (-merit[work], work)))
    found_by = tuple(tuple(name for name, works in lists.items() if work in works) for work in chosen)
    return Candidates(chosen, found_by)
