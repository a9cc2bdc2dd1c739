"""What no likelihood ratio is given for: blanks, thumbnails, pages of writing; and that pictures are none of these."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import EVALSET
from paintings import painting
from PIL import Image, ImageDraw, ImageFont

from simcheck.images import Reader
from simcheck.images.scope import out_of_scope
from simcheck.records import Picture, Pixels
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.words import Words

WORDS = "The court heard the parties on the second of March and put the matter over until the spring. "


def page(size: int, *, turned: bool = False, dark: bool = False) -> Pixels:
    ground, ink = ("#202024", "#e0e0e0") if dark else ("white", "black")
    image = Image.new("RGB", (900, 1200), ground)
    draw = ImageDraw.Draw(image)
    for number, y in enumerate(range(60, 1100, int(size * 1.7))):
        line = (WORDS * 3)[number % 20 :][: int(780 / (size * 0.5))]
        draw.text((60, y), line, fill=ink, font=ImageFont.load_default(size))
    return np.array(image.rotate(90, expand=True) if turned else image)


@pytest.mark.parametrize("size", [14, 20, 30])
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_of_writing_is_out_of_scope(size: int, dark: bool) -> None:
    assert out_of_scope(page(size, dark=dark)) == "text_page"
    assert out_of_scope(page(size, dark=dark, turned=True)) == "text_page"


def test_a_page_with_a_picture_is_none() -> None:
    mixed = page(20)
    mixed[300:660, 200:680] = painting(3)
    assert out_of_scope(mixed) is None


def test_next_to_nothing_and_thumbnails() -> None:
    assert out_of_scope(np.full((200, 300, 3), 240, np.uint8)) == "blank"
    assert out_of_scope(painting(1, (300, 63))) == "too_small"
    assert out_of_scope(painting(1, (300, 64))) is None
    assert out_of_scope(painting(1, (4000, 60)), (300_000, 70)) == "too_narrow"
    assert out_of_scope(painting(1, (4000, 60)), (4000, 60)) == "too_small"


@pytest.mark.parametrize("seed", range(6))
def test_pictures_are_in_scope(seed: int) -> None:
    assert out_of_scope(painting(seed)) is None
    lines = np.full((400, 600, 3), 255, np.uint8)
    for y in range(10, 400, 6):
        lines[y : y + 2, 20 + y % 50 : 580] = 0  # hatching: long lines, but full ones
    assert out_of_scope(lines) is None


@pytest.mark.usefixtures("evalset")
def test_hardly_any_real_picture_is_taken_for_a_page() -> None:
    files = sorted((EVALSET / "portfolios").rglob("*.*"))[::4]
    with Reader() as reader:
        found = [out_of_scope(p.pixels) for _, p in reader.read_all(files) if isinstance(p, Picture)]
    assert len(found) > 30
    assert not any(found)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("reason", ["too_small", "too_narrow", "blank", "text_page"])
def test_each_reason_is_told_in_words_of_its_own(reason: str, language: str) -> None:
    words = Phrases(Words([language])).words
    told = [words(f"llr.absent.{each}").text for each in (reason, "out_of_scope")]
    assert told[0] != told[1]
    assert all(told)
