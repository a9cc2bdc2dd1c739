"""A page on which a template is drawn, that keeps apart what belongs to the template and what to its content."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

from scripts.painted.outlines import Random

__all__ = ["BLACK", "WHITE", "Box", "Canvas", "Colour", "among", "colour", "dark", "filled", "fitted", "light", "mixed"]

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


class Canvas:
    """``picture`` is RGB; ``own`` (height, width) is True where the content, not the template, decides the pixels."""

    def __init__(self, width: int, height: int, ground: Colour | Image.Image = WHITE) -> None:
        self.picture = Image.new("RGB", (width, height), ground) if isinstance(ground, tuple) else ground.convert("RGB")
        self.own: NDArray[np.bool_] = np.zeros((height, width), np.bool_)
        self.pen = ImageDraw.Draw(self.picture)

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.size

    def show(self, image: Image.Image, box: Box, *, mask: Image.Image | None = None, multiply: bool = False) -> None:
        """Put a picture of any size into ``box``, cut to fill it. ``mask`` (L, of the box) or ink that sinks in."""
        shown = filled(image, box[2] - box[0], box[3] - box[1])
        if multiply:
            shown = ImageChops.multiply(self.picture.crop(box), shown)
        self.picture.paste(shown, box[:2], mask)
        inside = np.ones((shown.height, shown.width), np.bool_) if mask is None else np.asarray(mask) > 0
        self.own[box[1] : box[3], box[0] : box[2]] |= inside

    def stick(self, cutout: Image.Image, box: Box, *, multiply: bool = False) -> None:
        """Put something cut out (RGBA) into the middle of ``box``, in its own proportions. The whole box is its own."""
        shown = fitted(cutout, box[2] - box[0], box[3] - box[1])
        left, top = (box[0] + box[2] - shown.width) // 2, (box[1] + box[3] - shown.height) // 2
        front = shown.convert("RGB")
        if multiply:
            front = ImageChops.multiply(self.picture.crop((left, top, left + shown.width, top + shown.height)), front)
        self.picture.paste(front, (left, top), shown.getchannel("A"))
        self.own[box[1] : box[3], box[0] : box[2]] = True

    def write(
        self, place: tuple[float, float], text: str, size: float, fill: Colour, *, own: bool = True, anchor: str = "la",
        stroke: int = 0, edge: Colour = BLACK, width: float | None = None,
    ) -> None:  # fmt: skip
        """Text, cut off after ``width`` pixels. ``own``: the content says it, not the template."""
        font = ImageFont.load_default(size)
        while width and len(text) > 1 and self.pen.textlength(text, font) > width:
            text = text[:-1]
        self.pen.text(place, text, fill, font, anchor=anchor, stroke_width=stroke, stroke_fill=edge)
        if own:
            x0, y0, x1, y1 = self.pen.textbbox(place, text, font, anchor=anchor, stroke_width=stroke)
            self.claim((int(x0) - 1, int(y0) - 1, int(x1) + 2, int(y1) + 2))

    def lines(self, place: tuple[float, float], text: Sequence[str], size: float, fill: Colour, width: float) -> None:
        """Lines of the content's text, one below the other."""
        for number, line in enumerate(text):
            self.write((place[0], place[1] + number * size * 1.35), line, size, fill, width=width)

    def claim(self, box: Box) -> None:
        """Mark a box as the content's own."""
        self.own[max(0, box[1]) : max(0, box[3]), max(0, box[0]) : max(0, box[2])] = True

    def through(self, values: NDArray[np.float64]) -> None:
        """Replace the picture by ``values`` (height, width, 3), 0 to 255, made from it place by place."""
        self.picture = Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))
        self.pen = ImageDraw.Draw(self.picture)

    def pixels(self) -> NDArray[np.float64]:
        return np.asarray(self.picture, np.float64)


def filled(image: Image.Image, width: int, height: int) -> Image.Image:
    """Scaled and cut from the middle to exactly width x height."""
    scale = max(width / image.width, height / image.height)
    size = max(width, round(image.width * scale)), max(height, round(image.height * scale))
    large = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return large.crop((left, top, left + width, top + height))


def fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """As large as fits within width x height, in its own proportions."""
    scale = min(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def colour(
    rng: Random, saturation: tuple[float, float] = (0.3, 0.9), value: tuple[float, float] = (0.3, 0.95)
) -> Colour:
    """Of any hue."""
    r, g, b = colorsys.hsv_to_rgb(rng.uniform(0, 1), rng.uniform(*saturation), rng.uniform(*value))
    return round(255 * r), round(255 * g), round(255 * b)


def light(rng: Random) -> Colour:
    """Of a paper or a pale ground."""
    return colour(rng, (0.0, 0.22), (0.88, 1.0))


def dark(rng: Random) -> Colour:
    return colour(rng, (0.2, 0.8), (0.08, 0.35))


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """``share`` of ``b``."""
    r, g, c = (round(x * (1 - share) + y * share) for x, y in zip(a, b, strict=True))
    return r, g, c


def among(rng: Random, low: int, high: int) -> int:
    """A whole number, both ends included."""
    return int(rng.integers(low, high + 1))
