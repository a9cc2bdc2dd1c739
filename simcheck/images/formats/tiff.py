"""Which page of a TIFF is the picture (TIFF 6.0; DNG 1.6; BigTIFF): the first, unless that is a reduced copy or a
mask; then the largest that is neither.

Scanners and raw converters put a thumbnail first, and the picture on a later page or in a directory below (SubIFDs).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simcheck.errors import PictureError
from simcheck.images.formats.jpeg import checked_jpeg

__all__ = ["Choice", "Page", "at_page", "check_strips", "choose_page"]

_MOST_PAGES, _MOST_BELOW, _MOST_DIRECTORIES = 1000, 32, 2000
"""Directories that are looked at: in the chain, below any one page, and in all."""
_MOST_TAGS = 512
"""Of one directory. Those that matter have low numbers, and tags are sorted."""
_NEW_SUBFILE, _SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC, _ORIENTATION, _SUB_IFDS = 254, 255, 256, 257, 262, 274, 330
_WANTED = frozenset({_NEW_SUBFILE, _SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC, _ORIENTATION, _SUB_IFDS})
_COMPRESSION, _STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 259, 273, 279, 324, 325
_DEFLATE, _JPEG, _JPEG_TABLES = (8, 32946), 7, 347
_REDUCED, _MASK = 1, 4
"""Bits of NewSubfileType."""
_RAW = frozenset({32803, 34892})
"""Photometric interpretations that have to be developed: colour filter arrays, and linear raw."""
_SIZES = {1: 1, 3: 2, 4: 4, 8: 2, 9: 4, 13: 4, 16: 8, 18: 8}
"""Field type -> bytes of a value, for the whole numbers."""
_THUMBNAIL = 3
"""How many times larger a page of the same shape is from which the first is its thumbnail, whatever it calls itself."""
_LEAST_PREVIEW = 512
"""Pixels of the longer side from which a preview is read in place of raw data that nothing here develops."""


@dataclass(frozen=True, slots=True)
class Page:
    """A directory of a TIFF. ``number`` counts the chain from 1; ``below`` counts those under a page, 0 for itself."""

    offset: int
    number: int
    below: int
    width: int
    height: int
    reduced: bool
    raw: bool
    orientation: int
    """A page below another has that one's, unless it says otherwise."""

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Choice:
    """The page to read, how many the chain has, and what to note (empty: it is the first and plainly the picture)."""

    page: Page
    pages: int
    note: str


def choose_page(data: bytes) -> Choice | None:
    """None: the structure is not understood, and the decoder may try.

    Raises PictureError (no_decoder) for raw data whose preview is too small to stand for them.
    """
    try:
        pages = list(_pages(data))
    except (struct.error, IndexError):
        return None
    usable = [page for page in pages if page.width and page.height]
    if not usable:
        return None
    count = max(page.number for page in pages)
    whole = [page for page in usable if not page.reduced] or usable
    largest = max(whole, key=lambda page: page.pixels)  # of equals, the first
    if largest.raw:
        return _preview(usable, count)
    first = pages[0]
    if first in whole and not _is_thumbnail(first, largest):
        largest = first  # a document of several pages: its first
    place = f"{largest.number}.{largest.below}" if largest.below else f"{largest.number}"
    return Choice(largest, count, f"page:{place}/{count}" if largest is not first else "")


def _is_thumbnail(small: Page, large: Page) -> bool:
    """Whether one page has the shape of the other and is far smaller, though it does not call itself a copy."""
    across, down = large.width / small.width, large.height / small.height
    return min(across, down) >= _THUMBNAIL and abs(across / down - 1) <= 0.05


def _preview(usable: list[Page], count: int) -> Choice:
    previews = [page for page in usable if not page.raw]
    preview = max(previews, key=lambda page: page.pixels, default=None)
    if preview is None or max(preview.width, preview.height) < _LEAST_PREVIEW:
        raise PictureError(
            "this is a raw photograph, which simcheck does not develop, and the preview in it is too small to compare; "
            "export it as TIFF, PNG or JPEG",
            "no_decoder",
        )
    return Choice(preview, count, f"raw_preview:{preview.width} x {preview.height}")


def at_page(data: bytes, page: Page) -> bytes:
    """The same TIFF, its header pointing at ``page`` first."""
    if data[2:4] in (b"+\0", b"\0+"):
        return data[:8] + struct.pack(_order(data) + "Q", page.offset) + data[16:]
    return data[:4] + struct.pack(_order(data) + "I", page.offset) + data[8:]


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"


