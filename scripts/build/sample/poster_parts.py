"""What the second painter's posters are made of: flat shapes with sprayed shade, patterns, hills, sky."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scripts.build.sample.brush import (
    Colour,
    Cover,
    Frame,
    Plane,
    Shape,
    Sheet,
    arc,
    box,
    colour,
    ellipse,
    mix,
    ribbon,
    spline,
    unit_range,
)

__all__ = [
    "BLUSH",
    "BRICK",
    "CORAL",
    "CREAM",
    "MUSTARD",
    "NAVY",
    "PLUM",
    "SAGE",
    "SKY",
    "TEAL",
    "WHITE",
    "disc",
    "fill",
    "ground",
    "hatch",
    "hill",
    "note_figure",
    "pattern",
    "sign",
    "star",
    "stars",
]


CREAM, NAVY, TEAL, CORAL = colour("#f6ead2"), colour("#22304f"), colour("#2f7f80"), colour("#e96b52")
MUSTARD, BLUSH, PLUM, SAGE = colour("#ebb447"), colour("#f3bda6"), colour("#6b3f5b"), colour("#9db58b")
SKY, BRICK, WHITE = colour("#a9cfd3"), colour("#b4483a"), colour("#fbf6ea")


def _spray(sheet: Sheet, cover: Cover, toward: tuple[float, float], reach: float) -> Plane:
    """Grains that grow denser towards one side of the cover, as from a toothbrush."""
    rows, columns = cover.alpha.shape
    x, y = np.linspace(0, 1, columns, dtype=np.float32)[None, :], np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    along = 0.5 + (x - 0.5) * toward[0] + (y - 0.5) * toward[1]
    dense = np.clip((along - (1 - reach)) / max(reach, 1e-3), 0, 1) ** 1.4
    grain = sheet.tooth[cover.window]
    return np.asarray(np.clip((dense - (1.15 - grain * 1.25)) * 5 + dense * 0.55, 0, 1), np.float32)


def fill(
    sheet: Sheet,
    shapes: Shape | Sequence[Shape],
    pigment: Colour,
    shade: Colour | None = None,
    toward: tuple[float, float] = (0.6, 0.8),
    reach: float = 0.7,
    name: str = "",
) -> Cover:
    """Flat paint in the union of ``shapes``, sprayed with ``shade`` (a darker tone unless given) on one side."""
    several = [shapes] if isinstance(shapes, np.ndarray) else list(shapes)
    cover = sheet.cover(*several)
    if cover.alpha.size:
        sheet.lay(cover, pigment)
        tone = mix(pigment, NAVY, 0.32) if shade is None else shade
        sheet.lay(cover.times(_spray(sheet, cover, toward, reach)), tone, 0.8)
    if name:
        sheet.note(name, cover)
    return cover


def pattern(sheet: Sheet, cover: Cover, kind: str, pitch: float, pigment: Colour, strength: float = 1.0) -> None:
    """Print ``dots``, ``stripes``, ``diagonal``, ``waves``, ``scales``, ``checks`` or ``zigzag`` inside a cover."""
    if not cover.alpha.size:
        return
    window = cover.window
    y = np.arange(window[0].start, window[0].stop, dtype=np.float32)[:, None] / (sheet.unit * pitch)
    x = np.arange(window[1].start, window[1].stop, dtype=np.float32)[None, :] / (sheet.unit * pitch)
    soft = sheet.unit * pitch * 0.6
    if kind == "dots":
        row = np.floor(y)
        inside = 0.27 - np.hypot((x + 0.5 * (row % 2)) % 1 - 0.5, y % 1 - 0.5)
    elif kind == "scales":
        row = np.floor(y * 2)
        inside = 0.05 - np.abs(np.hypot((x + 0.5 * (row % 2)) % 1 - 0.5, (y * 2 % 1) * 0.5) - 0.44)
    elif kind == "checks":
        inside = 0.4 * np.sign((x % 1 - 0.5) * (y % 1 - 0.5)) * np.minimum(np.abs(x % 1 - 0.5), np.abs(y % 1 - 0.5))
    elif kind == "waves":
        inside = 0.14 - np.abs((y + 0.16 * np.sin(x * 4)) % 1 - 0.5)
    elif kind == "zigzag":
        inside = 0.15 - np.abs((y + 0.5 * np.abs(x % 1 - 0.5)) % 1 - 0.5)
    elif kind == "diagonal":
        inside = 0.2 - np.abs((x + y) % 1 - 0.5) + 0 * x
    else:
        inside = 0.22 - np.abs(x % 1 - 0.5) + 0 * y
    printed = np.clip(inside * soft * 1.6 + 0.5, 0, 1) * (0.72 + 0.5 * (sheet.tooth[window] - 0.2))
    sheet.lay(cover.times(np.asarray(np.clip(printed, 0, 1), np.float32)), pigment, strength)


def hatch(sheet: Sheet, cover: Cover, angle: float, pitch: float, pigment: Colour, strength: float = 0.6) -> None:
    """Parallel pen strokes across a cover, each a little its own way."""
    rows, columns = cover.alpha.shape
    if not rows:
        return
    reach, middle = np.hypot(rows, columns) / 2, (cover.x + columns / 2, cover.y + rows / 2)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    strokes = []
    for offset in np.arange(-reach, reach, sheet.unit * pitch):
        start, end = -reach * sheet.rng.uniform(0.85, 1), reach * sheet.rng.uniform(0.85, 1)
        ends = [
            (middle[0] + t * c - offset * s, middle[1] + t * s + offset * c + sheet.rng.normal(0, 1))
            for t in (start, end)
        ]
        strokes.append(ribbon(ends, sheet.unit * 0.26, 0.5, 0.5))
    lines = sheet.cover(box(cover.x, cover.y, cover.x + columns, cover.y + rows), without=strokes)
    top, left = cover.y - lines.y, cover.x - lines.x
    cut = 1 - lines.alpha[max(0, top) : max(0, top) + rows, max(0, left) : max(0, left) + columns]
    sheet.lay(Cover(cover.x, cover.y, cover.alpha[: cut.shape[0], : cut.shape[1]]).times(cut), pigment, strength)


def ground(sheet: Sheet, top: Colour, low: Colour, bend: float = 1.0) -> None:
    """A sky from ``top`` to ``low``, its passage sprayed in grains."""
    down = np.linspace(0, 1, sheet.height, dtype=np.float32)[:, None] ** bend
    level = np.clip(down + (sheet.tooth - 0.5) * 0.35 + (sheet.cloud - 0.5) * 0.12, 0, 1)
    sheet.canvas[:] = top + (low - top) * level[..., None]


def disc(
    sheet: Sheet, x: float, y: float, radius: float, pigment: Colour, name: str, rays: int = 0, rings: int = 0
) -> None:
    """A sun or a moon of paper, with rays round it or rings in it."""
    cx, cy = sheet.at(x, y)
    r = radius * min(sheet.width, sheet.height)
    shapes = []
    for k in range(rays):
        a, half = 2 * np.pi * k / rays, np.pi / rays * 0.42
        inner, outer = r * 1.16, r * (1.55 if k % 2 else 1.38)
        shapes.append(np.array([(cx + inner * np.cos(a - half), cy + inner * np.sin(a - half)),
                                (cx + outer * np.cos(a), cy + outer * np.sin(a)),
                                (cx + inner * np.cos(a + half), cy + inner * np.sin(a + half))]))  # fmt: skip
    if shapes:
        fill(sheet, shapes, pigment, reach=0.3)
    fill(sheet, ellipse(cx, cy, r), pigment, mix(pigment, CORAL, 0.55), name=name)
    for k in range(rings):
        ring = r * (0.82 - 0.2 * k)
        sheet.lay(
            sheet.cover(ribbon(arc(cx, cy, ring, ring, 0, 360, 90), sheet.unit * 0.45, 1, 1)),
            mix(pigment, WHITE, 0.55),
            0.9,
        )
    if name == "moon":
        for dx, dy, s in ((-0.35, -0.2, 0.17), (0.3, 0.3, 0.24), (0.15, -0.42, 0.10), (-0.2, 0.45, 0.09)):
            fill(sheet, ellipse(cx + dx * r, cy + dy * r, s * r), mix(pigment, NAVY, 0.16), reach=0.5)


def star(x: float, y: float, r: float, points: int = 5, turn: float = -90.0, waist: float = 0.42) -> Shape:
    angle = np.radians(np.arange(points * 2) * 180 / points + turn)
    reach = np.where(np.arange(points * 2) % 2, waist, 1.0) * r
    return np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], 1)


def stars(sheet: Sheet, count: int, lowest: float, pigment: Colour) -> None:
    """A scatter of four-pointed stars and dots above ``lowest``."""
    shapes = []
    for k in range(count):
        x, y = sheet.at(sheet.rng.random(), sheet.rng.random() * lowest)
        large = k % 3 == 0
        shapes.append(star(x, y, sheet.unit * 1.5, 4, 0, 0.22) if large else ellipse(x, y, sheet.unit * 0.28)[::6])
    sheet.lay(sheet.cover(*shapes), pigment, 0.95)


def hill(
    sheet: Sheet, crest: Sequence[tuple[float, float]], pigment: Colour, kind: str = "", ink: Colour | None = None,
    pitch: float = 4.0, name: str = "",
) -> Cover:  # fmt: skip
    """Land below a smooth ``crest`` (fractions), printed with a pattern."""
    line = spline([sheet.at(*p) for p in crest], 16)
    shape = np.vstack([line, [(line[-1, 0], sheet.height + 4), (line[0, 0], sheet.height + 4)]])
    cover = fill(sheet, shape, pigment, toward=(0.2, 1.0), reach=0.6, name=name)
    if kind:
        pattern(sheet, cover, kind, pitch, mix(pigment, WHITE, 0.28) if ink is None else ink, 0.8)
    return cover


def sign(sheet: Sheet) -> None:
    """The signature, always at the same place: a name in slanting letters, a stroke under it and a star."""
    size = int(sheet.unit * 3.4)
    font = ImageFont.load_default(size * 3)
    plain = Image.new("L", (size * 27, size * 5))
    ImageDraw.Draw(plain).text((size * 2, size), "o.marrow", fill=255, font=font)
    slanted = plain.transform(
        plain.size, Image.Transform.AFFINE, (1, 0.28, -size * 0.7, -0.05, 1, size * 0.5), Image.Resampling.BICUBIC
    )
    alpha = unit_range(slanted.reduce(3))
    x, y = int(0.05 * sheet.width), int(0.935 * sheet.height - alpha.shape[0] / 2)
    cover = Cover(x, y, alpha)
    shade = float(sheet.canvas[cover.window].mean())
    ink = NAVY if shade > 0.5 else CREAM
    sheet.lay(cover, ink, 0.95)
    foot = y + alpha.shape[0] * 0.92
    under = ribbon(
        spline([(x + size * 0.4, foot), (x + size * 2.8, foot - size * 0.22), (x + size * 5.2, foot - size * 0.5)]),
        sheet.unit * 0.5,
        0.3,
        0.1,
    )
    sheet.lay(sheet.cover(under, star(x + size * 6.0, y + size * 0.7, size * 0.42)), ink, 0.95)
    sheet.note("signature", sheet.cover(box(x, y, x + size * 6.8, foot + 2)))


def note_figure(sheet: Sheet, name: str, at: Frame, x0: float, y0: float, x1: float, y1: float) -> None:
    """Remember a figure by the box that it fills in its own frame."""
    sheet.note(name, sheet.cover(at(box(x0, y0, x1, y1))))
