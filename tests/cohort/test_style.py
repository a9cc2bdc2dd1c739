"""The claim `style`: a place in a line of artists, and silence where there is too little to say one."""

from __future__ import annotations

import numpy as np
import pytest

from simcheck.cohort.line_up import described_with
from simcheck.cohort.style import (
    LEAST_SUSPECTS,
    LEAST_WORKS,
    NEAREST_ARTISTS,
    Artist,
    Line,
    nearness,
    signals_of,
    style_statement,
)
from simcheck.records import Description, Pixels, Region
from simcheck.signals import load, names
from simcheck.signals.palette import Palette

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


COHORT = [Artist(f"hand {hue}", "a tradition", works(hue, LEAST_WORKS, 1)) for hue in range(10, 10 + NEAREST_ARTISTS)]


def test_suspects_in_the_portfolios_colours_put_it_first() -> None:
    portfolio = Artist("mine", "", works(2, LEAST_WORKS, 1))
    found = style_statement([Line(SIGNAL, works(2, 4, 2), portfolio, COHORT)])
    assert found is not None
    assert (found.rank, found.artists, found.suspects, found.signals) == (1, len(COHORT) + 1, 4, ("palette",))
    assert (found.nearest[0].artist, found.nearest[0].tradition) == ("mine", "")
    assert found.nearest[0].score == found.score


def test_suspects_in_another_hands_colours_do_not() -> None:
    portfolio = Artist("mine", "", works(2, LEAST_WORKS, 1))
    found = style_statement([Line(SIGNAL, works(13, 4, 2), portfolio, COHORT)])
    assert found is not None
    assert found.rank > 1
    assert found.nearest[0].artist != "mine"


def test_a_hand_near_to_everybody_gains_nothing_by_it() -> None:
    """Of two artists equally near to the suspects, the one that others are near to stands behind."""
    common = Artist("common", "a tradition", tuple(work for artist in COHORT for work in artist.works[:2]))
    assert nearness(common, COHORT, SIGNAL) > nearness(Artist("odd", "", works(2, LEAST_WORKS, 5)), COHORT, SIGNAL)
    known = Artist("mine", "", works(2, LEAST_WORKS, 1), nearness=0.9)
    measured = Artist("mine", "", works(2, LEAST_WORKS, 1))
    suspects = works(2, 4, 2)
    told, again = (style_statement([Line(SIGNAL, suspects, artist, COHORT)]) for artist in (known, measured))
    assert told is not None
    assert again is not None
    assert told.score < again.score


@pytest.mark.parametrize(
    ("suspects", "own", "artists"),
    [
        (LEAST_SUSPECTS - 1, LEAST_WORKS, NEAREST_ARTISTS),
        (LEAST_SUSPECTS, LEAST_WORKS - 1, NEAREST_ARTISTS),
        (LEAST_SUSPECTS, LEAST_WORKS, NEAREST_ARTISTS - 1),
    ],
)
def test_too_little_says_nothing(suspects: int, own: int, artists: int) -> None:
    portfolio = Artist("mine", "", works(2, own, 1))
    assert style_statement([Line(SIGNAL, works(2, suspects, 2), portfolio, COHORT[:artists])]) is None


class Named(Palette):
    """The same look under another name."""

    name = "clip"


def test_several_signals_count_alike_and_their_mean_decides() -> None:
    """By one signal the suspects are the portfolio's, by the other another artist's."""
    own, other = works(2, LEAST_WORKS, 1), works(13, LEAST_WORKS, 3)
    one = Line(SIGNAL, works(2, 4, 2), Artist("mine", "", own), COHORT)
    against = Line(Named(), works(13, 4, 2), Artist("mine", "", own), COHORT)
    for_it = Line(Named(), works(13, 4, 2), Artist("mine", "", other), COHORT)
    both, agreed = (style_statement([one, each]) for each in (against, for_it))
    assert both is not None
    assert agreed is not None
    assert (both.signals, both.artists) == (("palette", "clip"), len(COHORT) + 1)
    assert both.score < agreed.score
    assert agreed.rank == 1
    artists = list(one.others)
    expected = (one.scores(artists)[0] + against.scores(artists)[0]) / 2
    assert both.score == pytest.approx(expected, abs=1e-4)


def test_a_signal_that_knows_too_few_of_the_hands_takes_no_part() -> None:
    """As `clip` does where a small cohort of the person's own is all that was described with it."""
    portfolio, suspects = Artist("mine", "", works(2, LEAST_WORKS, 1)), works(2, 4, 2)
    usual = Line(SIGNAL, suspects, portfolio, COHORT)
    elsewhere = [Artist(f"else {i}", "a tradition", artist.works) for i, artist in enumerate(COHORT)]
    for cohort in (COHORT[:-1], elsewhere):
        found = style_statement([usual, Line(Named(), suspects, portfolio, cohort)])
        assert found is not None
        assert found.signals == ("palette",)
    more = [*COHORT, *elsewhere]
    found = style_statement([Line(SIGNAL, suspects, portfolio, more), Line(Named(), suspects, portfolio, COHORT)])
    assert found is not None
    assert (found.signals, found.artists) == (("palette", "clip"), len(COHORT) + 1)


def test_scores_are_in_standard_deviations_over_the_cohort() -> None:
    line = Line(SIGNAL, works(2, 4, 2), Artist("mine", "", works(2, LEAST_WORKS, 1)), COHORT)
    scores = line.scores(list(line.others))[1:]
    assert (scores.mean(), scores.std()) == (pytest.approx(0, abs=1e-9), pytest.approx(1, abs=1e-6))


def test_a_score_alone_is_that_of_the_comparison() -> None:
    """Style asks for thousands of scores and draws nothing."""
    for ours, theirs in zip(works(2, 9, 1), works(30, 9, 4), strict=True):
        assert SIGNAL.score(ours, theirs) == SIGNAL.compare(ours, theirs).score


def test_the_signals_that_take_part_come_with_the_claim_first() -> None:
    kinds = load(names())
    assert signals_of({name: kinds[name]() for name in ("clip", "copy", "palette")}) == ("palette", "clip")


@pytest.mark.parametrize("name", [name for name in described_with(own=False) if load([name])[name].in_style])
def test_the_shipped_hands_are_measured_for_the_shipped_signals(name: str) -> None:
    import json

    from simcheck.cohort.line_up import STYLE, WORKS
    from simcheck.shipped import reference_folder

    document = json.loads((reference_folder() / STYLE).read_text("utf-8"))
    identity = load((name,))[name]().identity()
    assert tuple(document[name]["signal"]) == identity.comparable, "run scripts/measure/evaluate_style.py --save again"
    artists = {work["hand"] for work in json.loads((reference_folder() / WORKS).read_text("utf-8"))["works"]}
    assert set(document[name]["nearness"]) <= artists
    assert len(document[name]["nearness"]) >= 40
