"""The second painter's posters by day, one function a picture."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Frame, Sheet, arc, box, ellipse, mix, ribbon, spline
from scripts.build.sample.poster_animals import bird, cat, fox
from scripts.build.sample.poster_figures import child, robot, sailboat, umbrella
from scripts.build.sample.poster_parts import (
    BLUSH,
    BRICK,
    CORAL,
    CREAM,
    MUSTARD,
    NAVY,
    PLUM,
    SAGE,
    SKY,
    TEAL,
    WHITE,
    disc,
    fill,
    ground,
    hatch,
    hill,
    pattern,
)
from scripts.build.sample.poster_things import balloon, cloud, flower, house, tree

__all__ = ["forest_walk", "fox_balloon", "harbour", "robot_garden", "seven_balloons", "tea", "umbrella_girl"]


def fox_balloon(sheet: Sheet) -> None:
    ground(sheet, mix(SKY, WHITE, 0.2), CREAM)
    disc(sheet, 0.76, 0.24, 0.12, MUSTARD, "sun", rays=20)
    cloud(sheet, 0.20, 0.17, 11, WHITE)
    cloud(sheet, 0.58, 0.40, 8, WHITE, "waves")
    hill(sheet, [(-0.05, 0.66), (0.25, 0.56), (0.6, 0.66), (1.05, 0.54)], SAGE, "diagonal", pitch=3)
    for x, y, s in ((0.10, 0.60, 15), (0.22, 0.575, 19), (0.90, 0.58, 17)):
        tree(sheet, x, y, s, TEAL)
    hill(sheet, [(-0.05, 0.80), (0.35, 0.72), (0.7, 0.74), (1.05, 0.82)], TEAL, "scales", pitch=6, name="hill")
    string = spline([sheet.at(0.425, 0.68), sheet.at(0.40, 0.52), sheet.at(0.36, 0.42)])
    sheet.lay(sheet.cover(ribbon(string, sheet.unit * 0.3, 1, 1)), NAVY)
    bx, by = sheet.at(0.355, 0.335)
    fill(
        sheet,
        [
            ellipse(bx, by, sheet.unit * 8.4, sheet.unit * 10),
            np.array(
                [(bx, by + sheet.unit * 9.6), (bx - 10, by + sheet.unit * 11.4), (bx + 10, by + sheet.unit * 11.4)]
            ),
        ],
        CORAL,
        BRICK,
        name="balloon",
    )
    sheet.lay(
        sheet.cover(ribbon(arc(bx, by, sheet.unit * 5.8, sheet.unit * 7.2, 195, 250), sheet.unit * 1.0, 0.2, 0.2)),
        WHITE,
        0.85,
    )
    fox(sheet, 0.50, 0.86, 27)
    for x, y, s, tone in (
        (0.12, 0.90, 10, CREAM),
        (0.24, 0.97, 12, BLUSH),
        (0.80, 0.93, 12, MUSTARD),
        (0.91, 0.98, 10, CREAM),
    ):
        flower(sheet, x, y, s, tone)


def umbrella_girl(sheet: Sheet) -> None:
    ground(sheet, mix(TEAL, SKY, 0.4), mix(SKY, CREAM, 0.6))
    cloud(sheet, 0.22, 0.18, 15, mix(NAVY, SKY, 0.55), "waves")
    cloud(sheet, 0.74, 0.13, 18, mix(NAVY, SKY, 0.4), "scales")
    for x, w, t, wall, roof in (
        (0.06, 18, 40, CORAL, PLUM),
        (0.24, 15, 32, CREAM, BRICK),
        (0.80, 16, 36, MUSTARD, TEAL),
        (0.97, 18, 45, BLUSH, PLUM),
    ):
        house(sheet, x, 0.80, w, t, wall, roof, lit=mix(CREAM, MUSTARD, 0.4), kind="stripes")
    hill(sheet, [(-0.05, 0.80), (0.5, 0.79), (1.05, 0.80)], mix(NAVY, TEAL, 0.4), "waves", mix(NAVY, SKY, 0.4), 4)
    for x, y, r in ((0.30, 0.92, 12), (0.66, 0.945, 16), (0.90, 0.87, 9)):
        cx, cy = sheet.at(x, y)
        for k in range(3):
            ring = arc(cx, cy, sheet.unit * r * (1 - 0.28 * k), sheet.unit * r * 0.26 * (1 - 0.28 * k), 0, 360, 60)
            sheet.lay(sheet.cover(ribbon(ring, sheet.unit * 0.4, 1, 1)), SKY, 0.9)
    at = Frame(*sheet.at(0.50, 0.93), sheet.unit * 42)
    sheet.glaze(sheet.cover(at(ellipse(0, 0, 0.42, 0.06)), soften=3), NAVY, 0.5)
    child(sheet, 0.50, 0.93, 42)
    umbrella(sheet, at, 0.28, 1.78, CORAL, CREAM)
    drops = []
    for _ in range(150):
        x, y = sheet.at(sheet.rng.random(), 0.2 + 0.75 * sheet.rng.random())
        drops.append(ribbon([(x, y), (x - sheet.unit * 0.7, y + sheet.unit * 3)], sheet.unit * 0.34, 0.2, 1, 0.6))
    sheet.lay(sheet.cover(*drops), WHITE, 0.65)


def robot_garden(sheet: Sheet) -> None:
    ground(sheet, mix(BLUSH, CREAM, 0.3), CREAM)
    disc(sheet, 0.22, 0.24, 0.14, CORAL, "sun", rings=3)
    hill(sheet, [(-0.05, 0.62), (0.3, 0.68), (0.7, 0.56), (1.05, 0.64)], mix(SAGE, MUSTARD, 0.4), "zigzag", pitch=4)
    for x, y, s, tone in ((0.80, 0.60, 22, TEAL), (0.93, 0.63, 26, SAGE), (0.68, 0.595, 17, SAGE)):
        tree(sheet, x, y, s, tone, "round")
    hill(
        sheet,
        [(-0.05, 0.82), (0.5, 0.78), (1.05, 0.84)],
        mix(BRICK, NAVY, 0.35),
        "diagonal",
        mix(BRICK, NAVY, 0.15),
        3.5,
    )
    robot(sheet, 0.36, 0.86, 34, reach=(0.72, 0.60))
    at = Frame(*sheet.at(0.36, 0.86), sheet.unit * 34)
    can = fill(
        sheet,
        [
            at([(0.68, 0.28), (0.66, 0.56), (0.98, 0.56), (0.96, 0.28)]),
            at(ribbon([(0.95, 0.36), (1.28, 0.60)], 0.06, 1, 1)),
            at([(1.20, 0.62), (1.34, 0.66), (1.33, 0.50)]),
        ],
        MUSTARD,
        BRICK,
    )
    hatch(sheet, can, 90, 2.2, BRICK, 0.4)
    sheet.lay(sheet.cover(at(ribbon(arc(0.80, 0.55, 0.14, 0.12, 0, 180), 0.03, 1, 1))), NAVY)
    drops = [at(ellipse(1.36 + 0.05 * (k % 3) + 0.012 * k, 0.52 - 0.035 * k, 0.014, 0.03)) for k in range(11)]
    sheet.lay(sheet.cover(*drops), TEAL)
    for x, y, s, tone in (
        (0.74, 0.93, 21, CORAL),
        (0.84, 0.97, 25, WHITE),
        (0.93, 0.92, 19, PLUM),
        (0.66, 0.985, 16, MUSTARD),
        (0.10, 0.88, 12, BLUSH),
        (0.17, 0.86, 10, WHITE),
    ):
        flower(sheet, x, y, s, tone, 7)
    bird(sheet, 0.365, 0.30, 9, CORAL)


def seven_balloons(sheet: Sheet) -> None:
    ground(sheet, mix(CORAL, BLUSH, 0.5), CREAM, 0.8)
    hill(
        sheet,
        [(-0.05, 0.80), (0.2, 0.70), (0.5, 0.80), (0.8, 0.68), (1.05, 0.76)],
        mix(PLUM, BLUSH, 0.35),
        "stripes",
        pitch=3,
    )
    hill(sheet, [(-0.05, 0.88), (0.3, 0.92), (0.62, 0.80), (1.05, 0.90)], TEAL, "dots", pitch=4)
    hill(sheet, [(-0.05, 0.96), (0.35, 0.88), (0.7, 0.97), (1.05, 0.93)], NAVY, "zigzag", mix(NAVY, TEAL, 0.5), 4)
    for x, y, s, a, b, kind in (
        (0.66, 0.56, 19, CORAL, CREAM, "gores"), (0.27, 0.66, 15, TEAL, MUSTARD, "dots"),
        (0.45, 0.28, 8, PLUM, BLUSH, "gores"), (0.88, 0.30, 9, MUSTARD, BRICK, "zigzag"),
        (0.12, 0.30, 10, NAVY, CORAL, "gores"), (0.90, 0.70, 6, TEAL, CREAM, "gores"),
        (0.45, 0.56, 5, BRICK, MUSTARD, "stripes"),
    ):  # fmt: skip
        balloon(sheet, x, y, s, a, b, kind)
    cloud(sheet, 0.30, 0.17, 8, WHITE)
    cloud(sheet, 0.80, 0.46, 7, WHITE)


def harbour(sheet: Sheet) -> None:
    ground(sheet, mix(SKY, TEAL, 0.25), mix(CREAM, SKY, 0.3))
    disc(sheet, 0.85, 0.17, 0.08, CREAM, "sun", rings=2)
    hill(sheet, [(-0.05, 0.40), (0.25, 0.28), (0.6, 0.42), (1.05, 0.36)], mix(SAGE, SKY, 0.4), "diagonal", pitch=3)
    tones = (
        (CORAL, PLUM), (CREAM, TEAL), (MUSTARD, BRICK), (TEAL, NAVY), (BLUSH, BRICK), (SAGE, PLUM), (BRICK, NAVY),
        (WHITE, CORAL),
    )  # fmt: skip
    for k, (wall, roof) in enumerate(tones):
        house(
            sheet,
            0.07 + k * 0.123,
            0.63,
            16.5,
            (24, 31, 21, 27, 34, 23, 29, 25)[k],
            wall,
            roof,
            kind=("", "stripes", "", "diagonal")[k % 4],
            gable=k % 3 != 1,
        )
    cover = hill(
        sheet, [(-0.05, 0.66), (0.5, 0.66), (1.05, 0.66)], mix(TEAL, NAVY, 0.3), "waves", mix(TEAL, SKY, 0.55), 4.5
    )
    hatch(sheet, cover, 2, 6, SKY, 0.3)
    sheet.lay(sheet.cover(box(-2, sheet.height * 0.625, sheet.width + 2, sheet.height * 0.665)), mix(BRICK, NAVY, 0.55))
    sailboat(sheet, 0.24, 0.85, 21, CORAL, NAVY)
    sailboat(sheet, 0.72, 0.80, 15, MUSTARD, BRICK, True)
    sailboat(sheet, 0.50, 0.94, 13, PLUM, CREAM)
    for x, y in ((0.40, 0.13), (0.46, 0.10), (0.52, 0.15)):
        cx, cy = sheet.at(x, y)
        wings = [
            ribbon(
                arc(cx + s * sheet.unit * 1.6, cy, sheet.unit * 1.6, sheet.unit, 180, 360, 14),
                sheet.unit * 0.45,
                0.4,
                0.4,
            )
            for s in (-1, 1)
        ]
        sheet.lay(sheet.cover(*wings), NAVY)


def tea(sheet: Sheet) -> None:
    ground(sheet, MUSTARD, mix(MUSTARD, CREAM, 0.35))
    pattern(
        sheet,
        sheet.whole(np.ones((sheet.height, sheet.width), np.float32)),
        "scales",
        8,
        mix(MUSTARD, CREAM, 0.45),
        0.6,
    )
    pane = fill(sheet, box(*sheet.at(0.33, 0.07), *sheet.at(0.67, 0.50), sheet.unit * 17), mix(SKY, WHITE, 0.3), TEAL)
    hatch(sheet, pane, 45, 3, WHITE, 0.4)
    hills = spline([sheet.at(0.335, 0.42), sheet.at(0.45, 0.36), sheet.at(0.56, 0.41), sheet.at(0.665, 0.37)])
    fill(sheet, np.vstack([hills, [sheet.at(0.667, 0.495), sheet.at(0.333, 0.495)]]), SAGE)
    bars = [
        ribbon([sheet.at(0.5, 0.07), sheet.at(0.5, 0.5)], sheet.unit * 1.2, 1, 1),
        ribbon([sheet.at(0.32, 0.50), sheet.at(0.68, 0.50)], sheet.unit * 2.6, 1, 1),
        ribbon([sheet.at(0.33, 0.30), sheet.at(0.67, 0.30)], sheet.unit * 1.2, 1, 1),
    ]
    sheet.lay(sheet.cover(*bars), BRICK)
    fox(sheet, 0.20, 0.80, 38, mirror=True, scarf=NAVY)
    cat(sheet, 0.79, 0.80, 42, mirror=True, coat=PLUM)
    cloth = np.vstack(
        [
            spline([sheet.at(0.10, 0.72), sheet.at(0.5, 0.70), sheet.at(0.90, 0.72)]),
            spline([sheet.at(0.97, 1.02), sheet.at(0.5, 1.04), sheet.at(0.03, 1.02)]),
        ]
    )
    pattern(sheet, fill(sheet, cloth, CREAM, BLUSH, (0, 1), name="table"), "checks", 7, mix(CREAM, CORAL, 0.55), 0.8)
    at = Frame(*sheet.at(0.50, 0.80), sheet.unit * 13)
    pot = [
        at(ellipse(0, 0.5, 0.72, 0.55)),
        at(ribbon(spline([(0.5, 0.4), (0.95, 0.6), (1.15, 1.0)]), 0.2, 1, 0.7)),
        at(box(-0.35, -0.1, 0.35, 0.1)),
    ]
    handle = [at(ribbon(arc(-0.78, 0.55, 0.36, 0.36, 80, 290), 0.13, 1, 1))]
    pattern(sheet, fill(sheet, [*pot, *handle], TEAL, NAVY, name="teapot"), "dots", 3, CREAM, 0.8)
    fill(sheet, [at(arc(0, 0.92, 0.42, 0.22, 0, 180)), at(ellipse(0, 1.2, 0.1))], CORAL)
    for x, mirrored in ((0.30, True), (0.70, False)):
        cup = Frame(*sheet.at(x, 0.84), sheet.unit * 8, mirrored)
        fill(
            sheet,
            [cup(ellipse(0, 0.0, 0.95, 0.16)), cup(ribbon(arc(0.62, 0.5, 0.24, 0.24, -90, 100), 0.1, 1, 1))],
            WHITE,
            SKY,
        )
        pattern(
            sheet,
            fill(sheet, cup(np.vstack([[(-0.6, 0.85), (0.6, 0.85)], arc(0, 0.62, 0.58, 0.62, 0, -180)])), WHITE, SKY),
            "zigzag",
            2,
            CORAL,
            0.9,
        )
        steam = [
            ribbon(spline([(s, 1.0), (s + 0.12, 1.3), (s - 0.05, 1.6), (s + 0.1, 1.9)]), 0.07, 0.3, 0.1)
            for s in (-0.2, 0.2)
        ]
        sheet.lay(sheet.cover(*[cup(s) for s in steam], soften=1), WHITE, 0.8)


def forest_walk(sheet: Sheet) -> None:
    ground(sheet, CREAM, mix(BLUSH, CREAM, 0.4))
    disc(sheet, 0.50, 0.36, 0.24, CORAL, "sun")
    cover = sheet.cover(ellipse(*sheet.at(0.50, 0.36), 0.24 * min(sheet.width, sheet.height)))
    pattern(sheet, cover, "waves", 6, mix(CORAL, MUSTARD, 0.6), 0.7)
    hill(sheet, [(-0.05, 0.62), (0.3, 0.57), (0.7, 0.60), (1.05, 0.56)], mix(SAGE, CREAM, 0.3), "stripes", pitch=2.5)
    for k in range(12):
        tree(
            sheet,
            0.03 + k * 0.086,
            0.63 + 0.01 * (k % 2),
            20 + 7 * ((k * 5) % 4),
            mix(SAGE, TEAL, 0.3 + 0.15 * (k % 3)),
        )
    hill(sheet, [(-0.05, 0.72), (0.5, 0.68), (1.05, 0.74)], SAGE, "diagonal", pitch=3)
    for x, y, s, tone in (
        (0.08, 0.82, 52, TEAL),
        (0.25, 0.77, 38, mix(TEAL, NAVY, 0.4)),
        (0.80, 0.78, 42, mix(TEAL, NAVY, 0.3)),
        (0.95, 0.84, 60, TEAL),
    ):
        tree(sheet, x, y, s, tone)
    path = np.vstack(
        [
            spline([sheet.at(0.47, 0.70), sheet.at(0.56, 0.80), sheet.at(0.40, 1.02)]),
            spline([sheet.at(0.74, 1.02), sheet.at(0.64, 0.80), sheet.at(0.51, 0.70)]),
        ]
    )
    pattern(sheet, fill(sheet, path, mix(MUSTARD, CREAM, 0.5)), "dots", 3, MUSTARD, 0.6)
    child(sheet, 0.545, 0.90, 17, coat=BRICK, raised=False)
    bird(sheet, 0.33, 0.93, 9, PLUM)
    for x, y, s in ((0.15, 0.95, 13), (0.74, 0.92, 12), (0.86, 0.97, 15), (0.27, 0.98, 11)):
        tree(sheet, x, y, s, mix(CORAL, MUSTARD, (x * 7) % 1), "leaf")
