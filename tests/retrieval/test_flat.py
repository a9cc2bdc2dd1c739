"""Retrieval: the right works in the right order, and a search file that follows the index and never leads it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from paintings import painting, picture

from simcheck.errors import StoreError
from simcheck.records import (
    Claim,
    Comparison,
    Description,
    Descriptor,
    FileFacts,
    Notice,
    Pixels,
    Region,
    Silent,
)
from simcheck.retrieval.flat import FUSION, VOTES, Searcher, retrieve
from simcheck.signals import load
from simcheck.signals.base import Retrieval, Signal
from simcheck.signals.describe import describe
from simcheck.store import FileState, Store, StoredFile

Rows = NDArray[np.floating[Any]]
DIMENSION = 8


class Arrows(Signal):
    """Descriptors are unit vectors, put into the store by hand."""

    name = "arrows"
    version = 1
    claim = Claim.COPY
    retrieval = Retrieval.BEST_REGION

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        raise NotImplementedError

    def compare(self, query: Description, reference: Description) -> Comparison:
        raise NotImplementedError

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        if descriptor.reason:
            return np.zeros((0, DIMENSION), np.float32)
        return descriptor.values.astype(np.float32)


class Voters(Arrows):
    name = "voters"
    retrieval = Retrieval.VOTES


class Listener(Silent):
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


def described(*regions: Sequence[Sequence[float]] | Rows | None) -> Description:
    """One region for each argument, with these vectors; None abstains."""
    descriptors = tuple(
        Descriptor.abstain("blank") if rows is None else Descriptor(np.asarray(rows, np.float16).reshape(-1, DIMENSION))
        for rows in regions
    )
    numbered = tuple(Region(i, (0.0, 0.0, 1.0, 1.0)) for i in range(len(regions)))
    return Description(numbered, descriptors, 100, 100)


def axis(place: int, tilt: float = 0.0, towards: int = 0) -> list[float]:
    """The unit vector along an axis, tilted towards another."""
    vector = np.zeros(DIMENSION)
    vector[place], vector[towards] = np.cos(tilt), np.sin(tilt) if towards != place else np.cos(tilt)
    return [float(v) for v in vector]


def put(store: Store, signal: Signal, works: Mapping[str, Description]) -> dict[str, int]:
    """Work ids by name."""
    ids = {}
    with store.batch() as batch:
        run = batch.start_run(["test"])
        for name, description in works.items():
            digest = hashlib.sha256(name.encode()).hexdigest()
            work = batch.put_work(FileFacts(digest, 1, "PNG", "RGB", 100, 100, 1, "test"))
            batch.put_file(StoredFile(Path("/art"), Path(name), 1, 1, FileState.OK, run, "0", work))
            batch.put_description(work, signal.identity(), description)
            ids[name] = work
    return ids


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "index", write=True, create=True, name="test") as opened:
        yield opened


def opened(store: Store, signal: Signal, watcher: Silent | None = None) -> Searcher:
    return Searcher.open(store, signal, signal.identity(), watcher or Silent())


def derived(store: Store) -> list[Path]:
    return sorted(p for p in store.path.iterdir() if p.suffix in (".faiss", ".npy"))


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


def scattered(count: int, seed: int) -> Rows:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float16)


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


# -- the search file -------------------------------------------------------------------------------------------------


def test_the_file_is_made_once_and_then_used(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)])})
    opened(store, signal)
    files = derived(store)
    assert [p.suffix for p in files] == [".faiss", ".npy"]
    before = [(p.stat().st_mtime_ns, p.stat().st_ino) for p in files]
    again = opened(store, signal)
    assert derived(store) == files
    assert [(p.stat().st_mtime_ns, p.stat().st_ino) for p in files] == before
    assert again.search(described([axis(1)]), 1) == [ids["a"]]


def test_new_descriptors_make_a_new_file_and_the_old_one_goes(store: Store) -> None:
    signal, other = Arrows(), Voters()
    put(store, signal, {"a": described([axis(1)])})
    put(store, other, {"a": described([axis(1)])})
    opened(store, signal)
    opened(store, other)
    others = [p for p in derived(store) if p.name.startswith("voters")]
    before = set(derived(store))
    ids = put(store, signal, {"b": described([axis(2)])})
    assert opened(store, signal).search(described([axis(2)]), 1) == [ids["b"]]
    after = set(derived(store))
    assert len(after) == 4
    assert set(others) < after
    assert not {p for p in before if p.name.startswith("arrows")} & after
    assert (store.path / "README.txt").is_file()
    assert (store.path / "index.sqlite3").is_file()


def test_a_work_whose_file_is_gone_is_no_longer_found(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)]), "b": described([axis(1, 0.3, 2)])})
    opened(store, signal)
    (file,) = (f for f in store.files() if f.work_id == ids["a"])
    with store.batch() as batch:
        batch.forget_file(file)
    assert opened(store, signal).search(described([axis(1)]), 2) == [ids["b"]]


def test_a_lost_half_of_the_file_is_made_again(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)])})
    for suffix in (".faiss", ".npy"):
        opened(store, signal)
        next(p for p in derived(store) if p.suffix == suffix).unlink()
        assert opened(store, signal).search(described([axis(1)]), 1) == [ids["a"]]
        assert len(derived(store)) == 2


def spoil(store: Store, suffix: str, data: Callable[[bytes], bytes]) -> Path:
    (file,) = (p for p in derived(store) if p.suffix == suffix)
    file.write_bytes(data(file.read_bytes()))
    return file


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".faiss", lambda whole: b""),
        (".faiss", lambda whole: b"this is no index"),
        (".faiss", lambda whole: whole[: len(whole) // 2]),
        (".npy", lambda whole: b"this is no array"),
        (".npy", lambda whole: whole[:-1]),
        (".npy", lambda whole: b""),
        (".npy", lambda whole: whole.replace(b"(60,)", b"(50,)")[: len(whole) - 80]),
    ],
)
def test_a_damaged_file_says_what_to_do(store: Store, suffix: str, data: Callable[[bytes], bytes]) -> None:
    signal = Arrows()
    ids = put(store, signal, {str(i): described(*scattered(3, i)) for i in range(20)})
    opened(store, signal)
    file = spoil(store, suffix, data)
    with pytest.raises(StoreError, match="Delete") as caught:
        opened(store, signal).search(described(scattered(3, 19)), 20)
    assert str(file.with_suffix(".faiss")) in str(caught.value)
    file.with_suffix(".faiss").unlink()
    assert opened(store, signal).search(described(scattered(3, 19)), 1) == [ids["19"]]


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """As on a full disk: no file grows beyond ``size`` bytes."""
    resource = pytest.importorskip("resource", reason="only POSIX can limit the size of files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("size", [0, 1000])
def test_a_file_that_cannot_be_written_is_built_in_memory_with_a_notice(store: Store, size: int) -> None:
    """1000 bytes hold the owners but not the vectors."""
    signal, watcher = Arrows(), Listener()
    ids = put(store, signal, {str(i): described(scattered(8, i)) for i in range(6)})
    with no_room_beyond(size):
        searcher = opened(store, signal, watcher)
    assert searcher.search(described(scattered(8, 4)[:1]), 1) == [ids["4"]]
    assert [n.code for n in watcher.notices] == ["derived_not_written"]
    assert str(store.path) in watcher.notices[0].message
    assert [p.name for p in store.path.iterdir() if p.name.startswith("arrows")] == []
    assert opened(store, signal, watcher).search(described(scattered(8, 4)[:1]), 1) == [ids["4"]]
    assert len(watcher.notices) == 1
    assert len(derived(store)) == 2


# -- several signals -------------------------------------------------------------------------------------------------


class Scripted(Searcher):
    sure = 5
    """Finds what it is told."""

    def __init__(self, found: Sequence[int]) -> None:
        self.found = list(found)

    def search(self, query: Description, most: int) -> list[int]:
        return self.found[:most]


def fused(most: int, **lists: Sequence[int]) -> tuple[tuple[int, ...], tuple[tuple[str, ...], ...]]:
    searchers = {name: Scripted(found) for name, found in lists.items()}
    found = retrieve(searchers, {name: [described([axis(1)])] for name in lists}, 0, most)
    return found.works, found.found_by


def test_works_are_ordered_by_the_sum_of_reciprocal_ranks() -> None:
    works, found_by = fused(10, copy=[3, 1, 2], phash=[1], layout=[4, 2])
    merit = {
        1: 1 / (FUSION + 2) + 1 / (FUSION + 1),
        2: 1 / (FUSION + 3) + 1 / (FUSION + 2),
        3: 1 / (FUSION + 1),
        4: 1 / (FUSION + 1),
    }
    assert list(works) == sorted(merit, key=lambda work: (-merit[work], work)) == [1, 2, 3, 4]
    assert found_by == (("copy", "phash"), ("copy", "layout"), ("copy",), ("layout",))


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(1, 30), unique=True, max_size=12), min_size=1),
       st.integers(1, 15))  # fmt: skip
def test_the_union_names_every_work_once_with_all_who_found_it(lists: dict[str, list[int]], most: int) -> None:
    works, found_by = fused(most, **lists)
    union = {work for found in lists.values() for work in found[:most]}
    assert len(works) == len(set(works)) == min(most, len(union))
    assert set(works) <= union
    for work, names in zip(works, found_by, strict=True):
        assert names == tuple(name for name, found in lists.items() if work in found[:most])
    assert fused(most, **dict(reversed(lists.items())))[0] == works, "the order of signals does not matter"


def test_one_signal_keeps_its_own_order() -> None:
    assert fused(3, copy=[9, 2, 7, 1])[0] == (9, 2, 7)


def test_the_first_find_of_any_signal_is_always_a_candidate() -> None:
    """A pasted element that keypoints alone can see, in a portfolio of 200 works: 40 are compared."""
    generator = np.random.default_rng(1)
    others = {name: [int(w) for w in generator.permutation(range(1, 200))[:40]] for name in ("a", "b", "c", "d")}
    works, _ = fused(40, keypoints=[200, *others["a"][::-1][:39]], **others)
    assert 200 in works


def test_each_query_is_searched_with_its_own_description(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)]), "b": described([axis(2)])})
    searchers = {"arrows": opened(store, signal)}
    queries = {"arrows": [described([axis(2)]), described([axis(1)])]}
    assert retrieve(searchers, queries, 0, 1).works == (ids["b"],)
    assert retrieve(searchers, queries, 1, 1).works == (ids["a"],)


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
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Searcher], dict[str, int]]]:
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
    gallery: tuple[dict[str, Searcher], dict[str, int]], signal: str, suspect: str
) -> None:
    searchers, ids = gallery
    for seed in (71, 76, 80):
        pixels = np.ascontiguousarray(SUSPECTS[suspect](painting(seed, SMALL)))
        (query,) = describe([picture(pixels)], shipped(signal), query=True)
        found = searchers[signal].search(query, 5)
        assert found[0] == ids[str(seed)]
        assert len(found) == len(set(found)) <= 5


def test_a_work_that_one_vector_singles_out_comes_before_those_that_are_near_to_all() -> None:
    """Retrieval by what stands out: twelve works are near to every vector of the query; one other is nearest to one."""

    class Owned:
        def __init__(self, vectors: NDArray[np.float32]) -> None:
            self.vectors = vectors
            self.ntotal = len(vectors)

        def search(self, asked: NDArray[np.float32], depth: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
            scores = asked @ self.vectors.T
            order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
            return np.take_along_axis(scores, order, axis=1), order

    class Standing(Arrows):
        retrieval = Retrieval.STANDOUT

    generator = np.random.default_rng(3)
    shared, own = np.zeros(32, np.float32), np.zeros(32, np.float32)
    shared[0] = own[1] = 1
    near = [shared + generator.normal(0, 0.02, 32) for _ in range(36)]  # three windows of each of twelve works
    vectors = np.float32([*near, own, 0.4 * shared])
    owners = np.array([*np.repeat(np.arange(12), 3), 50, 51])
    searcher = Searcher(Standing(), Owned(vectors), owners)
    asked = np.float32([*(shared + generator.normal(0, 0.02, 32) for _ in range(20)), own + 0.3 * shared])
    assert searcher._by_standout(asked, 3)[0] == 50
    assert 51 not in searcher._by_standout(asked, 13)
