"""What holds for every signal: looped over ``signals.NAMES``, so a new one is tested by being named there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_clip
from paintings import painting, picture

from simcheck import signals
from simcheck.errors import UsageError
from simcheck.records import Claim, Comparison, Description, Descriptor, Pixels, Silent
from simcheck.signals.base import Retrieval, Settings, Signal
from simcheck.signals.describe import describe
from simcheck.store import FileState, Store, StoredFile


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip.write_folder(tmp_path_factory.mktemp("random-tiny-for-tests"))


@pytest.fixture(params=signals.NAMES)
def signal(request: pytest.FixtureRequest, tiny_model: Path) -> Signal:
    kind = signals.load([request.param])[request.param]
    made = kind.configured(Settings(model=str(tiny_model), offline=True))
    made.prepare(Silent())
    return made


ODD: dict[str, Pixels] = {
    "one pixel": np.full((1, 1, 3), 90, np.uint8),
    "one row": painting(3)[:1],
    "one column": painting(3)[:, :1],
    "tiny": painting(4, (9, 7)),
    "black": np.zeros((64, 64, 3), np.uint8),
    "white": np.full((120, 80, 3), 255, np.uint8),
    "grey": np.repeat(painting(5).mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
    "very wide": painting(6, (900, 20)),
    "noise": np.random.default_rng(7).integers(0, 256, (200, 300, 3), dtype=np.uint8),
    "turned": np.ascontiguousarray(np.rot90(painting(8))),
    "not contiguous": painting(9)[::2, ::3],
    "read-only": painting(10),
}
ODD["read-only"].setflags(write=False)


def both(signal: Signal, pixels: Pixels) -> tuple[Description, Description]:
    return (
        describe([picture(pixels)], signal, query=True)[0],
        describe([picture(pixels)], signal, query=False)[0],
    )


def equal(a: Descriptor, b: Descriptor) -> bool:
    return a.reason == b.reason and a.values.dtype == b.values.dtype and np.array_equal(a.values, b.values)


def test_it_says_what_it_is(signal: Signal) -> None:
    assert signal.name in signals.NAMES
    assert signal.version >= 1
    assert signal.claim in tuple(Claim)
    assert signal.identity().name == signal.name
    assert signal.identity() == signal.identity()
    module = sys.modules[type(signal).__module__]
    assert module.__file__
    path = Path(module.__file__)
    assert (path.parent.name if path.stem == "signal" else path.stem) == signal.name
    for word in ("Fooled by",):
        assert word in (module.__doc__ or ""), "the module says what fools the signal"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_picture_against_itself_is_the_top_score(signal: Signal, seed: int) -> None:
    query, own = both(signal, painting(seed))
    itself = signal.compare(query, own)
    assert itself.score is not None
    for other in (11, 12, 13):
        _, reference = both(signal, painting(other))
        assert itself.score > (signal.compare(query, reference).score or -1)


def test_the_same_pixels_give_the_same_descriptors_and_score(signal: Signal) -> None:
    first, second = both(signal, painting(20)), both(signal, painting(20).copy())
    for a, b in zip(first, second, strict=True):
        assert all(equal(x, y) for x, y in zip(a.descriptors, b.descriptors, strict=True))
        assert all(equal(x, y) for x, y in zip(a.mirrored, b.mirrored, strict=True))
    assert signal.compare(*first).score == signal.compare(*second).score


def test_a_batch_gives_what_single_pictures_give(signal: Signal) -> None:
    images = [painting(30), painting(31, (200, 300)), ODD["black"]]
    together = signal.describe(images)
    for image, descriptor in zip(images, together, strict=True):
        (alone,) = signal.describe([image])
        assert descriptor.reason == alone.reason
        np.testing.assert_allclose(descriptor.values.astype(float), alone.values.astype(float), atol=2e-3)


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_do_not_trip_it(signal: Signal, name: str) -> None:
    query, reference = both(signal, ODD[name])
    _, other = both(signal, painting(40))
    for comparison in (signal.compare(query, reference), signal.compare(query, other)):
        assert isinstance(comparison, Comparison)
        assert comparison.score is None or np.isfinite(comparison.score)
    for descriptor in (*query.descriptors, *reference.descriptors):
        assert np.isfinite(descriptor.values.astype(float)).all()
        assert (len(descriptor.values) == 0) == (descriptor.reason is not None)


def test_it_survives_the_store(signal: Signal, tmp_path: Path) -> None:
    pixels = painting(50)
    query, reference = both(signal, pixels)
    root = tmp_path / "art"
    root.mkdir()
    facts = picture(pixels).facts
    with Store.open(tmp_path / "index", write=True, create=True, name="test") as store:
        with store.batch() as batch:
            run = batch.start_run(["test"])
            work = batch.put_work(facts)
            batch.put_file(StoredFile(root, Path("a.png"), 1, 1, FileState.OK, run, "0", work))
            batch.put_description(work, signal.identity(), reference)
        stored = store.description(work, signal.identity())
    assert stored is not None
    assert all(equal(a, b) for a, b in zip(stored.descriptors, reference.descriptors, strict=True))
    assert [r.box for r in stored.regions] == [r.box for r in reference.regions]
    assert signal.compare(query, stored).score == signal.compare(query, reference).score


def test_retrieval_vectors_are_unit_and_find_the_picture(signal: Signal) -> None:
    if signal.retrieval is None:
        with pytest.raises(NotImplementedError):
            signal.vectors(Descriptor.abstain("blank"), query=True)
        return
    query, reference = both(signal, painting(60))
    ours = np.concatenate([signal.vectors(d, query=True) for d in query.descriptors])
    theirs = np.concatenate([signal.vectors(d, query=False) for d in reference.descriptors])
    assert ours.dtype == theirs.dtype == np.float32
    assert ours.shape[1] == theirs.shape[1] == signal.vectors(Descriptor.abstain("blank"), query=True).shape[1]
    assert np.linalg.norm(theirs, axis=1) == pytest.approx(1, abs=0.02)
    if signal.retrieval is Retrieval.BEST_REGION:
        assert (ours @ theirs.T).max() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("name", signals.NAMES)
def test_its_module_loads_no_heavy_library(name: str) -> None:
    code = (
        f"import sys, simcheck.signals.{name}\n"
        "heavy = {'torch', 'open_clip', 'cv2', 'faiss', 'scipy', 'pdqhash', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match="nonsense"):
        signals.load(["copy", "nonsense"])
