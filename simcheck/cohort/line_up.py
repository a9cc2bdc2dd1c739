"""The line-up: the works of the cohort that a suspect is most like, beside what was found in the portfolio.

"It resembles this work" says little while nobody knows how much it resembles works that it cannot come from. For each
suspect the nearest cohort works are searched and compared as those of the portfolio are, by the signals that are cheap
enough to be kept for a thousand works. Where many of them score as high as the best finding does, the portfolio is not
singled out. The cohort is the shipped one and whatever the person has added of their own tradition; a work whose bytes
are those of the suspect, or of a work of the portfolio, takes no part.

Fooled by: a cohort without the suspect's tradition or subject, since the portfolio then stands alone; a work of the
portfolio that the cohort holds in other bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from simcheck.cohort.style import LEAST_WORKS, MOST_WORKS, OTHERS_WORKS, Artist
from simcheck.comparison.pair import compare_with_store
from simcheck.errors import StoreBusy, StoreError, StoreMissing, StoreTooNew
from simcheck.records import Claim, Comparison, Description, FileFacts, Finding, Notice, SignalIdentity, Watcher
from simcheck.records.run import CohortFacts, CohortWork, LineUp, LineUpEntry
from simcheck.retrieval.retriever import Retriever, open_retriever
from simcheck.scoring.rates import Unrelated, order
from simcheck.scoring.scale import Scale
from simcheck.shipped import reference_folder
from simcheck.signals import load, names
from simcheck.signals.base import InCohort, Signal
from simcheck.store import Store
from simcheck.system.reading import json_of

__all__ = ["STYLE", "WORKS", "Cohort", "described_with"]

WORKS = "works.json"
"""Beside the shipped index: whose its works are, and where they come from."""
STYLE = "style.json"
"""Beside the shipped index: how near each of its artists is to works by others."""
MOST = 8
"""Works that a line-up shows."""

Compared = tuple[CohortWork, Mapping[str, float]]
"""A cohort work and its scores; signals that abstained are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One index of the cohort."""

    store: Store
    remedy: str
    """What to do when it cannot be read."""
    works: Mapping[int, CohortWork]
    """Those that take part, by id."""
    ids: Mapping[str, Collection[int]]
    """Works of the whole index by the SHA-256 of their bytes, and of the file that a shipped one was made from."""
    signals: Mapping[str, Signal]
    """Those that have described it."""
    searchers: Mapping[str, Retriever]

    def compared(
        self, suspect: FileFacts, query: Mapping[str, Description], scale: Scale, pool: ThreadPoolExecutor
    ) -> Iterator[Compared]:
        left_out = {work for same in self.ids.values() for work in same} - self.works.keys()
        left_out |= set(self.ids.get(suspect.sha256, ()))
        near: dict[int, None] = {}
        for name, searcher in self.searchers.items():
            most = self.signals[name].near
            found = searcher.search(query[name], most + len(left_out))
            near |= dict.fromkeys([work for work in found if work not in left_out][:most])
        identities = {name: scale.identities[name] for name in self.signals}
        for each in compare_with_store(self.store, self.signals, identities, query, list(near), pool):
            scores = {name: c.score for name, c in each.comparisons if c.score is not None}
            yield self.works[each.work_id], scores


def described_with(*, own: bool) -> tuple[str, ...]:
    """Names of the signals that a cohort is described with: one of the person's ``own``, or the shipped one."""
    wanted = (InCohort.ALWAYS, InCohort.OWN) if own else (InCohort.ALWAYS,)
    return tuple(name for name, kind in load(names()).items() if kind.in_cohort in wanted)


