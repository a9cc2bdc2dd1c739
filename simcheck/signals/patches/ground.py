"""What in a picture is ground: what many pictures share whatever they show, and nobody drew for this one.

Long straight rules along the sides (frames, panel borders, page lines, squares), rows of lettering and of small signs,
bar and QR codes, and what has no edge at all (paper, gradients). It is found by rules over structure, since a page,
a card or a screen is laid out along its sides. Straight edges of a building count as ground, too: that costs little,
since what is judged by content needs some content, not all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Pixels
from simcheck.signals.patches.structure import Map, map_size, structure_map

__all__ = ["Ground", "content_map", "ground_of", "without_ground"]

SIDE = 512
"""Longer side, in pixels, at which rules are applied."""
LEAST_EDGE = 3.0
"""L* within the blur of `SMOOTH` below which a place has no edge: gradients, paper, vignettes."""
SMOOTH = 24.0
"""Standard deviation, in pixels, of the blur that what has no edge survives."""
STEP = 5.0
"""L* between neighbours of the rows beside a rule."""
RULE = 0.16
"""Share of the picture's longer side from which a straight line along a side is a rule."""
LONG = 0.22
"""The same of a straight line in any direction."""
DENSE = 0.85
"""Share of a rule's length at which there is an edge."""
BESIDE = 5
"""Pixels beside a rule at which there is less of an edge."""
GAP = 5
"""Pixels by which what is drawn is widened."""
LETTERS = (0.008, 0.13)
"""Heights of lettering, in shares of the longer side."""
LEAST_ROW = 4
"""Signs that make a row, on plain ground; over a picture `CAPTION`, all white or all black."""
CAPTION = 6
APART = 1.5
"""Largest gap between signs of a row, in heights."""
ALIKE = 0.35
"""By how much heights and places of signs in a row may differ, in heights."""

LABEL = 0.12
"""Share of the picture up to which a plain area around lettering is a label or a balloon."""
ALONE = 0.07
"""Longer side of a sign that stands alone, in shares of the picture's."""
MARGIN = 6
"""Pixels of plain ground around a sign that stands alone."""

PLAIN = 20
"""Of 255: by how much the ground beside lettering may differ in lightness."""
SOLID = 0.85
"""Share of its hull that a label fills."""

ALL = 0.9
"""Share of a place of the map that must be plain."""

Mask = NDArray[np.bool_]
Sign = tuple[int, int, int, int, int]
"""x, y, width, height, number."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Both (height, width), the longer side `SIDE`."""

    drawn: Mask
    """Rules, lettering, signs and codes."""
    plain: Mask
    """Where there is no edge."""


def ground_of(pixels: Pixels) -> Ground:
    """Of a picture (h, w, 3) uint8."""
    import cv2

    small = _at_size(pixels)
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    return Ground(_rules(lab) | _lines(lab) | _signs(lab) | _codes(small), _plain(lab))


def content_map(image: Pixels) -> Map:
    """`structure.structure_map` of a picture (h, w, 3) uint8 as if nothing were ground: zero where all of it is."""
    import cv2

    ground = ground_of(image)
    height, width = map_size(*image.shape[:2])
    found = structure_map(without_ground(image, ground))
    if found.shape[:2] != (height, width):
        found = np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    plain = cv2.resize(ground.plain.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(found * (plain < ALL)[..., None], np.float32)


def without_ground(pixels: Pixels, ground: Ground) -> Pixels:
    """The picture at the size of ``ground``, with what was drawn there filled in from what lies around (Telea, Journal
    of Graphics Tools 9, 2004)."""
    import cv2

    small = _at_size(pixels)
    return np.asarray(cv2.inpaint(small, ground.drawn.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)


def _at_size(pixels: Pixels) -> Pixels:
    import cv2

    height, width = pixels.shape[:2]
    factor = SIDE / max(height, width)
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=how), np.uint8)


def _plain(lab: NDArray[np.float32]) -> Mask:
    import cv2

    apart = np.linalg.norm(lab - cv2.GaussianBlur(lab, (0, 0), SMOOTH), axis=2)
    return np.asarray(cv2.blur(apart, (9, 9)) < LEAST_EDGE)


def _rules(lab: NDArray[np.float32]) -> Mask:
    """Straight edges along a side that stand out from the rows beside them: the edges of a texture do not."""
    import cv2

    found = np.zeros(lab.shape[:2], np.bool_)
    length = round(RULE * max(lab.shape[:2]))
    for turned in (False, True):
        seen = lab.transpose(1, 0, 2) if turned else lab
        steps = np.linalg.norm(np.diff(seen, axis=0, prepend=seen[:1]), axis=2)
        edge = cv2.dilate((steps > STEP).astype(np.float32), np.ones((2, 1), np.uint8))
        density = np.asarray(cv2.blur(edge, (length, 1), borderType=cv2.BORDER_CONSTANT), np.float32)
        beside = np.minimum(*(_moved(density, by) for by in (BESIDE, -BESIDE)))
        core = (density > DENSE) & (density - beside > DENSE / 2)
        lines = _widened(core, 1, length) & _widened(edge > 0, 1, GAP)
        lines = _widened(lines, GAP, GAP)
        found |= lines.T if turned else lines
    return found


def _widened(mask: Mask, down: int, across: int) -> Mask:
    import cv2

    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((down, across), np.uint8)), np.bool_)


