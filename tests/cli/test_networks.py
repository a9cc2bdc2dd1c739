"""Which commands connect, what they say of networks that are not here, and how often weights are read.

The hub is one on this machine that counts what it is asked; its network is random and tiny.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest
import tiny_clip
import torch
from command import simcheck
from local_hub import Hub, asked, running
from paintings import painting
from PIL import Image
from safetensors.torch import save_file

from simcheck import demo
from simcheck.demo import Demo
from simcheck.models import encoder
from simcheck.models.spec import LocalModel

NAME = f"hf-hub:{tiny_clip.REPOSITORY}"
QUICK = ("--signal", "phash", "--signal", "clip")
UNASKED = ("--without", "copy", "--without", "patches", "--without", "keypoints", "--without", "layout")
"""Leaves phash, palette and clip, the last without having been asked for."""
SHARE = "not on this computer"


def paint(seed: int, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(painting(seed, (200, 150))).save(file)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    made = tiny_clip.write_folder(tmp_path_factory.mktemp("made"))
    return {file.name: file.read_bytes() for file in made.iterdir()}


@pytest.fixture(autouse=True)
def near(files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has the tiny network, and an empty cache."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    encoder.load.cache_clear()
    with running() as hub, asked(hub):
        hub.files = files
        yield hub


@pytest.fixture
def art(tmp_path: Path) -> Path:
    for seed in range(3):
        paint(seed, tmp_path / "art" / f"{seed}.png")
    return tmp_path / "art"


def configure(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "config" / "simcheck"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text, "utf-8")


# --- who connects ---


def test_no_command_connects_unasked(near: Hub, art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simcheck.pipeline.indexing.described_with", lambda *, own: ("phash", "palette"))
    monkeypatch.setenv("SIMCHECK_COHORTS", str(tmp_path / "cohorts"))
    index, report = ("--index", tmp_path / "index"), tmp_path / "report"
    (tmp_path / "pairs.csv").write_text("suspect,source\nart/0.png,art/0.png\n", "utf-8")
    every: list[tuple[tuple[str | Path, ...], int]] = [
        (("index", art, *index, *UNASKED), 0),
        (("compare", art / "0.png", *index, *UNASKED, "--out", report), 0),
        (("compare", art / "0.png", "--with", art / "1.png", *UNASKED, "--json"), 0),
        (("report", report), 0),
        (("cohort", "add", art, "--name", "others"), 0),
        (("calibrate", tmp_path / "pairs.csv", "--to", tmp_path / "mine.json", *index), 2),
        (("models", "list"), 0),
        (("models", "list", "--model", NAME), 0),
        (("models", "verify"), 0),
        (("models", "verify", "--model", NAME), 7),
    ]
    reached: list[object] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: reached.append(to) or connect(self, to))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *to, **more: reached.append(to) or look_up(*to, **more))
    for command, code in every:
        done = simcheck(*command, offline=False)
        assert done.code == code, (command, done.err)
        assert near.requests == [], command
        assert [to for to in reached if not isinstance(to, str | bytes)] == [], "a process may speak with its own"


def test_the_demo_connects_to_nothing_even_where_a_network_is_named(
    near: Hub, art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(tmp_path, f'model = "{NAME}"')
    monkeypatch.setattr(demo, "copy_into", lambda folder: Demo(art, art / "0.png", (), ()))
    monkeypatch.setattr("simcheck.signals.NAMES", ("clip", "phash"))
    done = simcheck("demo", tmp_path / "demo", "--no-open", offline=False)
    assert done.code == 0, done.err
    assert near.requests == []


@pytest.mark.parametrize("by", ["--model", "SIMCHECK_MODEL", "config.toml", "SIMCHECK_TOKENS"])
def test_a_network_that_is_named_is_fetched_once(
    by: str, near: Hub, art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["index", str(art), "--index", str(tmp_path / "index"), *QUICK]
    if by == "--model":
        command += [by, NAME]
    elif by == "config.toml":
        configure(tmp_path, f'model = "{NAME}"')
    else:
        monkeypatch.setenv(by, NAME)
    if by == "SIMCHECK_TOKENS":
        command = [*command[:-4], "--signal", "phash", "--signal", "patches"]
    if by == "--model":
        refused = simcheck(*command, "--offline", offline=False)
        assert (refused.code, near.requests) == (0, [])
        assert "is left out" in refused.err and "simcheck is offline (--offline" in refused.err
    done = simcheck(*command, offline=False)
    assert done.code == 0 and "left out" not in done.err, done.err
    assert len(near.bodies) == 2
    before = len(near.requests)
    compared = simcheck("compare", art / "0.png", *command[2:], "--json", offline=False)
    assert compared.code == 0, compared.err
    assert len(near.requests) == before, "what is here is used without a question"
    used = {signal["name"]: signal["state"] for signal in compared.json["signals"]}
    assert set(used.values()) == {"used"} and len(used) == 2


def test_auto_takes_only_tokens_that_are_here(near: Hub, art: Path, tmp_path: Path) -> None:
    configure(tmp_path, 'tokens = "auto"')
    signals = ("--signal", "phash", "--signal", "patches")
    done = simcheck("index", art, "--index", tmp_path / "index", *signals, offline=False)
    assert (done.code, near.requests) == (0, []), done.err


def test_pulling_end_to_end_in_a_process_of_its_own(near: Hub, art: Path, tmp_path: Path) -> None:
    """As a person does it: the hub's address comes from the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"HF_ENDPOINT": near.address, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_TOKEN": "hf_secret"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simcheck.cli", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    near.cut = 5000
    broken = run("models", "pull", "--model", NAME)
    assert broken.returncode == 7 and "run `simcheck models pull` again" in broken.stderr
    near.cut = None
    done = run("models", "pull", "--model", NAME)
    assert done.returncode == 0, done.stderr
    assert near.bodies[-1].headers["range"].startswith("bytes=")
    assert not any("authorization" in request.headers for request in near.requests)
    weights = near.files["open_clip_model.safetensors"]
    assert f"SHA-256 {hashlib.sha256(weights).hexdigest()}\nNow run `simcheck index` again." in done.stdout


