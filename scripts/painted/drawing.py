"""A scene drawn once, as maps of part numbers at twice the resolution, which every rendering shades in its own way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.painted.fields import Field, grid, noise
from scripts.painted.outlines import BANDS, CHECKS, CLOUDS, DOTS, GRADIENT, LEAVES, RADIAL, SCALES, SOLID, STRIPES, Part

Whole = (0.0, 0.0, 1.0, 1.0)
Box = tuple[float, float, float, float]
Bytes = NDArray[np.uint8]

_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Element:
    """Parts in picture coordinates ([0, 1] across), cut off at ``clip``; ``key``: 0 for the ground, else its own."""

    parts: tuple[Part, ...]
    key: int
    clip: Box = Whole


@dataclass(frozen=True, slots=True)
class Drawing:
    """Maps (2 side, 2 side) or (side, side), and tables by part number."""

    side: int
    numbers: NDArray[np.uint16]
    small: NDArray[np.uint16]
    keys: NDArray[np.uint16]
    silhouettes: Bytes
    inner: Bytes
    strokes: Bytes
    mix: Field
    role: NDArray[np.intp]
    second: NDArray[np.intp]
    tone: Field
    centre: Field
    half: Field


def draw(elements: list[Element], side: int, seed: int) -> Drawing:
    import cv2

    double = 2 * side
    parts = [part for element in elements for part in element.parts]
    keys = np.array([element.key for element in elements for _ in element.parts], np.uint16)
    joined = np.concatenate([part.points for part in parts])
    starts = np.concatenate([[0], np.cumsum([len(part.points) for part in parts])])
    low = np.minimum.reduceat(joined, starts[:-1], axis=0)
    high = np.maximum.reduceat(joined, starts[:-1], axis=0)
    pixels = np.round(np.clip(joined, -3, 4) * (double << _SHIFT)).astype(np.int32)
    numbers = np.zeros((double, double), np.uint16)
    number = 0
    for element in elements:
        x0, y0, x1, y1 = (round(edge * double) for edge in element.clip)
        view = numbers[y0:y1, x0:x1]
        corner = np.array([x0 << _SHIFT, y0 << _SHIFT], np.int32)
        # Ground painted again over a region is the same ground: no outline may mark where the region ends.
        first = 0 if element.parts is elements[0].parts else number
        for label, part in enumerate(element.parts, first):
            points = pixels[starts[number] : starts[number + 1]] - corner
            if part.width > 0:
                thick = max(1, round(part.width * double))
                cv2.polylines(view, [points], False, label, thick, cv2.LINE_8, _SHIFT)
            else:
                cv2.fillPoly(view, [points], label, cv2.LINE_8, _SHIFT)
            number += 1
    width = np.array([part.width for part in parts])
    stroke = (width > 0)[numbers]
    return Drawing(
        side,
        numbers,
        np.ascontiguousarray(numbers[::2, ::2]),
        keys[numbers],
        _edges(keys[numbers], stroke),
        _edges(numbers, stroke),
        stroke.astype(np.uint8) * 255,
        _mix(parts, numbers, low, high, seed),
        np.array([part.role for part in parts], np.intp),
        np.array([part.second for part in parts], np.intp),
        np.array([part.tone for part in parts], np.float32),
        ((low + high) / 2).astype(np.float32),
        np.maximum((high - low).max(1) / 2, 0.01).astype(np.float32),
    )


def _edges(labels: NDArray[np.uint16], stroke: NDArray[np.bool_]) -> Bytes:
    """255 where the label changes to the right or below and neither pixel is a stroke."""
    edge = np.zeros(labels.shape, np.bool_)
    edge[:, :-1] = labels[:, 1:] != labels[:, :-1]
    edge[:-1] |= labels[1:] != labels[:-1]
    edge &= ~stroke
    edge[:, :-1] &= ~stroke[:, 1:]
    edge[:-1] &= ~stroke[1:]
    return edge.astype(np.uint8) * 255


def _mix(
    parts: list[Part], numbers: NDArray[np.uint16], low: NDArray[np.float64], high: NDArray[np.float64], seed: int
) -> Field:
    """(side, side): how much of its second role each pixel has."""
    import cv2

    double = len(numbers)
    kinds = np.array([part.fill for part in parts], np.uint8)
    mix = np.zeros((double, double), np.float32)
    if not kinds.any():
        return mix[::2, ::2].copy()
    kind_map = kinds[numbers].ravel()
    flat, out = numbers.ravel(), mix.ravel()
    x, y = (axis.ravel() for axis in grid(double))
    angle = np.array([part.angle for part in parts], np.float32)
    pitch = np.array([part.pitch for part in parts], np.float32)
    turn = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centre, span = ((low + high) / 2).astype(np.float32), (high - low).max(1).astype(np.float32) + 1e-3
    rng = np.random.default_rng(seed)
    coarse = noise(rng, double, 1.8).ravel()
    fine = noise(rng, double, 0.9).ravel()
    for kind in np.unique(kinds[kinds != SOLID]):
        where = np.flatnonzero(kind_map == kind)
        if not len(where):
            continue
        n = flat[where]
        px, py = x[where], y[where]
        cos, sin = turn[n, 0], turn[n, 1]
        if kind == GRADIENT:
            out[where] = ((px - centre[n, 0]) * cos + (py - centre[n, 1]) * sin) / span[n] + 0.5
        elif kind == RADIAL:
            out[where] = 1.3 * np.hypot(px - centre[n, 0], py - centre[n, 1]) / span[n]
        elif kind == CLOUDS:
            out[where] = 0.45 + 0.4 * coarse[where]
        elif kind == LEAVES:
            out[where] = fine[where] > 0.3
        else:
            u, v = (px * cos + py * sin) * pitch[n], (py * cos - px * sin) * pitch[n]
            out[where] = _repeat(int(kind), u, v, coarse[where])
    np.clip(mix, 0, 1, out=mix)
    return np.asarray(cv2.resize(mix, (double // 2, double // 2), interpolation=cv2.INTER_AREA), np.float32)


def _repeat(kind: int, u: Field, v: Field, coarse: Field) -> NDArray[np.bool_] | Field:
    if kind == STRIPES:
        return np.asarray((u - np.floor(u)) < 0.45)
    if kind == CHECKS:
        return np.asarray((np.floor(u) + np.floor(v)) % 2 > 0.5)
    if kind == DOTS:
        row = np.floor(v)
        du, dv = u + row * 0.5, v - row - 0.5
        return np.asarray((du - np.floor(du) - 0.5) ** 2 + dv**2 < 0.08)
    if kind == SCALES:
        row = np.floor(v * 2)
        du, dv = u + row * 0.5, v * 2 - row
        radius = np.hypot(du - np.floor(du) - 0.5, dv * 0.6) * 5
        return np.asarray((radius - np.floor(radius)) < 0.4)
    assert kind == BANDS
    return np.asarray(0.5 + 0.5 * np.sin(6.28 * v * 0.3 + coarse * 1.5), np.float32)
