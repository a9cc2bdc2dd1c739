"""Tables of unrelated pairs: counting, the tail beyond them, the order made of both, and the files they lie in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from simcheck.errors import StoreError
from simcheck.records import Alignment, Comparison, Rate, SignalIdentity, Tier
from simcheck.scoring.rates import LEAST_PAIRS, STEM, Tail, Unrelated, order, part_row, surprise, surprises
from simcheck.signals import load

NAMES = ("copy", "layout", "phash", "keypoints", "palette")
IDENTITIES = {name: SignalIdentity(name, 1, params='{"side":1}') for name in NAMES}
KINDS = load(NAMES)


def table(scores: NDArray[np.floating[Any]], names: tuple[str, ...] = NAMES, name: str = "made up") -> Unrelated:
    identities = tuple(IDENTITIES[n].comparable for n in names)
    return Unrelated(name, "a test", 40, identities, np.asarray(scores, np.float32))


def bell(pairs: int = 1000, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0.3, 0.1, (pairs, len(NAMES)))


COLUMNS = arrays.arrays(np.float32, st.integers(LEAST_PAIRS, 400), elements=st.floats(-1, 16, width=32)).map(
    np.sort
) | st.lists(st.sampled_from([0.0, 0.25, 1.0, 2.5]), min_size=LEAST_PAIRS, max_size=300).map(
    lambda values: np.sort(np.array(values, np.float32))
)
SCORES = st.floats(-2, 20)


@given(COLUMNS, SCORES, SCORES)
def test_surprise_never_falls_as_the_score_rises(column: NDArray[np.float32], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert surprise(low, column) <= surprise(high, column) + 1e-9


@given(COLUMNS, st.integers(0, 399))
def test_surprise_does_not_fall_at_the_very_scores_of_the_pairs(column: NDArray[np.float32], place: int) -> None:
    at = column[place % len(column)]
    here = surprise(float(at), column)
    assert surprise(float(np.nextafter(at, np.float32(-9))), column) <= here + 1e-9
    assert here <= surprise(float(np.nextafter(at, np.float32(99))), column) + 1e-9


@given(COLUMNS, SCORES)
def test_up_to_the_99th_percentile_surprise_is_what_counting_says(column: NDArray[np.float32], score: float) -> None:
    if np.float32(score) > np.quantile(column, 0.99):
        # an excess too small for a double to hold beside 2 is none
        assert surprise(score, column) >= 2
        return
    reached = int((column >= np.float32(score)).sum())
    assert surprise(score, column) == pytest.approx(-np.log10((reached + 1) / (len(column) + 1)))
    assert 0 <= surprise(score, column) + 1e-9 <= 2 + 1e-9


def test_what_every_pair_reaches_is_no_surprise() -> None:
    score = 0.7 + 0.1 + 0.1  # 0.8999999999999999, which as a float32 is a little less
    column = np.full(200, score, np.float32)
    assert float(column[0]) < score
    assert surprise(score, column) == pytest.approx(0)


@given(COLUMNS, st.floats(-1e30, 1e30))
def test_surprise_is_finite(column: NDArray[np.float32], score: float) -> None:
    assert np.isfinite(surprise(score, column))


def test_the_tail_of_an_exponential_law_is_met() -> None:
    """Scores with P(score > s) = exp(-s) beyond all that was seen: -log10 of that is s / ln 10."""
    column = np.sort(np.random.default_rng(3).exponential(1, 200_000)).astype(np.float32)
    for score in (6.0, 10.0, 20.0):
        assert surprise(score, column) == pytest.approx(score / np.log(10), rel=0.03)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 60), st.just(1)), elements=st.floats(-1, 1, width=16)))
def test_a_rate_counts_pairs_that_reach_the_score_ties_included(scores: NDArray[np.float32]) -> None:
    unrelated = table(scores, ("copy",))
    for score in {*scores[:5, 0].tolist(), 0.0, 2.0, -2.0}:
        expected = int((scores[:, 0] >= score).sum())
        assert unrelated.rate(IDENTITIES["copy"], score) == Rate(expected, len(scores))


def test_a_score_in_double_precision_ties_with_itself_in_the_table() -> None:
    score = 0.1 + 0.2  # not a float32
    assert table(np.full((5, 1), score), ("copy",)).rate(IDENTITIES["copy"], score) == Rate(5, 5)


def test_pairs_on_which_the_signal_abstained_are_not_counted() -> None:
    unrelated = table(np.array([[0.5], [np.nan], [0.1], [np.nan]]), ("copy",))
    assert unrelated.rate(IDENTITIES["copy"], 0.3) == Rate(1, 2)
    assert table(np.full((9, 1), np.nan), ("copy",)).rate(IDENTITIES["copy"], 0.3) is None


@pytest.mark.parametrize(
    "other",
    [
        SignalIdentity("copy", 2, params='{"side":1}'),
        SignalIdentity("copy", 1, params='{"side":2}'),
        SignalIdentity("copy", 1, weights="ab", params='{"side":1}'),
        SignalIdentity("copy", 1, params='{"side":1}', preprocessing='{"mean":0}'),
        SignalIdentity("layout", 1, params='{"side":1}'),
    ],
)
def test_another_version_settings_or_weights_have_no_rate_here(other: SignalIdentity) -> None:
    unrelated = table(bell()[:, :1], ("copy",))
    assert unrelated.rate(IDENTITIES["copy"], 0.5) is not None
    assert unrelated.rate(other, 0.5) is None
    assert unrelated.column(other) is None


def test_other_libraries_do_not_change_what_a_signal_is() -> None:
    updated = SignalIdentity("copy", 1, params='{"side":1}', libraries='{"opencv":"9"}')
    assert table(bell()[:, :1], ("copy",)).rate(updated, 0.5) is not None


def total(tables: list[Unrelated], **scores: float | None) -> float:
    comparisons = [(n, Comparison(None, "blank") if s is None else Comparison(s)) for n, s in scores.items()]
    return order(IDENTITIES, comparisons, KINDS, tables)


def test_the_order_is_the_sum_of_surprises() -> None:
    unrelated = table(bell())
    copy, keypoints = unrelated.column(IDENTITIES["copy"]), unrelated.column(IDENTITIES["keypoints"])
    assert copy is not None
    assert keypoints is not None
    assert total([unrelated], copy=0.42, keypoints=0.9) == pytest.approx(
        surprise(0.42, copy) + surprise(0.9, keypoints)
    )
    assert total([unrelated], copy=0.42) < total([unrelated], copy=0.42, keypoints=0.35)


def test_what_looks_at_the_same_thing_counts_once_by_the_larger() -> None:
    unrelated = table(bell())
    layout, phash = total([unrelated], layout=0.7), total([unrelated], phash=0.5)
    assert layout > phash > 1
    assert total([unrelated], layout=0.7, phash=0.5) == layout
    assert total([unrelated], phash=0.5, layout=0.7) == layout
    assert total([unrelated], layout=0.7, phash=0.5, copy=0.5) == layout + total([unrelated], copy=0.5)


def test_other_claims_and_abstentions_add_nothing() -> None:
    unrelated = table(bell())
    assert total([unrelated], palette=9.0) == 0
    assert total([unrelated], copy=None) == 0
    assert total([unrelated], copy=0.5, palette=9.0, keypoints=None) == total([unrelated], copy=0.5) > 1


def test_the_first_table_that_knows_the_signal_is_used() -> None:
    strict, loose = table(bell()), table(bell() + 0.2)
    assert total([strict, loose], copy=0.5) == total([strict], copy=0.5) > total([loose], copy=0.5)
    without_copy = table(bell()[:, 1:], NAMES[1:])
    assert total([without_copy, loose], copy=0.5) == total([loose], copy=0.5)
    assert total([without_copy], copy=0.5) == 0
    assert total([], copy=0.5) == 0


def test_a_table_too_small_to_say_anything_is_passed_over() -> None:
    small = table(bell(LEAST_PAIRS - 1))
    assert total([small], copy=9.0) == 0
    assert total([small, table(bell())], copy=0.5) == total([table(bell())], copy=0.5)
    assert total([table(bell(LEAST_PAIRS))], copy=9.0) > 2


def test_the_pairs_own_orders_are_what_the_same_scores_would_get() -> None:
    scores = bell(150)
    scores[::3, 1] = np.nan
    unrelated = table(scores)
    orders = unrelated.orders(IDENTITIES, KINDS)
    assert orders.shape == (150,)
    assert (np.diff(orders) >= 0).all()
    each = []
    for row in unrelated.scores:
        named = zip(NAMES, row.tolist(), strict=True)
        each.append(total([unrelated], **{n: None if np.isnan(score) else score for n, score in named}))
    np.testing.assert_allclose(orders, np.sort(each))


def test_orders_are_of_the_signals_in_use_alone() -> None:
    unrelated = table(bell(150))
    alone = unrelated.orders({"copy": IDENTITIES["copy"]}, KINDS)
    column = unrelated.column(IDENTITIES["copy"])
    assert column is not None
    np.testing.assert_allclose(alone, np.sort([surprise(float(s), column) for s in column]))
    unknown = {"copy": SignalIdentity("copy", 7)}
    assert unrelated.orders(unknown, KINDS).tolist() == [0.0] * 150


# -- the files ------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 30), st.just(len(NAMES))),
        elements=st.floats(-1, 1, width=32) | st.just(float("nan")),
    )
)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, scores: NDArray[np.float32]) -> None:
    folder = tmp_path_factory.mktemp("table")
    unrelated = table(scores, name="彩色 & more")
    unrelated.save(folder, {"seed": 3})
    loaded = Unrelated.load(folder)
    assert (loaded.name, loaded.source, loaded.works) == ("彩色 & more", "a test", 40)
    assert loaded.identities == unrelated.identities
    np.testing.assert_array_equal(loaded.scores, scores)
    about = json.loads((folder / f"{STEM}.json").read_text("utf-8"))
    assert about["seed"] == 3
    assert about["pairs"] == len(scores)
    assert sorted(p.name for p in folder.iterdir()) == [f"{STEM}.json", f"{STEM}.npz"]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    table(bell(120)).save(tmp_path, {}, "mine")
    return tmp_path


def refused(folder: Path) -> None:
    with pytest.raises(StoreError, match="mine") as caught:
        Unrelated.load(folder, "mine")
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_a_missing_file_is_a_store_error(saved: Path, suffix: str) -> None:
    (saved / f"mine.{suffix}").unlink()
    refused(saved)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        "{}",
        '{"name": "a", "source": "b", "works": "many", "signals": []}',
        '{"name": "a", "source": "b", "works": 4, "signals": [["copy", 1]]}',
        '{"name": "a", "source": "b", "works": 4, "signals": 5}',
        "\udcff",
    ],
)
def test_a_damaged_description_is_a_store_error(saved: Path, text: str) -> None:
    (saved / "mine.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    refused(saved)


def test_a_description_of_another_table_is_a_store_error(saved: Path) -> None:
    table(bell(120)[:, :2], NAMES[:2]).save(saved, {}, "other")
    (saved / "other.npz").replace(saved / "mine.npz")
    refused(saved)


def test_damaged_scores_are_a_store_error_wherever_the_damage_is(saved: Path) -> None:
    whole = (saved / "mine.npz").read_bytes()
    expected = Unrelated.load(saved, "mine").scores
    for end in (0, 1, 50, len(whole) // 2, len(whole) - 1):
        (saved / "mine.npz").write_bytes(whole[:end])
        refused(saved)
    for place in range(0, len(whole), 37):
        (saved / "mine.npz").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert np.array_equal(Unrelated.load(saved, "mine").scores, expected), "a byte that says nothing"
        except StoreError:
            continue


def test_parts_without_a_difference_in_colour_are_of_an_earlier_version(saved: Path) -> None:
    replace(table(bell(120)), parts=np.array([[0, 0.1, 4.0]], np.float32)).save(saved, {}, "mine")
    refused(saved)
    rows = np.array([part_row(3, agreeing(None)), part_row(4, agreeing(7.5))], np.float32)
    replace(table(bell(120)), parts=rows).save(saved, {}, "mine")
    loaded = Unrelated.load(saved, "mine").parts
    np.testing.assert_array_equal(loaded, np.array([[3, 0.5, 4, np.nan], [4, 0.5, 4, 7.5]], np.float32))


def agreeing(apart: float | None) -> Alignment:
    mask, whole = np.array([[True, False]]), (0.0, 0.0, 1.0, 1.0)
    return Alignment(Tier.PATCHES, 4.0, mask, np.eye(3), False, 0.0, 1.0, whole, whole, colour_difference=apart)


def test_a_pickle_is_never_opened(saved: Path) -> None:
    np.savez(saved / "mine.npz", scores=np.array([[print]], dtype=object))
    refused(saved)


def test_nothing_is_left_behind_when_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "mine.json").mkdir()
    with pytest.raises(OSError):
        table(bell(120)).save(tmp_path, {}, "mine")
    assert not [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")]


def test_a_tail_that_is_kept_gives_the_same_surprises() -> None:
    column = np.sort(np.random.default_rng(8).normal(size=3000).astype(np.float32))
    flat = np.zeros(200, np.float32)
    for each in (column, flat, column[:1]):
        asked = np.r_[-4, each[0], 0, np.quantile(each, [0.5, 0.99]), each[-1], 9]
        assert surprises(asked, each, Tail.of(each)).tolist() == surprises(asked, each).tolist()
    identity = SignalIdentity("copy", 1)
    table = Unrelated("t", "made up", 9, (identity.comparable,), column[::-1, None])
    for _ in range(2):
        kept = table.surprises(identity.comparable, np.array([0.3, 5.0]))
        assert kept is not None
        assert kept.tolist() == surprises(np.array([0.3, 5.0]), column).tolist()
    assert table.surprises(SignalIdentity("copy", 2).comparable, np.array([0.3])) is None
