"""The first painter's rivers, marshes and gardens, one function a picture."""

from __future__ import annotations

from scripts.build.sample.brush import Sheet, colour, ellipse, mix, ribbon
from scripts.build.sample.ink_figures import boat, bridge, crane, flock
from scripts.build.sample.ink_land import INK, JADE, VERMILION, mist, mountain, paper, reflections, sky, sun
from scripts.build.sample.ink_plants import bamboo, leaf_tree, plum, reeds

__all__ = ["autumn_bridge", "bamboo_rain", "lone_boat", "marsh_cranes", "plum_branch", "ten_li"]


def lone_boat(sheet: Sheet) -> None:
    pale = colour("#dfe3da")
    paper(sheet, colour("#ece7d8"))
    sky(sheet, colour("#b9c9c8"), colour("#efe9da"), 0.5, 0.7)
    mountain(
        sheet,
        0.47,
        [(0.1, 0.08, 0.2, 1.8), (0.35, 0.05, 0.2, 2), (0.86, 0.13, 0.16, 1.7)],
        colour("#a4b6b8"),
        pale,
        crease=0.25,
        depth=0.2,
    )
    mountain(
        sheet, 0.49, [(0.93, 0.2, 0.13, 1.4), (0.68, 0.06, 0.1, 1.6)], colour("#6e8d92"), pale, crease=0.5, depth=0.22
    )
    mist(sheet, 0.47, 0.03, pale)
    reflections(sheet, 0.50, colour("#cfd8d2"), 0.75, 0.5)
    boat(sheet, 0.40, 0.68, 9.5, mirror=True)
    reeds(sheet, 0.06, 1.01, 60, 0.42, 0.045, mix(INK, JADE, 0.35))
    reeds(sheet, 0.22, 1.02, 22, 0.24, 0.03, mix(INK, JADE, 0.5))
    flock(sheet, 0.55, 0.18, 5, 0.14, 1.3)


def bamboo_rain(sheet: Sheet) -> None:
    paper(sheet, colour("#e9e8da"))
    sky(sheet, colour("#c3cfc4"), colour("#eceadc"), 1.0, 0.6)
    pale, dark = colour("#a3b7a2"), colour("#2f4a3e")
    for x, lean in ((0.22, 0.05), (0.55, -0.04), (0.84, 0.03)):
        bamboo(sheet, x, lean, 1.05, 2.0, pale, 0.55)
    mist(sheet, 0.75, 0.12, colour("#e9e8da"), 0.8)
    bamboo(sheet, 0.36, 0.10, 1.1, 3.2, colour("#5b7c64"), 0.85)
    bamboo(sheet, 0.10, 0.06, 0.9, 3.6, dark, 0.95)
    bamboo(sheet, 0.70, -0.12, 1.1, 3.4, dark, 0.92)
    rain = []
    for _ in range(150):
        x, y = sheet.at(sheet.rng.random() * 1.1, sheet.rng.random())
        rain.append(ribbon([(x, y), (x - sheet.unit * 1.6, y + sheet.unit * sheet.rng.uniform(4, 9))], 1.6, 0.1, 0.6))
    sheet.lay(sheet.cover(*rain), colour("#f6f7f0"), 0.5)


def plum_branch(sheet: Sheet) -> None:
    paper(sheet, colour("#f0e6d2"))
    sky(sheet, colour("#e6d2b8"), colour("#f2e8d5"), 0.9, 0.5)
    sun(sheet, 0.30, 0.33, 0.22, colour("#ead9b4"), glow=0.3)
    plum(
        sheet, [(1.03, 0.72), (0.82, 0.66), (0.72, 0.50), (0.50, 0.46), (0.36, 0.30), (0.12, 0.26)], 4.6, VERMILION, 34
    )
    plum(sheet, [(1.03, 0.30), (0.90, 0.24), (0.80, 0.12), (0.62, 0.08)], 2.6, colour("#d8745f"), 18)
    petals = [
        ellipse(*sheet.at(*sheet.rng.uniform((0.1, 0.5), (0.75, 0.95))), sheet.unit * 0.8, sheet.unit * 0.5, 40 * k)
        for k in range(9)
    ]
    sheet.lay(sheet.cover(*petals), VERMILION, 0.75)


