"""Elements without a subject: blobs, polygons, ribbons, spirals, ornaments, marks that look like writing, creatures."""

from __future__ import annotations

import numpy as np

from scripts.painted.outlines import (
    DETAIL,
    FOURTH,
    GRADIENT,
    INK,
    INNER,
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
    rectangle,
    smooth,
    tapered,
    walk,
)


def splash(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    outer = blob(rng, rng.uniform(0.05, 0.4), int(rng.integers(2, 9)))
    pen.cloth(outer, MAIN)
    for size in np.sort(rng.uniform(0.2, 0.85, rng.integers(0, 4)))[::-1]:
        inner = outer if rng.random() < 0.5 else blob(rng, 0.25)
        pen.fill(inner * size + rng.normal(0, 0.08, 2), int(rng.integers(0, 6)), INNER)
    return pen.parts


def polygon(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    count = int(rng.integers(3, 9))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count)) if rng.random() < 0.5 else np.arange(count) * 2 * np.pi / count
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    if rng.random() < 0.35:
        points = np.repeat(points, 2, axis=0)
        points[1::2] = (points[1::2] + np.roll(points[1::2], -1, axis=0)) / 2 * rng.uniform(0.3, 0.8)
    pen.cloth(points, MAIN)
    if rng.random() < 0.4:
        pen.fill(points * rng.uniform(0.4, 0.8), SECOND, INNER)
    if rng.random() < 0.3:
        for point in points:
            pen.line(np.stack([point, np.zeros(2)]), INK, 0.006)
    return pen.parts


