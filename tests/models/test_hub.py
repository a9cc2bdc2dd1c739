"""What connects and when, and what arrives. The hub is one on this machine; its network is random and tiny."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import filelock
import huggingface_hub
import huggingface_hub.constants
import numpy as np
import pytest
import tiny_clip
from local_hub import Hub, asked, running

from simcheck import models
from simcheck.errors import ModelError, ModelUnreachable
from simcheck.models import download, encoder, hub
from simcheck.models.catalogue import DEFAULT_MODEL
from simcheck.models.spec import ModelSpec
from simcheck.records import Notice

PICTURES = tiny_clip.pictures()
WEIGHTS = "open_clip_model.safetensors"
SPEC = ModelSpec.parse(f"hf-hub:{tiny_clip.REPOSITORY}")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and a hub that is never there: the closed port 9 of this machine."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(download, "WAIT_SECONDS", 0.01)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    encoder.load.cache_clear()
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip.write_folder(tmp_path_factory.mktemp("made"), preprocess=tiny_clip.LIKE_SIGLIP)


@pytest.fixture
def near(made: Path) -> Iterator[Hub]:
    """A hub that has the tiny network."""
    with running() as found, asked(found):
        found.files = {file.name: file.read_bytes() for file in made.iterdir()}
        yield found


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[str, int, int | None]] = []
        self.notices: list[Notice] = []

    def progress(self, stage: str, done: int, total: int | None) -> None:
        self.heard.append((stage, done, total))

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


def blobs(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("blobs/*") if path.is_file())


# --- who may connect ---


@pytest.mark.usefixtures("no_sockets")
@pytest.mark.parametrize("name", [DEFAULT_MODEL, f"hf-hub:{tiny_clip.REPOSITORY}"])
def test_nothing_connects_unless_it_is_told_to_fetch(name: str) -> None:
    spec = ModelSpec.parse(name)
    with pytest.raises(ModelUnreachable, match=r"are not on this computer\. `simcheck models pull.*--model FILE") as it:
        models.resolve(spec)
    assert "offline" not in str(it.value), "nobody said so"
    assert models.missing(spec) == str(it.value)
    with pytest.raises(ModelUnreachable, match="are not on this computer"):
        models.verify(spec)
    assert models.choose_tokens() is None


@pytest.mark.usefixtures("no_sockets")
@pytest.mark.parametrize("wish", ["--offline", "SIMCHECK_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_never_connects_and_says_what_forbids_it(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if wish.isupper():
        monkeypatch.setenv(wish, "1")
        assert models.is_offline()
    with pytest.raises(ModelUnreachable, match=rf"offline \({wish}.*simcheck models pull.*--model FILE"):
        models.resolve(SPEC, wish == "--offline", fetch=True)
    if wish.isupper():
        with pytest.raises(ModelUnreachable, match=f"{wish} is set"):
            models.pull(SPEC)
        monkeypatch.setenv(wish, "0")
        assert not models.is_offline()


def test_a_hub_that_is_there_is_not_asked_unasked(near: Hub) -> None:
    assert models.missing(SPEC) is not None
    with pytest.raises(ModelUnreachable):
        models.resolve(SPEC)
    with pytest.raises(ModelUnreachable):
        models.verify(SPEC)
    assert near.requests == []


# --- fetching ---


@pytest.mark.parametrize("name", [WEIGHTS, "open_clip_pytorch_model.bin"])
def test_a_named_network_is_fetched_once_and_says_how_far_it_is(
    name: str, near: Hub, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name != WEIGHTS:
        near.files[name] = tiny_clip.write_weights(made.parent / "pickled" / name).read_bytes()
        del near.files[WEIGHTS]
    listener = Listener()
    local = models.resolve(SPEC, watcher=listener, fetch=True)
    size = len(near.files[name])
    assert listener.heard[-1] == (f"download {name}", size, size)
    assert local.weights.read_bytes() == near.files[name]
    assert local.digest == hub.recorded_digest(local.weights) == hashlib.sha256(near.files[name]).hexdigest()
    assert models.verify(SPEC) == models.Verification(local.weights, local.digest, local.digest)
    assert hub.cached(tiny_clip.REPOSITORY, name) == local.weights, "where every program that uses the hub finds it"
    monkeypatch.setattr(encoder, "_reduced_dtype", lambda device: None)
    np.testing.assert_allclose(models.load(local).encode(PICTURES), tiny_clip.by_artist(made, PICTURES), atol=1e-4)
    before = len(near.requests)
    assert models.resolve(SPEC, fetch=True) == local == models.pull(SPEC)
    assert len(near.requests) == before, "the second time nothing is asked of the hub"


def test_the_hub_is_told_nothing_but_what_is_wanted(near: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token of the person's goes to a mirror, and no telemetry: the library would ask for a list of programs."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with running() as store:
        store.files = near.files
        near.elsewhere = store.address
        models.pull(SPEC)
        assert len(store.bodies) == 2
        every = [*near.requests, *store.requests]
    assert {request.path.partition("/resolve/")[0] for request in every} == {"/", f"/{tiny_clip.REPOSITORY}"}
    assert not any("authorization" in request.headers for request in every)
    assert not any("torch" in request.headers.get("user-agent", "") for request in every)
    assert "secret" not in str(every)


def test_the_token_is_for_the_hub_s_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub.token() is False
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "https://huggingface.co")
    assert hub.token() is None, "as the library decides"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "https://huggingface.co.mirror.example")
    assert hub.token() is False


def test_the_library_is_left_as_it_was() -> None:
    before = huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY, logging.getLogger("huggingface_hub").level
    with hub.discreet():
        assert huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY
    assert before == (huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY, logging.getLogger("huggingface_hub").level)


# --- breaks ---


@pytest.mark.parametrize("ranges", [True, False])
def test_a_later_pull_goes_on_where_the_first_broke_off(
    ranges: bool, near: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TRIES", 1)
    near.cut, near.ranges = 3000, ranges
    with pytest.raises(ModelUnreachable, match=r"What has arrived is kept: run `simcheck models pull` again"):
        models.pull(SPEC)
    near.cut, near.requests = None, []
    local = models.pull(SPEC)
    assert local.weights.read_bytes() == near.files[WEIGHTS]
    assert [request.headers.get("range") for request in near.bodies] == ["bytes=3000-"]


def test_breaks_are_gone_over_as_long_as_something_arrives(near: Hub) -> None:
    near.cut = len(near.files[WEIGHTS]) // 3 + 1
    listener = Listener()
    local = models.pull(SPEC, listener)
    assert local.weights.read_bytes() == near.files[WEIGHTS]
    assert len([r for r in near.bodies if r.path.endswith(WEIGHTS)]) == 3
    done = [done for stage, done, _ in listener.heard if stage.endswith(WEIGHTS)]
    assert done == sorted(done)


def test_what_was_left_and_is_wrong_is_thrown_away(near: Hub, cache: Path) -> None:
    content = near.files[WEIGHTS]
    for left in (b"junk" * 500, b"junk" * len(content)):
        folder = cache / f"models--{tiny_clip.REPOSITORY.replace('/', '--')}" / "blobs"
        folder.mkdir(parents=True)
        (folder / f"{hashlib.sha256(content).hexdigest()}.incomplete").write_bytes(left)
        assert models.pull(SPEC).weights.read_bytes() == content
        shutil.rmtree(cache)


def test_damaged_files_in_the_cache_are_fetched_again(near: Hub) -> None:
    weights = models.pull(SPEC).weights
    damaged = bytearray(near.files[WEIGHTS])
    damaged[-1] ^= 1
    weights.resolve().write_bytes(damaged)
    with pytest.raises(ModelError, match=r"is not what the hub sent: its SHA-256 is .*simcheck models pull") as raised:
        models.resolve(SPEC, fetch=True)
    assert str(weights) in str(raised.value)
    assert models.verify(SPEC).damaged
    listener = Listener()
    assert models.pull(SPEC, listener).weights.read_bytes() == near.files[WEIGHTS]
    assert [notice.code for notice in listener.notices] == ["weights_damaged", "download"]


@pytest.mark.parametrize("left", [b"", b"[" * 9999, b"{}", b"<html>"])
def test_a_damaged_configuration_in_the_cache_is_fetched_again(left: bytes, near: Hub) -> None:
    """The hub states no SHA-256 of it."""
    models.pull(SPEC)
    file = hub.cached(tiny_clip.REPOSITORY, hub.CONFIG_FILE)
    assert file is not None
    file.resolve().write_bytes(left)
    with pytest.raises(ModelError, match="open_clip_config.json is not a configuration"):
        models.resolve(SPEC)
    models.pull(SPEC)
    assert file.read_bytes() == near.files[hub.CONFIG_FILE]


def test_a_cache_that_cannot_be_read_is_as_good_as_none(near: Hub, cache: Path) -> None:
    models.pull(SPEC)
    (reference,) = cache.rglob("refs/main")
    reference.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in (models.missing(SPEC) or "")
    with pytest.raises(ModelUnreachable, match=r"models--simcheck-tests.*cannot be read.*delete it"):
        models.resolve(SPEC)


def test_one_at_a_time(near: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(near.files[WEIGHTS]).hexdigest()
    place = cache / ".locks" / f"models--{tiny_clip.REPOSITORY.replace('/', '--')}"
    place.mkdir(parents=True)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with filelock.FileLock(place / f"{digest}.lock"):
            held.set()
            release.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)
    listener = Listener()

    def waits(notice: Notice) -> None:
        listener.notices.append(notice)
        if notice.code == "download_waits":
            release.set()

    monkeypatch.setattr(listener, "notice", waits)
    models.pull(SPEC, listener)
    other.join()
    assert [notice.code for notice in listener.notices] == ["download", "download_waits"]


# --- wrong answers ---


def never_kept(cache: Path) -> None:
    assert [blob for blob in blobs(cache) if blob.name != git_digest(cache)] == []
    assert models.missing(SPEC) is not None


def git_digest(cache: Path) -> str:
    found = list(cache.rglob("open_clip_config.json"))
    return found[0].resolve().name if found else ""


def test_other_bytes_than_were_stated(near: Hub, cache: Path) -> None:
    content = bytearray(near.files[WEIGHTS])
    content[-1] ^= 1
    near.sends[WEIGHTS] = bytes(content)
    with pytest.raises(ModelError, match=r"has another SHA-256.*thrown away.*another network"):
        models.pull(SPEC)
    never_kept(cache)


@pytest.mark.parametrize("size", [-100, +100, 10**6])
@pytest.mark.parametrize("chunked", [False, True])
def test_more_or_less_than_was_stated(
    size: int, chunked: bool, near: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = near.files[WEIGHTS]
    near.sends[WEIGHTS] = content + b"x" * size if size > 0 else content[:size]
    near.chunked, near.ranges = chunked, False
    monkeypatch.setattr(download, "TRIES", 2)
    with pytest.raises(ModelError, match=r"thrown away|What has arrived is kept"):
        models.pull(SPEC)
    assert sum(blob.stat().st_size for blob in blobs(cache)) < len(content) + 10_000
    assert models.missing(SPEC) is not None


def test_a_login_page_instead_of_the_hub(near: Hub, cache: Path) -> None:
    near.page = b"<html><body>Welcome to our hotel. Room number?</body></html>"
    with pytest.raises(ModelError, match=r"does not answer as the hub does.*login page.*browser.*--model FILE"):
        models.pull(SPEC)
    assert blobs(cache) == []


def test_a_web_page_instead_of_the_weights(near: Hub, cache: Path) -> None:
    page = b"<!DOCTYPE html><html>Access denied</html>"
    near.files[WEIGHTS] = page + b" " * 500
    with pytest.raises(ModelError, match="is a web page, not network weights"):
        models.pull(SPEC)
    near.sends[WEIGHTS] = page
    near.files[WEIGHTS] = b"weights" * 500
    with pytest.raises(ModelError, match="bytes, and 3,500 were stated"):
        models.pull(SPEC)
    never_kept(cache)


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ({"X-Linked-Size": str(10**13)}, r"has 10,000,000 MB, and no more than"),
        ({"X-Linked-Size": "", "Content-Length": ""}, "does not answer as the hub does"),
        ({"X-Linked-Size": "many"}, "does not answer as the hub does"),
        ({"ETag": ""}, "does not answer as the hub does"),
        ({"ETag": '"../../../evil"'}, "does not answer as the hub does"),
        ({"X-Repo-Commit": ""}, "does not answer as the hub does"),
        ({"X-Repo-Commit": "../../evil"}, "does not answer as the hub does"),
    ],
)
def test_statements_that_cannot_be_right(states: dict[str, str], message: str, near: Hub, cache: Path) -> None:
    near.states = states
    with pytest.raises(ModelError, match=message):
        models.pull(SPEC)
    assert near.bodies == []
    assert blobs(cache) == []


def test_a_known_network_has_about_the_size_that_is_known(near: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    most: list[int] = []

    def fetch(repository: str, names: tuple[str, ...], bound: int, watcher: object) -> NoReturn:
        most.append(bound)
        raise ModelError("not fetched")

    monkeypatch.setattr(download, "fetch", fetch)
    with pytest.raises(ModelError, match="not fetched"):
        models.pull(models.choose())
    assert 605e6 < most[0] < 2 * 605e6
    with pytest.raises(ModelError, match="not fetched"):
        models.pull(SPEC)
    assert most[1] == download.CONFIG_BYTES


@pytest.mark.parametrize(("status", "kind"), [(403, ModelError), (429, ModelUnreachable), (503, ModelUnreachable)])
def test_a_hub_that_refuses(status: int, kind: type[ModelError], near: Hub) -> None:
    near.refuses = status
    with pytest.raises(kind, match=rf"(?s)open_clip_config.json of .*{status}.*--model FILE"):
        models.pull(SPEC)


def test_a_repository_that_is_not_there_or_not_open_clip_s(near: Hub) -> None:
    with pytest.raises(ModelError, match="no repository 'simcheck-tests/other'"):
        models.pull(ModelSpec.parse("hf-hub:simcheck-tests/other"))
    del near.files[WEIGHTS]
    with pytest.raises(ModelError, match="not in open_clip's format"):
        models.pull(SPEC)


def test_a_proxy_without_a_hub_behind_it(near: Hub) -> None:
    near.front = 502
    with pytest.raises(ModelUnreachable, match="HTTP 502"):
        models.pull(SPEC)


# --- no room, no permission ---


def test_no_room_on_the_disk(near: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(1, 1, 1))
    with pytest.raises(ModelError, match=r"not enough room in .*hub for open_clip_config.json.*HF_HOME"):
        models.pull(SPEC)
    assert near.bodies == []


def test_the_disk_fills_up_meanwhile(near: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Listener, "progress", full)  # called beside each write
    with pytest.raises(ModelError, match=r"not enough room.*goes on from what arrived"):
        models.pull(SPEC, Listener())


def test_a_place_that_cannot_be_written(near: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    with pytest.raises(ModelError, match=r"cannot be written to .*hub \(Not a directory\).*HF_HOME"):
        models.pull(SPEC)


# --- no hub at all ---


def test_an_unreachable_hub_is_known_within_three_seconds() -> None:
    """In a fresh interpreter, imports included, with the network library's own settings; torch stays unloaded."""
    code = (
        "import time; start = time.monotonic()\n"
        "import sys; from simcheck import models; from simcheck.errors import ModelUnreachable\n"
        "try: models.pull(models.choose())\n"
        "except ModelUnreachable as error: print(error)\n"
        "print(time.monotonic() - start); print([m for m in ('torch', 'open_clip') if m in sys.modules])"
    )
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    environment["HF_HUB_CACHE"] = huggingface_hub.constants.HF_HUB_CACHE
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    message, seconds, heavy = run.stdout.splitlines()
    assert float(seconds) < 3
    assert heavy == "[]"
    assert f"{DEFAULT_MODEL} (605 MB)" in message and "http://127.0.0.1:9" in message and "models pull" in message


def test_a_name_lookup_that_hangs_does_not_hang_simcheck(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    class Hanging:
        def head(self, *args: object, **kwargs: object) -> NoReturn:
            release.wait(20)
            raise OSError("too late")

    monkeypatch.setattr(huggingface_hub, "get_session", Hanging)
    start = time.monotonic()
    with pytest.raises(ModelUnreachable, match="no answer within 2 seconds"):
        models.pull(SPEC)
    assert time.monotonic() - start < 3
    release.set()
