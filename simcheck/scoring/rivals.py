"""A work is known by what sets it apart from the portfolio's other works.

Of every work that was compared, the *rival* is the one next to it: the best of the others at the same place of the
suspect. By how much the work lies above its rival is its *lead*. What an artist's works have in common anyway (a
series, a character, a frame, a manner) gives many of them a high score and none of them a lead; a work that was copied
has one. Versions of one picture (`comparison.versions`) are no rivals of each other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.comparison.pair import Compared
from simcheck.scoring.rates import order
from simcheck.scoring.scale import Scale
from simcheck.signals.patches.structure import LEAST_SCORE

__all__ = ["LEAST_LEAD", "Rival", "Versions", "contenders", "rivals", "singled_out"]

SAME_PLACE = 0.5
"""Share of the smaller of two places of the suspect above which they are one."""
LEAST_LEAD = 1.5
"""Sum of surprises by which a work must lie above its rival for a rule to name it."""
TO_SPEAK_OF = 3.0
CLOSE = 6.0
"""Sum of surprises of a first work, and how far behind it others are looked at."""
MOST_CONTENDERS = 6

Versions = Collection[frozenset[int]]
"""Pairs of works that show one picture, by their ids."""


@dataclass(frozen=True, slots=True)
class Rival:
    """The work next to another one. ``lead``: by how much the provisional score (`rates.order`, capped) of that other
    one is higher."""

    compared: Compared
    lead: float


def singled_out(lead: float | None) -> bool:
    """Whether a work with this lead is set apart from the others; a work that stands alone is."""
    return lead is None or lead >= LEAST_LEAD


def contenders(compared: Sequence[Compared], scale: Scale) -> tuple[int, ...]:
    """Works, by id, of which it matters whether they are versions of one picture: the first, and those close behind it,
    best first. None where the first is nothing to speak of."""
    scored = sorted(((_score(each, scale), each.work_id) for each in compared), key=lambda one: (-one[0], one[1]))
    if not scored or scored[0][0] < TO_SPEAK_OF:
        return ()
    return tuple(work for score, work in scored[:MOST_CONTENDERS] if score >= scored[0][0] - CLOSE)


def rivals(compared: Sequence[Compared], scale: Scale, versions: Versions = ()) -> Mapping[int, Rival]:
    """The rival of each work, by id; none for a work that no other was compared with at its place."""
    scores = [_score(each, scale) for each in compared]
    places = [_place(each) for each in compared]
    best_first = np.argsort(-np.array(scores), kind="stable").tolist()
    found = {}
    for n, each in enumerate(compared):
        for m in best_first:
            other = compared[m]
            if m == n or frozenset((each.work_id, other.work_id)) in versions or not _meet(places[n], places[m]):
                continue
            found[each.work_id] = Rival(other, scores[n] - scores[m])
            break
    return found


def _score(each: Compared, scale: Scale) -> float:
    return order(scale.identities, each.comparisons, scale.kinds, scale.tables(), capped=True)


def _place(each: Compared) -> NDArray[np.bool_] | None:
    """Where the suspect shows what agrees with the work; None where that is no part of it."""
    part = max(each.parts, key=lambda part: part.score, default=None)
    return part.mask if part and part.score >= LEAST_SCORE else None


def _meet(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> bool:
    if one is None or other is None:
        return True
    return bool((one & other).sum() > SAME_PLACE * max(1, min(one.sum(), other.sum())))
