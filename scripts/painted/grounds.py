"""Grounds and borders, as parts in picture coordinates."""

from __future__ import annotations

import numpy as np

from scripts.painted.outlines import (
    BANDS,
    CHECKS,
    CLOUDS,
    DOTS,
    GRADIENT,
    INNER,
    LEAVES,
    RADIAL,
    SCALES,
    SOLID,
    STRIPES,
    Part,
    Random,
    at,
    ellipse,
    rectangle,
)
from scripts.painted.palettes import BRIGHT, DARK, FIRST_COLOUR, GROUND, GROUND_SECOND, GROUND_THIRD

_PATTERNS = (STRIPES, CHECKS, DOTS, SCALES, LEAVES)


def ground(rng: Random, kind: str, horizon: float) -> list[Part]:
    """What lies behind the elements; covers the whole picture."""
    whole = rectangle(-0.3, -0.3, 1.3, 1.3)
    pitch, angle = float(rng.uniform(3, 22)), float(rng.choice([0, np.pi / 2, np.pi / 4, rng.uniform(0, np.pi)]))

    def filled(fill: int, second: int = GROUND_SECOND) -> Part:
        return Part(whole, GROUND, INNER, 0, 0.0, fill, second, pitch, angle)

    if kind == "gradient":
        return [filled(GRADIENT, GROUND_THIRD)]
    if kind == "noise":
        return [filled(CLOUDS, int(rng.choice([GROUND_SECOND, GROUND_THIRD])))]
    if kind == "pattern":
        return [filled(int(rng.choice(_PATTERNS)))]
    if kind == "radial":
        return [filled(RADIAL, GROUND_THIRD)]
    if kind == "bands":
        return [filled(BANDS)]
    if kind == "floor":
        return [filled(int(rng.choice([SOLID, GRADIENT, STRIPES]))), *_floor(rng, horizon)]
    if kind == "halves":
        below = rectangle(-0.3, horizon, 1.3, 1.3)
        fill = int(rng.choice([SOLID, GRADIENT, BANDS, STRIPES, CLOUDS]))
        return [
            filled(int(rng.choice([SOLID, GRADIENT, CLOUDS]))),
            Part(below, int(rng.choice([GROUND_THIRD, FIRST_COLOUR])), INNER, 0, 0.0, fill, GROUND_SECOND, pitch * 2),
        ]
    return [filled(SOLID)]


def _floor(rng: Random, horizon: float) -> list[Part]:
    """Tiles or boards in one-point perspective."""
    x, rows, columns = rng.uniform(0.2, 0.8), int(rng.integers(3, 8)), int(rng.integers(4, 10))
    parts = [Part(rectangle(-0.3, horizon, 1.3, 1.3), GROUND_THIRD, INNER)]
    depth = horizon + (1.05 - horizon) * np.linspace(0, 1, rows + 1) ** 1.8
    edges = np.linspace(-1.5, 2.5, columns + 1)
    tiles = rng.random() < 0.6

    def across(edge: float, y: float) -> float:
        return float(x + (edge - x) * (y - horizon + 0.03) / (1.08 - horizon))

    for row in range(rows):
        for column in range(columns):
            if (tiles and (row + column) % 2) or (not tiles and column % 2):
                a, b, y0, y1 = edges[column], edges[column + 1], depth[row], depth[row + 1]
                tile = at(across(a, y0), y0, across(b, y0), y0, across(b, y1), y1, across(a, y1), y1)
                parts.append(Part(tile, GROUND_SECOND, INNER))
    return parts


def border(kind: int, seed: int) -> list[Part]:
    """A frame of bars, an arch, a double line or corner ornaments."""
    rng = np.random.default_rng(seed)
    width = rng.uniform(0.02, 0.09)
    role = int(rng.choice([GROUND_THIRD, DARK, BRIGHT, FIRST_COLOUR]))
    inner = rectangle(width, width, 1 - width, 1 - width)
    outer = rectangle(-0.3, -0.3, 1.3, 1.3)
    if kind == 1:
        rim = ellipse(0.5, 0.6, 0.5 - width, 0.6 - width, count=40)
        arch = np.concatenate([rim[rim[:, 1] < 0.6], at(1 - width, 1.2, width, 1.2)])
        arch = arch[np.argsort(np.arctan2(arch[:, 1] - 0.6, arch[:, 0] - 0.5))]
        return [Part(_with_hole(outer, arch), role, INNER)]
    bars = [
        Part(
            _with_hole(outer, inner),
            role,
            INNER,
            fill=int(rng.choice([SOLID, SOLID, CHECKS, DOTS])),
            second=BRIGHT,
            pitch=24,
        )
    ]
    if kind == 2:
        line = inner * (1 - 2 * width) + width
        bars.append(Part(np.concatenate([line, line[:1]]), DARK, INNER, width=0.006))
    elif kind == 3:
        for x in (0.0, 1.0):
            for y in (0.0, 1.0):
                bars.append(Part(ellipse(x, y, width * 2.5, width * 2.5), role, INNER))
    return bars


def _with_hole(
    outer: np.ndarray[tuple[int, ...], np.dtype[np.float64]], hole: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.concatenate([outer, outer[:1], hole, hole[:1]])
