"""The stages in order: `index` describes a portfolio, `compare` scores suspects against it.

folder - images - signals - store - marks                                 (index)
suspect - images - signals - retrieve - compare - score - marks - line-up (compare; the caller writes the report)
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from simcheck import style
from simcheck.calibrate import Calibration
from simcheck.choice import Choice, prepared, usable
from simcheck.cohort import reference_folder
from simcheck.compare import PATCHES, compare_with_store
from simcheck.elements import element_map, measurable
from simcheck.errors import PictureError, StoreError
from simcheck.images import Reader, walk
from simcheck.index import IndexResult, index_portfolio
from simcheck.line_up import CLIP, SIGNALS, Cohort
from simcheck.marks import MarkSearch, place_marks
from simcheck.panels import find_panels
from simcheck.parallel import thread_pool
from simcheck.pattern import calibration_facts, together
from simcheck.portfolio import LEAST_WORKS, NO_PAIRS, describe_unrelated, unrelated_of
from simcheck.rates import Unrelated
from simcheck.records import Description, Notice, Picture, Skipped, Watcher
from simcheck.regions import describe
from simcheck.retrieve import Searcher, retrieve
from simcheck.run import IndexFacts, QueryResult, Run
from simcheck.scope import out_of_scope
from simcheck.score import Scale, find
from simcheck.signals.base import Signal
from simcheck.store import Store
from simcheck.store.folder import FILE_NAME

__all__ = ["Choice", "compare", "compare_pair", "index", "index_cohort"]

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


def index(
    roots: Sequence[Path],
    path: Path,
    *,
    name: str,
    choice: Choice,
    prune: bool = False,
    wait_seconds: float = 600,
    command: Sequence[str] = (),
    watcher: Watcher,
) -> IndexResult:
    """Bring the index at ``path`` up to date with the portfolio under ``roots``; make it when there is none.

    A signal whose weights cannot be had is left out with a notice; a later run adds only that one.
    Raises UsageError, StoreError, PictureError when the index would hold no work, and ModelError for weights that are
    there but wrong, or that cannot be had when no other signal is chosen.
    """
    if not (path / FILE_NAME).is_file() and not (found := walk(_absolute(roots))).files:
        raise _no_picture(roots, found.skipped)  # a slip of the keyboard should leave no empty index behind
    started = time.monotonic()
    signals = _ready(choice, watcher)
    with (
        Store.open(path, write=True, create=True, name=name, wait_seconds=wait_seconds, watcher=watcher) as store,
        Reader() as reader,
    ):
        result = index_portfolio(store, roots, list(signals.values()), reader, watcher, prune, command)
        for signal in signals.values():
            if signal.retrieval:
                Searcher.open(store, signal, signal.identity(), watcher)
        describe_unrelated(store, signals, reader, watcher)
        place_marks(store, reader, watcher)
        if not store.works():
            raise _no_picture(roots, result.skipped)
    return replace(result, seconds=time.monotonic() - started)


def index_cohort(
    roots: Sequence[Path],
    path: Path,
    *,
    name: str,
    model: str | None = None,
    offline: bool = False,
    wait_seconds: float = 600,
    command: Sequence[str] = (),
    watcher: Watcher,
) -> IndexResult:
    """Describe works by others, of the person's own tradition, to hold suspects against. Raises as `index` does.

    With `clip` as well where weights are there: what ships was described without.
    """
    if not (path / FILE_NAME).is_file() and not (found := walk(_absolute(roots))).files:
        raise _no_picture(roots, found.skipped)
    signals = list(_ready(Choice(only=(*SIGNALS, CLIP), model=model, offline=offline), watcher).values())
    with (
        Store.open(path, write=True, create=True, name=name, wait_seconds=wait_seconds, watcher=watcher) as store,
        Reader() as reader,
    ):
        result = index_portfolio(store, roots, signals, reader, watcher, command=command)
        for signal in signals:
            if signal.retrieval:
                Searcher.open(store, signal, signal.identity(), watcher)
        if not store.works():
            raise _no_picture(roots, result.skipped)
    return result


def _ready(choice: Choice, watcher: Watcher) -> dict[str, Signal]:
    """The chosen signals whose weights are there; of the others the person is told."""
    signals, missing = prepared(choice.signals(), watcher)
    for name, message in missing.items():
        watcher.notice(Notice("signal_missing", f"The signal {name} is left out. {message}"))
    return signals


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
                f"Nothing to compare with ({_reasons(result.skipped)}). Name readable pictures after --with.",
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
    found = walk(_absolute(suspects))  # the report may be opened, or made again, from anywhere
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
            f"No suspect could be read ({_reasons(skipped)}). Name picture files, or folders that hold some."
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


def _absolute(paths: Sequence[Path]) -> list[Path]:
    return [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - resolves ".." without following links


def _no_picture(roots: Sequence[Path], skipped: Sequence[Skipped]) -> PictureError:
    places = ", ".join(map(str, _absolute(roots)))
    return PictureError(f"No picture could be read in {places} ({_reasons(skipped)}). Name a folder that holds some.")


def _reasons(skipped: Sequence[Skipped]) -> str:
    told = "; ".join(each.reason for each in skipped[:3])
    return f"{told}; and {len(skipped) - 3} more" if len(skipped) > 3 else told or "no picture is there"


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
