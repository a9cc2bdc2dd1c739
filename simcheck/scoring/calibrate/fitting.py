"""Pairs of known origin -> the models of a calibration, and the test of each by cross-validation.

Independent pictures to learn from are those of which H2 speaks: by the same artist or in the same tradition. Others are
tested, too, but teach nothing, since they are told apart easily.

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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from simcheck.records.likelihood import PairGroup, Validation
from simcheck.scoring.calibrate.model import Calibration, Lead, Model, features_of, fused
from simcheck.scoring.calibrate.pairs import DERIVED, INDEPENDENT, NEAR, PairSet, Suspect
from simcheck.scoring.calibrate.validation import draws_of, validated
from simcheck.scoring.metrics import highest_useful
from simcheck.scoring.rates import Unrelated

__all__ = ["FOLDS", "Cases", "alone_and_beside", "fit", "fold_of_hand", "ranked", "surprises_of", "tested"]

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
LEAST_HIGHEST = 0.3
"""Where a test carries no ratio of two, words for H1 are none anyhow (`records.likelihood.strength`)."""


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


def alone_and_beside(
    pairs: PairSet, table: Unrelated, columns: tuple[int, ...]
) -> tuple[Cases, NDArray[np.float64], NDArray[np.float64]]:
    """The cases of these signals, at the sizes of their own portfolios, and the llr that each got, unbounded, from a
    model that had seen neither its artist nor its source: alone, and beside the work next to it (NaN without one)."""
    return _cross_validated(pairs, surprises_of(pairs, table), columns)


def tested(
    pairs: PairSet, table: Unrelated, columns: Sequence[int], *, heed_size: bool = True, bounded: bool = True
) -> tuple[Cases, NDArray[np.float64]]:
    """As `alone_and_beside`, with the llr beside the next work where there is one, bounded as a model of all cases is.
    Without ``heed_size`` every portfolio is taken for one of ten works, to show what that does; without ``bounded``
    llrs are as the models give them."""
    if not heed_size:
        pairs = replace(pairs, suspects=tuple(replace(s, works=min(s.works, 10)) for s in pairs.suspects))
    cases, alone, beside = alone_and_beside(pairs, table, tuple(columns))
    llrs = np.where(np.isnan(beside), alone, beside)
    return cases, np.clip(llrs, *_bounds([pairs.suspects[n] for n in cases.suspects], llrs)) if bounded else llrs


def ranked(pairs: PairSet, table: Unrelated) -> NDArray[np.float64]:
    """(pairs,) llr of each pair by all signals, unbounded, from a model that had not seen its suspect's artist, beside
    the work next to it; a signal that abstained counts as one without surprise. For figures of retrieval, which ask for
    an order of all works.

    Raises ValueError where too little is left to learn from."""
    features = surprises_of(pairs, table)
    folds = _folds(pairs)
    works = np.array([suspect.works for suspect in pairs.suspects], np.float64)
    values = np.full(len(features), np.nan)
    for fold in range(FOLDS):
        learned = _learn(pairs, features, tuple(range(len(pairs.names))), folds != fold)
        if learned is None:
            raise ValueError("there are too few suspects of known origin to test on some of them")
        coefficients, used = learned
        mine = np.flatnonzero(folds[pairs.owner] == fold)
        values[mine] = fused(coefficients, np.nan_to_num(features[mine]), works[pairs.owner[mine]])
        lead = _led(used, coefficients, used.weights(used.near & (folds[used.suspects] != fold)))
        if lead is not None:
            leads = _leads(values[mine], pairs.owner[mine])
            led = Lead.led(lead, values[mine], np.nan_to_num(leads))
            values[mine] = np.where(np.isnan(leads), values[mine], led)
    return values


def _leads(values: NDArray[np.float64], owner: NDArray[np.int64]) -> NDArray[np.float64]:
    """By how much each lies above the best other one of its suspect; NaN where there is none."""
    leads = np.full(len(values), np.nan)
    for number in np.unique(owner):
        rows = np.flatnonzero(owner == number)
        if len(rows) > 1:
            second, first = np.sort(values[rows])[-2:]
            leads[rows] = values[rows] - np.where(values[rows] == first, second, first)
    return leads


def _model(pairs: PairSet, features: NDArray[np.float64], columns: tuple[int, ...]) -> Model | None:
    everyone = np.ones(len(pairs.suspects), np.bool_)
    learned = _learn(pairs, features, columns, everyone)
    if learned is None:
        return None
    coefficients, cases = learned
    own, llrs, led = _cross_validated(pairs, features, columns)
    signals = tuple(pairs.names[c] for c in columns)
    replicates, leads = [], []
    even = cases.weights(cases.near)
    lead = _led(cases, coefficients, even)
    for drawn in draws_of([pairs.suspects[n].artist for n in cases.suspects], REPLICATES, [SEED, *columns]):
        if (again := _optimised(cases, even * drawn, coefficients)) is not None:
            replicates.append(again)
            leads.append(_led(cases, again, even * drawn))
    bounds, validation = _test(pairs, own, llrs, signals)
    model = Model(signals, coefficients, np.array(replicates), bounds, validation)
    if lead is None or any(each is None for each in leads) or np.isnan(led).all():
        return model
    return replace(model, lead=Lead(lead, np.array(leads), *_test(pairs, own, led, signals, beside=True)))


def _test(
    pairs: PairSet, cases: Cases, llrs: NDArray[np.float64], signals: tuple[str, ...], *, beside: bool = False
) -> tuple[tuple[float, float], Validation]:
    """Bounds, and what the llrs come to within them, of the cases that have one."""
    told = ~np.isnan(llrs)
    numbers = cases.suspects[told]
    suspects, llrs = [pairs.suspects[n] for n in numbers], llrs[told]
    bounds = _bounds(suspects, llrs)
    missed = len(pairs.missed & set(numbers.tolist()))
    return bounds, validated(suspects, np.clip(llrs, *bounds), signals, bounds[1], FOLDS, SEED, missed, beside)


def _bounds(suspects: Sequence[Suspect], llrs: NDArray[np.float64]) -> tuple[float, float]:
    """The lowest and the highest llr that the tested suspects can carry.

    Highest: the ratio up to which telling the two apart by it costs less than not looking at all, one more misleading
    suspect granted (`metrics.highest_useful`), among independent pictures by an artist of the portfolio or of its
    tradition, which is what H2 says (among all, where none of these was tested). Lowest: log10 of the share of derived
    suspects that got an llr below 0, of the kind of which most did. So many derivations leave nothing behind that these
    signals see, so nothing found speaks no more strongly for independence than one over that share.
    """
    derived = np.array([s.derived for s in suspects], np.bool_)
    kinds = np.array([s.kind for s in suspects])
    near = ~derived & np.isin(kinds, NEAR)
    near = near if near.any() else ~derived
    unseen = [float(np.mean(llrs[kinds == kind] < 0)) for kind in np.unique(kinds[derived])]
    lowest = max(*unseen, 1 / (derived.sum() + 1))
    shares = [1 / np.sum(kinds == kind) for kind in kinds[derived]]
    highest = highest_useful(llrs[derived], llrs[near], shares)
    return round(float(np.log10(lowest)), 3), round(max(highest, LEAST_HIGHEST), 3)


def _learn(
    pairs: PairSet, features: NDArray[np.float64], columns: tuple[int, ...], used: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Cases] | None:
    """Coefficients from the suspects ``used``, leaving out those whose best work is by an artist that is not used."""
    hands_out = {s.artist for s, is_used in zip(pairs.suspects, used, strict=True) if not is_used}
    coefficients = np.r_[np.ones(len(columns)), 0.0, 0.0]
    cases = None
    for _ in range(ROUNDS):
        cases = _cases(pairs, features, columns, coefficients, sizes=True)
        other_hands = [n for n, h in enumerate(_names(pairs)) if h in hands_out]
        keep = used[cases.suspects] & ~np.isin(cases.other_hands, other_hands) & cases.near
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


def _optimised(cases: Cases, weights: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A model's coefficients; None where one hypothesis has no weight left."""
    design = np.c_[cases.features, -np.log10(cases.works), np.ones(len(cases.works))]
    return _regression(design, cases.derived, weights, start)


