"""What stands in the second painter's posters: clouds, houses, trees, flowers, balloons."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Colour, Frame, Sheet, box, ellipse, mix, ribbon, spline
from scripts.build.sample.poster_parts import BRICK, CORAL, MUSTARD, NAVY, SKY, TEAL, WHITE, fill, hatch, pattern

__all__ = ["balloon", "cloud", "flower", "house", "tree"]


def cloud(sheet: Sheet, x: float, y: float, size: float, pigment: Colour, kind: str = "") -> None:
    """Scalloped paper cloud with a flat foot."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    puffs = [
        ellipse(-0.8, 0.28, 0.45, 0.30),
        ellipse(-0.25, 0.48, 0.55, 0.48),
        ellipse(0.4, 0.38, 0.5, 0.38),
        ellipse(0.95, 0.2, 0.4, 0.22),
    ]
    cover = fill(
        sheet, [at(p) for p in [*puffs, box(-1.2, 0, 1.3, 0.24, 0.12)]], pigment, mix(pigment, SKY, 0.6), (0, 1.2), 0.5
    )
    if kind:
        pattern(sheet, cover, kind, 2.2, mix(pigment, TEAL, 0.22), 0.7)


def house(
    sheet: Sheet, x: float, y: float, wide: float, tall: float, wall: Colour, roof: Colour,
    lit: Colour = MUSTARD, kind: str = "", gable: bool = True,
) -> None:  # fmt: skip
    """A narrow town house: ``wide`` and ``tall`` in hundredths of the shorter side, its foot at (x, y)."""
    at = Frame(*sheet.at(x, y), sheet.unit)
    front = fill(sheet, at(box(-wide / 2, 0, wide / 2, tall)), wall, toward=(1, 0.2), reach=0.45)
    if kind:
        pattern(sheet, front, kind, 2.0, mix(wall, NAVY, 0.18), 0.6)
    peak = wide * 0.55
    ridge = [(0.0, tall + peak)] if gable else [(-wide * 0.4, tall + peak * 0.5), (wide * 0.4, tall + peak * 0.5)]
    top = [(-wide * 0.58, tall), *ridge, (wide * 0.58, tall)]
    fill(sheet, at(box(wide * 0.2, tall, wide * 0.34, tall + peak * 0.85)), mix(roof, NAVY, 0.3))
    pattern(sheet, fill(sheet, at(top), roof), "scales", 1.7, mix(roof, NAVY, 0.4), 0.7)
    columns, rows = max(2, round(wide / 5.5)), max(2, round(tall / 8))
    panes, frames = [], []
    for r in range(1, rows):
        for c in range(columns):
            wx, wy = (c + 0.5) / columns * wide - wide / 2, tall * (r + 0.35) / rows
            panes.append(at(box(wx - 1.3, wy - 0.2, wx + 1.3, wy + 3.4, 1.2)))
            frames += [at(box(wx - 0.12, wy, wx + 0.12, wy + 3.4)), at(box(wx - 1.3, wy + 1.4, wx + 1.3, wy + 1.65))]
    sheet.lay(sheet.cover(*panes), lit)
    sheet.lay(sheet.cover(*frames), mix(wall, NAVY, 0.7), 0.9)
    fill(sheet, at(box(-1.7, 0, 1.7, 5.4, 1.7)), mix(roof, NAVY, 0.55), reach=0.3)
    sheet.lay(sheet.cover(at(ellipse(1.0, 2.4, 0.25))), lit)


