"""Elements of a landscape: trees, plants, rocks, mountains, clouds, sun and moon, water."""

from __future__ import annotations

import numpy as np

from scripts.painted.outlines import (
    BANDS,
    CLOUDS,
    FOURTH,
    GRADIENT,
    INK,
    INNER,
    LEAVES,
    LIGHT,
    MAIN,
    SECOND,
    SILHOUETTE,
    THIRD,
    Part,
    Points,
    Random,
    Sketch,
    affine,
    at,
    bend,
    blob,
    ellipse,
    smooth,
    tapered,
)


def tree(rng: Random) -> list[Part]:
    """A trunk that forks recursively, bare or with clumps of leaves."""
    pen = Sketch(rng)
    tips: list[Points] = []
    fork, lean = rng.uniform(0.3, 0.8), rng.normal(0, 0.15)

    def branch(x: float, y: float, angle: float, length: float, width: float, depth: int) -> None:
        ex, ey = x + length * np.sin(angle), y - length * np.cos(angle)
        pen.limb(
            bend(x, y, ex, ey, rng.normal(0, 0.12), 5), width, width * 0.6, MAIN, SILHOUETTE if depth < 2 else INNER
        )
        if depth >= 3 or length < 0.1:
            tips.append(np.array([ex, ey]))
            return
        for side in (-1, 1):
            turn = angle + side * fork * rng.uniform(0.5, 1.3)
            branch(ex, ey, turn, length * rng.uniform(0.55, 0.85), width * 0.6, depth + 1)

    branch(0, 0.95, lean, rng.uniform(0.5, 0.8), rng.uniform(0.05, 0.13), 0 if rng.random() < 0.6 else 1)
    kind = rng.random()
    size = rng.uniform(0.12, 0.4)
    for tip in tips if kind < 0.75 else []:
        if rng.random() < 0.85:
            clump = blob(rng, 0.2, count=16) * (size, size * rng.uniform(0.4, 1)) + tip
            pen.parts.append(
                Part(clump, SECOND, INNER, 0, float(rng.normal(0, 0.12)), int(rng.choice([0, LEAVES])), THIRD, 20)
            )
    return pen.parts


