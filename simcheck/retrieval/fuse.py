"""What several searches found, as one list of candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simcheck.records import Description
from simcheck.retrieval.retriever import Retriever

__all__ = ["FUSION", "Candidates", "retrieve"]

FUSION = 60


@dataclass(frozen=True, slots=True)
class Candidates:
    """Work ids, best first, of one query; ``found_by`` names for each the signals that retrieved it."""

    works: tuple[int, ...]
    found_by: tuple[tuple[str, ...], ...]


def retrieve(
    retrievers: Mapping[str, Retriever], descriptions: Mapping[str, Sequence[Description]], number: int, most: int
) -> Candidates:
    """The union of what every retrieval signal finds for query ``number``, by reciprocal rank fusion.

    A work gets 1 / (60 + rank) from each signal that retrieved it (Cormack, Clarke & Buettcher, SIGIR 2009, with their
    constant). What a single signal puts first would drown in works that several put nowhere special, so the first
    places of every signal are always among the candidates. At most ``most`` works.
    """
    lists = {name: retriever.search(descriptions[name][number], most) for name, retriever in retrievers.items()}
    merit: dict[int, float] = {}
    for works in lists.values():
        for rank, work in enumerate(works, 1):
            merit[work] = merit.get(work, 0.0) + 1 / (FUSION + rank)
    sure = {work for name, works in lists.items() for work in works[: retrievers[name].sure]}
    admitted = sorted(merit, key=lambda work: (work not in sure, -merit[work], work))[:most]
    chosen = tuple(sorted(admitted, key=lambda work: (-merit[work], work)))
    found_by = tuple(tuple(name for name, works in lists.items() if work in works) for work in chosen)
    return Candidates(chosen, found_by)
