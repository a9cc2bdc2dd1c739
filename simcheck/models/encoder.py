"""A network that turns pictures into unit vectors: built, filled, checked and run. Only here does torch compute.

Precision. Weights and input cast to half the size keep the vectors (cosine 0.9999 to float32 for ViT-B-32) and are
about 2.5 times as fast on processors with bfloat16 instructions; autocast gains nothing (see
``scripts/measure/bench_precision.py``).
At every load the reduced network must agree with float32 on a few drawn pictures, or float32 is used and
`ImageEncoder.precision` says why.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from simcheck.errors import ModelError
from simcheck.models.batches import Batches, is_out_of_memory
from simcheck.models.catalogue import Preprocessing
from simcheck.models.kept import kept
from simcheck.models.locate import again
from simcheck.models.spec import LocalModel
from simcheck.models.weights import NotWeights, fill, image_tower
from simcheck.records import Pixels

if TYPE_CHECKING:
    import torch

__all__ = ["LEAST_COSINE", "ImageEncoder", "Ready", "first_batch", "load", "picture_transform", "ready", "releaser"]

LEAST_COSINE = 0.999
_FIRST_BATCH = {"cuda": 256, "mps": 64, "cpu": 16}
# simcheck needs no words; the smallest text half lets open_clip's public class build the image half alone
_NO_WORDS = {"context_length": 2, "vocab_size": 2, "width": 8, "heads": 1, "layers": 1}

Transform = Callable[[Image.Image], "torch.Tensor"]
Embed = Callable[["torch.nn.Module", "torch.Tensor", "torch.dtype"], NDArray[np.float32]]
"""Network, batch and its number format -> (n, any) unit vectors."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A filled network on its device, in the number format that was settled on, and why that one."""

    tower: torch.nn.Module
    dtype: torch.dtype
    precision: str

    @property
    def device(self) -> str:
        return next(self.tower.parameters()).device.type


class ImageEncoder:
    """The image half of a CLIP network, ready to use. Made by `load`."""

    def __init__(self, local: LocalModel, made: Ready, transform: Transform) -> None:
        self.local = local
        self.ready = made
        self.digest = local.digest
        self.dimension = local.dimension
        self.preprocessing: dict[str, Any] = asdict(local.preprocessing)
        self.device = made.device
        """``cuda``, ``mps`` or ``cpu``."""
        self.dtype = str(made.dtype).removeprefix("torch.")
        self.precision = made.precision
        """Why this device and this dtype, for the record of a run."""
        self._transform = transform
        self.batches = Batches(first_batch(self.device), releaser(self.device))

    def encode(self, images: Sequence[Pixels]) -> NDArray[np.float32]:
        """(n, dimension) unit vectors, in order. Raises ModelError when memory or the network fails."""
        if not images:
            return np.zeros((0, self.dimension), np.float32)
        return self.batches.run(images, self._encode)

    def _encode(self, images: Sequence[Pixels]) -> NDArray[np.float32]:
        return _embed(self.ready.tower, _prepare(images, self._transform, self.device), self.ready.dtype)


@kept(2)
def load(local: LocalModel) -> ImageEncoder:
    """Build the network on the fastest device there is, fill it from the file, check it, and lower its precision.

    The last two are kept, so that several signals share one. Raises ModelError when the file is damaged, is of another
    architecture, gives no finite vectors, or needs more memory than there is; a network with random weights is never
    returned. What failed twice is not tried again (`simcheck.models.kept`).
    """
    if local.wordless:
        raise ModelError(
            f"{local.spec} describes parts of pictures, not whole ones, so it cannot stand in for a CLIP. Choose "
            "another with `--model`; `simcheck models list` shows them."
        )
    transform = _transform(local)
    return ImageEncoder(local, ready(local, transform, _embed), transform)


def ready(local: LocalModel, transform: Transform, embed: Embed) -> Ready:
    """The network, built, filled, checked by what ``embed`` makes of the drawn pictures, on the device it fits on.

    Raises as `load` does; the file is read first, so that nothing is built for one that is damaged.
    """
    try:
        return _made_ready(local, transform, embed)
    except NotWeights as error:
        reason = f"{local.weights} {error}"
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise ModelError(
            f"There is not enough memory for the network {local.spec}. Close other programs, choose a smaller network "
            "with `--model`, or leave its signal out with `--without`."
        ) from error
    raise ModelError(f"{reason}. Its SHA-256 is {local.digest}. {again(local.spec)}")


def _made_ready(local: LocalModel, transform: Transform, embed: Embed) -> Ready:
    import torch

    state = image_tower(local.weights)
    tower = _build(local)
    fill(tower, state)
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    note = ""
    if device != "cpu":
        try:
            return Ready(*_settle(tower.to(device), transform, _reduced_dtype(device), embed))
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            note = f"; {device} has too little free memory for this network"
        releaser(device)()
    tower, dtype, precision = _settle(tower.to("cpu"), transform, _reduced_dtype("cpu"), embed)
    return Ready(tower, dtype, precision + note)


def first_batch(device: str) -> int:
    """How many pictures of the usual size to try at once."""
    return _FIRST_BATCH[device]


