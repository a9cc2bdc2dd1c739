"""A report document, arranged for the template: what is shown, in which order, in which words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simcheck.records import FindingType
from simcheck.reporting.page.exhibits import Exhibits, exhibits
from simcheck.reporting.page.marks import MarkShown, marks_in_short, marks_shown
from simcheck.reporting.page.method import Method, method, reliability
from simcheck.reporting.page.parts import MapShown, Panels, map_shown, panels_shown
from simcheck.reporting.page.pictures import Embedded, PictureBook
from simcheck.reporting.page.plan import ROWS, Plan
from simcheck.reporting.page.signal_rows import Group, groups
from simcheck.reporting.page.together import Near, Style, Together, near, selected, style, together
from simcheck.reporting.page.weight import Weight, weight
from simcheck.reporting.words.phrases import Phrases, cautious_end, score, signed
from simcheck.reporting.words.voice import Said, Voice, to_show
from simcheck.reporting.words.words import Phrase, code, file_name

__all__ = [
    "FILES",
    "FileRow",
    "Other",
    "Row",
    "Shown",
    "Suspect",
    "View",
    "settings",
    "view",
]

FILES = 400
"""Rows of the appendix's table of files, and of skipped files."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding in full."""

    label: str
    type: str
    reference: Mapping[str, Any]
    title: Phrase
    text: Phrase
    edits: tuple[Phrase, ...]
    basis: tuple[Phrase, ...]
    weight: Weight | None
    unweighed: Phrase | None
    """Why it has no likelihood ratio, though the run is calibrated."""
    exhibits: Exhibits
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A work in the line-up of nearest other works."""

    rank: int
    name: str
    picture: Embedded
    type: Phrase | None
    llr: Phrase | None
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    number: int
    file: Mapping[str, Any]
    facts: Phrase
    seen: tuple[Phrase, ...]
    """How it was made visible, where whoever opens the file may see something else."""
    compared: Phrase
    summary: tuple[Phrase, ...]
    picture: Embedded
    marks: tuple[MarkShown, ...]
    panels: Panels | None
    map: MapShown | None
    findings: tuple[Shown, ...]
    left_out: int
    """Findings that are worth showing but are not shown in full."""
    weight: Weight | None
    """Of the ``nearest`` work, where nothing was found."""
    nearest: str
    near: Near | None
    others: tuple[Other, ...]
    others_left_out: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of results. Without a ``section`` it has no details on this page."""

    number: int
    name: str
    facts: Phrase
    summary: tuple[Phrase, ...]
    """Of the first work; ``weighed`` is said of the same."""
    weighed: tuple[Phrase, ...]
    others: tuple[Phrase, ...]
    picture: Embedded | None
    section: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    role: Phrase
    file: Mapping[str, Any]
    notes: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class View:
    suspects: tuple[Suspect, ...]
    rows: tuple[Row, ...]
    files: tuple[FileRow, ...]
    files_left_out: int
    counts: tuple[tuple[Phrase, int], ...]
    """Suspects by the type of their first finding; with a calibration also by the words for its llr (`supports`)."""
    supports: tuple[tuple[Phrase, int], ...]
    reliability: tuple[tuple[Phrase, ...], ...]
    together: Together | None
    selected: Phrase | None
    """How the suspects were chosen."""
    style: Style | None
    method: Method | None


def view(document: Mapping[str, Any], plan: Plan, book: PictureBook, phrases: Phrases) -> View:
    queries = document["queries"]
    suspects = tuple(
        _suspect(number, query, document, plan, book, phrases)
        for number, query in enumerate(queries[: plan.sections], 1)
    )
    rows = tuple(_row(number, query, document, plan, book, phrases) for number, query in enumerate(queries[:ROWS], 1))
    files = {(file["sha256"], file["path"]): (role, file) for role, file in _files(queries, plan, phrases)}
    listed = tuple(
        FileRow(role, file, tuple(phrases.coded("note", note) for note in file["notes"]))
        for role, file in list(files.values())[:FILES]
    )
    how = method(document["calibration"], phrases)
    return View(
        suspects,
        rows,
        listed,
        len(files) - len(listed),
        _counted(Voice(phrases).short(said) for said in map(_headline, queries)),
        _counted(phrases.support(cautious_end(said.llr)) for said in map(_headline, queries) if said.llr),
        reliability(document, phrases) if how else (),
        together(document, phrases),
        selected(document, phrases),
        style(document, phrases),
        how,
    )


