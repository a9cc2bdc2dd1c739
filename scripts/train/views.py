"""What happens to a picture on its way to where it is found: the edits of real life, drawn at random, on small squares.

A view is a window of a picture, warped to the network's side and edited. The two views of a pair show nearly the same
part, since the `copy` signal compares overlapping regions of both pictures: shifts, scales and turns only have to be
bridged as far as the nearest region is off. Everything is cv2 on uint8 and takes under a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Window", "near", "view", "window"]

Square = NDArray[np.uint8]
Window = tuple[float, float, float, float]
"""Centre x, centre y, width, height as fractions of the picture's sides; it may reach over its edges."""


def window(generator: np.random.Generator) -> Window:
    """The whole picture as often as a part of it, down to half of the sides."""
    if generator.random() < 0.45:
        return (0.5, 0.5, 1.0, 1.0)
    size = generator.uniform(0.45, 1.0)
    width, height = np.minimum(size * np.exp(generator.normal(0, 0.08, 2)), 1.0)
    x, y = generator.uniform(width / 2, 1 - width / 2), generator.uniform(height / 2, 1 - height / 2)
    return (float(x), float(y), float(width), float(height))


def near(base: Window, generator: np.random.Generator) -> Window:
    """A window that is off by what separates a picture from the nearest of the fixed regions."""
    x, y, width, height = base
    spread = float(generator.choice([0.02, 0.08, 0.15], p=[0.3, 0.4, 0.3]))
    scale = np.exp(generator.normal(0, 1.4 * spread))
    stretch = np.exp(generator.normal(0, 0.7 * spread))
    dx, dy = generator.normal(0, spread, 2)
    return (x + dx * width, y + dy * height, width * scale * stretch, height * scale / stretch)


@dataclass(frozen=True, slots=True)
class _Strength:
    """How often (0..1) something happens to a view."""

    turn: float
    colour: float
    quality: float
    overlay: float
    drawing: float


_MILD = _Strength(turn=0.05, colour=0.25, quality=0.3, overlay=0.03, drawing=0.0)
_STRONG = _Strength(turn=0.35, colour=0.75, quality=0.6, overlay=0.25, drawing=0.08)


def view(
    picture: Square,
    place: Window,
    side: int,
    generator: np.random.Generator,
    *,
    strong: bool,
    around: Square | None = None,
    mirrored: bool = False,
) -> Square:
    """(side, side, 3): the window of a (s, s, 3) picture after edits. ``around`` shows where the window reaches past
    the picture's edge (a collage, a screenshot); without it, paper does or the picture's own edge."""
    how = _STRONG if strong else _MILD
    square = _warp(picture, place, side, generator, how, around, mirrored)
    if generator.random() < how.drawing:
        square = _as_drawing(square, generator)
    if generator.random() < how.colour:
        square = _recolour(square, generator)
    if generator.random() < how.overlay:
        square = _overlay(square, generator)
    if generator.random() < how.quality:
        square = _lose_quality(square, generator)
    return square


def _warp(
    picture: Square,
    place: Window,
    side: int,
    generator: np.random.Generator,
    how: _Strength,
    around: Square | None,
    mirrored: bool,
) -> Square:
    import cv2

    source = picture.shape[0]
    x, y, width, height = place
    angle = generator.normal(0, 0.2) if generator.random() < how.turn else 0.0
    shear = generator.normal(0, 0.05) if generator.random() < how.turn else 0.0
    cos, sin = np.cos(angle), np.sin(angle)
    # from the view's pixels to the picture's
    matrix = np.array([[cos, -sin + shear], [sin, cos]]) @ np.diag([width, height]) * (source / side)
    if mirrored:
        matrix[:, 0] *= -1
    offset = np.array([x, y]) * source - matrix @ np.full(2, (side - 1) / 2) - 0.5
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    full = np.column_stack([matrix, offset]).astype(np.float32)
    if max(width, height) * source > 1.5 * side:  # bilinear alone would alias
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.3 * max(width, height) * source / side), np.uint8)
    if around is not None:
        canvas = np.ascontiguousarray(cv2.resize(around, (side, side), interpolation=cv2.INTER_LINEAR))
        cv2.warpAffine(picture, full, (side, side), canvas, flags, cv2.BORDER_TRANSPARENT)
        return np.asarray(canvas, np.uint8)
    kind = generator.random()
    border = cv2.BORDER_REPLICATE if kind < 0.2 else cv2.BORDER_REFLECT_101 if kind < 0.3 else cv2.BORDER_CONSTANT
    grey = float(generator.choice([0.0, 255.0, 128.0, generator.uniform(0, 255)]))
    paper = (grey, grey, grey) if kind < 0.75 else tuple(float(v) for v in generator.uniform(0, 255, 3))
    return np.asarray(cv2.warpAffine(picture, full, (side, side), None, flags, border, paper), np.uint8)


