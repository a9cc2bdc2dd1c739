"""Living elements: four-legged animals, birds, fish, insects, dragons."""

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
    smooth,
    tapered,
)


def beast(rng: Random) -> list[Part]:
    """A four-legged animal from the side: length of legs, neck, ears, tail and horns vary."""
    pen = Sketch(rng)
    leg, neck = rng.uniform(0.25, 0.7), rng.uniform(0.0, 0.6)
    long, thick = rng.uniform(0.45, 0.75), rng.uniform(0.18, 0.42)
    top = 0.95 - leg - thick
    tail = bend(-long, top, -long - rng.uniform(0.1, 0.5), top + rng.uniform(-0.7, 0.5), rng.normal(0, 0.5))
    pen.limb(tail, rng.uniform(0.03, 0.12), rng.uniform(0.01, 0.15), int(rng.choice([MAIN, SECOND])))
    stride = rng.uniform(0, 0.25)
    for x, role in ((-long * 0.75, SECOND), (long * 0.6, SECOND), (-long * 0.6, MAIN), (long * 0.75, MAIN)):
        pen.limb(bend(x, top, x + rng.normal(0, stride), 0.95, rng.normal(0, 0.1)), thick * 0.4, 0.06, role)
    pen.cloth(blob(rng, 0.08, 4) * (long * 1.1, thick) + (0, top), MAIN)
    hx, hy, size = long + 0.1 + neck * 0.3, top - thick * 0.5 - neck, rng.uniform(0.15, 0.3)
    pen.limb(bend(long * 0.7, top, hx, hy, rng.normal(0, 0.1)), thick * 0.6, size * 0.6, MAIN, INNER)
    for side in (-0.5, 0.35):
        ear = at(-0.25, 0, 0.25, 0, rng.normal(0, 0.2), -rng.uniform(0.5, 2.4)) * size + (
            hx + side * size,
            hy - size * 0.5,
        )
        pen.fill(smooth(ear, rounds=1) if rng.random() < 0.5 else ear, MAIN if side > 0 else SECOND)
    pen.disc(hx, hy, size, size * 0.85, MAIN)
    pen.disc(
        hx + size * 0.8,
        hy + size * 0.25,
        size * rng.uniform(0.4, 0.8),
        size * 0.45,
        int(rng.choice([MAIN, LIGHT, THIRD])),
        INNER,
    )
    pen.disc(hx + size * 0.3, hy - size * 0.15, size * 0.15, size * 0.18, INK, DETAIL)
    pen.disc(hx + size * 1.25, hy + size * 0.15, size * 0.16, size * 0.14, INK, DETAIL)
    if rng.random() < 0.35:
        for x, y in zip(rng.uniform(-long, long, 6) * 0.8, top + rng.normal(0, thick * 0.4, 6), strict=True):
            pen.disc(x, y, 0.07, 0.06, SECOND, DETAIL)
    return pen.parts


