"""What a template shows: pictures by one hand, with the outline of what is drawn on them, and words of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from scripts.painted.drawing import draw
from scripts.painted.media import MONOCHROME, medium, render
from scripts.painted.outlines import Random
from scripts.painted.palettes import palette
from scripts.painted.scenes import brief, compose

__all__ = ["WORDS", "Content", "blob", "painted"]

Pixels = NDArray[np.uint8]
WORDS = (
    *("paper", "lantern", "river", "moon", "fox", "garden", "silver", "storm", "little", "old", "night", "summer"),
    *("keeper", "of", "the", "lost", "song", "and", "thorn", "under", "glass", "winter", "king", "who", "walks"),
    *("salt", "ember", "bird", "never", "again", "hello", "wait", "why", "not", "today", "listen", "home", "far"),
)
_CUT = (0.08, 0.75)
"""Shares of a picture between which what is drawn is taken for the outline; else one is made up."""
PARTED = ("portrait", "figure", "single", "creatures", "emblem")
"""Kinds of scene in which what is drawn stands free before its ground, so that it can be cut out."""


@dataclass(frozen=True, slots=True)
class Content:
    """Pictures by one hand; the first is the one that a template with a single place shows."""

    seed: int
    name: str
    pictures: tuple[Image.Image, ...]
    """RGB."""
    outlines: tuple[Image.Image, ...]
    """For each picture what is drawn on it, without its ground: mode L, 255 inside."""

    def picture(self, number: int = 0) -> Image.Image:
        return self.pictures[number % len(self.pictures)]

    def cutout(self, number: int = 0) -> Image.Image:
        """RGBA, cut to its outline."""
        shown = self.picture(number).convert("RGBA")
        mask = self.outlines[number % len(self.outlines)]
        shown.putalpha(mask)
        return shown.crop(mask.getbbox() or (0, 0, *mask.size))

    def text(self, slot: int, words: int) -> str:
        """The words that this content has at the place ``slot`` of any template."""
        return " ".join(np.random.default_rng([self.seed, 1, slot]).choice(WORDS, words))

    def number(self, slot: int, low: int, high: int) -> int:
        return int(np.random.default_rng([self.seed, 2, slot]).integers(low, high))

    def changed(self, change: Callable[[Pixels], Pixels]) -> Content:
        """The same contents, each picture changed; outlines go along as far as the picture keeps its form."""
        pictures = tuple(Image.fromarray(change(np.array(p))) for p in self.pictures)
        outlines = tuple(m.resize(p.size) for m, p in zip(self.outlines, pictures, strict=True))
        return replace(self, pictures=pictures, outlines=outlines)


def painted(seed: int, count: int = 1, side: int = 360) -> Content:
    """``count`` scenes in one palette and medium, by a seed; the same bytes for the same arguments."""
    rng = np.random.default_rng([seed, 31])
    look = medium(rng)
    while look.name == "pixel":  # its squares are larger than a small place in a template can show
        look = medium(rng)
    colours = palette(rng, look.name in MONOCHROME)
    pictures, outlines = [], []
    for number in range(count):
        own = np.random.default_rng([seed, 32, number])
        chosen = brief(own)
        if own.random() < 0.5:
            chosen = replace(chosen, kind=str(own.choice(PARTED)), framed=-1)
        drawing = draw(compose(own, replace(chosen, framed=-1), 1), side, int(own.integers(0, 2**31)))
        shown = Image.fromarray(render(drawing, colours, look, int(own.integers(0, 2**31))))
        mask = Image.fromarray((drawing.keys[::2, ::2] > 0).astype(np.uint8) * 255)
        mask = mask.filter(ImageFilter.MaxFilter(3))
        box = _window(own, side)
        shown, mask = shown.crop(box), mask.crop(box)
        if not _CUT[0] < np.asarray(mask).mean() / 255 < _CUT[1]:
            mask = blob(own, *shown.size)
        pictures.append(shown)
        outlines.append(mask)
    return Content(seed, f"painted {seed}", tuple(pictures), tuple(outlines))


def blob(rng: Random, width: int, height: int) -> Image.Image:
    """A smooth outline around the middle, as a person cuts a thing out of a picture (mode L)."""
    order = np.arange(1, 6)
    phase, size = rng.uniform(0, 2 * np.pi, 5), rng.normal(0, 0.1, 5) / order**0.7
    y, x = np.mgrid[:height, :width]
    u, v = 2 * (x + 0.5) / width - 1, 2 * (y + 0.5) / height - 1
    angle = np.arctan2(v, u)
    radius = 0.85 + (size[:, None, None] * np.cos(order[:, None, None] * angle + phase[:, None, None])).sum(0)
    return Image.fromarray(((np.hypot(u, v) < np.clip(radius, 0.55, 0.98)) * 255).astype(np.uint8))


def _window(rng: Random, side: int) -> tuple[int, int, int, int]:
    """A part of the square with other proportions, 0.7 to 1.4, in its middle."""
    aspect = float(np.exp(rng.uniform(np.log(0.7), np.log(1.4))))
    width, height = round(side * min(1.0, aspect)), round(side * min(1.0, 1 / aspect))
    left, top = (side - width) // 2, (side - height) // 2
    return left, top, left + width, top + height
