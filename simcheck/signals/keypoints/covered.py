"""Which share of a work is covered in a copy of it, and by what: by coarse pixels, by blur or a bar, or otherwise.

The copy is laid over the work and described at the work's keypoints (`placed`). Where the strokes are the same, the
cosine is nearly 1; under a mosaic, a bar or a blur it falls to a half and less. Places vote in a small grid, empty
cells take the opinion of the nearest ones, and what remains after opening is covered.

Says nothing where the rest does not agree closely: a picture that was made anew, traced or blurred as a whole differs
all over, in spots. Blind where the work has no detail, and to what lets the strokes show through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Edit, EditKind, MatchEvidence, Pixels
from simcheck.signals.keypoints.geometry import Keypoints
from simcheck.signals.keypoints.placed import Floats, Laid, Places, agreeing_places, laid_over

__all__ = ["covered"]

Mask = NDArray[np.bool_]

CELLS = 64
"""Of the longer side of the grid."""
SAME = 0.93
"""Cosine from which a place shows the same strokes: what leaves a work as it is, saving, scaling, mirroring, brightness
and hues, leaves 95 % of its places above."""
LEAST_PLACES, LEAST_COVERED = 40, 8
"""Places that must have been looked at, and that must lie under what covers."""
REST = 0.9
"""Share of the places elsewhere that show the same strokes; a work that was blurred as a whole has 0.6."""
HIDDEN = 0.82
"""Most that the middle cosine of the places under it may be."""
LEAST_SHARE, MOST_SHARE = 0.03, 0.8
"""Of what both show."""
WIDTHS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Widths, in cells, over which votes are gathered, narrow first."""
ENOUGH = 0.8
"""Votes in the middle of a width for it to count."""
PURE = 0.85
"""Share of the places that differ which lie in a rectangle, for it to be told."""
RARE = (0.02, 0.98)
"""Bounds of the shares of places that differ under what covers, and beside it."""
MOST_OFF = 1.6
"""Times that a rectangle may be as large as the cells that it stands for, or as small."""
OPENING = 5
"""Cells: the least width of what covers."""
CORE = 0.25
"""Of the way from the rim of what covers to its middle, from where it is looked at."""
FAINT = 1.5
"""Least step, of 255, that can be the edge of coarse pixels; a third of those at the richest columns else."""
ON_LINE = 0.25
"""Share of a row's, or a column's, pixels that step there, from which it is the edge of coarse pixels."""
OFF_LINE = 0.15
"""Most that may step anywhere else."""
LEAST_LINES, BESIDE = 3, 5
"""Edges of what is told to be a mosaic, and pixels beside each that belong to it; blocks are larger."""
ASTRAY, EVEN, SQUARE = 0.12, 0.75, 0.7
"""Of a block: how far an edge may lie off; share of the edges that must not; the shorter side over the longer."""
BARE = 3.0
"""Change of the step between neighbouring pixels, of 255, above which there is a stroke."""
SMOOTH = 0.08
"""Share of pixels with a stroke below which an area is blurred or of one colour."""


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Cells of a work, (height, width)."""

    cells: NDArray[np.intp]
    """(n, 2): in which column and row each place lies."""
    shown: Mask


def covered(
    pixels: Pixels, work: Keypoints, size: tuple[int, int], side: int, matches: MatchEvidence
) -> tuple[Edit, ...]:
    """What covers the work (its keypoints, its full size), each with the share, in per cent, of what both show."""
    import cv2

    laid = laid_over(pixels, matches, size, side)
    if laid is None:
        return ()
    places = agreeing_places(laid, work)
    if len(places.cosines) < LEAST_PLACES:
        return ()
    grid = _grid(laid, places)
    mask = _mask(grid, places.cosines < SAME)
    under = mask[grid.cells[:, 1], grid.cells[:, 0]]
    if under.sum() < LEAST_COVERED or (~under).sum() < LEAST_PLACES / 2:
        return ()
    middle = float(np.median(places.cosines[under]))
    if (
        mask.sum() > MOST_SHARE * grid.shown.sum()
        or middle > HIDDEN
        or float((places.cosines[~under] >= SAME).mean()) < REST
    ):
        return ()
    # a place beside the rim of what covers it sees a part of it: half of the way down is the rim
    differs = places.cosines < min(SAME, (1 + middle) / 2)
    found: dict[EditKind, float] = {}
    count, labels = cv2.connectedComponents(_mask(grid, differs).astype(np.uint8))
    for label in range(1, count):
        part = np.asarray(labels == label, np.bool_)
        kind = _kind(pixels, laid, part)
        found[kind] = found.get(kind, 0.0) + _share(part, grid, places.points, differs)
    return tuple(Edit(kind, round(100 * share)) for kind, share in found.items() if share >= LEAST_SHARE)


def _share(part: Mask, grid: _Grid, points: Floats, differs: Mask) -> float:
    """Of what both show. Where a rectangle parts the places as well, it is that: mosaics and bars are, and cells
    without any detail are then no longer a matter of which place is nearer."""
    height, width = part.shape
    own_share = float(part.sum() / max(1, grid.shown.sum()))
    rows, columns = np.nonzero(part)
    low, high = (
        np.array([columns.min() / width, rows.min() / height]),
        np.array([(columns.max() + 1) / width, (rows.max() + 1) / height]),
    )
    own = part[grid.cells[:, 1], grid.cells[:, 0]]
    if not own.any() or own.all():
        return own_share
    within, beyond = np.clip([differs[own].mean(), differs[~own].mean()], *RARE)
    gain = np.where(differs, np.log(within / beyond), np.log((1 - within) / (1 - beyond)))
    for _ in range(2):
        for axis in (0, 1):
            beside = (points[:, 1 - axis] >= low[1 - axis]) & (points[:, 1 - axis] < high[1 - axis])
            middle = (low[axis] + high[axis]) / 2
            high[axis] = _end(points[beside, axis] - middle, gain[beside], 1 - middle) + middle
            low[axis] = middle - _end(middle - points[beside, axis], gain[beside], middle)
    inside = np.asarray(((points >= low) & (points < high)).all(axis=1), np.bool_)
    if not (own & differs).any() or inside[own & differs].mean() < PURE:
        return own_share
    across, down = (
        np.clip(np.arange(cells + 1) / cells, low[axis], high[axis]) for axis, cells in enumerate((width, height))
    )
    filled = np.outer(np.diff(down) * height, np.diff(across) * width)  # share of each cell
    share = float(filled[grid.shown].sum() / max(1, grid.shown.sum()))
    return share if own_share / MOST_OFF <= share <= own_share * MOST_OFF else own_share


def _end(away: Floats, gain: Floats, rim: float) -> float:
    """How far from the middle the side lies that leaves most of what differs within, and most of the rest outside;
    between the last place within and the first one beyond, half way, or at the rim."""
    order = np.argsort(away)
    away, gain = away[order], gain[order]
    ahead = away > 0
    away, sums = np.append(away[ahead], rim), np.append(0.0, np.cumsum(gain[ahead]))
    if len(away) == 1:
        return rim
    last = int(np.flatnonzero(sums == sums.max())[-1])
    return float(rim if last == len(away) - 1 else (away[max(0, last - 1)] + away[last]) / 2)


def _grid(laid: Laid, places: Places) -> _Grid:
    import cv2

    rows, columns = laid.inside.shape
    factor = CELLS / max(rows, columns)
    size = (max(OPENING, round(columns * factor)), max(OPENING, round(rows * factor)))
    shown = cv2.resize(laid.inside.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    cells = np.clip((places.points * size).astype(np.intp), 0, [size[0] - 1, size[1] - 1])
    return _Grid(cells, np.asarray(shown, np.bool_))


def _mask(grid: _Grid, differs: Mask) -> Mask:
    import cv2

    votes, all_votes = np.zeros((2, *grid.shown.shape), np.float32)
    at = grid.cells[:, 1], grid.cells[:, 0]
    np.add.at(votes, at, differs)
    np.add.at(all_votes, at, 1)
    share = np.full(grid.shown.shape, -1.0, np.float32)
    for width in WIDTHS:
        near, all_near = (
            cv2.GaussianBlur(each, (0, 0), width, borderType=cv2.BORDER_CONSTANT) for each in (votes, all_votes)
        )
        new = (share < 0) & (all_near > ENOUGH / (2 * np.pi * width**2))
        share[new] = near[new] / all_near[new]
    mask = ((share > 0.5) & grid.shown).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((OPENING, OPENING), np.uint8)), np.bool_)


def _kind(pixels: Pixels, laid: Laid, part: Mask) -> EditKind:
    """What lies on a part of the grid, by the suspect's own pixels: their rows and columns are those of a mosaic."""
    import cv2

    rows, columns = pixels.shape[:2]
    height, width = part.shape
    deep = cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    inner = (deep > CORE * deep.max()).astype(np.uint8)  # its rim may be the work itself
    scale = np.diag([laid.inside.shape[1] / width, laid.inside.shape[0] / height, 1.0])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = np.linalg.inv(half) @ laid.to_suspect @ scale @ half
    there = cv2.warpPerspective(inner, matrix, (columns, rows), flags=cv2.INTER_NEAREST) > 0
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY).astype(np.float32)
    strokes, blocks = [], []
    for seen, known in ((grey, there), (grey.T, there.T)):
        within = known[:, 2:] & known[:, :-2]
        if not within.any():
            return EditKind.OBSCURED
        strokes.append(float((np.abs(np.diff(seen, 2, axis=1))[within] > BARE).mean()))
        blocks.append(_block(np.abs(np.diff(seen, axis=1))[:, 1:], within))
    if min(blocks) > 0 and min(blocks) >= SQUARE * max(blocks):
        return EditKind.PIXELATED
    return EditKind.OBSCURED if max(strokes) < SMOOTH else EditKind.OVERLAID


