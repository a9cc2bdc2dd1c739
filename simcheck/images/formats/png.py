"""The chunks of a PNG (PNG specification, third edition): what it declares of its colours, and whether it is whole.

Pillow reads neither ``cICP`` nor applies ``gAMA`` and ``cHRM``, and takes a data stream that ends early for whole.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import PictureError
from simcheck.images.declared import Declared, from_code_points, from_gamma

__all__ = ["check_inside", "check_rows", "check_sums", "declared_colours", "sixteen_bits", "without_text"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PROFILE_BYTES = 64 << 20
"""A colour profile is unpacked up to this size; the largest in use are of some 3 MB."""
_MOST_INSIDE = 32
"""PNGs of one size in one icon that are looked at; there is one, or one for each depth of colour."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type -> samples a pixel."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced PNG: the first column and row of each pass, and its steps across and down (chapter 8.2)."""


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, begin, end) of each chunk's content, in order, as far as they are whole."""
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if at + 12 + length > len(data):
            return
        yield data[at + 4 : at + 8], at + 8, at + 8 + length
        at += 12 + length


def declared_colours(data: bytes, profile: bytes | None) -> tuple[Declared | None, bool]:
    """What the chunks before the pixels say of their colours, and whether that outranks the ``profile`` (iCCP).

    The order is that of chapter 4.3: cICP, iCCP, sRGB, then gAMA and cHRM. None: plain sRGB, or nothing is said.
    """
    found: dict[bytes, bytes] = {}
    for kind, begin, end in _chunks(data):
        if kind == b"IDAT":
            break
        if kind in (b"cICP", b"sRGB", b"gAMA", b"cHRM"):
            found.setdefault(kind, data[begin:end])
    code_points = found.get(b"cICP", b"")
    if len(code_points) == 4 and code_points[2] == 0:  # the third, a matrix, must be that of RGB
        return from_code_points(code_points[0], code_points[1], full_range=code_points[3] != 0), True
    if profile or b"sRGB" in found:
        return None, False
    gamma = struct.unpack(">I", found[b"gAMA"])[0] / 1e5 if len(found.get(b"gAMA", b"")) == 4 else None
    chroma = struct.unpack(">8I", found[b"cHRM"]) if len(found.get(b"cHRM", b"")) == 32 else None
    return from_gamma(gamma, tuple(value / 1e5 for value in chroma) if chroma else None), False


def sixteen_bits(data: bytes) -> NDArray[np.uint16] | None:
    """All 16 bits of a colour PNG that has them, as (height, width, 3 or 4); None of any other.

    Pillow cuts them to eight, which is too coarse for linear light and for HDR. The caller has decoded the PNG with
    Pillow before, so that it is known to be whole and not too large.
    """
    if data[24] != 16 or data[25] == 0:  # Pillow keeps all bits of grey
        return None
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16 or values.ndim != 3:
        return None
    return np.asarray(values[..., [2, 1, 0, *range(3, values.shape[2])]], np.uint16)  # OpenCV has blue first


def without_text(data: bytes) -> tuple[bytes, bytes | None, bool]:
    """The same PNG without its texts and its colour profile; the profile, unpacked, None without one in order; and
    whether it had texts."""
    kept, profile, had_text = [data[:8]], None, False
    for kind, begin, end in _chunks(data):
        if kind == b"iCCP":
            packed = data[begin:end].partition(b"\0")[2][1:]
            unpacker = zlib.decompressobj()
            try:
                profile = unpacker.decompress(packed, _PROFILE_BYTES)
            except zlib.error:
                profile = None
            if profile is not None and not unpacker.eof:
                profile = None
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            had_text = True
        else:
            kept.append(data[begin - 8 : end + 4])
    return b"".join(kept), profile, had_text


def check_sums(data: bytes) -> None:
    """Raises PictureError (damaged) when pixel data are not those that their checksum was made of. Pillow never looks
    at it, and rubbish may unpack to rows enough."""
    for kind, begin, end in _chunks(data):
        if kind == b"IEND":
            return
        if kind == b"IDAT" and zlib.crc32(data[begin - 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise PictureError(
                "the PNG is damaged: its data do not agree with their checksum. Fetch or export it again", "damaged"
            )


def check_rows(data: bytes) -> None:
    """Raises PictureError (truncated, damaged) when the pixel data, though Pillow took them, do not fill every row."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    bits = depth * _CHANNELS.get(colour, 0)
    expected = 0
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            expected += rows * (1 + (columns * bits + 7) // 8)
    unpacker, length = zlib.decompressobj(), 0
    try:
        for kind, begin, end in _chunks(data):
            if kind == b"IEND":
                break
            waiting = data[begin:end] if kind == b"IDAT" else b""
            while waiting and not unpacker.eof and length < expected:
                length += len(unpacker.decompress(waiting, 1 << 20))
                waiting = unpacker.unconsumed_tail
    except zlib.error as error:
        raise PictureError(f"the PNG is damaged ({error}). Fetch or export it again", "damaged") from error
    if length < expected:
        raise PictureError(
            f"the PNG is cut short: its data end after {100 * length // expected} % of the picture, and simcheck does "
            "not compare half a picture. Fetch or export it again",
            "truncated",
        )


def check_inside(data: bytes, size: tuple[int, int]) -> None:
    """As `check_sums` and `check_rows`, for the PNGs of this size within an icon."""
    head = struct.pack(">I4sII", 13, b"IHDR", *size)
    at = data.find(head)
    for _ in range(_MOST_INSIDE):
        if at < 8:
            return
        if data[at - 8 : at] == _SIGNATURE and at + 21 <= len(data):
            check_sums(data[at - 8 :])
            check_rows(data[at - 8 :])
        at = data.find(head, at + 1)
