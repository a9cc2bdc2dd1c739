"""A picture as it comes back from a phone: a screenshot of somebody's post, with all that surrounds it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from scripts.build.sample.brush import arc, ribbon, spline
from simcheck.records import Box

__all__ = ["phone_post"]

_SIZE = (828, 1700)
_LARGER = 2
_BLACK, _GREY, _LINE, _BLUE = "#17181c", "#8a8d94", "#e3e4e8", "#3b74d8"


class _Screen:
    """A white screen drawn twice as large and reduced, measured in its final pixels."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (_SIZE[0] * _LARGER, _SIZE[1] * _LARGER), "#fdfdfe")
        self.pen = ImageDraw.Draw(self.image)

    def text(self, x: float, y: float, words: str, size: float, fill: str = _BLACK, bold: bool = False) -> None:
        self.pen.text(
            (x * _LARGER, y * _LARGER), words, fill=fill, font=ImageFont.load_default(size * _LARGER),
            stroke_width=1 if bold else 0, stroke_fill=fill,
        )  # fmt: skip

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, fill: str, rounding: float = 0.0) -> None:
        edges = (x0 * _LARGER, y0 * _LARGER, x1 * _LARGER, y1 * _LARGER)
        self.pen.rounded_rectangle(edges, rounding * _LARGER, fill)

    def disc(self, x: float, y: float, r: float, fill: str) -> None:
        self.pen.ellipse([(x - r) * _LARGER, (y - r) * _LARGER, (x + r) * _LARGER, (y + r) * _LARGER], fill)

    def stroke(self, points: list[tuple[float, float]], width: float, fill: str = _BLACK, close: bool = False) -> None:
        line = [(x * _LARGER, y * _LARGER) for x, y in ([*points, points[0]] if close else points)]
        self.pen.line(line, fill, round(width * _LARGER), joint="curve")


def _status_bar(screen: _Screen) -> None:
    screen.text(52, 26, "21:40", 27, bold=True)
    for k in range(4):
        screen.rectangle(640 + k * 10, 50 - 6 * (k + 1), 646 + k * 10, 50, _BLACK if k < 3 else _LINE, 1.5)
    for r in (6, 12, 18):
        screen.stroke([(float(x), float(y)) for x, y in arc(704, 50, r, r, 225, 315, 12)], 4)
    screen.rectangle(732, 27, 780, 50, _BLACK, 6)
    screen.rectangle(735, 30, 777, 47, "#fdfdfe", 4)
    screen.rectangle(737, 32, 762, 45, _BLACK, 2)
    screen.rectangle(782, 34, 785, 43, _BLACK, 1)


def _avatar(screen: _Screen, x: float, y: float, r: float) -> None:
    screen.disc(x, y, r, "#e58b52")
    screen.disc(x, y, r * 0.9, "#fdfdfe")
    screen.disc(x, y, r * 0.82, "#4f7a8c")
    screen.disc(x, y - r * 0.12, r * 0.34, "#f3d9a8")
    screen.pen.pieslice(
        [(x - r * 0.6) * 2, (y + r * 0.22) * 2, (x + r * 0.6) * 2, (y + r * 1.4) * 2], 205, 335, "#f3d9a8"
    )


def _heart(x: float, y: float, r: float) -> list[tuple[float, float]]:
    t = np.linspace(0, 2 * np.pi, 60)
    across, up = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return [(float(x + a / 16 * r), float(y - b / 16 * r)) for a, b in zip(across, up, strict=True)]


def _icons(screen: _Screen, y: float) -> None:
    screen.pen.polygon([(px * 2, py * 2) for px, py in _heart(58, y, 23)], "#e2434f")
    bubble = [(float(px), float(py)) for px, py in arc(136, y - 1, 23, 21, 110, 425, 40)]
    screen.stroke([*bubble, (122, y + 27)], 3.6, close=True)
    screen.stroke([(196, y - 18), (240, y - 18), (212, y + 22), (208, y), (196, y - 18)], 3.6)
    screen.stroke([(208, y), (240, y - 18)], 3.6)
    screen.stroke([(750, y - 22), (750, y + 22), (767, y + 7), (784, y + 22), (784, y - 22)], 3.6, close=True)
    for k, tone in enumerate((_BLUE, _LINE, _LINE)):
        screen.disc(398 + k * 18, y, 5, tone)