def _block(sizes: NDArray[np.float32], known: Mask) -> float:
    """Width of the coarse pixels that ``known`` is made of, by the sizes of steps along rows; 0 where the columns that
    step are not evenly spaced."""
    counts = known.sum(axis=0)
    means = (sizes * known).sum(axis=0) / np.maximum(counts, 1)
    steps = sizes > max(FAINT, float(np.percentile(means[counts > 0], 95)) / 3)
    share = np.where(counts >= 0.3 * counts.max(), (steps & known).sum(axis=0) / np.maximum(counts, 1), 0.0)
    near = 2 * BESIDE + 1
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(share, BESIDE), near).max(axis=1)
    edges = np.flatnonzero((share >= ON_LINE) & (share == highest))  # saving again leaves echoes beside them
    beside = np.convolve(np.isin(np.arange(len(share)), edges), np.ones(near), "same") == 0
    if len(edges) < LEAST_LINES or (steps & known)[:, beside].sum() > OFF_LINE * known[:, beside].sum():
        return 0.0
    gaps = np.diff(edges[np.diff(edges, prepend=-near) > BESIDE])
    block = float(np.median(gaps)) if len(gaps) else 0.0
    if block <= BESIDE:
        return 0.0
    astray = np.abs(gaps / block - np.rint(gaps / block)) * block
    return block if (astray <= max(1.5, ASTRAY * block)).mean() >= EVEN else 0.0
