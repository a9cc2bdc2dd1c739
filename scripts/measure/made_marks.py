"""Marks that a program makes (strokes, seal, lettering, translucent overlay), put on pictures, garbled and taken away.

Nobody's signature is copied. Used by ``evaluate_marks.py``; the truth of every picture is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

__all__ = ["KINDS", "Placed", "edited", "garbled", "mark", "placed_on", "removed"]

KINDS = ("strokes", "seal", "lettering", "overlay")
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A picture that bears a mark; ``box`` in pixels, ``alpha`` the mark's opacity over the picture."""

    pixels: Pixels
    box: tuple[int, int, int, int]
    alpha: Floats


def mark(kind: str, seed: int) -> Image.Image:
    """RGBA on a transparent ground, about 400 pixels wide (a seal: 240 x 240)."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    if kind == "strokes":
        return _strokes(rng)
    if kind == "seal":
        return _seal(rng)
    return _lettering(rng, translucent=kind == "overlay")


def _strokes(rng: np.random.Generator) -> Image.Image:
    image = Image.new("L", (440, 200))
    draw = ImageDraw.Draw(image)
    x = 30.0
    while x < 380:
        count = int(rng.integers(4, 7))
        knots = np.column_stack([x + np.cumsum(rng.normal(14, 22, count)), rng.normal(105, 38, count)])
        curve = _curve(knots)
        weight = rng.uniform(4, 8)
        for i, (a, b) in enumerate(zip(curve[:-1], curve[1:], strict=True)):
            width = max(2, round(weight * (0.7 + 0.5 * np.sin(i / len(curve) * np.pi))))
            draw.line([tuple(a), tuple(b)], fill=255, width=width)
        x = float(knots[:, 0].max()) - rng.uniform(0, 18)
    if rng.random() < 0.6:
        draw.line([(40, 170), (380, 165 + int(rng.integers(-20, 10)))], fill=255, width=4)
    return _inked(image, rng, (10, 10, 20) if rng.random() < 0.5 else (250, 248, 240))


def _curve(knots: Floats) -> Floats:
    from scipy.interpolate import CubicSpline

    along = np.arange(len(knots))
    return np.asarray(CubicSpline(along, knots)(np.linspace(0, len(knots) - 1, 16 * len(knots))))


def _seal(rng: np.random.Generator) -> Image.Image:
    image = Image.new("L", (240, 240))
    draw = ImageDraw.Draw(image)
    solid = rng.random() < 0.5
    ink = 0 if solid else 255
    draw.rounded_rectangle((8, 8, 232, 232), 24, fill=255 if solid else 0, outline=255, width=10)
    cells = [(30, 30), (125, 30), (30, 125), (125, 125)]
    for left, top in cells:  # four invented characters
        for _ in range(int(rng.integers(5, 8))):
            x, y = left + rng.uniform(5, 75), top + rng.uniform(5, 75)
            if rng.random() < 0.5:
                draw.line((left + rng.uniform(0, 15), y, left + rng.uniform(60, 85), y), fill=ink, width=8)
            elif rng.random() < 0.7:
                draw.line((x, top + rng.uniform(0, 15), x, top + rng.uniform(60, 85)), fill=ink, width=8)
            else:
                draw.line((x, y, x + rng.normal(0, 25), y + rng.uniform(10, 35)), fill=ink, width=8)
    return _inked(image, rng, (190, 30, 25))


def _lettering(rng: np.random.Generator, *, translucent: bool) -> Image.Image:
    letters = "abcdefghijklmnopqrstuvwxyz"
    word = "".join(letters[int(i)] for i in rng.integers(0, 26, int(rng.integers(5, 9))))
    word = f"@{word}" if rng.random() < 0.5 else word.title()
    if translucent:
        word = word.upper()
    font = ImageFont.load_default(72)
    left, top, right, bottom = font.getbbox(word)
    image = Image.new("L", (int(right - left) + 30, int(bottom - top) + 30))
    draw = ImageDraw.Draw(image)
    draw.text((15 - left, 15 - top), word, fill=255, font=font)
    if rng.random() < 0.5:  # a logo beside it
        wider = Image.new("L", (image.width + 90, image.height))
        wider.paste(image, (90, 0))
        draw = ImageDraw.Draw(wider)
        middle = image.height / 2
        corners = [
            (45 + 36 * np.cos(a) * r, middle + 36 * np.sin(a) * r)
            for a, r in zip(np.linspace(0, 2 * np.pi, 9)[:-1], rng.uniform(0.4, 1, 8), strict=True)
        ]
        draw.polygon(corners, outline=255, width=6)
        image = wider
    colour = (255, 255, 255) if translucent or rng.random() < 0.5 else (15, 15, 15)
    return _inked(image, rng, colour, 0.45 if translucent else 0.95)


def _inked(
    image: Image.Image, rng: np.random.Generator, colour: tuple[int, int, int], alpha: float = 0.95
) -> Image.Image:
    """Soft edges and an uneven ink, cut to what is inked."""
    opacity = image.filter(ImageFilter.GaussianBlur(0.8))
    opacity = opacity.crop(opacity.getbbox())
    rgba = Image.new("RGBA", opacity.size, colour)
    rgba.putalpha(opacity.point(lambda v: round(v * alpha)))
    return rgba


def placed_on(picture: Pixels, drawn: Image.Image, rng: np.random.Generator, width: float | None = None) -> Placed:
    """In a corner or along the lower edge, as artists sign; the mark's width in widths of the picture."""
    height, columns = picture.shape[:2]
    share = width or rng.uniform(0.1, 0.25)
    factor = max(share * columns / drawn.width, 20 / drawn.height)
    factor = min(factor, 0.9 * columns / drawn.width, 0.5 * height / drawn.height)
    size = (max(8, round(drawn.width * factor)), max(8, round(drawn.height * factor)))
    small = drawn.resize(size, Image.Resampling.LANCZOS)
    margin = rng.uniform(0.02, 0.06) * min(height, columns)
    across = (margin, columns - size[0] - margin, (columns - size[0]) / 2)[int(rng.integers(0, 3))]
    down = (margin, height - size[1] - margin)[int(rng.random() < 0.75)]
    left, top = round(max(0, across)), round(max(0, down))
    alpha = np.zeros((height, columns))
    layer = np.asarray(small, np.float64)
    alpha[top : top + size[1], left : left + size[0]] = layer[..., 3] / 255
    pixels = picture.astype(np.float64)
    part = pixels[top : top + size[1], left : left + size[0]]
    weight = layer[..., 3:] / 255
    ink = layer[..., :3]
    if np.ptp(ink.mean(axis=(0, 1))) < 30:  # black or white: as an artist would, whichever shows on this ground
        ink = np.full_like(ink, 245.0 if part.mean() < 128 else 15.0)
    part += (ink - part) * weight
    return Placed(np.clip(pixels, 0, 255).astype(np.uint8), (left, top, left + size[0], top + size[1]), alpha)


