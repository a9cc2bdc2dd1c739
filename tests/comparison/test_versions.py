"""Versions of one picture are told from other pictures in one frame, and from a figure with other things around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from paintings import painting
from PIL import Image, ImageDraw

from simcheck import pipeline
from simcheck.comparison.versions import versions_among
from simcheck.pipeline.session import Session
from simcheck.records import Pixels, Silent

CHOICE = pipeline.Choice(only=("keypoints", "patches", "phash"), offline=True)
SIZE = (480, 360)


def card(seed: int) -> Pixels:
    """One frame of many details around a picture of its own."""
    image = Image.fromarray(painting(99, SIZE, shapes=200))
    image.paste(Image.fromarray(painting(seed, (320, 220))), (80, 70))
    ImageDraw.Draw(image).rectangle((78, 68, 401, 291), outline="black", width=3)
    return np.asarray(image)


WORK = painting(1, SIZE)
WORKS: dict[str, Pixels] = {
    "work": WORK,
    "crop": WORK[40:320, 60:420],
    "grey": WORK.mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2),
    "other": painting(2, SIZE),
    **{f"card {seed}": card(seed) for seed in (3, 4)},
    **{f"again {n}": np.ascontiguousarray(painting(5, SIZE)[n:, n:]) for n in range(5)},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[frozenset[str]]:
    folder: Path = tmp_path_factory.mktemp("versions")
    (folder / "art").mkdir()
    for name, pixels in WORKS.items():
        Image.fromarray(np.ascontiguousarray(pixels)).save(folder / "art" / f"{name}.png")
    pipeline.index([folder / "art"], folder / "index", name="versions", choice=CHOICE, watcher=Silent())
    with Session.open(folder / "index", choice=CHOICE) as session:
        pairs = versions_among(session.store, session.signals, session.identities, list(session.works))
        return {frozenset(session.works[work].paths[0].stem for work in pair) for pair in pairs}


def test_a_crop_and_a_recolouring_are_versions(found: set[frozenset[str]]) -> None:
    assert {frozenset(("work", "crop")), frozenset(("work", "grey"))} <= found


def test_another_picture_and_another_card_in_one_frame_are_none(found: set[frozenset[str]]) -> None:
    assert not [pair for pair in found if "other" in pair and pair != frozenset(("other",))]
    assert frozenset(("card 3", "card 4")) not in found


def test_a_picture_drawn_many_times_is_a_series(found: set[frozenset[str]]) -> None:
    assert not [pair for pair in found if any(name.startswith("again") for name in pair)]
