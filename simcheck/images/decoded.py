"""What a decoder hands on, and the limit on pixels that each must keep."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from simcheck.errors import PictureError

__all__ = ["Decoded", "check_pixels", "too_many_pixels"]


@dataclass(slots=True)
class Decoded:
    """A loaded frame, not yet turned nor converted. ``size`` is the full size after orientation."""

    image: Image.Image
    format: str
    mode: str
    size: tuple[int, int]
    decoder: str
    orientation: int = 1
    bits: int = 16
    """How many of the 16 bits of a grey picture count: white is ``2**bits - 1``."""
    frames: int = 1
    notes: list[str] = field(default_factory=list)


def check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    """Raises PictureError (too_many_pixels)."""
    if size[0] * size[1] > max_pixels:
        raise too_many_pixels(max_pixels, size)


def too_many_pixels(max_pixels: int, size: tuple[int, int] | None = None) -> PictureError:
    stated = f"{size[0]:,} x {size[1]:,} pixels" if size else "an enormous number of pixels"
    return PictureError(
        f"the picture says that it has {stated}, which is more than the {max_pixels / 1e6:,.0f} million that simcheck "
        "unpacks; if that is right, save a smaller copy",
        "too_many_pixels",
    )