def conifer(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    pen.limb(at(0, 0.95, 0, -0.7), 0.07, 0.02, MAIN)
    layers = int(rng.integers(2, 6))
    droop = rng.uniform(-0.1, 0.25)
    for k in range(layers):
        y = 0.6 - 1.4 * k / layers
        half, high = 0.55 * (1 - 0.75 * k / layers), 1.5 / layers
        pen.fill(
            at(-half, y + droop * half, 0, y - high, half, y + droop * half, 0, y - 0.05),
            SECOND,
            INNER,
            -0.06 * (layers - k),
        )
    return pen.parts


def pine(rng: Random) -> list[Part]:
    """A bent trunk with flat cloud-like tiers, as in East Asian painting."""
    pen = Sketch(rng)
    trunk = smooth(np.stack([np.cumsum(rng.normal(0, 0.22, 6)), np.linspace(0.95, -0.7, 6)], axis=1), closed=False)
    pen.limb(trunk, 0.09, 0.03, MAIN)
    for k in rng.integers(6, len(trunk), int(rng.integers(3, 7))):
        side = rng.choice([-1, 1]) * rng.uniform(0.1, 0.6)
        x, y = trunk[k][0] + side, trunk[k][1] - rng.uniform(0, 0.15)
        pen.line(np.stack([trunk[k], np.array([x, y])]), MAIN, 0.015, INNER)
        width = rng.uniform(0.2, 0.5)
        tier = at(-1, 0.25, -0.6, -0.2, -0.2, -0.3, 0.3, -0.35, 0.7, -0.15, 1, 0.25) * (width, 0.4) + (x, y)
        pen.parts.append(Part(smooth(tier), SECOND, INNER, fill=int(rng.choice([0, LEAVES])), second=INK, pitch=24))
    return pen.parts


def palm(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    trunk = bend(0, 0.95, rng.normal(0, 0.25), -0.35, rng.normal(0, 0.15))
    pen.limb(trunk, 0.08, 0.04, MAIN)
    for angle in rng.uniform(0, 2 * np.pi, int(rng.integers(5, 10))):
        end = trunk[-1] + rng.uniform(0.5, 0.8) * np.array([np.cos(angle), 0.7 * np.sin(angle) + 0.15])
        curve = bend(trunk[-1][0], trunk[-1][1], end[0], end[1], -0.25 * np.sign(np.cos(angle)))
        pen.limb(np.concatenate([curve, curve[-1:] + 0.01]), 0.03, 0.09 * rng.random(), SECOND, INNER)
    return pen.parts


def bamboo(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    for _ in range(int(rng.integers(1, 4))):
        x, lean, width = rng.uniform(-0.5, 0.5), rng.normal(0, 0.2), rng.uniform(0.03, 0.09)
        knots = np.linspace(1, -1, int(rng.integers(4, 8)))
        for low, high in zip(knots[:-1], knots[1:], strict=True):
            pen.limb(at(x + lean * low, low - 0.02, x + lean * high, high + 0.02), width, width, MAIN)
        for y in rng.uniform(-0.9, 0.4, 5):
            _leaf(rng, pen, x + lean * y, y, rng.uniform(0.2, 0.45), rng.uniform(0, 6.3))
    return pen.parts


def _leaf(rng: Random, pen: Sketch, x: float, y: float, size: float, angle: float, role: int = SECOND) -> None:
    slim = rng.uniform(0.15, 0.5)
    leaf = smooth(at(0, 0, 0.4, slim * 0.5, 1, 0, 0.4, -slim * 0.5), rounds=1)
    pen.fill(affine(leaf, (size, size), angle, (x, y)), role, INNER, float(rng.normal(0, 0.1)))


def branch(rng: Random) -> list[Part]:
    """A branch with leaves, blossoms or fruit."""
    pen = Sketch(rng)
    stem = bend(-0.95, rng.uniform(-0.5, 0.5), 0.95, rng.uniform(-0.7, 0.3), rng.normal(0, 0.3), 14)
    pen.limb(stem, 0.05, 0.01, MAIN)
    for k in range(1, 14):
        if rng.random() < 0.75:
            _leaf(rng, pen, stem[k][0], stem[k][1], rng.uniform(0.2, 0.4), rng.uniform(0, 6.3))
        if rng.random() < 0.3:
            bud = stem[k] + rng.normal(0, 0.12, 2)
            pen.disc(bud[0], bud[1], 0.1, 0.1, THIRD, INNER)
    return pen.parts


def flower(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    y = rng.uniform(-0.6, 0.0)
    if rng.random() < 0.8:
        stem = bend(rng.normal(0, 0.15), 1, 0, y, rng.normal(0, 0.15))
        pen.limb(stem, 0.025, 0.025, SECOND)
        for k in (3, 5):
            _leaf(rng, pen, stem[k][0], stem[k][1], rng.uniform(0.3, 0.6), rng.choice([-0.5, 3.6]) + rng.normal(0, 0.4))
    count = int(rng.integers(4, 13))
    size, slim = rng.uniform(0.25, 0.5), rng.uniform(0.3, 1.2)
    petal = smooth(at(0, 0, 0.6, slim * 0.45, 1, 0, 0.6, -slim * 0.45), rounds=2) * size
    flat = rng.uniform(0.5, 1)
    for k in range(count):
        pen.fill(
            affine(petal, (1, 1), 2 * np.pi * k / count, (0, 0)) * (1, flat) + (0, y), MAIN, INNER, 0.08 * (-1) ** k
        )
    pen.disc(0, y, size * 0.3, size * 0.3 * flat, THIRD, INNER)
    return pen.parts


def bush(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    for _ in range(int(rng.integers(3, 9))):
        x, y, size = rng.normal(0, 0.45), rng.uniform(0, 0.6), rng.uniform(0.25, 0.5)
        clump = blob(rng, 0.2, 7, 24) * size + (x, y)
        tone = float(rng.normal(0, 0.15))
        pen.parts.append(
            Part(clump, MAIN, INNER, 0, tone, int(rng.choice([0, LEAVES, CLOUDS])), SECOND, rng.uniform(12, 30))
        )
    return pen.parts


def grass(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    for _ in range(int(rng.integers(5, 16))):
        x = rng.uniform(-0.7, 0.7)
        blade = bend(x, 1, x + rng.normal(0, 0.4), rng.uniform(-0.9, 0.4), rng.normal(0, 0.2), 6)
        pen.limb(blade, 0.035, 0.004, int(rng.choice([MAIN, SECOND])), INNER)
    return pen.parts


def rock(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    outer = blob(rng, 0.15, 6, 11) * (1, rng.uniform(0.4, 0.9))
    pen.cloth(outer, MAIN)
    cut = rng.normal(0, 0.2, 2)
    low = outer[np.argsort(np.arctan2(outer[:, 1], outer[:, 0]))][4:10]
    pen.parts.append(Part(np.concatenate([low, cut[None]]), MAIN, INNER, tone=-0.25))
    pen.line(bend(cut[0], cut[1], rng.normal(0, 0.4), rng.normal(0, 0.4), 0.1, 5), INK, 0.008)
    return pen.parts


def mountain(rng: Random) -> list[Part]:
    """A peak with a lit side and, at times, snow."""
    pen = Sketch(rng)
    top = rng.uniform(-0.3, 0.3)
    left, right = np.sort(rng.uniform(0, 1, 5)), np.sort(rng.uniform(0, 1, 5))[::-1]
    rise = np.linspace(0.05, 0.95, 5)
    west = np.stack([-1 + (1 + top) * left, 1 - 2 * rise], axis=1)
    east = np.stack([top + (1 - top) * (1 - right), 1 - 2 * rise], axis=1)[::-1]
    peak = at(top, -1)
    outline = np.concatenate([at(-1, 1), west, peak, east, at(1, 1)])
    pen.parts.append(Part(outline, MAIN, fill=int(rng.choice([0, GRADIENT, BANDS])), second=SECOND, angle=np.pi / 2))
    if rng.random() < 0.6:
        shade = np.concatenate([peak, east, at(1, 1, rng.normal(0, 0.3), 1, top + rng.normal(0, 0.2), 0)])
        pen.parts.append(Part(shade, MAIN, INNER, tone=-0.25))
    if rng.random() < 0.5:
        zig = np.stack([np.linspace(0, 1, 6), rng.uniform(-0.15, 0.25, 6)], axis=1)
        a, b = west[-1], east[0]
        pen.fill(
            np.concatenate([peak, b[None], (a + (b - a) * zig[:, :1] + (0, 0.1) + zig * (0, 1))[::-1], a[None]]),
            LIGHT,
            INNER,
        )
    return pen.parts


def orb(rng: Random) -> list[Part]:
    """Sun or moon: disc, crescent, rays or rings."""
    pen = Sketch(rng)
    kind = rng.random()
    if kind < 0.25:
        count = int(rng.integers(6, 20))
        for k in range(count):
            angle = 2 * np.pi * k / count
            pen.fill(affine(at(0.5, -0.08, 1, 0, 0.5, 0.08), (1, 1), angle, (0, 0)), SECOND)
        pen.disc(0, 0, 0.55, 0.55, MAIN)
    elif kind < 0.45:
        t = np.linspace(0.6, 2 * np.pi - 0.6, 24)
        outer = np.stack([np.cos(t), np.sin(t)], axis=1)
        inner = np.stack([np.cos(t[::-1]) * 0.75 + 0.3, np.sin(t[::-1]) * 0.8], axis=1)
        pen.fill(affine(np.concatenate([outer, inner]), (1, 1), rng.uniform(0, 6.3), (0, 0)), MAIN)
    elif kind < 0.6:
        for k, radius in enumerate(np.linspace(1, 0.4, int(rng.integers(2, 5)))):
            pen.disc(0, 0, radius, radius, (MAIN, SECOND, THIRD, LIGHT)[k], INNER)
    else:
        pen.parts.append(
            Part(ellipse(0, 0, 1, 1, count=36), MAIN, fill=int(rng.choice([0, 0, GRADIENT])), second=SECOND)
        )
    return pen.parts


def cloud(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    if rng.random() < 0.35:
        for y in np.linspace(-0.3, 0.3, int(rng.integers(2, 5))):
            x0, x1 = -rng.uniform(0.4, 1), rng.uniform(0.4, 1)
            pen.limb(at(x0, y, x0 + 0.02, y, x1, y), 0.1, 0.1, MAIN)
        return pen.parts
    count = int(rng.integers(3, 8))
    for k in range(count):
        x = -0.7 + 1.4 * k / max(count - 1, 1)
        size = 0.2 + 0.25 * (1 - abs(x)) * rng.uniform(0.6, 1.4)
        pen.parts.append(
            Part(ellipse(x, 0.1 - size * 0.5, size, size), MAIN, fill=int(rng.choice([0, CLOUDS])), second=LIGHT)
        )
    pen.fill(smooth(at(-1, 0.3, -0.8, 0, 0.8, 0, 1, 0.3)), MAIN)
    return pen.parts


def waterfall(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    x = np.cumsum(rng.normal(0, 0.12, 6))
    curve = np.stack([x - x.mean(), np.linspace(-1, 0.9, 6)], axis=1)
    pen.limb(smooth(curve, closed=False, rounds=1), rng.uniform(0.08, 0.25), rng.uniform(0.15, 0.4), LIGHT)
    for _ in range(int(rng.integers(3, 9))):
        pen.line(curve + (rng.normal(0, 0.12), 0), MAIN, 0.008)
    for x0 in rng.uniform(-0.5, 0.5, 5):
        pen.disc(curve[-1][0] + x0, 0.92, 0.2, 0.1, LIGHT, INNER)
    return pen.parts


def wave(rng: Random) -> list[Part]:
    """A breaking wave with claws of foam."""
    pen = Sketch(rng)
    tip = rng.uniform(0.2, 0.9)
    body = at(
        -1,
        1,
        -0.7,
        0.2,
        -0.2,
        -0.7,
        tip * 0.6,
        -0.95,
        tip,
        -0.4,
        tip * 0.7,
        -0.6,
        0.15,
        -0.35,
        0.1,
        0.3,
        0.5,
        0.8,
        1,
        1,
    )
    pen.fill(smooth(body), MAIN)
    for k in range(int(rng.integers(2, 6))):
        curve = bend(-0.75 + 0.13 * k, 1, -0.1 + 0.06 * k, -0.7 + 0.12 * k, -0.12)
        pen.limb(curve, 0.03, 0.015, SECOND, INNER)
    for t in np.linspace(0, 1, int(rng.integers(4, 10))):
        x, y = -0.2 + t * (tip + 0.2), -0.7 - 0.25 * np.sin(np.pi * t) + 0.25 * t**3
        pen.disc(x, y, rng.uniform(0.05, 0.13), rng.uniform(0.05, 0.13), LIGHT, INNER)
    return pen.parts


def mushroom(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    wide = rng.uniform(0.4, 0.95)
    pen.limb(bend(rng.normal(0, 0.1), 0.95, 0, 0, rng.normal(0, 0.1)), rng.uniform(0.1, 0.25), 0.12, LIGHT)
    pen.fill(smooth(at(-wide, 0.1, -wide * 0.8, -0.5, 0, -0.95, wide * 0.8, -0.5, wide, 0.1)), MAIN)
    for _ in range(int(rng.integers(0, 7))):
        pen.disc(rng.uniform(-0.5, 0.5) * wide, rng.uniform(-0.5, -0.05), 0.1, 0.08, FOURTH, INNER)
    return pen.parts


def feather(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    curve = bend(0, 1, rng.normal(0, 0.2), -0.9, rng.normal(0, 0.15), 12)
    pen.cloth(np.concatenate([tapered(curve[2:], rng.uniform(0.1, 0.25), 0.03), curve[-1:]]), MAIN)
    pen.limb(curve, 0.02, 0.01, INK, INNER)
    return pen.parts


TREES = (tree, tree, conifer, pine, palm, bamboo)
PLANTS = (flower, bush, grass, branch, mushroom)
LAND = (rock, mountain, waterfall)
SKY = (orb, cloud)
WATER = (wave,)
SMALL = (flower, mushroom, rock, feather, branch)
