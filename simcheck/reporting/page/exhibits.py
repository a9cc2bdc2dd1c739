"""The figures of one finding: both pictures with what ties them together, the work laid over the suspect, palettes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from simcheck.records import Box, EditKind
from simcheck.reporting.figures.svg import (
    Pair,
    badges_svg,
    boxes_svg,
    difference_view,
    lay_out_pair,
    match_lines_svg,
    palette_svg,
    spread,
    warp_to_query,
)
from simcheck.reporting.page.pictures import Embedded, PictureBook, shrunk
from simcheck.reporting.words.phrases import Phrases, whole
from simcheck.reporting.words.words import Phrase, file_name

__all__ = ["Drawing", "Exhibits", "Overlay", "PaletteBars", "exhibits"]

LINES = 36
BOXES = 6
LEAST_OVERLAP = 0.01
"""A work that covers less of the suspect's frame than this share is not laid over it: nothing could be seen."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Both pictures in one figure. ``marks`` is SVG that was made from numbers only."""

    title: Phrase
    pair: Pair
    query: Embedded
    reference: Embedded
    marks: Markup
    captions: tuple[Phrase, ...]
    items: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    query: Embedded
    warped: Embedded
    difference: Embedded
    mirrored: bool
    caption: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class PaletteBars:
    query: Markup
    reference: Markup
    text: Phrase


@dataclass(frozen=True, slots=True)
class Exhibits:
    query: Embedded
    reference: Embedded
    mirrored: bool
    """The suspect is shown mirrored back in every figure of this finding."""
    drawings: tuple[Drawing, ...]
    """Empty when one of the pictures is not shown."""
    overlay: Overlay | None
    undrawn: bool
    """There are matches, but not both pictures to draw them on."""
    palettes: tuple[PaletteBars, ...]


def exhibits(query: Mapping[str, Any], finding: Mapping[str, Any], book: PictureBook, phrases: Phrases) -> Exhibits:
    """Draw a finding. ``query`` is the suspect's file record, ``finding`` one of its findings."""
    evidence = [(name, result["evidence"]) for name, result in finding["signals"].items() if result["evidence"]]
    matches = max(
        (e for _, e in evidence if e["kind"] == "matches" and e["points"]),
        key=lambda e: len(e["points"]),
        default=None,
    )
    mirrored = _mirrored(finding, matches, [e for _, e in evidence])
    ours, theirs = book.figure(query), book.figure(finding["reference"])
    palettes = tuple(_palettes(e, phrases) for _, e in evidence if e["kind"] == "palette")
    if not (ours.shown and theirs.shown):
        return Exhibits(ours, theirs, mirrored, (), None, matches is not None, palettes)

    pair = lay_out_pair((ours.width, ours.height), (theirs.width, theirs.height), mirrored=mirrored)
    boxes, wholes = _regions(finding, evidence)
    said = _whose(query, finding["reference"], mirrored, phrases)
    if wholes and not boxes:
        said += (phrases.words("figure.whole", signals=_names(wholes, phrases)),)
    # first the two pictures with nothing drawn on them: what anyone must be able to look at
    drawings = [Drawing(phrases.words("figure.plain.title"), pair, ours, theirs, _svg(badges_svg(pair)), said)]
    if matches:
        drawings.append(_lines(matches, pair, ours, theirs, phrases))
    if boxes:
        drawings.append(_boxes(boxes, pair, ours, theirs, phrases))
    overlay = _overlay(query, finding["reference"], matches, mirrored, book, phrases) if matches else None
    return Exhibits(ours, theirs, mirrored, tuple(drawings), overlay, False, palettes)


def _mirrored(
    finding: Mapping[str, Any], matches: Mapping[str, Any] | None, evidence: Sequence[Mapping[str, Any]]
) -> bool:
    """Geometry knows best; then the edits that were named; then a region or a hash that agreed only when mirrored."""
    if matches:
        return bool(matches["mirrored"])
    if EditKind.MIRRORED in finding["edits"]:
        return True
    regions = [r["mirrored"] for r in [*finding["regions"], *(e for e in evidence if e["kind"] == "regions")]]
    return bool(regions) and all(regions)


