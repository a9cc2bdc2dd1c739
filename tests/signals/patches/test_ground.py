"""What is ground in a picture: rules, lettering, codes, patterns and plain paper, and never the drawing on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from paintings import painting
from PIL import Image, ImageDraw, ImageFont

from simcheck.records import Pixels, Tier
from simcheck.signals.patches.alignment import Proposal, Side, align
from simcheck.signals.patches.framed import framed_share, own_score
from simcheck.signals.patches.ground import content_map, ground_of
from simcheck.signals.patches.structure import strength_of, structure_map

SIDE = 512
WHOLE = np.eye(3)


def page(draw: Callable[[ImageDraw.ImageDraw], None], colour: str = "white") -> Pixels:
    image = Image.new("RGB", (SIDE, SIDE), colour)
    draw(ImageDraw.Draw(image))
    return np.asarray(image)


def ruled(pen: ImageDraw.ImageDraw) -> None:
    for y in range(40, SIDE, 24):
        pen.line((0, y, SIDE, y), fill="steelblue", width=2)


def squared(pen: ImageDraw.ImageDraw) -> None:
    for n in range(16, SIDE, 20):
        pen.line((0, n, SIDE, n), fill="lightgreen")
        pen.line((n, 0, n, SIDE), fill="lightgreen")


def framed(pen: ImageDraw.ImageDraw) -> None:
    for inset in (12, 20):
        pen.rectangle((inset, inset, SIDE - inset, SIDE - inset), outline="black", width=3)


def lettered(pen: ImageDraw.ImageDraw) -> None:
    for row in range(6):
        pen.text((60, 60 + 60 * row), "What many pictures share", fill="black", font=ImageFont.load_default(24))


def radiant(pen: ImageDraw.ImageDraw) -> None:
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        pen.line((256, 256, 256 + 400 * np.cos(angle), 256 + 400 * np.sin(angle)), fill="darkred", width=3)


def empty(_: ImageDraw.ImageDraw) -> None:
    pass


def laid_on(ground: Pixels, content: Pixels, box: tuple[int, int, int, int]) -> Pixels:
    x0, y0, x1, y1 = box
    out = ground.copy()
    out[y0:y1, x0:x1] = np.asarray(Image.fromarray(content).resize((x1 - x0, y1 - y0)))
    return out


def strength(found: NDArray[np.float32]) -> float:
    return float(strength_of(found).sum())


@pytest.mark.parametrize("draw", [ruled, squared, framed, lettered, radiant, empty])
def test_of_a_page_without_a_picture_nothing_is_left(draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
    shown = page(draw)
    assert strength(content_map(shown)) <= 0.12 * max(strength(structure_map(shown)), 1.0)


def test_gradients_and_vignettes_are_plain() -> None:
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    slope = np.stack([200 * x, 120 * y + 60, 200 - 80 * x], axis=2).astype(np.uint8)
    corners = (230 - 160 * np.hypot(x - 0.5, y - 0.5))[..., None].repeat(3, axis=2).astype(np.uint8)
    for shown in (slope, corners):
        assert ground_of(shown).plain.mean() > 0.95
        assert strength(content_map(shown)) == pytest.approx(0.0, abs=120)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_painting_is_content(seed: int) -> None:
    shown = painting(seed, (SIDE, SIDE))
    assert strength(content_map(shown)) >= 0.6 * strength(structure_map(shown))


def test_the_drawing_on_a_page_is_left() -> None:
    drawing = painting(5, (200, 200))
    shown = laid_on(page(ruled), drawing, (150, 150, 350, 350))
    left = strength_of(content_map(shown))
    inside = left[56:132, 56:132].sum()
    assert inside >= 0.6 * left.sum()


def content_of(query: Pixels, reference: Pixels) -> tuple[float, float]:
    """(score, content) of the two, laid over each other as they are."""
    one = Side(structure_map(query), SIDE, content_map(query))
    other = Side(structure_map(reference), SIDE)
    found = align(one, other, Proposal(WHOLE, (0, 0, 1, 1), False, Tier.KEYPOINTS))
    assert found is not None
    assert found.content is not None
    return found.score, found.content


CARD = (90, 80, 420, 340)


@pytest.mark.parametrize("draw", [ruled, squared, framed, lettered])
def test_other_pictures_on_one_page_share_its_ground_alone(draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
    ground = page(draw)
    one, other = (laid_on(ground, painting(seed, (330, 260)), CARD) for seed in (6, 7))
    score, content = content_of(one, other)
    assert content < 0.35 * score
    same, kept = content_of(one, laid_on(ground, painting(6, (330, 260)), CARD))
    assert kept > 0.3 * same
    assert kept > 3 * content


def test_a_window_in_a_frame_that_shows_something_else_is_seen() -> None:
    frame = painting(9, (SIDE, SIDE))
    one, other = (laid_on(frame, painting(seed, (330, 260)), CARD) for seed in (6, 7))
    for shown in (one, other):
        x0, y0, x1, y1 = CARD
        shown[y0 - 4 : y1 + 4, [*range(x0 - 4, x0), *range(x1, x1 + 4)]] = 0
        shown[[*range(y0 - 4, y0), *range(y1, y1 + 4)], x0 - 4 : x1 + 4] = 0
    maps = [structure_map(shown) for shown in (one, other)]
    assert framed_share(*maps, WHOLE) >= 0.2
    assert framed_share(maps[0], maps[0], WHOLE) == 0.0


def test_a_picture_whose_figure_was_replaced_has_no_frame() -> None:
    """Its ground was kept: that is content, and the figure's outline is not in both."""
    work = painting(9, (SIDE, SIDE))
    changed = work.copy()
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    figure = np.hypot((x - 250) / 110, (y - 270) / 150) < 1
    changed[figure] = painting(12, (SIDE, SIDE))[figure]
    assert framed_share(structure_map(changed), structure_map(work), WHOLE) < 0.14


def test_a_pattern_agrees_with_itself_elsewhere() -> None:
    tile = np.asarray(Image.fromarray(painting(3, (64, 64))))
    pattern = np.tile(tile, (8, 8, 1))
    found = structure_map(pattern)
    mask = np.ones(found.shape[:2], np.bool_)
    mask[:8] = mask[-8:] = False
    mask[:, :8] = mask[:, -8:] = False
    unique = structure_map(painting(3, (SIDE, SIDE)))
    assert own_score(found, found, WHOLE, mask) < 0.3 * own_score(unique, unique, WHOLE, mask)
