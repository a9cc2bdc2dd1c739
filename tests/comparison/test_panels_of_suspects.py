"""What was found in a panel, in the frame of the whole suspect; and that panels are compared."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from paintings import painting, picture

from simcheck.comparison.pair import compare_descriptions
from simcheck.comparison.panels import in_whole, panel_of, panels_of
from simcheck.images.panels import find_panels
from simcheck.records import (
    AlignmentEvidence,
    Box,
    Comparison,
    Description,
    HashEvidence,
    MatchEvidence,
    Pixels,
    RegionEvidence,
)
from simcheck.signals import load
from simcheck.signals.base import Signal
from simcheck.signals.describe import cut, describe

PANEL: Box = (0.1, 0.3, 0.9, 0.7)
SIGNALS: dict[str, Signal] = {
    name: kind() for name, kind in load(("copy", "layout", "keypoints", "patches", "phash")).items()
}


def page(work: Pixels) -> Pixels:
    """A white page of 600 x 900 with the work, made smaller, in its `PANEL`."""
    shown = np.full((900, 600, 3), 255, np.uint8)
    shown[270:630, 60:540] = cv2.resize(np.ascontiguousarray(work), (480, 360), interpolation=cv2.INTER_AREA)
    return shown


def described(pixels: Pixels, *, query: bool, panels: tuple[Box, ...] = ()) -> dict[str, Description]:
    return {
        name: describe([picture(pixels)], signal, query=query, panels=[panels])[0] for name, signal in SIGNALS.items()
    }


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Comparison]]:
    """By signal: the page as a whole, and with its panel."""
    work = described(painting(1), query=False)
    alone = dict(compare_descriptions(SIGNALS, described(page(painting(1)), query=True), work))
    both = dict(compare_descriptions(SIGNALS, described(page(painting(1)), query=True, panels=(PANEL,)), work))
    return {name: {"whole": alone[name], "panel": both[name]} for name in SIGNALS}


def test_the_panel_is_found() -> None:
    (panel,) = find_panels(page(painting(1)))
    np.testing.assert_allclose(panel, PANEL, atol=0.01)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_work_on_a_page_scores_higher_with_its_panel(name: str, found: dict[str, dict[str, Comparison]]) -> None:
    whole, panel = found[name]["whole"].score or 0.0, found[name]["panel"].score
    assert panel is not None
    if name in ("layout", "phash"):  # they look at the picture as a whole, and had no chance without it
        assert panel > 0.95
        assert whole < 0.7
    assert panel >= whole


def test_evidence_is_told_in_the_frame_of_the_suspect(found: dict[str, dict[str, Comparison]]) -> None:
    copy, layout, keypoints, patches, phash = (found[name]["panel"].evidence for name in SIGNALS)
    assert isinstance(copy, RegionEvidence)
    assert isinstance(layout, RegionEvidence)
    assert isinstance(keypoints, MatchEvidence)
    assert isinstance(patches, AlignmentEvidence)
    assert isinstance(phash, HashEvidence)
    np.testing.assert_allclose(layout.query_box, PANEL, atol=0.01)
    assert layout.largest_difference is None, "that is of whole pictures laid over each other"
    for transform in (keypoints.transform, patches.alignments[0].transform):
        for corner, there in (((0.1, 0.3), (0, 0)), ((0.9, 0.7), (1, 1)), ((0.5, 0.5), (0.5, 0.5))):
            mapped = transform @ (*corner, 1.0)
            np.testing.assert_allclose(mapped[:2] / mapped[2], there, atol=0.03)
    mask = patches.alignments[0].mask
    rows, columns = np.nonzero(mask)
    spans = (columns.min() / mask.shape[1], rows.min() / mask.shape[0])
    np.testing.assert_allclose(spans, PANEL[:2], atol=0.06)


def test_without_panels_nothing_changes() -> None:
    query = described(painting(2), query=True)
    assert all(description.panels == 0 and panels_of(description) == () for description in query.values())


def test_a_panel_is_described_as_the_picture_that_it_is() -> None:
    shown = page(painting(3))
    whole = describe([picture(shown)], SIGNALS["copy"], query=True, panels=[(PANEL,)])[0]
    (region,) = panels_of(whole)
    alone = describe([picture(np.ascontiguousarray(cut(shown, PANEL)))], SIGNALS["copy"], query=True)[0]
    panel = panel_of(whole, region)
    np.testing.assert_array_equal(panel.descriptors[0].values, alone.descriptors[0].values)
    np.testing.assert_array_equal(panel.mirrored[0].values, alone.mirrored[0].values)
    assert (panel.width, panel.height) == (480, 360)


def test_of_a_hash_it_is_told_whose_it_is() -> None:
    evidence = HashEvidence(3, "same", 100, 100)
    told = in_whole(evidence, PANEL, described(painting(4), query=True)["phash"])
    assert told == replace(evidence, query_box=PANEL)
