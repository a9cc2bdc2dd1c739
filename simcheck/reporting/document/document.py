"""A run -> its report document (``report.json``): the one place where records become JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck import __version__
from simcheck.records import (
    Alignment,
    AlignmentEvidence,
    Box,
    Comparison,
    Element,
    Evidence,
    Finding,
    HashEvidence,
    MatchEvidence,
    PaletteEvidence,
    Rate,
    RegionEvidence,
    SignalResult,
)
from simcheck.records.marks import Mark, MarkPlace, MarkResult
from simcheck.records.run import QueryResult, Run, SignalUse
from simcheck.reporting.document.codes import basis_code, edit_code
from simcheck.reporting.document.files import environment_document, file_document, path_text
from simcheck.reporting.document.likelihood import UNCALIBRATED, calibration_document, llr_document, set_document
from simcheck.reporting.document.privacy import command_shown, without_places
from simcheck.reporting.document.schema import SCHEMA
from simcheck.reporting.page.line_up import line_up_document, style_document
from simcheck.reporting.words.plain import plain
from simcheck.scoring.elements import explained
from simcheck.scoring.rates import ORDERING

__all__ = ["ORDERING_VERSION", "to_document"]

ORDERING_VERSION = 1
CALIBRATED_ORDERING = "likelihood_ratio"
"""Name of the rule by which candidates are ordered in a calibrated run: log10 LR before it is bounded."""
MOST_POINTS = 200
"""Inliers that the document lists; it always says how many there are."""


def to_document(run: Run, *, full_paths: bool = False) -> dict[str, Any]:
    """``full_paths`` is for the person's own copy: a report that goes to others names files by where they lie in the
    folders that were named (`privacy`)."""
    document = _document(run)
    return document if full_paths else without_places(document, run)


def _document(run: Run) -> dict[str, Any]:
    claims = {use.identity.name: use.claim.value for use in run.signals}
    return {
        "schema": SCHEMA,
        "id": run.id,
        "created": run.created,
        "tool": {"name": "simcheck", "version": __version__},
        "command": command_shown(run.command),
        "environment": environment_document(run.device),
        "calibration": calibration_document(run.calibration, run.uncalibrated or UNCALIBRATED),
        "index": None
        if run.index is None
        else {
            "path": path_text(run.index.path),
            "id": run.index.id,
            "name": plain(run.index.name),
            "works": run.index.works,
            "undescribed": run.index.undescribed,
            "created": run.index.created,
            "updated": run.index.updated,
            "roots": [path_text(root) for root in run.index.roots],
        },
        "signals": [_signal(use) for use in run.signals],
        "cohort": None
        if run.cohort is None
        else {
            "name": run.cohort.name,
            "works": run.cohort.works,
            "pairs": run.cohort.pairs,
            "source": run.cohort.source,
            "described": run.cohort.described,
            "hands": run.cohort.artists,
            "own": [plain(name) for name in run.cohort.own],
        },
        "ordering": {"rule": ORDERING if run.calibration is None else CALIBRATED_ORDERING, "version": ORDERING_VERSION},
        "queries": [_query(query, claims) for query in run.queries],
        "skipped": [
            {
                "path": path_text(s.path),
                "code": s.code,
                "reason": plain(s.reason).removeprefix(f"{path_text(s.path)}: "),
            }
            for s in run.skipped
        ],
        "notices": [{"code": n.code, "message": plain(n.message)} for n in run.notices],
        "marks": [_mark(mark) for mark in run.marks],
        "style": style_document(run.style),
        "selected_from": run.selected_from,
        "set_statement": set_document(run.set_statement, lambda work: file_document(work.paths[0], work.facts)),
    }


def _signal(use: SignalUse) -> dict[str, Any]:
    identity = use.identity
    return {
        "name": identity.name,
        "version": identity.version,
        "claim": use.claim.value,
        "state": "missing" if use.missing else "used",
        "reason": use.missing and plain(use.missing),
        "weights": identity.weights,
        "params": json.loads(identity.params),
        "preprocessing": json.loads(identity.preprocessing),
        "libraries": json.loads(identity.libraries),
        "works_described": use.works_described,
        "optional": use.optional,
    }


def _query(query: QueryResult, claims: dict[str, str]) -> dict[str, Any]:
    return {
        "query": file_document(query.path, query.facts),
        "compared": query.compared,
        "silent": query.silent,
        "findings": [_finding(finding, claims) for finding in query.findings],
        "panels": [_box(panel) for panel in query.panels],
        "elements": None if query.elements is None else [_element(element) for element in query.elements],
        "explained": None if query.elements is None else round(explained(query.elements), 4),
        "marks": [_mark_result(result) for result in query.marks],
        "line_up": None if query.line_up is None else line_up_document(query.line_up),
    }


def _element(element: Element) -> dict[str, Any]:
    part = element.alignment
    return {
        "reference": file_document(element.work.paths[0], element.work.facts),
        **_alignment(part),
        "area": round(element.area, 4),
        "outline": [[_box_point(point) for point in polygon] for polygon in element.outline],
        "rated_by": element.rated_by.value,
        "cohort": _rate(element.cohort),
        "portfolio": _rate(element.portfolio),
        **{name: getattr(element, name) for name in ("stands_out", "with_colours")},
        "colour_difference": None if part.colour_difference is None else round(part.colour_difference, 2),
    }


def _alignment(part: Alignment) -> dict[str, Any]:
    return {
        "tier": part.tier.value,
        "score": round(part.score, 4),
        "relation": round(part.relation, 4),
        "query_box": _box(part.query_box),
        "reference_box": _box(part.reference_box),
        "transform": _matrix(part.transform),
        "mirrored": part.mirrored,
        "rotation_degrees": round(part.rotation_degrees, 2),
        "scale": round(part.scale, 4),
        "area": round(part.area, 4),
    }


def _matrix(transform: NDArray[np.float64]) -> list[list[float]]:
    return [[float(np.format_float_positional(v, 9)) for v in row] for row in transform]


def _box_point(point: NDArray[np.float64]) -> list[float]:
    return _numbers(np.clip(point, 0, 1).tolist())


def _mark(mark: Mark) -> dict[str, Any]:
    png = base64.b64encode(mark.picture).decode("ascii")
    return {"name": plain(mark.name), "sha256": mark.sha256, "origin": mark.origin, "png": png}


def _mark_result(result: MarkResult) -> dict[str, Any]:
    work = result.work
    return {
        "mark": result.mark.sha256,
        "state": result.state.value,
        "how": result.how,
        "place": _place(result.place),
        "reference": None if work is None else file_document(work.paths[0], work.facts),
        "reference_place": _place(result.work_place),
    }


def _place(place: MarkPlace | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"box": _box(place.box), "turn": place.turn, "mirrored": place.mirrored, "score": place.score}


def _finding(finding: Finding, claims: dict[str, str]) -> dict[str, Any]:
    return {
        "rank": finding.rank,
        "reference": file_document(finding.work.paths[0], finding.work.facts),
        "score": round(finding.score, 6),
        "llr": llr_document(finding.llr),
        "uncalibrated": finding.uncalibrated,
        "lead": None if finding.lead is None else round(finding.lead, 3),
        "type": finding.type.value,
        **({"at_path": finding.at_path.value} if finding.at_path else {}),
        "basis": [basis_code(basis) for basis in finding.basis],
        "edits": [edit_code(edit) for edit in finding.edits],
        "signals": {name: {"claim": claims[name], **_result(result)} for name, result in finding.signals},
        "regions": [
            {
                "signal": name,
                "query_box": _box(evidence.query_box),
                "reference_box": _box(evidence.reference_box),
                "mirrored": evidence.mirrored,
            }
            for name, result in finding.signals
            if (evidence := _region(result.comparison.evidence))
        ],
    }


def _region(evidence: Evidence | None) -> MatchEvidence | RegionEvidence | Alignment | None:
    if isinstance(evidence, AlignmentEvidence):
        return evidence.alignments[0]
    return evidence if isinstance(evidence, MatchEvidence | RegionEvidence) else None


def _result(result: SignalResult) -> dict[str, Any]:
    comparison: Comparison = result.comparison
    return {
        "score": None if comparison.score is None else round(comparison.score, 6),
        "reason": comparison.reason,
        "cohort": _rate(result.cohort),
        "portfolio": _rate(result.portfolio),
        "evidence": _evidence(comparison.evidence),
    }


def _rate(rate: Rate | None) -> dict[str, int] | None:
    return None if rate is None else {"reached": rate.reached, "pairs": rate.pairs}


def _numbers(values: Iterable[float]) -> list[float]:
    return [round(float(value), 5) for value in values]


def _box(box: Box) -> list[float]:
    """A signal of a third party may reach beyond the picture; that must not spoil the report of a whole run."""
    return _numbers(min(max(value, 0.0), 1.0) for value in box)


def _evidence(evidence: Evidence | None) -> dict[str, Any] | None:
    match evidence:
        case None:
            return None
        case MatchEvidence():
            step = max(1, -(-len(evidence.points) // MOST_POINTS))
            return {
                "kind": "matches",
                "points": [_numbers(row) for row in evidence.points[::step]],
                "transform": _matrix(evidence.transform),
                "model": evidence.kind,
                "mirrored": evidence.mirrored,
                "rotation_degrees": round(evidence.rotation_degrees, 2),
                "scale": round(evidence.scale, 4),
                "inliers": len(evidence.points),
                "tentative": evidence.tentative,
                "colour_difference": round(evidence.colour_difference, 2),
                "others": [_evidence(other) for other in evidence.others],
                "query_box": _box(evidence.query_box),
                "reference_box": _box(evidence.reference_box),
            }
        case RegionEvidence():
            return {
                "kind": "regions",
                "query_box": _box(evidence.query_box),
                "reference_box": _box(evidence.reference_box),
                "mirrored": evidence.mirrored,
                "largest_difference": None
                if evidence.largest_difference is None
                else round(evidence.largest_difference, 2),
            }
        case HashEvidence():
            return {
                "kind": "hash",
                "distance": evidence.distance,
                "orientation": evidence.orientation,
                "query_quality": evidence.query_quality,
                "reference_quality": evidence.reference_quality,
            }
        case PaletteEvidence():
            return {
                "kind": "palette",
                "query": [list(colour) for colour in evidence.query],
                "reference": [list(colour) for colour in evidence.reference],
                "distance": round(evidence.distance, 3),
            }
        case AlignmentEvidence():
            return {"kind": "parts", "parts": [_alignment(part) for part in evidence.alignments]}
