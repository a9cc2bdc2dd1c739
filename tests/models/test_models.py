"""Networks by name, digest and preprocessing. No test leaves this machine; every network here is random and tiny."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import huggingface_hub.constants
import numpy as np
import open_clip
import open_clip.factory
import open_clip.pretrained
import pytest
import tiny_clip
import torch
from safetensors.torch import save_file

from simcheck import models
from simcheck.errors import ModelError
from simcheck.models import digest, encoder, hub, published
from simcheck.models.batches import Batches, is_out_of_memory
from simcheck.models.catalogue import DEFAULT_MODEL, KNOWN, Preprocessing
from simcheck.models.spec import LocalModel, ModelSpec

PICTURES = tiny_clip.pictures()


@pytest.fixture(autouse=True)
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and a hub that is never there: the closed port 9 of this machine."""
    cache = tmp_path / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    for name in ("HF_HUB_OFFLINE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    encoder.load.cache_clear()
    return cache


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def tag(monkeypatch: pytest.MonkeyPatch) -> str:
    """The tiny network as an architecture of open_clip with one published tag."""
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, tiny_clip.NAME, tiny_clip.model_cfg())
    stated = open_clip.pretrained._slpcfg(hf_hub=f"{tiny_clip.REPOSITORY}/", interpolation="bilinear")
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, tiny_clip.NAME, {"noise": stated})
    return f"{tiny_clip.NAME}:noise"


def exact(text: str, monkeypatch: pytest.MonkeyPatch) -> models.ImageEncoder:
    """The encoder in float32, whatever this processor would rather use."""
    monkeypatch.setattr(encoder, "_reduced_dtype", lambda device: None)
    return models.load(models.resolve(ModelSpec.parse(text), offline=True))


# --- names ---


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("ViT-B-32", ModelSpec("ViT-B-32")),
        ("ViT-B-32:openai", ModelSpec("ViT-B-32", "openai")),
        ("ViT-B-32/openai", ModelSpec("ViT-B-32", "openai")),
        ("hf-hub:timm/ViT-B-16-SigLIP", ModelSpec(repository="timm/ViT-B-16-SigLIP")),
        ("/weights/a.safetensors", ModelSpec(path=Path("/weights/a.safetensors"))),
        ("a@b.safetensors", ModelSpec("a", path=Path("b.safetensors"))),
        ("./a@b/c.pt", ModelSpec(path=Path("a@b/c.pt"))),
        ("weights/a.pt", ModelSpec(path=Path("weights/a.pt"))),
        ("ViT-L-14:openai@/w/a.pt", ModelSpec("ViT-L-14", "openai", path=Path("/w/a.pt"))),
    ],
)
def test_a_name_is_read_and_written_back(text: str, spec: ModelSpec) -> None:
    assert ModelSpec.parse(text) == spec
    assert ModelSpec.parse(str(spec)) == spec


@pytest.mark.parametrize("text", ["", "  ", "hf-hub:", "hf-hub:name", "hf-hub:a/b/c", "ViT-B-32@", "ViT B 32", "a:b:c"])
def test_a_name_that_is_none(text: str) -> None:
    with pytest.raises(ModelError, match="hf-hub:organisation/name"):
        ModelSpec.parse(text)


def test_a_folder_named_like_an_architecture_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ViT-B-32").mkdir()
    assert ModelSpec.parse("ViT-B-32").architecture == "ViT-B-32"
    tiny_clip.write_config(Path("ViT-B-32"))
    assert ModelSpec.parse("ViT-B-32").path == Path("ViT-B-32")


def test_option_then_environment_then_configuration_then_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(models.choose()) == DEFAULT_MODEL
    assert str(models.choose(configured="RN50:cc12m")) == "RN50:cc12m"
    monkeypatch.setenv("SIMCHECK_MODEL", "ViT-B-16:openai")
    assert str(models.choose(configured="RN50:cc12m")) == "ViT-B-16:openai"
    assert str(models.choose("ViT-L-14:openai", "RN50:cc12m")) == "ViT-L-14:openai"


