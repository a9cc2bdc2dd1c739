"""The exact search: every vector of a query with every vector of the portfolio.

What is found does not depend on how the vectors lie in files. A matrix product gives a score that differs in its last
digits with the place of a row, so it only says what comes into question; what does is scored again, each pair by
itself, and equal scores go by the id of the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Description
from simcheck.retrieval.upkeep import Live
from simcheck.signals.base import Retrieval, Signal
from simcheck.system.threads import every_core

__all__ = ["STANDOUT_DEPTH", "VOTES", "FlatRetriever"]

VOTES = 10
"""Nearest vectors that each vector of a voting query asks for; the last of them is the level of chance."""

STANDOUT_DEPTH = 64
"""Nearest vectors in which the ten nearest works are looked for: several of a work's windows overlap."""
SLACK = 8
"""Vectors that are asked for beyond the depth, so that it shows whether equals of the last were cut off."""
LEAST_PRODUCT = 20
"""Numbers in the query vectors from which on FAISS multiplies matrices instead of going through the vectors one by one.
Its own limit, 128,000, left a thousand keypoints to the slow way: 2.7 s instead of 0.5 s against 160,000 vectors."""
AT_ONCE = 1 << 22
"""Scores, or numbers of pairs of vectors, that are in memory at once."""

Scores = NDArray[np.float64]


class FlatRetriever:
    """Searches the vectors of one signal over the whole portfolio."""

    def __init__(self, signal: Signal, live: Sequence[Live]) -> None:
        import faiss

        faiss.cvar.distance_compute_blas_threshold = LEAST_PRODUCT
        self._signal = signal
        self._blocks = [_Block(each) for each in live if each.rows]
        self._rows = sum(block.rows for block in self._blocks)

    @property
    def sure(self) -> int:
        return self._signal.sure

    def search(self, description: Description, most: int) -> list[int]:
        """Work ids, best first, at most ``most``."""
        rows = [self._signal.vectors(d, query=True) for d in (*description.descriptors, *description.mirrored)]
        if not any(len(r) for r in rows) or not self._rows:
            return []
        asked = np.ascontiguousarray(np.concatenate([r for r in rows if len(r)]), np.float32)
        with every_core():
            if self._signal.retrieval is Retrieval.VOTES:
                return self._by_votes(asked, most)
            if self._signal.retrieval is Retrieval.STANDOUT:
                return self._by_standout(asked, most)
            return self._by_best_region(asked, most)

    def _by_best_region(self, asked: NDArray[np.float32], most: int) -> list[int]:
        about = [block.best_of_works(asked) for block in self._blocks]
        highest = np.concatenate(about)
        least = np.partition(highest, -most)[-most] if most < len(highest) else -np.inf
        works, scores = zip(
            *(
                block.exact_of_works(asked, np.flatnonzero(best >= least - 2 * _error(asked)))
                for block, best in zip(self._blocks, about, strict=True)
            ),
            strict=True,
        )
        return _best(np.concatenate(works), np.concatenate(scores), most, np.maximum)

    def _by_votes(self, asked: NDArray[np.float32], most: int) -> list[int]:
        scores, owners = self._nearest(asked, VOTES)
        gain = scores - scores[:, -1:]
        # one keypoint has one vote for a work, however many alike it finds there
        voter = np.repeat(np.arange(len(asked)), scores.shape[1])
        order = np.argsort(-gain.ravel(), kind="stable")
        _, once = np.unique(np.c_[voter[order], owners.ravel()[order]], axis=0, return_index=True)
        chosen = order[once]
        return _best(owners.ravel()[chosen], gain.ravel()[chosen], most, np.add)

    def _by_standout(self, asked: NDArray[np.float32], most: int) -> list[int]:
        """By the most that one vector gains over its tenth-nearest work: an element is in few windows of a suspect, and
        what many works share gains nothing."""
        scores, owners = self._nearest(asked, STANDOUT_DEPTH)
        again = np.tril(owners[:, :, None] == owners[:, None, :], -1).any(axis=2)
        works_seen = np.cumsum(~again, axis=1)
        tenth = np.minimum((works_seen < VOTES).sum(axis=1), scores.shape[1] - 1)
        gain = np.where(again, 0, scores - scores[np.arange(len(scores)), tenth][:, None])
        return _best(owners.ravel(), gain.ravel(), most, np.maximum)

    def _nearest(self, asked: NDArray[np.float32], most: int) -> tuple[Scores, NDArray[np.int64]]:
        """For each vector the scores of its ``most`` nearest, or of all, highest first, and their owners."""
        depth = min(most, self._rows)
        doubt = 2 * _error(asked)
        asks = depth + SLACK
        while True:
            found = [block.nearest(asked, asks) for block in self._blocks]
            about = np.concatenate([scores for scores, _, _ in found], axis=1)
            least = np.partition(about, -depth, axis=1)[:, -depth] - doubt
            if np.isfinite(least).all():
                break
            asks *= 4  # too much of it was of works that are gone
        pairs = _Pairs(depth)
        cut_off = np.zeros(len(asked), np.bool_)
        for block, (scores, rows, last) in zip(self._blocks, found, strict=True):
            pairs.add(asked, block, *_where(scores >= least[:, None], rows))
            cut_off |= last >= least
        if cut_off.any():  # more are equal than were asked for
            unsure = np.flatnonzero(cut_off)
            pairs.drop(unsure)
            for block in self._blocks:
                for queries, rows in block.at_least(asked[unsure], least[unsure]):
                    pairs.add(asked, block, unsure[queries], rows)
        return pairs.sorted(len(asked))


