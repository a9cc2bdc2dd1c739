"""The element map of one suspect on the page: the drawing, the list, and each element beside its counterpart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from simcheck.records import Box, Pixels
from simcheck.reporting.figures.elements import Crop, lay_out_map, map_svg
from simcheck.reporting.figures.svg import Frame, Pair, boxes_svg, difference_view, warp_to_query
from simcheck.reporting.page.exhibits import Overlay
from simcheck.reporting.page.pictures import Embedded, PictureBook, shrunk
from simcheck.reporting.words.phrases import Phrases, percent
from simcheck.reporting.words.words import Phrase, file_name

__all__ = ["Aligned", "MapShown", "Panels", "Part", "map_shown", "panels_shown"]

SHOWN = 12
ALIGNED = 4
"""Elements of a suspect that are laid over each other; all are on the map."""
EDGE = 480
"""Longest side of a picture of one element."""
SAID_TURN = 2
"""Degrees; less is not worth a word."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a work on the map."""

    picture: Embedded
    crop: Crop


@dataclass(frozen=True, slots=True)
class Aligned:
    number: int
    overlay: Overlay


@dataclass(frozen=True, slots=True)
class MapShown:
    """``marks`` is SVG made of numbers only; empty ``parts``: the pictures are gone, only the list is shown."""

    width: float
    height: float
    query: Embedded
    frame: Frame
    parts: tuple[Part, ...]
    marks: Markup
    summary: tuple[Phrase, ...]
    items: tuple[Phrase, ...]
    aligned: tuple[Aligned, ...]


@dataclass(frozen=True, slots=True)
class Panels:
    width: float
    height: float
    query: Embedded
    marks: Markup
    text: Phrase


def map_shown(query: Mapping[str, Any], book: PictureBook, phrases: Phrases) -> MapShown | None:
    """None where no element was found; ``query`` is a suspect with its findings."""
    elements = (query.get("elements") or [])[:SHOWN]
    if not elements:
        return None
    suspect = book.figure(query["query"])
    works = [book.figure(element["reference"]) for element in elements]
    items = tuple(_item(i, element, phrases) for i, element in enumerate(elements, 1))
    summary = _summary(query, elements, phrases)
    if not (suspect.shown and all(work.shown for work in works)):
        return MapShown(0, 0, suspect, Frame(0, 0, 1, 1), (), Markup(""), summary, items, ())
    boxes = [_box(element["reference_box"]) for element in elements]
    sizes = [((work.width, work.height), box) for work, box in zip(works, boxes, strict=True)]
    laid_out = lay_out_map((suspect.width, suspect.height), sizes)
    marks = Markup(map_svg(laid_out, [element["outline"] for element in elements]))  # noqa: S704  # of numbers only
    parts = tuple(Part(work, crop) for work, crop in zip(works, laid_out.crops, strict=True))
    aligned = tuple(
        Aligned(i, overlay)
        for i, element in enumerate(elements[:ALIGNED], 1)
        if (overlay := _aligned(query["query"], element, i, book, phrases))
    )
    return MapShown(laid_out.width, laid_out.height, suspect, laid_out.query, parts, marks, summary, items, aligned)


def _summary(query: Mapping[str, Any], elements: Sequence[Mapping[str, Any]], phrases: Phrases) -> tuple[Phrase, ...]:
    shares: dict[str, list[Any]] = {}
    for element in elements:
        row = shares.setdefault(element["reference"]["sha256"], [element["reference"]["name"], 0.0])
        row[1] += element["area"]
    each = [
        phrases.words("elements.share", work=file_name(name), share=percent(share)) for name, share in shares.values()
    ]
    total = phrases.words("elements.explained", share=percent(query["explained"]), n=len(elements))
    return total, phrases.words("elements.shares", works=phrases.words.listed(each))


def _item(number: int, element: Mapping[str, Any], phrases: Phrases) -> Phrase:
    words = phrases.words
    said = [
        words("elements.item", n=number, work=file_name(element["reference"]["name"]), share=percent(element["area"])),
        words(f"elements.tier.{element['tier']}"),
        *_transform(element, phrases),
        words(f"elements.rate.{_look(element)}", rate=phrases.rate(element["cohort"])),
    ]
    own = element["portfolio"]
    if own and own["reached"]:
        said.append(words("elements.portfolio", rate=phrases.rate(own)))
        if element.get("stands_out"):
            said.append(words("elements.stands_out"))
    return words.told(said)


def _look(element: Mapping[str, Any]) -> str:
    return "colours" if element.get("with_colours") else str(element["rated_by"])


def _transform(element: Mapping[str, Any], phrases: Phrases) -> list[Phrase]:
    said = [phrases.words("evidence.matches.mirrored")] if element["mirrored"] else []
    degrees = abs(round(element["rotation_degrees"]))
    if degrees >= SAID_TURN:
        said.append(phrases.words("evidence.matches.turned", degrees=f"{degrees}"))
    return [*said, phrases.words("evidence.matches.scale", scale=f"{element['scale']:.2g}")]


def _box(values: Sequence[float]) -> Box:
    x0, y0, x1, y1 = values
    return x0, y0, x1, y1


def _aligned(
    query: Mapping[str, Any], element: Mapping[str, Any], number: int, book: PictureBook, phrases: Phrases
) -> Overlay | None:
    """The element in the suspect and the work's part drawn as the suspect shows it, at one scale."""
    suspect, work = book.pixels(query), book.pixels(element["reference"])
    if suspect is None or work is None:
        return None
    x0, y0, x1, y1 = _box(element["query_box"])
    margin = 0.08 * max(x1 - x0, y1 - y0)
    x0, y0, x1, y1 = max(0.0, x0 - margin), max(0.0, y0 - margin), min(1.0, x1 + margin), min(1.0, y1 + margin)
    height, width = suspect.shape[:2]
    left, top = int(x0 * width), int(y0 * height)
    crop: Pixels = suspect[top : max(top + 1, round(y1 * height)), left : max(left + 1, round(x1 * width))]
    rows, columns = crop.shape[:2]
    to_query = np.array([[columns / width, 0, left / width], [0, rows / height, top / height], [0, 0, 1]])
    small = shrunk(np.ascontiguousarray(crop), EDGE)
    transform = np.asarray(element["transform"], np.float64) @ to_query
    warp = warp_to_query(work, transform, (small.shape[0], small.shape[1]))
    drawn = [book.drawn(pixels, EDGE) for pixels in (small, warp.pixels, difference_view(small, warp))]
    if not all(each.shown for each in drawn):
        return None
    said = [phrases.words("elements.aligned", n=number, work=file_name(element["reference"]["name"]))]
    if element["mirrored"]:
        said.append(phrases.words("figure.overlay.mirrored"))
    said.append(phrases.words("figure.difference"))
    return Overlay(drawn[0], drawn[1], drawn[2], bool(element["mirrored"]), tuple(said))


def panels_shown(query: Mapping[str, Any], book: PictureBook, phrases: Phrases) -> Panels | None:
    """The pictures that were found within a suspect and compared by themselves as well."""
    panels = query.get("panels") or []
    suspect = book.figure(query["query"])
    if not panels or not suspect.shown:
        return None
    width = 1000.0
    frame = Frame(0, 0, width, width * suspect.height / suspect.width)
    boxes = [(_box(panel), _box(panel)) for panel in panels]
    marks = Markup(boxes_svg(boxes, Pair(width, frame.height, frame, frame)))  # noqa: S704  # of numbers only
    return Panels(width, frame.height, suspect, marks, phrases.words("panels.text", n=len(panels)))
