"""The decoders that are asked where Pillow does not know a format: libheif and OpenCV (psd-tools is in `formats`)."""

from __future__ import annotations

import io

import numpy as np
from PIL import ImageFile

from simcheck.errors import PictureError
from simcheck.images.by_pillow import show_declared
from simcheck.images.colour import from_array
from simcheck.images.decoded import Decoded, check_pixels
from simcheck.images.formats import heif, holes
from simcheck.images.frames import first_that_shows

__all__ = ["with_opencv", "with_pillow_heif"]


def with_pillow_heif(data: bytes, max_pixels: int) -> Decoded:
    """Raises PictureError (no_decoder, too_many_pixels, damaged), and whatever libheif raises."""
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError(
            "this is a HEIC picture and its decoder is not installed; run: pip install pillow-heif", "no_decoder"
        ) from error
    image: ImageFile.ImageFile = pillow_heif.HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
    check_pixels(image.size, max_pixels)
    holes.check(data, "HEIF", image.size)
    frames = int(getattr(image, "n_frames", 1))
    image.load()  # libheif turns and mirrors by itself; an orientation in the EXIF or XMP of a HEIC has no say
    decoder = f"pillow-heif {pillow_heif.__version__} (libheif {pillow_heif.libheif_version()})"
    decoded = Decoded(image, "HEIF", image.mode, image.size, decoder, frames=frames)
    if frames > 1:
        decoded.image = first_that_shows(image, frames, decoded.notes)
        decoded.size = decoded.image.size
    turned = heif.turned(data)
    if turned > 1:
        decoded.notes.append(f"oriented:{turned}")
    declared = None if image.info.get("icc_profile") else heif.declared_colours(data)
    if declared is not None:
        samples = None
        if decoded.image is image and image.info.get("bit_depth", 8) > 8:
            deep = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
            samples = np.asarray(deep) if deep.mode in ("RGB;16", "RGBA;16") else None
        show_declared(decoded, declared, samples)
    return decoded


def with_opencv(data: bytes, known: str, max_pixels: int) -> Decoded:
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("OpenCV cannot read this either")
    check_pixels((values.shape[1], values.shape[0]), max_pixels)
    if values.ndim == 3 and values.shape[2] >= 3:
        values = values[..., [2, 1, 0, *range(3, values.shape[2])]]  # OpenCV's order is blue, green, red
    mode = f"{1 if values.ndim == 2 else values.shape[2]}x{values.dtype}"
    notes: list[str] = ["fallback_decoder"]
    if known == "Radiance HDR":
        # Linear light, white at 1: the sRGB curve (IEC 61966-2-1) makes it what a screen would show.
        light = np.clip(values, 0, 1)
        values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    image = from_array(values, notes)
    return Decoded(image, known, mode, image.size, f"OpenCV {cv2.__version__} ({known})", notes=notes)
