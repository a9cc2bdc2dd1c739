"""patches with a vision transformer: a tiny one with random weights, which proposes little; the rest is as ever."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_clip
from paintings import painting, picture

from simcheck import signals
from simcheck.errors import ModelUnreachable
from simcheck.records import AlignmentEvidence, Silent
from simcheck.signals.base import Settings, Signal
from simcheck.signals.describe import describe
from simcheck.signals.patches import configured
from simcheck.signals.patches.signal import Patches
from simcheck.signals.patches.tokens import TokenPatches
from simcheck.signals.patches.windows import unpacked

KIND = signals.load(["patches"])["patches"]


@pytest.fixture(scope="module")
def signal(tmp_path_factory: pytest.TempPathFactory) -> Signal:
    folder = tiny_clip.write_folder(tmp_path_factory.mktemp("random-tiny-for-tests"))
    made = configured(Settings(offline=True, tokens=str(folder)))
    made.prepare(Silent())
    return made


def test_the_shipped_network_is_used_unless_another_is_named(signal: Signal) -> None:
    assert type(configured(Settings())) is Patches
    assert isinstance(signal, TokenPatches)
    assert signal.identity().comparable != Patches().identity().comparable
    assert signal.name == "patches"


def test_a_network_that_is_not_here_is_told() -> None:
    made = configured(Settings(offline=True, tokens="vit_small_patch14_dinov2:lvd142m"))
    with pytest.raises(ModelUnreachable):
        made.prepare(Silent())


def test_windows_cover_the_picture(signal: Signal) -> None:
    (found,) = signal.describe([painting(1)])
    windows = unpacked(found.values)
    low, high = (windows.places[:, :2] + sign * windows.places[:, 2:] / 2 for sign in (-1, 1))
    np.testing.assert_allclose(low.min(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(high.max(axis=0), (1, 0.75), atol=0.05)
    np.testing.assert_allclose(np.linalg.norm(windows.vectors, axis=1), 1, atol=1e-5)
    assert len(np.unique(windows.places[:, 2])) >= 3


def test_a_part_that_a_window_proposes_is_verified(signal: Signal) -> None:
    work = painting(1)
    query, reference = (describe([picture(work)], signal, query=query)[0] for query in (True, False))
    found = signal.compare(query, reference)
    assert isinstance(found.evidence, AlignmentEvidence)
    assert found.evidence.alignments[0].area > 0.5
    other = describe([picture(painting(2))], signal, query=False)[0]
    assert (signal.compare(query, other).score or 0.0) < 0.3 * (found.score or 0.0)
