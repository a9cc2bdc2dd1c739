"""Suspects against a portfolio, one after another: describe, retrieve, compare, judge; then what all say together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from simcheck.cohort import style
from simcheck.comparison.pair import Compared, compare_with_store
from simcheck.comparison.versions import versions_among
from simcheck.errors import PictureError, UsageError
from simcheck.images import Walk, walk
from simcheck.images.panels import find_panels
from simcheck.images.scope import out_of_scope
from simcheck.indexing.places import checked
from simcheck.pipeline.choice import Choice
from simcheck.pipeline.indexing import absolute, reasons
from simcheck.pipeline.promising import promising
from simcheck.pipeline.session import CANDIDATES, Session
from simcheck.records import Box, Claim, Description, Finding, Notice, Picture, Silent, Skipped, Watcher
from simcheck.records.run import QueryResult, Run
from simcheck.reporting.words.voice import Said, to_show
from simcheck.retrieval.fuse import retrieve
from simcheck.scoring.elements import element_map
from simcheck.scoring.findings import find
from simcheck.scoring.rivals import contenders, rivals
from simcheck.scoring.together import calibration_facts, together
from simcheck.signals.describe import describe

__all__ = ["SHOWN", "check_selected", "compare", "compare_pair", "results", "run_of", "suspects_in"]

BATCH = 8
"""Suspects that a network on a GPU describes at once; without one each is described by itself, and is ready sooner."""
SHOWN = 6
"""Findings of a suspect whose evidence is kept: those that a page can show in full. Of the others there are scores."""


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    """A suspect, ready to be compared."""

    path: Path
    picture: Picture
    panels: tuple[Box, ...]
    descriptions: Mapping[str, Description]


def compare(
    suspects: Sequence[Path],
    path: Path,
    *,
    choice: Choice | None = None,
    candidates: int = CANDIDATES,
    cohorts: Sequence[Path] = (),
    selected_from: int | None = None,
    command: Sequence[str] = (),
    watcher: Watcher | None = None,
) -> Run:
    """Compare suspects (files or folders) with the index at ``path``. Raises StoreMissing, PictureError and others.

    ``cohorts`` are the person's own (`index_cohort`). ``selected_from``: out of how many pictures the suspects were
    chosen, for the report; UsageError for fewer than there are. PictureError when not one suspect could be read.
    """
    found = suspects_in(suspects)
    check_selected(selected_from, found)
    with Session.open(path, choice=choice, candidates=candidates, cohorts=cohorts, watcher=watcher) as session:
        every = results(session, found, watcher)
        return run_of(session, every, command, watcher, named=suspects, selected_from=selected_from)


def compare_pair(
    suspects: Sequence[Path],
    originals: Sequence[Path],
    *,
    choice: Choice | None = None,
    cohorts: Sequence[Path] = (),
    selected_from: int | None = None,
    command: Sequence[str] = (),
    watcher: Watcher | None = None,
) -> Run:
    """Compare suspects with named pictures, through an index that is thrown away. Raises as `compare` does."""
    found = suspects_in(suspects)
    check_selected(selected_from, found)
    with Session.of_pictures(originals, choice=choice, cohorts=cohorts, watcher=watcher) as session:
        every = results(session, found, watcher)
        named = (*suspects, *originals)
        return run_of(session, every, command, watcher, named=named, selected_from=selected_from)


def suspects_in(suspects: Sequence[Path]) -> Walk:
    """The files that are meant, before anything is opened. Raises UsageError for a path that is not there."""
    return walk(absolute(suspects))  # the report may be opened, or made again, from anywhere


def check_selected(selected_from: int | None, suspects: Walk) -> None:
    """Raises UsageError where suspects cannot have been chosen from so few pictures."""
    if selected_from is not None and selected_from < len(suspects.files):
        raise UsageError(
            f"{len(suspects.files)} suspects cannot have been chosen from {selected_from} pictures. Say from how many "
            "pictures they were chosen, all that were looked through."
        )


def results(session: Session, suspects: Walk, watcher: Watcher | None = None) -> Iterator[QueryResult | Skipped]:
    """Each suspect's result as soon as it is ready, and what was passed over."""
    watcher = watcher or Silent()
    yield from suspects.skipped
    watcher.progress("suspects", 0, len(suspects.files))
    for done, query in enumerate(_described(session, suspects, watcher), 1):
        if isinstance(query, Skipped):
            yield query
        else:
            candidates = _retrieved(session, query)
            compared = _compared(session, query, candidates, watcher)
            yield _judged(session, query, compared, watcher)
        watcher.progress("suspects", done, len(suspects.files))


def run_of(
    session: Session,
    found: Iterable[QueryResult | Skipped],
    command: Sequence[str] = (),
    watcher: Watcher | None = None,
    *,
    named: Sequence[Path] = (),
    selected_from: int | None = None,
    partial: bool = False,
) -> Run:
    """All results as one run, with what they say together. Raises PictureError when no suspect could be read.

    ``selected_from``: out of how many pictures the person chose the suspects, see `check_selected`.
    ``named``: the files and folders that the person named; a report says where in them its pictures lie.
    ``partial``: at Ctrl-C what is ready is kept, and the run says that it is not whole; `Run.interrupted`.
    """
    watcher = watcher or Silent()
    queries: list[QueryResult] = []
    skipped: list[Skipped] = []
    interrupted = False
    try:
        for each in found:
            if isinstance(each, QueryResult):
                queries.append(each)
            else:
                skipped.append(each)
    except KeyboardInterrupt:
        if not partial or not queries:
            raise
        interrupted = True
    if not queries:
        raise PictureError(
            f"No suspect could be read ({reasons(skipped)}). Name picture files, or folders that hold some."
        )
    notices = list(session.marks.notices())
    if interrupted:
        ready = f"{len(queries)} suspect{'' if len(queries) == 1 else 's'}"
        message = f"The comparison was interrupted after {ready}. The report covers what was ready, and nothing else."
        notices.append(Notice("interrupted", message))
    for notice in notices:
        watcher.notice(notice)
    scale = session.scale
    return Run(
        id=str(uuid.uuid4()),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=tuple(command),
        device=next((s.device for s in session.signals.values() if s.device != "cpu"), "cpu"),
        index=session.index,
        signals=session.uses,
        cohort=session.cohort.facts(session.unrelated),
        queries=tuple(queries),
        skipped=(*skipped, *session.skipped),
        notices=(*session.notices, *notices),
        marks=session.marks.marks,
        calibration=calibration_facts(scale, queries),
        uncalibrated=session.uncalibrated,
        set_statement=together(scale, queries, named=session.index is None),
        selected_from=selected_from,
        style=style.style_statement(_lines(session, queries)),
        interrupted=interrupted,
        named=tuple(absolute(named)),
    )


