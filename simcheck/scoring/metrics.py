"""Figures of merit for likelihood ratios.

They are given as log10, under H1 and under H2 apart, and judged by Cllr (Bruemmer & du Preez, Computer Speech and
Language 20, 2006): 0 is perfect, 1 says nothing. None of the figures depends on the order of its input.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["best_calibrated", "cllr", "cllr_min", "highest_rate", "highest_useful", "misleading"]


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


def highest_useful(h1: ArrayLike, h2: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The highest log10 ratio that these pairs bear out: the upper empirical bound of Vergeer et al. (Science & Justice
    56, 2016), with one misleading pair more than was seen under either hypothesis.

    Up to it, deciding by "the ratio is at least t" costs less, at the costs at which t is where a decision turns, than
    deciding without the ratio; contiguous from 1 upwards, so that a lucky gap above a bad stretch does not count.
    ``weights``: of the pairs under H1. 0 where not even ratios just above 1 are borne out.
    """
    first, second = np.asarray(h1, np.float64).ravel(), np.asarray(h2, np.float64).ravel()
    given = np.ones(len(first)) if weights is None else np.asarray(weights, np.float64).ravel()
    shares = given / given.sum() * len(first) / (len(first) + 1)
    best = 0.0
    for t in np.arange(0, max(float(first.max(initial=0.0)), 0.0) + 0.0005, 0.001):
        seen = float(shares[first >= t].sum())
        wrong = (int((second >= t).sum()) + 1) / (len(second) + 1)
        if 10**t * wrong >= seen:
            break
        best = float(t)
    return best


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
