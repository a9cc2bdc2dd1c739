"""Living elements: persons, faces, artists, mascots."""

from __future__ import annotations

import numpy as np

from scripts.painted.outlines import (
    DETAIL,
    FOURTH,
    INK,
    INNER,
    LIGHT,
    MAIN,
    SECOND,
    THIRD,
    Part,
    Random,
    Sketch,
    affine,
    at,
    bend,
    blob,
    ellipse,
    rectangle,
    smooth,
)


def face(rng: Random) -> list[Part]:
    """A head from the front or turned, with hair, eyes, brows, nose, mouth; shoulders below."""
    pen = Sketch(rng)
    turn = rng.normal(0, 0.12)
    wide, high = rng.uniform(0.38, 0.55), rng.uniform(0.5, 0.62)
    hair = blob(rng, 0.12) * (wide * rng.uniform(1.15, 1.7), high * rng.uniform(1.1, 1.6)) + (0, -0.15)
    pen.cloth(hair, SECOND)
    shoulder = rng.uniform(0.75, 1.2)
    pen.cloth(
        smooth(at(-0.2, 0.42, 0.2, 0.42, shoulder * 0.8, 0.72, shoulder, 1.3, -shoulder, 1.3, -shoulder * 0.8, 0.72)),
        THIRD,
    )
    pen.fill(rectangle(-0.15, 0.25, 0.15, 0.62), MAIN, INNER, -0.12)
    if rng.random() < 0.6:
        pen.fill(
            at(-0.25, 0.5, 0, 0.85, 0.25, 0.5, 0.35, 0.6, 0, 1.05, -0.35, 0.6), int(rng.choice([LIGHT, FOURTH])), INNER
        )
    jaw = rng.uniform(0.45, 0.95)
    skull = at(
        -wide, -0.45, 0, -high - 0.1, wide, -0.45, wide, 0.05, wide * jaw, 0.3, 0, high, -wide * jaw, 0.3, -wide, 0.05
    )
    pen.fill(smooth(skull), MAIN)
    for side in (-1, 1):
        _eye(rng, pen, side * wide * 0.45 + turn, -0.02, wide * rng.uniform(0.14, 0.26), side)
    tip = turn * 1.6
    pen.line(at(tip - 0.03, 0.0, tip + 0.05 * np.sign(turn), 0.17, tip - 0.03, 0.19), INK, 0.008)
    mouth = rng.normal(0, 0.2)
    pen.limb(
        bend(turn - 0.13, 0.32, turn + 0.13, 0.32, mouth), 0.02, 0.02, FOURTH if rng.random() < 0.5 else INK, DETAIL
    )
    _fringe(rng, pen, wide, high)
    extra = rng.random()
    if extra < 0.25:
        pen.cloth(at(-wide * 1.3, -0.4, wide * 1.3, -0.4, wide * 0.9, -0.95, -wide * 0.9, -0.95), FOURTH)
        pen.disc(0, -0.42, wide * rng.uniform(1.4, 2.2), 0.09, FOURTH)
    elif extra < 0.4:
        for side in (-1, 1):
            pen.disc(side * wide * rng.uniform(0.8, 1.1), -0.75, 0.22, 0.3, int(rng.choice([SECOND, FOURTH])), INNER)
    elif extra < 0.55:
        for x in rng.uniform(-wide, wide, 3):
            pen.disc(x, -0.62, 0.09, 0.09, FOURTH, DETAIL)
    return pen.parts


def _eye(rng: Random, pen: Sketch, x: float, y: float, size: float, side: int) -> None:
    lid = ellipse(x, y, size, size * rng.uniform(0.4, 1.0), side * 0.1)
    pen.fill(lid, LIGHT, INNER)
    pen.disc(x, y, size * 0.55, size * 0.6, int(rng.choice([INK, FOURTH, SECOND])), DETAIL)
    pen.line(bend(x - size, y - 0.04, x + size, y - 0.04, -0.3), INK, 0.012)
    pen.line(bend(x - size, y - 0.16, x + size, y - 0.16 + rng.normal(0, 0.04), -0.15), SECOND, 0.014)


def _fringe(rng: Random, pen: Sketch, wide: float, high: float) -> None:
    count = int(rng.integers(1, 6))
    top = -high - 0.12
    for k in range(count):
        x = wide * 1.05 * (2 * (k + 0.5) / count - 1)
        end = rng.uniform(-0.4, -0.15) + 0.25 * abs(x)
        curve = bend(x * 0.4, top, x, end, rng.normal(0, 0.15))
        pen.limb(curve, wide * 0.9 / count, 0.02, SECOND, INNER)
    if rng.random() < 0.5:
        for side in (-1, 1):
            curve = bend(
                side * wide, -0.5, side * wide * rng.uniform(1, 1.4), rng.uniform(0.3, 1.0), rng.normal(0, 0.15)
            )
            pen.limb(curve, 0.13, 0.03, SECOND)


