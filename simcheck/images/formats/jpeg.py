"""Whether the coded data of a JPEG are whole. Decoders fill what is missing with grey and say nothing of it.

What an undamaged file passes: its markers are walked, and every channel and every pass of it must be there;
libjpeg-turbo decodes it once more, small and strict, since Pillow keeps libjpeg's warnings to itself; no block may be
lighter than white or darker than black, as all blocks after a gap soon are; and runs of zero bytes, as a bad disk or a
broken-off download leaves them, are held against what zeros mean in the file's own code tables. A single wrong bit may
still pass: JPEG has no checksum.

Sources: ITU-T T.81 (markers B.1, progressive scans G.1); the warnings are those of libjpeg's ``jerror.h``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import PictureError

__all__ = ["checked_jpeg"]

_AFTER_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""The first marker that is no restart: where the coded data of a scan end."""
_HOLE = 32
"""Zero bytes in a row that no coding of a picture gives, where a zero bit means more than "as before"."""
_SPARE = 8
"""Bytes between the last block and the end mark that some cameras leave. They cost no pixel."""
_BEYOND = 32
"""Levels below black or above white, of 256, that no encoder gives the mean of a block."""
_END = b"\xff\xd9"
_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1, 0xC9), (0xC2, 0xCA)
"""The frames that libjpeg decodes; the last of each is arithmetic coding, the others are Huffman's."""


@dataclass(frozen=True, slots=True)
class _Scan:
    components: tuple[int, ...]
    first: int
    last: int
    low: int
    """Spectral selection (Ss, Se) and how many low bits are still to come (Al)."""
    flat: bool
    """Zero bits mean "as before" here, so that any number of them may follow each other."""
    has_hole: bool


@dataclass(slots=True)
class _Jpeg:
    """A JPEG as the strict decoder gets it: without application data, and with its blocks' means made small."""

    stream: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    frame: int = 0
    components: dict[int, int] = field(default_factory=dict)
    """Their ids, in order -> the number of their quantization table."""
    steps: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number of a quantization table -> the step of a block's mean in the file and in ``stream``."""
    zero_codes: dict[tuple[int, int], int] = field(default_factory=dict)
    """(class, number) of each Huffman table -> the symbol whose code is all zero bits."""
    scans: list[_Scan] = field(default_factory=list)
    ended: bool = False


def checked_jpeg(data: bytes, notes: list[str]) -> bytes:
    """``data`` to decode: as they are, or with the end mark that alone was missing (noted).

    Raises PictureError (truncated, damaged) when a decoder would have to fill in a part of the picture.
    """
    jpeg = _walk(data)
    if jpeg.frame not in (*_SEQUENTIAL, *_PROGRESSIVE) or not jpeg.scans:
        return data  # lossless, hierarchical or no picture at all: the decoder will say so
    if jpeg.frame not in (0xC9, 0xCA) and any(scan.has_hole and not scan.flat for scan in jpeg.scans):
        raise _damaged("a stretch of its data was overwritten with zeros")
    if missing := _missing(jpeg):
        raise _damaged(missing) if jpeg.ended else _cut_short()
    _decode_strictly(jpeg, notes)
    if jpeg.ended:
        return data
    notes.append("jpeg_no_end_mark")
    return data + (_END[1:] if data.endswith(b"\xff") else _END)


def _walk(data: bytes) -> _Jpeg:
    """Segment by segment, as leniently as libjpeg: rubbish between segments is passed over."""
    jpeg, at, size = _Jpeg(), 2, len(data)
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < size:
        code = data[at + 1]
        if code in (0x00, 0x01, 0xFF) or 0xD0 <= code <= 0xD8:
            at += 1 if code == 0xFF else 2
            continue
        if code == 0xD9:
            jpeg.ended = True
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        body = bytearray(data[at + 4 : end])
        if code == 0xDA:
            found = _AFTER_SCAN.search(data, end)
            stop = found.start() if found else size - data.endswith(b"\xff")
            _take_scan(body, jpeg, data.find(bytes(_HOLE), end, stop) >= 0)
            jpeg.stream += [data[at : at + 4], bytes(body), data[end:stop]]
            at = stop
            continue
        if code == 0xC4:
            jpeg.zero_codes |= _zero_codes(body)
        elif code == 0xDB:
            _take_steps(body, jpeg)
        elif 0xC0 <= code <= 0xCF and code not in (0xC8, 0xCC) and len(body) >= 6 and not jpeg.frame:
            jpeg.frame = code
            _take_frame(body, jpeg)
        if not (0xE0 <= code <= 0xEF or code == 0xFE):  # not application data or comment
            jpeg.stream += [data[at : at + 4], bytes(body)]
        at = end
    return jpeg


def _take_frame(body: bytearray, jpeg: _Jpeg) -> None:
    """Note the components, and call three of them R, G, B: so they are decoded as they are, not as colours."""
    places = [6 + 3 * number for number in range(body[5]) if 8 + 3 * number < len(body)]
    jpeg.components = {body[at]: body[at + 2] for at in places}
    if len(jpeg.components) == 3:
        for at, name in zip(places, b"RGB", strict=True):
            body[at] = name


