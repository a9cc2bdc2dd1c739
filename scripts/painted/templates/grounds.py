"""Templates of grounds and of what lies over a whole picture: screens, gradients, chequers, wallpaper, watermarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scripts.painted.contents import Content
from scripts.painted.outlines import Random
from scripts.painted.templates.canvas import WHITE, Box, Canvas, among, colour, dark, light, mixed

__all__ = [
    "bare_gradient", "chequers", "gradient", "halftone", "rays", "screentone", "stationery", "vignette", "wallpaper",
    "watermark",
]  # fmt: skip


def _middle(rng: Random, width: int, height: int) -> Box:
    """A place about the middle, 0.5 to 0.75 of the shorter side across."""
    side = round(min(width, height) * rng.uniform(0.5, 0.75))
    left, top = (width - side) // 2 + among(rng, -30, 30), (height - side) // 2 + among(rng, -20, 20)
    return max(0, left), max(0, top), min(width, left + side), min(height, top + side)


def _turned(rng: Random, width: int, height: int, pitch: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places of a page, in steps of ``pitch`` pixels, turned by any angle."""
    y, x = np.mgrid[:height, :width] / pitch
    angle = rng.uniform(0, np.pi / 2)
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def halftone(rng: Random, content: Content) -> Canvas:
    """Printed dots that grow from one side to the other, and something cut out before them."""
    width, height = among(rng, 520, 640), among(rng, 460, 600)
    u, v = _turned(rng, width, height, rng.uniform(9, 18))
    away = np.hypot(u - np.round(u), v - np.round(v))
    slope = np.linspace(rng.uniform(0.1, 0.25), rng.uniform(0.4, 0.6), height)[:, None]
    ground = np.where((away < slope)[:, :, None], colour(rng), light(rng)).astype(np.uint8)
    canvas = Canvas(width, height, Image.fromarray(ground))
    canvas.stick(content.cutout(), _middle(rng, width, height))
    return canvas


def screentone(rng: Random, content: Content) -> Canvas:
    """A screen of the comics: fine dots or lines in grey over all of a drawing in black, grey and white."""
    width, height = among(rng, 480, 600), among(rng, 520, 640)
    u, v = _turned(rng, width, height, rng.uniform(5, 8))
    dots = rng.random() < 0.6
    tone = (np.hypot(u - np.round(u), v - np.round(v)) < 0.32) if dots else (u - np.floor(u) < 0.4)
    canvas = Canvas(width, height, Image.fromarray(np.where(tone, 120, 255).astype(np.uint8)))
    grey = content.picture().convert("L").point(lambda v: 0 if v < 85 else 255 if v > 150 else 190)
    gap = among(rng, 40, 70)
    canvas.show(grey, (gap, gap, width - gap, height - gap), multiply=True)
    return canvas


