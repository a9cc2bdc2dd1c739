"""Dense tokens, against what open_clip and timm compute themselves. Every network here is random and tiny."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import open_clip
import pytest
import timm
import tiny_clip
import tiny_vit
import torch
from numpy.typing import NDArray
from PIL import Image
from timm.models.vision_transformer import VisionTransformer

from simcheck import models
from simcheck.errors import ModelError, ModelUnreachable
from simcheck.models import catalogue, encoder, published, tokens
from simcheck.models.dense import dense
from simcheck.models.spec import ModelSpec
from simcheck.records import Pixels

PICTURES = tiny_clip.pictures(count=3)


@pytest.fixture(autouse=True)
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache; the tiny vision transformer is in the catalogue, before those that were trained."""
    cache = tmp_path / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(encoder, "_reduced_dtype", lambda device: None)
    wordless = (tiny_vit.ENTRY, *catalogue.WORDLESS)
    monkeypatch.setattr(tokens, "WORDLESS", wordless)
    monkeypatch.setattr(catalogue, "LISTED", (*catalogue.KNOWN, *wordless))
    encoder.load.cache_clear()
    tokens.load_tokens.cache_clear()
    yield cache
    encoder.load.cache_clear()
    tokens.load_tokens.cache_clear()


def made(text: str) -> models.TokenEncoder:
    return models.load_tokens(models.resolve(ModelSpec.parse(text), offline=True))


def batch_of(image: Pixels, size: tuple[int, int], preprocess: dict[str, list[float]]) -> torch.Tensor:
    """(1, 3, height, width), squashed to ``size`` (height, width) by hand."""
    resized = Image.fromarray(image).resize(size[::-1], Image.Resampling.BICUBIC)
    pixels = (np.asarray(resized) / 255 - preprocess["mean"]) / preprocess["std"]
    return torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]


def unit(found: torch.Tensor) -> NDArray[np.float32]:
    values: NDArray[np.float32] = torch.nn.functional.normalize(found, dim=-1).detach().numpy()
    return values


# --- CLIP's tokens ---


def clip_by_hand(folder: Path, batch: torch.Tensor) -> NDArray[np.float32]:
    """(rows, columns, 16): open_clip's own image half up to the last block, then MaskCLIP with attention switched off.

    For a picture of the network's own size, so that open_clip itself adds the position embeddings.
    """
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tower = model.eval().visual
    with torch.no_grad():
        given = tower.forward_intermediates(batch, indices=[-2], output_fmt="NLC", intermediates_only=True)
        x = given["image_intermediates"][0]
        last = tower.transformer.resblocks[-1]
        # one place at a time: attention over a single place is the identity, and its output the place's value
        alone = torch.cat([last(x[:, i : i + 1]) for i in range(x.shape[1])], dim=1)
        return unit((tower.ln_post(alone) @ tower.proj).reshape(4, 4, 16))


def test_clip_s_tokens_are_the_last_block_with_each_place_on_its_own(tmp_path: Path) -> None:
    folder = tiny_clip.write_folder(tmp_path / "a")
    square = [np.ascontiguousarray(picture[:, :90]) for picture in PICTURES]
    found = made(str(folder)).tokens(square, 32)
    for image, place in zip(square, found, strict=True):
        expected = clip_by_hand(folder, batch_of(image, (32, 32), tiny_clip.LIKE_CLIP))
        np.testing.assert_allclose(place, expected, atol=1e-4)


def test_a_clip_is_loaded_once_for_both_signals(tmp_path: Path) -> None:
    local = models.resolve(ModelSpec.parse(str(tiny_clip.write_folder(tmp_path))))
    whole = models.load(local)
    places = models.load_tokens(local)
    assert places._ready is whole.ready
    assert places is models.load_tokens(local)
    assert (places.digest, places.dimension, places.patch) == (local.digest, 16, 8)
    assert places.device == whole.device and places.precision == whole.precision


# --- a network without words ---


def test_timm_s_tokens_are_its_last_normalised_ones(hub_cache: Path) -> None:
    blob = tiny_vit.write_hub_cache(hub_cache)
    network = made(tiny_vit.ENTRY.name)
    assert network.digest == blob.name and network.dimension == tiny_vit.WIDTH
    like = {"mean": list(tiny_vit.ENTRY.preprocessing.mean), "std": list(tiny_vit.ENTRY.preprocessing.std)}
    square = np.ascontiguousarray(PICTURES[0][:, :90])
    with torch.no_grad():
        given = tiny_vit.network().forward_features(batch_of(square, (28, 28), like))
    np.testing.assert_allclose(network.tokens([square], 28)[0], unit(given[0, 1:].reshape(4, 4, -1)), atol=1e-4)


