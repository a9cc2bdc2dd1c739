"""Is a suspect the negative of a work, or in part? Its keypoints say so, without a look at its pixels.

Where all colours are inverted, every gradient points the other way: a keypoint stays where it is and is turned by half
a turn, and its descriptor is the same one seen upside down. So the negative need not be described.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simcheck.records import EditKind, Evidence, MatchEvidence
from simcheck.signals.keypoints.geometry import DETAIL, Keypoints, Relation, in_detail
from simcheck.signals.keypoints.orientation import as_it_is

__all__ = ["inverted", "negative"]

OPPOSITE = -0.5
"""Correlation of the lightness of matched details below which light and dark are exchanged: it is about -0.9 for works
that were inverted, and nearly 1 for a work and its copy."""
BOTH = 12
"""Details that a part must have on either side for a picture to be partly negative."""
TOGETHER = 0.03
"""How far the corners of a picture may lie apart under two relations that lay it in one place; in fractions."""


def inverted(keypoints: Keypoints) -> Keypoints:
    """A descriptor is 4 x 4 cells of 8 directions each, which are told relative to the keypoint's own."""
    cells = keypoints.vectors.reshape(-1, 4, 4, 8)[:, ::-1, ::-1]
    turned = (keypoints.angles + np.pi) % (2 * np.pi)
    return replace(keypoints, angles=turned, vectors=np.ascontiguousarray(cells).reshape(-1, 128))


def negative(found: Sequence[Relation], plain: Evidence | None) -> tuple[Relation, EditKind] | None:
    """The first of the relations of a suspect's negative, ``found``, if the suspect is one or is one in part.

    ``plain``: the relation of the suspect as it is.
    """
    plain = plain if isinstance(plain, MatchEvidence) else None
    if not found:
        return None
    best = as_it_is(found)[0]
    if not _is_opposite(best.evidence):
        return None
    count = len(best.evidence.points)
    if plain is not None and len(plain.points) >= BOTH and _is_same_place(best.evidence, plain):
        partly = count >= BOTH and count + len(plain.points) >= DETAIL
        return (best, EditKind.PARTLY_NEGATIVE) if partly else None
    told = count >= DETAIL and (plain is None or not in_detail(plain))
    return (best, EditKind.NEGATIVE) if told else None


def _is_opposite(matches: MatchEvidence) -> bool:
    ours, theirs = (light - light.mean() for light in (matches.colours[:, 0], matches.colours[:, 3]))
    return float(ours @ theirs) < OPPOSITE * max(float(np.linalg.norm(ours) * np.linalg.norm(theirs)), 1e-6)


def _is_same_place(one: MatchEvidence, other: MatchEvidence) -> bool:
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]], np.float64)
    ends = []
    for each in (one, other):
        mapped = corners @ each.transform.T
        ends.append(mapped[:, :2] / np.where(np.abs(mapped[:, 2:]) < 1e-9, 1e-9, mapped[:, 2:]))
    return bool(np.abs(ends[0] - ends[1]).max() < TOGETHER)
