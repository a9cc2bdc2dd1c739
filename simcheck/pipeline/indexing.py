"""A portfolio, or a cohort, into its index: images - signals - store - search files - own pairs - marks."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simcheck.cohort.line_up import described_with
from simcheck.cohort.own_pairs import describe_unrelated
from simcheck.errors import PictureError
from simcheck.images import Reader, Walk, walk
from simcheck.images.scope import LEAST_SIDE
from simcheck.indexing.portfolio import IndexResult, index_portfolio
from simcheck.indexing.rereading import read_again
from simcheck.pipeline.choice import Choice, left_out, prepared
from simcheck.provenance.marks import place_marks
from simcheck.records import Claim, Notice, SignalIdentity, Skipped, Watcher
from simcheck.retrieval.retriever import open_retriever
from simcheck.scoring.rates import STEM
from simcheck.signals import load, names
from simcheck.signals.base import Signal
from simcheck.store import Store
from simcheck.store.folder import FILE_NAME

__all__ = ["absolute", "index", "index_cohort", "reasons", "undescribed"]

_WHY = {
    "too_small": "it is too small",
    "blank": "it is blank: nothing differs from its ground",
    "little_detail": "it has too little detail",
    "failed": "every signal failed on it",
}
"""Why signals have nothing to say of a work, the most telling first."""


def index(
    roots: Sequence[Path],
    path: Path,
    *,
    name: str,
    choice: Choice,
    prune: bool = False,
    emptied: Sequence[Path] = (),
    wait_seconds: float = 600,
    command: Sequence[str] = (),
    watcher: Watcher,
) -> IndexResult:
    """Bring the index at ``path`` up to date with the portfolio under ``roots``; make it when there is none.

    ``prune`` forgets works whose files are gone for certain; ``emptied`` are folders whose files are. A signal whose
    weights cannot be had is left out with a notice; a later run adds only that one.
    Raises UsageError, StoreError, PictureError when the index would hold no work, and ModelError for weights that are
    there but wrong, or that cannot be had when no other signal is chosen.
    """
    started = time.monotonic()
    found = _first_walk(roots, path)
    wanted = choice.signals()
    signals, missing = prepared(wanted, watcher)
    with (
        Store.open(path, write=True, create=True, name=name, wait_seconds=wait_seconds, watcher=watcher) as store,
        Reader() as reader,
    ):
        for notice in left_out(store, choice, wanted, signals, missing):
            watcher.notice(notice)
        result = index_portfolio(
            store, roots, list(signals.values()), reader, watcher, prune, command, emptied=emptied, found=found
        )
        _look_again(store, list(signals.values()), reader, watcher)
        for signal in signals.values():
            if signal.retrieval:
                open_retriever(store, signal, signal.identity(), watcher)
        describe_unrelated(store, signals, reader, watcher)
        placing = place_marks(store, reader, watcher)
        if not store.works():
            raise _no_picture(roots, result.skipped)
        result = _with_works(result, store)
    told = {skip.path for skip in result.skipped}
    skipped = (*result.skipped, *(skip for skip in placing.skipped if skip.path not in told))
    return replace(result, skipped=skipped, seconds=time.monotonic() - started)


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
    started = time.monotonic()
    found = _first_walk(roots, path)
    # not `only`: the person has not asked for any of these by name
    choice = Choice(without=tuple({*names()} - {*described_with(own=True)}), model=model, offline=offline)
    wanted = choice.signals()
    ready, missing = prepared(wanted, watcher)
    signals = list(ready.values())
    with (
        Store.open(path, write=True, create=True, name=name, wait_seconds=wait_seconds, watcher=watcher) as store,
        Reader() as reader,
    ):
        for notice in left_out(store, choice, wanted, ready, missing):
            watcher.notice(notice)
        result = index_portfolio(store, roots, signals, reader, watcher, command=command, found=found)
        _look_again(store, signals, reader, watcher)
        for signal in signals:
            if signal.retrieval:
                open_retriever(store, signal, signal.identity(), watcher)
        if not store.works():
            raise _no_picture(roots, result.skipped)
        result = _with_works(result, store)
    return replace(result, seconds=time.monotonic() - started)


def _first_walk(roots: Sequence[Path], path: Path) -> Walk | None:
    """What is under ``roots``, where there is no index yet: a slip of the keyboard should leave no empty one behind."""
    if (path / FILE_NAME).is_file():
        return None
    found = walk(absolute(roots))
    if not found.files:
        raise _no_picture(roots, found.skipped)
    return found


def _look_again(store: Store, signals: Sequence[Signal], reader: Reader, watcher: Watcher) -> None:
    """At works that an earlier simcheck read otherwise; what was derived from them is made anew."""
    reread = read_again(store, signals, reader, watcher)
    if reread.changed:
        for suffix in (".json", ".npz"):
            (store.path / f"{STEM}{suffix}").unlink(missing_ok=True)
        message = (
            f"{_counted(len(reread.changed))} described again, since simcheck reads the file otherwise than before"
        )
        watcher.notice(Notice("read_again", f"{message} ({_some(reread.changed)})."))
    if reread.absent:
        message = (
            f"{_counted(reread.absent)} read by an earlier simcheck, which read some kinds of files otherwise, and the "
            "file could not be read again. What is stored of it stays as it was; run again when it is there."
        )
        watcher.notice(Notice("not_read_again", message))


def _counted(works: int) -> str:
    return f"{works} work{' was' if works == 1 else 's were'}"


def _some(paths: Sequence[Path]) -> str:
    named = ", ".join(path.name for path in paths[:3])
    return f"{named} and {len(paths) - 3} more" if len(paths) > 3 else named


def _with_works(result: IndexResult, store: Store) -> IndexResult:
    """With what is to be said of the works in the index, whenever they came into it."""
    on_black = sum("alpha_on_black" in work.facts.notes for work in store.works())
    return replace(result, undescribed=undescribed(store, _of_copies(store)), on_black=on_black)


def undescribed(store: Store, identities: Sequence[SignalIdentity]) -> tuple[Skipped, ...]:
    """The works of which none of these signals has anything to say, and why."""
    found = []
    for work, codes in store.undescribed(identities):
        tiny = min(work.facts.width, work.facts.height) < LEAST_SIDE
        code = "too_small" if tiny else next((code for code in _WHY if code in codes), "failed")
        found.append(Skipped(work.paths[0], code, f"{work.paths[0]}: {_WHY[code]}"))
    return tuple(found)


def _of_copies(store: Store) -> list[SignalIdentity]:
    """The signals in the index that know one work from another; colours alone do not."""
    known = load(names())
    return [each for each in store.identities() if each.name in known and known[each.name].claim is Claim.COPY]


def absolute(paths: Sequence[Path]) -> list[Path]:
    return [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - resolves ".." without following links


def _no_picture(roots: Sequence[Path], skipped: Sequence[Skipped]) -> PictureError:
    places = ", ".join(map(str, absolute(roots)))
    return PictureError(f"No picture could be read in {places} ({reasons(skipped)}). Name a folder that holds some.")


def reasons(skipped: Sequence[Skipped]) -> str:
    told = "; ".join(each.reason for each in skipped[:3])
    return f"{told}; and {len(skipped) - 3} more" if len(skipped) > 3 else told or "no picture is there"
