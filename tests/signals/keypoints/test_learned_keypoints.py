"""keypoints by a network: loading, layout, identity, comparison. The networks are random and lie on a fixed grid.

OpenCV reads and runs them as it would trained ones; how well trained ones match is not tested here.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import tiny_onnx
from paintings import painting, picture

from simcheck.errors import ModelError
from simcheck.models import learned_keypoints
from simcheck.models.learned_keypoints import SIDES, LearnedKeypoints
from simcheck.records import Description, Pixels, Silent
from simcheck.signals.base import Settings
from simcheck.signals.describe import describe
from simcheck.signals.keypoints import configured
from simcheck.signals.keypoints.learned import LearnedKeypointsSignal
from simcheck.signals.keypoints.signal import KeypointsSignal

WORK = painting(31, (640, 520))


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp(tiny_onnx.NAME)
    return {kind: tiny_onnx.write(folder / f"{kind}.onnx", kind, SIDES[kind]) for kind in SIDES}


@pytest.fixture(params=SIDES)
def signal(request: pytest.FixtureRequest, files: dict[str, Path]) -> KeypointsSignal:
    made = configured(Settings(keypoints=f"{request.param}:{files[request.param]}"))
    made.prepare(Silent())
    return made


def both(signal: KeypointsSignal, query: Pixels, work: Pixels) -> tuple[Description, Description]:
    return describe([picture(query)], signal, query=True)[0], describe([picture(work)], signal, query=False)[0]


def test_sift_is_the_default(files: dict[str, Path]) -> None:
    assert type(configured(Settings())) is KeypointsSignal
    assert configured(Settings()).identity() == KeypointsSignal().identity()
    learned = configured(Settings(keypoints=f"aliked:{files['aliked']}"))
    assert type(learned) is LearnedKeypointsSignal and learned.name == "keypoints"


@pytest.mark.parametrize("kind", SIDES)
def test_places_and_vectors_are_those_that_the_network_gives(kind: str, files: dict[str, Path]) -> None:
    side = SIDES[kind]
    height = (side // tiny_onnx.CELL - 3) * tiny_onnx.CELL
    image = painting(5, (side, height))
    found = LearnedKeypoints(f"{kind}:{files[kind]}").find(image, 50)
    assert found.places.shape == (50, 2) and found.vectors.shape == (50, 128)
    pixels = found.places * (side, height)
    centre = tiny_onnx.CELL // 2
    np.testing.assert_allclose((pixels - centre) % tiny_onnx.CELL % (tiny_onnx.CELL - 1e-3), 0, atol=2e-3)
    strengths = []
    for (x, y), vector in zip(np.rint(pixels).astype(int), found.vectors, strict=True):
        cell = image[y - centre : y + centre, x - centre : x + centre].astype(np.float64) / 255
        by_artist = np.einsum("dchw,hwc->d", tiny_onnx.kernel(128), cell)
        np.testing.assert_allclose(vector, by_artist / np.linalg.norm(by_artist), atol=1e-3)
        strengths.append(np.linalg.norm(by_artist))
    assert (np.diff(strengths) < 1e-3).all(), "strongest first"


def test_nothing_is_found_in_the_filling(signal: KeypointsSignal) -> None:
    small = painting(6, (300, 130))
    descriptor = signal.describe([small])[0]
    places = np.ascontiguousarray(descriptor.values[:, :4]).view("<u2") / 65535 * (300, 130)
    assert len(places) == (300 // 40) * (130 // 40)
    assert places[:, 1].max() == pytest.approx(100, abs=0.1)


def test_the_layout_keeps_vectors(signal: KeypointsSignal) -> None:
    description = describe([picture(WORK)], signal, query=False)[0]
    (descriptor,) = description.descriptors
    assert descriptor.values.dtype == np.uint8 and descriptor.values.shape[1] == 11 + 128
    unpacked = signal.unpack(descriptor, description)
    assert isinstance(signal, LearnedKeypointsSignal)
    found = signal.network.find(WORK, signal.params.most)
    assert (unpacked.vectors * found.vectors).sum(axis=1).min() > 0.999
    np.testing.assert_allclose(unpacked.points, found.places * unpacked.aspect, atol=1e-4)
    rows = signal.vectors(descriptor, query=False)
    np.testing.assert_allclose(rows, unpacked.vectors[: len(rows)], atol=1e-6)


def test_descriptors_of_another_length(tmp_path: Path) -> None:
    file = tiny_onnx.write(tmp_path / "short.onnx", "aliked", SIDES["aliked"], dimension=64)
    signal = LearnedKeypointsSignal(f"aliked:{file}")
    found, nothing = signal.describe([WORK, WORK[:9]])
    assert found.values.shape[1] == 11 + 64
    assert signal.vectors(found, query=True).shape[1] == 64 and signal.vectors(nothing, query=True).shape == (0, 64)


def test_a_crop_is_related_to_its_work(signal: KeypointsSignal) -> None:
    crop = np.ascontiguousarray(WORK[80:440, 120:560])  # whole cells, which is all that a fixed grid can follow
    comparison = signal.compare(*both(signal, crop, WORK))
    assert comparison.score is not None and comparison.score > 3
    matches = comparison.evidence
    assert matches is not None and not matches.mirrored  # type: ignore[union-attr]
    corner = matches.transform @ (0, 0, 1)  # type: ignore[union-attr]
    np.testing.assert_allclose(corner[:2] / corner[2] * (640, 520), (120, 80), atol=2)
    other = signal.compare(*both(signal, painting(77, (440, 360)), WORK))
    assert other.score is not None and other.score < 1


def test_pictures_without_anything_to_find(signal: KeypointsSignal) -> None:
    reasons = [d.reason for d in signal.describe([np.zeros((200, 300, 3), np.uint8), WORK[:9], WORK[:90, :90]])]
    assert reasons == ["little_detail", "too_small", "little_detail"]


def test_the_identity_is_that_of_the_file(files: dict[str, Path], tmp_path: Path) -> None:
    def identity(kind: str, file: Path) -> object:
        return LearnedKeypointsSignal(f"{kind}:{file}").identity()

    elsewhere = tmp_path / "renamed.onnx"
    elsewhere.write_bytes(files["aliked"].read_bytes())
    assert identity("aliked", files["aliked"]) == identity("aliked", elsewhere)
    other = tiny_onnx.write(tmp_path / "other.onnx", "aliked", SIDES["aliked"], seed=1)
    all_of_them = [identity("aliked", elsewhere), identity("aliked", other), identity("disk", elsewhere)]
    assert len({str(one) for one in (*all_of_them, KeypointsSignal().identity())}) == 4


@pytest.mark.parametrize("text", ["", "aliked", "aliked:", "xfeat:a.onnx", "a.onnx"])
def test_a_name_that_is_none(text: str) -> None:
    with pytest.raises(ModelError, match=r"aliked:FILE\.onnx or disk:FILE\.onnx"):
        LearnedKeypoints(text)


def test_files_that_cannot_be_used(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError, match="none.onnx cannot be read"):
        LearnedKeypoints(f"aliked:{tmp_path / 'none.onnx'}")
    (tmp_path / "text.onnx").write_bytes(b"no network")
    wrong = [f"{kind}:{tmp_path / 'text.onnx'}" for kind in SIDES]
    wrong += [f"disk:{files['aliked']}", f"aliked:{files['disk']}"]
    wrong.append(f"disk:{tiny_onnx.write(tmp_path / 'floats.onnx', 'aliked', 1024)}")
    for text in wrong:
        with pytest.raises(ModelError, match=r"cannot be used as (ALIKED|DISK): .*to use SIFT"):
            LearnedKeypoints(text).load()
    LearnedKeypoints(f"disk:{files['disk']}").load()
    assert "WARN" not in capfd.readouterr().err
    monkeypatch.delattr(cv2, "DISK")
    learned_keypoints._loaded.cache_clear()
    with pytest.raises(ModelError, match="OpenCV 5"):
        LearnedKeypoints(f"disk:{files['disk']}").load()
