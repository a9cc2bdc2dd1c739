"""Templates of screens: an app, a post, a player, a shop, a chat, and the bars of a film."""

from __future__ import annotations

from PIL import Image, ImageDraw

from scripts.painted.contents import Content
from scripts.painted.outlines import Random
from scripts.painted.templates.canvas import BLACK, WHITE, Canvas, Colour, among, colour, dark, light, mixed

__all__ = ["app", "chat", "letterbox", "player", "post", "shop"]

LABELS = ("File", "Edit", "View", "Home", "Reply", "Share", "Save", "Follow", "Today", "Search", "Layers", "Colour")


def _theme(rng: Random) -> tuple[Colour, Colour, Colour]:
    """Ground, ink and a grey between them."""
    ground, ink = (dark(rng), light(rng)) if rng.random() < 0.45 else (light(rng), dark(rng))
    return ground, ink, mixed(ground, ink, 0.4)


def _status(canvas: Canvas, rng: Random, ink: Colour) -> None:
    """The clock, the reception and the battery of a telephone."""
    width = canvas.size[0]
    canvas.write((12, 5), f"{among(rng, 7, 22)}:{among(rng, 10, 59)}", 13, ink, own=False)
    for k in range(4):
        canvas.pen.rectangle((width - 70 + 6 * k, 16 - 3 * (k + 1), width - 67 + 6 * k, 16), ink)
    canvas.pen.rectangle((width - 38, 7, width - 14, 17), outline=ink)
    canvas.pen.rectangle((width - 36, 9, width - 36 + among(rng, 5, 20), 15), ink)


def _icon(canvas: Canvas, rng: Random, x: float, y: float, size: float, ink: Colour) -> None:
    form = among(rng, 0, 4)
    box = (x, y, x + size, y + size)
    if form == 0:
        canvas.pen.ellipse(box, outline=ink, width=2)
    elif form == 1:
        canvas.pen.rounded_rectangle(box, size / 4, outline=ink, width=2)
    elif form == 2:
        canvas.pen.polygon([(x, y), (x + size, y + size / 2), (x, y + size)], outline=ink, width=2)
    elif form == 3:
        canvas.pen.line((x, y + size, x + size, y), ink, 2)
        canvas.pen.line((x, y, x + size, y + size), ink, 2)
    else:
        for k in range(3):
            canvas.pen.line((x, y + k * size / 2, x + size, y + k * size / 2), ink, 2)


def app(rng: Random, content: Content) -> Canvas:
    """A drawing program: menu, tools at the side, layers, and the picture in the middle."""
    width, height = among(rng, 560, 680), among(rng, 420, 500)
    ground, ink, grey = _theme(rng)
    canvas = Canvas(width, height, mixed(ground, ink, 0.12))
    bar, side, layers = among(rng, 24, 36), among(rng, 30, 56), among(rng, 90, 150)
    canvas.pen.rectangle((0, 0, width, bar), ground)
    for k, x in enumerate(range(10, width - 120, among(rng, 44, 60))):
        if k < 7:
            canvas.write((x, bar / 2), LABELS[among(rng, 0, 11)], 12, ink, own=False, anchor="lm")
    for k, tint in enumerate(((236, 95, 87), (245, 190, 60), (98, 197, 84))):
        canvas.pen.ellipse((width - 64 + 18 * k, bar / 2 - 6, width - 52 + 18 * k, bar / 2 + 6), tint)
    canvas.pen.rectangle((0, bar, side, height), ground)
    canvas.pen.rectangle((width - layers, bar, width, height), ground)
    for y in range(bar + 10, height - 24, side):
        _icon(canvas, rng, side / 2 - 9, y, 18, ink)
    for y in range(bar + 90, height - 30, 34):
        canvas.pen.rectangle((width - layers + 8, y, width - layers + 36, y + 26), outline=grey)
        canvas.write((width - layers + 42, y + 6), LABELS[among(rng, 0, 11)], 11, ink, own=False)
    for k in range(8):
        canvas.pen.rectangle(
            (width - layers + 8 + 11 * k, bar + 8, width - layers + 18 + 11 * k, bar + 76), colour(rng)
        )
    canvas.write((side + 12, height - 18), f"{among(rng, 20, 200)} %", 11, grey, own=False)
    gap = among(rng, 12, 30)
    canvas.show(content.picture(), (side + gap, bar + gap, width - layers - gap, height - 26 - gap))
    return canvas


