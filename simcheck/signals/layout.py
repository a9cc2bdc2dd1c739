"""layout: are light and colour arranged alike, at low frequency?

Image-to-image generation starts from the blurred picture, so it keeps the large masses of light and colour even where
every line is drawn anew. A grid of mean CIELAB values is compared by correlation, mirrored as well, over a few
placements of a window in either picture, so that a moderate crop or shift does not hide the likeness. Lightness
counts most: it survives recolouring; colour adds where it agrees.

Fooled by: common arrangements (bright sky over dark ground, a dark figure on white, a vignette), which unrelated
works share: read the rate among unrelated pairs, not the score. Blind to strong crops and rotation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Alignment, Box, Claim, Comparison, Description, Descriptor, Pixels, RegionEvidence
from simcheck.signals.base import InCohort, PartRole, Retrieval, Signal

__all__ = ["Layout", "placements"]

WINDOWS: tuple[Box, ...] = (
    (0.0, 0.0, 1.0, 1.0),
    *(
        (x, y, x + side, y + side)
        for side in (0.85, 0.7)
        for x in (0.0, (1 - side) / 2, 1 - side)
        for y in (0.0, (1 - side) / 2, 1 - side)
    ),
)


CLEARLY = 0.1  # by which it must be more alike mirrored to be told: recoloured pictures reach 0.09 by chance


@dataclass(frozen=True, slots=True)
class LayoutParams:
    grid: int = 24
    window: int = 12
    colour_weight: float = 0.25


class Layout(Signal):
    name = "layout"
    version = 1
    claim = Claim.COPY
    retrieval = Retrieval.BEST_REGION
    sight = "low_frequencies"
    in_cohort = InCohort.ALWAYS
    near = 128  # vectors see whole pictures only, while parts of them are compared too
    part_role = PartRole.COLOURS
    libraries = ("opencv-python-headless",)

    def __init__(self, params: LayoutParams | None = None) -> None:
        super().__init__(params or LayoutParams())
        self.params: LayoutParams

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(grid * grid, 3) float16: mean L*, a*, b* of each cell, row by row."""
        return [self._describe(image) for image in images]

    def _describe(self, image: Pixels) -> Descriptor:
        import cv2

        side = self.params.grid * 4
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 3), cv2.COLOR_RGB2LAB)
        grid = cv2.resize(lab, (self.params.grid, self.params.grid), interpolation=cv2.INTER_AREA)
        if grid[:, :, 0].std() < 2:
            return Descriptor.abstain("blank")
        return Descriptor(grid.reshape(-1, 3).astype(np.float16))

    def compare(self, query: Description, reference: Description) -> Comparison:
        """The best weighted correlation (-1..1) over placements; a window costs 0.05, so that chance gains nothing."""
        ours, theirs = query.descriptors[0], reference.descriptors[0]
        reason = ours.reason or theirs.reason
        if reason:
            return Comparison(None, reason)
        mine, flipped = _of_query(ours.values.tobytes(), self.params)
        other = placements(theirs.values, self.params)
        candidates = []
        for mirrored, placed in ((False, mine), (True, flipped)):
            score = placed @ other[0]  # a window of the query against the whole reference
            candidates += [(float(s) - 0.05 * (i > 0), i, 0, mirrored) for i, s in enumerate(score)]
            score = other @ placed[0]
            candidates += [(float(s) - 0.05 * (i > 0), 0, i, mirrored) for i, s in enumerate(score)]
        score, i, j, mirrored = max(candidates, key=lambda c: c[0])
        plain = max((c for c in candidates if not c[3]), key=lambda c: c[0])
        if plain[0] >= score - CLEARLY:
            _, i, j, mirrored = plain
        x0, y0, x1, y1 = WINDOWS[i]
        box = (1 - x1, y0, 1 - x0, y1) if mirrored else WINDOWS[i]
        apart = np.linalg.norm(ours.values.astype(np.float64) - theirs.values.astype(np.float64), axis=1)
        return Comparison(score, evidence=RegionEvidence(box, WINDOWS[j], mirrored, float(apart.max())))

    def colour_difference(self, query: Description, reference: Description, part: Alignment) -> float | None:
        """Mean CIELAB distance (CIE 1976) of two whole pictures' grids over the places of a part, one laid on the
        other, in units of how far the work's colours spread there (root mean square about their mean): 0 where they are
        the same, about 1 where only their mean is, as white paper. None where either picture is blank."""
        import cv2

        ours, theirs = query.descriptors[0], reference.descriptors[0]
        if ours.reason or theirs.reason:
            return None
        height, width = part.mask.shape
        across, down = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
        here = np.stack([across, down, np.ones_like(across)], axis=2)
        there = here @ part.transform.T
        there = there[..., :2] / np.where(np.abs(there[..., 2:]) < 1e-9, 1e-9, there[..., 2:])
        side = math.isqrt(len(ours.values))
        colours = []
        for descriptor, places in ((ours, here[..., :2]), (theirs, np.clip(there, 0, 1))):
            grid = descriptor.values.astype(np.float32).reshape(side, side, 3)
            x, y = np.moveaxis((places * side - 0.5).astype(np.float32), 2, 0)
            where = np.ascontiguousarray(x), np.ascontiguousarray(y)
            drawn = cv2.remap(grid, *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            colours.append(drawn[part.mask])
        spread = float(np.sqrt(colours[1].var(axis=0).sum()))
        return float(np.linalg.norm(colours[0] - colours[1], axis=1).mean()) / max(spread, 1.0)

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """The whole picture; a query brings its mirror image too."""
        if descriptor.reason:
            return np.zeros((0, 3 * self.params.window**2), np.float32)
        turns = (False, True) if query else (False,)
        return np.vstack([placements(descriptor.values, self.params, mirrored=m, windows=1) for m in turns])


@lru_cache(maxsize=64)
def _of_query(values: bytes, params: LayoutParams) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The placements of a grid (float16), plain and mirrored: one query meets many works."""
    grid = np.frombuffer(values, np.float16).reshape(-1, 3)
    return placements(grid, params), placements(grid, params, mirrored=True)


def placements(
    values: NDArray[np.float16], params: LayoutParams, *, mirrored: bool = False, windows: int = len(WINDOWS)
) -> NDArray[np.float32]:
    """(windows, 3 * window * window): unit vectors whose inner product is the weighted correlation."""
    n, colour = params.grid, params.colour_weight
    grid = values.astype(np.float32).reshape(n, n, 3)
    if mirrored:
        grid = grid[:, ::-1]
    down, across = (_rows(n, params.window, axis)[:windows] for axis in (1, 0))
    lines = (down @ grid.reshape(n, n * 3)).reshape(windows, params.window, n, 3)
    cells = (across[:, None] @ lines).reshape(windows, -1, 3)
    cells -= cells.mean(axis=1, keepdims=True)
    light = cells[:, :, 0] / np.maximum(np.linalg.norm(cells[:, :, 0], axis=1, keepdims=True), 1e-6)
    hue = cells[:, :, 1:].reshape(windows, -1)
    # a picture almost without colour has no say in colour: its weight fades with its chroma
    hue = hue / np.maximum(np.linalg.norm(hue, axis=1, keepdims=True), 3.0 * params.window)
    return np.hstack([np.sqrt(1 - colour) * light, np.sqrt(colour) * hue]).astype(np.float32)


@cache
def _rows(grid: int, window: int, axis: int) -> NDArray[np.float32]:
    """(windows, window, grid) averaging weights: how much of each grid line falls into each line of the window."""
    weights = np.zeros((len(WINDOWS), window, grid), np.float32)
    for w, box in enumerate(WINDOWS):
        edges = np.linspace(box[axis], box[axis + 2], window + 1) * grid
        for p in range(window):
            for g in range(grid):
                weights[w, p, g] = max(0.0, min(edges[p + 1], g + 1) - max(edges[p], g))
    return np.asarray(weights / weights.sum(axis=2, keepdims=True), np.float32)
