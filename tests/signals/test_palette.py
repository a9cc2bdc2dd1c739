"""palette: a distance that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paintings import painting, picture
from PIL import Image

from simcheck.records import Description, PaletteEvidence, Pixels
from simcheck.signals.describe import describe
from simcheck.signals.palette import Palette

SIGNAL = Palette()
Colour = tuple[int, int, int]
RED, BLUE, WHITE, GREY = (255, 0, 0), (0, 0, 255), (255, 255, 255), (119, 119, 119)


def lab(colour: Colour) -> np.ndarray:
    """CIE 15: sRGB (IEC 61966-2-1) to L*, a*, b* under D65."""
    c = np.array(colour) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = matrix @ linear / [0.9505, 1, 1.089]
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def bands(*parts: tuple[Colour, int]) -> Pixels:
    """Upright bands of so many columns each; 96 in all, so that no column is resampled."""
    assert sum(columns for _, columns in parts) == 96
    row = [colour for colour, columns in parts for _ in range(columns)]
    return np.repeat(np.array([row], np.uint8), 96, axis=0)


def described(pixels: Pixels) -> Description:
    return describe([picture(pixels)], SIGNAL, query=False)[0]


def distance(ours: Pixels, theirs: Pixels) -> float:
    comparison = SIGNAL.compare(described(ours), described(theirs))
    assert isinstance(comparison.evidence, PaletteEvidence)
    assert comparison.score == pytest.approx(np.exp(-comparison.evidence.distance / 20))
    return comparison.evidence.distance


def test_known_values_of_the_colour_space() -> None:
    assert lab(RED) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert lab(BLUE) == pytest.approx([32.30, 79.19, -107.86], abs=0.05)


@pytest.mark.parametrize(("ours", "theirs"), [(RED, BLUE), (WHITE, GREY), (RED, (250, 0, 0))])
def test_two_plain_pictures_lie_as_far_apart_as_their_colours(ours: Colour, theirs: Colour) -> None:
    apart = float(np.linalg.norm(lab(ours) - lab(theirs)))
    assert distance(bands((ours, 96)), bands((theirs, 96))) == pytest.approx(apart, abs=0.3)


@pytest.mark.parametrize(("ours", "theirs"), [(24, 48), (12, 84), (6, 90), (48, 48)])
def test_the_distance_is_the_share_that_moves_times_how_far(ours: int, theirs: int) -> None:
    apart = float(np.linalg.norm(lab(RED) - lab(GREY)))
    first, second = bands((RED, ours), (GREY, 96 - ours)), bands((GREY, 96 - theirs), (RED, theirs))
    assert distance(first, second) == pytest.approx(abs(ours - theirs) / 96 * apart, abs=0.3)


def test_where_colours_lie_does_not_matter() -> None:
    ours = bands((RED, 32), (WHITE, 48), (BLUE, 16))
    assert distance(ours, np.ascontiguousarray(ours[:, ::-1])) == pytest.approx(0, abs=1e-3)
    assert distance(ours, np.ascontiguousarray(ours.transpose(1, 0, 2))) == pytest.approx(0, abs=1e-3)


def test_three_colours_are_moved_the_shortest_way() -> None:
    """A third of white and a third of blue stay; the rest goes from red to grey, not round about."""
    ours, theirs = bands((RED, 32), (WHITE, 32), (BLUE, 32)), bands((WHITE, 32), (BLUE, 32), (GREY, 32))
    direct = float(np.linalg.norm(lab(RED) - lab(GREY))) / 3
    through_white = float(np.linalg.norm(lab(RED) - lab(WHITE)) + np.linalg.norm(lab(WHITE) - lab(GREY))) / 3
    through_blue = float(np.linalg.norm(lab(RED) - lab(BLUE)) + np.linalg.norm(lab(BLUE) - lab(GREY))) / 3
    assert distance(ours, theirs) == pytest.approx(min(direct, through_white, through_blue), abs=0.3)


def test_evidence_lists_colours_with_their_shares_most_frequent_first() -> None:
    comparison = SIGNAL.compare(described(bands((RED, 24), (WHITE, 60), (BLUE, 12))), described(bands((GREY, 96))))
    evidence = comparison.evidence
    assert isinstance(evidence, PaletteEvidence)
    assert [colour for colour, _ in evidence.query] == ["#ffffff", "#ff0000", "#0000ff"]
    assert [share for _, share in evidence.query] == pytest.approx([60 / 96, 24 / 96, 12 / 96], abs=1e-3)
    assert evidence.reference == (("#777777", 1.0),)


PICTURES = st.lists(st.tuples(st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 20)), min_size=1, max_size=12).map(
    lambda parts: np.array([[c for c, n in parts for _ in range(n)]] * 24, np.uint8)
)


@settings(max_examples=20)
@given(PICTURES, PICTURES, PICTURES)
def test_it_is_a_distance(a: Pixels, b: Pixels, c: Pixels) -> None:
    there, back = distance(a, b), distance(b, a)
    assert there == pytest.approx(back, abs=1e-2)
    assert distance(a, a) == pytest.approx(0, abs=1e-3)
    assert there >= 0
    assert distance(a, c) <= there + distance(b, c) + 1e-2


@settings(max_examples=20)
@given(PICTURES)
def test_shares_add_up_to_one(pixels: Pixels) -> None:
    (descriptor,) = SIGNAL.describe([pixels])
    shares = descriptor.values[:, 3].astype(float)
    assert 1 <= len(shares) <= 8
    assert (shares > 0).all()
    assert shares.sum() == pytest.approx(1, abs=2e-3)
    assert (np.diff(shares) <= 0).all()


def test_a_picture_of_eight_colours_has_just_these() -> None:
    generator = np.random.default_rng(5)
    corners: list[Colour] = [(r, g, b) for r in (0, 255) for g in (0, 255) for b in (0, 255)]
    colours = [corners[i] for i in generator.permutation(8)]
    (descriptor,) = SIGNAL.describe([bands(*[(c, 12) for c in colours])])
    found = descriptor.values[:, :3].astype(float)
    for colour in colours:
        assert np.linalg.norm(found - lab(colour), axis=1).min() < 0.3
    assert descriptor.values[:, 3] == pytest.approx(1 / 8, abs=1e-3)


def test_saved_smaller_it_keeps_its_palette_and_recoloured_it_does_not() -> None:
    work = painting(61)
    smaller = np.asarray(Image.fromarray(work).resize((300, 225)))
    recoloured = np.ascontiguousarray(work[:, :, [2, 0, 1]])
    assert distance(work, smaller) < 5
    assert distance(work, recoloured) > 15
