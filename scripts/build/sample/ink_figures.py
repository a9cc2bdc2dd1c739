"""What moves and is built in the first painter's landscapes: birds, boats, roofs, a bridge."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Colour, Frame, Shape, Sheet, arc, box, colour, ellipse, mix, ribbon, spline
from scripts.build.sample.ink_land import INK, wash

__all__ = ["boat", "bridge", "crane", "flock", "house", "pavilion"]


def flock(sheet: Sheet, x: float, y: float, count: int, spread: float, size: float = 1.6) -> None:
    """A skein of birds: two strokes each."""
    strokes: list[Shape] = []
    for i in range(count):
        bx, by = sheet.at(x + spread * i / count + sheet.rng.normal(0, 0.012), y)
        by += sheet.unit * sheet.rng.normal(0, 2.2) - abs(i - count / 2) * sheet.unit * 0.7
        wing = sheet.unit * size * sheet.rng.uniform(0.7, 1.2)
        lift = sheet.rng.uniform(0.25, 0.7)
        for side in (-1, 1):
            path = spline(
                [(bx, by), (bx + side * wing * 0.5, by - wing * lift), (bx + side * wing * 1.2, by - wing * 0.2)]
            )
            strokes.append(ribbon(path, sheet.unit * 0.36, 0.6, 0.05, -0.5))
    cover = sheet.cover(*strokes)
    sheet.lay(cover, INK, 0.85)
    sheet.note("birds", cover)


def boat(sheet: Sheet, x: float, y: float, size: float, mirror: bool = False, fisher: bool = True) -> None:
    """A punt with a mat roof, and a fisher with his rod."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    hull = spline([(-1.15, 0.16), (-0.8, -0.02), (0, -0.10), (0.8, -0.02), (1.25, 0.2)], 10)
    hull = np.vstack([hull, spline([(1.25, 0.2), (0.6, 0.08), (0, 0.04), (-0.6, 0.06), (-1.15, 0.16)], 10)])
    shapes = [at(hull)]
    wash(sheet, sheet.cover(at(arc(0.1, 0.05, 0.42, 0.42, 0, 180))), colour("#7a6647"), 0.95, 0.7)
    ribs = [at(ribbon(arc(0.1, 0.05, 0.42 - d, 0.42 - d, 5, 175), 0.02, 1, 1)) for d in (0.0, 0.13)]
    if fisher:
        shapes += [
            at([(-0.75, 0.06), (-0.70, 0.42), (-0.52, 0.44), (-0.42, 0.06)]),
            at([(-0.88, 0.47), (-0.61, 0.66), (-0.36, 0.45)]),
            at(ribbon([(-0.6, 0.3), (-1.2, 0.75), (-1.9, 0.95)], 0.028, 1, 0.4)),
        ]
        sheet.lay(sheet.cover(at(ribbon([(-1.9, 0.95), (-1.95, 0.4), (-1.93, -0.05)], 0.012, 1, 1))), INK, 0.5)
    cover = sheet.cover(*shapes, *ribs)
    sheet.lay(
        sheet.cover(at(ribbon([(-1.4, -0.16), (0, -0.2), (1.5, -0.16)], 0.16)), soften=2),
        mix(INK, colour("#8fa3a8"), 0.4),
        0.5,
    )
    wash(sheet, cover, INK, 0.95, 0.5)
    sheet.note("boat", cover)