def _row(
    number: int,
    query: Mapping[str, Any],
    document: Mapping[str, Any],
    plan: Plan,
    book: PictureBook,
    phrases: Phrases,
) -> Row:
    voice = Voice(phrases)
    first, others = voice.summaries(query)
    weighed = voice.weighed(Said.of(query["findings"][0])) if query["findings"] and query["findings"][0]["llr"] else ()
    return Row(
        number,
        query["query"]["name"],
        phrases.file_facts(query["query"]),
        first,
        weighed,
        (*others, *marks_in_short(query, document, phrases.words)),
        book.thumbnail(query["query"]) if number <= plan.sections else None,
        number <= plan.sections,
    )


def _headline(query: Mapping[str, Any]) -> Said:
    """What a suspect is counted by: its first finding that is worth telling."""
    found = [said for said in map(Said.of, query["findings"]) if said.relates]
    return next(iter([*found, *map(Said.of, query["findings"])]), Said(FindingType.NOTHING))


def _counted(phrases: Iterable[Phrase]) -> tuple[tuple[Phrase, int], ...]:
    """Equal phrases together, the most frequent first."""
    known: dict[str, Phrase] = {}
    counts: Counter[str] = Counter()
    for phrase in phrases:
        known.setdefault(phrase.text, phrase)
        counts[phrase.text] += 1
    return tuple((known[text], n) for text, n in counts.most_common())


def _files(
    queries: Sequence[Mapping[str, Any]], plan: Plan, phrases: Phrases
) -> Iterator[tuple[Phrase, Mapping[str, Any]]]:
    for number, query in enumerate(queries[: plan.sections], 1):
        yield phrases.words("appendix.role.query", n=number), query["query"]
        for finding in query["findings"][: plan.full[number - 1] + plan.others]:
            yield phrases.words("appendix.role.work"), finding["reference"]


def _suspect(
    number: int,
    query: Mapping[str, Any],
    document: Mapping[str, Any],
    plan: Plan,
    book: PictureBook,
    phrases: Phrases,
) -> Suspect:
    all_shown = to_show(query["findings"], Said.of)
    full = all_shown[: plan.full[number - 1]]
    rest = [finding for finding in query["findings"] if not any(finding is shown for shown in full)]
    picture, nearest = book.figure(query["query"]), next(iter(query["findings"]), None)
    first, others = Voice(phrases).summaries(query)
    findings = tuple(
        _finding(f"{number}.{i}", query["query"], finding, document, book, phrases) for i, finding in enumerate(full, 1)
    )
    return Suspect(
        number,
        query["query"],
        phrases.file_facts(query["query"]),
        phrases.seen_otherwise(query["query"]["notes"]),
        phrases.extent(query["compared"], _searched(document)),
        (*first, *others),
        picture,
        marks_shown(query, document, book, phrases.words),
        panels_shown(query, book, phrases),
        map_shown(query, book, phrases),
        findings,
        len(all_shown) - len(full),
        weight(nearest, document, phrases) if nearest and not all_shown else None,
        nearest["reference"]["name"] if nearest else "",
        near(query, phrases),
        tuple(_other(finding, book, phrases) for finding in rest[: plan.others]),
        max(0, len(rest) - plan.others),
    )


def _searched(document: Mapping[str, Any]) -> int | None:
    """Works that could be found at all; None where pictures were named instead."""
    index = document["index"]
    return index["works"] - index.get("undescribed", 0) if index else None


def _finding(
    label: str,
    query: Mapping[str, Any],
    finding: Mapping[str, Any],
    document: Mapping[str, Any],
    book: PictureBook,
    phrases: Phrases,
) -> Shown:
    said, voice = Said.of(finding), Voice(phrases)
    return Shown(
        label,
        said.key,
        finding["reference"],
        voice.title(said, file_name(finding["reference"]["name"])),
        voice.text(said),
        tuple(phrases.edit_coded(edit) for edit in finding["edits"]),
        tuple(phrases.basis_coded(basis, finding["signals"]) for basis in finding["basis"]),
        weight(finding, document, phrases),
        phrases.unweighed(finding.get("uncalibrated")),
        exhibits(query, finding, book, phrases),
        groups(finding, document["signals"], phrases),
    )


def _other(finding: Mapping[str, Any], book: PictureBook, phrases: Phrases) -> Other:
    said = Said.of(finding)
    return Other(
        finding["rank"],
        finding["reference"]["name"],
        book.thumbnail(finding["reference"]),
        Voice(phrases).short(said) if said.relates else None,
        phrases.words("llr.thumb", value=signed(finding["llr"]["value"])) if finding["llr"] else None,
        tuple((name, score(r["score"])) for name, r in finding["signals"].items() if r["score"] is not None),
    )


def settings(values: Mapping[str, Any]) -> Markup:
    """Parameters of a signal in one line of JSON."""
    return code(json.dumps(values, ensure_ascii=False, sort_keys=True))
