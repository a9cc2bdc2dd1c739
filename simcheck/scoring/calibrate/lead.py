"""What is made of a model's value beside the value of the work next to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records.likelihood import Validation

__all__ = ["Lead"]


@dataclass(frozen=True, slots=True, eq=False)
class Lead:
    """What is made of a model's value beside its lead: both factors, then what is added; log10 units."""

    coefficients: NDArray[np.float64]
    replicates: NDArray[np.float64]
    """(n, 3): fitted again as the model's own are, one for each of these."""
    bounds: tuple[float, float]
    validation: Validation

    @staticmethod
    def led(
        coefficients: NDArray[np.float64], values: NDArray[np.float64], leads: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """``coefficients``: (3,), or (n, 3) with as many values and leads, which count from 0."""
        a, b, c = coefficients.T
        return np.asarray(a * values + b * np.maximum(leads, 0.0) + c)
