"""The contract of a signal: one way to describe and compare pictures, in one file.

To add a signal: write ``signals/<name>.py`` with one subclass of `Signal`, add its name to ``NAMES`` in
``signals/__init__.py``, run ``pytest tests/signals``. Third parties publish theirs under the entry-point group
``simcheck.signals``. A signal file imports its heavy library (cv2, torch, pdqhash) inside its methods.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from importlib.metadata import version as library_version
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from simcheck.records import (
    Box,
    Claim,
    Comparison,
    Description,
    Descriptor,
    Pixels,
    Region,
    SignalIdentity,
    Watcher,
)

__all__ = ["NoParams", "Params", "Regions", "Retrieval", "Settings", "Signal", "canonical_json"]


def canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Regions(Enum):
    """Which rectangles of a picture a signal describes. All are fixed fractions, so that they need no storage of
    their own to be reproduced; the store keeps the boxes all the same."""

    WHOLE = "whole"
    FEW = "few"
    """The whole, its four corners and its centre: where each region costs a pass through a network."""
    CROPS = "crops"
    """The whole, and nine overlapping crops each at 0.7 and at 0.5 of the sides."""

    def of_picture(self) -> tuple[Region, ...]:
        boxes: list[Box] = [(0.0, 0.0, 1.0, 1.0)]
        if self is Regions.FEW:
            boxes += [(x, y, x + 0.6, y + 0.6) for x, y in ((0, 0), (0.4, 0), (0, 0.4), (0.4, 0.4), (0.2, 0.2))]
        if self is Regions.CROPS:
            for side in (0.7, 0.5):
                steps = (0.0, (1 - side) / 2, 1 - side)
                boxes += [(x, y, x + side, y + side) for y in steps for x in steps]
        return tuple(Region(i, b) for i, b in enumerate(boxes))


class Retrieval(Enum):
    """How the vectors of a signal find candidates (``retrieval/``)."""

    BEST_REGION = "best_region"
    """The candidate's score is the highest inner product between a region of the query and one of the work."""
    VOTES = "votes"
    """Each vector of the query votes for the works that own its nearest vectors."""
    STANDOUT = "standout"
    """The candidate's score is the most by which it stands out as the nearest of one of the query's vectors."""


@dataclass(frozen=True, slots=True)
class NoParams:
    """A signal without settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may choose for signals in general."""

    model: str | None = None
    """Which network (`models.choose`)."""
    offline: bool = False
    """Fetch nothing, not even for a network that is named."""
    keypoints: str | None = None
    """A file of learned keypoints (`models.learned_keypoints`) to use instead of RootSIFT."""
    tokens: str | None = None
    """A vision transformer for `patches`: its name, ``auto`` for one that is here, None for the shipped network."""


Params = object
"""A frozen dataclass; its fields are part of the signal's identity."""


class Signal(ABC):
    """Describe pictures and compare two descriptions. Instances are cheap until `describe` is first called."""

    name: ClassVar[str]
    version: ClassVar[int]
    """Raise it when descriptors or scores change: stored descriptors of this signal are then stale and redone."""
    claim: ClassVar[Claim]
    retrieval: ClassVar[Retrieval | None] = None
    sure: ClassVar[int] = 5
    """How many of the first that it retrieves are compared in any case, whatever other signals find."""
    reference_regions: ClassVar[Regions] = Regions.WHOLE
    query_regions: ClassVar[Regions] = Regions.WHOLE
    mirrored_query: ClassVar[bool] = False
    """The query is described a second time, mirrored left to right (`Description.mirrored`)."""
    threaded: ClassVar[bool] = False
    """`describe` keeps every core busy by itself, as a network does, and is given whole batches."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose versions are recorded with each descriptor."""
    optional: ClassVar[bool] = False
    """simcheck is whole without it: its network neither ships nor is fetched unasked. Nobody is warned of its absence
    who never had it."""

    named: bool = False
    """Whether the person named the network that this signal is to use: it may be fetched, and is missed if absent."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params if params is not None else NoParams()

    @classmethod
    def configured(cls, settings: Settings) -> Self:
        """The signal as the person wants it; most signals have nothing to choose."""
        del settings
        return cls()

    def prepare(self, watcher: Watcher) -> None:
        """Get what `identity` and `describe` need, weights for instance, and read it: called once, before any thread.

        Raises ModelUnreachable when it is not here, another ModelError when it cannot be used. Weights of a network
        that is not `named` are not fetched.
        """
        del watcher

    @property
    def device(self) -> str:
        """Where `describe` computes: ``cpu``, ``cuda``, ``mps``."""
        return "cpu"

    def identity(self) -> SignalIdentity:
        """What descriptors of this signal are stored under."""
        return SignalIdentity(
            name=self.name,
            version=self.version,
            params=canonical_json(asdict(self.params)),  # type: ignore[call-overload]
            libraries=canonical_json({name: library_version(name) for name in self.libraries}),
        )

    @abstractmethod
    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """One descriptor for each image, in order. An image is (height, width, 3) uint8 sRGB, 1x1 or larger.

        Raises SignalError when the signal itself fails; a picture with nothing to describe is an abstention.
        """

    @abstractmethod
    def compare(self, query: Description, reference: Description) -> Comparison:
        """Score two descriptions (higher = more similar), or abstain with a reason."""

    def stored(self, descriptor: Descriptor) -> Descriptor:
        """What the index keeps of a reference's descriptor: all of it, where a signal does not say otherwise."""
        return descriptor

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """(n, dimension) unit vectors for retrieval by inner product; no rows when the signal abstained."""
        raise NotImplementedError(f"{self.name} is not a retrieval signal")
