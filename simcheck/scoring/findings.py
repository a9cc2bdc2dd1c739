"""Comparisons -> findings: ordered, with a type by rules over the evidence, in careful words.

Where a calibration holds for the run's very signals, each finding carries a likelihood ratio with its interval and its
bounds, and findings are ordered by it; what is plainly a copy comes first. Elsewhere the report says "uncalibrated" and
shows raw scores beside the rate at which unrelated works reach them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from simcheck.comparison.pair import Compared
from simcheck.records import (
    Claim,
    Comparison,
    Element,
    FileFacts,
    Finding,
    FindingType,
    SignalIdentity,
    SignalResult,
    Work,
)
from simcheck.records.likelihood import LikelihoodRatio
from simcheck.scoring.calibrate import Calibration
from simcheck.scoring.rates import LEAST_COHORT, Unrelated, order
from simcheck.scoring.types import COMMON, type_of

__all__ = ["Scale", "find"]

SAME_STROKES = (FindingType.RE_ENCODED, FindingType.EDITED_COPY)
"""Types that rest on details or hashes of one work, whatever all signals together say: some of them do not see a work
that was turned by a quarter, and another work may have more of them on its side."""
UNKNOWN = -99.0
"""Orders works of which no signal has anything to say behind all others."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What raw scores are read against: signals, their claims, and the tables of unrelated pairs."""

    identities: Mapping[str, SignalIdentity]
    claims: Mapping[str, Claim]
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
        claims: Mapping[str, Claim],
        cohort: Unrelated | None,
        portfolio: Unrelated | None,
        calibration: Calibration | None = None,
        works: int = 1,
    ) -> Scale:
        orders = cohort.orders(identities, claims) if cohort else np.zeros(0)
        own = portfolio.orders(identities, claims, cohort) if cohort and portfolio else np.zeros(0)
        if calibration and not calibration.usable(identities, cohort):
            calibration = None
        return cls(identities, claims, cohort, portfolio, orders, own, calibration, works)

    def tables(self) -> list[Unrelated]:
        return [table for table in (self.cohort, self.portfolio) if table]

    def is_beyond_cohort(self, comparisons: Sequence[tuple[str, Comparison]]) -> bool:
        """Whether the sum over the signals that the cohort knows exceeds that of each of its own pairs, and of each of
        the portfolio's: one hand's works are alike to begin with."""
        if self.cohort is None or len(self.cohort_orders) < LEAST_COHORT:
            return False
        most = max(float(orders[-1]) for orders in (self.cohort_orders, self.portfolio_orders) if len(orders))
        return order(self.identities, comparisons, self.claims, [self.cohort]) > most

    def ratio(self, comparisons: Sequence[tuple[str, Comparison]]) -> tuple[LikelihoodRatio, float] | None:
        """The likelihood ratio of one work, and before it is bounded; None where no calibration holds for it."""
        if self.calibration is None or self.cohort is None:
            return None
        return self.calibration.ratio(comparisons, self.identities, self.cohort, self.works)

    def result(self, name: str, comparison: Comparison) -> SignalResult:
        if comparison.score is None:
            return SignalResult(comparison)
        identity = self.identities[name]
        cohort, portfolio = (t.rate(identity, comparison.score) if t else None for t in (self.cohort, self.portfolio))
        return SignalResult(comparison, cohort, portfolio)


def find(
    query: FileFacts,
    compared: Sequence[Compared],
    works: Mapping[int, Work],
    scale: Scale,
    elements: Sequence[Element] = (),
    out_of_scope: str | None = None,
) -> list[Finding]:
    """One finding for each compared work, best first: equal bytes, then copies, then by ratio (or provisional score).

    ``out_of_scope`` says why the suspect is nothing that a calibration holds for (`simcheck.images.scope`).
    """
    found = []
    for each in compared:
        work = works[each.work_id]
        results = tuple((name, scale.result(name, comparison)) for name, comparison in each.comparisons)
        score = order(scale.identities, each.comparisons, scale.claims, scale.tables())
        beyond = scale.is_beyond_cohort(each.comparisons)
        own = [element for element in elements if element.work.id == work.id]
        llr, why = None, None
        if scale.calibration and out_of_scope:  # nothing of a ratio is told, nor kept to order by
            why = out_of_scope
        elif scale.calibration:
            ratio = scale.ratio(each.comparisons)
            score = ratio[1] if ratio else UNKNOWN
            llr, why = (ratio[0], None) if ratio else (None, "signals_not_calibrated")
        kind, basis, edits = type_of(query, work, dict(results), scale.claims, beyond, own, llr, each.overlaid)
        if kind is FindingType.EXACT_FILE and scale.calibration:
            llr, why = None, "exact_file"
        found.append(Finding(0, work, score, kind, basis, edits, results, llr, why))
    found.sort(
        key=lambda f: (
            f.type is not FindingType.EXACT_FILE, f.type not in SAME_STROKES, -f.score, f.work.facts.sha256
        )
    )  # fmt: skip
    return [replace(finding, rank=rank) for rank, finding in enumerate(_without_what_is_common(found), 1)]


def _without_what_is_common(found: Sequence[Finding]) -> list[Finding]:
    untold = (FindingType.NOTHING, FindingType.STYLE_ONLY)
    told = any(f.type not in untold and COMMON not in f.basis for f in found)
    kept = []
    for finding in found:
        if COMMON in finding.basis:
            if told:
                finding = replace(finding, type=FindingType.NOTHING, basis=(COMMON,), edits=())
            told = True
        kept.append(finding)
    return kept
