"""The element map as a drawing: outlines on the suspect, joined by lines to the parts of the works that explain them.

As in `figures`: units of a drawing, SVG from numbers and checked colours only. Elements are told apart by their number
as well as by colour, so that a print in grey shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcheck.records import Box
from simcheck.reporting.figures.svg import UNITS, Frame, badge

__all__ = ["COLOURS", "Crop", "ElementMap", "lay_out_map", "map_svg"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#7a3d8f", "#8c6d00", "#1a1a1a")
"""After Okabe & Ito ("Color Universal Design", 2008); darkened where their white casing would swallow them."""
QUERY_SHARE = 0.56
"""Of the width, for the suspect."""
ROWS = 4
"""Parts of works that stand in one column; more stand in two."""
GAP = 22.0
TALLEST = 900.0
LEAST_ROW = 130.0
Outline = Sequence[Sequence[Sequence[float]]]
"""Polygons of (x, y) in fractions of the suspect."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a work in the drawing: where it stands, and which part it is, in pixels of the embedded picture."""

    frame: Frame
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ElementMap:
    width: float
    height: float
    query: Frame
    crops: tuple[Crop, ...]


def lay_out_map(query: tuple[int, int], parts: Sequence[tuple[tuple[int, int], Box]]) -> ElementMap:
    """Arrange the suspect (width, height) and, beside it, each part: (width, height) of the work and the box in it."""
    across = QUERY_SHARE * UNITS
    shape = min(max(query[0] / query[1], 0.25), 6.0)
    height = across / shape
    if height > TALLEST:
        across, height = across * TALLEST / height, TALLEST
    columns = 1 if len(parts) <= ROWS else 2
    rows = -(-len(parts) // columns)
    total = max(height, rows * LEAST_ROW)
    left = across + 3 * GAP
    cell_width = (UNITS - left - (columns - 1) * GAP) / columns
    cell_height = (total - (rows - 1) * GAP) / max(rows, 1)
    crops = []
    for i, (size, box) in enumerate(parts):
        x, y = left + (i % columns) * (cell_width + GAP), (i // columns) * (cell_height + GAP)
        x0, y0, x1, y1 = (v * size[k % 2] for k, v in enumerate(_with_margin(box)))
        wide, high = max(1.0, x1 - x0), max(1.0, y1 - y0)
        scale = min(cell_width / wide, cell_height / high)
        frame = Frame(x, y + (cell_height - scale * high) / 2, scale * wide, scale * high)
        crops.append(Crop(frame, x0, y0, wide, high))
    return ElementMap(UNITS, total, Frame(0, (total - height) / 2, across, height), tuple(crops))


def _with_margin(box: Box) -> Box:
    """A little of what lies around shows where in the work it is."""
    x, y = 0.06 * (box[2] - box[0]), 0.06 * (box[3] - box[1])
    return max(0.0, box[0] - x), max(0.0, box[1] - y), min(1.0, box[2] + x), min(1.0, box[3] + y)


def map_svg(laid_out: ElementMap, outlines: Sequence[Outline]) -> str:
    """What is drawn over the pictures: outlines, lines and numbers, the first element on top."""
    parts = []
    for i in reversed(range(len(outlines))):
        colour, frame, crop = COLOURS[i % len(COLOURS)], laid_out.query, laid_out.crops[i].frame
        paths = "".join(_path(polygon, frame) for polygon in outlines[i])
        places = np.array([frame.place(x, y) for polygon in outlines[i] for x, y in polygon])
        low, high = places.min(axis=0), places.max(axis=0)
        middle = (low + high) / 2
        start, end = (float(high[0]), float(middle[1])), (crop.x, crop.y + crop.height / 2)
        line = f'd="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"'
        at = f'x="{crop.x:.1f}" y="{crop.y:.1f}" width="{crop.width:.1f}" height="{crop.height:.1f}"'
        parts += [
            f'<path class="area" fill="{colour}" d="{paths}"/>',
            f'<path class="casing" d="{paths}"/><path class="box" stroke="{colour}" d="{paths}"/>',
            f'<path class="casing" {line}/><path class="box" stroke="{colour}" {line}/>',
            f'<rect class="casing" {at}/><rect class="box" stroke="{colour}" {at}/>',
            badge(float(middle[0]) - 17, float(middle[1]) - 17, str(i + 1), colour),
            badge(crop.x + 5, crop.y + 5, str(i + 1), colour),
        ]
    return f'<g class="boxes elements">{"".join(parts)}</g>'


def _path(polygon: Sequence[Sequence[float]], frame: Frame) -> str:
    places = [frame.place(x, y) for x, y in polygon]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places) + "Z"
