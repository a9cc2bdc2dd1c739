"""The training itself: steps from a checkpoint or from the start, a log, checkpoints to go on from."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from scripts.train.families import Batch, Families, Mixture, batch
from scripts.train.loss import contrast, spread
from scripts.train.network import CopyNetwork
from scripts.train.views import view
from simcheck.models.embedded import Shape

__all__ = ["Recipe", "changed", "recall", "recipe_from", "train"]

WHOLE = (0.5, 0.5, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a training besides the pictures."""

    shape: Shape = field(default_factory=Shape)
    mixture: Mixture = field(default_factory=Mixture)
    steps: int = 5000
    pairs: int = 112
    """In a batch."""
    rate: float = 2e-3
    """Learning rate at its highest; a cosine leads it to a hundredth of that."""
    warm_up: int = 200
    decay: float = 0.05
    temperature: float = 0.06
    spread: float = 0.3
    """Weight of the spread-out term."""
    average: float = 0.998
    """Decay of the running mean of weights, which is what gets exported."""
    seed: int = 2026
    precision: str = "bfloat16"
    """Of weights and activations in a step; the optimiser's own copy is float32."""
    blind: tuple[int, ...] = ()
    """Channels of the front end that the network may not see, to learn what they are worth."""

    def rate_at(self, step: int) -> float:
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        share = (step - self.warm_up) / max(self.steps - self.warm_up, 1)
        return self.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * min(share, 1))) / 2)


def changed(recipe: Recipe, changes: Mapping[str, str]) -> Recipe:
    """The recipe with some fields (also of its shape and mixture) set, values as JSON. Raises SystemExit for others."""
    for name, text in changes.items():
        try:
            value = json.loads(text) if text[:1] in "[-0123456789" else text
        except json.JSONDecodeError as error:
            raise SystemExit(f"{name}={text}: {error}") from error
        change: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value}
        if name in Shape.__dataclass_fields__:
            recipe = replace(recipe, shape=replace(recipe.shape, **change))
        elif name in Mixture.__dataclass_fields__:
            recipe = replace(recipe, mixture=replace(recipe.mixture, **change))
        elif name in Recipe.__dataclass_fields__:
            recipe = replace(recipe, **change)
        else:
            raise SystemExit(f"a recipe has no {name}")
    return recipe


def recipe_from(stated: Mapping[str, Any]) -> Recipe:
    """The recipe that ``recipe.json`` states."""
    fields = dict(stated)
    shape = Shape.parse(json.dumps(fields.pop("shape")))
    mixture: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.pop("mixture").items()}
    fields["blind"] = tuple(fields.get("blind", ()))
    return Recipe(shape=shape, mixture=Mixture(**mixture), **fields)


class _Steps(Dataset[Batch]):
    """The batch of each step, drawn from the seed and the step alone: a run that goes on sees what it would have."""

    def __init__(self, families: Families, recipe: Recipe) -> None:
        self.families, self.recipe = families, recipe

    def __len__(self) -> int:
        return self.recipe.steps

    def __getitem__(self, step: int) -> Batch:
        r = self.recipe
        generator = np.random.default_rng([r.seed, step])
        return batch(self.families, r.pairs, r.shape.side, r.mixture, step / r.steps, generator)


def _quiet_worker(_: int) -> None:
    import cv2

    cv2.setNumThreads(0)


class _State:
    """Network, optimiser and running mean; saved and restored as one file."""

    def __init__(self, recipe: Recipe, device: str) -> None:
        torch.manual_seed(recipe.seed)
        self.step = 0
        self.network = CopyNetwork(recipe.shape)
        self.mean = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean.to(device)
        self.exact = [p.detach().clone() for p in self.network.parameters()]
        decayed = [p for p in self.exact if p.ndim > 1]
        plain = [p for p in self.exact if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": recipe.decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))
        if recipe.precision != "float32":
            self.network.to(getattr(torch, recipe.precision))
            for module in self.network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):  # running means need more digits
                    module.float()
        self.network.train()
        self._blind(recipe)

    def _blind(self, recipe: Recipe) -> None:
        if recipe.blind:
            first = [name for name, _ in self.network.named_parameters()].index("stem.convolution.weight")
            stems = [self.exact[first], self.network.stem.convolution.weight, self.mean.stem.convolution.weight]
            for stem in stems:
                stem.data[:, list(recipe.blind)] = 0

    def update(self, recipe: Recipe) -> float:
        """One step of the optimiser on the float32 copies. The gradient's norm."""
        for exact, parameter in zip(self.exact, self.network.parameters(), strict=True):
            exact.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        norm = float(torch.nn.utils.clip_grad_norm_(self.exact, 1.0))
        for group in self.optimiser.param_groups:
            group["lr"] = recipe.rate_at(self.step)
        self.optimiser.step()
        self._blind(recipe)
        with torch.no_grad():
            keep = min(recipe.average, (1 + self.step) / (10 + self.step))
            pairs = zip(self.mean.parameters(), self.exact, self.network.parameters(), strict=True)
            for mean, exact, parameter in pairs:
                parameter.copy_(exact)
                mean.lerp_(exact, 1 - keep)
            for kept, now in zip(self.mean.buffers(), self.network.buffers(), strict=True):
                kept.lerp_(now, 1 - keep) if kept.is_floating_point() else kept.copy_(now)
        self.step += 1
        return norm

    def save(self, path: Path) -> None:
        unfinished = path.with_suffix(".unfinished")
        state = {
            "step": self.step,
            "exact": self.exact,
            "buffers": list(self.network.buffers()),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, unfinished)
        unfinished.replace(path)

    def restore(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location=self.exact[0].device)
        self.step = state["step"]
        with torch.no_grad():
            for exact, parameter, stored in zip(self.exact, self.network.parameters(), state["exact"], strict=True):
                exact.copy_(stored)
                parameter.copy_(stored)
            for buffer, stored in zip(self.network.buffers(), state["buffers"], strict=True):
                buffer.copy_(stored)
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])


