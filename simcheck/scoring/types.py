"""What a finding looks like: a type by rules over its evidence, with the edits that can be named, in careful words.

The first rule that holds decides:

    exact_file    the bytes are the same (SHA-256)
    edited_copy   one geometric relation that no cohort pair reaches, and details agree all over what both show; or
                  hashes as close as PDQ calls a match. The edits that can be read from the transform are named
    re_encoded    such a relation and hash without any edit but size, and nowhere a difference that saving again does
                  not explain
    among_others  such a copy that is one of several pictures in the suspect: a contact sheet, a strip, a collage
    part_of_it    such a relation over a part of what both would show: an element within another picture
    re_rendered   the sum of surprises is beyond that of every cohort pair and of every pair of the portfolio's own, or
                  a relation spans the pictures, but few details agree, or elements fill most of what both would show:
                  made anew along the same composition
    part_of_it    an element of the map, by which no other work explains its place better
    re_rendered   the whole interval of the likelihood ratio of all signals together lies above a hundred
    style_only    the palette alone is closer than in 999 of 1,000 cohort pairs
    nothing_found none of these

What agrees singles out no work where another one agrees nearly as well at the same place (`rivals`), or where the
artist's own works often share such a relation among each other: a series, a signature, a figure drawn again and again.
Nor does it where only a frame, a page, lettering or plain paper agrees (`content`). Then nothing is named, and the
basis says why. Equal bytes are named all the same; so are hashes as close as PDQ calls a match where other works agree
as well, and where only ground agrees if the pictures differ nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simcheck.records import (
    Basis,
    Claim,
    Disguise,
    Edit,
    EditKind,
    Element,
    FileFacts,
    FindingType,
    HashEvidence,
    MatchEvidence,
    Rate,
    RegionEvidence,
    Rule,
    SignalResult,
    Work,
)
from simcheck.records.likelihood import LikelihoodRatio
from simcheck.scoring.edits import (
    MIRRORED,
    OVERLAID,
    TURNS,
    colour_edits,
    overlap,
    palette_edit,
    percentage,
    shape_edits,
    size_edit,
)
from simcheck.scoring.rates import LEAST_COHORT, Kinds
from simcheck.scoring.rivals import singled_out
from simcheck.signals.keypoints.geometry import in_detail
from simcheck.signals.phash import MATCH_DISTANCE

__all__ = ["COMMON", "Evidence", "Typed", "type_of"]

PDQ_SAME = 12
"""Taken for unchanged where `layout` did not compare the pictures cell by cell."""
SAVED_AGAIN = 6.0
"""Largest difference of a cell, in CIELAB units (`layout`), up to which nothing but saving again needs to have
happened: half the size at JPEG quality 60 stays below 4.4 on 60 real pictures, local edits by machine begin at 11."""
COMMON = Basis(Rule.COMMON_TO_PORTFOLIO)
SPANS = 0.3
"""Share of the common view over which inliers must be spread to speak of the whole."""
UNNAMED = (FindingType.NOTHING, FindingType.STYLE_ONLY)
LEAST_LLR = 2.0
"""log10 ratio, at the lower end of its interval, at which the signals together are believed though no rule holds."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a finding is taken for, by which rules, and the edits that can be named."""

    type: FindingType
    basis: tuple[Basis, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding's type rests on beside the two files."""

    results: Mapping[str, SignalResult]
    beyond: bool = False
    """Whether the sum of surprises exceeds that of all cohort pairs and of the portfolio's own."""
    elements: Sequence[Element] = ()
    """Those of the element map that come from this work."""
    llr: LikelihoodRatio | None = None
    overlaid: float = 0.0
    """Share of what both show where the suspect has something else."""
    lead: float | None = None
    """By how much the work lies above the one next to it (`rivals`); None where no other was compared."""
    grounded: bool = False
    """Whether nothing agrees beside the ground (`content`)."""
    disguise: Disguise = Disguise()
    """What hides the work."""


def type_of(query: FileFacts, work: Work, evidence: Evidence, kinds: Kinds) -> Typed:
    """The type of a finding."""
    if query.sha256 == work.facts.sha256:
        return Typed(FindingType.EXACT_FILE, _rules(Rule.SAME_BYTES))
    typed = _by_rules(query, work, evidence, kinds)
    if typed.type in UNNAMED:
        return typed
    hashes = _hashes(evidence.results)
    same_all_over = hashes is not None and _is_unchanged(evidence.results, hashes)
    if evidence.grounded and not same_all_over:
        return Typed(FindingType.NOTHING, _rules(Rule.ONLY_GROUND))
    if not singled_out(evidence.lead) and not hashes:
        return Typed(FindingType.NOTHING, (COMMON,))
    return typed


def _by_rules(query: FileFacts, work: Work, evidence: Evidence, kinds: Kinds) -> Typed:
    results, beyond, elements, llr = evidence.results, evidence.beyond, evidence.elements, evidence.llr
    overlaid, disguise = evidence.overlaid, evidence.disguise
    matches = _relation(results)
    hashes = _hashes(results)
    strongest = _strongest(results, kinds)
    if matches and not hashes and not beyond and _is_common(results):
        return Typed(FindingType.NOTHING, (COMMON,))
    if matches and not in_detail(matches) and not hashes and not disguise.negative:
        if beyond or _agreeing_share(matches) >= SPANS:
            basis = _rules(Rule.RELATION_WITHOUT_DETAIL, *((Rule.SUM_BEYOND_COHORT,) if beyond else ()))
            return Typed(FindingType.RE_RENDERED, basis + strongest)
        return Typed(FindingType.PART, _rules(Rule.RELATION_OF_A_PART, Rule.RELATION_WITHOUT_DETAIL))
    if matches:
        edits = (*shape_edits(matches, query, work.facts), *(() if disguise.negative else colour_edits(matches)))
        if _agreeing_share(matches) < SPANS and not hashes:
            # how much of the work is shown cannot be read from a relation that holds for one element of it
            element = tuple(edit for edit in edits if edit.kind not in (EditKind.CROPPED, EditKind.EMBEDDED))
            return Typed(FindingType.PART, _rules(Rule.RELATION_OF_A_PART), element)
        edits += disguise.edits
        if overlaid >= OVERLAID and not disguise.edits:  # a closer look knows better
            edits += (Edit(EditKind.OVERLAID, percentage(overlaid)),)
        if hashes and _is_unchanged(results, hashes) and all(edit.kind is EditKind.SCALED for edit in edits):
            return Typed(FindingType.RE_ENCODED, _rules(Rule.RELATION, Rule.HASH), edits)
        basis = _rules(Rule.RELATION, Rule.HASH) if hashes else _rules(Rule.RELATION)
        return Typed(FindingType.AMONG_OTHERS if disguise.among_others else FindingType.EDITED_COPY, basis, edits)
    if hashes:
        turned, recoloured = TURNS[hashes.orientation], palette_edit(results)
        if disguise.among_others:  # the size and the colours of the whole suspect are those of other pictures too
            return Typed(FindingType.AMONG_OTHERS, _rules(Rule.HASH), turned)
        edits = (*turned, *size_edit(query, work.facts), *recoloured)
        same = _is_unchanged(results, hashes) and not turned and not recoloured
        return Typed(FindingType.RE_ENCODED if same else FindingType.EDITED_COPY, _rules(Rule.HASH), edits)
    if beyond:
        return Typed(FindingType.RE_RENDERED, _rules(Rule.SUM_BEYOND_COHORT) + strongest)
    if elements:
        return _by_elements(elements)
    if llr is not None and llr.low >= LEAST_LLR:
        return Typed(FindingType.RE_RENDERED, _rules(Rule.LIKELIHOOD_RATIO) + strongest)
    style = [n for n, result in results.items() if kinds[n].claim is Claim.STYLE and _rare(result.cohort, 1000)]
    if style:
        return Typed(FindingType.STYLE_ONLY, _signals(style))
    return Typed(FindingType.NOTHING)


def _rules(*rules: Rule) -> tuple[Basis, ...]:
    return tuple(Basis(rule) for rule in rules)


def _signals(names: Sequence[str]) -> tuple[Basis, ...]:
    return tuple(Basis(Rule.SIGNAL, name) for name in names)


def _by_elements(elements: Sequence[Element]) -> Typed:
    first = elements[0]
    _, covered = overlap(first.alignment.transform)
    kind = FindingType.RE_RENDERED if first.area >= SPANS * covered else FindingType.PART
    return Typed(kind, _rules(Rule.ELEMENT), (MIRRORED,) if first.alignment.mirrored else ())


def _rare(rate: Rate | None, one_in: int) -> bool:
    return rate is not None and rate.pairs >= LEAST_COHORT and rate.reached * one_in <= rate.pairs


def _relation(results: Mapping[str, SignalResult]) -> MatchEvidence | None:
    """The geometric relation, when no cohort pair has one as strong."""
    for result in results.values():
        evidence = result.comparison.evidence
        if isinstance(evidence, MatchEvidence) and result.cohort and _rare(result.cohort, result.cohort.pairs + 1):
            return evidence
    return None


def _is_common(results: Mapping[str, SignalResult]) -> bool:
    """Whether more than one in fifty pairs of the artist's own works has a relation at least as strong."""
    for result in results.values():
        if isinstance(result.comparison.evidence, MatchEvidence) and result.portfolio:
            return _recurs(result.portfolio)
    return False


def _recurs(rate: Rate | None) -> bool:
    return rate is not None and rate.pairs >= 50 and rate.reached * 50 > rate.pairs


def _is_unchanged(results: Mapping[str, SignalResult], hashes: HashEvidence) -> bool:
    """Whether the pictures, one laid over the other as they are, differ nowhere by more than saving again explains."""
    for result in results.values():
        evidence = result.comparison.evidence
        if isinstance(evidence, RegionEvidence) and evidence.largest_difference is not None:
            return evidence.largest_difference <= SAVED_AGAIN
    return hashes.distance <= PDQ_SAME


def _hashes(results: Mapping[str, SignalResult]) -> HashEvidence | None:
    for result in results.values():
        evidence = result.comparison.evidence
        if isinstance(evidence, HashEvidence) and evidence.distance <= MATCH_DISTANCE:
            return evidence
    return None


def _strongest(results: Mapping[str, SignalResult], kinds: Kinds) -> tuple[Basis, ...]:
    """Signals that by themselves reach what at most one cohort pair in a hundred does."""
    return _signals([n for n, r in results.items() if kinds[n].claim is Claim.COPY and _rare(r.cohort, 100)])


def _agreeing_share(matches: MatchEvidence) -> float:
    """Share of the common view over which inliers are spread: small when only one element agrees."""
    x0, y0, x1, y1 = matches.query_box
    _, covered = overlap(matches.transform)
    return min(1.0, (x1 - x0) * (y1 - y0) / max(covered, 1e-6))
