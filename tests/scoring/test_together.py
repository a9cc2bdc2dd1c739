"""Several suspects together: what is counted, what chance would give, and which works recur."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcheck.records import FileFacts, Finding, FindingType, Work
from simcheck.records.likelihood import Interval, LikelihoodRatio, Misleading, Validation
from simcheck.records.run import QueryResult
from simcheck.scoring.together import BANDS, _at_least, set_statement

NOUGHT = Interval(0, 0, 0)
RATES = (
    Misleading(1.0, Interval(0.03, 0.01, 0.04), Interval(0.05, 0.02, 0.08)),
    Misleading(2.0, Interval(0.01, 0.0, 0.02), None),
)
VALIDATION = Validation(("a",), 5, NOUGHT, NOUGHT, RATES, (2.0,) * 50, (-1.0,) * 99, 50, 99)
"""Of independent suspects at most 8 in 100 of the same artist or tradition reach 1; of all at most 2 in 100 reach 2."""


def facts(number: int) -> FileFacts:
    return FileFacts(f"{number:064d}", 1, "PNG", "RGB", 8, 8, 1, "test")


def finding(work: int, llr: float | None, kind: FindingType = FindingType.NOTHING) -> Finding:
    ratio = None if llr is None else LikelihoodRatio(llr, llr, llr, (-2, 2), 10, ("a",), "a", Interval(llr, llr, llr))
    return Finding(1, Work(work, facts(1000 + work), (Path(f"{work}.png"),)), 0.0, kind, (), (), (), ratio)


def query(number: int, *findings: Finding) -> QueryResult:
    return QueryResult(Path(f"s{number}.png"), facts(number), findings, len(findings))


def test_bands_hold_what_was_reached_and_what_chance_gives() -> None:
    llrs = (0.5, 1.0, 1.7, 2.0)
    found = set_statement([query(i, finding(1, llr), finding(2, -1)) for i, llr in enumerate(llrs)], 10, VALIDATION)
    assert found is not None
    assert (found.suspects, found.works) == (4, 10)
    assert [(band.llr, band.reached) for band in found.bands] == [(1.0, 3), (2.0, 1)]
    assert [band.expected for band in found.bands] == [0.32, 0.08]
    share = 0.08
    alone = 4 * share**3 * (1 - share) + share**4
    assert found.bands[0].probability == pytest.approx(min(1, 2 * alone), rel=1e-3)
    assert [(work.id, count) for work, count in found.recurring] == [(1, 3)]


def test_a_band_that_no_ratio_can_reach_is_not_counted() -> None:
    low = replace(VALIDATION, misleading=RATES[:1])
    found = set_statement([query(1, finding(1, 0.2)), query(2, finding(1, 0.7))], 10, low)
    assert found is not None
    assert [band.llr for band in found.bands] == [1.0]


def test_the_same_file_counts_once_and_one_suspect_is_no_set() -> None:
    again = query(1, finding(1, 1.5))
    assert set_statement([again, again], 10, VALIDATION) is None
    assert set_statement([query(1, finding(1, None)), query(2, finding(1, 2.0))], 10, VALIDATION) is None


def test_the_very_same_file_names_its_work() -> None:
    exact = finding(5, None, FindingType.EXACT_FILE)
    found = set_statement([query(1, exact, finding(1, -1)), query(2, finding(5, 1.2))], 10, VALIDATION)
    assert found is not None
    assert [(work.id, count) for work, count in found.recurring] == [(5, 2)]


@given(st.lists(st.floats(-2, 3), min_size=2, max_size=30))
def test_probabilities_are_probabilities_and_nothing_is_impossible(llrs: list[float]) -> None:
    found = set_statement([query(i, finding(1, llr)) for i, llr in enumerate(llrs)], 10, VALIDATION)
    assert found is not None
    assert [band.llr for band in found.bands] == list(BANDS)
    for band in found.bands:
        assert 0 < band.probability <= 1
        assert 0 < band.expected < len(llrs)


def test_the_tail_of_the_binomial_is_that_of_scipy() -> None:
    from scipy.stats import binom

    for suspects in (2, 9, 300):
        for share in (0.004, 0.08, 0.7):
            for reached in range(0, suspects + 1, max(1, suspects // 9)):
                expected = float(binom.sf(reached - 1, suspects, share))
                assert _at_least(reached, suspects, share) == pytest.approx(expected, rel=1e-9, abs=1e-12)
