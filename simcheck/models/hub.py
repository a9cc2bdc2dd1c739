"""The hub that weights are fetched from: its cache on this computer, whether it answers, and what it is told.

Only this file and `simcheck.models.download` may touch the network, and only when somebody asked for a network. The
cache is the hub library's own (``HF_HOME``, ``HF_HUB_CACHE``), so weights that another program fetched are used;
``HF_ENDPOINT`` names a mirror.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from simcheck.errors import ModelUnreachable

__all__ = [
    "CONFIG_FILE",
    "TIMM_FILES",
    "WEIGHTS_FILES",
    "cached",
    "discreet",
    "forget",
    "recorded_digest",
    "token",
    "why_unreachable",
]

WEIGHTS_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
"""Where open_clip looks, in its order: the format that cannot carry code comes first."""
TIMM_FILES = ("model.safetensors", "pytorch_model.bin")
"""Where timm looks."""
CONFIG_FILE = "open_clip_config.json"
PROBE_SECONDS = 2.0
_HOME = "https://huggingface.co"
_NO_HUB_BEHIND = {407, 502, 503, 504}
"""Answers of a proxy that could not or would not go on to the hub."""


def cached(repository: str, *names: str) -> Path | None:
    """The first of these files that the hub's cache holds. Never touches the network.

    Raises ModelUnreachable when that cache cannot be read.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    for name in names:
        try:
            found = try_to_load_from_cache(repository, name, cache_dir=constants.HF_HUB_CACHE)
        except (OSError, ValueError) as error:  # no permission, or a damaged reference
            folder = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
            raise ModelUnreachable(
                f"{folder} cannot be read ({error}). Check that you may read it, or delete it and run `simcheck models "
                "pull`."
            ) from error
        if isinstance(found, str):
            return Path(found)
    return None


def recorded_digest(path: Path) -> str | None:
    """The SHA-256 that the hub stated for a cached file (its blob's name), where the cache still knows it."""
    blob = _blob(path)
    return blob.name if blob is not None and re.fullmatch(r"[0-9a-f]{64}", blob.name) else None


def forget(path: Path) -> None:
    """Take a cached file out of the cache. Raises OSError."""
    blob = _blob(path)
    path.unlink()
    if blob is not None:
        blob.unlink(missing_ok=True)


def _blob(path: Path) -> Path | None:
    """Where a repository's cache keeps the content. That may be a link itself, into a store that repositories share
    under names which are no SHA-256, so links are followed one at a time."""
    for _ in range(8):
        if path.parent.name == "blobs":
            return path
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


@contextlib.contextmanager
def discreet() -> Iterator[None]:
    """Meanwhile the hub's library tells its hub nothing but what is asked for, and writes nothing to the terminal.

    With telemetry it would also fetch a list of programs, to say which of them started this one.
    """
    from huggingface_hub import constants

    library = logging.getLogger("huggingface_hub")
    before = constants.HF_HUB_DISABLE_TELEMETRY, library.level
    constants.HF_HUB_DISABLE_TELEMETRY = True
    library.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        constants.HF_HUB_DISABLE_TELEMETRY = before[0]
        library.setLevel(before[1])


def token() -> bool | None:
    """Whether the hub's library may send the token of the person's account: to the hub's own address alone, not to a
    mirror (``HF_ENDPOINT``). None leaves it to the library, which sends one if the person has logged in."""
    from huggingface_hub import constants

    return None if constants.ENDPOINT == _HOME else False


def why_unreachable() -> str | None:
    """None when the hub answers within two seconds, else the reason it does not.

    The hub's library alone needs three quarters of a minute of retries to find this out. The question is asked with
    its own client, so that proxies and certificates are those of the download, and on a thread, because looking up a
    name may hang longer than any timeout allows.
    """
    from huggingface_hub import constants, get_session

    answer: queue.Queue[str | None] = queue.Queue()

    def ask() -> None:
        reason: str | None
        try:
            status = get_session().head(constants.ENDPOINT, timeout=PROBE_SECONDS, follow_redirects=False).status_code
            reason = f"HTTP {status}" if status in _NO_HUB_BEHIND else None
        except Exception as error:  # whatever it is, it is the answer; a thread has nobody to raise to
            reason = str(error) or type(error).__name__
        answer.put(reason)

    threading.Thread(target=ask, name="simcheck-hub-probe", daemon=True).start()
    try:
        reason = answer.get(timeout=PROBE_SECONDS)
    except queue.Empty:
        reason = f"no answer within {PROBE_SECONDS:g} seconds"
    return None if reason is None else f"{constants.ENDPOINT}: {reason}"
