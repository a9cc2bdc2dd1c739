"""The animals of the second painter's posters: fox, cat, whale, bird."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Colour, Frame, Sheet, arc, box, ellipse, mix, ribbon, spline
from scripts.build.sample.poster_parts import (
    BLUSH,
    BRICK,
    CORAL,
    CREAM,
    MUSTARD,
    NAVY,
    PLUM,
    SKY,
    TEAL,
    WHITE,
    fill,
    hatch,
    note_figure,
    pattern,
)

__all__ = ["bird", "cat", "fox", "whale"]


def fox(sheet: Sheet, x: float, y: float, size: float, mirror: bool = False, scarf: Colour = TEAL) -> None:
    """A sitting fox, seen from the front, its tail curled to the side."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    tail = ribbon(spline([(0.18, 0.10), (0.62, 0.06), (0.86, 0.34), (0.70, 0.72)]), 0.34, 0.4, 0.1, 0.35)
    fill(sheet, at(tail), CORAL, BRICK)
    fill(sheet, at(ribbon(spline([(0.86, 0.42), (0.82, 0.58), (0.69, 0.76)]), 0.27, 0.75, 0.05, -0.6)), CREAM)
    body = np.vstack(
        [spline([(-0.13, 0.78), (-0.30, 0.4), (-0.33, 0.0)]), spline([(0.33, 0.0), (0.30, 0.4), (0.13, 0.78)])]
    )
    hatch(sheet, fill(sheet, at(body), CORAL, BRICK, (1, 0.3)), 75, 1.5, BRICK, 0.35)
    fill(
        sheet,
        at(
            np.vstack(
                [spline([(-0.10, 0.75), (-0.15, 0.45), (0, 0.22)]), spline([(0, 0.22), (0.15, 0.45), (0.10, 0.75)])]
            )
        ),
        CREAM,
    )
    fill(sheet, [at(box(-0.24, 0, -0.05, 0.12, 0.06)), at(box(0.05, 0, 0.24, 0.12, 0.06))], NAVY)
    for side in (-1, 1):
        fill(sheet, at([(side * 0.36, 1.36), (side * 0.07, 1.16), (side * 0.33, 0.98)]), CORAL, BRICK)
        fill(sheet, at([(side * 0.32, 1.28), (side * 0.15, 1.15), (side * 0.30, 1.06)]), NAVY)
    head = np.vstack(
        [
            spline([(-0.42, 0.90), (-0.30, 1.14), (0, 1.21), (0.30, 1.14), (0.42, 0.90)]),
            spline([(0.42, 0.90), (0.16, 0.76), (0, 0.66), (-0.16, 0.76), (-0.42, 0.90)]),
        ]
    )
    fill(sheet, at(head), CORAL, BRICK)
    for side in (-1, 1):
        cheek = np.vstack(
            [
                spline([(side * 0.42, 0.90), (side * 0.2, 0.93), (0, 0.76)]),
                spline([(0, 0.66), (side * 0.16, 0.76), (side * 0.42, 0.90)]),
            ]
        )
        fill(sheet, at(cheek), CREAM, BLUSH, reach=0.4)
    sheet.lay(
        sheet.cover(
            at(ellipse(0, 0.685, 0.055, 0.042)),
            *[at(ribbon(arc(s * 0.175, 1.02, 0.066, 0.055, 0, 180, 16), 0.028, 1, 1)) for s in (-1, 1)],
        ),
        NAVY,
    )
    band = [
        at(ribbon(spline([(-0.20, 0.70), (0, 0.62), (0.20, 0.70)]), 0.13, 0.8, 0.8)),
        at([(0.08, 0.66), (0.22, 0.62), (0.26, 0.34), (0.13, 0.32)]),
    ]
    pattern(sheet, fill(sheet, band, scarf), "stripes", 1.5, mix(scarf, WHITE, 0.6), 0.9)
    note_figure(sheet, "fox", at, -0.42, 0, 0.95, 1.36)