def _described(session: Session, suspects: Walk, watcher: Watcher) -> Iterator[_Query | Skipped]:
    at_once = BATCH if any(signal.device != "cpu" for signal in session.signals.values()) else 1
    read = session.reader.read_all(file.path for file in suspects.files)
    while batch := list(islice(read, at_once)):
        pictures = [picture for _, picture in batch if isinstance(picture, Picture)]
        panels = [
            promising(session, picture, find_panels(picture.pixels)) if session.choice.panels else ()
            for picture in pictures
        ]
        described: dict[str, list[Description]] = {}
        for done, (name, signal) in enumerate(session.signals.items()):
            watcher.progress("describe", done, len(session.signals))
            described[name] = describe(pictures, signal, query=True, panels=panels, pool=session.pool)
        watcher.progress("describe", len(session.signals), len(session.signals))
        number = 0
        for path, picture in batch:
            if isinstance(picture, PictureError):
                yield Skipped(path, picture.code, str(picture))
                continue
            own = {name: descriptions[number] for name, descriptions in described.items()}
            yield _Query(path, picture, panels[number], own)
            number += 1


def _retrieved(session: Session, query: _Query) -> list[int]:
    """Works to compare in full. The very same bytes are found without any signal, and always compared."""
    same = session.store.work_of_bytes(query.picture.facts.sha256)
    found = retrieve(session.searchers, query.descriptions, session.candidates)
    return [work for work in dict.fromkeys((*([same.id] if same else []), *found)) if work in session.works]


def _compared(session: Session, query: _Query, works: Sequence[int], watcher: Watcher) -> list[Compared]:
    watcher.progress("compare with works", 0, len(works))
    found = []
    for each in compare_with_store(
        session.store, session.signals, session.identities, query.descriptions, works, session.pool,
        query.picture.pixels,
    ):  # fmt: skip
        found.append(each)
        watcher.progress("compare with works", len(found), len(works))
    return found


def _judged(session: Session, query: _Query, compared: Sequence[Compared], watcher: Watcher) -> QueryResult:
    facts = query.picture.facts
    close = contenders(compared, session.scale)
    versions = versions_among(session.store, session.signals, session.identities, close) if len(close) > 1 else ()
    beside = rivals(compared, session.scale, versions)
    elements = element_map(compared, session.works, session.scale, versions) if session.measured else None
    scope = out_of_scope(query.picture.pixels, (facts.width, facts.height))
    found = find(facts, compared, session.works, session.scale, elements or (), scope, beside)
    findings = [checked(finding) for finding in found]
    watcher.progress("look at marks and the cohort", 0, None)
    marks = session.marks.results(query.picture, findings, session.pool)
    line_up = session.cohort.line_up(facts, query.descriptions, findings, session.pool)
    watcher.progress("look at marks and the cohort", 1, 1)
    for_style = {name: query.descriptions[name] for name in style.signals_of(session.signals)}
    return QueryResult(
        query.path, facts, _lightened(findings), len(compared), marks, query.panels, elements, line_up,
        _silent(session, query, scope), for_style,
    )  # fmt: skip


def _silent(session: Session, query: _Query, scope: str | None) -> str | None:
    """Why nothing can be said of a suspect, if so: by what it is, else by what the first signal says."""
    copies = [query.descriptions[name] for name, signal in session.signals.items() if signal.claim is Claim.COPY]
    if not copies or any(descriptor.reason is None for each in copies for descriptor in each.descriptors):
        return None
    return scope if scope in ("blank", "too_small") else copies[0].descriptors[0].reason


def _lightened(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Without the evidence of findings that nobody is shown: some hundred kilobytes each."""
    kept = [finding.rank for finding in to_show(findings, Said.of_record)][:SHOWN]
    shown = {*kept, *(f.rank for f in findings[:1])}
    return tuple(finding if finding.rank in shown else _without_evidence(finding) for finding in findings)


def _without_evidence(finding: Finding) -> Finding:
    bare = tuple(
        (name, replace(result, comparison=replace(result.comparison, evidence=None)))
        for name, result in finding.signals
    )
    return replace(finding, signals=bare)


def _lines(session: Session, queries: Sequence[QueryResult]) -> list[style.Line]:
    """Suspects, portfolio and cohort as each signal of the claim `style` sees them; the same bytes once."""
    seen = {query.facts.sha256: query.for_style for query in reversed(queries)}
    shown = [seen[sha256] for sha256 in dict.fromkeys(query.facts.sha256 for query in queries)]
    lines = []
    for name in style.signals_of(session.signals) if session.index else ():
        signal = session.signals[name]
        suspects = [each[name] for each in shown]
        lines.append(style.Line(signal, suspects, style.artist_of(session.store, signal), session.cohort.artists(name)))
    return lines
