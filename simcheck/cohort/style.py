"""The claim `style`: are these suspects, taken together, nearer to this portfolio than to the works of other artists?

For each suspect and each artist, the mean similarity with the three works of that artist that are nearest to it; of
these the mean over the suspects. Some artists are near to everybody (brown ink on white paper), so twice that mean is
lessened by how near the artist is to works by others (cross-domain similarity local scaling, Conneau et al., ICLR
2018). Each signal's scores are put in standard deviations over the cohort's artists, and their mean taken. The artists
of the cohort stand in one line with the portfolio; what is told is the place of the portfolio in that line.

It sees what the signals with `in_style` see: colours and their proportions, which artists that were printed and scanned
together share; and what CLIP sees, where suspects, portfolio and enough artists of the cohort were described with it
(the shipped cohort is not; `simcheck cohort add` does it). `copy` was tried beside colours and did not help (DECISIONS
31). **Corroboration only**: a style is nobody's property, and the first place among some fifty artists is what some
suspects have by chance. It is never joined with the claim `copy`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Claim, Description
from simcheck.records.run import ArtistPlace, StyleStatement
from simcheck.signals.base import Signal
from simcheck.store import Store

__all__ = [
    "LEAST_SUSPECTS",
    "LEAST_WORKS",
    "MOST_WORKS",
    "NEAREST_ARTISTS",
    "OTHERS_WORKS",
    "Artist",
    "Line",
    "artist_of",
    "nearness",
    "signals_of",
    "similarity",
    "style_statement",
]

LEAST_SUSPECTS = 3
"""One suspect alone found its artist in 0.45 of the tests, three in 0.59, ten in 0.82
(`scripts/measure/evaluate_style.py`)."""
LEAST_WORKS = 8
MOST_SUSPECTS, MOST_WORKS = 20, 20
NEAREST_WORKS = 3
NEAREST_ARTISTS = 10
OTHERS_WORKS = 10
"""Works of each other artist by which it is measured how near an artist is to works by others."""
SHOWN = 5


def signals_of(signals: Mapping[str, Signal]) -> tuple[str, ...]:
    """Names of those that take part, of the claim `style` first."""
    found = [name for name, signal in signals.items() if signal.in_style]
    return tuple(sorted(found, key=lambda name: signals[name].claim is not Claim.STYLE))


@dataclass(frozen=True, slots=True, eq=False)
class Artist:
    name: str
    tradition: str
    works: tuple[Description, ...]
    """In an order that does not depend on what they show."""
    nearness: float | None = None
    """How near it is to works by others, where that is known (`nearness`)."""


def artist_of(store: Store, signal: Signal) -> Artist:
    """The portfolio of an index as one artist, by some of its works: which ones has nothing to do with what they
    show."""
    identity = signal.identity()
    chosen = sorted(store.works(), key=lambda work: work.facts.sha256)[:MOST_WORKS]
    read = dict(store.descriptions(identity, [work.id for work in chosen]))
    return Artist(store.name, "", tuple(read[work.id] for work in chosen if work.id in read))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The artists as one signal sees them."""

    signal: Signal
    suspects: Sequence[Description]
    portfolio: Artist
    cohort: Sequence[Artist]

    @property
    def others(self) -> dict[tuple[str, str], Artist]:
        """Artists of the cohort with enough works."""
        return {(artist.name, artist.tradition): artist for artist in self.cohort if len(artist.works) >= LEAST_WORKS}

    @property
    def is_enough(self) -> bool:
        enough = len(self.suspects) >= LEAST_SUSPECTS and len(self.portfolio.works) >= LEAST_WORKS
        return enough and len(self.others) >= NEAREST_ARTISTS

    def scores(self, artists: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Of the portfolio and of ``artists``, in standard deviations over these."""
        others = self.others
        line = [self.portfolio, *(others[artist] for artist in artists)]
        found = np.array([_score(self.suspects, artist, list(others.values()), self.signal) for artist in line])
        return np.asarray((found - found[1:].mean()) / max(float(found[1:].std()), 1e-9))


def style_statement(lines: Sequence[Line]) -> StyleStatement | None:
    """Where the portfolio stands among the artists of the cohort; None for too few suspects, works or artists.

    Artists that not all signals know are left out; a signal that leaves fewer than ten takes no part.
    """
    kept: list[Line] = []
    artists: list[tuple[str, str]] = []
    for line in (line for line in lines if line.is_enough):
        known = [artist for artist in artists if artist in line.others] if kept else list(line.others)
        if len(known) >= NEAREST_ARTISTS:
            kept.append(line)
            artists = known
    if not kept:
        return None
    scores = np.mean([line.scores(artists) for line in kept], axis=0).round(4).tolist()
    first = kept[0]
    works = [len(artist.works) for artist in (first.portfolio, *(first.others[each] for each in artists))]
    names = [(first.portfolio.name, first.portfolio.tradition), *artists]
    places = [ArtistPlace(*name, count, score) for name, count, score in zip(names, works, scores, strict=True)]
    rank = 1 + sum(place.score >= places[0].score for place in places[1:])
    nearest = sorted(places, key=lambda place: (-place.score, place.artist))[:SHOWN]
    signals = tuple(line.signal.name for line in kept)
    return StyleStatement(signals, len(first.suspects), len(places), rank, tuple(nearest), places[0].score)


def _score(suspects: Sequence[Description], artist: Artist, others: Sequence[Artist], signal: Signal) -> float:
    near = nearness(artist, others, signal) if artist.nearness is None else artist.nearness
    return 2 * similarity(suspects[:MOST_SUSPECTS], artist, signal) - near


def similarity(suspects: Sequence[Description], artist: Artist, signal: Signal) -> float:
    """Mean over the suspects of the mean score with the nearest works of ``artist``; 0 where the signal abstains."""
    means = []
    for suspect in suspects:
        scores = [signal.score(suspect, work) for work in artist.works[:MOST_WORKS]]
        known = sorted(score for score in scores if score is not None)
        means.append(float(np.mean(known[-NEAREST_WORKS:])) if known else 0.0)
    return float(np.mean(means))


def nearness(artist: Artist, others: Sequence[Artist], signal: Signal) -> float:
    """How near ``artist`` is to works by others: the mean similarity with the ten artists that are nearest to it."""
    found = [
        similarity(other.works[-OTHERS_WORKS:], artist, signal)
        for other in others
        if (other.name, other.tradition) != (artist.name, artist.tradition)
    ]
    return float(np.mean(sorted(found)[-NEAREST_ARTISTS:]))