def post(rng: Random, content: Content) -> Canvas:
    """A telephone with a post: avatar and name, the picture, buttons, likes and lines of text."""
    width, height = among(rng, 340, 380), among(rng, 620, 700)
    ground, ink, grey = _theme(rng)
    canvas = Canvas(width, height, ground)
    _status(canvas, rng, ink)
    title, accent = ("Photogram", "chirp", "inkhub", "Gallery")[among(rng, 0, 3)], colour(rng)
    canvas.write((width / 2, 38), title, 22, ink, own=False, anchor="mm")
    canvas.pen.line((0, 56, width, 56), grey)
    canvas.pen.ellipse((10, 64, 46, 100), outline=accent, width=3)
    face = (14, 68, 42, 96)
    canvas.show(content.picture().resize((8, 8)), face, mask=_disc(28))
    canvas.write((56, 72), content.text(1, 2).replace(" ", "_"), 15, ink, width=180)
    canvas.pen.rounded_rectangle((width - 84, 70, width - 14, 94), 6, accent)
    canvas.write((width - 49, 82), "Follow", 13, WHITE, own=False, anchor="mm")
    top, tall = 108, among(rng, round(0.9 * width), round(1.1 * width))
    canvas.show(content.picture(), (0, top, width, top + tall))
    y = top + tall + 10
    for k in range(3):
        _icon(canvas, rng, 14 + 36 * k, y, 20, ink)
    _icon(canvas, rng, width - 34, y, 20, ink)
    canvas.write((14, y + 30), f"{content.number(2, 3, 20000)} likes", 14, ink)
    canvas.lines((14, y + 50), [content.text(3, 6), content.text(4, 5)], 13, ink, width - 30)
    canvas.write((14, y + 90), "View all comments", 13, grey, own=False)
    canvas.pen.rectangle((0, height - 40, width, height), ground)
    canvas.own[height - 40 :] = False
    canvas.pen.line((0, height - 40, width, height - 40), grey)
    for k in range(5):
        _icon(canvas, rng, (k + 0.5) * width / 5 - 10, height - 30, 20, ink)
    return canvas


def player(rng: Random, content: Content) -> Canvas:
    """The page of a video: the film with its controls, title and channel, and others to see at the side."""
    width, height = among(rng, 640, 700), among(rng, 420, 470)
    ground, ink, grey = _theme(rng)
    canvas = Canvas(width, height, ground)
    canvas.pen.rounded_rectangle((10, 8, 34, 24), 5, colour(rng, (0.7, 1.0), (0.7, 1.0)))
    canvas.pen.polygon([(19, 12), (26, 16), (19, 20)], WHITE)
    canvas.pen.rounded_rectangle((width * 0.3, 6, width * 0.7, 26), 10, outline=grey)
    canvas.write((width * 0.32, 16), "Search", 11, grey, own=False, anchor="lm")
    film = (10, 34, round(width * among(rng, 64, 70) / 100), 0)
    film = (*film[:3], 34 + round((film[2] - 10) * 9 / 16))
    canvas.show(content.picture(), film)
    canvas.pen.rectangle((film[0], film[3] - 22, film[2], film[3]), (24, 24, 24))
    canvas.pen.line((film[0] + 6, film[3] - 20, film[2] - 6, film[3] - 20), (150, 150, 150), 2)
    canvas.pen.line((film[0] + 6, film[3] - 20, film[0] + among(rng, 30, 300), film[3] - 20), (240, 30, 30), 2)
    canvas.pen.polygon([(film[0] + 10, film[3] - 15), (film[0] + 20, film[3] - 9), (film[0] + 10, film[3] - 3)], WHITE)
    canvas.write((film[0] + 30, film[3] - 15), f"{among(rng, 1, 9)}:{among(rng, 10, 59)} / 12:04", 10, WHITE, own=False)
    canvas.own[film[3] - 22 : film[3], film[0] : film[2]] = False
    canvas.write((12, film[3] + 8), content.text(1, 6), 17, ink, width=film[2] - 20)
    canvas.pen.ellipse((12, film[3] + 36, 42, film[3] + 66), colour(rng))
    canvas.write((52, film[3] + 42), content.text(2, 2), 13, ink, width=150)
    for k in range(3):
        x = film[2] - 80 * (k + 1)
        canvas.pen.rounded_rectangle((x, film[3] + 40, x + 70, film[3] + 62), 11, mixed(ground, ink, 0.15))
        canvas.write((x + 35, film[3] + 51), LABELS[among(rng, 4, 7)], 11, ink, own=False, anchor="mm")
    for y in range(34, height - 30, 62):
        box = (film[2] + 12, y, film[2] + 92, y + 50)
        canvas.pen.rectangle(box, colour(rng, (0.1, 0.6), (0.3, 0.8)))
        canvas.pen.ellipse((box[0] + 25, y + 10, box[0] + 55, y + 40), colour(rng))
        for k in range(3):
            canvas.pen.line((box[2] + 8, y + 8 + 14 * k, box[2] + among(rng, 40, 90), y + 8 + 14 * k), grey, 4)
    return canvas


