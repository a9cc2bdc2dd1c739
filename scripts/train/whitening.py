"""Whitening folded into a trained network: afterwards its numbers vary alike and independently on painted pictures.

It is done to the descriptors before they get unit length (Jégou and Chum, ECCV 2012, whiten unit vectors): only then
is it linear in what the head gives, so that the network stays one file and runs as before.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.train.families import Families, batch
from scripts.train.loop import recall, recipe_from
from scripts.train.network import CopyNetwork

__all__ = ["whiten"]

PAIRS = 2000
"""Training pairs whose views the whitening is learned from, drawn as at the end of a training."""


def whiten(source: Path, out: Path, families: Families, held_out: Families, numbers: int) -> list[dict[str, Any]]:
    """From the training in ``source``, the same in ``out`` with its descriptors turned to their principal axes, the
    first ``numbers`` kept, each divided by its deviation. Returns the log, with its last recall measured anew."""
    recipe = recipe_from(json.loads((source / "recipe.json").read_text(encoding="utf-8")))
    state = torch.load(source / "state.pt", weights_only=True, map_location="cpu")
    network = CopyNetwork(recipe.shape).eval().requires_grad_(False)
    network.load_state_dict(state["mean"])
    generator = np.random.default_rng(recipe.seed)
    drawn = batch(families, min(PAIRS, len(families)), recipe.shape.side, recipe.mixture, 1.0, generator)
    seen: list[torch.Tensor] = []
    hook = network.head.register_forward_hook(lambda _, __, vectors: seen.append(vectors))
    views = torch.from_numpy(np.concatenate([drawn.left, drawn.right, drawn.rivals]))
    for i in range(0, len(views), 125):
        network(views[i : i + 125] / 255)
    hook.remove()
    vectors = torch.cat(seen).double()
    variances, axes = torch.linalg.eigh(torch.cov(vectors.T))  # the smallest first
    kept = variances[-numbers:].clamp(min=1e-6 * float(variances[-1]))
    turn = axes[:, -numbers:].T / kept.sqrt()[:, None]
    head = network.head
    weight, bias = turn @ head.weight.double(), turn @ (head.bias.double() - vectors.mean(dim=0))
    scale = head.weight.norm() / weight.norm()  # means nothing to unit vectors, and suits float16
    head.weight, head.bias = (torch.nn.Parameter((scale * v).float(), False) for v in (weight, bias))
    recipe = replace(recipe, shape=replace(recipe.shape, dimension=numbers))
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1), encoding="utf-8")
    torch.save({"step": state["step"], "mean": network.state_dict()}, out / "state.pt")
    *log, last = map(json.loads, (source / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return [*log, {**last, "held_out": recall(network, held_out, recipe.shape.side, "cpu")}]