@pytest.mark.parametrize("name", ["SIMCHECK_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_by_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not models.is_offline()
    monkeypatch.setenv(name, "0")
    assert not models.is_offline()
    monkeypatch.setenv(name, "1")
    assert models.is_offline()


# --- what is published ---


def test_the_catalogue_says_what_open_clip_says() -> None:
    assert KNOWN[0].name == DEFAULT_MODEL
    for entry in KNOWN:
        stated = open_clip.get_pretrained_cfg(entry.architecture, entry.tag)
        config = published.architecture_config(entry.architecture)
        assert stated["hf_hub"] == entry.repository + "/"
        assert entry.quick_gelu == bool(stated.get("quick_gelu") or config.get("quick_gelu"))
        assert entry.preprocessing == published.preprocessing_of(config, stated)
        assert config == open_clip.get_model_config(entry.architecture)


@pytest.mark.parametrize("architecture", ["ViT-B-32", "ViT-B-16"])
def test_the_catalogue_s_sizes_are_those_of_float32_weights(architecture: str) -> None:
    with torch.device("meta"):
        numbers = sum(p.numel() for p in open_clip.CLIP(**open_clip.get_model_config(architecture)).parameters())
    for entry in KNOWN:
        if entry.architecture == architecture:
            assert entry.megabytes == pytest.approx(numbers * 4 / 1e6, abs=1.5)  # the file also has names and masks


def test_every_published_tag_is_understood() -> None:
    for architecture, tag in open_clip.list_pretrained():
        found = published.checkpoint(architecture, tag)
        assert found.repository.count("/") == 1
        assert all(found.files)
    with pytest.raises(ModelError, match="datacomp_xl_s13b_b90k"):
        published.checkpoint("ViT-B-32", "no-such-tag")
    with pytest.raises(ModelError, match="several checkpoints of ViT-H-14"):
        published.checkpoint("ViT-H-14", None)
    with pytest.raises(ModelError, match="ViT-B-32"):
        published.checkpoint("ViT-B-33", None)


def test_quick_gelu_comes_with_the_tag() -> None:
    assert published.checkpoint("ViT-B-32", "openai").quick_gelu
    assert published.checkpoint("ViT-B-32", "metaclip_400m").quick_gelu
    assert not published.checkpoint("ViT-B-32", None).quick_gelu


# --- the same vectors as open_clip by hand ---


@pytest.mark.parametrize("preprocess", [tiny_clip.LIKE_CLIP, tiny_clip.LIKE_SIGLIP], ids=["clip", "siglip"])
def test_a_folder_gives_what_open_clip_gives(
    preprocess: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_clip.write_folder(tmp_path / "a", preprocess=preprocess)
    made = exact(str(folder), monkeypatch)
    vectors = made.encode(PICTURES)
    assert vectors.dtype == np.float32 and vectors.shape == (len(PICTURES), made.dimension)
    np.testing.assert_allclose(vectors, tiny_clip.by_artist(folder, PICTURES), atol=1e-4)
    assert made.digest == hashlib.sha256((folder / "open_clip_model.safetensors").read_bytes()).hexdigest()
    assert list(made.preprocessing["mean"]) == preprocess["mean"]


def test_preprocessing_matters_to_the_tiny_network(tmp_path: Path) -> None:
    """Otherwise the tests around this one would show nothing."""
    clip = tiny_clip.by_artist(tiny_clip.write_folder(tmp_path / "a", preprocess=tiny_clip.LIKE_CLIP), PICTURES)
    siglip = tiny_clip.by_artist(tiny_clip.write_folder(tmp_path / "b", preprocess=tiny_clip.LIKE_SIGLIP), PICTURES)
    assert np.abs(clip - siglip).max() > 1e-2


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_file_takes_the_preprocessing_beside_it(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_clip.write_folder(tmp_path / "a", preprocess=tiny_clip.LIKE_SIGLIP)
    expected = tiny_clip.by_artist(folder, PICTURES)
    file = tiny_clip.write_weights(folder / f"mine{suffix}")
    np.testing.assert_allclose(exact(str(file), monkeypatch).encode(PICTURES), expected, atol=1e-4)


@pytest.mark.parametrize("wrapped", ["state_dict", "module"])
def test_a_training_checkpoint_is_read(wrapped: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_clip.write_folder(tmp_path / "a")
    state: dict[str, Any] = {f"module.{name}": tensor for name, tensor in tiny_clip.weights().items()}
    torch.save({"epoch": 3, "state_dict": state} if wrapped == "state_dict" else state, folder / "epoch_3.pt")
    vectors = exact(str(folder / "epoch_3.pt"), monkeypatch).encode(PICTURES)
    np.testing.assert_allclose(vectors, tiny_clip.by_artist(folder, PICTURES), atol=1e-4)


def test_a_bare_file_takes_the_preprocessing_of_its_tag(
    tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """open_clip issue 1068: given a file, it would take its defaults, which are others."""
    file = tiny_clip.write_weights(tmp_path / "bare" / "w.safetensors")
    right = tiny_clip.by_artist(tiny_clip.write_folder(tmp_path / "r", preprocess=tiny_clip.LIKE_SIGLIP), PICTURES)
    for name in (tag, tiny_clip.NAME):  # all published checkpoints of it agree, so it may be left out
        np.testing.assert_allclose(exact(f"{name}@{file}", monkeypatch).encode(PICTURES), right, atol=1e-4)


def test_a_bare_file_whose_preprocessing_is_unknown_is_refused(tmp_path: Path) -> None:
    file = tiny_clip.write_weights(tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="there is no open_clip_config.json beside it"):
        models.resolve(ModelSpec.parse(str(file)))
    with pytest.raises(ModelError, match="differ in activation or preprocessing.*ViT-B-32:TAG@"):
        models.resolve(ModelSpec.parse(f"ViT-B-32@{file}"))


@pytest.mark.usefixtures("no_sockets")
def test_the_hub_s_cache_is_used_without_the_network(
    tag: str, hub_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = tiny_clip.write_hub_cache(hub_cache, preprocess=tiny_clip.LIKE_SIGLIP)
    expected = tiny_clip.by_artist(tiny_clip.write_folder(tmp_path / "r", preprocess=tiny_clip.LIKE_SIGLIP), PICTURES)
    monkeypatch.setattr(encoder, "_reduced_dtype", lambda device: None)
    for name in (f"hf-hub:{tiny_clip.REPOSITORY}", tag):
        spec = ModelSpec.parse(name)
        assert models.missing(spec) is None
        local = models.resolve(spec)
        assert local.digest == blob.name == hub.recorded_digest(local.weights)
        np.testing.assert_allclose(models.load(local).encode(PICTURES), expected, atol=1e-4)


def test_activation_comes_from_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tiny_clip.write_folder(tmp_path / "plain")
    quick = tiny_clip.write_folder(tmp_path / "quick", quick_gelu=True)
    vectors = exact(str(quick), monkeypatch).encode(PICTURES)
    np.testing.assert_allclose(vectors, tiny_clip.by_artist(quick, PICTURES), atol=1e-4)
    assert np.abs(vectors - tiny_clip.by_artist(plain, PICTURES)).max() > 1e-4


def test_loading_leaves_the_random_numbers_of_others_alone(tmp_path: Path) -> None:
    local = models.resolve(ModelSpec.parse(str(tiny_clip.write_folder(tmp_path / "a"))))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    models.load(local)
    assert torch.equal(torch.rand(3), expected)


# --- digests ---


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "w"
    file.write_bytes(b"one")
    read: list[Path] = []

    def reading(path: Path) -> str:
        read.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(digest, "sha256_of", reading)
    first = digest.weights_digest(file)
    assert first == hashlib.sha256(b"one").hexdigest() == digest.weights_digest(file)
    assert len(read) == 1
    file.write_bytes(b"two")
    os.utime(file, ns=(1, 1))
    assert digest.weights_digest(file) == hashlib.sha256(b"two").hexdigest()
    assert len(read) == 2
    before = file.stat()
    file.write_bytes(b"new")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # as `cp -p` does
    assert digest.weights_digest(file) == hashlib.sha256(b"new").hexdigest()
    (tmp_path / "other").write_bytes(b"old")
    os.utime(tmp_path / "other", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "other").replace(file)
    assert digest.weights_digest(file) == hashlib.sha256(b"old").hexdigest()


def test_a_digest_is_found_without_a_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "not-a-folder").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "not-a-folder"))
    file = tmp_path / "w"
    file.write_bytes(b"one")
    assert digest.weights_digest(file) == hashlib.sha256(b"one").hexdigest()


def test_weights_that_are_not_what_the_hub_sent(hub_cache: Path) -> None:
    blob = tiny_clip.write_hub_cache(hub_cache)
    spec = ModelSpec.parse(f"hf-hub:{tiny_clip.REPOSITORY}")
    assert not models.verify(spec).damaged
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.write_bytes(content)
    found = models.verify(spec)
    assert found.damaged and found.recorded == blob.name
    with pytest.raises(ModelError, match="not what the hub sent.*models pull"):
        models.resolve(spec)


# --- files that are no weights, or others ---


def load_file(file: Path) -> models.ImageEncoder:
    tiny_clip.write_config(file.parent)
    return models.load(models.resolve(ModelSpec.parse(str(file))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>Access denied</html>" * 50, "is a web page"),
        (b"\n <HTML><body>" * 50, "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "pointer of Git LFS"),
        (b"\x00" * 500, "damaged or cut off|no weights file"),
        (b"PK\x03\x04" + b"\x00" * 500, "cannot be read as network weights"),
        (b"\x80\x02" + b"junk" * 99, "cannot be read as network weights"),
        ((40).to_bytes(8, "little") + b"{" + b"!" * 60, "cannot be read as network weights"),
    ],
)
@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
def test_what_is_not_weights(content: bytes, message: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ModelError, match=message) as raised:
        load_file(file)
    assert str(file) in str(raised.value)
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_download_that_was_cut_off(name: str, part: float, tmp_path: Path) -> None:
    file = tiny_clip.write_weights(tmp_path / name)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(ModelError, match=name):
        load_file(file)


class Command:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        return open, (str(self.file), "w")


@pytest.mark.parametrize("by", ["pickle", "torch"])
def test_code_in_a_weights_file_is_not_run(by: str, tmp_path: Path) -> None:
    trace, file = tmp_path / "code-was-run", tmp_path / "w.pt"
    state = {"visual.conv1.weight": Command(trace)}
    if by == "pickle":
        file.write_bytes(pickle.dumps(state))
    else:
        torch.save(state, file)
    with pytest.raises(ModelError, match="w.pt cannot be read"):
        load_file(file)
    assert not trace.exists()


def test_a_program_is_not_weights(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as archive:
        archive.writestr("w/data.pkl", b"")
        archive.writestr("w/constants.pkl", b"")
    with pytest.raises(ModelError, match="TorchScript archive"):
        load_file(tmp_path / "w.pt")


def test_weights_of_another_architecture(tmp_path: Path) -> None:
    file = tiny_clip.write_weights(tmp_path / "w.safetensors", width=48)
    shape = r"of another shape \(class_embedding \(48,\) for \(32,\)"
    with pytest.raises(ModelError, match="another architecture.*" + shape) as raised:
        load_file(file)
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize("change", ["absent", "surplus"])
def test_no_tensor_may_be_left_as_it_was_made(change: str, tmp_path: Path) -> None:
    state = tiny_clip.weights()
    if change == "absent":
        del state["visual.proj"]
    else:
        state["visual.extra"] = torch.zeros(2)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match=r"1 missing \(proj\)" if change == "absent" else r"1 too many \(extra\)"):
        load_file(tmp_path / "w.safetensors")


def test_weights_in_the_format_of_transformers(tmp_path: Path) -> None:
    save_file({"vision_model.embeddings.class_embedding": torch.zeros(3)}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="transformers"):
        load_file(tmp_path / "w.safetensors")


def test_weights_with_numbers_that_are_none(tmp_path: Path) -> None:
    state = tiny_clip.weights()
    state["visual.proj"] = torch.full_like(state["visual.proj"], torch.nan)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="w.safetensors is damaged: the network gives no finite numbers"):
        load_file(tmp_path / "w.safetensors")


def test_folders_that_hold_no_network(tmp_path: Path) -> None:
    def resolve(text: str) -> LocalModel:
        return models.resolve(ModelSpec.parse(text))

    with pytest.raises(ModelError, match="There is no"):
        resolve(str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match="holds no weights"):
        resolve(str(tmp_path))
    tiny_clip.write_config(tmp_path)
    with pytest.raises(ModelError, match="holds no weights"):
        resolve(str(tmp_path))
    tiny_clip.write_weights(tmp_path / "a.safetensors")
    assert resolve(str(tmp_path)).weights.name == "a.safetensors"
    tiny_clip.write_weights(tmp_path / "b.safetensors")
    with pytest.raises(ModelError, match="several weights files"):
        resolve(str(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"model_cfg": 3}', '{"model_cfg": {"embed_dim": 16}}',
        json.dumps({"model_cfg": tiny_clip.model_cfg()}),
        json.dumps({"model_cfg": tiny_clip.model_cfg(), "preprocess_cfg": {"resize_mode": "twist"}}),
        json.dumps({"model_cfg": tiny_clip.model_cfg(), "preprocess_cfg": {"std": [0, 0, 0]}}),
    ],
)  # fmt: skip
def test_configurations_that_are_none(text: str, tmp_path: Path) -> None:
    file = tiny_clip.write_folder(tmp_path) / "open_clip_config.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ModelError, match="open_clip_config.json"):
        models.resolve(ModelSpec.parse(str(tmp_path)))


@pytest.mark.usefixtures("no_sockets")
def test_a_configuration_cannot_send_timm_elsewhere(tmp_path: Path) -> None:
    file = tiny_clip.write_folder(tmp_path) / "open_clip_config.json"
    config = json.loads(file.read_text("utf-8"))
    config["model_cfg"]["vision_cfg"] = {"timm_model_name": "hf-hub:someone/something", "image_size": 32}
    file.write_text(json.dumps(config), "utf-8")
    with pytest.raises(ModelError, match="from elsewhere"):
        models.load(models.resolve(ModelSpec.parse(str(tmp_path))))


def test_a_configuration_that_open_clip_cannot_build(tmp_path: Path) -> None:
    tiny_clip.write_folder(tmp_path)
    tiny_clip.write_config(tmp_path, width=33)
    with pytest.raises(ModelError, match="cannot build"):
        models.load(models.resolve(ModelSpec.parse(str(tmp_path))))


# --- memory and precision ---


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 18.10 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you"),
    ],
)
def test_the_batch_is_halved_until_it_fits(error: Exception) -> None:
    tried: list[int] = []
    released: list[bool] = []

    def encode(items: Any) -> Any:
        tried.append(len(items))
        if len(items) > 3:
            raise error
        return np.array([[item] for item in items], np.float32)

    batches = Batches(16, lambda: released.append(True))
    assert is_out_of_memory(error)
    assert batches.run(range(20), encode).ravel().tolist() == list(range(20))
    assert tried[:4] == [16, 8, 4, 2] and len(released) == 3
    assert batches.size == 2
    batches.run(range(4), encode)
    assert tried[-2:] == [2, 2], "what fitted is remembered"


def test_a_picture_that_never_fits_and_an_error_that_is_another() -> None:
    def hungry(items: Any) -> NoReturn:
        raise MemoryError

    def broken(items: Any) -> NoReturn:
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(ModelError, match="smaller network"):
        Batches(4).run([1, 2, 3], hungry)
    with pytest.raises(RuntimeError, match="shapes"):
        Batches(4).run([1], broken)


def test_memory_runs_out_in_a_real_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = exact(str(tiny_clip.write_folder(tmp_path)), monkeypatch)
    whole = made.encode(PICTURES)
    embed = encoder._embed

    def small_memory(tower: Any, batch: torch.Tensor, dtype: torch.dtype) -> Any:
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return embed(tower, batch, dtype)

    monkeypatch.setattr(encoder, "_embed", small_memory)
    np.testing.assert_allclose(made.encode(PICTURES), whole, atol=1e-5)
    assert made.batches.size == 2
    assert made.encode([]).shape == (0, made.dimension)


class Fragile(torch.nn.Module):
    """Gives other vectors in bfloat16 than in float32: ``drift`` says how far they turn."""

    def __init__(self, drift: float) -> None:
        super().__init__()
        self.drift = torch.nn.Parameter(torch.tensor(drift), requires_grad=False)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        turn = float(self.drift) if batch.dtype == torch.bfloat16 else 0.0
        return torch.stack([torch.tensor([np.cos(turn), np.sin(turn)]) for _ in batch])


@pytest.mark.parametrize(
    ("drift", "dtype", "reason"),
    [
        (0.0, torch.bfloat16, "bfloat16: cosine 1.00000"),
        (0.04, torch.bfloat16, "bfloat16: cosine 0.9992"),
        (0.06, torch.float32, "float32: bfloat16 reaches only cosine 0.998"),
        (float("nan"), torch.float32, "float32: bfloat16 gives no finite vectors"),
    ],
)
def test_less_precision_only_where_the_vectors_stay(
    drift: float, dtype: torch.dtype, reason: str, tmp_path: Path
) -> None:
    local = LocalModel(ModelSpec("x"), tmp_path, "", "{}", Preprocessing((8, 8)), 2)
    tower, used, why = encoder._settle(Fragile(drift), encoder._transform(local), torch.bfloat16)
    assert used == dtype and why.startswith(reason)
    assert next(tower.parameters()).dtype == dtype


def test_the_encoder_says_what_it_runs_on(tmp_path: Path) -> None:
    local = models.resolve(ModelSpec.parse(str(tiny_clip.write_folder(tmp_path))))
    made = models.load(local)
    assert made is models.load(local), "several signals share one network"
    assert made.device in ("cpu", "cuda", "mps")
    assert made.precision.startswith(made.dtype)
    cosine = (made.encode(PICTURES) * tiny_clip.by_artist(tmp_path, PICTURES)).sum(axis=1)
    assert cosine.min() > encoder.LEAST_COSINE


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (700, 1), (33, 31)])
def test_pictures_of_any_shape_are_encoded(shape: tuple[int, int], tmp_path: Path) -> None:
    made = load_file(tiny_clip.write_weights(tmp_path / "w.safetensors"))
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    assert abs(np.linalg.norm(made.encode([image[:, ::-1]])[0]) - 1) < 1e-3


