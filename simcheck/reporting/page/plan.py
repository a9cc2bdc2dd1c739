"""Which findings get figures, so that a page stays small enough to open, send and print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simcheck.reporting.words.voice import Said, to_show

__all__ = ["ROWS", "Plan", "plan"]

SUSPECTS = 100
"""Suspects with a section of their own; the table of results lists all up to `ROWS`."""
ROWS = 1000
FULL_PER_SUSPECT = 6
FULL_PER_PAGE = 48
OTHERS_PER_SUSPECT = 12
OTHERS_PER_PAGE = 600
LARGE, SMALL = 900, 640
"""Longest side of an embedded picture, and the same once a page has many figures."""
MANY = 12


@dataclass(frozen=True, slots=True)
class Plan:
    sections: int
    full: tuple[int, ...]
    """For each section, how many of its findings are shown in full (`to_show`)."""
    others: int
    """Of each section, how many further works are lined up as thumbnails."""
    edge: int


def plan(queries: Sequence[Mapping[str, Any]]) -> Plan:
    """Deal full blocks round by round: every suspect gets its first finding before any gets its second."""
    counts = [min(len(to_show(query["findings"], Said.of)), FULL_PER_SUSPECT) for query in queries[:SUSPECTS]]
    full = [0] * len(counts)
    left = FULL_PER_PAGE
    for turn in range(FULL_PER_SUSPECT):
        for i, count in enumerate(counts):
            if count > turn and left:
                full[i] += 1
                left -= 1
    others = min(OTHERS_PER_SUSPECT, OTHERS_PER_PAGE // max(1, len(counts)))
    edge = SMALL if sum(full) > MANY or len(counts) > MANY else LARGE
    return Plan(len(counts), tuple(full), others, edge)
