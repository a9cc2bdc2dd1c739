"""A report document, arranged for the template: what is shown, in which order, in which words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simcheck.report.exhibits import Exhibits, exhibits
from simcheck.report.marks import MarkShown, marks_in_short, marks_shown
from simcheck.report.parts import MapShown, Panels, map_shown, panels_shown
from simcheck.report.phrases import Phrases
from simcheck.report.pictures import Embedded, PictureBook
from simcheck.report.plan import ROWS, Plan, related
from simcheck.report.words import Phrase, code, file_name, visible

__all__ = [
    "FILES",
    "FileRow",
    "Group",
    "Other",
    "Row",
    "Shown",
    "SignalRow",
    "Suspect",
    "View",
    "english",
    "reason",
    "settings",
    "view",
]

CLAIMS = ("copy", "style", "provenance")
FILES = 400
"""Rows of the appendix's table of files, and of skipped files."""


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal's line in a finding. Without a ``score`` the notes say why."""

    name: str
    title: Phrase
    text: Phrase
    score: str | None
    cohort: Phrase | None
    portfolio: Phrase | None
    notes: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Group:
    title: Phrase
    rows: tuple[SignalRow, ...]


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
    likelihood: Phrase | None
    exhibits: Exhibits
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A work in the line-up of nearest other works."""

    rank: int
    name: str
    picture: Embedded
    type: Phrase | None
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    number: int
    file: Mapping[str, Any]
    facts: Phrase
    compared: Phrase
    summary: tuple[Phrase, ...]
    picture: Embedded
    marks: tuple[MarkShown, ...]
    panels: Panels | None
    map: MapShown | None
    findings: tuple[Shown, ...]
    left_out: int
    """Findings that show a relation but are not shown in full."""
    others: tuple[Other, ...]
    others_left_out: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of results. Without a ``section`` it has no details on this page."""

    number: int
    name: str
    facts: Phrase
    summary: tuple[Phrase, ...]
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


def view(document: Mapping[str, Any], plan: Plan, book: PictureBook, phrases: Phrases) -> View:
    queries = document["queries"]
    suspects = tuple(
        _suspect(number, query, document, plan, book, phrases)
        for number, query in enumerate(queries[: plan.sections], 1)
    )
    rows = tuple(
        Row(
            number,
            query["query"]["name"],
            phrases.file_facts(query["query"]),
            (*_summary(query, phrases), *marks_in_short(query, document, phrases.words)),
            book.thumbnail(query["query"]) if number <= plan.sections else None,
            number <= plan.sections,
        )
        for number, query in enumerate(queries[:ROWS], 1)
    )
    files = {(file["sha256"], file["path"]): (role, file) for role, file in _files(queries, plan, phrases)}
    listed = tuple(
        FileRow(role, file, tuple(phrases.coded("note", note) for note in file["notes"]))
        for role, file in list(files.values())[:FILES]
    )
    return View(suspects, rows, listed, len(files) - len(listed))


def english(text: str) -> Markup:
    """A sentence that a document brings along; documents are in English."""
    return Markup('<span lang="en">{}</span>').format(visible(text))


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
    all_related = related(query)
    full = all_related[: plan.full[number - 1]]
    rest = [finding for finding in query["findings"] if not any(finding is shown for shown in full)]
    picture = book.figure(query["query"])
    findings = tuple(
        _finding(f"{number}.{i}", query["query"], finding, document["signals"], book, phrases)
        for i, finding in enumerate(full, 1)
    )
    return Suspect(
        number,
        query["query"],
        phrases.file_facts(query["query"]),
        phrases.words("suspect.compared", n=query["compared"]),
        _summary(query, phrases),
        picture,
        marks_shown(query, document, book, phrases.words),
        panels_shown(query, book, phrases),
        map_shown(query, book, phrases),
        findings,
        len(all_related) - len(full),
        tuple(_other(finding, book, phrases) for finding in rest[: plan.others]),
        max(0, len(rest) - plan.others),
    )


