"""A calibration fitted again with pairs of the person's own.

The file of pairs is a table (CSV, UTF-8) with the columns ``suspect`` and ``source``: the path of a picture, and of the
work that it was made from, which the index must hold; ``source`` is empty for a picture that is known to have been made
independently of all works in it. A suspect whose source the index holds, but does not find among its candidates, is
kept and counted with the best work that was shown: to leave out what simcheck misses would flatter it. A column
``artist`` may say who made the suspect: what is by one artist is never split between fitting and testing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simcheck.errors import UsageError
from simcheck.pipeline.choice import Choice
from simcheck.pipeline.comparing import results, run_of, suspects_in
from simcheck.pipeline.session import CANDIDATES, Session
from simcheck.records import Claim, Watcher
from simcheck.records.run import Run
from simcheck.scoring.calibrate import Calibration, PairSet, Suspect, fit
from simcheck.scoring.calibrate.fitting import FOLDS
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import reference_folder
from simcheck.system.reading import read_text

__all__ = ["calibrate"]


@dataclass(frozen=True, slots=True)
class _Row:
    suspect: Path
    source: Path | None
    artist: str


def calibrate(
    table: Path,
    index: Path,
    *,
    name: str,
    choice: Choice,
    alone: bool = False,
    candidates: int = CANDIDATES,
    watcher: Watcher,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Compare the suspects of ``table`` with the index and fit to them and, but for ``alone``, to the shipped pairs.

    Raises UsageError for a table that cannot be used, or that holds too little, and what `compare` raises.
    """
    rows = _read(table)
    suspects = suspects_in(list(dict.fromkeys(row.suspect for row in rows)))
    with Session.open(index, choice=choice, candidates=candidates, watcher=watcher) as session:
        held = {path.resolve() for work in session.works.values() for path in work.paths}
        _refuse_what_is_not_held(rows, held, index)
        run = run_of(session, results(session, suspects, watcher), watcher=watcher)
    unrelated = Unrelated.load(reference_folder())
    pairs = _pairs(rows, run, unrelated, f"pairs of {table.name}")
    if not alone:
        shipped = PairSet.load(reference_folder())
        if shipped.signals != pairs.signals:
            raise UsageError(
                "The pairs that ship with simcheck were compared by other signals than these. Use the same signals, or "
                "fit to your pairs alone with --alone."
            )
        pairs = shipped.joined(pairs, f"{shipped.source}; {pairs.source}")
    try:
        return fit(pairs, unrelated, name, progress)
    except ValueError as error:
        artists = len({suspect.artist for suspect in pairs.suspects})
        advice = "Add more" if artists >= FOLDS else f"Number of artists: {artists}. Name more in the column artist"
        raise UsageError(f"{table} cannot be calibrated with: {error}. {advice}, or leave out --alone.") from error


def _read(table: Path) -> list[_Row]:
    try:
        found = list(csv.DictReader(io.StringIO(read_text(table, encoding="utf-8-sig"), newline="")))
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"The table of pairs {table} cannot be read ({error}). Name a CSV file in UTF-8.") from error
    if not found or "suspect" not in found[0] or "source" not in found[0]:
        raise UsageError(
            f"The table of pairs {table} needs the columns suspect and source in its first line, and rows."
        )
    folder = table.absolute().parent
    rows = []
    for number, row in enumerate(found, 2):
        suspect, source = (row.get(key) or "" for key in ("suspect", "source"))
        if not suspect.strip():
            raise UsageError(f"Line {number} of {table} names no suspect. Fill it in or delete the line.")
        made = folder / source.strip() if source.strip() else None
        path = folder / suspect.strip()
        artist = (row.get("artist") or row.get("hand") or "").strip()  # "hand" in tables made before
        rows.append(_Row(path, made, artist or f"{table.name}, {path.parent.name}"))
    return rows


def _refuse_what_is_not_held(rows: Sequence[_Row], held: Collection[Path], index: Path) -> None:
    """Before anything is compared: a slip in the table must not be taken for a work that was missed."""
    for row in rows:
        if row.source and row.source.resolve() not in held:
            raise UsageError(
                f"The index {index} does not hold {row.source}, which {row.suspect} is said to be made from. Index "
                "that work, or correct the line."
            )


def _pairs(rows: Sequence[_Row], run: Run, unrelated: Unrelated, source: str) -> PairSet:
    signals = tuple(
        use.identity.comparable
        for use in run.signals
        if not use.missing and use.claim is Claim.COPY and use.identity.comparable in unrelated.identities
    )
    if not signals:
        raise UsageError("None of the signals used is known to the shipped table of unrelated pairs; use others.")
    sources: dict[Path, set[Path]] = {}
    for row in rows:
        sources.setdefault(row.suspect.resolve(), set())
        if row.source:
            sources[row.suspect.resolve()].add(row.source.resolve())
    for row in rows:
        if not row.source and sources[row.suspect.resolve()]:
            raise UsageError(f"{row.suspect} is said to be independent in one line and derived in another. Delete one.")
    artists = {row.suspect.resolve(): row.artist for row in rows}
    suspects: list[Suspect] = []
    owner: list[int] = []
    scores: list[list[float]] = []
    derived: list[bool] = []
    works = run.index.works if run.index else 0
    for query in run.queries:
        path = query.path.resolve()
        made_from = sources[path]
        right = [bool(made_from & {p.resolve() for p in finding.work.paths}) for finding in query.findings]
        kind = "derived" if made_from else "other"
        origin = str(min(made_from)) if made_from else str(path)
        suspects.append(Suspect(kind, kind, artists[path], origin, works, len(query.findings)))
        for finding, is_right in zip(query.findings, right, strict=True):
            found = {name: result.comparison.score for name, result in finding.signals}
            owner.append(len(suspects) - 1)
            scores.append([np.nan if (score := found.get(name)) is None else score for name, *_ in signals])
            derived.append(is_right)
    values = np.array(scores, np.float32).reshape(-1, len(signals))
    return PairSet(
        source, signals, tuple(suspects), np.array(owner, np.int64), values, np.array(derived, np.bool_),
        ("the portfolio",) * len(owner),
    )  # fmt: skip
