"""Geometry on keypoints made up with a known truth: what is found, what chance alone gives, and what it counts for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from paintings import mapped, placed
from scipy.special import betainc

from simcheck.records import MatchEvidence
from simcheck.signals.keypoints import geometry
from simcheck.signals.keypoints.geometry import TOLERANCE, Keypoints, relate

Floats = NDArray[np.float64]
MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])


@dataclass(frozen=True)
class Scene:
    """Keypoints of both sides; ``truth`` takes fractions of the (perhaps mirrored) query to the reference's."""

    ours: Keypoints
    theirs: Keypoints
    truth: Floats
    agree: int


def keypoints(points: Floats, size: tuple[int, int], sizes: Floats, angles: Floats, vectors: Floats) -> Keypoints:
    """``points`` in units of the longer side of a picture of ``size`` (width, height) pixels."""
    longer = max(size)
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    colours = np.full((len(points), 3), 50.0)
    return Keypoints(points, sizes, angles % (2 * np.pi), unit, colours, np.array(size, float) / longer, longer)


def chosen(each: Keypoints, rows: NDArray[np.intp], points: Floats | None = None) -> Keypoints:
    """Some of the keypoints, some perhaps twice, at other places where ``points`` are given."""
    return Keypoints(
        each.points[rows] if points is None else points,
        each.sizes[rows],
        each.angles[rows],
        each.vectors[rows],
        each.colours[rows],
        each.aspect,
        each.longer,
    )


def spread(generator: np.random.Generator, count: int, aspect: Floats) -> Floats:
    """Random places with at least 2 % of the longer side between any two."""
    chosen = np.zeros((0, 2))
    while len(chosen) < count:
        point = generator.uniform(0.02, 0.98, 2) * aspect
        if not len(chosen) or ((chosen - point) ** 2).sum(axis=1).min() > 0.02**2:
            chosen = np.vstack([chosen, point])
    return chosen


def scene(
    matrix: Floats,
    agree: int = 60,
    astray: int = 0,
    *,
    seed: int = 1,
    query_size: tuple[int, int] = (900, 600),
    reference_size: tuple[int, int] = (1200, 1600),
    noise: float = 0.001,
) -> Scene:
    """``matrix`` takes units of the query's longer side to units of the reference's; ``astray`` matches go anywhere."""
    generator = np.random.default_rng(seed)
    count = agree + astray
    ours_aspect, theirs_aspect = np.array(query_size) / max(query_size), np.array(reference_size) / max(reference_size)
    q = spread(generator, count, ours_aspect)
    r = mapped(matrix, q) + generator.normal(0, noise, (count, 2))
    r[agree:] = spread(generator, astray, theirs_aspect) if astray else r[agree:]
    zoom, turn = np.sqrt(np.linalg.det(matrix[:2, :2])), np.arctan2(matrix[1, 0], matrix[0, 0])
    sizes, angles = generator.uniform(0.005, 0.02, count), generator.uniform(0, 2 * np.pi, count)
    vectors = generator.uniform(0, 1, (count, 128)) ** 3
    their_angles = angles + turn + generator.normal(0, 0.02, count)
    their_angles[agree:] = generator.uniform(0, 2 * np.pi, astray)
    return Scene(
        keypoints(q, query_size, sizes, angles, vectors),
        keypoints(r, reference_size, sizes * zoom, their_angles, vectors),
        np.diag([*(1 / theirs_aspect), 1]) @ matrix @ np.diag([*ours_aspect, 1]),
        agree,
    )


def found(made: Scene, *, mirrored: bool = False) -> MatchEvidence:
    (relation,) = relate(made.ours, made.theirs, ratio=0.85, mirrored=mirrored)
    assert relation is not None
    return relation.evidence


def off(evidence: MatchEvidence, truth: Floats, reference_size: tuple[int, int] = (1200, 1600)) -> float:
    """The farthest that the transform puts one of its own inliers from where it belongs, in longer sides."""
    query = evidence.points[:, :2]
    aspect = np.array(reference_size) / max(reference_size)
    return float(np.linalg.norm((mapped(evidence.transform, query) - mapped(truth, query)) * aspect, axis=1).max())


