"""What signals share whose descriptor is one vector for each region: `copy` and `clip`."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Comparison, Description, Descriptor, RegionEvidence
from simcheck.signals.base import Retrieval, Signal

__all__ = ["VectorSignal"]

ALIKE = 1e-3
"""Cosines that differ by less are the same."""


class VectorSignal(Signal):
    """A signal whose descriptor is one unit vector for each region, (1, dimension) float16."""

    retrieval = Retrieval.BEST_REGION
    clearly: ClassVar[float] = ALIKE
    """By which a mirrored region must be more alike to be told. A network may hardly see which way round it is."""

    @property
    @abstractmethod
    def dimension(self) -> int: ...

    def compare(self, query: Description, reference: Description) -> Comparison:
        """The highest cosine (-1..1) of a region of the query, plain or mirrored, and one of the reference."""
        theirs = [(j, d.values) for j, d in enumerate(reference.descriptors) if not d.reason]
        ours = [
            (i, mirrored, d.values)
            for mirrored, descriptors in ((False, query.descriptors), (True, query.mirrored))
            for i, d in enumerate(descriptors)
            if not d.reason
        ]
        if not ours or not theirs:
            return Comparison(None, "blank")
        left = np.vstack([values for _, _, values in ours]).astype(np.float32)
        right = np.vstack([values for _, values in theirs]).astype(np.float32)
        cosine = left @ right.T
        # of regions that agree alike the larger is shown: they stand in that order, and float16 decides nothing
        plain = cosine[[not mirrored for _, mirrored, _ in ours]]
        told = plain if plain.size and plain.max() >= cosine.max() - self.clearly else cosine
        best = int(np.flatnonzero(told >= told.max() - ALIKE)[0])  # plain regions stand first
        row, column = np.unravel_index(best, cosine.shape)
        (i, mirrored, _), (j, _) = ours[row], theirs[column]
        boxes = query.regions[i].box, reference.regions[j].box
        return Comparison(float(cosine.max()), evidence=RegionEvidence(*boxes, mirrored))

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        if descriptor.reason:
            return np.zeros((0, self.dimension), np.float32)
        return descriptor.values.astype(np.float32)