def _led(cases: Cases, coefficients: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The coefficients of `Lead` beside those of its model; None where one hypothesis has no weight left."""
    beside = ~np.isnan(cases.rivals).any(axis=1)
    values = fused(coefficients, cases.features, cases.works)
    leads = np.where(beside, values - fused(coefficients, np.nan_to_num(cases.rivals), cases.works), 0.0)
    design = np.c_[values, np.maximum(leads, 0.0), np.ones(len(values))]
    return _regression(design, cases.derived, np.where(beside, weights, 0.0), np.array([1.0, 0.0, 0.0]))


def _regression(
    design: NDArray[np.float64], derived: NDArray[np.bool_], weights: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Weighted logistic regression, the last column for what is added; None where one hypothesis has no weight."""
    from scipy.optimize import minimize

    sides = [weights[derived].sum(), weights[~derived].sum()]
    if min(sides) <= 0:
        return None
    # replicates draw more of one hypothesis than of the other: the odds must stay the ratio
    weight = np.where(derived, 0.5 / sides[0], 0.5 / sides[1]) * weights
    used = weight > 0
    design = design[used]
    sign, weight = np.where(derived, 1.0, -1.0)[used], weight[used]
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
) -> tuple[Cases, NDArray[np.float64], NDArray[np.float64]]:
    """All cases, with the llr of each, and that beside the work next to it (NaN where there is none)."""
    folds = _folds(pairs)
    parts: list[tuple[Cases, NDArray[np.float64], NDArray[np.float64]]] = []
    for fold in range(FOLDS):
        learned = _learn(pairs, features, columns, folds != fold)
        if learned is None:
            raise ValueError("there are too few suspects of known origin to test on some of them")
        coefficients, used = learned
        cases = _cases(pairs, features, columns, coefficients, sizes=False).of(folds, fold)
        values = fused(coefficients, cases.features, cases.works)
        lead = _led(used, coefficients, used.weights(used.near & (folds[used.suspects] != fold)))
        beside = np.full(len(values), np.nan)
        if lead is not None:
            beside = Lead.led(lead, values, values - fused(coefficients, cases.rivals, cases.works))
        parts.append((cases, values, beside))
    joined = Cases(*(np.concatenate([getattr(cases, f.name) for cases, *_ in parts]) for f in fields(Cases)))
    return joined, np.concatenate([llrs for _, llrs, _ in parts]), np.concatenate([led for *_, led in parts])


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
