"""What Pillow reads, which is nearly everything, with what Pillow leaves undone for each format."""

from __future__ import annotations

import io

import numpy as np
import PIL
from PIL import ExifTags, Image, PsdImagePlugin, TiffImagePlugin

from simcheck.images.colour import eight_bit, target_size
from simcheck.images.declared import Declared, to_srgb
from simcheck.images.decoded import Decoded, check_pixels
from simcheck.images.formats import heif, holes, photoshop, png, tiff
from simcheck.images.formats.jpeg import checked_jpeg
from simcheck.images.frames import first_that_shows

__all__ = ["FORMATS", "show_declared", "with_pillow"]

# fmt: off
FORMATS = (
    "JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "PSD", "JPEG2000", "PPM", "QOI",
    "ICO", "CUR", "ICNS", "DDS", "PCX", "DCX", "SGI", "SUN", "XPM", "XBM", "TGA",
)
# fmt: on
"""TGA comes last: it has no signature, so anything might be taken for one. MPO (JPEGs in a row) goes by JPEG."""

_ANIMATED = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
_CARELESS_ALPHA = frozenset({"BMP", "DIB", "TGA", "ICO", "CUR", "ICNS", "DDS", "SGI", "PSD"})
"""Formats whose writers often leave the fourth channel at nought, meaning nothing by it."""


def with_pillow(data: bytes, max_pixels: int, working_side: int, page: tiff.Choice | None = None) -> Decoded:
    """``page`` is the page of a TIFF at whose directory ``data`` begin. Raises what Pillow raises, and PictureError."""
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    name, full = image.format or "?", image.size
    check_pixels(full, max_pixels)
    decoded = Decoded(image, name, image.mode, full, f"Pillow {PIL.__version__} ({name})")
    if name in ("JPEG", "MPO"):
        whole = checked_jpeg(data, decoded.notes)
        if whole is not data:
            decoded.image = image = Image.open(io.BytesIO(whole), formats=FORMATS)
        _reduce(image, working_side, decoded.notes)
    holes.check(data, name, full)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _tiff(image, data, decoded, page)
    if isinstance(image, PsdImagePlugin.PsdImageFile) and not photoshop.has_merged_picture(data):
        return photoshop.with_psd_tools(data, max_pixels, compose=True)
    decoded.frames = _count_frames(image, decoded.notes)
    image.load()
    if name == "PNG":
        png.check_sums(data)
        if image.info.get("interlace") or not np.asarray(image.crop(_last_row(image))).any():
            png.check_rows(data)
    elif name in ("ICO", "ICNS"):
        png.check_inside(data, image.size)
    if decoded.frames > 1:
        if name in _ANIMATED:
            decoded.image = first_that_shows(image, decoded.frames, decoded.notes)
        else:
            decoded.notes.append(f"first_frame_of:{decoded.frames}")
    decoded.orientation = _orientation(image, decoded.notes)
    if decoded.orientation > 4:
        decoded.size = (full[1], full[0])
    if name in _CARELESS_ALPHA:
        _drop_false_alpha(decoded, data)
    if name == "PNG":
        _show_png(decoded, data)
    elif name == "AVIF" and not image.info.get("icc_profile"):
        show_declared(decoded, heif.declared_colours(data))
    return decoded


def show_declared(decoded: Decoded, declared: Declared | None, samples: np.ndarray | None = None) -> None:
    """Bring a picture in declared colours to sRGB; ``samples`` are its pixels where they have more than 8 bits."""
    if declared is None:
        return
    image, transparent = decoded.image, None
    if samples is None and image.mode.startswith("I;16"):
        samples = np.asarray(image)
        transparent = image.info.get("transparency")
    if samples is None:
        samples = np.asarray(eight_bit(image, decoded.bits, decoded.notes))
    shown = Image.fromarray(to_srgb(samples, declared, decoded.notes))
    if isinstance(transparent, int):
        shown = Image.merge("LA", (shown, Image.fromarray(np.where(samples == transparent, 0, 255).astype(np.uint8))))
    decoded.image = shown


