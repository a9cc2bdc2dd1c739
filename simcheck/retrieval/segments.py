"""Search files: vectors of some works, sealed with the digest of their bytes.

A file is never changed once it is there. New works get a file of their own, and of a work that was described again or
forgotten the old vectors are passed over. So each names its works, and of each the seal of the very description that
its vectors were made from (`Store.seals`): what fits the index is read, whatever else lies in the folder.

Layout: the vectors, row by row as little-endian float32; a JSON document that says whose they are; the length of that
document (8 bytes, little-endian); the SHA-256 of all before it (32 bytes); `MAGIC`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simcheck.records import SignalIdentity
from simcheck.system.writing import replacing

__all__ = ["SUFFIX", "Segment", "Vectors", "named", "read", "together", "write"]

SUFFIX = ".vectors"
MAGIC = b"simcheck vectors"
_LENGTH, _DIGEST = 8, 32
_END = _LENGTH + _DIGEST + len(MAGIC)

Vectors = tuple[int, str, NDArray[np.float32]]
"""A work, the seal of its description, and its vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Vectors of some works, those of one work beside each other."""

    works: NDArray[np.int64]
    seals: tuple[str, ...]
    """For each work of which description its vectors were made."""
    starts: NDArray[np.int64]
    """(works + 1): where the vectors of each work begin, and at last how many there are."""
    vectors: NDArray[np.float32]
    """(n, dimension); mapped into memory where there is a file."""
    path: Path | None = None

    def of(self, place: int) -> Vectors:
        rows = self.vectors[self.starts[place] : self.starts[place + 1]]
        return int(self.works[place]), self.seals[place], rows


def named(stem: Path, works: Sequence[tuple[int, str]]) -> Path:
    """Where the segment of these works, with the seals of their descriptions, lies."""
    digest = hashlib.sha256(json.dumps(sorted(works)).encode()).hexdigest()
    return stem.with_name(f"{stem.name}-{digest[:12]}{SUFFIX}")


def together(parts: Sequence[Vectors]) -> Segment:
    """A segment in memory. Raises ValueError for vectors of several dimensions."""
    filled = [rows for _, _, rows in parts if len(rows)]
    vectors = np.concatenate(filled) if filled else np.zeros((0, 1), np.float32)
    return Segment(
        np.array([work for work, _, _ in parts], np.int64),
        tuple(seal for _, seal, _ in parts),
        _starts([len(rows) for _, _, rows in parts]),
        np.ascontiguousarray(vectors, np.float32),
    )


def write(path: Path, identity: SignalIdentity, parts: Iterable[Vectors]) -> None:
    """Write a segment, a work at a time. Raises OSError, and ValueError for vectors of several dimensions."""
    digest = hashlib.sha256()
    works: list[tuple[int, str, int]] = []
    dimension = 0
    with replacing(path) as file:

        def put(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        for work, seal, rows in parts:
            if len(rows) and dimension not in (0, rows.shape[1]):
                raise ValueError(f"vectors of {rows.shape[1]} and of {dimension} numbers")
            dimension = rows.shape[1] if len(rows) else dimension
            works.append((work, seal, len(rows)))
            put(np.ascontiguousarray(rows, "<f4").tobytes())
        about = json.dumps({"signal": identity.comparable, "dimension": dimension or 1, "works": works}).encode()
        put(about)
        put(len(about).to_bytes(_LENGTH, "little"))
        file.write(digest.digest() + MAGIC)


def read(path: Path, identity: SignalIdentity | None) -> Segment:
    """Map a file into memory, after its digest was compared: some 0.06 s for 100 MiB that the system has at hand.

    ``identity`` None: of whichever descriptors. Raises OSError, and ValueError for one that is damaged, altered, or of
    other descriptors.
    """
    with path.open("rb") as file:
        if path.stat().st_size < _END:
            raise ValueError("it is too short")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        with memoryview(mapped) as content:
            return _segment(mapped, content, path, identity)
    except ValueError:
        with contextlib.suppress(BufferError):
            mapped.close()  # Windows replaces no file that is mapped
        raise


def _segment(mapped: mmap.mmap, content: memoryview, path: Path, identity: SignalIdentity | None) -> Segment:
    sealed = len(content) - _DIGEST - len(MAGIC)
    if content[-len(MAGIC) :] != MAGIC or hashlib.sha256(content[:sealed]).digest() != content[sealed : -len(MAGIC)]:
        raise ValueError("its bytes are not those that were written")
    length = int.from_bytes(content[sealed - _LENGTH : sealed], "little")
    if length > sealed - _LENGTH:
        raise ValueError("it is too short")
    end = sealed - _LENGTH - length
    try:
        about = json.loads(bytes(content[end : end + length]))
        if identity and tuple(about["signal"]) != identity.comparable:
            raise ValueError("it is of other descriptors")
        works = np.array([int(work) for work, _, _ in about["works"]], np.int64)
        seals = tuple(str(seal) for _, seal, _ in about["works"])
        starts = _starts([int(rows) for _, _, rows in about["works"]])
        dimension = int(about["dimension"])
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"it does not say whose vectors it holds ({error})") from error
    if dimension < 1 or (np.diff(starts) < 0).any() or int(starts[-1]) * dimension * 4 != end:
        raise ValueError("it does not hold as many vectors as it says")
    vectors = np.frombuffer(mapped, "<f4", end // 4).reshape(-1, dimension)
    return Segment(works, seals, starts, vectors, path)


def _starts(counts: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
