"""Maps of structure: what moves them, what does not, and what an agreement is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paintings import about, painting, placed, warped

from simcheck.records import Box, Pixels
from simcheck.signals.patches import structure
from simcheck.signals.patches.structure import (
    SIDE,
    Map,
    agreement,
    map_size,
    mirrored,
    pack,
    refine,
    structure_map,
    unpack,
)

WHOLE: Box = (0.0, 0.0, 1.0, 0.75)
SIZE = (480, 360)


def units(truth: np.ndarray, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Fractions to fractions -> units of the longer side, for two pictures of one size."""
    longer = max(size)
    aspect = np.array([size[0] / longer, size[1] / longer, 1.0])
    return np.asarray(np.diag(aspect) @ truth @ np.diag(1 / aspect))


def score(ours: Map, theirs: Map, transform: np.ndarray | None = None) -> float:
    found = agreement(ours, theirs, np.eye(3) if transform is None else transform, WHOLE)
    return found.score if found else 0.0


def test_a_map_knows_no_colours() -> None:
    image = painting(1)
    toned = (image.astype(float) * 0.6 + 40).astype(np.uint8)
    negative = structure_map(255 - image)
    plain, other = structure_map(image), structure_map(toned)
    assert np.abs(plain - other).mean() < 0.05
    assert np.corrcoef(plain[..., 1].ravel(), negative[..., 1].ravel())[0, 1] > 0.98, "orientations have no sign"
    assert np.corrcoef(plain[..., 0].ravel(), negative[..., 0].ravel())[0, 1] < -0.9


def test_a_mirrored_map_is_that_of_the_mirrored_picture() -> None:
    image = painting(2)
    np.testing.assert_allclose(
        mirrored(structure_map(image)), structure_map(np.ascontiguousarray(image[:, ::-1])), atol=0.15
    )


@given(st.integers(1, 900), st.integers(1, 900))
@settings(max_examples=40, deadline=None)
def test_a_map_has_one_size_for_all_pictures_of_one_shape(height: int, width: int) -> None:
    rows, columns = map_size(height, width)
    assert max(rows, columns) == SIDE
    assert rows % 4 == columns % 4 == 0
    assert structure_map(np.zeros((height, width, 3), np.uint8)).shape == (rows, columns, 3)


def test_packing_loses_a_hundredth() -> None:
    found = structure_map(painting(3))
    assert np.abs(unpack(pack(found)) - found).max() <= 1 / 128 + 1e-6


@pytest.mark.parametrize("turn", [0, 7, 25, 90, 180])
def test_a_turned_picture_agrees_under_its_transform(turn: float) -> None:
    """An orientation turns with its picture, so the maps agree only when that is taken into account."""
    image = painting(4)
    shown, truth = warped(image, about((240, 180), placed(turn, 0.9, (12, -5))), SIZE)
    theirs = structure_map(image)
    right = score(structure_map(shown), theirs, units(truth))
    wrong = score(structure_map(shown), theirs, units(truth) @ placed(0, 1, (0.06, 0.05)))
    assert right > 20
    assert wrong < right / 4


def test_unrelated_pictures_do_not_agree() -> None:
    maps = [structure_map(painting(seed)) for seed in range(30, 38)]
    reached = [score(a, b) for i, a in enumerate(maps) for b in maps[i + 1 :]]
    assert max(reached) < 4


def striped(offset: int) -> Pixels:
    """One straight edge: it agrees with any other straight edge, wherever along it."""
    image = np.full((360, 480, 3), 240, np.uint8)
    image[150 + offset :] = 60
    return image


def test_a_straight_edge_says_nothing() -> None:
    assert score(structure_map(striped(0)), structure_map(striped(0))) < 2
    assert score(structure_map(painting(5)), structure_map(painting(5))) > 20


def test_the_mask_is_where_they_agree() -> None:
    image, other = painting(6), painting(7)
    mixed = other.copy()
    mixed[60:300, 40:260] = image[60:300, 40:260]
    found = agreement(structure_map(mixed), structure_map(image), np.eye(3), (0.15, 0.2, 0.4, 0.5))
    assert found is not None
    rows, columns = np.nonzero(found.mask)
    box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / SIDE * 480
    np.testing.assert_allclose(box, [40, 60, 260, 300], atol=25)


@given(st.floats(-0.04, 0.04), st.floats(-0.04, 0.04), st.floats(0.85, 1.18))
@settings(max_examples=12, deadline=None)
def test_a_proposal_is_moved_into_place(x: float, y: float, zoom: float) -> None:
    theirs = structure_map(painting(8))
    off = np.array([[zoom, 0, x], [0, zoom, y], [0, 0, 1]])
    found = refine(theirs, theirs, off, (0.3, 0.2, 0.6, 0.5), structure.COARSE)
    assert found is not None
    middle = found @ np.array([0.45, 0.35, 1.0])
    assert np.hypot(*(middle[:2] - (0.45, 0.35))) < 0.025


def test_pieces_that_cannot_be_sought_are_no_place() -> None:
    theirs = structure_map(painting(9))
    assert refine(theirs, theirs, np.eye(3), (0.5, 0.5, 0.55, 0.55), structure.COARSE) is None, "too small"
    assert refine(theirs, theirs, placed(at=(5, 5)), (0.2, 0.2, 0.6, 0.6), structure.COARSE) is None, "outside"
    assert agreement(theirs, theirs, placed(at=(5, 5)), (0.2, 0.2, 0.6, 0.6)) is None


@given(st.integers(0, 200), st.floats(0.1, 0.4), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_what_is_laid_over_a_copy_is_measured(seed: int, side: float, x: float, y: float) -> None:
    image, other = painting(seed), painting(seed + 1000)
    height, width = image.shape[:2]
    down, across = round(side * height), round(side * width)
    top, left = round(y * (height - down)), round(x * (width - across))
    copy = image.copy()
    copy[top : top + down, left : left + across] = other[:down, :across]
    theirs = structure_map(image)
    assert structure.overlaid(structure_map(image), theirs, np.eye(3)) == 0
    share = structure.overlaid(structure_map(copy), theirs, np.eye(3))
    assert share <= 1.3 * side**2 + 0.03, "never much more than there is"


def test_what_is_laid_over_a_copy_is_seen_beside_softening_and_cropping() -> None:
    import cv2

    image, other = painting(5), painting(6)
    soft = cv2.resize(cv2.resize(image, (200, 150), interpolation=cv2.INTER_AREA), SIZE)
    theirs = structure_map(image)
    assert structure.overlaid(structure_map(np.asarray(soft, np.uint8)), theirs, np.eye(3)) == 0
    soft[200:320, 150:330] = other[100:220, 100:280]
    to_crop = np.array([[300 / 480, 0, 100 / 480], [0, 300 / 480, 150 / 480], [0, 0, 1]])
    share = structure.overlaid(structure_map(np.ascontiguousarray(soft[150:360, 100:400])), theirs, to_crop)
    assert 0.2 < share < 0.4, "a third; where neither has anything to show, nothing is counted"


def test_nothing_is_said_to_lie_over_another_picture() -> None:
    assert structure.overlaid(structure_map(painting(7)), structure_map(painting(8)), np.eye(3)) == 0
    flat = structure_map(np.full((360, 480, 3), 128, np.uint8))
    assert structure.overlaid(flat, flat, np.eye(3)) == 0
    aside = np.array([[1.0, 0, 5], [0, 1, 5], [0, 0, 1]])
    assert structure.overlaid(structure_map(painting(7)), structure_map(painting(7)), aside) == 0
