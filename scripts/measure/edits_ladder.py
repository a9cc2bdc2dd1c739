"""The edit ladder: twelve edits of real life, from a saved copy to a part that was mirrored and recoloured. And four
things that are laid over a copy.

Each edit maps a whole picture, (height, width, 3) uint8 RGB, to the edited one, which may have another size. What is
left to chance comes from the generator alone, so that a seed gives the same picture again. Lengths are relative to the
longer side: an edit does the same to a large and to a small copy.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from simcheck.records import Pixels

__all__ = ["LADDER", "OVERLAYS", "Edit"]

Edit = Callable[[Pixels, np.random.Generator, Sequence[Pixels]], Pixels]
"""(picture, generator, three other works) -> the edited picture; only the collage looks at the others."""

WORDS = ("File", "Edit", "View", "Home", "Reply", "Share", "Save", "Follow", "Today", "Comments", "Search", "Settings")


def _jpeg_rescale(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del others
    factor = generator.uniform(0.35, 0.45)
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels).resize((max(1, round(width * factor)), max(1, round(height * factor))))
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=int(generator.integers(27, 34)))
    return np.array(Image.open(stream).convert("RGB"))


def _crop(pixels: Pixels, generator: np.random.Generator, area: float) -> Pixels:
    """A window of the picture's own proportions and the share ``area`` of its pixels, anywhere."""
    height, width = pixels.shape[:2]
    down, across = max(1, round(height * area**0.5)), max(1, round(width * area**0.5))
    top, left = int(generator.integers(height - down + 1)), int(generator.integers(width - across + 1))
    return np.ascontiguousarray(pixels[top : top + down, left : left + across])


