"""The shipped cohort, works by others to see a score against: ``simcheck/reference`` in a wheel, ``index/reference``
in a checkout.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import StoreError, StoreMissing
from simcheck.system.reading import arrays_of
from simcheck.system.writing import replace_file

__all__ = ["DIGESTS", "NEAREST", "Background", "background", "reference_folder", "write_digests"]

DIGESTS = "SHA256SUMS"
"""Beside what ships: the SHA-256 of each file."""
NEAREST = 10
"""As in SSCD (Pizzi et al., CVPR 2022)."""


def reference_folder() -> Path:
    """The folder of the shipped cohort, in the index format (``index/README.md``). simcheck only reads it.

    Raises StoreMissing when this copy of simcheck has none, and StoreError when it is damaged.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "reference", package.parent / "index" / "reference"):
        if folder.is_dir():
            _verify(folder)
            return folder
    raise StoreMissing(
        f"the cohort that ships with simcheck is missing from {package}: this copy is incomplete. "
        "Install simcheck again."
    )


@cache
def _verify(folder: Path) -> None:
    """Compare the digests of all files, once for each process: 0.02 s for the 17 MB that ship.

    A number that is another by accident would change results, and nobody would see it.
    """
    try:
        stated = [line.split("  ", 1) for line in (folder / DIGESTS).read_text(encoding="ascii").splitlines()]
        wrong = [name for digest, name in stated if _digest(folder / name) != digest]
        wrong += sorted({file.name for file in _shipped_in(folder)} - {name for _, name in stated})
    except FileNotFoundError as error:
        raise StoreMissing(f"{error.filename} is missing: this copy is incomplete. Install simcheck again.") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder / DIGESTS} cannot be read ({error}). Install simcheck again.") from error
    if wrong:
        named = ", ".join(str(folder / name) for name in wrong)
        raise StoreError(f"What ships with simcheck is damaged: {named}. Install simcheck again.")


def write_digests(folder: Path) -> None:
    """For the scripts that make what ships: state the digests of all files in ``folder``, as ``sha256sum`` does."""
    text = "".join(f"{_digest(file)}  {file.name}\n" for file in _shipped_in(folder))
    replace_file(folder / DIGESTS, text.encode("ascii"))


def _shipped_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix in (".json", ".npz", ".sqlite3"))


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """Vectors of works by others, made by ``scripts/build/unrelated.py``: what a query resembles by being as it is.

    A page of writing or a plain sky resembles a great many pictures. Its similarity to a work says something only
    beyond that.
    """

    vectors: NDArray[np.float32]
    """(works, regions, dimension)"""
    weights: str
    """Digest of the network that made them."""
    digest: str
    """Of the file; 16 hexadecimal digits."""

    def level(self, query: NDArray[np.float32]) -> float:
        """The mean similarity of a query, (regions, dimension), with the ten works nearest to it."""
        works, regions, dimension = self.vectors.shape
        cosine = query @ self.vectors.reshape(works * regions, dimension).T
        nearest = np.partition(cosine.max(axis=0).reshape(works, regions).max(axis=1), -NEAREST)[-NEAREST:]
        return float(nearest.mean())

    @staticmethod
    def save(path: Path, vectors: NDArray[np.float32], weights: str) -> None:
        """As int8: that moves a cosine by less than a hundredth, and the level is a mean."""
        scale = float(np.abs(vectors).max()) / 127
        packed = io.BytesIO()
        np.savez_compressed(
            packed, vectors=np.round(vectors / scale).astype(np.int8), scale=np.float32(scale), weights=weights
        )
        replace_file(path, packed.getvalue())


@cache
def background(signal: str) -> Background:
    """The shipped background of a signal. Raises StoreError when this copy is incomplete."""
    path = reference_folder() / f"{signal}_background.npz"
    try:
        content = path.read_bytes()
        stored = arrays_of(content)
        vectors = stored["vectors"].astype(np.float32) * float(stored["scale"])
        weights = str(stored["weights"])
    except OSError as error:
        raise StoreMissing(
            f"{path} cannot be read ({error}): this copy is incomplete. Install simcheck again."
        ) from error
    except (ValueError, KeyError, TypeError, EOFError) as error:
        raise StoreError(f"{path} is damaged ({error}). Install simcheck again.") from error
    return Background(vectors, weights, hashlib.sha256(content).hexdigest()[:16])
