"""The training of the `copy` network, in small: it learns, goes on where it stopped, and exports what it learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scripts.train import families as painted_families
from scripts.train import loop
from scripts.train.export import export, export_untrained
from scripts.train.families import Families, Mixture, batch
from scripts.train.loop import Recipe, train
from scripts.train.loss import contrast, spread
from scripts.train.network import CopyNetwork, exported, restored
from scripts.train.views import near, view, window
from scripts.train.whitening import whiten
from simcheck.models.embedded import EmbeddedNetwork, Shape, load_embedded

SMALL = Shape(side=48, widths=(16, 24), blocks=(1, 1), grid=8, dimension=32)
QUICK: dict[str, Any] = {"lines": 1, "workers": 0}
RECIPE = Recipe(shape=SMALL, steps=10, pairs=16, warm_up=2, precision="float32", seed=5)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Families:
    folder = tmp_path_factory.mktemp("painted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painted_families, "SHARD", 8)
        for number in range(3):
            painted_families.paint_shard(folder, number, 64, 40)
        return Families(folder)


def of_runs(log: list[dict[str, Any]]) -> list[float]:
    return [entry["contrast"] for entry in log]


def test_ten_steps_bring_the_loss_down(painted: Families, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = batch(painted, 16, 48, Mixture(), 0.5, np.random.default_rng(1))
    monkeypatch.setattr(loop, "batch", lambda *_: drawn)  # always the same, else luck outweighs ten steps
    log = train(RECIPE, painted, painted, tmp_path, **QUICK)
    losses = of_runs(log)
    assert len(losses) == 10
    assert losses[-1] < 0.7 * losses[0]
    assert log[-1]["first"] > log[0]["first"]
    assert set(log[-1]["held_out"]) == {"recoloured", "rerendered", "line_art", "reinvented", "changed"}


def test_the_same_seed_gives_the_same_losses_and_another_seed_others(painted: Families, tmp_path: Path) -> None:
    runs = [
        of_runs(train(replace(RECIPE, steps=4, seed=seed), painted, painted, tmp_path / str(i), **QUICK))
        for i, seed in enumerate((5, 5, 6))
    ]
    np.testing.assert_allclose(runs[0], runs[1], atol=1e-3)
    assert np.abs(np.subtract(runs[0], runs[2])).max() > 0.01


def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(painted: Families, tmp_path: Path) -> None:
    whole = train(RECIPE, painted, painted, tmp_path / "whole", until=6, **QUICK)
    train(RECIPE, painted, painted, tmp_path / "parts", until=3, **QUICK)
    parts = train(RECIPE, painted, painted, tmp_path / "parts", until=6, **QUICK)
    assert [entry["step"] for entry in parts] == [1, 2, 3, 4, 5, 6]
    np.testing.assert_allclose(of_runs(parts), of_runs(whole), atol=1e-3)


def test_what_is_exported_computes_what_was_trained(painted: Families, tmp_path: Path) -> None:
    train(replace(RECIPE, steps=3), painted, painted, tmp_path, **QUICK)
    export(tmp_path, tmp_path / "small.safetensors")
    network = CopyNetwork(SMALL)
    network.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True)["mean"])
    network.eval()
    images = [painted.picture(i, "scene")[:48, :48] for i in range(4)]
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2) / 255
    arrays = exported(network.state_dict(), SMALL)
    with torch.inference_mode():
        learned, folded = network(pixels).numpy(), restored(arrays, SMALL)(pixels).numpy()
    np.testing.assert_allclose(folded, learned, atol=1e-5)
    exact = EmbeddedNetwork({name: array.numpy() for name, array in arrays.items()}, SMALL, "")
    np.testing.assert_allclose(exact.encode(images), learned, atol=1e-5)
    stored = load_embedded(tmp_path / "small.safetensors")
    assert (stored.encode(images) * learned).sum(axis=1).min() > 0.999, "float16 in the file changes next to nothing"


def test_whitened_numbers_vary_alike_and_independently(painted: Families, tmp_path: Path) -> None:
    log = train(replace(RECIPE, steps=2), painted, painted, tmp_path / "trained", **QUICK)
    found = whiten(tmp_path / "trained", tmp_path / "whitened", painted, painted, 32)
    assert [e["contrast"] for e in found] == of_runs(log)
    drawn = batch(painted, len(painted), 48, RECIPE.mixture, 1.0, np.random.default_rng(RECIPE.seed))
    views = list(np.concatenate([drawn.left, drawn.right, drawn.rivals]).transpose(0, 2, 3, 1))
    uneven = {}
    for name in ("trained", "whitened"):
        export(tmp_path / name, tmp_path / f"{name}.safetensors")
        vectors = load_embedded(tmp_path / f"{name}.safetensors").encode(views)
        spans = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)
        uneven[name] = spans[0] / spans[-1]
    assert uneven["whitened"] < 3, f"but for unit length, all axes would span the same: {uneven}"
    assert uneven["trained"] > 6, uneven


def test_whitening_keeps_the_numbers_asked_for(painted: Families, tmp_path: Path) -> None:
    train(replace(RECIPE, steps=1), painted, painted, tmp_path / "trained", **QUICK)
    whiten(tmp_path / "trained", tmp_path / "whitened", painted, painted, 8)
    export(tmp_path / "whitened", tmp_path / "small.safetensors")
    assert load_embedded(tmp_path / "small.safetensors").encode([painted.picture(0, "scene")]).shape == (1, 8)


def test_an_untrained_network_says_so(tmp_path: Path) -> None:
    from safetensors import safe_open

    export_untrained(SMALL, 1, tmp_path / "untrained.safetensors")
    with safe_open(tmp_path / "untrained.safetensors", framework="np") as file:
        assert file.metadata()["trained"] == "no"
    assert load_embedded(tmp_path / "untrained.safetensors").dimension == 32


def test_the_contrast_rewards_kin_and_ignores_what_has_no_kinship() -> None:
    left = torch.nn.functional.normalize(torch.randn(6, 8, generator=torch.Generator().manual_seed(1)), dim=1)
    none, kin = torch.zeros(0, 8), torch.ones(6)
    assert contrast(left, left, none, kin, 0.1) < contrast(left, left.roll(1, 0), none, kin, 0.1)
    assert contrast(left, left, left, kin, 0.1) > contrast(left, left, none, kin, 0.1), "rivals are negatives"
    right = left.clone()
    right[0] = -left[0]
    some = kin.clone()
    some[0] = 0
    assert contrast(left, right, none, some, 0.1) < contrast(left, right, none, kin, 0.1)


def test_spreading_out_lowers_the_spread_term() -> None:
    generator = torch.Generator().manual_seed(2)
    wide = torch.nn.functional.normalize(torch.randn(20, 16, generator=generator), dim=1)
    narrow = torch.nn.functional.normalize(wide + 3, dim=1)
    assert spread(wide, wide) < spread(narrow, narrow)


def test_batches_depend_on_their_generator_alone(painted: Families) -> None:
    one, two = (batch(painted, 8, 48, Mixture(rivals=1), 0.5, np.random.default_rng(3)) for _ in range(2))
    for a, b in zip((one.left, one.right, one.rivals), (two.left, two.right, two.rivals), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.shape == (8, 3, 48, 48) and a.dtype == np.uint8
    assert ((one.kinship >= 0) & (one.kinship <= 1)).all()


def test_a_view_of_the_whole_is_the_picture_and_mirroring_twice_gives_it_back(painted: Families) -> None:
    generator = np.random.default_rng(9)
    picture = painted.picture(0, "scene")
    whole = (0.5, 0.5, 1.0, 1.0)

    def seen(mirrored: bool) -> np.ndarray[Any, Any]:
        for seed in range(100):  # until one is drawn to which nothing happens
            found = view(picture, whole, 64, np.random.default_rng(seed), strong=False, mirrored=mirrored)
            if np.array_equal(found, picture[:, ::-1] if mirrored else picture):
                return found
        raise AssertionError("no view shows the picture as it is")

    np.testing.assert_array_equal(seen(mirrored=True)[:, ::-1], seen(mirrored=False))
    for _ in range(50):
        x, y, width, height = window(generator)
        assert x - width / 2 + 1e-9 >= 0 and x + width / 2 <= 1 + 1e-9 and y - height / 2 + 1e-9 >= 0
        assert height <= 1 and all(np.isfinite(near((x, y, width, height), generator)))


def test_windows_are_what_the_network_sees_of_each(tmp_path: Path) -> None:
    export_untrained(SMALL, 1, tmp_path / "untrained.safetensors")
    network = load_embedded(tmp_path / "untrained.safetensors")
    side, stride = network.shape.side, network.shape.stride
    image = np.random.default_rng(1).integers(0, 256, (2 * side, 3 * side, 3), dtype=np.uint8)
    found = network.windows(image)
    assert found.shape == (side // stride + 1, 2 * side // stride + 1, network.dimension)
    np.testing.assert_allclose(np.linalg.norm(found, axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(
        network.windows(image[:side, :side])[0, 0], network.encode([image[:side, :side]])[0], atol=1e-4
    )
    changed = image.copy()
    changed[:side, :side] = 0
    moved = np.abs(network.windows(changed) - found).max(axis=2)
    assert moved[0, 0] > 0.01
    assert moved[-1, -1] < 1e-3
    with pytest.raises(ValueError, match=f"smaller than {side}"):
        network.windows(image[: side - 1])
