"""The clip signal on a tiny random network: what it stores, what it refuses to compare, and where it points."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import numpy as np
import pytest
import tiny_clip
from paintings import picture

from simcheck.errors import ModelError, ModelUnreachable
from simcheck.models import ImageEncoder, LocalModel, encoder
from simcheck.records import Description, Descriptor, Pixels, RegionEvidence
from simcheck.signals.base import Regions, Settings
from simcheck.signals.clip import Clip, ClipParams
from simcheck.signals.describe import describe_each

PICTURES = tiny_clip.pictures()


@pytest.fixture(autouse=True)
def _nothing_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    encoder.load.cache_clear()


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return Clip(ClipParams(model=str(tiny_clip.write_folder(tmp_path / "a"))))


def cropped(image: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (width, height, width, height), strict=True))
    return image[y0:y1, x0:x1]


def described(clip: Clip, image: Pixels, *, query: bool) -> Description:
    regions = (clip.query_regions if query else clip.reference_regions).of_picture()
    plain = tuple(clip.describe([cropped(image, r.box) for r in regions]))
    mirrored = tuple(clip.describe([cropped(image, r.box)[:, ::-1] for r in regions])) if query else ()
    return Description(regions, plain, image.shape[1], image.shape[0], mirrored)


def test_descriptors_are_unit_vectors_that_survive_float16(clip: Clip) -> None:
    found = clip.describe(PICTURES)
    assert [d.values.shape for d in found] == [(1, 16)] * len(PICTURES)
    for descriptor, vector in zip(found, clip.encoder().encode(PICTURES), strict=True):
        assert descriptor.values.dtype == np.float16
        stored = clip.vectors(descriptor, query=False)
        assert stored.dtype == np.float32
        assert stored[0] @ vector == pytest.approx(1, abs=1e-3)


def test_a_picture_is_most_like_itself(clip: Clip) -> None:
    references = [described(clip, image, query=False) for image in PICTURES]
    query = described(clip, PICTURES[2], query=True)
    scores = [clip.compare(query, reference).score or -1 for reference in references]
    assert int(np.argmax(scores)) == 2
    comparison = clip.compare(query, references[2])
    assert comparison.score == pytest.approx(1, abs=2e-3)
    assert comparison.evidence == RegionEvidence((0, 0, 1, 1), (0, 0, 1, 1), mirrored=False)


def test_a_mirrored_picture_is_found_as_mirrored(clip: Clip) -> None:
    query, reference = PICTURES[1][:, ::-1], PICTURES[1]
    comparison = clip.compare(described(clip, query, query=True), described(clip, reference, query=False))
    assert comparison.score == pytest.approx(1, abs=2e-3)
    assert isinstance(comparison.evidence, RegionEvidence) and comparison.evidence.mirrored


def test_evidence_points_at_the_part_of_the_query(clip: Clip) -> None:
    """Vectors by hand: the query's third region, mirrored, is the reference; its box is that of the plain query."""
    regions = Regions.CROPS.of_picture()
    other, same = np.eye(16, dtype=np.float16)[:2, None]
    mirrored = tuple(Descriptor(same if i == 3 else other) for i in range(len(regions)))
    query = Description(regions, tuple(Descriptor(other) for _ in regions), 10, 10, mirrored)
    comparison = clip.compare(query, Description(regions[:1], (Descriptor(same),), 10, 10))
    assert comparison.score == pytest.approx(1)
    assert isinstance(comparison.evidence, RegionEvidence) and comparison.evidence.mirrored
    assert comparison.evidence.query_box == regions[3].box


def test_a_blank_picture_says_nothing(clip: Clip) -> None:
    blank = np.full((20, 30, 3), (200, 30, 90), np.uint8)
    found = clip.describe([blank, PICTURES[0], blank])
    assert [d.reason for d in found] == ["blank", None, "blank"]
    assert clip.vectors(found[0], query=True).shape == (0, 16)
    nothing = Description(Regions.WHOLE.of_picture(), (found[0],), 30, 20)
    assert clip.compare(nothing, described(clip, PICTURES[0], query=False)).reason == "blank"
    assert clip.compare(described(clip, PICTURES[0], query=True), nothing).reason == "blank"


