"""What a model learns from and is tested on: of each suspect the first work that is seen, and the one next to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from simcheck.scoring.calibrate.pairs import DERIVED, INDEPENDENT, NEAR, PairSet

__all__ = ["LEAST", "Cases", "artists_of", "cases_of"]

SEED = 2026
SIZES = (1, 3, 10, 100, 200, 1000)
"""Portfolio sizes for which each derived suspect stands."""
SMALLER = (1, 3)
"""Sizes to which portfolios are cut down at random where every work of theirs was compared."""
LEAST = 10
"""Suspects of each hypothesis without which nothing is fitted; half of them for a model that is tested."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What one set of signals has to learn from or is tested on: one row for each suspect and portfolio size."""

    features: NDArray[np.float64]
    rivals: NDArray[np.float64]
    """Of the work next to each; NaN where there is none."""
    works: NDArray[np.float64]
    derived: NDArray[np.bool_]
    suspects: NDArray[np.int64]
    """Number of the suspect."""
    other_hands: NDArray[np.int64]
    """Number of the artist of the work."""
    kinds: NDArray[np.int64]
    sizes: NDArray[np.int64]
    """Level of the size of the portfolio."""

    @property
    def near(self) -> NDArray[np.bool_]:
        """What is learned from: of independent suspects those of which H2 speaks, where there are enough of them."""
        own = np.isin(self.kinds, [(*DERIVED, *INDEPENDENT).index(kind) for kind in NEAR])
        enough = len(np.unique(self.suspects[own])) >= LEAST
        return self.derived | own if enough else np.ones(len(self.derived), np.bool_)

    def of(self, folds: NDArray[np.int64], fold: int) -> Cases:
        """Those whose suspect lies in ``fold``."""
        mine = folds[self.suspects] == fold
        return Cases(*(getattr(self, field.name)[mine] for field in fields(self)))

    def weights(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Of each row: hypotheses alike, in them sizes, in these kinds. Sum 1; 0 where not chosen.

        A size that only one of the hypotheses has would tell them apart by itself, so it does not count.
        """
        chosen = np.ones(len(self.derived), np.bool_) if chosen is None else chosen
        sides = (self.derived & chosen, ~self.derived & chosen)
        both = np.intersect1d(self.sizes[sides[0]], self.sizes[sides[1]])
        out = np.zeros(len(self.derived))
        for side in sides:
            for size in both:
                here = side & (self.sizes == size)
                kinds, place, counts = np.unique(self.kinds[here], return_inverse=True, return_counts=True)
                out[here] = 0.5 / len(both) / len(kinds) / counts[place]
        return out


def cases_of(
    pairs: PairSet,
    features: NDArray[np.float64],
    columns: tuple[int, ...],
    coefficients: NDArray[np.float64],
    *,
    sizes: bool,
) -> Cases:
    """The best right work of every derived suspect, or of one that was missed the best that was shown, and the best
    work of every independent one, by ``coefficients``.

    ``sizes``: each derived suspect at every size, and independent ones also in portfolios cut down at random.
    """
    own = features[:, list(columns)]
    known = np.nonzero(~np.isnan(own).any(axis=1))[0]
    merit = np.full(len(own), -np.inf)
    merit[known] = own[known] @ coefficients[:-2]
    every = np.nan_to_num(own) @ coefficients[:-2]
    other_hands = _numbers(pairs.artists)
    kinds = (*DERIVED, *INDEPENDENT)
    rows: list[tuple[int, int, int, int, int]] = []
    missed = pairs.missed
    generator = np.random.default_rng([SEED, *columns])
    starts = np.searchsorted(pairs.owner, np.arange(len(pairs.suspects) + 1))
    for number, suspect in enumerate(pairs.suspects):
        candidates = [r for r in range(starts[number], starts[number + 1]) if merit[r] > -np.inf]
        if suspect.derived and number not in missed:
            candidates = [r for r in candidates if pairs.derived[r]]
        if not candidates:
            continue
        best = max(candidates, key=lambda r: merit[r])
        kind = kinds.index(suspect.kind)

        def rival(best: int, among: Iterable[int]) -> int:
            """The best of those that the suspect was not made from; -1 without any."""
            others = [r for r in among if r != best and not pairs.derived[r]]
            return max(others, key=lambda r: every[r], default=-1)

        beside = rival(best, range(starts[number], starts[number + 1]))
        # how alike the best of other works is depends on how many there are
        stands_for = SIZES if sizes and suspect.derived and number not in missed else (suspect.works,)
        rows += [(best, size, number, kind, beside if size > 1 else -1) for size in stands_for]
        if sizes and not suspect.derived and suspect.compared == suspect.works:
            for size in (s for s in SMALLER if s < len(candidates)):
                some = generator.choice(candidates, size, replace=False).tolist()
                best = max(some, key=lambda r: merit[r])
                rows.append((best, size, number, kind, rival(best, some)))
    best_rows, works, suspects, kind_numbers, beside_rows = np.array(rows, np.int64).reshape(-1, 5).T
    rivals = np.where((beside_rows >= 0)[:, None], np.nan_to_num(own[beside_rows]), np.nan)
    sizes_of = np.abs(np.log(np.array(SIZES)) - np.log(works)[:, None]).argmin(axis=1)
    derived = np.array([pairs.suspects[n].derived for n in suspects], np.bool_)
    return Cases(
        own[best_rows], rivals, works.astype(np.float64), derived, suspects, other_hands[best_rows], kind_numbers,
        sizes_of,
    )  # fmt: skip


def artists_of(pairs: PairSet) -> list[str]:
    """Whose works these are, in the order of `Cases.other_hands`."""
    return sorted(set(pairs.artists))


def _numbers(names: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
