"""What hides a work in a suspect: that it is a negative, that it is covered, or one picture among others.

A relation of details that no one would dispute comes first. Then a closer look, at the few works that have one.
"""

from __future__ import annotations

from collections.abc import Mapping

from simcheck.comparison.panels import fills_one, panels_of
from simcheck.records import Comparison, Description, Disguise, Edit, MatchEvidence, Pixels
from simcheck.signals.base import Signal
from simcheck.signals.copy import Copy
from simcheck.signals.keypoints.geometry import in_detail

__all__ = ["unmasked"]

ALIKE = 0.1
"""Score of `copy` from which it is asked whether the suspect is a negative: those of works lie above 0.29, cropped and
mirrored ones above 0.1; works by others reach it seldom."""

Comparisons = tuple[tuple[str, Comparison], ...]


def unmasked(
    signals: Mapping[str, Signal],
    query: Mapping[str, Description],
    reference: Mapping[str, Description],
    comparisons: Comparisons,
    pixels: Pixels | None = None,
) -> tuple[Comparisons, Disguise]:
    """The comparisons, of the suspect's negative where it is one, and what hides the work."""
    found = dict(comparisons)
    edits: list[Edit] = []
    among = False
    for name, signal in signals.items():
        evidence = found[name].evidence
        if name not in query or name not in reference:
            continue
        related = isinstance(evidence, MatchEvidence) and in_detail(evidence)
        if related or _looks_alike(found):
            turned = signal.negative(query[name], reference[name], found[name])
            if turned:
                found[name] = turned[0]
                edits.append(Edit(turned[1]))
                continue
        if isinstance(evidence, MatchEvidence) and related and pixels is not None:
            edits += signal.covered(pixels, reference[name], evidence)
        among = among or fills_one([panel.box for panel in panels_of(query[name])], evidence)
    return tuple(found.items()), Disguise(tuple(edits), among)


def _looks_alike(found: Mapping[str, Comparison]) -> bool:
    score = found[Copy.name].score if Copy.name in found else None
    return score is None or score >= ALIKE
