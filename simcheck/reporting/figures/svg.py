"""What a report draws: the work warped into the suspect's frame, their difference, match lines, boxes, palettes.

Pure functions. Pixels are (height, width, 3) uint8 sRGB; points and boxes are fractions of a picture; an SVG fragment
is built from numbers and checked colours only, so that it never carries text of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Box, Pixels

__all__ = [
    "UNITS",
    "Frame",
    "Pair",
    "Warp",
    "badge",
    "badges_svg",
    "boxes_svg",
    "difference_view",
    "lay_out_pair",
    "match_lines_svg",
    "palette_svg",
    "spread",
    "warp_to_query",
]

UNITS = 1000.0
"""Width of every drawing in its own units; strokes do not scale with it."""
GAP = 28.0
WIDEST_ROW = 3.4
"""Two pictures whose widths together exceed this many heights are stacked instead of set side by side."""
LINE_COLOURS = ("#0072b2", "#d55e00", "#1a1a1a")
"""Blue, vermilion (Okabe & Ito, "Color Universal Design", 2008) and black: told apart with every common colour
blindness, and all dark enough to be read on their white casing when printed in grey."""


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """A reference drawn in the query's frame. ``inside``: (height, width) bool, where the reference has pixels."""

    pixels: Pixels
    inside: NDArray[np.bool_]


