"""Values to and from the bytes and columns of the index."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import SignalError
from simcheck.records import Descriptor, SignalIdentity
from simcheck.signals.base import canonical_json

__all__ = ["identity_digest", "pack_path", "pack_values", "readable_path", "unpack_descriptor", "unpack_path"]

_ON_DISK = {"uint8": "|u1", "float16": "<f2"}


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
    """The inverse of `pack_values`. Raises ValueError when the row contradicts itself."""
    layout = _ON_DISK.get(dtype)
    if layout is None or rows * columns * np.dtype(layout).itemsize != len(data):
        raise ValueError(f"{rows} x {columns} {dtype} in {len(data)} bytes")
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
