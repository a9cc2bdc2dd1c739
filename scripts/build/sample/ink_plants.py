"""What grows in the first painter's landscapes: pines, bamboo, plum, reeds, trees with and without leaves."""

from __future__ import annotations

import numpy as np

from scripts.build.sample.brush import Colour, Cover, Shape, Sheet, arc, colour, ellipse, mix, noise, ribbon, spline
from scripts.build.sample.ink_land import INK, wash

__all__ = ["bamboo", "bare_tree", "leaf_tree", "pine", "plum", "reeds"]


def _dry(sheet: Sheet, cover: Cover, force: float = 0.6, stretch: float = 4.0) -> Cover:
    """The same stroke by a brush that is running dry."""
    bristles = noise(sheet.rng, cover.alpha.shape, max(3.0, sheet.unit * 0.9), 3, stretch=stretch)
    return cover.times(np.clip(1 - force * np.clip((bristles - 0.52) * 6, 0, 1), 0, 1))


def pine(
    sheet: Sheet, path: list[tuple[float, float]], thick: float, tiers: list[tuple[float, float, float]], green: Colour
) -> None:
    """A leaning pine: trunk along ``path``, a flat cloud of needles for each tier (x, y, width), all in fractions."""
    rng = sheet.rng
    trunk = spline([sheet.at(*p) for p in path], 14)
    trunk = trunk + rng.normal(0, sheet.unit * 0.12, trunk.shape)
    body = sheet.cover(ribbon(trunk, sheet.unit * thick, 1.25, 0.25, -0.9))
    wash(sheet, _dry(sheet, body, 0.25), mix(INK, colour("#5b4636"), 0.5), 0.97, 0.6)
    scales = []
    for px, py in trunk[::3]:
        r = sheet.unit * thick * 0.2
        scales.append(ribbon(arc(px + rng.normal(0, r), py, r, r * 1.3, 20, 250, 10), sheet.unit * 0.16, 0.6, 0.6))
    sheet.lay(sheet.cover(*scales), INK, 0.6)
    limbs, needles, pads = [], [], []
    for tx, ty, wide in tiers:
        cx, cy = sheet.at(tx, ty)
        near = trunk[np.argmin(np.hypot(trunk[:, 0] - cx, (trunk[:, 1] - cy) * 1.6))]
        middle = (near[0] * 0.3 + cx * 0.7 + sheet.unit * 1.2, near[1] * 0.6 + cy * 0.4 + sheet.unit * 0.8)
        limbs.append(
            ribbon(
                spline([tuple(near), middle, (cx, cy + sheet.unit * 0.5)]), sheet.unit * thick * 0.27, 1.3, 0.15, -0.8
            )
        )
        span = wide * sheet.width / 2
        pads.append(
            ellipse(
                cx,
                cy - sheet.unit * 1.2,
                span * 0.95,
                sheet.unit * 2.4,
                wobble=1 + 0.3 * (rng.random(40, np.float32) - 0.5),
            )
        )
        for _ in range(max(5, int(span / sheet.unit * 1.5))):
            u = rng.uniform(-1, 1)
            fx, fy = cx + u * span, cy - sheet.unit * (2.6 * (1 - u * u) * rng.random() - 0.4)
            reach = sheet.unit * rng.uniform(1.7, 2.9)
            for angle in np.radians(np.linspace(188, 352, 15) + rng.normal(0, 3, 15)):
                tip = (fx + reach * np.cos(angle), fy + reach * np.sin(angle) * 0.85)
                needles.append(ribbon([(fx, fy), tip], sheet.unit * 0.17, 0.9, 0.2))
    sheet.lay(sheet.cover(*limbs), mix(INK, colour("#5b4636"), 0.35), 0.95)
    sheet.lay(sheet.cover(*pads, soften=sheet.unit * 0.9), green, 0.62)
    fan = sheet.cover(*needles)
    sheet.lay(fan, mix(INK, green, 0.35), 0.85)
    sheet.note("pine", sheet.cover(ribbon(trunk, sheet.unit * thick), *pads, *limbs))