def cat(
    sheet: Sheet, x: float, y: float, size: float, mirror: bool = False, coat: Colour = NAVY, eyes: Colour = MUSTARD
) -> None:
    """A cat sitting with its back in a curve, the tail hanging down."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    fill(
        sheet,
        at(ribbon(spline([(0.24, 0.08), (0.52, 0.02), (0.56, -0.30), (0.42, -0.52), (0.54, -0.62)]), 0.10, 1, 0.7)),
        coat,
    )
    body = np.vstack(
        [
            spline([(-0.16, 0.82), (-0.20, 0.45), (-0.22, 0.0)]),
            spline([(0.32, 0.0), (0.36, 0.32), (0.20, 0.62), (0.13, 0.82)]),
        ]
    )
    hatch(sheet, fill(sheet, at(body), coat, mix(coat, PLUM, 0.7), (-1, 0.3)), 20, 1.7, mix(coat, WHITE, 0.35), 0.45)
    for side in (-1, 1):
        fill(sheet, at([(side * 0.25 - 0.03, 1.24), (side * 0.04 - 0.03, 1.04), (side * 0.27 - 0.03, 0.92)]), coat)
        fill(sheet, at([(side * 0.22 - 0.03, 1.16), (side * 0.11 - 0.03, 1.05), (side * 0.22 - 0.03, 0.99)]), BLUSH)
    fill(sheet, at(ellipse(-0.03, 0.88, 0.29, 0.23)), coat, mix(coat, PLUM, 0.7), (-1, 0.4))
    fill(sheet, [at(ellipse(s * 0.12 - 0.03, 0.90, 0.062, 0.075)) for s in (-1, 1)], eyes, reach=0.2)
    sheet.lay(sheet.cover(*[at(ellipse(s * 0.12 - 0.03, 0.90, 0.018, 0.058)) for s in (-1, 1)]), NAVY)
    whiskers = [
        ribbon([(s * 0.10 - 0.03, 0.80), (s * 0.36 - 0.03, 0.80 + k * 0.05)], 0.012, 1, 0.3)
        for s in (-1, 1)
        for k in (-1, 0, 1)
    ]
    sheet.lay(sheet.cover(*[at(w) for w in whiskers]), CREAM, 0.9)
    sheet.lay(sheet.cover(at([(-0.065, 0.83), (0.005, 0.83), (-0.03, 0.79)])), CORAL)
    note_figure(sheet, "cat", at, -0.32, -0.1, 0.6, 1.24)


def whale(sheet: Sheet, x: float, y: float, size: float, mirror: bool = False, back: Colour = TEAL) -> None:
    """A whale in full sail, its belly grooved."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    flukes = np.vstack(
        [
            spline([(1.25, 0.28), (1.50, 0.62), (1.90, 0.78), (1.74, 0.50), (1.66, 0.42)]),
            spline([(1.66, 0.42), (1.95, 0.28), (2.05, 0.02), (1.66, 0.12), (1.28, 0.06)]),
        ]
    )
    fill(sheet, at(flukes), back, toward=(1, 0))
    upper = spline([(-1.05, 0.02), (-0.85, 0.48), (-0.2, 0.64), (0.55, 0.46), (1.40, 0.28)])
    lower = spline([(1.40, 0.10), (0.7, -0.22), (-0.1, -0.46), (-0.85, -0.38), (-1.05, 0.02)])
    pattern(
        sheet,
        fill(sheet, at(np.vstack([upper, lower])), back, toward=(0.2, 1)),
        "dots",
        3.4,
        mix(back, WHITE, 0.25),
        0.6,
    )
    belly = np.vstack(
        [
            spline([(-1.05, 0.0), (-0.4, 0.02), (0.3, -0.16), (0.8, -0.19)]),
            spline([(0.8, -0.19), (-0.1, -0.46), (-0.85, -0.38), (-1.05, 0.0)]),
        ]
    )
    fill(sheet, at(belly), CREAM, BLUSH, (0, 1))
    grooves = [
        ribbon(
            spline(
                [(-0.98 + 0.10 * k, -0.04 - 0.075 * k), (-0.3, -0.10 - 0.075 * k), (0.45 - 0.12 * k, -0.22 - 0.045 * k)]
            ),
            0.018,
            0.4,
            0.4,
        )
        for k in range(4)
    ]
    sheet.lay(sheet.cover(*[at(g) for g in grooves]), mix(back, NAVY, 0.3), 0.8)
    fin = np.vstack(
        [spline([(-0.15, -0.15), (0.05, -0.5), (0.42, -0.72)]), spline([(0.42, -0.72), (0.36, -0.36), (0.18, -0.10)])]
    )
    fill(sheet, at(fin), mix(back, NAVY, 0.35))
    sheet.lay(sheet.cover(at(ellipse(-0.62, 0.10, 0.045))), NAVY)
    sheet.lay(sheet.cover(at(ellipse(-0.635, 0.115, 0.016))), WHITE)
    spout = [
        ribbon(spline([(-0.5, 0.62), (-0.5 + s * 0.08, 0.86), (-0.5 + s * 0.30, 0.84)]), 0.06, 0.5, 0.2)
        for s in (-1, 1)
    ]
    fill(sheet, [at(s) for s in spout], WHITE, SKY)
    note_figure(sheet, "whale", at, -1.05, -0.6, 2.0, 0.9)


def bird(sheet: Sheet, x: float, y: float, size: float, pigment: Colour, mirror: bool = False) -> None:
    """A round bird in profile, on thin legs."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    sheet.lay(sheet.cover(*[at(ribbon([(s, 0.28), (s + 0.03, 0)], 0.025, 1, 1)) for s in (-0.05, 0.08)]), NAVY)
    fill(sheet, at([(-0.35, 0.52), (-0.72, 0.66), (-0.62, 0.42)]), mix(pigment, NAVY, 0.4))
    fill(sheet, at(ellipse(0, 0.5, 0.42, 0.28, -12)), pigment)
    fill(sheet, at(ellipse(0.28, 0.72, 0.2)), pigment, reach=0.3)
    pattern(
        sheet,
        fill(sheet, at(ellipse(-0.12, 0.52, 0.24, 0.13, -25)), mix(pigment, NAVY, 0.35)),
        "stripes",
        1.0,
        mix(pigment, WHITE, 0.4),
        0.7,
    )
    fill(sheet, at([(0.44, 0.78), (0.64, 0.70), (0.45, 0.66)]), MUSTARD)
    sheet.lay(sheet.cover(at(ellipse(0.33, 0.76, 0.035))), NAVY)
