"""The element map: who gets a place, what is held against it, and what the outlines are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simcheck.comparison.pair import Compared
from simcheck.records import Alignment, FileFacts, Rate, SignalIdentity, Tier, Work
from simcheck.scoring.elements import (
    SAME_PLACE,
    STANDS_OUT,
    Look,
    _Placed,
    _stands_out,
    element_map,
    explained,
    measurable,
    rated,
)
from simcheck.scoring.rates import ALIKE, Unrelated
from simcheck.scoring.scale import Scale
from simcheck.signals import load
from simcheck.signals.patches.alignment import shared_area

PATCHES = SignalIdentity("patches", 1)
KEYPOINTS = SignalIdentity("keypoints", 1)
LAYOUT = SignalIdentity("layout", 1)
IDENTITIES = {"patches": PATCHES, "keypoints": KEYPOINTS, "layout": LAYOUT}
WORKS = {i: Work(i, FileFacts(f"{i:064d}", 1, "PNG", "RGB", 8, 8, 1, "test"), (Path(f"{i}.png"),)) for i in (1, 2, 3)}


def table(parts: list[tuple[float, float, float]], pairs: int = 1000, apart: float = np.nan) -> Unrelated:
    """``apart``: difference in colour of all parts."""
    identities = (PATCHES.comparable, KEYPOINTS.comparable, LAYOUT.comparable)
    scores = np.tile(np.float32([1.0, 2.0, 0.5]), (pairs, 1))
    rows = np.array([(*part, apart) for part in parts], np.float32).reshape(-1, 4)
    return Unrelated("made up", "a test", 60, identities, scores, rows)


def scale(cohort: Unrelated | None, portfolio: Unrelated | None = None, **identities: SignalIdentity) -> Scale:
    identities = identities or IDENTITIES
    return Scale.of(identities, load(identities), cohort, portfolio)


COHORT = table([(0, 0.1, 4.0), (0, 0.1, 4.5), (1, 0.01, 9.0)])
USUAL = scale(COHORT)


def part(box: tuple[int, int, int, int], score: float, relation: float = 0.0, apart: float | None = None) -> Alignment:
    """Box in pixels of a map of 100 x 100."""
    x0, y0, x1, y1 = box
    mask = np.zeros((100, 100), np.bool_)
    mask[y0:y1, x0:x1] = True
    tier = Tier.KEYPOINTS if relation else Tier.PATCHES
    fractions = (x0 / 100, y0 / 100, x1 / 100, y1 / 100)
    return Alignment(tier, score, mask, np.eye(3), False, 0.0, 1.0, fractions, fractions, relation, apart)


def compared(*of_works: tuple[int, list[Alignment]]) -> list[Compared]:
    return [Compared(work, (), tuple(parts)) for work, parts in of_works]


def test_a_place_goes_to_the_work_that_explains_it_best() -> None:
    left, right = (0, 0, 50, 50), (60, 0, 100, 50)
    found = element_map(compared((1, [part(left, 6)]), (2, [part(left, 8), part(right, 5)])), WORKS, USUAL)
    assert [(e.work.id, e.alignment.score) for e in found] == [(2, 8), (2, 5)]
    assert explained(found) == pytest.approx(0.25 + 0.2)


def test_what_is_left_of_a_part_counts_and_no_more() -> None:
    found = element_map(compared((1, [part((0, 0, 50, 100), 9)]), (2, [part((40, 0, 80, 100), 6)])), WORKS, USUAL)
    assert [e.work.id for e in found] == [1, 2]
    assert [round(e.area, 2) for e in found] == [0.5, 0.3]
    assert explained(found) == pytest.approx(0.8)
    mostly_taken = element_map(
        compared((1, [part((0, 0, 50, 100), 9)]), (2, [part((20, 0, 60, 100), 6)])), WORKS, USUAL
    )
    assert [e.work.id for e in mostly_taken] == [1]


def test_only_what_hardly_any_cohort_pair_reaches_is_told() -> None:
    """Pair 0 has a part of 10 % with 4.5, pair 1 one of 1 % with 9: small ones say nothing about large ones."""
    big, small = (0, 0, 40, 50), (0, 0, 10, 15)
    assert [len(element_map(compared((1, [part(big, s)])), WORKS, USUAL)) for s in (4.4, 4.5, 4.6)] == [0, 0, 1]
    assert [len(element_map(compared((1, [part(small, s)])), WORKS, USUAL)) for s in (8.9, 9.1)] == [0, 1]


def test_the_rate_is_of_the_look_in_which_the_part_is_rare() -> None:
    box = (0, 0, 40, 50)
    assert rated(part(box, 4.2), USUAL) is None, "one pair in a thousand agrees as well"
    by_keypoints = rated(part(box, 4.2, relation=2.5), USUAL)
    assert by_keypoints is not None
    assert by_keypoints == Look(Tier.KEYPOINTS, False, Rate(0, 1000), None)
    by_structure = rated(part(box, 4.6, relation=1.5), USUAL)
    assert by_structure is not None
    assert by_structure.tier is Tier.PATCHES, "every pair has such a relation"


def test_a_look_must_be_rare_in_both_tables_by_itself() -> None:
    """Rare in the cohort by structure and in the portfolio by keypoints is rare in neither."""
    box = (0, 0, 40, 50)
    shared = scale(COHORT, table([(i, 0.2, 7.0) for i in range(30)], 150))
    assert rated(part(box, 6, relation=1.5), shared) is None
    told = rated(part(box, 6, relation=2.5), shared)
    assert told is not None
    assert told.tier is Tier.KEYPOINTS
    assert told.portfolio == Rate(0, 150)


@pytest.mark.parametrize(
    ("apart", "theirs", "told"),
    [(0.2, 1.1, True), (ALIKE, 1.1, True), (0.8, 1.1, False), (None, 1.1, False), (0.2, 0.6, False)],
)
def test_a_part_whose_colours_agree_is_held_against_those_of_which_that_holds(
    apart: float | None, theirs: float, told: bool
) -> None:
    """Pairs whose parts differ in colour do not count, those that are alike do; a part of other colours gains none."""
    cohort = table([(0, 0.1, 4.0), (1, 0.1, 4.5)], apart=theirs)
    one = part((0, 0, 40, 50), 3.5, apart=apart)
    assert rated(one, scale(cohort)) == (Look(Tier.PATCHES, True, Rate(0, 1000), None) if told else None)
    found = element_map(compared((1, [one])), WORKS, scale(cohort))
    assert [e.with_colours for e in found] == [True] * told


def test_colours_are_only_looked_at_where_structure_alone_is_not_enough() -> None:
    look = rated(part((0, 0, 40, 50), 6.0, apart=0.1), USUAL)
    assert look == Look(Tier.PATCHES, False, Rate(0, 1000), None)


@pytest.mark.parametrize("theirs", [0.5, 0.9])
def test_what_the_artists_own_works_share_counts_in_whatever_colours(theirs: float) -> None:
    """As the demo's suspect 07 does, painted with the same brushes: its hills are in other colours in other works."""
    one = part((0, 0, 40, 50), 3.5, apart=0.2)
    cohort = table([(0, 0.1, 4.0)], apart=1.1)
    for reached, told in ((1, True), (3, False)):
        own = scale(cohort, table([(i, 0.2, 7.0) for i in range(reached)], 150, apart=theirs))
        look = rated(one, own)
        assert look == (Look(Tier.PATCHES, True, Rate(0, 1000), Rate(reached, 150)) if told else None)


