"""Is the mark really there? A proposed place is drawn upright at the mark's own size and laid under it.

Agreement is the correlation of both after each has been freed of its slow changes of brightness (local mean and
contrast), so that the painting below and the colour of the ink do not count; its sign does not either. The pose is
refined on small grids of turns, sizes and stretches; the best shift comes from the correlation itself. On the way,
broad windows find the pose from farther off. The verdict (`agreement` with ``sharp``) takes narrow ones, as wide as
strokes, and only the strokes and their edges, so that a painting that is busy between them does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.provenance.marks.ink import Floats, Ink
from simcheck.provenance.marks.propose import Pose
from simcheck.records import Pixels

__all__ = ["agreement", "judged", "refined", "upright"]

LEAST, MOST = 36, 96
"""Longer side, in pixels, at which a mark is compared: its own size in the picture within these bounds."""
SLACK = 0.16
"""How far, in longer sides of the mark, a shift may reach."""
BROAD = 2.5
STROKE = 1.6
"""Pixels: the windows in which brightness is levelled, on the way and for the verdict; a stroke is about as wide."""
_STEPS = (
    ((-0.07, 0.0, 0.07), (0.92, 1.0, 1.09), (1.0,)),
    ((-0.035, 0.0, 0.035), (0.96, 1.0, 1.04), (1.0,)),
    ((0.0,), (1.0,), (0.9, 1.0, 1.1)),
    ((-0.017, 0.0, 0.017), (0.98, 1.0, 1.02), (1.0,)),
)


def refined(ink: Ink, lab: Pixels, pose: Pose, steps: Sequence[int] = (0, 1, 2, 3)) -> tuple[float, Pose]:
    """(agreement 0..1, better pose). ``lab``: the picture in CIELAB, 8 bits; ``steps``: from coarse to fine."""
    best, score = pose, -1.0
    for turns, scales, stretches in (_STEPS[step] for step in steps):
        start = best
        for turn, scale, stretch in product(turns, scales, stretches):
            tried = replace(start, turn=start.turn + turn, scale=start.scale * scale, stretch=start.stretch * stretch)
            found, moved = agreement(ink, lab, tried)
            if found > score:
                best, score = moved, found
    return score, best


def judged(ink: Ink, lab: Pixels, pose: Pose) -> tuple[float, Pose]:
    """The verdict on a refined pose: (sharp agreement 0..1, pose)."""
    tried = (
        agreement(ink, lab, replace(pose, turn=pose.turn + turn, scale=pose.scale * scale), sharp=True)
        for turn, scale in product((-0.012, 0.0, 0.012), (0.985, 1.0, 1.015))
    )
    return max(tried, key=lambda each: each[0])


def agreement(ink: Ink, lab: Pixels, pose: Pose, *, sharp: bool = False) -> tuple[float, Pose]:
    """The best correlation near ``pose`` over small shifts and the three channels, and the pose that was shifted."""
    import cv2

    longer = round(float(np.clip(pose.scale * ink.longer, LEAST, MOST)))
    template, strokes = _template(ink, longer, sharp)
    pad = 3 if sharp else max(2, round(SLACK * longer))
    sigma = STROKE if sharp else BROAD
    patch = upright(ink, lab, pose, longer, pad)
    best, at = 0.0, (pad, pad)
    for channel in range(3):
        plane = _levelled(np.ascontiguousarray(patch[..., channel]), sigma)
        table = cv2.matchTemplate(plane, template, cv2.TM_CCOEFF_NORMED, mask=strokes)
        table[~np.isfinite(table)] = 0.0
        low, high, where_low, where_high = cv2.minMaxLoc(table)
        for value, where in ((high, where_high), (-low, where_low)):
            if value > best:
                best, at = float(value), (int(where[0]), int(where[1]))
    factor = longer / ink.longer
    step = pose.matrix(ink)[:, :2] @ (np.array([at[0] - pad, at[1] - pad]) / factor)
    return best, replace(pose, x=pose.x + float(step[0]), y=pose.y + float(step[1]))


def upright(ink: Ink, picture: Pixels, pose: Pose, longer: int, pad: int) -> Floats:
    """The place of ``pose`` as the mark has it, ``longer`` pixels long and with ``pad`` pixels around."""
    import cv2

    height, width = ink.density.shape
    factor = longer / ink.longer
    size = (round(width * factor) + 2 * pad, round(height * factor) + 2 * pad)
    matrix = pose.matrix(ink)
    # one pixel of the upright patch may cover several of the picture: average those first
    covered = pose.scale / factor
    to_ink = np.array([[1 / factor, 0, (0.5 - pad) / factor], [0, 1 / factor, (0.5 - pad) / factor], [0, 0, 1]])
    to_picture = matrix @ to_ink - np.array([[0, 0, 0.5], [0, 0, 0.5]])
    corners = np.array([[0, 0, 1], [size[0], 0, 1], [0, size[1], 1], [*size, 1]]) @ to_picture.T
    rows, columns = picture.shape[:2]
    left, top = (int(v) for v in np.floor(np.clip(corners.min(axis=0) - 8, 0, [columns - 1, rows - 1])))
    right, bottom = (int(v) for v in np.ceil(np.clip(corners.max(axis=0) + 8, [left + 1, top + 1], [columns, rows])))
    part: NDArray[Any] = picture[top:bottom, left:right]
    to_picture[:, 2] -= [left, top]
    if covered > 1.25:
        smaller = (max(1, round(part.shape[1] / covered)), max(1, round(part.shape[0] / covered)))
        shrink = np.array([smaller[0] / part.shape[1], smaller[1] / part.shape[0]])
        part = cv2.resize(part, smaller, interpolation=cv2.INTER_AREA)
        to_picture = np.column_stack([to_picture[:, :2] * shrink[:, None], (to_picture[:, 2] + 0.5) * shrink - 0.5])
    drawn = cv2.warpAffine(
        np.ascontiguousarray(part), to_picture, size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(drawn, np.float32)


@lru_cache(maxsize=256)
def _template(ink: Ink, longer: int, sharp: bool) -> tuple[Floats, Floats | None]:
    import cv2

    height, width = ink.density.shape
    factor = longer / ink.longer
    size = (round(width * factor), round(height * factor))
    small = cv2.resize(ink.density, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    plane = np.asarray(small * 255, np.float32)
    if not sharp:
        return _levelled(plane, BROAD), None
    strokes = cv2.dilate((plane > 50).astype(np.float32), np.ones((3, 3), np.uint8))
    return _levelled(plane, STROKE), np.asarray(strokes, np.float32)


def _levelled(plane: Floats, sigma: float) -> Floats:
    """Less its local mean, by its local contrast; the floor keeps noise of even areas from counting."""
    import cv2

    mean = cv2.GaussianBlur(plane, (0, 0), sigma)
    apart = plane - mean
    contrast = np.sqrt(cv2.GaussianBlur(apart * apart, (0, 0), 1.5 * sigma))
    return np.asarray(apart / (contrast + 6.0), np.float32)
