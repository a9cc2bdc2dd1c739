"""Likelihood ratios in the document and on the page. All of them are made up (`calibrated_samples`)."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from calibrated_samples import HAND, calibration, line_up, llr, several, single, validation
from hypothesis import given
from hypothesis import strategies as st
from report_samples import Document, Shelf, everything
from test_document import FACTS, finding, run, valid
from test_report import FORBIDDEN, Reader

from simcheck import reporting as report
from simcheck.cli.terminal import Terminal
from simcheck.errors import ReportError
from simcheck.records import FindingType, Work
from simcheck.records.likelihood import (
    CalibrationFacts,
    Interval,
    LikelihoodRatio,
    Misleading,
    PairGroup,
    Validation,
    cautious,
)
from simcheck.records.run import Run, SetBand, SetStatement
from simcheck.reporting.document.document import to_document
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.words import Words

FREE = Interval(2.31449, 1.9, 2.8)
LLR = LikelihoodRatio(2.31449, 1.9, 2.6, (-2.0, 2.6), 14, ("copy", "keypoints"), "copy+keypoints", FREE)
CALIBRATION = CalibrationFacts(
    "made up",
    "ab" * 32,
    "no pairs at all",
    (PairGroup("edited", "H1", 960, 80),),
    (
        Validation(
            ("copy", "keypoints"),
            5,
            Interval(0.31, 0.27, 0.36),
            Interval(0.29, 0.25, 0.34),
            (Misleading(1.0, Interval(0.0075, 0.003, 0.02), Interval(0.015, 0.01, 0.04)),),
            (-0.2, 1.4, 2.6),
            (-2.0, -1.00049, -0.0001),
            3,
            3,
        ),
    ),
)
TOGETHER = SetStatement(
    6, 1, 14, (SetBand(1.0, 2, 0, None, 3),), ((Work(7, FACTS, (Path("/art/梅.png"),)), 2),), 6, 36, 245
)


def calibrated() -> Run:
    weighed = replace(finding(), llr=LLR)
    exact = replace(finding(2, FindingType.EXACT_FILE), uncalibrated="exact_file")
    return replace(run(weighed, exact), calibration=CALIBRATION, set_statement=TOGETHER)


def english(sample: tuple[Document, Shelf]) -> str:
    return Reader(report.render_html(*sample, "en")).text.replace("\u00a0", " ")


# -- the document


def test_a_calibrated_run_is_told_in_full() -> None:
    made = valid(calibrated())
    first, second = made["queries"][0]["findings"]
    assert first["llr"] == {
        "value": 2.314,
        "low": 1.9,
        "high": 2.6,
        "lower_bound": -2.0,
        "upper_bound": 2.6,
        "at_bound": None,
        "works": 14,
        "signals": ["copy", "keypoints"],
        "beside": False,
    }
    assert (second["llr"], second["uncalibrated"]) == (None, "exact_file")
    assert made["calibration"]["state"] == "calibrated"
    (test,) = made["calibration"]["validations"]
    assert test["h2"] == [-2.0, -1.0, 0.0]
    assert "-0.0" not in json.dumps(test["h2"][-1:])
    assert made["set_statement"]["bands"] == [{"llr": 1.0, "reached": 2, "half": 0, "nineteen": None, "most": 3}]
    assert made["set_statement"]["sets"] == {"size": 6, "artists": 36, "pictures": 245}
    assert (made["set_statement"]["exact"], made["set_statement"]["unheld"], made["selected_from"]) == (1, None, None)
    assert made["set_statement"]["recurring"][0]["suspects"] == 2


def test_the_same_run_gives_the_same_bytes() -> None:
    assert json.dumps(to_document(calibrated())) == json.dumps(to_document(calibrated()))
    made, shelf = several()
    assert report.render_html(made, shelf, "both") == report.render_html(copy.deepcopy(made), shelf, "both")


def test_an_uncalibrated_run_says_why() -> None:
    made = valid(replace(run(), uncalibrated="This signal has another version than the calibration."))
    reason = "This signal has another version than the calibration."
    assert made["calibration"] == {"state": "uncalibrated", "reason": reason}
    assert made["set_statement"] is None


def cut_bound(d: Document) -> None:
    del d["queries"][0]["findings"][0]["llr"]["upper_bound"]


def plain_number(d: Document) -> None:
    d["queries"][0]["findings"][0]["llr"] = 2.3


def no_validations(d: Document) -> None:
    del d["calibration"]["validations"]


def both_states(d: Document) -> None:
    d["calibration"]["reason"] = "and yet not"


def third_hypothesis(d: Document) -> None:
    d["calibration"]["groups"][0]["hypothesis"] = "H3"


def percent_of_a_hundred(d: Document) -> None:
    d["calibration"]["validations"][0]["misleading"][0]["all"]["high"] = 75


def foreign_key(d: Document) -> None:
    d["queries"][0]["line_up"]["verdict"] = "guilty"


@pytest.mark.parametrize(
    "fault",
    [cut_bound, plain_number, no_validations, both_states, third_hypothesis, percent_of_a_hundred, foreign_key],
)
def test_what_does_not_keep_to_the_schema_is_refused(fault: Callable[[Document], None]) -> None:
    made, _ = single()
    report.validate(made)
    fault(made)
    with pytest.raises(ReportError):
        report.validate(made)


# -- the page


def test_a_finding_is_weighed_in_words_and_numbers() -> None:
    text = english(single())
    for said in (
        "what was measured is about 83 times more likely if H1 is true (the suspect picture was derived from this "
        "work) than if H2 is true (it was made independently, with the same subject and in the same tradition): "
        "moderate support for H1",
        "about 210 times more likely under H1; llr +2.32",
        "llr +1.92 to +2.60: from moderate support for H1 to moderately strong support for H1",
        "no llr below −2.10 or above +2.60 can be given",
        "Of 400 independent pictures in the test, each with its best work, 1 had an llr of +2.32 or more (0.25 %)",
        "What would change this",
        "Who could have seen the work, and which picture was there first, are no part of this number",
        "It is not the probability that H1 is true",
        "H1 (derived from this work) against H2 (made independently, same subject and tradition): moderate",
        "up to 1,000 moderately strong",
    ):
        assert said in text, said
    assert "uncalibrated" not in text
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (llr(2.6, 2.2, 2.6), ["This one is bounded by the upper limit", "stands at the upper limit of the test"]),
        (llr(-2.1, -2.1, -1.7), ["This one is bounded by the lower limit", "moderately strong support for H2"]),
        (llr(0.2, 0.1, 0.3), ["about as likely if H1 is true", "no support for either H1 or H2"]),
        (llr(0.0, -0.4, 0.3), ["about equally likely under both", "from weak support for H2 to no support"]),
        (llr(-1.2, -1.6, -1.1), ["about 13 times more likely if H2 is true", "Derivations that change more"]),
        (llr(1.5, 1.2, 1.8, signals=["copy"]), ["It rests on one signal alone (Copy descriptor)"]),
        (llr(1.5, 1.2, 1.8, works=900), ["900 works were searched", "900. That the best of so many"]),
        (llr(1.5, 1.2, 1.8, works=1), ["1. Were it chosen for its likeness, it was picked out of as many works"]),
    ],
)
def test_what_would_change_it_depends_on_the_case(given: dict[str, Any], said: list[str]) -> None:
    text = english(single(given))
    for each in said:
        assert each in text, each
    html = report.render_html(*single(given), "en")
    listed = re.search(r'<ul class="changes">(.*?)</ul>', html, re.S)
    assert listed
    assert 2 <= listed[1].count("<li>") <= 4


def test_without_its_test_a_number_has_no_figure() -> None:
    made, shelf = single(calibration=calibration(validation(["clip"])))
    html = report.render_html(made, shelf, "en")
    assert 'class="interval"' not in html
    assert "about 210 times more likely" in html


def test_a_thinned_test_says_about() -> None:
    made, shelf = single(calibration=calibration(validation(h2_suspects=4000)))
    assert "Of 4,000 independent pictures in the test, each with its best work, about 10 had" in english((made, shelf))


def test_the_first_page_says_what_a_lawyer_asks() -> None:
    html = report.render_html(*single(), "en")
    first = Reader(html[html.index('id="essentials"') : html.index('id="reading"')]).text.replace("\u00a0", " ")
    for said in (
        "H1: the suspect picture was derived from this work. H2: it was made independently",
        "Looks like a re-drawn version of “harvest moon.png”",
        "moderate support for H1, about 83 times at the cautious end of the interval; best estimate llr +2.32",
        "Of the 400 independent pictures, 4 reached a likelihood ratio of 10 or more",
        "the share was 2 % (95 % interval 1.5 % to 3 %)",
        "It is no verdict.",
    ):
        assert said in first, said


def test_many_suspects_are_counted_on_the_first_page_and_weighed_together() -> None:
    text = english(several())
    for said in (
        "5 suspect pictures were compared",
        "nothing found: 2",
        "weak support for H1: 1",
        "weak support for H2: 1",
        "An llr of +1.00 (a likelihood ratio of 10) or more: 2 of 8 suspect pictures. Of sets of 8 independent "
        "pictures, half have none that reach it, nineteen in twenty at most 1, and no set has more than 3.",
        "or more: 1 of 8 suspect pictures. Of sets of 8 independent pictures, half have none that reach it, and "
        "no set has more than 2.",
        "drawn from the 245 independent pictures by 36 artists in the test",
        "about 1 in 12 may be unlike all of these",
        "1 suspect picture is byte for byte the same file as a work. It counts as that, not by a likelihood ratio.",
        "These are counts, not a probability.",
        "the suspect pictures were chosen from 3,000 pictures",
        "An llr of +3.00 (a likelihood ratio of 1,000) or more: none of 8 suspect pictures",
        "harvest moon.png: in findings of 2 suspect pictures",
        "This is no verdict",
        "Nothing was found in the 14 works that were compared with it in full. The nearest of them is “reeds.png”.",
        "The nearest work: “reeds.png”",
        "No likelihood ratio is given for this finding: the signals that had something to say were not calibrated",
        "the two files are byte for byte the same, which needs no weighing",
    ):
        assert said in text, said


def test_a_row_never_shows_the_number_of_another_work() -> None:
    made, shelf = single()
    made["queries"][0]["findings"][0]["llr"] = None
    html = report.render_html(made, shelf, "en")
    row = html[html.index('class="results"') : html.index("</ol>")]
    assert "H1 (derived" not in row


def test_unrelated_works_are_lined_up_and_their_names_are_text() -> None:
    text = english(single())
    assert HAND in text
    assert "Hay ⟨U+202E⟩fields" in text
    assert (
        "1,386 unrelated works were searched and the nearest 60 of them compared: none of these comes as near" in text
    )
    made, shelf = single()
    made["queries"][0]["line_up"] = line_up(12)
    assert "By Arrangement of light and colour, unrelated works come as near" in english((made, shelf))
    for nothing in (None, {"works": 0, "compared": 0, "entries": [], "highest": {}, "reached": {}}):
        made["queries"][0]["line_up"] = nothing
        assert "Unrelated works nearest" not in english((made, shelf))


def test_the_appendix_tells_how_it_was_tested() -> None:
    made, shelf = several()
    text = english((made, shelf))
    for said in (
        "0.312 (95 % interval 0.272 to 0.392)",
        "220 derived from a work, 4,300 independent; in 5 parts",
        "works by others, same tradition",
        "61,000",
        "0123456789abcdef" * 4,
        "Tippett plot",
        "Calibration plot",
    ):
        assert said in text, said
    html = report.render_html(made, shelf, "en")
    assert html.count('class="ideal"') == 2, "one calibration plot for each validation"
    assert html.count('id="hatch"') == 1


def test_an_unknown_kind_of_pair_is_shown_as_it_stands() -> None:
    made, shelf = single()
    made["calibration"]["groups"][0]["kind"] = "<i>new</i>"
    assert "&lt;i&gt;new&lt;/i&gt;" in report.render_html(made, shelf, "en")


@pytest.mark.parametrize("lang", ["en", "zh", "both"])
def test_a_calibrated_page_is_whole(lang: report.Language) -> None:
    for sample in (single(), several()):
        page = Reader(report.render_html(*sample, lang))
        ids = page.ids()
        assert len(ids) == len(set(ids))
        used = {a["href"] or "" for t, a in page.elements if t in ("a", "use")}
        assert {f"#{name}" for name in ids} >= used
        assert not FORBIDDEN.search(page.text)
        assert {"script", "i", "b"} & {t for t, a in page.elements if not a} <= {"script"}


def test_an_uncalibrated_page_speaks_of_no_test() -> None:
    html = report.render_html(*everything(), "en")
    for absent in ("hatch", 'class="weight"', "Cllr", "log10", "llr +", 'id="together"', 'id="method"'):
        assert absent not in html[html.index("<body>") :], absent


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((1.5, 0.37, 2.0), "weak support for H1"),
        ((1.5, -0.2, 2.0), "no support for either"),
        ((-1.5, -2.0, -1.2), "moderate support for H2"),
        ((-0.8, -1.5, 0.3), "no support for either"),
        ((2.5, 2.5, 2.5), "moderately strong support for H1"),
    ],
)
def test_words_follow_the_cautious_end_of_the_interval(ends: tuple[float, float, float], said: str) -> None:
    assert said in Phrases(Words(("en",))).likelihood(llr(*ends)).text


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(0, 2))
def test_the_cautious_end_never_says_more_and_never_changes_sides(value: float, below: float, above: float) -> None:
    found = cautious(value, value - below, value + above)
    assert abs(found) <= abs(value)
    assert found * value >= 0


def test_how_suspects_were_chosen_is_said_or_that_nobody_said_it() -> None:
    made, shelf = several()
    text = english((made | {"selected_from": None}, shelf))
    assert text.count("How the suspect pictures were chosen is not known.") == 1, "beside the counts"
    one, pictures = single()
    assert "were chosen" not in english((one, pictures))
    assert "were chosen from 80 pictures" in english((one | {"selected_from": 80}, pictures))


def test_counts_without_sets_say_why_and_an_earlier_report_keeps_its_counts() -> None:
    made, shelf = several()
    for why, said in (
        ("few", "Five suspect pictures with a likelihood ratio are needed"),
        ("named", "The works were named one by one"),
        ("untested", "is not known for this calibration"),
        ("later", "later"),
    ):
        bands = [band | {"half": None, "nineteen": None, "most": None} for band in made["set_statement"]["bands"]]
        changed = made | {"set_statement": made["set_statement"] | {"sets": None, "unheld": why, "bands": bands}}
        report.validate(changed)
        text = english((changed, shelf))
        assert said in text and "Of sets of" not in text
    earlier = {
        "suspects": 3, "works": 14, "recurring": [],
        "bands": [{"llr": 1.0, "reached": 2, "expected": 0.0225, "probability": 0.000504}],
    }  # fmt: skip
    changed = made | {"set_statement": earlier}
    report.validate(changed)
    text = english((changed, shelf))
    assert "or more: 2 of 3 suspect pictures." in text and "0.0225" not in text and "1 in 2,000" not in text


# -- the terminal


def test_the_terminal_says_it_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(quiet=False).compared(calibrated(), Path("report.html"))
    said = capsys.readouterr().out
    assert (
        "H1 (derived from this work) against H2 (made independently, same subject and tradition): moderate "
        "support for H1, about 79 times at the cautious end of the interval; best estimate llr +2.31"
    ) in said
    assert "Uncalibrated" not in said
    assert "not the probability" in said
    assert "All suspect pictures together:\n" in said
    assert "or more: 2 of 6 suspect pictures. Of sets of 6 independent pictures, half have none" in said
    assert "  How the suspect pictures were chosen is not known." in said
    Terminal(quiet=False).compared(replace(run(finding()), selected_from=40), Path("report.html"))
    said = capsys.readouterr().out
    assert "\nAs the person says who had them compared, the suspect pictures were chosen from 40" in said


def test_the_terminal_weighs_the_nearest_work_where_nothing_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = replace(finding(1, FindingType.NOTHING), llr=replace(LLR, value=-1.2, low=-1.6, high=-0.8))
    Terminal(quiet=False).compared(replace(run(nothing), calibration=CALIBRATION), Path("report.html"))
    said = capsys.readouterr().out
    assert "weak support for H2, about 6.3 times at the cautious end of the interval; best estimate llr −1.20" in said
    assert "Nothing was found in the 14 works that were compared with it in full. The nearest of them is “" in said


def test_the_terminal_says_uncalibrated_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(quiet=False).compared(run(), Path("report.html"))
    said = capsys.readouterr().out
    assert "Uncalibrated: scores only order the works" in said
    assert "llr" not in said
