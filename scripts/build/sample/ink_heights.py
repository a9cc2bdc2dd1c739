"""The first painter's mountains, one function a picture."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Sheet, colour, ellipse, mix
from scripts.build.sample.ink_figures import flock, house, pavilion
from scripts.build.sample.ink_land import (
    INDIGO,
    INK,
    JADE,
    NIGHT,
    PLUM,
    RICE,
    SLATE,
    mist,
    mountain,
    paper,
    reflections,
    sky,
    sun,
    waterfall,
)
from scripts.build.sample.ink_plants import bare_tree, leaf_tree, pine

__all__ = ["cliff_pine", "high_waterfall", "moon_pavilion", "morning", "nine_peaks", "same_subject", "snow_village"]


def morning(sheet: Sheet) -> None:
    haze = colour("#ece0cc")
    paper(sheet, RICE)
    sky(sheet, colour("#dcb79f"), colour("#f1e3cd"), 0.62)
    sun(sheet, 0.30, 0.31, 0.135, colour("#cc4a2f"), dry=0.6)
    mountain(
        sheet,
        0.62,
        [(0.15, 0.10, 0.15, 1.6), (0.55, 0.25, 0.12, 1.3), (0.85, 0.18, 0.14, 1.4)],
        colour("#9fb0b3"),
        haze,
        crease=0.35,
    )
    mist(sheet, 0.60, 0.05, haze)
    mountain(
        sheet,
        0.75,
        [(0.0, 0.22, 0.2, 1.4), (0.38, 0.2, 0.10, 1.2), (0.75, 0.32, 0.15, 1.2)],
        SLATE,
        haze,
        name="mountain",
    )
    mist(sheet, 0.73, 0.04, haze)
    mountain(sheet, 0.97, [(0.1, 0.30, 0.16, 1.2), (0.9, 0.2, 0.2, 1.5)], INDIGO, haze)
    flock(sheet, 0.50, 0.20, 9, 0.24)


def cliff_pine(sheet: Sheet) -> None:
    haze = colour("#e4dfcf")
    paper(sheet, colour("#ece3cf"))
    sky(sheet, colour("#a9b7b4"), colour("#ece3cf"), 0.7, 0.75)
    sun(sheet, 0.70, 0.20, 0.13, colour("#f6f0dd"), glow=0.7)
    mountain(sheet, 0.72, [(0.75, 0.20, 0.14, 1.3), (0.98, 0.30, 0.12, 1.4)], colour("#8ea5a6"), haze, crease=0.45)
    mist(sheet, 0.70, 0.06, haze)
    pine(
        sheet, [(0.12, 0.52), (0.26, 0.45), (0.38, 0.36), (0.50, 0.37), (0.62, 0.32), (0.74, 0.35)], 4.0,
        [(0.33, 0.33, 0.22), (0.46, 0.30, 0.24), (0.62, 0.27, 0.22), (0.79, 0.33, 0.24), (0.58, 0.405, 0.18),
         (0.74, 0.40, 0.15)],
        JADE,
    )  # fmt: skip
    mountain(
        sheet,
        1.12,
        [(0.02, 0.72, 0.34, 4.5), (0.30, 0.42, 0.16, 3.0)],
        colour("#3d4d50"),
        haze,
        rough=0.3,
        depth=0.62,
        crease=0.95,
        name="cliff",
    )
    mist(sheet, 0.97, 0.05, haze)


def nine_peaks(sheet: Sheet) -> None:
    haze = colour("#f0d3b4")
    paper(sheet, colour("#f0dcc0"))
    sky(sheet, colour("#6d5b7c"), colour("#f0b98a"), 0.6, 0.95)
    sun(sheet, 0.63, 0.50, 0.09, colour("#f3e2b4"), glow=0.8)
    spires = [
        (0.08, 0.34, 0.05, 3),
        (0.20, 0.20, 0.04, 3),
        (0.45, 0.40, 0.06, 3.4),
        (0.82, 0.30, 0.05, 3),
        (0.93, 0.44, 0.06, 3),
    ]
    mountain(sheet, 0.76, spires, colour("#a98391"), haze, rough=0.16, crease=0.5)
    mist(sheet, 0.70, 0.06, haze)
    mountain(
        sheet,
        0.92,
        [(0.02, 0.5, 0.07, 3.2), (0.30, 0.46, 0.055, 3.4), (0.72, 0.40, 0.05, 3)],
        PLUM,
        haze,
        rough=0.2,
        crease=0.8,
        name="mountain",
    )
    mist(sheet, 0.86, 0.05, haze)
    mountain(
        sheet,
        1.02,
        [(0.16, 0.22, 0.06, 2.6), (0.56, 0.30, 0.055, 3), (0.76, 0.14, 0.07, 2.2)],
        colour("#3f3450"),
        haze,
        rough=0.2,
    )
    flock(sheet, 0.22, 0.17, 7, 0.16)


def high_waterfall(sheet: Sheet) -> None:
    haze = colour("#e6e6d8")
    paper(sheet, colour("#ebe6d4"))
    sky(sheet, colour("#c6d0c2"), colour("#ebe6d4"), 0.4, 0.6)
    mountain(sheet, 0.60, [(0.70, 0.40, 0.14, 1.5), (0.30, 0.32, 0.12, 1.6)], colour("#a5b8ab"), haze, crease=0.45)
    mist(sheet, 0.46, 0.05, haze)
    mountain(
        sheet,
        1.0,
        [(0.36, 0.62, 0.13, 4), (0.67, 0.66, 0.12, 4), (0.52, 0.53, 0.3, 6)],
        colour("#6d8a7c"),
        haze,
        rough=0.16,
        depth=0.75,
    )
    mountain(
        sheet,
        1.0,
        [(0.02, 0.62, 0.24, 4), (0.98, 0.66, 0.20, 4)],
        colour("#3f5d51"),
        haze,
        rough=0.34,
        depth=0.7,
        crease=1.0,
        name="cliff",
    )
    waterfall(sheet, 0.515, 0.455, 0.825, 0.10)
    reflections(sheet, 0.83, colour("#bccbc3"), 0.85, 0.25)
    for x, y, r in ((0.28, 0.85, 7), (0.38, 0.90, 4.5), (0.75, 0.87, 6), (0.66, 0.93, 3.5)):
        cx, cy = sheet.at(x, y)
        wobble = 1 + 0.25 * (sheet.rng.random(14, np.float32) - 0.5)
        stone = sheet.cover(ellipse(cx, cy, sheet.unit * r, sheet.unit * r * 0.6, wobble=wobble))
        sheet.lay(stone, mix(INK, JADE, 0.35), 0.9)
    leaf_tree(sheet, 0.12, 0.42, 0.20, (colour("#6f8f5f"), colour("#c0893f")))
    leaf_tree(sheet, 0.89, 0.38, 0.17, (colour("#5f8573"), colour("#8fa568")))


def moon_pavilion(sheet: Sheet) -> None:
    haze = colour("#6f83a0")
    paper(sheet, colour("#8fa0b6"))
    sky(sheet, NIGHT, colour("#7f93ad"), 0.75, 0.97)
    sun(sheet, 0.62, 0.36, 0.24, colour("#f3ecd4"), glow=0.5)
    mountain(sheet, 0.74, [(0.12, 0.22, 0.16, 1.5), (0.90, 0.28, 0.14, 1.4)], colour("#4c6180"), haze, crease=0.4)
    mist(sheet, 0.72, 0.05, colour("#8fa2bb"))
    mountain(
        sheet,
        0.98,
        [(0.60, 0.27, 0.22, 2.4)],
        colour("#1f2b40"),
        colour("#465b7c"),
        rough=0.16,
        depth=0.5,
        crease=0.6,
        name="hill",
    )
    pavilion(sheet, 0.59, 0.722, 17, 3)
    bare_tree(sheet, 0.40, 0.885, 0.50, 4)
    flock(sheet, 0.16, 0.22, 4, 0.10)


def snow_village(sheet: Sheet) -> None:
    haze, white = colour("#dfe3e4"), colour("#f3f3ef")
    paper(sheet, colour("#e2e5e4"))
    sky(sheet, colour("#8c9aa6"), colour("#dde1e1"), 0.6, 0.9)
    mountain(
        sheet,
        0.60,
        [(0.25, 0.24, 0.16, 1.3), (0.72, 0.32, 0.17, 1.2)],
        colour("#8496a3"),
        haze,
        snow=0.42,
        crease=0.7,
        name="mountain",
    )
    mist(sheet, 0.60, 0.05, haze)
    mountain(
        sheet,
        0.80,
        [(0.0, 0.14, 0.3, 2), (0.9, 0.12, 0.3, 2)],
        colour("#b8c3c8"),
        white,
        rough=0.05,
        crease=0.2,
        depth=0.1,
    )
    for x, y, s, flip in (
        (0.22, 0.76, 12, False),
        (0.40, 0.80, 15, False),
        (0.63, 0.765, 12, True),
        (0.80, 0.83, 17, True),
    ):
        house(sheet, x, y, s, white, colour("#9a7f63"), flip)
    for x, y, t in ((0.09, 0.80, 0.34), (0.53, 0.80, 0.26), (0.95, 0.84, 0.38)):
        bare_tree(sheet, x, y, t, 4)
    mountain(
        sheet,
        1.04,
        [(0.3, 0.16, 0.4, 2), (0.9, 0.10, 0.3, 2)],
        colour("#c9d2d5"),
        white,
        rough=0.04,
        crease=0.15,
        depth=0.1,
    )
    flakes = [ellipse(*sheet.at(*sheet.rng.random(2)), sheet.unit * r)[::8] for r in sheet.rng.uniform(0.12, 0.42, 420)]
    sheet.lay(sheet.cover(*flakes, soften=0.7), white, 0.9)


def same_subject(sheet: Sheet) -> None:
    """A red sun over ranges in mist by the same artist, painted for itself: in no portfolio, taken from no work."""
    haze = colour("#e7dcc6")
    paper(sheet, colour("#ece2cc"))
    sky(sheet, colour("#c2b7a2"), colour("#eee2ca"), 0.55)
    sun(sheet, 0.72, 0.24, 0.10, colour("#b9402c"), dry=0.35)
    mountain(sheet, 0.52, [(0.30, 0.30, 0.2, 1.5), (0.62, 0.12, 0.12, 1.5)], colour("#a3a99f"), haze, crease=0.4)
    mist(sheet, 0.52, 0.06, haze)
    mountain(sheet, 0.70, [(0.95, 0.26, 0.2, 1.3), (0.12, 0.12, 0.16, 1.4)], colour("#76857f"), haze)
    mist(sheet, 0.70, 0.05, haze)
    mountain(sheet, 0.90, [(0.45, 0.16, 0.26, 1.6)], colour("#47564f"), haze)
    flock(sheet, 0.18, 0.15, 4, 0.12)
