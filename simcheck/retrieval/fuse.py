"""What several searches found, as one list of candidates."""

from __future__ import annotations

from collections.abc import Mapping

from simcheck.records import Description
from simcheck.retrieval.retriever import Retriever

__all__ = ["FUSION", "retrieve"]

FUSION = 60


def retrieve(retrievers: Mapping[str, Retriever], query: Mapping[str, Description], most: int) -> tuple[int, ...]:
    """Works by id, best first: the union of what every signal finds for a query, by reciprocal rank fusion.

    A work gets 1 / (60 + rank) from each signal that retrieved it (Cormack, Clarke & Buettcher, SIGIR 2009, with their
    constant). What a single signal puts first would drown in works that several put nowhere special, so the first
    places of every signal are always among the candidates. At most ``most`` works.
    """
    lists = {name: retriever.search(query[name], most) for name, retriever in retrievers.items()}
    merit: dict[int, float] = {}
    for works in lists.values():
        for rank, work in enumerate(works, 1):
            merit[work] = merit.get(work, 0.0) + 1 / (FUSION + rank)
    sure = {work for name, works in lists.items() for work in works[: retrievers[name].sure]}
    admitted = sorted(merit, key=lambda work: (work not in sure, -merit[work], work))[:most]
    return tuple(sorted(admitted, key=lambda work: (-merit[work], work)))
