"""Suspects against a portfolio: images - signals - retrieval - comparison - scoring - marks - line-up."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from simcheck.cohort import style
from simcheck.cohort.line_up import Cohort
from simcheck.cohort.own_pairs import LEAST_WORKS, NO_PAIRS, unrelated_of
from simcheck.comparison.pair import PATCHES, compare_with_store
from simcheck.errors import PictureError, StoreError
from simcheck.images import Reader, walk
from simcheck.images.panels import find_panels
from simcheck.images.scope import out_of_scope
from simcheck.indexing.portfolio import index_portfolio
from simcheck.pipeline.choice import Choice, prepared, usable
from simcheck.pipeline.indexing import absolute, reasons
from simcheck.provenance.marks import MarkSearch
from simcheck.records import Description, Notice, Picture, Skipped, Watcher
from simcheck.records.run import IndexFacts, QueryResult, Run
from simcheck.retrieval.flat import Searcher, retrieve
from simcheck.scoring.calibrate import Calibration
from simcheck.scoring.elements import element_map, measurable
from simcheck.scoring.findings import Scale, find
from simcheck.scoring.rates import Unrelated
from simcheck.scoring.together import calibration_facts, together
from simcheck.shipped import reference_folder
from simcheck.signals.describe import describe
from simcheck.store import Store
from simcheck.system.parallel import thread_pool

__all__ = ["CANDIDATES", "compare", "compare_pair"]

CANDIDATES = 48
"""Works per suspect on which every signal is compared."""
BATCH = 8
"""By which suspects together are held against hands."""
NO_ELEMENTS = Notice(
    "no_element_map",
    "No element map is made: how far parts of unrelated works agree is not known for the network that proposes parts. "
    "Leave out SIMCHECK_TOKENS (or tokens in config.toml) to use the one that ships with simcheck.",
)
"""Said when the shipped table of unrelated pairs does not know this `patches`."""
NO_CALIBRATION = (
    "No calibration ships with this copy of simcheck. Scores are raw; read them beside the rate at which unrelated "
    "works reach them."
)
OTHER_CALIBRATION = (
    "The calibration was fitted with other signals, versions or network weights than this run used. Scores are raw; "
    "read them beside the rate at which unrelated works reach them."
)


def compare(
    suspects: Sequence[Path],
    path: Path,
    *,
    choice: Choice,
    candidates: int = CANDIDATES,
    cohorts: Sequence[Path] = (),
    command: Sequence[str] = (),
    watcher: Watcher,
) -> Run:
    """Compare suspects (files or folders) with the index at ``path``. Raises StoreMissing, PictureError and others.

    ``cohorts`` are the person's own (`index_cohort`). PictureError when not one suspect could be read.
    """
    with Store.open(path, watcher=watcher) as store, Reader() as reader:
        facts = IndexFacts(
            store.path, store.id, store.name, len(store.works()),
            store.created.isoformat(), store.updated.isoformat(), store.roots,
        )  # fmt: skip
        return _compare(suspects, store, reader, facts, choice, candidates, cohorts, command, watcher)


def compare_pair(
    suspects: Sequence[Path],
    originals: Sequence[Path],
    *,
    choice: Choice,
    cohorts: Sequence[Path] = (),
    command: Sequence[str] = (),
    watcher: Watcher,
) -> Run:
    """Compare suspects with named pictures, through an index that is thrown away. Raises as `compare` does."""
    signals, missing = prepared(choice.signals(), watcher)
    with (
        tempfile.TemporaryDirectory(prefix="simcheck-", ignore_cleanup_errors=True) as folder,
        Reader() as reader,
        Store.open(Path(folder), write=True, create=True, name="pair", watcher=watcher) as store,
    ):
        result = index_portfolio(store, originals, list(signals.values()), reader, watcher)
        works = len(store.works())
        if not works:
            raise PictureError(
                f"Nothing to compare with ({reasons(result.skipped)}). Name readable pictures after --with.",
                "no_reference",
            )
        run = _compare(suspects, store, reader, None, choice, works, cohorts, command, watcher)
    return replace(run, skipped=(*run.skipped, *result.skipped))


def _compare(
    suspects: Sequence[Path],
    store: Store,
    reader: Reader,
    facts: IndexFacts | None,
    choice: Choice,
    candidates: int,
    cohorts: Sequence[Path],
    command: Sequence[str],
    watcher: Watcher,
) -> Run:
    watch = _Recorder(watcher)
    found = walk(absolute(suspects))  # the report may be opened, or made again, from anywhere
    works = {work.id: work for work in store.works()}
    if not works:
        raise StoreError(f"The index {store.path} holds no works. Run `simcheck index` with a folder of pictures.")
    signals, uses, notices = usable(store, choice, watch, lasting=facts is not None)
    if not signals:
        raise StoreError(f"The index {store.path} cannot be compared with. {' '.join(n.message for n in notices)}")
    for notice in notices:
        watch.notice(notice)
    identities = {name: signal.identity() for name, signal in signals.items()}
    unrelated = Unrelated.load(reference_folder())
    portfolio = unrelated_of(store) if facts else None
    if facts and portfolio is None and facts.works >= LEAST_WORKS:
        watch.notice(NO_PAIRS)
    claims = {name: signal.claim for name, signal in signals.items()}
    calibration = Calibration.find(choice.calibration, reference_folder())
    scale = Scale.of(identities, claims, unrelated, portfolio, calibration, len(works))
    measured = measurable(scale)
    if PATCHES in signals and not measured:
        watch.notice(NO_ELEMENTS)
    searchers = {n: Searcher.open(store, s, identities[n], watch) for n, s in signals.items() if s.retrieval}
    search = MarkSearch(store, works, reader)
    skipped = list(found.skipped)
    queries: list[QueryResult] = []
    seen: dict[str, Mapping[str, Description]] = {}
    own = {work.facts.sha256 for work in works.values()}
    with Cohort.open(cohorts, signals, scale, own, watch) as cohort, thread_pool() as pool:
        for batch in _batches(reader.read_all(file.path for file in found.files)):
            pictures = [(path, picture) for path, picture in batch if isinstance(picture, Picture)]
            skipped += [Skipped(path, e.code, str(e)) for path, e in batch if isinstance(e, PictureError)]
            panels = [find_panels(picture.pixels) if choice.panels else () for _, picture in pictures]
            described: dict[str, list[Description]] = {
                name: describe([picture for _, picture in pictures], signal, query=True, panels=panels, pool=pool)
                for name, signal in signals.items()
            }
            for number, (path, picture) in enumerate(pictures):
                best = retrieve(searchers, described, number, candidates)
                # the very same bytes are found without any signal, and always compared
                same = store.work_of_bytes(picture.facts.sha256)
                chosen = dict.fromkeys((*([same.id] if same else []), *best.works))
                query = {name: each[number] for name, each in described.items()}
                compared = compare_with_store(
                    store, signals, identities, query, [w for w in chosen if w in works], pool
                )
                elements = element_map(compared, works, scale) if measured else None
                scope = out_of_scope(picture.pixels)
                findings = find(picture.facts, compared, works, scale, elements or (), scope)
                marks = search.results(picture, findings, pool)
                line_up = cohort.line_up(picture.facts, query, findings, pool)
                seen.setdefault(picture.facts.sha256, {name: query[name] for name in style.SIGNALS if name in query})
                queries.append(
                    QueryResult(
                        path, picture.facts, tuple(findings), len(compared), marks, panels[number], elements, line_up
                    )
                )
            watch.progress("compare", len(queries) + len(skipped) - len(found.skipped), len(found.files))
        lines = []
        for name in (name for name in style.SIGNALS if facts and name in signals):
            shown = [each[name] for each in seen.values()]
            lines.append(style.Line(signals[name], shown, style.hand_of(store, signals[name]), cohort.hands(name)))
    for notice in search.notices():
        watch.notice(notice)
    if not queries:
        raise PictureError(
            f"No suspect could be read ({reasons(skipped)}). Name picture files, or folders that hold some."
        )
    return Run(
        id=str(uuid.uuid4()),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=tuple(command),
        device=next((s.device for s in signals.values() if s.device != "cpu"), "cpu"),
        index=facts,
        signals=tuple(uses),
        cohort=cohort.facts(unrelated),
        queries=tuple(queries),
        skipped=tuple(skipped),
        notices=tuple(watch.notices),
        marks=search.marks,
        calibration=calibration_facts(scale, queries),
        uncalibrated=None if scale.calibration else OTHER_CALIBRATION if calibration else NO_CALIBRATION,
        set_statement=together(scale, queries),
        style=style.style_statement(lines),
    )


class _Recorder:
    """Passes on what is shown, and keeps the notices for the report."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.notices: list[Notice] = []

    def progress(self, stage: str, done: int, total: int | None) -> None:
        self._watcher.progress(stage, done, total)

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._watcher.notice(notice)


def _batches(
    pictures: Iterable[tuple[Path, Picture | PictureError]],
) -> Iterator[list[tuple[Path, Picture | PictureError]]]:
    batch: list[tuple[Path, Picture | PictureError]] = []
    for each in pictures:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
