"""Frozen records that travel between the stages. No behaviour beyond reading them; no heavy imports.

Conventions, everywhere: index 0 is the query side, 1 the reference side. A *box* is ``(x0, y0, x1, y1)`` and a
*point* ``(x, y)``, both as fractions of the picture's width and height (0..1, origin top left), so that they hold
at every size. A *score* is raw and higher means more similar. A *transform* is a 3x3 matrix that takes homogeneous
query fractions to reference fractions; a mirror is part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simcheck.evidences import (
    Alignment,
    AlignmentEvidence,
    Box,
    Evidence,
    HashEvidence,
    MatchEvidence,
    PaletteEvidence,
    RegionEvidence,
    Tier,
)
from simcheck.likelihood import LikelihoodRatio

__all__ = [
    "Alignment",
    "AlignmentEvidence",
    "Box",
    "Claim",
    "Comparison",
    "Description",
    "Descriptor",
    "Element",
    "Evidence",
    "FileFacts",
    "Finding",
    "FindingType",
    "HashEvidence",
    "MatchEvidence",
    "Notice",
    "PaletteEvidence",
    "Picture",
    "Pixels",
    "Rate",
    "Region",
    "RegionEvidence",
    "SignalIdentity",
    "SignalResult",
    "Silent",
    "Skipped",
    "Tier",
    "Watcher",
    "Work",
]

Pixels = NDArray[np.uint8]
"""(height, width, 3), sRGB, 8 bit."""


class Claim(StrEnum):
    """What a score speaks to. Scores of different claims are never fused."""

    COPY = "copy"
    STYLE = "style"
    PROVENANCE = "provenance"


class FindingType(StrEnum):
    """What a finding looks like, by rules over its evidence (``score.py``), strongest first."""

    EXACT_FILE = "exact_file"
    RE_ENCODED = "re_encoded"
    EDITED_COPY = "edited_copy"
    PART = "part_of_it"
    RE_RENDERED = "re_rendered"
    STYLE_ONLY = "style_only"
    NOTHING = "nothing_found"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file's bytes and how they were decoded. ``width`` and ``height`` are the full size after orientation."""

    sha256: str
    size_bytes: int
    format: str
    mode: str
    width: int
    height: int
    frames: int
    decoder: str
    notes: tuple[str, ...] = ()
    """Stable codes, some with a value: ``alpha_flattened``, ``icc_converted:Display P3``, ``oriented:6``,
    ``first_frame_of:12``, ``reduced_decode:2``, ``cmyk_without_profile`` …"""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture at working size (longer side bounded, never enlarged)."""

    facts: FileFacts
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was passed over, with a stable code and a sentence that says why."""

    path: Path
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a picture. Region 0 is the whole picture."""

    number: int
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Descriptor:
    """What a signal extracts from one region: a 2-D array (rows, columns) of uint8 or float16.

    A signal that has nothing to say returns an array with no rows and the ``reason`` (a stable code).
    """

    values: NDArray[Any]
    reason: str | None = None

    @staticmethod
    def abstain(reason: str) -> Descriptor:
        return Descriptor(np.zeros((0, 0), np.uint8), reason)


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """All that one signal says of one picture: a descriptor for each region, region 0 first.

    ``mirrored`` holds the descriptors of the same regions, each mirrored left to right; only queries have it.
    ``width`` and ``height`` are those of the full-size picture, for aspect ratios. The last ``panels`` regions are the
    pictures found within a query (`simcheck.panels`).
    """

    regions: tuple[Region, ...]
    descriptors: tuple[Descriptor, ...]
    width: int
    height: int
    mirrored: tuple[Descriptor, ...] = ()
    panels: int = 0


@dataclass(frozen=True, slots=True)
class SignalIdentity:
    """What must be equal for two descriptors to be comparable, and (``libraries``) what is merely recorded.

    ``weights`` is the SHA-256 of the network's weights, empty for a signal without any. ``params``,
    ``preprocessing`` and ``libraries`` are canonical JSON (sorted keys, no spaces).
    """

    name: str
    version: int
    weights: str = ""
    params: str = "{}"
    preprocessing: str = "{}"
    libraries: str = "{}"

    @property
    def comparable(self) -> tuple[str, int, str, str, str]:
        return (self.name, self.version, self.weights, self.params, self.preprocessing)


@dataclass(frozen=True, slots=True)
class Work:
    """One reference: a picture of the portfolio, identified by the SHA-256 of its bytes."""

    id: int
    facts: FileFacts
    paths: tuple[Path, ...]
    """Where files with these bytes were last seen, newest first. Never empty."""


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


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate with all its comparisons. ``llr`` is None where the run is uncalibrated, and where a calibrated run
    has none for this finding: then ``uncalibrated`` says why."""

    rank: int
    work: Work
    score: float
    type: FindingType
    basis: tuple[str, ...]
    """Codes that say by which rule the type was given."""
    edits: tuple[str, ...]
    """Codes, some with a value, of what differs: ``mirrored``, ``rotated:90``, ``cropped:43``, ``scaled:0.5`` …"""
    signals: tuple[tuple[str, SignalResult], ...]
    llr: LikelihoodRatio | None = None
    uncalibrated: str | None = None
    """Code: ``signals_not_calibrated``, ``exact_file``, or what puts the suspect out of scope (`simcheck.scope`)."""


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


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person must know about a run: a stable code and a sentence. Shown and put in the report."""

    code: str
    message: str


class Watcher(Protocol):
    """How library code speaks while it works. The command line draws it; tests and scripts may stay silent."""

    def progress(self, stage: str, done: int, total: int | None) -> None: ...

    def notice(self, notice: Notice) -> None: ...


class Silent:
    """A watcher that shows nothing."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        return None

    def notice(self, notice: Notice) -> None:
        return None
