"""Rectangles in whole pixels, and what several detectors ask of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Pixels

__all__ = ["Rect", "area", "crop", "largest", "shift"]

Rect = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels, the last ones outside."""


def area(rect: Rect) -> int:
    return max(0, rect[2] - rect[0]) * max(0, rect[3] - rect[1])


def crop(picture: Pixels, rect: Rect) -> Pixels:
    return picture[rect[1] : rect[3], rect[0] : rect[2]]


def shift(rect: Rect, by: Rect) -> Rect:
    return rect[0] + by[0], rect[1] + by[1], rect[2] + by[0], rect[3] + by[1]


def largest(picture: object) -> NDArray[np.uint8]:
    """The largest of the three channels; numpy's own maximum over a short last axis is ten times slower."""
    import cv2

    red, green, blue = cv2.split(np.asarray(picture, np.uint8))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)
