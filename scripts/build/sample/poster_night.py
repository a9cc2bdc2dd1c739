"""The second painter's posters by night, one function a picture."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Frame, Sheet, arc, box, ellipse, mix, ribbon, spline
from scripts.build.sample.poster_animals import cat, whale
from scripts.build.sample.poster_figures import child, lighthouse, robot, sailboat, train
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
    disc,
    fill,
    ground,
    hatch,
    hill,
    pattern,
    star,
    stars,
)
from scripts.build.sample.poster_things import cloud, house, tree

__all__ = ["cat_on_roof", "lighthouse_keeper", "moon_ladder", "night_train", "whale_above"]


def cat_on_roof(sheet: Sheet) -> None:
    ground(sheet, NAVY, mix(PLUM, CORAL, 0.35), 1.3)
    stars(sheet, 60, 0.62, CREAM)
    disc(sheet, 0.60, 0.34, 0.25, mix(CREAM, MUSTARD, 0.25), "moon")
    for x, w, t, wall, roof in (
        (0.08, 20, 30, PLUM, NAVY),
        (0.30, 17, 22, mix(PLUM, TEAL, 0.5), NAVY),
        (0.86, 22, 34, mix(PLUM, NAVY, 0.5), BRICK),
    ):
        house(sheet, x, 0.98, w, t, wall, roof)
    ridge = np.array([sheet.at(0.20, 1.02), sheet.at(0.42, 0.70), sheet.at(0.80, 0.70), sheet.at(1.00, 1.02)])
    pattern(sheet, fill(sheet, ridge, BRICK, NAVY, (0.3, 1)), "scales", 5.5, mix(BRICK, NAVY, 0.6), 0.9)
    sheet.lay(
        sheet.cover(ribbon([sheet.at(0.40, 0.70), sheet.at(0.82, 0.70)], sheet.unit * 1.6, 1, 1)),
        mix(BRICK, CORAL, 0.6),
    )
    at = Frame(*sheet.at(0.74, 0.72), sheet.unit)
    pattern(
        sheet, fill(sheet, at(box(-4, -2, 4, 14)), mix(BRICK, PLUM, 0.6)), "checks", 2.2, mix(BRICK, CREAM, 0.3), 0.5
    )
    fill(sheet, at(box(-5, 13, 5, 15.5, 0.6)), NAVY)
    for k in range(4):
        fill(
            sheet,
            at(ellipse(2 + k * 3.4, 20 + k * 4.6, 2.4 + k * 0.9, 2.0 + k * 0.6)),
            mix(CREAM, PLUM, 0.35 + 0.1 * k),
            reach=0.4,
        )
    cat(sheet, 0.53, 0.695, 25)


def whale_above(sheet: Sheet) -> None:
    ground(sheet, mix(NAVY, PLUM, 0.3), mix(CORAL, BLUSH, 0.4), 1.1)
    stars(sheet, 36, 0.5, CREAM)
    cloud(sheet, 0.16, 0.46, 12, BLUSH, "scales")
    cloud(sheet, 0.88, 0.24, 10, BLUSH)
    whale(sheet, 0.44, 0.36, 25, back=TEAL)
    cloud(sheet, 0.60, 0.585, 13, CREAM, "waves")
    cloud(sheet, 0.30, 0.64, 8, CREAM)
    hill(sheet, [(-0.05, 0.88), (0.4, 0.82), (0.75, 0.88), (1.05, 0.80)], mix(PLUM, NAVY, 0.4), "dots", pitch=4)
    for x, y, w, t, wall, roof in (
        (0.12, 0.90, 9, 11, CORAL, NAVY),
        (0.24, 0.88, 8, 9, CREAM, BRICK),
        (0.50, 0.87, 10, 13, TEAL, NAVY),
        (0.78, 0.88, 9, 10, MUSTARD, BRICK),
        (0.90, 0.865, 8, 12, BLUSH, NAVY),
    ):
        house(sheet, x, y, w, t, wall, roof, lit=CREAM)
    child(sheet, 0.365, 0.90, 12, coat=CORAL)
    hill(sheet, [(-0.05, 0.94), (0.35, 0.89), (1.05, 0.93)], NAVY, "diagonal", mix(NAVY, PLUM, 0.7), 4)


def night_train(sheet: Sheet) -> None:
    ground(sheet, mix(NAVY, TEAL, 0.25), mix(TEAL, SAGE, 0.5), 1.2)
    stars(sheet, 45, 0.45, CREAM)
    cx, cy = sheet.at(0.22, 0.24)
    r = sheet.unit * 12
    moon = np.vstack([arc(cx, cy, r, r, 60, 300), arc(cx + r * 0.42, cy, r * 0.62, r * 0.85, 285, 75)])
    fill(sheet, moon, MUSTARD, CORAL, name="moon")
    hill(
        sheet,
        [(-0.05, 0.62), (0.2, 0.46), (0.45, 0.60), (0.75, 0.42), (1.05, 0.60)],
        mix(TEAL, NAVY, 0.45),
        "zigzag",
        mix(TEAL, NAVY, 0.2),
        5,
    )
    for k in range(9):
        tree(sheet, 0.05 + k * 0.115, 0.70, 13 + 5 * ((k * 7) % 3), mix(NAVY, TEAL, 0.3))
    deck, foot, holes = 0.60 * sheet.height, sheet.height + 4, []
    for k in range(6):
        mid, half = (k + 0.5) / 6 * sheet.width, sheet.width / 6 * 0.37
        holes.append(
            np.vstack(
                [arc(mid, deck + sheet.unit * 17, half, half, 180, 360), [(mid + half, foot), (mid - half, foot)]]
            )
        )
    stone = sheet.cover(box(-2, deck, sheet.width + 2, foot), without=holes)
    sheet.lay(stone, mix(BRICK, PLUM, 0.4))
    pattern(sheet, stone, "checks", 3.4, mix(BRICK, CREAM, 0.25), 0.35)
    sheet.lay(sheet.cover(box(-2, deck - sheet.unit, sheet.width + 2, deck + sheet.unit * 1.6)), NAVY)
    sheet.note("viaduct", stone)
    hill(sheet, [(-0.05, 0.93), (0.4, 0.90), (0.8, 0.94), (1.05, 0.90)], NAVY, "diagonal", mix(NAVY, TEAL, 0.5), 3.5)
    train(sheet, 0.27, 0.588, 17, CORAL, (MUSTARD, BLUSH, CREAM))
    for k in range(5):
        at = sheet.at(0.185 + 0.055 * k, 0.40 - 0.012 * k)
        fill(
            sheet,
            ellipse(*at, sheet.unit * (2.4 + k * 0.8), sheet.unit * (1.9 + 0.6 * k)),
            mix(CREAM, TEAL, 0.12 * k),
            reach=0.5,
        )


def lighthouse_keeper(sheet: Sheet) -> None:
    ground(sheet, NAVY, mix(CORAL, MUSTARD, 0.3), 1.0)
    stars(sheet, 24, 0.35, CREAM)
    lamp = np.array(sheet.at(0.60, 0.76)) - (0, sheet.unit * 32 * 1.88)
    for far, tone in (((-0.1, 0.06, -0.1, 0.36), 0.55), ((1.1, 0.02, 1.1, 0.30), 0.55)):
        beam = np.array([tuple(lamp), sheet.at(far[0], far[1]), sheet.at(far[2], far[3])])
        sheet.lay(sheet.cover(beam, soften=2), mix(MUSTARD, CREAM, 0.5), tone)
    hill(sheet, [(-0.05, 0.72), (0.5, 0.715), (1.05, 0.72)], mix(TEAL, NAVY, 0.5), "waves", mix(TEAL, SKY, 0.2), 3)
    sailboat(sheet, 0.19, 0.765, 13, CORAL, NAVY)
    rock = np.vstack(
        [
            spline(
                [
                    sheet.at(0.34, 0.92),
                    sheet.at(0.42, 0.80),
                    sheet.at(0.54, 0.745),
                    sheet.at(0.68, 0.75),
                    sheet.at(0.84, 0.83),
                    sheet.at(0.94, 0.95),
                ]
            )
        ]
    )
    hatch(sheet, fill(sheet, rock, mix(PLUM, NAVY, 0.4), name="rock"), 62, 2, mix(PLUM, BLUSH, 0.4), 0.6)
    lighthouse(sheet, 0.60, 0.765, 32, CORAL)
    house(sheet, 0.755, 0.80, 13, 9, CREAM, BRICK)
    hill(
        sheet,
        [(-0.05, 0.86), (0.16, 0.835), (0.36, 0.87), (0.6, 0.86), (0.85, 0.88), (1.05, 0.85)],
        TEAL,
        "scales",
        mix(TEAL, CREAM, 0.55),
        7,
    )
    hill(
        sheet,
        [(-0.05, 0.955), (0.3, 0.93), (0.7, 0.96), (1.05, 0.93)],
        mix(TEAL, NAVY, 0.4),
        "scales",
        mix(TEAL, SKY, 0.5),
        7,
    )


def moon_ladder(sheet: Sheet) -> None:
    ground(sheet, PLUM, mix(PLUM, CORAL, 0.55), 0.9)
    stars(sheet, 70, 0.8, CREAM)
    cx, cy = sheet.at(0.62, 0.25)
    r = sheet.unit * 23
    moon = np.vstack([arc(cx, cy, r, r, -50, 190), arc(cx - r * 0.12, cy - r * 0.32, r * 0.92, r * 0.62, 165, -25)])
    pattern(sheet, fill(sheet, moon, MUSTARD, CORAL, name="moon"), "scales", 4, mix(MUSTARD, CREAM, 0.6), 0.7)
    rails = [np.array([sheet.at(0.34 + d, 0.93), sheet.at(0.53 + d, 0.40)]) for d in (0, 0.10)]
    lines = [ribbon(rail, sheet.unit * 1.1, 1, 1) for rail in rails]
    lines += [
        ribbon(
            [
                tuple(rails[0][0] + (rails[0][1] - rails[0][0]) * t),
                tuple(rails[1][0] + (rails[1][1] - rails[1][0]) * t),
            ],
            sheet.unit * 0.9,
            1,
            1,
        )
        for t in np.linspace(0.05, 0.97, 13)
    ]
    sheet.lay(sheet.cover(*lines), CREAM, 0.95)
    sheet.note("ladder", sheet.cover(*lines))
    hill(sheet, [(-0.05, 0.90), (0.3, 0.86), (0.7, 0.92), (1.05, 0.86)], NAVY, "dots", mix(NAVY, PLUM, 0.8), 4)
    robot(sheet, 0.44, 0.72, 19, shell=mix(SKY, TEAL, 0.4), reach=(0.50, 1.12))
    cat(sheet, 0.80, 0.90, 15, mirror=True, coat=BRICK)
    for x, y, s in ((0.16, 0.17, 3.2), (0.27, 0.42, 2.2), (0.88, 0.55, 2.8)):
        fill(sheet, star(*sheet.at(x, y), sheet.unit * s * 1.4), MUSTARD, CORAL)
        sheet.lay(
            sheet.cover(
                ribbon(
                    [(sheet.at(x, y)[0], 0), (sheet.at(x, y)[0], sheet.at(x, y)[1] - sheet.unit * s * 1.3)], 1.6, 1, 1
                )
            ),
            CREAM,
            0.7,
        )
