"""Sample art: a portfolio by two invented painters and eight suspects whose truth is known.

No person's work is in it, so it can be shown, shipped and tested anywhere. It ships as files, in ``sample/`` beside
this module; ``scripts/build/paint_sample.py`` painted them, and ``sample.json`` says with what, and the digest of each.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcheck.errors import StoreError, StoreMissing, UsageError
from simcheck.records import Box
from simcheck.system.writing import replace_file

__all__ = ["Demo", "SharedElement", "Truth", "copy_into"]

_SAMPLE = Path(__file__).resolve().parent / "sample"
_RECORD = _SAMPLE.with_suffix(".json")
_TRUTH = "truth.json"
_OURS = ("portfolio", "suspects", "index", "report")
"""Folders that ``simcheck demo`` fills."""


@dataclass(frozen=True, slots=True)
class SharedElement:
    """Something of a work that is seen again in a suspect; boxes are fractions of each picture."""

    name: str
    work: str
    box_in_work: Box
    box_in_suspect: Box


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one suspect. ``works`` are file names in the portfolio, none for an independent picture."""

    suspect: Path
    done: str
    works: tuple[str, ...]
    elements: tuple[SharedElement, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """The sample. Every path begins with the folder that it was copied into."""

    portfolio: Path
    suspects: Path
    works: tuple[Path, ...]
    truth: tuple[Truth, ...]


def copy_into(folder: Path) -> Demo:
    """Copy the sample art into ``folder``, which is made if it is not there. Files that are there already are kept.

    Raises UsageError where something else lies in a place that the sample needs, or where the folder cannot be
    written to; nothing that was there is changed. Raises StoreError when this copy of simcheck lacks a part of the
    sample.
    """
    digests = _digests()
    try:
        _refuse_what_is_not_ours(folder, digests)
        for name, digest in digests.items():
            target = folder / name
            if not os.path.lexists(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                replace_file(target, _shipped(name, digest))
    except OSError as error:
        raise UsageError(
            f"The sample art could not be written to {folder} ({error.strerror or error}). "
            "Choose a folder that you may write to, on a disk with 25 MB of room."
        ) from error
    works = tuple(folder / name for name in digests if name.startswith("portfolio/"))
    document = json.loads(_shipped(_TRUTH, digests[_TRUTH]))
    return Demo(
        folder / "portfolio", folder / "suspects", works, tuple(_truth(folder, s) for s in document["suspects"])
    )


def _digests() -> dict[str, str]:
    """Of each file of the sample: its name, with ``/`` between the parts, and its SHA-256. The truth comes first: a
    folder in which the copying was cut short is known by it, and filled the next time.
    """
    try:
        record = json.loads(_RECORD.read_text(encoding="utf-8"))
        digests = {str(name): str(digest) for name, digest in record["files"].items()}
        return {_TRUTH: digests.pop(_TRUTH), **digests}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _incomplete(_RECORD, error) from error


def _shipped(name: str, digest: str) -> bytes:
    path = _SAMPLE / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _incomplete(path, error) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise StoreError(f"{path} is not the file that shipped with simcheck. Install simcheck again.")
    return content


def _incomplete(path: Path, error: Exception) -> StoreMissing:
    return StoreMissing(
        f"{path} cannot be read ({error}): this copy of simcheck is incomplete. Install simcheck again."
    )


def _refuse_what_is_not_ours(folder: Path, digests: dict[str, str]) -> None:
    """Raise UsageError where ``folder`` holds something of another origin in a place that the demo writes to."""
    taken = [name for name in digests if os.path.lexists(folder / name)]
    if _TRUTH not in taken:
        taken = [*taken, *(name for name in _OURS if os.path.lexists(folder / name))]
    else:
        taken = [name for name in taken if not _is(folder / name, digests[name])]
    if taken:
        others = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise UsageError(
            f"{folder / taken[0]}{others} lies where the sample art would be written, and is not from it. "
            "Nothing was written. Choose another folder, or move that away."
        )


def _is(path: Path, digest: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _truth(folder: Path, entry: dict[str, Any]) -> Truth:
    elements = tuple(
        SharedElement(e["name"], e["work"], _box(e["box_in_work"]), _box(e["box_in_suspect"]))
        for e in entry["elements"]
    )
    return Truth(folder / entry["suspect"], entry["done"], tuple(entry["works"]), elements)


def _box(edges: list[float]) -> Box:
    x0, y0, x1, y1 = edges
    return x0, y0, x1, y1
