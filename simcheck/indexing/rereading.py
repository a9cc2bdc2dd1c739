"""Works whose files this simcheck reads otherwise than the one that described them: read and described again.

A work keeps its bytes, but pixels are what a decoder makes of them. Where a file gives other facts than before (its
transparency lies on another ground, another of its pages is the picture), everything that was seen in it is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simcheck.images import read_otherwise
from simcheck.indexing.portfolio import PictureSource
from simcheck.records import Description, FileFacts, Picture, Watcher
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe_each
from simcheck.store import Store
from simcheck.system.threads import thread_pool

__all__ = ["Reread", "read_again"]

BATCH = 16
"""Works that are read, described and committed together."""


@dataclass(frozen=True, slots=True)
class Reread:
    changed: tuple[Path, ...]
    """Works that look otherwise now; they were described again."""
    absent: int
    """Works that may look otherwise, but whose files are not as they were; a later run tries again."""


def read_again(store: Store, signals: Sequence[Signal], reader: PictureSource, watcher: Watcher) -> Reread:
    """Look again at the works that may be read otherwise; each is looked at once. Raises StoreError."""
    waiting = [work for work in store.works() if read_otherwise(work.facts)]
    changed: list[Path] = []
    absent = 0
    with thread_pool() as pool:
        for start in range(0, len(waiting), BATCH):
            watcher.progress("read works again", start, len(waiting))
            works = {work.paths[0]: work for work in waiting[start : start + BATCH]}
            seen = [(works[path], found) for path, found in reader.read_all(list(works))]
            here = [(w, p) for w, p in seen if isinstance(p, Picture) and p.facts.sha256 == w.facts.sha256]
            absent += len(seen) - len(here)
            new = [(work, picture) for work, picture in here if not _as_before(work.facts, picture.facts)]
            said = [(s.identity(), describe_each([p for _, p in new], s, pool=pool)) for s in signals] if new else []
            with store.batch() as batch:
                for _, picture in here:
                    batch.put_work(picture.facts)
                for number, (work, _) in enumerate(new):
                    batch.forget_descriptions(work.id)
                    for identity, outcomes in said:
                        # a signal that failed is tried again by the next run, which says so
                        if isinstance(outcome := outcomes[number], Description):
                            batch.put_description(work.id, identity, outcome)
            changed += [work.paths[0] for work, _ in new]
    if waiting:
        watcher.progress("read works again", len(waiting), len(waiting))
    return Reread(tuple(changed), absent)


def _as_before(before: FileFacts, now: FileFacts) -> bool:
    """Whether the same was done to the file; by which version of a library does not matter."""
    return replace(before, decoder=now.decoder) == now
