"""What agrees of two maps only as the ground does: the same frame around other pictures, or the same pattern anywhere.

A part of a picture that was copied agrees where the work's own content is. Two pictures in one frame, on one page or
screen agree around a window, and show other things within it, up to its edge, which both have. A pattern, a screen of
dots or a tiling agrees with itself as well when one is moved on the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simcheck.signals.patches.structure import ASIDE, INDEPENDENT, Map, drawn_over, strength_of

__all__ = ["framed_share", "own_score"]

NEAR = 9
"""Side of the squares, in pixels of a map, over which local agreement is taken."""
CLEAR = 0.06
"""Mean squared strength from which a place has something to show."""
OTHERWISE = 0.35
"""Local cosine below which a place shows something else."""
EDGE = 0.6
"""Local cosine, over 3 pixels, from which both have the same edge."""
STRONG = 0.2
"""Strength that such an edge needs in both."""
LEAST_WINDOW = 0.02
"""Share of what both show; smaller windows are not looked at."""
SOLID = 0.8
"""Share of its hull that a window fills, and of that share the part which shows something else."""
HELD = 0.75
"""Share of a window's outline along which both pictures have an edge that runs as it does."""
ALONG = 0.3
"""By how much that share must exceed the one of edges that run across it: in a texture they run any way."""
REACH = 7
"""Pixels of a map within which such an edge is looked for."""
ASKEW = 0.35
"""Radians by which its direction may differ."""

Mask = NDArray[np.bool_]


def framed_share(ours: Map, theirs: Map, transform: NDArray[np.float64]) -> float:
    """Share of what both show that lies in windows which show something else in the same frame.

    ``transform``: 3x3, in units of each picture's longer side, ours to theirs.
    """
    import cv2

    drawn, inside = drawn_over(ours, theirs, transform)
    seen = _blurred(inside.astype(np.float32), NEAR) > 0.99
    if not seen.any():
        return 0.0
    own, their_own = strength_of(ours), strength_of(drawn)
    product = np.einsum("ijk,ijk->ij", ours, drawn)
    energies = [_blurred(each**2, NEAR) for each in (own, their_own)]
    cosine = _blurred(product, NEAR) / np.maximum(np.sqrt(energies[0] * energies[1]), 1e-3)
    clear = seen & (np.maximum(*energies) > CLEAR)
    other = (clear & (cosine < OTHERWISE)).astype(np.uint8)
    other = cv2.morphologyEx(other, cv2.MORPH_CLOSE, np.ones((NEAR, NEAR), np.uint8))
    other = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((NEAR + 2, NEAR + 2), np.uint8))
    close = np.sqrt(_blurred(own**2, 3) * _blurred(their_own**2, 3))
    fine = _blurred(product, 3) / np.maximum(close, 1e-3)
    edges = (fine > EDGE) & (_blurred(own, 3) > STRONG) & (_blurred(their_own, 3) > STRONG) & seen
    # the direction of an edge is kept as a double angle, and that of its normal
    normals = np.asarray(np.arctan2(ours[..., 2], ours[..., 1]) / 2, np.float32)
    inner = cv2.erode(seen.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=0) > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(other)
    share = 0.0
    for number in range(1, count):
        area = float(stats[number, cv2.CC_STAT_AREA])
        if area >= LEAST_WINDOW * seen.sum() and _is_window(labels == number, edges & inner, normals):
            share += area / float(seen.sum())
    return share


def _is_window(region: Mask, edges: Mask, normals: NDArray[np.float32]) -> bool:
    import cv2

    outlines, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    filled, hull = cv2.contourArea(outline), cv2.convexHull(outline)
    if filled < SOLID * cv2.contourArea(hull) or region.sum() < SOLID * filled:
        return False
    places, directions = _around(hull[:, 0].astype(np.float64))
    along, across = (np.zeros(len(places), np.bool_) for _ in range(2))
    height, width = region.shape
    for away in range(-REACH, REACH + 1):
        x, y = np.rint(places + away * directions).astype(int).T
        x, y = x.clip(0, width - 1), y.clip(0, height - 1)
        apart = normals[y, x] - np.arctan2(directions[:, 1], directions[:, 0])
        apart = np.abs(np.angle(np.exp(2j * apart))) / 2
        along |= edges[y, x] & (apart < ASKEW)
        across |= edges[y, x] & (np.pi / 2 - apart < ASKEW)
    return bool(along.mean() >= HELD and along.mean() - across.mean() >= ALONG)


def _around(corners: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places along a polygon, a pixel apart, and the unit normals there; both (n, 2)."""
    places, normals = [], []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        steps = np.arange(int(length)) / max(length, 1e-9)
        places.append(start + steps[:, None] * (end - start))
        normals.append(np.tile([start[1] - end[1], end[0] - start[0]], (len(steps), 1)) / max(length, 1e-9))
    return np.concatenate(places), np.concatenate(normals)


def own_score(ours: Map, theirs: Map, transform: NDArray[np.float64], mask: Mask) -> float:
    """`structure.Agreement.score` of an agreement over ``mask``, less that of the best place at any distance, and not
    only of one close by: what agrees as well elsewhere, as a pattern does, comes to 0."""
    drawn, _ = drawn_over(ours, theirs, transform)
    part = ours * mask[..., None]
    size = (2 * mask.shape[0], 2 * mask.shape[1])

    def over(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
        """The sum of products for every shift of the other one."""
        return np.fft.irfft2(np.conj(np.fft.rfft2(one, size)) * np.fft.rfft2(other, size), size)

    own, their_own = strength_of(part), strength_of(drawn)
    products = sum(over(part[..., k], drawn[..., k]) for k in range(part.shape[2]))
    weights = over(own, their_own)
    total = float(weights[0, 0])
    if total <= 1e-6:
        return 0.0
    down, across = (np.fft.fftfreq(n, 1 / n) for n in size)
    moved = np.hypot(down[:, None], across[None]) >= ASIDE
    cosines = products / np.maximum(weights, 0.5 * total)
    z, beside = np.arctanh(np.clip([cosines[0, 0], cosines[moved].max()], 0, 0.99))
    places = total**2 / max(float(((own * their_own) ** 2).sum()), 1e-9) / INDEPENDENT
    return float(max(0.0, z - beside) * np.sqrt(places))


def _blurred(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Means over squares; of what is nowhere below 0, neither, in spite of rounding."""
    import cv2

    found = np.asarray(cv2.blur(values, (side, side)), np.float32)
    return np.maximum(found, 0.0) if values.min() >= 0 else found
