"""Values to and from the bytes and columns of the index."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import SignalError
from simcheck.records import Descriptor, SignalIdentity
from simcheck.signals.base import canonical_json

__all__ = [
    "Damage",
    "Packed",
    "checksum",
    "description_checksums",
    "held_against",
    "identity_digest",
    "pack_path",
    "pack_values",
    "readable_path",
    "unpack_descriptor",
    "unpack_path",
]

_ON_DISK = {"uint8": "|u1", "float16": "<f2"}
_CHECKSUM_BYTES = 16


class Damage(Exception):
    """A row that contradicts itself or its checksum. Whoever knows which index it is in makes a StoreError of it.

    ``lasting``: it does not go away by describing the pictures again in this index.
    """

    def __init__(self, said: str, *, lasting: bool = False) -> None:
        super().__init__(said)
        self.lasting = lasting


Packed = tuple[int, float, float, float, float, str | None, str, int, int, bytes]
"""A descriptor's columns from ``region`` to ``data``."""


def checksum(fields: Sequence[object], data: bytes = b"") -> bytes:
    """The first 16 bytes of the SHA-256 of ``fields`` as a line of JSON, then ``data``. Bytes among them are in hex."""
    line = json.dumps(fields, separators=(",", ":"), default=bytes.hex)
    return hashlib.sha256(f"{line}\n".encode() + data).digest()[:_CHECKSUM_BYTES]


def held_against(known: bytes | None, fields: Sequence[object], what: str, *, lasting: bool = False) -> None:
    """Raises Damage where ``fields`` do not have the checksum that is known of them; None: it is not known."""
    if known is not None and checksum(fields) != known:
        raise Damage(f"{what} is not as it was written", lasting=lasting)


def description_checksums(work: str, identity: SignalIdentity, rows: Sequence[Packed]) -> list[bytes]:
    """Of the descriptors of one work (its SHA-256), region 0 first, whose checksum covers those of all others.

    So a row that was changed, lost, added or put to another work or signal is found out, and the first of them tells
    whether anything of the description has changed.
    """
    if not rows:
        return []
    about = identity_digest(identity)
    first, *others = rows
    rest = [_descriptor_checksum(work, about, row) for row in others]
    return [_descriptor_checksum(work, about, first, b"".join(rest)), *rest]


def _descriptor_checksum(work: str, about: str, row: Packed, others: bytes = b"") -> bytes:
    region, x0, y0, x1, y1, *rest, data = row
    box = [float(edge) + 0.0 for edge in (x0, y0, x1, y1)]  # as SQLite gives them back: no integers, no -0.0
    return checksum([work, about, region, *box, *rest], data + others)


def pack_values(values: NDArray[Any]) -> tuple[str, int, int, bytes]:
    """``(dtype, rows, columns, data)``: row by row, little-endian, nothing between the numbers.

    Raises SignalError for an array that is not two-dimensional uint8 or float16: that is the signal's mistake.
    """
    if values.ndim != 2 or values.dtype.name not in _ON_DISK:
        raise SignalError(
            f"A signal made a descriptor of type {values.dtype} with {values.ndim} dimensions, but an index keeps "
            "two-dimensional uint8 or float16. This is a mistake in the signal: please report it to its author."
        )
    rows, columns = values.shape
    return values.dtype.name, rows, columns, values.astype(_ON_DISK[values.dtype.name], copy=False).tobytes("C")


def unpack_descriptor(dtype: str, rows: int, columns: int, data: bytes, reason: str | None) -> Descriptor:
    """The inverse of `pack_values`. Raises Damage when the row contradicts itself."""
    layout = _ON_DISK.get(dtype)
    if not isinstance(data, bytes) or not isinstance(rows, int) or not isinstance(columns, int):
        raise Damage(f"is {rows!r} x {columns!r} {type(data).__name__}")
    if layout is None or min(rows, columns) < 0 or rows * columns * np.dtype(layout).itemsize != len(data):
        raise Damage(f"is {rows} x {columns} {dtype} in {len(data)} bytes")
    values = np.frombuffer(data, layout).reshape(rows, columns)
    return Descriptor(values.astype(dtype, copy=False), reason)


def pack_path(path: PurePath) -> bytes:
    """The path's own bytes with ``/`` between the parts, so that a name that is not valid UTF-8 survives."""
    return os.fsencode(path.as_posix())


def unpack_path(data: bytes) -> Path:
    return Path(os.fsdecode(data))


def readable_path(path: PurePath) -> str:
    """The path as text for people; bytes that are not valid UTF-8 become U+FFFD."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def identity_digest(identity: SignalIdentity) -> str:
    """64 hex digits that are equal for two identities exactly when their descriptors are comparable."""
    return hashlib.sha256(canonical_json(list(identity.comparable)).encode()).hexdigest()
