"""Marks that make up a whole picture: brush dabs, mosaic cells, halftone dots, pixels, hatching."""

from __future__ import annotations

import numpy as np

from scripts.painted.fields import Field, grid, noise
from scripts.painted.outlines import Random
from scripts.painted.palettes import DARK, GROUND, Palette


def oil(image: Field, rng: Random, cell: int) -> Field:
    """Every pixel takes the colour found up or down a flow: dabs that follow a slowly turning direction."""
    import cv2

    side = len(image)
    column, row = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    angle = noise(rng, side, 2.0) * 1.2 + rng.uniform(0, 3)
    reach = noise(rng, side, 0.8) * cell * 0.55 * side / 160
    dabs = cv2.remap(
        image,
        column + np.cos(angle) * reach,
        row + np.sin(angle) * reach,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    ridge = reach - cv2.GaussianBlur(reach, (0, 0), 1.2)
    return np.asarray(dabs * (1 + 0.06 * np.clip(ridge, -2, 2))[..., None], np.float32)


def cells(image: Field, rng: Random, cell: int) -> Field:
    """Stained glass or tesserae: each pixel takes the colour at the nearest seed of a jittered grid; dark joints."""
    import cv2

    side = len(image)
    step = max(2, round(cell * side / 160))
    count = -(-side // step) + 1
    jitter = rng.uniform(0.15, 0.85, (count, count, 2)) * step
    corner = np.arange(count) * step
    seeds = np.minimum((jitter + np.stack(np.meshgrid(corner, corner), axis=-1)).astype(np.intp), side - 1).reshape(
        -1, 2
    )
    holes = np.ones((side, side), np.uint8)
    holes[seeds[:, 1], seeds[:, 0]] = 0
    distance, label = cv2.distanceTransformWithLabels(holes, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    smooth = cv2.blur(image, (step, step))
    table = np.zeros((int(label.max()) + 1, 3), np.float32)
    table[label[seeds[:, 1], seeds[:, 0]]] = smooth[seeds[:, 1], seeds[:, 0]]
    out = table[label]
    if rng.random() < 0.6:
        joint = np.zeros((side, side), np.bool_)
        joint[:, 1:] |= label[:, 1:] != label[:, :-1]
        joint[1:] |= label[1:] != label[:-1]
        out *= 1 - 0.45 * joint[..., None].astype(np.float32)
    return np.asarray(out, np.float32)


def halftone(image: Field, rng: Random) -> Field:
    """A screen of dots over grey or over each channel (riso)."""
    side = len(image)
    x, y = grid(side)
    pitch = rng.uniform(26, 60)
    out = np.empty_like(image)
    base = rng.uniform(0, np.pi)
    for channel in range(3):
        angle = base + 0.5 * channel
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        screen = 0.5 + 0.25 * (np.cos(2 * np.pi * pitch * u) + np.cos(2 * np.pi * pitch * v))
        out[..., channel] = np.clip((image[..., channel] - screen) * 4 + 0.5, 0, 1)
    keep = rng.uniform(0.2, 0.65)
    return np.asarray(image * keep + out * (1 - keep), np.float32)


def pixelated(image: Field, rng: Random) -> Field:
    import cv2

    side = len(image)
    few = max(12, int(rng.uniform(28, 72)))
    small = cv2.resize(np.clip(image, 0, 1), (few, few), interpolation=cv2.INTER_AREA)
    levels = int(rng.integers(4, 10))
    small = np.round(small * levels) / levels
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST), np.float32)


def hatched(image: Field, colours: Palette, rng: Random, pencil: bool) -> Field:
    """Tone as parallel lines, crossed where it is dark; ink on the ground colour."""
    side = len(image)
    x, y = grid(side)
    grey = image @ np.array([0.3, 0.6, 0.1], np.float32)
    low, high = np.percentile(grey, (2, 98))
    grey = np.clip((grey - low) / max(float(high - low), 0.05), 0, 1)
    bent = noise(rng, side, 2.0) * 0.012
    ink = np.zeros_like(grey)
    pitch, base = rng.uniform(34, 60), rng.uniform(0, np.pi)
    for turn, limit in ((0.0, 0.75), (rng.uniform(0.7, 1.6), 0.42)):
        wave = np.cos(2 * np.pi * pitch * (x * np.cos(base + turn) + y * np.sin(base + turn) + bent))
        depth = np.clip((limit - grey) / limit, 0, 1)
        ink = np.maximum(ink, np.clip((wave - 1 + 2.2 * depth) * 2, 0, 1))
    ink = np.maximum(ink, np.clip((0.16 - grey) * 9, 0, 1))
    if pencil:
        ink = ink * np.clip(0.75 + 0.3 * rng.standard_normal((side, side), np.float32), 0.1, 1)
    paper, dark = colours[GROUND], colours[DARK]
    if abs(float(paper.mean() - dark.mean())) < 0.35:
        paper = np.clip(1 - dark, 0, 1)
    mixed = 0.25 * image if rng.random() < 0.3 else 0.0
    out = paper * (1 - ink[..., None]) + dark * ink[..., None]
    return np.asarray(out * (1 - 0.25 * (not np.isscalar(mixed))) + mixed, np.float32)