def _lines(lab: NDArray[np.float32]) -> Mask:
    """Long straight lines in any direction (LSD: Grompone von Gioi et al., PAMI 2010): rays, hatched grounds."""
    import cv2

    light = np.asarray(np.clip(lab[..., 0] * 2.55, 0, 255), np.uint8)
    found = np.zeros(light.shape, np.uint8)
    segments = cv2.createLineSegmentDetector().detect(light)[0]
    for x0, y0, x1, y1 in () if segments is None else np.asarray(segments, np.float64).reshape(-1, 4).tolist():
        if np.hypot(x1 - x0, y1 - y0) >= LONG * max(light.shape):
            cv2.line(found, (round(x0), round(y0)), (round(x1), round(y1)), 1, GAP)
    return found > 0


def _moved(values: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    """Up or down by so many rows, with nothing beyond the edge."""
    out = np.zeros_like(values)
    if by > 0:
        out[by:] = values[:-by]
    else:
        out[:by] = values[-by:]
    return out


def _signs(lab: NDArray[np.float32]) -> Mask:
    """Rows of lettering with the balloons or labels around them, and small signs that stand alone on plain ground."""
    import cv2

    light = np.asarray(np.clip(lab[..., 0] * 2.55, 0, 255), np.uint8)
    side = max(light.shape)
    found = np.zeros(light.shape, np.bool_)
    for dark in (True, False):
        around = cv2.GaussianBlur(light, (0, 0), 12).astype(np.int16)
        signs = ((around - light) if dark else (light - around)) > 25
        _, labels, stats, _ = cv2.connectedComponentsWithStats(signs.astype(np.uint8), connectivity=8)
        boxes = [
            (int(x), int(y), int(w), int(h), n)
            for n, (x, y, w, h, area) in enumerate(stats)
            if n and LETTERS[0] * side <= h <= LETTERS[1] * side and 0.1 * h <= w <= 2.5 * h and area >= 0.12 * w * h
        ]
        for row in _in_rows(boxes):
            x0, y0, x1, y1 = _around(row)
            own = np.isin(labels, [b[4] for b in row])
            beside = light[y0:y1, x0:x1][~_widened(own[y0:y1, x0:x1], 5, 5)]
            if len(beside) and np.percentile(beside, 90) - np.percentile(beside, 10) < PLAIN:
                found |= _widened(own, GAP, GAP)
                found |= _label_around(light, (x0, y0, x1, y1), float(np.median(beside)))
            elif len(row) >= CAPTION and light[own].std() < PLAIN and not 40 < light[own].mean() < 215:
                found |= _widened(own, 9, 9)  # with its outline
        for x, y, w, h, area in stats[1:]:
            if max(w, h) > ALONE * side or area < 6:
                continue
            y0, y1, x0, x1 = max(0, y - MARGIN), y + h + MARGIN, max(0, x - MARGIN), x + w + MARGIN
            ring = signs[y0:y1, x0:x1].sum() - area
            if ring == 0 and np.ptp(_border(light[y0:y1, x0:x1])) < 25:
                found[y0:y1, x0:x1] = True
    return found


def _border(piece: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([piece[0], piece[-1], piece[:, 0], piece[:, -1]])


def _around(row: Sequence[Sign]) -> tuple[int, int, int, int]:
    x0, y0 = min(b[0] for b in row), min(b[1] for b in row)
    x1, y1 = max(b[0] + b[2] for b in row), max(b[1] + b[3] for b in row)
    return max(0, x0 - 2), max(0, y0 - 2), x1 + 2, y1 + 2


def _label_around(light: NDArray[np.uint8], box: tuple[int, int, int, int], ground: float) -> Mask:
    """The plain area in which a row stands, with its outline, where that is a label or a balloon and not the page."""
    import cv2

    x0, y0, x1, y1 = box
    plain = np.abs(light.astype(np.int16) - ground) < PLAIN
    plain[y0:y1, x0:x1] = True
    _, labels = cv2.connectedComponents(plain.astype(np.uint8), connectivity=4)
    area = (labels == labels[(y0 + y1) // 2, min((x0 + x1) // 2, light.shape[1] - 1)]).astype(np.uint8)
    outline, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = sum(cv2.contourArea(cv2.convexHull(each)) for each in outline)
    if area.mean() > LABEL or area.sum() < SOLID * hull:
        return np.zeros(light.shape, np.bool_)
    return _widened(area > 0, 11, 11)


def _in_rows(boxes: Sequence[Sign]) -> list[list[Sign]]:
    rows: list[list[Sign]] = []
    for box in sorted(boxes):
        x, y, w, h, _ = box
        for row in rows:
            lx, ly, lw, lh, _ = row[-1]
            most = max(h, lh)
            near = -0.3 * most <= x - (lx + lw) <= APART * most
            level = min(abs(y - ly), abs(y + h - ly - lh)) <= ALIKE * most
            if near and level and abs(h - lh) <= 2 * ALIKE * most:
                row.append(box)
                break
        else:
            rows.append([box])
    return [row for row in rows if len(row) >= LEAST_ROW]


def _codes(small: Pixels) -> Mask:
    import cv2

    found = np.zeros(small.shape[:2], np.uint8)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    there, corners = cv2.QRCodeDetector().detectMulti(grey)
    bars, places = cv2.barcode.BarcodeDetector().detectMulti(grey)
    for each in (*(corners if there else ()), *(places if bars else ())):
        hull = cv2.convexHull(np.rint(each).astype(np.int32))
        cv2.fillConvexPoly(found, hull, 1)
    return _widened(found > 0, 15, 15)
