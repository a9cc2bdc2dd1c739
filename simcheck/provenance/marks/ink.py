"""A mark's picture -> its ink: where the strokes are, apart from paper, colour and size.

With alpha the paper is known: nothing. Without, it is the colour of the border, and ink is what differs from it by more
than the border differs in itself. Whether the ink is dark or light no longer matters from here on.
"""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from simcheck.errors import PictureError
from simcheck.images.decode import decode
from simcheck.images.files import read_bytes, shown
from simcheck.images.read import Limits

__all__ = ["SIDE", "Floats", "Ink", "MarkPicture", "ink_of", "mark_picture", "read_mark", "unpacked"]

Floats = NDArray[np.float32]

_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\r"
"""Signature, and the length of the header that must come first."""
SIDE = 512
"""Longer side, in pixels, at which a mark is kept."""
LEAST_SIDE = 12
LEAST_CONTRAST = 12.0
"""CIELAB units between ink and paper."""
LEAST_EDGES = 60
"""Edge pixels at a longer side of 96; an even line or a dot has fewer, and half of all pictures hold one."""
MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class MarkPicture:
    """A mark as it is stored: RGBA in a PNG file."""

    png: bytes
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """``density``: (height, width) float32, 0 paper to 1 full ink, cut to the mark with a narrow margin of paper."""

    density: Floats
    box: tuple[float, float, float, float]
    """Where in the mark's picture this is, in fractions."""

    @property
    def longer(self) -> int:
        return int(max(self.density.shape))


def read_mark(path: Path, limits: Limits = Limits()) -> MarkPicture:  # noqa: B008 - frozen, so shared safely
    """Raises PictureError for a file that is no picture, is blank, or shows too little to be told from anything.

    It may be anybody's file: `add` lets a decoding process do this (`simcheck.images.Reader.ask`)."""
    try:
        decoded = decode(read_bytes(path, limits.max_bytes), limits.max_pixels, 2 * SIDE)
        image = decoded.image
        if decoded.orientation > 1:
            image.getexif()[0x0112] = decoded.orientation
            image = ImageOps.exif_transpose(image)
        made = mark_picture(image)
        ink_of(made.png)
    except PictureError as error:
        if str(error).startswith(shown(path)):
            raise
        raise PictureError(f"{shown(path)}: {error}", error.code) from error
    return made


def mark_picture(image: Image.Image) -> MarkPicture:
    """Bound a mark's picture in size and encode it. The same picture gives the same bytes."""
    rgba = image.convert("RGBA") if image.mode != "I;16" else image.point(lambda v: v / 256).convert("RGBA")
    rgba.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    Image.fromarray(np.asarray(rgba)).save(stream, format="PNG")
    data = stream.getvalue()
    return MarkPicture(data, hashlib.sha256(data).hexdigest(), rgba.width, rgba.height)


def unpacked(png: bytes, limits: Limits = Limits()) -> NDArray[np.uint8]:  # noqa: B008 - frozen, so shared safely
    """A mark as it is stored -> (height, width, 4) uint8. Raises PictureError (``damaged``) for anything else.

    What the header says of the size is looked at before a pixel is unpacked: a small file can unpack to gigabytes."""
    del limits  # those of a mark are narrower; the parameter lets a decoding process call this
    size = struct.unpack(">II", png[16:24]) if png.startswith(_PNG) and png[12:16] == b"IHDR" and len(png) > 24 else ()
    if not size or not all(1 <= side <= SIDE for side in size):
        stated = f"{size[0]:,} x {size[1]:,} pixels" if size else "something that is no PNG"
        raise PictureError(f"a stored mark is a PNG of at most {SIDE} x {SIDE} pixels, and this is {stated}", "damaged")
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            return np.asarray(image.convert("RGBA"), np.uint8)
    except Exception as error:  # a decoder may raise anything on bytes from strangers
        raise PictureError(f"the picture of this mark is damaged ({error})", "damaged") from error


