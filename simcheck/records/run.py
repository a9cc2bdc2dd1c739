"""What one run of `compare` found: everything that its report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simcheck.records import Box, Claim, Description, Element, FileFacts, Finding, Notice, SignalIdentity, Skipped, Work
from simcheck.records.likelihood import CalibrationFacts
from simcheck.records.marks import Mark, MarkResult

__all__ = [
    "CohortFacts",
    "CohortWork",
    "ArtistPlace",
    "IndexFacts",
    "LineUp",
    "LineUpEntry",
    "QueryResult",
    "Run",
    "SetBand",
    "SetStatement",
    "SignalUse",
    "StyleStatement",
]


@dataclass(frozen=True, slots=True)
class SignalUse:
    """A signal's part in a run: used, or missing with the reason in a sentence."""

    identity: SignalIdentity
    claim: Claim
    missing: str | None = None
    works_described: int = 0
    optional: bool = False
    """Missing, but nobody asked for it and the index never had it: the run is whole without it."""


@dataclass(frozen=True, slots=True)
class CohortWork:
    """A work that has nothing to do with the portfolio: whose it is, and where it can be looked at."""

    sha256: str
    """Of the bytes that were described; those of a shipped work may be a smaller copy of what ``source`` names."""
    cohort: str
    artist: str
    tradition: str
    source: str
    """Repository and path of a shipped work, the file of one of the person's own cohort."""
    attribution: str
    """What its licence asks to be said; empty for a work of the person's own cohort."""


@dataclass(frozen=True, slots=True)
class LineUpEntry:
    """A cohort work with its raw scores, by signal; a signal that abstained is left out."""

    work: CohortWork
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class LineUp:
    """The cohort works that a suspect is most like: is the portfolio singled out, or do others come as near?"""

    entries: tuple[LineUpEntry, ...]
    """Nearest first."""
    works: int
    """Cohort works that were searched."""
    compared: int
    """Those of them that every signal compared: the ones that retrieval finds nearest."""
    highest: tuple[tuple[str, tuple[float, ...]], ...]
    """For each signal of claim `copy` the highest scores of any cohort works, highest first."""
    reached: tuple[tuple[str, int], ...]
    """For each signal that scored the best finding, how many of the compared cohort works score at least as high."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One suspect with its findings, best first. ``compared`` works out of those of the index were compared.

    ``panels`` are the pictures within the suspect that were looked at by themselves as well; ``elements`` is the
    element map, None where the signal `patches` took no part. ``line_up`` is None where no signal of the run has
    described the cohort.
    """

    path: Path
    facts: FileFacts
    findings: tuple[Finding, ...]
    compared: int
    marks: tuple[MarkResult, ...] = ()
    """What became of the artist's marks: facts beside the findings, never part of a score."""
    panels: tuple[Box, ...] = ()
    elements: tuple[Element, ...] | None = None
    line_up: LineUp | None = None
    silent: str | None = None
    """Why no signal of claim `copy` has anything to say about it (``blank``, ``too_small``, ``little_detail``), so that
    it could be compared with nothing."""
    for_style: Mapping[str, Description] = field(default_factory=dict, repr=False)
    """By signal, for what all suspects together say of the claim `style`; no report holds it."""


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """The index that suspects were compared with."""

    path: Path
    id: str
    name: str
    works: int
    created: str
    updated: str
    roots: tuple[Path, ...]
    undescribed: int = 0
    """Works of which no signal of claim `copy` in the run has anything to say: none of them can be found."""

    @property
    def searched(self) -> int:
        return self.works - self.undescribed


@dataclass(frozen=True, slots=True)
class CohortFacts:
    """The cohort that scores were held against: ``pairs`` of ``works`` for the rates, ``described`` for line-ups."""

    name: str
    works: int
    pairs: int
    source: str
    described: int = 0
    artists: int = 0
    """By which those that were described are."""
    own: tuple[str, ...] = ()
    """Names of the person's own cohorts among them."""


@dataclass(frozen=True, slots=True)
class SetBand:
    """How many suspects' best llr, at its cautious end, reaches ``llr``; and how many of a set of independent pictures
    do: in half of the sets, in nineteen in twenty, and at most. None where there is no such comparison."""

    llr: float
    reached: int
    half: int | None = None
    nineteen: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class SetStatement:
    """What several suspects show together: counts, and no probability."""

    suspects: int
    """Those that have an llr and are not the very file of a work."""
    exact: int
    """Those that are the very file of a work, whatever other works say of them."""
    works: int
    bands: tuple[SetBand, ...]
    recurring: tuple[tuple[Work, int], ...]
    """Works named in findings of two or more suspects at an llr of 1 or more, with how many suspects."""
    size: int | None = None
    """Pictures in each set of independent ones, by one artist or a few: as many as suspects, or as the test fills."""
    artists: int | None = None
    """From whose pictures in the test the sets were drawn."""
    pictures: int | None = None
    unheld: str | None = None
    """Why the counts are not held against such sets: ``few`` suspects, works that were ``named``, or ``untested``."""


@dataclass(frozen=True, slots=True)
class ArtistPlace:
    """An artist in the line of those that suspects were held against; a higher ``score`` is nearer."""

    artist: str
    tradition: str
    """Empty for the portfolio."""
    works: int
    score: float
    """In standard deviations over the artists of the cohort."""


@dataclass(frozen=True, slots=True)
class StyleStatement:
    """The claim `style`: where the portfolio stands among the artists of the cohort. Corroboration only."""

    signals: tuple[str, ...]
    suspects: int
    artists: int
    """With the portfolio."""
    rank: int
    nearest: tuple[ArtistPlace, ...]
    score: float
    """Of the portfolio."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Run:
    """All that a report says. ``index`` is None when a suspect was compared with named pictures only."""

    id: str
    created: str
    command: tuple[str, ...]
    device: str
    index: IndexFacts | None
    signals: tuple[SignalUse, ...]
    cohort: CohortFacts | None
    queries: tuple[QueryResult, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]
    marks: tuple[Mark, ...] = ()
    """Those that were looked for."""
    calibration: CalibrationFacts | None = None
    uncalibrated: str | None = None
    """Why there is no calibration, in a sentence."""
    set_statement: SetStatement | None = None
    style: StyleStatement | None = None
    interrupted: bool = False
    """Whether suspects were left out because the person stopped the run."""
    selected_from: int | None = None
    """Out of how many pictures the suspects were chosen, as the person says; None where nobody said."""
    named: tuple[Path, ...] = ()
    """The files and folders that were named to be compared, and originals after ``--with``; from the top."""