def warp_to_query(reference: Pixels, transform: NDArray[np.float64], shape: tuple[int, int]) -> Warp:
    """Draw ``reference`` as the query shows it.

    ``transform`` takes homogeneous query fractions to reference fractions; ``shape`` is the query's (height, width).
    What lies outside the reference is hatched.
    """
    import cv2

    height, width = shape
    to_fractions = np.array([[1 / width, 0, 0.5 / width], [0, 1 / height, 0.5 / height], [0, 0, 1]])
    in_fractions = np.asarray(transform, np.float64) @ to_fractions
    middle = in_fractions @ np.array([(width - 1) / 2, (height - 1) / 2, 1.0])
    if middle[2] < 0:
        in_fractions, middle = -in_fractions, -middle
    reference = _shrunk_for(reference, in_fractions, middle)

    rows, columns = reference.shape[:2]
    to_pixels = np.array([[columns, 0, -0.5], [0, rows, -0.5], [0, 0, 1]])
    pixels = cv2.warpPerspective(
        np.ascontiguousarray(reference),
        to_pixels @ in_fractions,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    u, v, w = np.tensordot(in_fractions, np.stack([x, y, np.ones_like(x)]).astype(np.float64), axes=1)
    # w <= 0 is what a homography would draw from behind the viewer. It must not show.
    inside = (w > 1e-9) & (u >= 0) & (u <= w) & (v >= 0) & (v <= w)
    return Warp(np.where(inside[..., None], pixels, _hatch(height, width)).astype(np.uint8), inside)


def _shrunk_for(reference: Pixels, in_fractions: NDArray[np.float64], middle: NDArray[np.float64]) -> Pixels:
    """Average the reference down first when one query pixel covers several of its pixels; else fine lines alias."""
    import cv2

    rows, columns = reference.shape[:2]
    if middle[2] < 1e-9:
        return reference
    # the Jacobian of the projection at the middle of the query, in reference pixels per query pixel
    at = middle[:2] / middle[2]
    jacobian = (in_fractions[:2, :2] - np.outer(at, in_fractions[2, :2])) / middle[2] * [[columns], [rows]]
    covered = float(np.sqrt(abs(np.linalg.det(jacobian))))
    if not covered > 1.3:
        return reference
    size = (max(1, round(columns / covered)), max(1, round(rows / covered)))
    return np.asarray(cv2.resize(reference, size, interpolation=cv2.INTER_AREA), np.uint8)


def difference_view(query: Pixels, warp: Warp) -> Pixels:
    """White where the two agree, darker the more the most different of the three channels differs; no gain.

    Dark on white, not the usual glow on black, because it is printed. Hatched outside the reference.
    """
    apart = np.abs(query.astype(np.int16) - warp.pixels.astype(np.int16)).max(axis=2)
    shown = np.repeat((255 - apart)[..., None], 3, axis=2)
    return np.where(warp.inside[..., None], shown, _hatch(*apart.shape)).astype(np.uint8)


def _hatch(height: int, width: int) -> Pixels:
    step = max(4, max(height, width) // 110)
    stripes = (np.add.outer(np.arange(height), np.arange(width)) // step) % 2
    return np.repeat(np.where(stripes == 1, 208, 232)[..., None], 3, axis=2).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a picture stands in a drawing, in the drawing's units."""

    x: float
    y: float
    width: float
    height: float
    mirrored: bool = False
    """The picture is shown mirrored left to right; points in it are too."""

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A point in fractions of the picture, to units of the drawing."""
        across = 1 - x if self.mirrored else x
        return self.x + across * self.width, self.y + y * self.height

    @property
    def transform(self) -> str:
        """The SVG transform that mirrors what is drawn in this frame, or nothing."""
        return f"translate({2 * self.x + self.width:.2f} 0) scale(-1 1)" if self.mirrored else ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures in one drawing: side by side at equal height, or stacked at equal width."""

    width: float
    height: float
    query: Frame
    reference: Frame

    @property
    def stacked(self) -> bool:
        return self.reference.y > 0


def lay_out_pair(query: tuple[int, int], reference: tuple[int, int], *, mirrored: bool = False) -> Pair:
    """Arrange two pictures of the given (width, height); ``mirrored`` shows the query mirrored back."""
    ours, theirs = (min(max(w / h, 1 / 8), 8.0) for w, h in (query, reference))
    if ours + theirs > WIDEST_ROW:
        first, second = UNITS / ours, UNITS / theirs
        below = first + GAP
        return Pair(UNITS, below + second, Frame(0, 0, UNITS, first, mirrored), Frame(0, below, UNITS, second))
    height = (UNITS - GAP) / (ours + theirs)
    left = ours * height
    return Pair(UNITS, height, Frame(0, 0, left, height, mirrored), Frame(left + GAP, 0, theirs * height, height))


def spread(points: NDArray[np.float64], at_most: int) -> NDArray[np.float64]:
    """The rows of ``points`` to draw: all, or ``at_most`` of them that lie far from one another in the query."""
    if len(points) <= at_most:
        return points
    places = points[:, :2]
    chosen = [int(np.argmin(((places - places.mean(axis=0)) ** 2).sum(axis=1)))]
    distance = ((places - places[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < at_most:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, ((places - places[chosen[-1]]) ** 2).sum(axis=1))
    return points[sorted(chosen)]


def match_lines_svg(points: NDArray[np.float64], pair: Pair) -> str:
    """Lines from each detail of the query to its counterpart. ``points``: (n, 4) qx, qy, rx, ry."""
    lines, dots = [], []
    for i, (qx, qy, rx, ry) in enumerate(np.asarray(points, np.float64).reshape(-1, 4).tolist()):
        x1, y1 = pair.query.place(qx, qy)
        x2, y2 = pair.reference.place(rx, ry)
        path = f'd="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"'
        colour = LINE_COLOURS[i % len(LINE_COLOURS)]
        lines.append(f'<path class="casing" {path}/><path class="line" stroke="{colour}" {path}/>')
        dots += [
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4.2" fill="{colour}"/>' for x, y in ((x1, y1), (x2, y2))
        ]
    return f'<g class="matches">{"".join(lines)}{"".join(dots)}</g>'


def boxes_svg(boxes: Sequence[tuple[Box, Box]], pair: Pair) -> str:
    """Numbered frames around the regions that correspond: the same number in both pictures."""
    parts = []
    for i, (ours, theirs) in enumerate(boxes):
        colour = LINE_COLOURS[i % len(LINE_COLOURS)]
        for frame, box in ((pair.query, ours), (pair.reference, theirs)):
            xs, ys = zip(frame.place(*box[:2]), frame.place(*box[2:]), strict=True)
            # equal boxes of several pairs are drawn a little inside one another, so that each stays visible
            inset = 2.0 + 6.0 * sum(b[0] == ours or b[1] == theirs for b in boxes[:i])
            x, y = min(xs) + inset, min(ys) + inset
            size = f'width="{max(1.0, max(xs) - inset - x):.1f}" height="{max(1.0, max(ys) - inset - y):.1f}"'
            at = f'x="{x:.1f}" y="{y:.1f}" {size}'
            parts.append(f'<rect class="casing" {at}/><rect class="box" stroke="{colour}" {at}/>')
            # numbers stand at the lower left: the letter of the picture has the upper left corner
            parts.append(badge(x + 4 + 38 * (i % 4), max(ys) - inset - 38, str(i + 1), colour))
    return f'<g class="boxes">{"".join(parts)}</g>'


def badges_svg(pair: Pair) -> str:
    """The letters A (query) and B (reference) by which captions speak of the two pictures."""
    return "".join(
        badge(frame.x + 8, frame.y + 8, letter, "#1a1a1a")
        for letter, frame in (("A", pair.query), ("B", pair.reference))
    )


def badge(x: float, y: float, letter: str, colour: str) -> str:
    """A short text on a plate, its upper left corner at (x, y)."""
    return (
        f'<g class="badge"><rect x="{x:.1f}" y="{y:.1f}" width="34" height="34" rx="4" fill="{colour}"/>'
        f'<text x="{x + 17:.1f}" y="{y + 25:.1f}">{letter}</text></g>'
    )


def palette_svg(colours: Iterable[tuple[str, float]]) -> str:
    """One bar of the palette's colours, each as wide as its share. Raises ValueError on what is not ``#rrggbb``."""
    listed = [(colour, max(0.0, float(share))) for colour, share in colours]
    total = sum(share for _, share in listed) or 1.0
    parts, x = [], 0.0
    for colour, share in listed:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            raise ValueError(f"not a colour: {colour!r}")
        width = UNITS * share / total
        parts.append(f'<rect x="{x:.2f}" y="0" width="{width:.2f}" height="56" fill="{colour}"/>')
        x += width
    return "".join(parts)
