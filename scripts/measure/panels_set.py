"""Suspects as they really arrive, with known panels: works set into posts, collages, borders and more.

    python scripts/measure/panels_set.py --set ../shared/evalset --out FOLDER [--each 4]

writes ``--each`` pictures of every kind and ``panels.csv`` with their boxes, to be looked at; `evaluate_panels`
composes its own in memory. The chrome is drawn here: nothing is copied from an app. Composed from a seed, a picture is
the same on every run with the same Pillow.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from simcheck.records import Box

__all__ = ["KINDS", "compose", "needed"]

Rng = np.random.Generator
Colour = tuple[int, int, int]
Placed = tuple[Image.Image, list[tuple[int, int, int, int]]]
"""A composed picture and the boxes of its panels in pixels."""

WORDS = (
    *("paper", "lantern", "daily", "finally", "finished", "this", "one", "commission", "open", "thanks", "for", "all"),
    *("the", "love", "who", "painted", "it", "full", "set", "in", "bio", "repost", "from", "a", "friend", "so", "calm"),
)


def needed(kind: str) -> int:
    """How many works a kind is composed from."""
    return {"collage of four": 4, "collage of four, no gutter": 4, "collage of nine": 9, "collage of two": 2}.get(
        kind, 1
    )


def compose(kind: str, works: Sequence[Image.Image], rng: Rng) -> tuple[Image.Image, tuple[Box, ...]]:
    """A suspect of this kind made of ``works`` (RGB), and the boxes (fractions) of the works inside, in reading order.

    Half of them go through JPEG once more, at quality 75 to 95, as most such pictures do.
    """
    picture, boxes = KINDS[kind](works, rng)
    if rng.random() < 0.5:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=int(rng.integers(75, 96)))
        picture = Image.open(stream).convert("RGB")
    width, height = picture.size
    return picture, tuple(sorted(((a / width, b / height, c / width, d / height) for a, b, c, d in boxes), key=_order))


def _order(box: Box) -> tuple[float, float]:
    return box[1], box[0]


def _text(rng: Rng, count: int) -> str:
    return " ".join(rng.choice(WORDS, count))


def _fit(work: Image.Image, width: int, height: int) -> Image.Image:
    """As large as possible within width x height, in its own proportions."""
    scale = min(width / work.width, height / work.height)
    size = max(1, round(work.width * scale)), max(1, round(work.height * scale))
    return work.resize(size, Image.Resampling.LANCZOS)


def _fill(work: Image.Image, width: int, height: int) -> Image.Image:
    """Scaled and cropped from the middle to exactly width x height, as collages and backdrops do."""
    scale = max(width / work.width, height / work.height)
    size = max(width, round(work.width * scale)), max(height, round(work.height * scale))
    large = work.resize(size, Image.Resampling.LANCZOS)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return large.crop((left, top, left + width, top + height))


def _paste(onto: Image.Image, picture: Image.Image, left: int, top: int) -> tuple[int, int, int, int]:
    onto.paste(picture, (left, top))
    return left, top, left + picture.width, top + picture.height


def _colour(rng: Rng, low: int = 0, high: int = 256) -> Colour:
    r, g, b = (int(v) for v in rng.integers(low, high, 3))
    return r, g, b


def _words(
    pen: ImageDraw.ImageDraw, x: float, y: float, text: str, size: float, fill: Colour, bold: bool = False
) -> None:
    pen.text((x, y), text, fill=fill, font=ImageFont.load_default(size), stroke_width=int(bold), stroke_fill=fill)


def _post(rng: Rng, works: Sequence[Image.Image], dark: bool) -> Placed:
    """A phone screen (two layouts: full width, or a card with margins and round corners) around one work."""
    width, height = (828, 1792) if rng.random() < 0.5 else (1080, 2160)
    unit = width / 414
    ground = (
        ((0, 0, 0), (18, 18, 18), (21, 32, 43))[rng.integers(3)]
        if dark
        else ((255,) * 3, (250, 250, 252))[rng.integers(2)]
    )
    ink, grey = ((236, 236, 240), (120, 124, 130)) if dark else ((20, 22, 26), (138, 142, 150))
    line = tuple(int(v * 0.9 + w * 0.1) for v, w in zip(ground, ink, strict=True))
    screen = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(screen)
    _words(pen, 24 * unit, 10 * unit, "9:41", 15 * unit, ink, bold=True)
    pen.rounded_rectangle([width - 50 * unit, 13 * unit, width - 24 * unit, 25 * unit], 3 * unit, outline=ink, width=2)
    for k in range(4):
        pen.rectangle(
            [width - (86 - 5 * k) * unit, (22 - 3 * k) * unit, width - (83 - 5 * k) * unit, 25 * unit], fill=ink
        )
    if rng.random() < 0.7:
        _words(pen, width / 2 - 20 * unit, 46 * unit, "Posts", 17 * unit, ink, bold=True)
        pen.line([0, 80 * unit, width, 80 * unit], fill=line, width=max(1, round(unit / 2)))
    card = rng.random() < 0.5
    margin = round(16 * unit) if card else 0
    x, y = round(16 * unit), round(92 * unit)
    pen.ellipse([x, y, x + 36 * unit, y + 36 * unit], fill=_colour(rng, 40, 220))
    _words(pen, x + 46 * unit, y, _text(rng, 2), 15 * unit, ink, bold=True)
    _words(pen, x + 46 * unit, y + 19 * unit, _text(rng, 3), 13 * unit, grey)
    y += round(48 * unit)
    for _ in range(int(rng.integers(0, 4)) if card else 0):
        _words(pen, x, y, _text(rng, 7), 15 * unit, ink)
        y += round(22 * unit)
    y += round(8 * unit)
    shown = _fit(works[0], width - 2 * margin, round(height * 0.6))
    box = _paste(screen, shown, (width - shown.width) // 2, y)
    if card:
        _round_corners(screen, box, round(14 * unit), ground)
    y = box[3] + round(14 * unit)
    for k in range(4):
        left = x + k * 44 * unit
        pen.ellipse([left, y, left + 22 * unit, y + 22 * unit], outline=ink, width=round(2 * unit))
    y += round(34 * unit)
    _words(pen, x, y, f"{int(rng.integers(10, 9999)):,} likes", 14 * unit, ink, bold=True)
    for k in range(int(rng.integers(2, 7))):
        y += round(24 * unit)
        if y < height - 90 * unit:
            _words(pen, x, y, _text(rng, int(rng.integers(3, 8))), 14 * unit, ink if k % 2 else grey)
    pen.line([0, height - 58 * unit, width, height - 58 * unit], fill=line, width=max(1, round(unit / 2)))
    for k in range(5):
        left = (k + 0.5) * width / 5 - 11 * unit
        pen.rounded_rectangle([left, height - 46 * unit, left + 22 * unit, height - 24 * unit], 6, outline=ink, width=3)
    return screen, [box]


def _round_corners(screen: Image.Image, box: tuple[int, int, int, int], radius: int, ground: Colour) -> None:
    size = box[2] - box[0], box[3] - box[1]
    mask = Image.new("L", size, 255)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, size[0] - 1, size[1] - 1], radius, fill=0)
    screen.paste(Image.new("RGB", size, ground), box[:2], mask)


def _viewer(works: Sequence[Image.Image], rng: Rng) -> Placed:
    """A phone's gallery or a video player: black around the work, a few white controls."""
    tall = rng.random() < 0.7
    width, height = (1080, 2160) if tall else (1600, 900)
    screen = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(screen)
    shown = _fit(works[0], width, round(height * (0.7 if tall else 1.0)))
    box = _paste(screen, shown, (width - shown.width) // 2, (height - shown.height) // 2)
    if tall:
        _words(pen, 60, 24, "10:08", 38, (255, 255, 255), bold=True)
        _words(pen, width / 2 - 90, 120, "3 of 17", 44, (255, 255, 255))
        for k in range(4):
            left = (k + 0.5) * width / 4 - 30
            pen.rounded_rectangle([left, height - 150, left + 60, height - 90], 12, outline=(255, 255, 255), width=5)
    return screen, [box]


def _collage(works: Sequence[Image.Image], rng: Rng, columns: int, rows: int, gutter: int) -> Placed:
    cell = int(rng.integers(260, 520)), int(rng.integers(260, 520))
    rim = gutter * int(rng.integers(0, 2))
    ground = ((255, 255, 255), (0, 0, 0), _colour(rng))[rng.integers(3)]
    size = tuple(n * c + (n - 1) * gutter + 2 * rim for n, c in zip((columns, rows), cell, strict=True))
    sheet = Image.new("RGB", (size[0], size[1]), ground)
    boxes = []
    for k, work in enumerate(works[: columns * rows]):
        left, top = (rim + n * (c + gutter) for n, c in zip((k % columns, k // columns), cell, strict=True))
        boxes.append(_paste(sheet, _fill(work, *cell), left, top))
    return sheet, boxes


def _gutter(rng: Rng) -> int:
    return int(rng.integers(4, 25))


def _collage_of_two(works: Sequence[Image.Image], rng: Rng) -> Placed:
    return _collage(works, rng, *((2, 1) if rng.random() < 0.5 else (1, 2)), _gutter(rng))


def _bordered(work: Image.Image, rng: Rng, ground: Callable[[int, int], Image.Image]) -> Placed:
    shown = _fit(work, 1000, 1000)
    left, top, right, bottom = (int(rng.integers(shown.width // 8, shown.width // 3)) for _ in range(4))
    sheet = ground(shown.width + left + right, shown.height + top + bottom)
    return sheet, [_paste(sheet, shown, left, top)]


def _flat_border(works: Sequence[Image.Image], rng: Rng) -> Placed:
    colour = ((255, 255, 255), (0, 0, 0), _colour(rng))[rng.integers(3)]
    return _bordered(works[0], rng, lambda w, h: Image.new("RGB", (w, h), colour))


def _frame(works: Sequence[Image.Image], rng: Rng) -> Placed:
    """A moulded frame on a wall, with a mount (passe-partout) inside."""
    sheet, (box,) = _bordered(works[0], rng, lambda w, h: Image.new("RGB", (w, h), _colour(rng, 120, 250)))
    thick, mount = int(rng.integers(12, 40)), int(rng.integers(10, 50))
    pen = ImageDraw.Draw(sheet)
    wood = np.array(_colour(rng, 20, 180))
    for k in range(thick):
        away = mount + thick - k
        tone = np.clip(wood * (0.7 + 0.6 * np.sin(np.pi * k / thick)), 0, 255).astype(int)
        edge = [box[0] - away, box[1] - away, box[2] + away - 1, box[3] + away - 1]
        pen.rectangle(edge, outline=(int(tone[0]), int(tone[1]), int(tone[2])))
    white = _colour(rng, 232, 252)
    for away in range(1, mount + 1):
        pen.rectangle([box[0] - away, box[1] - away, box[2] + away - 1, box[3] + away - 1], outline=white)
    return sheet, [box]


def _paper(works: Sequence[Image.Image], rng: Rng) -> Placed:
    strength, grain = float(rng.uniform(2, 7)), float(rng.uniform(0.5, 2.5))
    tint = np.array(_colour(rng, 170, 250), np.float64)

    def ground(width: int, height: int) -> Image.Image:
        noise = Image.fromarray(np.clip(rng.normal(128, 40, (height, width)), 0, 255).astype(np.uint8))
        field = np.asarray(noise.filter(ImageFilter.GaussianBlur(grain)), np.float64) - 128
        field *= strength / max(float(field.std()), 1e-6)
        return Image.fromarray(np.clip(tint + field[:, :, None], 0, 255).astype(np.uint8))

    return _bordered(works[0], rng, ground)


def _blurred_backdrop(works: Sequence[Image.Image], rng: Rng) -> Placed:
    """As video apps do: the work fits the screen one way, an enlarged blurred copy fills the rest."""
    work = works[0]
    size = (1080, 1920) if work.width * 16 > work.height * 9 * 1.25 else (1920, 1080)
    backdrop = _fill(work, size[0] // 4, size[1] // 4).filter(ImageFilter.GaussianBlur(float(rng.uniform(6, 14))))
    screen = backdrop.resize(size, Image.Resampling.BICUBIC).point(lambda v: int(v * 0.75))
    shown = _fit(work, *size)
    return screen, [_paste(screen, shown, (size[0] - shown.width) // 2, (size[1] - shown.height) // 2)]


def _caption(works: Sequence[Image.Image], rng: Rng) -> Placed:
    """A meme or a reader's page: the work with two to eight lines of text above or below."""
    light = rng.random() < 0.7
    ground, ink = ((255, 255, 255), (10, 10, 10)) if light else ((16, 16, 18), (240, 240, 240))
    shown = _fit(works[0], 900, 900)
    size, lines = int(rng.integers(24, 56)), int(rng.integers(4, 9))
    block, gap = round(lines * size * 1.35) + 60, int(rng.integers(0, 60))
    sheet = Image.new("RGB", (shown.width + 2 * gap, shown.height + block + gap), ground)
    above = rng.random() < 0.5
    box = _paste(sheet, shown, gap, block if above else gap)
    pen = ImageDraw.Draw(sheet)
    for k in range(lines):
        fitting = max(1, round((shown.width / size) / 3))
        _words(pen, gap + 20, (0 if above else box[3]) + 30 + k * size * 1.35, _text(rng, fitting), size, ink, k == 0)
    return sheet, [box]


def _screen_photo(works: Sequence[Image.Image], rng: Rng) -> Placed:
    """A phone photo of a monitor: slight perspective, moire, a dark noisy surround, uneven light."""
    import cv2

    shown = _fit(works[0], 1100, 1100)
    w, h = shown.size
    pad = int(rng.integers(110, 260))
    start = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    end = start + pad + rng.uniform(-0.022, 0.022, (4, 2)).astype(np.float32) * max(w, h)
    size = w + 2 * pad, h + 2 * pad
    warp = cv2.getPerspectiveTransform(start, end)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    angle = float(rng.uniform(0, np.pi))
    moire = 1 + 0.05 * np.sin((x * np.cos(angle) + y * np.sin(angle)) * float(rng.uniform(0.3, 1.2)))
    screen = np.clip(np.asarray(shown, np.float64) * moire[:, :, None] * 0.92 + 12, 0, 255).astype(np.uint8)
    ground = np.tile(np.array(_colour(rng, 8, 30), np.float64), (size[1], size[0], 1))
    photo = cv2.warpPerspective(screen, warp, size, flags=cv2.INTER_AREA).astype(np.float64)
    alpha = cv2.warpPerspective(np.ones((h, w)), warp, size)[:, :, None]
    light = 1 - 0.15 * np.linspace(0, 1, size[0])[None, :, None]
    mixed = (photo * alpha + ground * (1 - alpha)) * light + rng.normal(0, 3, (size[1], size[0], 1))
    picture = Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    x0, y0 = np.floor(end.min(axis=0)).astype(int)
    x1, y1 = np.ceil(end.max(axis=0)).astype(int)
    return picture, [(int(x0), int(y0), int(x1), int(y1))]


KINDS: dict[str, Callable[[Sequence[Image.Image], Rng], Placed]] = {
    "post, light": lambda works, rng: _post(rng, works, dark=False),
    "post, dark": lambda works, rng: _post(rng, works, dark=True),
    "viewer": _viewer,
    "collage of two": _collage_of_two,
    "collage of four": lambda works, rng: _collage(works, rng, 2, 2, _gutter(rng)),
    "collage of nine": lambda works, rng: _collage(works, rng, 3, 3, _gutter(rng)),
    "collage of four, no gutter": lambda works, rng: _collage(works, rng, 2, 2, 0),
    "flat border": _flat_border,
    "frame and mount": _frame,
    "paper border": _paper,
    "blurred backdrop": _blurred_backdrop,
    "caption": _caption,
    "photo of a screen": _screen_photo,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    files = []
    for name in ("portfolios.csv", "cohort.csv"):
        with (arguments.set / name).open(encoding="utf-8", newline="") as stream:
            files += [row["file"] for row in csv.DictReader(stream)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, kind in enumerate(KINDS):
        rng = np.random.default_rng([arguments.seed, number])
        for k in range(arguments.each):
            chosen = rng.choice(len(files), needed(kind), replace=False)
            works = [Image.open(arguments.set / files[i]).convert("RGB") for i in chosen]
            picture, boxes = compose(kind, works, rng)
            name = f"{kind.replace(', ', '_').replace(' ', '_')}_{k}.png"
            picture.save(arguments.out / name)
            rows += [(name, kind, *(f"{v:.5f}" for v in box)) for box in boxes]
    with (arguments.out / "panels.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("file", "kind", "x0", "y0", "x1", "y1"), *rows])
    return 0


if __name__ == "__main__":
    sys.exit(main())