def bird(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    flying = rng.random() < 0.5
    body = ellipse(0, 0, rng.uniform(0.4, 0.6), rng.uniform(0.18, 0.35), rng.normal(0, 0.3))
    pen.fill(at(-0.35, 0, -0.95, rng.uniform(-0.3, 0.2), -0.9, 0.35, -0.3, 0.15), SECOND)
    neck = rng.uniform(0, 0.5)
    hx, hy = 0.45 + neck * 0.5, -0.2 - neck
    if not flying:
        for x in (-0.05, 0.12):
            pen.line(at(x, 0.2, x, rng.uniform(0.6, 0.95)), INK, 0.012, INNER)
    pen.limb(bend(0.3, -0.05, hx, hy, rng.normal(0, 0.3)), 0.15, 0.09, MAIN)
    pen.cloth(body, MAIN)
    pen.fill(at(hx + 0.1, hy - 0.06, hx + rng.uniform(0.25, 0.5), hy + 0.03, hx + 0.1, hy + 0.08), THIRD)
    pen.disc(hx, hy, 0.16, 0.15, int(rng.choice([MAIN, FOURTH])), INNER)
    pen.disc(hx + 0.05, hy - 0.02, 0.035, 0.035, INK, DETAIL)
    wings = (-1, 1) if flying else (1,)
    for side in wings:
        tip = (rng.uniform(-0.8, 0.1), -0.95 * side) if flying else (-0.7, 0.15)
        wing = at(0.25, -0.05, tip[0], tip[1], tip[0] - 0.2, tip[1] * 0.6, -0.35, 0.05)
        pen.cloth(smooth(wing, rounds=2), SECOND)
        for t in (0.3, 0.55, 0.8):
            pen.line(at(0.1 - 0.4 * t, 0, tip[0] * t - 0.1, tip[1] * t), INK, 0.006)
    return pen.parts


def fish(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    high = rng.uniform(0.2, 0.55)
    curve = rng.normal(0, 0.15)
    pen.fill(at(-0.5, 0, -1, -high * rng.uniform(0.5, 1.2), -0.8, 0, -1, high * rng.uniform(0.5, 1.2)), SECOND)
    pen.fill(at(-0.3, -high * 0.6, 0.1, -high * rng.uniform(1.1, 1.8), 0.35, -high * 0.7), SECOND)
    pen.cloth(_swimmer(curve, high), MAIN)
    pen.fill(at(0.1, high * 0.2, -0.25, high * 0.9, -0.2, high * 0.1), THIRD, INNER)
    pen.line(bend(0.45, -high * 0.5, 0.45, high * 0.5, 0.3), INK, 0.008, INNER)
    pen.disc(0.65, -high * 0.15, 0.08, 0.08, LIGHT, INNER)
    pen.disc(0.66, -high * 0.15, 0.04, 0.04, INK, DETAIL)
    return pen.parts


def _swimmer(curve: float, high: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    t = np.linspace(-1, 1, 16)
    half = high * np.sqrt(np.clip(1 - t**2, 0, 1)) * (0.75 + 0.25 * t)
    upper = np.stack([t * 0.95 + 0.05, curve * t**2 - half], axis=1)
    lower = np.stack([t * 0.95 + 0.05, curve * t**2 + half], axis=1)
    return np.concatenate([upper, lower[::-1]])


def butterfly(rng: Random) -> list[Part]:
    pen = Sketch(rng)
    for centre, size, role in (((0.5, -0.4), 0.55, MAIN), ((0.4, 0.4), rng.uniform(0.25, 0.45), SECOND)):
        wing = affine(blob(rng, 0.18), (size, size * 0.8), rng.uniform(-0.9, 0.2), centre)
        pen.fill(wing, role)
        pen.fill((wing - centre) * rng.uniform(0.3, 0.7) + centre, THIRD, INNER)
    pen.mirrored(0)
    pen.disc(0, 0, 0.09, 0.6, INK)
    for side in (-1, 1):
        pen.line(bend(0, -0.5, side * 0.3, -0.95, 0.2), INK, 0.006)
    return pen.parts


def dragon(rng: Random) -> list[Part]:
    """A long winding body with a head, legs and fins."""
    pen = Sketch(rng)
    t = np.linspace(0, 1, 30)
    amount, waves = rng.uniform(0.2, 0.6), rng.uniform(1, 2.6)
    curve = np.stack([-0.9 + 1.6 * t, amount * np.sin(t * waves * 2 * np.pi + rng.uniform(0, 6))], axis=1)
    outline = tapered(curve, 0.03, rng.uniform(0.1, 0.2))
    for k in rng.integers(5, 27, int(rng.integers(0, 8))):
        pen.fill(at(-0.08, 0, 0, -0.3, 0.1, 0) + curve[k], SECOND)
        pen.limb(bend(curve[k][0], curve[k][1], curve[k][0] + 0.1, curve[k][1] + 0.4, 0.2), 0.06, 0.02, MAIN)
    pen.cloth(outline, MAIN)
    pen.fill(blob(rng, 0.2) * 0.24 + curve[-1], THIRD)
    pen.disc(curve[-1][0] + 0.05, curve[-1][1] - 0.05, 0.05, 0.05, LIGHT, INNER)
    for side in (-1, 1):
        pen.line(bend(curve[-1][0], curve[-1][1], curve[-1][0] + 0.3, curve[-1][1] + side * 0.4, 0.4), INK, 0.01)
    return pen.parts


ANIMALS = (beast, beast, bird, fish, butterfly, dragon)