def _show_png(decoded: Decoded, data: bytes) -> None:
    declared, outranks = png.declared_colours(data, decoded.image.info.get("icc_profile"))
    if outranks:
        decoded.image.info.pop("icc_profile", None)
    if declared is not None:
        # OpenCV gives the first image; a later frame has to do with Pillow's eight bits.
        first = not any(note.startswith("frame:") for note in decoded.notes)
        show_declared(decoded, declared, png.sixteen_bits(data) if first else None)


def _reduce(image: Image.Image, working_side: int, notes: list[str]) -> None:
    """Decode a JPEG at 1/2, 1/4 or 1/8, which costs a fraction; twice the working size is left to scale down."""
    full = image.size
    image.draft(None, target_size(full, 2 * working_side))
    if image.size != full:
        notes.append(f"reduced_decode:{round(full[0] / image.size[0])}")


def _tiff(image: TiffImagePlugin.TiffImageFile, data: bytes, decoded: Decoded, page: tiff.Choice | None) -> Decoded:
    orientation = image.tag_v2.get(ExifTags.Base.Orientation, 0)
    decoded.bits = int(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0])
    tiff.check_strips(data, image.tag_v2)
    decoded.frames = _count_frames(image, decoded.notes)
    if page is not None and page.note:
        decoded.frames = page.pages
        decoded.notes.append(page.note)
    elif decoded.frames > 1:
        decoded.notes.append(f"first_frame_of:{decoded.frames}")
    image.info.pop("xmp", None)  # Pillow would obey an orientation in it, as no viewer does
    image.load()
    # Pillow has turned a TIFF already when it comes out of load(), if it has an orientation of its own.
    decoded.size = image.size
    if not orientation and page is not None and page.page.orientation in range(2, 9):
        orientation = decoded.orientation = page.page.orientation
        if orientation > 4:
            decoded.size = (image.height, image.width)
    if orientation in range(2, 9):
        decoded.notes.append(f"oriented:{orientation}")
    return decoded


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
    return max(1, frames)


def _orientation(image: Image.Image, notes: list[str]) -> int:
    """EXIF's, and not XMP's, which Pillow's own `getexif` would take where there is no other."""
    try:
        raw = image.info.get("exif")
        if raw is None and "Raw profile type exif" in image.info:  # as ImageMagick writes it into a PNG
            raw = bytes.fromhex("".join(image.info["Raw profile type exif"].split("\n")[3:]))
        exif = Image.Exif()
        exif.load(raw or b"")
        orientation = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged EXIF must not cost the picture
        notes.append("exif_unreadable")
        return 1
    if orientation not in range(2, 9):
        return 1
    notes.append(f"oriented:{orientation}")
    return int(orientation)


def _drop_false_alpha(decoded: Decoded, data: bytes) -> None:
    """Make opaque what has an alpha channel that means none: undeclared, a saved selection, or nought throughout."""
    image = decoded.image
    if not image.has_transparency_data:
        return
    if image.mode not in ("RGBA", "LA"):
        image = image.convert("RGBA")
    alpha = image.getchannel("A")
    undeclared = (decoded.format == "TGA" and not _tga_has_alpha(data)) or (
        decoded.format == "PSD" and not photoshop.has_transparency(data)
    )
    if not undeclared and alpha.getextrema() != (0, 0):
        return
    if alpha.getextrema() != (255, 255):
        decoded.notes.append("alpha_ignored")
    profile = image.info.get("icc_profile")
    decoded.image = image.convert("L" if image.mode == "LA" else "RGB")
    if profile:
        decoded.image.info["icc_profile"] = profile


def _tga_has_alpha(data: bytes) -> bool:
    """Whether a TGA says that its attribute bits are alpha (Truevision TGA 2.0, fields 5.6 and 24)."""
    if data[17] & 15 == 0:
        return False
    if data[-18:] == b"TRUEVISION-XFILE.\0":
        extension = int.from_bytes(data[-26:-22], "little")
        if 0 < extension <= len(data) - 495:
            return data[extension + 494] >= 3
    return True


def _last_row(image: Image.Image) -> tuple[int, int, int, int]:
    return (0, image.height - 1, image.width, image.height)
