"""copy: is it the same picture, or a part of it, after edits or in another rendering?

The network that ships with simcheck (`simcheck.models.embedded`) gives the whole picture and overlapping crops of it
one unit vector each. What counts is the highest cosine of two of them, the suspect mirrored or not, so that a suspect
that shows a part of a work, or a work within a screenshot, is still found. From it is taken the suspect's mean cosine
with the ten nearest of a cohort of works by others (score normalisation, as SSCD): the score says how much nearer the
work is than works that have nothing to do with it. The network was trained by contrast (SSCD, Pizzi et al., CVPR
2022; SimCLR, Chen et al., ICML 2020) on scenes that a program paints in several renderings each, and on nothing else:
nobody's art went into it, and it knows no subjects. The cohort's works take no part in that, only in the comparison.

Fooled by: texts, frames, tilings and empty grounds, which resemble each other; an element that is small beside the
smallest crop; the same element drawn anew in another pose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version as library_version

import numpy as np

from simcheck import models
from simcheck.errors import ModelError
from simcheck.records import Claim, Comparison, Description, Descriptor, Pixels, SignalIdentity, Watcher
from simcheck.shipped import Background, background
from simcheck.signals.base import InCohort, Regions, canonical_json
from simcheck.signals.vectors import VectorSignal

__all__ = ["BLANK", "Copy", "is_blank", "works_by_others"]

BLANK = 2.0
"""A picture whose lightness varies less than this (standard deviation, of 255) shows nothing."""


def is_blank(image: Pixels) -> bool:
    return bool(image.mean(axis=2).std() < BLANK)


def works_by_others() -> Background:
    """Those that ship, as the network that ships sees them."""
    return background(Copy.name)


@lru_cache(maxsize=256)
def _level(query: bytes, dimension: int) -> float:
    """What `Background.level` says of the vectors (float16) in these bytes: one query meets many works."""
    vectors = np.frombuffer(query, np.float16).reshape(-1, dimension).astype(np.float32)
    return works_by_others().level(vectors)


class Copy(VectorSignal):
    name = "copy"
    version = 2
    claim = Claim.COPY
    reference_regions = Regions.CROPS
    query_regions = Regions.CROPS
    mirrored_query = True
    libraries = ("numpy", "opencv-python-headless")
    in_cohort = InCohort.ALWAYS
    clearly = 0.02  # of 25 unmirrored derivations two came to 0.01, of 26 mirrored copies none below 0.028

    def identity(self) -> SignalIdentity:
        """Weights and background. Raises ModelError or StoreError when this copy of simcheck is incomplete."""
        shipped, beside = models.shipped(), background(self.name)
        if beside.weights != shipped.digest:
            raise ModelError("The network and the cohort of this copy of simcheck do not agree. Install it again.")
        return SignalIdentity(
            name=self.name,
            version=self.version,
            weights=shipped.digest,
            params=canonical_json({"background": beside.digest}),
            libraries=canonical_json({name: library_version(name) for name in self.libraries}),
        )

    @property
    def dimension(self) -> int:
        return models.shipped().dimension

    def prepare(self, watcher: Watcher) -> None:
        """Read the network. Raises ModelError when this copy of simcheck is damaged."""
        models.load_embedded()

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(1, dimension) float16 unit vector. Raises ModelError."""
        found = [Descriptor.abstain("blank")] * len(images)
        seen = [i for i, image in enumerate(images) if not is_blank(image)]
        if seen:
            vectors = models.load_embedded().encode([images[i] for i in seen])
            for i, vector in zip(seen, vectors, strict=True):
                found[i] = Descriptor(vector.astype(np.float16)[None])
        return found

    def compare(self, query: Description, reference: Description) -> Comparison:
        """The highest cosine of two regions, less the query's mean cosine with the nearest works of the cohort."""
        found = super().compare(query, reference)
        if found.score is None:
            return found
        seen = [d.values.tobytes() for d in (*query.descriptors, *query.mirrored) if not d.reason]
        return replace(found, score=found.score - _level(b"".join(seen), self.dimension))
