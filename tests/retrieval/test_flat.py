"""The search: the right works in the right order, however their vectors lie in files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from arrows import DIMENSION, Arrows, Rows, Standing, Voters, axis, described, opened, put, scattered
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from paintings import painting, picture

from simcheck.records import Description, Pixels
from simcheck.retrieval.flat import STANDOUT_DEPTH, VOTES, FlatRetriever
from simcheck.retrieval.retriever import Retriever
from simcheck.retrieval.segments import together
from simcheck.retrieval.upkeep import Live
from simcheck.signals import load
from simcheck.signals.base import Retrieval, Signal
from simcheck.signals.describe import describe
from simcheck.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "index", write=True, create=True, name="test") as opened:
        yield opened


# -- who is found ----------------------------------------------------------------------------------------------------


def test_the_work_with_the_nearest_region_comes_first(store: Store) -> None:
    signal = Arrows()
    ids = put(
        store,
        signal,
        {
            "near in its second region": described([axis(1)], [axis(2, 0.1, 3)]),
            "nearest": described([axis(4)], [axis(5)], [axis(2)]),
            "far": described([axis(6)]),
        },
    )
    searcher = opened(store, signal)
    query = described([axis(7)], [axis(2)])
    assert searcher.search(query, 3)[:2] == [ids["nearest"], ids["near in its second region"]]
    assert searcher.search(query, 1) == [ids["nearest"]]


def test_a_mirrored_query_searches_too(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)]), "b": described([axis(2)])})
    plain = described([axis(1, 0.5, 3)])
    mirrored = Description(plain.regions, plain.descriptors, 9, 9, described([axis(2)]).descriptors)
    searcher = opened(store, signal)
    assert searcher.search(plain, 1) == [ids["a"]]
    assert searcher.search(mirrored, 1) == [ids["b"]]


VECTORS = st.lists(
    st.tuples(*[st.floats(-1, 1, width=16)] * DIMENSION).filter(lambda v: float(np.linalg.norm(v)) > 0.1),
    min_size=1,
    max_size=5,
).map(lambda rows: (np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16))


@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # to shrink takes minutes here
@given(st.lists(VECTORS, min_size=1, max_size=6), VECTORS, st.integers(1, 6))
def test_best_region_is_what_comparing_all_with_all_gives(
    tmp_path_factory: pytest.TempPathFactory, works: list[Rows], query: Rows, most: int
) -> None:
    signal = Arrows()
    with Store.open(tmp_path_factory.mktemp("best") / "i", write=True, create=True) as store:
        ids = put(store, signal, {str(i): described(*rows) for i, rows in enumerate(works)})
        found = opened(store, signal).search(described(*query), most)
    best = {ids[str(i)]: float((query.astype(np.float32) @ w.T.astype(np.float32)).max()) for i, w in enumerate(works)}
    assert len(found) == min(most, len(works)) == len(set(found))
    expected = sorted(best.values(), reverse=True)[:most]
    assert [best[work] for work in found] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_work_that_owns_all_near_vectors_takes_one_place_only(store: Store, most: int) -> None:
    signal = Arrows()
    crowd = described(*[[axis(1, 0.001 * i, 2)] for i in range(40)])
    ids = put(store, signal, {"crowd": crowd, "second": described([axis(1, 0.5, 3)]), "third": described([axis(4)])})
    found = opened(store, signal).search(described([axis(1)]), most)
    assert found == [ids["crowd"], ids["second"], ids["third"]][:most]


def test_votes_go_to_the_work_that_shares_most_keypoints(store: Store) -> None:
    signal = Voters()
    works = {str(i): scattered(30, i) for i in range(8)}
    ids = put(store, signal, {name: described(rows) for name, rows in works.items()})
    query = np.vstack([works["5"][:12], works["2"][:6], scattered(25, 99)])
    found = opened(store, signal).search(described(query), 8)
    assert found[:2] == [ids["5"], ids["2"]]


def test_a_keypoint_votes_once_for_a_work_however_often_it_is_there(store: Store) -> None:
    """A pattern that repeats all over one work must not outvote a true copy of another."""
    signal = Voters()
    pattern = np.repeat(np.array([axis(1)]), VOTES - 2, axis=0)
    original = np.array([axis(i) for i in (2, 3, 4, 5)])
    ids = put(
        store,
        signal,
        {"pattern": described(pattern), "original": described(original), "other": described(scattered(20, 7))},
    )
    query = np.vstack([np.array([axis(1)] * 2), original[:3]])
    assert opened(store, signal).search(described(query), 1) == [ids["original"]]


def test_a_vote_weighs_what_it_stands_out_by(store: Store) -> None:
    """Gain over the last of the nearest: what everyone has is worth nothing."""
    signal = Voters()
    common = {f"common {i}": described([axis(1)]) for i in range(VOTES)}
    ids = put(store, signal, {**common, "rare": described([axis(2)])})
    found = opened(store, signal).search(described([axis(1)] * 5 + [axis(2)]), 1)
    assert found == [ids["rare"]]


@pytest.mark.parametrize("signal", [Arrows(), Voters()])
def test_works_and_queries_that_abstain_are_passed_over(store: Store, signal: Signal) -> None:
    ids = put(store, signal, {"blank": described(None, None), "half": described(None, [axis(3)])})
    searcher = opened(store, signal)
    assert searcher.search(described(None, [axis(3)]), 5) == [ids["half"]]
    assert searcher.search(described(None), 5) == []


@pytest.mark.parametrize("signal", [Arrows(), Voters()])
def test_an_index_without_vectors_finds_nothing(store: Store, signal: Signal) -> None:
    assert opened(store, signal).search(described([axis(1)]), 5) == []
    put(store, signal, {"blank": described(None)})
    assert opened(store, signal).search(described([axis(1)]), 5) == []


def test_a_work_that_one_vector_singles_out_comes_before_those_that_are_near_to_all(store: Store) -> None:
    """Twelve works are near to every vector of the query; one other is nearest to one of them."""
    signal = Standing()
    generator = np.random.default_rng(3)

    def near() -> Rows:
        return np.array(axis(0)) + generator.normal(0, 0.02, DIMENSION)

    ids = put(store, signal, {f"near {i}": described(*[[near()] for _ in range(3)]) for i in range(12)})
    ids |= put(store, signal, {"own": described([axis(1)]), "weak": described([0.4 * np.array(axis(0))])})
    query = described(*[[near()] for _ in range(20)], [np.array(axis(1)) + 0.3 * np.array(axis(0))])
    searcher = opened(store, signal)
    assert searcher.search(query, 3)[0] == ids["own"]
    assert ids["weak"] not in searcher.search(query, 13)


# -- what is found does not depend on how vectors lie in files -------------------------------------------------------

Row = list[float]
FEW = st.lists(st.sampled_from(np.eye(3, DIMENSION).tolist() + (-np.eye(2, DIMENSION)).tolist()), max_size=4)
"""Vectors of few kinds: most scores are equal, so that what is cut off by number would show."""


def block(works: Mapping[int, Sequence[Row]], dead: Collection[int] = ()) -> Live:
    parts = [(work, "", np.array(rows, np.float32).reshape(-1, DIMENSION)) for work, rows in works.items()]
    segment = together(parts)
    return Live(segment, np.array([work not in dead for work in works], np.bool_))


def by_definition(signal: Signal, works: Mapping[int, Sequence[Row]], asked: Rows, most: int) -> list[int]:
    """One vector after the other, and equal scores by the number of the work."""
    rows = [(work, np.array(row)) for work, vectors in works.items() for row in vectors]
    merit: dict[int, float] = {}
    for vector in asked if rows else ():
        near = sorted(((float(row @ vector), work) for work, row in rows), key=lambda each: (-each[0], each[1]))
        if signal.retrieval is Retrieval.VOTES:
            near = near[:VOTES]
            for work in {work for _, work in near}:
                gain = max(score for score, owner in near if owner == work) - near[-1][0]
                merit[work] = merit.get(work, 0.0) + gain
        elif signal.retrieval is Retrieval.STANDOUT:
            near = near[:STANDOUT_DEPTH]
            firsts: dict[int, float] = {}
            for score, work in near:
                firsts.setdefault(work, score)
            tenth = list(firsts.values())[VOTES - 1] if len(firsts) >= VOTES else near[-1][0]
            for work, score in firsts.items():
                merit[work] = max(merit.get(work, 0.0), score - tenth)
        else:
            for score, work in near:
                merit[work] = max(merit.get(work, -np.inf), score)
    return sorted(merit, key=lambda work: (-merit[work], work))[:most]


@pytest.mark.parametrize("signal", [Arrows(), Voters(), Standing()], ids=lambda signal: signal.name)
@given(
    works=st.lists(FEW, min_size=1, max_size=30),
    places=st.lists(st.integers(0, 3), min_size=30, max_size=30),
    gone=st.sets(st.integers(0, 29), max_size=12),
    asked=FEW.filter(len),
    most=st.integers(1, 30),
)
@settings(max_examples=60)
def test_any_split_into_files_finds_what_one_file_does(
    signal: Signal,
    works: list[list[list[float]]],
    places: list[int],
    gone: set[int],
    asked: list[list[float]],
    most: int,
) -> None:
    numbered = dict(enumerate(works))
    there = {work: rows for work, rows in numbered.items() if work not in gone}
    parts = [block({w: rows for w, rows in numbered.items() if places[w] == place}, gone) for place in range(4)]
    one = FlatRetriever(signal, [block(there)])
    many = FlatRetriever(signal, [part for part in parts if len(part.works)])
    query = described(asked)
    assert many.search(query, most) == one.search(query, most)
    assert one.search(query, most) == by_definition(signal, there, np.array(asked), most)


@pytest.mark.parametrize("signal", [Arrows(), Voters(), Standing()], ids=lambda signal: signal.name)
def test_more_equals_than_are_asked_for_are_all_looked_at(signal: Signal) -> None:
    """The lowest numbers win, wherever they lie; half of the vectors are of works that are gone."""
    works = {number: [axis(1)] for number in reversed(range(400))}
    gone = set(range(0, 400, 2))
    parts = [block({w: rows for w, rows in works.items() if w % 3 == part}, gone) for part in range(3)]
    assert FlatRetriever(signal, parts).search(described([axis(1)]), 5) == [1, 3, 5, 7, 9]


def test_splits_of_many_real_valued_vectors_agree(tmp_path: Path) -> None:
    """Where a product of matrices differs in its last digits with the place of a row."""
    generator = np.random.default_rng(5)
    rows = generator.normal(size=(900, DIMENSION)).astype(np.float32)
    rows[300:600] = rows[:300]  # the same vectors again, in other works
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    works = {number: rows[number * 3 : number * 3 + 3].tolist() for number in range(300)}
    asked = generator.normal(size=(40, DIMENSION))
    query = described(asked / np.linalg.norm(asked, axis=1, keepdims=True))
    for signal in (Arrows(), Voters(), Standing()):
        expected = FlatRetriever(signal, [block(works)]).search(query, 50)
        for pieces in (2, 7):
            parts = [block({w: v for w, v in works.items() if w % pieces == part}) for part in range(pieces)]
            assert FlatRetriever(signal, parts).search(query, 50) == expected


# -- the shipped signals on painted pictures -------------------------------------------------------------------------

SUSPECTS: dict[str, Callable[[Pixels], Pixels]] = {
    "untouched": lambda p: p,
    "mirrored": lambda p: p[:, ::-1],
    "a crop": lambda p: p[30:230, 40:310],
    "upside down": lambda p: p[::-1, ::-1],
}
SEEN_BY = {
    "copy": ("untouched", "mirrored", "a crop"),
    "layout": ("untouched", "mirrored", "a crop"),
    "phash": ("untouched", "mirrored", "upside down"),
    "keypoints": ("untouched", "mirrored", "a crop", "upside down"),
}
WORKS = range(70, 82)
SMALL = (360, 270)


@cache
def shipped(name: str) -> Signal:
    return load([name])[name]()


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Retriever], dict[str, int]]]:
    pictures = {str(seed): picture(painting(seed, SMALL)) for seed in WORKS}
    with Store.open(tmp_path_factory.mktemp("gallery") / "index", write=True, create=True) as store:
        searchers = {}
        for name in SEEN_BY:
            signal = shipped(name)
            found = describe(list(pictures.values()), signal, query=False)
            ids = put(store, signal, dict(zip(pictures, found, strict=True)))
            searchers[name] = opened(store, signal)
        yield searchers, ids


@pytest.mark.parametrize(("signal", "suspect"), [(s, each) for s, seen in SEEN_BY.items() for each in seen])
def test_a_painted_suspect_leads_to_the_work_it_was_made_from(
    gallery: tuple[dict[str, Retriever], dict[str, int]], signal: str, suspect: str
) -> None:
    searchers, ids = gallery
    for seed in (71, 76, 80):
        pixels = np.ascontiguousarray(SUSPECTS[suspect](painting(seed, SMALL)))
        (query,) = describe([picture(pixels)], shipped(signal), query=True)
        found = searchers[signal].search(query, 5)
        assert found[0] == ids[str(seed)]
        assert len(found) == len(set(found)) <= 5
