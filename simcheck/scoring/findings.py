"""Comparisons -> findings: ordered, with a type by rules over the evidence, in careful words.

Where a calibration holds for the run's very signals, each finding carries a likelihood ratio with its interval and its
bounds, and findings are ordered by it; what is plainly a copy comes first. Elsewhere the report says "uncalibrated" and
shows raw scores beside the rate at which unrelated works reach them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simcheck.comparison.pair import Compared
from simcheck.records import Element, FileFacts, Finding, FindingType, Work
from simcheck.scoring.rates import order
from simcheck.scoring.scale import Scale
from simcheck.scoring.types import COMMON, type_of

__all__ = ["find"]

SAME_STROKES = (FindingType.RE_ENCODED, FindingType.EDITED_COPY, FindingType.AMONG_OTHERS)
"""Types that rest on details or hashes of one work, whatever all signals together say: some of them do not see a work
that was turned by a quarter, and another work may have more of them on its side."""
UNKNOWN = -99.0
"""Orders works of which no signal has anything to say behind all others."""


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
        score = order(scale.identities, each.comparisons, scale.kinds, scale.tables())
        beyond = scale.is_beyond_cohort(each.comparisons)
        own = [element for element in elements if element.work.id == work.id]
        llr, why = None, None
        if scale.calibration and out_of_scope:  # nothing of a ratio is told, nor kept to order by
            why = out_of_scope
        elif scale.calibration:
            llr = scale.ratio(each.comparisons)
            score, why = (llr.unbounded.value, None) if llr else (UNKNOWN, "signals_not_calibrated")
        typed = type_of(query, work, dict(results), scale.kinds, beyond, own, llr, each.overlaid, each.disguise)
        if typed.type is FindingType.EXACT_FILE and scale.calibration:
            llr, why = None, "exact_file"
        found.append(Finding(0, work, score, typed.type, typed.basis, typed.edits, results, llr, why))
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
