"""Fetch a file from the hub into its cache: gone on with after a break, and checked by size and digest.

The hub's own library throws away what had arrived when a download breaks off (huggingface_hub 2.4), and compares no
digest. So it is asked only what file there is; the bytes are kept as ``blobs/NAME.incomplete`` until all of them are
there and right. Its client is used (proxies, certificates), and the layout of its cache, where every program that uses
the hub finds the file.
"""

from __future__ import annotations

import errno
import re
import shutil
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from simcheck.errors import ModelError, ModelUnreachable
from simcheck.models import hub
from simcheck.models.digest import sha256_of
from simcheck.models.weights import SUFFIXES, NotWeights, kind_of
from simcheck.records import Notice, Watcher
from simcheck.system.writing import replace_file

if TYPE_CHECKING:
    from huggingface_hub.file_download import HfFileMetadata

__all__ = ["CONFIG_BYTES", "fetch"]

CONFIG_BYTES = 2**20
"""A configuration takes a few kilobytes."""
TRIES = 4
"""Breaks in a row after which it is left to the person to try again."""
WAIT_SECONDS = 1.0
MUCH = 2**20
"""Bytes that must have arrived since the last break for it to count as the first."""
_BRANCH = "main"
_SPARE = 2**24
"""Bytes that are left free on the disk."""
_LOCAL_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,199}")


@dataclass(frozen=True, slots=True)
class _Stated:
    """What the hub says of a file."""

    repository: str
    name: str
    url: str
    content: str
    """Name of its content: the SHA-256 of the bytes for weights."""
    commit: str
    size: int

    @property
    def label(self) -> str:
        return f"{self.name} of {self.repository}"


class _Broken(Exception):
    """The connection broke off; what arrived is kept."""


class _Wrong(Exception):
    """What arrived is not what was stated, as the rest of a sentence."""


def fetch(repository: str, names: tuple[str, ...], most: int, watcher: Watcher) -> Path:
    """The first of these files that the repository has, of at most ``most`` bytes, now in the hub's cache.

    Progress in bytes goes to ``watcher`` under the stage ``download <file>``. Raises ModelUnreachable when the
    connection fails, ModelError when the repository or the file does not exist or may not be read, when something else
    is sent than was stated, and when it cannot be written.
    """
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    place = Path(constants.HF_HUB_CACHE)
    with hub.discreet():
        for name in names:
            if (stated := _ask(repository, name)) is None:
                continue
            if stated.size > most:
                raise ModelError(
                    f"The hub says that {stated.label} has {_megabytes(stated.size)}, and no more than "
                    f"{_megabytes(most)} can be right, so it is not fetched. Check the name of the network."
                )
            if name.endswith(SUFFIXES):
                said = f"Fetching {stated.label} ({_megabytes(stated.size)}) from {constants.ENDPOINT}."
                watcher.notice(Notice("download", said, hint=True))
            folder = place / repo_folder_name(repo_id=repository, repo_type="model")
            try:
                return _into(folder, stated, watcher)
            except OSError as error:
                raise _unwritable(place, stated, error) from error
    raise ModelError(
        f"The hub's repository {repository!r} has none of {', '.join(names)}: it is not in open_clip's format. "
        "Choose another with `--model`."
    )