def test_the_network_is_loaded_when_something_is_described(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []
    load = encoder.load

    def loading(local: LocalModel) -> ImageEncoder:
        loaded.append(local)
        return load(local)

    monkeypatch.setattr("simcheck.models.load", loading)
    clip.identity()
    assert clip.describe([]) == [] and clip.describe([np.zeros((4, 4, 3), np.uint8)])[0].reason == "blank"
    assert not loaded
    clip.describe(PICTURES[:1])
    clip.describe(PICTURES[:1])
    assert len(loaded) == 1
    assert clip.device == clip.encoder().device


def test_what_makes_descriptors_incomparable(tmp_path: Path) -> None:
    def identity(folder: str, **more: Any) -> tuple[object, ...]:
        written = tiny_clip.write_folder(tmp_path / folder, **more)
        return Clip(ClipParams(model=str(written))).identity().comparable

    same = identity("a")
    assert identity("elsewhere") == same, "where the weights lie does not matter"
    assert identity("other weights", seed=1) != same
    assert identity("other preprocessing", preprocess=tiny_clip.LIKE_SIGLIP) != same
    assert identity("other activation", quick_gelu=True) != same


def test_an_identity_names_weights_preprocessing_and_libraries(clip: Clip) -> None:
    found = clip.identity()
    assert (found.name, found.version, len(found.weights)) == ("clip", 1, 64)
    assert '"size":[32,32]' in found.preprocessing and '"interpolation":"bicubic"' in found.preprocessing
    assert '"open-clip-torch"' in found.libraries and '"torch"' in found.libraries
    assert "tmp" not in found.params + found.preprocessing + found.libraries, "no place on this computer is told"


def test_without_weights_there_is_a_reason_and_no_identity() -> None:
    clip = Clip()
    assert not clip.named
    for use in (clip.identity, clip.prepare, lambda: clip.describe(PICTURES[:1])):
        with pytest.raises(ModelUnreachable, match=r"not on this computer\. `simcheck models pull"):
            use()
    with pytest.raises(ModelError, match="There is no"):
        Clip(ClipParams(model="./nowhere.safetensors")).prepare()


def test_only_a_network_that_is_named_may_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simcheck.models.hub.PROBE_SECONDS", 0.2)
    for named in (Clip(ClipParams(model="ViT-B-32")), Clip(ClipParams(model="hf-hub:simcheck-tests/other"))):
        with pytest.raises(ModelUnreachable, match="the hub cannot be reached"):
            named.prepare()
    with pytest.raises(ModelUnreachable, match="simcheck is offline"):
        Clip(ClipParams(model="ViT-B-32", offline=True)).prepare()
    monkeypatch.setenv("SIMCHECK_MODEL", "ViT-B-32")
    assert Clip().named


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[LocalModel]:
    """Grows by one whenever a network is built."""
    found: list[LocalModel] = []
    build = encoder._build

    def building(local: LocalModel) -> object:
        found.append(local)
        return build(local)

    monkeypatch.setattr(encoder, "_build", building)
    return found


def test_weights_are_read_once_before_anything_is_described(clip: Clip, built: list[LocalModel]) -> None:
    clip.prepare()
    clip.prepare()
    assert len(built) == 1 and clip.device == clip.encoder().device
    again = Clip(clip.params)
    again.prepare()
    again.describe(PICTURES)
    assert len(built) == 1, "another signal with the same weights shares them"


@pytest.mark.parametrize("damage", ["cut off", "no numbers"])
def test_damaged_weights_are_tried_twice_and_no_more(damage: str, tmp_path: Path, built: list[LocalModel]) -> None:
    """Each picture built the network again: 6.4 GB for 38 of them."""
    import torch
    from safetensors.torch import save_file

    file = tiny_clip.write_folder(tmp_path / "a") / "open_clip_model.safetensors"
    if damage == "cut off":
        file.write_bytes(file.read_bytes()[:-100])
    else:
        state = {name: tensor.contiguous() for name, tensor in tiny_clip.weights().items()}
        save_file({**state, "visual.proj": torch.full_like(state["visual.proj"], torch.nan)}, file)
    clip = Clip(ClipParams(model=str(file.parent)))
    outcomes = describe_each([picture(image) for image in PICTURES * 8], clip)
    assert {type(outcome) for outcome in outcomes} == {ModelError}
    assert len(outcomes) == 40 and len(built) == (0 if damage == "cut off" else 2)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    for error in (outcomes[0], outcomes[-1]):
        assert isinstance(error, ModelError)
        assert error.__traceback__ is error.__cause__ is error.__context__ is None, "it would hold the tensors"
        assert str(file) in str(error) and digest in str(error) and "Get the file again" in str(error)
    tiny_clip.write_folder(tmp_path / "a")
    mended = Clip(clip.params)
    mended.prepare()
    assert mended.describe(PICTURES[:1])[0].reason is None


def test_weights_that_are_here_are_used(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMCHECK_MODEL", clip.params.model or "")
    assert Clip().identity() == clip.identity()
    assert Clip.configured(Settings(model=clip.params.model, offline=True)).identity() == clip.identity()
