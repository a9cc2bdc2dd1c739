"""Metrics: against scikit-learn, against cases worked out by hand, and whatever the order of the input."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcheck.scoring import metrics

PAIRS = st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=60).filter(
    lambda pairs: len({label for _, label in pairs}) == 2
)


@given(PAIRS)
def test_uap_is_average_precision_of_scikit_learn(pairs: list[tuple[int, bool]]) -> None:
    from sklearn.metrics import average_precision_score

    scores, labels = zip(*pairs, strict=True)
    assert metrics.micro_average_precision(scores, labels) == pytest.approx(average_precision_score(labels, scores))


@given(PAIRS, st.randoms(use_true_random=False))
def test_order_of_the_input_does_not_matter(pairs: list[tuple[int, bool]], random: Random) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    for metric in (
        metrics.micro_average_precision,
        lambda s, t: metrics.tpr_at_fpr(s, t, 0.1),
        lambda s, t: metrics.recall_at_precision(s, t, 0.9),
    ):
        assert metric(*zip(*pairs, strict=True)) == metric(*zip(*shuffled, strict=True))


def test_tpr_at_fpr_by_hand() -> None:
    scores = [9, 8, 7, 6, 5, 4]
    labels = [True, False, True, True, False, False]
    assert metrics.tpr_at_fpr(scores, labels, 0.0) == pytest.approx(1 / 3)
    assert metrics.tpr_at_fpr(scores, labels, 0.34) == 1.0


def test_ties_count_against_the_method() -> None:
    assert metrics.tpr_at_fpr([1, 1], [True, False], 0.0) == 0.0
    assert metrics.first_true_ranks([[1.0, 1.0, 0.0]], [[0]]).tolist() == [2]


def test_recall_at_precision_by_hand() -> None:
    assert metrics.recall_at_precision([5, 4, 3, 2], [True, True, False, True], 0.9) == pytest.approx(2 / 3)
    assert metrics.recall_at_precision([5, 4, 3, 2], [True, True, False, True], 0.75) == 1.0
    assert metrics.recall_at_precision([5, 4], [False, True], 0.9) == 0.0


def test_what_was_not_returned_is_a_miss() -> None:
    none = -np.inf
    ranks = metrics.first_true_ranks([[none, 2.0, 1.0], [3.0, 2.0, none]], [[0], [0, 2]])
    assert ranks.tolist() == [4, 1]
    assert metrics.recall_at(ranks, 1) == 0.5
    assert metrics.micro_average_precision([none, 2.0], [True, False]) == 0.0


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        metrics.micro_average_precision([np.nan, 1], [True, False])
    with pytest.raises(ValueError, match="at least one"):
        metrics.tpr_at_fpr([1, 2], [True, True], 0.1)


# -- likelihood ratios --------------------------------------------------------------------------------------------

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
