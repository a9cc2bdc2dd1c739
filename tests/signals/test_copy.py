"""copy on painted pictures: parts, pages and outlines of a work."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from paintings import painting, picture

from simcheck.records import Box, Comparison, Description, Pixels, RegionEvidence
from simcheck.signals.base import Regions
from simcheck.signals.copy import Copy
from simcheck.signals.describe import cut, describe
from simcheck.signals.keypoints.geometry import box_iou

SIGNAL = Copy()
SEEDS = (1, 2, 3, 4)
BOXES = [region.box for region in Regions.CROPS.of_picture()]


def asked(pixels: Pixels) -> Description:
    return describe([picture(np.ascontiguousarray(pixels))], SIGNAL, query=True)[0]


@cache
def work(seed: int) -> Description:
    return describe([picture(painting(seed))], SIGNAL, query=False)[0]


def compared(suspect: Pixels, seed: int) -> tuple[float, RegionEvidence]:
    found = SIGNAL.compare(asked(suspect), work(seed))
    assert found.score is not None
    assert isinstance(found.evidence, RegionEvidence)
    return found.score, found.evidence


@cache
def unrelated(seed: int) -> list[float]:
    return sorted(compared(painting(other), seed)[0] for other in range(50, 58))


def share_shown(part: Box, whole: Box) -> Box:
    """Where ``part`` of a picture lies when only ``whole`` of it is shown."""
    width, height = whole[2] - whole[0], whole[3] - whole[1]
    return (
        (part[0] - whole[0]) / width,
        (part[1] - whole[1]) / height,
        (part[2] - whole[0]) / width,
        (part[3] - whole[1]) / height,
    )


HALVES: dict[str, Box] = {
    "corner": (0.5, 0.5, 1.0, 1.0),
    "middle": (0.25, 0.25, 0.75, 0.75),
    "off the grid": (0.1, 0.05, 0.6, 0.55),
    "off the grid, low": (0.35, 0.45, 0.85, 0.95),
    "wide": (0.05, 0.2, 0.75, 0.65),
}


def found_where(seed: int, box: Box, mirrored: bool) -> tuple[float, float]:
    """The score of that part of a work, and how well the regions found agree with where it was taken (0..1)."""
    part = cut(painting(seed), box)
    score, evidence = compared(part[:, ::-1] if mirrored else part, seed)
    if evidence.mirrored is not mirrored:
        return score, 0.0
    x0, y0, x1, y1 = evidence.query_box
    if mirrored:
        x0, x1 = 1 - x1, 1 - x0
    width, height = box[2] - box[0], box[3] - box[1]
    shown = (box[0] + x0 * width, box[1] + y0 * height, box[0] + x1 * width, box[1] + y1 * height)
    return score, box_iou(shown, evidence.reference_box)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", HALVES)
def test_a_part_of_a_work_is_found_where_it_was_taken(name: str, mirrored: bool) -> None:
    each = [found_where(seed, HALVES[name], mirrored) for seed in SEEDS]
    assert all(score > np.median(unrelated(seed)) for (score, _), seed in zip(each, SEEDS, strict=True))
    # worst of all is a part that lies half-way between the regions: one in four may be missed there
    assert sorted(place for _, place in each)[1 if name.startswith("off") else 0] > 0.4


@pytest.mark.parametrize("region", range(1, 19, 3))
def test_a_work_that_fills_a_region_of_the_suspect_is_found_in_it(region: int) -> None:
    """As in a screenshot with a frame, a title and a caption around the work."""
    x0, y0, x1, y1 = BOXES[region]
    page = np.full((800, 1000, 3), 244, np.uint8)
    page[:40] = 60
    page[::50, 100:800] = 120
    left, top, right, bottom = round(x0 * 1000), round(y0 * 800), round(x1 * 1000), round(y1 * 800)
    page[top:bottom, left:right] = cv2.resize(painting(1), (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    score, evidence = compared(page, 1)
    assert score > unrelated(1)[-1] + 0.15
    part = share_shown(evidence.query_box, BOXES[region])
    assert box_iou(part, evidence.reference_box) > 0.8
    mirrored_score, evidence = compared(page[:, ::-1], 1)
    assert mirrored_score == pytest.approx(score, abs=0.01)
    assert evidence.mirrored
    x0, y0, x1, y1 = evidence.query_box
    assert box_iou(share_shown((1 - x1, y0, 1 - x0, y1), BOXES[region]), evidence.reference_box) > 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawing_of_its_outlines_is_still_nearer_than_most_works(seed: int) -> None:
    edges = cv2.Canny(painting(seed), 60, 120)
    drawing = np.repeat(255 - edges[:, :, None], 3, axis=2).astype(np.uint8)
    score, _ = compared(drawing, seed)
    assert score > unrelated(seed)[-1]


EDITS: dict[str, Callable[[Pixels], Pixels]] = {
    "negative": lambda p: 255 - p,
    "recoloured": lambda p: p[:, :, [2, 0, 1]],
    "dark and grey": lambda p: np.repeat((p.mean(axis=2, keepdims=True) * 0.4).astype(np.uint8), 3, axis=2),
    "blurred": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 8), np.uint8),
    "mirrored": lambda p: p[:, ::-1],
    "stretched": lambda p: np.asarray(cv2.resize(p, (700, 300)), np.uint8),
    "overlaid": lambda p: np.where(np.indices(p.shape[:2]).sum(axis=0)[..., None] % 120 < 12, 255, p).astype(np.uint8),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_edited_copies_beat_every_unrelated_painting(name: str, seed: int) -> None:
    score, evidence = compared(EDITS[name](painting(seed)), seed)
    assert score > unrelated(seed)[-1] + 0.1
    assert evidence.mirrored is (name == "mirrored")


def test_the_evidence_for_the_same_picture_is_the_whole_of_it() -> None:
    for seed in SEEDS:
        _, evidence = compared(painting(seed), seed)
        assert evidence == RegionEvidence((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0), False)


def test_it_says_why_it_has_nothing_to_say() -> None:
    flat = np.full((100, 100, 3), 77, np.uint8)
    assert SIGNAL.compare(asked(flat), work(1)) == Comparison(None, "blank")
    blank = describe([picture(flat)], SIGNAL, query=False)[0]
    assert SIGNAL.compare(asked(painting(1)), blank) == Comparison(None, "blank")


def test_a_blank_half_leaves_the_other_half_its_say() -> None:
    half = painting(1).copy()
    half[:, :240] = 255
    description = asked(half)
    reasons = {region.box: d.reason for region, d in zip(description.regions, description.descriptors, strict=True)}
    assert reasons[(0.0, 0.0, 0.5, 0.5)] == "blank"
    assert reasons[(0.5, 0.5, 1.0, 1.0)] is None
    score, evidence = compared(half, 1)
    assert score > unrelated(1)[-1] + 0.15
    assert evidence.query_box[0] == 0.5
    assert evidence.reference_box == evidence.query_box, "regions are still numbered as in the whole picture"


def test_descriptors_are_unit_vectors_of_the_documented_length() -> None:
    (descriptor,) = SIGNAL.describe([painting(1)])
    assert descriptor.values.shape == (1, SIGNAL.dimension) == (1, 256)
    assert descriptor.values.dtype == np.float16
    assert np.linalg.norm(descriptor.values.astype(float)) == pytest.approx(1, abs=2e-3)