def _crop_half(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del others
    return _crop(pixels, generator, 0.5)


def _crop_quarter(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del others
    return _crop(pixels, generator, 0.25)


def _mirror(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del generator, others
    return np.ascontiguousarray(pixels[:, ::-1])


def _rotate(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """By 15 degrees either way; the canvas grows as an editor's does, its corners are white."""
    del others
    degrees = 15.0 * float(generator.choice([-1, 1]))
    turned = Image.fromarray(pixels).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    return np.array(turned)


def _hue(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """All hues turned by 60 to 180 degrees either way."""
    del others
    turn = int(generator.integers(30, 91)) * int(generator.choice([-1, 1]))  # cv2 counts hue in steps of 2 degrees
    hsv = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV), np.uint8)
    hsv[:, :, 0] = (hsv[:, :, 0].astype(np.int16) + turn) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def _grey_contrast(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del others
    grey = _grey(pixels)
    # around the picture's own mean: a pale scan would otherwise turn white and nothing be left to find
    steeper = (grey - grey.mean()) * generator.uniform(1.4, 1.9) + grey.mean()
    return _as_pixels(np.repeat(steeper[:, :, None], 3, axis=2))


def _posterise_blur(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    del others
    flat = np.array(ImageOps.posterize(Image.fromarray(pixels), 2))
    # the posteriser keeps the top two bits: its white is 192
    flat = _as_pixels(flat.astype(np.float32) * (255 / 192))
    return _as_pixels(cv2.GaussianBlur(flat, (0, 0), generator.uniform(0.004, 0.008) * max(pixels.shape[:2])))


def _line_art(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """Dark lines on white by extended difference of Gaussians (Winnemoeller et al., Computers & Graphics 36, 2012)."""
    del others
    # smoothed with its edges kept, or the grain of paper and canvas would be drawn as lines
    even = np.array(ImageOps.autocontrast(Image.fromarray(_as_pixels(_grey(pixels))), cutoff=3))
    smooth = np.asarray(cv2.bilateralFilter(even, 7, 30, 5), np.float32)
    sigma = generator.uniform(0.0014, 0.0022) * max(max(pixels.shape[:2]), 500)
    narrow, wide = (cv2.GaussianBlur(smooth, (0, 0), s).astype(np.float32) for s in (sigma, 1.6 * sigma))
    difference = narrow - wide
    # by the picture's own contrast, of which a frame says little: a fixed threshold leaves a dark scroll blank
    spread, common = float(difference.std()), 1.5 * float(np.quantile(np.abs(difference), 0.75))
    difference /= max(min(spread, common), 0.4 * spread, 0.25)
    lines = 1 + np.tanh(generator.uniform(2, 3) * np.minimum(difference + generator.uniform(0.5, 0.8), 0))
    return _as_pixels(np.repeat(lines[:, :, None] * 255, 3, axis=2))


def _screenshot(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """Shown in an app: title bar, side bar, buttons, lines of text. The picture takes 45 to 60 % of the shot."""
    del others
    height, width = pixels.shape[:2]
    growth, split = 1 / generator.uniform(0.45, 0.6), generator.uniform(0.4, 0.6)
    full_width, full_height = round(width * growth**split), round(height * growth ** (1 - split))
    left = round((full_width - width) * generator.uniform(0.6, 0.85))
    top = round((full_height - height) * generator.uniform(0.3, 0.45))
    dark = bool(generator.integers(2))
    ground, bar, text = ((32, 33, 36), (50, 52, 57), (208, 210, 214)) if dark else ((250,) * 3, (232,) * 3, (60,) * 3)
    accent = tuple(int(v) for v in generator.integers(40, 220, 3))
    shot = Image.new("RGB", (full_width, full_height), ground)
    draw = ImageDraw.Draw(shot)
    unit = max(6, round(min(full_width, full_height) * 0.022))
    font = ImageFont.load_default(unit)
    bar_height = min(3 * unit, top)
    draw.rectangle((0, 0, full_width, bar_height), bar)
    for i in range(3):
        x = full_width - (i + 1) * 2 * unit
        draw.ellipse((x, unit, x + unit, 2 * unit), accent if i == 0 else text)
    for i, x in enumerate(range(unit, full_width - 12 * unit, 5 * unit)):
        if i < 5:
            draw.text((x, unit), str(generator.choice(WORDS)), text, font)
    side_width = max(1, left - unit)
    draw.rectangle((0, bar_height, side_width, full_height), bar)
    for y in range(bar_height + unit, full_height - 2 * unit, 3 * unit):
        draw.ellipse((unit // 2, y, unit // 2 + unit, y + unit), accent)
        draw.text((2 * unit, y), str(generator.choice(WORDS)), text, font)
    below = top + height + unit
    for i in range(3):
        x = left + i * 6 * unit
        draw.rounded_rectangle((x, below, x + 5 * unit, below + 2 * unit), unit // 2, accent if i == 0 else bar)
        draw.text((x + unit // 2, below + unit // 2), str(generator.choice(WORDS)), text, font)
    for y in range(below + 3 * unit, full_height - unit, 2 * unit):
        draw.text((left, y), " ".join(generator.choice(WORDS, int(generator.integers(4, 12)))), text, font)
    # last, so that words too long for the side bar never lie on the picture
    shot.paste(Image.fromarray(pixels), (left, top))
    return np.array(shot)


def _collage_quarter(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """The picture at half its size in one quarter of a 2 x 2 collage, three other works, cut to fit, in the rest."""
    if len(others) < 3:
        raise ValueError(f"a collage needs three other works, not {len(others)}")
    height, width = max(1, pixels.shape[0] // 2), max(1, pixels.shape[1] // 2)
    cells = [
        np.array(ImageOps.fit(Image.fromarray(p), (width, height), Image.Resampling.LANCZOS))
        for p in (pixels, *others[:3])
    ]
    order = generator.permutation(4)
    return np.vstack([np.hstack([cells[order[0]], cells[order[1]]]), np.hstack([cells[order[2]], cells[order[3]]])])


def _mirror_crop_hue(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    return _hue(_crop(_mirror(pixels, generator, others), generator, 0.6), generator, others)


def _grey(pixels: Pixels) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.float32)


def _as_pixels(values: object) -> Pixels:
    return np.asarray(np.clip(np.asarray(values, np.float32) + 0.5, 0, 255), np.uint8)


LADDER: dict[str, Edit] = {
    "JPEG + rescale": _jpeg_rescale,
    "crop to 50 %": _crop_half,
    "crop to 25 %": _crop_quarter,
    "mirror": _mirror,
    "rotate 15": _rotate,
    "hue turn": _hue,
    "grey + contrast": _grey_contrast,
    "posterise + blur": _posterise_blur,
    "line art": _line_art,
    "screenshot": _screenshot,
    "collage quarter": _collage_quarter,
    "mirror + crop + hue": _mirror_crop_hue,
}
"""Shares are of the area."""


def _caption(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """A band of one colour across the picture, a tenth of its height, with words."""
    del others
    height, width = pixels.shape[:2]
    band = round(0.1 * height)
    shown = Image.fromarray(pixels)
    draw = ImageDraw.Draw(shown)
    top = int(generator.integers(height - band + 1))
    ground, ink = ((255,) * 3, (30,) * 3) if generator.integers(2) else ((20,) * 3, (240,) * 3)
    draw.rectangle((0, top, width, top + band), ground)
    draw.text(
        (0.05 * width, top + band // 4), " ".join(generator.choice(WORDS, 5)), ink, ImageFont.load_default(band // 2)
    )
    return np.array(shown)


def _logo(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """A round badge on a tenth of the picture."""
    del others
    height, width = pixels.shape[:2]
    side = min(round((0.1 * height * width) ** 0.5), height - 1, width - 1)
    x, y = int(generator.integers(width - side)), int(generator.integers(height - side))
    shown = Image.fromarray(pixels)
    draw = ImageDraw.Draw(shown)
    draw.ellipse((x, y, x + side, y + side), tuple(int(v) for v in generator.integers(0, 255, 3)))
    draw.rectangle((x + 0.3 * side, y + 0.35 * side, x + 0.7 * side, y + 0.65 * side), (255,) * 3)
    return np.array(shown)


def _words(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """Two outlined words, as on a re-posted picture, without a ground; letters as high as a ninth of the picture."""
    del others
    height, width = pixels.shape[:2]
    size = max(12, round((0.1 * height * width / 8) ** 0.5))
    shown = Image.fromarray(pixels)
    place = (int(generator.integers(max(1, width - 4 * size))), int(generator.integers(max(1, height - size))))
    ImageDraw.Draw(shown).text(
        place,
        " ".join(generator.choice(WORDS, 2)),
        (255,) * 3,
        ImageFont.load_default(size),
        stroke_width=max(1, size // 12),
        stroke_fill=(0,) * 3,
    )
    return np.array(shown)


def _sticker(pixels: Pixels, generator: np.random.Generator, others: Sequence[Pixels]) -> Pixels:
    """Another picture on a tenth of this one."""
    height, width = pixels.shape[:2]
    down, across = max(1, round(height * 0.1**0.5)), max(1, round(width * 0.1**0.5))
    y, x = int(generator.integers(height - down + 1)), int(generator.integers(width - across + 1))
    shown = pixels.copy()
    shown[y : y + down, x : x + across] = cv2.resize(
        np.ascontiguousarray(others[0]), (across, down), interpolation=cv2.INTER_AREA
    )
    return shown


OVERLAYS: dict[str, Edit] = {"caption": _caption, "badge": _logo, "words": _words, "sticker": _sticker}
"""On about a tenth of the picture; `_sticker` looks at the first of the others."""
