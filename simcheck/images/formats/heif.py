"""The boxes of a HEIF or AVIF file (ISO/IEC 14496-12, 23008-12): what it declares of its colours, and where its
coded pixels lie. Pillow does not hand on the former for AVIF, and libheif only where there is no profile.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

from simcheck.images.declared import Declared, from_code_points

__all__ = ["coded_spans", "declared_colours", "turned"]

_MOST_BOXES = 10_000
"""Boxes, items and pieces that are looked at, each."""
_CODED_ITEMS = (b"hvc1", b"av01", b"avc1", b"vvc1")

_ORIENTATIONS = {None: (1, 8, 3, 6), 0: (4, 5, 2, 7), 1: (2, 7, 4, 5)}
"""Axis of the mirror -> quarter turns against the clock, done before it, from 0 to 3 (ISO/IEC 23008-12, 6.5.10)."""


def declared_colours(data: bytes) -> Declared | None:
    """None where nothing is declared, it is plain sRGB, or the structure is not understood.

    The range of the samples is the decoder's to undo, and it has.
    """
    try:
        return _of_primary(data)
    except (struct.error, IndexError):
        return None


def turned(data: bytes) -> int:
    """The EXIF orientation that means the same as the primary picture's irot and imir boxes; 1 without any."""
    quarters, mirror = 0, None
    try:
        for kind, begin, _ in _properties(data):
            if kind == b"irot":
                quarters = data[begin] & 3
            elif kind == b"imir":
                mirror = data[begin] & 1
    except (struct.error, IndexError):
        return 1
    return _ORIENTATIONS[mirror][quarters]


def coded_spans(data: bytes) -> list[tuple[int, int]]:
    """(begin, end) of the coded data of each picture, tile and mask; metadata are left out. Empty: not understood."""
    try:
        return list(islice(_coded_spans(data), _MOST_BOXES))
    except (struct.error, IndexError):
        return []


def _in_meta(data: bytes) -> dict[bytes, tuple[int, int]]:
    meta = next((span for kind, *span in _boxes(data, 0, len(data)) if kind == b"meta"), None)
    return {kind: (begin, end) for kind, begin, end in _boxes(data, meta[0] + 4, meta[1])} if meta else {}


def _coded_spans(data: bytes) -> Iterator[tuple[int, int]]:
    inside = _in_meta(data)
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    begin, end = inside[b"iinf"]
    coded = set()
    for kind, at, _ in _boxes(data, begin + (8 if data[begin] else 6), end):
        if kind == b"infe" and data[at] >= 2:
            size = 4 if data[at] > 2 else 2
            number = int.from_bytes(data[at + 4 : at + 4 + size], "big")
            if data[at + 6 + size :][:4] in _CODED_ITEMS:
                coded.add(number)
    at, _ = inside[b"iloc"]
    version, sizes = data[at], data[at + 4 : at + 6]
    offset_size, length_size, base_size, index_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15
    wide = 4 if version > 1 else 2

    def number_of(size: int) -> int:
        nonlocal at
        at += size
        if at > len(data):
            raise IndexError
        return int.from_bytes(data[at - size : at], "big")

    at += 6
    for _ in range(min(number_of(wide), _MOST_BOXES)):
        item = number_of(wide)
        method = number_of(2) & 15 if version else 0
        number_of(2)  # which file: this one
        base = number_of(base_size)
        extents = number_of(2)
        if not (offset_size or length_size) and extents > 1:
            raise IndexError  # nothing told them apart
        for _ in range(extents):
            if version and index_size:
                number_of(index_size)
            first, length = base + number_of(offset_size), number_of(length_size)
            if item in coded and method == 0:
                yield first, min(first + length, len(data))


def _of_primary(data: bytes) -> Declared | None:
    for kind, begin, end in _properties(data):
        if kind == b"colr" and data[begin : begin + 4] == b"nclx" and end - begin >= 8:
            primaries, transfer = struct.unpack_from(">HH", data, begin + 4)
            return from_code_points(primaries, transfer)
    return None


def _properties(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, begin, end) of each property of the primary picture."""
    inside = _in_meta(data)
    if b"pitm" not in inside or b"iprp" not in inside:
        return
    begin, _ = inside[b"pitm"]
    (primary,) = struct.unpack_from(">I" if data[begin] else ">H", data, begin + 4)
    properties = {kind: (begin, end) for kind, begin, end in _boxes(data, *inside[b"iprp"])}
    if b"ipco" not in properties or b"ipma" not in properties:
        return
    boxes = list(_boxes(data, *properties[b"ipco"]))
    for number in _associated(data, properties[b"ipma"][0], primary):
        if 1 <= number <= len(boxes):
            yield boxes[number - 1]


def _associated(data: bytes, at: int, item: int) -> Iterator[int]:
    """Numbers, from 1, of the properties of an item (ItemPropertyAssociationBox)."""
    version, wide = data[at], data[at + 3] & 1
    (entries,) = struct.unpack_from(">I", data, at + 4)
    at += 8
    for _ in range(min(entries, _MOST_BOXES)):
        (number,) = struct.unpack_from(">I" if version else ">H", data, at)
        at += 4 if version else 2
        count = data[at]
        at += 1
        for _ in range(count):
            (value,) = struct.unpack_from(">H" if wide else ">B", data, at)
            at += 2 if wide else 1
            if number == item:
                yield value & (0x7FFF if wide else 0x7F)


def _boxes(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, begin, end) of the content of each box in a stretch of bytes."""
    for _ in range(_MOST_BOXES):
        if begin + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, begin)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin + 8)
            head = 16
        size = size or end - begin
        if size < head or begin + size > end:
            return
        yield kind, begin + head, begin + size
        begin += size