def ink_of(png: bytes) -> Ink:
    """The ink of a stored mark. Raises PictureError: ``damaged``, ``blank_mark``, ``small_mark``, ``plain_mark``."""
    density = _density(unpacked(png))
    if density is None:
        raise PictureError(
            "this picture is blank: a mark needs ink that differs from the paper. Save the signature or logo alone, "
            "on a transparent or an even ground",
            "blank_mark",
        )
    rows, columns = np.flatnonzero(density.max(axis=1) > 0.3), np.flatnonzero(density.max(axis=0) > 0.3)
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    if min(bottom - top, right - left) < LEAST_SIDE / 3 or max(bottom - top, right - left) < LEAST_SIDE:
        raise PictureError(
            f"the mark in this picture is only {right - left} x {bottom - top} pixels; save it larger", "small_mark"
        )
    margin = max(2, round(MARGIN * max(bottom - top, right - left)))
    height, width = density.shape
    cut = np.pad(density[top:bottom, left:right], margin)
    box = (left - margin, top - margin, right + margin, bottom + margin)
    ink = Ink(
        np.asarray(cut, np.float32),
        (max(0.0, box[0] / width), max(0.0, box[1] / height), min(1.0, box[2] / width), min(1.0, box[3] / height)),
    )
    if _edges(ink) < LEAST_EDGES:
        raise PictureError(
            "this mark is too plain (a line, a dot or an even shape): every other picture holds something like it. "
            "Give the whole signature or logo",
            "plain_mark",
        )
    return ink


def _density(rgba: NDArray[np.uint8]) -> Floats | None:
    import cv2

    alpha = rgba[..., 3].astype(np.float32) / 255
    grounds: list[NDArray[Any]] = []
    if alpha.min() < 0.5:
        # what is inked shows on white or on black or on both; take the paper on which it shows more
        shown_on = [np.where(alpha[..., None] > 0, rgba[..., :3] * alpha[..., None] + g * (1 - alpha[..., None]), g)
                    for g in (255.0, 0.0)]  # fmt: skip
        grounds = [np.asarray(each / 255, np.float32) for each in shown_on]
    else:
        grounds = [rgba[..., :3].astype(np.float32) / 255]
    best: Floats | None = None
    most = LEAST_CONTRAST
    transparent = bool(alpha.min() < 0.5)
    for picture in grounds:
        lab = np.asarray(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2LAB), np.float32)
        border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
        paper = np.median(lab[alpha <= alpha.min() + 0.01], axis=0) if transparent else _paper(border)
        apart = np.linalg.norm(lab - paper, axis=2)
        noise = 0.0 if transparent else float(np.percentile(np.linalg.norm(border - paper, axis=1), 75))
        differs = apart[apart > max(LEAST_CONTRAST / 2, 2 * noise)]
        full = float(np.percentile(differs, 80)) if differs.size >= 20 else 0.0
        if full - 2 * noise > most:
            most = full - 2 * noise
            low = max(2 * noise, 0.12 * full)
            best = np.asarray(np.clip((apart - low) / (0.85 * full - low), 0, 1), np.float32)
    return best


def _paper(border: NDArray[Any]) -> NDArray[Any]:
    """The commonest colour of the border: the densest of its colours in bins of 8 CIELAB units, then a median."""
    bins = np.round(border / 8).astype(int)
    _, inverse, counts = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    near = np.linalg.norm(border - np.median(border[inverse.ravel() == counts.argmax()], axis=0), axis=1) < 12
    return np.asarray(np.median(border[near], axis=0))


def _edges(ink: Ink) -> int:
    import cv2

    factor = 96 / ink.longer
    size = (max(8, round(ink.density.shape[1] * factor)), max(8, round(ink.density.shape[0] * factor)))
    small = cv2.resize(ink.density, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    small = cv2.GaussianBlur(small, (0, 0), 0.8)
    x, y = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    strong = np.hypot(x, y) > 0.5
    turns = np.floor((np.arctan2(y, x) % np.pi) / (np.pi / 8)).astype(int)[strong] % 8
    # a bar has many edge pixels, but nearly all of them in one direction
    counts = np.sort(np.bincount(turns, minlength=8))
    return int(counts[:-2].sum())
