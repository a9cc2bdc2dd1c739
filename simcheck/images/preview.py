"""Small JPEG copies of pictures for reports."""

from __future__ import annotations

import io

from PIL import Image, ImageFile

from simcheck.records import Pixels

__all__ = ["encode_preview"]


def encode_preview(pixels: Pixels, max_side: int, quality: int = 85) -> bytes:
    """A progressive JPEG of ``pixels``, its longer side at most ``max_side`` (never enlarged), without metadata.

    Colour is kept at full resolution (4:4:4): red lines and brush edges are what a report is looked at for.
    """
    image = Image.fromarray(pixels)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    # Progressive needs the whole picture in one buffer; Pillow takes one byte a pixel, and noise has more than that.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 4 * image.width * image.height)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=0, progressive=True, optimize=True)
    return out.getvalue()
