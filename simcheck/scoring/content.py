"""Whether what two pictures share is content, or only ground: a frame, a page, lettering, a pattern, plain paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simcheck.records import Alignment
from simcheck.scoring.scale import Scale
from simcheck.signals.base import PartRole

__all__ = ["is_ground", "most_content"]

LOST = 0.5
"""Share of an agreement that must be gone with the ground, so that the ground may be what explains it."""
SPEAKS = 2.0
"""log10 of how few unrelated pairs have a part that agrees as well, below which the ground explains nothing."""
LEAST_CONTENT = 1.5
"""log10 of how few unrelated pairs have a part that agrees as well as what is left without the ground."""
LEAST_BESIDE = 3.0
"""The same where the strongest part is ground, and only others are left."""


def most_content(parts: Sequence[Alignment]) -> float | None:
    """Of the part with most of it (`Alignment.content`); None where nobody looked."""
    return max((part.content for part in parts if part.content is not None), default=None)


def is_ground(parts: Sequence[Alignment], scale: Scale) -> bool:
    """Whether the strongest of these parts agrees by the suspect's ground, and beside that no part agrees better than
    those of unrelated pictures do.

    Not where nobody looked, nor where the cohort's pairs were not compared by that signal."""
    looked = [(part.score, part.content) for part in parts if part.content is not None]
    identity = scale.of_role(PartRole.STRUCTURE)
    if not looked or identity is None or scale.cohort is None:
        return False
    strongest, left = max(looked)
    if left >= LOST * strongest:
        return False
    found = scale.cohort.surprises(identity.comparable, np.array([strongest, left, max(c for _, c in looked)]))
    if found is None:
        return False
    before, after, best = found.tolist()
    return bool(before >= SPEAKS and after < LEAST_CONTENT and best < LEAST_BESIDE)
