"""What became of a mark in a suspect: kept, garbled or removed; or nothing that can be said.

*Kept*: the suspect shows the same mark, wherever. *Garbled* and *removed* need a work that bears the mark and with
which the suspect agrees in place (`keypoints`), also around the mark: then the place where the mark should be is
known, and how much drawing is there is compared with the work's own. A re-drawn suspect has no such places, so of it
only *kept* can be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simcheck.provenance.marks.ink import Floats, Ink
from simcheck.provenance.marks.propose import Pose
from simcheck.provenance.marks.search import best_place, lab_of
from simcheck.provenance.marks.verify import judged, refined, upright
from simcheck.records import Finding, MatchEvidence, Pixels
from simcheck.records.marks import MarkPlace, MarkState
from simcheck.signals.keypoints.geometry import in_detail

__all__ = ["KEPT", "KEPT_IN_PLACE", "METHOD", "Fate", "aligned", "fate_in_place", "find_in", "place_of"]

METHOD = 1
"""Raise it when a search of a work may end otherwise: places are then looked for anew."""
KEPT = 0.47
"""Agreement from which a mark counts as found in a picture (``scripts/measure/evaluate_marks.py``: the null)."""
KEPT_IN_PLACE = 0.45
"""The same where the work says at which place, size and turn to look: one place is tried, not thousands."""
GONE, STILL = 0.3, 0.5
"""Share of the drawing that the work's mark adds to its surroundings: up to this it is gone, from this on something
is there; in between nothing is said."""
LEAST_DRAWING = 1.35
"""The work's mark must be this much more drawn than what surrounds it, or its absence could not be seen."""
AROUND = 0.35
"""Correlation of the surroundings of the place in both pictures, from which they are taken for the same."""


class Fate(NamedTuple):
    state: MarkState
    place: MarkPlace | None
    how: str = ""


def find_in(ink: Ink, pixels: Pixels) -> tuple[float, MarkPlace | None]:
    """(best agreement, place of the mark or None when it is not there)."""
    found = best_place(ink, pixels)
    if found is None:
        return 0.0, None
    score, pose = found
    return score, place_of(ink, pose, score, pixels.shape[:2]) if score >= KEPT else None


def place_of(ink: Ink, pose: Pose, score: float, shape: tuple[int, ...]) -> MarkPlace:
    height, width = ink.density.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ pose.matrix(ink).T
    (x0, y0), (x1, y1) = corners.min(axis=0) / shape[1::-1], corners.max(axis=0) / shape[1::-1]
    box = (float(max(0, x0)), float(max(0, y0)), float(min(1, x1)), float(min(1, y1)))
    return MarkPlace(box, round(float(np.rad2deg(pose.turn)) % 360, 1), pose.mirrored, round(float(score), 4))


def pose_of(ink: Ink, place: MarkPlace, shape: tuple[int, ...]) -> Pose:
    """The inverse of `place_of`, for a mark that lies wholly inside the picture."""
    height, width = ink.density.shape
    x0, y0, x1, y1 = np.array(place.box) * [shape[1], shape[0], shape[1], shape[0]]
    turn = np.deg2rad(place.turn)
    cos, sin = abs(np.cos(turn)), abs(np.sin(turn))
    spans = np.array([width * cos + height * sin, width * sin + height * cos])
    scale = float(np.sqrt((x1 - x0) * (y1 - y0) / np.prod(spans)))
    return Pose((x0 + x1) / 2, (y0 + y1) / 2, scale, float(turn), place.mirrored)


def aligned(finding: Finding) -> MatchEvidence | None:
    """How the suspect agrees in place with this work, where it does so in detail."""
    for _, result in finding.signals:
        evidence = result.comparison.evidence
        if isinstance(evidence, MatchEvidence) and in_detail(evidence):
            return evidence
    return None


def fate_in_place(ink: Ink, suspect: Pixels, work: Pixels, matches: MatchEvidence, borne: MarkPlace) -> Fate | None:
    """What became of the mark at the place where ``work`` bears it (``borne``), or None when nothing can be said."""
    pose = _carried(ink, borne, matches, suspect.shape, work.shape)
    if pose is None:
        return None
    height, width = suspect.shape[:2]
    place = place_of(ink, pose, 0.0, (height, width))
    inside = _inside(ink, pose, width, height)
    if inside < 0.25:
        return Fate(MarkState.REMOVED, None, "cropped")
    if inside < 0.95 or pose.scale * min(ink.density.shape) < 8:
        return None  # half a mark, or one too small to tell from another
    lab = lab_of(suspect)
    score, better = judged(ink, lab, refined(ink, lab, pose)[1])
    if score >= KEPT_IN_PLACE:
        return Fate(MarkState.KEPT, place_of(ink, better, score, (height, width)))
    looked = _drawing(ink, suspect, pose, work, pose_of(ink, borne, work.shape))
    if looked is None or looked.around < AROUND:
        return None
    place = MarkPlace(place.box, place.turn, place.mirrored, round(max(0.0, score), 4))
    if looked.left <= GONE:
        return Fate(MarkState.REMOVED, place, "painted_over")
    return Fate(MarkState.GARBLED, place) if looked.left >= STILL else None


