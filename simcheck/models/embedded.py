"""The network that ships with simcheck: a small one that has seen nobody's art, only what a program paints.

``scripts/train/copy_network.py`` paints its pictures and trains it; ``shipped/MODEL_CARD.md`` says how, and how
well it does. Here is what is needed to run it: a fixed front end, a few convolutions (batch normalisation folded into
them), and a head that keeps where things are. It runs on numpy alone: for the few dozen regions of a suspect,
importing torch would take longer than all else together (``scripts/measure/bench_copy.py``).

The front end gives each pixel its colour, its lightness relative to its surroundings, and the orientation of the
edge through it as a double angle, relative to the edges around (Granlund, 1978): that has no sign, so that
dark on light and light on dark agree, and a faint outline counts like a strong one. Learning starts from what a
change of palette or medium leaves alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import ModelError
from simcheck.models.digest import Verification, sha256_of
from simcheck.records import Pixels

__all__ = ["CHANNELS", "EmbeddedNetwork", "Shape", "Shipped", "front_end", "load_embedded", "shipped", "verify_shipped"]

_SHIPPED = Path(__file__).resolve().parent / "shipped"

CHANNELS = 7
"""Of the front end: three of colour, one of relative lightness, edge strength and the two of its orientation."""

Planes = NDArray[np.float32]
"""(height, width, channels)"""


@dataclass(frozen=True, slots=True)
class Shape:
    """The network's architecture. ``side``: of the square input, in pixels."""

    side: int = 96
    widths: tuple[int, ...] = (40, 96, 160)
    blocks: tuple[int, ...] = (0, 2, 2)
    grid: int = 64
    """Channels kept at each of the last positions; the head sees them all, in their places. 0: only pooled ones."""
    dimension: int = 256

    @classmethod
    def parse(cls, text: str) -> Shape:
        """The inverse of ``str``. Raises ValueError for anything else."""
        stated = json.loads(text)
        if not isinstance(stated, dict) or set(stated) != set(cls.__dataclass_fields__):
            raise ValueError(f"no shape of a network: {text[:200]}")
        found: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stated.items()}
        return cls(**found)

    def __str__(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def stride(self) -> int:
        """Pixels between positions of `features`."""
        return int(4 * 2 ** (len(self.widths) - 1))


def front_end(image: Pixels) -> Planes:
    """(h, w, 3) uint8 sRGB, sides multiples of 4 -> (h, w, CHANNELS)."""
    import cv2

    pixels = image.astype(np.float32) / 255
    light = pixels.mean(axis=2)
    centred = light - _around(light)
    # running sums in cv2.blur may leave a mean of squares a little below zero
    relative = centred / (np.sqrt(np.maximum(_around(centred * centred), 0)) + 0.03)
    smooth = np.pad(light, 1, mode="edge")
    dx = smooth[1:-1, 2:] - smooth[1:-1, :-2]
    dy = smooth[2:, 1:-1] - smooth[:-2, 1:-1]
    square_x, square_y = dx * dx, dy * dy
    tensor = np.stack([square_x - square_y, 2 * dx * dy, square_x + square_y], axis=2)
    tensor = np.asarray(cv2.blur(tensor, (3, 3), borderType=cv2.BORDER_CONSTANT), np.float32)
    edges = tensor / (np.maximum(_around(tensor[..., 2]), 0) + 1e-3)[..., None]
    # the square root lets the strongest edges not drown the others
    strength = np.sqrt(np.maximum(edges[..., 2:], 0) + 1e-4)
    return np.concatenate([pixels * 4 - 2, relative[..., None], strength - 0.7, edges[..., :2] / strength], axis=2)


def _around(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over some 20 pixels around each, made on a coarser grid, where it costs a sixteenth."""
    import cv2

    height, width = plane.shape
    coarse = plane.reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3))
    inside = cv2.blur(np.ones_like(coarse), (5, 5), borderType=cv2.BORDER_CONSTANT)
    coarse = cv2.blur(coarse, (5, 5), borderType=cv2.BORDER_CONSTANT) / inside
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _convolve(x: Planes, weights: NDArray[np.float32], bias: NDArray[np.float32], stride: int, padding: int) -> Planes:
    """Cross-correlation of ``x`` with kernels (size * size * inputs, outputs), as one matrix product."""
    size = round((len(weights) / x.shape[2]) ** 0.5)
    padded = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    rows, columns = ((n + 2 * padding - size) // stride + 1 for n in x.shape[:2])
    patches = np.empty((rows, columns, size, size, x.shape[2]), np.float32)
    for dy in range(size):
        for dx in range(size):
            part = padded[dy : dy + stride * rows : stride, dx : dx + stride * columns : stride]
            patches[:, :, dy, dx] = part[:rows, :columns]
    product = patches.reshape(rows * columns, -1) @ weights
    return np.asarray((product + bias).reshape(rows, columns, -1), np.float32)


def _positive(x: Planes) -> Planes:
    return np.maximum(x, 0, out=x)


class EmbeddedNetwork:
    """The network, ready to use on the CPU. Made by `load_embedded`."""

    def __init__(self, arrays: Mapping[str, NDArray[np.float16]], shape: Shape, digest: str) -> None:
        self.shape = shape
        self.dimension = shape.dimension
        self.digest = digest
        """SHA-256 of the weights file, hexadecimal."""
        self._weights: dict[str, NDArray[np.float32]] = {}
        for name, array in arrays.items():
            exact = array.astype(np.float32)
            if exact.ndim == 4:  # (outputs, inputs, size, size) as torch has it
                exact = exact.transpose(2, 3, 1, 0).reshape(-1, len(exact))
            self._weights[name] = np.ascontiguousarray(exact)

    def encode(self, images: Sequence[Pixels]) -> NDArray[np.float32]:
        """(n, dimension) unit vectors of pictures (height, width, 3) uint8 of any size, in order.

        Each is squeezed into a square, whole: nothing is cut off.
        """
        vectors = [self._embed(_square(image, self.shape.side)) for image in images]
        return np.stack(vectors) if vectors else np.zeros((0, self.dimension), np.float32)

    def windows(self, image: Pixels) -> NDArray[np.float32]:
        """(rows, columns, dimension) unit vectors of all windows of `side` x `side` pixels of a picture (height, width,
        3) uint8 at the size it is given in, one for each ``shape.stride`` pixels down and across.

        About what `encode` gives of each window by itself (cosine 0.9), at the cost of a single pass. What is left
        over right and below is not looked at. Raises ValueError for a picture that is smaller than a window.
        """
        stride, span = self.shape.stride, self.shape.side // self.shape.stride
        rows, columns = image.shape[0] // stride, image.shape[1] // stride
        if min(rows, columns) < span:
            raise ValueError(
                f"a picture of {image.shape[1]} x {image.shape[0]} is smaller than {self.shape.side} pixels"
            )
        x = self._features(image[: rows * stride, : columns * stride])
        rows, columns = rows - span + 1, columns - span + 1
        power = self._weights["pool.power"].item()
        sums = np.pad((np.maximum(x, 1e-4) ** power).cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0)))
        within = sums[span:, span:] - sums[:-span, span:] - sums[span:, :-span] + sums[:-span, :-span]
        seen = [np.maximum(within / span**2, 1e-12).reshape(rows * columns, -1) ** (1 / power)]
        if self.shape.grid:
            places = self._convolved(x, "grid", padding=0)
            each = np.lib.stride_tricks.sliding_window_view(places, (span, span), axis=(0, 1))
            seen.insert(0, each.reshape(rows * columns, -1))
        found = np.concatenate(seen, axis=1) @ self._weights["head.weight"].T + self._weights["head.bias"]
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return np.asarray(found.reshape(rows, columns, -1), np.float32)

    def _features(self, image: Pixels) -> Planes:
        """(h, w, 3) uint8, sides multiples of the stride -> (h / stride, w / stride, widths[-1])."""
        x = _positive(self._convolved(front_end(image), "stem", stride=4, padding=2))
        for stage, count in enumerate(self.shape.blocks):
            if stage:
                x = _positive(self._convolved(x, f"down{stage}", stride=2))
            for block in range(count):
                inner = _positive(self._convolved(x, f"stage{stage}.{block}.a"))
                x = _positive(x + self._convolved(inner, f"stage{stage}.{block}.b"))
        return x

    def _convolved(self, x: Planes, name: str, stride: int = 1, padding: int = 1) -> Planes:
        return _convolve(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], stride, padding)

    def _embed(self, square: Pixels) -> NDArray[np.float32]:
        x = self._features(square)
        power = self._weights["pool.power"].item()
        pooled = (np.maximum(x, 1e-4) ** power).mean(axis=(0, 1)) ** (1 / power)
        places = self._convolved(x, "grid", padding=0).transpose(2, 0, 1).ravel() if self.shape.grid else pooled[:0]
        vector = self._weights["head.weight"] @ np.concatenate([places, pooled]) + self._weights["head.bias"]
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def _square(image: Pixels, side: int) -> Pixels:
    import cv2

    smaller = image.shape[0] >= side and image.shape[1] >= side
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(image), (side, side), interpolation=how), np.uint8)


@dataclass(frozen=True, slots=True)
class Shipped:
    """The weights in this copy of simcheck, and what was recorded when they were made."""

    weights: Path
    digest: str
    """SHA-256 of the file as it was published, hexadecimal."""
    dimension: int

    @property
    def card(self) -> Path:
        """The model card: how the network was made, what it is good and bad at."""
        return self.weights.with_name("MODEL_CARD.md")


def shipped() -> Shipped:
    """Where the shipped weights lie; reads only the record beside them. Raises ModelError when that is gone."""
    record = _SHIPPED / "copy.json"
    try:
        stated = json.loads(record.read_text("utf-8"))
        return Shipped(_SHIPPED / "copy.safetensors", str(stated["sha256"]), int(stated["dimension"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"{record} cannot be read ({error}): this copy of simcheck is incomplete. Install it again."
        ) from error


def verify_shipped() -> Verification:
    """Read the shipped weights, byte by byte, and compare with the record. Raises ModelError when they are gone."""
    found = shipped()
    return Verification(found.weights, sha256_of(found.weights), found.digest)


@cache
def load_embedded(weights: Path | None = None) -> EmbeddedNetwork:
    """The shipped network, or another file of the same kind (in training and tests).

    Raises ModelError when the file is missing, damaged, or not the one whose digest was recorded.
    """
    from safetensors import SafetensorError, safe_open

    recorded = None
    if weights is None:
        found = shipped()
        weights, recorded = found.weights, found.digest
    digest = sha256_of(weights)
    if recorded not in (None, digest):
        raise ModelError(
            f"{weights} is not the network that simcheck was published with: its SHA-256 is {digest}, recorded is "
            f"{recorded}. Install simcheck again."
        )
    try:
        with safe_open(weights, framework="np") as file:
            shape = Shape.parse((file.metadata() or {}).get("shape", ""))
            names = list(file.keys())
            return EmbeddedNetwork({name: file.get_tensor(name) for name in names}, shape, digest)
    except (OSError, SafetensorError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{weights} is no network of simcheck's own kind: {error}.") from error
