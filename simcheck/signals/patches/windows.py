"""Windows of a picture as a network sees them, at several scales, and how they are kept together with a map.

A window is a square of the network's own size at some scale of the picture: its place and size, a unit vector, and its
level, the mean similarity with the nearest of works by others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Description
from simcheck.signals.copy import works_by_others
from simcheck.signals.patches.alignment import Side
from simcheck.signals.patches.structure import Map, pack, unpack

__all__ = [
    "PLACE",
    "Windows",
    "every_second",
    "levels_of",
    "map_in",
    "packed",
    "rows_of",
    "side_of",
    "sides_of",
    "unpacked",
]

PLACE = 7
"""Bytes before each window's vector: x, y and size as little-endian uint16, and the level."""
Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """(n, 3) x, y and size in units of the longer side, (n, d) unit vectors, (n,) levels."""

    places: NDArray[np.float64]
    vectors: Floats
    levels: Floats


@cache
def _nearby() -> Floats:
    """(n, dimension): regions of works by others as the shipped network sees them, one in three of those that ship."""
    vectors = works_by_others().vectors
    return np.ascontiguousarray(vectors.reshape(-1, vectors.shape[-1])[::3])


def levels_of(vectors: Floats, nearest: int) -> Floats:
    """(n,) mean similarity of each vector with the ``nearest`` of works by others."""
    cosine = vectors @ _nearby().T
    return np.asarray(np.partition(cosine, -nearest, axis=1)[:, -nearest:].mean(axis=1), np.float32)


def rows_of(places: NDArray[np.float64], vectors: Floats, levels: Floats) -> Bytes:
    """(n, 7 + dimension): windows as they are kept. A vector's numbers are in steps of 1/127 of its largest."""
    rows = np.empty((len(vectors), PLACE + vectors.shape[1]), np.uint8)
    rows[:, :6] = np.rint(places.clip(0, 1) * 65535).astype("<u2").view(np.uint8).reshape(-1, 6)
    rows[:, 6] = np.rint(levels.clip(0, 1) * 255).astype(np.uint8)
    scaled = vectors / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9) * 127
    rows[:, PLACE:] = (np.rint(scaled) + 128).astype(np.uint8)
    return rows


def packed(rows: Bytes, found: Map) -> Bytes:
    """A row with the number of windows and the map's height and width (uint16 each), the windows, then the bytes of the
    map (`structure.pack`), filled up with zeros."""
    return _joined(rows, pack(found), found.shape[:2])


def unpacked(values: Bytes) -> Windows:
    rows = values[1 : 1 + _header(values)[0]]
    places = np.ascontiguousarray(rows[:, :6]).view("<u2").astype(np.float64) / 65535
    vectors = rows[:, PLACE:].astype(np.float32) - 128
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Windows(places, vectors, np.asarray(rows[:, 6] / 255, np.float32))


def map_in(values: Bytes) -> Map:
    return unpack(_content(values))


def every_second(values: Bytes) -> Bytes:
    """The same with every second window down and across."""
    count, height, width = _header(values)
    rows = values[1 : 1 + count]
    kept = np.zeros(count, np.bool_)
    where = np.ascontiguousarray(rows[:, :6]).view("<u2")
    for size in np.unique(where[:, 2]):
        these = np.flatnonzero(where[:, 2] == size)
        second = [np.unique(where[these, axis])[::2] for axis in (0, 1)]
        kept[these] = np.isin(where[these, 0], second[0]) & np.isin(where[these, 1], second[1])
    return _joined(rows[kept], _content(values), (height, width))


def _header(values: Bytes) -> tuple[int, int, int]:
    count, height, width = np.ascontiguousarray(values[0, :6]).view("<u2").tolist()
    return count, height, width


def _content(values: Bytes) -> Bytes:
    count, height, width = _header(values)
    return values[1 + count :].ravel()[: height * width * 3].reshape(height, -1)


def _joined(rows: Bytes, content: Bytes, size: tuple[int, ...]) -> Bytes:
    columns = rows.shape[1]
    head = np.zeros(columns, np.uint8)
    head[:6] = np.array([len(rows), *size], "<u2").view(np.uint8)
    flat = content.ravel()
    tail = np.zeros(-(-len(flat) // columns) * columns, np.uint8)
    tail[: len(flat)] = flat
    return np.vstack([head[None], rows, tail.reshape(-1, columns)])


def side_of(description: Description) -> Side:
    """The map of a picture that the signal described (and did not abstain on)."""
    content = map_in(description.content[0].values) if description.content else None
    return Side(map_in(description.descriptors[0].values), max(description.width, description.height), content)


def sides_of(query: Description, reference: Description) -> tuple[Side, Side] | None:
    """The maps of both; None where the signal abstained on one of them."""
    if query.descriptors[0].reason or reference.descriptors[0].reason:
        return None
    return side_of(query), side_of(reference)
