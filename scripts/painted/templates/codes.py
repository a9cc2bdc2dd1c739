"""Templates with codes for machines: a label, a flyer, a ticket, and a code alone. The codes are drawn, not valid."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scripts.painted.contents import Content
from scripts.painted.outlines import Random
from scripts.painted.templates.canvas import BLACK, WHITE, Canvas, among, colour, dark, light, mixed

__all__ = ["bare_code", "barcode", "flyer", "label", "qr", "ticket"]


def qr(rng: Random, side: int, modules: int) -> Image.Image:
    """Squares by chance, with the three marks of its corners and its quiet zone."""
    cells = rng.integers(0, 2, (modules, modules))
    for y, x in ((0, 0), (0, modules - 7), (modules - 7, 0)):
        cells[max(0, y - 1) : y + 8, max(0, x - 1) : x + 8] = 0
        cells[y : y + 7, x : x + 7] = 1
        cells[y + 1 : y + 6, x + 1 : x + 6] = 0
        cells[y + 2 : y + 5, x + 2 : x + 5] = 1
    shown = Image.fromarray((255 - 255 * np.pad(cells, 3)).astype(np.uint8))
    return shown.resize((side, side), Image.Resampling.NEAREST).convert("RGB")


def barcode(rng: Random, width: int, height: int) -> Image.Image:
    bars = np.repeat(np.arange(200) % 2, rng.integers(1, 4, 200))[: max(40, width // 2)]
    row = np.where(bars, 0, 255).astype(np.uint8)[None]
    return Image.fromarray(row).resize((width, height), Image.Resampling.NEAREST).convert("RGB")


def flyer(rng: Random, content: Content) -> Canvas:
    """A picture with a large code beside it, the same on each flyer, and a line to follow."""
    width, height = among(rng, 600, 680), among(rng, 340, 400)
    canvas, side = Canvas(width, height, light(rng)), among(rng, 220, 260)
    canvas.show(content.picture(), (20, 20, width - side - 40, height - 60))
    canvas.picture.paste(qr(rng, side, (21, 25, 29)[among(rng, 0, 2)]), (width - side - 20, 20))
    canvas.write((width - side / 2 - 20, side + 40), "SCAN ME", 26, dark(rng), own=False, anchor="mm")
    canvas.write((20, height - 34), content.text(1, 5), 20, dark(rng), width=width - side - 60)
    return canvas


def label(rng: Random, content: Content) -> Canvas:
    """A product's label: the picture, a table of fine print, a barcode."""
    width, height = among(rng, 460, 540), among(rng, 560, 640)
    canvas, ink, band = Canvas(width, height, light(rng)), dark(rng), colour(rng)
    canvas.pen.rectangle((0, 0, width, 56), band)
    canvas.write((width / 2, 28), content.text(1, 2).upper(), 26, WHITE, anchor="mm", width=width - 30)
    split = round(height * rng.uniform(0.55, 0.62))
    canvas.show(content.picture(), (20, 70, width - 20, split))
    for k, name in enumerate(("Energy", "Fat", "Sugar", "Salt", "Fibre", "Water")):
        y = split + 12 + 18 * k
        canvas.pen.line((20, y + 16, width // 2 - 10, y + 16), mixed(ink, WHITE, 0.6))
        canvas.write((22, y), name, 12, ink, own=False)
        canvas.write((width // 2 - 14, y), f"{among(rng, 1, 90)} g", 12, ink, own=False, anchor="ra")
    code = barcode(rng, width // 2 - 40, height - split - 60)
    canvas.picture.paste(code, (width // 2 + 16, split + 14))
    canvas.write((width // 2 + 20, height - 38), f"{among(rng, 10**8, 10**9)}", 15, ink, own=False)
    return canvas


def ticket(rng: Random, content: Content) -> Canvas:
    """A ticket to a show: a picture, the seat, a stub to tear off, a small code and a barcode that stands."""
    width, height = among(rng, 640, 700), among(rng, 270, 310)
    paper, ink = light(rng), dark(rng)
    canvas, stub = Canvas(width, height, paper), width - among(rng, 150, 180)
    canvas.show(content.picture(), (0, 0, round(stub * 0.52), height))
    for y in range(4, height, 14):
        canvas.pen.ellipse((stub - 3, y, stub + 3, y + 6), mixed(paper, BLACK, 0.5))
    left = round(stub * 0.52) + 16
    canvas.write((left, 16), "ADMIT ONE", 24, colour(rng), own=False)
    canvas.lines((left, 54), [content.text(1, 3), content.text(2, 3)], 17, ink, stub - left - 12)
    for k, name in enumerate(("ROW", "SEAT", "DOOR")):
        canvas.write((left + 68 * k, height - 92), name, 12, ink, own=False)
        canvas.write((left + 68 * k, height - 74), str(content.number(3 + k, 1, 40)), 24, ink)
    canvas.picture.paste(qr(rng, 104, 21), (stub + 22, 14))
    canvas.picture.paste(barcode(rng, width - stub - 40, 70), (stub + 20, height - 90))
    return canvas


def bare_code(rng: Random, content: Content) -> Canvas:
    """Nothing but a code: its marks are the same, its squares the content's own."""
    side, modules = among(rng, 480, 600), (21, 25, 29, 33)[among(rng, 0, 3)]
    canvas = Canvas(side, side)
    canvas.show(qr(np.random.default_rng([content.seed, 4]), side, modules), (0, 0, side, side))
    return canvas
