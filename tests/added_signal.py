"""A signal as somebody else would write it: one file, nothing of it anywhere in simcheck."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from simcheck.records import Alignment, Claim, Comparison, Description, Descriptor, MatchEvidence, Pixels, Tier
from simcheck.signals.base import InCohort, PartRole, Retrieval, Signal

__all__ = ["Shade"]


class Shade(Signal):
    """How dark each of 8 x 8 cells is, (64, 1) uint8."""

    name = "shade"
    version = 3
    claim = Claim.COPY
    retrieval = Retrieval.BEST_REGION
    libraries = ("numpy",)
    in_cohort = InCohort.OWN
    in_style = True
    part_role = PartRole.STRUCTURE

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        small = [Image.fromarray(image).convert("L").resize((8, 8), Image.Resampling.BOX) for image in images]
        return [Descriptor(np.asarray(each, np.uint8).reshape(64, 1)) for each in small]

    def compare(self, query: Description, reference: Description) -> Comparison:
        ours, theirs = (each.descriptors[0].values.astype(float) for each in (query, reference))
        return Comparison(1 - float(np.abs(ours - theirs).mean()) / 255)

    def parts(
        self, query: Description, reference: Description, relations: Sequence[MatchEvidence]
    ) -> tuple[Alignment, ...]:
        """The left half, where it is nearly the same."""
        ours, theirs = (each.descriptors[0].values.reshape(8, 8)[:, :4].astype(float) for each in (query, reference))
        if np.abs(ours - theirs).mean() > 4:
            return ()
        mask = np.zeros((60, 80), np.bool_)
        mask[:, :40] = True
        half = (0.0, 0.0, 0.5, 1.0)
        return (Alignment(Tier.PATCHES, 9.0, mask, np.eye(3), False, 0.0, 1.0, half, half),)

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        row = descriptor.values.astype(np.float32).T - 127.5
        return np.asarray(row / max(float(np.linalg.norm(row)), 1e-9), np.float32)
