"""Sets of independent pictures, drawn by artist: what depends on each other stays together."""

from __future__ import annotations

import numpy as np
import pytest

from simcheck.scoring.calibrate import Suspect
from simcheck.scoring.calibrate.sets import FOR_A_TWENTIETH, LEAST_ARTISTS, OF_ALL, by_artist, sets_of

ALONE = ((1, 0, 0),) * 50


def artists(count: int, *others: tuple[int, int, int]) -> tuple[tuple[int, int, int], ...]:
    return (*((4, 0, 0) for _ in range(count - len(others))), *others)


def test_artists_are_counted_and_those_of_whom_h2_speaks_come_first() -> None:
    def one(kind: str, artist: str) -> Suspect:
        return Suspect(kind, "", artist, "", 10, 10)

    suspects = [one("same hand", "a"), one("same hand", "a"), one("same tradition", "b"), one("other", "c")]
    llrs = np.array([1.5, 0.2, 2.0, 2.0])
    assert by_artist(suspects, llrs, (1.0, 2.0)) == ((1, 1, 1), (2, 1, 0))
    assert by_artist(suspects[3:], llrs[3:], (1.0, 2.0)) == ((1, 1, 1),), "strangers, where nobody else was tested"
    derived = [*suspects, one("edited", "a")]
    assert by_artist(derived, np.append(llrs, 2.3), (1.0, 2.0)) == ((1, 1, 1), (2, 1, 0))


def test_pictures_of_one_artist_reach_a_band_together() -> None:
    """Of 400 pictures 10 reach it, all by one artist. Were they independent, four of ten would in one set in 20,000."""
    found = sets_of(10, artists(99, (10, 10, 10)))
    assert found is not None and found.size == 10
    assert found.half == (0, 0) and found.most == (10, 10)
    spread = sets_of(10, tuple((4, 1, 1) if n < 10 else (4, 0, 0) for n in range(100)))
    assert spread is not None and spread.most[0] <= 3


def test_the_more_pictures_of_an_artist_reach_it_the_more_sets_do() -> None:
    before = None
    for share in range(0, 5):
        found = sets_of(12, tuple((4, share, share // 2) for _ in range(80)))
        assert found is not None and None not in found.nineteen
        for half, nineteen, most in zip(found.half, found.nineteen, found.most, strict=True):
            assert half <= (nineteen or 0) <= most <= found.size
        if before is not None:
            assert found.half[0] >= before.half[0] + 3 and found.most[0] > before.most[0]
        before = found
    assert before is not None and before.half[0] == before.most[0] == 12


def test_what_the_artists_cannot_carry_is_not_said() -> None:
    assert sets_of(8, artists(LEAST_ARTISTS - 1)) is None
    few, enough = sets_of(8, artists(FOR_A_TWENTIETH - 1)), sets_of(8, artists(FOR_A_TWENTIETH))
    assert few is not None and few.nineteen == (None, None) and few.half == (0, 0)
    assert enough is not None and enough.nineteen == (0, 0)
    assert sets_of(8, (*artists(LEAST_ARTISTS - 1), *ALONE)) is None, "one picture shows no dependence"
    with_alone = sets_of(8, (*artists(FOR_A_TWENTIETH), *ALONE))
    assert with_alone == enough


@pytest.mark.parametrize("size", [5, 40, 5000])
def test_sets_hold_a_quarter_of_the_pictures_at_most_and_are_the_same_each_time(size: int) -> None:
    rows = artists(60, (30, 5, 2))
    found = sets_of(size, rows)
    assert found is not None and found == sets_of(size, rows)
    assert found.size == min(size, (59 * 4 + 30) // OF_ALL)
    assert (found.artists, found.pictures) == (60, 59 * 4 + 30)
