"""The words for likelihood ratios: the bands of the ENFSI guideline, their edges, and both directions."""

from __future__ import annotations

from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcheck.records.likelihood import Interval, Strength, Validation, strength
from simcheck.reporting.words.phrases import Phrases, signed, times
from simcheck.reporting.words.words import Words

BANDS = [
    (1, 2, Strength.NONE),
    (2, 10, Strength.WEAK),
    (10, 100, Strength.MODERATE),
    (100, 1000, Strength.MODERATELY_STRONG),
    (1000, 10_000, Strength.STRONG),
    (10_000, 1_000_000, Strength.VERY_STRONG),
    (1_000_000, 10**12, Strength.EXTREMELY_STRONG),
]


@pytest.mark.parametrize(("low", "high", "band"), BANDS)
@pytest.mark.parametrize("direction", [1, -1])
def test_an_edge_belongs_to_the_lower_band(low: int, high: int, band: Strength, direction: int) -> None:
    inside = log10(low) + 0.05
    assert strength(direction * inside) is band
    assert strength(direction * log10(high)) is band
    if low > 1:
        assert strength(direction * log10(low)) is not band
        assert strength(direction * (log10(low) + 0.001)) is not band, "what is shown as the edge is at the edge"


@given(st.floats(-12, 12))
def test_the_words_are_the_same_in_both_directions(llr: float) -> None:
    assert strength(llr) is strength(-llr)
    assert strength(llr) is strength(round(llr, 2)), "the words are those of the number that is shown"


@given(st.one_of(st.floats(-12, 12), st.sampled_from(range(-1300, 1300)).map(lambda n: n / 100)))
def test_the_number_that_is_told_lies_in_the_band_that_is_told(llr: float) -> None:
    told = float(times(llr).replace(",", ""))
    low, high = next((low, high) for low, high, band in BANDS if band is strength(llr))
    assert low < told <= high or told == low == 1 or told > 10**12


@given(st.floats(0, 12), st.floats(0, 12))
def test_more_is_never_weaker(one: float, other: float) -> None:
    order = list(Strength)
    assert order.index(strength(min(one, other))) <= order.index(strength(max(one, other)))


@given(st.floats(0, 12))
def test_rounding_lifts_nothing_into_a_higher_band(llr: float) -> None:
    exact = next(band for _, high, band in BANDS if llr <= log10(high) or high == 10**12)
    order = list(Strength)
    raised = order.index(strength(llr)) > order.index(exact)
    assert not raised


@pytest.mark.parametrize(
    ("llr", "words"),
    [
        (0.0, "no support for either H1 or H2"),
        (0.3, "no support for either H1 or H2"),
        (-0.3, "no support for either H1 or H2"),
        (0.31, "no support for either H1 or H2"),
        (0.33, "weak support for H1"),
        (-0.33, "weak support for H2"),
        (1.0, "weak support for H1"),
        (-1.0, "weak support for H2"),
        (1.02, "weak support for H1"),
        (1.03, "moderate support for H1"),
        (3.0, "moderately strong support for H1"),
        (-4.0, "strong support for H2"),
        (6.0, "very strong support for H1"),
        (-6.1, "extremely strong support for H2"),
    ],
)
def test_the_words(llr: float, words: str) -> None:
    phrases = Phrases(Words(["en"]))
    assert phrases.support(llr).text == words
    said = phrases.likelihood({"value": llr, "low": llr, "high": llr, "at_bound": None}).text
    assert words in said
    assert "H1 (derived from this work) against H2 (made independently, same subject and tradition)" in said


def test_every_band_has_words_in_both_languages() -> None:
    for language in ("en", "zh"):
        phrases = Phrases(Words([language]))
        said = {phrases.support(sign * (log10(high) - 0.01)).text for _, high, _ in BANDS for sign in (1, -1)}
        assert len(said) == 13, "six bands for either hypothesis, and none"


@pytest.mark.parametrize(
    ("llr", "said"),
    [(0.0, "1"), (0.3, "2"), (-0.3, "2"), (0.5, "3.2"), (1.0, "10"), (2.4, "250"), (-2.4, "250"), (5.3, "200,000")],
)
def test_how_many_times(llr: float, said: str) -> None:
    assert times(llr) == said


def test_a_sign_is_a_sign() -> None:
    assert (signed(1.004), signed(-0.5), signed(0.0)) == ("+1.00", "−0.50", "+0.00")


def test_a_validation_is_known_by_its_signals() -> None:
    one = Interval(0.3, 0.2, 0.4)
    assert Validation(("copy", "layout"), 5, one, one, (), (1.0,), (0.0,), 1, 1).key == "copy+layout"