def person(rng: Random) -> list[Part]:
    """A standing, walking or dancing figure in robe, dress or trousers."""
    pen = Sketch(rng)
    sway, build = rng.normal(0, 0.12), rng.uniform(0.14, 0.26)
    head, hip = rng.uniform(0.1, 0.17), rng.uniform(0.05, 0.2)
    neck = -0.95 + 2 * head
    robe = rng.random() < 0.55
    first = bend(build, neck + 0.12, build + rng.uniform(0, 0.5), rng.uniform(-0.7, 0.25), rng.normal(0, 0.3))
    second = bend(-build, neck + 0.12, -build - rng.uniform(0, 0.5), rng.uniform(-0.7, 0.25), rng.normal(0, 0.3))
    sleeve = rng.uniform(0.05, 0.2) if robe else rng.uniform(0.04, 0.07)
    pen.limb(first, 0.06, sleeve, MAIN)
    pen.disc(first[-1][0], first[-1][1], 0.055, 0.055, FOURTH, INNER)
    spread = rng.uniform(0.05, 0.4)
    if not robe or rng.random() < 0.3:
        for side in (-1, 1):
            pen.limb(bend(side * 0.08, hip, side * spread + sway, 0.95, rng.normal(0, 0.1)), 0.09, 0.05, THIRD)
            pen.disc(side * spread + sway + 0.05, 0.96, 0.11, 0.05, INK, INNER)
    hem = rng.uniform(0.15, 0.55)
    bottom = 0.97 if robe else hip + rng.uniform(0.05, 0.5)
    body = at(
        -build,
        neck + 0.06,
        build,
        neck + 0.06,
        build * 0.7,
        hip - 0.1,
        hem + sway,
        bottom,
        -hem + sway,
        bottom,
        -build * 0.7,
        hip - 0.1,
    )
    pen.cloth(smooth(body, rounds=1), MAIN)
    if rng.random() < 0.6:
        pen.fill(at(-build * 0.8, hip - 0.2, build * 0.8, hip - 0.2, build, hip, -build, hip), SECOND, INNER)
    if robe:
        pen.line(at(-build * 0.7, neck + 0.06, 0.02, hip - 0.25, build * 0.5, neck + 0.06), LIGHT, 0.012, INNER)
        for x in rng.uniform(-hem, hem, 3):
            pen.line(bend(x * 0.3, hip, x + sway, bottom, rng.normal(0, 0.08)), INK, 0.006)
    pen.limb(second, 0.06, sleeve, MAIN, INNER)
    pen.disc(second[-1][0], second[-1][1], 0.055, 0.055, FOURTH, INNER)
    _head(rng, pen, sway * 0.4, neck - head * 0.9, head)
    _held(rng, pen, second[-1][0], second[-1][1])
    return pen.parts


def _head(rng: Random, pen: Sketch, x: float, y: float, size: float) -> None:
    hair = blob(rng, 0.12, count=18) * size * rng.uniform(1.15, 1.6)
    pen.fill(hair + (x, y - size * 0.2), INK if rng.random() < 0.6 else SECOND)
    pen.disc(x + size * rng.normal(0, 0.15), y + size * 0.1, size * 0.82, size, FOURTH, INNER)
    if rng.random() < 0.7:
        for side in (-1, 1):
            pen.disc(x + side * size * 0.35, y + size * 0.1, size * 0.12, size * 0.16, INK, DETAIL)
        pen.line(bend(x - size * 0.2, y + size * 0.6, x + size * 0.2, y + size * 0.6, 0.2, 5), INK, 0.005)
    hat = rng.random()
    if hat < 0.2:
        pen.fill(at(x - size * 1.9, y - size * 0.35, x, y - size * 1.7, x + size * 1.9, y - size * 0.35), THIRD)
    elif hat < 0.35:
        pen.fill(rectangle(x - size * 0.9, y - size * 1.9, x + size * 0.9, y - size * 0.5), SECOND)
        pen.disc(x, y - size * 0.5, size * 1.6, size * 0.2, SECOND)
    elif hat < 0.6:
        pen.disc(x + size * rng.normal(0, 0.5), y - size * 1.2, size * 0.5, size * 0.5, INK)


def _held(rng: Random, pen: Sketch, x: float, y: float) -> None:
    kind = rng.random()
    if kind < 0.15:
        pen.line(at(x, y - rng.uniform(0.3, 1), x + rng.normal(0, 0.1), y + rng.uniform(0.3, 0.9)), INK, 0.014, INNER)
    elif kind < 0.25:
        pen.line(at(x, y, x, y - 0.8), INK, 0.01, INNER)
        pen.cloth(at(x - 0.6, y - 0.6, x - 0.3, y - 0.85, x, y - 0.92, x + 0.3, y - 0.85, x + 0.6, y - 0.6), SECOND)
    elif kind < 0.35:
        pen.disc(x, y + 0.12, 0.12, 0.15, THIRD)
    elif kind < 0.45:
        pen.fill(affine(at(0, 0, -0.25, -0.3, 0, -0.4, 0.25, -0.3), (1, 1), rng.uniform(-1, 1), (x, y)), SECOND)


