"""What several suspects show together: how many reach each band, beside what sets of independent pictures reach.

There is no probability here. Suspects that someone picked, or that share a character, a template or a maker, do not
depend on chance one by one; a binomial law over them would be an evidence that nobody has. So they are counted, at the
cautious end of each interval, and the counts stand beside those of sets of the same size in the test of the
calibration, drawn by artist (`calibrate.sets`). That is left out for fewer than five suspects, and where the works
were named one by one: then there was a reason that the test does not know. Equal files count once, and a suspect that
is byte for byte a work counts as that, not by the ratio of another work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from simcheck.records import FindingType, Work
from simcheck.records.likelihood import CalibrationFacts, Validation
from simcheck.records.run import QueryResult, SetBand, SetStatement
from simcheck.scoring.calibrate.sets import sets_of
from simcheck.scoring.scale import Scale

__all__ = ["BANDS", "calibration_facts", "set_statement", "together"]

BANDS = (1.0, 2.0)
RECURS = 1.0
"""llr from which a work counts as named by a suspect."""
LEAST_SUSPECTS = 5
"""Fewer are looked at one by one; a comparison with sets of two would only lend them weight."""


def together(scale: Scale, queries: Sequence[QueryResult], *, named: bool = False) -> SetStatement | None:
    """The statement for a run; None where nothing is calibrated, or for fewer than two suspects. ``named``: the works
    were named one by one, not searched."""
    if scale.calibration is None:
        return None
    model = scale.calibration.fullest(scale.calibration.usable(scale.identities, scale.cohort))
    if model is None:
        return None
    tested = model.lead if model.lead and scale.works > 1 else model  # a single work has no other beside it
    return set_statement(queries, scale.works, tested.validation, named=named)


def calibration_facts(scale: Scale, queries: Sequence[QueryResult]) -> CalibrationFacts | None:
    """What a report says of the calibration, with the tests of those models that its ratios come from."""
    used = {f.llr.validation for query in queries for f in query.findings if f.llr}
    return scale.calibration.facts(used) if scale.calibration else None


def set_statement(
    queries: Sequence[QueryResult], works: int, validation: Validation, *, named: bool = False
) -> SetStatement | None:
    """None for fewer than two suspects that have a likelihood ratio or are the very file of a work."""
    distinct = {query.facts.sha256: query for query in queries}.values()
    exact = [q for q in distinct if any(f.type is FindingType.EXACT_FILE for f in q.findings)]
    weighed = [q for q in distinct if q not in exact and any(f.llr for f in q.findings)]
    if len(exact) + len(weighed) < 2:
        return None
    best = [max(f.llr.cautious for f in query.findings if f.llr) for query in weighed]
    tested = [rate.llr for rate in validation.misleading]
    few = len(best) < LEAST_SUSPECTS
    sets = None if named or few or not validation.sets else sets_of(len(best), validation.sets)
    bands = []
    for band in (band for band in BANDS if band in tested and best):
        place = tested.index(band)
        reached = sum(value >= band for value in best)
        beside = (sets.half[place], sets.nineteen[place], sets.most[place]) if sets else (None, None, None)
        bands.append(SetBand(band, reached, *beside))
    return SetStatement(
        suspects=len(best),
        exact=len(exact),
        works=works,
        bands=tuple(bands),
        recurring=_recurring(distinct),
        size=sets.size if sets else None,
        artists=sets.artists if sets else None,
        pictures=sets.pictures if sets else None,
        unheld=None if sets or not bands else "named" if named else "few" if few else "untested",
    )


def _recurring(queries: Collection[QueryResult]) -> tuple[tuple[Work, int], ...]:
    named: Counter[int] = Counter()
    works: dict[int, Work] = {}
    for query in queries:
        for finding in query.findings:
            # the very same file is named, though it has no ratio
            if finding.type is FindingType.EXACT_FILE or (finding.llr and finding.llr.cautious >= RECURS):
                named[finding.work.id] += 1
                works[finding.work.id] = finding.work
    often = sorted(
        (work for work, count in named.items() if count > 1), key=lambda w: (-named[w], works[w].facts.sha256)
    )
    return tuple((works[work], named[work]) for work in often)
