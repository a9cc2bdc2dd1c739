"""The network that ships with simcheck, and the background against which its scores are normalised."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command import simcheck
from paintings import painting, picture

from simcheck import models
from simcheck import shipped as cohort
from simcheck.errors import ModelError, StoreError, StoreMissing
from simcheck.models import embedded
from simcheck.models.embedded import Shape, front_end
from simcheck.shipped import Background, background
from simcheck.signals.copy import Copy
from simcheck.signals.describe import describe


@pytest.fixture
def own_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shipped files, to be spoilt."""
    folder = tmp_path / "shipped"
    shutil.copytree(embedded._SHIPPED, folder)
    monkeypatch.setattr(embedded, "_SHIPPED", folder)
    models.load_embedded.cache_clear()
    yield folder
    models.load_embedded.cache_clear()


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_what_ships_is_what_was_recorded_and_small_enough() -> None:
    found = models.verify_shipped()
    assert not found.damaged
    assert found.weights.stat().st_size <= 12e6
    assert models.shipped().card.is_file()
    network = models.load_embedded()
    assert network.digest == found.digest
    assert network.dimension == models.shipped().dimension
    record = json.loads(found.weights.with_suffix(".json").read_text(encoding="utf-8"))
    assert Shape.parse(json.dumps(record["shape"])) == network.shape
    assert record["steps"] > 0, "weights as they were before training must not ship"


def test_an_altered_file_is_not_used(own_copy: Path) -> None:
    spoil(own_copy / "copy.safetensors")
    assert models.verify_shipped().damaged
    with pytest.raises(ModelError, match="not the network that simcheck was published with"):
        models.load_embedded()
    done = simcheck("models", "verify")
    assert done.code == 7
    assert "not what was published" in done.err and done.out == ""


@pytest.mark.parametrize("name", ["copy.json", "copy.safetensors"])
def test_a_missing_file_is_told(own_copy: Path, name: str) -> None:
    (own_copy / name).unlink()
    with pytest.raises(ModelError, match=name):
        models.load_embedded()


@pytest.mark.parametrize("content", [b"", b"no weights", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelError, match="own kind"):
        models.load_embedded(file)


def test_verify_and_list_name_it() -> None:
    done = simcheck("models", "verify")
    assert done.code == 0
    assert models.shipped().digest in done.out
    assert "simcheck models pull" in done.out, "the CLIP that is not here is told as well"
    listed = simcheck("models", "list")
    assert "nobody's art" in listed.out
    assert simcheck("models", "list", "--json").json["shipped"]["sha256"] == models.shipped().digest


def test_vectors_are_unit_length_whatever_the_size() -> None:
    network = models.load_embedded()
    images = [painting(1), painting(1)[:7, :900], painting(2)[:1, :1], np.zeros((5, 5, 3), np.uint8)]
    vectors = network.encode(images)
    assert vectors.shape == (4, network.dimension) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert network.encode([]).shape == (0, network.dimension)


def test_plain_pictures_give_finite_channels() -> None:
    """Means of squares, made by running sums, come out a little below zero there."""
    generator = np.random.default_rng(1)
    for level in range(0, 256, 5):
        plain = np.full((96, 96, 3), level, np.uint8)
        plain[:40] = generator.integers(0, 256, 3)
        assert np.isfinite(front_end(plain)).all()


def test_edges_have_no_sign_and_know_no_colour() -> None:
    channels = front_end(painting(3, (96, 96)))
    negative = front_end(255 - painting(3, (96, 96)))
    np.testing.assert_allclose(channels[..., 4:], negative[..., 4:], atol=2e-3)
    np.testing.assert_allclose(channels[..., 3], -negative[..., 3], atol=2e-3)


def test_describing_needs_no_torch() -> None:
    code = (
        "import sys, numpy as np\nfrom simcheck.signals.copy import Copy\n"
        "Copy().describe([np.random.default_rng(1).integers(0, 256, (64, 64, 3), 'uint8')])\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_level_of_a_query_is_that_of_its_nearest_works() -> None:
    works = np.zeros((30, 2, 4), np.float32)
    works[:, 0, 0] = 0.1
    works[:10, 1, 1] = np.linspace(0.5, 0.95, 10)
    query = np.eye(4, dtype=np.float32)[[1, 2]]
    assert Background(works, "", "").level(query) == pytest.approx(works[:10, 1, 1].mean())


def test_a_background_survives_storage_and_says_when_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cohort, "reference_folder", lambda: tmp_path)
    background.cache_clear()
    try:
        with pytest.raises(StoreMissing, match="copy_background"):
            background("copy")
        (tmp_path / "copy_background.npz").write_bytes(b"PK nothing")
        with pytest.raises(StoreError, match="damaged"):
            background("copy")
        vectors = np.random.default_rng(1).normal(0, 0.06, (3, 2, 8)).astype(np.float32)
        Background.save(tmp_path / "copy_background.npz", vectors, "ab")
        found = background("copy")
        assert found.weights == "ab" and len(found.digest) == 16
        np.testing.assert_allclose(found.vectors, vectors, atol=np.abs(vectors).max() / 250)
        with pytest.raises(ModelError, match="do not agree"):
            Copy().identity()
    finally:
        background.cache_clear()


def test_the_score_is_the_cosine_less_the_level() -> None:
    signal = Copy()
    query, other = (describe([picture(painting(seed))], signal, query=True)[0] for seed in (1, 2))
    own, far = (describe([picture(painting(seed))], signal, query=False)[0] for seed in (1, 3))
    scores = [signal.compare(q, r).score for q, r in ((query, own), (query, far), (other, far))]
    assert None not in scores
    rows = np.vstack([signal.vectors(d, query=True) for d in (*query.descriptors, *query.mirrored)])
    assert scores[0] == pytest.approx(1 - background("copy").level(rows), abs=2e-3)
    cosine = (rows @ np.vstack([signal.vectors(d, query=False) for d in far.descriptors]).T).max()
    assert scores[1] == pytest.approx(float(cosine) - background("copy").level(rows), abs=2e-3)
