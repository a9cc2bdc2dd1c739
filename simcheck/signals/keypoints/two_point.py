"""Relations between keypoints that have a place and a descriptor, but neither size nor orientation.

`geometry.relate` lets every single match propose a similarity, for which keypoints must know how large they are and
how they are turned. Learned ones do not. Two matches propose one as well (the classic minimal sample of RANSAC:
Fischler & Bolles, CACM 1981). The proposal that most mutual nearest neighbours obey is sought among all pairs of the
most similar ones, exhaustively and so repeatably; its zoom and turn are then given to all keypoints, and
`geometry.relate` goes on from there. What is moved apart at another zoom or turn than the dominant one is not found.

Agreement in size and turn, for which `geometry.relate` gives credit, is by construction here, so the surprise is
taken anew: without that credit, and for the number of pairs that might have proposed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simcheck.signals.keypoints import geometry
from simcheck.signals.keypoints.geometry import Keypoints, Relation

__all__ = ["relate_places"]

_PROPOSERS = 80
"""Matches whose pairs propose; 3160 pairs, of which one in a hundred is right where a tenth of the matches are."""
_LEAST_APART = 0.03
"""In units of the longer side: two matches closer together say little about zoom and turn."""
_MOST_ZOOM = np.log(5.0)


def relate_places(ours: Keypoints, theirs: Keypoints, *, ratio: float, mirrored: bool, most: int = 1) -> list[Relation]:
    """As `geometry.relate`; sizes and angles of the keypoints are not looked at."""
    found = _dominant(ours, theirs)
    if found is None:
        return []
    zoom, turn = found
    ours = replace(ours, sizes=np.ones(len(ours.points)), angles=np.zeros(len(ours.points)))
    theirs = replace(theirs, sizes=np.full(len(theirs.points), zoom), angles=np.full(len(theirs.points), turn))
    area = float(np.prod(theirs.aspect))
    relations = [
        replace(each, surprise=_surprise(each.evidence.tentative, len(each.evidence.points), area))
        for each in geometry.relate(ours, theirs, ratio=ratio, mirrored=mirrored, most=most)
    ]
    return sorted((each for each in relations if each.surprise > 0), key=lambda each: -each.surprise)


def _dominant(ours: Keypoints, theirs: Keypoints) -> tuple[float, float] | None:
    """Zoom (a factor) and turn (radians) from ours to theirs that most mutual nearest neighbours obey."""
    if min(len(ours.points), len(theirs.points)) < geometry.LEAST_INLIERS:
        return None
    i, j = _mutual(ours.vectors, theirs.vectors)
    if len(i) < geometry.LEAST_INLIERS:
        return None
    q, r = (points[:, 0] + 1j * points[:, 1] for points in (ours.points[i], theirs.points[j]))
    first, second = np.triu_indices(min(len(i), _PROPOSERS), 1)
    apart = q[second] - q[first]
    usable = np.abs(apart) > _LEAST_APART
    first, second, apart = first[usable], second[usable], apart[usable]
    if not len(first):
        return None
    factor = (r[second] - r[first]) / apart
    usable = np.abs(np.log(np.maximum(np.abs(factor), 1e-9))) < _MOST_ZOOM
    factor, first = factor[usable], first[usable]
    if not len(factor):
        return None
    error = np.abs(factor[:, None] * (q[None] - q[first][:, None]) + r[first][:, None] - r[None])  # [proposal, match]
    best = factor[int((error < 2 * geometry.TOLERANCE).sum(axis=1).argmax())]
    return float(np.abs(best)), float(np.angle(best))


def _mutual(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of mutual nearest neighbours, the most similar first."""
    similarity = ours @ theirs.T
    there, back = similarity.argmax(axis=1), similarity.argmax(axis=0)
    i = np.flatnonzero(back[there] == np.arange(len(there)))
    i = i[np.argsort(-similarity[i, there[i]], kind="stable")]
    return i, there[i]


def _surprise(tentative: int, count: int, area: float) -> float:
    """As in `geometry`: -log10 of pairs times the chance that this many of the others agree with one by accident."""
    chance = min(0.5, 4 * np.pi * geometry.TOLERANCE**2 / area)
    others, agree = tentative - 2, count - 2
    if others < 1 or agree <= chance * others:
        return 0.0
    share = agree / others
    divergence = share * np.log(share / chance)
    if share < 1:
        divergence += (1 - share) * np.log((1 - share) / (1 - chance))
    return float(others * divergence / np.log(10) - np.log10(tentative * (tentative - 1) / 2))
