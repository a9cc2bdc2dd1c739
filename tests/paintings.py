"""Quick painted pictures for tests: enough shapes and edges to be recognised, different for every seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from simcheck.records import FileFacts, Picture, Pixels


def painting(seed: int, size: tuple[int, int] = (480, 360), shapes: int = 60) -> Pixels:
    """(height, width, 3): a ground with polygons, discs and strokes in colours of its own."""
    generator = np.random.default_rng(seed)
    width, height = size
    palette = generator.integers(0, 256, (6, 3))
    image = Image.new("RGB", size, tuple(int(v) for v in palette[0]))
    draw = ImageDraw.Draw(image)
    for _ in range(shapes):
        colour = tuple(int(v) for v in palette[generator.integers(1, 6)])
        x, y = generator.uniform(0, width), generator.uniform(0, height)
        radius = generator.uniform(0.02, 0.15) * width
        kind = generator.integers(3)
        if kind == 0:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        elif kind == 1:
            corners = [(x + generator.normal(0, radius), y + generator.normal(0, radius)) for _ in range(5)]
            draw.polygon(corners, fill=colour)
        else:
            end = (x + generator.normal(0, 3 * radius), y + generator.normal(0, 3 * radius))
            draw.line(((x, y), end), fill=colour, width=int(generator.integers(2, 9)))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)))


def picture(pixels: Pixels, name: str = "painting") -> Picture:
    height, width = pixels.shape[:2]
    facts = FileFacts(name.ljust(64, "0")[:64], pixels.nbytes, "PNG", "RGB", width, height, 1, "made by a test")
    return Picture(facts, pixels)


def placed(turn: float = 0.0, zoom: float = 1.0, at: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.float64]:
    """3x3 over pixels: turned about the origin by ``turn`` degrees (clockwise: y points down), zoomed, moved."""
    cos, sin = zoom * np.cos(np.deg2rad(turn)), zoom * np.sin(np.deg2rad(turn))
    return np.array([[cos, -sin, at[0]], [sin, cos, at[1]], [0, 0, 1]])


def about(point: tuple[float, float], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """``matrix`` with ``point`` for its origin."""
    there = placed(at=point)
    return np.asarray(there @ matrix @ np.linalg.inv(there))


def warped(
    work: Pixels, to_query: NDArray[np.float64], size: tuple[int, int], ground: tuple[int, int, int] = (255, 255, 255)
) -> tuple[Pixels, NDArray[np.float64]]:
    """The work drawn on a canvas of ``size`` (width, height) through a 3x3 from its pixels to the canvas's.

    With it comes the truth: the 3x3 from fractions of the canvas to fractions of the work (edges of pixels at whole
    numbers, as in `MatchEvidence.transform`).
    """
    import cv2

    half = placed(at=(-0.5, -0.5))  # OpenCV counts from the middle of the first pixel
    pixels = cv2.warpPerspective(
        np.ascontiguousarray(work),
        half @ to_query @ np.linalg.inv(half),
        size,
        flags=cv2.INTER_AREA if abs(np.linalg.det(to_query)) < 0.5 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=ground,
    )
    height, width = work.shape[:2]
    truth = np.diag([1 / width, 1 / height, 1]) @ np.linalg.inv(to_query) @ np.diag([*size, 1.0])
    return np.asarray(pixels, np.uint8), truth / truth[2, 2]


def mapped(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) points through a 3x3."""
    homogeneous = np.c_[points, np.ones(len(points))] @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])
