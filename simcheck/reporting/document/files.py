"""Files, and the computer they were compared on, as JSON."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from simcheck.records import FileFacts
from simcheck.reporting.words.plain import plain

__all__ = ["MOST_NOTES", "environment_document", "file_document", "path_text"]

MOST_NOTES = 40
"""Of a file; one that is no attack has under ten. Older indexes hold all that a decoder said."""
MOST_OF_A_NOTE = 120
"""Characters: a line on the page."""
LIBRARIES = (
    "faiss-cpu", "numpy", "open-clip-torch", "opencv-python-headless", "pdqhash", "pillow", "pillow-heif", "psd-tools",
    "scipy", "simplejpeg", "torch", "torchvision",
)  # fmt: skip


def environment_document(device: str) -> dict[str, Any]:
    """What others need to compare again. Of the operating system its family only: more would tell computers apart."""
    return {
        "python": platform.python_version(),
        "platform": platform.system(),
        "machine": platform.machine(),
        "device": device,
        "libraries": dict(_libraries(LIBRARIES)),
    }


def _libraries(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "absent"


def _notes(notes: Sequence[str]) -> list[str]:
    """A file may hold tens of thousands of things to note, and write them itself."""
    kept = [plain(note[:MOST_OF_A_NOTE]) for note in notes[:MOST_NOTES]]
    return kept if len(notes) <= MOST_NOTES else [*kept, f"notes_left_out:{len(notes) - MOST_NOTES}"]


def file_document(path: Path, facts: FileFacts) -> dict[str, Any]:
    return {
        "path": path_text(path),
        "name": plain(path.name),
        "sha256": facts.sha256,
        "bytes": facts.size_bytes,
        "width": facts.width,
        "height": facts.height,
        "format": facts.format,
        "mode": facts.mode,
        "frames": facts.frames,
        "notes": _notes(facts.notes),
        "decoder": facts.decoder,
    }


def path_text(path: Path) -> str:
    return plain(str(path))
