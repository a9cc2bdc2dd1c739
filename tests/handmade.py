"""Picture files written byte by byte, for what no library writes: odd channels, undeclared alpha, pages, chunks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.generic]


def png(values: Values, *chunks: tuple[bytes, bytes]) -> bytes:
    """8 or 16 bit, of (height, width[, 2, 3 or 4]), with ``chunks`` before the pixels (PNG, third edition)."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    colour, depth = {1: 0, 2: 4, 3: 2, 4: 6}[channels], 8 * values.dtype.itemsize
    rows = b"".join(b"\0" + row.astype(values.dtype.newbyteorder(">")).tobytes() for row in values)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], depth, colour, 0, 0, 0)
    return png_of(header, *chunks, (b"IDAT", zlib.compress(rows)))


def png_of(header: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data


def psd(planes: Sequence[Values], *, layers: bytes = b"", resources: bytes = b"", mode: int = 3) -> bytes:
    """A merged picture of 8- or 16-bit planes (Adobe, Photoshop File Formats, 2019)."""
    height, width = planes[0].shape
    depth = 8 * planes[0].dtype.itemsize
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(planes), height, width, depth, mode)
    sections = b"".join(struct.pack(">I", len(part)) + part for part in (b"", resources, layers))
    raw = b"".join(plane.astype(plane.dtype.newbyteorder(">")).tobytes() for plane in planes)
    return head + sections + b"\0\0" + raw


def psd_resource(number: int, content: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content + bytes(len(content) % 2)


def bmp32(values: Values, alpha: Values, *, version: int) -> bytes:
    """32 bits a pixel: version 3 has no alpha mask, version 4 has one."""
    height, width = alpha.shape
    pixels = np.dstack([values[..., ::-1], alpha])[::-1].astype(np.uint8).tobytes()
    size, compression = (108, 3) if version == 4 else (40, 0)
    head = struct.pack("<IiiHHIIiiII", size, width, height, 1, 32, compression, len(pixels), 2835, 2835, 0, 0)
    if version == 4:
        head += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head)) + head + pixels


def tga32(values: Values, alpha: Values, *, alpha_bits: int, attributes: int | None = None) -> bytes:
    """With an extension area of TGA 2.0 that names the kind of ``attributes``, or as TGA 1.0."""
    height, width = alpha.shape
    data = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, width, height, 32, alpha_bits)
    data += np.dstack([values[..., ::-1], alpha])[::-1].astype(np.uint8).tobytes()
    if attributes is None:
        return data
    extension = struct.pack("<H", 495) + bytes(492) + bytes([attributes])
    return data + extension + struct.pack("<II", len(data), 0) + b"TRUEVISION-XFILE.\0"


Tag = tuple[int, int, int]
"""Number, field type (3 short, 4 long), value."""


def tiff(pages: Sequence[tuple[Values, Sequence[Tag]]], below: Sequence[tuple[Values, Sequence[Tag]]] = ()) -> bytes:
    """Uncompressed RGB pages in a chain, ``below`` in SubIFDs of the first; each with further tags (TIFF 6.0)."""
    data = bytearray(b"II*\0" + bytes(4))

    def directory(values: Values, further: Sequence[Tag], link: int) -> tuple[int, int]:
        """Write pixels and directory, put its place at ``link``; (its place, where the next one's goes)."""
        height, width = values.shape[:2]
        strip = len(data)
        data.extend(values.astype(np.uint8).tobytes())
        bits = len(data)
        data.extend(struct.pack("<HHH", 8, 8, 8))
        data.extend(bytes(len(data) % 2))
        tags = {256: (4, 1, width), 257: (4, 1, height), 258: (3, 3, bits), 259: (3, 1, 1), 262: (3, 1, 2)}
        tags |= {273: (4, 1, strip), 277: (3, 1, 3), 278: (4, 1, height), 279: (4, 1, values.size)}
        tags |= {number: (kind, 1, value) for number, kind, value in further}
        place = len(data)
        struct.pack_into("<I", data, link, place)
        data.extend(struct.pack("<H", len(tags)))
        for number in sorted(tags):
            data.extend(struct.pack("<HHII", number, *tags[number]))
        data.extend(bytes(4))
        return place, len(data) - 4

    link, first = 4, 0
    for number, (values, further) in enumerate(pages):
        with_below = [(330, 4, 0)] if below and number == 0 else []
        place, link = directory(values, [*further, *with_below], link)
        first = first or place
    if below:
        (count,) = struct.unpack_from("<H", data, first)
        entry = next(at for at in range(first + 2, first + 2 + 12 * count, 12) if data[at : at + 2] == b"\x4a\1")
        link = entry + 8
        if len(below) > 1:  # their places stand elsewhere
            struct.pack_into("<II", data, entry + 4, len(below), len(data))
            link = len(data)
            data.extend(bytes(4 * len(below)))
        for number, (values, further) in enumerate(below):
            directory(values, further, link + 4 * number)
    return bytes(data)
