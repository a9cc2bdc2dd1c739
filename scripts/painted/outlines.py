"""Vector parts of a painted element: outlines as point lists, and the curves that they are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Random = np.random.Generator

INK, LIGHT, MAIN, SECOND, THIRD, FOURTH = range(6)
"""Roles inside one element; placing the element maps them to roles of the palette."""

SOLID, GRADIENT, STRIPES, CHECKS, DOTS, SCALES, CLOUDS, BANDS, LEAVES, RADIAL = range(10)
"""How a part is filled between its role and its second role."""

SILHOUETTE, INNER, DETAIL = range(3)
"""Level of a part: makes the silhouette, divides it, or is a fine detail that another artist would draw otherwise."""


@dataclass(frozen=True, slots=True)
class Part:
    """One polygon, or one stroke where ``width`` > 0 (a fraction of the side). Points are (n, 2), y downwards."""

    points: Points
    role: int
    level: int = SILHOUETTE
    width: float = 0.0
    tone: float = 0.0
    fill: int = SOLID
    second: int = LIGHT
    pitch: float = 8.0
    angle: float = 0.0

    def moved(self, points: Points) -> Part:
        return replace(self, points=points)


class Sketch:
    """Collects the parts of one element, drawn in a local frame of about [-1, 1] x [-1, 1]."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.parts: list[Part] = []

    def fill(self, points: Points, role: int, level: int = SILHOUETTE, tone: float = 0.0) -> None:
        self.parts.append(Part(points, role, level, tone=tone))

    def pattern(self, points: Points, role: int, second: int, fill: int, pitch: float, angle: float = 0.0) -> None:
        self.parts.append(Part(points, role, SILHOUETTE, 0.0, 0.0, fill, second, pitch, angle))

    def cloth(self, points: Points, role: int, level: int = SILHOUETTE) -> None:
        """A surface that is plain most of the time, else patterned."""
        if self.rng.random() < 0.65:
            self.fill(points, role, level)
        else:
            kind = int(self.rng.choice([GRADIENT, STRIPES, CHECKS, DOTS, SCALES, LEAVES, CLOUDS]))
            second = int(self.rng.integers(0, 6))
            second = second if second != role else INK
            pitch, angle = float(self.rng.uniform(5, 24)), float(self.rng.uniform(0, np.pi))
            self.parts.append(Part(points, role, level, 0.0, 0.0, kind, second, pitch, angle))

    def line(self, points: Points, role: int, width: float, level: int = DETAIL) -> None:
        self.parts.append(Part(points, role, level, width=width))

    def disc(
        self, x: float, y: float, rx: float, ry: float, role: int, level: int = SILHOUETTE, turn: float = 0
    ) -> None:
        self.fill(ellipse(x, y, rx, ry, turn), role, level)

    def limb(self, points: Points, start: float, end: float, role: int, level: int = SILHOUETTE) -> None:
        self.fill(tapered(points, start, end), role, level)

    def mirrored(self, first: int, axis: float = 0.0) -> None:
        """Adds the mirror image of every part from index ``first`` on."""
        flip = np.array([-1.0, 1.0])
        self.parts += [part.moved(part.points * flip + (2 * axis, 0.0)) for part in self.parts[first:]]


def at(*values: float) -> Points:
    """Points from x0, y0, x1, y1, ..."""
    return np.asarray(values, np.float64).reshape(-1, 2)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0, count: int = 22) -> Points:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    across, along = rx * np.cos(angles), ry * np.sin(angles)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([x + cos * across - sin * along, y + sin * across + cos * along], axis=1)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Points:
    return at(x0, y0, x1, y0, x1, y1, x0, y1)


def smooth(points: Points, closed: bool = True, rounds: int = 2) -> Points:
    """Corner cutting (Chaikin 1974): ``rounds`` times, open ends kept."""
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0) if closed else points[1:]
        before = points if closed else points[:-1]
        cut = np.empty((2 * len(before), 2))
        cut[0::2] = 0.75 * before + 0.25 * after
        cut[1::2] = 0.25 * before + 0.75 * after
        points = cut if closed else np.concatenate([points[:1], cut, points[-1:]])
    return points


def tapered(points: Points, start: float, end: float) -> Points:
    """The outline of a band along ``points`` whose half width goes from ``start`` to ``end``."""
    along = np.gradient(points, axis=0)
    length = np.maximum(np.sqrt((along**2).sum(1, keepdims=True)), 1e-9)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / length
    half = np.linspace(start, end, len(points))[:, None]
    return np.concatenate([points + normal * half, (points - normal * half)[::-1]])


def bend(x0: float, y0: float, x1: float, y1: float, bow: float, count: int = 9) -> Points:
    """A quadratic curve from one point to another that bows sideways by ``bow`` times its length."""
    t = np.linspace(0, 1, count)[:, None]
    start, end = np.array([x0, y0]), np.array([x1, y1])
    side = np.array([y0 - y1, x1 - x0]) * bow * 2
    middle = (start + end) / 2 + side
    curve: Points = (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end
    return curve


def blob(rng: Random, rough: float = 0.25, orders: int = 5, count: int = 40) -> Points:
    """A random closed curve of unit size from Fourier descriptors (Zahn and Roskies 1972)."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    order = np.arange(2, 2 + orders)
    size = rough * rng.normal(size=orders) / np.sqrt(order - 0.8)
    radius = 1 + (size[:, None] * np.cos(order[:, None] * angles + rng.uniform(0, 2 * np.pi, orders)[:, None])).sum(0)
    radius = np.clip(radius, 0.2, 2.2)
    stretch = np.exp(rng.normal(0, 0.25))
    points = np.stack([radius * np.cos(angles) * stretch, radius * np.sin(angles) / stretch], axis=1)
    unit: Points = points / np.abs(points).max()
    return unit


def walk(rng: Random, steps: int, turn: float, step: float = 0.2) -> Points:
    """An open random curve that starts at the origin."""
    angle = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, turn, steps))
    path: Points = np.cumsum(np.stack([np.cos(angle), np.sin(angle)], axis=1) * step, axis=0)
    return path


def affine(points: Points, scale: tuple[float, float], turn: float, shift: tuple[float, float]) -> Points:
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos * scale[0], sin * scale[0]], [-sin * scale[1], cos * scale[1]]])
    moved: Points = points @ matrix + shift
    return moved
