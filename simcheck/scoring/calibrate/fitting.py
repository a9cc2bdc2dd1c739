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
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from simcheck.records.likelihood import PairGroup, Validation
from simcheck.scoring.calibrate.cases import LEAST, Cases, artists_of, cases_of
from simcheck.scoring.calibrate.lead import Lead
from simcheck.scoring.calibrate.model import Calibration, Model, features_of, fused
from simcheck.scoring.calibrate.pairs import DERIVED, INDEPENDENT, NEAR, PairSet, Suspect
from simcheck.scoring.calibrate.regression import fitted, led
from simcheck.scoring.calibrate.validation import draws_of, validated
from simcheck.scoring.metrics import highest_useful
from simcheck.scoring.rates import Unrelated

__all__ = ["FOLDS", "Cases", "alone_and_beside", "fit", "fold_of_hand", "ranked", "surprises_of", "tested"]

FOLDS = 5
SEED = 2026
ROUNDS = 4
"""Which work is the best depends on the weights, and these on the works; four rounds settle it."""
REPLICATES = 100
LEAST_HIGHEST = 0.3
"""Where a test carries no ratio of two, words for H1 are none anyhow (`records.likelihood.strength`)."""


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
        lead = led(used, coefficients, used.weights(used.near & (folds[used.suspects] != fold)))
        if lead is not None:
            leads = _leads(values[mine], pairs.owner[mine])
            beside = Lead.led(lead, values[mine], np.nan_to_num(leads))
            values[mine] = np.where(np.isnan(leads), values[mine], beside)
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
    own, llrs, beside = _cross_validated(pairs, features, columns)
    signals = tuple(pairs.names[c] for c in columns)
    replicates, leads = [], []
    even = cases.weights(cases.near)
    lead = led(cases, coefficients, even)
    for drawn in draws_of([pairs.suspects[n].artist for n in cases.suspects], REPLICATES, [SEED, *columns]):
        if (again := fitted(cases, even * drawn, coefficients)) is not None:
            replicates.append(again)
            leads.append(led(cases, again, even * drawn))
    bounds, validation = _test(pairs, own, llrs, signals)
    model = Model(signals, coefficients, np.array(replicates), bounds, validation)
    if lead is None or any(each is None for each in leads) or np.isnan(beside).all():
        return model
    return replace(model, lead=Lead(lead, np.array(leads), *_test(pairs, own, beside, signals, beside=True)))


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
        cases = cases_of(pairs, features, columns, coefficients, sizes=True)
        other_hands = [n for n, h in enumerate(artists_of(pairs)) if h in hands_out]
        keep = used[cases.suspects] & ~np.isin(cases.other_hands, other_hands) & cases.near
        if min(len(np.unique(cases.suspects[keep & side])) for side in (cases.derived, ~cases.derived)) < LEAST // 2:
            return None
        found = fitted(cases, cases.weights(keep), coefficients)
        if found is None:
            return None
        coefficients = found
    assert cases is not None
    return coefficients, cases


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
        cases = cases_of(pairs, features, columns, coefficients, sizes=False).of(folds, fold)
        values = fused(coefficients, cases.features, cases.works)
        lead = led(used, coefficients, used.weights(used.near & (folds[used.suspects] != fold)))
        beside = np.full(len(values), np.nan)
        if lead is not None:
            beside = Lead.led(lead, values, values - fused(coefficients, cases.rivals, cases.works))
        parts.append((cases, values, beside))
    joined = Cases(*(np.concatenate([getattr(cases, f.name) for cases, *_ in parts]) for f in fields(Cases)))
    return joined, np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])


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
