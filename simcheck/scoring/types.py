"""What a finding looks like: a type by rules over its evidence, with the edits that can be named, in careful words.

The first rule that holds decides:

    exact_file    the bytes are the same (SHA-256)
    edited_copy   one geometric relation that no cohort pair reaches, and details agree all over what both show; or
                  hashes as close as PDQ calls a match. The edits that can be read from the transform are named
    re_encoded    such a relation and hash without any edit but size, and nowhere a difference that saving again does
                  not explain
    part_of_it    such a relation over a part of what both would show: an element within another picture
    re_rendered   the sum of surprises is beyond that of every cohort pair and of every pair of the portfolio's own, or
                  a relation spans the pictures, but few details agree, or elements fill most of what both would show:
                  made anew along the same composition
    part_of_it    an element of the map, by which no other work explains its place better
    re_rendered   the whole interval of the likelihood ratio of all signals together lies above a hundred
    style_only    the palette alone is closer than in 999 of 1,000 cohort pairs
    nothing_found none of these

A relation that the artist's own works often share among each other (a signature, a seal, a figure drawn again and
again) singles out no work. It is told, as a part, only when nothing else is found, and then for the best work alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simcheck.records import (
    Claim,
    Element,
    FileFacts,
    FindingType,
    HashEvidence,
    MatchEvidence,
    PaletteEvidence,
    Rate,
    RegionEvidence,
    SignalResult,
    Work,
)
from simcheck.records.likelihood import LikelihoodRatio
from simcheck.scoring.rates import LEAST_COHORT
from simcheck.signals.keypoints.geometry import in_detail

__all__ = ["COLOURED", "COMMON", "TURNS", "type_of"]

PDQ_MATCH = 31
"""Hamming distance at which PDQ's authors speak of a match."""
PDQ_SAME = 12
"""Taken for unchanged where `layout` did not compare the pictures cell by cell."""
SAVED_AGAIN = 6.0
"""Largest difference of a cell, in CIELAB units (`layout`), up to which nothing but saving again needs to have
happened: half the size at JPEG quality 60 stays below 4.4 on 60 real pictures, local edits by machine begin at 11."""
GRID = 144
"""Points in a row and in a column by which shares of area are counted."""
COMMON = "common_to_portfolio"
SPANS = 0.3
"""Share of the common view over which inliers must be spread to speak of the whole."""
TURNS: Mapping[str, tuple[str, ...]] = {
    "same": (),
    "mirrored": ("mirrored",),
    "flipped": ("mirrored", "rotated:180"),
    "rotated_90": ("rotated:-90",),
    "rotated_180": ("rotated:180",),
    "rotated_270": ("rotated:90",),
    "transposed": ("mirrored", "rotated:-90"),
    "transverse": ("mirrored", "rotated:90"),
}
"""Edits by the turn at which the hashes agree: first mirrored left to right, then turned clockwise, gives the work."""
LEAST_LLR = 2.0
"""log10 ratio, at the lower end of its interval, at which the signals together are believed though no rule holds."""
OVERLAID = 0.03
"""Share of what both show from which something else on it is named: 40 works that were halved and saved at JPEG quality
30, cropped, mirrored, turned in hue or made grey stay below it (``scripts/measure/evaluate_edits.py``)."""
RECOLOURED = 8.0
"""Median difference at matched details, in CIELAB units. This and the five below were chosen on 47 works and the
sixteen edits of ``scripts/measure/evaluate_edits.py``, other works than those that it counts: what leaves colours as
they are reaches 7.5, turns hues by 10 degrees and raises the contrast to 1.12 at most."""
COLOURED = 2.0
"""Root mean square chroma below which a work has no hues that could be seen to turn or to be missing."""
GREY = 0.1
"""Share of the work's chroma below which its colours were taken away."""
TURNED = 30.0
"""Degrees by which hues (angles of a*, b*) are turned together; all 82 that were turned at random, by 60 to 180 in HSV,
lay beyond 51."""
TOGETHER = 0.8
"""Correlation of the hues from which they were turned together; all of those lay above 0.81, 95 % above 0.86."""
CONTRAST = 1.2
"""Spread of the lightness over that of the work."""
OTHER_COLOURS = 12.0
"""Difference of two palettes, in CIELAB units; set by hand, not measured."""