def shop(rng: Random, content: Content) -> Canvas:
    """A shop in a browser: address, menu, the picture on sale, price, stars and a button."""
    width, height = among(rng, 600, 680), among(rng, 440, 500)
    ground, ink, grey = _theme(rng)
    canvas, accent = Canvas(width, height, ground), colour(rng)
    canvas.pen.rectangle((0, 0, width, 30), mixed(ground, ink, 0.15))
    canvas.pen.rounded_rectangle((70, 6, width - 40, 24), 9, ground)
    canvas.write((82, 15), "https://print-shop.example/item", 11, grey, own=False, anchor="lm")
    for k in range(3):
        canvas.pen.ellipse((10 + 16 * k, 10, 20 + 16 * k, 20), outline=grey, width=2)
    canvas.pen.rectangle((0, 30, width, 62), accent)
    canvas.write((16, 46), "PRINT SHOP", 18, WHITE, own=False, anchor="lm")
    for k in range(4):
        canvas.write((width - 80 - 70 * k, 46), LABELS[among(rng, 0, 11)], 12, WHITE, own=False, anchor="lm")
    side = among(rng, 280, 320)
    canvas.pen.rectangle((24, 80, 24 + side, 80 + side), outline=grey)
    canvas.show(content.picture(), (30, 86, 18 + side, 74 + side))
    x = 48 + side
    canvas.lines((x, 90), [content.text(1, 3), content.text(2, 3)], 18, ink, width - x - 12)
    canvas.write((x, 150), f"$ {content.number(3, 9, 99)}.90", 24, accent)
    for k in range(5):
        canvas.pen.ellipse((x + 20 * k, 188, x + 14 + 20 * k, 202), (245, 180, 40))
    for k, label in enumerate(("Size", "Frame", "Paper")):
        canvas.write((x, 216 + 34 * k), label, 12, grey, own=False)
        canvas.pen.rounded_rectangle((x + 50, 212 + 34 * k, width - 30, 236 + 34 * k), 5, outline=grey)
    canvas.pen.rounded_rectangle((x, 324, width - 30, 356), 8, accent)
    canvas.write(((x + width - 30) / 2, 340), "Add to basket", 15, WHITE, own=False, anchor="mm")
    for k in range(4):
        canvas.pen.rectangle((24 + 60 * k, 94 + side, 76 + 60 * k, height - 12), outline=grey)
    return canvas


def chat(rng: Random, content: Content) -> Canvas:
    """A conversation on a telephone, with one picture in it."""
    width, height = among(rng, 340, 380), among(rng, 600, 680)
    ground, ink, grey = _theme(rng)
    canvas, accent = Canvas(width, height, mixed(ground, ink, 0.06)), colour(rng)
    canvas.pen.rectangle((0, 0, width, 64), ground)
    _status(canvas, rng, ink)
    canvas.pen.ellipse((12, 28, 42, 58), colour(rng))
    canvas.write((54, 36), ("Mira", "Jun", "Art group", "Family")[among(rng, 0, 3)], 16, ink, own=False)
    y = 76
    for k in range(among(rng, 1, 2)):
        wide = among(rng, 140, 220)
        canvas.pen.rounded_rectangle((12, y, 12 + wide, y + 32), 12, mixed(ground, ink, 0.2))
        canvas.write((24, y + 9), content.text(k, 4), 13, ink, width=wide - 26)
        y += 42
    side = among(rng, 230, 270)
    canvas.pen.rounded_rectangle((width - side - 24, y, width - 12, y + side + 12), 12, accent)
    canvas.show(content.picture(), (width - side - 18, y + 6, width - 18, y + side + 6))
    y += side + 24
    while y < height - 100:
        mine, wide = rng.random() < 0.5, among(rng, 100, 220)
        x = width - wide - 12 if mine else 12
        canvas.pen.rounded_rectangle((x, y, x + wide, y + 32), 12, accent if mine else mixed(ground, ink, 0.2))
        canvas.write((x + 12, y + 9), content.text(y, 5), 13, WHITE if mine else ink, width=wide - 26)
        y += 42
    canvas.pen.rectangle((0, height - 50, width, height), ground)
    canvas.pen.rounded_rectangle((46, height - 40, width - 46, height - 10), 14, outline=grey, width=2)
    _icon(canvas, rng, 14, height - 35, 20, ink)
    _icon(canvas, rng, width - 34, height - 35, 20, ink)
    return canvas


def letterbox(rng: Random, content: Content) -> Canvas:
    """A film with its bars, a sign of the sender in a corner and a line of subtitles."""
    width = among(rng, 600, 680)
    height = round(width * 9 / 16)
    canvas, bar = Canvas(width, height, BLACK), round(height * rng.uniform(0.1, 0.17))
    canvas.show(content.picture(), (0, bar, width, height - bar))
    mark, at = colour(rng), (14 if rng.random() < 0.5 else width - 64)
    canvas.pen.rounded_rectangle((at, bar + 10, at + 50, bar + 32), 5, mark)
    canvas.write((at + 25, bar + 21), f"TV{among(rng, 1, 9)}", 16, WHITE, own=False, anchor="mm")
    canvas.write((width / 2, height - bar - 20), content.text(1, 6), 18, (250, 240, 120), anchor="mm", stroke=2)
    return canvas


def _disc(side: int) -> Image.Image:
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), 255)
    return mask
