"""The re-render ladder: one picture made again along its own composition, as image-to-image programs do it, in steps.

No picture generator can be had here, so these stand in for one: painterly filters, bent drawing, other colours, lines
filled with flat colours, and all of it together. Each maps a whole picture, (height, width, 3) uint8 RGB, to the new
one. What is left to chance comes from the generator alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.build.sample.suspects import daubed
from scripts.measure.edits_ladder import LADDER as EDITS
from simcheck.records import Pixels

__all__ = ["LADDER"]

Rerender = Callable[[Pixels, np.random.Generator, Sequence[Pixels]], Pixels]
"""(picture, generator, other works) -> the picture made again; the first of the others lends its colours."""


def _daubs(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del others
    radius = max(2, round(max(pixels.shape[:2]) * generator.uniform(0.008, 0.016)))
    return _as_pixels(daubed(pixels, 2 * (radius // 2 + 1)) * 255)


def _flat(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """Surfaces of one colour each, as gouache or cel shading."""
    del others
    flat = cv2.pyrMeanShiftFiltering(np.ascontiguousarray(pixels), int(generator.integers(10, 18)), 32)
    return np.asarray(flat, np.uint8)


def _bent(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """Drawn anew by another artist: every place moved a little, its neighbours with it."""
    del others
    height, width = pixels.shape[:2]
    knots = int(generator.integers(4, 8))
    reach = generator.uniform(0.012, 0.025) * max(height, width)
    moves = generator.normal(0, reach, (2, knots, knots)).astype(np.float32)
    dx, dy = (cv2.resize(move, (width, height), interpolation=cv2.INTER_CUBIC) for move in moves)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    moved = cv2.remap(np.ascontiguousarray(pixels), x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def _other_colours(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """The mean and spread of another work's colours (Reinhard et al., Computer Graphics and Applications 21, 2001)."""
    del generator
    own, other = (
        np.asarray(cv2.cvtColor(np.ascontiguousarray(p), cv2.COLOR_RGB2LAB), np.float32) for p in (pixels, others[0])
    )
    means, spreads = zip(*(_moments(lab) for lab in (own, other)), strict=True)
    # lightness keeps its order but not its range; a spread of nothing would divide by nothing
    lab = (own - means[0]) * (spreads[1] / np.maximum(spreads[0], 2)) + means[1]
    return np.asarray(cv2.cvtColor(_as_pixels(lab), cv2.COLOR_LAB2RGB), np.uint8)


def _moments(lab: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return lab.mean((0, 1)), lab.std((0, 1))


def _coloured_lines(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """The lines of the picture, filled with washes: what a program guided by edges gives."""
    lines = EDITS["line art"](pixels, generator, others)
    blurred = cv2.GaussianBlur(_other_colours(pixels, generator, others), (0, 0), 0.02 * max(pixels.shape[:2]))
    return _as_pixels(np.asarray(blurred, np.float32) * (np.asarray(lines, np.float32) / 255))


def _strong(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    bent = _bent(_bent(pixels, generator, others), generator, others)
    return _daubs(_other_colours(bent, generator, others), generator, others)


def _mirrored_strong(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """And cropped to 70 %."""
    shown = _strong(EDITS["mirror"](pixels, generator, others), generator, others)
    height, width = shown.shape[:2]
    top, left = (int(generator.integers(1 + round(side * 0.16))) for side in (height, width))
    return np.ascontiguousarray(shown[top : top + round(height * 0.84), left : left + round(width * 0.84)])


def _as_pixels(values: object) -> Pixels:
    return np.asarray(np.clip(np.asarray(values, np.float32) + 0.5, 0, 255), np.uint8)


LADDER: dict[str, Rerender] = {
    "daubs": _daubs,
    "flat surfaces": _flat,
    "bent": _bent,
    "other colours": _other_colours,
    "lines and washes": _coloured_lines,
    "bent, daubs, other colours": _strong,
    "mirrored, cropped, bent, daubs, other colours": _mirrored_strong,
}