def ribbon(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    curve = smooth(walk(rng, int(rng.integers(4, 10)), rng.uniform(0.4, 1.2), 0.5), closed=False)
    curve = (curve - curve.mean(0)) / (np.abs(curve - curve.mean(0)).max() + 1e-6)
    width = rng.uniform(0.04, 0.25)
    pen.cloth(tapered(curve, width, width * rng.uniform(0, 1.2)), MAIN)
    if rng.random() < 0.5:
        pen.line(curve, int(rng.choice([INK, LIGHT, SECOND])), 0.008)
    return pen.parts


def spiral(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    turns = rng.uniform(1.2, 4)
    t = np.linspace(0.05, 1, 60)
    angles = t * turns * 2 * np.pi + rng.uniform(0, 6)
    curve = np.stack([t * np.cos(angles), t * np.sin(angles)], axis=1)
    if rng.random() < 0.4:
        pen.disc(0, 0, 1.05, 1.05, SECOND)
    pen.limb(curve, 0.02, rng.uniform(0.04, 0.14), MAIN)
    return pen.parts


def ornament(rng: Random) -> list[Part]:
    """A rosette: one petal motif turned n times."""
    pen = Sketch(rng)
    count = int(rng.integers(3, 13))
    if rng.random() < 0.6:
        pen.disc(0, 0, 1, 1, int(rng.integers(0, 6)))
    for radius, role in ((0.98, MAIN), (0.6, SECOND), (0.35, THIRD)):
        motif = blob(rng, 0.25) * (radius / 2.2, radius / count * 1.4) + (radius * 0.52, 0)
        if rng.random() < 0.35:
            motif = at(0.15 * radius, 0, 0.5 * radius, 0.25 * radius, radius, 0, 0.5 * radius, -0.25 * radius)
        shift = rng.uniform(0, np.pi)
        for k in range(count):
            pen.fill(affine(motif, (1, 1), 2 * np.pi * k / count + shift, (0, 0)), role, INNER)
    pen.disc(0, 0, 0.14, 0.14, FOURTH, INNER)
    return pen.parts


def glyph(rng: Random, x: float, y: float, size: float, pen: Sketch, role: int, width: float) -> None:
    """A letter-like sign of two to five strokes."""
    for _ in range(int(rng.integers(2, 5))):
        kind = rng.random()
        a, b = rng.uniform(-size, size, 2), rng.uniform(-size, size, 2)
        if kind < 0.5:
            axis = int(rng.integers(0, 2))
            b[axis] = a[axis]
            b[1 - axis], a[1 - axis] = size * rng.uniform(0.3, 1), -size * rng.uniform(0.3, 1)
        curve = bend(a[0], a[1], b[0], b[1], 0.0 if kind < 0.75 else rng.normal(0, 0.4), 6 if kind >= 0.75 else 2)
        pen.line(curve + (x, y), role, width, DETAIL)


def writing(rng: Random) -> list[Part]:
    """Lines or columns of signs, on a label or on nothing."""
    pen = Sketch(rng)
    across = int(rng.integers(1, 9))
    lines = int(rng.integers(1, 6)) if across > 2 else int(rng.integers(3, 9))
    size = 1 / max(across, lines)
    role = int(rng.choice([INK, INK, LIGHT, MAIN]))
    if rng.random() < 0.4:
        pen.fill(rectangle(-across * size * 1.1, -lines * size * 1.1, across * size * 1.1, lines * size * 1.1), SECOND)
        role = INK if rng.random() < 0.7 else LIGHT
    for row in range(lines):
        for column in range(across if row < lines - 1 else int(rng.integers(1, across + 1))):
            x, y = (2 * column - across + 1) * size, (2 * row - lines + 1) * size
            glyph(rng, x, y, size * 0.75, pen, role, max(size * rng.uniform(0.03, 0.06), 0.006))
    return pen.parts


def title(rng: Random) -> list[Part]:
    """A few big letters as filled bands."""
    pen = Sketch(rng)
    count = int(rng.integers(3, 8))
    weight = rng.uniform(0.12, 0.3) / count
    for k in range(count):
        x = (2 * k - count + 1) / count
        half = 0.75 / count
        corners = rng.permutation(
            np.array([[-1, -1.6], [1, -1.6], [-1, 1.6], [1, 1.6], [0, -1.6], [0, 1.6], [-1, 0], [1, 0]])
        )
        for a, b in zip(corners[0:5:2], corners[1:6:2], strict=True):
            pen.limb(np.stack([a, b]) * half + (x, 0), weight, weight, MAIN)
    return pen.parts


def seal(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    frame = rectangle(-0.8, -1, 0.8, 1) if rng.random() < 0.7 else ellipse(0, 0, 0.8, 1)
    pen.fill(frame, MAIN)
    if rng.random() < 0.5:
        pen.fill(frame * 0.85, LIGHT, INNER)
    for y in (-0.45, 0.45):
        for x in (-0.35, 0.35):
            glyph(rng, x, y, 0.3, pen, INK if rng.random() < 0.5 else LIGHT, 0.006)
    return pen.parts


def strokes(rng: Random) -> list[Part]:
    """A heap of brush strokes that follow one direction."""
    pen = Sketch(rng)
    angle, spread = rng.uniform(0, np.pi), rng.uniform(0.1, 1.2)
    for _ in range(int(rng.integers(5, 18))):
        x, y = rng.normal(0, 0.45, 2)
        turn, half = angle + rng.normal(0, spread), rng.uniform(0.2, 0.6)
        dx, dy = half * np.cos(turn), half * np.sin(turn)
        width = rng.uniform(0.02, 0.12)
        curve = bend(x - dx, y - dy, x + dx, y + dy, rng.normal(0, 0.2))
        pen.limb(curve, width, width * rng.uniform(0, 1), int(rng.choice([MAIN, SECOND, THIRD, INK])), INNER)
    return pen.parts


def box(rng: Random) -> list[Part]:
    """A block in oblique projection; cut open or with panels at times."""
    pen = Sketch(rng)
    w, h, d, s = rng.uniform(0.3, 0.8), rng.uniform(0.2, 0.8), rng.uniform(0.15, 0.5), rng.choice([-1, 1])
    pen.cloth(rectangle(-w, -h, w, h), MAIN)
    pen.parts.append(Part(at(-w, -h, w, -h, w + d * s, -h - d, -w + d * s, -h - d), MAIN, tone=0.25))
    x = w * s
    pen.parts.append(Part(at(x, -h, x + d * s, -h - d, x + d * s, h - d, x, h), MAIN, tone=-0.3))
    if rng.random() < 0.5:
        pen.cloth(rectangle(-w * 0.7, -h * 0.6, w * 0.7, h * 0.6), SECOND, INNER)
    return pen.parts


def cluster(rng: Random) -> list[Part]:
    """Dead leaves: many copies of a few shapes, heaped (Lee, Mumford and Huang 2001)."""
    pen = Sketch(rng)
    shapes = [blob(rng, 0.3, count=20) for _ in range(2)]
    for _ in range(int(rng.integers(6, 22))):
        size = rng.uniform(0.1, 0.4)
        moved = affine(shapes[int(rng.integers(0, 2))], (size, size), rng.uniform(0, 6), tuple(rng.normal(0, 0.4, 2)))
        pen.fill(moved, int(rng.choice([MAIN, SECOND, THIRD, FOURTH])), INNER, float(rng.normal(0, 0.15)))
    return pen.parts


def creature(rng: Random) -> list[Part]:
    """A body grown by a random grammar: parts bud from the rim of parts, mirrored or in a row, to a depth of three."""
    pen = Sketch(rng)
    mirror = rng.random() < 0.6
    _grow(rng, pen, np.zeros(2), rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.6), 0, [0])
    if mirror:
        for part in list(pen.parts):
            pen.parts.append(part.moved(part.points * (-1, 1)))
    _eyes(rng, pen, mirror)
    largest = max(np.abs(part.points).max() for part in pen.parts)
    return [part.moved(part.points / largest) for part in pen.parts]


def _grow(rng: Random, pen: Sketch, centre: Points, angle: float, size: float, depth: int, drawn: list[int]) -> None:
    drawn[0] += 1
    if drawn[0] > 14:
        return
    role = int(rng.choice([MAIN, SECOND, THIRD, FOURTH], p=[0.5, 0.25, 0.15, 0.1]))
    kind = rng.random()
    tip = centre + size * np.array([np.cos(angle), np.sin(angle)])
    budding: list[tuple[Points, float]] = []
    children = int(rng.integers(1, 4)) if depth < 3 else 0
    if kind < 0.45 or depth == 0:
        shape = affine(blob(rng, 0.2, 4, 26), (size, size * rng.uniform(0.5, 1)), angle, (centre[0], centre[1]))
        budding = [(shape[int(k)], 0.0) for k in rng.integers(0, len(shape), children)]
        budding = [(p, float(np.arctan2(*(p - centre)[::-1]))) for p, _ in budding]
    elif kind < 0.8:
        far = centre + 1.8 * (tip - centre)
        curve = bend(centre[0], centre[1], far[0], far[1], rng.normal(0, 0.25))
        shape = tapered(curve, size * rng.uniform(0.1, 0.35), size * rng.uniform(0.02, 0.3))
        budding = [(curve[-1], angle + rng.normal(0, 0.6)) for _ in range(children)]
    else:
        side = np.array([-np.sin(angle), np.cos(angle)]) * size * rng.uniform(0.2, 0.6)
        shape = np.stack([centre - side, centre + side, tip + side * rng.uniform(-0.4, 0.6), tip])
        budding = [(tip, angle + rng.normal(0, 0.5)) for _ in range(children)]
    later: list[Part] = []
    for where, direction in budding:
        if rng.random() < 0.5:
            _grow(rng, pen, where, direction, size * rng.uniform(0.4, 0.75), depth + 1, drawn)
        else:
            front = Sketch(rng)
            _grow(rng, front, where, direction, size * rng.uniform(0.4, 0.75), depth + 1, drawn)
            later += front.parts
    pen.cloth(shape, role, SILHOUETTE if depth < 2 else INNER)
    pen.parts += later


def _eyes(rng: Random, pen: Sketch, mirror: bool) -> None:
    if rng.random() < 0.25:
        return
    x, y, size = rng.uniform(0.06, 0.25), rng.uniform(-0.4, 0.1), rng.uniform(0.03, 0.12)
    for side in (-1, 1) if mirror or rng.random() < 0.5 else (1,):
        pen.disc(side * x, y, size, size * 1.1, LIGHT, INNER)
        pen.disc(side * x, y, size * 0.5, size * 0.6, INK, DETAIL)
    if rng.random() < 0.6:
        pen.line(bend(-x, y + 3 * size, x, y + 3 * size, rng.normal(0, 0.3)), INK, 0.008)


def ball(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    pen.parts.append(Part(ellipse(0, 0, 1, 1, count=36), MAIN, fill=GRADIENT, second=SECOND, angle=rng.uniform(0, 6)))
    for _ in range(int(rng.integers(0, 4))):
        pen.line(
            bend(-0.9, rng.uniform(-0.4, 0.4), 0.9, rng.uniform(-0.4, 0.4), rng.normal(0, 0.2)), THIRD, 0.015, INNER
        )
    return pen.parts


ABSTRACT = (splash, polygon, ribbon, spiral, ornament, strokes, box, cluster, ball)
MARKS = (writing, title, seal)
