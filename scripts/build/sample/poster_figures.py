"""Who else lives in the second painter's posters: a child, a robot; boats, a lighthouse, a train."""

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
    TEAL,
    WHITE,
    fill,
    hatch,
    note_figure,
    pattern,
)

__all__ = ["child", "lighthouse", "robot", "sailboat", "train", "umbrella"]


def umbrella(sheet: Sheet, at: Frame, x: float, y: float, first: Colour, second: Colour) -> None:
    """An open umbrella whose ferrule is at (x, y) in the figure's frame."""
    sheet.lay(
        sheet.cover(
            at(ribbon([(x, y), (x, y - 1.0)], 0.03, 1, 1)),
            at(ribbon(arc(x - 0.06, y - 1.0, 0.06, 0.06, 180, 360, 14), 0.03, 1, 1)),
        ),
        NAVY,
    )
    edges = np.linspace(-0.72, 0.72, 7)
    for k, (left, right) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        scallop = arc((left + right) / 2, -0.48, (right - left) / 2, 0.09, 0, 180, 12)
        down = spline([(0, 0), (left * 0.62, -0.10), (left, -0.48)], 8)
        up = spline([(right, -0.48), (right * 0.62, -0.10), (0, 0)], 8)
        fill(sheet, at(np.vstack([down, scallop[::-1], up]) + (x, y)), (first, second)[k % 2], reach=0.5)
    sheet.lay(sheet.cover(at(ribbon([(x, y - 0.01), (x, y + 0.1)], 0.035, 1, 0.5))), NAVY)


