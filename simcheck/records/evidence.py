"""What a comparison rests on, one record for each kind: regions, matches, parts, hashes, colours. See `records`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Alignment",
    "AlignmentEvidence",
    "Box",
    "Evidence",
    "HashEvidence",
    "MatchEvidence",
    "PaletteEvidence",
    "RegionEvidence",
    "Tier",
]

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RegionEvidence:
    """The two regions that resemble each other most."""

    query_box: Box
    reference_box: Box
    mirrored: bool = False
    largest_difference: float | None = None
    """Of the whole pictures laid over each other: the largest difference of a cell, in CIELAB units."""


@dataclass(frozen=True, slots=True, eq=False)
class MatchEvidence:
    """Local correspondences that agree with one transform. ``points``: (n, 4) qx, qy, rx, ry."""

    points: NDArray[np.float64]
    transform: NDArray[np.float64]
    kind: str
    """``similarity``, ``affine`` or ``homography``: the simplest that explains the inliers."""
    mirrored: bool
    rotation_degrees: float
    scale: float
    """Size of the query's content relative to the reference's, in full-size pixels."""
    tentative: int
    """Matches before geometric verification."""
    query_box: Box
    reference_box: Box
    colours: NDArray[np.float64]
    """(n, 6): CIELAB of the surroundings of each point, of the query's and then of the reference's."""
    score: float = 0.0
    """Of this relation alone, on the scale of its signal."""
    others: tuple[MatchEvidence, ...] = ()
    """Further relations in the same pair of pictures: elements that were moved apart. They have no others."""

    @property
    def colour_difference(self) -> float:
        """Median difference of the colours at the points, in CIELAB units (CIE 1976)."""
        return float(np.median(np.linalg.norm(self.colours[:, :3] - self.colours[:, 3:], axis=1)))


@dataclass(frozen=True, slots=True)
class HashEvidence:
    """Hamming distance of two 256-bit hashes, the turn at which it was reached, and both hash qualities (0-100)."""

    distance: int
    orientation: str
    query_quality: int
    reference_quality: int
    query_box: Box = (0.0, 0.0, 1.0, 1.0)
    """The panel whose hash it is, if it is not that of the whole query."""


@dataclass(frozen=True, slots=True)
class PaletteEvidence:
    """Dominant colours as ``(#rrggbb, share)``, most frequent first, and the transport distance in CIELAB units."""

    query: tuple[tuple[str, float], ...]
    reference: tuple[tuple[str, float], ...]
    distance: float


class Tier(StrEnum):
    """By what the correspondence of two parts was proposed."""

    KEYPOINTS = "keypoints"
    PATCHES = "patches"


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A part of the query that agrees, place by place, with a part of the reference laid over it."""

    tier: Tier
    score: float
    """How far the agreement lies beyond chance (`structure`); 0 where only keypoints agree."""
    mask: NDArray[np.bool_]
    """(height, width) of a small map of the query: where the two agree, connected."""
    transform: NDArray[np.float64]
    mirrored: bool
    rotation_degrees: float
    scale: float
    query_box: Box
    reference_box: Box
    relation: float = 0.0
    """Score of the keypoints that proposed it."""
    colour_difference: float | None = None
    """Mean CIELAB distance of its places at low resolution, in units of how far the work's colours spread there
    (`signals.layout`); None where it was not measured."""
    content: float | None = None
    """What is left of ``score`` without what is ground in the query (`signals.patches.ground`): frames, rules,
    lettering, plain paper. None where it was not measured, and for a part that says little in any case."""

    @property
    def area(self) -> float:
        """Share of the query."""
        return float(self.mask.mean())


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentEvidence:
    """Parts that agree, the strongest first."""

    alignments: tuple[Alignment, ...]


Evidence = RegionEvidence | MatchEvidence | HashEvidence | PaletteEvidence | AlignmentEvidence
