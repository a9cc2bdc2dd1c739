"""The test of a model: what the llrs of suspects that it had never seen come to, in numbers that can be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simcheck.records.likelihood import Interval, Misleading, Validation
from simcheck.scoring.calibrate.pairs import NEAR, Suspect
from simcheck.scoring.calibrate.sets import by_artist
from simcheck.scoring.metrics import cllr, cllr_min, highest_rate, misleading

__all__ = ["draws_of", "validated"]

MEASURE_REPLICATES = 200
MISLEADING_AT = (1.0, 2.0, 3.0)
MOST_QUANTILES = 400


def validated(
    suspects: Sequence[Suspect],
    llrs: NDArray[np.float64],
    signals: tuple[str, ...],
    highest: float,
    folds: int,
    seed: int,
    missed: int = 0,
    beside: bool = False,
) -> Validation:
    """Of suspects with the llr that each got, up to ``highest``: that none goes beyond it shows nothing, so misleading
    evidence is counted up to there. Within each hypothesis all kinds count alike, however many there are. ``missed`` of
    the derived ones stand with a work that they were not made from."""
    kinds = np.array([s.kind for s in suspects])
    h1 = np.array([s.derived for s in suspects], np.bool_)
    h2 = ~h1
    near = h2 & np.isin(kinds, NEAR)
    weights = np.zeros(len(llrs))
    for side in (h1, h2):
        own, place, counts = np.unique(kinds[side], return_inverse=True, return_counts=True)
        weights[side] = 0.5 / len(own) / counts[place]
    draws = [np.ones(len(llrs)), *draws_of([s.artist for s in suspects], MEASURE_REPLICATES, [seed, 1])]

    def interval(measure: Callable[[NDArray[np.float64]], float]) -> Interval:
        values = [measure(weights * draw) for draw in draws]
        low, high = np.nanpercentile(values, (2.5, 97.5))
        return Interval(*(round(float(v), 4) for v in (values[0], min(low, values[0]), max(high, values[0]))))

    def rate(chosen: NDArray[np.bool_], at: float) -> Interval:
        found = interval(partial(_misleading, llrs, chosen, at))
        most = round(highest_rate(int((llrs[chosen] >= at).sum()), int(chosen.sum())), 4)
        return replace(found, high=max(found.high, most))

    counted = [at for at in MISLEADING_AT if at <= highest]
    return Validation(
        signals=signals,
        folds=folds,
        cllr=interval(lambda w: cllr(llrs[h1], llrs[h2], (w[h1], w[h2]))),
        cllr_min=interval(lambda w: cllr_min(llrs[h1], llrs[h2], (w[h1], w[h2]))),
        misleading=tuple(Misleading(at, rate(h2, at), rate(near, at) if near.any() else None) for at in counted),
        h1=_quantiles(llrs[h1], weights[h1]),
        h2=_quantiles(llrs[h2], np.ones(int(h2.sum()))),
        h1_suspects=int(h1.sum()),
        h2_suspects=int(h2.sum()),
        missed=missed,
        beside=beside,
        sets=by_artist(suspects, llrs, counted),
    )


def _misleading(llrs: NDArray[np.float64], chosen: NDArray[np.bool_], at: float, weights: NDArray[np.float64]) -> float:
    return misleading(llrs[chosen], at, weights[chosen]) if weights[chosen].sum() else float("nan")


def _quantiles(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, ...]:
    order = np.argsort(values, kind="stable")
    count = min(MOST_QUANTILES, len(values))
    reached = np.cumsum(weights[order]) / weights.sum()
    places = np.minimum(np.searchsorted(reached, (np.arange(count) + 0.5) / count), len(values) - 1)
    places[[0, -1]] = 0, len(values) - 1  # "none reached it" must be true of all of them
    return tuple(round(float(v), 3) for v in values[order][places])


def draws_of(artists: Sequence[str], count: int, seed: Sequence[int]) -> list[NDArray[np.float64]]:
    """How often each suspect counts when artists are drawn with replacement, ``count`` times."""
    numbers = np.unique(artists, return_inverse=True)[1]
    generator, most = np.random.default_rng(list(seed)), int(numbers.max()) + 1
    drawn = [np.bincount(generator.integers(most, size=most), minlength=most) for _ in range(count)]
    return [each[numbers].astype(np.float64) for each in drawn]