def _build(local: LocalModel) -> torch.nn.Module:
    import open_clip
    import torch

    config = json.loads(local.architecture)
    vision = {**config["vision_cfg"], "timm_model_pretrained": False, "output_tokens": False}
    if ":" in str(vision.get("timm_model_name") or ""):  # timm would fetch such a name from elsewhere
        raise ModelError(f"The configuration of {local.spec} names an image network from elsewhere: not loaded.")
    try:
        with torch.random.fork_rng(devices=[]):
            model = open_clip.CustomTextCLIP(
                embed_dim=config["embed_dim"], vision_cfg=vision, text_cfg=_NO_WORDS, quick_gelu=config["quick_gelu"]
            )
    except MemoryError:
        raise
    except Exception as error:  # a configuration may be wrong in as many ways as there are layers
        raise ModelError(f"open_clip cannot build a network from the configuration of {local.spec}: {error}") from error
    tower: torch.nn.Module = model.visual
    return tower.eval().requires_grad_(False)


def _transform(local: LocalModel) -> Transform:
    return picture_transform(local.preprocessing)


def picture_transform(p: Preprocessing) -> Transform:
    """open_clip's transform from a picture to (3, height, width)."""
    import open_clip

    transform: Transform = open_clip.image_transform(
        p.size, False, p.mean, p.std, resize_mode=p.resize_mode, interpolation=p.interpolation, fill_color=p.fill_color
    )
    return transform


def _prepare(images: Sequence[Pixels], transform: Transform, device: str) -> torch.Tensor:
    import torch

    def one(pixels: Pixels) -> torch.Tensor:
        return transform(Image.fromarray(np.ascontiguousarray(pixels)))

    if device == "cpu":  # the network itself keeps every core busy
        return torch.stack([one(pixels) for pixels in images])
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return torch.stack(list(pool.map(one, images)))


def _embed(tower: torch.nn.Module, batch: torch.Tensor, dtype: torch.dtype) -> NDArray[np.float32]:
    """(n, dimension) unit vectors. Raises ModelError when a number in them is not finite."""
    import torch

    with torch.inference_mode():
        vectors = tower(batch.to(next(tower.parameters()).device, dtype)).float()
        vectors = torch.nn.functional.normalize(vectors, dim=-1)
        found: NDArray[np.float32] = vectors.cpu().numpy()
    if not np.isfinite(found).all() or not (np.abs(np.linalg.norm(found, axis=1) - 1) < 1e-3).all():
        raise ModelError("The network gives no finite vectors: its weights are damaged. Run `simcheck models verify`.")
    return found


def _reduced_dtype(device: str) -> torch.dtype | None:
    """The smaller number format worth trying, None where float32 is as fast."""
    import torch

    if device != "cpu":
        return torch.float16
    able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # older releases of torch cannot say
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else None


def _settle(
    tower: torch.nn.Module,
    transform: Transform,
    reduced: torch.dtype | None,
    embed: Embed | None = None,
) -> tuple[torch.nn.Module, torch.dtype, str]:
    """The network in the number format to use, that format, and the reason. Raises NotWeights for damaged weights."""
    import torch

    embed = embed or _embed
    probe = _prepare(_drawn_pictures(), transform, "cpu")
    try:
        exact = embed(tower, probe, torch.float32)
    except ModelError:
        raise NotWeights("is damaged: the network gives no finite numbers with it") from None
    if reduced is None:
        return tower, torch.float32, "float32: this processor is no faster with less"
    name = str(reduced).removeprefix("torch.")
    smaller = copy.deepcopy(tower).to(reduced)
    try:
        cosine = float((exact * embed(smaller, probe, reduced)).sum(axis=1).min())
    except ModelError:
        return tower, torch.float32, f"float32: {name} gives no finite vectors with these weights"
    if cosine < LEAST_COSINE:
        return tower, torch.float32, f"float32: {name} reaches only cosine {cosine:.5f} with these weights"
    return smaller, reduced, f"{name}: cosine {cosine:.5f} to float32"


def _drawn_pictures() -> list[Pixels]:
    """Four pictures of 256 x 256, always the same: waves, soft clouds, a disc on a ground, fine checks."""
    y, x = np.mgrid[0:256, 0:256] / 255
    clouds = np.random.default_rng(1).random((8, 8, 3)).astype(np.float32)
    bicubic = Image.Resampling.BICUBIC
    soft = np.stack([np.asarray(Image.fromarray(clouds[..., c]).resize((256, 256), bicubic)) for c in range(3)], 2)
    disc = np.where(((x - 0.4) ** 2 + (y - 0.6) ** 2 < 0.06)[..., None], (0.9, 0.3, 0.1), np.stack([x, y, 1 - x], 2))
    waves = 0.5 + 0.5 * np.sin(np.stack([40 * x, 25 * (x + y), 60 * y * x], 2))
    checks = np.repeat((((x * 32).astype(int) + (y * 32).astype(int)) % 2)[..., None], 3, 2) * np.array((0.2, 0.7, 1.0))
    return [(np.clip(p, 0, 1) * 255).astype(np.uint8) for p in (waves, soft, disc, checks)]


def releaser(device: str) -> Callable[[], None]:
    """Gives memory that nothing needs any more back to the device."""

    def release() -> None:
        import gc

        import torch

        gc.collect()
        if device == "cuda":
            torch.cuda.empty_cache()
        elif device == "mps":
            torch.mps.empty_cache()

    return release
