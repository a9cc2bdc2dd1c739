"""A CLIP network of a few thousand random numbers, in the file formats that trained ones come in.

It has learned nothing and its name says so. It serves to test loading, preprocessing, precision and storage, never
how well anything is recognised.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from simcheck.records import Pixels

NAME = "random-tiny-for-tests"
REPOSITORY = f"simcheck-tests/{NAME}"
COMMIT = "0" * 39 + "1"
LIKE_SIGLIP = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bilinear", "resize_mode": "squash"}
LIKE_CLIP = {"mean": list(open_clip.OPENAI_DATASET_MEAN), "std": list(open_clip.OPENAI_DATASET_STD)}


def model_cfg(width: int = 32, **more: Any) -> dict[str, Any]:
    return {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": width, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
        **more,
    }


def weights(seed: int = 0, width: int = 32) -> dict[str, torch.Tensor]:
    """All tensors of the network, words included, drawn from ``seed``."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return open_clip.CLIP(**model_cfg(width)).state_dict()  # type: ignore[no-any-return]


def write_config(folder: Path, preprocess: dict[str, Any] | None = None, **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "open_clip_config.json"
    stated = {"model_cfg": model_cfg(**more), "preprocess_cfg": LIKE_CLIP if preprocess is None else preprocess}
    file.write_text(json.dumps(stated), "utf-8")
    return file


def write_weights(file: Path, seed: int = 0, width: int = 32) -> Path:
    """As safetensors, or pickled by torch for any other suffix."""
    file.parent.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.contiguous() for name, tensor in weights(seed, width).items()}
    if file.suffix == ".safetensors":
        save_file(state, file)
    else:
        torch.save(state, file)
    return file


def write_folder(folder: Path, seed: int = 0, preprocess: dict[str, Any] | None = None, **more: Any) -> Path:
    write_config(folder, preprocess, **more)
    write_weights(folder / "open_clip_model.safetensors", seed)
    return folder


def write_hub_cache(cache: Path, seed: int = 0, preprocess: dict[str, Any] | None = None) -> Path:
    """The layout of the hub library's cache: blobs named by digest, a snapshot of links to them, and a ref.

    Returns the blob of the weights.
    """
    repository = cache / f"models--{REPOSITORY.replace('/', '--')}"
    snapshot = repository / "snapshots" / COMMIT
    for folder in (snapshot, repository / "blobs", repository / "refs"):
        folder.mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT, "ascii")
    made = write_folder(cache / "made", seed, preprocess)
    blob = made
    for file in sorted(made.iterdir()):
        blob = repository / "blobs" / hashlib.sha256(file.read_bytes()).hexdigest()
        link = snapshot / file.name
        file.rename(blob)
        link.symlink_to(blob)
        if file.suffix == ".safetensors":
            found = blob
    made.rmdir()
    return found


def by_artist(folder: Path, images: Sequence[Pixels]) -> NDArray[np.float32]:
    """What open_clip itself makes of the pictures, in float32: the measure for what simcheck makes of them."""
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model.eval()
    with torch.no_grad():
        batch = torch.stack([preprocess(Image.fromarray(image)) for image in images])
        vectors: NDArray[np.float32] = model.encode_image(batch, normalize=True).numpy()
    return vectors


def pictures(count: int = 5, height: int = 90, width: int = 140) -> list[Pixels]:
    """Different pictures, wider than high, so that squashing and cropping differ."""
    rng = np.random.default_rng(7)
    small = (rng.random((count, 6, 9, 3)) * 255).astype(np.uint8)
    return [np.asarray(Image.fromarray(s).resize((width, height), Image.Resampling.BICUBIC)) for s in small]