# --- what is said of a network that is not here ---


def test_an_optional_signal_is_spoken_of_once(art: Path, tmp_path: Path) -> None:
    command = ("index", art, *UNASKED)
    first = simcheck(*command, "--index", tmp_path / "a")
    assert "The signal clip is left out; it is optional" in first.err and SHARE in first.err
    assert "simcheck models pull" in first.err and "offline" not in first.err
    assert simcheck(*command, "--index", tmp_path / "a").err == ""
    paint(7, art / "7.png")
    assert simcheck(*command, "--index", tmp_path / "a").err == "", "a new work is no new signal"
    assert simcheck(*command, "--index", tmp_path / "b", "-q").err == ""
    assert simcheck(*command, "--index", tmp_path / "c", "--json").err == ""
    simcheck("index", art, "--index", tmp_path / "d", "--signal", "phash")
    assert "clip" in simcheck(*command, "--index", tmp_path / "d").err, "palette is new to this index"


def test_comparisons_state_it_as_a_fact_in_the_appendix(art: Path, tmp_path: Path) -> None:
    simcheck("index", art, "--index", tmp_path / "index", *UNASKED)
    for against in (("--index", tmp_path / "index"), ("--with", art / "1.png")):
        report = tmp_path / f"report {against[0]}"
        done = simcheck("compare", art / "0.png", "--out", report, *against, *UNASKED, "--json")
        assert (done.code, done.err, done.json["notices"]) == (0, "", [])
        (clip,) = [signal for signal in done.json["signals"] if signal["name"] == "clip"]
        assert (clip["state"], clip["optional"]) == ("missing", True)
        page = (report / "report.html").read_text("utf-8")
        body, _, appendix = page.partition('id="appendix"')
        assert "<code>clip</code>" in appendix and "Not run: " in appendix
        assert "Not run: " not in body and "signal_missing" not in page