class Cohort:
    """The shipped cohort and the person's own, open for one run. A context manager."""

    def __init__(
        self, signals: Mapping[str, Signal], scale: Scale, portfolio: Collection[str], watcher: Watcher
    ) -> None:
        self._signals = {name: signal for name, signal in signals.items() if signal.in_cohort is not InCohort.NEVER}
        self._scale = scale
        self._portfolio = frozenset(portfolio)
        self._watcher = watcher
        self._parts: list[_Part] = []
        self._stores = ExitStack()
        self.own: tuple[str, ...] = ()
        """Names of the person's own cohorts that take part."""

    @classmethod
    def open(
        cls,
        own: Sequence[Path],
        signals: Mapping[str, Signal],
        scale: Scale,
        portfolio: Collection[str],
        watcher: Watcher,
    ) -> Self:
        """The shipped cohort and those in the folders ``own``, but for works whose SHA-256 is in ``portfolio``.

        Raises StoreError, with what to do next, for one that is missing or damaged.
        """
        cohort = cls(signals, scale, portfolio, watcher)
        seen = set(portfolio)
        try:
            if cohort._signals:
                cohort._take_shipped(seen)
                for path in own:
                    cohort._take_own(path, seen)
        except BaseException:
            cohort.close()
            raise
        return cohort

    def close(self) -> None:
        self._stores.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def works(self) -> tuple[CohortWork, ...]:
        """Those that take part."""
        return tuple(work for part in self._parts for work in part.works.values())

    def artists(self, signal: str) -> tuple[Artist, ...]:
        """Those whose works this signal has described, for the claim `style`; at most so many works as it looks at."""
        found: list[Artist] = []
        for part in self._parts:
            if signal not in part.signals:
                continue
            identity = self._scale.identities[signal]
            by_artist: dict[tuple[str, str], list[int]] = {}
            for number, work in sorted(part.works.items(), key=lambda each: each[1].sha256):
                by_artist.setdefault((work.artist, work.tradition), []).append(number)
            known = _nearness_of_artists(part.store.path, identity)
            for (artist, tradition), numbers in by_artist.items():
                if len(numbers) < LEAST_WORKS:
                    continue
                kept = dict.fromkeys((*numbers[:MOST_WORKS], *numbers[-OTHERS_WORKS:]))
                read = dict(part.store.descriptions(identity, list(kept)))
                works = tuple(read[number] for number in kept if number in read)
                found.append(Artist(artist, tradition, works, known.get(artist)))
        return tuple(found)

    def facts(self, pairs: Unrelated) -> CohortFacts:
        """What a report says of the cohort; ``pairs`` are those that rates are read from."""
        artists = {(work.cohort, work.artist) for work in self.works}
        return CohortFacts(
            pairs.name, pairs.works, len(pairs.scores), pairs.source, len(self.works), len(artists), self.own
        )

    def line_up(
        self,
        suspect: FileFacts,
        query: Mapping[str, Description],
        findings: Sequence[Finding],
        pool: ThreadPoolExecutor,
    ) -> LineUp | None:
        """The cohort works nearest to a suspect, which ``query`` describes by signal. None without any that retrieves.

        ``reached`` counts among the works that were compared, up to `Signal.near` for each signal and part: for `copy`
        and `phash`, whose vectors give the score, no other scores higher; `layout` also compares parts of pictures.
        """
        if not any(part.searchers for part in self._parts):
            return None
        found: list[Compared] = []
        searched = 0
        for part in self._parts:
            with _told(part.store.path, part.remedy):
                found += part.compared(suspect, query, self._scale, pool)
            searched += len(part.works.keys() - set(part.ids.get(suspect.sha256, ())))
        copy = [name for name, signal in self._signals.items() if signal.claim is Claim.COPY]
        highest = {name: sorted((s[name] for _, s in found if name in s), reverse=True) for name in copy}
        best = {n: r.comparison.score for n, r in findings[0].signals} if findings else {}
        reached = [
            (name, sum(score >= least for score in highest[name]))
            for name in copy
            if (least := best.get(name)) is not None
        ]
        found.sort(key=self._nearness, reverse=True)
        return LineUp(
            entries=tuple(LineUpEntry(work, tuple(scores.items())) for work, scores in found[:MOST]),
            works=searched,
            compared=len(found),
            highest=tuple((name, tuple(highest[name][:MOST])) for name in copy),
            reached=tuple(reached),
        )

    def _nearness(self, compared: Compared) -> tuple[float, ...]:
        """Findings are ordered so too; where no table knows the signals, by their scores in turn."""
        _, scores = compared
        scale = self._scale
        comparisons = [(name, Comparison(score)) for name, score in scores.items()]
        first = order(scale.identities, comparisons, scale.kinds, [scale.cohort] if scale.cohort else [])
        return (first, *(scores.get(name, float("-inf")) for name in self._signals))

    def _take_shipped(self, seen: set[str]) -> None:
        path = reference_folder()
        remedy = "It ships with simcheck: install simcheck again."
        with _told(path, remedy):
            store = self._stores.enter_context(Store.open(path))
            described = _described(path)
            works: dict[int, CohortWork] = {}
            ids: dict[str, list[int]] = {}
            for work in store.works():
                if work.facts.sha256 not in described:
                    raise StoreError(f"{WORKS} does not name the work {work.facts.sha256}")
                works[work.id], source = described[work.facts.sha256]
                for digest in (work.facts.sha256, source):
                    ids.setdefault(digest, []).append(work.id)
            self._take(store, remedy, works, ids, seen, keep_files=False)

    def _take_own(self, path: Path, seen: set[str]) -> None:
        remedy = f"Take it away with: simcheck cohort remove {path.name!r}, and add its folder again."
        with _told(path, remedy):
            store = self._stores.enter_context(Store.open(path, watcher=self._watcher))
            name, roots = store.name, store.roots
            works: dict[int, CohortWork] = {}
            ids: dict[str, list[int]] = {}
            for work in store.works():
                file = work.paths[0]
                inside = next((file.relative_to(root) for root in roots if file.is_relative_to(root)), file)
                artist = inside.parts[0] if len(inside.parts) > 1 else name
                works[work.id] = CohortWork(work.facts.sha256, name, artist, name, str(file), "")
                ids[work.facts.sha256] = [work.id]
            if self._take(store, remedy, works, ids, seen, keep_files=True):
                self.own += (name,)
            else:
                message = f"The cohort {name!r} takes no part: it has no work that this simcheck has described. Run "
                message += f"`simcheck cohort add FOLDER --name {name!r}` again."
                self._watcher.notice(Notice("cohort_stale", message))

    def _take(
        self,
        store: Store,
        remedy: str,
        works: Mapping[int, CohortWork],
        ids: Mapping[str, Collection[int]],
        seen: set[str],
        *,
        keep_files: bool,
    ) -> bool:
        """Add a part, but for works whose bytes were ``seen``. Whether anything in it can be compared."""
        shared = {work for digest, same in ids.items() if digest in seen for work in same}
        if mine := {work for digest, same in ids.items() if digest in self._portfolio for work in same}:
            message = (
                f"{len(mine)} works of the cohort {store.name!r} are works of this portfolio, byte for byte. They "
            )
            message += "are left out of the line-ups."
            self._watcher.notice(Notice("cohort_overlap", message))
        kept = {number: work for number, work in works.items() if number not in shared}
        seen |= ids.keys()
        identities = self._scale.identities
        usable = {name: s for name, s in self._signals.items() if kept and store.described(identities[name])}
        if not usable:
            return False
        searchers = {
            name: open_retriever(store, signal, identities[name], self._watcher, keep=keep_files)
            for name, signal in usable.items()
            if signal.retrieval
        }
        self._parts.append(_Part(store, remedy, kept, ids, usable, searchers))
        return True