def _summary(query: Mapping[str, Any], phrases: Phrases) -> tuple[Phrase, ...]:
    words, found = phrases.words, related(query)
    if not found:
        return (words("summary.nothing_found", n=query["compared"]) if query["compared"] else words("summary.none"),)
    first = words(f"summary.{found[0]['type']}", work=file_name(found[0]["reference"]["name"]))
    return (first, words("summary.more", n=len(found) - 1)) if len(found) > 1 else (first,)


def _finding(
    label: str,
    query: Mapping[str, Any],
    finding: Mapping[str, Any],
    signals: Sequence[Mapping[str, Any]],
    book: PictureBook,
    phrases: Phrases,
) -> Shown:
    kind, words = finding["type"], phrases.words
    return Shown(
        label,
        kind,
        finding["reference"],
        words(f"type.{kind}.title", work=file_name(finding["reference"]["name"])),
        words(f"type.{kind}.text"),
        tuple(phrases.edit(edit) for edit in finding["edits"]),
        tuple(phrases.basis(basis, finding["signals"]) for basis in finding["basis"]),
        None if finding["llr"] is None else phrases.likelihood(finding["llr"]),
        exhibits(query, finding, book, phrases),
        _groups(finding, signals, phrases),
    )


def _groups(finding: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], phrases: Phrases) -> tuple[Group, ...]:
    """The signals by claim, in the order of the run; a missing signal has its line too."""
    results = finding["signals"]
    rows: list[tuple[str, SignalRow]] = []
    for signal in signals:
        name = signal["name"]
        if name in results:
            rows.append((results[name]["claim"], _signal_row(name, results[name], phrases)))
        elif signal["state"] == "missing":
            note = phrases.words("signals.missing", reason=reason(signal["reason"], phrases))
            title, text = phrases.signal_name(name), phrases.signal_text(name)
            rows.append((signal["claim"], SignalRow(name, title, text, None, None, None, (note,))))
    listed = {signal["name"] for signal in signals}
    rows += [(r["claim"], _signal_row(name, r, phrases)) for name, r in results.items() if name not in listed]
    groups = ((claim, tuple(row for of, row in rows if of == claim)) for claim in CLAIMS)
    return tuple(Group(phrases.words(f"signals.group.{claim}"), members) for claim, members in groups if members)


def _signal_row(name: str, result: Mapping[str, Any], phrases: Phrases) -> SignalRow:
    title, text = phrases.signal_name(name), phrases.signal_text(name)
    if result["score"] is None:
        note = phrases.words("signals.abstained", reason=reason(result["reason"], phrases))
        return SignalRow(name, title, text, None, None, None, (note,))
    rates = phrases.rate(result["cohort"]), phrases.rate(result["portfolio"])
    return SignalRow(name, title, text, score(result["score"]), *rates, tuple(phrases.evidence(result["evidence"])))


def _other(finding: Mapping[str, Any], book: PictureBook, phrases: Phrases) -> Other:
    kind = finding["type"]
    return Other(
        finding["rank"],
        finding["reference"]["name"],
        book.thumbnail(finding["reference"]),
        None if kind == "nothing_found" else phrases.words(f"type.{kind}.short"),
        tuple((name, score(r["score"])) for name, r in finding["signals"].items() if r["score"] is not None),
    )


def reason(raw: str | None, phrases: Phrases) -> Phrase:
    """Why a signal is silent: words for a known code, an English sentence as it stands, else the code."""
    if not raw:
        return phrases.words("signals.missing.unsaid")
    if " " in raw.strip():
        return phrases.words.as_is(english(raw))
    return phrases.coded("reason", raw)


def score(value: float) -> str:
    digits = 3 if abs(value) < 10 else 1
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def settings(values: Mapping[str, Any]) -> Markup:
    """Parameters of a signal in one line of JSON."""
    return code(json.dumps(values, ensure_ascii=False, sort_keys=True))
