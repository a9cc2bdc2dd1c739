"""Stretches of zero bytes in data that no encoder leaves: a bad disk, or a download that broke off.

For formats without a checksum whose decoders make rubbish of them in silence. JPEG has rules of its own (`jpeg`).
"""

from __future__ import annotations

import struct

from simcheck.errors import PictureError
from simcheck.images.formats import heif

__all__ = ["check"]

_HOLE = {"WEBP": 256, "AVIF": 256, "HEIF": 64, "QOI": 16}
"""Zero bytes in a row that make a hole. HEVC (B.2) and QOI forbid so many outright."""
_FLAT = 8192
"""For the other two, one byte more for so many pixels: flat areas give their arithmetic coders zeros, in the largest
that were tried (64 million pixels, all but a spot white) one byte for 13,000."""
_MOST_CHUNKS = 10_000


def check(data: bytes, name: str, size: tuple[int, int]) -> None:
    """Raises PictureError (damaged) for a picture of the format ``name`` (Pillow's) with a hole in its pixel data."""
    if name not in _HOLE:
        return
    hole = bytes(_HOLE[name] + (size[0] * size[1] // _FLAT if name in ("WEBP", "AVIF") else 0))
    spans = _pixel_data(data, name)
    if sum(end - begin for begin, end in spans) > 2 * len(data):
        return  # pieces that lie over each other; the decoder may have its say
    if any(data.find(hole, begin, end) >= 0 for begin, end in spans):
        raise PictureError(
            "the picture is damaged: a stretch of its data was overwritten with zeros, and a decoder makes rubbish of "
            "that, which simcheck does not compare. Fetch or export it again",
            "damaged",
        )


def _pixel_data(data: bytes, name: str) -> list[tuple[int, int]]:
    if name == "QOI":
        return [(14, len(data) - 8)]
    if name in ("AVIF", "HEIF"):
        return heif.coded_spans(data)
    spans: list[tuple[int, int]] = []
    at = 12
    while at + 8 <= len(data) and len(spans) < _MOST_CHUNKS:
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind in (b"VP8 ", b"VP8L", b"ALPH"):
            spans.append((at + 8, min(at + 8 + size, len(data))))
        at += 8 + (16 if kind == b"ANMF" else size + size % 2)  # a frame's own chunks follow its head
    return spans
