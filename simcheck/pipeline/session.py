"""What comparisons hold open: the index, decoders, threads, signals, search files, tables and the cohort.

Opening them takes longer than comparing one suspect, so they are opened once: by the command line for each command, by
a page or a service for as long as it runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from simcheck.cohort.line_up import Cohort
from simcheck.cohort.own_pairs import LEAST_WORKS, NO_PAIRS, unrelated_of
from simcheck.errors import PictureError, StoreError
from simcheck.images import Reader, read_otherwise
from simcheck.indexing.portfolio import index_portfolio
from simcheck.pipeline.choice import Choice, prepared, usable
from simcheck.pipeline.indexing import reasons, undescribed
from simcheck.provenance.marks import MarkSearch
from simcheck.records import Claim, Notice, SignalIdentity, Silent, Skipped, Watcher, Work
from simcheck.records.run import IndexFacts, SignalUse
from simcheck.retrieval.retriever import Retriever, open_retriever
from simcheck.scoring.calibrate import Calibration
from simcheck.scoring.elements import measurable
from simcheck.scoring.rates import Unrelated
from simcheck.scoring.scale import Scale
from simcheck.shipped import reference_folder
from simcheck.signals.base import PartRole, Signal
from simcheck.store import Store
from simcheck.system.threads import thread_pool

__all__ = ["CANDIDATES", "Session"]

CANDIDATES = 48
"""Works per suspect on which every signal is compared."""
NO_ELEMENTS = Notice(
    "no_element_map",
    "No element map is made: how far parts of unrelated works agree is not known for the network that proposes parts. "
    "Leave out SIMCHECK_TOKENS (or tokens in config.toml) to use the one that ships with simcheck.",
)
"""Said when the shipped table of unrelated pairs does not know this version of the signal."""
NO_CALIBRATION = (
    "No calibration ships with this copy of simcheck. Scores are raw; read them beside the rate at which unrelated "
    "works reach them."
)
OTHER_CALIBRATION = (
    "The calibration was fitted with other signals, versions or network weights than this run used. Scores are raw; "
    "read them beside the rate at which unrelated works reach them."
)


READ_BY_EARLIER = (
    "{n} of the works were read by an earlier simcheck, which showed some kinds of files otherwise (white drawings on "
    "transparency, HDR, scans with previews, animations). Run `simcheck index` again: those that look otherwise now "
    "are described again."
)
MOST_NAMED = 5
"""Works that a notice names."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """Everything that suspects are compared by. A context manager, for one thread at a time.

    It holds the works as they were when it was opened: see `is_current`.
    """

    store: Store
    reader: Reader
    pool: ThreadPoolExecutor
    index: IndexFacts | None
    """None where suspects are compared with named pictures, through an index that is thrown away."""
    works: Mapping[int, Work]
    signals: Mapping[str, Signal]
    identities: Mapping[str, SignalIdentity]
    uses: tuple[SignalUse, ...]
    searchers: Mapping[str, Retriever]
    unrelated: Unrelated
    scale: Scale
    cohort: Cohort
    marks: MarkSearch
    choice: Choice
    candidates: int
    measured: bool
    """Whether an element map can be made: how far parts of unrelated works agree is known."""
    uncalibrated: str | None
    """Why there is no calibration, in a sentence."""
    notices: tuple[Notice, ...]
    """What was said while it was opened; it belongs into every report."""
    skipped: tuple[Skipped, ...]
    """Named pictures that could not be read."""
    _version: int
    _open: ExitStack

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        choice: Choice | None = None,
        candidates: int = CANDIDATES,
        cohorts: Sequence[Path] = (),
        watcher: Watcher | None = None,
    ) -> Self:
        """For the index at ``path``. ``cohorts`` are the person's own (`index_cohort`).

        Raises StoreMissing, StoreError, ModelError, and UsageError for signals that nobody knows.
        """
        watcher = watcher or Silent()
        with ExitStack() as stack:
            watcher.progress("open the index", 0, None)
            store = stack.enter_context(Store.open(path, watcher=watcher))
            facts = IndexFacts(
                store.path, store.id, store.name, len(store.works()),
                store.created.isoformat(), store.updated.isoformat(), store.roots,
            )  # fmt: skip
            reader = stack.enter_context(Reader())
            session = cls._over(store, reader, facts, choice or Choice(), candidates, cohorts, (), stack, watcher)
            watcher.progress("open the index", 1, 1)
            return session

    @classmethod
    def of_pictures(
        cls,
        originals: Sequence[Path],
        *,
        choice: Choice | None = None,
        cohorts: Sequence[Path] = (),
        watcher: Watcher | None = None,
    ) -> Self:
        """For named pictures instead of an index. Raises as `open` does, and PictureError when none can be read."""
        watcher, choice = watcher or Silent(), choice or Choice()
        signals, _ = prepared(choice.signals(), watcher)
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="simcheck-", ignore_cleanup_errors=True))
            reader = stack.enter_context(Reader())
            store = stack.enter_context(Store.open(Path(folder), write=True, create=True, name="pair", watcher=watcher))
            result = index_portfolio(store, originals, list(signals.values()), reader, watcher)
            if not store.works():
                raise PictureError(
                    f"Nothing to compare with ({reasons(result.skipped)}). Name readable pictures after --with.",
                    "no_reference",
                )
            return cls._over(store, reader, None, choice, len(store.works()), cohorts, result.skipped, stack, watcher)

    @classmethod
    def _over(
        cls,
        store: Store,
        reader: Reader,
        facts: IndexFacts | None,
        choice: Choice,
        candidates: int,
        cohorts: Sequence[Path],
        skipped: tuple[Skipped, ...],
        stack: ExitStack,
        watcher: Watcher,
    ) -> Self:
        watch = Recorder(watcher)
        works = {work.id: work for work in store.works()}
        if not works:
            raise StoreError(f"The index {store.path} holds no works. Run `simcheck index` with a folder of pictures.")
        version = store.version
        signals, uses, notices = usable(store, choice, watch, lasting=facts is not None)
        if not signals:
            why = " ".join(use.missing for use in uses if use.missing)
            raise StoreError(f"The index {store.path} cannot be compared with. {why}")
        for notice in notices:
            watch.notice(notice)
        identities = {name: signal.identity() for name, signal in signals.items()}
        copies = [identities[name] for name, signal in signals.items() if signal.claim is Claim.COPY]
        silent = undescribed(store, copies) if copies else ()
        if silent:
            watch.notice(_of_works(silent))
        if facts:
            facts = replace(facts, undescribed=len(silent))
            if old := sum(read_otherwise(work.facts) for work in works.values()):
                watch.notice(Notice("read_by_earlier", READ_BY_EARLIER.format(n=old)))
        unrelated = Unrelated.load(reference_folder())
        portfolio = unrelated_of(store) if facts else None
        if facts and portfolio is None and facts.works >= LEAST_WORKS:
            watch.notice(NO_PAIRS)
        kinds = {name: type(signal) for name, signal in signals.items()}
        calibration = Calibration.find(choice.calibration, reference_folder())
        scale = Scale.of(identities, kinds, unrelated, portfolio, calibration, len(works))
        measured = measurable(scale)
        if any(s.part_role is PartRole.STRUCTURE for s in signals.values()) and not measured:
            watch.notice(NO_ELEMENTS)
        searchers = {n: open_retriever(store, s, identities[n], watch) for n, s in signals.items() if s.retrieval}
        own = {work.facts.sha256 for work in works.values()}
        cohort = stack.enter_context(Cohort.open(cohorts, signals, scale, own, watch))
        return cls(
            store=store,
            reader=reader,
            pool=stack.enter_context(thread_pool()),
            index=facts,
            works=works,
            signals=signals,
            identities=identities,
            uses=tuple(uses),
            searchers=searchers,
            unrelated=unrelated,
            scale=scale,
            cohort=cohort,
            marks=MarkSearch(store, works, reader),
            choice=choice,
            candidates=candidates,
            measured=measured,
            uncalibrated=None if scale.calibration else OTHER_CALIBRATION if calibration else NO_CALIBRATION,
            notices=tuple(watch.notices),
            skipped=skipped,
            _version=version,
            _open=stack.pop_all(),
        )

    def is_current(self) -> bool:
        """Whether nobody has written to the index since this session was opened; open another one if not."""
        return self.store.version == self._version

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _of_works(silent: Sequence[Skipped]) -> Notice:
    """That works cannot be found: else a suspect would seem compared with them, or be blamed for it."""
    named = "; ".join(f"{each.path.name}{each.reason.removeprefix(str(each.path))}" for each in silent[:MOST_NAMED])
    more = f"; and {len(silent) - MOST_NAMED} more" if len(silent) > MOST_NAMED else ""
    works = "1 work has" if len(silent) == 1 else f"{len(silent)} works have"
    return Notice(
        "works_undescribed",
        f"{works} nothing that could be compared, so only the very same file would be found: {named}{more}.",
    )


class Recorder:
    """Passes on what is shown, and keeps the notices for the report, but for those of the moment."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.notices: list[Notice] = []

    def progress(self, stage: str, done: int, total: int | None) -> None:
        self._watcher.progress(stage, done, total)

    def notice(self, notice: Notice) -> None:
        if not notice.hint:
            self.notices.append(notice)
        self._watcher.notice(notice)
