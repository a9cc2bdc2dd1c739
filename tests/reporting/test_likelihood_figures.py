"""Drawings of likelihood ratios: the case stands where its number is, and nothing depends on chance."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcheck.reporting.figures.likelihood import (
    MARGIN,
    WIDTH,
    Axis,
    calibration_svg,
    distribution_svg,
    pooled,
    share_reaching,
    tippett_svg,
)

H1, H2 = [-0.5, 0.4, 1.2, 1.9, 2.0], [-2.0, -1.5, -1.0, -0.2, 0.6]
LLRS = st.lists(st.floats(-3, 3).map(lambda v: round(v, 3)), min_size=1, max_size=60)


@pytest.mark.parametrize("value", [-2.0, -0.31, 0.0, 1.25, 2.0])
def test_the_case_stands_where_its_number_is(value: float) -> None:
    svg = distribution_svg(H1, H2, (value, value - 0.5, value + 0.25), (-2.5, 2.5))
    axis = Axis(-3, 3, MARGIN, WIDTH - 14)
    marks = re.findall(r'class="case" d="M([\d.]+) 24V', svg)
    assert [float(x) for x in marks] == [pytest.approx(axis.at(value), abs=0.06)]
    band = re.search(r'class="interval" x="([\d.]+)" y="22" width="([\d.]+)"', svg)
    assert band
    assert float(band[1]) == pytest.approx(axis.at(value - 0.5), abs=0.06)
    assert float(band[1]) + float(band[2]) == pytest.approx(axis.at(value + 0.25), abs=0.12)
    ticks = re.findall(r'class="tick" x="([\d.]+)"[^>]*>([^<]+)<', svg)
    assert [said for _, said in ticks] == ["−3", "−2", "−1", "0", "+1", "+2", "+3"]
    assert [float(x) for x, _ in ticks] == [pytest.approx(axis.at(llr), abs=0.06) for llr in range(-3, 4)]


@given(LLRS, LLRS, st.floats(-9, 9))
def test_any_test_can_be_drawn_and_always_in_the_same_way(h1: list[float], h2: list[float], value: float) -> None:
    case = (value, value - 1, value + 1)
    assert distribution_svg(h1, h2, case, (-3, 3)) == distribution_svg(h1[::-1], h2[::-1], case, (-3, 3))
    assert tippett_svg(h1, h2) == tippett_svg(h1[::-1], h2[::-1])
    assert calibration_svg(h1, h2) == calibration_svg(h1[::-1], h2[::-1])
    for svg in (distribution_svg(h1, h2, case, (-3, 3)), tippett_svg(h1, h2), calibration_svg(h1, h2)):
        assert not re.search(r"nan|inf[^e]|None", svg.replace('class="interval"', ""))


@given(LLRS, LLRS)
def test_what_is_borne_out_rises_and_weighs_both_sides_alike(h1: list[float], h2: list[float]) -> None:
    blocks = pooled(h1, h2)
    assert all(one[1] < other[0] and one[2] <= other[2] for one, other in pairwise(blocks))
    assert (blocks[0][0], blocks[-1][1]) == (min(h1 + h2), max(h1 + h2))


def test_separate_sides_bear_out_no_ratio_and_mixed_ones_do() -> None:
    assert pooled([1.0, 2.0], [-1.0]) == [(-1.0, -1.0, -inf), (1.0, 2.0, inf)]
    (block,) = pooled([0.5], [0.5])
    assert block == (0.5, 0.5, 0.0)
    mixed = pooled([0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0])
    assert [ratio for _, _, ratio in mixed] == [pytest.approx(-log10(3)), pytest.approx(log10(3))]


def test_shares() -> None:
    assert share_reaching(H1, 1.2) == 0.6
    assert share_reaching(H2, 5) == 0


def test_a_long_axis_keeps_its_zero() -> None:
    axis = Axis.over([-20, 20], 0, 100)
    assert 0 in axis.ticks()
    assert len(axis.ticks()) < 14
    assert axis.at(99) == 100