def garbled(clean: Pixels, placed: Placed, other: Image.Image, rng: np.random.Generator, how: str) -> Pixels:
    """The mark's place as generators leave it: ``warped`` strokes, ``shuffled`` pieces, or ``redrawn`` as another."""
    import cv2

    left, top, right, bottom = placed.box
    height, width = bottom - top, right - left
    result = placed.pixels.copy()
    region = placed.pixels[top:bottom, left:right]
    if how == "warped":
        reach = 0.3 * min(height, width)
        field = [
            cv2.resize(rng.normal(0, reach, (4, 7)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
            for _ in range(2)
        ]
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        result[top:bottom, left:right] = cv2.remap(
            region, x + field[0], y + field[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
    elif how == "shuffled":
        cuts = np.linspace(0, width, 6).astype(int)
        pieces = [region[:, a:b] for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
        order = [2, 4, 1, 3, 0]
        mixed = [pieces[i][::-1] if i % 2 else pieces[i] for i in order]
        result[top:bottom, left:right] = np.hstack(mixed)
    else:
        small = np.asarray(other.resize((width, height), Image.Resampling.LANCZOS), np.float64)
        colour = np.asarray(placed.pixels, np.float64)[placed.alpha > 0.3].mean(axis=0)
        weight = small[..., 3:] / max(1.0, small[..., 3].max()) * placed.alpha.max()
        part = clean[top:bottom, left:right].astype(np.float64)
        result[top:bottom, left:right] = np.clip(part + (colour - part) * weight, 0, 255)
    return result


def removed(placed: Placed, how: str) -> Pixels:
    """``inpainted``, ``cloned`` from beside it, or ``cropped`` away."""
    import cv2

    left, top, right, bottom = placed.box
    height, width = placed.pixels.shape[:2]
    if how == "cropped":
        if top > height / 2:
            return np.ascontiguousarray(placed.pixels[: max(top - 2, height // 3)])
        return np.ascontiguousarray(placed.pixels[min(bottom + 2, 2 * height // 3) :])
    if how == "inpainted":
        mask = cv2.dilate((placed.alpha > 0.05).astype(np.uint8), np.ones((5, 5), np.uint8))
        return np.asarray(cv2.inpaint(placed.pixels, mask, 4, cv2.INPAINT_TELEA), np.uint8)
    result = placed.pixels.copy()
    pad = 3
    y0, y1, x0, x1 = max(0, top - pad), min(height, bottom + pad), max(0, left - pad), min(width, right + pad)
    tall = y1 - y0
    source = y0 - tall if y0 - tall >= 0 else y1
    patch = placed.pixels[source : source + tall, x0:x1]
    result[y0 : y0 + patch.shape[0], x0:x1] = patch
    return result


def edited(pixels: Pixels, edit: str, rng: np.random.Generator, box: tuple[int, int, int, int]) -> Pixels:
    """One edit of real life that leaves the mark in the picture."""
    import io

    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    if edit == "cropped":
        left, top = (
            int(rng.uniform(0, 0.9) * min(box[0], width * 0.4)),
            int(rng.uniform(0, 0.9) * min(box[1], height * 0.4)),
        )
        right = width - int(rng.uniform(0, 0.9) * min(width - box[2], width * 0.4))
        bottom = height - int(rng.uniform(0, 0.9) * min(height - box[3], height * 0.4))
        image = image.crop((left, top, right, bottom))
    elif edit == "scaled":
        least = max(0.4, 17 / min(box[2] - box[0], box[3] - box[1]))
        factor = rng.uniform(least, 1.5)
        image = image.resize((round(width * factor), round(height * factor)), Image.Resampling.LANCZOS)
    elif edit == "jpeg":
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=int(rng.integers(40, 80)))
        image = Image.open(stream).convert("RGB")
    elif edit == "recoloured":
        mixed = np.asarray(image, np.float64)[..., rng.permutation(3)] * rng.uniform(0.7, 1.2, 3) + rng.uniform(
            -20, 20, 3
        )
        image = Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))
    elif edit == "mirrored":
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    elif edit == "turned":
        image = image.rotate(
            float(rng.uniform(-40, 40)), Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255)
        )
    elif edit == "quarter":
        image = image.transpose(Image.Transpose.ROTATE_90)
    return np.asarray(image, np.uint8)
