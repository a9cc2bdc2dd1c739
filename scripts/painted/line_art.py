"""Line art of a drawing: its outlines and strokes in ink, chalk or pencil, on paper of any colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.painted.drawing import Bytes, Drawing
from scripts.painted.fields import Field, noise
from scripts.painted.media import Medium, lines, render
from scripts.painted.outlines import Random
from scripts.painted.palettes import Palette, oklch
from scripts.painted.textures import hatched


def line_art(drawing: Drawing, colours: Palette, rng: Random) -> Bytes:
    """(side, side, 3) sRGB. At times tinted with ``colours``, hatched in the dark parts, or with broken lines."""
    import cv2

    side = drawing.side
    strokes = cv2.resize(drawing.strokes, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    inner = bool(rng.random() < 0.85)
    ink = np.maximum(lines(drawing, int(rng.integers(1, 5)), inner), strokes * float(rng.choice([0, 0.8, 1])))
    if rng.random() < 0.5:
        ink = np.maximum(ink, lines(drawing, int(rng.integers(3, 6)), False))
    if rng.random() < 0.5:
        pattern = np.abs(cv2.Laplacian(drawing.mix, cv2.CV_32F)) > 0.35
        ink = np.maximum(ink, pattern.astype(np.float32) * rng.uniform(0.3, 1))
    if rng.random() < 0.45:
        ink = ink * np.clip(0.8 + rng.uniform(0.1, 0.5) * noise(rng, side, 0.9), 0, 1)
    paper, dark = _sheet(rng)
    base: NDArray[np.floating[Any]] = np.broadcast_to(paper, (side, side, 3))
    if rng.random() < 0.3:
        plain = render(drawing, colours, Medium("flat"), 0) / np.float32(255)
        amount = rng.uniform(0.15, 0.6) * np.clip(0.6 + 0.6 * noise(rng, side, 2.0), 0, 1)[..., None]
        base = base * (1 - amount) + plain * amount
    elif rng.random() < 0.3:
        toned: Field = np.asarray(render(drawing, colours, Medium("flat", light=0.3), 0) / 255, np.float32)
        duo = np.stack([paper] * 4 + [dark] * 8).astype(np.float32)
        base = (base + hatched(toned, duo, rng, rng.random() < 0.5)) / 2
    image = base * (1 - ink[..., None]) + dark * ink[..., None]
    if rng.random() < 0.5:
        image = image * (1 + rng.uniform(0.01, 0.05) * noise(rng, side, 0.9))[..., None]
    return np.asarray(np.clip(image, 0, 1) * 255 + 0.5, np.uint8)


def _sheet(rng: Random) -> tuple[Palette, Palette]:
    """Colours of the paper and the line: dark on light mostly."""
    hue = rng.uniform(0, 2 * np.pi, 2)
    light, dark = rng.uniform(0.82, 1.0), rng.uniform(0.05, 0.45)
    both = np.array([light, dark] if rng.random() < 0.8 else [dark, light])
    pair = oklch(both, rng.uniform(0, 0.09, 2) * (rng.random() < 0.7), hue)
    return pair[0], pair[1]
