"""Find a mark that nobody gave: an overlay that recurs at the same place over the works.

After Dekel et al., "On the Effectiveness of Visible Watermarks" (CVPR 2017): laid over each other from the same corner,
edge or middle, pictures agree in nothing but what was stamped on all of them, so the median of their gradients is
the gradient of the stamp, from which it is integrated. Measured in pixels, and in fractions of the width. Chance is
known from the same windows with every picture shifted at random. Only a stamp is found, not a signature that
the artist sets a little elsewhere each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from simcheck.errors import PictureError
from simcheck.provenance.marks.ink import Floats, MarkPicture, ink_of, mark_picture
from simcheck.provenance.marks.states import find_in
from simcheck.records import Picture

__all__ = ["LEAST_WORKS", "MOST_WORKS", "recurring"]

LEAST_WORKS = 6
MOST_WORKS = 40
WIDTH = 640
"""Pixels: the width at which places in fractions of the width are laid over each other."""
WINDOW = (150, 300)
"""(height, width) in pixels of what is looked at from each corner, edge and the middle."""
BORDER = 5
LEAST_STRENGTH = 5.0
AGREEING = 0.45
"""Of the mean strength of gradients at a place, what their median must have for the place to count as common."""
LEAST_PLACES = 150
BEYOND_CHANCE = 4
LEAST_SHARE = 0.6
"""Works in which the search must find what was cut out, before it is believed."""
SEED = 2026


@dataclass(frozen=True, slots=True, eq=False)
class _Common:
    places: int
    gradient: Floats
    """(height, width, 2): the median."""
    mask: NDArray[np.bool_]


def recurring(pictures: Sequence[Picture]) -> MarkPicture | None:
    """The stamp that most of these works bear at the same place, or None. At least `LEAST_WORKS` are needed."""
    if len(pictures) < LEAST_WORKS:
        return None
    best: _Common | None = None
    for windows in _windows(pictures[:MOST_WORKS]):
        common = _common(windows)
        if common and (best is None or common.places > best.places):
            best = common
    if best is None:
        return None
    made = mark_picture(_integrated(best))
    try:
        ink = ink_of(made.png)
    except PictureError:  # a border line, a corner: too little to be told from anything
        return None
    some = pictures[:: max(1, len(pictures) // 12)]
    bearing = sum(find_in(ink, picture.pixels)[1] is not None for picture in some)
    return made if bearing >= LEAST_SHARE * len(some) else None


def _windows(pictures: Sequence[Picture]) -> Iterator[Floats]:
    """(works, height, width) of lightness, for each measure and each of nine places."""
    shares = [max(p.pixels.shape[:2]) / max(p.facts.width, p.facts.height) for p in pictures]
    measures = [[min(shares) / share for share in shares], [WIDTH / p.pixels.shape[1] for p in pictures]]
    for factors in measures:
        grey = [_grey(picture, factor) for picture, factor in zip(pictures, factors, strict=True)]
        height, width = (min(WINDOW[axis], *(plane.shape[axis] for plane in grey)) for axis in (0, 1))
        if min(height, width) < 40:
            continue
        for down in (0.0, 0.5, 1.0):
            for across in (0.0, 0.5, 1.0):
                yield np.stack([_cut(plane, down, across, height, width) for plane in grey])


def _grey(picture: Picture, factor: float) -> Floats:
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(picture.pixels), cv2.COLOR_RGB2GRAY)
    if abs(factor - 1) > 1e-3:
        size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.7))


def _cut(plane: Floats, down: float, across: float, height: int, width: int) -> Floats:
    top, left = round(down * (plane.shape[0] - height)), round(across * (plane.shape[1] - width))
    return plane[top : top + height, left : left + width]


def _common(windows: Floats) -> _Common | None:
    across, down = np.gradient(windows, axis=2), np.gradient(windows, axis=1)
    gradients = np.stack([across, down], axis=-1).astype(np.float32)
    real = _agreeing(gradients)
    places = int(real[1].sum())
    if places < LEAST_PLACES:
        return None
    rng = np.random.default_rng(SEED)
    for _ in range(3):
        shifts = rng.integers(0, gradients.shape[1:3], (len(gradients), 2))
        shifted = np.stack([np.roll(gradients[i], tuple(shift), (0, 1)) for i, shift in enumerate(shifts)])
        if int(_agreeing(shifted)[1].sum()) * BEYOND_CHANCE > places:
            return None
    return _Common(places, *real)


def _agreeing(gradients: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The median gradient, and where it is strong beside what the works have there."""
    median = np.median(gradients, axis=0)
    strength = np.hypot(median[..., 0], median[..., 1])
    usual = np.hypot(gradients[..., 0], gradients[..., 1]).mean(axis=0)
    mask = (strength > LEAST_STRENGTH) & (strength > AGREEING * usual)
    for edge in (np.s_[:BORDER], np.s_[-BORDER:], np.s_[:, :BORDER], np.s_[:, -BORDER:]):
        mask[edge] = False  # the sheet's own border recurs as well
    return np.asarray(median, np.float32), np.asarray(mask)


def _integrated(common: _Common) -> Image.Image:
    """RGBA: the surface with this gradient (Poisson's equation with free borders, by the cosine transform)."""
    import cv2

    near = cv2.dilate(common.mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    cut = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    near = np.pad(near[cut], 8)
    gradient = np.pad(common.gradient[cut], ((8, 8), (8, 8), (0, 0))) * near[..., None]
    odd = near.shape[0] % 2, near.shape[1] % 2  # cv2.dct wants even sides
    gradient = np.pad(gradient, ((0, odd[0]), (0, odd[1]), (0, 0)))
    near = np.pad(near, ((0, odd[0]), (0, odd[1])))
    divergence = np.gradient(gradient[..., 0], axis=1) + np.gradient(gradient[..., 1], axis=0)
    height, width = near.shape
    waves = (2 * np.cos(np.pi * np.arange(height) / height) - 2)[:, None] + (
        2 * np.cos(np.pi * np.arange(width) / width) - 2
    )
    waves[0, 0] = 1.0
    spectrum = cv2.dct(np.asarray(divergence, np.float64)) / waves
    spectrum[0, 0] = 0.0
    surface = np.asarray(cv2.idct(spectrum))
    outside = cv2.dilate(near.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    surface = surface - np.median(surface[outside] if outside.any() else surface)
    inner = surface[near]
    light = abs(np.percentile(inner, 97)) > abs(np.percentile(inner, 3))
    ink = np.clip(surface if light else -surface, 0, None)
    alpha = np.clip(ink / max(float(np.percentile(ink[near], 92)), 1e-6), 0, 1) * near
    rgba = np.full((height, width, 4), 255 if light else 0, np.uint8)
    rgba[..., 3] = np.rint(alpha * 255)
    return Image.fromarray(rgba)
