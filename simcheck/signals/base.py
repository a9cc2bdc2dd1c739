"""The contract of a signal: one way to describe and compare pictures, in one file.

To add a signal: write ``signals/<name>.py`` with one subclass of `Signal`, add its name to ``NAMES`` in
``signals/__init__.py``, run ``pytest tests/signals``. Third parties publish theirs under the entry-point group
``simcheck.signals``. A signal file imports its heavy library (cv2, torch, pdqhash) inside its methods.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version as library_version
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from simcheck.records import (
    Alignment,
    Claim,
    Comparison,
    Description,
    Descriptor,
    Edit,
    EditKind,
    MatchEvidence,
    Pixels,
    SignalIdentity,
    Watcher,
)
from simcheck.signals.facts import (
    InCohort,
    NoParams,
    Params,
    PartRole,
    Regions,
    Retrieval,
    Settings,
    canonical_json,
)

__all__ = [
    "InCohort", "NoParams", "Params", "PartRole", "Regions", "Retrieval", "Settings", "Signal", "canonical_json",
]  # fmt: skip


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
    sight: ClassVar[str] = ""
    """What it looks at, if another signal looks at the same: the two are one witness, and count once."""
    in_cohort: ClassVar[InCohort] = InCohort.NEVER
    near: ClassVar[int] = 32
    """How many works of a cohort its vectors bring near, to be compared by all signals."""
    of_strokes: ClassVar[bool] = False
    """Its evidence says whether the same strokes are in both pictures: hashes that match, or details."""
    in_style: ClassVar[bool] = False
    """It takes part in the claim `style`, of the portfolio as a whole."""
    part_role: ClassVar[PartRole | None] = None

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

    def content(self, images: Sequence[Pixels]) -> tuple[Descriptor, ...]:
        """What `describe` gives for queries without their ground; none for a signal that cannot tell what that is."""
        del images
        return ()

    @abstractmethod
    def compare(self, query: Description, reference: Description) -> Comparison:
        """Score two descriptions (higher = more similar), or abstain with a reason."""

    def score(self, query: Description, reference: Description) -> float | None:
        """What `compare` gives, for those who ask for no evidence."""
        return self.compare(query, reference).score

    def parts(
        self, query: Description, reference: Description, relations: Sequence[MatchEvidence]
    ) -> tuple[Alignment, ...]:
        """The parts of two pictures to which ``relations`` of keypoints lead; none for a signal without maps."""
        del query, reference, relations
        return ()

    def overlaid(self, query: Description, reference: Description, relations: Sequence[MatchEvidence]) -> float:
        """Share of what both show, by one of ``relations``, on which the query shows something else."""
        del query, reference, relations
        return 0.0

    def negative(
        self, query: Description, reference: Description, plain: Comparison
    ) -> tuple[Comparison, EditKind] | None:
        """The comparison of the query's negative, if the query is one or is one in part; ``plain`` is that of the query
        as it is. None for a signal that cannot tell."""
        del query, reference, plain
        return None

    def covered(self, pixels: Pixels, reference: Description, matches: MatchEvidence) -> tuple[Edit, ...]:
        """What covers the work in the query (its ``pixels``), by the relation ``matches``."""
        del pixels, reference, matches
        return ()

    def colour_difference(self, query: Description, reference: Description, part: Alignment) -> float | None:
        """How far the colours of a part differ (`Alignment.colour_difference`); None where it cannot tell."""
        del query, reference, part
        return None

    def stored(self, descriptor: Descriptor) -> Descriptor:
        """What the index keeps of a reference's descriptor: all of it, where a signal does not say otherwise."""
        return descriptor

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """(n, dimension) unit vectors for retrieval by inner product; no rows when the signal abstained."""
        raise NotImplementedError(f"{self.name} is not a retrieval signal")
