"""What does a GPU gain? The networks that simcheck may load, through simcheck, on the GPU and on the processor.

    python scripts/measure/bench_gpu.py [--pictures 256] [--works 40]

The weights are RANDOM, in checkpoints made for this run: speed and agreement of the arithmetic are measured, and
nothing about recognition. One process for each device, the processor's with the GPU hidden from it, loads the network
as any command does and describes the same drawn pictures; the vectors of both are held against each other. Then the
drawn portfolio is indexed by `clip` and by `patches` with CLIP's tokens, as ``simcheck index`` does it, decoding
and storing included. Writes ``results/bench_gpu.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from scripts.build.sample import paint
from scripts.measure import machine
from simcheck import pipeline
from simcheck.images import Reader
from simcheck.models import DEFAULT_MODEL, ModelSpec, load, resolve
from simcheck.records import Picture, Pixels, Silent

SEED = 2026
ARCHITECTURES = ("ViT-B-32", "ViT-L-14")
ROUNDS = 5
DEVICES = {"cuda": None, "cpu": ""}
"""What CUDA_VISIBLE_DEVICES is set to."""


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--works", type=int, default=40, help="works of the drawn portfolio that are indexed")
    parser.add_argument("--only", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        return _one_device(arguments.only, arguments.pictures)
    measurement = machine.start(arguments)
    import torch

    if not torch.cuda.is_available():
        raise SystemExit("there is no CUDA device here, so there is nothing to compare")
    result: dict[str, Any] = {
        "what": "networks with RANDOM weights on a GPU and on the processor: speed and arithmetic only",
        "gpu": torch.cuda.get_device_name(0),
        "cuda": torch.version.cuda,
        "seed": SEED,
        "pictures": arguments.pictures,
        "load_average": [round(v, 2) for v in os.getloadavg()],
        "networks": {},
    }
    with tempfile.TemporaryDirectory(prefix="simcheck-gpu-") as temporary:
        art = Path(temporary) / "art"
        paint(art)
        portfolio = sorted(p for p in (art / "portfolio").rglob("*.*") if p.suffix in (".png", ".jpg", ".webp"))
        result["data_digest"] = machine.digest_of(portfolio)
        for architecture in ARCHITECTURES:
            folder = _checkpoint(Path(temporary) / architecture, architecture)
            works = portfolio[: arguments.works]
            (folder / "works.json").write_text(json.dumps([str(p) for p in works]), "utf-8")
            rows = {}
            for device, visible in DEVICES.items():
                rows[device] = _child(folder, arguments.pictures, device, visible)
            vectors = {device: np.load(folder / f"{device}.npy") for device in DEVICES}
            result["networks"][architecture] = {
                **rows,
                "least_cosine_between_devices": round(float((vectors["cuda"] * vectors["cpu"]).sum(axis=1).min()), 6),
                "times_as_fast": round(rows["cuda"]["pictures_per_second"] / rows["cpu"]["pictures_per_second"], 1),
            }
            print(architecture, json.dumps(result["networks"][architecture], indent=1), flush=True)
    measurement.save("bench_gpu", result)
    print(result["gpu"])
    return 0


def _checkpoint(folder: Path, architecture: str) -> Path:
    """In the layout of the hub's, with the preprocessing of the default network."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(SEED)
    network = open_clip.create_model(architecture, load_weights=False)
    stated = open_clip.get_pretrained_cfg(*DEFAULT_MODEL.split(":"))
    folder.mkdir(parents=True)
    config = {
        "model_cfg": open_clip.get_model_config(architecture),
        "preprocess_cfg": {key: stated[key] for key in ("mean", "std", "interpolation", "resize_mode")},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config), "utf-8")
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / "open_clip_model.safetensors")
    return folder


def _child(folder: Path, pictures: int, device: str, visible: str | None) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if visible is not None:
        environment["CUDA_VISIBLE_DEVICES"] = visible
    done = subprocess.run(
        [sys.executable, __file__, "--only", str(folder), "--pictures", str(pictures)],
        env=environment, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert row["device"] == device, f"{device} was to be measured, and {row['device']} was"
    return row


def _one_device(folder: Path, count: int) -> int:
    works = [Path(p) for p in json.loads((folder / "works.json").read_text("utf-8"))]
    started = time.perf_counter()
    encoder = load(resolve(ModelSpec.parse(str(folder)), offline=True))
    loaded = time.perf_counter() - started
    pictures = _pictures(works, count)
    vectors = encoder.encode(pictures)
    seconds = []
    for _ in range(ROUNDS if encoder.device != "cpu" else 1):
        started = time.perf_counter()
        encoder.encode(pictures)
        seconds.append(time.perf_counter() - started)
    row: dict[str, Any] = {
        "device": encoder.device,
        "precision": encoder.precision,
        "seconds_to_load": round(loaded, 2),
        "pictures_per_second": round(count / statistics.median(seconds), 1),
        "batch": encoder.batches.size,
    }
    for signal in ("clip", "patches"):
        choice = pipeline.Choice(only=(signal,), model=str(folder), tokens=str(folder), offline=True)
        started = time.perf_counter()
        pipeline.index(works, folder / f"{signal} {encoder.device}", name="bench", choice=choice, watcher=Silent())
        row[f"seconds_to_index_{len(works)}_works_by_{signal}"] = round(time.perf_counter() - started, 2)
    np.save(folder / f"{encoder.device}.npy", vectors)
    print(json.dumps(row))
    return 0


def _pictures(works: list[Path], count: int) -> list[Pixels]:
    """Crops of the works, of many sizes, always the same."""
    with Reader() as reader:
        whole = [found.pixels for _, found in reader.read_all(works) if isinstance(found, Picture)]
    generator = np.random.default_rng(SEED)
    found = []
    for number in range(count):
        pixels = whole[number % len(whole)]
        height, width = (max(64, int(side * generator.uniform(0.3, 1))) for side in pixels.shape[:2])
        top, left = (int(generator.integers(0, s - t + 1)) for s, t in zip(pixels.shape, (height, width), strict=False))
        found.append(np.ascontiguousarray(pixels[top : top + height, left : left + width]))
    return found


if __name__ == "__main__":
    sys.exit(main())
