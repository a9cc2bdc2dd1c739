"""Pairs of known origin -> the models of a calibration, and the test of each by cross-validation.

What a person sees is the best of all works. So a model is fitted on the best work of every independent suspect, for
portfolios of several sizes, against the right work of every derived one, whose scores do not depend on how many others
were searched. Where the search missed the right work, a person sees the best of the works that it did find, and that
one stands for the suspect. Within each hypothesis all sizes of portfolios, and in these all kinds of suspects, count
alike, however many there are of each; the two hypotheses count alike too, so that the log odds of the regression are
the log ratio.

The regression is logistic, with a small ridge and no negative weight (L-BFGS-B). Intervals come from drawing sources
with replacement: for derived suspects the repository or the artist, for independent ones the artist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from simcheck.records.likelihood import PairGroup
from simcheck.scoring.calibrate.model import Calibration, Model, features_of, fused
from simcheck.scoring.calibrate.pairs import DERIVED, INDEPENDENT, NEAR, PairSet, Suspect
from simcheck.scoring.calibrate.validation import draws_of, validated
from simcheck.scoring.rates import Unrelated

__all__ = ["FOLDS", "Cases", "fit", "fold_of_hand", "ranked", "surprises_of", "tested"]

FOLDS = 5
SEED = 2026
SIZES = (1, 3, 10, 100, 200, 1000)
"""Portfolio sizes for which each derived suspect stands."""
SMALLER = (1, 3)
"""Sizes to which portfolios are cut down at random where every work of theirs was compared."""
RIDGE = 2e-3
LEAST = 10
"""Suspects of each hypothesis without which nothing is fitted; half of them for a model that is tested."""
ROUNDS = 4
"""Which work is the best depends on the weights, and these on the works; four rounds settle it."""
REPLICATES = 100


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What one set of signals has to learn from or is tested on: one row for each suspect and portfolio size."""

    features: NDArray[np.float64]
    works: NDArray[np.float64]
    derived: NDArray[np.bool_]
    suspects: NDArray[np.int64]
    """Number of the suspect."""
    other_hands: NDArray[np.int64]
    """Number of the artist of the work."""
    kinds: NDArray[np.int64]
    sizes: NDArray[np.int64]
    """Level of the size of the portfolio."""

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


def fit(pairs: PairSet, table: Unrelated, name: str, progress: Callable[[int, int], None] | None = None) -> Calibration:
    """Raises ValueError where the pairs hold too little of one hypothesis, or signals that ``table`` does not know."""
    if min(sum(s.derived is d for s in pairs.suspects) for d in (True, False)) < LEAST:
        raise ValueError("there are too few suspects of known origin: at least ten derived and ten independent ones")
    features = surprises_of(pairs, table)
    sets = [s for n in range(1, len(pairs.names) + 1) for s in combinations(range(len(pairs.names)), n)]
    models = []
    for number, columns in enumerate(sets):
        if (model := _model(pairs, features, columns)) is not None:
            models.append(model)
        if progress:
            progress(number + 1, len(sets))
    if not models:
        raise ValueError("there are too few suspects of known origin on which the same signals have something to say")
    return Calibration(name, pairs.source, table.digest, pairs.digest, pairs.signals, _groups(pairs), tuple(models))


def surprises_of(pairs: PairSet, table: Unrelated) -> NDArray[np.float64]:
    """(pairs, signals), NaN where a signal abstained."""
    out = np.full(pairs.scores.shape, np.nan)
    for place, signal in enumerate(pairs.signals):
        if table.sorted_scores(signal) is None:
            raise ValueError(f"the table of unrelated pairs does not know the signal {signal[0]} in this version")
        known = ~np.isnan(pairs.scores[:, place])
        out[known, place] = features_of(table, signal, pairs.scores[known, place])
    return out


def tested(
    pairs: PairSet, table: Unrelated, columns: Sequence[int], *, heed_size: bool = True, bounded: bool = True
) -> tuple[Cases, NDArray[np.float64]]:
    """The cases of these signals, at the sizes of their own portfolios, and the llr that each got from a model that had
    seen neither its artist nor its source; bounded as a model of all of them is. Without ``heed_size`` every portfolio
    is taken for one of ten works, to show what that does; without ``bounded`` llrs are as the models give them."""
    if not heed_size:
        pairs = replace(pairs, suspects=tuple(replace(s, works=min(s.works, 10)) for s in pairs.suspects))
    features = surprises_of(pairs, table)
    cases, llrs = _cross_validated(pairs, features, tuple(columns))
    return cases, np.clip(llrs, *_bounds([pairs.suspects[n] for n in cases.suspects], llrs)) if bounded else llrs


