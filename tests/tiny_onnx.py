"""Learned keypoints of a few random numbers, as an ONNX file in the layouts that OpenCV's ALIKED and DISK read.

The network has learned nothing and its name says so. Its keypoints lie on a fixed grid of cells; a cell's descriptor
is a random linear map of its pixels, its score how far they are from flat. It serves to test loading, layout and
errors, never how well anything is matched.

ONNX is written by hand (protocol buffers: a key of field number and wire type, then the value), so that the tests need
no library for it. Field numbers are those of ``onnx.proto3``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "random-tiny-for-tests"
CELL = 40
"""Pixels between keypoints; a keypoint sees the square of this side around it."""

_FLOAT, _INT64 = 1, 7


def write(file: Path, kind: str = "aliked", side: int = 640, dimension: int = 128, seed: int = 0) -> Path:
    """``aliked``: float keypoints within -1..1; ``disk``: int64 keypoints in pixels, and a leading batch axis."""
    cells = side // CELL
    across = np.arange(cells) * CELL + CELL // 2
    integers = kind == "disk"
    batch = (1,) if integers else ()
    places = np.stack(np.meshgrid(across, across), axis=-1).reshape(*batch, -1, 2)
    keypoints = places.astype(np.int64) if integers else (places / side * 2 - 1).astype(np.float32)
    count = cells * cells
    initialisers: dict[str, NDArray[Any]] = {
        "kernel": kernel(dimension, seed),
        "places": keypoints,
        "shape": np.array([*batch, dimension, count], np.int64),
        "axes": np.array([len(batch) + 1], np.int64),
        "least": np.array([1e-6], np.float32),
    }
    nodes = [
        _node("Conv", ("image", "kernel"), "map", ints={"strides": (CELL, CELL), "kernel_shape": (CELL, CELL)}),
        _node("Reshape", ("map", "shape"), "flat"),
        _node("Transpose", ("flat",), "raw", ints={"perm": (0, 2, 1) if batch else (1, 0)}),
        _node("Mul", ("raw", "raw"), "square"),
        _node("ReduceSum", ("square", "axes"), "sum", integers={"keepdims": 1}),
        _node("Add", ("sum", "least"), "positive"),
        _node("Sqrt", ("positive",), "norm"),
        _node("Div", ("raw", "norm"), "descriptors"),
        _node("Reshape", ("norm", "flat_shape"), "scores"),
        _node("Identity", ("places",), "keypoints"),
    ]
    initialisers["flat_shape"] = np.array([*batch, count], np.int64)
    graph = b"".join(_field(1, node) for node in nodes)
    graph += _field(2, NAME.encode())
    graph += b"".join(_field(5, _tensor(name, value)) for name, value in initialisers.items())
    graph += _field(11, _value("image", _FLOAT, (1, 3, side, side)))
    graph += _field(12, _value("keypoints", _INT64 if integers else _FLOAT, (*batch, count, 2)))
    graph += _field(12, _value("descriptors", _FLOAT, (*batch, count, dimension)))
    graph += _field(12, _value("scores", _FLOAT, (*batch, count)))
    operators = _field(1, b"") + _number(2, 17)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_number(1, 8) + _field(2, NAME.encode()) + _field(7, graph) + _field(8, operators))
    return file


def kernel(dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """(dimension, 3, CELL, CELL): from the pixels of a cell, 0..1, to its descriptor before it is normalised."""
    drawn = np.random.default_rng(seed).normal(size=(dimension, 3, CELL, CELL)).astype(np.float32) / CELL
    return np.asarray(drawn - drawn.mean(axis=(1, 2, 3), keepdims=True), np.float32)  # blind to flat areas


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _node(
    operator: str,
    inputs: Sequence[str],
    output: str,
    ints: dict[str, Sequence[int]] | None = None,
    integers: dict[str, int] | None = None,
) -> bytes:
    made = b"".join(_field(1, name.encode()) for name in inputs)
    made += _field(2, output.encode()) + _field(3, output.encode()) + _field(4, operator.encode())
    for name, values in (ints or {}).items():
        body = _field(1, name.encode()) + b"".join(_number(8, v) for v in values) + _number(20, 7)
        made += _field(5, body)
    for name, value in (integers or {}).items():
        made += _field(5, _field(1, name.encode()) + _number(3, value) + _number(20, 2))
    return made


def _tensor(name: str, value: NDArray[Any]) -> bytes:
    kind = _INT64 if value.dtype == np.int64 else _FLOAT
    shape = b"".join(_number(1, n) for n in value.shape)
    return shape + _number(2, kind) + _field(8, name.encode()) + _field(9, value.tobytes())


def _value(name: str, kind: int, shape: Sequence[int]) -> bytes:
    dimensions = b"".join(_field(1, _number(1, n)) for n in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + _field(2, dimensions)))
