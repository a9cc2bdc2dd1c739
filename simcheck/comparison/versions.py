"""Which works of a portfolio are versions of one picture: a sketch and what came of it, a crop, a recolouring.

They share their strokes all over, and neither shows something else where the other has strokes; what was made from one
was made from the others as well. Cards in one frame, or a figure with other things in its hands, are no versions. A
work with many of them is one of a series.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from simcheck.records import Description, HashEvidence, MatchEvidence, SignalIdentity
from simcheck.signals.base import Signal
from simcheck.signals.keypoints.geometry import in_detail
from simcheck.signals.phash import MATCH_DISTANCE
from simcheck.store import Store

__all__ = ["versions_among"]

ALL_OVER = 0.6
"""Share of the smaller of the two over which their common strokes must be spread."""
ELSE = 0.05
"""Share of what both show on which one may show something else: saved or scaled copies stay below it."""
MOST = 3
"""Versions of one work; with more it is one of a series."""


def versions_among(
    store: Store, signals: Mapping[str, Signal], identities: Mapping[str, SignalIdentity], works: Sequence[int]
) -> frozenset[frozenset[int]]:
    """The pairs of ``works`` (ids) that are versions of one picture. Raises StoreError.

    Compared are hashes, details and maps, as the index holds them: some hundredths of a second for each pair.
    """
    kept: dict[str, dict[int, Description]] = {n: dict(store.descriptions(identities[n], works)) for n in signals}
    of = {work: {name: kept[name][work] for name in kept if work in kept[name]} for work in works}
    found = [pair for pair in combinations(works, 2) if _are_versions(signals, of[pair[0]], of[pair[1]])]
    count = Counter(work for pair in found for work in pair)
    return frozenset(frozenset(pair) for pair in found if max(count[work] for work in pair) <= MOST)


def _are_versions(
    signals: Mapping[str, Signal], one: Mapping[str, Description], other: Mapping[str, Description]
) -> bool:
    both = {name: signal for name, signal in signals.items() if name in one and name in other}
    for name, signal in both.items():
        if not signal.of_strokes:
            continue
        evidence = signal.compare(one[name], other[name]).evidence
        if isinstance(evidence, HashEvidence) and evidence.distance <= MATCH_DISTANCE:
            return True
        if isinstance(evidence, MatchEvidence) and in_detail(evidence) and _spread(evidence) >= ALL_OVER:
            shown_else = (s.overlaid(one[n], other[n], [evidence]) for n, s in both.items())
            return max(shown_else, default=0.0) <= ELSE
    return False


def _spread(matches: MatchEvidence) -> float:
    boxes = [(b[2] - b[0]) * (b[3] - b[1]) for b in (matches.query_box, matches.reference_box)]
    return max(boxes)