def _nearness_of_artists(path: Path, identity: SignalIdentity) -> Mapping[str, float]:
    """What the shipped cohort says of its artists for this very signal; measured anew where it says nothing."""
    file = path / STYLE
    if not file.is_file():
        return {}
    try:
        document = json_of(file.read_bytes())
        if identity.name not in document or tuple(document[identity.name]["signal"]) != identity.comparable:
            return {}
        return {str(artist): float(value) for artist, value in document[identity.name]["nearness"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{file} cannot be read ({error}). Install simcheck again.") from error


@contextmanager
def _told(path: Path, remedy: str) -> Iterator[None]:
    """An index of the cohort is not the person's portfolio, so what the store says to do does not hold for it."""
    try:
        yield
    except (StoreBusy, StoreTooNew):
        raise
    except StoreMissing as error:
        raise StoreMissing(f"There is no cohort in {path}. {remedy}") from error
    except StoreError as error:
        raise StoreError(f"The cohort in {path} cannot be read ({error.__cause__ or error}). {remedy}") from error


def _described(path: Path) -> dict[str, tuple[CohortWork, str]]:
    """``works.json``: by SHA-256 the work, and the SHA-256 of the file that it was made from."""
    try:
        document = json_of((path / WORKS).read_bytes())
        found = {}
        for work in document["works"]:
            source = work["source"]
            where = f"{source['repo']}: {source['path']}"
            made = CohortWork(
                work["sha256"], document["name"], work["hand"], work["tradition"], where, work["attribution"]
            )
            found[made.sha256] = made, str(source["sha256"])
        return found
    except FileNotFoundError as error:
        raise StoreMissing(f"{path / WORKS} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{WORKS}: {error}") from error
