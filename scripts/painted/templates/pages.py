"""Templates of comic pages and of memes: the pages of one grid, a reaction picture that everybody uses."""

from __future__ import annotations

from PIL import Image

from scripts.painted.contents import Content, painted
from scripts.painted.outlines import Random
from scripts.painted.templates.canvas import BLACK, WHITE, Box, Canvas, among, filled, light

__all__ = ["four_panels", "manga", "meme_bars", "meme_words", "reaction"]


def _rows(rng: Random, width: int, height: int, rim: int, gutter: int) -> list[Box]:
    """Three rows of one or two panels."""
    cuts = [rim, *(round(height * v) for v in (rng.uniform(0.26, 0.38), rng.uniform(0.6, 0.72))), height - rim]
    found = []
    for top, bottom in zip(cuts[:-1], cuts[1:], strict=True):
        split = round(width * rng.uniform(0.35, 0.65)) if rng.random() < 0.6 else width - rim + gutter
        for left, right in ((rim, split - gutter), (split, width - rim)):
            if right > left:
                found.append((left, top, right, bottom - gutter))
    return found


def _ink(picture: Image.Image, threshold: int) -> Image.Image:
    return picture.convert("L").point(lambda v: 0 if v < threshold else 255)


def manga(rng: Random, content: Content) -> Canvas:
    """A page in black and white: panels in one grid, each with a picture of its own, and balloons."""
    width, height = among(rng, 480, 520), among(rng, 660, 700)
    canvas, thick = Canvas(width, height), among(rng, 2, 4)
    for k, box in enumerate(_rows(rng, width, height, among(rng, 18, 30), among(rng, 7, 14))):
        canvas.show(_ink(content.picture(k), 110), box)
        canvas.pen.rectangle(box, outline=BLACK, width=thick)
        wide, tall = among(rng, 84, 110), among(rng, 40, 56)
        x, y = among(rng, box[0] + 6, max(box[0] + 6, box[2] - wide - 8)), box[1] + among(rng, 6, 16)
        canvas.pen.ellipse((x, y, x + wide, y + tall), WHITE, BLACK, 2)
        canvas.write((x + wide / 2, y + tall / 2), content.text(k, 2), 13, BLACK, anchor="mm", width=wide - 16)
    return canvas


def four_panels(rng: Random, content: Content) -> Canvas:
    """A strip of four equal panels in colour, one above the other or in a square, with a title."""
    square = rng.random() < 0.5
    wide, tall, gap = (among(rng, 230, 260), among(rng, 200, 240), among(rng, 8, 14))
    columns, rows = (2, 2) if square else (1, 4)
    if not square:
        tall = 150
    width, height = columns * wide + (columns + 1) * gap, rows * tall + (rows + 1) * gap + 36
    canvas = Canvas(width, height, light(rng))
    title = ("MY DAY", "Tiny Tales", "OOPS!", "Cats & Co")[among(rng, 0, 3)]
    canvas.write((width / 2, 20), title, 24, BLACK, own=False, anchor="mm")
    for k in range(4):
        row, column = divmod(k, columns)
        left, top = gap + column * (wide + gap), 36 + gap + row * (tall + gap)
        canvas.show(content.picture(k), (left, top, left + wide, top + tall))
        canvas.pen.rectangle((left, top, left + wide - 1, top + tall - 1), outline=BLACK, width=3)
        canvas.pen.rounded_rectangle((left + 10, top + 8, left + 150, top + 34), 8, WHITE, BLACK, 2)
        canvas.write((left + 16, top + 14), content.text(k, 3), 12, BLACK, width=124)
    return canvas


def _shared(rng: Random) -> Image.Image:
    """The picture that everybody uses."""
    return painted(among(rng, 10**6, 2 * 10**6)).picture()


def meme_words(rng: Random, content: Content) -> Canvas:
    """The same picture, other words on it, in white with a black edge."""
    width, height = among(rng, 480, 600), among(rng, 480, 600)
    canvas, size = Canvas(width, height), among(rng, 34, 46)
    canvas.picture.paste(filled(_shared(rng), width, height))
    for slot, y in ((1, 12 + size // 2), (2, height - 12 - size // 2)):
        canvas.write(
            (width / 2, y), content.text(slot, 3).upper(), size, WHITE, anchor="mm", stroke=3, width=width - 20
        )
    return canvas


def meme_bars(rng: Random, content: Content) -> Canvas:
    """The same picture, with other words in a white bar above and below it."""
    width, height, bar = among(rng, 480, 560), among(rng, 560, 640), among(rng, 70, 110)
    canvas = Canvas(width, height)
    canvas.picture.paste(filled(_shared(rng), width, height - bar - 40), (0, bar))
    canvas.lines((14, 12), [content.text(1, 5), content.text(2, 4)], 24, BLACK, width - 28)
    canvas.write((14, height - 30), content.text(3, 5), 20, BLACK, width=width - 28)
    return canvas


def reaction(rng: Random, content: Content) -> Canvas:
    """The same picture of somebody's face on one half, what it looks at on the other."""
    side, gap = among(rng, 300, 330), among(rng, 0, 8)
    canvas = Canvas(2 * side + gap, side + 60)
    here = among(rng, 0, 1)
    canvas.picture.paste(filled(_shared(rng), side, side), (here * (side + gap), 60))
    left = (1 - here) * (side + gap)
    canvas.show(content.picture(), (left, 60, left + side, 60 + side))
    canvas.write((12, 18), content.text(1, 5), 24, BLACK, width=2 * side - 20)
    return canvas
