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

from simcheck import __version__
from simcheck.errors import ModelError, PictureError, SignalError, StoreError
from simcheck.images import FoundFile, Walk, hash_file, walk
from simcheck.records import Description, Notice, Picture, SignalIdentity, Skipped, Watcher
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe_each
from simcheck.store import FileState, RunOutcome, Store, StoredFile
from simcheck.system.threads import thread_pool

__all__ = ["IndexResult", "PictureSource", "index_portfolio"]

BATCH = 16
"""Pictures that are described and committed together: what a killed run loses at most."""
CHUNK = 512
"""Files that are looked up, and if need be hashed, before their pictures are read."""

_NOT_GONE = ("already_read", "vanished")
"""Codes of a walk's skipped places below which files are no longer there; below the others they may be."""

_WORTH_ANOTHER_TRY = ("no_decoder", "no_permission", "out_of_memory", "unreadable")
"""Codes of skipped files that may be readable by now though size and date are the same."""


class PictureSource(Protocol):
    """What `index_portfolio` needs of ``simcheck.images.Reader``."""

    def read_all(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Picture | PictureError]]: ...


@dataclass(frozen=True, slots=True)
class IndexResult:
    """What a run did, counted in files unless said otherwise."""

    new: int
    """Works whose bytes the index did not have."""
    known: int
    """Read, but the index had these very bytes from another path or an earlier date."""
    renamed: int
    """Old paths dropped, because their work is now found at another path."""
    updated: int
    """Works that were there and got descriptors of signals they lacked."""
    unchanged: int
    """Not even opened: same size and date as before, nothing lacking."""
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