def type_of(
    query: FileFacts,
    work: Work,
    results: Mapping[str, SignalResult],
    claims: Mapping[str, Claim],
    beyond: bool,
    elements: Sequence[Element],
    llr: LikelihoodRatio | None = None,
    overlaid: float = 0.0,
) -> tuple[FindingType, tuple[str, ...], tuple[str, ...]]:
    """The type of a finding, by which rule it was given, and the edits that can be named.

    ``beyond``: the sum of surprises exceeds that of all cohort pairs and of the portfolio's own. ``elements``: those of
    the element map that come from this work. ``overlaid``: share of what both show where the
    suspect has something else.
    """
    if query.sha256 == work.facts.sha256:
        return FindingType.EXACT_FILE, ("same_bytes",), ()
    matches = _relation(results)
    hashes = _hashes(results)
    if matches and not hashes and not beyond and _is_common(results):
        return FindingType.PART, ("relation_of_a_part", COMMON), ()
    if matches and not in_detail(matches) and not hashes:
        if beyond or _agreeing_share(matches) >= SPANS:
            basis = (
                "relation_without_detail",
                *(("sum_beyond_cohort",) if beyond else ()),
                *_strongest(results, claims),
            )
            return FindingType.RE_RENDERED, basis, ()
        return FindingType.PART, ("relation_of_a_part", "relation_without_detail"), ()
    if matches:
        edits = (*_edits(matches, query, work.facts), *_colour_edits(matches))
        if _agreeing_share(matches) < SPANS and not hashes:
            # how much of the work is shown cannot be read from a relation that holds for one element of it
            element = tuple(edit for edit in edits if not edit.startswith(("cropped", "embedded")))
            return FindingType.PART, ("relation_of_a_part",), element
        if overlaid >= OVERLAID:
            edits += (f"overlaid:{max(1, round(100 * overlaid))}",)
        if hashes and _is_unchanged(results, hashes) and all(edit.startswith("scaled") for edit in edits):
            return FindingType.RE_ENCODED, ("relation", "hash"), edits
        return FindingType.EDITED_COPY, ("relation", "hash") if hashes else ("relation",), edits
    if hashes:
        turned = TURNS[hashes.orientation]
        edits = (*turned, *_size_edit(query, work.facts), *_palette_edit(results))
        if _is_unchanged(results, hashes) and not turned and "recoloured" not in edits:
            return FindingType.RE_ENCODED, ("hash",), edits
        return FindingType.EDITED_COPY, ("hash",), edits
    if beyond:
        return FindingType.RE_RENDERED, ("sum_beyond_cohort", *_strongest(results, claims)), ()
    if elements:
        return _by_elements(elements)
    if llr is not None and llr.low >= LEAST_LLR:
        return FindingType.RE_RENDERED, ("likelihood_ratio", *_strongest(results, claims)), ()
    style = [n for n, result in results.items() if claims[n] is Claim.STYLE and _rare(result.cohort, 1000)]
    if style:
        return FindingType.STYLE_ONLY, tuple(style), ()
    return FindingType.NOTHING, (), ()


def _by_elements(elements: Sequence[Element]) -> tuple[FindingType, tuple[str, ...], tuple[str, ...]]:
    first = elements[0]
    _, covered = _overlap(first.alignment.transform)
    if first.area >= SPANS * covered:
        return FindingType.RE_RENDERED, ("element",), ("mirrored",) if first.alignment.mirrored else ()
    return FindingType.PART, ("element",), ("mirrored",) if first.alignment.mirrored else ()


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
        if isinstance(evidence, HashEvidence) and evidence.distance <= PDQ_MATCH:
            return evidence
    return None


def _strongest(results: Mapping[str, SignalResult], claims: Mapping[str, Claim]) -> list[str]:
    """Signals that by themselves reach what at most one cohort pair in a hundred does."""
    return [n for n, result in results.items() if claims[n] is Claim.COPY and _rare(result.cohort, 100)]