def _pages(data: bytes) -> Iterator[Page]:
    """Pages of the chain, each followed by those below it; every directory once."""
    big = data[2:4] in (b"+\0", b"\0+")
    (offset,) = struct.unpack_from(_order(data) + ("Q" if big else "I"), data, 8 if big else 4)
    seen: set[int] = set()
    for number in range(1, _MOST_PAGES + 1):
        if offset == 0 or offset in seen or len(seen) > _MOST_DIRECTORIES:
            return
        seen.add(offset)
        try:
            fields, following = _directory(data, offset, big)
        except struct.error:
            if number == 1:
                raise
            return  # a later page is damaged; those before it are as they were
        page = _page(fields, offset, number, 0, 1)
        yield page
        for below, place in enumerate(fields.get(_SUB_IFDS, ()), 1):
            if place in seen:
                continue
            seen.add(place)
            try:
                lower, _ = _directory(data, place, big)
            except struct.error:
                continue
            yield _page(lower, place, number, below, page.orientation)
        offset = following


def _page(fields: dict[int, tuple[int, ...]], offset: int, number: int, below: int, orientation: int) -> Page:
    def first(tag: int, default: int = 0) -> int:
        return next(iter(fields.get(tag, ())), default)

    kind = first(_NEW_SUBFILE)
    reduced = bool(kind & (_REDUCED | _MASK)) or (_NEW_SUBFILE not in fields and first(_SUBFILE) == 2)
    raw = first(_PHOTOMETRIC) in _RAW
    turned = first(_ORIENTATION, orientation)
    return Page(offset, number, below, first(_WIDTH), first(_HEIGHT), reduced, raw, turned)


def _directory(data: bytes, offset: int, big: bool) -> tuple[dict[int, tuple[int, ...]], int]:
    """The whole-number fields that matter here, and where the next directory is."""
    order = _order(data)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, offset)
    at, size, inline = offset + (8 if big else 2), 20 if big else 12, 8 if big else 4
    if count * size > len(data):
        raise struct.error("more tags than bytes")
    fields: dict[int, tuple[int, ...]] = {}
    for place in range(at, at + min(count, _MOST_TAGS) * size, size):
        tag, kind = struct.unpack_from(order + "HH", data, place)
        if tag not in _WANTED or kind not in _SIZES or tag in fields:
            continue
        (values,) = struct.unpack_from(order + ("Q" if big else "I"), data, place + 4)
        values = min(values, _MOST_BELOW)
        width = _SIZES[kind]
        where = place + 4 + inline
        if values * width > inline:
            (where,) = struct.unpack_from(order + ("Q" if big else "I"), data, where)
        letter = {1: "B", 2: "H", 4: "I", 8: "Q"}[width]
        fields[tag] = struct.unpack_from(f"{order}{values}{letter}", data, where)
    (following,) = struct.unpack_from(order + ("Q" if big else "I"), data, at + count * size)
    return fields, following


def check_strips(data: bytes, tags: Mapping[int, Any]) -> None:
    """Raises PictureError (damaged, truncated) when a deflated strip or tile does not unpack to what its checksum says,
    or one that is a JPEG is not whole.

    libtiff stops at the last pixel and never looks at the checksum. ``tags`` are those of the page.
    """
    offsets, counts = tags.get(_STRIPS, tags.get(_TILES, ())), tags.get(_STRIP_BYTES, tags.get(_TILE_BYTES, ()))
    kind = tags.get(_COMPRESSION)
    if sum(counts) > 2 * len(data) or (kind != _JPEG and kind not in _DEFLATE):
        return  # strips that lie over each other are no picture's, and would cost more than they are worth
    if kind == _JPEG:
        tables = tags.get(_JPEG_TABLES, b"\xff\xd8\xff\xd9")
        for offset, count in zip(offsets, counts, strict=False):
            checked_jpeg(tables[:-2] + data[offset + 2 : offset + count], [])
        return
    left = 2 * tags.get(_WIDTH, 0) * tags.get(_HEIGHT, 0) * 8 + (1 << 20)  # bytes, by far enough for any kind of pixel
    for offset, count in zip(offsets, counts, strict=False):
        unpacker, waiting = zlib.decompressobj(), data[offset : offset + count]
        try:
            while waiting and left > 0 and not unpacker.eof:
                left -= len(unpacker.decompress(waiting, 1 << 20))
                waiting = unpacker.unconsumed_tail
        except zlib.error as error:
            raise PictureError(
                f"the TIFF is damaged: a strip of it does not unpack ({error}). Fetch or export it again", "damaged"
            ) from error
