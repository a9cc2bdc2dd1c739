"""Small JPEG copies of pictures for reports."""

from __future__ import annotations

import io

from PIL import Image

from simcheck.records import Pixels

__all__ = ["encode_preview"]


def encode_preview(pixels: Pixels, max_side: int, quality: int = 85) -> bytes:
    """A progressive JPEG of ``pixels``, its longer side at most ``max_side`` (never enlarged), without metadata.

    Colour is kept at full resolution (4:4:4): red lines and brush edges are what a report is looked at for.
    """
    image = Image.fromarray(pixels)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0, progressive=True, optimize=True)
    return out.getvalue()