@settings(max_examples=30)
@given(st.floats(-175, 175), st.floats(0.3, 2.5), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_known_similarity_is_found_with_its_turn_and_scale(
    turn: float, zoom: float, mirrored: bool, seed: int
) -> None:
    made = scene(placed(turn, zoom, (0.1, -0.2)), 40, seed=seed)
    evidence = found(made, mirrored=mirrored)
    truth = made.truth @ MIRROR if mirrored else made.truth
    assert off(evidence, truth) < 0.003
    assert evidence.mirrored is mirrored
    assert evidence.kind == "similarity"
    assert evidence.rotation_degrees == pytest.approx(turn, abs=0.5)
    # 900 pixels of the query make 1600 of the reference where the units agree
    assert evidence.scale == pytest.approx(900 / (zoom * 1600), rel=0.02)
    assert len(evidence.points) >= 38
    assert evidence.tentative == 40


def test_the_points_of_a_mirrored_query_are_given_in_the_plain_one() -> None:
    made = scene(placed(4, 0.8, (0.1, 0.1)), 40)
    plain, mirrored = found(made), found(made, mirrored=True)
    np.testing.assert_allclose(mirrored.points[:, 0], 1 - plain.points[:, 0])
    np.testing.assert_allclose(mirrored.points[:, 1:], plain.points[:, 1:])
    assert mirrored.query_box == pytest.approx(
        (1 - plain.query_box[2], plain.query_box[1], 1 - plain.query_box[0], plain.query_box[3])
    )
    assert mirrored.reference_box == plain.reference_box
    assert np.linalg.det(mirrored.transform[:2, :2]) < 0 < np.linalg.det(plain.transform[:2, :2])


@pytest.mark.parametrize("astray", [30, 100, 180])
def test_matches_that_go_astray_are_left_out(astray: int) -> None:
    made = scene(placed(25, 0.7, (0.2, 0.1)), 40, astray)
    evidence = found(made)
    assert off(evidence, made.truth) < 0.004
    assert evidence.tentative == 40 + astray
    assert 38 <= len(evidence.points) <= 42, "all that agree, and hardly one that does not"


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(0, 80))
def test_every_inlier_obeys_the_transform(seed: int, astray: int) -> None:
    made = scene(placed(-40, 0.6, (0.1, 0.6)), 30, astray, seed=seed, noise=0.006)
    evidence = found(made)
    to_units = np.array([0.75, 1.0])
    apart = (mapped(evidence.transform, evidence.points[:, :2]) - evidence.points[:, 2:]) * to_units
    assert np.linalg.norm(apart, axis=1).max() < TOLERANCE
    for column, box in ((0, evidence.query_box), (2, evidence.reference_box)):
        each = evidence.points[:, column : column + 2]
        assert box == pytest.approx(tuple(np.clip((*each.min(axis=0), *each.max(axis=0)), 0, 1)))


def test_a_stretch_needs_an_affine_map() -> None:
    stretched = scene(np.diag([0.8, 0.6, 1.0]), 80)
    evidence = found(stretched)
    assert evidence.kind == "affine"
    assert off(evidence, stretched.truth) < 0.005


def test_a_small_stretch_is_no_reason_to_give_up_the_simpler_map() -> None:
    assert found(scene(np.diag([0.71, 0.7, 1.0]), 80)).kind == "similarity"


def test_the_colour_difference_is_that_of_the_matches_that_agree() -> None:
    made = scene(placed(), 40, 60)
    colours = made.theirs.colours + np.array([12.0, -3, 4])
    colours[made.agree :] += 80  # what went astray does not count
    colours[:5] += 60  # nor do a few details that were painted over
    evidence = found(replace(made, theirs=replace(made.theirs, colours=colours)))
    assert evidence.colour_difference == pytest.approx(13)
    assert found(made).colour_difference == 0


def test_fewer_than_four_matches_are_no_relation() -> None:
    assert relate(*pair(scene(placed(), 3)), ratio=0.85, mirrored=False) == []
    assert relate(*pair(scene(placed(), 3, 30)), ratio=0.85, mirrored=False) == []


def pair(made: Scene) -> tuple[Keypoints, Keypoints]:
    return made.ours, made.theirs


