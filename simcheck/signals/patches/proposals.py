"""Windows of two pictures -> how a part of one may lie on a part of the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Tier
from simcheck.signals.patches.alignment import Proposal
from simcheck.signals.patches.windows import Windows

__all__ = ["proposals"]


def proposals(ours: Windows, theirs: Windows, mirrored: bool, most: int, least_gain: float) -> Iterator[Proposal]:
    """The windows that resemble one of the work's most beyond their levels, no two of them at one place."""
    gain = ours.vectors @ theirs.vectors.T - 0.5 * (ours.levels[:, None] + theirs.levels[None])
    best = gain.argmax(axis=1)
    gained = gain[np.arange(len(gain)), best]
    chosen: list[NDArray[np.float64]] = []
    for i in np.argsort(-gained, kind="stable"):
        if len(chosen) == most or gained[i] < least_gain:
            return
        place = ours.places[i]
        if any(np.hypot(*(place - o)[:2]) < 0.5 * place[2] and abs(np.log(place[2] / o[2])) < 0.5 for o in chosen):
            continue
        chosen.append(place)
        x, y, size = place.tolist()
        scale = float(theirs.places[best[i], 2]) / size
        shift = theirs.places[best[i], :2] - scale * place[:2]
        transform = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])
        half = size / 2
        yield Proposal(transform, (x - half, y - half, x + half, y + half), mirrored, Tier.PATCHES)
