"""The means of both painters: a sheet of paper, shapes as polygons, washes, strokes, grain.

A *shape* is an (n, 2) array of x, y in pixels. A *cover* is what a set of shapes covers of the sheet, with soft
edges: it is painted large inside its own rectangle and reduced, so that small shapes cost little. Colours are
(3,) float32 in 0..1, sRGB. Everything random comes from the sheet's own generator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from simcheck.records import Box

__all__ = [
    "Colour", "Cover", "Element", "Frame", "Painter", "Plane", "Scene", "Shape", "Sheet", "arc", "blur", "box",
    "colour", "ellipse", "mix", "noise", "ribbon", "spline", "unit_range",
]  # fmt: skip

Colour = NDArray[np.float32]
Plane = NDArray[np.float32]
"""(height, width) of weights in 0..1."""
Shape = NDArray[np.float64]
Points = Sequence[tuple[float, float]] | Shape

_FINER = 3  # shapes are drawn this much larger and reduced


def colour(code: str) -> Colour:
    """``#rrggbb`` to (3,) float32 in 0..1."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def unit_range(image: Image.Image) -> NDArray[np.float32]:
    """The pixels of ``image`` as float32 in 0..1."""
    return np.asarray(image, np.float32) / np.float32(255)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    return np.asarray(first + (second - first) * share, np.float32)


def blur(plane: Plane, radius: float) -> Plane:
    import cv2

    return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(radius, 0.1)), np.float32)


def noise(
    rng: np.random.Generator, shape: tuple[int, ...], cell: float, octaves: int = 4, stretch: float = 1.0
) -> Plane:
    """Value noise of ``shape`` (height, width) in 0..1, mean 0.5. ``cell`` is the size in pixels of the coarsest
    blotch, ``stretch`` how much longer than high it is."""
    import cv2

    height, width = shape
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for octave in range(octaves):
        step = cell / 2**octave
        if step < 1:
            break
        rows, columns = max(2, round(height / step) + 2), max(2, round(width / (step * stretch)) + 2)
        grid = rng.random((rows, columns), np.float32) - 0.5
        total += weight * np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        weight *= 0.55
    return np.asarray(np.clip(0.5 + total * 0.85, 0, 1), np.float32)


def spline(points: Points, steps: int = 12) -> Shape:
    """A Catmull-Rom curve through ``points``."""
    knots = np.asarray(points, np.float64)
    ends = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], strict=True):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*pieces, knots[-1:]])


def ribbon(path: Points, width: float, start: float = 0.15, end: float = 0.15, swell: float = 0.0) -> Shape:
    """A brush stroke along ``path``: ``width`` pixels at its fullest, ``start`` and ``end`` of that at its ends.
    ``swell`` 0 is fullest in the middle; nearer 1 or -1, towards the end or the start."""
    line = np.asarray(path, np.float64)
    along = np.gradient(line, axis=0)
    length = np.hypot(along[:, 0], along[:, 1])
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(length, 1e-9)[:, None]
    t = np.linspace(0, 1, len(line))
    centre = 0.5 + 0.45 * swell
    bell = np.where(t < centre, t / centre, (1 - t) / (1 - centre))
    edge = np.where(t < centre, start, end)
    half = (edge + (1 - edge) * np.sin(bell * np.pi / 2)) * width / 2
    return np.vstack([line + normal * half[:, None], (line - normal * half[:, None])[::-1]])


def arc(cx: float, cy: float, rx: float, ry: float, first: float, last: float, steps: int = 40) -> Shape:
    """Points of an ellipse from angle ``first`` to ``last`` in degrees (0 right, 90 down)."""
    angle = np.radians(np.linspace(first, last, steps))
    return np.stack([cx + rx * np.cos(angle), cy + ry * np.sin(angle)], 1)


def ellipse(
    cx: float, cy: float, rx: float, ry: float | None = None, turn: float = 0.0, wobble: Plane | None = None
) -> Shape:
    """``turn`` in degrees; ``wobble`` (n,) scales the radius round the rim for an edge made by hand."""
    count = 96 if wobble is None else len(wobble)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = np.ones(count) if wobble is None else wobble.astype(np.float64)
    x, y = rx * reach * np.cos(angle), (rx if ry is None else ry) * reach * np.sin(angle)
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return np.stack([cx + x * c - y * s, cy + x * s + y * c], 1)


