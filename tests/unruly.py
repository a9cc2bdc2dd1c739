"""Ways of reading that hang, crash or eat memory, for decoding processes to import. What is read is named after it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from simcheck.images import Limits, read_picture
from simcheck.records import Picture

__all__ = ["misbehave", "process_and_limits", "read_and_tell", "read_slowly"]


def misbehave(path: Path, limits: Limits) -> Picture:
    """Does what the file's name says, or else reads it."""
    if path.stem == "hang":
        time.sleep(600)
    elif path.stem == "abort":
        os.abort()
    elif path.stem == "exit":
        os._exit(0)
    elif path.stem == "eat":
        hoard = [bytearray(1 << 26) for _ in range(1000)]
        raise AssertionError(f"{len(hoard)} times 64 MB were granted")
    elif path.stem == "mistake":
        raise ZeroDivisionError("a mistake in simcheck")
    return read_picture(path, limits)


def read_slowly(path: Path, limits: Limits) -> Picture:
    time.sleep(0.5)
    return read_picture(path, limits)


def read_and_tell(path: Path, limits: Limits) -> Picture:
    """Leaves a file beside the picture that says that it has been read."""
    picture = read_picture(path, limits)
    path.with_suffix(".read").touch()
    return picture


def process_and_limits(asked: str, limits: Limits) -> tuple[int, int]:
    assert asked == "x"
    return os.getpid(), limits.max_bytes
