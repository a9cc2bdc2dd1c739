"""Which of a mirrored and a plain relation is told first."""

from __future__ import annotations

import numpy as np

from simcheck.records import Box, MatchEvidence
from simcheck.signals.keypoints.geometry import Relation
from simcheck.signals.keypoints.orientation import CLEARLY, as_it_is

HERE: Box = (0.1, 0.1, 0.6, 0.6)
THERE: Box = (0.7, 0.7, 0.95, 0.95)


def relation(surprise: float, mirrored: bool, box: Box = HERE) -> Relation:
    points = np.tile(np.r_[box[:2], box[:2]], (9, 1))
    return Relation(
        surprise, MatchEvidence(points, np.eye(3), "similarity", mirrored, 0.0, 1.0, 9, box, box, np.zeros((9, 6)))
    )


def order(*found: Relation) -> list[float]:
    return [each.surprise for each in as_it_is(sorted(found, key=lambda one: -one.surprise))]


def test_mirrored_is_told_only_where_it_explains_clearly_more() -> None:
    assert order(relation(20, True), relation(18, False)) == [18, 20]
    assert order(relation(20, True), relation(20 / CLEARLY - 0.1, False)) == [20, 20 / CLEARLY - 0.1]
    assert order(relation(20, True)) == [20]
    assert order(relation(20, False), relation(19, True)) == [20, 19]
    assert order(relation(20, True), relation(19, True), relation(17, False), relation(9, False)) == [17, 20, 19, 9]


def test_another_place_is_no_rival() -> None:
    """A collage may show one part mirrored and another as it is."""
    assert order(relation(20, True), relation(19, False, THERE)) == [20, 19]
    assert order(relation(20, True), relation(19, False, THERE), relation(15, False)) == [15, 20, 19]