def test_a_signal_that_the_index_has_is_missed(art: Path, tmp_path: Path) -> None:
    index = ("--index", tmp_path / "index")
    folder = tiny_clip.write_folder(tmp_path / "weights")
    assert simcheck("index", art, *index, *UNASKED, "--model", folder).code == 0
    compared = simcheck("compare", art / "0.png", *index, *UNASKED, "--json", "-q")
    assert [notice["code"] for notice in compared.json["notices"]] == ["signal_missing"]
    assert "without the signal clip" in compared.err and SHARE in compared.err and "name that one" in compared.err
    assert "so new works get no descriptors of it" in simcheck("index", art, *index, *UNASKED, "-q").err


@pytest.mark.parametrize("asked_by", ["--signal", "--model"])
def test_a_signal_that_was_asked_for_is_missed(asked_by: str, art: Path, tmp_path: Path) -> None:
    wish = QUICK if asked_by == "--signal" else (*UNASKED, "--model", "ViT-B-32")
    index = ("--index", tmp_path / "index", *wish)
    for _ in range(2):
        assert "The signal clip is left out. The weights of" in simcheck("index", art, *index, "-q").err
    compared = simcheck("compare", art / "0.png", *index, "--json")
    assert [notice["code"] for notice in compared.json["notices"]] == ["signal_missing"]


# --- verify, list, pull ---


