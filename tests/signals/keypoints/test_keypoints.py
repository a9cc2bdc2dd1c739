"""keypoints on painted pictures put through known transforms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from paintings import about, mapped, painting, picture, placed, warped

from simcheck.records import Comparison, Description, MatchEvidence, Picture, Pixels
from simcheck.signals.describe import describe
from simcheck.signals.keypoints.geometry import TOLERANCE
from simcheck.signals.keypoints.signal import KeypointsParams, KeypointsSignal

Floats = NDArray[np.float64]
WIDTH, HEIGHT = SIZE = (480, 360)
MIDDLE = (WIDTH / 2, HEIGHT / 2)
MIRROR = np.array([[-1.0, 0, WIDTH], [0, 1, 0], [0, 0, 1]])
QUARTER = np.array([[0.0, -1, HEIGHT], [1, 0, 0], [0, 0, 1]])
"""Clockwise."""
SLANT = np.array([[0.93, 0.06, 12.0], [-0.04, 0.98, 15], [-0.0006, 0.0002, 1]])
TOWN, MEADOW = painting(101, SIZE), painting(102, SIZE)
SIGNAL = KeypointsSignal()


@dataclass(frozen=True)
class Case:
    to_query: Floats
    size: tuple[int, int]
    kind: str = "similarity"
    mirrored: bool = False
    turn: float = 0.0
    """Clockwise, from the query (mirrored first, where it is) to the work."""
    scale: float = 1.0


CASES = {
    "untouched": Case(np.eye(3), SIZE),
    "turned 7 degrees clockwise": Case(about(MIDDLE, placed(7)), SIZE, turn=-7),
    "turned 7 degrees back": Case(about(MIDDLE, placed(-7)), SIZE, turn=7),
    "a quarter turn clockwise": Case(QUARTER, (HEIGHT, WIDTH), turn=-90),
    "scaled to 0.6": Case(placed(zoom=0.6), (288, 216), scale=0.6),
    "scaled to 1.7": Case(placed(zoom=1.7), (816, 612), scale=1.7),
    "cropped": Case(placed(at=(-110, -60)), (300, 260)),
    "mirrored": Case(MIRROR, SIZE, mirrored=True),
    "mirrored, then turned": Case(about(MIDDLE, placed(12)) @ MIRROR, SIZE, mirrored=True, turn=12),
    "cropped, turned and scaled": Case(placed(-20, 0.8, (-60, 40)), (300, 240), turn=20, scale=0.8),
    "pasted into a page": Case(placed(zoom=0.7, at=(200, 90)), (700, 500), scale=0.7),
    "in perspective": Case(SLANT, SIZE, kind="homography", turn=-2, scale=1.15),
    "stretched": Case(np.diag([1.25, 1, 1]), (600, HEIGHT), kind="affine", scale=1.12),
}


def asked(pixels: Pixels) -> Description:
    return describe([picture(pixels)], SIGNAL, query=True)[0]


def stored(pixels: Pixels) -> Description:
    return describe([picture(pixels)], SIGNAL, query=False)[0]


@cache
def work() -> Description:
    return stored(TOWN)


@cache
def compared(name: str) -> tuple[Comparison, Floats]:
    """The comparison of that suspect with the work it was made from, and the true transform."""
    case = CASES[name]
    pixels, truth = warped(TOWN, case.to_query, case.size)
    return SIGNAL.compare(asked(pixels), work()), truth


def relation(name: str) -> MatchEvidence:
    evidence = compared(name)[0].evidence
    assert isinstance(evidence, MatchEvidence)
    return evidence


@pytest.mark.parametrize("name", CASES)
def test_known_points_of_the_suspect_are_found_in_the_work(name: str) -> None:
    _, truth = compared(name)
    steps = np.linspace(0.02, 0.98, 13)
    points = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    shown = mapped(truth, points)
    inside = np.all((shown >= 0) & (shown <= 1), axis=1)
    assert inside.sum() > 20
    apart = np.abs(mapped(relation(name).transform, points[inside]) - shown[inside])
    assert apart.max() < 0.015


@pytest.mark.parametrize("name", CASES)
def test_the_relation_is_named_as_it_was_made(name: str) -> None:
    case, evidence = CASES[name], relation(name)
    assert evidence.kind == case.kind
    assert evidence.mirrored is case.mirrored
    assert evidence.rotation_degrees == pytest.approx(case.turn, abs=2 if case.kind != "similarity" else 0.3)
    assert evidence.scale == pytest.approx(case.scale, rel=0.06 if case.kind != "similarity" else 0.01)


@pytest.mark.parametrize("name", CASES)
def test_inliers_lie_within_both_pictures_and_agree_with_the_transform(name: str) -> None:
    evidence = relation(name)
    points = evidence.points
    assert points.shape[1] == 4
    assert ((points >= 0) & (points <= 1)).all()
    assert 50 < len(points) <= evidence.tentative
    longer = np.array([WIDTH, HEIGHT]) / max(SIZE)
    apart = np.linalg.norm((mapped(evidence.transform, points[:, :2]) - points[:, 2:]) * longer, axis=1)
    assert apart.max() < TOLERANCE + 1e-3, "places are stored as 16 bits"
    for column, box in ((0, evidence.query_box), (2, evidence.reference_box)):
        each = points[:, column : column + 2]
        assert box == pytest.approx((*each.min(axis=0), *each.max(axis=0)))


def test_a_slight_slant_is_followed_to_the_corners() -> None:
    slant = np.array([[0.93, 0.06, 12.0], [-0.04, 0.98, 15], [-0.00035, 0.0002, 1]])
    pixels, truth = warped(TOWN, slant, SIZE)
    evidence = SIGNAL.compare(asked(pixels), work()).evidence
    assert isinstance(evidence, MatchEvidence)
    corners = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]])
    assert np.abs(mapped(evidence.transform, corners) - mapped(truth, corners)).max() < 0.015


def test_a_strongly_stretched_picture_is_not_called_turned() -> None:
    pixels, _ = warped(TOWN, np.diag([1.8, 1, 1]), (864, HEIGHT))
    evidence = SIGNAL.compare(asked(pixels), work()).evidence
    assert isinstance(evidence, MatchEvidence)
    assert evidence.rotation_degrees == pytest.approx(0, abs=2)
    assert evidence.scale == pytest.approx(1.8**0.5, rel=0.05)


def test_boxes_of_a_pasted_work_show_where_it_lies() -> None:
    x0, y0, x1, y1 = relation("pasted into a page").query_box
    # drawn from (200, 90) to (536, 342) on 700 x 500
    assert (x0, y0) == pytest.approx((200 / 700, 90 / 500), abs=0.05)
    assert (x1, y1) == pytest.approx((536 / 700, 342 / 500), abs=0.05)
    assert relation("cropped").reference_box == pytest.approx((110 / 480, 60 / 360, 410 / 480, 320 / 360), abs=0.05)


def test_edited_copies_score_far_above_other_paintings() -> None:
    others = [SIGNAL.compare(asked(painting(seed, SIZE)), work()).score or 0.0 for seed in range(14)]
    assert max(others) < 5
    assert np.median(others) < 1
    assert min(compared(name)[0].score or 0.0 for name in CASES) > 8


def test_scale_is_told_in_pixels_of_the_whole_files() -> None:
    """Pictures are decoded at working size; the files may have been larger by any factor."""
    case = CASES["scaled to 0.6"]
    pixels, _ = warped(TOWN, case.to_query, case.size)
    small = picture(pixels)
    big = Picture(replace(small.facts, width=small.facts.width * 5, height=small.facts.height * 5), pixels)
    (query,) = describe([big], SIGNAL, query=True)
    evidence = SIGNAL.compare(query, work()).evidence
    assert isinstance(evidence, MatchEvidence)
    assert evidence.scale == pytest.approx(3.0, rel=0.01)


def test_the_mirrored_query_is_what_finds_a_mirrored_copy() -> None:
    pixels, _ = warped(TOWN, MIRROR, SIZE)
    plain_only = replace(asked(pixels), mirrored=())
    assert (SIGNAL.compare(plain_only, work()).score or 0.0) < 5


def test_colours_are_compared_where_details_agree() -> None:
    """Not over whole pictures: a crop of the same picture has another palette, but the same colours."""
    assert relation("cropped").colour_difference < 3
    assert relation("mirrored").colour_difference < 1
    warm = np.clip(TOWN * np.array([1.2, 1.0, 0.7]), 0, 255).astype(np.uint8)
    evidence = SIGNAL.compare(asked(warm[60:320, 110:410]), work()).evidence
    assert isinstance(evidence, MatchEvidence)
    assert evidence.colour_difference > 12


def test_an_element_within_another_picture_is_found_where_it_is() -> None:
    canvas = MEADOW.copy()
    canvas[150:300, 250:430] = TOWN[120:270, 100:280]
    evidence = SIGNAL.compare(asked(canvas), work()).evidence
    assert isinstance(evidence, MatchEvidence)
    assert evidence.query_box == pytest.approx((250 / 480, 150 / 360, 430 / 480, 300 / 360), abs=0.07)
    assert evidence.reference_box == pytest.approx((100 / 480, 120 / 360, 280 / 480, 270 / 360), abs=0.07)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.full((300, 300, 3), 128, np.uint8), "little_detail"),
        (TOWN[:12], "too_small"),
        (np.ascontiguousarray(TOWN[:, :15]), "too_small"),
    ],
)
def test_it_says_why_it_has_nothing_to_say(pixels: Pixels, reason: str) -> None:
    assert stored(pixels).descriptors[0].reason == reason
    assert SIGNAL.compare(asked(pixels), work()) == Comparison(None, reason)
    assert SIGNAL.compare(asked(TOWN), stored(pixels)) == Comparison(None, reason)


def test_the_strongest_keypoints_are_kept() -> None:
    few = KeypointsSignal(KeypointsParams(most=40, voters=10))
    (all_of_them,), (strongest,) = SIGNAL.describe([TOWN]), few.describe([TOWN])
    assert len(strongest.values) == 40 < len(all_of_them.values)
    np.testing.assert_array_equal(strongest.values, all_of_them.values[:40])
    assert len(few.vectors(strongest, query=False)) == 10
    assert len(few.vectors(strongest, query=True)) == 30
    np.testing.assert_array_equal(few.vectors(strongest, query=True)[:10], few.vectors(strongest, query=False))


def test_a_descriptor_is_laid_out_as_documented() -> None:
    (descriptor,) = SIGNAL.describe([TOWN])
    rows = descriptor.values
    assert rows.dtype == np.uint8
    assert rows.shape == (len(rows), 139)
    x, y, size, angle = (np.ascontiguousarray(rows[:, :8]).view("<u2") / 65535).T
    assert 0 <= x.min() < 0.05
    assert 0.95 < x.max() <= 1
    assert 0 <= y.min() < 0.05
    assert 0.95 < y.max() <= 1
    assert 0 < np.median(size) < 0.1, "of the longer side"
    assert angle.max() > 0.9
    lightness, red, yellow = (rows[:, 8:11] / np.array([2.55, 1, 1]) - np.array([0, 128, 128])).T
    assert lightness.max() - lightness.min() > 40
    assert np.ptp(red) > 20
    assert np.ptp(yellow) > 20
    root = rows[:, 11:].astype(float) / 512
    assert np.linalg.norm(root, axis=1) == pytest.approx(1, abs=0.02)
