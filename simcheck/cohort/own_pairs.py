"""How alike an artist's own independent works are: the table of this portfolio's pairs, kept beside the index.

The works of one artist resemble each other more than works by strangers do. A suspect in that manner that resembles a
work no more than the artist's other works do is no evidence of copying, so the report shows this rate too. A sample
of works is compared, as if each were a suspect, with some of the others. Pairs that show one picture twice (equal
hashes, or a work and its detail) are left out. The files are derived. They are made again when a signal is new to them,
or when a fifth of the portfolio has changed: a few more works do not change what is usual among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from simcheck.comparison.pair import compare_with_store
from simcheck.errors import StoreError
from simcheck.images import Reader
from simcheck.images.panels import find_panels
from simcheck.records import Evidence, HashEvidence, MatchEvidence, Notice, Picture, SignalIdentity, Watcher, Work
from simcheck.scoring.rates import STEM, PartRow, Unrelated, part_row
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe
from simcheck.signals.keypoints.geometry import in_detail
from simcheck.signals.phash import MATCH_DISTANCE
from simcheck.store import Store
from simcheck.system.threads import thread_pool

__all__ = ["LEAST_WORKS", "NO_PAIRS", "describe_unrelated", "unrelated_of"]

QUERIES = 16
PARTNERS = 12
LEAST_WORKS = 4
SEED = 2026
NO_PAIRS = Notice(
    "no_portfolio_pairs",
    "How alike this portfolio's own works are is not known, so findings are not held against that. "
    "Run `simcheck index` again to measure it.",
)
"""Said when a comparison has to do without the table."""


def describe_unrelated(store: Store, signals: Mapping[str, Signal], reader: Reader, watcher: Watcher) -> None:
    """Make the table unless it is there already. A portfolio of fewer than four works gets none."""
    identities = {name: signal.identity() for name, signal in signals.items()}
    works = store.works()
    if len(works) < LEAST_WORKS:
        for suffix in (".json", ".npz"):
            (store.path / f"{STEM}{suffix}").unlink(missing_ok=True)
        return
    if _serves(unrelated_of(store), identities, works):
        return
    generator = np.random.default_rng(SEED)
    chosen = [works[int(i)] for i in np.sort(generator.permutation(len(works))[:QUERIES])]
    rows: list[list[float]] = []
    parts: list[PartRow] = []
    same = 0
    with thread_pool() as pool:
        for done, (work, picture) in enumerate(zip(chosen, _read(reader, chosen), strict=True)):
            watcher.progress("compare the portfolio's works with each other", done, len(chosen))
            if picture is None:
                continue
            panels = [find_panels(picture.pixels)]
            query = {n: describe([picture], s, query=True, panels=panels, pool=pool)[0] for n, s in signals.items()}
            others = [w.id for w in works if w.id != work.id]
            partners = [others[int(i)] for i in generator.permutation(len(others))[:PARTNERS]]
            for compared in compare_with_store(store, signals, identities, query, partners, pool):
                if any(_one_picture(comparison.evidence) for _, comparison in compared.comparisons):
                    same += 1
                    continue
                parts += [part_row(len(rows), part) for part in compared.parts]
                rows.append([np.nan if c.score is None else c.score for _, c in compared.comparisons])
    watcher.progress("compare the portfolio's works with each other", len(chosen), len(chosen))
    if not rows:
        return
    table = Unrelated(
        name=store.name,
        source="pairs of this portfolio's own works",
        works=len(works),
        identities=tuple(identity.comparable for identity in identities.values()),
        scores=np.array(rows, np.float32),
        parts=np.array(parts, np.float32).reshape(-1, 4),
        sample=tuple(work.facts.sha256 for work in chosen),
    )
    try:
        table.save(store.path, {"seed": SEED, "same_picture": same})
    except OSError as error:
        message = f"The table of the portfolio's own pairs could not be written to {store.path} ({error})."
        watcher.notice(Notice("derived_not_written", message))


def unrelated_of(store: Store) -> Unrelated | None:
    """The table, or None when there is none. It answers only for signals that it was made with."""
    if not (store.path / f"{STEM}.json").is_file():
        return None
    try:
        return Unrelated.load(store.path)
    except StoreError:
        return None  # a damaged derived file is made again by the next `simcheck index`


def _serves(table: Unrelated | None, identities: Mapping[str, SignalIdentity], works: Sequence[Work]) -> bool:
    if table is None or not {identity.comparable for identity in identities.values()} <= set(table.identities):
        return False
    here = {work.facts.sha256 for work in works}
    left = sum(sha256 in here for sha256 in table.sample)
    return len(works) <= 1.2 * table.works and table.works <= 1.2 * len(works) and 1.2 * left >= len(table.sample)


def _read(reader: Reader, works: list[Work]) -> list[Picture | None]:
    """The pictures of works whose files still hold the same bytes."""
    found = {path: picture for path, picture in reader.read_all([work.paths[0] for work in works])}
    pictures: list[Picture | None] = []
    for work in works:
        picture = found[Path(work.paths[0])]
        same = isinstance(picture, Picture) and picture.facts.sha256 == work.facts.sha256
        pictures.append(picture if isinstance(picture, Picture) and same else None)
    return pictures


def _one_picture(evidence: Evidence | None) -> bool:
    if isinstance(evidence, MatchEvidence):
        return in_detail(evidence)
    return isinstance(evidence, HashEvidence) and evidence.distance <= MATCH_DISTANCE
