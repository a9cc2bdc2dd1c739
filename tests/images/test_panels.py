"""Panels: found in what is composed of pictures, and single pictures left whole. Everything is painted here."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paintings import painting
from PIL import Image, ImageDraw

from scripts.build.sample.screenshot import phone_post
from simcheck.images.panels import find_panels
from simcheck.records import Box, Pixels

Placed = tuple[Pixels, list[Box]]
WHITE, BLACK, TEAL = (255, 255, 255), (0, 0, 0), (20, 120, 130)


def canvas(width: int, height: int, colour: tuple[int, int, int]) -> Pixels:
    return np.full((height, width, 3), colour, np.uint8)


def put(sheet: Pixels, work: Pixels, left: int, top: int) -> Box:
    height, width = work.shape[:2]
    sheet[top : top + height, left : left + width] = work
    return (
        left / sheet.shape[1],
        top / sheet.shape[0],
        (left + width) / sheet.shape[1],
        (top + height) / sheet.shape[0],
    )


def grid(columns: int, rows: int, gutter: int, colour: tuple[int, int, int]) -> Placed:
    width, height = 300, 240
    sheet = canvas(columns * (width + gutter) - gutter, rows * (height + gutter) - gutter, colour)
    return sheet, [
        put(sheet, painting(90 + r * columns + c, (width, height)), c * (width + gutter), r * (height + gutter))
        for r in range(rows)
        for c in range(columns)
    ]


def post() -> Placed:
    screen, box = phone_post(Image.fromarray(painting(3, (800, 620))))
    return np.asarray(screen), [box]


def viewer() -> Placed:
    sheet = canvas(720, 1440, BLACK)
    return sheet, [put(sheet, painting(4, (720, 540)), 0, 450)]


def bordered(colour: tuple[int, int, int], grain: float = 0.0) -> Placed:
    sheet = canvas(900, 800, colour)
    if grain:
        noise = np.random.default_rng(1).normal(0, grain, sheet.shape[:2])
        sheet = np.clip(sheet + noise[:, :, None], 0, 255).astype(np.uint8)
    return sheet, [put(sheet, painting(5, (560, 440)), 130, 190)]


def framed() -> Placed:
    sheet = canvas(900, 800, (180, 190, 170))
    sheet[120:680, 100:800] = (70, 40, 20)
    sheet[150:650, 130:770] = (246, 244, 238)
    return sheet, [put(sheet, painting(6, (560, 420)), 170, 190)]


def before_a_blur() -> Placed:
    work = painting(7, (540, 420))
    sheet = np.asarray(cv2.GaussianBlur(cv2.resize(work, (540, 960)), (0, 0), 24), np.uint8)
    return sheet, [put(sheet, work, 0, 270)]


def captioned() -> Placed:
    sheet = canvas(640, 700, WHITE)
    box = put(sheet, painting(8, (640, 480)), 0, 220)
    image = Image.fromarray(sheet)
    for line in range(5):
        ImageDraw.Draw(image).text((30, 30 + 36 * line), "what the neighbour said about it", BLACK, font_size=26)
    return np.asarray(image), [box]


def photographed() -> Placed:
    work = painting(9, (640, 480))
    corners = np.array([[150, 128], [790, 120], [800, 610], [145, 600]], np.float32)
    start = np.array([[0, 0], [640, 0], [640, 480], [0, 480]], np.float32)
    photo = cv2.warpPerspective(
        work,
        cv2.getPerspectiveTransform(start, corners),
        (940, 730),
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(14,) * 3,
    )
    noisy = photo + np.random.default_rng(2).normal(0, 2, photo.shape[:2])[:, :, None]
    return np.clip(noisy, 0, 255).astype(np.uint8), [(145 / 940, 120 / 730, 800 / 940, 610 / 730)]


COMPOSED: dict[str, Callable[[], Placed]] = {
    "post": post,
    "viewer": viewer,
    "two": lambda: grid(2, 1, 10, WHITE),
    "four": lambda: grid(2, 2, 8, TEAL),
    "four without gutter": lambda: grid(2, 2, 0, WHITE),
    "nine": lambda: grid(3, 3, 6, BLACK),
    "nine without gutter": lambda: grid(3, 3, 0, WHITE),
    "border": lambda: bordered(TEAL),
    "paper": lambda: bordered((225, 214, 190), grain=4.0),
    "frame": framed,
    "blur": before_a_blur,
    "caption": captioned,
    "photo": photographed,
}


@pytest.mark.parametrize("kind", COMPOSED)
def test_panels_are_found_within_a_few_percent(kind: str) -> None:
    pixels, truth = COMPOSED[kind]()
    found = find_panels(pixels)
    assert len(found) == len(truth)
    for box, right in zip(found, truth, strict=True):
        assert np.abs(np.subtract(box, right)).max() < 0.02, (box, right)


def ink_on_empty_paper() -> Pixels:
    image = Image.new("RGB", (600, 900), (233, 222, 198))
    pen = ImageDraw.Draw(image)
    pen.ellipse((300, 620, 520, 800), fill=(60, 56, 50))
    pen.line([(320, 700), (200, 520), (260, 420)], fill=(40, 36, 32), width=9)
    pen.rectangle((60, 80, 110, 130), fill=(170, 40, 30))
    return np.asarray(image)


def horizon() -> Pixels:
    sheet = canvas(800, 500, (120, 180, 230))
    sheet[260:] = painting(11, (800, 240))
    return sheet


def room_with_window() -> Pixels:
    sheet = painting(12, (800, 600), shapes=90).copy()
    cv2.rectangle(sheet, (300, 150), (500, 350), (240, 240, 240), -1)
    sheet[160:340, 310:490] = (120, 180, 230)
    cv2.line(sheet, (400, 150), (400, 350), (240, 240, 240), 8)
    return sheet


def poster() -> Pixels:
    image = Image.new("RGB", (600, 840), (214, 60, 40))
    pen = ImageDraw.Draw(image)
    pen.ellipse((120, 160, 480, 520), fill=(245, 220, 140))
    pen.polygon([(0, 840), (260, 420), (600, 840)], fill=(30, 40, 80))
    pen.text((60, 50), "GRAND CONCERT", (255, 255, 255), font_size=60)
    return np.asarray(image)


def thin_rim() -> Pixels:
    sheet = canvas(640, 500, WHITE)
    put(sheet, painting(13, (620, 480)), 10, 10)
    return sheet


@pytest.mark.parametrize(
    "paint",
    [
        *(lambda seed=seed: painting(seed) for seed in range(20, 26)),
        *(ink_on_empty_paper, horizon, room_with_window, poster, thin_rim),
    ],
)
def test_a_single_picture_is_left_whole(paint: Callable[[], Pixels]) -> None:
    assert find_panels(paint()) == ()


def test_seeing_it_again_gives_the_same_and_leaves_the_pixels_alone() -> None:
    pixels, _ = grid(2, 2, 8, TEAL)
    before = pixels.copy()
    assert find_panels(pixels) == find_panels(pixels)
    np.testing.assert_array_equal(pixels, before)


def test_what_is_too_small_for_a_panel_is_none() -> None:
    sheet = canvas(800, 800, WHITE)
    put(sheet, painting(14, (90, 70)), 300, 300)
    assert find_panels(sheet) == ()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    kind=st.sampled_from(["constant", "noise", "grey", "blocks"]),
)
def test_boxes_are_sorted_and_inside_whatever_comes(seed: int, width: int, height: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    sheet = canvas(width, height, (int(rng.integers(256)),) * 3)
    if kind in {"noise", "grey"}:
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        sheet = noise if kind == "noise" else np.repeat(noise[:, :, :1], 3, axis=2)
    elif kind == "blocks":
        for _ in range(int(rng.integers(1, 20))):
            x, y = int(rng.integers(width)), int(rng.integers(height))
            w, h = (int(rng.integers(1, 200)) for _ in range(2))
            block = sheet[y : y + h, x : x + w]
            block[:] = rng.integers(0, 256, block.shape, dtype=np.uint8) if rng.random() < 0.5 else rng.integers(256)
    found = find_panels(sheet)
    assert list(found) == sorted(found, key=lambda box: (box[1], box[0]))
    assert len(found) <= 12
    for x0, y0, x1, y1 in found:
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert (x1 - x0) * (y1 - y0) >= 0.0199
        assert min((x1 - x0) * width, (y1 - y0) * height) >= 63 - 1e-9


def meeting(columns: int, rows: int, gutter: int) -> Placed:
    """A contact sheet of 1200 pixels across, and where its cells lie."""
    side = 1200 // columns
    sheet = canvas(columns * (side + gutter) - gutter, rows * (side + gutter) - gutter, WHITE)
    boxes = [
        put(sheet, painting(300 + i, (side, side)), i % columns * (side + gutter), i // columns * (side + gutter))
        for i in range(columns * rows)
    ]
    return sheet, boxes


@pytest.mark.parametrize(("columns", "rows", "gutter"), [(4, 4, 0), (3, 3, 6), (5, 4, 0), (4, 3, 8), (2, 4, 0)])
def test_the_cells_of_a_contact_sheet(columns: int, rows: int, gutter: int) -> None:
    sheet, boxes = meeting(columns, rows, gutter)
    found = find_panels(sheet)
    assert len(found) == columns * rows
    np.testing.assert_allclose(found, boxes, atol=0.02)


@pytest.mark.parametrize("upright", [True, False])
def test_the_pictures_of_a_strip(upright: bool) -> None:
    heights = [260, 300, 180, 340, 220, 260]
    pieces = [painting(330 + i, (260, height)) for i, height in enumerate(heights)]
    sheet = np.vstack(pieces) if upright else np.hstack([np.rot90(piece) for piece in pieces])
    ends = np.cumsum([0, *heights]) / sum(heights)
    found = find_panels(np.ascontiguousarray(sheet))
    assert len(found) == len(heights)
    along = [(box[1], box[3]) if upright else (box[0], box[2]) for box in found]
    np.testing.assert_allclose(along, list(zip(ends, ends[1:], strict=False)), atol=0.01)


def test_a_long_picture_is_no_strip() -> None:
    assert not find_panels(painting(9, (1400, 260)))
