"""A suspect laid over a work by a relation, and described again at the very places of the work's keypoints.

The index holds no pictures. But it holds where a work's keypoints lie, how large and how turned they are, and what
SIFT saw there; so a suspect that is laid into the frame of the work can be described at the same places, and place by
place be told to show the same strokes or not. That asks for a closer relation than matching does: it is fitted again
to those of the matches that agree within `CLOSE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simcheck.records import MatchEvidence, Pixels
from simcheck.signals.keypoints.geometry import Keypoints

if TYPE_CHECKING:
    from cv2 import KeyPoint

__all__ = ["Floats", "Laid", "Places", "agreeing_places", "laid_over"]

Floats = NDArray[np.float64]

CLOSE = 0.0025
"""Error, in units of the longer side, within which matches take part in the closer fit: 2 px of 800."""
LEAST_SIDE = 240
"""Pixels of the longer side of a frame; a suspect that shows the work smaller is not looked at."""
FINEST = 2.0
"""Pixels; SIFT finds no smaller keypoint than about this."""
FINE = 0.02
"""Size, in units of the longer side, up to which a keypoint speaks of a place rather than of a whole region."""
REACH = 3.0
"""In sizes: how far from the rim of what both show a place has to lie."""
SIGMA, LAYERS = 1.6, 3
"""Of SIFT's scale space in OpenCV."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A suspect in the frame of a work."""

    pixels: Pixels
    inside: NDArray[np.bool_]
    """(height, width): where the suspect shows something."""
    to_suspect: Floats
    """3x3: pixels of the frame (edges at whole numbers) to pixels of the suspect."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """(n, 2) places in fractions of the work, and (n,) cosines of what both show there: 1 for the same strokes."""

    points: Floats
    cosines: Floats


def laid_over(pixels: Pixels, matches: MatchEvidence, work: tuple[int, int], side: int) -> Laid | None:
    """``pixels`` in the frame of a work of this (width, height), whose longer side becomes at most ``side`` pixels, and
    no more than the suspect has. None where that is too few."""
    import cv2

    rows, columns = pixels.shape[:2]
    longer = float(max(work))
    to_work = _fitted(matches, np.array([columns, rows]) / max(columns, rows), np.array(work) / longer)
    to_suspect = np.diag([columns, rows, 1.0]) @ np.linalg.inv(to_work) @ np.diag([1 / work[0], 1 / work[1], 1.0])
    middle = to_suspect @ np.array([work[0] / 2, work[1] / 2, 1.0])
    zoom = abs(float(np.linalg.det(to_suspect))) ** 0.5 / max(abs(float(middle[2])) ** 1.5, 1e-9)
    frame = min(float(side), longer, longer * zoom)
    if frame < LEAST_SIDE:
        return None
    size = (max(1, round(work[0] * frame / longer)), max(1, round(work[1] * frame / longer)))
    to_suspect = to_suspect @ np.diag([work[0] / size[0], work[1] / size[1], 1.0])
    shrink = min(1.0, frame / (longer * zoom))  # else fine strokes alias
    small = (max(1, round(columns * shrink)), max(1, round(rows * shrink)))
    shown = np.ascontiguousarray(pixels)
    if small != (columns, rows):
        shown = np.asarray(cv2.resize(shown, small, interpolation=cv2.INTER_AREA), np.uint8)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV counts from the middle of the first pixel
    matrix = np.linalg.inv(half) @ np.diag([small[0] / columns, small[1] / rows, 1.0]) @ to_suspect @ half
    drawn = cv2.warpPerspective(
        shown, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    inside = cv2.warpPerspective(
        np.ones(shown.shape[:2], np.uint8), matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    return Laid(np.asarray(drawn, np.uint8), np.asarray(inside, np.bool_), to_suspect)


def _fitted(matches: MatchEvidence, ours: Floats, theirs: Floats) -> Floats:
    """The relation, in fractions, of those matches that agree closely: affine, unless it is seen at an angle."""
    import cv2

    if matches.kind == "homography":
        found, _ = cv2.findHomography(matches.points[:, :2] * ours, matches.points[:, 2:] * theirs, cv2.RANSAC, CLOSE)
        matrix = None if found is None else np.asarray(found, np.float64)
    else:
        found, _ = cv2.estimateAffine2D(
            matches.points[:, :2] * ours, matches.points[:, 2:] * theirs, None, cv2.RANSAC, CLOSE, 2000, 0.999
        )
        matrix = None if found is None else np.vstack([found, [0, 0, 1]])
    if matrix is None or abs(float(np.linalg.det(matrix))) < 1e-6:
        return matches.transform
    return np.asarray(np.diag([*(1 / theirs), 1.0]) @ matrix @ np.diag([*ours, 1.0]))


def agreeing_places(laid: Laid, work: Keypoints) -> Places:
    """What the suspect shows at the work's fine keypoints, as far as both show them and the frame is fine enough."""
    import cv2

    rows, columns = laid.inside.shape
    longer = max(rows, columns)
    middles = work.points * longer
    sizes = work.sizes * longer
    room = cv2.distanceTransform(np.pad(laid.inside, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    x, y = np.clip(middles, 0, [columns - 1, rows - 1]).astype(int).T
    chosen = np.flatnonzero((work.sizes < FINE) & (sizes >= FINEST) & (room[y, x] > REACH * sizes))
    asked = [_keypoint(middles[i], sizes[i], work.angles[i], int(i)) for i in chosen]
    none = Places(np.zeros((0, 2)), np.zeros(0))
    if not asked:
        return none
    grey = cv2.cvtColor(laid.pixels, cv2.COLOR_RGB2GRAY)
    kept, sift = cv2.SIFT.create().compute(grey, asked)
    if not kept:
        return none
    numbers = np.array([k.class_id for k in kept])
    root = np.sqrt(np.asarray(sift, np.float64))
    root /= np.maximum(np.linalg.norm(root, axis=1, keepdims=True), 1e-9)
    return Places(work.points[numbers] / work.aspect, np.einsum("ij,ij->i", root, work.vectors[numbers]))


def _keypoint(place: Floats, size: float, angle: float, number: int) -> KeyPoint:
    """As OpenCV's SIFT would have found it: the level of its scale space follows from the size."""
    import cv2

    step = LAYERS * np.log2(size / (2 * SIGMA))
    octave = max(-1, int(np.ceil(step / LAYERS - 1e-9)) - 1)
    layer = min(LAYERS, max(1, round(step - LAYERS * octave)))
    x, y = place.tolist()
    return cv2.KeyPoint(x, y, float(size), float(np.rad2deg(angle)), 1.0, (octave & 255) | layer << 8, number)
