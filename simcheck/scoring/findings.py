"""Comparisons -> findings: ordered, with a type by rules over the evidence, in careful words.

Where a calibration holds for the run's very signals, each finding carries a likelihood ratio with its interval and its
bounds, and findings are ordered by it; what is plainly a copy comes first. Elsewhere the report says "uncalibrated" and
shows raw scores beside the rate at which unrelated works reach them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from simcheck.comparison.pair import Compared
from simcheck.records import Element, FileFacts, Finding, FindingType, Work
from simcheck.scoring.content import is_ground, most_content
from simcheck.scoring.rates import order
from simcheck.scoring.rivals import Rival, singled_out
from simcheck.scoring.scale import Scale
from simcheck.scoring.types import Evidence, type_of

__all__ = ["find"]

SAME_STROKES = (FindingType.RE_ENCODED, FindingType.EDITED_COPY, FindingType.AMONG_OTHERS)
"""Types that rest on details or hashes of one work, whatever all signals together say: some of them do not see a work
that was turned by a quarter, and another work may have more of them on its side."""
ONLY_GROUND = "only_ground"
"""Why there is no ratio: what agrees is a frame, a page, lettering or plain paper."""
IN_OTHERS = "common_to_portfolio"
"""The same: another work of the portfolio agrees nearly as well at the same place."""
UNKNOWN = -99.0
"""Orders works of which no signal has anything to say behind all others."""


def find(
    query: FileFacts,
    compared: Sequence[Compared],
    works: Mapping[int, Work],
    scale: Scale,
    elements: Sequence[Element] = (),
    out_of_scope: str | None = None,
    beside: Mapping[int, Rival] = MappingProxyType({}),
) -> list[Finding]:
    """One finding for each compared work, best first: equal bytes, then copies, then by ratio (or provisional score).

    ``out_of_scope`` says why the suspect is nothing that a calibration holds for (`simcheck.images.scope`). ``beside``:
    the work next to each (`rivals`).
    """
    found = [_finding(query, each, works, scale, elements, out_of_scope, beside.get(each.work_id)) for each in compared]
    found.sort(
        key=lambda f: (
            f.type is not FindingType.EXACT_FILE, f.type not in SAME_STROKES, -f.score, f.work.facts.sha256
        )
    )  # fmt: skip
    return [replace(finding, rank=rank) for rank, finding in enumerate(found, 1)]


def _finding(
    query: FileFacts,
    each: Compared,
    works: Mapping[int, Work],
    scale: Scale,
    elements: Sequence[Element],
    out_of_scope: str | None,
    rival: Rival | None,
) -> Finding:
    work = works[each.work_id]
    results = tuple((name, scale.result(name, comparison)) for name, comparison in each.comparisons)
    score = order(scale.identities, each.comparisons, scale.kinds, scale.tables())
    llr, why = None, None
    if scale.calibration and out_of_scope:  # nothing of a ratio is told, nor kept to order by
        why = out_of_scope
    elif scale.calibration:
        llr = scale.ratio(each.comparisons, rival.compared.comparisons if rival else None)
        score, why = (llr.unbounded.value, None) if llr else (UNKNOWN, "signals_not_calibrated")
    grounded = is_ground(each.parts, scale)
    lead = rival.lead if rival else None
    if llr and llr.value > 0 and (grounded or not singled_out(lead)):
        llr, why = None, ONLY_GROUND if grounded else IN_OTHERS
    evidence = Evidence(
        results=dict(results),
        beyond=scale.is_beyond_cohort(each.comparisons),
        elements=[element for element in elements if element.work.id == work.id],
        llr=llr,
        overlaid=each.overlaid,
        lead=lead,
        grounded=grounded,
        disguise=each.disguise,
    )
    typed = type_of(query, work, evidence, scale.kinds)
    if typed.type is FindingType.EXACT_FILE and scale.calibration:
        llr, why = None, "exact_file"
    return Finding(
        rank=0,
        work=work,
        score=score,
        type=typed.type,
        basis=typed.basis,
        edits=typed.edits,
        signals=results,
        llr=llr,
        uncalibrated=why,
        lead=lead,
        content=most_content(each.parts),
    )
