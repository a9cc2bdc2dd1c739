"""From the folders of a portfolio to descriptors of every signal in its index; only what is new is described."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from simcheck.errors import ModelError, PictureError, SignalError, StoreError
from simcheck.images import FoundFile, Walk, walk
from simcheck.images.files import is_there
from simcheck.indexing.known import Known, Seen, may_hold_anything
from simcheck.indexing.pruning import plan_pruning
from simcheck.records import Description, Notice, Picture, SignalIdentity, Skipped, Watcher
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe_each
from simcheck.store import FileState, RunOutcome, Store, StoredFile
from simcheck.system.threads import thread_pool

__all__ = ["IndexResult", "PictureSource", "index_portfolio"]

BATCH = 16
"""Pictures that are described and committed together: what a killed run loses at most."""
CHUNK = 64
"""Files that are looked up, and if need be hashed, before their pictures are read; then progress is shown."""


class PictureSource(Protocol):
    """What `index_portfolio` needs of ``simcheck.images.Reader``."""

    def read_all(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Picture | PictureError]]: ...


@dataclass(frozen=True, slots=True)
class IndexResult:
    """What a run did, counted in files unless said otherwise."""

    new: int
    """Works whose bytes the index did not have."""
    known: int
    """Files whose bytes the index had from another path or an earlier date."""
    renamed: int
    """Old paths dropped, because their work is now found at another path."""
    updated: int
    """Works that were there and got descriptors of signals they lacked."""
    unchanged: int
    """The same bytes at the same path and date as before, nothing lacking; not even opened where the system tells."""
    pruned: int
    """Works forgotten, because no file leads to them any more."""
    missing: int
    """Paths in the index at which there was no file, after this run."""
    described: tuple[tuple[str, int], ...]
    """(signal, works described), in the order of the signals."""
    failed: tuple[tuple[str, int], ...]
    """(signal, works it failed on), only signals that did."""
    skipped: tuple[Skipped, ...]
    seconds: float
    undescribed: tuple[Skipped, ...] = ()
    """Works in the index that no signal of claim `copy` has anything to say about, as blank or tiny ones, and why."""
    on_black: int = 0
    """Works in the index that are drawn in white on nothing: they are shown on black."""


def index_portfolio(
    store: Store,
    roots: Sequence[Path],
    signals: Sequence[Signal],
    reader: PictureSource,
    watcher: Watcher,
    prune: bool = False,
    command: Sequence[str] = (),
    *,
    emptied: Sequence[Path] = (),
    found: Walk | None = None,
) -> IndexResult:
    """Bring ``store`` up to date with the pictures under ``roots`` (folders, or single files).

    ``prune`` forgets works whose files are gone, and descriptors of earlier versions of ``signals``; but not what may
    only be out of reach, as below a folder that is absent or empty, as an unplugged drive is, unless it is named in
    ``emptied``. ``found`` is what `walk` found under ``roots``, if that was asked already. Ctrl-C keeps all finished
    batches. Raises UsageError for a root that neither exists nor was ever indexed, and StoreError.
    """
    started = time.monotonic()
    places, empty = (tuple(dict.fromkeys(Path(os.path.abspath(p)) for p in paths)) for paths in (roots, emptied))  # noqa: PTH100 - resolves ".."
    absent = tuple(place for place in places if place in store.roots and not is_there(place))
    present = tuple(place for place in places if place not in absent)
    looked = (*present, *(place for place in absent if place in empty))
    found = found or walk(present)
    with store.batch() as batch:
        run_id = batch.start_run(command)
        for place in present:
            batch.put_root(place)
    with thread_pool() as pool:
        run = _Run(store, run_id, signals, reader, watcher, pool)
        try:
            run.take(found.files)
            run.settle(looked, found)
            for place in absent:
                if place not in empty:
                    watcher.notice(Notice("root_absent", _absent(place, prune)))
            if prune:
                run.prune(looked, found, empty)
            missing = sum(1 for _ in store.files(FileState.MISSING))
            run.finish(RunOutcome.DONE)
        except KeyboardInterrupt:
            run.finish(RunOutcome.INTERRUPTED)
            raise
        except StoreError:
            raise  # what cannot be written to cannot note its end either; the next writer marks the run as killed
        except BaseException:
            run.finish(RunOutcome.FAILED)
            raise
    return IndexResult(
        new=run.counts["new"],
        known=run.counts["known"],
        renamed=run.counts["renamed"],
        updated=run.counts["updated"],
        unchanged=run.counts["unchanged"],
        pruned=run.counts["pruned"],
        missing=missing,
        described=tuple((signal.name, run.described[signal.name]) for signal in signals),
        failed=tuple((signal.name, run.failed[signal.name]) for signal in signals if run.failed[signal.name]),
        skipped=(*found.skipped, *run.skipped),
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Files that hold the same bytes, if ``sha256`` is known, else one file. ``before`` is the row of the first."""

    sha256: str | None
    files: tuple[StoredFile, ...]
    before: StoredFile | None = None

    def with_file(self, file: StoredFile) -> _Group:
        return replace(self, files=(*self.files, file))

    def rest(self) -> list[_Group]:
        return [_Group(self.sha256, self.files[1:])] if self.files[1:] else []


