"""What one run of `compare` found: everything that its report says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simcheck.provenance import Mark, MarkResult
from simcheck.records import Box, Claim, Element, FileFacts, Finding, Notice, SignalIdentity, Skipped

__all__ = ["CohortFacts", "IndexFacts", "QueryResult", "Run", "SignalUse"]


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
