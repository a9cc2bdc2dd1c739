"""What was found: comparisons, rates, findings and elements."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simcheck.records.evidence import Alignment, Evidence, Tier
from simcheck.records.likelihood import LikelihoodRatio
from simcheck.records.pictures import Work

__all__ = [
    "AtPath",
    "Basis",
    "Claim",
    "Comparison",
    "Disguise",
    "Edit",
    "EditKind",
    "Element",
    "Finding",
    "FindingType",
    "Rate",
    "Rule",
    "SignalResult",
]


class Claim(StrEnum):
    """What a score speaks to. Scores of different claims are never fused."""

    COPY = "copy"
    STYLE = "style"
    PROVENANCE = "provenance"


class FindingType(StrEnum):
    """What a finding looks like, by rules over its evidence (`scoring.types`), strongest first."""

    EXACT_FILE = "exact_file"
    RE_ENCODED = "re_encoded"
    EDITED_COPY = "edited_copy"
    AMONG_OTHERS = "among_others"
    """A copy, edited or not, that is one of several pictures in the suspect."""
    PART = "part_of_it"
    RE_RENDERED = "re_rendered"
    STYLE_ONLY = "style_only"
    NOTHING = "nothing_found"


class EditKind(StrEnum):
    """What was done to a work, as far as it can be read from the comparison."""

    MIRRORED = "mirrored"
    """Left to right, before it was turned."""
    ROTATED = "rotated"
    """With the degrees, clockwise, that give the work back."""
    CROPPED = "cropped"
    """With the percentage of the work's area that is shown."""
    EMBEDDED = "embedded"
    """With the percentage of the suspect's area that the work fills."""
    SCALED = "scaled"
    """With the factor, to two significant digits."""
    PERSPECTIVE = "perspective"
    STRETCHED = "stretched"
    OVERLAID = "overlaid"
    """With the percentage of what both show on which the suspect has something else."""
    PIXELATED = "pixelated"
    """With the percentage of what both show that lies under coarse pixels."""
    OBSCURED = "obscured"
    """With the percentage of what both show that is blurred, or lies under one colour."""
    NEGATIVE = "negative"
    PARTLY_NEGATIVE = "partly_negative"
    RECOLOURED = "recoloured"
    HUES_TURNED = "hues_turned"
    MADE_GREY = "made_grey"
    CONTRAST_RAISED = "contrast_raised"


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that was done to a work; ``value`` is what `EditKind` says, None for a kind without one."""

    kind: EditKind
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Disguise:
    """What hides a work in a suspect, beyond what a relation of its details says."""

    edits: tuple[Edit, ...] = ()
    """What covers it, and whether it is a negative."""
    among_others: bool = False
    """Whether it is one of several pictures in the suspect."""

    @property
    def negative(self) -> bool:
        return any(edit.kind in (EditKind.NEGATIVE, EditKind.PARTLY_NEGATIVE) for edit in self.edits)


class Rule(StrEnum):
    """By what a finding got its type (`scoring.types`)."""

    SAME_BYTES = "same_bytes"
    RELATION = "relation"
    """Details agree by one geometric relation."""
    RELATION_OF_A_PART = "relation_of_a_part"
    RELATION_WITHOUT_DETAIL = "relation_without_detail"
    HASH = "hash"
    SUM_BEYOND_COHORT = "sum_beyond_cohort"
    ELEMENT = "element"
    LIKELIHOOD_RATIO = "likelihood_ratio"
    COMMON_TO_PORTFOLIO = "common_to_portfolio"
    ONLY_GROUND = "only_ground"
    SIGNAL = "signal"
    """One signal stands out by itself."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A rule that a type rests on; ``signal`` is a name with `Rule.SIGNAL`, else None."""

    rule: Rule
    signal: str | None = None

    def __post_init__(self) -> None:
        assert (self.rule is Rule.SIGNAL) == (self.signal is not None), "a signal has a name, a rule has none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One signal applied to one (query, candidate). Either ``score`` or ``reason`` is given: a signal may abstain."""

    score: float | None
    reason: str | None = None
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        assert (self.score is None) != (self.reason is None), "a comparison has a score or a reason, not both"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of ``pairs`` unrelated pairs reach a score at least as high."""

    reached: int
    pairs: int


@dataclass(frozen=True, slots=True)
class SignalResult:
    """A comparison beside what unrelated pairs reach: of the shipped cohort, and of this portfolio's own works."""

    comparison: Comparison
    cohort: Rate | None = None
    portfolio: Rate | None = None


class AtPath(StrEnum):
    """What became of the file by which a work is named, since it was indexed."""

    CHANGED = "changed"
    """It holds other bytes, or cannot be read."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate with all its comparisons. ``llr`` is None where the run is uncalibrated, and where a calibrated run
    has none for this finding: then ``uncalibrated`` says why."""

    rank: int
    work: Work
    score: float
    type: FindingType
    basis: tuple[Basis, ...]
    """By which rules the type was given."""
    edits: tuple[Edit, ...]
    """What differs, as far as it can be named."""
    signals: tuple[tuple[str, SignalResult], ...]
    llr: LikelihoodRatio | None = None
    uncalibrated: str | None = None
    """Code: ``signals_not_calibrated``, ``exact_file``, ``only_ground``, ``common_to_portfolio``, or why the
    suspect is out of scope (`images.scope`)."""
    lead: float | None = None
    """By how much the provisional score lies above that of the work next to it (`scoring.rivals`); None where no other
    was compared at its place."""
    content: float | None = None
    """How far the best part agrees once what is ground in the suspect is left out (`Alignment.content`); None
    where no part says enough to be looked at."""
    at_path: AtPath | None = None
    """Where equal bytes are found: that no path of the work holds them any more (`indexing.places`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A part of the suspect and the part of the work that explains it best, of all works that were compared."""

    work: Work
    alignment: Alignment
    outline: tuple[NDArray[np.float64], ...]
    """Polygons, (n, 2) fractions of the query, around the places that no stronger element takes (even-odd rule)."""
    area: float
    """Share of the query inside the outline."""
    rated_by: Tier
    """The look that the rates are of: the agreement of structure (``patches``) or the relation of ``keypoints``."""
    cohort: Rate
    """Unrelated pairs of works by others in which a part at least half as large, or of a twentieth of the picture,
    agrees as much, or keypoints do."""
    portfolio: Rate | None
    """The same among this portfolio's own works."""
    stands_out: bool = False
    """Whether, by structure, each of the other works compared agrees less than 0.6 times as much at its place."""
    with_colours: bool = False
    """Whether ``cohort`` counts only pairs whose colours are alike too, as those of this part are."""
