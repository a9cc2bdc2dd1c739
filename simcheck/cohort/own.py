"""List the cohorts that a person has added of their own tradition, and take one away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import StoreBusy, StoreError, UsageError
from simcheck.records import Watcher
from simcheck.store import Store
from simcheck.store.folder import FILE_NAME, remove_index

__all__ = ["OwnCohort", "listed", "remove"]


@dataclass(frozen=True, slots=True)
class OwnCohort:
    """``problem`` says why it cannot be read, and is empty if it can."""

    name: str
    path: Path
    works: int = 0
    roots: tuple[Path, ...] = ()
    problem: str = ""


def listed(paths: Sequence[Path]) -> tuple[OwnCohort, ...]:
    """The cohorts in these folders. A damaged one is listed too: it can only be removed by its name."""
    found = []
    for path in paths:
        try:
            with Store.open(path) as store:
                found.append(OwnCohort(store.name, path, len(store.works()), store.roots))
        except StoreError as error:
            found.append(OwnCohort(path.name, path, problem=str(error.__cause__ or error)))
    return tuple(found)


def remove(path: Path, name: str, known: Sequence[Path], *, wait_seconds: float = 600, watcher: Watcher) -> None:
    """Delete the cohort at ``path``; one of ``known``, else UsageError. Raises StoreBusy while it is written to."""
    if not (path / FILE_NAME).is_file():
        there = ", ".join(repr(cohort.name) for cohort in listed(known)) or "none yet"
        raise UsageError(f"There is no cohort called {name!r}; there are: {there}.")
    try:
        Store.open(path, write=True, wait_seconds=wait_seconds, watcher=watcher).close()  # waits for a writer
    except StoreBusy:
        raise
    except StoreError:
        pass  # damaged or too new: all the more reason
    remove_index(path)