def bamboo(sheet: Sheet, x: float, lean: float, tall: float, thick: float, pigment: Colour, strength: float) -> None:
    """One cane in segments, with bunches of blade-like leaves."""
    rng, segments, leaves, twigs = sheet.rng, [], [], []
    y, joint = 1.03, 0
    while y > 1.03 - tall:
        step = rng.uniform(0.11, 0.15)
        a, b = sheet.at(x + lean * (1 - y), y), sheet.at(x + lean * (1 - y + step), y - step * 0.95)
        segments.append(ribbon(np.linspace(a, b, 6), sheet.unit * thick * 1.06, 0.94, 0.94))
        if joint > 1 or rng.random() < 0.3:
            for _ in range(rng.integers(1, 3)):
                side = rng.choice([-1.0, 1.0])
                tip = (b[0] + side * sheet.unit * rng.uniform(5, 12), b[1] - sheet.unit * rng.uniform(0, 6))
                twigs.append(
                    ribbon(spline([b, ((b[0] + tip[0]) / 2, tip[1] - sheet.unit), tip]), sheet.unit * 0.35, 0.9, 0.5)
                )
                for _ in range(rng.integers(4, 8)):
                    angle = np.radians(90 + side * rng.uniform(-70, 25))
                    long = sheet.unit * rng.uniform(6, 11)
                    root = (tip[0] + sheet.unit * rng.normal(0, 1.2), tip[1] + sheet.unit * rng.normal(0, 0.8))
                    end = (root[0] - long * np.cos(angle), root[1] + long * abs(np.sin(angle)) * 0.85)
                    bend = ((root[0] + end[0]) / 2, (root[1] + end[1]) / 2 - sheet.unit * 1.1)
                    leaves.append(
                        ribbon(spline([root, bend, end]), sheet.unit * rng.uniform(1.2, 1.9), 0.1, 0.02, -0.25)
                    )
        y, joint = y - step, joint + 1
    canes = sheet.cover(*segments)
    wash(sheet, _dry(sheet, canes, 0.35, 0.3), pigment, strength, 0.8)
    if leaves:
        sheet.lay(sheet.cover(*twigs), pigment, strength)
        foliage = sheet.cover(*leaves)
        wash(sheet, foliage, pigment, strength, 0.35)
        sheet.note("bamboo", foliage)


def plum(sheet: Sheet, path: list[tuple[float, float]], thick: float, petals: Colour, count: int) -> None:
    """A crooked branch with side twigs, and five-petalled blossom."""
    rng = sheet.rng
    stem = spline([sheet.at(*p) for p in path], 12) + 0.0
    stem += rng.normal(0, sheet.unit * 0.22, stem.shape)
    strokes, tips = [ribbon(stem, sheet.unit * thick, 1.2, 0.12, -0.95)], []
    for index in np.linspace(len(stem) * 0.12, len(stem) - 6, 9).astype(int):
        base, along = stem[index], stem[index + 3] - stem[index - 3]
        angle = np.arctan2(along[1], along[0]) + rng.choice([-1, 1]) * rng.uniform(0.5, 1.1)
        long = sheet.unit * rng.uniform(9, 22)
        middle = base + long * 0.5 * np.array([np.cos(angle), np.sin(angle)]) + rng.normal(0, sheet.unit, 2)
        tip = base + long * np.array([np.cos(angle - 0.25), np.sin(angle - 0.25)])
        twig = spline(np.stack([base, middle, tip]))
        strokes.append(ribbon(twig, sheet.unit * thick * 0.3, 0.9, 0.15, -0.8))
        tips += [twig[k] for k in np.linspace(5, len(twig) - 1, 5).astype(int)]
    branch = sheet.cover(*strokes)
    wash(sheet, _dry(sheet, branch, 0.75), INK, 0.97, 0.4)
    sheet.note("branch", branch)
    flowers: list[Shape] = []
    stamens: list[Shape] = []
    for index in rng.permutation(len(tips))[:count]:
        fx, fy = tips[index] + rng.normal(0, sheet.unit * 0.9, 2)
        r, turn = sheet.unit * rng.uniform(0.9, 1.7), rng.random() * 72
        for k in range(5):
            a = np.radians(turn + 72 * k)
            flowers.append(ellipse(fx + r * np.cos(a), fy + r * np.sin(a), r * 0.82, r * 0.72, turn + 72 * k))
            stamens.append(
                ribbon(
                    [(fx, fy), (fx + r * 0.8 * np.cos(a + 0.5), fy + r * 0.8 * np.sin(a + 0.5))],
                    sheet.unit * 0.13,
                    0.6,
                    1,
                )
            )
    blossom = sheet.cover(*flowers)
    wash(sheet, blossom, petals, 0.9, 0.9)
    sheet.lay(sheet.cover(*stamens), mix(INK, petals, 0.2), 0.8)
    sheet.note("blossom", blossom)


