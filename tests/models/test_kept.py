"""What is read is kept, and what cannot be read is not tried for ever."""

from __future__ import annotations

import threading
import weakref

import pytest

from simcheck.errors import ModelError
from simcheck.models.kept import TRIES, Kept, kept


class Made:
    def __init__(self, name: str) -> None:
        self.name = name


def counting(size: int = 2) -> tuple[Kept[str, Made], list[str]]:
    asked: list[str] = []

    @kept(size)
    def make(name: str) -> Made:
        """Make it."""
        asked.append(name)
        return Made(name)

    return make, asked


def test_the_last_ones_are_kept() -> None:
    make, asked = counting()
    first = make("a")
    make("b")
    assert make("a") is first
    make("c")  # b was used longest ago
    assert make("a") is first and asked == ["a", "b", "c"]
    make("b")
    assert asked == ["a", "b", "c", "b"]
    make.cache_clear()
    assert make("a") is not first
    assert make.__doc__ == "Make it."


def test_a_failure_counts_for_good_after_a_second_try() -> None:
    tries: list[weakref.ref[Made]] = []

    @kept(1)
    def fail(name: str) -> Made:
        held = Made(name)
        tries.append(weakref.ref(held))
        try:
            raise ValueError("deep down")
        except ValueError as error:
            raise ModelError(f"{name} is damaged") from error

    errors: list[ModelError] = []
    for _ in range(38):
        with pytest.raises(ModelError, match="^a is damaged$") as raised:
            fail("a")
        errors.append(raised.value)
    assert len(tries) == TRIES == 2
    assert [held() for held in tries] == [None, None], "errors that are kept keep nothing of what was read"
    with pytest.raises(ModelError, match="b is damaged"):
        fail("b")
    assert len(tries) == 3


def test_what_works_the_second_time_is_used() -> None:
    tries: list[str] = []

    @kept(1)
    def make(name: str) -> Made:
        tries.append(name)
        if len(tries) == 1:
            raise ModelError("no memory")
        return Made(name)

    with pytest.raises(ModelError):
        make("a")
    assert make("a") is make("a")
    assert len(tries) == 2


def test_two_threads_read_once() -> None:
    make, asked = counting()
    found: list[Made] = []
    threads = [threading.Thread(target=lambda: found.append(make("a"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == ["a"] and len({id(each) for each in found}) == 1