def _ask(repository: str, name: str) -> _Stated | None:
    """What the hub has under that name, None for nothing."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    url = hf_hub_url(repository, name, revision=_BRANCH, endpoint=constants.ENDPOINT)
    label = f"{name} of {repository}"
    try:
        found = get_hf_file_metadata(url, token=hub.token(), timeout=constants.HF_HUB_ETAG_TIMEOUT)
    except GatedRepoError as error:
        raise ModelError(
            f"The hub's repository {repository!r} asks for consent first. Accept its terms on its page, log in with "
            "the hub's own program (`hf auth login`), and try again; or choose another with `--model`."
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelError(
            f"The hub has no repository {repository!r} that may be read without an account. Check the name, or choose "
            "another with `--model`."
        ) from error
    except EntryNotFoundError:
        return None
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status == 404:
            return None
        raise _refused(label, status) from error
    except Exception as error:
        if not _of_the_connection(error):
            raise
        raise ModelUnreachable(_broken(label, error)) from error
    return _stated(repository, name, url, found)


def _stated(repository: str, name: str, url: str, found: HfFileMetadata) -> _Stated:
    from huggingface_hub import constants

    parts = (found.etag or "", found.commit_hash or "")
    if found.size is None or not all(map(_LOCAL_NAME.fullmatch, parts)):
        raise ModelError(
            f"{constants.ENDPOINT} does not answer as the hub does when asked for {name} of {repository}. It may be a "
            "proxy, the login page of a network, or an HF_ENDPOINT that is no hub. Open any page in a browser to log "
            "in, and try again; or name a weights file with `--model FILE`."
        )
    return _Stated(repository, name, url, *parts, found.size)


def _into(folder: Path, stated: _Stated, watcher: Watcher) -> Path:
    """Raises OSError where nothing can be written, beside what `fetch` raises."""
    blob = folder / "blobs" / stated.content
    link = folder / "snapshots" / stated.commit / stated.name
    for parent in (blob.parent, link.parent):
        parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder, stated, watcher):
        if not blob.is_file() or not _is_whole(blob, stated):
            blob.unlink(missing_ok=True)
            part = blob.with_name(f"{blob.name}.incomplete")
            _receive(stated, part, watcher)
            part.replace(blob)
        if not link.is_file():
            link.unlink(missing_ok=True)
            try:
                link.symlink_to(Path("../../blobs") / blob.name)
            except OSError:  # Windows lets not everybody make links, and some drives have none
                shutil.move(blob, link)
        branch = folder / "refs" / _BRANCH
        branch.parent.mkdir(exist_ok=True)
        replace_file(branch, stated.commit.encode("ascii"))
    return link


def _alone(folder: Path, stated: _Stated, watcher: Watcher) -> AbstractContextManager[object]:
    """Holds the lock that the hub's library takes for the same file, so that nobody else writes it meanwhile."""
    place = folder.parent / ".locks" / folder.name
    place.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(place / f"{stated.content}.lock", fallback_to_soft=False)
    try:
        return lock.acquire(blocking=False)
    except filelock.Timeout:
        watcher.notice(Notice("download_waits", f"Another program is fetching {stated.label}; waiting for it."))
        return lock.acquire()


def _receive(stated: _Stated, part: Path, watcher: Watcher) -> None:
    """Fill ``part`` with what was stated, going on from what an earlier attempt left; if that is wrong, once anew."""
    for last in (False, True):
        try:
            _fill(stated, part, watcher)
        except _Wrong as wrong:
            part.unlink(missing_ok=True)
            if last:
                raise _not_as_stated(stated, wrong) from wrong
        else:
            return


def _fill(stated: _Stated, part: Path, watcher: Watcher) -> None:
    part.touch()
    breaks = 0
    while (have := part.stat().st_size) != stated.size:
        if have > stated.size:
            raise _Wrong("is longer than was stated")
        if (free := shutil.disk_usage(part.parent).free) < stated.size - have + _SPARE:
            raise OSError(errno.ENOSPC, f"{_megabytes(free)} are free")
        try:
            _append(stated, part, have, watcher)
        except _Broken as error:
            breaks = 1 if part.stat().st_size - have >= MUCH else breaks + 1
            if breaks >= TRIES:
                raise ModelUnreachable(_broken(stated.label, error.__cause__ or error)) from error
            time.sleep(WAIT_SECONDS)
    if not _is_whole(part, stated):
        raise _Wrong(f"has another SHA-256 than the {stated.content} that was stated")
    if stated.name.endswith(SUFFIXES):
        try:
            kind_of(part)
        except NotWeights as error:
            raise _Wrong(str(error)) from error


def _is_whole(file: Path, stated: _Stated) -> bool:
    """Whether the bytes are those that were stated. Of small files the hub states another digest than SHA-256."""
    return re.fullmatch(r"[0-9a-f]{64}", stated.content) is None or sha256_of(file) == stated.content