def _recolour(square: Square, generator: np.random.Generator) -> Square:
    """Hue, saturation, tint, grey, brightness, contrast, gamma, posterisation, negative: one matrix and one table."""
    import cv2

    matrix = np.eye(3)
    kind = generator.random()
    if kind < 0.35:  # a turn around the grey axis
        angle = generator.uniform(-np.pi, np.pi) if kind < 0.25 else generator.normal(0, 0.4)
        third, root = (1 - np.cos(angle)) / 3, np.sin(angle) / np.sqrt(3)
        matrix = np.cos(angle) * np.eye(3) + third + root * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    elif kind < 0.5:
        matrix = np.eye(3)[generator.permutation(3)]
    grey = np.full((3, 3), 1 / 3) if generator.random() < 0.5 else np.tile([0.299, 0.587, 0.114], (3, 1))
    keep = 0.0 if generator.random() < 0.2 else generator.uniform(0.2, 1.6)
    matrix = matrix @ (keep * np.eye(3) + (1 - keep) * grey)
    if generator.random() < 0.3:
        matrix = np.diag(np.exp(generator.normal(0, 0.25, 3))) @ matrix
    square = np.asarray(cv2.transform(square, matrix.astype(np.float32)), np.uint8)
    levels = np.linspace(0, 1, 256) ** np.exp(generator.normal(0, 0.35))
    levels = (levels - 0.5) * np.exp(generator.normal(0.05, 0.3)) + 0.5 + generator.normal(0, 0.08)
    if generator.random() < 0.15:
        steps = generator.integers(3, 8)
        levels = np.round(levels * steps) / steps
    if generator.random() < 0.06:
        levels = 1 - levels
    return np.asarray(cv2.LUT(square, np.clip(levels * 255, 0, 255).astype(np.uint8)), np.uint8)


def _as_drawing(square: Square, generator: np.random.Generator) -> Square:
    """What sketch filters make of a picture: dodge, adaptive threshold, difference of Gaussians, edges."""
    import cv2

    grey = np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY))
    kind = generator.integers(4)
    if kind == 0:
        blurred = cv2.GaussianBlur(255 - grey, (0, 0), generator.uniform(1.5, 5))
        lines = cv2.divide(grey, 255 - blurred, scale=256.0)
    elif kind == 1:
        size = 2 * int(generator.integers(2, 6)) + 1
        lines = cv2.adaptiveThreshold(
            grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, size, float(generator.uniform(3, 9))
        )
    elif kind == 2:
        fine = cv2.GaussianBlur(grey, (0, 0), 0.7).astype(np.float32)
        coarse = cv2.GaussianBlur(grey, (0, 0), generator.uniform(1.5, 3)).astype(np.float32)
        lines = np.clip(255 + generator.uniform(4, 12) * (np.minimum(fine - coarse, 0) + 1), 0, 255).astype(np.uint8)
    else:
        lines = 255 - cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 0.8), 40, float(generator.uniform(80, 160)))
        lines = cv2.GaussianBlur(lines, (0, 0), 0.5)
    if generator.random() < 0.2:
        lines = 255 - lines
    paper, ink = generator.uniform(170, 255, 3), generator.uniform(0, 90, 3)
    if generator.random() < 0.6:
        paper, ink = np.full(3, 255.0), np.zeros(3)
    share = np.asarray(lines, np.float32)[..., None] / 255
    return np.asarray(share * paper + (1 - share) * ink, np.uint8)