@pytest.mark.usefixtures("no_sockets")
def test_an_encoder_of_every_kind_of_image_tower_is_built() -> None:
    """ResNet, plain and modified vision transformers, CoCa, timm's; words that need another library do not matter.

    open_clip and timm both fetch weights by themselves where they are let.
    """
    for name in ("RN50", "ViT-B-32-quickgelu", "coca_ViT-B-32", "roberta-ViT-B-32", "ViT-B-16-SigLIP"):
        config = published.architecture_config(name)
        vision = config["vision_cfg"]
        small = {**vision, "layers": [1, 1, 1, 1] if name == "RN50" else 1, "timm_model_pretrained": True}
        text = json.dumps({"embed_dim": config["embed_dim"], "quick_gelu": False, "vision_cfg": small})
        size = vision.get("image_size", 224)
        local = LocalModel(ModelSpec(name), Path(), "", text, Preprocessing((size, size)), config["embed_dim"])
        with torch.inference_mode():
            assert encoder._build(local)(torch.zeros(1, 3, size, size)).shape == (1, config["embed_dim"])


def test_asking_for_the_package_loads_nothing_heavy() -> None:
    heavy = ["torch", "open_clip", "huggingface_hub", "torchvision", "timm", "safetensors"]
    code = f"import sys, simcheck.models, simcheck.signals.clip; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
