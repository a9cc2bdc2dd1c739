"""Descriptions are read by few statements, once, and no more of them are kept than is said."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from arrows import Arrows, Voters, axis, described, put

from simcheck.comparison.pair import compare_with_store
from simcheck.records import Comparison, Description
from simcheck.signals.base import Signal
from simcheck.store import Store
from simcheck.store.kept import Kept

WORKS = {str(number): described([axis(number % 8)]) for number in range(40)}


class Constant(Arrows):
    def compare(self, query: Description, reference: Description) -> Comparison:
        return Comparison(float(reference.descriptors[0].values.argmax()))


class AlsoConstant(Voters, Constant):
    pass


SIGNALS: dict[str, Signal] = {signal.name: signal for signal in (Constant(), AlsoConstant())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "index", write=True, create=True) as store:
        for signal in SIGNALS.values():
            put(store, signal, WORKS)
    return tmp_path / "index"


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that read descriptors."""
    seen: list[str] = []
    store._connection.set_trace_callback(lambda sql: seen.append(sql) if "FROM descriptors" in sql else None)
    yield seen
    store._connection.set_trace_callback(None)


def test_one_comparison_takes_one_statement_for_each_signal(folder: Path) -> None:
    """It took one for each signal and work."""
    with Store.open(folder) as store, ThreadPoolExecutor(1) as pool:
        identities = {name: signal.identity() for name, signal in SIGNALS.items()}
        query = {name: described([axis(0)]) for name in SIGNALS}
        ids = [work.id for work in store.works()][::-1]
        with counted(store) as statements:
            found = list(compare_with_store(store, SIGNALS, identities, query, ids, pool))
        assert len(statements) == len(SIGNALS)
        assert [each.work_id for each in found] == ids
        for each in found:
            assert [c.score for _, c in each.comparisons] == [float((each.work_id - 1) % 8)] * 2
        with counted(store) as statements:
            assert list(compare_with_store(store, SIGNALS, identities, query, ids[5:], pool)) == found[5:]
        assert statements == [], "they are kept"


def test_many_works_are_read_in_parts(folder: Path) -> None:
    signal = SIGNALS["arrows"]
    with Store.open(folder, write=True) as store:
        put(store, signal, {f"more {number}": described([axis(1)]) for number in range(160)})
        ids = [work.id for work in store.works()]
        with counted(store) as statements:
            assert [work for work, _ in store.descriptions(signal.identity(), [*ids[::-1], ids[3], 10**6])] == ids
        assert len(statements) == 4


def test_no_more_is_kept_than_is_said(folder: Path) -> None:
    signal = SIGNALS["arrows"]
    one = 8 * 2 + 600
    with Store.open(folder) as store:
        store._kept = Kept(10 * one)
        ids = [work.id for work in store.works()]
        list(store.descriptions(signal.identity(), ids[:10]))
        with counted(store) as statements:
            list(store.descriptions(signal.identity(), ids[:10]))
            assert statements == []
            list(store.descriptions(signal.identity(), ids[10:12]))
            list(store.descriptions(signal.identity(), ids[2:12]))
            assert len(statements) == 1, "the two that were asked for longest ago went"
            list(store.descriptions(signal.identity(), ids[:2]))
            assert len(statements) == 2


def test_what_is_written_is_seen(folder: Path) -> None:
    signal = SIGNALS["arrows"]
    identity = signal.identity()

    def first(store: Store) -> int:
        found = store.description(1, identity)
        assert found is not None
        return int(np.argmax(found.descriptors[0].values))

    with Store.open(folder) as reader, Store.open(folder, write=True) as writer:
        assert (first(reader), first(writer)) == (0, 0)
        with writer.batch() as batch:
            batch.put_description(1, identity, described([axis(5)]))
            assert first(writer) == 5, "within the batch already"
            assert first(reader) == 0
        assert (first(reader), first(writer)) == (5, 5)
        with pytest.raises(KeyboardInterrupt), writer.batch() as batch:
            batch.put_description(1, identity, described([axis(6)]))
            assert first(writer) == 6
            raise KeyboardInterrupt
        assert (first(reader), first(writer)) == (5, 5)