def reeds(sheet: Sheet, x: float, y: float, count: int, tall: float, spread: float, pigment: Colour) -> None:
    """A clump of reeds leaning in the wind, some with plumes."""
    rng, blades, plumes = sheet.rng, [], []
    for _ in range(count):
        bx, by = sheet.at(x + rng.normal(0, spread), y + rng.random() * 0.02)
        long, lean = sheet.height * tall * rng.uniform(0.45, 1.1), rng.normal(0.28, 0.16)
        path = spline([(bx, by), (bx + long * lean * 0.3, by - long * 0.55), (bx + long * lean, by - long)])
        blades.append(ribbon(path, sheet.unit * rng.uniform(0.3, 0.7), 0.8, 0.03, -0.5))
        if rng.random() < 0.22:
            tip = path[-1]
            plumes.append(
                ribbon(
                    spline([tip, tip + (long * 0.05, -long * 0.05), tip + (long * 0.13, -long * 0.03)]),
                    sheet.unit * 1.3,
                    0.2,
                    0.05,
                )
            )
    cover = sheet.cover(*blades)
    sheet.lay(cover, pigment, 0.85)
    if plumes:
        sheet.lay(_dry(sheet, sheet.cover(*plumes, soften=0.6), 0.6), colour("#b08d5e"), 0.9)
    sheet.note("reeds", cover)


def _branches(
    rng: np.random.Generator, root: Shape, angle: float, long: float, thick: float, depth: int
) -> tuple[list[Shape], list[Shape]]:
    tip = root + long * np.array([np.cos(angle), np.sin(angle)])
    bend = (root + tip) / 2 + rng.normal(0, long * 0.07, 2)
    strokes, tips = [ribbon(spline(np.stack([root, bend, tip]), 6), thick, 1.0, 0.6, -0.6)], [tip]
    if depth:
        for side in rng.permutation([-1.0, 1.0, 0.25])[: 3 if depth > 1 else 2]:
            more, ends = _branches(
                rng, tip, angle + side * rng.uniform(0.3, 0.65), long * rng.uniform(0.62, 0.82), thick * 0.6, depth - 1
            )
            strokes, tips = strokes + more, tips + ends
    return strokes, tips


def bare_tree(sheet: Sheet, x: float, y: float, tall: float, depth: int = 4) -> list[Shape]:
    """A winter tree. Returns where its twigs end."""
    root = np.array(sheet.at(x, y))
    strokes, tips = _branches(
        sheet.rng, root, -np.pi / 2 + sheet.rng.normal(0, 0.1), tall * sheet.height * 0.3, sheet.unit * tall * 7, depth
    )
    cover = sheet.cover(*strokes)
    wash(sheet, cover, mix(INK, colour("#4c3b33"), 0.4), 0.95, 0.4)
    sheet.note("tree", cover)
    return tips


def leaf_tree(sheet: Sheet, x: float, y: float, tall: float, leaves: tuple[Colour, ...]) -> None:
    """A tree dotted with leaves in several tones."""
    tips = bare_tree(sheet, x, y, tall, 3)
    for tone in leaves:
        dots = []
        for px, py in tips:
            for _ in range(13):
                dx, dy = sheet.rng.normal(0, tall * sheet.unit * 5.2, 2)
                dots.append(
                    ellipse(
                        px + dx,
                        py + dy * 0.8,
                        sheet.unit * tall * sheet.rng.uniform(0.9, 1.9),
                        sheet.unit * tall * 1.1,
                        sheet.rng.random() * 180,
                    )[::8]
                )
        sheet.lay(sheet.cover(*dots), tone, 0.85)