def _take_scan(body: bytearray, jpeg: _Jpeg, has_hole: bool) -> None:
    count = body[0] if body else 0
    if not 1 <= count <= 4 or len(body) < 4 + 2 * count:
        return
    first, last, approximation = body[1 + 2 * count : 4 + 2 * count]
    components, tables = tuple(body[1 : 1 + 2 * count : 2]), tuple(body[2 : 2 + 2 * count : 2])
    dc = all(jpeg.zero_codes.get((0, table >> 4), 0) == 0 for table in tables)
    # End of a block, or of a band of blocks (progressive): the low four bits, a coefficient's size, are nought.
    ac = all(jpeg.zero_codes.get((1, table & 15), 0) & 15 == 0 for table in tables)
    if jpeg.frame in _PROGRESSIVE:
        flat = approximation >> 4 != 0 or (dc if first == 0 else ac)
        jpeg.scans.append(_Scan(components, first, last, approximation & 15, flat, has_hole))
    else:
        jpeg.scans.append(_Scan(components, 0, 63, 0, dc and ac, has_hole))
    if len(jpeg.components) == 3:
        names = dict(zip(jpeg.components, b"RGB", strict=True))
        body[1 : 1 + 2 * count : 2] = bytes(names.get(component, component) for component in components)


def _take_steps(body: bytearray, jpeg: _Jpeg) -> None:
    """Note the step of the mean in each quantization table, and make it four times smaller, so that a mean beyond
    black or white is not cut off there. The other steps become 1: they play no part at an eighth of the size."""
    at = 0
    while at < len(body):
        wide = 2 if body[at] >> 4 else 1
        step = int.from_bytes(body[at + 1 : at + 1 + wide], "big")
        small = max(1, step // 4)
        jpeg.steps[body[at] & 15] = (step, small)
        table = b"".join(value.to_bytes(wide, "big") for value in (small, *[1] * 63))
        room = len(body[at + 1 : at + 1 + 64 * wide])
        body[at + 1 : at + 1 + 64 * wide] = table[:room]
        at += 1 + 64 * wide


def _zero_codes(body: bytes | bytearray) -> dict[tuple[int, int], int]:
    first, at = {}, 0
    while at + 17 < len(body):
        first[body[at] >> 4, body[at] & 15] = body[at + 17]
        at += 17 + sum(body[at + 1 : at + 17])
    return first


def _missing(jpeg: _Jpeg) -> str:
    """What no scan brings, in words: a component, or (progressive) the low bits of a coefficient."""
    if not set(jpeg.components) <= {component for scan in jpeg.scans for component in scan.components}:
        return "one of its colour channels is missing"
    left = {component: [14] * 64 for component in jpeg.components}  # bits of each coefficient that are yet to come
    for scan in jpeg.scans:
        for component in set(scan.components) & set(left):
            for number in range(scan.first, min(scan.last, 63) + 1):
                left[component][number] = scan.low
    if any(max(bits) for bits in left.values()):
        return "some of its passes are missing, and with them detail"
    return ""


def _decode_strictly(jpeg: _Jpeg, notes: list[str]) -> None:
    try:
        import simplejpeg
    except ImportError:
        notes.append("jpeg_unchecked")
        return
    stream = b"".join((*jpeg.stream, _END))
    space = {1: "GRAY", 3: "RGB"}.get(len(jpeg.components), "CMYK")
    warning = ""
    try:
        # At an eighth of the size every coefficient is read all the same, and hardly any is worked with.
        planes = simplejpeg.decode_jpeg(stream, space, min_height=1, min_width=1, min_factor=8, strict=True)
    except ValueError as error:
        warning = str(error)
        spare = re.search(r"(\d+) extraneous bytes before marker 0xd9", warning)
        if spare and int(spare[1]) <= _SPARE:
            return
    if not warning:
        if _beyond_white(np.asarray(planes), jpeg):
            raise _damaged("from one place on its colours are impossible, as they are after a gap in the data")
    elif "premature end" in warning.lower():
        raise _damaged("data are missing from its middle or its end") if jpeg.ended else _cut_short()
    elif "Corrupt JPEG data" in warning or "Inconsistent progression" in warning:
        raise _damaged("its data do not fit together")
    else:
        notes.append("jpeg_unchecked")  # a layout that the strict decoder does not know


def _beyond_white(planes: NDArray[np.uint8], jpeg: _Jpeg) -> bool:
    """Whether blocks have means that no pixels have. ``planes``: (height, width, components), one value a block."""
    height, width, _ = planes.shape
    for number, table in enumerate(jpeg.components.values()):
        step, small = jpeg.steps.get(table, (1, 1))
        plane = planes[..., number].astype(np.float32) - 128
        if number and height > 1 and width > 1:  # colour at half the size comes as 2 x 2 values a block
            plane = plane[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
        if step > small and np.abs(plane).max(initial=0) > (128 + _BEYOND) * small / step + 1:
            return True
    return False


def _cut_short() -> PictureError:
    return PictureError(
        "the picture is cut short: its end is missing, and simcheck does not compare half a picture. Fetch or export "
        "it again",
        "truncated",
    )


def _damaged(what: str) -> PictureError:
    return PictureError(
        f"the JPEG is damaged: {what}. A decoder would fill the gap with grey or rubbish, which simcheck does not "
        "compare. Fetch or export it again",
        "damaged",
    )
