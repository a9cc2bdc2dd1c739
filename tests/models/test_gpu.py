"""The networks on a CUDA device: the same vectors as on the processor, and what happens when its memory runs out.

Every network here is random. Nothing is counted on being fast; speed is what ``scripts/measure/bench_gpu.py`` measures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
import tiny_clip
import torch
from numpy.typing import NDArray

from simcheck.models import ImageEncoder, LocalModel, ModelSpec, TokenEncoder, encoder, load_tokens, resolve

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]

PICTURES = tiny_clip.pictures(count=24, height=200, width=300)
WIDE = 512
"""Wide enough for its activations to be the larger part of what a batch needs."""


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalModel]:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = tmp_path / "a"
    tiny_clip.write_config(folder, width=WIDE)
    tiny_clip.write_weights(folder / "open_clip_model.safetensors", width=WIDE)
    for cached in (encoder.load, load_tokens):
        cached.cache_clear()
    yield resolve(ModelSpec.parse(str(folder)), offline=True)
    for cached in (encoder.load, load_tokens):
        cached.cache_clear()
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def on_the_processor(monkeypatch: pytest.MonkeyPatch, local: LocalModel, run: Callable[[], object]) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(torch.cuda, "is_available", lambda: False)
        patched.setattr(encoder, "_reduced_dtype", lambda device: None)
        encoder.load.cache_clear()
        load_tokens.cache_clear()
        run()
    encoder.load.cache_clear()
    load_tokens.cache_clear()


def test_pictures_have_the_vectors_that_they_have_on_the_processor(
    local: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact: list[NDArray[np.float32]] = []

    def run() -> None:
        made = encoder.load(local)
        assert (made.device, made.dtype) == ("cpu", "float32")
        exact.append(made.encode(PICTURES))

    on_the_processor(monkeypatch, local, run)
    made = encoder.load(local)
    assert made.device == "cuda"
    assert made.dtype == "float16", made.precision
    assert "cosine" in made.precision
    found = made.encode(PICTURES)
    assert found.shape == exact[0].shape
    cosines = (found * exact[0]).sum(axis=1)
    assert cosines.min() >= encoder.LEAST_COSINE
    # and each is its own picture's: others are further away
    assert (np.argmax(found @ exact[0].T, axis=1) == np.arange(len(PICTURES))).all()


def test_tokens_are_those_of_the_processor(local: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    exact: list[list[NDArray[np.float32]]] = []
    on_the_processor(monkeypatch, local, lambda: exact.append(load_tokens(local).tokens(PICTURES, 64)))
    made: TokenEncoder = load_tokens(local)
    assert made.device == "cuda"
    for ours, theirs in zip(made.tokens(PICTURES, 64), exact[0], strict=True):
        assert ours.shape == theirs.shape
        assert (ours * theirs).sum(axis=-1).min() >= 0.99


def test_a_batch_that_does_not_fit_is_halved_and_no_picture_is_lost(local: LocalModel) -> None:
    made = encoder.load(local)
    whole = made.encode(PICTURES)
    many = PICTURES * 40
    made.batches.size = len(many)
    used, room = torch.cuda.memory_allocated(), 24 * 2**20
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction((used + room) / torch.cuda.get_device_properties(0).total_memory)
    found = made.encode(many)
    assert 1 <= made.batches.size < len(many), "all at once was to be too much for what memory there is"
    assert np.abs(found - np.tile(whole, (40, 1))).max() < 5e-3


def test_a_network_that_does_not_fit_runs_on_the_processor_and_says_so(local: LocalModel) -> None:
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(2 * 2**20 / torch.cuda.get_device_properties(0).total_memory)
    made: ImageEncoder = encoder.load(local)
    assert made.device == "cpu"
    assert "cuda has too little free memory" in made.precision
    assert made.encode(PICTURES[:2]).shape == (2, made.dimension)
