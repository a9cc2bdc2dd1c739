"""Panels that lie as islands on a ground, and the one between two blurred bands. `simcheck.images.panels` says how."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simcheck.images.panels.rectangles import Rect, area, crop, largest, shift
from simcheck.records import Pixels

__all__ = ["LEVELS", "MIN_AREA", "WHOLE", "before_backdrop", "islands"]

MIN_AREA = 0.02
"""A panel has at least this share of the area."""

WHOLE = 0.85
"""A lone panel larger than this share is the picture itself: cutting off its rim changes nothing."""

LEVELS = (6, 14, 28, 48)
"""Largest local range (of 255) that still counts as flat, tried in this order."""

SIDE, SIDE_WORST = 0.88, 0.75
"""Share of a side's length that must lie on one line; one or two sides of a well-filled panel may be worse."""

REMAINDER, LITTER = 0.2, 0.12
"""Most that large things beside the panels may measure against them, and small things against the canvas."""

WRITING = 12
"""Fewest small things on the ground of a panel that reaches three rims; fewer, and it is the land below a sky."""

GROUND_SHARE = 0.25
"""Least share of the rim that one colour must have to be the ground's."""

BACKDROP_STEP = 8
"""Steps between neighbouring rows that a blurred band stays below."""

Mask = NDArray[np.uint8]


def islands(picture: Pixels, levels: Sequence[int], least: float) -> list[Rect]:
    """Rectangles that stand on a flat ground, by the first of ``levels`` that leaves hardly a remainder."""
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    spread = largest(cv2.subtract(cv2.dilate(picture, kernel), cv2.erode(picture, kernel)))
    ground = _ground(picture)
    if ground is not None:
        away = largest(cv2.absdiff(picture, ground))
    for level in levels:
        rough = spread > level
        found = _islands_at(rough.astype(np.uint8), least)
        if ground is not None:
            rough |= away > max(level, 8)
            found = max(found, _islands_at(rough.astype(np.uint8), least), key=len)
        if found:
            break
    else:
        return []
    if len(found) == 1 and level == levels[0]:
        x0, y0, x1, y1 = found[0]
        inset = 4
        inner = (x0 + inset, y0 + inset, x1 - inset, y1 - inset)
        if min(inner[2] - inner[0], inner[3] - inner[1]) > 2 * least:
            deeper = islands(crop(picture, inner), levels[:1], least)
            if deeper and sum(map(area, deeper)) > 0.25 * area(inner):
                return [shift(rect, inner) for rect in deeper]
    return found


def _ground(picture: Pixels) -> Pixels | None:
    """A canvas of the colour that most of the rim has, if one stands out."""
    ring = np.concatenate(
        [
            picture[:2].reshape(-1, 3),
            picture[-2:].reshape(-1, 3),
            picture[:, :2].reshape(-1, 3),
            picture[:, -2:].reshape(-1, 3),
        ]
    )
    bins = (ring >> 3).astype(np.int32) @ np.array([1024, 32, 1])
    counts = np.bincount(bins)
    if counts.max() < GROUND_SHARE * len(ring):
        return None
    colour = np.median(ring[bins == counts.argmax()], axis=0).astype(np.uint8)
    return np.broadcast_to(colour, picture.shape).copy()


def _islands_at(rough: Mask, least: float) -> list[Rect]:
    """The islands of one mask (1 where not ground), or none where they and the ground do not make up the whole."""
    import cv2

    height, width = rough.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rough, connectivity=8)
    boxes = stats[:, cv2.CC_STAT_WIDTH].astype(np.int64) * stats[:, cv2.CC_STAT_HEIGHT]
    large = boxes >= MIN_AREA * height * width
    large[0] = False
    small = ~large
    small[0] = False
    litter = int(stats[small, cv2.CC_STAT_AREA].sum())
    found: list[Rect] = []
    rest = 0
    kernel = np.ones((max(3, round(least / 2)),) * 2, np.uint8)
    for label in np.flatnonzero(large):
        x, y, w, h, _ = (int(v) for v in stats[label])
        own = (labels[y : y + h, x : x + w] == label).astype(np.uint8)
        solid = _fill(own, x == 0, y == 0, x + w == width, y + h == height)
        opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
        pieces, marks, sizes, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
        for piece in range(1, pieces):
            px, py, pw, ph, filled = (int(v) for v in sizes[piece])
            if pw < least or ph < least or pw * ph < MIN_AREA * height * width:
                rest += filled
                continue
            rect = _rectangle((marks[py : py + ph, px : px + pw] == piece).astype(np.uint8))
            if rect is None:
                rest += filled
                continue
            rect = shift(rect, (x + px, y + py, 0, 0))
            found.append(_without_halo(rect, width, height))
    found = [rect for rect in found if not _holds(rect, found)]
    found = [rect for rect in found if not any(_within(rect, other) for other in found)]
    panels = sum(map(area, found))
    if np.count_nonzero(small & (stats[:, cv2.CC_STAT_AREA] >= 8)) < WRITING and any(
        _sides_shared(r, width, height) > 2 for r in found
    ):
        return []
    if len(found) == 2 and all(_sides_shared(r, width, height) > 2 for r in found):
        return []  # divided by one bar: whether that is a gutter, the grid decides
    if len(found) == 1 and panels > WHOLE * height * width:
        return []
    if rest > REMAINDER * panels or litter > LITTER * height * width:
        return []
    return found


