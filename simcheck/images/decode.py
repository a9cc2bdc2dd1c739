"""Bytes to a loaded Pillow image: Pillow first, then the named decoders for what it cannot read.

Nothing here trusts the file: its size is checked before its pixels are unpacked, only formats of pixels are tried
(no PostScript, no metafiles, no video), and a decoder may raise anything. A picture that is cut short is refused:
an evidence tool must not compare grey filler. Hangs and crashes are held off by `simcheck.images.workers`.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version as library_version

import numpy as np
import PIL
from PIL import ExifTags, Image, ImageFile, PsdImagePlugin, TiffImagePlugin

from simcheck.errors import PictureError
from simcheck.images.colour import from_array, target_size
from simcheck.images.signatures import OPENCV_TOO, foreign_format, known_format

__all__ = ["Decoded", "decode"]

# fmt: off
_FORMATS = (
    "JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "PSD", "JPEG2000", "PPM", "QOI",
    "ICO", "CUR", "ICNS", "DDS", "PCX", "DCX", "SGI", "SUN", "XPM", "XBM", "TGA",
)
# fmt: on
"""TGA comes last: it has no signature, so anything might be taken for one. MPO (JPEGs in a row) goes by JPEG."""

_PSD_VERSION_INFO = 1057
_PILLOW = threading.RLock()


@dataclass(slots=True)
class Decoded:
    """A loaded first frame, not yet turned nor converted. ``size`` is the full size after orientation."""

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


def decode(data: bytes, max_pixels: int, working_side: int) -> Decoded:
    """The first frame of a picture of any supported format.

    Raises PictureError (its sentence does not name the file): not_a_picture, truncated, damaged, too_many_pixels,
    no_decoder; and MemoryError.
    """
    with _bounded_pillow(max_pixels) as warned:
        try:
            decoded = _decode(data, max_pixels, working_side)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise _too_many_pixels(max_pixels) from error
    decoded.notes += [f"decoder_warned:{text}" for text in dict.fromkeys(str(w.message)[:80] for w in warned)]
    return decoded


@contextmanager
def _bounded_pillow(max_pixels: int) -> Iterator[list[warnings.WarningMessage]]:
    """Pillow with our limit on pixels (also inside its plug-ins, for icons and frames), as it was afterwards.

    The limit and the warnings filter are global to a process, hence the lock.
    """
    with _PILLOW, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = max_pixels
        try:
            yield warned
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _decode(data: bytes, max_pixels: int, working_side: int) -> Decoded:
    known = known_format(data)
    try:
        return _with_pillow(data, max_pixels, working_side)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError, PictureError):
        raise
    except Exception as error:  # a decoder may raise anything on bytes from strangers
        failure = error
    if known == "PNG" and isinstance(failure, ValueError) and "text" in str(failure).lower():
        # Pillow refuses the whole picture for more than 64 MB of text (prompts, workflows); the pixels are fine.
        decoded = _decode(_png_without_text(data), max_pixels, working_side)
        decoded.notes.append("png_text_ignored")
        return decoded
    refused = _refusal(data, failure)
    unidentified = isinstance(failure, PIL.UnidentifiedImageError)  # an OSError too, but one about the header
    try:
        if known in ("HEIC", "HEIF", "AVIF"):
            return _with_pillow_heif(data, max_pixels)
        if known == "PSD" and (unidentified or not isinstance(failure, OSError)):
            return _with_psd_tools(data, max_pixels, compose=False)
        if known in OPENCV_TOO and refused.code != "truncated":
            return _with_opencv(data, known, max_pixels)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError, PictureError):
        raise
    except Exception as error:  # as above; the first decoder's complaint is the one to report
        failure.add_note(f"the second decoder failed too: {error!r}")
    raise refused from failure


def _with_pillow(data: bytes, max_pixels: int, working_side: int) -> Decoded:
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    name, mode, full = image.format or "?", image.mode, image.size
    _check_pixels(full, max_pixels)
    decoded = Decoded(image, name, mode, full, f"Pillow {PIL.__version__} ({name})")
    tiff_orientation = 1
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tiff_orientation = image.tag_v2.get(ExifTags.Base.Orientation, 1)
        decoded.bits = int(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0])
    if isinstance(image, PsdImagePlugin.PsdImageFile):
        if any(number == _PSD_VERSION_INFO and value[4:5] == b"\0" for number, _, value in image.resources):
            return _with_psd_tools(data, max_pixels, compose=True)
    elif name in ("JPEG", "MPO"):
        # Decoding at 1/2, 1/4 or 1/8 costs a fraction; twice the working size is left for the antialiased step.
        width, height = target_size(full, 2 * working_side)
        image.draft(None, (width, height))
        if image.size != full:
            decoded.notes.append(f"reduced_decode:{round(full[0] / image.size[0])}")
    decoded.frames = _count_frames(image, decoded.notes)
    image.load()
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow has turned a TIFF already when it comes out of load().
        decoded.size = image.size
        if tiff_orientation in range(2, 9):
            decoded.notes.append(f"oriented:{tiff_orientation}")
        return decoded
    decoded.orientation = _orientation(image, decoded.notes)
    if decoded.orientation > 4:
        decoded.size = (full[1], full[0])
    return decoded


def _with_pillow_heif(data: bytes, max_pixels: int) -> Decoded:
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError(
            "this is a HEIC picture and its decoder is not installed; run: pip install pillow-heif", "no_decoder"
        ) from error
    image: ImageFile.ImageFile = pillow_heif.HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
    _check_pixels(image.size, max_pixels)
    frames, turned = int(getattr(image, "n_frames", 1)), image.info.get("original_orientation")
    image.load()  # libheif turns and mirrors by itself, and the EXIF orientation of a HEIC has no say
    decoder = f"pillow-heif {pillow_heif.__version__} (libheif {pillow_heif.libheif_version()})"
    decoded = Decoded(image, "HEIF", image.mode, image.size, decoder, frames=frames)
    if frames > 1:
        decoded.notes.append(f"first_frame_of:{frames}")
    if turned in range(2, 9):
        decoded.notes.append(f"oriented:{turned}")
    return decoded


def _with_psd_tools(data: bytes, max_pixels: int, *, compose: bool) -> Decoded:
    """PSDs that Pillow cannot read (16 bit, PSB …), and those saved without a flattened picture."""
    height, width = struct.unpack(">II", data[14:22])
    _check_pixels((width, height), max_pixels)
    try:
        import psd_tools
        from psd_tools.constants import Resource
    except ImportError as error:
        raise PictureError(
            "this Photoshop file needs a decoder that is not installed; run: pip install psd-tools", "no_decoder"
        ) from error
    psd = psd_tools.PSDImage.open(io.BytesIO(data))
    compose = compose or not psd.has_preview()
    image = psd.composite(ignore_preview=True, apply_icc=False) if compose else psd.topil(apply_icc=False)
    if image is None:
        raise ValueError("no picture in this PSD")
    profile = psd.image_resources.get_data(Resource.ICC_PROFILE)
    if profile:
        image.info["icc_profile"] = profile
    decoder = f"psd-tools {library_version('psd-tools')}"
    mode = f"{psd.color_mode.name};{psd.depth}"
    decoded = Decoded(image, "PSD" if psd.version == 1 else "PSB", mode, image.size, decoder)
    decoded.notes += [f"layers:{len(psd)}"] + (["composed_from_layers"] if compose else [])
    return decoded


def _with_opencv(data: bytes, known: str, max_pixels: int) -> Decoded:
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("OpenCV cannot read this either")
    _check_pixels((values.shape[1], values.shape[0]), max_pixels)
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


def _count_frames(image: Image.Image, notes: list[str]) -> int:
    layered = isinstance(image, PsdImagePlugin.PsdImageFile)  # what Pillow counts as frames here are its layers
    try:
        frames = int(getattr(image, "n_frames", 1))
    except Exception:  # a later frame is damaged or a bomb; the first one, which is what is read, may be fine
        notes.append("frames_uncounted")
        if not layered:  # the merged picture of a PSD is where it was, and is no frame to go back to
            image.seek(0)
        return 1
    if layered:
        notes.append(f"layers:{frames}")
        return 1
    if frames > 1:
        notes.append(f"first_frame_of:{frames}")
    return max(1, frames)


def _orientation(image: Image.Image, notes: list[str]) -> int:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged EXIF must not cost the picture
        notes.append("exif_unreadable")
        return 1
    if orientation not in range(2, 9):
        return 1
    notes.append(f"oriented:{orientation}")
    return int(orientation)


def _png_without_text(data: bytes) -> bytes:
    """The same PNG without its text chunks (PNG specification, 5.3: length, type, data, CRC)."""
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        end = at + 12 + length
        if data[at + 4 : at + 8] not in (b"tEXt", b"zTXt", b"iTXt"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _refusal(data: bytes, failure: Exception) -> PictureError:
    known, unreadable = known_format(data), foreign_format(data)
    if isinstance(failure, PIL.UnidentifiedImageError):
        if unreadable:
            return PictureError(f"simcheck does not read {unreadable}; export the picture as PNG or JPEG", "no_decoder")
        if known is None:
            return PictureError(
                "this is not a picture in a format that simcheck knows, whatever its name says; export it as PNG",
                "not_a_picture",
            )
    text = f"{failure}"
    if isinstance(failure, EOFError) or "truncated" in text.lower() or "not enough" in text.lower():
        return PictureError(
            "the picture is cut short: its end is missing, and simcheck does not compare half a picture. Fetch "
            "or export it again",
            "truncated",
        )
    detail = "" if isinstance(failure, PIL.UnidentifiedImageError) else f" ({type(failure).__name__}: {text[:120]})"
    return PictureError(
        f"the {known or 'picture'} is damaged and cannot be decoded{detail}. Fetch or export it again", "damaged"
    )


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise _too_many_pixels(max_pixels, size)


def _too_many_pixels(max_pixels: int, size: tuple[int, int] | None = None) -> PictureError:
    stated = f"{size[0]:,} x {size[1]:,} pixels" if size else "an enormous number of pixels"
    return PictureError(
        f"the picture says that it has {stated}, which is more than the {max_pixels / 1e6:,.0f} million that simcheck "
        "unpacks; if that is right, save a smaller copy",
        "too_many_pixels",
    )
