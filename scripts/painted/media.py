"""Media: one drawing and one palette rendered as flat colour, gouache, woodblock, halftone, photograph, ..."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.painted.drawing import Bytes, Drawing
from scripts.painted.fields import Field, grid, noise
from scripts.painted.outlines import Random
from scripts.painted.palettes import DARK, Palette
from scripts.painted.textures import cells, halftone, hatched, oil, pixelated

MEDIA = (
    "flat", "gouache", "wash", "lined", "cel", "woodblock", "watercolour", "halftone", "pixel",
    "engraving", "pencil", "photo", "oil", "airbrush", "mosaic", "smooth", "mixed",
)  # fmt: skip
MONOCHROME = ("wash", "engraving", "pencil")


@dataclass(frozen=True, slots=True)
class Medium:
    """How much of each effect; 0 leaves it out. Lengths are in pixels of a picture 160 pixels wide."""

    name: str
    light: float = 0.0
    cel: float = 0.0
    relief: float = 0.0
    rim: float = 0.0
    outline: float = 0.0
    outline_width: int = 1
    inner_lines: bool = True
    outline_tint: float = 0.0
    mottle: float = 0.0
    grain: float = 0.0
    fibre: float = 0.0
    shadow: float = 0.0
    vignette: float = 0.0
    soften: float = 0.0
    wobble: float = 0.0
    cell: int = 0


def medium(rng: Random, name: str | None = None) -> Medium:
    u = rng.uniform
    name = name or str(rng.choice(MEDIA))
    width = int(rng.integers(1, 5))
    inner = bool(rng.random() < 0.8)
    tint = float(rng.choice([0, 0, 0.6]))
    presets: dict[str, dict[str, float]] = {
        "flat": {},
        "gouache": dict(mottle=u(0.05, 0.14), fibre=u(0.02, 0.08), wobble=u(0.3, 1.2), light=u(0, 0.2)),
        "wash": dict(
            mottle=u(0.1, 0.3), rim=u(0.1, 0.5), soften=u(0.4, 1.2), fibre=u(0.0, 0.06), outline=u(0, 1), wobble=u(0, 1)
        ),
        "lined": dict(outline=1.0),
        "cel": dict(outline=u(0.7, 1), cel=u(0.15, 0.4)),
        "woodblock": dict(
            outline=u(0.6, 1), light=u(0.05, 0.35), fibre=u(0.04, 0.14), wobble=u(0, 0.7), mottle=u(0, 0.06)
        ),
        "watercolour": dict(
            rim=u(0.2, 0.6), mottle=u(0.1, 0.25), grain=u(0.01, 0.05), soften=u(0.3, 1), wobble=u(0.5, 1.6)
        ),
        "halftone": dict(outline=u(0, 1), light=u(0, 0.3)),
        "pixel": dict(outline=u(0, 1), cel=u(0, 0.3)),
        "engraving": dict(outline=1.0, light=u(0.2, 0.5), relief=u(0, 0.3)),
        "pencil": dict(outline=u(0.5, 0.9), light=u(0.1, 0.4), grain=u(0.05, 0.12), wobble=u(0.3, 1)),
        "photo": dict(
            relief=u(0.2, 0.5),
            light=u(0.1, 0.4),
            shadow=u(0.2, 0.6),
            grain=u(0.01, 0.06),
            vignette=u(0, 0.6),
            soften=u(0.5, 1.3),
            mottle=u(0.03, 0.12),
        ),
        "oil": dict(mottle=u(0.05, 0.15), light=u(0, 0.3), relief=u(0, 0.2), wobble=u(0.5, 1.5)),
        "airbrush": dict(relief=u(0.3, 0.6), light=u(0.1, 0.4), shadow=u(0.2, 0.5), soften=u(0.2, 0.6)),
        "mosaic": dict(light=u(0, 0.3), mottle=u(0, 0.1)),
        "smooth": dict(
            light=u(0.15, 0.45), relief=u(0.1, 0.4), shadow=u(0, 0.4), soften=u(0.5, 0.9), vignette=u(0, 0.4)
        ),
        "mixed": dict(
            light=u(0, 0.4),
            cel=u(0, 0.3) * (u() < 0.3),
            relief=u(0, 0.4) * (u() < 0.4),
            rim=u(0, 0.4) * (u() < 0.4),
            outline=u(0, 1) * (u() < 0.5),
            mottle=u(0, 0.2),
            grain=u(0, 0.06),
            fibre=u(0, 0.08),
            shadow=u(0, 0.5) * (u() < 0.4),
            vignette=u(0, 0.5),
            soften=u(0, 1),
            wobble=u(0, 1.4),
        ),
    }
    plain = Medium(name, outline_width=width, inner_lines=inner, outline_tint=tint, cell=int(rng.integers(3, 8)))
    amounts: dict[str, Any] = {key: float(value) for key, value in presets[name].items()}
    return replace(plain, **amounts)


def render(drawing: Drawing, colours: Palette, chosen: Medium, seed: int) -> Bytes:
    """(side, side, 3) sRGB."""
    rng = np.random.default_rng(seed)
    image = _albedo(drawing, colours)
    angle = rng.uniform(0, 2 * np.pi)
    direction = (float(np.cos(angle)), float(np.sin(angle)))
    shade = _shade(drawing, chosen, direction, rng)
    if chosen.shadow:
        shade *= 1 - chosen.shadow * _cast(drawing, direction)
    image *= shade[..., None]
    if chosen.relief > 0.3:
        image += (_gloss(drawing, direction) * _solid(drawing))[..., None] * chosen.relief
    if chosen.name == "oil":
        image = oil(image, rng, chosen.cell)
    elif chosen.name == "mosaic":
        image = cells(image, rng, chosen.cell)
    if chosen.outline > 0.05:
        ink = lines(drawing, chosen.outline_width, chosen.inner_lines)[..., None] * chosen.outline
        image = image * (1 - ink) + ink * (
            colours[DARK] * (1 - chosen.outline_tint) + image * 0.35 * chosen.outline_tint
        )
    if chosen.wobble:
        image = _wobbled(image, rng, chosen.wobble)
    if chosen.soften > 0.25:
        image = _softened(image, chosen.soften)
    image = _surface(image, chosen, rng)
    if chosen.name == "halftone":
        image = halftone(image, rng)
    elif chosen.name == "pixel":
        image = pixelated(image, rng)
    elif chosen.name in ("engraving", "pencil"):
        image = hatched(image, colours, rng, chosen.name == "pencil")
    return np.asarray(np.clip(image * 255, 0, 255) + 0.5, np.float32).clip(0, 255).astype(np.uint8)


def _albedo(drawing: Drawing, colours: Palette) -> Field:
    import cv2

    tone = 1 + drawing.tone[:, None]
    # Four bytes in one word: looking up a word per pixel is several times faster than three bytes.
    table = np.zeros((len(tone), 4), np.uint8)
    table[:, :3] = np.clip(colours[drawing.role] * tone, 0, 1) * 255
    wide = table.view(np.uint32)[:, 0].take(drawing.numbers).view(np.uint8).reshape(2 * drawing.side, -1, 4)
    half = cv2.resize(wide, (drawing.side, drawing.side), interpolation=cv2.INTER_AREA)
    image: Field = np.divide(half[..., :3], 255, dtype=np.float32)
    if drawing.mix.any():
        second = np.clip(colours[drawing.second] * tone, 0, 1)[drawing.small]
        image += drawing.mix[..., None] * (second - image)
    return image


def lines(drawing: Drawing, width: int, inner: bool) -> Field:
    """(side, side), 1 where there is an outline; ``width`` in half pixels."""
    import cv2

    edge: Bytes = drawing.inner if inner else drawing.silhouettes
    if width > 1:
        edge = np.asarray(cv2.dilate(edge, np.ones((width, width), np.uint8)), np.uint8)
    size = (drawing.side, drawing.side)
    small = np.asarray(cv2.resize(edge, size, interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(np.minimum(small / 200, 1), np.float32)


def _shade(drawing: Drawing, chosen: Medium, direction: tuple[float, float], rng: Random) -> Field:
    """(side, side), a factor on the albedo about 1."""
    x, y = grid(drawing.side)
    shade = np.ones((drawing.side, drawing.side), np.float32)
    if chosen.light or chosen.cel:
        n = drawing.small
        along = (drawing.centre @ np.array(direction, np.float32))[n]
        slope = (x * direction[0] + y * direction[1] - along) / drawing.half[n]
        if chosen.light:
            shade += chosen.light * np.clip(slope, -1, 1)
        if chosen.cel:
            shade -= chosen.cel * ((slope < -0.15) & _solid(drawing))
    if chosen.relief:
        shade += chosen.relief * _tilt(drawing, direction) * _solid(drawing)
    if chosen.rim:
        shade -= chosen.rim * np.exp(-_depth(drawing) / 1.6)
    if chosen.mottle:
        shade += chosen.mottle * noise(rng, drawing.side, 1.4)
    if chosen.vignette:
        shade *= 1 - chosen.vignette * ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 1.6
    return np.clip(shade, 0.15, 1.7)


def _solid(drawing: Drawing) -> NDArray[np.bool_]:
    """(side, side), where an element is, not the ground."""
    return np.asarray(drawing.keys[::2, ::2] > 0)


def _depth(drawing: Drawing) -> Field:
    """Distance to the nearest outline, in pixels."""
    import cv2

    inside = (drawing.inner[::2, ::2] == 0) & (drawing.inner[1::2, 1::2] == 0)
    return np.asarray(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _tilt(drawing: Drawing, direction: tuple[float, float]) -> Field:
    """How far the swollen surface of each part faces the light, about -1 to 1."""
    import cv2

    height = cv2.GaussianBlur(np.sqrt(np.minimum(_depth(drawing), 18)), (0, 0), 1.5)
    gy, gx = np.gradient(height)
    return np.asarray(np.clip(-(gx * direction[0] + gy * direction[1]) * 4, -1, 1), np.float32)


def _gloss(drawing: Drawing, direction: tuple[float, float]) -> Field:
    return np.asarray(np.clip(_tilt(drawing, direction) - 0.55, 0, 1) * 0.9, np.float32)


def _cast(drawing: Drawing, direction: tuple[float, float]) -> Field:
    """Soft shadow of the elements on the ground."""
    import cv2

    solid = _solid(drawing).astype(np.float32)
    far = 0.035 * drawing.side
    shift = np.array([[1, 0, -direction[0] * far], [0, 1, abs(direction[1]) * far]], np.float32)
    moved = cv2.warpAffine(solid, shift, (drawing.side, drawing.side))
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), far / 2) * (1 - solid), np.float32)


def _wobbled(image: Field, rng: Random, amount: float) -> Field:
    import cv2

    side = len(image)
    column, row = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    scale = amount * side / 160
    dx, dy = noise(rng, side, 1.6) * scale, noise(rng, side, 1.6) * scale
    return np.asarray(
        cv2.remap(image, column + dx, row + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def _softened(image: Field, amount: float) -> Field:
    import cv2

    return np.asarray(cv2.GaussianBlur(image, (0, 0), amount * len(image) / 160), np.float32)


def _surface(image: Field, chosen: Medium, rng: Random) -> Field:
    side = len(image)
    if chosen.fibre:
        stretch = (float(rng.uniform(4, 14)), 1.0) if rng.random() < 0.6 else (1.0, float(rng.uniform(4, 14)))
        image = image * (1 + chosen.fibre * noise(rng, side, 0.9, stretch))[..., None]
    if chosen.grain:
        speckle: NDArray[np.float32] = rng.standard_normal((side, side, 1), np.float32)
        image = image + chosen.grain * speckle
    return image
