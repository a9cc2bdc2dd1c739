"""Several suspects together: what is counted, what chance would give, and which works recur."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from simcheck.records import FileFacts, Finding, FindingType, Work
from simcheck.records.likelihood import Interval, LikelihoodRatio, Misleading, Validation
from simcheck.records.run import QueryResult, SetStatement
from simcheck.scoring.calibrate.sets import sets_of
from simcheck.scoring.together import set_statement

NOUGHT = Interval(0, 0, 0)
RATES = (
    Misleading(1.0, Interval(0.03, 0.01, 0.04), Interval(0.05, 0.02, 0.08)),
    Misleading(2.0, Interval(0.01, 0.0, 0.02), None),
)
SETS = (*((4, 0, 0) for _ in range(56)), *((3, 1, 0) for _ in range(4)), (12, 9, 8))
"""61 artists; of one of them nearly all pictures reach 1."""
VALIDATION = Validation(("a",), 5, NOUGHT, NOUGHT, RATES, (2.0,) * 50, (-1.0,) * 99, 50, 99, 0, SETS)


def facts(number: int) -> FileFacts:
    return FileFacts(f"{number:064d}", 1, "PNG", "RGB", 8, 8, 1, "test")


def finding(work: int, llr: float | None, kind: FindingType = FindingType.NOTHING, low: float | None = None) -> Finding:
    ratio = None
    if llr is not None:
        low = llr if low is None else low
        ratio = LikelihoodRatio(llr, low, llr, (-2, 2), 10, ("a",), "a", Interval(llr, low, llr))
    return Finding(1, Work(work, facts(1000 + work), (Path(f"{work}.png"),)), 0.0, kind, (), (), (), ratio)


def query(number: int, *findings: Finding) -> QueryResult:
    return QueryResult(Path(f"s{number}.png"), facts(number), findings, len(findings))


def statement(*queries: QueryResult, named: bool = False, validation: Validation = VALIDATION) -> SetStatement:
    found = set_statement(queries, 10, validation, named=named)
    assert found is not None
    return found


def test_bands_hold_what_was_reached_at_the_cautious_end_beside_what_sets_reach() -> None:
    llrs = (0.5, 1.0, 1.7, 2.0, 0.1)
    found = statement(*(query(i, finding(1, llr), finding(2, -1)) for i, llr in enumerate(llrs)))
    assert (found.suspects, found.exact, found.works, found.unheld) == (5, 0, 10, None)
    assert [(band.llr, band.reached) for band in found.bands] == [(1.0, 3), (2.0, 1)]
    sets = sets_of(5, SETS)
    assert sets is not None and (found.size, found.artists, found.pictures) == (5, len(SETS), sets.pictures)
    assert [(b.half, b.nineteen, b.most) for b in found.bands] == list(
        zip(sets.half, sets.nineteen, sets.most, strict=True)
    )
    assert [(work.id, count) for work, count in found.recurring] == [(1, 3)]
    wide = statement(*(query(i, finding(1, 2.0, low=0.9)) for i in range(5)))
    assert [band.reached for band in wide.bands] == [0, 0], "the best estimates reach both"
    assert wide.recurring == ()


def test_few_suspects_named_works_and_an_untested_calibration_are_counted_and_no_more() -> None:
    many = [query(i, finding(1, 1.5)) for i in range(6)]
    for found, why in (
        (statement(*many[:4]), "few"),
        (statement(*many, named=True), "named"),
        (statement(*many, validation=replace(VALIDATION, sets=None)), "untested"),
        (statement(*many, validation=replace(VALIDATION, sets=SETS[:5])), "untested"),
    ):
        assert found.unheld == why
        assert (found.size, found.artists, found.pictures) == (None, None, None)
        assert [(b.reached, b.half, b.nineteen, b.most) for b in found.bands][0] == (found.suspects, None, None, None)


def test_a_band_that_no_ratio_can_reach_is_not_counted() -> None:
    low = replace(VALIDATION, misleading=RATES[:1])
    found = statement(query(1, finding(1, 0.2)), query(2, finding(1, 0.7)), validation=low)
    assert [band.llr for band in found.bands] == [1.0]


def test_the_same_file_counts_once_and_one_suspect_is_no_set() -> None:
    again = query(1, finding(1, 1.5))
    assert set_statement([again, again], 10, VALIDATION) is None
    assert set_statement([query(1, finding(1, None)), query(2, finding(1, 2.0))], 10, VALIDATION) is None


def test_the_very_same_file_counts_as_that_and_not_by_a_siblings_ratio() -> None:
    exact = finding(5, None, FindingType.EXACT_FILE)
    found = statement(query(1, exact, finding(1, 2.2)), query(2, finding(5, 1.2)))
    assert (found.suspects, found.exact) == (1, 1)
    assert [band.reached for band in found.bands] == [1, 0]
    assert [(work.id, count) for work, count in found.recurring] == [(5, 2)]
    only = statement(query(1, exact), query(2, exact))
    assert (only.suspects, only.exact, only.bands, only.unheld) == (0, 2, (), None)