def _whose(
    query: Mapping[str, Any], reference: Mapping[str, Any], mirrored: bool, phrases: Phrases
) -> tuple[Phrase, ...]:
    said = phrases.words
    key = "figure.a.mirrored" if mirrored else "figure.a"
    return said(key, name=file_name(query["name"])), said("figure.b", name=file_name(reference["name"]))


def _lines(matches: Mapping[str, Any], pair: Pair, ours: Embedded, theirs: Embedded, phrases: Phrases) -> Drawing:
    points = np.asarray(matches["points"], np.float64)
    drawn = spread(points, LINES)
    marks = _svg(match_lines_svg(drawn, pair), badges_svg(pair))
    said = phrases.words("figure.lines", n=matches["inliers"], drawn=len(drawn))
    return Drawing(phrases.words("figure.lines.title"), pair, ours, theirs, marks, (said,))


Boxes = dict[tuple[Box, Box, bool], list[str]]


def _regions(finding: Mapping[str, Any], evidence: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[Boxes, list[str]]:
    """Region pairs with the signals that found them, and the signals for which it was the whole pictures."""
    stated = [*finding["regions"], *({"signal": name, **e} for name, e in evidence if e["kind"] == "regions")]
    boxes: Boxes = {}
    wholes: list[str] = []
    for region in stated:
        if whole(region["query_box"]) and whole(region["reference_box"]):
            names = wholes
        else:
            key = (_box(region["query_box"]), _box(region["reference_box"]), bool(region["mirrored"]))
            names = boxes.setdefault(key, [])
        if region["signal"] not in names:
            names.append(region["signal"])
    return dict(list(boxes.items())[:BOXES]), wholes


def _box(values: Sequence[float]) -> Box:
    x0, y0, x1, y1 = values
    return x0, y0, x1, y1


def _boxes(boxes: Boxes, pair: Pair, ours: Embedded, theirs: Embedded, phrases: Phrases) -> Drawing:
    words = phrases.words
    marks = _svg(boxes_svg([(q, r) for q, r, _ in boxes], pair), badges_svg(pair))
    items = tuple(
        words("figure.region.mirrored" if mirrored else "figure.region", n=i, signals=_names(names, phrases))
        for i, ((_, _, mirrored), names) in enumerate(boxes.items(), 1)
    )
    return Drawing(words("figure.regions.title"), pair, ours, theirs, marks, (words("figure.regions"),), items)


def _names(signals: Sequence[str], phrases: Phrases) -> Phrase:
    return phrases.words.listed(phrases.signal_name(name) for name in signals)


def _overlay(
    query: Mapping[str, Any],
    reference: Mapping[str, Any],
    matches: Mapping[str, Any],
    mirrored: bool,
    book: PictureBook,
    phrases: Phrases,
) -> Overlay | None:
    base = book.figure(query)
    suspect, work = book.pixels(query), book.pixels(reference)
    if suspect is None or work is None:
        return None
    small = shrunk(suspect, max(base.width, base.height))
    warp = warp_to_query(work, np.asarray(matches["transform"], np.float64), (small.shape[0], small.shape[1]))
    if warp.inside.mean() < LEAST_OVERLAP:
        return None
    warped, difference = book.drawn(warp.pixels), book.drawn(difference_view(small, warp))
    if not (warped.shown and difference.shown):
        return None
    words = phrases.words
    said = [words("figure.overlay", model=words(f"model.{matches['model']}"))]
    if mirrored:
        said.append(words("figure.overlay.mirrored"))
    return Overlay(base, warped, difference, mirrored, (*said, words("figure.difference")))


def _palettes(evidence: Mapping[str, Any], phrases: Phrases) -> PaletteBars:
    ours, theirs = (_svg(palette_svg((c, s) for c, s in evidence[side])) for side in ("query", "reference"))
    return PaletteBars(ours, theirs, phrases.words("palette.text", distance=f"{evidence['distance']:.1f}"))


def _svg(*fragments: str) -> Markup:
    return Markup("".join(fragments))  # noqa: S704  # figures.py makes them of numbers and checked colours only
