"""What the numbers of a calibration do not hold for: suspects that are no pictures in its sense.

A likelihood ratio is fitted on pictures of people, places and things. Next to nothing, a thumbnail and a page of
writing resemble their like for reasons that the pairs behind it do not hold, so a ratio would be a number without a
meaning. Scores are shown as for any other suspect.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Pixels

__all__ = ["LEAST_SIDE", "out_of_scope"]

LEAST_SIDE = 64
"""Pixels of the shorter side below which detail is a matter of luck."""
LEAST_SPREAD = 4.0
"""Standard deviation of the lightness, of 255."""
SIDE = 900
LONGEST = 4
"""Of a strip, a part so many times as long as wide is what lines are measured against."""
INK = 48
"""Difference of lightness from the ground at which there is ink."""
LEAST_LINES = 6
LONG, HIGH = 0.25, 0.05
"""A line of writing is at least so long, of the page's width, and at most so high, of its longer side."""
LINES_HOLD = 0.85
"""Share of the ink within such lines, on a page that is nothing but writing."""


def out_of_scope(pixels: Pixels, size: tuple[int, int] | None = None) -> str | None:
    """``too_small``, ``too_narrow``, ``blank`` or ``text_page``; None for a picture. ``size``: of the whole file, where
    ``pixels`` were scaled down."""
    import cv2

    if min(pixels.shape[:2]) < LEAST_SIDE:
        return "too_narrow" if size and min(size) >= LEAST_SIDE else "too_small"
    factor = min(1.0, SIDE / min(max(pixels.shape[:2]), LONGEST * min(pixels.shape[:2])))
    small = cv2.resize(np.ascontiguousarray(pixels), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    if float(grey.std()) < LEAST_SPREAD:
        return "blank"
    ground = int(np.bincount(grey.ravel(), minlength=256).argmax())
    ink = (np.abs(grey.astype(np.int16) - ground) > INK).astype(np.uint8)
    # lines across, and columns as Chinese and Japanese may be written
    if 0.01 < float(ink.mean()) < 0.4 and (_is_written(ink) or _is_written(np.ascontiguousarray(ink.T))):
        return "text_page"
    return None


def _is_written(ink: NDArray[np.uint8]) -> bool:
    """Whether nearly all ink lies in long low lines, several of them, with empty ground between."""
    import cv2

    reach = max(9, round(0.03 * ink.shape[1]))
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8), connectivity=8)
    lines = [
        (int(x), int(y), int(x + w), int(y + h))
        for x, y, w, h, _ in boxes[1:count]
        if w >= LONG * ink.shape[1] and 3 <= h <= HIGH * min(max(ink.shape), LONGEST * min(ink.shape))
    ]
    if len(lines) < LEAST_LINES:
        return False
    inside = np.zeros_like(ink)
    for x0, y0, x1, y1 in lines:
        inside[y0:y1, x0:x1] = 1
    # a line drawing is empty in its lines' boxes or full; writing is in between
    fill = float(ink[inside > 0].mean())
    return 0.1 < fill < 0.7 and float(ink[inside > 0].sum() / ink.sum()) >= LINES_HOLD
