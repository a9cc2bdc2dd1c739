"""Noise fields: fractal (1/f) tiles made once, of which every picture cuts its own piece."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scripts.painted.outlines import Random

Field = NDArray[np.float32]
TILE = 512


@lru_cache(maxsize=32)
def _tile(slope: float, layer: int) -> Field:
    """(TILE, TILE), mean 0 and standard deviation 1, amplitude falling with frequency to the power ``slope``."""
    rng = np.random.default_rng([layer, int(slope * 10)])
    fy, fx = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None]
    radius = np.sqrt(fy**2 + fx**2)
    radius[0, 0] = 1.0
    spectrum = rng.normal(size=radius.shape) + 1j * rng.normal(size=radius.shape)
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum / np.maximum(radius, 3 / TILE) ** slope, (TILE, TILE))
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def noise(rng: Random, side: int, slope: float = 1.3, stretch: tuple[float, float] = (1.0, 1.0)) -> Field:
    """(side, side), standard deviation about 1; ``stretch`` > 1 makes it longer along x, y."""
    import cv2

    tile = _tile(slope, int(rng.integers(0, 2)))
    wide = max(4, min(TILE, round(side / stretch[0])))
    high = max(4, min(TILE, round(side / stretch[1])))
    x, y = int(rng.integers(0, TILE - wide + 1)), int(rng.integers(0, TILE - high + 1))
    piece = tile[y : y + high, x : x + wide]
    if rng.random() < 0.5:
        piece = piece[::-1]
    if (wide, high) == (side, side):
        return piece.copy()
    return np.asarray(cv2.resize(piece, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


@lru_cache(maxsize=8)
def grid(side: int) -> tuple[Field, Field]:
    """x and y of every pixel centre, in [0, 1]."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    x, y = np.meshgrid(line, line)
    return x.astype(np.float32), y.astype(np.float32)
