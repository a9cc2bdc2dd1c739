"""Find a mark in a picture: proposals by edges, sorted by one look at each, the best of them looked at closely."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simcheck.provenance.marks.ink import Ink
from simcheck.provenance.marks.propose import Pose, propose
from simcheck.provenance.marks.verify import agreement, judged, refined
from simcheck.records import Pixels

__all__ = ["best_place", "lab_of"]

PROPOSALS = 140
BY_EDGES, BY_LOOK = 12, 14
"""Of the proposals, how many are looked at more closely: the likeliest by edges, and by a first look."""
CLOSELY = 6


def lab_of(pixels: Pixels) -> Pixels:
    """(height, width, 3) CIELAB in bytes, as OpenCV packs it."""
    import cv2

    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2LAB), np.uint8)


def best_place(ink: Ink, pixels: Pixels) -> tuple[float, Pose] | None:
    """(agreement 0..1, pose) where the picture resembles the mark most; None when no place is worth a look."""
    if min(pixels.shape[:2]) < 24:
        return None
    lab = lab_of(pixels)
    poses = propose(ink, pixels, PROPOSALS)
    looks = [agreement(ink, lab, pose)[0] for pose in poses]
    by_look = sorted(range(len(poses)), key=lambda i: -looks[i])
    chosen = dict.fromkeys((*by_look[:BY_LOOK], *range(min(BY_EDGES, len(poses)))))
    coarse = sorted((refined(ink, lab, poses[i], (0,)) for i in chosen), key=lambda each: -each[0])
    fine = [judged(ink, lab, refined(ink, lab, pose, (1, 2, 3))[1]) for _, pose in coarse[:CLOSELY]]
    if not fine:
        return None
    best = max(fine, key=lambda each: each[0])
    # letters agree with their own mirror image by half: is it this way round, or one of the other three?
    others = (
        replace(best[1], turn=best[1].turn + turn, mirrored=best[1].mirrored != mirrored)
        for turn, mirrored in ((np.pi, False), (0.0, True), (np.pi, True))
    )
    tried = (judged(ink, lab, refined(ink, lab, pose, (0, 1, 3))[1]) for pose in others)
    return max((best, *tried), key=lambda each: each[0])
