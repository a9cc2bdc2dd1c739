"""Relations of keypoints without size and orientation, on places whose true transform is known."""

from __future__ import annotations

import numpy as np
import pytest
from paintings import placed

from simcheck.signals.keypoints.geometry import Keypoints
from simcheck.signals.keypoints.two_point import _surprise, relate_places

ASPECT = np.array([1.0, 0.75])


def keypoints(points: np.ndarray, vectors: np.ndarray) -> Keypoints:
    count = len(points)
    # sizes and angles that would mislead whoever looks at them
    rng = np.random.default_rng(99)
    sizes, angles = rng.uniform(0.01, 0.1, count), rng.uniform(0, 6.28, count)
    return Keypoints(points, sizes, angles, vectors.astype(np.float32), np.zeros((count, 3)), ASPECT, 800)


def pair(turn: float, zoom: float, right: int, wrong: int, seed: int = 0) -> tuple[Keypoints, Keypoints]:
    """``right`` matches obey the similarity, ``wrong`` ones are alike and lie anywhere."""
    rng = np.random.default_rng(seed)
    matrix = placed(turn, zoom, (0.1, 0.05))
    theirs = rng.uniform(0, 1, (right + wrong, 2)) * ASPECT
    there = np.c_[theirs[:right], np.ones(right)] @ np.linalg.inv(matrix).T
    ours = np.vstack([there[:, :2] + rng.normal(0, 0.002, (right, 2)), rng.uniform(0, 1, (wrong, 2)) * ASPECT])
    vectors = rng.normal(size=(right + wrong, 64))
    noisy = vectors + rng.normal(0, 0.3, vectors.shape)
    unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (vectors, noisy)]
    order = rng.permutation(right + wrong)
    return keypoints(ours[order], unit[0][order]), keypoints(theirs, unit[1])


@pytest.mark.parametrize(("turn", "zoom"), [(0, 1.0), (0, 0.5), (25, 1.4), (-90, 1.0), (180, 2.0)])
def test_a_similarity_is_found_among_wrong_matches(turn: float, zoom: float) -> None:
    (relation,) = relate_places(*pair(turn, zoom, 60, 140), ratio=0.95, mirrored=False)
    assert relation.surprise > 20
    assert 50 <= len(relation.evidence.points) <= 75
    off = (relation.evidence.rotation_degrees - turn + 180) % 360 - 180
    assert abs(off) < 2
    assert relation.evidence.scale == pytest.approx(1 / zoom, rel=0.05)


def test_matches_that_lie_anywhere_are_no_relation() -> None:
    found = [
        relation
        for seed in range(12)
        for relation in relate_places(*pair(0, 1, 0, 200, seed), ratio=0.95, mirrored=False)
    ]
    assert max((relation.surprise for relation in found if relation), default=0.0) < 2
    assert sum(relation is not None for relation in found) <= 3


def test_too_few_matches() -> None:
    for count in (0, 1, 3):
        assert relate_places(*pair(0, 1, count, 0), ratio=0.95, mirrored=False) == []


def test_the_same_comes_out_twice() -> None:
    (first,), (second,) = (relate_places(*pair(10, 1.2, 30, 100), ratio=0.95, mirrored=False) for _ in range(2))
    assert first.surprise == second.surprise
    np.testing.assert_array_equal(first.evidence.transform, second.evidence.transform)


def test_surprise_gives_no_credit_for_what_two_matches_settle() -> None:
    assert _surprise(100, 2, 0.75) == 0
    assert _surprise(2, 2, 0.75) == 0
    assert 0 < _surprise(100, 20, 0.75) < _surprise(100, 30, 0.75)
    assert _surprise(100, 20, 0.75) > _surprise(200, 20, 0.75)