class _Block:
    """The searched vectors of one segment."""

    def __init__(self, live: Live) -> None:
        segment = live.segment
        counts = np.diff(segment.starts)
        self.vectors = segment.vectors
        self.rows = live.rows
        self._searched = np.repeat(live.works, counts)
        self.owners = np.repeat(segment.works, counts)
        filled = counts > 0
        self._begins = segment.starts[:-1][filled]
        """Where the vectors of each work that has any begin, also of those that are not searched."""
        self._live = live.works[filled]
        self._works = segment.works[live.works & filled]
        self._parts = [slice(segment.starts[i], segment.starts[i + 1]) for i in np.flatnonzero(live.works & filled)]

    def best_of_works(self, asked: NDArray[np.float32]) -> NDArray[np.float32]:
        """For each work about the highest score of one of its vectors."""
        highest = np.concatenate([scores.max(axis=0) for _, scores in self._scores(asked)])
        return np.asarray(np.maximum.reduceat(highest, self._begins)[self._live])

    def exact_of_works(self, asked: NDArray[np.float32], places: NDArray[np.int64]) -> tuple[NDArray[np.int64], Scores]:
        """The works at these places, and the highest score of each."""
        best = np.full(len(places), -np.inf)
        for number, place in enumerate(places):
            rows = self.vectors[self._parts[place]]
            about = asked @ rows.T
            query, row = np.nonzero(about >= about.max() - 2 * _error(asked))
            best[number] = _exact(asked, query, rows, row).max()
        return self._works[places], best

    def nearest(
        self, asked: NDArray[np.float32], asks: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
        """About the scores of the nearest ``asks`` vectors, their rows, and the score that all others do not exceed.

        A row that is not searched has the score -inf.
        """
        import faiss

        number = min(asks, len(self.vectors))
        scores, rows = faiss.knn(asked, self.vectors, number, metric=faiss.METRIC_INNER_PRODUCT)
        last = scores[:, -1] if number < len(self.vectors) else np.full(len(asked), -np.inf, np.float32)
        return np.where(self._searched[rows], scores, -np.inf), rows, last

    def at_least(
        self, asked: NDArray[np.float32], least: NDArray[np.floating]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """All pairs of a vector asked for and a row whose score is about ``least`` or more."""
        for start, scores in self._scores(asked):
            query, row = np.nonzero((scores >= least[:, None]) & self._searched[start : start + scores.shape[1]])
            yield query, row + start

    def _scores(self, asked: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        step = max(1, AT_ONCE // len(asked))
        for start in range(0, len(self.vectors), step):
            yield start, asked @ self.vectors[start : start + step].T


class _Pairs:
    """Scored pairs of a query's vector and an owner; of each vector no more than ``depth`` are kept."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._query = np.zeros(0, np.int64)
        self._owner = np.zeros(0, np.int64)
        self._score: Scores = np.zeros(0)

    def add(self, asked: NDArray[np.float32], block: _Block, query: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        self._query = np.concatenate([self._query, query])
        self._owner = np.concatenate([self._owner, block.owners[rows]])
        self._score = np.concatenate([self._score, _exact(asked, query, block.vectors, rows)])
        order = np.lexsort((self._owner, -self._score, self._query))
        first = np.searchsorted(self._query[order], self._query[order])
        self._keep(order[np.arange(len(order)) - first < self._depth])

    def drop(self, queries: NDArray[np.int64]) -> None:
        self._keep(np.flatnonzero(~np.isin(self._query, queries)))

    def sorted(self, queries: int) -> tuple[Scores, NDArray[np.int64]]:
        """(queries, depth) scores and owners."""
        order = np.lexsort((self._owner, -self._score, self._query))
        shape = (queries, self._depth)
        return self._score[order].reshape(shape), self._owner[order].reshape(shape)

    def _keep(self, places: NDArray[np.int64]) -> None:
        self._query, self._owner, self._score = self._query[places], self._owner[places], self._score[places]


def _where(mask: NDArray[np.bool_], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    query, place = np.nonzero(mask)
    return query, rows[query, place]


def _exact(
    left: NDArray[np.float32], rows: NDArray[np.int64], right: NDArray[np.float32], others: NDArray[np.int64]
) -> Scores:
    """Inner products of pairs of rows, each summed by itself: the same wherever a row lies."""
    scores = np.empty(len(rows))
    step = max(1, AT_ONCE // left.shape[1])
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        product = left[rows[part]].astype(np.float64) * right[others[part]]
        scores[part] = product.sum(axis=1)
    return scores


def _error(asked: NDArray[np.float32]) -> float:
    """By how much the score in single precision of two unit vectors is off at the most."""
    return float(2 * asked.shape[1] * 2.0**-24)


def _best(owners: NDArray[np.int64], scores: Scores, most: int, join: np.ufunc) -> list[int]:
    works, place = np.unique(owners, return_inverse=True)
    total = np.full(len(works), -np.inf if join is np.maximum else 0.0)
    join.at(total, place, scores)
    return [int(works[i]) for i in np.argsort(-total, kind="stable")[:most]]
