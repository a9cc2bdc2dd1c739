"""Edge orientations: what the signal `copy` was at version 1, kept to compare later versions with.

Gradient orientations without sign in a grid of soft cells at two scales (after HOG, Dalal & Triggs, CVPR 2005, and
GIST, Oliva & Torralba, IJCV 2001), computed just as that version did; nothing in it is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from simcheck.records import Pixels

__all__ = ["describe"]

SIDE, CELLS, BINS = 96, 8, 8
SCALES = (1.0, 3.0)
DIMENSION = len(SCALES) * CELLS**2 * BINS


def describe(images: Sequence[Pixels]) -> NDArray[np.float32]:
    """(n, 1024) unit vectors; zeros for a blank picture."""
    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(_describe, images)))


def _describe(image: Pixels) -> NDArray[np.float32]:
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if grey.std() < 2:
        return np.zeros(DIMENSION, np.float32)
    parts = []
    for sigma in SCALES:
        smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
        dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
        strength = np.hypot(dx, dy)
        # divide by the strength around, so that faint and strong edges of one outline count alike
        strength /= cv2.GaussianBlur(strength, (0, 0), SIDE / CELLS) + 4
        place = (np.arctan2(dy, dx) % np.pi) / np.pi * BINS
        low = np.floor(place).astype(int) % BINS
        high, share = (low + 1) % BINS, (place - np.floor(place)).astype(np.float32)
        planes = np.zeros((BINS, SIDE, SIDE), np.float32)
        rows, columns = np.indices(grey.shape)
        planes[low, rows, columns] += strength * (1 - share)
        planes[high, rows, columns] += strength * share
        cells = np.stack(
            [
                cv2.resize(
                    cv2.GaussianBlur(plane, (0, 0), SIDE / CELLS / 2),
                    (CELLS, CELLS),
                    interpolation=cv2.INTER_AREA,
                )
                for plane in planes
            ]
        )
        vector = np.sqrt(cells)
        vector -= vector.mean(axis=(1, 2), keepdims=True)  # what every cell has tells nothing of this picture
        parts.append(vector.ravel() / max(float(np.linalg.norm(vector)), 1e-6))
    whole = np.concatenate(parts)
    # rounded as the index stored it, so that the scores are those that version 1 gave
    return (whole / max(float(np.linalg.norm(whole)), 1e-6)).astype(np.float16).astype(np.float32)
