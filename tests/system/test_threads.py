"""Threads: BLAS's own are held back while pools are open, and are as before after the last, in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import ThreadpoolController

from simcheck.system import threads
from simcheck.system.threads import every_core, processors, thread_pool


def blas() -> set[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return {lib["num_threads"] for lib in ThreadpoolController().info() if lib["user_api"] == "blas"}


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    monkeypatch.setattr(threads, "processors", lambda: 2)
    return blas()


def test_overlapping_pools_leave_blas_as_it_was(two_cores: set[int]) -> None:
    first, second = thread_pool(), thread_pool()
    first.__enter__()
    assert blas() == {1}
    second.__enter__()
    first.__exit__(None, None, None)  # the first ends while the second goes on
    assert blas() == {1}
    second.__exit__(None, None, None)
    assert blas() == two_cores


def test_every_core_within_a_pool(two_cores: set[int]) -> None:
    with thread_pool():
        with every_core():
            assert blas() == {2}
        assert blas() == {1}
    assert blas() == two_cores


@given(st.lists(st.sampled_from(["pool", "wide", "close"]), max_size=12), st.randoms(use_true_random=False))
def test_any_order_of_opening_and_closing(steps: list[str], random: st.DataObject) -> None:
    before = blas()
    opened = []
    for step in steps:
        if step == "close":
            if opened:
                opened.pop(random.randrange(len(opened))).__exit__(None, None, None)  # type: ignore[attr-defined]
        else:
            opened.append(thread_pool() if step == "pool" else every_core())
            opened[-1].__enter__()
    for each in opened:
        each.__exit__(None, None, None)
    assert blas() == before


def test_a_pool_is_as_wide_as_this_process_may_be() -> None:
    with thread_pool() as pool:
        assert pool._max_workers == processors() >= 1
