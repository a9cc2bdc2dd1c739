"""Search files in line with the index: what is missing is added, what is damaged made again, and many become few.

SQLite is the truth, and each file says of which descriptions it was made (`segments`). To add one work to ten thousand
costs one small file; when there are many of them, or much in them is of works that have changed or gone, they are
written together, without a look at the descriptors. Two programs may do this at once: either's files are right, and a
work that is in two of them is read from one. A folder that cannot be written to is no obstacle: what is missing is then
kept in memory for this run.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import StoreError
from simcheck.records import Notice, SignalIdentity, Watcher
from simcheck.retrieval.segments import SUFFIX, Segment, Vectors, named, read, together, write
from simcheck.signals.base import Signal
from simcheck.store import REPAIR, Store

__all__ = ["MOST_SEGMENTS", "Live", "faults_of", "in_memory", "kept_beside"]

MOST_SEGMENTS = 8
"""Files of one signal. The ninth makes one of all but the largest or, where that holds no more than half, of all."""
MOST_DEAD = 0.25
"""Share of vectors that are passed over, from which on files are written together."""
LEFT_SECONDS = 24 * 3600
"""Age from which a file that was begun is nobody's any more."""
EARLIER = (".faiss", ".npy")
"""What search files were called before they were sealed."""


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """A segment, and which of its works are to be found in it."""

    segment: Segment
    works: NDArray[np.bool_]

    def ids(self) -> list[int]:
        return [int(work) for work in self.segment.works[self.works]]

    @property
    def rows(self) -> int:
        """How many of its vectors are searched."""
        return int(np.diff(self.segment.starts)[self.works].sum())


def in_memory(store: Store, signal: Signal, identity: SignalIdentity, watcher: Watcher) -> list[Live]:
    """The vectors of all works, in one segment without a file. Raises StoreError."""
    segment = together(list(_gathered(store, signal, identity, store.seals(identity), watcher)))
    return [_whole(segment)]


def kept_beside(store: Store, signal: Signal, identity: SignalIdentity, watcher: Watcher) -> list[Live]:
    """The vectors of all works, from files beside the index, which are brought in line with it first.

    Raises StoreError for descriptors that cannot be read.
    """
    stem = store.derived_path(identity, "")
    there = list(store.path.iterdir())  # before the seals: what these do not know is older than they are, and dead
    seals = store.seals(identity)
    files = [file for file in there if file.name.startswith(f"{stem.name}-") and file.suffix == SUFFIX]
    segments = [_read(file, store, signal, identity, seals, watcher) for file in sorted(files)]
    live = _shared_out([segment for segment in segments if segment], seals)
    found = {work for each in live for work in each.ids()}
    lacking = {work: seal for work, seal in seals.items() if work not in found}
    if lacking:
        new = lambda: _gathered(store, signal, identity, lacking, watcher)  # noqa: E731
        live.append(_written(named(stem, list(lacking.items())), identity, new, watcher))
    merged = _to_merge(live)
    if merged:
        works = [(work, seals[work]) for each in merged for work in each.ids()]
        there += [each.segment.path for each in live if each.segment.path]
        live = [each for each in live if each not in merged]
        live.append(_written(named(stem, works), identity, lambda: _rows_of(merged), watcher))
    _tidy(store, stem, set(there) - {each.segment.path for each in live})
    return live


def faults_of(store: Store, signals: Mapping[SignalIdentity, Signal], watcher: Watcher) -> tuple[dict[Path, str], int]:
    """The search files that are damaged or altered, with what is wrong, and how many there are.

    Of ``signals`` every vector is held against the descriptors; of others only digests are compared. Raises StoreError.
    """
    wrong: dict[Path, str] = {}
    files = sorted(file for file in store.path.iterdir() if file.suffix == SUFFIX)
    stems = {store.derived_path(identity, "").name: identity for identity in signals}
    for done, file in enumerate(files, 1):
        identity = stems.get(file.stem.rpartition("-")[0])
        try:
            segment = read(file, identity)
            if identity:
                _hold_against(store, signals[identity], identity, segment, store.seals(identity), most=None)
        except (OSError, ValueError) as error:
            wrong[file] = str(error)
        watcher.progress("check search files", done, len(files))
    return wrong, len(files)