def index_portfolio(
    store: Store,
    roots: Sequence[Path],
    signals: Sequence[Signal],
    reader: PictureSource,
    watcher: Watcher,
    prune: bool = False,
    command: Sequence[str] = (),
) -> IndexResult:
    """Bring ``store`` up to date with the pictures under ``roots`` (folders, or single files).

    ``prune`` forgets works whose files are gone, and descriptors of earlier versions of ``signals``; but never what
    lay under a root that is itself absent or empty, as an unplugged drive is. Ctrl-C keeps all finished batches.
    Raises UsageError for a root that neither exists nor was ever indexed, and StoreError.
    """
    started = time.monotonic()
    places = tuple(dict.fromkeys(Path(os.path.abspath(root)) for root in roots))  # noqa: PTH100 - resolves ".."
    absent = tuple(place for place in places if not place.exists() and place in store.roots)
    present = tuple(place for place in places if place not in absent)
    found = walk(present)
    with store.batch() as batch:
        run_id = batch.start_run(command)
        for place in present:
            batch.put_root(place)
    with thread_pool() as pool:
        run = _Run(store, run_id, signals, reader, watcher, pool)
        try:
            run.take(found.files)
            run.settle(present, _spared(found))
            for place in absent:
                watcher.notice(Notice("root_absent", _absent(place, prune)))
            if prune:
                run.prune(present, found)
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
        **{name: run.counts[name] for name in ("new", "known", "renamed", "updated", "unchanged", "pruned")},
        missing=missing,
        described=tuple((signal.name, run.described[signal.name]) for signal in signals),
        failed=tuple((signal.name, run.failed[signal.name]) for signal in signals if run.failed[signal.name]),
        skipped=(*found.skipped, *run.skipped),
        seconds=time.monotonic() - started,
    )


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
        self._roots = store.roots
        self._out: set[SignalIdentity] = set()
        """Signals whose network failed on every picture of a batch; they sit out the rest of this run."""
        self._done = self._total = 0
        self.counts: Counter[str] = Counter()
        self.described: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.skipped: list[Skipped] = []

    def take(self, files: Sequence[FoundFile]) -> None:
        self._total = len(files)
        self._progress(0)
        for start in range(0, len(files), CHUNK):
            self._read(self._look_up(files[start : start + CHUNK]))

    def _look_up(self, files: Sequence[FoundFile]) -> dict[str, list[StoredFile]]:
        """Settle the files that need no reading. Returns the others by the SHA-256 of their bytes."""
        wanted: dict[str, list[StoredFile]] = {}
        settled: list[StoredFile] = []
        for found in files:
            file, before = self._row(found)
            unchanged = before is not None and (before.size_bytes, before.mtime_ns) == (file.size_bytes, file.mtime_ns)
            if before is not None and unchanged and _still_skipped(before):
                self.skipped.append(Skipped(file.path, before.code, before.reason))
                settled.append(replace(before, run_id=self._run_id))
                continue
            if before is not None and unchanged and before.work_id is not None:
                file = replace(file, work_id=before.work_id)
                sha256 = self._store.bytes_of_id(before.work_id)
            else:
                unchanged = False
                try:
                    sha256 = hash_file(file.path)
                except PictureError as error:
                    settled += self._skip(file, error)
                    continue
            work_id = self._store.id_of_bytes(sha256)
            if work_id is not None and not self._lacking(work_id):
                self.counts["unchanged" if unchanged else "known"] += 1
                settled.append(replace(file, work_id=work_id))
            else:
                wanted.setdefault(sha256, []).append(file)
        with self._store.batch() as batch:
            for file in settled:
                batch.put_file(file)
        self._progress(len(files) - sum(map(len, wanted.values())))
        return wanted

    def _read(self, wanted: dict[str, list[StoredFile]]) -> None:
        """Decode one file of each work and describe them, batch by batch."""
        ready: list[tuple[Picture, list[StoredFile]]] = []
        while wanted:
            again: dict[str, list[StoredFile]] = {}  # other files with the same bytes, should the first be no good
            sources = {files[0].path: sha256 for sha256, files in wanted.items()}
            for path, picture in self._reader.read_all(list(sources)):
                sha256 = sources[path]
                files = wanted[sha256]
                if isinstance(picture, PictureError):
                    with self._store.batch() as batch:
                        for file in self._skip(files[0], picture):
                            batch.put_file(file)
                    self._progress(1)
                elif picture.facts.sha256 == sha256:
                    ready.append((picture, files))
                    files = []
                else:  # overwritten since it was hashed
                    ready.append((picture, files[:1]))
                if files[1:]:
                    again[sha256] = files[1:]
                if len(ready) >= BATCH:
                    self._describe(ready)
                    ready = []
            wanted = again
        if ready:
            self._describe(ready)

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
        for before in ids:
            self.counts["new" if before is None else "updated"] += 1
        self.counts["known"] += sum(len(files) - 1 for _, files in ready)
        self._progress(sum(len(files) for _, files in ready))

    def settle(self, present: Sequence[Path], spared: Sequence[Path]) -> None:
        """What this run did not see under ``present`` was moved or is missing; below ``spared`` it is as it was."""
        with self._store.batch() as batch:
            self.counts["renamed"] += batch.settle_unseen(self._run_id, present, spared)

    def prune(self, present: Sequence[Path], found: Walk) -> None:
        with self._store.batch() as batch:
            for place in present:
                if not found.files or not any(file.path.is_relative_to(place) for file in found.files):
                    message = f"Nothing was pruned under {place}: there is no picture in it at all. If it belongs to a "
                    message += "drive, connect it and run again."
                    self._watcher.notice(Notice("prune_refused", message))
                    continue
                batch.forget_missing(place, _spared(found))
            self.counts["pruned"] += batch.forget_works_without_files()
            batch.forget_earlier_versions(list(self._signals))
            batch.forget_roots_without_files(kept=present)

    def finish(self, outcome: RunOutcome) -> None:
        counts = {**self.counts, "skipped": len(self.skipped), "described": dict(self.described)}
        with self._store.batch() as batch:
            batch.finish_run(self._run_id, outcome, counts)

    def _row(self, found: FoundFile) -> tuple[StoredFile, StoredFile | None]:
        """The file as it will be stored if all is well, and as it is stored now, under whichever root that is."""
        path, root = found.path, found.root
        before = None
        for known in self._roots:
            if path.is_relative_to(known) and (before := self._store.file(known, path.relative_to(known))):
                root = known
                break
        relative = path.relative_to(root)
        now = StoredFile(root, relative, found.size, found.mtime_ns, FileState.OK, self._run_id, __version__)
        return now, before

    def _skip(self, file: StoredFile, error: PictureError) -> list[StoredFile]:
        """Note that the file could not be read. Returns what is to be stored of it, if anything."""
        self.skipped.append(Skipped(file.path, error.code, str(error)))
        if error.code == "vanished":
            return []  # as if the walk had not found it
        if file.work_id is not None:
            return [file]  # unchanged, and already described by other signals: that stays good
        return [replace(file, state=FileState.SKIPPED, code=error.code, reason=str(error))]

    def _lacking(self, work_id: int) -> tuple[SignalIdentity, ...]:
        running = [identity for identity in self._signals if identity not in self._out]
        return self._store.lacking(work_id, running)

    def _progress(self, more: int) -> None:
        self._done += more
        self._watcher.progress("index", self._done, self._total)


def _still_skipped(file: StoredFile) -> bool:
    """Whether reading it again would fail again: same bytes, same simcheck, and a reason that lies in the bytes."""
    return file.state is FileState.SKIPPED and file.simcheck == __version__ and file.code not in _WORTH_ANOTHER_TRY


def _spared(found: Walk) -> tuple[Path, ...]:
    return tuple(skipped.path for skipped in found.skipped if skipped.code not in _NOT_GONE)


def _absent(place: Path, prune: bool) -> str:
    message = f"{place} is not there (a drive that is not connected?). Its works stay in the index as they were"
    return message + (", and nothing of it was pruned." if prune else ".") + " Connect it and run again to update them."