def _blend(rng: Random, width: int, height: int, one: object, two: object, round_: bool) -> Image.Image:
    y, x = np.mgrid[:height, :width] / max(width, height)
    cx, cy, angle = rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7), rng.uniform(0, 2 * np.pi)
    along = np.hypot(x - cx, y - cy) * 1.3 if round_ else (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5
    share = np.clip(along, 0, 1)[:, :, None]
    return Image.fromarray((np.asarray(one) * (1 - share) + np.asarray(two) * share).astype(np.uint8))


def gradient(rng: Random, content: Content) -> Canvas:
    """Two colours that pass into each other, and something cut out before them."""
    width, height = among(rng, 480, 640), among(rng, 480, 640)
    ground = _blend(rng, width, height, colour(rng), colour(rng), rng.random() < 0.5)
    canvas = Canvas(width, height, ground)
    canvas.stick(content.cutout(), _middle(rng, width, height))
    return canvas


def bare_gradient(rng: Random, content: Content) -> Canvas:
    """Nothing but two colours of the content's own: only the form is shared."""
    width, height = among(rng, 480, 640), among(rng, 480, 640)
    tints = np.random.default_rng([content.seed, 3])
    canvas = Canvas(width, height, _blend(rng, width, height, colour(tints), colour(tints), True))
    canvas.claim((0, 0, width, height))
    return canvas


def vignette(rng: Random, content: Content) -> Canvas:
    """A picture that darkens or pales towards its edges, under a tint, as photo programs give it."""
    width, height = among(rng, 520, 640), among(rng, 460, 600)
    canvas = Canvas(width, height)
    canvas.show(content.picture(), (0, 0, width, height))
    y, x = np.mgrid[:height, :width]
    away = np.hypot(2 * x / width - 1, 2 * y / height - 1)
    share = np.clip((away - rng.uniform(0.25, 0.5)) / rng.uniform(0.5, 0.8), 0, 1)[:, :, None]
    edge = np.array(dark(rng) if rng.random() < 0.7 else light(rng))
    tinted = canvas.pixels() * 0.8 + 0.2 * np.array(colour(rng))
    canvas.through(tinted * (1 - share) + edge * share)
    canvas.own = share[:, :, 0] < 1
    return canvas


def chequers(rng: Random, content: Content) -> Canvas:
    """The pattern by which programs show that there is nothing, and something cut out before it."""
    width, height, side = among(rng, 480, 640), among(rng, 480, 640), among(rng, 8, 24)
    y, x = np.mgrid[:height, :width] // side
    pale, grey = ((255, 204), (102, 153), (255, 230))[among(rng, 0, 2)]
    canvas = Canvas(width, height, Image.fromarray(np.where((x + y) % 2, grey, pale).astype(np.uint8)))
    canvas.stick(content.cutout(), _middle(rng, width, height))
    return canvas


def rays(rng: Random, content: Content) -> Canvas:
    """Rays from the middle, as behind a hero, and something cut out before them."""
    width, height, count = among(rng, 500, 640), among(rng, 480, 600), among(rng, 8, 24)
    y, x = np.mgrid[:height, :width]
    angle = np.arctan2(y - height * rng.uniform(0.4, 0.6), x - width * rng.uniform(0.4, 0.6))
    ray = np.sin(angle * count + rng.uniform(0, 6))[:, :, None] > 0
    canvas = Canvas(width, height, Image.fromarray(np.where(ray, colour(rng), light(rng)).astype(np.uint8)))
    canvas.stick(content.cutout(), _middle(rng, width, height))
    return canvas


def wallpaper(rng: Random, content: Content) -> Canvas:
    """A motif over and over, and a picture on it."""
    width, height, pitch = among(rng, 520, 640), among(rng, 520, 640), among(rng, 36, 64)
    canvas, ink, two = Canvas(width, height, colour(rng, (0.1, 0.5), (0.6, 0.95))), colour(rng), colour(rng)
    petals, size = among(rng, 3, 8), pitch * rng.uniform(0.25, 0.4)
    for row, y in enumerate(range(0, height + pitch, pitch)):
        for x in range((row % 2) * pitch // 2, width + pitch, pitch):
            for k in range(petals):
                a = 2 * np.pi * k / petals
                cx, cy, r = x + size * 0.6 * np.cos(a), y + size * 0.6 * np.sin(a), size * 0.45
                canvas.pen.ellipse((cx - r, cy - r, cx + r, cy + r), ink)
            canvas.pen.ellipse((x - size * 0.3, y - size * 0.3, x + size * 0.3, y + size * 0.3), two)
    canvas.stick(content.cutout(), _middle(rng, width, height))
    return canvas


def watermark(rng: Random, content: Content) -> Canvas:
    """The words of a picture agency, over and over, over all of a picture, and crossing lines."""
    width, height = among(rng, 520, 640), among(rng, 460, 600)
    canvas, word = Canvas(width, height), ("STOCKPIX", "SAMPLE", "PREVIEW", "ARTBANK")[among(rng, 0, 3)]
    canvas.show(content.picture(), (0, 0, width, height))
    over = Canvas(width, height, (0, 0, 0))
    step, size = among(rng, 90, 140), among(rng, 22, 32)
    for row, y in enumerate(range(10, height, step // 2)):
        for x in range(-(row % 2) * step // 2, width, step + 40):
            over.write((x, y), word, size, WHITE, own=False)
    for k in range(-height, width, step):
        over.pen.line((k, 0, k + height, height), WHITE, 2)
        over.pen.line((k + height, 0, k, height), WHITE, 2)
    share = rng.uniform(0.35, 0.6) * over.pixels() / 255
    canvas.through(canvas.pixels() * (1 - share) + 255 * share)
    return canvas


def stationery(rng: Random, content: Content) -> Canvas:
    """Writing paper with corners of leaves and a double line, and a drawing that shows through."""
    width, height = among(rng, 440, 520), among(rng, 580, 660)
    paper, ink = light(rng), colour(rng, (0.3, 0.8), (0.3, 0.8))
    canvas, gap = Canvas(width, height, paper), among(rng, 24, 40)
    for k in (0, 5):
        canvas.pen.rectangle((gap + k, gap + k, width - gap - k, height - gap - k), outline=ink, width=2)
    for x, y in ((gap, gap), (width - gap, gap), (gap, height - gap), (width - gap, height - gap)):
        for k in range(among(rng, 5, 9)):
            a, r = 2 * np.pi * k / 7, among(rng, 12, 26)
            cx, cy = x + r * np.cos(a), y + r * np.sin(a)
            canvas.pen.ellipse((cx - 9, cy - 5, cx + 9, cy + 5), mixed(ink, paper, 0.15 * (k % 4)), ink)
    canvas.lines((gap + 24, height - gap - 110), [content.text(k, 5) for k in range(4)], 15, dark(rng), width - 120)
    side = round((width - 2 * gap) * rng.uniform(0.6, 0.8))
    left = (width - side) // 2
    canvas.stick(content.cutout(), (left, gap + 40, left + side, gap + 40 + side), multiply=True)
    return canvas
