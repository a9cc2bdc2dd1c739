"""One file to one picture: its bytes are read once, hashed, and decoded from memory.

So the SHA-256 is that of the very bytes that gave the pixels, even when the file changes while simcheck runs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import PictureError
from simcheck.images.colour import to_working
from simcheck.images.decode import decode
from simcheck.images.files import read_bytes, shown
from simcheck.records import FileFacts, Picture

__all__ = ["READING", "Limits", "read_otherwise", "read_picture"]

READING = 2
"""Number of the way in which files become pixels. Raise it when files of some kind are read otherwise, and say in
`read_otherwise` which: `simcheck index` then looks at those again."""
_AS_EVER = frozenset({"JPEG", "MPO"})
"""Formats whose pixels are those of reading 1."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost. ``seconds`` and ``memory_bytes`` are kept by `Reader`, the others everywhere."""

    max_bytes: int = 512 * 1024 * 1024
    max_pixels: int = 250_000_000
    working_side: int = 1024
    """Longer side of the pixels returned, but for long strips (`colour.target_size`); nothing is enlarged."""
    seconds: float = 30.0
    memory_bytes: int = 4 * 1024**3


def read_picture(path: Path, limits: Limits = Limits()) -> Picture:  # noqa: B008 - frozen, so shared safely
    """Read, hash and decode a file in this process.

    Returns the picture as sRGB at working size, the right way up, on white (on black, where white would hide what is
    drawn), with the facts of how it was decoded.
    Raises PictureError, its sentence naming the file, with the code vanished, no_permission, not_a_file, unreadable,
    empty_file, too_large_file, not_a_picture, no_decoder, truncated, damaged, too_many_pixels or out_of_memory.
    """
    try:
        return _read(path, limits)
    except MemoryError as error:
        why = "there is not enough memory for this picture; save a smaller copy"
        raise PictureError(f"{shown(path)}: {why}", "out_of_memory") from error


_MOST_NOTES, _LONGEST_NOTE = 24, 120
"""What is kept of what is said of one file's decoding: it goes into the index and every report."""


def _read(path: Path, limits: Limits) -> Picture:
    data = read_bytes(path, limits.max_bytes)
    digest, size_bytes = hashlib.sha256(data).hexdigest(), len(data)
    try:
        decoded = decode(data, limits.max_pixels, limits.working_side, limits.max_bytes)
    except PictureError as error:
        raise PictureError(f"{shown(path)}: {error}", error.code) from error
    del data
    pixels = to_working(decoded.image, decoded.orientation, decoded.bits, limits.working_side, decoded.notes)
    facts = FileFacts(
        sha256=digest,
        size_bytes=size_bytes,
        format=decoded.format,
        mode=decoded.mode,
        width=decoded.size[0],
        height=decoded.size[1],
        frames=decoded.frames,
        decoder=f"{decoded.decoder}; reading {READING}",
        notes=_capped(decoded.notes),
    )
    return Picture(facts, pixels)


def read_otherwise(facts: FileFacts) -> bool:
    """Whether a file that was read by an earlier simcheck may give other pixels now."""
    said = re.search(r"; reading (\d+)$", facts.decoder)
    return facts.format not in _AS_EVER and (int(said[1]) if said else 1) < READING


def _capped(notes: list[str]) -> tuple[str, ...]:
    """The first notes, none of them long; the last says how many there were beyond."""
    kept = [note[:_LONGEST_NOTE] for note in notes[:_MOST_NOTES]]
    return (*kept, f"notes_left_out:{len(notes) - _MOST_NOTES}") if len(notes) > _MOST_NOTES else tuple(kept)
