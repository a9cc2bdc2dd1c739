"""Templates of paper: ruled, squared and dotted pages, a calendar, and white pages with little on them."""

from __future__ import annotations

from functools import partial

from scripts.painted.contents import Content
from scripts.painted.outlines import Random
from scripts.painted.templates.canvas import Box, Canvas, among, colour, dark, light, mixed

__all__ = ["calendar", "dotted", "graph", "line_up", "ruled", "stickers", "white_page", "white_pages"]


def _drawn(canvas: Canvas, rng: Random, content: Content, least: float, most: float) -> None:
    """Something drawn on the page, which shows through: at a place and a size of the template."""
    width, height = canvas.size
    side = round(min(width, height) * rng.uniform(least, most))
    left = among(rng, round(0.1 * width), round(0.9 * width) - side)
    top = among(rng, round(0.1 * height), round(0.9 * height) - side)
    canvas.stick(content.cutout(), (left, top, left + side, top + side), multiply=True)


def ruled(rng: Random, content: Content) -> Canvas:
    """A page of a notebook: lines, a margin, holes at times, a few words and a drawing."""
    width, height = among(rng, 440, 520), among(rng, 580, 680)
    canvas, line, pitch = Canvas(width, height, light(rng)), colour(rng, (0.2, 0.6), (0.7, 0.95)), among(rng, 17, 30)
    for y in range(among(rng, 40, 80), height, pitch):
        canvas.pen.line((0, y, width, y), line, 1 + (pitch > 24))
    margin = among(rng, 40, 80)
    canvas.pen.line((margin, 0, margin, height), (225, 110, 110), 2)
    if rng.random() < 0.6:
        for y in range(60, height, among(rng, 120, 200)):
            canvas.pen.ellipse((12, y, 28, y + 16), (90, 90, 90))
    canvas.lines((margin + 10, 20), [content.text(1, 4)], 16, (40, 50, 110), width - margin - 20)
    _drawn(canvas, rng, content, 0.45, 0.7)
    return canvas


def graph(rng: Random, content: Content) -> Canvas:
    """Squared paper, each fifth or tenth line stronger."""
    side = among(rng, 540, 640)
    canvas, line, pitch = Canvas(side, side, light(rng)), colour(rng, (0.15, 0.5), (0.7, 0.95)), among(rng, 11, 24)
    strong = (5, 10, 1000)[among(rng, 0, 2)]
    for number, k in enumerate(range(pitch // 2, side, pitch)):
        thick = 2 if number % strong == strong - 1 else 1
        canvas.pen.line((k, 0, k, side), line, thick)
        canvas.pen.line((0, k, side, k), line, thick)
    _drawn(canvas, rng, content, 0.45, 0.7)
    return canvas


def dotted(rng: Random, content: Content) -> Canvas:
    """A bullet journal: a grid of dots, a title and a drawing."""
    width, height, pitch = among(rng, 440, 520), among(rng, 560, 660), among(rng, 14, 26)
    canvas, dot, size = Canvas(width, height, light(rng)), colour(rng, (0.0, 0.4), (0.5, 0.75)), among(rng, 1, 2)
    for y in range(pitch // 2, height, pitch):
        for x in range(pitch // 2, width, pitch):
            canvas.pen.ellipse((x - size, y - size, x + size, y + size), dot)
    canvas.write((width / 2, 30), content.text(1, 2), 22, dark(rng), anchor="mm")
    _drawn(canvas, rng, content, 0.5, 0.75)
    return canvas


def calendar(rng: Random, content: Content) -> Canvas:
    """A picture above the days of a month."""
    width, height = among(rng, 440, 500), among(rng, 620, 700)
    canvas, ink, red = Canvas(width, height, light(rng)), dark(rng), colour(rng, (0.7, 1.0), (0.6, 0.9))
    split, rim = round(height * rng.uniform(0.5, 0.58)), among(rng, 0, 24)
    canvas.show(content.picture(), (rim, rim, width - rim, split))
    month = ("JANUARY", "MARCH", "MAY", "JULY", "OCTOBER", "DECEMBER")[among(rng, 0, 5)]
    canvas.write((width / 2, split + 24), f"{month} 20{among(rng, 10, 40)}", 24, red, own=False, anchor="mm")
    first, across, down = among(rng, 0, 6), (width - 40) / 7, (height - split - 70) / 6.2
    for k, name in enumerate("MTWTFSS"):
        canvas.write((20 + across * (k + 0.5), split + 52), name, 13, ink, own=False, anchor="mm")
    for day in range(1, 32):
        row, column = divmod(day - 1 + first, 7)
        place = (20 + across * (column + 0.5), split + 74 + down * row)
        canvas.write(place, str(day), 15, red if column > 4 else ink, own=False, anchor="mm")
    for k in range(8):
        canvas.pen.line((20 + across * k, split + 62, 20 + across * k, height - 8), mixed(ink, (255,) * 3, 0.7))
    return canvas


def white_page(share: float, rng: Random, content: Content) -> Canvas:
    """A white page with one drawing, ``share`` of its width, and nothing else."""
    width, height = among(rng, 460, 640), among(rng, 460, 640)
    canvas = Canvas(width, height)
    side = round(share * width)
    left, top = (width - side) // 2, max(0, (height - side) // 2)
    canvas.stick(content.cutout(), (left, top, left + side, min(height, top + side)))
    return canvas


white_pages = {f"white page, {round(100 * share)} %": partial(white_page, share) for share in (0.33, 0.6, 0.8)}


def _cells(rng: Random, width: int, height: int, columns: int, rows: int) -> list[Box]:
    found = []
    for k in range(columns * rows):
        row, column = divmod(k, columns)
        x, y = width * (column + 0.5) / columns, height * (row + 0.5) / rows
        size = rng.uniform(0.36, 0.46) * min(width / columns, height / rows)
        x, y = x + rng.uniform(-5, 5), y + rng.uniform(-5, 5)
        found.append((round(x - size), round(y - size), round(x + size), round(y + size)))
    return found


def stickers(rng: Random, content: Content) -> Canvas:
    """A sheet of stickers: things cut out with a white rim, on a ground of one colour."""
    width, height = among(rng, 500, 600), among(rng, 500, 640)
    canvas = Canvas(width, height, light(rng))
    canvas.write((width / 2, height - 20), "STICKER SHEET", 20, dark(rng), own=False, anchor="mm")
    for k, box in enumerate(_cells(rng, width, height - 40, among(rng, 2, 3), among(rng, 2, 3))):
        cut = content.cutout(k)
        canvas.stick(cut, box)
    return canvas


def line_up(rng: Random, content: Content) -> Canvas:
    """Figures side by side on white, with their names, on a line."""
    width, height, count = among(rng, 600, 700), among(rng, 300, 380), among(rng, 3, 5)
    canvas, floor = Canvas(width, height), height - among(rng, 50, 70)
    for k in range(0, 6):
        canvas.pen.line((0, floor - k * floor // 6, width, floor - k * floor // 6), (215, 215, 215))
        canvas.write((4, floor - k * floor // 6 - 12), f"{k * 30}", 10, (150, 150, 150), own=False)
    canvas.pen.line((0, floor, width, floor), (60, 60, 60), 2)
    wide = width // count
    for k in range(count):
        high = round(floor * rng.uniform(0.6, 0.95))
        canvas.stick(content.cutout(k), (k * wide + 20, floor - high, (k + 1) * wide - 6, floor))
        canvas.write((k * wide + wide / 2, floor + 24), content.text(k, 1), 16, (40, 40, 40), anchor="mm")
    return canvas
