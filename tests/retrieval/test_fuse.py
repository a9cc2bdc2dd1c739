"""Candidates of several searches in one list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from arrows import Arrows, Voters, axis, described, opened, put
from hypothesis import given
from hypothesis import strategies as st

from simcheck.records import Description
from simcheck.retrieval.fuse import FUSION, retrieve
from simcheck.store import Store


class Scripted:
    """Finds what it is told."""

    sure = 5

    def __init__(self, found: Sequence[int]) -> None:
        self.found = list(found)

    def search(self, query: Description, most: int) -> list[int]:
        return self.found[:most]


def fused(most: int, **lists: Sequence[int]) -> tuple[int, ...]:
    retrievers = {name: Scripted(found) for name, found in lists.items()}
    return retrieve(retrievers, {name: described([axis(1)]) for name in lists}, most)


def test_works_are_ordered_by_the_sum_of_reciprocal_ranks() -> None:
    merit = {
        1: 1 / (FUSION + 2) + 1 / (FUSION + 1),
        2: 1 / (FUSION + 3) + 1 / (FUSION + 2),
        3: 1 / (FUSION + 1),
        4: 1 / (FUSION + 1),
    }
    works = fused(10, copy=[3, 1, 2], phash=[1], layout=[4, 2])
    assert list(works) == sorted(merit, key=lambda work: (-merit[work], work)) == [1, 2, 3, 4]


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(1, 30), unique=True, max_size=12), min_size=1),
       st.integers(1, 15))  # fmt: skip
def test_the_union_names_every_work_once(lists: dict[str, list[int]], most: int) -> None:
    works = fused(most, **lists)
    union = {work for found in lists.values() for work in found[:most]}
    assert len(works) == len(set(works)) == min(most, len(union))
    assert set(works) <= union
    assert fused(most, **dict(reversed(lists.items()))) == works, "the order of signals does not matter"


def test_one_signal_keeps_its_own_order() -> None:
    assert fused(3, copy=[9, 2, 7, 1]) == (9, 2, 7)


def test_the_first_find_of_any_signal_is_always_a_candidate() -> None:
    """A pasted element that keypoints alone can see, in a portfolio of 200 works: 40 are compared."""
    generator = np.random.default_rng(1)
    others = {name: [int(w) for w in generator.permutation(range(1, 200))[:40]] for name in ("a", "b", "c", "d")}
    assert 200 in fused(40, keypoints=[200, *others["a"][::-1][:39]], **others)


def test_each_signal_searches_with_its_own_description(tmp_path: Path) -> None:
    first, second = Arrows(), Voters()
    with Store.open(tmp_path / "index", write=True, create=True) as store:
        for signal in (first, second):
            ids = put(store, signal, {"a": described([axis(1)]), "b": described([axis(2)])})
        retrievers = {signal.name: opened(store, signal) for signal in (first, second)}
    query = {"arrows": described([axis(2)]), "voters": described([axis(2, 0.4, 1)])}
    assert retrieve(retrievers, query, 1) == (ids["b"],)
