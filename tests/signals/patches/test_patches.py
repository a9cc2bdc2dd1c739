"""patches on painted pictures: a part in another picture, moved, scaled, mirrored, recoloured; and what is kept."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from paintings import painting, picture

from simcheck.records import AlignmentEvidence, Box, Description, MatchEvidence, Pixels, Tier
from simcheck.signals.describe import describe
from simcheck.signals.keypoints.geometry import box_iou
from simcheck.signals.keypoints.signal import KeypointsSignal
from simcheck.signals.patches.alignment import of_matches, without_repeats
from simcheck.signals.patches.signal import Patches
from simcheck.signals.patches.windows import side_of

SIGNAL = Patches()


def asked(pixels: Pixels) -> Description:
    return describe([picture(np.ascontiguousarray(pixels))], SIGNAL, query=True)[0]


@cache
def work(seed: int) -> Description:
    return describe([picture(painting(seed))], SIGNAL, query=False)[0]


def composed(seed: int, part: Box, place: tuple[int, int], scale: float, change: str = "") -> tuple[Pixels, Box]:
    """A part of painting ``seed`` laid on another one at ``place`` (pixels), and its box there."""
    source, ground = painting(seed), painting(100 + seed).copy()
    height, width = source.shape[:2]
    x0, y0, x1, y1 = (round(v * (width, height)[k % 2]) for k, v in enumerate(part))
    piece = source[y0:y1, x0:x1]
    if change == "mirrored":
        piece = piece[:, ::-1]
    if change == "recoloured":
        piece = (piece[..., [1, 2, 0]].astype(float) * 0.7 + 30).astype(np.uint8)
    if change == "blurred":
        piece = cv2.medianBlur(np.ascontiguousarray(piece), 9)
    size = (round(piece.shape[1] * scale), round(piece.shape[0] * scale))
    shown = cv2.resize(
        np.ascontiguousarray(piece), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    x, y = place
    ground[y : y + size[1], x : x + size[0]] = shown
    return ground, (x / width, y / height, (x + size[0]) / width, (y + size[1]) / height)


@pytest.mark.parametrize("change", ["", "mirrored", "recoloured", "blurred"])
@pytest.mark.parametrize(("place", "scale"), [((250, 150), 0.9), ((20, 30), 1.3)])
def test_a_part_is_found_where_it_lies(change: str, place: tuple[int, int], scale: float) -> None:
    part = (0.3, 0.25, 0.7, 0.7)
    suspect, box = composed(1, part, place, scale, change)
    found = SIGNAL.compare(asked(suspect), work(1))
    assert isinstance(found.evidence, AlignmentEvidence)
    best = found.evidence.alignments[0]
    assert found.score == best.score > 5
    assert best.tier is Tier.PATCHES
    assert best.mirrored is (change == "mirrored")
    assert box_iou(best.query_box, box) > 0.6
    assert box_iou(best.reference_box, part) > 0.6
    assert best.scale == pytest.approx(scale, rel=0.1)
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1.0])
    there = best.transform @ middle
    np.testing.assert_allclose(there[:2] / there[2], (0.5, 0.475), atol=0.03)


def test_unrelated_paintings_score_low() -> None:
    scores = [SIGNAL.compare(asked(painting(seed)), work(1)).score or 0.0 for seed in range(40, 46)]
    suspect, _ = composed(1, (0.3, 0.25, 0.7, 0.7), (250, 150), 0.9)
    assert max(scores) < 0.5 * (SIGNAL.compare(asked(suspect), work(1)).score or 0)


def test_of_a_reference_every_second_window_is_kept() -> None:
    (whole,) = SIGNAL.describe([painting(1)])
    kept = SIGNAL.stored(whole)
    assert kept.values.shape[0] < 0.65 * whole.values.shape[0]
    windows = kept.values[0, :6].view("<u2")[0]
    assert 0.2 < windows / whole.values[0, :6].view("<u2")[0] < 0.35
    np.testing.assert_array_equal(side_of(work(1)).found, side_of(asked(painting(1))).found)


def test_keypoints_lead_to_the_same_part() -> None:
    """A relation by keypoints is followed as far as the pictures agree, beyond the hull of what few keypoints show."""
    part = (0.2, 0.2, 0.75, 0.8)
    suspect, box = composed(3, part, (150, 60), 1.1)
    signal = KeypointsSignal()
    query, reference = (
        describe([picture(pixels)], signal, query=query)[0]
        for pixels, query in ((np.ascontiguousarray(suspect), True), (painting(3), False))
    )
    matches = signal.compare(query, reference).evidence
    assert isinstance(matches, MatchEvidence)
    parts = of_matches(side_of(asked(suspect)), side_of(work(3)), matches)
    best = parts[0]
    assert best.tier is Tier.KEYPOINTS
    assert best.relation == matches.score > 0
    assert best.score > 5
    assert box_iou(best.query_box, box) > 0.65


def test_a_part_is_told_once() -> None:
    suspect, _ = composed(1, (0.3, 0.25, 0.7, 0.7), (250, 150), 0.9)
    evidence = SIGNAL.compare(asked(suspect), work(1)).evidence
    assert isinstance(evidence, AlignmentEvidence)
    twice = [*evidence.alignments, *evidence.alignments]
    assert without_repeats(twice, 10) == evidence.alignments
    assert len(without_repeats(twice, 1)) == 1
