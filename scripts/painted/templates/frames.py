"""Templates that frame a picture: cards, a polaroid, a stamp, a film, a pass, a book, a poster, a scroll."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from scripts.painted.contents import Content
from scripts.painted.outlines import Random
from scripts.painted.templates.canvas import BLACK, WHITE, Canvas, Colour, among, colour, dark, light, mixed

__all__ = [
    "book", "card", "film_strip", "medallion", "moulding", "passport", "polaroid", "poster", "scroll", "stamp",
    "trading_card",
]  # fmt: skip


def card(rng: Random, content: Content) -> Canvas:
    """A card of a game: border, title plate, picture, line of its kind, text box and strength."""
    width, height = among(rng, 400, 460), among(rng, 560, 640)
    body, plate, ink = colour(rng, (0.3, 0.9), (0.2, 0.6)), light(rng), dark(rng)
    canvas, rim = Canvas(width, height, BLACK if rng.random() < 0.6 else dark(rng)), among(rng, 12, 20)
    canvas.pen.rounded_rectangle((rim, rim, width - rim, height - rim), 14, body)
    for k in range(5):
        canvas.pen.rounded_rectangle(
            (rim + 3 * k, rim + 3 * k, width - rim - 3 * k, height - rim - 3 * k),
            12,
            outline=mixed(body, WHITE, 0.12 * k),
        )
    left, right, edge = rim + 22, width - rim - 22, mixed(body, BLACK, 0.6)
    canvas.pen.rounded_rectangle((left - 6, rim + 18, right + 6, rim + 54), 12, plate, edge, 3)
    canvas.write((left + 6, rim + 36), content.text(1, 2), 19, ink, anchor="lm", width=right - left - 70)
    for k in range(among(rng, 1, 3)):
        canvas.pen.ellipse((right - 24 - 26 * k, rim + 25, right - 2 - 26 * k, rim + 47), colour(rng), edge)
    split = round(height * rng.uniform(0.54, 0.6))
    canvas.pen.rectangle((left - 4, rim + 58, right + 4, split + 4), edge)
    canvas.show(content.picture(), (left, rim + 62, right, split))
    canvas.pen.rounded_rectangle((left - 6, split + 10, right + 6, split + 38), 10, plate, edge, 3)
    canvas.write((left + 6, split + 24), "Creature", 15, ink, own=False, anchor="lm")
    canvas.pen.rectangle((left, split + 44, right, height - rim - 34), plate, edge, 3)
    canvas.lines((left + 10, split + 54), [content.text(k, 6) for k in range(2, 5)], 14, ink, right - left - 20)
    canvas.pen.rounded_rectangle((right - 62, height - rim - 52, right + 4, height - rim - 18), 10, plate, edge, 3)
    strength = f"{content.number(5, 1, 9)} / {content.number(6, 1, 9)}"
    canvas.write((right - 29, height - rim - 35), strength, 18, ink, anchor="mm")
    return canvas


def trading_card(rng: Random, content: Content) -> Canvas:
    """A card to collect: name, picture with a foil edge, and a table of its values with bars."""
    width, height = among(rng, 380, 440), among(rng, 560, 640)
    one, two, ink = colour(rng, (0.4, 0.9), (0.7, 1.0)), colour(rng, (0.3, 0.8), (0.8, 1.0)), dark(rng)
    canvas = Canvas(width, height, WHITE)
    for y in range(height):
        canvas.pen.line((0, y, width, y), mixed(one, two, y / height))
    for k in range(-height, width, among(rng, 24, 48)):
        canvas.pen.line((k, height, k + height, 0), mixed(one, WHITE, 0.35), 5)
    canvas.pen.polygon([(0, 0), (width, 0), (width, 40), (width // 2, 64), (0, 52)], ink)
    canvas.write((18, 26), content.text(1, 2).upper(), 21, WHITE, anchor="lm", width=width - 110)
    canvas.pen.ellipse((width - 58, 8, width - 14, 52), two, WHITE, 3)
    canvas.write((width - 36, 30), str(content.number(2, 1, 99)), 20, ink, anchor="mm")
    split = round(height * rng.uniform(0.52, 0.6))
    canvas.pen.rectangle((22, 70, width - 22, split), WHITE)
    canvas.show(content.picture(), (28, 76, width - 28, split - 6))
    canvas.pen.rounded_rectangle((22, split + 10, width - 22, height - 20), 10, mixed(two, WHITE, 0.8), ink, 3)
    for k, label in enumerate(("SPEED", "POWER", "MAGIC", "LUCK", "AGE")):
        y = round(split + 24 + k * (height - split - 56) / 5)
        canvas.write((36, y), label, 14, ink, own=False)
        canvas.pen.rectangle((110, y + 2, width - 80, y + 14), outline=ink)
        value = content.number(3 + k, 10, 100)
        canvas.claim((110, y, width - 30, y + 18))
        canvas.pen.rectangle((110, y + 2, 110 + (width - 190) * value / 100, y + 14), one)
        canvas.write((width - 70, y), str(value), 14, ink)
    return canvas


def polaroid(rng: Random, content: Content) -> Canvas:
    """An instant photo with its white rim, on a table of one colour, held by a strip of tape."""
    width, height = among(rng, 460, 540), among(rng, 540, 620)
    canvas = Canvas(width, height, colour(rng, (0.1, 0.6), (0.3, 0.9)))
    left, top, right, bottom = among(rng, 40, 60), among(rng, 40, 60), width - among(rng, 40, 60), height - 36
    canvas.pen.rectangle((left + 6, top + 8, right + 6, bottom + 8), mixed((60, 60, 60), BLACK, 0.3))
    canvas.pen.rectangle((left, top, right, bottom), (250, 249, 244))
    canvas.show(content.picture(), (left + 22, top + 22, right - 22, bottom - among(rng, 80, 110)))
    canvas.write(((left + right) / 2, bottom - 38), content.text(1, 3), 24, (40, 40, 60), anchor="mm", width=300)
    canvas.pen.polygon([(width // 2 - 60, top - 16), (width // 2 + 50, top - 22), (width // 2 + 60, top + 12),
                        (width // 2 - 52, top + 18)], (226, 214, 160))  # fmt: skip
    return canvas


def film_strip(rng: Random, content: Content) -> Canvas:
    """Three frames of a film with the holes at its edges."""
    height = among(rng, 250, 300)
    wide, gap, hole = round(height * 0.8), among(rng, 8, 16), among(rng, 12, 18)
    width, tone = 3 * wide + 2 * gap, mixed(BLACK, colour(rng), rng.uniform(0.05, 0.25))
    canvas, pitch = Canvas(width, height, tone), among(rng, 26, 34)
    for x in range(pitch // 3, width, pitch):
        for y in (8, height - 8 - hole):
            canvas.pen.rounded_rectangle((x, y, x + hole, y + hole), 3, (246, 244, 236))
    for k in range(3):
        left = k * (wide + gap)
        canvas.show(content.picture(k), (left, 20 + hole, left + wide, height - 20 - hole))
        canvas.write((left + 6, height - 9), f"{among(rng, 10, 30)}A", 9, (235, 180, 60), own=False, anchor="lb")
    return canvas


def stamp(rng: Random, content: Content) -> Canvas:
    """A postage stamp with its perforation, name of the country and value."""
    width, height = among(rng, 460, 560), among(rng, 520, 620)
    ground = dark(rng)
    canvas, paper, ink = Canvas(width, height, ground), light(rng), dark(rng)
    left, radius = among(rng, 26, 40), among(rng, 7, 10)
    box = (left, left, width - left, height - left)
    canvas.pen.rectangle(box, paper)
    for side, low, high in ((0, box[0], box[2]), (1, box[1], box[3])):
        count = (high - low) // (3 * radius)
        for k in range(count + 1):
            along = low + (high - low) * k / count
            for edge in (box[1], box[3]) if side == 0 else (box[0], box[2]):
                x, y = (along, edge) if side == 0 else (edge, along)
                canvas.pen.ellipse((x - radius, y - radius, x + radius, y + radius), ground)
    inner = (box[0] + 30, box[1] + 30, box[2] - 30, box[3] - 74)
    canvas.show(content.picture(), inner)
    canvas.pen.rectangle(inner, outline=ink, width=2)
    country = ("POST", "CORREOS", "MAGYAR", "HELVETIA", "NIPPON")[among(rng, 0, 4)]
    canvas.write((inner[0], box[3] - 50), country, 26, ink, own=False, anchor="lm")
    canvas.write((inner[2], box[3] - 50), str(among(rng, 5, 95)), 32, ink, own=False, anchor="rm")
    canvas.write((inner[0], box[3] - 26), content.text(1, 3), 12, ink, anchor="lm", width=220)
    return canvas


def passport(rng: Random, content: Content) -> Canvas:
    """A pass: guilloche ground, picture at the left, fields at the right, two lines for machines."""
    width, height = among(rng, 600, 680), among(rng, 400, 450)
    one, two = colour(rng, (0.1, 0.3), (0.85, 0.97)), colour(rng, (0.1, 0.35), (0.75, 0.95))
    y, x = np.mgrid[:height, :width]
    a, b, c = rng.uniform(20, 60), rng.uniform(0.05, 0.15), rng.uniform(30, 90)
    wave = (np.sin((y + a * np.sin(x / c)) * b * 4) > 0.55)[:, :, None]
    canvas, ink = Canvas(width, height, Image.fromarray(np.where(wave, two, one).astype(np.uint8))), dark(rng)
    canvas.write((24, 14), "PASSPORT / PASSEPORT", 18, ink, own=False)
    canvas.pen.ellipse((width - 74, 8, width - 24, 58), outline=ink, width=3)
    tall = among(rng, 230, 260)
    canvas.show(content.picture(), (24, 56, 24 + round(tall * 0.78), 56 + tall))
    left = 50 + round(tall * 0.78)
    for k, label in enumerate(
        ("Surname", "Given names", "Nationality", "Date of birth", "Place of birth", "Authority")
    ):
        canvas.write((left, 62 + 40 * k), label, 10, mixed(ink, WHITE, 0.3), own=False)
        canvas.write((left, 75 + 40 * k), content.text(k, 2).upper(), 15, ink, width=width - left - 20)
    canvas.pen.rectangle((0, height - 66, width, height), light(rng))
    for k in range(2):
        line = content.text(9 + k, 4).upper().replace(" ", "<").ljust(38, "<")
        canvas.write((20, height - 58 + 26 * k), line, 18, BLACK, width=width - 30)
    return canvas


def book(rng: Random, content: Content) -> Canvas:
    """A cover: the spine, bars for title and author, the sign of the house, the picture between them."""
    width, height = among(rng, 420, 480), among(rng, 600, 680)
    cloth, bar = colour(rng), dark(rng)
    canvas = Canvas(width, height, cloth)
    canvas.pen.rectangle((0, 0, 16, height), mixed(cloth, BLACK, 0.4))
    top, low = among(rng, 100, 130), height - among(rng, 80, 100)
    canvas.show(content.picture(), (36, top + 16, width - 20, low - 16))
    canvas.pen.rectangle((16, 24, width, top), bar)
    canvas.pen.rectangle((16, 30, width, 33), cloth)
    canvas.pen.rectangle((16, top - 9, width, top - 6), cloth)
    canvas.write((width / 2 + 8, (top + 24) / 2), content.text(1, 2).upper(), 30, WHITE, anchor="mm", width=width - 60)
    canvas.pen.rectangle((16, low, width, low + 40), bar)
    canvas.write((width / 2 + 8, low + 20), content.text(2, 2), 20, WHITE, anchor="mm", width=width - 60)
    canvas.pen.ellipse((width - 60, low + 46, width - 36, low + 70), cloth, bar, 3)
    canvas.write((30, low + 50), f"Classics {among(rng, 1, 99)}", 14, bar, own=False)
    return canvas


def poster(rng: Random, content: Content) -> Canvas:
    """A poster: a broad band with a title, a line of dates, and rays or stripes around the picture."""
    width, height = among(rng, 440, 500), among(rng, 620, 700)
    one, two, ink = colour(rng), light(rng), dark(rng)
    canvas, thick = Canvas(width, height, two), among(rng, 14, 26)
    for k in range(0, width, 2 * thick):
        canvas.pen.rectangle((k, 0, k + thick, height), one)
    low = height - among(rng, 130, 160)
    canvas.show(content.picture(), (30, 30, width - 30, low - 14))
    canvas.pen.rectangle((0, low, width, height), ink)
    canvas.write((width / 2, low + 40), content.text(1, 3).upper(), 30, two, anchor="mm", width=width - 40)
    canvas.write((width / 2, low + 82), f"{among(rng, 1, 28)} - {among(rng, 1, 12)} - 20{among(rng, 10, 40)}", 20, one,
                 own=False, anchor="mm")  # fmt: skip
    canvas.write((width / 2, low + 110), "TOWN HALL, FREE ENTRY", 15, two, own=False, anchor="mm")
    return canvas


def moulding(rng: Random, content: Content) -> Canvas:
    """A picture in a moulded and carved frame with a mount."""
    width, height = among(rng, 520, 640), among(rng, 520, 640)
    wood, mount, thick = np.array(colour(rng, (0.3, 0.8), (0.3, 0.8))), light(rng), among(rng, 36, 60)
    canvas = Canvas(width, height)
    for k in range(thick):
        r, g, b = (int(v) for v in np.clip(wood * (0.6 + 0.7 * np.sin(3 * np.pi * k / thick) ** 2), 0, 255))
        canvas.pen.rectangle((k, k, width - 1 - k, height - 1 - k), outline=(r, g, b))
    bead, gold = thick // 3, mixed((240, 205, 120), colour(rng), 0.3)
    for x in range(thick, width - thick, bead * 2):
        for y in (thick // 2, height - thick // 2):
            canvas.pen.ellipse((x, y - bead / 2, x + bead, y + bead / 2), gold)
    for y in range(thick, height - thick, bead * 2):
        for x in (thick // 2, width - thick // 2):
            canvas.pen.ellipse((x - bead / 2, y, x + bead / 2, y + bead), gold)
    gap = thick + among(rng, 20, 44)
    canvas.pen.rectangle((thick, thick, width - thick - 1, height - thick - 1), mount)
    canvas.show(content.picture(), (gap, gap, width - gap, height - gap))
    return canvas


def scroll(rng: Random, content: Content) -> Canvas:
    """A hanging scroll: brocade above and below, its rods, the picture, a column of signs and a seal."""
    width, height = among(rng, 320, 380), among(rng, 640, 700)
    silk = colour(rng, (0.15, 0.5), (0.35, 0.75))
    thread = mixed(silk, WHITE if rng.random() < 0.5 else BLACK, rng.uniform(0.25, 0.5))
    canvas, pitch = Canvas(width, height, silk), among(rng, 18, 30)
    for y in range(0, height + pitch, pitch):
        for x in range((y // pitch % 2) * pitch // 2, width + pitch, pitch):
            canvas.pen.ellipse((x - 5, y - 5, x + 5, y + 5), outline=thread, width=2)
            canvas.pen.line((x - 3, y, x + 3, y), thread)
    paper = light(rng)
    for y in (0, height - 18):
        canvas.pen.rectangle((0, y, width, y + 18), (74, 44, 26))
    box = (among(rng, 28, 40), among(rng, 110, 140), width - among(rng, 28, 40), height - among(rng, 100, 130))
    canvas.pen.rectangle((box[0] - 8, box[1] - 8, box[2] + 8, box[3] + 8), paper)
    canvas.show(content.picture(), box)
    red = (186, 44, 36)
    at = (box[0] + 10 if rng.random() < 0.5 else box[2] - 44, box[3] - 46)
    canvas.pen.rectangle((*at, at[0] + 34, at[1] + 34), red)
    _signs(canvas, rng, at[0] + 5, at[1] + 5, 24, WHITE)
    for k in range(among(rng, 3, 6)):
        _signs(canvas, rng, at[0] + 8, box[1] + 12 + 24 * k, 18, (30, 26, 24))
    return canvas


def _signs(canvas: Canvas, rng: Random, x: float, y: float, side: float, ink: Colour) -> None:
    """One invented sign: a few strokes within a square."""
    for _ in range(among(rng, 4, 7)):
        (a, b), length = rng.uniform(0, 0.7, 2), rng.uniform(0.3, 0.9)
        end = (min(1.0, a + length), b) if rng.random() < 0.5 else (a, min(1.0, b + length))
        canvas.pen.line((x + a * side, y + b * side, x + end[0] * side, y + end[1] * side), ink, 2)


def medallion(rng: Random, content: Content) -> Canvas:
    """A portrait in an oval, with rings and leaves around it, and a name on a ribbon."""
    width, height = among(rng, 480, 560), among(rng, 560, 640)
    ground, gold = colour(rng, (0.2, 0.7), (0.2, 0.7)), colour(rng, (0.4, 0.7), (0.7, 0.95))
    canvas, gap = Canvas(width, height, ground), among(rng, 70, 90)
    centre, radii = (width / 2, height / 2 - 20), (width / 2 - gap, height / 2 - gap - 10)
    for k in range(among(rng, 28, 44)):
        angle = 2 * np.pi * k / 36
        x, y = (c + (r + 26) * f(angle) for c, r, f in zip(centre, radii, (np.cos, np.sin), strict=True))
        canvas.pen.ellipse((x - 16, y - 9, x + 16, y + 9), mixed(gold, ground, 0.25 * (k % 3)), mixed(gold, BLACK, 0.5))
    box = tuple(
        round(v) for v in (centre[0] - radii[0], centre[1] - radii[1], centre[0] + radii[0], centre[1] + radii[1])
    )
    left, top, right, bottom = box[0], box[1], box[2], box[3]
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).ellipse((0, 0, right - left - 1, bottom - top - 1), 255)
    canvas.show(content.picture(), (left, top, right, bottom), mask=mask)
    for k in range(3):
        canvas.pen.ellipse((left - 4 * k, top - 4 * k, right + 4 * k, bottom + 4 * k), outline=gold, width=2 + k)
    high, middle, low = height - 66, height - 46, height - 26
    ends = [(60, high), (width - 60, high), (width - 84, middle), (width - 60, low), (60, low), (84, middle)]
    canvas.pen.polygon(ends, gold)
    canvas.write((width / 2, height - 46), content.text(1, 2), 20, dark(rng), anchor="mm", width=width - 190)
    return canvas
