"""The stages in order: `index` describes a portfolio, `compare` scores suspects against it.

folder - images - signals - store - marks                       (index)
suspect - images - signals - retrieve - compare - score - marks (compare; the report is written by the caller)
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from simcheck.cohort import reference_folder
from simcheck.compare import compare_with_store
from simcheck.errors import ModelUnreachable, PictureError, StoreError, UsageError
from simcheck.images import Reader, walk
from simcheck.index import IndexResult, index_portfolio
from simcheck.marks import MarkSearch, place_marks
from simcheck.parallel import thread_pool
from simcheck.portfolio import LEAST_WORKS, NO_PAIRS, describe_unrelated, unrelated_of
from simcheck.rates import Unrelated
from simcheck.records import Description, Notice, Picture, SignalIdentity, Skipped, Watcher
from simcheck.regions import describe
from simcheck.retrieve import Searcher, retrieve
from simcheck.run import CohortFacts, IndexFacts, QueryResult, Run, SignalUse
from simcheck.score import Scale, find
from simcheck.signals import load, names
from simcheck.signals.base import Settings, Signal
from simcheck.store import Store
from simcheck.store.folder import FILE_NAME

__all__ = ["Choice", "compare", "compare_pair", "index"]

CANDIDATES = 40
"""Works per suspect on which every signal is compared."""
BATCH = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """Which signals to use. ``only`` empty means all of them; ``model`` names the network of `clip`."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    model: str | None = None
    offline: bool = False

    def names(self) -> tuple[str, ...]:
        """Raises UsageError for a signal that nobody knows, also one that is only left out, and when none is left."""
        load((*self.only, *self.without))
        chosen = tuple(name for name in self.only or names() if name not in self.without)
        if not chosen:
            raise UsageError(f"Every signal is left out ({', '.join(self.without)}); leave at least one in.")
        return chosen

    def signals(self) -> dict[str, Signal]:
        settings = Settings(self.model, self.offline)
        return {name: kind.configured(settings) for name, kind in load(self.names()).items()}


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
    signals, missing = _prepared(choice.signals(), watcher)
    for signal_name, message in missing.items():
        watcher.notice(Notice("signal_missing", f"The signal {signal_name} is left out. {message}"))
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


def compare(
    suspects: Sequence[Path],
    path: Path,
    *,
    choice: Choice,
    candidates: int = CANDIDATES,
    command: Sequence[str] = (),
    watcher: Watcher,
) -> Run:
    """Compare suspects (files or folders) with the index at ``path``. Raises StoreMissing, PictureError and others.

    PictureError when not one suspect could be read.
    """
    with Store.open(path, watcher=watcher) as store, Reader() as reader:
        facts = IndexFacts(
            store.path, store.id, store.name, len(store.works()),
            store.created.isoformat(), store.updated.isoformat(), store.roots,
        )  # fmt: skip
        return _compare(suspects, store, reader, facts, choice, candidates, command, watcher)


def compare_pair(
    suspects: Sequence[Path],
    originals: Sequence[Path],
    *,
    choice: Choice,
    command: Sequence[str] = (),
    watcher: Watcher,
) -> Run:
    """Compare suspects with named pictures, through an index that is thrown away. Raises as `compare` does."""
    signals, missing = _prepared(choice.signals(), watcher)
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
        run = _compare(suspects, store, reader, None, choice, works, command, watcher)
    return replace(run, skipped=(*run.skipped, *result.skipped))


def _prepared(signals: Mapping[str, Signal], watcher: Watcher) -> tuple[dict[str, Signal], dict[str, str]]:
    """The signals that can work, and for the others why not. Weights that are there but wrong raise ModelError, and
    ModelUnreachable is raised when none of the signals can work."""
    ready: dict[str, Signal] = {}
    missing: dict[str, str] = {}
    for name, signal in signals.items():
        try:
            signal.prepare(watcher)
        except ModelUnreachable as error:
            missing[name] = str(error)
        else:
            ready[name] = signal
    if missing and not ready:
        raise ModelUnreachable(" ".join(missing.values()))
    return ready, missing