def crane(sheet: Sheet, x: float, y: float, size: float, mirror: bool = False, flying: bool = False) -> None:
    """A white crane with black flight feathers and a red crown, standing or flying."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    white = colour("#f8f5ec")
    if flying:
        body = [at(ribbon(spline([(-0.5, 0), (0, 0.06), (0.5, 0.04)]), 0.24, 0.1, 0.3))]
        body += [at(ribbon(spline([(0.4, 0.04), (0.7, 0.0), (1.1, 0.08)]), 0.09, 1, 0.7))]
        wings = [spline([(0.2, 0.05), (0.1, 0.55), (-0.35, 0.95), (-0.6, 0.9), (-0.4, 0.45), (-0.3, 0.02)])]
        wings += [spline([(0.25, 0.03), (0.45, 0.4), (0.5, 0.85), (0.3, 0.8), (0.0, 0.3), (-0.15, 0.0)])]
        body += [at(w) for w in wings]
        dark = [
            at(ribbon([(-0.30 - 0.09 * k, 0.93 - 0.13 * k), (-0.62 - 0.04 * k, 0.86 - 0.2 * k)], 0.05))
            for k in range(4)
        ]
        dark += [at(ribbon([(-0.45, 0), (-1.0, -0.06)], 0.04)), at(ribbon([(-0.45, -0.02), (-1.0, -0.12)], 0.04))]
        dark += [at(ribbon([(0.62, 0.01), (0.9, 0.03)], 0.07)), at(ribbon([(1.08, 0.08), (1.34, 0.06)], 0.04, 1, 0.1))]
        crown = at(ellipse(1.06, 0.115, 0.055, 0.03))
    else:
        body = [at(ellipse(0, 0.95, 0.40, 0.21, -20))]
        body += [at(ribbon(spline([(0.3, 1.05), (0.46, 1.35), (0.36, 1.62), (0.5, 1.78)]), 0.12, 1, 0.75))]
        dark = [
            at(ribbon(spline([(-0.15, 1.0), (-0.4, 0.85), (-0.52 - 0.03 * k, 0.55 - 0.04 * k)]), 0.09))
            for k in range(4)
        ]
        dark += [
            at(ribbon([(0.05, 0.78), (0.08, 0.4), (0.04, 0)], 0.035, 1, 1)),
            at(ribbon([(-0.05, 0.78), (-0.13, 0.42), (0.02, 0.3)], 0.035, 1, 1)),
        ]
        dark += [
            at(ribbon(spline([(0.43, 1.30), (0.38, 1.5), (0.42, 1.68)]), 0.07)),
            at(ribbon([(0.52, 1.78), (0.85, 1.70)], 0.04, 1, 0.1)),
        ]
        crown = at(ellipse(0.49, 1.825, 0.055, 0.03))
    cover = sheet.cover(*body)
    sheet.glaze(sheet.cover(*[b + sheet.unit * 0.12 for b in body], soften=1.6), INK, 0.35)
    sheet.lay(cover, white, 0.98)
    sheet.lay(sheet.cover(*dark), INK, 0.92)
    sheet.lay(sheet.cover(crown), colour("#c23a28"), 1)
    sheet.note("crane", sheet.cover(*body, *dark))


def _roof(at: Frame, left: float, right: float, low: float, high: float) -> Shape:
    """A hip roof with the eaves turned up."""
    middle, over = (left + right) / 2, (right - left) * 0.16
    edge = spline(
        [
            (left - over, low + 0.07),
            (left + over, low - 0.01),
            (middle, low - 0.02),
            (right - over, low - 0.01),
            (right + over, low + 0.07),
        ]
    )
    back = spline(
        [(right + over, low + 0.07), (right - over, (low + high) / 2), (middle + (right - left) * 0.12, high)]
    )
    front = spline([(middle - (right - left) * 0.12, high), (left + over, (low + high) / 2), (left - over, low + 0.07)])
    return at(np.vstack([edge, back, front]))


def pavilion(sheet: Sheet, x: float, y: float, size: float, storeys: int = 2) -> None:
    """A pavilion on posts; each storey smaller than the one below."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    warm, dark, walls, level = colour("#e7c98a"), [], [], 0.0
    for k in range(storeys):
        half = 0.5 * 0.8**k
        walls.append(at(box(-half * 0.75, level, half * 0.75, level + 0.42)))
        dark += [at(box(half * p - 0.025, level, half * p + 0.025, level + 0.42)) for p in (-0.75, -0.27, 0.27, 0.75)]
        dark += [
            at(box(-half * 0.8, level, half * 0.8, level + 0.05)),
            _roof(at, -half, half, level + 0.40, level + 0.66),
        ]
        level += 0.58
    dark.append(at(ribbon([(0, level), (0, level + 0.28)], 0.045, 1, 0.3)))
    dark.append(at(box(-0.62, -0.1, 0.62, 0.02)))
    sheet.lay(sheet.cover(*walls), warm, 0.85)
    cover = sheet.cover(*dark)
    wash(sheet, cover, INK, 0.97, 0.5)
    sheet.note("pavilion", cover)


def house(sheet: Sheet, x: float, y: float, size: float, roof: Colour, wall: Colour, mirror: bool = False) -> None:
    """A cottage with a broad roof, seen a little from the side."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    wash(
        sheet,
        sheet.cover(at([(-0.5, 0), (-0.5, 0.42), (-0.22, 0.72), (0.05, 0.42), (0.7, 0.42), (0.7, 0)])),
        wall,
        0.97,
        0.4,
    )
    sheet.lay(
        sheet.cover(at(box(-0.32, 0, -0.14, 0.3)), at(box(0.2, 0.14, 0.34, 0.3)), at(box(0.46, 0.14, 0.6, 0.3))),
        INK,
        0.7,
    )
    slope = sheet.cover(at([(0.02, 0.36), (-0.25, 0.74), (0.62, 0.74), (0.82, 0.36)]))
    wash(sheet, slope, roof, 0.98, 0.5)
    lines = [
        ribbon([(-0.25, 0.75), (-0.6, 0.34)], 0.05),
        ribbon([(-0.27, 0.75), (0.64, 0.75)], 0.04),
        ribbon([(0.02, 0.36), (0.83, 0.36)], 0.03),
    ]
    lines += [ribbon([(-0.16 + 0.13 * k, 0.72), (0.1 + 0.13 * k, 0.38)], 0.012) for k in range(6)]
    sheet.lay(sheet.cover(*[at(line) for line in lines]), INK, 0.7)
    sheet.note("house", sheet.cover(at(box(-0.6, 0, 0.83, 0.76))))


def bridge(sheet: Sheet, x0: float, x1: float, y: float, rise: float, pigment: Colour) -> None:
    """A stone bridge of one high arch."""
    (ax, ay), (bx, _) = sheet.at(x0, y), sheet.at(x1, y)
    middle, half, tall = (ax + bx) / 2, (bx - ax) / 2, rise * sheet.height
    deck = arc(middle, ay, half, tall, 180, 360)
    hole = arc(middle, ay + 1, half * 0.52, tall * 0.72, 180, 360)
    body = sheet.cover(np.vstack([deck, [(bx, ay), (ax, ay)]]), without=[hole])
    wash(sheet, body, pigment, 0.96, 0.7)
    lines = [ribbon(hole, sheet.unit * 0.5, 0.8, 0.8), ribbon(deck, sheet.unit * 0.7, 0.5, 0.5)]
    rail = deck - (0, sheet.unit * 2.6)
    lines += [ribbon(rail, sheet.unit * 0.45, 0.6, 0.6)]
    lines += [ribbon([tuple(deck[k]), tuple(rail[k])], sheet.unit * 0.4, 1, 1) for k in range(2, 39, 3)]
    for k in range(3, 38, 3):
        inner = hole[k] if k > 1 else deck[k]
        lines.append(ribbon([tuple(inner), tuple(inner + (deck[k] - inner) * 0.8)], sheet.unit * 0.14, 1, 0.4))
    sheet.lay(sheet.cover(*lines), mix(INK, pigment, 0.15), 0.8)
    sheet.note("bridge", body)
