"""The cells of a collage, along gutters or seams that run from side to side. `simcheck.images.panels` says how."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from simcheck.images.panels.rectangles import Rect, area, crop, largest, shift
from simcheck.records import Pixels

__all__ = ["seam_support", "sheet", "split"]

GUTTER_SPREAD, GUTTER_WIDTH = 14, 0.06
"""How far (of 255) a gutter may stray from its colour, and its width against the shorter side of what it divides."""

SHEET = 6
MOST_CELLS = 8
"""In a row, and in a column, of a grid without gutters."""
SEAM_LEAST, SEAM_MEAN = 0.45, 0.65
"""Share of its length over which a seam must stand out: the worst of a grid, and their mean (single works: <= 0.54)."""

PLAIN_CELL, PLAIN_CELLS = 0.92, 0.65
"""Share of one colour at which a cell, or all on average, are no pictures but parts of a page."""

Tone = NDArray[np.float64]


def split(picture: Pixels, least: float) -> list[Rect]:
    """The cells of a collage: recursively along gutters and seams that run through the whole length (XY cut)."""
    height, width = picture.shape[:2]
    whole = (0, 0, width, height)
    cells = _xy_cut(picture, least, depth=3)
    cells = [c for c in cells if min(c[2] - c[0], c[3] - c[1]) >= least]
    if len(cells) < 2 or sum(map(area, cells)) < 0.6 * area(whole):
        return []
    plain = [_mode_share(crop(picture, cell)) for cell in cells]
    return cells if max(plain) < PLAIN_CELL and sum(plain) < PLAIN_CELLS * len(cells) else []


def sheet(picture: Pixels, least: float) -> list[Rect]:
    """The cells of a contact sheet: a regular grid of six or more, without gutters or with narrow ones."""
    rows, columns = _seams(picture, least)
    height, width = picture.shape[:2]
    cells = [(a, c, b, d) for c, d in _between(rows, height) for a, b in _between(columns, width)]
    return cells if len(cells) >= SHEET else []


def _mode_share(picture: Pixels) -> float:
    bins = (picture[::2, ::2].reshape(-1, 3) >> 4).astype(np.int32) @ np.array([256, 16, 1])
    return float(np.bincount(bins).max() / len(bins))


def _xy_cut(picture: Pixels, least: float, depth: int, known: Tone | None = None) -> list[Rect]:
    height, width = picture.shape[:2]
    whole = (0, 0, width, height)
    if not depth or min(height, width) < least:
        return [whole]
    rows, row_tone = _gutters(picture, least, known)
    columns, column_tone = _gutters(np.ascontiguousarray(picture.transpose(1, 0, 2)), least, known)
    if not rows and not columns:
        rows, columns = _seams(picture, least)
        if rows:
            across, down = _between(columns, width), _between(rows, height)
            return [(a, c, b, d) for c, d in down for a, b in across]
        return [whole]
    if len(rows) >= len(columns):
        strips = [(0, a, width, b) for a, b in _between(rows, height)]
        known = row_tone
    else:
        strips = [(a, 0, b, height) for a, b in _between(columns, width)]
        known = column_tone
    parts = [_xy_cut(crop(picture, strip), least, depth - 1, known) for strip in strips]
    if known is not None:
        parts = _as_their_neighbours(picture, strips, parts, known, 0 if len(rows) >= len(columns) else 1)
    return [shift(cell, strip) for strip, cells in zip(strips, parts, strict=True) for cell in cells]


def _as_their_neighbours(
    picture: Pixels, strips: Sequence[Rect], parts: Sequence[list[Rect]], tone: Tone, axis: int
) -> list[list[Rect]]:
    """Strips left whole are cut where the best divided one is, if the gutter's colour is there as well.

    In a cell with a ground of that colour a gutter does not stand out from what lies beyond it.
    """
    pattern = sorted(parts[int(np.argmax([len(cells) for cells in parts]))], key=lambda cell: cell[axis])
    gaps = [(a[axis + 2], b[axis]) for a, b in zip(pattern, pattern[1:], strict=False)]
    if not gaps or any(end - start < 3 for start, end in gaps):
        return list(parts)
    result = []
    for strip, cells in zip(strips, parts, strict=True):
        own = crop(picture, strip)
        lines = own if axis == 0 else own.transpose(1, 0, 2)
        between = np.concatenate([lines[:, start + 1 : end - 1].reshape(-1, 3) for start, end in gaps])
        plain = float((np.abs(between - tone).max(axis=1) <= GUTTER_SPREAD).mean())
        if len(cells) == 1 and plain > 0.95:
            x1, y1 = own.shape[1], own.shape[0]
            ends = _between(gaps, x1 if axis == 0 else y1)
            cells = [(a, 0, b, y1) if axis == 0 else (0, a, x1, b) for a, b in ends]
        result.append(cells)
    return result


def _between(lines: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    starts = [0, *(end for _, end in lines)]
    ends = [*(start for start, _ in lines), length]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if b - a > 0]


def _gutters(picture: Pixels, least: float, known: Tone | None) -> tuple[list[tuple[int, int]], Tone | None]:
    """Rows [start, end) of one colour from side to side, with picture above and below (or the rim of the sheet)."""
    import cv2

    height, width = picture.shape[:2]
    middle = np.median(picture[:, :: max(1, width // 96)], axis=1)
    lines = np.repeat(middle.astype(np.uint8)[:, None], width, axis=1)
    plain = (largest(cv2.absdiff(picture, lines)) > GUTTER_SPREAD).mean(axis=1) < 0.03
    edges = np.flatnonzero(np.diff(np.concatenate([[0], plain.astype(np.int8), [0]])))
    found: list[tuple[int, int]] = []
    tones = [known]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        rim = start == 0 or end == height
        if end - start > max(4, GUTTER_WIDTH * min(height, width)):
            continue
        if not rim:
            colour = middle[(start + end) // 2]
            beyond = [picture[max(0, start - 9) : max(1, start - 2)], picture[min(height - 1, end + 2) : end + 9]]
            other = [float((np.abs(row - colour).max(axis=2) > GUTTER_SPREAD).mean()) for row in beyond]
            again = known is not None and np.abs(known - colour).max() <= GUTTER_SPREAD
            if min(other) < (0.03 if again else 0.2) or sum(other) < (0.25 if again else 0.9):
                continue
            tones.append(colour)
        # The pixel at each side is a mixture of both.
        found.append((int(start) - (start > 0), int(end) + (end < height)))
    cells = _between(found, height)
    if len([c for c in cells if c[1] - c[0] >= least]) < 2:
        return [], known
    if known is None and len(cells) == 2 and not _halves(cells, height) and not _neutral(tones[-1]):
        return [], known
    return (found, tones[-1]) if all(b - a >= max(least, 0.12 * height) for a, b in cells) else ([], known)


def _halves(cells: Sequence[tuple[int, int]], length: int) -> bool:
    (a, b), (c, d) = cells
    return abs((b - a) - (d - c)) <= 0.03 * length


def _neutral(tone: Tone | None) -> bool:
    # A lone bar of any other colour across a picture is rather a bridge, a beam or a shelf.
    return tone is not None and (tone.min() >= 240 or tone.max() <= 8)


def _seams(picture: Pixels, least: float) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Rows and columns where pictures meet without a gutter, in a regular grid only: a lone line is drawn too often.

    Of the grids whose lines all stand out, the finest: the lines of one of 2 x 2 are among those of one of 4 x 4.
    """
    lines = []
    for seen in (picture, np.ascontiguousarray(picture.transpose(1, 0, 2))):
        support = seam_support(seen)
        lines.append([_divided(support, n) for n in range(2, min(MOST_CELLS, int(len(seen) / least)) + 1)])
    for rows, columns in sorted(product(*lines), key=lambda each: -(len(each[0]) + 1) * (len(each[1]) + 1)):
        along = [np.array([v for _, v in side]) for side in (rows, columns)]
        if min(v.min() for v in along) > SEAM_LEAST and sum(v.mean() for v in along) / 2 > SEAM_MEAN:
            return [(y, y) for y, _ in rows], [(x, x) for x, _ in columns]
    return [], []


def _divided(support: NDArray[np.float64], parts: int) -> list[tuple[int, float]]:
    """The lines that would divide a side into equal parts, and how well each stands out."""
    return [_strongest(support, k / parts) for k in range(1, parts)]


def _strongest(support: NDArray[np.float64], where: float) -> tuple[int, float]:
    size = len(support)
    start, end = int(size * (where - 0.012)) - 1, int(size * (where + 0.012)) + 2
    best = start + int(support[start:end].argmax())
    return best, float(support[best])


def seam_support(picture: Pixels) -> NDArray[np.float64]:
    """For every row the share of its length where the step across it stands out from its surroundings."""
    import cv2

    step = np.zeros(picture.shape[:2], np.uint8)
    step[1:-1] = largest(cv2.absdiff(picture[2:], picture[:-2]))
    around = cv2.blur(step, (1, 21))
    stands = (step > 12) & (step > 1.6 * around.astype(np.float32))
    return np.asarray(stands.mean(axis=1), np.float64)
