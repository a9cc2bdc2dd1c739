"""The pictures that a page carries: each embedded once, as a JPEG in an SVG symbol, and used from there.

A picture is read again through the caller's `PictureSource`, which answers `Absent` when there is none; then the page
says so, and why, in the picture's place, and the book keeps account of it (``absent``).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from PIL import Image

from simcheck.images import Reader, encode_preview
from simcheck.records import Pixels

__all__ = ["Absent", "Embedded", "PictureBook", "PictureSource", "Symbol", "shrunk"]


class Absent(StrEnum):
    """Why a picture is not shown: the states of `Embedded` for what a source does not have."""

    GONE = "gone"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    ELSEWHERE = "elsewhere"
    """In none of the folders that may be opened."""


PictureSource = Callable[[str, str], Pixels | Absent | None]
"""(path, sha256) -> the picture, (height, width, 3) uint8 sRGB, or why there is none. None means `Absent.GONE`."""

THUMBNAIL = 160
BUDGET = 40_000_000
"""Bytes of JPEG in one page. The plan of the page stays well below; very noisy pictures do not."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture of the page. ``state``: ``shown``, or why not: one of `Absent`, or ``left_out``."""

    state: str
    symbol: str = ""
    width: int = 4
    height: int = 3

    @property
    def shown(self) -> bool:
        return self.state == "shown"


@dataclass(frozen=True, slots=True)
class Symbol:
    id: str
    width: int
    height: int
    data: str
    """Base64 of the JPEG."""


class PictureBook:
    """Reads, shrinks and embeds; ``symbols`` is what the page must carry."""

    def __init__(self, source: PictureSource, edge: int, decoder: Reader) -> None:
        self._source = source
        self._edge = edge
        self.decoder = decoder
        """Unpacks what the document itself brings along (marks), in a process of its own."""
        self.marks: dict[str, Embedded] = {}
        self._embedded: dict[tuple[str, int], Embedded] = {}
        self._read: dict[tuple[str, str], Pixels | None] = {}
        self.absent: dict[str, tuple[str, Absent]] = {}
        """SHA-256 -> name of the file, and why it is not shown."""
        self.symbols: list[Symbol] = []
        self.bytes = 0

    def pixels(self, file: Mapping[str, Any]) -> Pixels | None:
        """The picture of a file, None when there is none (``absent``). The last few stay in memory."""
        key = (file["path"], file["sha256"])
        if key not in self._read:
            if len(self._read) >= 3:
                del self._read[next(iter(self._read))]
            found = self._source(*key)
            if found is None or isinstance(found, Absent):
                self.absent[file["sha256"]] = file["name"], found or Absent.GONE
                found = None
            else:
                self.absent.pop(file["sha256"], None)
            self._read[key] = found
        return self._read[key]

    def why(self, file: Mapping[str, Any]) -> Embedded:
        """What stands in the place of a picture that `pixels` does not have."""
        return Embedded(self.absent.get(file["sha256"], ("", Absent.GONE))[1])

    def figure(self, file: Mapping[str, Any]) -> Embedded:
        return self._of_file(file, self._edge)

    def thumbnail(self, file: Mapping[str, Any]) -> Embedded:
        """The small picture; where the page already carries the large one, that one."""
        large = self._embedded.get((file["sha256"], self._edge))
        return large if large and large.shown else self._of_file(file, THUMBNAIL)

    def _of_file(self, file: Mapping[str, Any], edge: int) -> Embedded:
        key = (file["sha256"], edge)
        if key not in self._embedded:
            pixels = self.pixels(file) if self.bytes < BUDGET else None
            if pixels is None:
                # not kept: the same bytes may still lie at the path of another record
                return self.why(file) if self.bytes < BUDGET else Embedded("left_out")
            self._embedded[key] = self.drawn(pixels, edge)
        return self._embedded[key]

    def drawn(self, pixels: Pixels, edge: int | None = None) -> Embedded:
        """Embed a picture that was made for the page."""
        data = encode_preview(pixels, edge or self._edge)
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        if self.bytes + len(data) > BUDGET:
            return Embedded("left_out", width=width, height=height)
        self.bytes += len(data)
        symbol = f"picture-{len(self.symbols) + 1}"
        self.symbols.append(Symbol(symbol, width, height, base64.b64encode(data).decode("ascii")))
        return Embedded("shown", symbol, width, height)


def shrunk(pixels: Pixels, edge: int) -> Pixels:
    """With the longer side at most ``edge``, never enlarged: the size at which it is embedded."""
    image = Image.fromarray(pixels)
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8)
