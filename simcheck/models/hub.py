"""The hub that weights are downloaded from: its cache on this computer, whether it answers, and the download.

Everything that may touch the network for simcheck's networks is in this file. The cache is the hub library's own
(``HF_HOME``, ``HF_HUB_CACHE``), so weights that another program fetched are used; ``HF_ENDPOINT`` names a mirror.
"""

from __future__ import annotations

import queue
import re
import threading
from pathlib import Path
from typing import Any

from simcheck.errors import ModelError, ModelUnreachable
from simcheck.records import Watcher

__all__ = ["CONFIG_FILE", "TIMM_FILES", "WEIGHTS_FILES", "cached", "download", "recorded_digest", "why_unreachable"]

WEIGHTS_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
"""Where open_clip looks, in its order: the format that cannot carry code comes first."""
TIMM_FILES = ("model.safetensors", "pytorch_model.bin")
"""Where timm looks."""
CONFIG_FILE = "open_clip_config.json"
PROBE_SECONDS = 2.0
_NO_HUB_BEHIND = {407, 502, 503, 504}
"""Answers of a proxy that could not or would not go on to the hub."""


def cached(repository: str, *names: str) -> Path | None:
    """The first of these files that the hub's cache holds. Never touches the network."""
    from huggingface_hub import constants, try_to_load_from_cache

    for name in names:
        found = try_to_load_from_cache(repository, name, cache_dir=constants.HF_HUB_CACHE)
        if isinstance(found, str):
            return Path(found)
    return None


def recorded_digest(path: Path) -> str | None:
    """The SHA-256 that the hub stated for a cached file (its blob's name), where the cache still knows it."""
    blob = path.resolve()
    return blob.name if blob.parent.name == "blobs" and re.fullmatch(r"[0-9a-f]{64}", blob.name) else None


def why_unreachable() -> str | None:
    """None when the hub answers within two seconds, else the reason it does not.

    open_clip alone needs three quarters of a minute of retries to find this out. The question is asked with the hub
    library's own client, so that proxies and certificates are those of the download, and on a thread, because looking
    up a name may hang longer than any timeout allows.
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


def download(repository: str, names: tuple[str, ...], watcher: Watcher) -> Path:
    """Fetch the first of these files that the repository has, into the hub's cache.

    Progress in bytes goes to ``watcher`` under the stage ``download <file>``. Raises ModelUnreachable when the
    connection fails, ModelError when the repository or the file does not exist or may not be read.
    """
    from huggingface_hub import constants, hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    for name in names:
        try:
            path = hf_hub_download(
                repository,
                name,
                cache_dir=constants.HF_HUB_CACHE,
                endpoint=constants.ENDPOINT,
                tqdm_class=_bar(watcher, f"download {name}"),
            )
        except RepositoryNotFoundError as error:
            raise ModelError(
                f"The hub has no repository {repository!r} that may be read without an account. Check the name; for "
                "one that asks for consent, accept its terms on the hub and log in with its own program."
            ) from error
        except LocalEntryNotFoundError as error:  # what the hub library raises when it cannot connect
            raise ModelUnreachable(_broken(repository, name, error)) from error
        except EntryNotFoundError:
            continue
        except HfHubHTTPError as error:
            raise ModelUnreachable(_broken(repository, name, error)) from error
        except OSError as error:
            place = constants.HF_HUB_CACHE
            raise ModelError(f"{name} of {repository} could not be written to {place}: {error}") from error
        except Exception as error:
            if not _is_network_error(error):
                raise
            raise ModelUnreachable(_broken(repository, name, error)) from error
        return Path(path)
    raise ModelError(
        f"The hub's repository {repository!r} has none of {', '.join(names)}: it is not in open_clip's format. "
        "Choose another with `--model`."
    )


def _is_network_error(error: Exception) -> bool:
    """Errors of the hub library's HTTP client have no base among Python's own; their class says where they are from."""
    return any(kind.__module__.split(".")[0].startswith(("httpx", "httpcore")) for kind in type(error).__mro__)


def _broken(repository: str, name: str, error: Exception) -> str:
    return (
        f"{name} of {repository} could not be downloaded: {str(error).splitlines()[0] if str(error) else error!r}. "
        "What has arrived is kept: run `simcheck models pull` again to go on, or name a file with `--model FILE`."
    )


def _bar(watcher: Watcher, stage: str) -> Any:
    """A progress bar, as the hub library wants one, that draws nothing and tells the watcher."""
    from huggingface_hub.utils.tqdm import tqdm

    class Told(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.told, self.whole = kwargs.get("initial") or 0, kwargs.get("total")
            # beside the file's bar the hub library may draw one for bytes on the wire: counted twice else
            self.speaks = not str(kwargs.get("desc", "")).endswith("downloading bytes")
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> None:
            self.told += n or 0
            if self.speaks:
                watcher.progress(stage, int(self.told), self.whole)

    return Told
