"""Sets of independent pictures by one artist, as a measure for what several suspects show together.

Pictures that share a character, a template or a hand reach a ratio together or not at all, so a share of independent
pictures, raised to a power, says nothing about sets of them. Whole artists of the test are drawn instead: a set is made
of all pictures of an artist, and of another's where these are too few (a bootstrap of blocks: Davison & Hinkley,
Bootstrap Methods and their Application, 1997, 3.8). What depends on each other in the test stays together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.scoring.calibrate.pairs import NEAR, Suspect

__all__ = ["LEAST_ARTISTS", "SetsReached", "by_artist", "sets_of"]

Row = tuple[int, ...]
"""Of one artist: independent pictures in the test, and how many of them reached each llr."""

SEVERAL = 2
"""Pictures of an artist without which nothing is seen of how they depend on each other: no set is drawn from such."""
LEAST_ARTISTS = 20
"""Without so many nothing is said: the set that is highest of fewer is beaten by more than one in twenty."""
FOR_A_TWENTIETH = 59
"""Artists from which on what one in twenty exceeds is known to lie below the highest that was seen (95 % confidence):
0.95 ** 59 < 0.05 (Wilks, Annals of Mathematical Statistics 12, 1941)."""
DRAWS = 2000
SEED = 2026
OF_ALL = 4
"""A set holds at most one in so many of the pictures: larger ones would all be the same pictures."""


@dataclass(frozen=True, slots=True)
class SetsReached:
    """What sets of ``size`` independent pictures reached: for each llr the number that half of the sets, and nineteen
    in twenty, do not exceed, and the highest of all."""

    size: int
    artists: int
    pictures: int
    half: tuple[int, ...]
    nineteen: tuple[int | None, ...]
    """None where the artists are too few to say."""
    most: tuple[int, ...]


def by_artist(suspects: Sequence[Suspect], llrs: NDArray[np.float64], at: Sequence[float]) -> tuple[Row, ...]:
    """Of the artists of independent pictures of which H2 speaks (of all, where none of these was tested), sorted.

    ``llrs`` are those that each suspect got from a model that had not seen its artist.
    """
    independent = [(s, llr) for s, llr in zip(suspects, llrs.tolist(), strict=True) if not s.derived]
    near = [each for each in independent if each[0].kind in NEAR] or independent
    rows: dict[str, list[int]] = {}
    for suspect, llr in near:
        row = rows.setdefault(suspect.artist, [0] * (len(at) + 1))
        row[0] += 1
        for place, least in enumerate(at, 1):
            row[place] += llr >= least
    return tuple(sorted(tuple(row) for row in rows.values()))


def sets_of(size: int, rows: Sequence[Row]) -> SetsReached | None:
    """Of sets of ``size`` pictures, or of the largest that the test can fill; None where it had too few artists.

    Equal arguments give equal numbers.
    """
    table = np.array([row for row in rows if row[0] >= SEVERAL], np.int64)
    if len(table) < LEAST_ARTISTS:
        return None
    pictures, reached = table[:, 0], table[:, 1:]
    size = min(size, int(pictures.sum()) // OF_ALL)
    generator = np.random.default_rng([SEED, size])
    # artists in the order in which they fill a set: the more pictures one has, the sooner it comes
    order = np.argsort(generator.exponential(size=(DRAWS, len(table))) / pictures, axis=1)
    filled = np.cumsum(pictures[order], axis=1)
    taken = np.clip(size - (filled - pictures[order]), 0, pictures[order])
    counts = np.stack([_some(each[order], pictures[order], taken, generator) for each in reached.T])
    half, nineteen, most = np.quantile(counts, (0.5, 0.95, 1.0), axis=1, method="higher").astype(int).tolist()
    known = len(table) >= FOR_A_TWENTIETH
    return SetsReached(
        size, len(table), int(pictures.sum()), tuple(half),
        tuple(nineteen) if known else (None,) * len(nineteen), tuple(most),
    )  # fmt: skip


def _some(
    reached: NDArray[np.int64], pictures: NDArray[np.int64], taken: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """(draws,) how many reach it of the pictures that were taken; of an artist who is cut, some at random."""
    whole = np.where(taken == pictures, reached, 0)
    cut = (taken > 0) & (taken < pictures)
    whole[cut] = generator.hypergeometric(reached[cut], (pictures - reached)[cut], taken[cut])
    return np.asarray(whole.sum(axis=1), np.int64)