def marsh_cranes(sheet: Sheet) -> None:
    haze = colour("#ead9b6")
    paper(sheet, colour("#ecdcbd"))
    sky(sheet, colour("#c99b5c"), colour("#f0dfbd"), 0.55, 0.85)
    sun(sheet, 0.78, 0.40, 0.10, colour("#d4632f"), dry=0.3)
    mountain(sheet, 0.55, [(0.2, 0.07, 0.3, 2), (0.6, 0.05, 0.2, 2)], colour("#b79a6e"), haze, crease=0.2, depth=0.12)
    reflections(sheet, 0.57, colour("#d9c392"), 0.7, 0.45)
    reeds(sheet, 0.88, 0.80, 46, 0.34, 0.05, colour("#6b5a3a"))
    crane(sheet, 0.36, 0.86, 17)
    crane(sheet, 0.55, 0.80, 13, mirror=True)
    crane(sheet, 0.30, 0.22, 11, flying=True)
    crane(sheet, 0.50, 0.14, 8, flying=True)
    reeds(sheet, 0.12, 1.02, 55, 0.40, 0.06, colour("#4a4630"))


def autumn_bridge(sheet: Sheet) -> None:
    haze, leaves = colour("#eadcc0"), (colour("#9c4a26"), colour("#d0702c"), colour("#e3a640"))
    paper(sheet, colour("#ecdfc5"))
    sky(sheet, colour("#b5b9a2"), colour("#efe2c8"), 0.5, 0.7)
    mountain(sheet, 0.58, [(0.3, 0.20, 0.2, 1.7), (0.8, 0.27, 0.2, 1.6)], colour("#a39a7c"), haze, crease=0.45)
    mist(sheet, 0.56, 0.05, haze)
    mountain(
        sheet,
        0.66,
        [(0.0, 0.12, 0.24, 2.4), (1.0, 0.14, 0.22, 2.4)],
        colour("#7a6a45"),
        colour("#b39a66"),
        rough=0.08,
        crease=0.5,
    )
    bridge(sheet, 0.20, 0.78, 0.66, 0.20, colour("#a79d8b"))
    leaf_tree(sheet, 0.11, 0.62, 0.42, leaves)
    leaf_tree(sheet, 0.90, 0.61, 0.48, leaves)
    reflections(sheet, 0.66, colour("#c4bd9c"), 0.45, 0.75)
    boat(sheet, 0.52, 0.80, 6.5, fisher=False)
    fallen = [
        ellipse(*sheet.at(*sheet.rng.uniform((0, 0.7), (1, 1))), sheet.unit * 0.55, sheet.unit * 0.25)[::8]
        for _ in range(60)
    ]
    sheet.lay(sheet.cover(*fallen), leaves[1], 0.85)


def ten_li(sheet: Sheet) -> None:
    haze = colour("#dfe6d4")
    paper(sheet, colour("#e8e6d2"))
    sky(sheet, colour("#9fbcb4"), colour("#ece9d6"), 0.35, 0.75)
    water = colour("#c3d6cf")
    for level, peaks, tone in (
        (0.36, [(0.2, 0.16, 0.12, 1.6), (0.6, 0.12, 0.1, 1.6), (0.9, 0.2, 0.12, 1.6)], "#a7bfb4"),
        (0.50, [(0.02, 0.2, 0.22, 1.8), (0.42, 0.12, 0.12, 2.0)], "#7fa393"),
        (0.64, [(0.98, 0.24, 0.28, 1.8), (0.62, 0.08, 0.12, 2)], "#5c8a78"),
        (0.84, [(0.0, 0.26, 0.30, 1.9)], "#3f6c5c"),
    ):
        mountain(sheet, level, peaks, colour(tone), water if level > 0.4 else haze, rough=0.14, depth=0.2, crease=0.7)
        mist(sheet, level, 0.02, haze, 0.5)
    boat(sheet, 0.36, 0.60, 3.2, fisher=False)
    boat(sheet, 0.58, 0.76, 5.0, mirror=True)
    boat(sheet, 0.66, 0.545, 2.2, fisher=False)
    mountain(sheet, 1.08, [(0.95, 0.24, 0.3, 1.8)], colour("#2d4f45"), colour("#5d8a76"), rough=0.14)
    leaf_tree(sheet, 0.16, 0.78, 0.24, (colour("#40684f"), colour("#7fa060")))
    flock(sheet, 0.30, 0.13, 6, 0.16, 1.2)
