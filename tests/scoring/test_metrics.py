"""Metrics of likelihood ratios: against lir and scipy, and against cases worked out by hand."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcheck.scoring import metrics

RATIOS = st.lists(st.integers(-30, 30).map(lambda tenth: tenth / 10), min_size=1, max_size=40)


@given(RATIOS, RATIOS)
def test_cllr_agrees_with_lir(h1: list[float], h2: list[float]) -> None:
    from lir.data.models import LLRData
    from lir.metrics import cllr, cllr_min

    labels = np.r_[np.ones(len(h1), int), np.zeros(len(h2), int)]
    data = LLRData(features=np.array([*h1, *h2]), labels=labels)
    assert metrics.cllr(h1, h2) == pytest.approx(cllr(data), abs=1e-6)
    assert metrics.cllr_min(h1, h2) == pytest.approx(cllr_min(data), abs=1e-6)


@given(RATIOS, RATIOS, st.randoms(use_true_random=False))
def test_cllr_does_not_see_the_order_and_its_least_is_never_more(
    h1: list[float], h2: list[float], random: Random
) -> None:
    least = metrics.cllr_min(h1, h2)
    assert least <= metrics.cllr(h1, h2) + 1e-9
    assert 0 <= least <= 1 + 1e-9
    shuffled = random.sample(h1, len(h1)), random.sample(h2, len(h2))
    assert metrics.cllr(*shuffled) == pytest.approx(metrics.cllr(h1, h2))
    assert metrics.cllr_min(*shuffled) == pytest.approx(least)


def test_cllr_of_nothing_and_of_everything() -> None:
    assert metrics.cllr([0, 0], [0]) == 1
    assert metrics.cllr([np.inf], [-np.inf]) == 0
    assert metrics.cllr_min([3, 4], [1, 2]) == 0
    with pytest.raises(ValueError, match="at least one"):
        metrics.cllr([], [1])
    with pytest.raises(ValueError, match="not a number"):
        metrics.cllr([np.nan], [1])


def test_weights_count_pairs_as_if_they_came_so_often() -> None:
    h1, h2 = [1.0, -0.5], [-1.0, 0.3, 0.3]
    weights = ([2, 1], [1, 3, 1])
    often = [1.0, 1.0, -0.5], [-1.0, 0.3, 0.3, 0.3, 0.3]
    assert metrics.cllr(h1, h2, weights) == pytest.approx(metrics.cllr(*often))
    assert metrics.cllr_min(h1, h2, weights) == pytest.approx(metrics.cllr_min(*often))
    assert metrics.misleading([0.0, 1.0, 2.0], 1, [2, 1, 1]) == 0.5
    assert metrics.misleading([0.0, 1.0, 2.0], 2.1) == 0


def test_none_of_so_many_leaves_something_possible() -> None:
    """Of 100 without one, a rate of 3.6 % would give none in one case of forty."""
    assert metrics.highest_rate(0, 100) == pytest.approx(1 - 0.025 ** (1 / 100))
    assert metrics.highest_rate(5, 5) == 1
    assert metrics.highest_rate(1, 100) > metrics.highest_rate(0, 100)


def test_the_highest_rate_is_that_of_scipy() -> None:
    from scipy.stats import beta

    for tried in (1, 40, 562):
        for reached in {0, tried // 3, tried - 1}:
            expected = float(beta.ppf(0.975, reached + 1, tried - reached))
            assert metrics.highest_rate(reached, tried) == pytest.approx(expected, abs=1e-12)
