"""SHA-256 of weights files, remembered between runs: half a gigabyte is not read again at every start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import ModelError
from simcheck.system.writing import replace_file

__all__ = ["Verification", "regular", "sha256_of", "weights_digest"]


@dataclass(frozen=True, slots=True)
class Verification:
    """``recorded`` is the digest that the hub stated at the download, or that of the published file for the network
    that ships with simcheck; None for weights that came another way."""

    weights: Path
    digest: str
    recorded: str | None

    @property
    def damaged(self) -> bool:
        return self.recorded is not None and self.recorded != self.digest


def regular(path: Path) -> os.stat_result:
    """The state of a file that ends. Raises ModelError for none, and for pipes and devices, which never do."""
    try:
        state = path.stat()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}. Check that it exists and that you may read it.") from error
    if not stat.S_ISREG(state.st_mode):
        raise ModelError(f"{path} is no ordinary file, so it cannot hold a network. Name the weights file itself.")
    return state


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes. Raises ModelError when it cannot be read."""
    regular(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}. Check that it exists and that you may read it.") from error


def weights_digest(path: Path) -> str:
    """`sha256_of`, or what an earlier run found, as long as the file is the same: its path, size, times and number.

    Programs can set the time at which the bytes were changed, but not that at which anything was (ctime).
    """
    import platformdirs

    state = regular(path)
    where = str(path.resolve())
    key = [where, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
    name = hashlib.sha256(os.fsencode(where)).hexdigest()[:32] + ".json"
    note = platformdirs.user_cache_path("simcheck", appauthor=False) / "weights" / name
    try:
        known = json.loads(note.read_text("utf-8"))
        if known["file"] == key and len(known["sha256"]) == 64:
            return str(known["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no note, or not one of ours: the file itself is asked
    digest = sha256_of(path)
    with contextlib.suppress(OSError):  # a cache that cannot be written costs a second at the next start, nothing else
        note.parent.mkdir(parents=True, exist_ok=True)
        replace_file(note, json.dumps({"file": key, "sha256": digest}).encode())
    return digest
