"""The element map: each place of a suspect goes to the work that explains it best.

Every part that agrees with some work (`alignment`) is held against what unrelated pairs reach with a part as large, of
the cohort and of this portfolio. At most one cohort pair in 5,000 may reach it, and one in 80 of the artist's own
works: a signature, a mascot, a manner of drawing hills may be in many of them. Up to one in 2,500 and one in 24 may
where the part stands out, that is, where each other work agrees less than 0.6 times as much at its place of the
suspect: what the artist's works share agrees with several. A part that too many cohort pairs reach is held once more
against those alone whose colours are alike too, if its own are: an element that was painted over keeps its colours.
The strongest part takes its places first; another is told only where more than half of it is still free. Parts whose
keypoints agree come before others: where an artist drew a figure in several works, the same strokes say from which it
is, while structure agrees with all. Parts on whose structure nothing agrees but keypoints come last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.comparison.pair import Compared
from simcheck.records import Alignment, Element, Rate, Tier, Work
from simcheck.scoring.content import is_ground
from simcheck.scoring.rates import ALIKE, LEAST_COHORT, Unrelated
from simcheck.scoring.rivals import Versions
from simcheck.scoring.scale import Scale
from simcheck.signals.base import PartRole
from simcheck.signals.patches.alignment import shared_area

__all__ = ["element_map", "explained", "measurable", "rated"]

MOST = 12
LEAST_FREE = 0.5
ONE_IN = 5000
"""Cohort pairs of which at most one may reach a part that is told: some fifty works are compared with each suspect, so
that one suspect in a hundred should show a part by chance. Not "none": one pair of round frames would decide."""
OWN_ONE_IN = 80
"""The same among the portfolio's own works, of which some two hundred pairs are compared."""
ONE_IN_IF_ALONE = 2500
OWN_ONE_IN_IF_ALONE = 24
"""Both for a part that stands out. What is told is never more common than that, and the report says so: two suspects in
a hundred should show a part by chance at most."""
STANDS_OUT = 1.7
"""How many times as much a part must agree as any other work does at its place of the suspect."""
SAME_PLACE = 0.5
"""Share of the smaller of two parts above which they are at one place."""


RateOf = Callable[[Unrelated, Alignment, Scale], Rate | None]


@dataclass(frozen=True, slots=True)
class Look:
    """In what a part is out of the ordinary, the rate of the cohort's pairs in it, and that of the portfolio's own
    where these are known: of all of them, also ``with_colours``."""

    tier: Tier
    with_colours: bool
    cohort: Rate
    portfolio: Rate | None


def measurable(scale: Scale) -> bool:
    """Whether the cohort's pairs say how far parts agree by chance, for this very version of the signal."""
    identity = scale.of_role(PartRole.STRUCTURE)
    if scale.cohort is None or identity is None:
        return False
    column = scale.cohort.column(identity)
    return column is not None and len(column) >= LEAST_COHORT


def rated(part: Alignment, scale: Scale, stands_out: bool = False) -> Look | None:
    """By which look a part is out of the ordinary, and what unrelated pairs of cohort and portfolio reach in it; None
    where it is in none. The looks are the agreement of structure and the relation of keypoints, whichever fewer pairs
    reach, and only then structure and colours together."""
    by_structure = (ONE_IN_IF_ALONE, OWN_ONE_IN_IF_ALONE) if stands_out else (ONE_IN, OWN_ONE_IN)
    looks: list[Look | None] = [
        _look(Tier.PATCHES, part, scale, _structure, _structure, by_structure),
        _look(Tier.KEYPOINTS, part, scale, _relation, _relation, (ONE_IN, OWN_ONE_IN)),
    ]
    rare = min((look for look in looks if look), key=lambda look: look.cohort.reached / look.cohort.pairs, default=None)
    # the artist's own works share shapes in other colours: what they reach by structure stays held against it
    return rare or _look(Tier.PATCHES, part, scale, _with_colours, _structure, by_structure)


