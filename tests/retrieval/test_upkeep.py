"""Search files: they follow the index, are added to and written together, and what is wrong with them is noticed."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arrows import Arrows, Listener, Rows, Voters, axis, derived, described, opened, put, scattered

from simcheck.errors import StoreError
from simcheck.records import Description, SignalIdentity
from simcheck.retrieval.segments import MAGIC, read, write
from simcheck.retrieval.upkeep import MOST_SEGMENTS
from simcheck.store import FileState, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "index", write=True, create=True, name="test") as opened:
        yield opened


def forget(store: Store, work: int) -> None:
    with store.batch() as batch:
        for file in [file for file in store.files() if file.work_id == work]:
            batch.forget_file(file)


def works_in(store: Store) -> list[int]:
    """How many works each file of `Arrows` holds, by size."""
    return sorted((len(read(file, Arrows().identity()).works) for file in derived(store)), reverse=True)


def test_the_file_is_made_once_and_then_used(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)])})
    opened(store, signal)
    (file,) = derived(store)
    before = file.stat().st_mtime_ns, file.stat().st_ino
    again = opened(store, signal)
    assert derived(store) == [file]
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
    assert again.search(described([axis(1)]), 1) == [ids["a"]]


def test_new_works_get_a_file_of_their_own(store: Store) -> None:
    signal, other = Arrows(), Voters()
    put(store, signal, {"a": described([axis(1)])})
    put(store, other, {"a": described([axis(1)])})
    opened(store, signal)
    opened(store, other)
    before = derived(store)
    ids = put(store, signal, {"b": described([axis(2)])})
    assert opened(store, signal).search(described([axis(2)]), 1) == [ids["b"]]
    after = derived(store)
    assert set(before) < set(after)
    assert len(after) == len(before) + 1


def test_of_works_that_are_in_a_file_one_is_read_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    signal = Arrows()
    put(store, signal, {str(i): described([axis(i % 8)]) for i in range(30)})
    opened(store, signal)
    ids = put(store, signal, {"new": described([axis(2)])})
    asked: list[Sequence[int] | None] = []
    read_all = store.descriptions

    def listening(identity: SignalIdentity, works: Sequence[int] | None = None) -> Iterator[tuple[int, Description]]:
        asked.append(works)
        return read_all(identity, works)

    monkeypatch.setattr(store, "descriptions", listening)
    opened(store, signal)
    assert sorted(asked, key=str) == [[1], [ids["new"]]]


def test_files_are_written_together_when_there_are_many(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {f"first {i}": described([axis(i % 7)]) for i in range(20)})
    opened(store, signal)
    for number in range(2 * MOST_SEGMENTS):
        ids |= put(store, signal, {f"new {number}": described([axis(7, 0.1 * number)])})
        searcher = opened(store, signal)
        assert len(derived(store)) <= MOST_SEGMENTS
        assert searcher.search(described([axis(7, 0.1 * number)]), 1) == [ids[f"new {number}"]]
        assert sum(works_in(store)) == len(ids), "no work is twice in them"
    assert works_in(store)[0] == 20, "the largest was left as it is"
    put(store, signal, {f"more {i}": described([axis(3)]) for i in range(19)})
    for number in range(MOST_SEGMENTS):
        put(store, signal, {f"last {number}": described([axis(4)])})
        opened(store, signal)
    assert works_in(store)[0] > 20, "it is one of many now"


def test_a_work_whose_file_is_gone_is_no_longer_found(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {str(i): described([axis(1, 0.1 * i, 2)]) for i in range(9)})
    opened(store, signal)
    before = derived(store)
    forget(store, ids["0"])
    assert opened(store, signal).search(described([axis(1)]), 2) == [ids["1"], ids["2"]]
    assert derived(store) == before, "it is passed over"
    for number in (1, 2):
        forget(store, ids[str(number)])
    assert opened(store, signal).search(described([axis(1)]), 2) == [ids["3"], ids["4"]]
    assert works_in(store) == [6], "too much of it was passed over"
    for number in range(3, 9):
        forget(store, ids[str(number)])
    assert opened(store, signal).search(described([axis(1)]), 2) == []
    assert derived(store) == []


def test_a_work_that_was_described_again_is_found_by_its_new_description(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)]), "b": described([axis(2, 0.2, 3)])})
    opened(store, signal)
    put(store, signal, {"a": described([axis(2)])})
    assert opened(store, signal).search(described([axis(2)]), 1) == [ids["a"]]
    put(store, signal, {"a": described([axis(1)])})
    assert opened(store, signal).search(described([axis(2)]), 1) == [ids["b"]]


def test_search_files_of_earlier_versions_and_of_other_descriptors_go(store: Store) -> None:
    signal, other = Arrows(), Voters()
    ids = put(store, other, {"a": described([axis(1)])})
    opened(store, other)
    stem = store.derived_path(signal.identity(), "").name
    for suffix in (".faiss", ".npy"):
        (store.path / f"{stem}-0123456789ab{suffix}").touch()
    (store.path / "gone-0123456789ab-0123456789ab.vectors").touch()
    (store.path / "mine-0123.npy").touch()
    put(store, signal, {"a": described([axis(1)])})
    opened(store, signal)
    assert sorted(p.name.split("-")[0] for p in store.path.iterdir() if "-" in p.name and "sqlite" not in p.name) == [
        "arrows",
        "mine",
        "voters",
    ]
    assert opened(store, other).search(described([axis(1)]), 1) == [ids["a"]]


# -- what is wrong with a file ---------------------------------------------------------------------------------------


About = dict[str, Any]


def altered(change: Callable[[Rows, About], tuple[Rows, About]]) -> Callable[[Path], None]:
    """A file whose contents were changed on purpose, with a digest that is right."""

    def apply(file: Path) -> None:
        segment = read(file, Arrows().identity())
        vectors, about = change(
            np.array(segment.vectors),
            {
                "signal": Arrows().identity().comparable,
                "dimension": segment.vectors.shape[1],
                "works": [
                    [int(work), seal, int(rows)]
                    for work, seal, rows in zip(segment.works, segment.seals, np.diff(segment.starts), strict=True)
                ],
            },
        )
        seal(file, np.ascontiguousarray(vectors, np.float32).tobytes(), json.dumps(about).encode())

    return apply


def seal(file: Path, vectors: bytes, about: bytes) -> None:
    content = vectors + about + len(about).to_bytes(8, "little")
    file.write_bytes(content + hashlib.sha256(content).digest() + MAGIC)


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda file: file.write_bytes(change(file.read_bytes())) and None


def moved(works: list[list[Any]]) -> list[list[Any]]:
    return [[number + 1, *rest] for number, *rest in works]


DAMAGE = {
    "empty": rewritten(lambda whole: b""),
    "another file": rewritten(lambda whole: b"this is no search file, but it is long enough to be one of them" * 3),
    "cut": rewritten(lambda whole: whole[: len(whole) // 2]),
    "cut at the end": rewritten(lambda whole: whole[:-1]),
    "one bit": rewritten(lambda whole: bytes([whole[0] ^ 1]) + whole[1:]),
    "zeros": rewritten(lambda whole: b"\0" * 400 + whole[400:]),
    "permuted": rewritten(lambda whole: whole[400:800] + whole[:400] + whole[800:]),
    "sealed: zeros": altered(lambda vectors, about: (0 * vectors, about)),
    "sealed: not a number": altered(lambda vectors, about: (vectors * np.nan, about)),
    "sealed: another dimension": altered(
        lambda vectors, about: (vectors[:, :4].repeat(1, 1), {**about, "dimension": 4})
    ),
    "sealed: another metric": altered(lambda vectors, about: (-vectors, about)),
    "sealed: other owners": altered(lambda v, about: (v, {**about, "works": moved(about["works"])})),
    "sealed: too many rows": altered(lambda v, about: (v, {**about, "works": [[1, "", 10**9]]})),
    "sealed: no numbers": altered(lambda v, about: (v, {**about, "works": [[None, "", "x"]]})),
    "sealed: of another signal": altered(lambda v, about: (v, {**about, "signal": ["voters", 1, "", "{}", "{}"]})),
    "sealed: nested": lambda file: seal(file, b"", b"[" * 100_000),
    "sealed: no JSON": lambda file: seal(file, b"", b"\xff\xfe"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_file_that_is_damaged_or_altered_is_made_again(store: Store, damage: Callable[[Path], None]) -> None:
    signal, watcher = Arrows(), Listener()
    works = {str(i): described(*scattered(3, i)) for i in range(20)}
    put(store, signal, works)
    query = described(scattered(3, 19))
    expected = opened(store, signal).search(query, 20)
    (file,) = derived(store)
    right = file.read_bytes()
    damage(file)
    assert file.read_bytes() != right
    assert opened(store, signal, watcher).search(query, 20) == expected
    assert [notice.code for notice in watcher.notices] == ["derived_damaged"]
    assert str(file) in watcher.notices[0].message
    assert [kept.read_bytes() for kept in derived(store)] == [right]
    assert opened(store, signal, watcher).search(query, 20) == expected
    assert len(watcher.notices) == 1


def test_vectors_under_the_name_of_other_works_are_not_taken_for_theirs(store: Store) -> None:
    """Sealed with a right digest: the seals of the descriptions say whose they are."""
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)]), "b": described([axis(2)])})
    opened(store, signal)
    (file,) = derived(store)
    seals = store.seals(signal.identity())
    swapped = [(ids["a"], seals[ids["b"]], np.float32([axis(2)])), (ids["b"], seals[ids["a"]], np.float32([axis(1)]))]
    write(file, signal.identity(), swapped)
    assert opened(store, signal).search(described([axis(1)]), 1) == [ids["a"]]


def test_descriptors_that_cannot_be_searched_are_a_store_error(store: Store) -> None:
    class Broken(Arrows):
        def vectors(self, descriptor: object, *, query: bool) -> object:  # type: ignore[override]
            return np.full((1, 8), np.nan, np.float32)

    put(store, Broken(), {"a": described([axis(1)])})
    with pytest.raises(StoreError, match=r"arrows says of work 1.*index --check"):
        opened(store, Broken())


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
    """1000 bytes hold some of the vectors."""
    signal, watcher = Arrows(), Listener()
    ids = put(store, signal, {str(i): described(scattered(8, i)) for i in range(6)})
    with no_room_beyond(size):
        searcher = opened(store, signal, watcher)
    assert searcher.search(described(scattered(8, 4)[:1]), 1) == [ids["4"]]
    assert [n.code for n in watcher.notices] == ["derived_not_written"]
    assert str(store.path) in watcher.notices[0].message
    assert [p.name for p in store.path.iterdir() if p.name.startswith((".arrows", "arrows"))] == []
    assert opened(store, signal, watcher).search(described(scattered(8, 4)[:1]), 1) == [ids["4"]]
    assert len(watcher.notices) == 1
    assert len(derived(store)) == 1


def test_a_missing_work_stays_searchable(store: Store) -> None:
    signal = Arrows()
    ids = put(store, signal, {"a": described([axis(1)])})
    opened(store, signal)
    (file,) = store.files()
    with store.batch() as batch:
        batch.put_file(replace(file, state=FileState.MISSING))
    before = derived(store)
    assert opened(store, signal).search(described([axis(1)]), 1) == [ids["a"]]
    assert derived(store) == before


def test_what_a_killed_program_began_is_taken_away_after_a_day(store: Store) -> None:
    put(store, Arrows(), {"a": described([axis(1)])})
    for name, age in (("old", 25 * 3600), ("new", 60)):
        begun = store.path / f".arrows-0123456789ab-0123456789ab.vectors.{name}.part"
        begun.touch()
        os.utime(begun, (time.time() - age,) * 2)
    opened(store, Arrows())
    assert [file.name.split(".")[-2] for file in store.path.iterdir() if file.suffix == ".part"] == ["new"]
