"""Records of the claim `provenance`: the artist's marks, where works bear them, and what became of them in suspects.

The conventions are those of the other records. Nothing in here is ever fused with a score.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from simcheck.records import Box, Work

__all__ = ["Mark", "MarkPlace", "MarkResult", "MarkState"]


class MarkState(StrEnum):
    """What became of a mark in a suspect. A fact about the picture: who did it, it does not say."""

    KEPT = "kept"
    GARBLED = "garbled"
    """The place where a work bears the mark is in the suspect, and holds something mark-like that is not the mark."""
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Mark:
    """A signature, seal, logo or ID text of the artist, as the index holds it. ``picture`` is a PNG, RGBA."""

    id: int
    name: str
    sha256: str
    picture: bytes
    origin: str
    """``given`` by a person, or ``found`` in the works."""
    added: str


@dataclass(frozen=True, slots=True)
class MarkPlace:
    """Where a picture bears a mark. ``turn`` in degrees, clockwise; ``score`` is the agreement, 0 to 1."""

    box: Box
    turn: float
    mirrored: bool
    score: float


@dataclass(frozen=True, slots=True)
class MarkResult:
    """What became of one mark in one suspect.

    ``place`` is where it is in the suspect, or where the aligned work has it (``score`` is then how little is left
    of it); None when that lies outside. ``how`` a mark was removed: ``painted_over`` or ``cropped``.
    """

    mark: Mark
    state: MarkState
    place: MarkPlace | None
    work: Work | None = None
    work_place: MarkPlace | None = None
    how: str = ""