def ranked(pairs: PairSet, table: Unrelated) -> NDArray[np.float64]:
    """(pairs,) llr of each pair by all signals, unbounded, from a model that had not seen its suspect's artist; a
    signal that abstained counts as one without surprise. For figures of retrieval, which ask for an order of all works.

    Raises ValueError where too little is left to learn from."""
    features = surprises_of(pairs, table)
    folds = _folds(pairs)
    works = np.array([suspect.works for suspect in pairs.suspects], np.float64)
    values = np.full(len(features), np.nan)
    for fold in range(FOLDS):
        learned = _learn(pairs, features, tuple(range(len(pairs.names))), folds != fold)
        if learned is None:
            raise ValueError("there are too few suspects of known origin to test on some of them")
        mine = folds[pairs.owner] == fold
        values[mine] = fused(learned[0], np.nan_to_num(features[mine]), works[pairs.owner[mine]])
    return values


def _model(pairs: PairSet, features: NDArray[np.float64], columns: tuple[int, ...]) -> Model | None:
    everyone = np.ones(len(pairs.suspects), np.bool_)
    learned = _learn(pairs, features, columns, everyone)
    if learned is None:
        return None
    coefficients, cases = learned
    own, llrs = _cross_validated(pairs, features, columns)
    suspects = [pairs.suspects[n] for n in own.suspects]
    bounds = _bounds(suspects, llrs)
    signals = tuple(pairs.names[c] for c in columns)
    replicates = []
    for drawn in draws_of([pairs.suspects[n].artist for n in cases.suspects], REPLICATES, [SEED, *columns]):
        if (again := _optimised(cases, cases.weights() * drawn, coefficients)) is not None:
            replicates.append(again)
    missed = len(pairs.missed & set(own.suspects.tolist()))
    validation = validated(suspects, np.clip(llrs, *bounds), signals, bounds[1], FOLDS, SEED, missed)
    return Model(signals, coefficients, np.array(replicates), bounds, validation)


def _bounds(suspects: Sequence[Suspect], llrs: NDArray[np.float64]) -> tuple[float, float]:
    """The lowest and the highest llr that the tested suspects can carry.

    Highest: log10 of how many different independent pictures there were by an artist of the portfolio or of its
    tradition, which is what H2 says (of all, where none of these was tested). Lowest: log10 of the share of derived
    suspects (kinds alike) that got an llr below 0. So many derivations leave nothing behind that these signals see, so
    nothing found speaks no more strongly for independence than one over that share, however far the regression runs on.
    """
    independent = [s for s in suspects if not s.derived]
    sources = {s.source for s in independent if s.kind in NEAR} or {s.source for s in independent}
    kinds = sorted({s.kind for s in suspects if s.derived})
    unseen = [np.mean([llr < 0 for s, llr in zip(suspects, llrs, strict=True) if s.kind == kind]) for kind in kinds]
    derived = sum(s.derived for s in suspects)
    share = max(float(np.mean(unseen)), 1 / (derived + 1))
    return round(float(np.log10(share)), 3), round(float(np.log10(len(sources))), 3)


def _learn(
    pairs: PairSet, features: NDArray[np.float64], columns: tuple[int, ...], used: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Cases] | None:
    """Coefficients from the suspects ``used``, leaving out those whose best work is by an artist that is not used."""
    hands_out = {s.artist for s, is_used in zip(pairs.suspects, used, strict=True) if not is_used}
    coefficients = np.r_[np.ones(len(columns)), 0.0, 0.0]
    cases = None
    for _ in range(ROUNDS):
        cases = _cases(pairs, features, columns, coefficients, sizes=True)
        keep = used[cases.suspects] & ~np.isin(
            cases.other_hands, [n for n, h in enumerate(_names(pairs)) if h in hands_out]
        )
        if min(len(np.unique(cases.suspects[keep & side])) for side in (cases.derived, ~cases.derived)) < LEAST // 2:
            return None
        found = _optimised(cases, cases.weights(keep), coefficients)
        if found is None:
            return None
        coefficients = found
    assert cases is not None
    return coefficients, cases


def _names(pairs: PairSet) -> list[str]:
    return sorted(set(pairs.artists))