def _look(
    tier: Tier,
    part: Alignment,
    scale: Scale,
    rate: RateOf,
    own_rate: RateOf,
    limits: tuple[int, int],
) -> Look | None:
    """``limits``: one in so many of the cohort's pairs, and one in so many of the portfolio's own."""
    cohort = rate(scale.cohort, part, scale) if scale.cohort else None
    own = own_rate(scale.portfolio, part, scale) if scale.portfolio else None
    if not cohort or cohort.pairs < LEAST_COHORT or not (_is_rare(cohort, limits[0]) and _is_rare(own, limits[1])):
        return None
    return Look(tier, rate is _with_colours, cohort, own)


def _structure(table: Unrelated, part: Alignment, scale: Scale) -> Rate | None:
    identity = scale.of_role(PartRole.STRUCTURE)
    return table.rate_of_part(identity, part.area, part.score) if identity and part.score else None


def _with_colours(table: Unrelated, part: Alignment, scale: Scale) -> Rate | None:
    identity, colours = scale.of_role(PartRole.STRUCTURE), scale.of_role(PartRole.COLOURS)
    difference = part.colour_difference
    if identity is None or colours is None or difference is None or difference > ALIKE or not part.score:
        return None
    return table.rate_of_part(identity, part.area, part.score, colours)


def _relation(table: Unrelated, part: Alignment, scale: Scale) -> Rate | None:
    identity = scale.of_role(PartRole.RELATION)
    return table.rate(identity, part.relation) if identity and part.relation else None


def element_map(
    compared: Sequence[Compared], works: Mapping[int, Work], scale: Scale, versions: Versions = ()
) -> tuple[Element, ...]:
    """The elements of one suspect, the strongest first. ``versions``: pairs of works that show one picture."""
    content = [(e.work_id, part) for e in compared for part in e.parts if not is_ground((part,), scale)]
    placed = [_Placed.of(part, work_id) for work_id, part in content]
    parts = []
    for one in placed:
        same = {work for pair in versions if one.work_id in pair for work in pair} | {one.work_id}
        others = [other for other in placed if other.work_id not in same]
        stands_out = _stands_out(one, others, len({each.work_id for each in compared} - same))
        if look := rated(one.part, scale, stands_out):
            parts.append((one.part, works[one.work_id], look, stands_out))
    parts.sort(key=lambda one: (*_strength(one[0]), one[1].facts.sha256, one[0].query_box))
    elements: list[Element] = []
    taken: NDArray[np.bool_] | None = None
    for part, work, look, stands_out in parts:
        taken = np.zeros_like(part.mask) if taken is None else taken
        free = part.mask & ~taken
        if len(elements) == MOST or free.sum() <= LEAST_FREE * part.mask.sum():
            continue
        taken = taken | part.mask
        if outline := _outline(free):
            rates = look.cohort, look.portfolio
            elements.append(
                Element(work, part, outline, float(free.mean()), look.tier, *rates, stands_out, look.with_colours)
            )
    return tuple(elements)


def _strength(part: Alignment) -> tuple[bool, float, float, float]:
    """Sorts the strongest first."""
    return part.score == 0, -part.relation, -part.score, -part.area


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A part with the bounds of its mask: most parts of a suspect do not meet, which bounds tell at once."""

    part: Alignment
    work_id: int
    bounds: tuple[int, int, int, int]
    """x0, y0, x1, y1 in cells of the mask, the ends outside."""

    @classmethod
    def of(cls, part: Alignment, work_id: int) -> _Placed:
        rows, columns = (np.flatnonzero(part.mask.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return cls(part, work_id, (0, 0, 0, 0))
        return cls(part, work_id, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))

    def meets(self, other: _Placed) -> bool:
        a, b = self.bounds, other.bounds
        return max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3])


def _stands_out(one: _Placed, placed: Sequence[_Placed], others: int) -> bool:
    """Not of a part of the only work that was compared, which nothing can be told apart from. ``placed``: the parts of
    so many ``others``."""
    rivals = [other.part for other in placed if other.work_id != one.work_id and one.meets(other)]
    scores = [rival.score for rival in rivals if shared_area(one.part, rival) > SAME_PLACE]
    return others > 0 and 0 < one.part.score >= STANDS_OUT * max(scores, default=0.0)


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
