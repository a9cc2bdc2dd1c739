"""The claim `style`: a place in a line of hands, and silence where there is too little to say one."""

from __future__ import annotations

import numpy as np
import pytest

from simcheck.records import Description, Pixels, Region
from simcheck.signals.palette import Palette
from simcheck.style import LEAST_SUSPECTS, LEAST_WORKS, NEAREST_HANDS, Hand, nearness, style_statement

SIGNAL = Palette()


def works(hue: int, count: int, seed: int) -> tuple[Description, ...]:
    """Flat pictures in colours around one hue."""
    generator = np.random.default_rng([hue, seed])
    made = []
    for _ in range(count):
        colours = np.clip(generator.normal(0, 14, (4, 3)) + np.array([53, 97, 29]) * hue % 256, 0, 255)
        pixels: Pixels = np.repeat(colours.astype(np.uint8), 100, axis=0).reshape(20, 20, 3)
        made.append(Description((Region(0, (0.0, 0.0, 1.0, 1.0)),), tuple(SIGNAL.describe([pixels])), 20, 20))
    return tuple(made)


COHORT = [Hand(f"hand {hue}", "a tradition", works(hue, LEAST_WORKS, 1)) for hue in range(10, 10 + NEAREST_HANDS)]


def test_suspects_in_the_portfolios_colours_put_it_first() -> None:
    portfolio = Hand("mine", "", works(2, LEAST_WORKS, 1))
    found = style_statement(works(2, 4, 2), portfolio, COHORT, SIGNAL)
    assert found is not None
    assert (found.rank, found.hands, found.suspects, found.signal) == (1, len(COHORT) + 1, 4, "palette")
    assert (found.nearest[0].hand, found.nearest[0].tradition) == ("mine", "")
    assert found.nearest[0].score == found.score


def test_suspects_in_another_hands_colours_do_not() -> None:
    portfolio = Hand("mine", "", works(2, LEAST_WORKS, 1))
    found = style_statement(works(13, 4, 2), portfolio, COHORT, SIGNAL)
    assert found is not None
    assert found.rank > 1
    assert found.nearest[0].hand != "mine"


def test_a_hand_near_to_everybody_gains_nothing_by_it() -> None:
    """Of two hands equally near to the suspects, the one that others are near to stands behind."""
    common = Hand("common", "a tradition", tuple(work for hand in COHORT for work in hand.works[:2]))
    assert nearness(common, COHORT, SIGNAL) > nearness(Hand("odd", "", works(2, LEAST_WORKS, 5)), COHORT, SIGNAL)
    known = Hand("mine", "", works(2, LEAST_WORKS, 1), nearness=0.9)
    measured = Hand("mine", "", works(2, LEAST_WORKS, 1))
    suspects = works(2, 4, 2)
    told, again = (style_statement(suspects, hand, COHORT, SIGNAL) for hand in (known, measured))
    assert told is not None
    assert again is not None
    assert told.score < again.score


@pytest.mark.parametrize(
    ("suspects", "own", "hands"),
    [
        (LEAST_SUSPECTS - 1, LEAST_WORKS, NEAREST_HANDS),
        (LEAST_SUSPECTS, LEAST_WORKS - 1, NEAREST_HANDS),
        (LEAST_SUSPECTS, LEAST_WORKS, NEAREST_HANDS - 1),
    ],
)
def test_too_little_says_nothing(suspects: int, own: int, hands: int) -> None:
    portfolio = Hand("mine", "", works(2, own, 1))
    assert style_statement(works(2, suspects, 2), portfolio, COHORT[:hands], SIGNAL) is None


def test_the_shipped_hands_are_measured_for_the_shipped_palette() -> None:
    import json

    from simcheck.cohort import reference_folder
    from simcheck.line_up import STYLE, WORKS

    document = json.loads((reference_folder() / STYLE).read_text("utf-8"))
    assert tuple(document["signal"]) == SIGNAL.identity().comparable, "run scripts/evaluate_style.py --save again"
    hands = {work["hand"] for work in json.loads((reference_folder() / WORKS).read_text("utf-8"))["works"]}
    assert set(document["nearness"]) <= hands
    assert len(document["nearness"]) >= 40
