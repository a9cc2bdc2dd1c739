"""What ``--prune`` may forget: works whose files are gone for certain. What is perhaps only out of reach is spared.

A drive that is not connected leaves an empty folder where its files were, or none at all. Nothing tells that from a
folder that a person emptied, so that person must say so (``emptied``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcheck.images import Walk
from simcheck.records import Notice
from simcheck.store import FileState, Store, StoredFile

__all__ = ["Pruning", "plan_pruning"]


@dataclass(frozen=True, slots=True)
class Pruning:
    """The paths to forget, and what is to be said about those that are spared."""

    forgotten: tuple[StoredFile, ...]
    notices: tuple[Notice, ...]


def plan_pruning(
    store: Store,
    places: Sequence[Path],
    found: Walk,
    unsettled: Sequence[StoredFile],
    mounted: Sequence[Path],
    emptied: Sequence[Path],
) -> Pruning:
    """Which of the missing files below ``places`` are gone for certain, when a run has read and settled all others.

    ``unsettled`` are files of which this run does not know what they hold, because they could not be read: one of them
    may be any that is missing and has its size. ``mounted`` are those that it found again on other volumes than that
    of their root. ``emptied`` are folders that the person says are empty for good.
    """
    rules = _Rules(found, unsettled, mounted)
    bare = [p for p in places if not _is_below(p, emptied) and not any(f.path.is_relative_to(p) for f in found.files)]
    forgotten: list[StoredFile] = []
    empty: Counter[Path] = Counter()
    away: Counter[Path] = Counter()
    unknown = 0
    for file in store.files(FileState.MISSING):
        place = next((place for place in places if file.path.is_relative_to(place)), None)
        forced = _is_below(file.path, emptied)
        if place is None or (place in bare and not forced) or rules.is_out_of_reach(file):
            continue
        if not forced and (folder := rules.empty_folder(file, place)):
            empty[folder] += 1
        elif not forced and file.mounted and (folder := rules.absent_drive(file, place)):
            away[folder] += 1
        elif rules.may_be_unread(file):
            unknown += 1
        else:
            forgotten.append(file)
    notices = [Notice("prune_refused", _bare(place)) for place in bare]
    notices += [Notice("prune_spared", _empty(folder, count)) for folder, count in empty.items()]
    notices += [Notice("prune_spared", _away(folder, count)) for folder, count in _outermost(away).items()]
    if unknown:
        message = f"Not forgotten, though not found: {_files(unknown)}. A file of the same size could not be read and "
        message += "may be the same picture. Mend what is listed as skipped, and run again."
        notices.append(Notice("prune_unsettled", message))
    return Pruning(tuple(forgotten), tuple(notices))


class _Rules:
    def __init__(self, found: Walk, unsettled: Sequence[StoredFile], mounted: Sequence[Path]) -> None:
        vanished = [skip.path for skip in found.skipped if skip.code == "vanished"]
        self._out_of_reach = [*found.unseen, *vanished, *(file.path for file in unsettled)]
        self._sizes = {file.size_bytes for file in unsettled}
        self._empty = frozenset(found.empty)
        self._mounted = mounted
        self._connected: dict[Path, bool] = {}

    def is_out_of_reach(self, file: StoredFile) -> bool:
        return _is_below(file.path, self._out_of_reach)

    def may_be_unread(self, file: StoredFile) -> bool:
        return file.size_bytes in self._sizes

    def empty_folder(self, file: StoredFile, place: Path) -> Path | None:
        """The highest folder above the file in which nothing is left."""
        folder = _nearest(file, place)
        if folder not in self._empty:
            return None
        return _highest(folder, place, lambda path: path in self._empty)

    def absent_drive(self, file: StoredFile, place: Path) -> Path | None:
        """Where the drive was mounted that the file lay on, if it is not there now, or another one is."""
        folder, volume = _nearest(file, place), place.stat().st_dev
        if folder.stat().st_dev == volume:
            return folder / file.path.relative_to(folder).parts[0] if folder != file.path.parent else folder
        top = _highest(folder, place, lambda path: path.stat().st_dev != volume)
        if top not in self._connected:
            self._connected[top] = any(path.is_relative_to(top) for path in self._mounted)
        return None if self._connected[top] else top


def _nearest(file: StoredFile, place: Path) -> Path:
    """The folder nearest above the file that exists; ``place`` if none does."""
    return next((path for path in file.path.parents if path == place or path.is_dir()), place)


def _highest(folder: Path, place: Path, holds: Callable[[Path], bool]) -> Path:
    """The highest folder from ``folder`` up to ``place`` for which, as for all below it, this holds."""
    while folder != place and holds(folder.parent):
        folder = folder.parent
    return folder


def _outermost(counts: Counter[Path]) -> Counter[Path]:
    """Counts of folders, what lies in another one of them added to that."""
    merged: Counter[Path] = Counter()
    for folder in sorted(counts, key=lambda path: len(path.parts)):
        merged[next((outer for outer in merged if folder.is_relative_to(outer)), folder)] += counts[folder]
    return merged


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _bare(place: Path) -> str:
    return (
        f"Nothing was pruned under {place}: there is no picture in it at all. If it belongs to a drive, connect it and "
        f"run again. If you deleted the pictures yourself, add: --emptied {place}"
    )


def _empty(folder: Path, count: int) -> str:
    return (
        f"Not forgotten, though not found: {_files(count)} in {folder}, which is empty now. If it belongs to a drive, "
        f"connect it and run again. If you emptied it yourself, add: --emptied {folder}"
    )


def _away(folder: Path, count: int) -> str:
    return (
        f"Not forgotten, though not found: {_files(count)} in {folder}. They lay on another drive, which is not "
        f"connected there now. Connect it and run again, or, if they are gone for good, add: --emptied {folder}"
    )


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
