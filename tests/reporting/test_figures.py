"""What a report draws: the warp puts the work where the suspect shows it, and drawings mean what they say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import edited_copy, paint

from simcheck.reporting.figures.svg import (
    boxes_svg,
    difference_view,
    lay_out_pair,
    match_lines_svg,
    palette_svg,
    spread,
    warp_to_query,
)


def test_identity_gives_the_picture_back() -> None:
    work = paint(3)
    warp = warp_to_query(work, np.eye(3), (work.shape[0], work.shape[1]))
    assert warp.inside.all()
    np.testing.assert_array_equal(warp.pixels, work)
    assert (difference_view(work, warp) == 255).all()


def test_the_warp_undoes_mirror_turn_and_crop() -> None:
    work = paint(3)
    suspect, transform = edited_copy(work)
    warp = warp_to_query(work, transform, (suspect.shape[0], suspect.shape[1]))
    apart = np.abs(warp.pixels.astype(int) * [0.9, 1.0, 1.06] - suspect)[warp.inside]
    assert warp.inside.mean() > 0.95
    assert apart.mean() < 3
    wrong = warp_to_query(work, transform @ np.diag([0.9, 1, 1]), (suspect.shape[0], suspect.shape[1]))
    assert np.abs(wrong.pixels.astype(int) * [0.9, 1.0, 1.06] - suspect)[wrong.inside].mean() > 2 * apart.mean()


def test_outside_the_work_is_hatched_in_warp_and_difference() -> None:
    work = np.full((100, 100, 3), 10, np.uint8)
    twice_as_wide = np.array([[2.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    warp = warp_to_query(work, twice_as_wide, (100, 100))
    assert warp.inside[:, :50].all()
    assert not warp.inside[:, 50:].any()
    hatch = warp.pixels[:, 50:]
    assert set(np.unique(hatch)) == {208, 232}
    np.testing.assert_array_equal(difference_view(work, warp)[:, 50:], hatch)
    assert (difference_view(work, warp)[:, :50] == 255).all()


def test_difference_is_that_of_the_most_different_channel() -> None:
    work = np.full((4, 4, 3), 100, np.uint8)
    query = work.copy()
    query[1, 2] = (100, 40, 120)
    shown = difference_view(query, warp_to_query(work, np.eye(3), (4, 4)))
    assert shown[1, 2].tolist() == [195, 195, 195]
    assert (np.delete(shown.reshape(16, 3), 6, axis=0) == 255).all()


def test_a_large_work_is_averaged_not_sampled() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    warp = warp_to_query(stripes, np.eye(3), (100, 100))
    assert np.ptp(warp.pixels) < 12
    assert abs(warp.pixels.mean() - 127.5) < 3


def test_what_lies_behind_the_viewer_is_not_drawn() -> None:
    work = np.full((50, 50, 3), 7, np.uint8)
    tilted = np.array([[1.0, 0, 0], [0, 1, 0], [-1.6, 0, 1]])
    warp = warp_to_query(work, tilted, (50, 50))
    assert not warp.inside[:, 32:].any()
    np.testing.assert_array_equal(warp_to_query(work, -tilted, (50, 50)).inside, warp.inside)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_smallest_pictures(shape: tuple[int, int]) -> None:
    work = np.full((*shape, 3), 90, np.uint8)
    warp = warp_to_query(work, np.eye(3), shape)
    assert (warp.pixels == 90).all()
    assert (difference_view(work, warp) == 255).all()


fraction = st.floats(0, 1, allow_nan=False)


@given(x=fraction, y=fraction, width=st.integers(1, 9000), height=st.integers(1, 9000), mirrored=st.booleans())
def test_points_stay_in_their_frame(x: float, y: float, width: int, height: int, mirrored: bool) -> None:
    pair = lay_out_pair((width, height), (400, 300), mirrored=mirrored)
    for frame in (pair.query, pair.reference):
        across, down = frame.place(x, y)
        assert frame.x - 1e-6 <= across <= frame.x + frame.width + 1e-6
        assert frame.y - 1e-6 <= down <= frame.y + frame.height + 1e-6
        assert frame.x + frame.width <= pair.width + 1e-6
        assert frame.y + frame.height <= pair.height + 1e-6
    beside = pair.query.x + pair.query.width <= pair.reference.x
    below = pair.query.y + pair.query.height <= pair.reference.y
    assert beside or below


def test_wide_pictures_are_stacked() -> None:
    assert lay_out_pair((4000, 900), (4000, 900)).stacked
    assert not lay_out_pair((900, 1200), (1200, 900)).stacked


def test_lines_start_at_the_mirrored_place() -> None:
    points = np.array([[0.25, 0.5, 0.5, 0.5]])
    start = {
        mirrored: float(re.findall(r"M([\d.]+)", match_lines_svg(points, pair))[0]) / pair.query.width
        for mirrored in (False, True)
        for pair in [lay_out_pair((100, 100), (100, 100), mirrored=mirrored)]
    }
    assert start[False] == pytest.approx(0.25, abs=1e-3)
    assert start[True] == pytest.approx(0.75, abs=1e-3)


def test_spread_keeps_to_its_number_and_reaches_the_corners() -> None:
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 30), np.linspace(0, 1, 30)), axis=-1).reshape(-1, 2)
    points = np.hstack([grid, grid])
    chosen = spread(points, 20)
    assert len(np.unique(chosen, axis=0)) == 20
    assert {(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)} <= {tuple(p[:2]) for p in chosen.tolist()}
    np.testing.assert_array_equal(spread(points[:5], 20), points[:5])


def test_boxes_carry_the_same_number_on_both_sides() -> None:
    pair = lay_out_pair((100, 100), (100, 100))
    drawn = boxes_svg([((0, 0, 0.5, 0.5), (0.5, 0.5, 1, 1)), ((0, 0, 0.5, 0.5), (0, 0, 1, 1))], pair)
    assert re.findall(r"<text[^>]*>(\d)</text>", drawn) == ["1", "1", "2", "2"]
    places = re.findall(r'<rect class="box" stroke="[^"]+" (x="[\d.]+" y="[\d.]+")', drawn)
    assert len(set(places)) == 4, "equal boxes do not hide one another"


def test_palette_bars_fill_the_width_and_carry_no_foreign_text() -> None:
    widths = [float(w) for w in re.findall(r'width="([\d.]+)"', palette_svg([("#aabbcc", 0.5), ("#000000", 0.2)]))]
    assert sum(widths) == pytest.approx(1000, abs=0.1)
    assert widths[0] == pytest.approx(1000 * 5 / 7, abs=0.1)
    with pytest.raises(ValueError, match="not a colour"):
        palette_svg([('#fff"/><script>', 1.0)])
