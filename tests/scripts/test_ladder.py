"""The edit ladder, and the methods that `evaluate_copy.py` measures on it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.measure import orientations
from scripts.measure.edits_ladder import LADDER
from scripts.measure.peers import PEERS, LayoutPeer, RegionPeer, bounded, figures, lab_histogram, normalised
from simcheck.records import Description, Pixels
from simcheck.signals.base import Regions
from simcheck.signals.layout import Layout


def painting(seed: int, height: int = 160, width: int = 240) -> Pixels:
    """Coloured discs with outlines on a ground."""
    generator = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), generator.integers(120, 256, 3), np.uint8)
    for _ in range(25):
        centre = (int(generator.integers(width)), int(generator.integers(height)))
        radius, colour = int(generator.integers(8, 40)), [int(v) for v in generator.integers(0, 256, 3)]
        cv2.circle(pixels, centre, radius, colour, -1)
        cv2.circle(pixels, centre, radius, (20, 20, 20), 2)
    return pixels


PICTURE = painting(0)
OTHERS = [painting(s) for s in (1, 2, 3)]


def within(part: Pixels, whole: Pixels) -> bool:
    """Whether ``part`` stands somewhere in ``whole``, pixel by pixel."""
    _, _, (x, y), _ = cv2.minMaxLoc(cv2.matchTemplate(whole, part, cv2.TM_SQDIFF))
    return np.array_equal(whole[y : y + part.shape[0], x : x + part.shape[1]], part)


def edited(name: str, seed: int = 5, pixels: Pixels = PICTURE) -> Pixels:
    return LADDER[name](pixels, np.random.default_rng(seed), OTHERS)


@pytest.mark.parametrize("name", LADDER)
def test_an_edit_is_a_picture_that_the_seed_alone_decides(name: str) -> None:
    before = PICTURE.copy()
    once, again = edited(name), edited(name)
    assert once.dtype == np.uint8 and once.ndim == 3 and once.shape[2] == 3
    assert np.array_equal(once, again)
    assert np.array_equal(PICTURE, before), "the work itself is left alone"
    assert once.shape != PICTURE.shape or not np.array_equal(once, PICTURE)
    assert once.std() > 10, "something is left to be found"


@pytest.mark.parametrize("name", LADDER)
@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (400, 3)])
def test_an_edit_takes_the_smallest_and_the_narrowest(name: str, shape: tuple[int, int]) -> None:
    result = edited(name, pixels=painting(4, *shape))
    assert result.dtype == np.uint8 and result.size > 0


def test_mirrored_twice_is_the_work_again() -> None:
    assert np.array_equal(edited("mirror", pixels=edited("mirror")), PICTURE)


@pytest.mark.parametrize(
    ("name", "area"), [("crop to 50 %", 0.5), ("crop to 25 %", 0.25), ("mirror + crop + hue", 0.6)]
)
def test_a_crop_has_its_area(name: str, area: float) -> None:
    height, width = edited(name).shape[:2]
    assert height * width == pytest.approx(area * PICTURE.shape[0] * PICTURE.shape[1], rel=0.02)


def test_crops_are_parts_of_the_work_in_other_places_for_other_seeds() -> None:
    parts = [edited("crop to 25 %", seed) for seed in range(6)]
    for part in parts:
        assert within(part, PICTURE)
    assert len({part.tobytes() for part in parts}) > 3


def test_a_screenshot_holds_the_whole_work_and_a_collage_all_four() -> None:
    shot = edited("screenshot")
    assert 0.4 < PICTURE.size / shot.size < 0.65
    assert within(PICTURE, shot)
    collage = edited("collage quarter")
    for work in (PICTURE, *OTHERS):
        quarter = cv2.resize(work, (120, 80), interpolation=cv2.INTER_AREA)
        assert cv2.matchTemplate(collage, quarter, cv2.TM_CCOEFF_NORMED).max() > 0.9
    with pytest.raises(ValueError, match="three other works"):
        LADDER["collage quarter"](PICTURE, np.random.default_rng(0), OTHERS[:2])


def test_a_region_of_a_work_and_its_mirror_image_are_found_by_regions() -> None:
    peer = RegionPeer(orientations.describe)
    part = np.ascontiguousarray(PICTURE[40:120, 60:180])  # the middle region at half the sides
    queries = [part, np.ascontiguousarray(part[:, ::-1])]
    ours, theirs = peer.describe(queries, query=True), peer.describe([*OTHERS, PICTURE], query=False)
    assert ours.shape == (2, 38, 1024) and theirs.shape == (4, 19, 1024)
    tables = peer.tables(ours, theirs)
    assert tables["regions"][:, 3] == pytest.approx(1, abs=2e-3)
    assert tables["regions"][:, :3].max() < 0.95
    assert tables["whole"][:, 3].max() < 0.95, "the whole picture alone knows nothing of parts"


def test_batches_of_regions_change_no_score_and_blanks_have_none() -> None:
    def means(images: Sequence[Pixels]) -> NDArray[np.float32]:
        rows = np.array([i.reshape(-1, 3).mean(axis=0) * (i.std() > 0) for i in images], np.float32)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)

    pictures = [PICTURE, *OTHERS, np.full((20, 20, 3), 90, np.uint8)]
    tables = []
    for at_once in (1, 2, 8):
        peer = RegionPeer(means, Regions.FEW, Regions.WHOLE, at_once=at_once)
        tables.append(peer.tables(peer.describe(pictures, query=True), peer.describe(pictures, query=False))["regions"])
    assert all(table == pytest.approx(tables[0], abs=1e-6) for table in tables[1:])
    assert np.isneginf(tables[0][4]).all() and np.isneginf(tables[0][:, 4]).all()
    assert np.isfinite(tables[0][:4, :4]).all()


def test_layout_for_all_pairs_at_once_is_the_signal() -> None:
    peer, signal = LayoutPeer(), Layout()
    pictures = [PICTURE, *OTHERS, edited("mirror"), edited("crop to 50 %")]
    table = peer.tables(peer.describe(pictures, query=True), peer.describe(pictures, query=False))[""]
    whole = Regions.WHOLE.of_picture()
    each = [Description(whole, (d,), 240, 160) for d in signal.describe(pictures)]
    assert table == pytest.approx(np.array([[signal.compare(q, r).score for r in each] for q in each]), abs=1e-5)


def test_normalising_moves_each_row_by_one_number() -> None:
    table = np.random.default_rng(0).random((5, 30))
    table[0, :3] = -np.inf
    table[1] = -np.inf
    moved = normalised(table)
    for row, after in zip(table[[0, 2, 3, 4]], moved[[0, 2, 3, 4]], strict=True):
        seen = np.isfinite(row)
        assert np.ptp(row[seen] - after[seen]) == pytest.approx(0, abs=1e-12)
        assert np.sort(after)[::-1][1:11].mean() == pytest.approx(0, abs=1e-12)
    assert np.array_equal(np.isneginf(moved), np.isneginf(table))


@pytest.mark.parametrize("name", [*PEERS, "Lab histogram"])
def test_a_peer_knows_a_rescaled_copy(name: str) -> None:
    peer = {**PEERS, "Lab histogram": lab_histogram}[name]
    works = [PICTURE, *OTHERS]
    table = peer([bounded(w, 200) for w in works], works)
    assert np.array_equal(table.argmax(axis=1), range(4))
    found = figures(table, [[i] for i in range(4)], range(4), seed=0)
    assert (found["queries"], found["recall@1"], found["recall@1_95"], found["uAP"]) == (4, 1.0, [1.0, 1.0], 1.0)