def _numbers(names: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _cases(
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
    other_hands = _numbers(pairs.artists)
    kinds = (*DERIVED, *INDEPENDENT)
    rows: list[tuple[int, int, int, int]] = []
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
        # how alike the best of other works is depends on how many there are
        every = SIZES if sizes and suspect.derived and number not in missed else (suspect.works,)
        rows += [(best, size, number, kind) for size in every]
        if sizes and not suspect.derived and suspect.compared == suspect.works:
            for size in (s for s in SMALLER if s < len(candidates)):
                some = generator.choice(candidates, size, replace=False)
                rows.append((int(max(some, key=lambda r: merit[r])), size, number, kind))
    best_rows, works, suspects, kind_numbers = np.array(rows, np.int64).reshape(-1, 4).T
    sizes_of = np.abs(np.log(np.array(SIZES)) - np.log(works)[:, None]).argmin(axis=1)
    derived = np.array([pairs.suspects[n].derived for n in suspects], np.bool_)
    return Cases(
        own[best_rows], works.astype(np.float64), derived, suspects, other_hands[best_rows], kind_numbers, sizes_of
    )


def _optimised(cases: Cases, weights: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Weighted logistic regression; None where one hypothesis has no weight left."""
    from scipy.optimize import minimize

    sides = [weights[cases.derived].sum(), weights[~cases.derived].sum()]
    if min(sides) <= 0:
        return None
    # replicates draw more of one hypothesis than of the other: the odds must stay the ratio
    weight = np.where(cases.derived, 0.5 / sides[0], 0.5 / sides[1]) * weights
    used = weight > 0
    design = np.c_[cases.features, -np.log10(cases.works), np.ones(len(cases.works))][used]
    sign, weight = np.where(cases.derived, 1.0, -1.0)[used], weight[used]
    ridge = np.r_[np.full(design.shape[1] - 1, RIDGE), 0.0]

    def cost(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (design @ beta)
        gradient = design.T @ (-sign * weight * np.exp(-np.logaddexp(0, margin)))
        return float(weight @ np.logaddexp(0, -margin) + (ridge * beta * beta).sum()), gradient + 2 * ridge * beta

    limits = [(0.0, None)] * (design.shape[1] - 1) + [(None, None)]
    found = minimize(cost, start * np.log(10), jac=True, bounds=limits, method="L-BFGS-B")
    return np.asarray(found.x / np.log(10), np.float64)


def _cross_validated(
    pairs: PairSet, features: NDArray[np.float64], columns: tuple[int, ...]
) -> tuple[Cases, NDArray[np.float64]]:
    folds = _folds(pairs)
    parts: list[tuple[Cases, NDArray[np.float64]]] = []
    for fold in range(FOLDS):
        learned = _learn(pairs, features, columns, folds != fold)
        if learned is None:
            raise ValueError("there are too few suspects of known origin to test on some of them")
        cases = _cases(pairs, features, columns, learned[0], sizes=False)
        mine = folds[cases.suspects] == fold
        cut = Cases(
            cases.features[mine], cases.works[mine], cases.derived[mine], cases.suspects[mine],
            cases.other_hands[mine], cases.kinds[mine], cases.sizes[mine],
        )  # fmt: skip
        parts.append((cut, fused(learned[0], cut.features, cut.works)))
    columns_of = ("features", "works", "derived", "suspects", "other_hands", "kinds", "sizes")
    joined = Cases(*(np.concatenate([getattr(cases, name) for cases, _ in parts]) for name in columns_of))
    return joined, np.concatenate([llrs for _, llrs in parts])


def fold_of_hand(pairs: PairSet) -> dict[str, int]:
    """The fold of each artist that made a suspect, and of each repository: few and large groups first."""
    counts = Counter(s.artist for s in pairs.suspects)
    published = {s.artist for s in pairs.suspects if s.kind == "derived"}
    filled = {flag: [0] * FOLDS for flag in (True, False)}
    fold: dict[str, int] = {}
    for artist, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        totals = filled[artist in published]
        fold[artist] = min(range(FOLDS), key=lambda n: (totals[n], n))
        totals[fold[artist]] += count
    return fold


def _folds(pairs: PairSet) -> NDArray[np.int64]:
    """The fold of each suspect; all of one artist, and all of one repository, in one."""
    fold = fold_of_hand(pairs)
    return np.array([fold[s.artist] for s in pairs.suspects], np.int64)


def _groups(pairs: PairSet) -> tuple[PairGroup, ...]:
    groups = []
    for kind in (*DERIVED, *INDEPENDENT):
        own = [s for s in pairs.suspects if s.kind == kind]
        sources = {s.source if s.derived else s.artist for s in own}
        if own:
            groups.append(PairGroup(kind, "H1" if kind in DERIVED else "H2", len(own), len(sources)))
    return tuple(groups)
