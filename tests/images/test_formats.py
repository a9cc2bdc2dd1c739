"""Real awkward files (CMYK, fuzzed, bombs, HEIC …) are read at least as well as by plain Pillow, or refused."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from scripts.measure.check_formats import Row, check, summary
from simcheck.errors import PictureError
from simcheck.images import Limits
from simcheck.images.colour import target_size
from simcheck.records import Picture

CODES = {"not_a_picture", "no_decoder", "truncated", "damaged", "too_many_pixels"}
"""What a file may be refused for. A timeout, a crash or a want of memory on any of these files is a fault of ours."""


@pytest.fixture(scope="module")
def rows(evalset: Path) -> dict[str, Row]:
    return {row.known["id"]: row for row in check(evalset, Limits())}


def test_every_file_is_read_or_refused_with_a_reason(rows: dict[str, Row]) -> None:
    assert len(rows) >= 200
    for row in rows.values():
        if isinstance(row.answer, PictureError):
            assert row.answer.code in CODES, row.answer
            assert Path(row.known["file"]).name in str(row.answer)


def test_all_that_pillow_loads_is_read_but_what_is_damaged(rows: dict[str, Row]) -> None:
    seen = summary(list(rows.values()))
    assert seen["only_pillow_reads"] == {}
    damaged = {Path(rows[number].known["file"]).name for number in seen["damaged_but_read_by_pillow"]}
    assert damaged == {"Pillow__hopper_bad_exif.jpg"}, "its restart intervals hold more than a row of blocks each"


def test_heic_is_read_beyond_pillow(rows: dict[str, Row]) -> None:
    gained = summary(list(rows.values()))["only_simcheck_reads"]
    heic = [row for row in rows.values() if Path(row.known["file"]).suffix in (".heic", ".heif")]
    whole = {row.known["id"] for row in heic if row.known["category"] == "heic_avif_jp2"}
    assert whole and whole <= set(gained)


def test_facts_are_those_of_the_file(rows: dict[str, Row]) -> None:
    for row in rows.values():
        if isinstance(row.answer, Picture):
            known, facts = row.known, row.answer.facts
            assert (facts.sha256, facts.size_bytes) == (known["sha256"], int(known["bytes"]))
            height, width, _ = row.answer.pixels.shape
            assert (width, height) == target_size((facts.width, facts.height), 1024)
            if row.pillow_loads:
                size = {int(side) for side in known["pil_size"].split("x")}
                assert {facts.width, facts.height} == size, known["file"]
                layers = facts.format == "PSD"  # Pillow counts the layers of a Photoshop file as frames
                assert facts.frames == (1 if layers else int(known["pil_frames"])), known["file"]


@pytest.mark.parametrize("scene", ["Landscape", "Portrait"])
def test_the_eight_orientations_of_one_photograph_look_the_same(rows: dict[str, Row], scene: str) -> None:
    pixels = [
        row.answer.pixels.astype(int)
        for row in rows.values()
        if f"__{scene}_" in row.known["file"] and isinstance(row.answer, Picture)
    ]
    assert len(pixels) == 8
    for one, other in itertools.pairwise(pixels):
        assert np.abs(one - other).mean() < 4  # each has its number painted into it
