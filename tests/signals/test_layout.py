"""layout on painted pictures: what keeps the large masses keeps the score, and the boxes name the same part."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from paintings import painting, picture
from PIL import Image

from scripts.build.sample.suspects import daubed
from simcheck.records import Alignment, Box, Comparison, Description, Pixels, RegionEvidence, Tier
from simcheck.scoring.rates import ALIKE
from simcheck.signals.describe import cut, describe
from simcheck.signals.layout import WINDOWS, Layout, _rows

SIGNAL = Layout()
SEEDS = (1, 3, 5)


def described(pixels: Pixels) -> Description:
    return describe([picture(np.ascontiguousarray(pixels))], SIGNAL, query=True)[0]


@cache
def work(seed: int) -> Description:
    return described(painting(seed))


def compared(suspect: Pixels, reference: Description) -> tuple[float, RegionEvidence]:
    found = SIGNAL.compare(described(suspect), reference)
    assert found.score is not None
    assert isinstance(found.evidence, RegionEvidence)
    return found.score, found.evidence


@cache
def unrelated(seed: int) -> list[float]:
    return sorted(compared(painting(other), work(seed))[0] for other in range(50, 62))


def recoloured(pixels: Pixels) -> Pixels:
    """Every colour turned by 120 degrees round the grey axis at equal lightness, and paler."""
    lab = np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    cos, sin = 0.4 * np.cos(np.deg2rad(120)), 0.4 * np.sin(np.deg2rad(120))
    turned = lab @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]], np.float32).T
    return in_bytes(255 * np.asarray(cv2.cvtColor(turned.astype(np.float32), cv2.COLOR_LAB2RGB), np.float32))


def in_bytes(values: NDArray[np.float32]) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def redrawn(pixels: Pixels) -> Pixels:
    """Blurred away, then every line drawn anew: noise of the size of small shapes."""
    grain = np.random.default_rng(1).normal(0, 1, pixels.shape).astype(np.float32)
    marks = np.asarray(cv2.GaussianBlur(grain, (0, 0), 3), np.float32)
    return in_bytes(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 12), np.float32) + 300 * marks)


def small_and_grey(pixels: Pixels) -> Pixels:
    grey = cv2.cvtColor(cv2.resize(pixels, (60, 45)), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


EDITS: dict[str, Callable[[Pixels], Pixels]] = {
    "recoloured": recoloured,
    "blurred": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 10), np.uint8),
    "redrawn": redrawn,
    "mirrored": lambda p: p[:, ::-1],
    "cropped to 85 %": lambda p: p[20:326, 40:448],
    "mirrored and cropped": lambda p: p[20:326, 40:448][:, ::-1],
    "small and grey": small_and_grey,
    "within a wide frame": lambda p: np.pad(p, ((30, 30), (40, 40), (0, 0)), constant_values=255),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EDITS)
def test_edited_copies_beat_every_unrelated_painting(name: str, seed: int) -> None:
    score, evidence = compared(EDITS[name](painting(seed)), work(seed))
    assert score > unrelated(seed)[-1] + 0.1
    assert evidence.mirrored is name.startswith("mirrored")


@pytest.mark.parametrize("window", range(1, 19, 2))
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_boxes_say_which_part_of_the_work_the_suspect_shows(window: int, mirrored: bool) -> None:
    part = cut(painting(7), WINDOWS[window])
    score, evidence = compared(part[:, ::-1] if mirrored else part, work(7))
    assert score > 0.8
    assert (evidence.query_box, evidence.reference_box) == ((0.0, 0.0, 1.0, 1.0), WINDOWS[window])
    assert evidence.mirrored is mirrored


@pytest.mark.parametrize("window", range(1, 19, 2))
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_boxes_say_which_part_of_the_suspect_shows_the_work(window: int, mirrored: bool) -> None:
    """The suspect is the larger picture here; its box is told in the suspect as it is, not in its mirror image."""
    whole = painting(7)
    reference = described(cut(whole, WINDOWS[window]))
    score, evidence = compared(whole[:, ::-1] if mirrored else whole, reference)
    assert score > 0.8
    x0, y0, x1, y1 = WINDOWS[window]
    expected: Box = (1 - x1, y0, 1 - x0, y1) if mirrored else (x0, y0, x1, y1)
    assert evidence.query_box == pytest.approx(expected)
    assert evidence.reference_box == (0.0, 0.0, 1.0, 1.0)
    assert evidence.mirrored is mirrored


def test_of_equal_placements_the_whole_pictures_are_named() -> None:
    score, evidence = compared(painting(7), work(7))
    assert score == pytest.approx(1, abs=1e-3)
    assert evidence == RegionEvidence((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0), False, 0.0)


def test_the_largest_difference_is_that_of_the_cell_that_changed_most() -> None:
    ground = painting(7)
    grey = np.repeat(np.linspace(90, 160, 480).astype(np.uint8)[None, :, None], 360, axis=0).repeat(3, axis=2)
    marked = grey.copy()
    marked[150:210, 200:280] = 255  # a few of the 24 x 24 cells become white: L* 100 instead of about 50
    _, evidence = compared(marked, described(grey))
    lightness = cv2.cvtColor(np.full((1, 1, 3), grey[0, 240] / 255, np.float32), cv2.COLOR_RGB2LAB)[0, 0, 0]
    assert evidence.largest_difference == pytest.approx(100 - lightness, abs=5)
    done = io.BytesIO()
    Image.fromarray(ground).resize((240, 180)).save(done, "JPEG", quality=60)
    _, evidence = compared(np.asarray(Image.open(done)), work(7))
    assert evidence.largest_difference is not None
    assert evidence.largest_difference < 6


def test_lightness_counts_three_times_as_much_as_colour() -> None:
    """A chart whose light and colours are laid out independently, against two that share only one of the two."""
    generator = np.random.default_rng(3)
    fields = {n: generator.uniform(-1, 1, (12, 12)).astype(np.float32) for n in ("l", "a", "b", "l2", "a2", "b2")}

    def chart(light: str, a: str, b: str) -> Pixels:
        lab = np.dstack([50 + 20 * fields[light], 15 * fields[a], 15 * fields[b]]).astype(np.float32)
        rgb = cv2.cvtColor(cv2.resize(lab, (480, 480), interpolation=cv2.INTER_CUBIC), cv2.COLOR_LAB2RGB)
        return in_bytes(np.asarray(rgb, np.float32) * 255)

    first = described(chart("l", "a", "b"))
    by_light, _ = compared(chart("l", "a2", "b2"), first)
    by_colour, _ = compared(chart("l2", "a", "b"), first)
    assert by_light == pytest.approx(0.75, abs=0.12)
    assert by_colour == pytest.approx(0.25, abs=0.15)


@given(st.integers(0, 18), st.sampled_from([0, 1]))
def test_a_window_averages_what_lies_within_it(window: int, axis: int) -> None:
    weights = _rows(24, 12, axis)[window]
    assert weights.sum(axis=1) == pytest.approx(1, abs=1e-5)
    middles = weights @ ((np.arange(24) + 0.5) / 24)
    start, end = WINDOWS[window][axis], WINDOWS[window][axis + 2]
    assert middles == pytest.approx(start + (np.arange(12) + 0.5) / 12 * (end - start), abs=0.012)


def test_a_picture_without_light_and_shade_has_nothing_to_say() -> None:
    flat = described(np.full((90, 90, 3), (200, 30, 30), np.uint8))
    assert flat.descriptors[0].reason == "blank"
    assert SIGNAL.compare(flat, work(1)) == Comparison(None, "blank")
    assert SIGNAL.compare(work(1), flat) == Comparison(None, "blank")


def part_over(mask: NDArray[np.bool_], transform: NDArray[np.float64]) -> Alignment:
    whole = (0.0, 0.0, 1.0, 1.0)
    return Alignment(Tier.PATCHES, 1.0, mask, transform, False, 0.0, 1.0, whole, whole)


EVERYWHERE = np.ones((144, 192), np.bool_)
MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])


def test_colours_are_compared_at_the_place_that_the_transform_names() -> None:
    pixels = painting(4)
    suspect, mirrored, doubled = described(pixels), described(pixels[:, ::-1]), described(cut(pixels, (0, 0, 0.5, 0.5)))
    same = Layout().colour_difference(suspect, work(4), part_over(EVERYWHERE, np.eye(3)))
    assert same == pytest.approx(0, abs=0.01)
    assert Layout().colour_difference(suspect, mirrored, part_over(EVERYWHERE, MIRROR)) == pytest.approx(0, abs=0.02)
    quarter = Layout().colour_difference(doubled, work(4), part_over(EVERYWHERE, np.diag([0.5, 0.5, 1.0])))
    elsewhere = Layout().colour_difference(doubled, work(4), part_over(EVERYWHERE, np.eye(3)))
    assert quarter is not None
    assert elsewhere is not None
    assert quarter < 0.4 * elsewhere
    assert elsewhere > ALIKE


def test_the_difference_is_that_of_the_colours_within_the_part_by_their_spread() -> None:
    """Three stripes of known CIELAB values; in the suspect the last one has another colour."""
    stripes = np.zeros((480, 480, 3), np.uint8)
    stripes[:, :160], stripes[:, 160:320], stripes[:, 320:] = (40, 40, 40), (120, 120, 120), (210, 210, 210)
    other = stripes.copy()
    other[:, 320:] = (210, 60, 60)
    left, right = EVERYWHERE.copy(), EVERYWHERE.copy()
    left[:, 110:], right[:, :64] = False, False
    suspect, reference = described(other), described(stripes)
    assert Layout().colour_difference(suspect, reference, part_over(left, np.eye(3))) == pytest.approx(0, abs=0.03)
    colours = np.array([[(120, 120, 120), (210, 210, 210), (210, 60, 60)]], np.float32) / 255
    middle, last, changed = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)[0]
    spread = np.linalg.norm(last - middle) / 2  # half of the part is of either colour
    expected = np.linalg.norm(last - changed) / 2 / spread
    assert Layout().colour_difference(suspect, reference, part_over(right, np.eye(3))) == pytest.approx(
        expected, rel=0.12
    )


def test_a_part_may_be_all_of_a_square_picture() -> None:
    """Its map has more places than OpenCV takes in one column."""
    square = painting(6)[:360, :360]
    everywhere = np.ones((192, 192), np.bool_)
    found = Layout().colour_difference(described(square), described(square), part_over(everywhere, np.eye(3)))
    assert found == pytest.approx(0, abs=1e-6)


def test_equal_paper_is_no_equal_colour() -> None:
    """Two sheets that share nothing but their white are not alike, however small the distance is."""
    generator = np.random.default_rng(2)
    sheets = [np.full((480, 480, 3), 250, np.uint8) for _ in range(2)]
    for sheet in sheets:
        for x, y in generator.integers(30, 420, (12, 2)):
            sheet[y : y + 40, x : x + 40] -= 60
    found = Layout().colour_difference(described(sheets[0]), described(sheets[1]), part_over(EVERYWHERE, np.eye(3)))
    assert found is not None
    assert found > ALIKE


def test_painting_over_keeps_colours_and_turning_hues_does_not() -> None:
    pixels = painting(5)
    over = part_over(EVERYWHERE, np.eye(3))
    daubs = np.asarray(np.clip(daubed(pixels, 9) * 255, 0, 255), np.uint8)
    painted, turned = (Layout().colour_difference(described(p), work(5), over) for p in (daubs, recoloured(pixels)))
    assert painted is not None
    assert turned is not None
    assert painted < ALIKE < turned


def test_nothing_is_said_of_the_colours_of_a_blank() -> None:
    flat = described(np.full((90, 90, 3), (200, 30, 30), np.uint8))
    assert Layout().colour_difference(flat, work(1), part_over(EVERYWHERE, np.eye(3))) is None
    assert Layout().colour_difference(work(1), flat, part_over(EVERYWHERE, np.eye(3))) is None


def test_search_vectors_agree_with_the_score_of_whole_pictures() -> None:
    query, reference = described(painting(2)[:, ::-1]), work(2)
    asking = SIGNAL.vectors(query.descriptors[0], query=True)
    stored = SIGNAL.vectors(reference.descriptors[0], query=False)
    assert asking.shape == (2, 432)
    assert stored.shape == (1, 432)
    plain, mirrored = (asking @ stored.T).ravel()
    assert mirrored == pytest.approx(1, abs=0.02)
    assert plain < 0.5
