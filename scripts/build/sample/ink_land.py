"""What the first painter's landscapes are made of: paper, suns, mountains, mist, water, the red seal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scripts.build.sample.brush import (
    Colour,
    Cover,
    Plane,
    Shape,
    Sheet,
    blur,
    box,
    colour,
    ellipse,
    mix,
    noise,
    ribbon,
    spline,
)

__all__ = [
    "INDIGO",
    "INK",
    "JADE",
    "NIGHT",
    "PLUM",
    "RICE",
    "SLATE",
    "VERMILION",
    "mist",
    "mountain",
    "paper",
    "reflections",
    "seal",
    "sky",
    "sun",
    "wash",
    "waterfall",
]

INK = colour("#232b36")
VERMILION = colour("#c23a28")
RICE, SLATE, INDIGO, JADE = colour("#efe6d3"), colour("#5d7d8b"), colour("#2c4357"), colour("#5f8573")
PLUM, NIGHT = colour("#6a5470"), colour("#26344d")

Peak = tuple[float, float, float, float]
"""Where (fraction of the width), how high and how wide (fractions of the height, the width), how blunt."""
Stroke = tuple[tuple[float, float], ...]


def paper(sheet: Sheet, tint: Colour) -> None:
    """Rice paper: a warm ground with soft stains and stray fibres."""
    stain = (sheet.cloud - 0.5) * 0.10 + (sheet.tooth - 0.5) * 0.05
    sheet.canvas[:] = tint * (1 + stain[..., None])
    rng, fibres = sheet.rng, []
    for _ in range(110):
        x, y, angle = rng.random() * sheet.width, rng.random() * sheet.height, rng.random() * 6.3
        length = sheet.unit * rng.uniform(0.8, 3)
        path = [(x + length * t * np.cos(angle + t), y + length * t * np.sin(angle + t)) for t in (0, 0.3, 0.7, 1)]
        fibres.append(ribbon(path, 1.1))
    sheet.glaze(sheet.cover(*fibres), colour("#8d7b5e"), 0.22)


def sky(sheet: Sheet, top: Colour, low: Colour, horizon: float, strength: float = 0.8) -> None:
    """A graded wash from the upper edge down to ``horizon``, broken into long clouds."""
    height, width = sheet.height, sheet.width
    down = np.linspace(0, 1 / horizon, height, dtype=np.float32)[:, None]
    drift = noise(sheet.rng, (height, width), height / 4, 5, stretch=3.5)
    level = np.clip(down + (drift - 0.5) * 0.55, 0, 1)
    pigment = top + (low - top) * level[..., None]
    fade = np.clip((1.25 - down) * 2.2, 0, 1) * (0.75 + 0.5 * (drift - 0.5))
    sheet.lay(sheet.whole(fade), pigment.astype(np.float32), strength)


def wash(sheet: Sheet, cover: Cover, pigment: Colour, strength: float = 0.8, pool: float = 0.5) -> None:
    """Wet paint in a shape: it pools at the rim and settles in the tooth of the paper."""
    if not cover.alpha.size:
        return
    rim = np.clip(cover.alpha - blur(cover.alpha, sheet.unit * 0.55), 0, 1)
    settled = 0.80 + 0.34 * (sheet.tooth[cover.window] - 0.5) + 0.7 * (sheet.cloud[cover.window] - 0.5)
    body = cover.times(np.clip(settled + pool * rim * 1.6, 0, 1.15))
    sheet.lay(body, mix(pigment, np.ones(3, np.float32), 0.06), strength)
    sheet.glaze(cover.times(rim), pigment, pool)


def sun(sheet: Sheet, x: float, y: float, radius: float, pigment: Colour, glow: float = 0.35, dry: float = 0.0) -> None:
    """A disc by one full brush, with its halo. ``dry`` tears long streaks into it."""
    cx, cy = sheet.at(x, y)
    r = radius * min(sheet.width, sheet.height)
    wobble = 1 + (noise(sheet.rng, (1, 120), 30, 3)[0] - 0.5) * 0.05
    wobble[-8:] = np.linspace(wobble[-8], wobble[0], 8)  # the rim closes
    disc = sheet.cover(ellipse(cx, cy, r, wobble=wobble))
    rows, columns = np.ogrid[: sheet.height, : sheet.width]
    far = np.hypot(columns - cx, rows - cy).astype(np.float32) / np.float32(r)
    sheet.lay(sheet.whole(np.exp(-(far**2) / 3.2)), mix(pigment, np.ones(3, np.float32), 0.35), glow)
    streaks = noise(sheet.rng, disc.alpha.shape, sheet.unit * 2.2, 3, stretch=9)
    below = np.linspace(0, 1, disc.alpha.shape[0], dtype=np.float32)[:, None]
    torn = 1 - dry * np.clip((streaks - 0.56 + 0.22 * below) * 7, 0, 1) * below
    wash(sheet, disc.times(torn), pigment, 0.96, 0.5)
    sheet.note("sun" if pigment[0] > pigment[2] * 1.4 else "moon", disc)


def _profile(sheet: Sheet, peaks: Sequence[Peak], rough: float) -> Plane:
    x = np.linspace(0, 1, sheet.width, dtype=np.float32)
    drift = (noise(sheet.rng, (1, sheet.width), sheet.width / 9, 6)[0] - 0.5) * 0.05
    high = np.zeros(sheet.width, np.float32)
    for where, tall, wide, blunt in peaks:
        high = np.maximum(high, tall * np.exp(-((np.abs(x + drift - where) / wide) ** blunt)))
    crags = noise(sheet.rng, (1, sheet.width), sheet.width / 12, 7)[0] - 0.5
    teeth = noise(sheet.rng, (1, sheet.width), sheet.width / 45, 5)[0] - 0.5
    return np.asarray(high + rough * (crags * (0.25 + high) + teeth * 0.45 * high), np.float32)


def mountain(
    sheet: Sheet,
    level: float,
    peaks: Sequence[Peak],
    pigment: Colour,
    haze: Colour,
    *,
    rough: float = 0.2,
    depth: float = 0.35,
    crease: float = 0.7,
    strength: float = 0.95,
    snow: float = 0.0,
    name: str = "",
) -> Plane:
    """A range whose foot is at ``level``: dark along the ridge, lost in ``haze`` after ``depth`` (of the height).

    ``crease`` is the force of the texture strokes that hang from the ridge. Returns the ridge, (width,) in pixels.
    """
    import cv2

    height, width = sheet.height, sheet.width
    ridge = (level - _profile(sheet, peaks, rough)) * height
    top = max(0, int(ridge.min()) - 2)
    if top >= height - 2:
        return ridge
    rows = np.arange(top, height, dtype=np.float32)[:, None]
    below = rows - ridge[None, :]
    # the distance to the ridge across its slope, so that steep sides are as smooth as flat ones
    alpha = np.clip(below / np.hypot(1, np.gradient(ridge))[None, :] + 0.5, 0, 1)
    fall = below / (depth * height)
    # the strokes of the brush follow the fall of the slope: a texture hung from the ridge, and sheared by its tilt
    smooth = blur(ridge[None, :], sheet.unit * 2.5)[0]
    tilt = np.gradient(smooth)
    hung = noise(sheet.rng, (int(height * 0.8) + 2, width * 2), sheet.unit * 9, 5, stretch=0.34)
    columns = np.arange(width, dtype=np.float32)[None, :] + np.zeros_like(below)
    lean = np.clip(tilt, -1.4, 1.4)[None, :] * below * 0.45
    wander = (sheet.cloud[top:] - 0.5) * sheet.unit * 16
    side = np.clip(columns - lean + wander, 0, width - 1).astype(np.float32)
    texture = np.asarray(
        cv2.remap(hung, side + width / 2, np.abs(below) % (height * 0.8), cv2.INTER_LINEAR), np.float32
    )
    facets = np.tanh(np.take(tilt, side.astype(np.intp)) * 1.3)
    fade = np.exp(-(np.maximum(fall + (sheet.cloud[top:] - 0.5) * 0.5, 0) ** 1.5) * 2.2)
    dark = fade * (0.80 + 0.30 * crease * facets) + crease * (texture - 0.5) * 1.5 * fade
    dark += np.exp(-np.maximum(below, 0) / (sheet.unit * 0.7)) * 0.22 * crease
    dark = np.clip(dark + (sheet.tooth[top:] - 0.5) * 0.10, 0, 1.15)
    paint = haze + (pigment - haze) * dark[..., None]
    if snow:
        cap = np.clip((snow * 1.3 - fall + (texture - 0.55) * 1.2 - facets * 0.25) * 5, 0, 1) * (below > 0)
        paint += (colour("#f4f4f0") - paint) * (cap * 0.9)[..., None]
    cover = Cover(0, top, np.asarray(alpha, np.float32))
    sheet.lay(cover, np.asarray(paint, np.float32), strength)
    if name:
        sheet.note(name, cover.times(np.asarray(np.clip(fade * 1.3, 0, 1), np.float32)))
    return ridge


def mist(sheet: Sheet, level: float, thick: float, pigment: Colour, strength: float = 0.8) -> None:
    """A bank of mist about ``level``, ``thick`` (fractions of the height)."""
    rows = np.linspace(0, 1, sheet.height, dtype=np.float32)[:, None]
    drift = noise(sheet.rng, (sheet.height, sheet.width), sheet.height / 5, 5, stretch=4)
    bank = np.exp(-(((rows - level + (drift - 0.5) * thick * 1.4) / thick) ** 2)) * np.clip(0.4 + drift, 0, 1)
    sheet.lay(sheet.whole(bank), pigment, strength)


def reflections(sheet: Sheet, level: float, pigment: Colour, strength: float = 0.5, mirror: float = 0.5) -> None:
    """Water from ``level`` to the lower edge: what stands above it upside down, then flat strokes."""
    import cv2

    row = int(level * sheet.height)
    below = sheet.canvas[row:]
    count = below.shape[0]
    flipped = sheet.canvas[max(0, row - count) : row][::-1]
    flipped = np.vstack([flipped, np.repeat(flipped[-1:], count - len(flipped), 0)])
    flipped = np.asarray(cv2.GaussianBlur(flipped, (0, 0), sigmaX=sheet.unit * 0.9, sigmaY=sheet.unit * 1.6))
    fading = np.linspace(mirror, mirror * 0.3, count, dtype=np.float32)[:, None, None]
    below += (pigment - below) * strength
    below += (flipped - below) * fading
    strokes = []
    for _ in range(70):
        y = row + count * sheet.rng.random() ** 1.3
        near = 0.25 + (y - row) / count
        x, length = sheet.rng.random() * sheet.width, sheet.unit * 22 * near * sheet.rng.uniform(0.3, 1.2)
        sag = sheet.unit * 0.25 * sheet.rng.uniform(-1, 1)
        strokes.append(
            ribbon([(x, y), (x + length / 2, y + sag), (x + length, y)], sheet.unit * 0.5 * near, 0.05, 0.05)
        )
    half = len(strokes) // 2
    sheet.lay(sheet.cover(*strokes[:half], soften=0.8), mix(pigment, np.ones(3, np.float32), 0.6), 0.55)
    sheet.glaze(sheet.cover(*strokes[half:], soften=0.8), mix(pigment, INK, 0.45), 0.35)


def waterfall(sheet: Sheet, x: float, top: float, foot: float, wide: float) -> None:
    """White water in three leaps from ``top`` to ``foot``, with a cloud of spray at each."""
    rng, white = sheet.rng, colour("#f6f3ea")
    ledges = (top, top + (foot - top) * 0.30, top + (foot - top) * 0.58, foot)
    strands: list[Shape] = []
    shadows: list[Shape] = []
    sprays: list[Cover] = []
    for leap, (start, end) in enumerate(zip(ledges[:-1], ledges[1:], strict=True)):
        middle, spread = x + (0.0, -0.004, 0.004)[leap], wide * (0.24, 0.38, 0.56)[leap]
        for k in range(24):
            offset = rng.uniform(-spread, spread)
            first, last = start - 0.02 * rng.random(), end + 0.010 * rng.random()
            steps = np.linspace(0, 1, 9)
            path = [sheet.at(middle + offset * (0.55 + 0.5 * t), first + (last - first) * t**1.1) for t in steps]
            bunch = shadows if k % 6 == 0 else strands
            bunch.append(ribbon(path, sheet.unit * rng.uniform(0.25, 0.9), 0.5, 0.9, 0.4))
        cx, cy = sheet.at(middle, end)
        puff = ellipse(cx, cy, sheet.width * spread * 1.5, sheet.unit * (1.4 + leap))
        sprays.append(sheet.cover(puff, soften=sheet.unit * (1.2 + 0.5 * leap)))
    cover = sheet.cover(*strands, soften=0.6)
    sheet.lay(cover, white, 0.92)
    sheet.glaze(sheet.cover(*shadows, soften=0.6), colour("#6d8b8f"), 0.4)
    for spray in sprays:
        sheet.lay(spray, white, 0.85)
    sheet.note("waterfall", cover)


_LIN: tuple[Stroke, ...] = tuple(
    tuple((x + move, y) for x, y in stroke)
    for move in (0.0, 0.5)
    for stroke in (
        ((0.04, 0.32), (0.46, 0.32)), ((0.25, 0.06), (0.25, 0.96)),
        ((0.25, 0.35), (0.16, 0.56), (0.03, 0.72)), ((0.25, 0.35), (0.34, 0.54), (0.46, 0.68)),
    )
)  # fmt: skip
_ZHOU: tuple[Stroke, ...] = (
    ((0.56, 0.0), (0.46, 0.13)), ((0.26, 0.17), (0.24, 0.62), (0.08, 0.97)), ((0.26, 0.17), (0.78, 0.17)),
    ((0.78, 0.17), (0.78, 0.96)), ((0.78, 0.96), (0.64, 0.90)), ((0.02, 0.55), (0.98, 0.55)),
    ((0.48, 0.28), (0.54, 0.42)), ((0.48, 0.67), (0.54, 0.81)),
)  # fmt: skip


def seal(sheet: Sheet) -> None:
    """The signature, always at the same place: a column of running strokes above a red seal cut with 林 and 舟."""
    rng = sheet.rng
    side = sheet.unit * 6.4
    x, y = 0.930 * sheet.width - side / 2, 0.945 * sheet.height - side
    brush = []
    for row in range(3):
        top = y - side * (2.15 - row * 0.66)
        for k in range(4):  # characters that cannot be read: across, down, and two that sweep out
            lean = rng.normal(0, 0.06, 4)
            ends = (
                ((0.3, 0.2), (0.7, 0.14)),
                ((0.5, 0.05), (0.46, 0.8)),
                ((0.5, 0.3), (0.22, 0.7)),
                ((0.5, 0.35), (0.8, 0.72)),
            )[k]
            (ax, ay), (bx, by) = ends
            middle = ((ax + bx) / 2 + lean[0], (ay + by) / 2 + lean[1])
            line = spline([(ax + lean[2], ay), middle, (bx + lean[3], by + lean[0])], 8)
            brush.append(ribbon(line * side * 0.6 + (x + side * 0.2, top), sheet.unit * 0.55, 0.8, 0.12, -0.5))
    sheet.lay(sheet.cover(*brush), INK, 0.88)
    cuts = []
    for left, glyph in ((0.53, _LIN), (0.08, _ZHOU)):
        for stroke in glyph:
            path = [(x + side * (left + 0.39 * u), y + side * (0.10 + 0.80 * v)) for u, v in stroke]
            cuts.append(ribbon(path, side * 0.058, 0.85, 0.85))
    block = sheet.cover(box(x, y, x + side, y + side, side * 0.09), without=cuts)
    chipped = np.clip((noise(rng, block.alpha.shape, sheet.unit * 1.0, 2) - 0.12) * 9, 0, 1)
    sheet.lay(block.times(chipped), VERMILION, 0.93)
    sheet.note("seal", sheet.cover(box(x, y, x + side, y + side)))
