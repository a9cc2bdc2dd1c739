"""What --fail-at asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from simcheck.cli.threshold import parse_threshold
from simcheck.errors import UsageError
from simcheck.records import FileFacts, Finding, FindingType, Work
from simcheck.records.likelihood import LikelihoodRatio

WORK = Work(1, FileFacts("0" * 64, 1, "PNG", "RGB", 1, 1, 1, "a test"), (Path("work.png"),))


def finding(kind: FindingType, score: float) -> Finding:
    return Finding(1, WORK, score, kind, (), (), ())


def test_a_type_includes_the_stronger_ones() -> None:
    for place, wanted in enumerate(list(FindingType)[:-1]):
        reached = parse_threshold(wanted)
        assert [reached(finding(kind, 0)) for kind in FindingType] == [i <= place for i in range(len(FindingType))]


def test_a_score_is_reached_by_itself_and_by_equal_bytes() -> None:
    reached = parse_threshold("2.5")
    assert [reached(finding(FindingType.NOTHING, score)) for score in (2.4, 2.5, 9.0)] == [False, True, True]
    assert reached(finding(FindingType.EXACT_FILE, 0.0))


def test_where_there_is_a_likelihood_ratio_the_number_is_held_against_it() -> None:
    ratio = LikelihoodRatio(2.1, 1.4, 2.5, (-1.0, 2.5), 10, ("copy",), "copy")
    weighed = replace(finding(FindingType.EDITED_COPY, 4.8), llr=ratio)
    assert [parse_threshold(text)(weighed) for text in ("2.1", "2.2", "4")] == [True, False, False]


@pytest.mark.parametrize("why", ["text_page", "too_small", "blank", "signals_not_calibrated"])
def test_a_finding_whose_ratio_is_withheld_reaches_no_number(why: str) -> None:
    weighed = replace(finding(FindingType.RE_RENDERED, 9.0), uncalibrated=why)
    assert not parse_threshold("2")(weighed)
    assert parse_threshold("re_rendered")(weighed)
    assert parse_threshold("2")(replace(finding(FindingType.EXACT_FILE, 0.0), uncalibrated="exact_file"))


@pytest.mark.parametrize("text", ["nothing_found", "edited", "", "nan", "NaN", "5%"])
def test_anything_else_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(UsageError, match="exact_file, re_encoded, edited_copy"):
        parse_threshold(text)
