"""Bytes to a loaded Pillow image: Pillow first, then the named decoders for what it cannot read.

Nothing here trusts the file: its size is checked before its pixels are unpacked, only formats of pixels are tried
(no PostScript, no metafiles, no video), and a decoder may raise anything. A picture that is cut short or damaged is
refused: an evidence tool must not compare grey filler. Hangs and crashes are held off by `simcheck.images.workers`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import PIL
from PIL import Image, ImageFile

from simcheck.errors import PictureError
from simcheck.images.by_others import with_opencv, with_pillow_heif
from simcheck.images.by_pillow import with_pillow
from simcheck.images.decoded import Decoded, too_many_pixels
from simcheck.images.files import MOST_BYTES
from simcheck.images.formats import painting, photoshop, png, tiff
from simcheck.images.kinds import HEAD, unread
from simcheck.images.signatures import OPENCV_TOO, known_format

__all__ = ["decode"]

_PILLOW = threading.RLock()
_MOST_WARNINGS = 5
"""Of a decoder, each kept for the report: a file with 60,000 wrong tags has as many."""
_OURS = (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError, PictureError)
"""What is not a decoder's complaint about bytes that it does not understand."""


def decode(data: bytes, max_pixels: int, working_side: int, max_bytes: int = MOST_BYTES) -> Decoded:
    """The picture of a file of any supported format: its first frame that shows something, its largest page.

    ``max_bytes`` is the most that a picture inside a document may unpack to. Raises PictureError (its sentence does
    not name the file): not_a_picture, truncated, damaged, too_many_pixels, too_large_file, no_decoder; MemoryError.
    """
    with _bounded_pillow(max_pixels) as warned:
        try:
            inside = painting.merged_picture(data, max_bytes) if painting.is_zip(data) else None
            decoded = _decode(inside[1] if inside else data, max_pixels, working_side)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise too_many_pixels(max_pixels) from error
    if inside:
        decoded.format = inside[0]
        decoded.notes.insert(0, f"merged_picture_of:{inside[0]}")
    said = list(dict.fromkeys(str(warning.message)[:80] for warning in warned))
    decoded.notes += [f"decoder_warned:{text}" for text in said[:_MOST_WARNINGS]]
    if len(said) > _MOST_WARNINGS:
        decoded.notes.append(f"decoder_warned_more:{len(said) - _MOST_WARNINGS}")
    return decoded


@contextmanager
def _bounded_pillow(max_pixels: int) -> Iterator[list[warnings.WarningMessage]]:
    """Pillow with our limit on pixels (also inside its plug-ins, for icons and frames) and strict about what is cut
    short, as it was afterwards.

    These settings and the warnings filter are global to a process, hence the lock.
    """
    with _PILLOW, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = max_pixels, False
        try:
            yield warned
        finally:
            Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def _decode(data: bytes, max_pixels: int, working_side: int) -> Decoded:
    known = known_format(data)
    page = tiff.choose_page(data) if known == "TIFF" else None
    if page is not None and page.note:
        data = tiff.at_page(data, page.page)
    try:
        return with_pillow(data, max_pixels, working_side, page)
    except _OURS:
        raise
    except Exception as error:  # a decoder may raise anything on bytes from strangers
        failure = error
    refused = _refusal(data, failure)
    try:
        if known == "PNG" and isinstance(failure, ValueError) and "text" in str(failure).lower():
            return _without_text(data, max_pixels, working_side)
        decoded = _by_another(data, known, failure, max_pixels)
    except _OURS:
        raise
    except Exception as error:  # as above; the first decoder's complaint is the one to report
        failure.add_note(f"the second try failed too: {error!r}")
        decoded = None
    if decoded is None:
        raise refused from failure
    return decoded


def _without_text(data: bytes, max_pixels: int, working_side: int) -> Decoded:
    """Pillow refuses the whole picture for texts of 64 MB (prompts, workflows) and a profile of 1 MB; the pixels are
    fine, and so is the profile."""
    bare, profile, had_text = png.without_text(data)
    decoded = with_pillow(bare, max_pixels, working_side)
    if profile:
        decoded.image.info["icc_profile"] = profile
    decoded.notes += ["png_text_ignored"] if had_text else []
    return decoded


def _by_another(data: bytes, known: str | None, failure: Exception, max_pixels: int) -> Decoded | None:
    """By a decoder that knows more; None if there is none, or Pillow knows the format and found the data wrong."""
    if known in ("HEIC", "HEIF", "AVIF"):
        return with_pillow_heif(data, max_pixels)
    # Where Pillow knows the format and stumbles over its data (an OSError), another would only be less strict.
    unknown_to_pillow = isinstance(failure, PIL.UnidentifiedImageError) or not isinstance(failure, OSError)
    if known == "PSD" and unknown_to_pillow:
        return photoshop.with_psd_tools(data, max_pixels, compose=False)
    if known in OPENCV_TOO and unknown_to_pillow:
        return with_opencv(data, known, max_pixels)
    return None


def _refusal(data: bytes, failure: Exception) -> PictureError:
    known, foreign = known_format(data), unread(data[:HEAD])
    if isinstance(failure, PIL.UnidentifiedImageError):
        if foreign:
            return PictureError(f"simcheck does not read {foreign.what}; {foreign.advice}", "no_decoder")
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