def child(
    sheet: Sheet,
    x: float,
    y: float,
    size: float,
    mirror: bool = False,
    coat: Colour = MUSTARD,
    hair: Colour = NAVY,
    raised: bool = True,
) -> None:
    """A child in a bell-shaped coat and boots, one arm raised."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    fill(sheet, [at(box(-0.16, 0.08, -0.06, 0.34)), at(box(0.06, 0.08, 0.16, 0.34))], NAVY)
    fill(sheet, [at(box(-0.20, 0, -0.02, 0.14, 0.05)), at(box(0.03, 0, 0.22, 0.14, 0.05))], CORAL)
    artist = (0.36, 0.86) if raised else (0.34, 0.46)
    fill(sheet, at(ribbon([(-0.10, 0.76), (-0.27, 0.60), (-0.32, 0.46)], 0.12, 1, 0.8)), mix(coat, BRICK, 0.25))
    sheet.lay(
        sheet.cover(at(ellipse(-0.325, 0.43, 0.05)), at(ellipse(artist[0] + 0.02, artist[1] + 0.02, 0.05))), BLUSH
    )
    bell = np.vstack(
        [spline([(-0.11, 0.86), (-0.20, 0.55), (-0.33, 0.27)]), spline([(0.33, 0.27), (0.20, 0.55), (0.11, 0.86)])]
    )
    pattern(
        sheet, fill(sheet, at(bell), coat, mix(coat, BRICK, 0.6), (1, 0.4)), "dots", 2.1, mix(coat, WHITE, 0.6), 0.7
    )
    fill(
        sheet,
        at(ribbon([(0.10, 0.78), (0.26, 0.66 if not raised else 0.74), artist], 0.12, 1, 0.8)),
        mix(coat, BRICK, 0.12),
    )
    fill(sheet, at(ellipse(0, 1.06, 0.235, 0.26)), hair)
    fill(sheet, at(ellipse(0.0, 1.02, 0.19, 0.19)), BLUSH, CORAL, reach=0.4)
    fringe = np.vstack([arc(0, 1.07, 0.215, 0.20, 0, 180, 24), [(-0.1, 1.09), (0.06, 1.13)]])
    fill(sheet, at(fringe), hair)
    sheet.lay(
        sheet.cover(
            *[at(ellipse(s * 0.075, 1.0, 0.02, 0.026)) for s in (-1, 1)],
            at(ribbon(arc(0, 0.95, 0.05, 0.04, 180, 360, 12), 0.014, 1, 1)),
        ),
        NAVY,
    )
    sheet.lay(sheet.cover(*[at(ellipse(s * 0.125, 0.955, 0.035, 0.026)) for s in (-1, 1)], soften=1), CORAL, 0.7)
    note_figure(sheet, "child", at, -0.36, 0, 0.42, 1.32)


def robot(
    sheet: Sheet,
    x: float,
    y: float,
    size: float,
    mirror: bool = False,
    shell: Colour = TEAL,
    reach: tuple[float, float] = (0.62, 0.62),
) -> None:
    """A riveted robot with a dial on its chest, one artist held out to ``reach`` (in its own frame)."""
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    joint = mix(shell, NAVY, 0.6)
    fill(sheet, [at(box(-0.22, 0.1, -0.10, 0.42)), at(box(0.10, 0.1, 0.22, 0.42))], joint)
    fill(sheet, [at(box(-0.30, 0, -0.04, 0.12, 0.06)), at(box(0.04, 0, 0.30, 0.12, 0.06))], BRICK)
    fill(sheet, at(ribbon(spline([(-0.32, 0.78), (-0.50, 0.62), (-0.46, 0.40)]), 0.10, 1, 1)), joint)
    sheet.lay(sheet.cover(at(ellipse(-0.46, 0.36, 0.075))), MUSTARD)
    trunk = fill(sheet, at(box(-0.34, 0.36, 0.34, 0.92, 0.10)), shell, toward=(1, 0.4))
    hatch(sheet, trunk, 0, 3.0, mix(shell, WHITE, 0.4), 0.35)
    fill(sheet, at(box(-0.22, 0.50, 0.22, 0.80, 0.05)), CREAM, BLUSH, reach=0.4)
    dial = [
        ribbon(arc(-0.08, 0.58, 0.10, 0.10, 0, 180, 20), 0.02, 1, 1),
        ribbon([(-0.08, 0.58), (-0.03, 0.66)], 0.02, 1, 0.6),
    ]
    sheet.lay(sheet.cover(*[at(d) for d in dial]), NAVY)
    for k, tone in enumerate((CORAL, MUSTARD, TEAL)):
        sheet.lay(sheet.cover(at(ellipse(0.13, 0.56 + 0.09 * k, 0.033))), tone)
    fill(
        sheet,
        at(
            ribbon(
                spline([(0.32, 0.78), (0.32 + (reach[0] - 0.32) * 0.6, min(0.7, reach[1]) - 0.06), reach]), 0.10, 1, 1
            )
        ),
        joint,
    )
    sheet.lay(sheet.cover(at(ellipse(*reach, 0.075))), MUSTARD)
    fill(sheet, at(box(-0.09, 0.9, 0.09, 1.0)), joint)
    fill(sheet, at(box(-0.30, 0.97, 0.30, 1.40, 0.13)), shell, toward=(1, 0.4))
    fill(sheet, at(box(-0.22, 1.08, 0.22, 1.32, 0.10)), NAVY, PLUM)
    sheet.lay(sheet.cover(*[at(ellipse(s * 0.10, 1.21, 0.055)) for s in (-1, 1)]), MUSTARD)
    sheet.lay(sheet.cover(at(ribbon(arc(0, 1.14, 0.05, 0.03, 180, 360, 12), 0.018, 1, 1))), MUSTARD)
    sheet.lay(sheet.cover(at(ribbon([(0, 1.4), (0.03, 1.58)], 0.03, 1, 1))), NAVY)
    fill(
        sheet,
        [at(ellipse(0.03, 1.60, 0.06)), at(ellipse(-0.32, 1.2, 0.05, 0.09)), at(ellipse(0.32, 1.2, 0.05, 0.09))],
        CORAL,
    )
    note_figure(sheet, "robot", at, -0.54, 0, 0.68, 1.66)


def sailboat(sheet: Sheet, x: float, y: float, size: float, sail: Colour, hull: Colour, mirror: bool = False) -> None:
    at = Frame(*sheet.at(x, y), sheet.unit * size, mirror)
    sheet.lay(sheet.cover(at(box(-0.02, 0.2, 0.02, 1.5))), NAVY)
    pattern(
        sheet,
        fill(sheet, at(np.vstack([spline([(0.06, 1.45), (0.5, 0.9), (0.66, 0.34)]), [(0.06, 0.34)]])), sail),
        "stripes",
        2.0,
        mix(sail, WHITE, 0.5),
        0.8,
    )
    fill(sheet, at(np.vstack([spline([(-0.06, 1.3), (-0.36, 0.8), (-0.44, 0.34)]), [(-0.06, 0.34)]])), CREAM, BLUSH)
    fill(sheet, at([(-0.6, 0.26), (0.75, 0.26), (0.55, -0.02), (-0.45, -0.02)]), hull)
    note_figure(sheet, "sailboat", at, -0.6, 0, 0.75, 1.5)


def lighthouse(sheet: Sheet, x: float, y: float, size: float, bands: Colour) -> tuple[float, float]:
    """A banded tower. Returns where its lamp is, in pixels."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    for k in range(6):
        low, high = k * 0.28, (k + 1) * 0.28
        half = [0.36 - 0.085 * t for t in (low, high)]
        fill(
            sheet,
            at([(-half[0], low), (half[0], low), (half[1], high), (-half[1], high)]),
            (bands, CREAM)[k % 2],
            (mix(bands, NAVY, 0.4), BLUSH)[k % 2],
            (1, 0),
            0.6,
        )
    fill(sheet, at(box(-0.30, 1.66, 0.30, 1.74)), NAVY)
    fill(sheet, at(box(-0.16, 1.74, 0.16, 2.02)), MUSTARD, CORAL)
    sheet.lay(sheet.cover(*[at(box(v - 0.012, 1.74, v + 0.012, 2.02)) for v in (-0.16, -0.05, 0.05, 0.16)]), NAVY)
    fill(sheet, [at([(-0.22, 2.0), (0, 2.28), (0.22, 2.0)]), at(ellipse(0, 2.3, 0.035))], BRICK)
    fill(
        sheet,
        [
            at(box(-0.07, 0.02, 0.07, 0.26, 0.07)),
            at(box(-0.04, 0.75, 0.04, 0.9, 0.04)),
            at(box(-0.04, 1.3, 0.04, 1.45, 0.04)),
        ],
        NAVY,
    )
    note_figure(sheet, "lighthouse", at, -0.36, 0, 0.36, 2.3)
    lamp = at([(0.0, 1.88)])[0]
    return float(lamp[0]), float(lamp[1])


