"""Metrics of retrieval: against scikit-learn, against cases worked out by hand, and whatever the order of the input."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.measure import retrieval_metrics as metrics

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