def _sides_shared(rect: Rect, width: int, height: int) -> int:
    return (rect[0] <= 1) + (rect[1] <= 1) + (rect[2] >= width - 1) + (rect[3] >= height - 1)


def _holds(rect: Rect, others: Sequence[Rect]) -> bool:
    """Whether others fill a good part of this one: a frame or a card around the real panels."""
    inside = [other for other in others if _within(other, rect)]
    return sum(map(area, inside)) > 0.25 * area(rect)


def _within(rect: Rect, other: Rect) -> bool:
    corners = other[0] <= rect[0] and other[1] <= rect[1] and rect[2] <= other[2] and rect[3] <= other[3]
    return corners and rect != other


def _without_halo(rect: Rect, width: int, height: int) -> Rect:
    # The local range reaches one pixel out of the panel.
    x0, y0, x1, y1 = rect
    return x0 + (x0 > 0), y0 + (y0 > 0), x1 - (x1 < width), y1 - (y1 < height)


def _fill(own: Mask, left: bool, top: bool, right: bool, bottom: bool) -> Mask:
    """A component without holes; where it touches the rim of the canvas, the rim closes its outline."""
    import cv2

    closed = own.copy()
    for touches, line in (
        (left, (slice(None), 0)),
        (top, (0, slice(None))),
        (right, (slice(None), -1)),
        (bottom, (-1, slice(None))),
    ):
        if touches:
            where = np.flatnonzero(closed[line])
            closed[line][where[0] : where[-1] + 1] = 1
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(closed, outlines, -1, 1, cv2.FILLED), np.uint8)


def _rectangle(mask: Mask) -> Rect | None:
    """The rectangle that a component fills, if its sides are straight; the bounding one where they lean."""
    h, w = mask.shape
    fill = float(mask.mean())
    if fill < 0.88:
        return None
    views = ((mask, w), (mask[::-1], w), (mask.T, h), (mask.T[::-1], h))
    sides = [_side(view.argmax(axis=0).astype(np.float64), length) for view, length in views]
    straight = sorted(share for _, share in sides)
    if straight[0] < (SIDE_WORST if fill > 0.9 else SIDE) or straight[2] < SIDE:
        return None
    return sides[2][0], sides[0][0], w - sides[3][0], h - sides[1][0]


def _side(first: NDArray[np.float64], length: int) -> tuple[int, float]:
    """Where a side lies, and the share of its length that lies on one line: 0 where it leans too far."""
    third = max(1, length // 3)
    a, b = float(np.median(first[:third])), float(np.median(first[-third:]))
    slope = (b - a) / max(1, length - third)
    if abs(slope) > 0.05:
        return 0, 0.0
    line = a + slope * (np.arange(length) - (third - 1) / 2)
    share = float(np.mean(np.abs(first - line) <= 1.5))
    return round(a if abs(slope) < 0.004 else max(0.0, min(line[0], line[-1]))), share


def before_backdrop(picture: Pixels) -> list[Rect]:
    """The picture in the middle of two equal blurred bands, as video apps fill a screen of other proportions."""
    height, width = picture.shape[:2]
    rows = _band(picture)
    if rows:
        return [(0, rows[0], width, rows[1])]
    columns = _band(np.ascontiguousarray(picture.transpose(1, 0, 2)))
    return [(columns[0], 0, columns[1], height)] if columns else []


def _band(picture: Pixels) -> tuple[int, int] | None:
    """First and last row of a picture between two calm bands of equal height, each with colours of its own."""
    import cv2

    height = len(picture)
    step = np.zeros(picture.shape[:2], np.uint8)
    step[1:] = largest(cv2.absdiff(picture[1:], picture[:-1]))
    rough = (step > BACKDROP_STEP).mean(axis=1)
    busy = np.flatnonzero(rough > 0.3)
    if len(busy) < 2:
        return None
    start, end = int(busy[0]), int(busy[-1])
    even = abs(start - (height - end)) <= max(3, 0.02 * height)
    if not even or start < 0.08 * height:
        return None
    calm = max(rough[: start - 2].mean(), rough[end + 3 :].mean()) < 0.01
    sharp = min(rough[start : start + 3].max(), rough[end - 2 : end + 1].max()) > 0.7
    bands = np.concatenate([picture[: start - 2], picture[end + 3 :]])
    return (start, end) if calm and sharp and float(bands.std(axis=(0, 1)).max()) > 4 else None
