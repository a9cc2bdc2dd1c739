"""Disguises of a work: covered in part, one picture among others, a negative. Each may be done to any picture.

Covers lie on a rectangle of 8 to 50 % of the area, drawn by the generator, which also draws what stands beside a work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from simcheck.records import Pixels

__all__ = ["AMONG", "COVERS", "HARMLESS", "NEGATIVES", "Cover", "Made", "Part"]

Part = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels."""
Cover = Callable[[Pixels, Part], Pixels]
Made = Callable[[Pixels, np.random.Generator, Callable[[int], Sequence[Pixels]]], Pixels]
"""(picture, generator, so many other pictures) -> suspect."""


def _with(pixels: Pixels, part: Part, shown: Any) -> Pixels:
    made = pixels.copy()
    made[part[1] : part[3], part[0] : part[2]] = shown
    return made


def _mosaic(block: int) -> Cover:
    def cover(pixels: Pixels, part: Part) -> Pixels:
        cut = pixels[part[1] : part[3], part[0] : part[2]]
        size = (max(1, cut.shape[1] // block), max(1, cut.shape[0] // block))
        small = cv2.resize(np.ascontiguousarray(cut), size, interpolation=cv2.INTER_AREA)
        return _with(pixels, part, cv2.resize(small, cut.shape[1::-1], interpolation=cv2.INTER_NEAREST))

    return cover


def _blur(width: float) -> Cover:
    return lambda pixels, part: _with(
        pixels, part, cv2.GaussianBlur(pixels, (0, 0), width)[part[1] : part[3], part[0] : part[2]]
    )


def _colour(tone: int) -> Cover:
    return lambda pixels, part: _with(pixels, part, tone)


COVERS: Mapping[str, tuple[str, Cover]] = {
    "mosaic of 12": ("pixelated", _mosaic(12)),
    "mosaic of 24": ("pixelated", _mosaic(24)),
    "mosaic of 48": ("pixelated", _mosaic(48)),
    "mosaic of 24, saved as JPEG at 0.7": ("pixelated", lambda p, part: _jpeg(_scaled(_mosaic(24)(p, part), 0.7), 75)),
    "mosaic of 24, mirrored": ("pixelated", lambda p, part: np.ascontiguousarray(_mosaic(24)(p, part)[:, ::-1])),
    "blur of 8": ("obscured", _blur(8)),
    "blur of 16": ("obscured", _blur(16)),
    "black bar": ("obscured", _colour(0)),
    "white bar": ("obscured", _colour(255)),
}
"""With the edit that is to be told."""


def _scaled(pixels: Pixels, factor: float) -> Pixels:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), None, fx=factor, fy=factor, interpolation=how), np.uint8)


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def _toned(pixels: Pixels, gain: float, offset: float, gamma: float = 1.0) -> Pixels:
    return np.asarray(np.clip(255 * (pixels / 255.0) ** gamma * gain + offset, 0, 255), np.uint8)


def _hue(pixels: Pixels, degrees: int) -> Pixels:
    hsv = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV), np.uint8)
    hsv[..., 0] = (hsv[..., 0].astype(np.int16) + degrees // 2) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def _turned(pixels: Pixels, degrees: float) -> Pixels:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=(255, 255, 255)), np.uint8)


def _lettered(pixels: Pixels) -> Pixels:
    made = pixels.copy()
    height, width = pixels.shape[:2]
    cv2.putText(made, "not for sale", (width // 20, height // 2), cv2.FONT_HERSHEY_SIMPLEX, width / 400, (255,) * 3, 3)
    return made


def _noisy(pixels: Pixels) -> Pixels:
    noise = np.random.default_rng(1).normal(0, 10, pixels.shape)
    return np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)


def _sharpened(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.addWeighted(pixels, 2, cv2.GaussianBlur(pixels, (0, 0), 2), -1, 0), np.uint8)


HARMLESS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "saved as JPEG at 30": lambda p: _jpeg(p, 30),
    "half the size": lambda p: _jpeg(_scaled(p, 0.5), 75),
    "a third larger": lambda p: _scaled(p, 1.33),
    "cropped": lambda p: np.ascontiguousarray(p[p.shape[0] // 8 :, : p.shape[1] * 4 // 5]),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
    "brighter": lambda p: _toned(p, 1.2, 15),
    "darker": lambda p: _toned(p, 1, 0, 1.7),
    "hues turned": lambda p: _hue(p, 90),
    "grey": lambda p: np.repeat(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    "lettered": _lettered,
    "framed": lambda p: np.pad(p, ((30, 30), (30, 30), (0, 0)), constant_values=255),
    "turned by 4 degrees": lambda p: _turned(p, 4),
    "noisy": _noisy,
    "sharpened": _sharpened,
    "blurred as a whole": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 2), np.uint8),
    "fewer tones": lambda p: np.asarray(p // 40 * 40 + 20, np.uint8),
}
"""Nothing covers anything."""


def _half(pixels: Pixels) -> Pixels:
    made = pixels.copy()
    made[:, : pixels.shape[1] // 2] = 255 - made[:, : pixels.shape[1] // 2]
    return made


NEGATIVES: Mapping[str, tuple[str, Callable[[Pixels], Pixels]]] = {
    "negative": ("negative", lambda p: 255 - p),
    "negative, cropped and mirrored": ("negative", lambda p: np.ascontiguousarray(255 - p[p.shape[0] // 6 :, ::-1])),
    "half a negative": ("partly_negative", _half),
}


def _cell(pixels: Pixels, width: int, height: int) -> NDArray[np.uint8]:
    """The middle of the picture in these proportions, as contact sheets cut it."""
    rows, columns = pixels.shape[:2]
    across, down = min(columns, rows * width / height), min(rows, columns * height / width)
    x, y = int((columns - across) / 2), int((rows - down) / 2)
    cut = np.ascontiguousarray(pixels[y : y + max(1, int(down)), x : x + max(1, int(across))])
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _sheet(rows: int, columns: int, gutter: int, width: int, height: int) -> Made:
    def made(pixels: Pixels, generator: np.random.Generator, others: Callable[[int], Sequence[Pixels]]) -> Pixels:
        pictures = list(others(rows * columns - 1))
        pictures.insert(int(generator.integers(rows * columns)), pixels)
        down, across = height + gutter, width + gutter
        sheet = np.full((rows * down - gutter, columns * across - gutter, 3), 255, np.uint8)
        for number, picture in enumerate(pictures):
            y, x = number // columns * down, number % columns * across
            sheet[y : y + height, x : x + width] = _cell(picture, width, height)
        return sheet

    return made


AMONG: Mapping[str, Made] = {
    "sheet of 4 x 4": _sheet(4, 4, 0, 300, 300),
    "sheet of 3 x 3, gutters": _sheet(3, 3, 6, 330, 330),
    "strip of 11, 400 x 7,000": _sheet(11, 1, 0, 400, 636),
    "5 side by side": _sheet(1, 5, 0, 400, 400),
}
