"""Where the pictures of a report lie on this computer: noted apart from the report, which is sent to others.

One small file for each report in the person's data folder, called after the report's id. `simcheck report` finds the
pictures by it; without it they are found in folders that the person names.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simcheck.errors import StoreError
from simcheck.records import Work
from simcheck.records.run import Run
from simcheck.reporting.page.disk import files_of
from simcheck.store import Store
from simcheck.system.writing import replace_file

__all__ = ["not_noted", "note_places", "places_known", "places_of"]

Places = Mapping[str, Sequence[Path]]
"""SHA-256 -> where files with these bytes were seen, newest first."""
MOST_NOTES = 1000
"""Of reports; the oldest are forgotten."""
_MOST_BYTES = 64 * 1024 * 1024
"""Of one note: some hundred thousand paths."""
_ID = re.compile(r"[0-9a-f-]{36}")


def places_of(run: Run) -> dict[str, tuple[Path, ...]]:
    """The places of all pictures that the report of ``run`` names."""
    found: dict[str, dict[Path, None]] = {}
    for query in run.queries:
        found.setdefault(query.facts.sha256, {})[query.path] = None
    for work in _works(run):
        found.setdefault(work.facts.sha256, {}).update(dict.fromkeys(work.paths))
    return {sha256: tuple(paths) for sha256, paths in found.items()}


def _works(run: Run) -> Iterator[Work]:
    for query in run.queries:
        yield from (finding.work for finding in query.findings)
        yield from (element.work for element in query.elements or ())
        yield from (result.work for result in query.marks if result.work)
    yield from (work for work, _ in run.set_statement.recurring) if run.set_statement else ()


def note_places(folder: Path, report_id: str, places: Places) -> None:
    """Raises OSError when the note cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    note = {"report": report_id, "places": {sha256: list(map(str, paths)) for sha256, paths in places.items()}}
    replace_file(_note(folder, report_id), json.dumps(note).encode("ascii") + b"\n")
    notes = sorted(folder.glob("*.json"), key=lambda note: note.stat().st_mtime_ns)
    for old in notes[:-MOST_NOTES]:
        old.unlink(missing_ok=True)


def not_noted(folder: Path, error: OSError) -> str:
    """What to say when `note_places` failed."""
    return (
        f"Where the pictures lie could not be noted in {folder} ({error.strerror}). To make this report's page again, "
        "name their folder: simcheck report REPORT --pictures FOLDER"
    )


def places_known(document: Mapping[str, Any], notes: Path, indexes: Iterable[Path]) -> dict[str, tuple[Path, ...]]:
    """Where the pictures of a report lie as far as this computer knows: by its own note, and by its own index of the
    works. Nothing that the document says of places has a part in it."""
    known = _noted(notes, document["id"])
    for sha256, paths in _in_index(indexes, document).items():
        known[sha256] = tuple(dict.fromkeys((*known.get(sha256, ()), *paths)))
    return known


def _noted(folder: Path, report_id: str) -> dict[str, tuple[Path, ...]]:
    """What was noted of this report; nothing where there is no note, or none that can be read: then the pictures are
    said not to be found, and folders can be named."""
    note = _note(folder, report_id)
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if note.stat().st_size <= _MOST_BYTES:
            return _places(json.loads(note.read_bytes()))
    return {}


def _places(note: Any) -> dict[str, tuple[Path, ...]]:
    places = note.get("places") if isinstance(note, dict) else None
    if not isinstance(places, dict) or not all(isinstance(paths, list) for paths in places.values()):
        raise ValueError("not a note of places")
    return {sha256: tuple(Path(path) for path in paths if isinstance(path, str)) for sha256, paths in places.items()}


def _note(folder: Path, report_id: str) -> Path:
    assert _ID.fullmatch(report_id), "the schema lets no other id pass"
    return folder / f"{report_id}.json"


def _in_index(indexes: Iterable[Path], document: Mapping[str, Any]) -> dict[str, tuple[Path, ...]]:
    """Where the index that a report names has last seen its works: an index of this computer, not what the report says
    of it. Indexes that cannot be read now are passed over."""
    if not document["index"]:
        return {}
    for path in indexes:
        with contextlib.suppress(StoreError), Store.open(path, wait_seconds=0) as store:
            if store.id == document["index"]["id"]:
                works = {sha256: store.work_of_bytes(sha256) for sha256 in files_of(document)}
                return {sha256: work.paths for sha256, work in works.items() if work}
    return {}
