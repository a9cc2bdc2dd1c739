"""Painted families on disk, and the batches of pairs that are drawn from them."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.painted import KINDS, paint_family
from scripts.train.views import Square, Window, near, view, window

__all__ = ["Batch", "Families", "Mixture", "batch", "paint", "paint_shard"]

SHARD = 250
"""Families in one file."""

_SCENES = ("scene", "recoloured", "rerendered", "line_art", "reinvented")
"""Kinds that show one whole scene, so that any two of them are a pair."""
_RERENDERED = {
    "recoloured": 0.15,
    "rerendered": 0.27,
    "line_art": 0.15,
    "reinvented": 0.2,
    "changed": 0.13,
    "part": 0.15,
}
"""How the pairs that are not merely edits divide."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """``same``: share of pairs whose two views are of one rendering, at the start and at the end of training. Nothing
    is learned from re-rendered pairs alone; with all edits, nothing of re-rendering."""

    same: tuple[float, float] = (0.6, 0.25)
    rivals: float = 0.25
    """Hard negatives for this share of the pairs: another scene, painted and laid out alike."""

    def same_at(self, progress: float) -> float:
        start, end = self.same
        return start + (end - start) * min(progress / 0.6, 1.0)


@dataclass(frozen=True, slots=True)
class Batch:
    """Views as (n, 3, side, side) uint8; row i of ``left`` and of ``right`` belong together to the degree
    ``kinship[i]`` (0..1), ``rivals`` belong to nothing."""

    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    rivals: NDArray[np.uint8]
    kinship: NDArray[np.float32]


class Families:
    """Painted families, read from disk as they are needed."""

    def __init__(self, folder: Path, most: int | None = None) -> None:
        """``most``: use only so many of them."""
        files = sorted(folder.glob("pictures_*.npy"))
        if not files:
            raise SystemExit(f"No painted families in {folder}: run `scripts/train/copy_network.py paint` first.")
        self.shards = [np.load(file, mmap_mode="r") for file in files]
        self.size = len(self.shards[0])
        self.boxes = np.concatenate([np.load(f.with_name(f.name.replace("pictures", "boxes"))) for f in files])
        self.kept = np.concatenate([np.load(f.with_name(f.name.replace("pictures", "kept"))) for f in files])
        self.count = min(most or len(self.kept), len(self.kept))

    def __len__(self) -> int:
        return self.count

    def picture(self, family: int, kind: str) -> Square:
        return np.asarray(self.shards[family // self.size][family % self.size, KINDS.index(kind)])


def paint_shard(folder: Path, number: int, side: int, seed: int) -> None:
    """Paint SHARD families into one file, unless that is there."""
    done = folder / f"pictures_{number:04d}.npy"
    if done.exists():
        return
    found = [paint_family(seed + number * SHARD + i, side) for i in range(SHARD)]
    np.save(folder / f"boxes_{number:04d}.npy", np.stack([f.boxes for f in found]))
    np.save(folder / f"kept_{number:04d}.npy", np.array([f.kept for f in found], np.float32))
    unfinished = folder / f"unfinished_{number:04d}.npy"
    np.save(unfinished, np.stack([f.pictures for f in found]))
    unfinished.replace(done)


def paint(folder: Path, count: int, side: int, seed: int, processes: int) -> None:
    """Paint ``count`` families (a multiple of SHARD, rounded up) that are not there yet; goes on where it stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    about = folder / "about.json"
    wanted = {"side": side, "seed": seed}
    if about.exists() and json.loads(about.read_text(encoding="utf-8")) != wanted:
        raise SystemExit(f"{folder} holds families of another side or seed; name another folder.")
    about.write_text(json.dumps(wanted), encoding="utf-8")
    with ProcessPoolExecutor(processes) as pool:
        waiting = [pool.submit(paint_shard, folder, n, side, seed) for n in range(-(-count // SHARD))]
        for number, future in enumerate(waiting):
            future.result()
            print(f"painted {(number + 1) * SHARD} families", flush=True)


def _around(box: NDArray[np.float32], generator: np.random.Generator) -> Window:
    """A window that holds a box with some of what is around it."""
    x0, y0, x1, y1 = (float(v) for v in box)
    room = generator.uniform(1.0, 1.5)
    size = max(x1 - x0, y1 - y0)
    width, height = (max(v, 0.6 * size, 0.2) * room for v in (x1 - x0, y1 - y0))
    return ((x0 + x1) / 2, (y0 + y1) / 2, width, height)


def _choose(shares: dict[str, float], generator: np.random.Generator) -> str:
    return str(generator.choice(list(shares), p=np.array(list(shares.values())) / sum(shares.values())))


def batch(
    families: Families, size: int, side: int, mixture: Mixture, progress: float, generator: np.random.Generator
) -> Batch:
    """``size`` pairs of different families, seen at ``side`` pixels; ``progress`` is that of the training, 0..1."""
    chosen = generator.choice(len(families), size, replace=False)
    left, right, rivals, kinship = [], [], [], []
    for family in map(int, chosen):
        kinds, places, kin = _pair(families, family, mixture, progress, generator)
        around = None
        if generator.random() < 0.2:
            around = families.picture(int(generator.integers(len(families))), str(generator.choice(KINDS)))
        weak = generator.random() < 0.6
        left.append(view(families.picture(family, kinds[0]), places[0], side, generator, strong=not weak))
        right.append(view(families.picture(family, kinds[1]), places[1], side, generator, strong=True, around=around))
        kinship.append(kin)
        if generator.random() < mixture.rivals:
            rival = "rival" if "rival" not in kinds else "scene"
            rivals.append(
                view(families.picture(family, rival), near(places[0], generator), side, generator, strong=False)
            )

    def planes(views: list[Square]) -> NDArray[np.uint8]:
        stacked = np.stack(views) if views else np.zeros((0, side, side, 3), np.uint8)
        return np.ascontiguousarray(stacked.transpose(0, 3, 1, 2))

    return Batch(planes(left), planes(right), planes(rivals), np.array(kinship, np.float32))


def _pair(
    families: Families, family: int, mixture: Mixture, progress: float, generator: np.random.Generator
) -> tuple[tuple[str, str], tuple[Window, Window], float]:
    """Two kinds, a window in each, and how much the two have in common."""
    place = window(generator)
    if generator.random() < mixture.same_at(progress):
        kind = str(generator.choice(KINDS))
        return (kind, kind), (place, near(place, generator)), 1.0
    kind = _choose(_RERENDERED, generator)
    if kind == "part":
        scene, part = families.boxes[family]
        return ("scene", "part"), (_around(scene, generator), _around(part, generator)), 0.7
    if kind == "changed":
        whole = (0.5, 0.5, 1.0, 1.0)
        first = str(generator.choice(_SCENES[:3]))
        return (first, "changed"), (whole, near(whole, generator)), float(families.kept[family])
    others = [k for k in _SCENES if k != kind]
    first = "scene" if kind != "scene" and generator.random() < 0.6 else str(generator.choice(others))
    kinds = (first, kind) if generator.random() < 0.7 else (kind, first)
    return kinds, (place, near(place, generator)), 1.0
