"""The pictures of a strip, one below the other or side by side, whatever the height of each."""

from __future__ import annotations

import numpy as np

from simcheck.images.panels.grid import seam_support
from simcheck.images.panels.rectangles import Rect
from simcheck.records import Pixels

__all__ = ["strip"]

LONG = 3.0
"""Times as long as wide, from which a picture is looked at as a strip."""
STANDS_OUT = 0.6
"""Share of its length over which a seam must stand out: as in a grid (`grid`), in the mean of its lines."""
LEAST = 3
"""Pictures in a strip; two have one seam, and a lone line is drawn too often."""


def strip(picture: Pixels, least: float) -> list[Rect]:
    """Its pictures, none of them shorter than ``least`` pixels; none for what is no strip."""
    height, width = picture.shape[:2]
    if max(height, width) < LONG * min(height, width):
        return []
    upright = height > width
    support = seam_support(picture if upright else np.ascontiguousarray(picture.transpose(1, 0, 2)))
    seams = [0, *(int(at) for at in np.flatnonzero(support > STANDS_OUT)), len(support)]
    found = [(a, b) for a, b in zip(seams, seams[1:], strict=False) if b - a >= least]
    if len(found) < LEAST:
        return []
    return [(0, a, width, b) if upright else (a, 0, b, height) for a, b in found]
