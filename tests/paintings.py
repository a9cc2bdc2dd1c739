"""Quick painted pictures for tests: enough shapes and edges to be recognised, different for every seed."""

from __future__ import annotations

import numpy as np
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