class _Run:
    """One run over found files; the counts so far."""

    def __init__(
        self,
        store: Store,
        run_id: int,
        signals: Sequence[Signal],
        reader: PictureSource,
        watcher: Watcher,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._signals: Mapping[SignalIdentity, Signal] = {signal.identity(): signal for signal in signals}
        self._reader = reader
        self._watcher = watcher
        self._pool = pool
        self._out: set[SignalIdentity] = set()
        """Signals whose network failed on every picture of a batch; they sit out the rest of this run."""
        self._done = self._total = 0
        self.counts: Counter[str] = Counter()
        self.described: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.skipped: list[Skipped] = []
        self._unsettled: list[StoredFile] = []
        """Files of which nobody knows what they hold now."""
        self._kept: list[Path] = []
        """Paths of those of them that are still there: what is stored of these stays."""
        self._mounted: list[Path] = []
        """Paths on other volumes that were known before and are found again."""

    def take(self, files: Sequence[FoundFile]) -> None:
        self._total = len(files)
        self._progress(0)
        known = Known(self._store, self._run_id, files, self._pool)
        for start in range(0, len(files), CHUNK):
            self._read(self._settled(known.look_up(files[start : start + CHUNK])))

    def _settled(self, seen: Sequence[Seen]) -> list[_Group]:
        """Store what needs no reading. Returns the other files, those that hold the same bytes together."""
        groups: dict[str, _Group] = {}
        alone: list[_Group] = []
        rows: list[StoredFile] = []
        for each in seen:
            if each.file.mounted and each.before is not None:
                self._mounted.append(each.file.path)
            if each.refused is not None:
                rows += self._skip(each.file, each.before, each.refused)
            elif each.sha256 is None:
                alone.append(_Group(None, (each.file,), each.before))
            elif each.work_id is not None and not self._lacking(each.work_id):
                self.counts["unchanged" if each.unchanged else "known"] += 1
                rows.append(replace(each.file, work_id=each.work_id))
            elif each.sha256 in groups:
                groups[each.sha256] = groups[each.sha256].with_file(each.file)
            else:
                groups[each.sha256] = _Group(each.sha256, (each.file,), each.before)
        with self._store.batch() as batch:
            for row in rows:
                batch.put_file(row)
        waiting = [*groups.values(), *alone]
        self._progress(len(seen) - sum(len(group.files) for group in waiting))
        return waiting

    def _read(self, waiting: Sequence[_Group]) -> None:
        """Decode one file of each group and describe them, batch by batch."""
        ready: dict[str, tuple[Picture, list[StoredFile]]] = {}
        while waiting:
            again: list[_Group] = []  # other files with the same bytes, should the first be no good
            groups = {group.files[0].path: group for group in waiting}
            for path, picture in self._reader.read_all(list(groups)):
                group = groups[path]
                if isinstance(picture, PictureError):
                    with self._store.batch() as batch:
                        for file in self._skip(group.files[0], group.before, picture):
                            batch.put_file(file)
                    self._progress(1)
                    again += group.rest()
                    continue
                same = group.sha256 in (None, picture.facts.sha256)
                again += () if same else group.rest()  # the first was overwritten since it was hashed
                _, files = ready.setdefault(picture.facts.sha256, (picture, []))
                files += group.files if same else group.files[:1]
                if len(ready) >= BATCH:
                    self._describe(list(ready.values()))
                    ready = {}
            waiting = again
        if ready:
            self._describe(list(ready.values()))

    def _describe(self, ready: Sequence[tuple[Picture, Sequence[StoredFile]]]) -> None:
        ids = [self._store.id_of_bytes(picture.facts.sha256) for picture, _ in ready]
        lacking = [self._lacking(work_id) if work_id is not None else tuple(self._signals) for work_id in ids]
        results: list[tuple[int, SignalIdentity, Description | SignalError | ModelError]] = []
        for identity in self._signals:
            todo = [i for i, identities in enumerate(lacking) if identity in identities and identity not in self._out]
            outcomes = describe_each([ready[i][0] for i in todo], self._signals[identity], pool=self._pool)
            if todo and all(isinstance(outcome, ModelError) for outcome in outcomes):
                self._out.add(identity)
                message = f"{identity.name} could not run, and the index goes on without it: {outcomes[0]}"
                self._watcher.notice(Notice("signal_out", message))
                continue
            results += [(i, identity, outcome) for i, outcome in zip(todo, outcomes, strict=True)]
        with self._store.batch() as batch:
            work_ids = [batch.put_work(picture.facts) for picture, _ in ready]
            for work_id, (_, files) in zip(work_ids, ready, strict=True):
                for file in files:
                    batch.put_file(replace(file, work_id=work_id))
            for i, identity, outcome in results:
                if isinstance(outcome, Description):
                    batch.put_description(work_ids[i], identity, outcome)
                else:
                    batch.put_failure(work_ids[i], identity, str(outcome), self._run_id)
        for i, identity, outcome in results:
            if isinstance(outcome, Description):
                self.described[identity.name] += 1
            else:
                self.failed[identity.name] += 1
                message = f"{identity.name} could not describe {ready[i][1][0].path}: {outcome}"
                self._watcher.notice(Notice("signal_failed", message))
        for known_id, needed, (_, files) in zip(ids, lacking, ready, strict=True):
            first = "new" if known_id is None else "updated" if needed else "known"
            self.counts[first] += 1
            self.counts["known"] += len(files) - 1
        self._progress(sum(len(files) for _, files in ready))

    def settle(self, places: Sequence[Path], found: Walk) -> None:
        """What this run did not see under ``places`` was moved or is missing; what it could not look into is as it
        was."""
        spared = (*found.unseen, *self._kept)
        with self._store.batch() as batch:
            self.counts["renamed"] += batch.settle_unseen(self._run_id, places, spared)

    def prune(self, places: Sequence[Path], found: Walk, emptied: Sequence[Path]) -> None:
        """Only after all files are read and settled: then it is known which bytes are at which path."""
        plan = plan_pruning(self._store, places, found, self._unsettled, self._mounted, emptied)
        for notice in plan.notices:
            self._watcher.notice(notice)
        with self._store.batch() as batch:
            for file in plan.forgotten:
                batch.forget_file(file)
            self.counts["pruned"] += batch.forget_works_without_files()
            batch.forget_earlier_versions(list(self._signals))
            batch.forget_roots_without_files(kept=[place for place in places if is_there(place)])

    def finish(self, outcome: RunOutcome) -> None:
        counts = {**self.counts, "skipped": len(self.skipped), "described": dict(self.described)}
        with self._store.batch() as batch:
            batch.finish_run(self._run_id, outcome, counts)

    def _skip(self, file: StoredFile, before: StoredFile | None, error: PictureError) -> list[StoredFile]:
        """Note that the file could not be read. Returns what is to be stored of it, if anything."""
        self.skipped.append(Skipped(file.path, error.code, str(error)))
        if file.work_id is not None or file.state is FileState.SKIPPED:
            return [file]  # as it was: described already by other signals, or refused before
        unsettled = may_hold_anything(error.code)
        if unsettled:
            self._unsettled.append(file)
        if error.code == "vanished":
            return []  # as if the walk had not found it
        if unsettled and before is not None and before.work_id is not None:
            self._kept.append(file.path)
            return []
        return [replace(file, state=FileState.SKIPPED, code=error.code, reason=str(error))]

    def _lacking(self, work_id: int) -> tuple[SignalIdentity, ...]:
        running = [identity for identity in self._signals if identity not in self._out]
        return self._store.lacking(work_id, running)

    def _progress(self, more: int) -> None:
        self._done += more
        self._watcher.progress("index", self._done, self._total)


def _absent(place: Path, prune: bool) -> str:
    message = f"{place} is not there (a drive that is not connected?). Its works stay in the index as they were"
    message += ", and nothing of it was pruned." if prune else "."
    message += " Connect it and run again to update them"
    return message + (f"; if it is gone for good, add: --emptied {place}" if prune else ".")
