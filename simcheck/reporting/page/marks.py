"""The artist's own mark in a suspect: its state in words, and the mark beside the places it is about."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from simcheck.errors import PictureError, ReportError
from simcheck.images import Reader
from simcheck.provenance.marks.ink import unpacked
from simcheck.records import Box, Pixels
from simcheck.reporting.page.pictures import Embedded, PictureBook
from simcheck.reporting.words.words import Phrase, Words, file_name, visible

__all__ = ["MarkPanel", "MarkShown", "marks_in_short", "marks_shown"]

EDGE = 420
"""Longest side of a crop."""
AROUND = 0.7
"""How much around the mark is shown, in longer sides of it."""
SHOWN = 8
"""Marks of one suspect that are shown."""


@dataclass(frozen=True, slots=True)
class MarkPanel:
    """A crop with the mark's place outlined (``box``, in fractions of the crop)."""

    picture: Embedded
    box: Box | None
    caption: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class MarkShown:
    title: Phrase
    text: Phrase
    panels: tuple[MarkPanel, ...]
    note: Phrase | None


def marks_in_short(query: Mapping[str, Any], document: Mapping[str, Any], words: Words) -> tuple[Phrase, ...]:
    return tuple(_said("short", result, document, words) for result in query.get("marks", [])[:SHOWN])


def marks_shown(
    query: Mapping[str, Any], document: Mapping[str, Any], book: PictureBook, words: Words
) -> tuple[MarkShown, ...]:
    return tuple(_shown(query["query"], result, document, book, words) for result in query.get("marks", [])[:SHOWN])


def _key(result: Mapping[str, Any]) -> str:
    return f"mark.{result['state']}.{result['how']}" if result["how"] else f"mark.{result['state']}"


def _said(part: str, result: Mapping[str, Any], document: Mapping[str, Any], words: Words) -> Phrase:
    work = file_name(result["reference"]["name"]) if result["reference"] else ""
    return words(f"{_key(result)}.{part}", name=visible(_mark(result, document)["name"]), work=work)


def _mark(result: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = next((mark for mark in document.get("marks", []) if mark["sha256"] == result["mark"]), None)
    if found is None:
        raise ReportError(
            f"This report speaks of a mark (SHA-256 {result['mark']}) that it does not hold. Use the report.json as "
            "`simcheck compare` wrote it, or run the comparison again."
        )
    return dict(found)


def _shown(
    suspect: Mapping[str, Any],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    book: PictureBook,
    words: Words,
) -> MarkShown:
    mark, work = _mark(result, document), result["reference"]
    key = "mark.panel.mark" if mark["origin"] == "given" else "mark.panel.mark.found"
    panels = [MarkPanel(_embedded(mark, book), None, (words(key),))]
    if result["place"]:
        kept = result["state"] == "kept"
        panels.append(_panel(suspect, result["place"], words("mark.panel.query"), book, words, measured=kept))
    else:
        panels.append(MarkPanel(book.thumbnail(suspect), None, (words("mark.panel.query.cropped"),)))
    if work:
        said = words("mark.panel.work", work=file_name(work["name"]))
        panels.append(_panel(work, result["reference_place"], said, book, words, measured=True))
    note = None if work else words("mark.unborne")
    said, text = _said("title", result, document, words), words(f"{_key(result)}.text")
    return MarkShown(said, text, tuple(panels), note)


def _embedded(mark: Mapping[str, Any], book: PictureBook) -> Embedded:
    if mark["sha256"] not in book.marks:
        book.marks[mark["sha256"]] = book.drawn(_picture(mark, book.decoder), EDGE)
    return book.marks[mark["sha256"]]


def _picture(mark: Mapping[str, Any], decoder: Reader) -> Pixels:
    """On white, or on dark grey where the ink is light. The document may be anybody's: the digest is checked first,
    then the size that the picture states, and a decoding process unpacks it (`provenance.marks.ink.unpacked`)."""
    try:
        png = base64.b64decode(mark["png"], validate=True)
        if hashlib.sha256(png).hexdigest() != mark["sha256"]:
            raise ValueError("its SHA-256 is not the one that the report states")
        rgba = decoder.ask(unpacked, png, "The picture of a mark")
    except (ValueError, PictureError) as error:
        raise ReportError(
            f"The picture of the mark in this report cannot be read ({error}). Use the report.json as "
            "`simcheck compare` wrote it, or run the comparison again."
        ) from error
    alpha = rgba[..., 3:]
    inked = int(alpha.sum(dtype=np.int64))
    light = float((rgba[..., :3].astype(np.uint16) * alpha).sum(dtype=np.int64) / max(3 * inked, 1))
    ground = 60 if light > 170 and alpha.min() < 128 else 255
    mixed = rgba[..., :3].astype(np.uint16) * alpha + np.uint16(ground) * (255 - alpha)
    return np.asarray((mixed + 127) // 255, np.uint8)


def _panel(
    file: Mapping[str, Any],
    place: Mapping[str, Any],
    said: Phrase,
    book: PictureBook,
    words: Words,
    *,
    measured: bool,
) -> MarkPanel:
    pixels = book.pixels(file)
    if pixels is None:
        return MarkPanel(book.why(file), None, (said,))
    height, width = pixels.shape[:2]
    box = np.array(place["box"]) * [width, height, width, height]
    margin = AROUND * max(box[2] - box[0], box[3] - box[1])
    left, top = (int(v) for v in np.floor(np.maximum(0, box[:2] - margin)))
    right, bottom = (int(v) for v in np.ceil(np.minimum([width, height], box[2:] + margin)))
    crop = Image.fromarray(np.ascontiguousarray(pixels[top : max(bottom, top + 1), left : max(right, left + 1)]))
    factor = EDGE / max(crop.size)
    if factor > 1:  # a small mark is shown enlarged, beside the mark itself
        size = (max(1, round(crop.width * factor)), max(1, round(crop.height * factor)))
        crop = crop.resize(size, Image.Resampling.BICUBIC)
    x0, y0, x1, y1 = (box - [left, top, left, top]) / [right - left, bottom - top, right - left, bottom - top]
    caption = [said]
    if measured:
        share = f"{100 * (place['box'][2] - place['box'][0]):.2g}"
        caption.append(words("mark.where", width=share, score=f"{place['score']:.2f}"))
        degrees = round(min(place["turn"] % 360, -place["turn"] % 360))
        caption += [words("mark.turned", degrees=str(degrees))] if degrees >= 2 else []
        caption += [words("mark.mirrored")] if place["mirrored"] else []
    return MarkPanel(book.drawn(np.asarray(crop, np.uint8), EDGE), (x0, y0, x1, y1), tuple(caption))
