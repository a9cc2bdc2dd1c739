"""Frozen records that travel between the stages. No behaviour beyond reading them; no heavy imports.

Conventions, everywhere: index 0 is the query side, 1 the reference side. A *box* is ``(x0, y0, x1, y1)`` and a
*point* ``(x, y)``, both as fractions of the picture's width and height (0..1, origin top left), so that they hold
at every size. A *score* is raw and higher means more similar. A *transform* is a 3x3 matrix that takes homogeneous
query fractions to reference fractions; a mirror is part of it.
"""

from __future__ import annotations

from simcheck.records.evidence import (
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
from simcheck.records.findings import (
    AtPath,
    Basis,
    Claim,
    Comparison,
    Disguise,
    Edit,
    EditKind,
    Element,
    Finding,
    FindingType,
    Rate,
    Rule,
    SignalResult,
)
from simcheck.records.pictures import (
    Description,
    Descriptor,
    FileFacts,
    Picture,
    Pixels,
    Region,
    SignalIdentity,
    Skipped,
    Work,
)
from simcheck.records.watching import Notice, Silent, Watcher

__all__ = [
    "Alignment",
    "AtPath",
    "AlignmentEvidence",
    "Basis",
    "Box",
    "Claim",
    "Comparison",
    "Description",
    "Descriptor",
    "Disguise",
    "Edit",
    "EditKind",
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
    "Rule",
    "SignalIdentity",
    "SignalResult",
    "Silent",
    "Skipped",
    "Tier",
    "Watcher",
    "Work",
]
