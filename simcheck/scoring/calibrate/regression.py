"""Weighted logistic regression, by which the models of a calibration and their leads are fitted (L-BFGS-B)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simcheck.scoring.calibrate.cases import Cases
from simcheck.scoring.calibrate.model import fused

__all__ = ["fitted", "led"]

RIDGE = 2e-3


def fitted(cases: Cases, weights: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A model's coefficients; None where one hypothesis has no weight left."""
    design = np.c_[cases.features, -np.log10(cases.works), np.ones(len(cases.works))]
    return _regression(design, cases.derived, weights, start)


def led(cases: Cases, coefficients: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64] | None:
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
