"""phash: is it the same file, re-encoded or resized?

PDQ (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019): a 256-bit hash of
the lowest 16x16 frequencies of the luminance, with a quality from 0 to 100. The eight hashes of the picture turned
and mirrored (dihedral group) are kept, so that a mirrored or rotated copy is found and named. At a Hamming distance
of 31 or less PDQ speaks of a match; unrelated pictures lie around 128.

Fooled by: crops, borders, collages and overlays (the frequencies move); pictures with little detail (quality 49 or
less: the signal abstains).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Claim, Comparison, Description, Descriptor, HashEvidence, Pixels
from simcheck.signals.base import InCohort, Retrieval, Signal

__all__ = ["MATCH_DISTANCE", "ORIENTATIONS", "Phash", "PhashParams"]

BITS = 256
MATCH_DISTANCE = 31
"""Up to which PDQ's authors speak of a match."""
ORIENTATIONS = (
    "same",
    "rotated_90",
    "rotated_180",
    "rotated_270",
    "flipped",
    "mirrored",
    "transposed",
    "transverse",
)
"""How the query was turned before its hash came closest to the reference's, in pdqhash's order of the dihedral
group: counter-clockwise turns; upside down; left to right; along the main diagonal; along the other one."""


@dataclass(frozen=True, slots=True)
class PhashParams:
    least_quality: int = 50


class Phash(Signal):
    name = "phash"
    version = 1
    claim = Claim.COPY
    retrieval = Retrieval.BEST_REGION
    of_strokes = True
    libraries = ("pdqhash",)
    sight = "low_frequencies"
    in_cohort = InCohort.ALWAYS

    def __init__(self, params: PhashParams | None = None) -> None:
        super().__init__(params or PhashParams())
        self.params: PhashParams

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(8, 33) uint8: for each orientation 32 bytes of hash (first bit highest), then the quality."""
        import pdqhash

        found = []
        for image in images:
            hashes, quality = pdqhash.compute_dihedral(np.ascontiguousarray(image))
            if quality < self.params.least_quality:
                found.append(Descriptor.abstain("little_detail"))
                continue
            rows = np.packbits(np.asarray(hashes, np.uint8), axis=1)
            found.append(Descriptor(np.hstack([rows, np.full((8, 1), quality, np.uint8)])))
        return found

    def compare(self, query: Description, reference: Description) -> Comparison:
        """1 - distance / 128: 1 for equal hashes, about 0 for unrelated pictures."""
        ours, theirs = query.descriptors[0], reference.descriptors[0]
        reason = ours.reason or theirs.reason
        if reason:
            return Comparison(None, reason)
        distances = np.bitwise_count(ours.values[:, :32] ^ theirs.values[0, :32]).sum(axis=1, dtype=np.int64)
        best = int(np.argmin(distances))
        evidence = HashEvidence(
            distance=int(distances[best]),
            orientation=ORIENTATIONS[best],
            query_quality=int(ours.values[0, 32]),
            reference_quality=int(theirs.values[0, 32]),
        )
        return Comparison(1 - evidence.distance / (BITS / 2), evidence=evidence)

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """Bits as +-1/16, so that the inner product is 1 - distance / 128; a query brings all eight orientations."""
        if descriptor.reason:
            return np.zeros((0, BITS), np.float32)
        rows = descriptor.values[:, :32] if query else descriptor.values[:1, :32]
        return np.where(np.unpackbits(rows, axis=1) == 1, 1 / 16, -1 / 16).astype(np.float32)
