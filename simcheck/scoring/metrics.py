"""Figures of merit for retrieval and for likelihood ratios. Ties always count against the method that produced them.

uAP (micro average precision), recall@k and the like as in the Image Similarity Challenge (Douze et al., "The 2021
Image Similarity Dataset and Challenge", 2021). Labels are booleans, scores are higher for more similar; -inf marks a
pair that a method did not return. None of them depends on the order of its input.

Likelihood ratios are given as log10, under H1 and under H2 apart, and judged by Cllr (Bruemmer & du Preez, Computer
Speech and Language 20, 2006): 0 is perfect, 1 says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "best_calibrated",
    "cllr",
    "cllr_min",
    "first_true_ranks",
    "highest_rate",
    "micro_average_precision",
    "misleading",
    "recall_at",
    "recall_at_precision",
    "tpr_at_fpr",
]


def _arrays(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values, truth = np.asarray(scores, np.float64).ravel(), np.asarray(labels, np.bool_).ravel()
    if values.shape != truth.shape or not truth.any() or truth.all():
        raise ValueError("scores and labels must have one shape, with at least one true and one false pair")
    if np.isnan(values).any():
        raise ValueError("a score is not a number")
    return values, truth


def first_true_ranks(scores: ArrayLike, truth: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """For each row (query) of ``scores`` the rank, from 1, of its best true reference; ties rank behind all their kind.

    ``truth[i]`` lists the columns that are right for row i; one that was not returned (-inf) ranks behind everything.
    """
    table = np.asarray(scores, np.float64)
    ranks = []
    for row, right in zip(table, truth, strict=True):
        wrong = np.ones(len(row), np.bool_)
        wrong[list(right)] = False
        best = row[list(right)].max()
        ranks.append(int((row[wrong] >= best).sum()) + 1 if best > -np.inf else len(row) + 1)
    return np.array(ranks, np.int64)


def recall_at(ranks: ArrayLike, k: int) -> float:
    """Share of queries whose best true reference is among the first k."""
    return float((np.asarray(ranks) <= k).mean())


def _curve(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """True and false pairs at or above each distinct score, highest first; pairs not returned are left out."""
    values, truth = _arrays(scores, labels)
    distinct = np.unique(values[values > -np.inf])[::-1]
    true = np.sort(values[truth])
    false = np.sort(values[~truth])
    hits = len(true) - np.searchsorted(true, distinct, side="left")
    misses = len(false) - np.searchsorted(false, distinct, side="left")
    return hits.astype(np.int64), misses.astype(np.int64), distinct


def micro_average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """uAP: average precision over all (query, reference) pairs in one ranking; equal scores are one step."""
    hits, misses, _ = _curve(scores, labels)
    positives = int(np.asarray(labels, np.bool_).sum())
    gained = np.diff(np.r_[0, hits])
    return float((gained * hits / (hits + misses)).sum() / positives) if len(hits) else 0.0


def tpr_at_fpr(scores: ArrayLike, labels: ArrayLike, fpr: float) -> float:
    """Share of true pairs at the lowest score at which at most ``fpr`` of the false pairs are accepted."""
    hits, misses, _ = _curve(scores, labels)
    truth = np.asarray(labels, np.bool_)
    allowed = misses <= fpr * (~truth).sum()
    return float(hits[allowed].max() / truth.sum()) if allowed.any() else 0.0


def recall_at_precision(scores: ArrayLike, labels: ArrayLike, precision: float) -> float:
    """Share of true pairs found at the lowest score at which at least ``precision`` of those found are true."""
    hits, misses, _ = _curve(scores, labels)
    good = hits >= precision * (hits + misses)
    return float(hits[good].max() / np.asarray(labels, np.bool_).sum()) if good.any() else 0.0


def cllr(h1: ArrayLike, h2: ArrayLike, weights: tuple[ArrayLike, ArrayLike] | None = None) -> float:
    """Log likelihood ratio cost, in bits, of the log10 ratios under each hypothesis; infinite ones may be right.

    ``weights`` gives one for each, where not all count alike; each hypothesis counts for one half in any case.
    """
    sides = [np.asarray(side, np.float64).ravel() for side in (h1, h2)]
    if not all(len(side) for side in sides) or any(np.isnan(side).any() for side in sides):
        raise ValueError("at least one likelihood ratio is needed under each hypothesis, and none that is not a number")
    costs = [np.logaddexp(0, sign * np.log(10) * side) / np.log(2) for sign, side in zip((-1, 1), sides, strict=True)]
    return (_mean(costs[0], weights and weights[0]) + _mean(costs[1], weights and weights[1])) / 2


def cllr_min(h1: ArrayLike, h2: ArrayLike, weights: tuple[ArrayLike, ArrayLike] | None = None) -> float:
    """What `cllr` would be if these ratios, in this order, had been calibrated as well as can be: by the pool adjacent
    violators algorithm on the tested pairs themselves. The difference to `cllr` is what calibration lost."""
    sides = [np.asarray(side, np.float64).ravel() for side in (h1, h2)]
    given = [
        np.ones(len(s)) if w is None else np.asarray(w) for s, w in zip(sides, weights or (None, None), strict=True)
    ]
    (h1, h2), (w1, w2) = ([v[w > 0] for v, w in zip(sides, given, strict=True)], [w[w > 0] for w in given])
    llrs, derived = best_calibrated(h1, h2, (w1, w2))
    return cllr(llrs[derived], llrs[~derived], (w1, w2))


def best_calibrated(
    h1: ArrayLike, h2: ArrayLike, weights: tuple[ArrayLike, ArrayLike] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The log10 ratios that pool adjacent violators gives to each pair, those under H1 first, and which are under H1.

    Equal ratios get equal ones. The ends may be infinite. Weights must be above 0."""
    from scipy.optimize import isotonic_regression

    sides = [np.asarray(side, np.float64).ravel() for side in (h1, h2)]
    values = np.concatenate(sides)
    derived = np.r_[np.ones(len(sides[0]), np.bool_), np.zeros(len(sides[1]), np.bool_)]
    shares = [
        np.full(len(side), 1 / len(side)) if w is None else np.asarray(w, np.float64) / np.sum(w)
        for side, w in zip(sides, weights or (None, None), strict=True)
    ]
    weight = np.concatenate(shares)
    distinct, place = np.unique(values, return_inverse=True)
    total = np.bincount(place, weight)
    right = np.bincount(place, weight * derived)
    fitted = isotonic_regression(right / total, weights=total).x[place]
    with np.errstate(divide="ignore"):
        # half of all weight is under H1, so the odds are the ratio
        return np.log10(fitted) - np.log10(1 - fitted), derived


def misleading(h2: ArrayLike, llr: float, weights: ArrayLike | None = None) -> float:
    """Share of the independent pairs whose log10 ratio is at least ``llr``: evidence that points the wrong way."""
    return _mean(np.asarray(h2, np.float64).ravel() >= llr, weights)


def highest_rate(reached: int, tried: int) -> float:
    """Upper end of the exact 95 % interval of a rate (Clopper & Pearson, Biometrika 26, 1934): what none of so many
    leaves possible, which drawing with replacement cannot show."""
    from scipy.special import betaincinv  # scipy.stats takes three times as long to import

    return 1.0 if reached >= tried else float(betaincinv(reached + 1, tried - reached, 0.975))


def _mean(values: NDArray[Any], weights: ArrayLike | None) -> float:
    return float(np.average(values.astype(np.float64), weights=None if weights is None else np.asarray(weights)))
