"""Composed suspects: one to four elements of different works on a foreign ground, with the truth of each.

An element is cut out of a work (rectangle, ellipse or ragged outline), scaled by 0.3 to 1.5, perhaps mirrored, edited
in one of the ways of `EDITS`, and laid on a work by another artist. Crops with hardly anything in them are not used: a
piece of empty paper belongs to nobody. Everything is drawn from the generator, so that a seed gives the same suspects
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.build.sample.suspects import daubed
from simcheck.records import Box, Pixels

__all__ = ["EDITS", "Composed", "Placed", "compose"]

EDITS = ("pasted", "recoloured", "blended", "painterly", "painterly and recoloured")
"""What is done to the elements of a suspect; each may also be mirrored. ``blended``: soft edge, 80 % opaque.
``painterly``: bent a little everywhere and redone in daubs."""
LEAST_CONTRAST = 14.0
"""Standard deviation of a crop's lightness, of 255."""
LEAST_EDGES = 0.04
"""Share of a crop's pixels on a clear edge."""
TRIES = 60


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an element lies in the suspect and where in the work it is from; boxes are fractions."""

    work: int
    query_box: Box
    reference_box: Box
    area: float
    """Share of the suspect that it covers."""
    scale: float
    mirrored: bool


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    pixels: Pixels
    edit: str
    elements: tuple[Placed, ...]


def compose(ground: Pixels, works: Sequence[Pixels], edit: str, generator: np.random.Generator) -> Composed:
    """One suspect with ``edit`` done to each of its elements."""
    longer = float(generator.uniform(480, 900))
    factor = longer / max(ground.shape[:2])
    canvas = _resized(ground, factor).astype(np.float32)
    free = np.ones(canvas.shape[:2], np.bool_)
    placed: list[Placed] = []
    wanted = int(generator.integers(1, 5))
    for _ in range(TRIES):
        if len(placed) == wanted:
            break
        one = _place(canvas, free, works, [p.work for p in placed], edit, generator)
        if one:
            placed.append(one)
    return Composed(np.clip(canvas + 0.5, 0, 255).astype(np.uint8), edit, tuple(placed))


def _place(
    canvas: NDArray[np.float32],
    free: NDArray[np.bool_],
    works: Sequence[Pixels],
    used: Sequence[int],
    edit: str,
    generator: np.random.Generator,
) -> Placed | None:
    """Draw a work, a crop and a place; None where they do not fit."""
    height, width = canvas.shape[:2]
    number = int(generator.integers(len(works)))
    work = works[number]
    area, scale = float(generator.uniform(0.06, 0.30)), float(generator.uniform(0.3, 1.5))
    aspect = float(np.exp(generator.uniform(-0.4, 0.4)))
    across, down = (round((area * height * width * a) ** 0.5) for a in (aspect, 1 / aspect))
    cut_across, cut_down = round(across / scale), round(down / scale)
    rows, columns = work.shape[:2]
    if number in used or across > 0.9 * width or down > 0.9 * height:
        return None
    if cut_across > 0.9 * columns or cut_down > 0.9 * rows:
        return None
    x, y = int(generator.integers(columns - cut_across + 1)), int(generator.integers(rows - cut_down + 1))
    left, top = int(generator.integers(width - across + 1)), int(generator.integers(height - down + 1))
    crop = work[y : y + cut_down, x : x + cut_across]
    if not free[top : top + down, left : left + across].all() or not _has_content(crop):
        return None
    mirrored = bool(generator.random() < 0.3)
    piece = cv2.resize(np.ascontiguousarray(crop), (across, down), interpolation=cv2.INTER_AREA if scale < 1 else 2)
    piece = np.ascontiguousarray(piece[:, ::-1] if mirrored else piece)
    mask = _outline(down, across, generator)
    inside = mask > 0.5
    if edit == "blended":
        blur = max(3, int(0.06 * min(across, down)) | 1)
        mask = np.asarray(cv2.blur(mask, (blur, blur)), np.float32) * 0.8
    shown = _edited(np.asarray(piece, np.uint8), edit, generator).astype(np.float32)
    window = canvas[top : top + down, left : left + across]
    window += mask[..., None] * (shown - window)
    free[top : top + down, left : left + across] = False
    on = np.nonzero(inside)
    x0, x1, y0, y1 = on[1].min(), on[1].max() + 1, on[0].min(), on[0].max() + 1
    query = ((left + x0) / width, (top + y0) / height, (left + x1) / width, (top + y1) / height)
    if mirrored:
        x0, x1 = across - x1, across - x0
    reference = tuple(
        float(v)
        for v in (
            (x + x0 / across * cut_across) / columns,
            (y + y0 / down * cut_down) / rows,
            (x + x1 / across * cut_across) / columns,
            (y + y1 / down * cut_down) / rows,
        )
    )
    share = float(inside.sum() / inside.size * across * down / (height * width))
    return Placed(
        number,
        (float(query[0]), float(query[1]), float(query[2]), float(query[3])),
        (reference[0], reference[1], reference[2], reference[3]),
        share,
        scale,
        mirrored,
    )


def _has_content(crop: Pixels) -> bool:
    small = cv2.resize(np.ascontiguousarray(crop), (96, 96), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(grey, 40, 120)
    return float(grey.std()) >= LEAST_CONTRAST and float((edges > 0).mean()) >= LEAST_EDGES


def _outline(height: int, width: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """(height, width) 0..1: a rectangle, an ellipse, or one with a ragged edge."""
    kind = int(generator.integers(3))
    if kind == 0:
        return np.ones((height, width), np.float32)
    y, x = np.mgrid[0:height, 0:width]
    u, v = (x + 0.5) / width * 2 - 1, (y + 0.5) / height * 2 - 1
    radius = np.hypot(u, v)
    if kind == 2:
        angle = np.arctan2(v, u)
        radius = radius * (
            1 + sum(generator.uniform(0, 0.09) * np.cos(k * angle + generator.uniform(0, 6.28)) for k in range(2, 7))
        )
    return np.asarray(radius <= 1, np.float32)


def _edited(piece: Pixels, edit: str, generator: np.random.Generator) -> Pixels:
    if edit.startswith("painterly"):
        piece = _painterly(piece, generator)
    if edit.endswith("recoloured"):
        piece = _recoloured(piece, generator)
    return piece


def _recoloured(piece: Pixels, generator: np.random.Generator) -> Pixels:
    """Hues turned by 40 to 180 degrees either way, contrast and brightness moved a little."""
    hsv = np.asarray(cv2.cvtColor(piece, cv2.COLOR_RGB2HSV), np.uint8)
    turn = int(generator.integers(20, 91)) * int(generator.choice([-1, 1]))
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + turn) % 180
    turned = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float32)
    toned = (turned - 128) * generator.uniform(0.7, 1.2) + 128 + generator.uniform(-25, 25)
    return np.asarray(np.clip(toned, 0, 255), np.uint8)


def _painterly(piece: Pixels, generator: np.random.Generator) -> Pixels:
    height, width = piece.shape[:2]
    reach = 0.02 * min(height, width)
    coarse = generator.uniform(-1, 1, (2, 5, 5)).astype(np.float32)
    bend = [cv2.resize(c, (width, height), interpolation=cv2.INTER_CUBIC) * reach for c in coarse]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    bent = cv2.remap(piece, columns + bend[0], rows + bend[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    size = max(3, round(0.03 * min(height, width)))
    daubs = daubed(np.asarray(bent, np.uint8), size)
    return np.asarray(np.clip(daubs * 255 + 0.5, 0, 255), np.uint8)


def _resized(pixels: Pixels, factor: float) -> Pixels:
    size = (max(8, round(pixels.shape[1] * factor)), max(8, round(pixels.shape[0] * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=how), np.uint8)