def test_colours_of_another_version_or_without_the_signal_say_nothing() -> None:
    one = part((0, 0, 40, 50), 3.5, apart=0.1)
    for others in ({"patches": PATCHES}, {"patches": PATCHES, "layout": SignalIdentity("layout", 2)}):
        assert rated(one, scale(COHORT, **others)) is None


@pytest.mark.parametrize(("reached", "told"), [(0, 1), (1, 1), (2, 0), (30, 0)])
def test_what_the_artists_own_works_share_is_not_told(reached: int, told: int) -> None:
    own = scale(COHORT, table([(i, 0.2, 7.0) for i in range(reached)], 150))
    found = element_map(compared((1, [part((0, 0, 40, 50), 6)])), WORKS, own)
    assert [(e.portfolio.reached, e.portfolio.pairs) for e in found if e.portfolio] == [(reached, 150)] * told


def test_a_large_part_must_agree_more_than_smaller_ones_do() -> None:
    """No pair of the table has a part of 60 %, but two have one of 10 % that agrees as well as this one."""
    assert [len(element_map(compared((1, [part((0, 0, 100, 60), s)])), WORKS, USUAL)) for s in (4.5, 4.6)] == [0, 1]


@pytest.mark.parametrize(("rival", "told"), [(3.5, 1), (3.6, 0)])
def test_what_more_of_the_own_works_share_is_told_where_it_stands_out(rival: float, told: int) -> None:
    own = scale(COHORT, table([(i, 0.2, 7.0) for i in range(4)], 150))
    box, beside = (0, 0, 40, 50), (50, 50, 90, 100)
    works = compared((1, [part(box, 6)]), (2, [part((5, 5, 30, 30), rival), part(beside, 3.5)]))
    assert [(e.work.id, e.stands_out) for e in element_map(works, WORKS, own)] == [(1, True)] * told


@pytest.mark.parametrize(("reached", "rival", "told"), [(1, 5.9, 1), (2, 5.9, 0), (2, 3.5, 1), (3, 3.5, 0)])
def test_more_cohort_pairs_may_reach_what_stands_out(reached: int, rival: float, told: int) -> None:
    cohort = table([(i, 0.2, 7.0) for i in range(reached)], 5000)
    box = (0, 0, 40, 50)
    found = element_map(compared((1, [part(box, 6)]), (2, [part(box, rival)])), WORKS, scale(cohort))
    assert len(found) == told