def test_verify_says_what_is_so(near: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = simcheck("models", "verify", offline=False)
    assert (nothing.code, nothing.err) == (0, "")
    assert "copy, which ships with simcheck" in nothing.out and SHARE in nothing.out
    assert "offline" not in nothing.out and "Nobody named it" in nothing.out

    missing = simcheck("models", "verify", "--model", NAME, offline=False)
    assert (missing.code, missing.out) == (7, "")
    assert f"The weights of {NAME} are {SHARE}. `simcheck models pull --model {NAME}`" in missing.err
    monkeypatch.setenv("SIMCHECK_MODEL", NAME)
    named = simcheck("models", "verify", offline=False)
    assert named.code == 7 and SHARE in named.err and "copy, which ships" in named.out
    assert near.requests == []

    assert simcheck("models", "pull", offline=False).code == 0
    right = simcheck("models", "verify", offline=False)
    assert (right.code, right.err) == (0, "") and right.out.count("This is the digest that was recorded") == 2
    assert "nothing was fetched" in simcheck("models", "pull", offline=False).out

    (weights,) = (tmp_path / "hub").rglob("open_clip_model.safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.resolve().write_bytes(content)
    damaged = simcheck("models", "verify", offline=False)
    assert damaged.code == 7
    for part in (str(weights), hashlib.sha256(content).hexdigest(), f"`simcheck models pull --model {NAME}`"):
        assert part in damaged.err
    again = simcheck("models", "pull", offline=False)
    assert again.code == 0 and "It is fetched again" in again.err
    assert simcheck("models", "verify", offline=False).code == 0


def test_every_listed_network_that_is_here_is_verified(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "models--laion--CLIP-ViT-B-16-DataComp.XL-s13B-b90K"
    link = folder / "snapshots" / tiny_clip.COMMIT / "open_clip_model.safetensors"
    blob = folder / "blobs" / ("0" * 64)
    for file in (link, blob, folder / "refs" / "main"):
        file.parent.mkdir(parents=True)
    (folder / "refs" / "main").write_text(tiny_clip.COMMIT, "ascii")
    blob.write_bytes((8).to_bytes(8, "little") + b"{      }")
    link.symlink_to(blob)
    done = simcheck("models", "verify")
    assert done.code == 7 and "ViT-B-16:datacomp_xl_s13b_b90k" in done.err and "is not what was published" in done.err


@pytest.mark.parametrize("content", [b"", b"<html>no such file</html>", b"PK\x03\x04" + b"\x00" * 500])
def test_a_file_that_is_no_network_is_not_verified(content: bytes, tmp_path: Path) -> None:
    folder = tiny_clip.write_folder(tmp_path / "own")
    right = simcheck("models", "verify", "--model", folder)
    assert (right.code, right.err) == (0, "") and "No digest was recorded" in right.out
    (folder / "open_clip_model.safetensors").write_bytes(content)
    wrong = simcheck("models", "verify", "--model", folder)
    assert (wrong.code, wrong.out) == (7, "")
    assert "open_clip_model.safetensors" in wrong.err and "Get the file again" in wrong.err


def test_named_keypoints_are_verified(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_bytes(b"no network")
    for text, said in ((f"disk:{tmp_path / 'text.onnx'}", "cannot be used as DISK"), ("disk:/gone.onnx", "gone.onnx")):
        configure(tmp_path, f'keypoints = "{text}"')
        done = simcheck("models", "verify")
        assert done.code == 7 and said in done.err, done.err
        shutil.rmtree(tmp_path / "config")


def test_a_network_that_is_chosen_and_not_listed_is_listed(tmp_path: Path) -> None:
    folder = tiny_clip.write_folder(tmp_path / "own")
    assert f"Chosen, and not in this list: {folder}. It is here." in simcheck("models", "list", "--model", folder).out
    assert f"Chosen, and not in this list: {NAME}. The weights" in simcheck("models", "list", "--model", NAME).out
    document = simcheck("models", "list", "--model", NAME, "--json").json
    assert (document["chosen"], document["chosen_here"]) == (NAME, False)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ViT-B-33", "no architecture 'ViT-B-33'. Near it: ViT-B-32"),
        ("ViT-B-32:nosuch", "no checkpoint 'nosuch' of ViT-B-32"),
        ("hf-hub:a/b--c", "is not the name of a hub repository"),
        ("hf-hub:simcheck-tests/other", "has no repository 'simcheck-tests/other'"),
        ("./gone.safetensors", "There is no gone.safetensors"),
        ("/dev/null", "/dev/null"),
    ],
)
def test_names_that_are_none(name: str, said: str) -> None:
    done = simcheck("models", "pull", "--model", name, offline=False)
    assert (done.code, done.out) == (7, ""), done.err
    assert said in done.err and "Traceback" not in done.err


def test_an_interrupted_pull_says_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simcheck.models.download._append", interrupted)
    done = simcheck("models", "pull", "--model", NAME, offline=False)
    assert done.code == 130
    assert done.err == "Interrupted. What has arrived is kept; the same command goes on from there.\n"


# --- how often weights are read ---


def test_damaged_weights_are_one_error_however_many_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(38):
        paint(seed, tmp_path / "art" / f"{seed}.png")
    state = {name: tensor.contiguous() for name, tensor in tiny_clip.weights().items()}
    file = tiny_clip.write_folder(tmp_path / "own") / "open_clip_model.safetensors"
    save_file({**state, "visual.proj": torch.full_like(state["visual.proj"], torch.nan)}, file)
    built: list[LocalModel] = []
    build = encoder._build

    def building(local: LocalModel) -> object:
        built.append(local)
        return build(local)

    monkeypatch.setattr(encoder, "_build", building)
    done = simcheck("index", tmp_path / "art", "--index", tmp_path / "index", *QUICK, "--model", file.parent)
    assert (done.code, done.out, len(built)) == (7, "", 1)
    assert done.err.count("\n") == 1
    for part in (str(file), hashlib.sha256(file.read_bytes()).hexdigest(), "is damaged", "--without"):
        assert part in done.err
    assert not (tmp_path / "index").exists()


def test_a_damaged_configuration_is_an_error(tmp_path: Path) -> None:
    file = tiny_clip.write_folder(tmp_path / "own") / "open_clip_config.json"
    for text in ("[" * 100_000, json.dumps({"pad": "x" * 2_000_000})):
        file.write_text(text, "utf-8")
        done = simcheck("models", "verify", "--model", file.parent)
        assert done.code == 7 and "open_clip_config.json" in done.err and "Traceback" not in done.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    tiny_clip.write_config(tmp_path)
    done = simcheck("models", "verify", "--model", tmp_path / "pipe.safetensors")
    assert done.code == 7 and "no ordinary file" in done.err
