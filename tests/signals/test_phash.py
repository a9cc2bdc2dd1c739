"""phash: PDQ as its authors compute it, and the turn at which two hashes agree."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pdqhash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paintings import painting, picture
from PIL import Image

from simcheck.records import Comparison, Description, Descriptor, HashEvidence, Pixels, Region
from simcheck.signals.describe import describe
from simcheck.signals.phash import ORIENTATIONS, Phash

SIGNAL = Phash()
WORK = painting(201)

TURNS: dict[str, Callable[[Pixels], Pixels]] = {
    "same": lambda p: p,
    "rotated_90": lambda p: np.rot90(p, 1),
    "rotated_180": lambda p: np.rot90(p, 2),
    "rotated_270": lambda p: np.rot90(p, 3),
    "flipped": lambda p: p[::-1],
    "mirrored": lambda p: p[:, ::-1],
    "transposed": lambda p: p.transpose(1, 0, 2),
    "transverse": lambda p: p[::-1, ::-1].transpose(1, 0, 2),
}
"""What is done to the suspect to get the work. NumPy turns counter-clockwise."""
UNDO = {name: name for name in TURNS} | {"rotated_90": "rotated_270", "rotated_270": "rotated_90"}


def asked(pixels: Pixels) -> Description:
    return describe([picture(np.ascontiguousarray(pixels))], SIGNAL, query=True)[0]


def evidence(query: Pixels, reference: Pixels) -> HashEvidence:
    found = SIGNAL.compare(asked(query), asked(reference)).evidence
    assert isinstance(found, HashEvidence)
    return found


@pytest.mark.parametrize("seed", [201, 202, 203])
@pytest.mark.parametrize("name", TURNS)
def test_a_turned_copy_is_found_and_its_turn_is_named(name: str, seed: int) -> None:
    work = painting(seed)
    suspect = TURNS[UNDO[name]](work)
    np.testing.assert_array_equal(TURNS[name](suspect), work)
    found = evidence(suspect, work)
    assert found.orientation == name
    # what PDQ computes for a turned picture is not to the bit what it computes from the turned one
    assert found.distance <= (0 if name == "same" else 20)


def test_every_orientation_has_a_turn_of_its_own() -> None:
    assert set(ORIENTATIONS) == set(TURNS)
    assert len(ORIENTATIONS) == 8


def test_it_is_the_hash_that_its_authors_compute() -> None:
    hashes, quality = pdqhash.compute(WORK)
    (descriptor,) = SIGNAL.describe([WORK])
    assert descriptor.values.shape == (8, 33)
    assert descriptor.values.dtype == np.uint8
    np.testing.assert_array_equal(np.unpackbits(descriptor.values[0, :32]), hashes)
    assert set(descriptor.values[:, 32]) == {quality}


@pytest.mark.parametrize("name", TURNS)
def test_the_eight_rows_are_the_hashes_of_the_turned_picture(name: str) -> None:
    """Row for row what pdqhash gives for the picture turned that way, but for a few bits."""
    hashes, _ = pdqhash.compute(np.ascontiguousarray(TURNS[name](WORK)))
    (descriptor,) = SIGNAL.describe([WORK])
    apart = np.unpackbits(descriptor.values[:, :32], axis=1) != hashes
    assert int(apart.sum(axis=1).argmin()) == ORIENTATIONS.index(name)


def test_saved_again_smaller_and_at_low_quality_it_is_a_match() -> None:
    buffer = io.BytesIO()
    Image.fromarray(WORK).resize((300, 225)).save(buffer, "JPEG", quality=35)
    again = evidence(np.asarray(Image.open(buffer).convert("RGB")), WORK)
    assert again.distance <= 31
    assert again.orientation == "same"


def test_unrelated_paintings_are_far_from_a_match() -> None:
    distances = [evidence(painting(seed), WORK).distance for seed in range(300, 320)]
    assert min(distances) > 60
    assert 90 < np.median(distances) < 128, "the nearest of eight turns lies a little below half of the bits"


def test_it_hardly_matters_which_is_the_query() -> None:
    for seed in range(300, 310):
        other = painting(seed)
        assert abs(evidence(other, WORK).distance - evidence(WORK, other).distance) <= 12
    mirrored = np.ascontiguousarray(WORK[:, ::-1])
    assert evidence(mirrored, WORK).orientation == evidence(WORK, mirrored).orientation == "mirrored"


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_has_nothing_to_say(level: int) -> None:
    flat = np.full((200, 160, 3), level, np.uint8)
    (descriptor,) = SIGNAL.describe([flat])
    assert descriptor.reason == "little_detail"
    assert SIGNAL.compare(asked(flat), asked(WORK)) == Comparison(None, "little_detail")
    assert SIGNAL.compare(asked(WORK), asked(flat)) == Comparison(None, "little_detail")
    assert SIGNAL.compare(asked(flat), asked(flat)) == Comparison(None, "little_detail"), "nor is it the same file"


BITS = st.lists(st.booleans(), min_size=256, max_size=256).map(lambda bits: np.array(bits, bool))


def made_of(rows: list[np.ndarray], quality: int) -> Description:
    values = np.hstack([np.packbits(np.array(rows), axis=1), np.full((len(rows), 1), quality, np.uint8)])
    return Description((Region(0, (0, 0, 1, 1)),), (Descriptor(values),), 100, 100)


@given(BITS, BITS, st.integers(0, 7), st.integers(50, 100))
def test_the_score_and_the_search_vectors_are_the_hamming_distance(
    ours: np.ndarray, theirs: np.ndarray, place: int, quality: int
) -> None:
    rows = [~theirs] * 8
    rows[place] = ours
    query, reference = made_of(rows, quality), made_of([theirs] * 8, 77)
    distance = int((ours != theirs).sum())
    comparison = SIGNAL.compare(query, reference)
    assert comparison.score == 1 - distance / 128
    found = comparison.evidence
    assert isinstance(found, HashEvidence)
    expected = ORIENTATIONS[place] if distance < 256 else ORIENTATIONS[0]
    assert (found.distance, found.orientation) == (distance, expected)
    assert (found.query_quality, found.reference_quality) == (quality, 77)
    asking = SIGNAL.vectors(query.descriptors[0], query=True)
    stored = SIGNAL.vectors(reference.descriptors[0], query=False)
    assert asking.shape == (8, 256)
    assert stored.shape == (1, 256)
    assert float((asking @ stored.T).max()) == pytest.approx(comparison.score, abs=1e-6)