def tree(sheet: Sheet, x: float, y: float, size: float, pigment: Colour, kind: str = "cone") -> None:
    """A tree of triangles (``cone``), a lollipop (``round``) or a leaf on a stalk (``leaf``)."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    fill(sheet, at(box(-0.05, 0, 0.05, 0.5)), mix(BRICK, NAVY, 0.5))
    if kind == "cone":
        for k in range(3):
            low, half = 0.22 + 0.27 * k, 0.34 - 0.075 * k
            part = fill(
                sheet,
                at([(-half, low), (0, low + 0.46), (half, low)]),
                mix(pigment, WHITE, 0.07 * k),
                toward=(1, 0.3),
                reach=0.6,
            )
            if k == 1:
                hatch(sheet, part, 60, 1.3, mix(pigment, WHITE, 0.5), 0.5)
    elif kind == "round":
        pattern(
            sheet, fill(sheet, at(ellipse(0, 0.72, 0.33, 0.36)), pigment), "dots", 2.4, mix(pigment, WHITE, 0.4), 0.8
        )
    else:
        blade = np.vstack([spline([(0, 0.25), (0.27, 0.6), (0, 1.1)]), spline([(0, 1.1), (-0.27, 0.6), (0, 0.25)])])
        fill(sheet, at(blade), pigment, toward=(1, 0.2), reach=0.55)
        veins = [ribbon([(0, 0.25), (0, 1.0)], 0.02, 1, 0.3)]
        veins += [
            ribbon([(0, 0.35 + 0.12 * k), (s * 0.14, 0.48 + 0.12 * k)], 0.014, 1, 0.4)
            for k in range(4)
            for s in (-1, 1)
        ]
        sheet.lay(sheet.cover(*[at(v) for v in veins]), mix(pigment, WHITE, 0.6), 0.9)


def flower(sheet: Sheet, x: float, y: float, size: float, petals: Colour, count: int = 6) -> None:
    """A daisy on a stalk with two leaves."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    leaf = np.vstack([spline([(0, 0.15), (0.2, 0.38), (0.34, 0.40)]), spline([(0.34, 0.40), (0.22, 0.2), (0, 0.15)])])
    fill(sheet, [at(ribbon([(0, 0), (0.02, 0.4), (0, 0.8)], 0.05, 1, 1)), at(leaf), at(leaf * (-1, 1))], TEAL)
    fill(
        sheet,
        [
            at(ellipse(0.2 * np.cos(a), 0.85 + 0.2 * np.sin(a), 0.17, 0.11, np.degrees(a)))
            for a in np.arange(count) * 2 * np.pi / count
        ],
        petals,
    )
    fill(sheet, at(ellipse(0, 0.85, 0.11)), MUSTARD, CORAL)


def balloon(
    sheet: Sheet, x: float, y: float, size: float, first: Colour, second: Colour, kind: str = "stripes"
) -> None:
    """A hot-air balloon with gores of two colours and a basket."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    right = spline([(0, 1.95), (0.6, 1.75), (0.82, 1.2), (0.58, 0.65), (0.16, 0.3)])
    envelope = np.vstack([right, (right * (-1, 1))[::-1]])
    whole = fill(sheet, at(envelope), first)
    if kind == "gores":
        for inner, outer in ((0.0, 0.28), (0.62, 0.86)):
            for side in (-1, 1):
                gore = np.vstack([right * (side * inner, 1), (right * (side * outer, 1))[::-1]])
                fill(sheet, at(gore), second)
    else:
        pattern(sheet, whole, kind, 3.4, second, 0.9)
        fill(
            sheet,
            at(
                np.vstack(
                    [spline([(-0.81, 1.05), (0, 0.92), (0.81, 1.05)]), spline([(0.77, 1.4), (0, 1.27), (-0.77, 1.4)])]
                )
            ),
            second,
        )
    ropes = [ribbon([(s * 0.16, 0.3), (s * 0.13, 0.0)], 0.02, 1, 1) for s in (-1, 1)]
    sheet.lay(sheet.cover(*[at(r) for r in ropes]), NAVY)
    pattern(
        sheet,
        fill(sheet, at(box(-0.17, -0.25, 0.17, 0.02, 0.05)), mix(MUSTARD, BRICK, 0.5)),
        "checks",
        1.4,
        mix(BRICK, NAVY, 0.4),
        0.8,
    )
    sheet.note("balloon", whole)
