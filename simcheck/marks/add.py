"""Add marks to an index, and look for them in its works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import UsageError
from simcheck.images import Reader
from simcheck.marks.ink import MarkPicture, read_mark
from simcheck.marks.places import Placing, place_marks
from simcheck.records import Mark, Watcher
from simcheck.store import Store

__all__ = ["Added", "add_marks"]


@dataclass(frozen=True, slots=True)
class Added:
    """``marks`` with the number of works that bear each, and the works in which none could be looked for."""

    marks: tuple[tuple[Mark, int], ...]
    placing: Placing


def add_marks(store: Store, files: Sequence[Path], reader: Reader, watcher: Watcher) -> Added:
    """Store the marks of ``files``, all or none, and find the works that bear them.

    A mark is called after its file. Raises PictureError for a file that shows no mark, UsageError for one that is
    there already. Ctrl-C while works are searched keeps the marks; the next run of `simcheck index` goes on.
    """
    read = [(path.stem.encode("utf-8", "backslashreplace").decode(), path, read_mark(path)) for path in files]
    known = {mark.sha256: mark.name for mark in store.marks()}
    names = set(known.values())
    for name, path, picture in read:
        if picture.sha256 in known:
            raise UsageError(f"{path} is there already, as the mark {known[picture.sha256]!r}. Nothing was added.")
        if name in names:
            raise UsageError(
                f"There is another mark called {name!r}. Rename {path}, or take the other away first with: "
                f"simcheck marks remove {name!r}. Nothing was added."
            )
        known[picture.sha256] = name
        names.add(name)
    return store_marks(store, [(name, picture, "given") for name, _, picture in read], reader, watcher)


def store_marks(store: Store, marks: Sequence[tuple[str, MarkPicture, str]], reader: Reader, watcher: Watcher) -> Added:
    """(name, picture, origin) each."""
    with store.batch() as batch:
        ids = [batch.put_mark(name, made.sha256, made.png, origin) for name, made, origin in marks]
    placing = place_marks(store, reader, watcher)
    added = tuple((mark, len(store.mark_places(mark.id))) for mark in store.marks() if mark.id in ids)
    return Added(added, placing)