def _palette_edit(results: Mapping[str, SignalResult]) -> tuple[str, ...]:
    for result in results.values():
        evidence = result.comparison.evidence
        if isinstance(evidence, PaletteEvidence) and evidence.distance > OTHER_COLOURS:
            return ("recoloured",)
    return ()


def _colour_edits(matches: MatchEvidence) -> tuple[str, ...]:
    """What was done to the colours, by those of the details that agree: their mean rotation in the plane of a*, b*
    (least squares), their chroma, and the spread of their lightness."""
    light, a, b, own_light, own_a, own_b = matches.colours.T
    hues, own_hues = a + 1j * b, own_a + 1j * own_b
    chroma, own_chroma = (float(np.sqrt(np.mean(np.abs(each) ** 2))) for each in (hues, own_hues))
    turn = complex(np.mean(hues * own_hues.conj()))
    edits = []
    together = min(chroma, own_chroma) >= COLOURED and abs(turn) >= TOGETHER * chroma * own_chroma
    if own_chroma >= COLOURED and chroma < GREY * own_chroma:
        edits.append("made_grey")
    elif together and abs(np.rad2deg(np.angle(turn))) >= TURNED:
        edits.append("hues_turned")
    elif matches.colour_difference > RECOLOURED:
        edits.append("recoloured")
    if light.std() >= CONTRAST * max(own_light.std(), 1.0):
        edits.append("contrast_raised")
    return tuple(edits)


def _size_edit(query: FileFacts, reference: FileFacts) -> tuple[str, ...]:
    ratio = max(query.width, query.height) / max(reference.width, reference.height)
    return () if 0.95 < ratio < 1.05 else (f"scaled:{ratio:.2g}",)


def _edits(matches: MatchEvidence, query: FileFacts, reference: FileFacts) -> tuple[str, ...]:
    """What tells the query from the work, by the transform; a turn is the one, clockwise, that gives the work back."""
    edits = ["mirrored"] if matches.mirrored else []
    turn = 180 - (180 - round(matches.rotation_degrees)) % 360  # -179..180: half a turn has one name
    if abs(turn) >= 2:
        edits.append(f"rotated:{turn}")
    shown, covered = _overlap(matches.transform)
    if shown < 0.93:
        edits.append(f"cropped:{max(1, round(100 * shown))}")
    if covered < 0.93:
        edits.append(f"embedded:{max(1, round(100 * covered))}")
    if not 0.95 < matches.scale < 1.05:
        edits.append(f"scaled:{matches.scale:.2g}")
    if matches.kind == "homography":
        edits.append("perspective")
    elif _stretch(matches.transform, query, reference) > 1.08:
        edits.append("stretched")
    return tuple(edits)


def _stretch(transform: NDArray[np.float64], query: FileFacts, reference: FileFacts) -> float:
    pixels = (
        np.diag([reference.width, reference.height]) @ transform[:2, :2] @ np.diag([1 / query.width, 1 / query.height])
    )
    large, small = np.linalg.svd(pixels, compute_uv=False)
    return float(large / max(small, 1e-9))


def _overlap(transform: NDArray[np.float64]) -> tuple[float, float]:
    """Share of the reference that the query's frame shows, and share of the query that the reference's frame fills."""
    return _share_inside(np.asarray(np.linalg.inv(transform), np.float64)), _share_inside(transform)


def _share_inside(transform: NDArray[np.float64]) -> float:
    steps = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(steps, steps)
    mapped = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1) @ transform.T
    ahead = mapped[:, 2] > 1e-9
    places = mapped[ahead, :2] / mapped[ahead, 2:]
    return float(np.all((places >= 0) & (places <= 1), axis=1).sum() / x.size)


def _agreeing_share(matches: MatchEvidence) -> float:
    """Share of the common view over which inliers are spread: small when only one element agrees."""
    x0, y0, x1, y1 = matches.query_box
    _, covered = _overlap(matches.transform)
    return min(1.0, (x1 - x0) * (y1 - y0) / max(covered, 1e-6))
