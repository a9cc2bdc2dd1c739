"""What a signal states of itself in a word, and what a person may choose for signals in general."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

from simcheck.records import Box, Region

__all__ = ["InCohort", "NoParams", "Params", "PartRole", "Regions", "Retrieval", "Settings", "canonical_json"]


class Regions(Enum):
    """Which rectangles of a picture a signal describes. All are fixed fractions, so that they need no storage of
    their own to be reproduced; the store keeps the boxes all the same."""

    WHOLE = "whole"
    FEW = "few"
    """The whole, its four corners and its centre: where each region costs a pass through a network."""
    CROPS = "crops"
    """The whole, and nine overlapping crops each at 0.7 and at 0.5 of the sides."""

    def of_picture(self) -> tuple[Region, ...]:
        boxes: list[Box] = [(0.0, 0.0, 1.0, 1.0)]
        if self is Regions.FEW:
            boxes += [(x, y, x + 0.6, y + 0.6) for x, y in ((0, 0), (0.4, 0), (0, 0.4), (0.4, 0.4), (0.2, 0.2))]
        if self is Regions.CROPS:
            for side in (0.7, 0.5):
                steps = (0.0, (1 - side) / 2, 1 - side)
                boxes += [(x, y, x + side, y + side) for y in steps for x in steps]
        return tuple(Region(i, b) for i, b in enumerate(boxes))


class Retrieval(Enum):
    """How the vectors of a signal find candidates (``retrieval/``)."""

    BEST_REGION = "best_region"
    """The candidate's score is the highest inner product between a region of the query and one of the work."""
    VOTES = "votes"
    """Each vector of the query votes for the works that own its nearest vectors."""
    STANDOUT = "standout"
    """The candidate's score is the most by which it stands out as the nearest of one of the query's vectors."""


class InCohort(Enum):
    """Whether a cohort of unrelated works is described with a signal, so that they can be lined up beside a finding."""

    NEVER = "never"
    """It would need too much room for each work."""
    OWN = "own"
    """A cohort of the person's own is; the shipped one is not."""
    ALWAYS = "always"


class PartRole(Enum):
    """What a signal has to do with the element map: how often unrelated pairs agree in a part is read from its
    scores."""

    STRUCTURE = "structure"
    """It keeps the maps on which parts are laid over each other (`Signal.parts`)."""
    RELATION = "relation"
    """Its matches lead to parts."""
    COLOURS = "colours"
    """It says whether a part's colours agree (`Signal.colour_difference`)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may choose for signals in general."""

    model: str | None = None
    """Which network (`models.choose`)."""
    offline: bool = False
    """Fetch nothing, not even for a network that is named."""
    keypoints: str | None = None
    """A file of learned keypoints (`models.learned_keypoints`) to use instead of RootSIFT."""
    tokens: str | None = None
    """A vision transformer for `patches`: its name, ``auto`` for one that is here, None for the shipped network."""


def canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class NoParams:
    """A signal without settings."""


Params = object
"""A frozen dataclass; its fields are part of the signal's identity."""