def phone_post(picture: Image.Image) -> tuple[Image.Image, Box]:
    """A screenshot with ``picture`` inside. Returns it and the box that the picture fills."""
    screen = _Screen()
    _status_bar(screen)
    screen.stroke([(58, 100), (40, 118), (58, 136)], 4)
    screen.text(352, 100, "Posts", 31, bold=True)
    screen.rectangle(0, 162, 828, 164, _LINE)
    _avatar(screen, 70, 216, 36)
    screen.text(122, 188, "paper.lantern.daily", 27, bold=True)
    screen.text(122, 222, "wallpapers and calm things", 22, _GREY)
    screen.rectangle(640, 192, 762, 240, _BLUE, 12)
    screen.text(663, 201, "Follow", 25, "#ffffff", bold=True)
    for k in range(3):
        screen.disc(794, 204 + k * 12, 3.2, _BLACK)
    width, top = _SIZE[0], 272
    height = round(picture.height * width / picture.width)
    below = top + height
    _icons(screen, below + 48)
    screen.text(40, below + 88, "12,408 likes", 26, bold=True)
    screen.text(40, below + 130, "paper.lantern.daily", 26, bold=True)
    screen.text(304, below + 130, "late night roofs. full pack in bio,", 26)
    screen.text(40, below + 166, "four sizes, phone and desktop", 26)
    screen.text(40, below + 202, "#cozyart  #wallpaper  #moon", 26, _BLUE)
    screen.text(40, below + 250, "View all 318 comments", 25, _GREY)
    for k, (who, said) in enumerate(
        (("mint_teacup", "the smoke!! instantly saved"), ("hollow.reed", "who painted this?"))
    ):
        row = below + 292 + 44 * k
        screen.text(40, row, who, 25, bold=True)
        screen.text(218, row, said, 25)
        screen.stroke(_heart(782, row + 16, 10), 2.2, _GREY, close=True)
    screen.text(40, below + 390, "2 days ago", 22, _GREY)
    foot = _SIZE[1] - 116
    screen.rectangle(0, foot, 828, foot + 2, _LINE)
    for k, x in enumerate((92, 252, 414, 576, 736)):
        _tab(screen, k, x, foot + 44)
    screen.rectangle(284, _SIZE[1] - 20, 544, _SIZE[1] - 12, _BLACK, 4)
    shot = screen.image.resize(_SIZE, Image.Resampling.BOX)
    shown = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    shot.paste(shown.filter(ImageFilter.UnsharpMask(1, 40, 2)), (0, top))
    return shot, (0.0, top / _SIZE[1], 1.0, below / _SIZE[1])


def _tab(screen: _Screen, which: int, x: float, y: float) -> None:
    if which == 0:
        screen.pen.polygon(
            [
                (px * 2, py * 2)
                for px, py in ((x - 21, y), (x, y - 21), (x + 21, y), (x + 21, y + 21), (x - 21, y + 21))
            ],
            _BLACK,
        )
    elif which == 1:
        screen.stroke([(float(a), float(b)) for a, b in arc(x - 3, y - 3, 17, 17, 0, 360, 40)], 3.6)
        screen.stroke([(x + 9, y + 9), (x + 21, y + 21)], 4)
    elif which == 2:
        screen.stroke([(x - 20, y - 20), (x + 20, y - 20), (x + 20, y + 20), (x - 20, y + 20)], 3.6, close=True)
        screen.stroke([(x - 10, y), (x + 10, y)], 3.6)
        screen.stroke([(x, y - 10), (x, y + 10)], 3.6)
    elif which == 3:
        bell = spline(
            [
                (x - 19, y + 12),
                (x - 13, y + 2),
                (x - 12, y - 12),
                (x, y - 20),
                (x + 12, y - 12),
                (x + 13, y + 2),
                (x + 19, y + 12),
            ]
        )
        screen.stroke([(float(a), float(b)) for a, b in bell], 3.6, close=True)
        screen.pen.polygon(
            [(float(a) * 2, float(b) * 2) for a, b in ribbon([(x - 6, y + 19), (x + 6, y + 19)], 5, 0.6, 0.6)], _BLACK
        )
    else:
        _avatar(screen, x, y, 21)
