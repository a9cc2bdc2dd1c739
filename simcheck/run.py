"""What one run of `compare` found: everything that its report says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simcheck.likelihood import CalibrationFacts
from simcheck.provenance import Mark, MarkResult
from simcheck.records import Box, Claim, Element, FileFacts, Finding, Notice, SignalIdentity, Skipped, Work

__all__ = ["CohortFacts", "IndexFacts", "QueryResult", "Run", "SetBand", "SetStatement", "SignalUse"]


@dataclass(frozen=True, slots=True)
class SignalUse:
    """A signal's part in a run: used, or missing with the reason in a sentence."""

    identity: SignalIdentity
    claim: Claim
    missing: str | None = None
    works_described: int = 0


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One suspect with its findings, best first. ``compared`` works out of those of the index were compared.

    ``panels`` are the pictures within the suspect that were looked at by themselves as well; ``elements`` is the
    element map, None where the signal `patches` took no part.
    """

    path: Path
    facts: FileFacts
    findings: tuple[Finding, ...]
    compared: int
    marks: tuple[MarkResult, ...] = ()
    """What became of the artist's marks: facts beside the findings, never part of a score."""
    panels: tuple[Box, ...] = ()
    elements: tuple[Element, ...] | None = None


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


@dataclass(frozen=True, slots=True)
class CohortFacts:
    name: str
    works: int
    pairs: int
    source: str


@dataclass(frozen=True, slots=True)
class SetBand:
    """How many suspects' best llr reaches ``llr``, and how many of as many independent suspects would by chance.

    ``probability``: of at least so many, were all independent (binomial, Holm-corrected over the bands).
    """

    llr: float
    reached: int
    expected: float
    probability: float


@dataclass(frozen=True, slots=True)
class SetStatement:
    """What several suspects show together."""

    suspects: int
    """Those that have an llr."""
    works: int
    bands: tuple[SetBand, ...]
    recurring: tuple[tuple[Work, int], ...]
    """Works named in findings of two or more suspects at an llr of 1 or more, with how many suspects."""


@dataclass(frozen=True, slots=True)
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
