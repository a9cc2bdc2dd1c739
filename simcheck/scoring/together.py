"""What several suspects show together: how many reach each band, and how many would by chance.

One suspect may reach a band by chance; of many, some will. The share of independent suspects that reach it is taken
from the test of the calibration: the upper end of its 95 % interval among those of the same artist or tradition, of
which H2 speaks (among all, where none of these was tested), so that neither few tested suspects nor strangers make
chance look smaller than it is. The probability of at least so many is binomial, corrected for the several bands that
are looked at (Holm, Scandinavian Journal of Statistics 6, 1979). It presumes suspects that do not depend on each other:
ten versions of one picture are one suspect. Equal files count once; anything beyond that is for the person to judge,
and the report says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from simcheck.records import FindingType, Work
from simcheck.records.likelihood import CalibrationFacts, Validation
from simcheck.records.run import QueryResult, SetBand, SetStatement
from simcheck.scoring.scale import Scale

__all__ = ["BANDS", "calibration_facts", "set_statement", "together"]

BANDS = (1.0, 2.0)
RECURS = 1.0
"""llr from which a work counts as named by a suspect."""


def together(scale: Scale, queries: Sequence[QueryResult]) -> SetStatement | None:
    """The statement for a run; None where nothing is calibrated, or for fewer than two suspects."""
    if scale.calibration is None:
        return None
    model = scale.calibration.fullest(scale.calibration.usable(scale.identities, scale.cohort))
    return set_statement(queries, scale.works, model.validation) if model else None


def calibration_facts(scale: Scale, queries: Sequence[QueryResult]) -> CalibrationFacts | None:
    """What a report says of the calibration, with the tests of those models that its ratios come from."""
    used = {f.llr.validation for query in queries for f in query.findings if f.llr}
    return scale.calibration.facts(used) if scale.calibration else None


def set_statement(queries: Sequence[QueryResult], works: int, validation: Validation) -> SetStatement | None:
    """None for fewer than two suspects that have a likelihood ratio."""
    distinct = {query.facts.sha256: query for query in queries}.values()
    best = [max(found) for query in distinct if (found := [f.llr.value for f in query.findings if f.llr])]
    if len(best) < 2:
        return None
    shares = {rate.llr: (rate.same_tradition or rate.all).high for rate in validation.misleading}
    counted = [(band, sum(value >= band for value in best), shares[band]) for band in BANDS if band in shares]
    alone = [_at_least(reached, len(best), share) for _, reached, share in counted]
    return SetStatement(
        len(best),
        works,
        tuple(
            SetBand(band, reached, round(len(best) * share, 4), probability)
            for (band, reached, share), probability in zip(counted, _holm(alone), strict=True)
        ),
        _recurring(distinct),
    )


def _at_least(reached: int, suspects: int, share: float) -> float:
    from scipy.special import bdtrc  # scipy.stats takes three times as long to import

    return float(bdtrc(reached - 1, suspects, share)) if reached else 1.0


def _holm(probabilities: Sequence[float]) -> list[float]:
    order = sorted(range(len(probabilities)), key=lambda i: probabilities[i])
    corrected = [0.0] * len(probabilities)
    least = 0.0
    for rank, i in enumerate(order):
        least = max(least, min(1.0, probabilities[i] * (len(probabilities) - rank)))
        corrected[i] = least
    return corrected


def _recurring(queries: Collection[QueryResult]) -> tuple[tuple[Work, int], ...]:
    named: Counter[int] = Counter()
    works: dict[int, Work] = {}
    for query in queries:
        for finding in query.findings:
            # the very same file is named, though it has no ratio
            if finding.type is FindingType.EXACT_FILE or (finding.llr and finding.llr.value >= RECURS):
                named[finding.work.id] += 1
                works[finding.work.id] = finding.work
    often = sorted(
        (work for work, count in named.items() if count > 1), key=lambda w: (-named[w], works[w].facts.sha256)
    )
    return tuple((works[work], named[work]) for work in often)
