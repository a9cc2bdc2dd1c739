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
from simcheck.system.writing import replace_file

__all__ = ["NEAREST", "Background", "background", "reference_folder"]

NEAREST = 10
"""As in SSCD (Pizzi et al., CVPR 2022)."""


def reference_folder() -> Path:
    """The folder of the shipped cohort, in the index format (``index/README.md``). simcheck only reads it.

    Raises StoreMissing when this copy of simcheck has none.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "reference", package.parent / "index" / "reference"):
        if folder.is_dir():
            return folder
    raise StoreMissing(
        f"the cohort that ships with simcheck is missing from {package}: this copy is incomplete. "
        "Install simcheck again."
    )


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
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            vectors = stored["vectors"].astype(np.float32) * float(stored["scale"])
            weights = str(stored["weights"])
    except OSError as error:
        raise StoreMissing(
            f"{path} cannot be read ({error}): this copy is incomplete. Install simcheck again."
        ) from error
    except (ValueError, KeyError, TypeError, EOFError) as error:
        raise StoreError(f"{path} is damaged ({error}). Install simcheck again.") from error
    return Background(vectors, weights, hashlib.sha256(content).hexdigest()[:16])