def box(x0: float, y0: float, x1: float, y1: float, rounding: float = 0.0) -> Shape:
    """A rectangle, its corners rounded by a radius of ``rounding``."""
    if rounding <= 0:
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
    r = min(rounding, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    corners = [(x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180)]
    return np.vstack([arc(x, y, r, r, a, a + 90, 12) for x, y, a in corners])


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a figure stands: unit coordinates (origin at its foot, y up) to pixels."""

    x: float
    y: float
    size: float
    mirror: bool = False
    turn: float = 0.0

    def __call__(self, shape: Points) -> Shape:
        points = np.asarray(shape, np.float64) * (-1 if self.mirror else 1, -1)
        c, s = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        turned = np.stack([points[:, 0] * c - points[:, 1] * s, points[:, 0] * s + points[:, 1] * c], 1)
        return np.asarray(turned * self.size + (self.x, self.y), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """What shapes cover: ``alpha`` with its top left pixel at (x, y) of the sheet."""

    x: int
    y: int
    alpha: Plane

    @property
    def window(self) -> tuple[slice, slice]:
        return slice(self.y, self.y + self.alpha.shape[0]), slice(self.x, self.x + self.alpha.shape[1])

    def times(self, weights: Plane) -> Cover:
        return Cover(self.x, self.y, np.asarray(self.alpha * weights, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """Something a person would point at, with the box it fills (fractions) and its cover."""

    name: str
    box: Box
    cover: Cover


@dataclass(slots=True, eq=False)
class Sheet:
    """A picture in the making: ``canvas`` (height, width, 3) float32 in 0..1."""

    width: int
    height: int
    rng: np.random.Generator
    canvas: NDArray[np.float32] = field(init=False)
    tooth: Plane = field(init=False)
    """The grain of this paper, mean 0.5: pigment settles by it."""
    cloud: Plane = field(init=False)
    """Large soft unevenness, mean 0.5."""
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.canvas = np.ones((self.height, self.width, 3), np.float32)
        self.tooth = noise(self.rng, (self.height, self.width), 2.6, 2)
        self.cloud = noise(self.rng, (self.height, self.width), self.width / 5, 5)

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side: strokes are measured in it."""
        return min(self.width, self.height) / 100

    def at(self, x: float, y: float) -> tuple[float, float]:
        return x * self.width, y * self.height

    def whole(self, plane: Plane) -> Cover:
        return Cover(0, 0, np.asarray(plane, np.float32))

    def cover(self, *shapes: Shape, soften: float = 0.0, without: Iterable[Shape] = ()) -> Cover:
        """The union of ``shapes`` less ``without``, within the sheet. ``soften`` blurs it by that many pixels."""
        corners = np.vstack(shapes)
        margin = 2 + int(3 * soften)
        x0, y0 = np.maximum(np.floor(corners.min(0)).astype(int) - margin, 0)
        x1, y1 = np.minimum(np.ceil(corners.max(0)).astype(int) + margin, (self.width, self.height))
        if x1 <= x0 or y1 <= y0:
            return Cover(0, 0, np.zeros((0, 0), np.float32))
        finer = _FINER if (x1 - x0) * (y1 - y0) < 250_000 else 2
        large = Image.new("L", (int(x1 - x0) * finer, int(y1 - y0) * finer))
        pen = ImageDraw.Draw(large)
        for shape, value in [*((s, 255) for s in shapes), *((s, 0) for s in without)]:
            pen.polygon([(float(x), float(y)) for x, y in (shape - (x0, y0)) * finer], fill=value)
        alpha = unit_range(large.reduce(finer))
        return Cover(int(x0), int(y0), blur(alpha, soften) if soften else alpha)

    def lay(self, cover: Cover, pigment: NDArray[np.float32], strength: float = 1.0) -> None:
        """Opaque paint. ``pigment`` is one colour or a colour for each pixel of the cover."""
        if cover.alpha.size:
            under = self.canvas[cover.window]
            under += (pigment - under) * (cover.alpha * strength)[..., None]

    def glaze(self, cover: Cover, pigment: Colour, strength: float = 1.0) -> None:
        """Transparent paint: it darkens what is below."""
        if cover.alpha.size:
            self.canvas[cover.window] *= 1 - (cover.alpha * strength)[..., None] * (1 - pigment)

    def note(self, name: str, cover: Cover) -> None:
        """Remember an element: the tight box of what the cover shows."""
        rows, columns = np.nonzero(cover.alpha > 0.25)
        if rows.size == 0:
            return
        y0, y1, x0, x1 = int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1
        tight = Cover(cover.x + x0, cover.y + y0, cover.alpha[y0:y1, x0:x1])
        left, top = tight.x / self.width, tight.y / self.height
        right, bottom = (tight.x + x1 - x0) / self.width, (tight.y + y1 - y0) / self.height
        self.elements.append(Element(name, (left, top, right, bottom), tight))

    def image(self, grain: float = 0.03) -> Image.Image:
        """The finished picture, with ``grain`` of paper over everything."""
        texture = 1 + (self.tooth - 0.5) * 2 * grain + (self.cloud - 0.5) * grain
        return Image.fromarray(np.clip(self.canvas * texture[..., None] * 255 + 0.5, 0, 255).astype(np.uint8))


Painter = Callable[[Sheet], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture to paint: its file name, size in pixels and painter."""

    file: str
    size: tuple[int, int]
    paint: Painter