def _read(
    file: Path, store: Store, signal: Signal, identity: SignalIdentity, seals: Mapping[int, str], watcher: Watcher
) -> Segment | None:
    """None for a file that is gone by now, or no good: then its works lack their vectors, and get them again."""
    try:
        segment = read(file, identity)
        _hold_against(store, signal, identity, segment, seals, most=1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        message = f"The search file {file} is damaged or was altered ({error}); it is made again from the index."
        watcher.notice(Notice("derived_damaged", message))
        return None
    return segment


def _hold_against(
    store: Store, signal: Signal, identity: SignalIdentity, segment: Segment, seals: Mapping[int, str], most: int | None
) -> None:
    """Hold vectors of ``most`` works against their descriptions: who alters a file can make its digest anew as well.

    Raises ValueError.
    """
    works = list(zip(segment.works.tolist(), segment.seals, strict=True))
    if segment.path != named(store.derived_path(identity, ""), works):
        raise ValueError("it holds other works than its name says")
    places = [p for p, (work, seal) in enumerate(works) if seals.get(work) == seal and len(segment.of(p)[2])][:most]
    read = {work: rows for work, _, rows in _gathered(store, signal, identity, dict(works[place] for place in places))}
    for work, _, rows in map(segment.of, places):
        right = read.get(work, rows)
        if rows.shape != right.shape or not np.allclose(rows, right, atol=1e-5):
            raise ValueError(f"the vectors of work {work} are not those of its description")


def _shared_out(segments: Sequence[Segment], seals: Mapping[int, str]) -> list[Live]:
    """Of each work the vectors of its present description, from the largest segment that has them."""
    seen: set[int] = set()
    live = []
    for segment in sorted(segments, key=lambda each: len(each.vectors), reverse=True):
        kept = np.zeros(len(segment.works), np.bool_)
        for place, work in enumerate(segment.works.tolist()):
            if work not in seen and seals.get(work) == segment.seals[place]:
                seen.add(work)
                kept[place] = True
        if kept.any():
            live.append(Live(segment, kept))
    return live


def _to_merge(live: Sequence[Live]) -> list[Live]:
    if not live or any(each.segment.path is None for each in live):
        return []  # there is nothing, or nothing can be written here
    searched = sum(each.rows for each in live)
    if sum(len(each.segment.vectors) for each in live) - searched > MOST_DEAD * searched:
        return list(live)
    if len(live) <= MOST_SEGMENTS:
        return []
    largest = max(live, key=lambda each: each.rows)
    return [each for each in live if each is not largest or 2 * largest.rows <= searched]


def _rows_of(live: Sequence[Live]) -> Iterator[Vectors]:
    for each in live:
        for place in np.flatnonzero(each.works):
            yield each.segment.of(int(place))


def _gathered(
    store: Store, signal: Signal, identity: SignalIdentity, seals: Mapping[int, str], watcher: Watcher | None = None
) -> Iterator[Vectors]:
    """From the descriptors of these works."""
    dimension = 0
    for done, (work, description) in enumerate(store.descriptions(identity, list(seals)), 1):
        try:
            parts = [signal.vectors(descriptor, query=False) for descriptor in description.descriptors]
            rows = np.concatenate(parts).astype(np.float32, copy=False)
            if len(rows) and (rows.shape[1] != (dimension or rows.shape[1]) or not np.isfinite(rows).all()):
                raise ValueError(f"its vectors are not {dimension or rows.shape[1]} numbers each")
        except (ValueError, IndexError, TypeError, OverflowError) as error:
            raise StoreError(
                f"The index {store.path} is damaged: what {signal.name} says of work {work} cannot be searched "
                f"({error}). Your pictures are not touched. {REPAIR}"
            ) from error
        dimension = dimension or (rows.shape[1] if len(rows) else 0)
        yield work, seals[work], rows
        if watcher:
            watcher.progress(f"search file for {signal.name}", done, len(seals))


def _written(path: Path, identity: SignalIdentity, parts: Callable[[], Iterator[Vectors]], watcher: Watcher) -> Live:
    """These parts in a file; in memory where none can be written."""
    try:
        write(path, identity, parts())
        return _whole(read(path, identity))
    except (OSError, ValueError) as error:
        watcher.notice(
            Notice(
                "derived_not_written",
                f"The search file {path} could not be written ({error}); "
                "it was built in memory and will be built again next time.",
            )
        )
        return _whole(together(list(parts())))


def _whole(segment: Segment) -> Live:
    return Live(segment, np.ones(len(segment.works), np.bool_))


def _tidy(store: Store, stem: Path, idle: Collection[Path]) -> None:
    """Delete what nothing reads: files of this signal that are not in use, those of descriptors that are not there, and
    the beginnings that a killed program left."""
    others = {store.derived_path(identity, "").name for identity in store.identities()} - {stem.name}
    for file in idle:
        ours = file.suffix in (SUFFIX, *EARLIER) and re.fullmatch(r".+-[0-9a-f]{12}-[0-9a-f]{12}", file.stem)
        if ours and not file.name.startswith(tuple(f"{other}-" for other in others)):
            with contextlib.suppress(OSError):  # Windows keeps a mapped file; the next run deletes it
                file.unlink(missing_ok=True)
        if file.suffix == ".part" and SUFFIX in file.name:
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > LEFT_SECONDS:
                    file.unlink()
