"""Where the works of an index bear its marks: looked for when a mark is added, and in new works at every indexing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import PictureError, StoreError
from simcheck.images import Reader
from simcheck.provenance.marks.ink import Ink, ink_of
from simcheck.provenance.marks.states import METHOD, find_in
from simcheck.records import Picture, Skipped, Watcher, Work
from simcheck.records.marks import Mark
from simcheck.store import Store
from simcheck.system.threads import thread_pool

__all__ = ["Placing", "inks_of", "place_marks"]

BATCH = 8


@dataclass(frozen=True, slots=True)
class Placing:
    """What a search of the works did: works searched (each for all marks it lacked), and those not read."""

    searched: int
    skipped: tuple[Skipped, ...]


def inks_of(store: Store) -> dict[int, Ink]:
    """Mark id -> its ink. Raises StoreError for a picture that is no mark (any more)."""
    inks: dict[int, Ink] = {}
    for mark in store.marks():
        try:
            if hashlib.sha256(mark.picture).hexdigest() != mark.sha256:
                raise PictureError("it is not as it was added", "damaged_mark")
            inks[mark.id] = ink_of(mark.picture)
        except (PictureError, OSError) as error:
            raise StoreError(
                f"The picture of the mark {mark.name!r} in the index {store.path} cannot be used ({error}). Take it "
                f"out with `simcheck marks remove {mark.name!r}`, then add it again."
            ) from error
    return inks


def place_marks(store: Store, reader: Reader, watcher: Watcher) -> Placing:
    """Look for every mark in every work in which it has not been looked for. What is finished is kept."""
    marks = store.marks()
    wanted: dict[int, list[Mark]] = {}
    works: dict[int, Work] = {}
    for mark in marks:
        for work in store.unsearched(mark.id, METHOD):
            works[work.id] = work
            wanted.setdefault(work.id, []).append(mark)
    inks = inks_of(store)
    skipped: list[Skipped] = []
    order = list(works.values())
    searched = 0
    with thread_pool() as pool:
        for start in range(0, len(order), BATCH):
            watcher.progress("look for marks", start, len(order))
            searched += _batch(store, reader, order[start : start + BATCH], wanted, inks, skipped, pool)
    if order:
        watcher.progress("look for marks", len(order), len(order))
    return Placing(searched, tuple(skipped))


def _batch(
    store: Store,
    reader: Reader,
    works: Sequence[Work],
    wanted: Mapping[int, Sequence[Mark]],
    inks: Mapping[int, Ink],
    skipped: list[Skipped],
    pool: ThreadPoolExecutor,
) -> int:
    read = dict(reader.read_all([work.paths[0] for work in works]))
    jobs = []
    count = 0
    for work in works:
        picture = read[Path(work.paths[0])]
        if isinstance(picture, Picture) and picture.facts.sha256 == work.facts.sha256:
            jobs += [(work, mark, picture.pixels) for mark in wanted[work.id]]
            count += 1
        elif isinstance(picture, PictureError):
            skipped.append(Skipped(work.paths[0], picture.code, str(picture)))
        else:
            why = f"{work.paths[0]}: it has changed since it was indexed; run `simcheck index` again"
            skipped.append(Skipped(work.paths[0], "changed", why))
    found = list(pool.map(lambda job: find_in(inks[job[1].id], job[2]), jobs))
    with store.batch() as batch:
        for (work, mark, _), (score, place) in zip(jobs, found, strict=True):
            batch.put_mark_place(mark.id, work.id, METHOD, score, place)
    return count
