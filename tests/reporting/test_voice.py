"""One voice: what is said of a finding's type and of its likelihood ratio never contradicts itself, anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from calibrated_samples import llr, single
from report_samples import Document, Shelf, finding, paint, query, result
from test_document import finding as record
from test_document import run
from test_report import Reader
from test_report_likelihood import CALIBRATION, LLR

from simcheck import reporting as report
from simcheck.cli.terminal import Terminal
from simcheck.pipeline.comparing import _lightened
from simcheck.records import Finding, FindingType
from simcheck.records.likelihood import Interval, LikelihoodRatio, shown_ratio, strength
from simcheck.reporting.document.likelihood import llr_document
from simcheck.reporting.words.phrases import Phrases, signed
from simcheck.reporting.words.voice import Said, Voice
from simcheck.reporting.words.words import Words

UPPER = 7.0
REASONS = ("signals_not_calibrated", "too_small", "blank", "text_page", "exact_file", "out_of_scope", None)
NOTHING = {"en": re.compile(r"othing (was )?found|no copy was found"), "zh": re.compile(r"未发现(关联|复制|与其)")}
FOR_H1 = {"en": re.compile(r"support for H1|towards H1"), "zh": re.compile(r"给予 H1|偏向 H1")}
NO_WIDTH = re.compile(r"(?P<end>[+−]\d\.\d\d) (to|至) (?P=end)")
LANGUAGES = ("en", "zh")


def ratio(value: float, low: float, high: float, bounds: tuple[float, float] = (-UPPER, UPPER)) -> dict[str, Any]:
    """As a calibration gives it: cut at the bounds."""
    cut = [round(min(max(v, bounds[0]), bounds[1]), 3) for v in (value, low, high)]
    found = llr_document(LikelihoodRatio(*cut, bounds, 14, ("copy",), "copy", Interval(value, low, high)))
    assert found is not None
    return found


BANDS = (0.1, 0.6, 1.5, 2.5, 3.5, 5.0, 6.5)
"""An llr in the middle of each band of the ENFSI scale."""
assert len({strength(band) for band in BANDS}) == 7


def ratios() -> Iterator[dict[str, Any]]:
    yield ratio(0.0, 0.0, 0.0)
    for band in BANDS:
        for sign in (1, -1):
            value = sign * band
            low, high = sorted((value - 0.05 * sign, value + 0.3 * sign))
            yield ratio(value, low, high)
            yield ratio(value, value, value)
            yield ratio(value, value - 0.001, value + 0.001)
            yield ratio(value, *sorted((-0.5 * sign, value + 0.3 * sign)))  # over to the other hypothesis
            yield ratio(value, *sorted((0.0, value + sign)))
            yield ratio(value, *sorted((0.0004 * sign, value)))
            for beyond in (0.0, 0.5):  # at the limit of a test, or past it
                past = value + beyond * sign
                yield ratio(past, *sorted((past, past + sign)), (-band, band))
                yield ratio(past, *sorted((value - 0.4 * sign, past + sign)), (-band, band))


def everything_said(kind: FindingType, given: dict[str, Any] | None, why: str | None, language: str) -> list[str]:
    """All sentences in which one finding is spoken of: title, text, summary, in few words, ratio."""
    phrases = Phrases(Words((language,)))
    voice, said = Voice(phrases), Said(kind, given, why)
    found = [voice.title(said, "work.png"), voice.text(said), voice.short(said), *voice.weighed(said)]
    found.append(phrases.words("summary.nothing_found", n=24) if not said.relates else voice.summary(said, "work.png"))
    return [phrase.text.replace("\u00a0", " ") for phrase in found]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FindingType)
def test_nothing_found_is_never_followed_by_support_for_h1(kind: FindingType, language: str) -> None:
    for given in ratios():
        told = " ".join(everything_said(kind, given, None, language))
        assert not (NOTHING[language].search(told) and FOR_H1[language].search(told)), told
        assert not NO_WIDTH.search(told), told
        assert "{" not in told
        assert "None" not in told


@pytest.mark.parametrize("kind", FindingType)
def test_words_for_the_same_support_do_not_depend_on_the_type(kind: FindingType) -> None:
    """The strength that is named is that of the cautious end, and no number goes beyond what the test can carry."""
    words = {name: Phrases(Words((name,))) for name in LANGUAGES}
    for given in ratios():
        least = max(given["low"], 0) if given["value"] > 0 else min(given["high"], 0)
        for language, phrases in words.items():
            told = phrases.ratio(given).text
            assert told in "".join(everything_said(kind, given, None, language))
            assert phrases.support(least).text in told
        told = words["en"].ratio(given).text
        most = shown_ratio(max(map(abs, (given["lower_bound"], given["upper_bound"]))))
        assert all(float(n.replace(",", "")) <= most for n in re.findall(r"about ([\d,.]+\d) times", told)), told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FindingType)
def test_where_a_rule_and_the_scores_part_ways_that_is_said_first(kind: FindingType, language: str) -> None:
    phrases = Phrases(Words((language,)))
    by_rule = (
        FindingType.RE_ENCODED, FindingType.EDITED_COPY, FindingType.AMONG_OTHERS, FindingType.PART,
        FindingType.RE_RENDERED,
    )  # fmt: skip
    for given in ratios():
        lead = Voice(phrases).lead(Said(kind, given))
        supported = FOR_H1[language].search(phrases.ratio(given).text)
        assert bool(lead) == (kind in by_rule and not supported), (kind, given)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FindingType)
@pytest.mark.parametrize("why", REASONS)
def test_without_a_ratio_the_type_speaks_alone_and_the_reason_follows(
    kind: FindingType, why: str | None, language: str
) -> None:
    told = everything_said(kind, None, why, language)
    assert Said(kind, None, why).key == kind
    assert len(told) == (5 if why else 4)
    assert not FOR_H1[language].search(" ".join(told))
    if why:
        assert Phrases(Words((language,))).coded("llr.absent", why).text in told[3]


def test_a_ratio_beyond_the_limit_says_at_least_and_gives_no_interval() -> None:
    bounds = (-0.999, 2.362)
    phrases = Phrases(Words(("en",)))
    beyond = ratio(3.1, 2.5, 3.6, bounds)
    assert phrases.ratio(beyond).text == (
        "moderately strong support for H1, at least about 230 times: the most that this test can carry (llr +2.36)"
    )
    within = phrases.ratio(ratio(3.1, 1.5, 3.6, bounds)).text.replace("\u00a0", " ")
    assert within == (
        "moderate support for H1, about 32 times at the cautious end of the interval; best estimate llr +2.36, the "
        "most that this test can carry (95 % interval +1.50 to +2.36)"
    )
    other_side = phrases.ratio(ratio(-2, -2.5, -1.5, bounds)).text
    assert other_side == "weak support for H2, at least about 10 times: the most that this test can carry (llr −1.00)"


@pytest.mark.parametrize("beyond", [(3.1, 2.5, 3.6), (-2.0, -2.5, -1.5)])
def test_the_page_prints_no_interval_without_a_width(beyond: tuple[float, float, float]) -> None:
    for lang in ("en", "zh"):
        text = Reader(report.render_html(*single(ratio(*beyond, (-0.999, 2.362)) | {"works": 24}), lang)).text
        assert not NO_WIDTH.search(text.replace("\u00a0", " "))
    text = Reader(report.render_html(*single(ratio(*beyond, (-0.999, 2.362))), "en")).text.replace("\u00a0", " ")
    assert "What was measured is at least about" in text
    assert "all of it lies at the limit of the test, or beyond it" in text


def test_a_report_of_an_earlier_version_is_read_as_before() -> None:
    """Without ``at_bound`` the limit is known from the numbers."""
    old = llr(2.6, 2.6, 2.6)
    assert "at_bound" not in old
    assert "at least about 400 times" in Phrases(Words(("en",))).ratio(old).text


# -- the first work is the first word ---------------------------------------------------------------------------------


def two_works(first: dict[str, Any], second: dict[str, Any]) -> tuple[Document, Shelf]:
    """The true source, for which no rule holds, before another work with a part of which a part agrees."""
    made, shelf = single()
    source, other = shelf.add("the source.png", paint(2)), shelf.add("another.png", paint(3))
    asked = query(
        made["queries"][0]["query"],
        finding(1, source, "nothing_found", {"copy": result(score=0.7)}, llr=first),
        finding(2, other, "part_of_it", {"copy": result(score=0.3)}, llr=second, basis=["element"]),
    )
    return made | {"queries": [asked]}, shelf


def records(first: LikelihoodRatio, second: LikelihoodRatio) -> tuple[Finding, Finding]:
    return (
        replace(record(1, FindingType.NOTHING), llr=first, edits=(), basis=()),
        replace(record(2, FindingType.PART), llr=second, edits=()),
    )


def ratio_record(value: float, low: float, high: float) -> LikelihoodRatio:
    return replace(LLR, value=value, low=low, high=high, unbounded=Interval(value, low, high))


def test_the_first_work_is_the_first_word_though_no_rule_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    sample = two_works(ratio(1.67, 0.8, 2.0), ratio(0.51, 0.1, 0.9))
    html = report.render_html(*sample, "en")
    row = Reader(html[html.index('class="results"') : html.index("</ol>")]).text
    assert row.index("the source.png") < row.index("weak support for H1, about 6.3 times")
    assert "No rule names a relation to “the source.png”; the scores together give weak support for H1." in row
    assert "1 more work shows a relation" in row
    assert "another.png" not in row, "the ratio in the row is that of the first work"
    page = Reader(html).text
    assert [label for label in re.findall(r"Finding (1\.\d)", page)][:2] == ["1.1", "1.2"]
    terminal(*records(ratio_record(1.67, 0.8, 2.0), ratio_record(0.51, 0.1, 0.9)))
    lines = capsys.readouterr().out.splitlines()
    (first,) = (line for line in lines if line.startswith("  1. "))
    assert "No rule names a relation to" in first
    assert "weak support for H1" in first
    assert any(line.startswith("  2. Shares a part with") for line in lines)


def test_the_list_begins_at_one_even_where_nothing_is_found_for_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    sample = two_works(ratio(1.67, -0.2, 2.0), ratio(0.51, 0.1, 0.9))
    html = report.render_html(*sample, "en")
    row = Reader(html[html.index('class="results"') : html.index("</ol>")]).text
    assert "Nearest by all scores together is “the source.png”, but nothing was found to relate it." in row
    assert row.index("the source.png") < row.index("no support for either H1 or H2") < row.index("another.png")
    terminal(*records(ratio_record(1.67, -0.2, 2.0), ratio_record(0.51, 0.1, 0.9)))
    numbers = re.findall(r"^  (\d)\. ", capsys.readouterr().out, re.M)
    assert numbers == ["1", "2"]


def terminal(*findings: Finding) -> None:
    Terminal(quiet=False).compared(replace(run(*findings), calibration=CALIBRATION), Path("report.html"))


@pytest.mark.parametrize(
    "kind", [FindingType.EDITED_COPY, FindingType.PART, FindingType.STYLE_ONLY, FindingType.NOTHING]
)
@pytest.mark.parametrize("ends", [(1.5, 0.4, 2.0), (0.2, 0.1, 0.3), (-0.8, -0.9, -0.6)])
def test_terminal_and_page_say_the_same(
    kind: str, ends: tuple[float, float, float], capsys: pytest.CaptureFixture[str]
) -> None:
    made = replace(record(1, FindingType(kind)), llr=ratio_record(*ends), edits=(), basis=())
    terminal(made)
    lines = [line.strip() for line in capsys.readouterr().out.replace("\u00a0", " ").splitlines()]
    weighed = next(line for line in lines if "H1 (derived from this work)" in line)
    document, shelf = single(llr_document(made.llr), kind=kind)
    html = report.render_html(document, shelf, "en")
    page = Reader(html[html.index('class="results"') : html.index("</ol>")]).text.replace("\u00a0", " ")
    assert weighed in re.sub(r"\s+", " ", page)


def test_works_behind_the_first_are_shown_only_where_a_rule_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Behind a copy stand the artist's other works, which are alike to begin with; they are lined up, in few words."""
    copy = replace(record(1, FindingType.EDITED_COPY), llr=ratio_record(2.6, 2.2, 2.6))
    leaning = replace(record(2, FindingType.NOTHING), llr=ratio_record(1.6, 0.5, 2.0), edits=(), basis=())
    terminal(copy, leaning, replace(leaning, rank=3, type=FindingType.PART))
    assert re.findall(r"^  (\d)\. ", capsys.readouterr().out, re.M) == ["1", "3"]
    terminal(leaning, replace(leaning, rank=2), replace(leaning, rank=3))
    assert re.findall(r"^  (\d)\. ", capsys.readouterr().out, re.M) == ["2"]  # the rank that it was made with
    made, shelf = two_works(ratio(1.67, 0.8, 2.0), ratio(0.51, 0.1, 0.9))
    made["queries"][0]["findings"][1] |= {"type": "nothing_found", "basis": []}
    text = Reader(report.render_html(made, shelf, "en")).text
    assert "For 1 more work no rule names a relation, but its scores together lean towards H1." in text
    assert text.count("Finding 1.") == 1
    assert "no rule names a relation, but the scores together lean towards H1llr +0.51" in re.sub(r"\s+", " ", text)


def test_counts_on_the_first_page_use_the_same_words() -> None:
    made, shelf = two_works(ratio(1.67, 0.8, 2.0), ratio(0.51, 0.1, 0.9))
    made["queries"] = made["queries"] * 4
    text = Reader(report.render_html(made, shelf, "en")).text
    assert "no rule names a relation, but the scores together lean towards H1: 4" in text
    assert "weak support for H1: 4" in text
    assert "nothing found: 4" not in text


def test_evidence_is_kept_of_every_finding_that_is_shown() -> None:
    """Also of one that no rule names but the scores support: the page draws it."""
    unnamed = records(ratio_record(1.67, 0.8, 2.0), ratio_record(0.51, 0.1, 0.9))
    nothing = replace(record(3, FindingType.NOTHING), llr=ratio_record(-0.5, -0.9, -0.1))
    kept = _lightened([unnamed[0], unnamed[1], replace(unnamed[0], rank=7), nothing])
    assert [any(r.comparison.evidence for _, r in f.signals) for f in kept] == [True, True, False, False]


def test_edges_between_bands_are_where_the_shown_numbers_are() -> None:
    for low, high in pairwise(BANDS):
        assert signed(low) != signed(high)
        assert strength(low) != strength(high)
