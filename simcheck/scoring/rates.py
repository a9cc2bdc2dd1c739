"""How often unrelated works reach a score: what makes a raw score readable.

A table holds the scores of every signal over pairs of works known to be unrelated, one row a pair. Two tables are
used: the shipped one (pairs of cohort works by different artists, made by ``scripts/build/unrelated.py``) and one of
this portfolio's own works among each other, which says how alike the artist's independent works are to begin with.

A rate is per pair. A suspect is compared with many works, so the best of N works reaches a rate of r by chance about
N * r times: the report says so.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import StoreError
from simcheck.records import Alignment, Claim, Comparison, Rate, SignalIdentity
from simcheck.signals.base import Signal
from simcheck.system.reading import arrays_of, json_of
from simcheck.system.sealing import check_seal, sealed
from simcheck.system.writing import replace_file

__all__ = [
    "ALIKE",
    "Kinds",
    "LEAST_COHORT",
    "ORDERING",
    "STEM",
    "PartRow",
    "Unrelated",
    "order",
    "part_row",
    "surprise",
    "surprises",
]

ORDERING = "sum_of_surprises"
"""Name of the provisional rule by which candidates are ordered (see `order`)."""
LEAST_PAIRS = 100
"""A table with fewer pairs orders nothing."""
LEAST_COHORT = 1000
"""Fewer cohort pairs cannot say that a score is out of the ordinary."""
STEM = "unrelated_pairs"
LARGE = 0.05
"""Share of a picture from which a part is large: hardly any unrelated pair has one of a quarter of the picture, so that
the faintest agreement of such a size would be rare among its like."""
ALIKE = 0.7
"""Difference up to which the colours of a part count as alike (`signals.layout.colour_difference`)."""
PartRow = tuple[float, float, float, float]
Kinds = Mapping[str, type[Signal]]
"""The class of each signal, on which its facts stand."""


@dataclass(frozen=True, slots=True, eq=False)
class Unrelated:
    """Scores of unrelated pairs. ``scores``: (pairs, signals), NaN where the signal abstained."""

    name: str
    source: str
    works: int
    identities: tuple[tuple[str, int, str, str, str], ...]
    """For each column what must be equal for scores to be comparable (`SignalIdentity.comparable`)."""
    scores: NDArray[np.float32]
    parts: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    """(n, 4): parts of unrelated pictures that agree: number of the pair, share of the query, score (`alignment`), and
    difference in colour, NaN where that was not measured."""
    sample: tuple[str, ...] = ()
    """SHA-256 of the works that stood as suspects; empty where they are nobody's business."""
    digest: str = ""
    """SHA-256 of the file of scores, by which a calibration knows its table; empty for a portfolio's own."""
    _sorted: dict[int, NDArray[np.float32]] = field(default_factory=dict, repr=False)
    _tails: dict[int, Tail] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path, stem: str = STEM) -> Unrelated:
        """Read ``<stem>.npz`` and ``<stem>.json`` as `save` wrote them. Raises StoreError."""
        try:
            return cls._load(folder, stem)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"The table of unrelated pairs {folder / stem}.npz cannot be read ({error}). Install simcheck again."
            ) from error

    @classmethod
    def _load(cls, folder: Path, stem: str) -> Unrelated:
        about = json_of((folder / f"{stem}.json").read_bytes())
        check_seal(about)
        packed = (folder / f"{stem}.npz").read_bytes()
        if hashlib.sha256(packed).hexdigest() != about["scores_sha256"]:
            raise ValueError("its bytes are not those that its description names")
        data = arrays_of(packed)
        scores, parts = data["scores"].astype(np.float32), data["parts"].astype(np.float32)
        if parts.shape[1:] != (4,):
            raise ValueError("it was made before parts were held against each other in colour")
        columns = tuple((str(n), int(v), str(w), str(p), str(c)) for n, v, w, p, c in about["signals"])
        sample, digest = tuple(about["sample"]), str(about["scores_sha256"])
        return cls(about["name"], about["source"], int(about["works"]), columns, scores, parts, sample, digest)

    def column(self, identity: SignalIdentity) -> NDArray[np.float32] | None:
        """Sorted scores of the pairs on which this very signal had something to say."""
        return self.sorted_scores(identity.comparable)

    def sorted_scores(self, comparable: tuple[str, int, str, str, str]) -> NDArray[np.float32] | None:
        if comparable not in self.identities:
            return None
        place = self.identities.index(comparable)
        if place not in self._sorted:
            values = self.scores[:, place]
            self._sorted[place] = np.sort(values[~np.isnan(values)])
        return self._sorted[place]

    def surprises(
        self, comparable: tuple[str, int, str, str, str], scores: NDArray[np.floating]
    ) -> NDArray[np.float64] | None:
        """`surprises` among the pairs on which this very signal had something to say; None where there are none."""
        column = self.sorted_scores(comparable)
        if column is None or not len(column):
            return None
        place = self.identities.index(comparable)
        if place not in self._tails:
            self._tails[place] = Tail.of(column)
        return surprises(scores, column, self._tails[place])

    def rate(self, identity: SignalIdentity, score: float) -> Rate | None:
        """How many of the pairs reach ``score``; None when they were not compared by this very signal."""
        column = self.column(identity)
        if column is None or not len(column):
            return None
        return Rate(int(len(column) - np.searchsorted(column, np.float32(score), side="left")), len(column))

    def rate_of_part(
        self, identity: SignalIdentity, area: float, score: float, colours: SignalIdentity | None = None
    ) -> Rate | None:
        """How many pairs have a part at least half as large as ``area``, or `LARGE` if that is less, that agrees at
        least as well, and, where ``colours`` are asked for, is alike in them; None when they were not compared by
        these very signals."""
        column = self.column(identity)
        if column is None or not len(column) or (colours and colours.comparable not in self.identities):
            return None
        pair, share, reached, difference = self.parts.T
        reaching = (share >= min(area / 2, LARGE)) & (reached >= np.float32(score))
        if colours:
            reaching &= difference <= ALIKE  # never of what was not measured
        return Rate(len(np.unique(pair[reaching])), len(column))

    def _place(self, identity: SignalIdentity) -> int:
        return self.identities.index(identity.comparable)

    def orders(
        self,
        identities: Mapping[str, SignalIdentity],
        kinds: Kinds,
        against: Unrelated | None = None,
    ) -> NDArray[np.float64]:
        """The sorted provisional scores (`order`) that these very pairs reach, by the table ``against`` (this one)."""
        against = against or self
        largest: dict[str, NDArray[np.float64]] = {}
        for name, identity in identities.items():
            column = against.column(identity)
            known = column is not None and len(column) >= LEAST_PAIRS and identity.comparable in self.identities
            if column is None or not known or kinds[name].claim is not Claim.COPY:
                continue
            own = self.scores[:, self._place(identity)]
            found = np.where(np.isnan(own), 0.0, surprises(np.nan_to_num(own), column))
            group = kinds[name].sight or name
            largest[group] = np.maximum(largest.get(group, 0.0), found)
        return np.sort(sum(largest.values(), np.zeros(len(self.scores))))

    def save(self, folder: Path, about: Mapping[str, object], stem: str = STEM) -> None:
        """Write both files; ``about`` says how the table was made and is kept in the JSON file."""
        packed = io.BytesIO()
        np.savez_compressed(packed, scores=self.scores.astype(np.float32), parts=self.parts.astype(np.float32))
        document = {
            "name": self.name,
            "source": self.source,
            "works": self.works,
            "pairs": len(self.scores),
            "sample": list(self.sample),
            "scores_sha256": hashlib.sha256(packed.getvalue()).hexdigest(),
            "signals": [list(identity) for identity in self.identities],
            **about,
        }
        text = json.dumps(sealed(document), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        replace_file(folder / f"{stem}.npz", packed.getvalue())
        replace_file(folder / f"{stem}.json", text.encode())


def part_row(pair: int, part: Alignment) -> PartRow:
    """A row of `Unrelated.parts`."""
    difference = part.colour_difference
    return pair, part.area, part.score, np.nan if difference is None else difference


@dataclass(frozen=True, slots=True)
class Tail:
    """What lies beyond the 99th percentile of a sorted column: where it starts, and its mean excess, None without any.

    Kept for each column: it is asked for with every score, and looking at ten thousand numbers takes a while.
    """

    start: float
    excess: float | None

    @classmethod
    def of(cls, column: NDArray[np.float32]) -> Tail:
        start = float(np.quantile(column, 0.99))
        excess = column[column > start] - start
        return cls(start, max(float(excess.mean()), 1e-6) if len(excess) else None)


def surprise(score: float, column: NDArray[np.float32], tail: Tail | None = None) -> float:
    """-log10 of the share of unrelated pairs that reach ``score``; ``column`` is sorted. See `surprises`."""
    return float(surprises(np.array([score]), column, tail)[0])


def surprises(
    scores: NDArray[np.floating], column: NDArray[np.float32], tail: Tail | None = None
) -> NDArray[np.float64]:
    """`surprise` of many scores. ``tail``: that of the column, where it is known already.

    Beyond the 99th percentile, where single pairs would decide, the tail is taken as exponential with the mean excess
    observed there (peaks over threshold: Pickands, Annals of Statistics 1975, with shape 0).
    """
    tail = tail or Tail.of(column)
    # in single precision, as the column holds them: a tie must not lie beyond its like
    single = np.clip(scores, -3e38, 3e38).astype(np.float32)
    reached = len(column) - np.searchsorted(column, single, side="left")
    counted = -np.log10((reached + 1) / (len(column) + 1))
    if tail.excess is None:
        return np.asarray(counted)  # a column without a tail says no more than that none reached it
    beyond = 2 + (single.astype(np.float64) - tail.start) / (tail.excess * np.log(10))
    return np.asarray(np.where(single > tail.start, beyond, counted))


def order(
    identities: Mapping[str, SignalIdentity],
    comparisons: Sequence[tuple[str, Comparison]],
    kinds: Kinds,
    tables: Sequence[Unrelated],
    *,
    capped: bool = False,
) -> float:
    """The provisional score by which candidates are ordered: the sum of the surprises of the claim `copy`.

    Signals that look at the same thing (`Signal.sight`) count once, by the larger of their surprises. For each signal
    the first of ``tables`` that knows it is used; a signal that abstains, or that no table knows, adds nothing. This is
    an order, not a likelihood ratio: the signals are not independent, and nothing here was fitted to pairs of known
    origin. ``capped``: no surprise goes beyond what the number of pairs can carry.
    """
    largest: dict[str, float] = {}
    for name, comparison in comparisons:
        if comparison.score is None or kinds[name].claim is not Claim.COPY:
            continue
        for table in tables:
            column = table.column(identities[name])
            if column is not None and len(column) >= LEAST_PAIRS:
                group = kinds[name].sight or name
                found = table.surprises(identities[name].comparable, np.array([comparison.score]))
                assert found is not None, "the column is there"
                surprising = min(float(found[0]), float(np.log10(len(column)))) if capped else float(found[0])
                largest[group] = max(largest.get(group, 0.0), surprising)
                break
    return float(sum(largest.values()))