def _carried(
    ink: Ink, borne: MarkPlace, matches: MatchEvidence, suspect: tuple[int, ...], work: tuple[int, ...]
) -> Pose | None:
    """The work's pose of the mark in the suspect: its middle, and how lengths and directions change there."""
    origin = pose_of(ink, borne, work)
    back = np.linalg.inv(matches.transform)
    half = 0.5 * origin.scale * ink.longer
    along = np.array([np.cos(origin.turn), np.sin(origin.turn)]) * (-1 if origin.mirrored else 1)
    across = np.array([-np.sin(origin.turn), np.cos(origin.turn)])
    middle = np.array([origin.x, origin.y])
    points = np.array([middle, middle + half * along, middle + half * across]) / [work[1], work[0]]
    mapped = np.c_[points, np.ones(3)] @ back.T
    if (mapped[:, 2] <= 1e-6).any():
        return None
    at = mapped[:, :2] / mapped[:, 2:] * [suspect[1], suspect[0]]
    right, down = at[1] - at[0], at[2] - at[0]
    mirrored = bool(right[0] * down[1] - right[1] * down[0] < 0)
    if mirrored:
        right = -right
    scale = float(np.hypot(*right)) / (0.5 * ink.longer)
    stretch = float(np.hypot(*down) / max(np.hypot(*right), 1e-9))
    if not (0.3 < stretch < 3 and scale > 0):
        return None
    return Pose(
        float(at[0, 0]), float(at[0, 1]), scale, float(np.arctan2(right[1], right[0])), mirrored, stretch=stretch
    )


def _inside(ink: Ink, pose: Pose, width: int, height: int) -> float:
    """The share of the mark's rectangle that lies in the picture, from a grid of its points."""
    rows, columns = ink.density.shape
    x, y = np.meshgrid(np.linspace(0, columns, 12), np.linspace(0, rows, 12))
    at = np.column_stack([x.ravel(), y.ravel(), np.ones(x.size)]) @ pose.matrix(ink).T
    return float(((at >= 0) & (at <= [width, height])).all(axis=1).mean())


@dataclass(frozen=True, slots=True)
class _Drawing:
    left: float
    """What the suspect has of the drawing that the mark adds to the work: 0 nothing, 1 as much."""
    around: float
    """Correlation of the surroundings of both places."""


def _drawing(ink: Ink, suspect: Pixels, ours: Pose, work: Pixels, theirs: Pose) -> _Drawing | None:
    """Both places upright, at one size, with as much around them as the mark is high."""
    import cv2

    longer = round(float(np.clip(ours.scale * ink.longer, 24, 96)))
    pad = max(6, round(0.8 * longer * min(ink.density.shape) / ink.longer))
    a, b = (
        np.asarray(upright(ink, picture, pose, longer, pad).mean(axis=2), np.float32)
        for picture, pose in ((suspect, ours), (work, theirs))
    )  # fmt: skip
    height, width = a.shape
    small = cv2.resize(ink.density, (width - 2 * pad, height - 2 * pad), interpolation=cv2.INTER_AREA)
    inked = np.zeros(a.shape, np.uint8)
    inked[pad:-pad, pad:-pad] = small > 0.3
    mark = cv2.dilate(inked, np.ones((5, 5), np.uint8)) > 0
    ring = np.ones(a.shape, np.bool_)
    ring[pad - 2 : 2 - pad, pad - 2 : 2 - pad] = False
    strokes = [_strokes(plane) for plane in (a, b)]
    base = float(np.mean([each[ring].mean() for each in strokes]))
    ours_there, theirs_there = (float(each[mark].mean()) for each in strokes)
    if theirs_there < LEAST_DRAWING * base + 1.0:
        return None
    apart = np.corrcoef(cv2.GaussianBlur(a, (0, 0), 1.5)[ring], cv2.GaussianBlur(b, (0, 0), 1.5)[ring])[0, 1]
    flat = min(a[ring].std(), b[ring].std()) < 6  # two even grounds agree, though nothing in them correlates
    around = 1.0 if flat and abs(a[ring].std() - b[ring].std()) < 6 else float(np.nan_to_num(apart))
    return _Drawing((ours_there - base) / (theirs_there - base), around)


def _strokes(plane: Floats) -> NDArray[np.float32]:
    """Strength of edges, with the picture's own contrast left as it is."""
    import cv2

    smooth = cv2.GaussianBlur(plane, (0, 0), 0.8)
    return np.asarray(cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)))