def sitter(rng: Random) -> list[Part]:
    """A seated or kneeling figure."""
    pen = Sketch(rng)
    head, lean = rng.uniform(0.15, 0.24), rng.normal(0, 0.15)
    base = smooth(at(-0.9, 0.95, -0.7, 0.4, -0.2, 0.3, 0.5, 0.35, 0.95, 0.7, 0.9, 0.95), rounds=2)
    pen.cloth(base * (rng.uniform(0.6, 1), 1), THIRD)
    body = at(-0.35 + lean, -0.4, 0.35 + lean, -0.4, 0.45, 0.3, 0.5, 0.7, -0.5, 0.7, -0.45, 0.3)
    pen.cloth(smooth(body, rounds=1), MAIN)
    for side in (-1, 1):
        curve = bend(
            side * 0.32 + lean, -0.3, rng.uniform(-0.1, 0.6) * side, rng.uniform(0.1, 0.5), side * rng.normal(0.2, 0.3)
        )
        pen.limb(curve, 0.12, rng.uniform(0.06, 0.16), MAIN, INNER)
        pen.disc(curve[-1][0], curve[-1][1], 0.08, 0.07, FOURTH, INNER)
    _head(rng, pen, lean * 1.4, -0.45 - head, head)
    return pen.parts


def artist(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    pen.cloth(at(-0.3, 0.45, 0.3, 0.45, 0.4, 1.0, -0.4, 1.0), SECOND)
    lengths = np.array([0.5, 0.8, 0.9, 0.8, 0.6]) * rng.uniform(0.35, 1.0, 5)
    for k, angle in enumerate((-1.0, -0.35, -0.05, 0.25, 0.55)):
        x = -0.28 + 0.14 * k
        end = (x + np.sin(angle) * lengths[k], -np.cos(angle) * lengths[k])
        pen.limb(bend(x, 0.1, end[0], end[1], rng.normal(0, 0.1)), 0.1, 0.07, MAIN)
    pen.fill(smooth(at(-0.35, -0.05, 0.35, -0.1, 0.32, 0.5, -0.3, 0.5)), MAIN, INNER)
    pen.line(bend(-0.2, 0.15, 0.2, 0.05, 0.2), INK, 0.006)
    return pen.parts


def mascot(rng: Random) -> list[Part]:
    """A round children's-book character with big face and short limbs."""
    pen = Sketch(rng)
    for side in (-1, 1):
        x, high = rng.uniform(0.25, 0.5), rng.uniform(0.2, 0.7)
        ear = ellipse(side * x, -0.55 - high * 0.4, rng.uniform(0.1, 0.25), high * 0.6, side * rng.uniform(0, 0.5))
        pen.fill(ear, MAIN)
        pen.fill((ear - ear.mean(0)) * 0.55 + ear.mean(0), SECOND, INNER)
        pen.limb(
            bend(side * 0.4, 0.3, side * rng.uniform(0.6, 0.95), rng.uniform(-0.2, 0.7), rng.normal(0, 0.3)),
            0.12,
            0.1,
            MAIN,
        )
        pen.disc(side * 0.25, 0.92, 0.2, 0.1, THIRD)
    pen.cloth(blob(rng, 0.07, 3) * (0.5, 0.5) + (0, 0.5), int(rng.choice([MAIN, THIRD])))
    pen.disc(0, 0.55, 0.3, 0.33, LIGHT, INNER)
    pen.fill(blob(rng, 0.06, 3) * (0.62, 0.52) + (0, -0.2), MAIN)
    size, gap = rng.uniform(0.06, 0.16), rng.uniform(0.16, 0.32)
    for side in (-1, 1):
        pen.disc(side * gap, -0.2, size, size * 1.2, LIGHT if rng.random() < 0.6 else INK, INNER)
        pen.disc(side * gap, -0.18, size * 0.55, size * 0.7, INK, DETAIL)
        pen.disc(side * gap * 1.6, 0.0, 0.08, 0.05, SECOND, DETAIL)
    pen.disc(0, -0.03, 0.07, 0.05, FOURTH, DETAIL)
    pen.line(bend(-0.14, 0.08, 0.14, 0.08, rng.uniform(-0.3, 0.5)), INK, 0.01)
    return pen.parts


PEOPLE = (person, person, sitter)
HEADS = (face, mascot, face)
LIMBS = (artist,)