def test_of_works_that_share_a_figure_the_one_whose_strokes_agree_is_named() -> None:
    """Though another one agrees a little more in structure; where only strokes agree, structure comes first."""
    box = (0, 0, 40, 50)
    sibling, same = part(box, 8, relation=2.5), part((2, 0, 42, 50), 7.5, relation=6)
    assert [e.work.id for e in element_map(compared((1, [sibling]), (2, [same])), WORKS, USUAL)] == [2]
    lettering = part(box, 0, relation=9)
    assert [e.work.id for e in element_map(compared((1, [sibling]), (2, [lettering])), WORKS, USUAL)] == [1]


def test_nothing_stands_out_of_itself() -> None:
    """Of one work compared alone, and of two parts of one work, it is not known what others would reach."""
    own = scale(COHORT, table([(i, 0.2, 7.0) for i in range(4)], 150))
    box = (0, 0, 40, 50)
    assert element_map(compared((1, [part(box, 6)])), WORKS, own) == ()
    assert [e.stands_out for e in element_map(compared((1, [part(box, 6)])), WORKS, USUAL)] == [False]
    assert len(element_map(compared((1, [part(box, 6), part((0, 0, 30, 50), 5)]), (2, [])), WORKS, own)) == 1


def test_what_recurs_in_many_of_the_own_works_is_never_told() -> None:
    own = scale(COHORT, table([(i, 0.2, 7.0) for i in range(7)], 150))
    assert element_map(compared((1, [part((0, 0, 40, 50), 6)]), (2, [])), WORKS, own) == ()


@pytest.mark.parametrize("cohort", [None, table([], 999)])
def test_without_enough_pairs_nothing_is_told(cohort: Unrelated | None) -> None:
    assert not measurable(scale(cohort))
    assert element_map(compared((1, [part((0, 0, 40, 50), 60)])), WORKS, scale(cohort)) == ()


def test_another_version_is_not_held_against_these_pairs() -> None:
    other = scale(COHORT, patches=SignalIdentity("patches", 2))
    assert not measurable(other)
    assert rated(part((0, 0, 40, 50), 60), other) is None
    assert measurable(USUAL)


def inside(polygons: tuple[NDArray[np.float64], ...]) -> NDArray[np.bool_]:
    import cv2

    drawn = np.zeros((1000, 1000), np.uint8)
    for polygon in polygons:
        one = np.zeros_like(drawn)
        cv2.fillPoly(one, [np.rint(polygon * 1000).astype(np.int32)], 1)
        drawn ^= one
    return drawn.astype(np.bool_)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 60), st.integers(0, 60), st.integers(8, 40), st.floats(5, 50)),
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_elements_never_share_a_place(drawn: list[tuple[int, int, int, int, float]]) -> None:
    given_parts = [(work, [part((x, y, x + side, y + side), score)]) for work, x, y, side, score in drawn]
    found = element_map(compared(*given_parts), WORKS, USUAL)
    assert explained(found) <= 1
    shuffled = element_map(compared(*given_parts[::-1]), WORKS, USUAL)
    assert sorted(e.alignment.score for e in shuffled) == sorted(e.alignment.score for e in found)
    cover = sum((inside(e.outline).astype(int) for e in found), np.zeros((1000, 1000), int))
    # outlines are smoothed by less than a pixel of the map
    assert (cover > 1).mean() <= 0.01 * max(1, len(found))
    for element in found:
        assert inside(element.outline).mean() == pytest.approx(element.area, abs=0.012)
        assert all(((polygon >= 0) & (polygon <= 1)).all() for polygon in element.outline)


def test_one_pair_in_five_thousand_may_reach_it() -> None:
    """A single odd pair (two round frames, say) must not decide for all others."""
    reached = [(pair, 0.2, 7.0) for pair in range(2)]
    strong = compared((1, [part((0, 0, 40, 50), 6)]))
    assert len(element_map(strong, WORKS, scale(table(reached, 10_240)))) == 1
    assert len(element_map(strong, WORKS, scale(table([*reached, (2, 0.2, 7.0)], 10_240)))) == 0


@pytest.mark.parametrize("seed", range(6))
def test_parts_that_do_not_meet_are_told_apart_by_their_bounds(seed: int) -> None:
    """What stands out is what it was when every pair of masks was laid over each other."""
    generator = np.random.default_rng(seed)
    placed = []
    for number in range(40):
        mask = np.zeros((60, 80), np.bool_)
        x, y, across, down = (int(generator.integers(low, high)) for low, high in ((0, 70), (0, 50), (1, 40), (0, 30)))
        mask[y : y + down, x : x + across] = generator.random((60, 80))[y : y + down, x : x + across] < 0.8
        one = replace(part((0, 0, 1, 1), float(generator.uniform(0, 9))), mask=mask)
        placed.append(_Placed.of(one, number % 5))
    for each in placed:
        others = [other for other in placed if other.work_id != each.work_id]
        scores = [o.part.score for o in others if shared_area(each.part, o.part) > SAME_PLACE]
        assert _stands_out(each, placed, 4) is (0 < each.part.score >= STANDS_OUT * max(scores, default=0.0))
        assert not _stands_out(each, placed, 0), "nothing that it could be told apart from"