def _overlay(square: Square, generator: np.random.Generator) -> Square:
    """Lines of writing, a sticker, a watermark across, bars of an app."""
    import cv2

    side = square.shape[0]
    square = np.ascontiguousarray(square)
    top = square.copy()
    colour = tuple(float(v) for v in generator.choice([0, 255]) + np.zeros(3))
    if generator.random() < 0.4:
        colour = tuple(float(v) for v in generator.uniform(0, 255, 3))
    kind = generator.integers(5)
    if kind == 0:
        words = "".join(chr(int(c)) for c in generator.integers(65, 122, generator.integers(3, 14)))
        place = (int(generator.uniform(-0.1, 0.5) * side), int(generator.uniform(0.1, 1) * side))
        font, size = int(generator.integers(0, 8)), float(generator.uniform(0.3, 1.6))
        cv2.putText(top, words, place, font, size, colour, int(generator.integers(1, 4)), cv2.LINE_AA)
    elif kind == 1:
        centre = tuple(int(v) for v in generator.uniform(0, side, 2))
        axes = tuple(int(v) for v in generator.uniform(0.05, 0.22, 2) * side)
        cv2.ellipse(top, centre, axes, float(generator.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
        cv2.circle(top, centre, max(min(axes) // 3, 1), tuple(255 - c for c in colour), -1, cv2.LINE_AA)
    elif kind == 2:
        step, lean = float(generator.uniform(12, 40)), float(generator.uniform(-1, 1))
        for start in np.arange(-side, 2 * side, step):
            ends = (int(start), 0), (int(start + lean * side), side)
            cv2.line(top, *ends, colour, int(generator.integers(1, 3)), cv2.LINE_AA)
    elif kind == 3:
        depth = int(generator.uniform(0.04, 0.2) * side)
        strips = [top[:depth], top[-depth:], top[:, :depth], top[:, -depth:]]
        for i in generator.permutation(4)[: generator.integers(1, 5)]:
            strips[i][:] = colour
    else:
        corner = generator.uniform(0, 0.8, 2) * side
        far = corner + generator.uniform(0.1, 0.4, 2) * side
        box = tuple(int(v) for v in corner), tuple(int(v) for v in far)
        cv2.rectangle(top, *box, colour, -1)
    share = float(generator.choice([1.0, generator.uniform(0.3, 0.9)]))
    return np.asarray(cv2.addWeighted(top, share, square, 1 - share, 0), np.uint8)


def _lose_quality(square: Square, generator: np.random.Generator) -> Square:
    import cv2

    side = square.shape[0]
    for kind in generator.permutation(5)[: generator.integers(1, 3)]:
        if kind == 0:
            square = np.asarray(cv2.GaussianBlur(square, (0, 0), generator.uniform(0.4, 2.0)), np.uint8)
        elif kind == 1:
            small = int(side * generator.uniform(0.25, 0.7))
            shrunk = cv2.resize(square, (small, small), interpolation=cv2.INTER_AREA)
            square = np.asarray(cv2.resize(shrunk, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
        elif kind == 2:
            soft = cv2.GaussianBlur(square, (0, 0), generator.uniform(0.8, 2))
            square = np.asarray(cv2.addWeighted(square, 2.2, soft, -1.2, 0), np.uint8)
        elif kind == 3:
            noise = generator.standard_normal(square.shape, np.float32) * generator.uniform(3, 22)
            square = np.clip(square + noise, 0, 255).astype(np.uint8)
        else:
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(generator.integers(8, 70))]
            done, packed = cv2.imencode(".jpg", square, quality)
            if done:
                square = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return square