def _append(stated: _Stated, part: Path, have: int, watcher: Watcher) -> None:
    """Add to ``part`` what the hub still sends. Raises _Broken when that ends too early."""
    from huggingface_hub import constants, get_session
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    headers = {**build_hf_headers(token=hub.token()), "accept-encoding": "identity"}
    if have:
        headers["range"] = f"bytes={have}-"
    wait = constants.HF_HUB_DOWNLOAD_TIMEOUT
    try:
        # the client leaves the token behind when it is sent on to another host
        with get_session().stream("GET", stated.url, headers=headers, timeout=wait, follow_redirects=True) as answer:
            if answer.status_code not in (200, 206):
                if answer.status_code == 416:
                    raise _Wrong("could not be gone on with")
                raise _refused(stated.label, answer.status_code)
            if "text/html" in answer.headers.get("content-type", "") and stated.name.endswith(SUFFIXES):
                raise _Wrong("is a web page, not network weights")
            if answer.status_code == 206 and not answer.headers.get("content-range", "").startswith(f"bytes {have}-"):
                raise _Wrong("could not be gone on with")
            arrived = have if answer.status_code == 206 else 0
            length = answer.headers.get("content-length", "")
            plain = answer.headers.get("content-encoding", "identity") == "identity"
            if plain and length.isdecimal() and arrived + int(length) != stated.size:
                raise _Wrong(f"has {arrived + int(length):,} bytes, and {stated.size:,} were stated")
            with part.open("ab" if arrived else "wb") as file:
                for chunk in answer.iter_bytes():
                    arrived += len(chunk)
                    if arrived > stated.size:
                        raise _Wrong(f"has more than the {stated.size:,} bytes that were stated")
                    file.write(chunk)
                    watcher.progress(f"download {stated.name}", arrived, stated.size)
    except Exception as error:
        if not _of_the_connection(error):
            raise
        raise _Broken from error
    if arrived < stated.size:
        raise _Broken("the connection was closed too early")


def _of_the_connection(error: Exception) -> bool:
    """Errors of the hub library's client have no base among Python's own; their class says where they are from. Where
    that library was told to stay offline by a program that uses simcheck, it raises a ConnectionError."""
    modules = {kind.__module__.split(".")[0] for kind in type(error).__mro__}
    return any(name.startswith(("httpx", "httpcore")) for name in modules) or isinstance(error, ConnectionError)


def _refused(label: str, status: int) -> ModelError:
    if status in (401, 403, 404, 410, 451):
        return ModelError(
            f"The hub refuses {label} (HTTP {status}). Check the name of the network; or get the weights file another "
            "way and name it with `--model FILE`."
        )
    return ModelUnreachable(_broken(label, OSError(f"HTTP {status}")))


def _broken(label: str, error: BaseException) -> str:
    first = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
    return (
        f"{label} could not be fetched: {first.rstrip('.')}. What has arrived is kept: run `simcheck models pull` "
        "again to go on, or name a weights file with `--model FILE`."
    )


def _not_as_stated(stated: _Stated, wrong: _Wrong) -> ModelError:
    from huggingface_hub import constants

    return ModelError(
        f"What {constants.ENDPOINT} sent as {stated.label} {wrong}. It was thrown away. Something between here and the "
        "hub may have changed it: try again from another network, or name a weights file with `--model FILE`."
    )


def _unwritable(place: Path, stated: _Stated, error: OSError) -> ModelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ModelError(
            f"There is not enough room in {place} for {stated.label}, {_megabytes(stated.size)} ({error.strerror}). "
            "Make room and try again, which goes on from what arrived; or let HF_HOME name a folder on another disk."
        )
    return ModelError(
        f"{stated.label} cannot be written to {place} ({error.strerror or error}). Check that you may write there, or "
        "let HF_HOME name another folder."
    )


def _megabytes(size: int) -> str:
    return f"{max(size / 1e6, 0.1):,.0f} MB" if size >= 1e6 else f"{size:,} bytes"
