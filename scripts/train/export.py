"""From a training's checkpoint to the file that ships: normalisation folded in, float16, and a record beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from scripts.train.network import CopyNetwork, exported
from simcheck.models.embedded import Shape

__all__ = ["export", "export_untrained"]


def export(folder: Path, weights: Path, about: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write the running mean of a training's weights as a safetensors file, and its record beside it as JSON: digest,
    shape, and ``about``. Returns the record."""
    state = torch.load(folder / "state.pt", weights_only=True, map_location="cpu")
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    return _write(state["mean"], Shape.parse(json.dumps(recipe["shape"])), weights, state["step"], about or {})


def export_untrained(shape: Shape, seed: int, weights: Path) -> dict[str, Any]:
    """A network of that shape as it is before training: what the architecture alone is worth."""
    torch.manual_seed(seed)
    return _write(CopyNetwork(shape).state_dict(), shape, weights, 0, {})


def _write(
    state: dict[str, torch.Tensor], shape: Shape, weights: Path, steps: int, about: dict[str, Any]
) -> dict[str, Any]:
    arrays = {name: value.to(torch.float16).contiguous() for name, value in exported(state, shape).items()}
    save_file(arrays, weights, {"shape": str(shape), "steps": str(steps), "trained": "yes" if steps else "no"})
    weights.chmod(0o644)  # safetensors makes files for their owner alone
    record = {
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "dimension": shape.dimension,
        "shape": json.loads(str(shape)),
        "steps": steps,
        **about,
    }
    text = json.dumps(record, indent=1, sort_keys=True)
    weights.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
    return record