def train(
    recipe: Recipe,
    families: Families,
    held_out: Families,
    out: Path,
    until: int | None = None,
    every: int = 250,
    lines: int = 25,
    workers: int | None = None,
) -> list[dict[str, Any]]:
    """Train to ``until`` (or the recipe's last step) and return the log: a line for so many steps, their means.

    ``out`` gets ``log.jsonl`` and, ``every`` so many steps, ``state.pt``, from which the next call goes on.
    ``workers`` are the processes that make batches (0: this one). Raises SystemExit when ``out`` holds a training by
    another recipe."""
    out.mkdir(parents=True, exist_ok=True)
    stated = json.dumps(asdict(recipe), indent=1)
    told = out / "recipe.json"
    if told.exists() and told.read_text(encoding="utf-8") != stated:
        raise SystemExit(f"{out} holds a training by another recipe; name another folder.")
    told.write_text(stated, encoding="utf-8")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    state = _State(recipe, device)
    log_file = out / "log.jsonl"
    log: list[dict[str, Any]] = []
    if (out / "state.pt").exists():
        state.restore(out / "state.pt")
        log = [json.loads(line) for line in log_file.read_text(encoding="utf-8").splitlines()]
        log = [entry for entry in log if entry["step"] <= state.step]
    end = min(until or recipe.steps, recipe.steps)
    if workers is None:  # one process keeps up with two cores that train
        workers = 1 if device == "cpu" else max((os.cpu_count() or 2) - 2, 1)
    loader = DataLoader(
        _Steps(families, recipe),
        batch_size=None,
        sampler=range(state.step, end),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_quiet_worker,
        collate_fn=lambda item: item,
    )
    sums: dict[str, float] = {}
    started = time.perf_counter()
    for drawn in loader:
        entry = _step(state, recipe, drawn, device)
        sums = {name: sums.get(name, 0.0) + value for name, value in entry.items()}
        if state.step % lines == 0 or state.step == end:
            count = (state.step - 1) % lines + 1
            line: dict[str, Any] = {"step": state.step, **{k: round(v / count, 4) for k, v in sums.items()}}
            line["rate"] = round(recipe.rate_at(state.step - 1), 6)
            line["seconds"] = round((time.perf_counter() - started) / count, 3)
            if state.step % every == 0 or state.step == end:
                line["held_out"] = recall(state.mean, held_out, recipe.shape.side, device)
                state.save(out / "state.pt")
            log.append(line)
            log_file.write_text("".join(json.dumps(entry) + "\n" for entry in log), encoding="utf-8")
            print(json.dumps(line), flush=True)
            sums, started = {}, time.perf_counter()
    return log


def _step(state: _State, recipe: Recipe, drawn: Batch, device: str) -> dict[str, float]:
    views = np.concatenate([drawn.left, drawn.right, drawn.rivals])
    vectors = state.network(torch.from_numpy(views).to(device).float() / 255)
    pairs = len(drawn.left)
    left, right, rivals = vectors[:pairs], vectors[pairs : 2 * pairs], vectors[2 * pairs :]
    kinship = torch.from_numpy(drawn.kinship).to(device)
    contrasted = contrast(left, right, rivals, kinship, recipe.temperature)
    spreading = spread(left, right)
    loss = contrasted + recipe.spread * spreading
    loss.backward()  # type: ignore[no-untyped-call]
    norm = state.update(recipe)
    with torch.no_grad():
        first = (left @ torch.cat([right, rivals]).T).argmax(dim=1)
        right_first = float((first == torch.arange(len(left), device=first.device)).float().mean())
    return {
        "loss": float(loss.detach()),
        "contrast": float(contrasted.detach()),
        "spread": float(spreading.detach()),
        "first": right_first,
        "gradient": norm,
    }


def recall(network: torch.nn.Module, families: Families, side: int, device: str) -> dict[str, float]:
    """Whole pictures of other renderings against the scenes of all held-out families: share found first."""
    generator = np.random.default_rng(0)

    def vectors(kind: str) -> torch.Tensor:
        squares = [view(families.picture(i, kind), WHOLE, side, generator, strong=False) for i in range(len(families))]
        planes = torch.from_numpy(np.stack(squares).transpose(0, 3, 1, 2).copy()).to(device)
        with torch.inference_mode():
            return torch.cat([network(planes[i : i + 125].float() / 255) for i in range(0, len(planes), 125)])

    scenes = vectors("scene")
    own = torch.arange(len(scenes), device=scenes.device)
    kinds = ("recoloured", "rerendered", "line_art", "reinvented", "changed")
    return {k: round(float(((vectors(k) @ scenes.T).argmax(1) == own).float().mean()), 4) for k in kinds}
