"""Add marks to an index, list and remove them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from simcheck.errors import UsageError
from simcheck.images import Reader
from simcheck.images.files import shown
from simcheck.provenance.marks.ink import MarkPicture, read_mark
from simcheck.provenance.marks.places import Placing, place_marks
from simcheck.provenance.marks.recurring import LEAST_WORKS, MOST_WORKS, recurring
from simcheck.records import Picture, Skipped, Watcher
from simcheck.records.marks import Mark
from simcheck.store import Store

__all__ = ["Added", "Borne", "add", "add_recurring", "listed", "remove"]

Borne = tuple[Mark, int]
"""A mark and how many works bear it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was added, and the works in which nothing could be looked for."""

    marks: tuple[Borne, ...]
    placing: Placing


def add(path: Path, files: Sequence[Path], *, wait_seconds: float = 600, watcher: Watcher) -> Added:
    """Store the marks of ``files``, each called after its file, all or none, and find the works that bear them.

    Raises UsageError for a file that is not there, or whose mark the index has already, PictureError for one that shows
    no mark, and StoreError. Ctrl-C while works are searched keeps the marks and what was found; the next `simcheck
    index` goes on.
    """
    for file in files:
        if not os.path.exists(file):  # noqa: PTH110 - False, not an error, for a name that no system allows
            raise UsageError(f"{shown(file)} does not exist. Name the picture of your mark; nothing was added.")
    with ExitStack() as opened:
        reader = opened.enter_context(Reader())
        read = [(file, reader.ask(read_mark, file, shown(file))) for file in files]
        store = opened.enter_context(Store.open(path, write=True, wait_seconds=wait_seconds, watcher=watcher))
        known = {mark.sha256: mark.name for mark in store.marks()}
        chosen: list[tuple[str, MarkPicture]] = []
        for file, picture in read:
            name = file.stem.encode("utf-8", "backslashreplace").decode()  # may hold bytes that are no text
            if picture.sha256 in known:
                raise UsageError(
                    f"{file} is in the index already, as the mark {known[picture.sha256]!r}. Nothing was added."
                )
            if name in known.values():
                raise UsageError(
                    f"The index has another mark called {name!r}. Rename {file}, or take the other away with: "
                    f"simcheck marks remove {name!r}. Nothing was added."
                )
            known[picture.sha256] = name
            chosen.append((name, picture))
        with store.batch() as batch:
            ids = [batch.put_mark(name, made.sha256, made.png, "given") for name, made in chosen]
        placing = place_marks(store, reader, watcher)
        return Added(tuple(each for each in _borne(store) if each[0].id in ids), placing)


def add_recurring(path: Path, *, wait_seconds: float = 600, watcher: Watcher) -> Added:
    """Store the mark that recurs at the same place over the works, if there is one; ``marks`` is empty otherwise.

    Raises UsageError when the index has too few works to tell, or has this mark already, and StoreError.
    """
    with Store.open(path, write=True, wait_seconds=wait_seconds, watcher=watcher) as store, Reader() as reader:
        works = store.works()
        if len(works) < LEAST_WORKS:
            raise UsageError(
                f"To find a mark by itself, simcheck needs at least {LEAST_WORKS} works; the index {path} has "
                f"{len(works)}. Give the mark's picture instead: simcheck marks add signature.png"
            )
        chosen = works[:: -(-len(works) // MOST_WORKS)]
        read = reader.read_all([work.paths[0] for work in chosen])
        pictures: list[Picture] = []
        skipped: list[Skipped] = []
        for done, (file, picture) in enumerate(read):
            watcher.progress("read works", done, len(chosen))
            if isinstance(picture, Picture):
                pictures.append(picture)
            else:
                skipped.append(Skipped(file, picture.code, str(picture)))
        found = recurring(pictures)
        if found is None:
            return Added((), Placing(0, tuple(skipped)))
        known = {mark.sha256: mark.name for mark in store.marks()}
        if found.sha256 in known:
            raise UsageError(f"What recurs in the works is in the index already, as the mark {known[found.sha256]!r}.")
        name = next(n for n in ("found", *(f"found {i}" for i in count(2))) if n not in known.values())
        with store.batch() as batch:
            mark_id = batch.put_mark(name, found.sha256, found.png, "found")
        placing = place_marks(store, reader, watcher)
        return Added(tuple(each for each in _borne(store) if each[0].id == mark_id), placing)


def listed(path: Path) -> tuple[Borne, ...]:
    with Store.open(path) as store:
        return _borne(store)


def remove(path: Path, name: str, *, wait_seconds: float = 600, watcher: Watcher) -> None:
    """Raises UsageError when no mark of the index has this name, and StoreError."""
    with Store.open(path, write=True, wait_seconds=wait_seconds, watcher=watcher) as store:
        marks = store.marks()
        found = next((mark for mark in marks if mark.name == name), None)
        if found is None:
            there = ", ".join(repr(mark.name) for mark in marks) or "none yet"
            raise UsageError(f"The index has no mark called {name!r}; there are: {there}.")
        with store.batch() as batch:
            batch.forget_mark(found.id)


def _borne(store: Store) -> tuple[Borne, ...]:
    return tuple((mark, len(store.mark_places(mark.id))) for mark in store.marks())
