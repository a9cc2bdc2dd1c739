"""Made things: buildings, bridges, boats, vehicles, vessels, furniture, fruit, umbrellas, lanterns."""

from __future__ import annotations

import numpy as np

from scripts.painted.outlines import (
    CHECKS,
    DETAIL,
    FOURTH,
    GRADIENT,
    INK,
    INNER,
    LIGHT,
    MAIN,
    SCALES,
    SECOND,
    STRIPES,
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


def house(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    w, top = rng.uniform(0.45, 0.85), rng.uniform(-0.4, 0.3)
    side = rng.choice([-1, 0, 1])
    pen.cloth(rectangle(-w, top, w, 0.95), MAIN)
    if side:
        pen.parts.append(
            Part(
                at(side * w, top, side * (w + 0.2), top + 0.1, side * (w + 0.2), 0.85, side * w, 0.95), MAIN, tone=-0.3
            )
        )
    high, over = rng.uniform(0.2, 0.6), rng.uniform(0, 0.25)
    roof = at(-w - over, top, -w * rng.uniform(0, 0.9), top - high, w * rng.uniform(0, 0.9), top - high, w + over, top)
    pen.parts.append(Part(roof, SECOND, fill=int(rng.choice([0, STRIPES, SCALES])), second=INK, pitch=20))
    if rng.random() < 0.5:
        x = rng.uniform(-0.5, 0.5) * w
        pen.fill(rectangle(x, top - high - 0.15, x + 0.13, top - high * 0.3), THIRD)
    _windows(rng, pen, -w, top, w, 0.95)
    if rng.random() < 0.7:
        x = rng.uniform(-0.6, 0.6) * w
        pen.fill(rectangle(x - 0.1, 0.55, x + 0.1, 0.95), FOURTH, INNER)
    return pen.parts


def _windows(rng: Random, pen: Sketch, x0: float, y0: float, x1: float, y1: float) -> None:
    across, down = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    role = int(rng.choice([LIGHT, INK, THIRD]))
    fill = rng.uniform(0.3, 0.7)
    for i in range(across):
        for j in range(down):
            cx, cy = x0 + (x1 - x0) * (i + 0.5) / across, y0 + (y1 - y0) * (j + 0.5) / down
            hx, hy = (x1 - x0) / across * fill / 2, (y1 - y0) / down * fill / 2
            pen.fill(rectangle(cx - hx, cy - hy, cx + hx, cy + hy), role, INNER)


def tower(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    w, taper = rng.uniform(0.15, 0.45), rng.uniform(0.5, 1)
    pen.cloth(at(-w, 0.95, w, 0.95, w * taper, -0.6, -w * taper, -0.6), MAIN)
    _windows(rng, pen, -w * taper, -0.55, w * taper, 0.9)
    kind = rng.random()
    if kind < 0.4:
        pen.fill(at(-w * 1.1, -0.58, 0, -1, w * 1.1, -0.58), SECOND)
    elif kind < 0.6:
        pen.fill(ellipse(0, -0.62, w, 0.3), SECOND)
        pen.line(at(0, -0.9, 0, -1.1), INK, 0.012, INNER)
    return pen.parts


def pagoda(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    floors = int(rng.integers(1, 6))
    high = 1.8 / floors
    for k in range(floors):
        y, w = 0.95 - k * high, 0.55 * (1 - 0.13 * k)
        pen.fill(rectangle(-w, y - high * 0.65, w, y), MAIN)
        for x in np.linspace(-w * 0.8, w * 0.8, 4):
            pen.line(at(x, y - high * 0.6, x, y), INK, 0.01)
        eave = w * rng.uniform(1.35, 1.7)
        roof = at(
            -eave,
            y - high * 0.62,
            -w * 0.7,
            y - high * 0.7,
            -w * 0.5,
            y - high,
            w * 0.5,
            y - high,
            w * 0.7,
            y - high * 0.7,
            eave,
            y - high * 0.62,
            0,
            y - high * 0.55,
        )
        pen.fill(roof, SECOND)
    return pen.parts


def bridge(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    bow = rng.uniform(0, 0.35)
    deck = bend(-1, 0.3, 1, 0.3, -bow, 16)
    for k in range(1, 15, int(rng.integers(2, 5))):
        pen.limb(np.stack([deck[k], deck[k] * (1, 0) + (0, 0.95)]), 0.03, 0.04, SECOND)
    pen.limb(deck, 0.08, 0.08, MAIN)
    if rng.random() < 0.7:
        pen.limb(deck - (0, 0.25), 0.02, 0.02, MAIN)
        for k in range(0, 16, 2):
            pen.line(np.stack([deck[k], deck[k] - (0, 0.27)]), MAIN, 0.012, INNER)
    return pen.parts


def boat(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    rise = rng.uniform(0.1, 0.4)
    sail = rng.random()
    if sail < 0.75:
        x = rng.uniform(-0.2, 0.2)
        pen.limb(at(x, 0.5, x, -0.95), 0.025, 0.015, INK)
        if sail < 0.45:
            pen.cloth(smooth(at(x + 0.03, -0.9, x + rng.uniform(0.4, 0.8), 0.2, x + 0.03, 0.3), rounds=1), SECOND)
            pen.fill(at(x - 0.03, -0.7, x - rng.uniform(0.2, 0.6), 0.25, x - 0.03, 0.3), THIRD)
        else:
            pen.cloth(at(x - 0.4, -0.8, x + 0.4, -0.8, x + 0.5, 0.2, x - 0.5, 0.2), SECOND)
    else:
        pen.fill(rectangle(-0.4, 0.1, 0.3, 0.5), SECOND)
        pen.fill(rectangle(-0.1, -0.3, 0.1, 0.1), THIRD)
    pen.cloth(smooth(at(-0.95, 0.5 - rise, -0.5, 0.45, 0.5, 0.45, 1, 0.5 - rise, 0.6, 0.9, -0.6, 0.9), rounds=1), MAIN)
    pen.line(at(-0.7, 0.6, 0.7, 0.6), LIGHT, 0.012, INNER)
    return pen.parts


def car(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    roof, front = rng.uniform(-0.5, 0.0), rng.uniform(0.2, 0.7)
    pen.cloth(
        smooth(
            at(-0.9, 0.6, -0.95, 0.2, -0.6, 0.1, -0.4, roof, front - 0.2, roof, front, 0.1, 0.95, 0.2, 0.95, 0.6),
            rounds=1,
        ),
        MAIN,
    )
    pen.fill(at(-0.45, 0.1, -0.32, roof + 0.12, -0.05, roof + 0.12, -0.05, 0.1), LIGHT, INNER)
    pen.fill(at(0.02, 0.1, 0.02, roof + 0.12, front - 0.25, roof + 0.12, front - 0.1, 0.1), LIGHT, INNER)
    for x in (-0.55, 0.55):
        size = rng.uniform(0.16, 0.28)
        pen.disc(x, 0.62, size, size, INK)
        pen.disc(x, 0.62, size * 0.5, size * 0.5, SECOND, INNER)
    pen.disc(0.88, 0.33, 0.06, 0.07, THIRD, INNER)
    return pen.parts


def vessel(rng: Random) -> list[Part]:
    """A turned body: bottle, vase, bowl or cup, with bands, label or handle."""
    pen = Sketch(rng)
    count = int(rng.integers(4, 8))
    half = rng.uniform(0.12, 0.6, count)
    y = np.linspace(-0.9, 0.95, count)
    right = smooth(np.stack([half, y], axis=1), closed=False)
    outline = np.concatenate([right, (right * (-1, 1))[::-1]])
    if rng.random() < 0.3:
        pen.line(bend(half[1], y[1], half[-2], y[-2], -0.5), MAIN, 0.05, INNER)
    pen.cloth(outline, MAIN)
    for k in rng.integers(2, len(right) - 2, int(rng.integers(0, 4))):
        a, b = right[k], right[min(k + 2, len(right) - 1)]
        pen.fill(np.stack([a, b, b * (-1, 1), a * (-1, 1)]), int(rng.choice([SECOND, THIRD, LIGHT])), INNER)
    pen.disc(0, -0.9, half[0], half[0] * 0.2, SECOND, INNER)
    return pen.parts


def umbrella(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    pen.limb(bend(0, -0.9, rng.normal(0, 0.05), 0.9, 0.02), 0.02, 0.02, INK)
    count = int(rng.integers(3, 8))
    edges = np.linspace(-0.95, 0.95, count + 1)
    deep = rng.uniform(0.0, 0.35)
    for k in range(count):
        a, b = edges[k], edges[k + 1]
        rib = [bend(0, -0.85, x, deep, 0.12 * np.sign(x) * abs(x), 6) for x in (a, b)]
        pen.fill(
            np.concatenate([rib[0], bend(a, deep, b, deep, 0.12, 5), rib[1][::-1]]), MAIN if k % 2 else SECOND, INNER
        )
    return pen.parts


def lantern(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    pen.line(at(0, -1, 0, -0.7), INK, 0.01, INNER)
    high = rng.uniform(0.5, 0.8)
    pen.cloth(ellipse(0, 0, rng.uniform(0.35, 0.7), high), MAIN)
    for y in (-high, high):
        pen.fill(rectangle(-0.22, y - 0.08, 0.22, y + 0.08), INK)
    for y in np.linspace(-high * 0.7, high * 0.7, 5):
        pen.line(bend(-0.4, y, 0.4, y, 0.1, 5), SECOND, 0.008)
    return pen.parts


def furniture(rng: Random) -> list[Part]:
    """Table, chair, bench or cupboard."""
    pen = Sketch(rng)
    kind, w = rng.random(), rng.uniform(0.5, 0.95)
    if kind < 0.35:
        for x in (-w * 0.85, w * 0.85, -w * 0.6, w * 0.6):
            pen.limb(at(x, 0, x * 1.05, 0.95), 0.05, 0.04, SECOND)
        pen.cloth(at(-w, 0.05, w, 0.05, w * 0.75, -0.25, -w * 0.75, -0.25), MAIN)
        pen.fill(rectangle(-w, 0.05, w, 0.15), SECOND)
    elif kind < 0.7:
        pen.cloth(rectangle(-0.4, -0.95, 0.4, 0.1), MAIN)
        for x in np.linspace(-0.25, 0.25, int(rng.integers(1, 5))):
            pen.limb(at(x, -0.8, x, 0), 0.04, 0.04, LIGHT, INNER)
        pen.fill(at(-0.42, 0.1, 0.42, 0.1, 0.6, 0.35, -0.6, 0.35), SECOND)
        for x in (-0.55, 0.55):
            pen.limb(at(x, 0.3, x, 0.95), 0.05, 0.04, THIRD)
    else:
        pen.cloth(rectangle(-w * 0.8, -0.95, w * 0.8, 0.95), MAIN)
        for y in np.linspace(-0.9, 0.9, int(rng.integers(2, 5)))[:-1]:
            pen.fill(rectangle(-w * 0.7, y, w * 0.7, y + 0.35), SECOND, INNER)
            for x in rng.uniform(-w * 0.6, w * 0.5, int(rng.integers(0, 6))):
                pen.fill(rectangle(x, y + 0.08, x + 0.08, y + 0.35), int(rng.choice([THIRD, FOURTH, LIGHT])), INNER)
    return pen.parts


def fruit(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    kind = rng.random()
    if kind < 0.5:
        body = blob(rng, 0.08, 3) * (0.85, 0.8) + (0, 0.1)
        pen.parts.append(Part(body, MAIN, fill=GRADIENT, second=SECOND, angle=rng.uniform(0, 6)))
        pen.line(bend(0, -0.6, rng.normal(0, 0.1), -0.95, 0.1), INK, 0.02, INNER)
        pen.fill(
            affine(smooth(at(0, 0, 0.3, 0.15, 0.6, 0, 0.3, -0.15)), (1, 1), rng.uniform(-1, 0.5), (0, -0.75)),
            THIRD,
            INNER,
        )
    elif kind < 0.75:
        for x, y in zip(rng.normal(0, 0.35, 14), rng.uniform(-0.6, 0.8, 14), strict=True):
            pen.disc(x * (0.9 - y) * 0.8, y, 0.2, 0.2, MAIN, INNER)
    else:
        pen.limb(bend(-0.8, -0.3, 0.8, -0.4, 0.45, 14), 0.12, 0.18, MAIN)
        pen.disc(0.8, -0.4, 0.07, 0.09, INK, INNER)
    return pen.parts


def fan(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    angles = np.linspace(-2.6, -0.5, 16)
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1) + (0, 0.6)
    inner = (np.stack([np.cos(angles), np.sin(angles)], axis=1) * 0.4 + (0, 0.6))[::-1]
    pen.cloth(np.concatenate([rim, inner]), MAIN)
    for angle in angles[::3]:
        pen.line(at(0, 0.6, np.cos(angle), np.sin(angle) + 0.6), INK, 0.01, INNER)
    return pen.parts


def sword(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    curve = bend(0, 0.6, rng.normal(0, 0.2), -1, rng.normal(0, 0.08))
    pen.limb(curve, rng.uniform(0.05, 0.12), 0.015, LIGHT)
    pen.limb(at(0, 0.6, 0, 1), 0.05, 0.05, SECOND)
    pen.fill(rectangle(-rng.uniform(0.15, 0.35), 0.55, 0.25, 0.64), MAIN)
    return pen.parts


def book(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    open_ = rng.uniform(0.5, 0.95)
    for side in (-1, 1):
        pen.fill(at(0, 0.6, side * open_, 0.4, side * open_, -0.6, 0, -0.4), LIGHT if rng.random() < 0.7 else MAIN)
        for y in np.linspace(-0.35, 0.35, 5):
            pen.line(at(side * 0.12, y, side * open_ * 0.85, y - 0.12), INK, 0.008, DETAIL)
    pen.limb(at(0, -0.4, 0, 0.62), 0.04, 0.04, SECOND)
    return pen.parts


def machine(rng: Random) -> list[Part]:
    """A robot-like heap of rectangles, discs and pipes, mirrored."""
    pen = Sketch(rng)
    for _ in range(int(rng.integers(2, 6))):
        x, y = abs(rng.normal(0.2, 0.3)), rng.uniform(-0.8, 0.8)
        w, h = rng.uniform(0.08, 0.4, 2)
        role = int(rng.choice([MAIN, SECOND, THIRD]))
        shape = rectangle(x - w, y - h, x + w, y + h) if rng.random() < 0.6 else ellipse(x, y, w, w)
        if rng.random() < 0.2:
            pen.parts.append(Part(shape, role, fill=CHECKS, second=INK, pitch=16))
        else:
            pen.fill(shape, role)
        if rng.random() < 0.5:
            pen.disc(x, y, w * 0.4, w * 0.4, LIGHT, INNER)
    pen.mirrored(0)
    pen.fill(rectangle(-0.2, -0.5, 0.2, 0.6), MAIN)
    pen.disc(0, -0.6, 0.3, 0.25, SECOND)
    for side in (-1, 1):
        pen.disc(side * 0.12, -0.62, 0.06, 0.06, LIGHT, DETAIL)
    return pen.parts


BUILDINGS = (house, house, tower, pagoda)
CRAFT = (boat, bridge, car)
THINGS = (vessel, vessel, umbrella, lantern, furniture, fruit, fan, sword, book, machine)
TABLE = (vessel, fruit, fruit, vessel, book, lantern)
