"""A signal whose vectors are put into the store by hand, for tests of the search."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.records import (
    Claim,
    Comparison,
    Description,
    Descriptor,
    FileFacts,
    Notice,
    Pixels,
    Region,
    Silent,
)
from simcheck.retrieval.retriever import Retriever, open_retriever
from simcheck.signals.base import Retrieval, Signal
from simcheck.store import FileState, Store, StoredFile

Rows = NDArray[np.floating[Any]]
DIMENSION = 8


class Arrows(Signal):
    """Descriptors are unit vectors, put into the store by hand."""

    name = "arrows"
    version = 1
    claim = Claim.COPY
    retrieval = Retrieval.BEST_REGION

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        raise NotImplementedError

    def compare(self, query: Description, reference: Description) -> Comparison:
        raise NotImplementedError

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        if descriptor.reason:
            return np.zeros((0, DIMENSION), np.float32)
        return descriptor.values.astype(np.float32)


class Voters(Arrows):
    name = "voters"
    retrieval = Retrieval.VOTES


class Standing(Arrows):
    name = "standing"
    retrieval = Retrieval.STANDOUT


class Listener(Silent):
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


def described(*regions: Sequence[Sequence[float]] | Rows | None) -> Description:
    """One region for each argument, with these vectors; None abstains."""
    descriptors = tuple(
        Descriptor.abstain("blank") if rows is None else Descriptor(np.asarray(rows, np.float16).reshape(-1, DIMENSION))
        for rows in regions
    )
    numbered = tuple(Region(i, (0.0, 0.0, 1.0, 1.0)) for i in range(len(regions)))
    return Description(numbered, descriptors, 100, 100)


def axis(place: int, tilt: float = 0.0, towards: int = 0) -> list[float]:
    """The unit vector along an axis, tilted towards another."""
    vector = np.zeros(DIMENSION)
    vector[place], vector[towards] = np.cos(tilt), np.sin(tilt) if towards != place else np.cos(tilt)
    return [float(v) for v in vector]


def put(store: Store, signal: Signal, works: Mapping[str, Description]) -> dict[str, int]:
    """Work ids by name."""
    ids = {}
    with store.batch() as batch:
        run = batch.start_run(["test"])
        for name, description in works.items():
            digest = hashlib.sha256(name.encode()).hexdigest()
            work = batch.put_work(FileFacts(digest, 1, "PNG", "RGB", 100, 100, 1, "test"))
            batch.put_file(StoredFile(Path("/art"), Path(name), 1, 1, FileState.OK, run, "0", work))
            batch.put_description(work, signal.identity(), description)
            ids[name] = work
    return ids


def opened(store: Store, signal: Signal, watcher: Silent | None = None) -> Retriever:
    return open_retriever(store, signal, signal.identity(), watcher or Silent())


def derived(store: Store) -> list[Path]:
    return sorted(p for p in store.path.iterdir() if p.suffix == ".vectors")


def scattered(count: int, seed: int) -> Rows:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float16)