def _usable(
    store: Store, choice: Choice, watcher: Watcher, *, lasting: bool
) -> tuple[dict[str, Signal], list[SignalUse], list[Notice]]:
    """Signals that both the index and this computer have; what the others lack goes into the report.

    ``lasting`` is False for an index that was made for this one comparison: nobody can add to it.
    """
    stored = {identity.name for identity in store.identities()}
    wanted = choice.signals()
    ready, missing = _prepared({n: s for n, s in wanted.items() if n in stored or not lasting}, watcher)
    works = len(store.works())
    signals: dict[str, Signal] = {}
    uses: list[SignalUse] = []
    for name, signal in wanted.items():
        reason = missing.get(name)
        count = 0
        if reason and name in stored:
            reason += " If the index was made with another network, name that one with --model."
        elif not reason and name not in stored:
            reason = f"The index holds no {name} descriptors. Run `simcheck index` again to add them"
            reason += ", after `simcheck models pull`." if name == "clip" else "."
        elif not reason:
            count = store.described(signal.identity())
            if not count:
                reason = (
                    f"The index holds {name} descriptors of another version or other weights, which cannot be "
                    "compared with this one. Run `simcheck index` again to add these."
                )
        if reason:
            identity = signal.identity() if name in ready else SignalIdentity(name, signal.version)
            uses.append(SignalUse(identity, signal.claim, reason))
            continue
        signals[name] = signal
        uses.append(SignalUse(signal.identity(), signal.claim, None, count))
    notices = [
        Notice("signal_missing", f"This comparison ran without the signal {use.identity.name}. {use.missing}")
        for use in uses
        if use.missing
    ]
    notices += [
        Notice(
            "signal_incomplete",
            f"The signal {use.identity.name} has described {use.works_described} of {works} works. "
            "Run `simcheck index` again to describe the others.",
        )
        for use in uses
        if not use.missing and use.works_described < works
    ]
    return signals, uses, notices


def _compare(
    suspects: Sequence[Path],
    store: Store,
    reader: Reader,
    facts: IndexFacts | None,
    choice: Choice,
    candidates: int,
    command: Sequence[str],
    watcher: Watcher,
) -> Run:
    watch = _Recorder(watcher)
    found = walk(_absolute(suspects))  # the report may be opened, or made again, from anywhere
    works = {work.id: work for work in store.works()}
    if not works:
        raise StoreError(f"The index {store.path} holds no works. Run `simcheck index` with a folder of pictures.")
    signals, uses, notices = _usable(store, choice, watch, lasting=facts is not None)
    if not signals:
        raise StoreError(f"The index {store.path} cannot be compared with. {' '.join(n.message for n in notices)}")
    for notice in notices:
        watch.notice(notice)
    identities = {name: signal.identity() for name, signal in signals.items()}
    cohort = Unrelated.load(reference_folder())
    portfolio = unrelated_of(store) if facts else None
    if facts and portfolio is None and facts.works >= LEAST_WORKS:
        watch.notice(NO_PAIRS)
    scale = Scale.of(identities, {name: s.claim for name, s in signals.items()}, cohort, portfolio)
    searchers = {n: Searcher.open(store, s, identities[n], watch) for n, s in signals.items() if s.retrieval}
    search = MarkSearch(store, works, reader)
    skipped = list(found.skipped)
    queries: list[QueryResult] = []
    with thread_pool() as pool:
        for batch in _batches(reader.read_all(file.path for file in found.files)):
            pictures = [(path, picture) for path, picture in batch if isinstance(picture, Picture)]
            skipped += [Skipped(path, e.code, str(e)) for path, e in batch if isinstance(e, PictureError)]
            described: dict[str, list[Description]] = {
                name: describe([picture for _, picture in pictures], signal, query=True, pool=pool)
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
                findings = find(picture.facts, compared, works, scale)
                marks = search.results(picture, findings, pool)
                queries.append(QueryResult(path, picture.facts, tuple(findings), len(compared), marks))
            watch.progress("compare", len(queries) + len(skipped) - len(found.skipped), len(found.files))
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
        cohort=CohortFacts(cohort.name, cohort.works, len(cohort.scores), cohort.source),
        queries=tuple(queries),
        skipped=tuple(skipped),
        notices=tuple(watch.notices),
        marks=search.marks,
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
