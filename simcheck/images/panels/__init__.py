"""Where the pictures lie in a screenshot, a collage, a bordered scan or a photo of a screen: its panels.

Three detectors, on the picture reduced to at most `WORK_SIDE` pixels; the first that finds something wins.

1. *Islands*: whatever is neither locally flat (range in 3 x 3 pixels) nor of the ground's colour is joined into
   connected components; the large ones are filled, freed of thin attachments by opening, and kept where they are
   rectangles with four straight sides (leaning a little, for photos of screens). Text and icons are small components.
   Four levels of "flat", from an exact screen to grainy paper: the first at which the canvas divides into panels and
   ground with hardly a remainder counts. Inside a lone panel on an exactly flat ground the same is asked again (a mount
   in a frame, a card in a screen).
2. *Backdrop*: a picture between two equal calm bands with a sharp seam to each, as video apps fill a screen.
3. *Grid*: inside every panel, or the whole, a recursive XY cut along gutters (lines of one colour from side to side
   that differ from what lies beyond) and, in regular grids of 2 x 2 to 8 x 8, along seams without a gutter.

Before these, a picture more than three times as long as it is wide is looked at as a strip of pictures (`strips`), and
any other as a contact sheet: a regular grid of six or more cells.

What fools it. Not found: a white picture on white ground (nothing tells where it ends), a panel under overlaid text or
stickers, two pictures side by side without a gutter, round or tilted pictures, a collage with scattered sizes
on a patterned ground. Cut though single: a printed plate with a wide paper margin (its margin is cut off, which is
meant), a triptych with gutters and a comic page with gutters (they are cut along them), a landscape of two flat fields
with an exactly straight border, a bar that crosses the whole picture in one colour.

Sources: connected components by bounding box and the XY cut of document layout analysis (Nagy, Seth, "Hierarchical
representation of optically scanned documents", ICPR 1984; Ha, Haralick, Phillips, "Recursive X-Y cut using bounding
boxes of connected components", ICDAR 1995); the rules of what is ground, side and seam are our own, with limits fitted
by eye on one half of the artists that scripts/measure/evaluate_panels.py then leaves out.
"""

from __future__ import annotations

import numpy as np

from simcheck.images.panels.grid import sheet, split
from simcheck.images.panels.islands import LEVELS, MIN_AREA, WHOLE, before_backdrop, islands
from simcheck.images.panels.rectangles import area, crop, shift
from simcheck.images.panels.strips import strip
from simcheck.records import Box, Pixels

__all__ = ["find_panels"]

WORK_SIDE = 768
ACROSS = 192
"""Pixels that a strip keeps across."""
MAX_PANELS = 64
MIN_SIDE = 64
"""A panel has at least this many pixels a side."""


def find_panels(pixels: Pixels) -> tuple[Box, ...]:
    """The panels of a picture (h, w, 3; sRGB), top to bottom and left to right; none where it is one picture."""
    import cv2

    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        return ()
    scale = min(1.0, max(WORK_SIDE / max(height, width), ACROSS / min(height, width)))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture = np.ascontiguousarray(pixels)
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    least = max(8.0, MIN_SIDE * scale)
    found = strip(picture, least) or sheet(picture, least)
    for rect in (
        () if found else islands(picture, LEVELS, least) or before_backdrop(picture) or [(0, 0, size[0], size[1])]
    ):
        cells = split(crop(picture, rect), least)
        found += [shift(cell, rect) for cell in cells] or [rect]
    found = [r for r in found if area(r) >= MIN_AREA * size[0] * size[1]]
    if not found or (len(found) == 1 and area(found[0]) > WHOLE * size[0] * size[1]) or len(found) > MAX_PANELS:
        return ()
    boxes = [(x0 / size[0], y0 / size[1], x1 / size[0], y1 / size[1]) for x0, y0, x1, y1 in found]
    return tuple(sorted(boxes, key=lambda b: (b[1], b[0])))
