"""A vision transformer of timm's with a few thousand random numbers, in the layout of the hub's cache.

It has learned nothing and its name says so. It stands in for DINOv2, whose make it has (LayerScale, a class token, no
words), to test loading and tokens; never how well anything is recognised.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from timm.models import register_model
from timm.models.vision_transformer import VisionTransformer

from simcheck.models.catalogue import KnownModel, Preprocessing

ARCHITECTURE = "random_tiny_vit_for_tests"
SIDE, PATCH, WIDTH = 28, 7, 24

ENTRY = KnownModel(
    ARCHITECTURE,
    "noise",
    f"simcheck-tests/{ARCHITECTURE}",
    Preprocessing((SIDE, SIDE), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    False,
    0,
    "none",
    "Nothing: random numbers for tests.",
    token_width=WIDTH,
)


def random_tiny_vit_for_tests(pretrained: bool = False, **kwargs: Any) -> VisionTransformer:
    assert not pretrained, "there are no trained weights of it"
    kwargs = {key: value for key, value in kwargs.items() if key in ("num_classes", "global_pool")}
    shape: dict[str, Any] = {"img_size": SIDE, "patch_size": PATCH, "embed_dim": WIDTH, "depth": 2, "num_heads": 2}
    return VisionTransformer(**shape, init_values=0.5, **kwargs)


register_model(random_tiny_vit_for_tests)


def network(seed: int = 0) -> VisionTransformer:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = random_tiny_vit_for_tests(num_classes=0)
        for parameter in made.parameters():  # timm begins with biases and positions that are nearly zero
            torch.nn.init.normal_(parameter, std=0.3)
    return made.eval()


def write_weights(file: Path, seed: int = 0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in network(seed).state_dict().items()}, file)
    return file


def write_hub_cache(cache: Path, seed: int = 0) -> Path:
    """Returns the blob of the weights, which is named by its digest."""
    repository = cache / f"models--{ENTRY.repository.replace('/', '--')}"
    commit = "0" * 39 + "2"
    made = write_weights(repository / "blobs" / "made.safetensors", seed)
    blob = made.rename(made.with_name(hashlib.sha256(made.read_bytes()).hexdigest()))
    link = repository / "snapshots" / commit / "model.safetensors"
    for file in (link, repository / "refs" / "main"):
        file.parent.mkdir(parents=True)
    link.symlink_to(blob)
    (repository / "refs" / "main").write_text(commit, "ascii")
    return blob
