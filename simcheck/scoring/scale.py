"""What raw scores are read against: tables of unrelated pairs, and a calibration where one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Comparison, SignalIdentity, SignalResult
from simcheck.records.likelihood import LikelihoodRatio
from simcheck.scoring.calibrate import Calibration
from simcheck.scoring.rates import LEAST_COHORT, Kinds, Unrelated, order
from simcheck.signals.base import PartRole

__all__ = ["Scale"]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What raw scores are read against: signals, the facts on their classes, and the tables of unrelated pairs."""

    identities: Mapping[str, SignalIdentity]
    kinds: Kinds
    cohort: Unrelated | None
    portfolio: Unrelated | None
    cohort_orders: NDArray[np.float64]
    """Sorted provisional scores of the cohort's own pairs with the same signals; empty without a cohort."""
    portfolio_orders: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """The same, by the cohort's table, of this portfolio's own pairs."""
    calibration: Calibration | None = None
    """Only one that holds for at least one of the signals."""
    works: int = 1
    """Among so many works of the portfolio each finding was the best."""

    @classmethod
    def of(
        cls,
        identities: Mapping[str, SignalIdentity],
        kinds: Kinds,
        cohort: Unrelated | None,
        portfolio: Unrelated | None,
        calibration: Calibration | None = None,
        works: int = 1,
    ) -> Scale:
        orders = cohort.orders(identities, kinds) if cohort else np.zeros(0)
        own = portfolio.orders(identities, kinds, cohort) if cohort and portfolio else np.zeros(0)
        if calibration and not calibration.usable(identities, cohort):
            calibration = None
        return cls(identities, kinds, cohort, portfolio, orders, own, calibration, works)

    def of_role(self, role: PartRole) -> SignalIdentity | None:
        """The first of the run's signals that has this to do with parts."""
        return next((i for name, i in self.identities.items() if self.kinds[name].part_role is role), None)

    def tables(self) -> list[Unrelated]:
        return [table for table in (self.cohort, self.portfolio) if table]

    def is_beyond_cohort(self, comparisons: Sequence[tuple[str, Comparison]]) -> bool:
        """Whether the sum over the signals that the cohort knows exceeds that of each of its own pairs, and of each of
        the portfolio's: one artist's works are alike to begin with."""
        if self.cohort is None or len(self.cohort_orders) < LEAST_COHORT:
            return False
        most = max(float(orders[-1]) for orders in (self.cohort_orders, self.portfolio_orders) if len(orders))
        return order(self.identities, comparisons, self.kinds, [self.cohort]) > most

    def ratio(
        self,
        comparisons: Sequence[tuple[str, Comparison]],
        rival: Sequence[tuple[str, Comparison]] | None = None,
    ) -> LikelihoodRatio | None:
        """The likelihood ratio of one work, beside the one next to it; None where no calibration holds for it."""
        if self.calibration is None or self.cohort is None:
            return None
        return self.calibration.ratio(comparisons, self.identities, self.cohort, self.works, rival)

    def limits(self) -> tuple[float, float] | None:
        """The lowest and the highest llr that this run can give; None where it gives none."""
        if self.calibration is None:
            return None
        return self.calibration.limits(self.calibration.usable(self.identities, self.cohort))

    def result(self, name: str, comparison: Comparison) -> SignalResult:
        if comparison.score is None:
            return SignalResult(comparison)
        identity = self.identities[name]
        cohort, portfolio = (t.rate(identity, comparison.score) if t else None for t in (self.cohort, self.portfolio))
        return SignalResult(comparison, cohort, portfolio)
