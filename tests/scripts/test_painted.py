"""The painted scenes: families are reproducible, nothing is blank, kin resemble each other more than the rival."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.painted import KINDS, Family, paint_family

SIDE = 96
SEEDS = range(20)


@pytest.fixture(scope="module")
def families() -> list[Family]:
    return [paint_family(seed, SIDE) for seed in SEEDS]


def edges(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The strength of the grey gradient, blurred, as a vector of mean 0 and length 1."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    strength = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    flat = cv2.GaussianBlur(np.minimum(strength, 80), (0, 0), 1.5).ravel().astype(np.float64)
    flat -= flat.mean()
    return flat / max(float(np.linalg.norm(flat)), 1e-9)


def likeness(families: list[Family], kind: str) -> float:
    """Mean correlation of the edges of the scene with those of another kind."""
    other = KINDS.index(kind)
    return float(np.mean([edges(family.pictures[0]) @ edges(family.pictures[other]) for family in families]))


def test_a_seed_fixes_the_bytes(families: list[Family]) -> None:
    again = paint_family(SEEDS[3], SIDE)
    assert np.array_equal(again.pictures, families[3].pictures)
    assert np.array_equal(again.boxes, families[3].boxes)
    assert again.kept == families[3].kept
    assert len({family.pictures.tobytes() for family in families}) == len(families)


def test_shapes_and_ranges(families: list[Family]) -> None:
    for family in families:
        assert family.pictures.shape == (len(KINDS), SIDE, SIDE, 3)
        assert family.pictures.dtype == np.uint8
        assert family.boxes.shape == (2, 4)
        assert family.boxes.dtype == np.float32
        assert family.boxes.min() >= 0
        assert family.boxes.max() <= 1
        assert (family.boxes[:, 2:] > family.boxes[:, :2]).all()
        assert 0 <= family.kept <= 1


def test_no_picture_is_blank(families: list[Family]) -> None:
    blank = [
        (seed, kind)
        for seed, family in zip(SEEDS, families, strict=True)
        for kind, picture in zip(KINDS, family.pictures, strict=True)
        if picture.astype(np.float64).std(axis=(0, 1)).max() < 4
    ]
    assert blank == []


def test_what_is_changed_is_changed_and_something_is_kept(families: list[Family]) -> None:
    kept = np.array([family.kept for family in families])
    assert 0.2 < kept.mean() < 0.9
    assert (kept > 0.999).mean() < 0.2


def test_kin_resemble_the_scene_and_the_rival_does_not(families: list[Family]) -> None:
    rival = likeness(families, "rival")
    for kind in ("recoloured", "rerendered", "line_art", "reinvented", "changed"):
        assert likeness(families, kind) > rival + 0.05, kind
    assert likeness(families, "recoloured") > likeness(families, "reinvented")
