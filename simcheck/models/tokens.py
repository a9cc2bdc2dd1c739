"""Dense tokens: one unit vector for each place of a picture, from a CLIP or from a network that never saw words.

Which tokens of which network is said and argued in `simcheck.models.dense`. Loading, precision and memory are those
of `simcheck.models.encoder`; a CLIP that the signal ``clip`` uses too is in memory once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from simcheck.errors import ModelError
from simcheck.models.batches import Batches
from simcheck.models.catalogue import WORDLESS, Preprocessing
from simcheck.models.dense import Dense, dense
from simcheck.models.encoder import Ready, first_batch, load, picture_transform, ready, releaser
from simcheck.models.kept import kept
from simcheck.models.locate import missing
from simcheck.models.spec import LocalModel, ModelSpec, choose
from simcheck.records import Pixels

if TYPE_CHECKING:
    import torch

__all__ = ["TokenEncoder", "choose_tokens", "grid_of", "load_tokens"]

_USUAL = 256
"""Tokens in a picture of the usual size (224 px in patches of 14), to which `first_batch` refers."""


def choose_tokens(option: str | None = None, clip: str | None = None) -> ModelSpec | None:
    """The network for tokens: the one asked for, else one without words that is on this computer, else the CLIP that
    ``clip`` names (as `choose` reads it) if that is here, else None.

    Touches no network. What somebody asks for is returned whether it is here or not, so that its absence is reported.
    """
    if option:
        return ModelSpec.parse(option)
    wordless = [ModelSpec.parse(entry.name) for entry in WORDLESS]
    return next((spec for spec in [*wordless, choose(clip)] if missing(spec) is None), None)


def grid_of(height: int, width: int, side: int, patch: int) -> tuple[int, int]:
    """(rows, columns) of tokens for a picture whose longer side becomes ``side`` px; at least one of each."""
    longer = max(1, round(side / patch))
    factor = longer / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


class TokenEncoder:
    """Made by `load_tokens`."""

    def __init__(self, local: LocalModel, made: Ready, made_dense: Dense) -> None:
        spec = local.spec
        named = ":".join(part for part in (spec.architecture, spec.tag) if part)
        self.name = spec.repository or named or (spec.path.name if spec.path else "")
        self.digest = local.digest
        """SHA-256 of the weights."""
        self.dimension = made_dense.dimension
        self.patch = made_dense.patch
        """Side in pixels of the square that one token stands for."""
        self.device = made.device
        """``cuda``, ``mps`` or ``cpu``."""
        self.precision = made.precision
        self.architecture = local.architecture
        """Canonical JSON, for the identity of a signal."""
        p = local.preprocessing
        stated = {
            "features": made_dense.features,
            "interpolation": p.interpolation,
            "mean": p.mean,
            "positions": "bicubic",
            "resize": "aspect",
            "std": p.std,
        }
        self.preprocessing = json.dumps(stated, sort_keys=True, separators=(",", ":"))
        """Canonical JSON, for the identity of a signal."""
        self._preprocessing = p
        self._ready, self._dense = made, made_dense
        self._batches: dict[int, Batches] = {}

    def tokens(self, images: Sequence[Pixels], side: int) -> list[NDArray[np.float32]]:
        """(rows, columns, dimension) unit vectors for each (h, w, 3) uint8 picture, in order.

        A picture is resized, its aspect kept, until its longer side is ``side`` px; both sides are rounded to whole
        patches, and nothing is cut off. Pictures of one shape go through the network together. Raises ModelError when
        memory or the network fails.
        """
        grids = [grid_of(image.shape[0], image.shape[1], side, self.patch) for image in images]
        found: dict[int, NDArray[np.float32]] = {}
        for grid in sorted(set(grids)):
            places = [i for i, other in enumerate(grids) if other == grid]
            rows = self._batches_for(grid).run([images[i] for i in places], partial(self._encode, grid=grid))
            found.update(zip(places, rows, strict=True))
        return [found[i] for i in range(len(images))]

    def _batches_for(self, grid: tuple[int, int]) -> Batches:
        """What fitted is remembered by the number of tokens, as two scales need different amounts of memory."""
        count = grid[0] * grid[1]
        if count not in self._batches:
            size = max(1, first_batch(self.device) * _USUAL // max(count, _USUAL))
            self._batches[count] = Batches(size, releaser(self.device))
        return self._batches[count]

    def _encode(self, images: Sequence[Pixels], grid: tuple[int, int]) -> NDArray[np.float32]:
        batch = _prepare(images, grid, self.patch, self._preprocessing)
        return _unit_tokens(self._dense, batch.to(self.device, self._ready.dtype))


@kept(1)
def load_tokens(local: LocalModel) -> TokenEncoder:
    """The network for tokens; shares the loaded one with `load` where it is a CLIP. The last one is kept.

    Raises ModelError as `load` does, and when the network has no tokens that stand for places.
    """
    name = str(local.spec)
    if not local.wordless:
        made = load(local).ready
        return TokenEncoder(local, made, dense(made.tower, name))

    def embed(tower: torch.nn.Module, batch: torch.Tensor, dtype: torch.dtype) -> NDArray[np.float32]:
        device = next(tower.parameters()).device
        return _one_for_each(_unit_tokens(dense(tower, name), batch.to(device, dtype)))

    # the drawn pictures at the usual size: this network's own (518 px) would take seconds to check without a GPU
    small = replace(local.preprocessing, size=(224, 224), resize_mode="squash")
    made = ready(local, picture_transform(small), embed)
    return TokenEncoder(local, made, dense(made.tower, name))


def _one_for_each(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
    """All tokens of a picture as one unit vector, so that the inner product of two is the mean over their tokens."""
    count = tokens.shape[1] * tokens.shape[2]
    return np.asarray(tokens.reshape(len(tokens), -1) / np.sqrt(count), np.float32)


def _prepare(images: Sequence[Pixels], grid: tuple[int, int], patch: int, wanted: Preprocessing) -> torch.Tensor:
    import torch

    filters = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
    size = (grid[1] * patch, grid[0] * patch)
    resized = [
        np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize(size, filters[wanted.interpolation]))
        for image in images
    ]
    pixels = np.stack(resized).astype(np.float32) / 255
    pixels = (pixels - np.array(wanted.mean, np.float32)) / np.array(wanted.std, np.float32)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()


def _unit_tokens(network: Dense, batch: torch.Tensor) -> NDArray[np.float32]:
    """Raises ModelError when a number is not finite."""
    import torch

    with torch.inference_mode():
        tokens = torch.nn.functional.normalize(network.forward(batch).float(), dim=-1)
        found: NDArray[np.float32] = tokens.cpu().numpy()
    if not np.isfinite(found).all() or not (np.abs(np.linalg.norm(found, axis=-1) - 1) < 1e-3).all():
        raise ModelError("The network gives no finite tokens: its weights are damaged. Run `simcheck models verify`.")
    return found