def train(sheet: Sheet, x: float, y: float, size: float, engine: Colour, coaches: tuple[Colour, ...]) -> None:
    """A little steam train going left, with a coach for each colour, its wheels on (x, y)."""
    at = Frame(*sheet.at(x, y), sheet.unit * size)
    fill(sheet, at(box(-0.9, 0.16, 0.05, 0.52, 0.12)), engine)
    fill(sheet, at(box(-0.02, 0.16, 0.5, 0.86)), engine)
    fill(
        sheet,
        [
            at(box(-0.08, 0.84, 0.58, 0.93, 0.03)),
            at([(-0.72, 0.5), (-0.78, 0.82), (-0.52, 0.82), (-0.58, 0.5)]),
            at([(-0.9, 0.2), (-1.12, 0.06), (-0.8, 0.06)]),
        ],
        BRICK,
    )
    sheet.lay(sheet.cover(at(box(0.10, 0.50, 0.38, 0.76, 0.05)), at(ellipse(-0.92, 0.36, 0.06))), MUSTARD)
    wheels = [(-0.7, 0.13), (-0.38, 0.13), (0.2, 0.17)]
    for k, tone in enumerate(coaches):
        left = 0.66 + k * 1.2
        fill(sheet, at(box(left, 0.16, left + 1.08, 0.78, 0.07)), tone)
        fill(sheet, at(box(left - 0.03, 0.74, left + 1.11, 0.84, 0.05)), mix(tone, NAVY, 0.5))
        sheet.lay(
            sheet.cover(*[at(box(left + 0.1 + 0.24 * w, 0.42, left + 0.27 + 0.24 * w, 0.66, 0.04)) for w in range(4)]),
            MUSTARD,
        )
        sheet.lay(sheet.cover(at(box(left - 0.14, 0.2, left + 0.02, 0.25))), NAVY)
        wheels += [(left + 0.24, 0.12), (left + 0.84, 0.12)]
    fill(sheet, [at(ellipse(wx, r, r)) for wx, r in wheels], NAVY)
    sheet.lay(sheet.cover(*[at(ellipse(wx, r, r * 0.4)) for wx, r in wheels]), CREAM)
    note_figure(sheet, "train", at, -1.1, 0, 0.66 + 1.2 * len(coaches), 0.93)