@pytest.mark.parametrize("count", [20, 50, 110])
def test_matches_without_any_relation_surprise_no_more_often_than_chance_says(count: int) -> None:
    """A surprise of s is to be met in at most one of 10**s pictures: the very meaning of the number."""
    surprises = []
    for seed in range(40):
        found = relate(*pair(scene(placed(), 0, count, seed=seed)), ratio=0.85, mirrored=False)
        surprises.append(found[0].surprise if found else 0.0)
    assert sum(s > 1 for s in surprises) <= 40 / 10
    assert max(surprises) < 3


def test_a_place_counts_once_however_many_keypoints_lie_there() -> None:
    made = scene(placed(), 30)
    heap = np.full((30, 2), 0.405) + np.random.default_rng(2).uniform(0, 0.004, (30, 2))
    ours, theirs = replace(made.ours, points=heap), replace(made.theirs, points=heap)
    assert relate(ours, theirs, ratio=0.85, mirrored=False) == []


def test_one_and_the_same_detail_all_over_a_picture_matches_nothing() -> None:
    made = scene(placed(), 40)
    alike = np.repeat(made.theirs.vectors[:1], 40, axis=0)
    ours, theirs = replace(made.ours, vectors=alike), replace(made.theirs, vectors=alike)
    assert relate(ours, theirs, ratio=0.85, mirrored=False) == []


def test_a_rival_at_the_same_place_is_none() -> None:
    """SIFT gives one corner several keypoints (two angles, two scales) with nearly one vector."""
    made = scene(placed(10, 0.8, (0.1, 0.1)), 30)
    rows = np.r_[np.arange(30), np.arange(30)]
    twice = chosen(made.theirs, rows, made.theirs.points[rows] + np.repeat([[0.0], [0.002]], 30, axis=0))
    (relation,) = relate(made.ours, twice, ratio=0.85, mirrored=False)
    assert relation is not None
    assert len(relation.evidence.points) == 30


def test_no_keypoint_of_the_reference_is_matched_twice() -> None:
    made = scene(placed(), 30)
    rows = np.r_[np.arange(30), np.arange(30)]
    twice = chosen(made.ours, rows, np.r_[made.ours.points, made.ours.points[::-1]])
    (relation,) = relate(twice, made.theirs, ratio=0.85, mirrored=False)
    assert relation is not None
    assert relation.evidence.tentative == 30


def test_a_turned_detail_within_a_picture_does_not_count_for_the_rest() -> None:
    """Places agree by construction, but the keypoints themselves say that they are turned: a chance alignment."""
    made = scene(placed(), 40)
    theirs = replace(made.theirs, angles=np.random.default_rng(3).uniform(0, 2 * np.pi, 40))
    (relation,) = relate(made.ours, theirs, ratio=0.85, mirrored=False)
    assert relation is None or len(relation.evidence.points) < 20


COUNTS = st.integers(4, 400).flatmap(lambda tentative: st.tuples(st.just(tentative), st.integers(4, tentative)))


@given(COUNTS, st.floats(0.2, 1.0))
def test_surprise_grows_with_the_inliers(counts: tuple[int, int], area: float) -> None:
    tentative, count = counts
    assume(count < tentative)
    fewer, more = geometry._surprise(tentative, count, area), geometry._surprise(tentative, count + 1, area)
    assert more > fewer or more == fewer == 0


@given(COUNTS, st.floats(0.2, 1.0))
def test_surprise_falls_with_more_matches_of_which_no_more_agree(counts: tuple[int, int], area: float) -> None:
    tentative, count = counts
    here, there = geometry._surprise(tentative, count, area), geometry._surprise(tentative + 1, count, area)
    assert there < here or there <= 0


@given(COUNTS, st.floats(0.2, 1.0))
def test_surprise_never_promises_more_than_the_binomial_law(counts: tuple[int, int], area: float) -> None:
    tentative, count = counts
    chance = min(0.5, 4 * np.pi * TOLERANCE**2 / area * 60 / 360)
    # the chance of count - 1 or more out of tentative - 1: one match made the proposal
    accident = float(betainc(count - 1, tentative - count + 1, chance))
    assume(accident > 1e-290)  # else too small for a float
    exact = -np.log10(tentative) - np.log10(accident)
    assert geometry._surprise(tentative, count, area) <= max(0.0, exact) + 1e-9
