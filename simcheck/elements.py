"""The element map: each place of a suspect goes to the work that explains it best.

Every part that agrees with some work (`alignment`) is held against what unrelated pairs reach with a part as large, of
the cohort and of this portfolio. Of the parts that at most one cohort pair in 5,000 reaches, and one in 80 of the
artist's own works (a signature, a mascot, a manner of drawing hills may be in many of them), the strongest takes its
places first; another is told only where more than half of it is still free. Strength is the agreement of structure,
which two tiers of proposals share; where only keypoints agree it is theirs, and comes after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.compare import PATCHES, Compared
from simcheck.rates import Unrelated
from simcheck.records import Alignment, Element, Rate, SignalIdentity, Work

__all__ = ["PATCHES", "Null", "element_map", "explained"]

MOST = 12
LEAST_FREE = 0.5
ONE_IN = 5000
"""Cohort pairs of which at most one may reach a part that is told: some fifty works are compared with each suspect, so
that one suspect in a hundred should show a part by chance. Not "none": one pair of round frames would decide."""
OWN_ONE_IN = 80
"""The same among the portfolio's own works, of which some two hundred pairs are compared."""
LEAST_PAIRS = 1000
"""Fewer cohort pairs cannot say that an agreement is out of the ordinary."""
KEYPOINTS = "keypoints"


@dataclass(frozen=True, slots=True)
class Null:
    """What parts are held against."""

    identities: Mapping[str, SignalIdentity]
    cohort: Unrelated | None
    portfolio: Unrelated | None

    def rates(self, part: Alignment) -> tuple[Rate, Rate | None] | None:
        """How many unrelated pairs of the cohort, and of the portfolio, reach it; None where that is not known."""
        cohort = self._rate(self.cohort, part)
        if cohort is None or cohort.pairs < LEAST_PAIRS:
            return None
        return cohort, self._rate(self.portfolio, part)

    def _rate(self, table: Unrelated | None, part: Alignment) -> Rate | None:
        if table is None:
            return None
        found = []
        if part.score and PATCHES in self.identities:
            found.append(table.rate_of_part(self.identities[PATCHES], part.area, part.score))
        if part.relation and KEYPOINTS in self.identities:
            found.append(table.rate(self.identities[KEYPOINTS], part.relation))
        # two looks at one part: the one by which it is rarer
        return min((rate for rate in found if rate), key=lambda rate: rate.reached / rate.pairs, default=None)


def element_map(compared: Sequence[Compared], works: Mapping[int, Work], null: Null) -> tuple[Element, ...]:
    """The elements of one suspect, the strongest first."""
    parts = []
    for each in compared:
        for part in each.parts:
            rates = null.rates(part)
            if rates and _is_rare(rates[0], ONE_IN) and _is_rare(rates[1], OWN_ONE_IN):
                parts.append((part, works[each.work_id], rates))
    parts.sort(key=lambda one: (-one[0].score, -one[0].relation, -one[0].area, one[1].facts.sha256, one[0].query_box))
    elements: list[Element] = []
    taken: NDArray[np.bool_] | None = None
    for part, work, (cohort, portfolio) in parts:
        taken = np.zeros_like(part.mask) if taken is None else taken
        free = part.mask & ~taken
        if len(elements) == MOST or free.sum() <= LEAST_FREE * part.mask.sum():
            continue
        taken = taken | part.mask
        elements.append(Element(work, part, _outline(free), float(free.mean()), cohort, portfolio))
    return tuple(elements)


def _is_rare(rate: Rate | None, one_in: int) -> bool:
    """Where nothing is known of the artist's own works (fewer than four), nothing is held against it."""
    return rate is None or rate.reached * one_in <= rate.pairs


def explained(elements: Sequence[Element]) -> float:
    """Share of the suspect that lies in an element."""
    return float(min(1.0, sum(element.area for element in elements)))


def _outline(mask: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
    """Polygons around the mask, and around holes in it (even-odd), in fractions; specks are left out."""
    import cv2

    height, width = mask.shape
    # at four times the size, so that an outline runs along the pixels' edges and not through their middles
    larger = cv2.resize(mask.astype(np.uint8), (4 * width, 4 * height), interpolation=cv2.INTER_NEAREST)
    found, _ = cv2.findContours(larger, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    largest = max((cv2.contourArea(each) for each in found), default=0.0)
    kept = [each for each in found if cv2.contourArea(each) >= 0.05 * largest > 0]
    smooth = [cv2.approxPolyDP(each, 3.0, True).reshape(-1, 2) for each in kept]
    return tuple((each + 0.5) / (4 * width, 4 * height) for each in smooth if len(each) > 2)
