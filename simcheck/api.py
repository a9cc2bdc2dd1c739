"""The Python API: index a portfolio, compare suspects with it, write the report.

    import simcheck

    simcheck.index("my_art")
    run = simcheck.compare("suspect.png")
    for suspect in run.queries:
        for finding in suspect.findings[:3]:
            print(finding.work.paths[0], finding.type, finding.llr)
    simcheck.report(run, "evidence")

The same stages as the command line, with its places for indexes; but nothing is printed, no configuration file is read,
and errors are raised (`simcheck.errors`). Who compares often keeps a `simcheck.Session` open.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path

from simcheck.indexing.portfolio import IndexResult
from simcheck.pipeline import compare as compare_with_index
from simcheck.pipeline import compare_pair
from simcheck.pipeline import index as index_folders
from simcheck.pipeline.choice import Choice
from simcheck.pipeline.configuration import existing_index, index_for, indexes, own_cohorts, report_notes
from simcheck.pipeline.session import CANDIDATES, Session
from simcheck.records import Silent, Watcher
from simcheck.records.run import Run
from simcheck.reporting import Language, Paths, load, write
from simcheck.reporting.document.document import to_document
from simcheck.reporting.page.disk import pictures_on_disk, report_folder
from simcheck.reporting.page.places import not_noted, note_places, places_known, places_of

__all__ = ["Choice", "IndexResult", "Paths", "Run", "Session", "compare", "index", "report"]

AnyPath = str | os.PathLike[str]
Source = AnyPath | bytes
"""A file, a folder, or the bytes of a picture's file."""


def index(
    folders: AnyPath | Iterable[AnyPath],
    *,
    index: AnyPath | None = None,
    name: str | None = None,
    choice: Choice | None = None,
    prune: bool = False,
    emptied: AnyPath | Iterable[AnyPath] = (),
    watcher: Watcher | None = None,
) -> IndexResult:
    """Describe the pictures in folders, once; again after new works: only the new ones.

    ``index`` is the folder to keep the index in; without it there is one for each ``name`` (that of the first folder)
    where simcheck keeps its data. ``prune`` forgets works whose files are gone, but not those in a folder that is empty
    or absent, as an unplugged drive is, unless ``emptied`` names it. ``choice`` says which signals to use.
    Raises UsageError, PictureError when no picture could be read, StoreError and ModelError.
    """
    roots = _paths(folders)
    path, called = index_for(Path(index) if index is not None else None, name, None, roots)
    return index_folders(
        roots,
        path,
        name=called,
        choice=choice or Choice(),
        prune=prune,
        emptied=_paths(emptied),
        watcher=watcher or Silent(),
    )


def compare(
    suspects: Source | Iterable[Source],
    *,
    index: AnyPath | None = None,
    name: str | None = None,
    works: Source | Iterable[Source] | None = None,
    choice: Choice | None = None,
    candidates: int = CANDIDATES,
    cohorts: Sequence[Path] | None = None,
    selected_from: int | None = None,
    watcher: Watcher | None = None,
) -> Run:
    """Compare suspects (files, folders, bytes) with an index, or with the pictures ``works`` alone.

    ``index`` and ``name`` as `index` has them; without either the only index there is. ``candidates``: works per
    suspect that every signal compares. ``cohorts``: folders of indexes of works by others, instead of those that
    ``simcheck cohort add`` made. ``selected_from``: out of how many pictures the suspects were chosen, which the report
    says. Bytes are kept in a temporary folder for as long as the result lives, so that a report
    can show them. Raises UsageError, PictureError when no suspect could be read, StoreMissing, StoreError, ModelError.
    """
    others = own_cohorts() if cohorts is None else cohorts
    held: list[Path] = []
    try:
        asked = _files(suspects, "suspect", held)
        if works is not None:
            originals = _files(works, "work", held)
            run = compare_pair(
                asked, originals, choice=choice, cohorts=others, selected_from=selected_from, watcher=watcher
            )
        else:
            path = existing_index(Path(index) if index is not None else None, name, None)
            run = compare_with_index(
                asked, path, choice=choice, candidates=candidates, cohorts=others, selected_from=selected_from,
                watcher=watcher,
            )  # fmt: skip
    except BaseException:
        _forget(held)
        raise
    if held:
        weakref.finalize(run, _forget, held)
    return run


def report(
    run: Run | AnyPath,
    folder: AnyPath,
    *,
    lang: Language = "en",
    pictures: AnyPath | Iterable[AnyPath] = (),
    full_paths: bool = False,
    replace: bool = False,
) -> Paths:
    """Write ``report.json`` and ``report.html`` into ``folder``, of a run or of another ``report.json``.

    ``lang`` is en, zh or both. No path that a ``report.json`` gives is opened: its pictures are found where this
    computer noted that they lie, and in the folders ``pictures``; `Paths.absent` says which were not. ``full_paths``:
    whole paths in the report of a run, for your own copy. Raises ReportError, and UsageError where another report lies
    in ``folder`` and ``replace`` is not said.
    """
    if isinstance(run, Run):
        document, known = to_document(run, full_paths=full_paths), places_of(run)
    else:
        document = load(Path(run))
        known = places_known(document, report_notes(), indexes(None))
    target = report_folder(Path(folder), replace=replace, report_id=document["id"])
    with pictures_on_disk(document, known, _paths(pictures)) as found:
        written = write(document, target, lang, found)
    if isinstance(run, Run):
        try:
            note_places(report_notes(), document["id"], known)
        except OSError as error:
            warnings.warn(not_noted(report_notes(), error), stacklevel=2)
    return written


def _paths(given: AnyPath | Iterable[AnyPath]) -> list[Path]:
    return [Path(each) for each in ([given] if isinstance(given, str | os.PathLike) else given)]


def _files(given: Source | Iterable[Source], kind: str, held: list[Path]) -> list[Path]:
    """Paths as they are; bytes as files in a folder that is added to ``held``."""
    sources = [given] if isinstance(given, str | os.PathLike | bytes) else list(given)
    found = []
    for number, source in enumerate(sources, 1):
        if not isinstance(source, bytes):
            found.append(Path(source))
            continue
        folder = Path(tempfile.mkdtemp(prefix="simcheck-"))
        held.append(folder)
        file = folder / f"{kind}-{number}"
        file.write_bytes(source)
        found.append(file)
    return found


def _forget(folders: Sequence[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