def test_positions_are_resampled_as_timm_does(hub_cache: Path) -> None:
    tiny_vit.write_hub_cache(hub_cache)
    wide = np.ascontiguousarray(PICTURES[0][:70])  # 2 : 1
    like = {"mean": list(tiny_vit.ENTRY.preprocessing.mean), "std": list(tiny_vit.ENTRY.preprocessing.std)}
    by_timm = tiny_vit.network()
    by_timm.set_input_size((21, 42))
    with torch.no_grad():
        given = by_timm.forward_features(batch_of(wide, (21, 42), like))
    (found,) = made(tiny_vit.ENTRY.name).tokens([wide], 42)
    np.testing.assert_allclose(found, unit(given[0, 1:].reshape(3, 6, -1)), atol=1e-4)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_weights_by_file_and_by_folder(place: str, hub_cache: Path, tmp_path: Path) -> None:
    tiny_vit.write_hub_cache(hub_cache)
    expected = made(tiny_vit.ENTRY.name).tokens(PICTURES, 56)
    file = tiny_vit.write_weights(tmp_path / "mine" / "model.safetensors")
    at = file if place == "file" else file.parent
    named = made(f"{tiny_vit.ENTRY.name}@{at}")
    assert named.name == tiny_vit.ENTRY.name, "no path of this computer in what a report may say"
    for one, other in zip(named.tokens(PICTURES, 56), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_without_words_does_not_stand_in_for_a_clip(hub_cache: Path) -> None:
    tiny_vit.write_hub_cache(hub_cache)
    local = models.resolve(ModelSpec.parse(tiny_vit.ENTRY.name))
    with pytest.raises(ModelError, match="cannot stand in for a CLIP"):
        models.load(local)


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    file = tiny_vit.write_weights(tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match="belongs to another architecture"):
        made(f"vit_small_patch14_dinov2:lvd142m@{file}")
    clip = tiny_clip.write_weights(tmp_path / "clip.safetensors")
    with pytest.raises(ModelError, match="belongs to another architecture"):
        made(f"{tiny_vit.ENTRY.name}@{clip}")


def test_the_mask_in_the_makers_own_file_is_left_out(tmp_path: Path) -> None:
    state = tiny_vit.network().state_dict()
    torch.save({**state, "mask_token": torch.zeros(1, tiny_vit.WIDTH)}, tmp_path / "makers.pth")
    plain = tiny_vit.write_weights(tmp_path / "model.safetensors")
    found = [
        made(f"{tiny_vit.ENTRY.name}@{file}").tokens(PICTURES[:1], 28)[0] for file in (tmp_path / "makers.pth", plain)
    ]
    np.testing.assert_array_equal(found[0], found[1])


# --- every network ---


@pytest.mark.parametrize(
    ("shape", "side", "grid"),
    [
        ((90, 140), 64, (5, 8)),
        ((140, 90), 64, (8, 5)),
        ((90, 140), 60, (5, 8)),
        ((1, 900), 64, (1, 8)),
        ((33, 33), 1, (1, 1)),
        ((2000, 1000), 224, (28, 14)),
    ],
)
def test_the_grid_keeps_the_aspect_and_cuts_nothing_off(
    shape: tuple[int, int], side: int, grid: tuple[int, int], tmp_path: Path
) -> None:
    network = made(str(tiny_clip.write_folder(tmp_path)))
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    (found,) = network.tokens([image[:, ::-1]], side)
    assert found.shape == (*grid, 16) and found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1, atol=1e-4)
    changed = image.copy()
    changed[-shape[0] // 8 - 1 :, -shape[1] // 8 - 1 :] ^= 255  # the last corner counts as well
    assert np.abs(network.tokens([changed[:, ::-1]], side)[0][-1, 0] - found[-1, 0]).max() > 1e-3


def test_order_and_batches_leave_tokens_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = made(str(tiny_clip.write_folder(tmp_path)))
    mixed = [PICTURES[0], np.ascontiguousarray(PICTURES[1].swapaxes(0, 1)), PICTURES[2], PICTURES[1]]
    together = network.tokens(mixed, 64)
    for one, other in zip(together, network.tokens(mixed, 64), strict=True):
        np.testing.assert_array_equal(one, other)
    for image, found in zip(mixed, together, strict=True):
        np.testing.assert_allclose(network.tokens([image], 64)[0], found, atol=1e-5)
    assert network.tokens([], 64) == []
    unit_tokens = tokens._unit_tokens

    def small_memory(given: object, batch: torch.Tensor) -> object:
        if len(batch) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return unit_tokens(given, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(tokens, "_unit_tokens", small_memory)
    for one, other in zip(network.tokens(mixed, 64), together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_less_precision_keeps_the_tokens(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_vit.write_hub_cache(hub_cache)
    exact = made(tiny_vit.ENTRY.name).tokens(PICTURES, 56)
    tokens.load_tokens.cache_clear()
    monkeypatch.setattr(encoder, "_reduced_dtype", lambda device: torch.bfloat16)
    reduced = made(tiny_vit.ENTRY.name)
    assert reduced.precision.startswith("bfloat16: cosine")
    for one, other in zip(reduced.tokens(PICTURES, 56), exact, strict=True):
        assert (one * other).sum(axis=-1).mean() > encoder.LEAST_COSINE


def test_preprocessing_goes_into_the_identity(hub_cache: Path, tmp_path: Path) -> None:
    tiny_vit.write_hub_cache(hub_cache)
    clip = made(str(tiny_clip.write_folder(tmp_path / "a")))
    siglip = made(str(tiny_clip.write_folder(tmp_path / "b", preprocess=tiny_clip.LIKE_SIGLIP)))
    wordless = made(tiny_vit.ENTRY.name)
    assert len({clip.preprocessing, siglip.preprocessing, wordless.preprocessing}) == 3
    assert json.loads(clip.preprocessing)["features"] == "values of the last block"
    assert json.loads(wordless.preprocessing)["features"] == "tokens of the last block"
    assert np.abs(clip.tokens(PICTURES, 64)[0] - siglip.tokens(PICTURES, 64)[0]).max() > 1e-2


def test_damaged_weights_give_no_tokens(tmp_path: Path) -> None:
    state = tiny_vit.network().state_dict()
    state["norm.weight"] = torch.full_like(state["norm.weight"], float("nan"))
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(ModelError, match=r"w.pt is damaged: the network gives no finite numbers"):
        made(f"{tiny_vit.ENTRY.name}@{tmp_path / 'w.pt'}")


# --- which network ---


def test_a_network_whose_weights_are_not_here() -> None:
    name = "vit_small_patch14_dinov2:lvd142m"
    with pytest.raises(ModelUnreachable, match=rf"{name} \(88 MB\).*simcheck models pull --model {name}.*--model FILE"):
        made(name)
    with pytest.raises(ModelUnreachable):
        models.verify(ModelSpec.parse(name))


def test_the_network_for_tokens(hub_cache: Path, tmp_path: Path) -> None:
    clip = str(tiny_clip.write_folder(tmp_path / "clip"))
    assert models.choose_tokens() is None, "nothing is here, and nothing is downloaded unasked"
    assert str(models.choose_tokens(clip=clip)) == clip
    blob = tiny_vit.write_hub_cache(hub_cache)
    assert str(models.choose_tokens(clip=clip)) == tiny_vit.ENTRY.name
    assert models.verify(ModelSpec.parse(tiny_vit.ENTRY.name)).digest == blob.name
    assert str(models.choose_tokens("ViT-B-32:openai", clip)) == "ViT-B-32:openai"


@pytest.mark.parametrize("architecture", ["RN50", "convnext_tiny", "EVA02-B-16", "ViTamin-S"])
def test_what_is_no_vision_transformer(architecture: str) -> None:
    with torch.device("meta"):
        config = published.architecture_config(architecture)
        tower = open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], encoder._NO_WORDS).visual
    with pytest.raises(ModelError, match=f"{architecture} is no plain vision transformer"):
        dense(tower, architecture)


@pytest.mark.parametrize(
    ("architecture", "dimension", "patch"),
    [("ViT-B-32", 512, 32), ("ViT-L-14", 768, 14), ("coca_ViT-B-32", 768, 32), ("ViT-B-16-SigLIP", 768, 16)],
)
def test_what_is_a_vision_transformer(architecture: str, dimension: int, patch: int) -> None:
    config = published.architecture_config(architecture)
    with torch.device("meta"):
        tower = open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], encoder._NO_WORDS).visual
        found = dense(tower.eval(), architecture)
        assert (found.dimension, found.patch) == (dimension, patch)
        side = 224 // patch * patch  # its own grid: embeddings without numbers cannot be resampled
        assert found.forward(torch.zeros(1, 3, side, side)).shape == (1, side // patch, side // patch, dimension)


@pytest.mark.parametrize("entry", catalogue.WORDLESS, ids=lambda entry: entry.name)
def test_the_catalogue_says_what_timm_says(entry: catalogue.KnownModel) -> None:
    stated = timm.get_pretrained_cfg(f"{entry.architecture}.{entry.tag}")
    assert stated is not None and stated.hf_hub_id == entry.repository
    assert (stated.mean, stated.std) == (entry.preprocessing.mean, entry.preprocessing.std)
    assert stated.interpolation == entry.preprocessing.interpolation
    assert (stated.license or "").lower() == entry.licence.lower() and stated.input_size[1:] == entry.preprocessing.size
    with torch.device("meta"):
        config = published.architecture_config(entry.architecture)
        tower = open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], encoder._NO_WORDS).visual
    assert isinstance(tower.trunk, VisionTransformer)
    assert sum(p.numel() for p in tower.parameters()) * 4 / 1e6 == pytest.approx(entry.megabytes, abs=1)
    assert dense(tower, entry.name).dimension == entry.token_width and dense(tower, entry.name).patch == 14
