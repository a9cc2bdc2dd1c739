"""What --fail-at asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simcheck.cli.threshold import Threshold
from simcheck.errors import UsageError
from simcheck.records import FileFacts, Finding, FindingType, SignalIdentity, Work
from simcheck.records.likelihood import Interval, LikelihoodRatio
from simcheck.scoring.calibrate import Calibration
from simcheck.scoring.rates import Unrelated
from simcheck.scoring.scale import Scale
from simcheck.shipped import reference_folder
from simcheck.signals import load

WORK = Work(1, FileFacts("0" * 64, 1, "PNG", "RGB", 1, 1, 1, "a test"), (Path("work.png"),))
CALIBRATION = Calibration.load(reference_folder() / "calibration.json")


def finding(kind: FindingType, score: float, llr: LikelihoodRatio | None = None) -> Finding:
    return Finding(1, WORK, score, kind, (), (), (), llr)


def ratio(value: float, low: float, high: float) -> LikelihoodRatio:
    return LikelihoodRatio(value, low, high, (-1.0, 2.5), 10, ("copy",), "copy", Interval(value, low, high))


def scale(*signals: str, calibration: Calibration | None = CALIBRATION) -> Scale:
    """A run with some of the very signals that the shipped calibration was fitted with."""
    identities = {name: SignalIdentity(name, *rest) for name, *rest in CALIBRATION.signals if name in signals}
    columns = tuple(identity.comparable for identity in identities.values())
    scores = np.random.default_rng(1).uniform(0, 1, (1000, len(columns))).astype(np.float32)
    table = Unrelated("a test", "made up", 60, columns, scores, digest=CALIBRATION.table)
    return Scale.of(identities, load(identities), table, None, calibration)


def test_a_type_includes_the_stronger_ones() -> None:
    for place, wanted in enumerate(list(FindingType)[:-1]):
        asked = Threshold.parse(wanted)
        assert [asked.reached(finding(kind, 0)) for kind in FindingType] == [
            i <= place for i in range(len(FindingType))
        ]


@pytest.mark.parametrize(
    ("ends", "reaches"),
    [
        ((2.35, 1.68, 2.5), {1.6: True, 1.68: True, 1.69: False, 2.0: False}),
        ((2.1, -0.4, 2.5), {0.0: True, 0.01: False, 2.0: False}),
        ((-0.8, -0.9, -0.5), {-0.9: True, -0.5: True, -0.4: False, 0.0: False}),
        ((-0.8, -0.9, 0.3), {0.0: True, 0.2: False}),
    ],
)
def test_a_number_is_held_against_the_cautious_end(
    ends: tuple[float, float, float], reaches: dict[float, bool]
) -> None:
    """As all words are: where the page says "moderate support", a number for strong support does not pass."""
    weighed = finding(FindingType.EDITED_COPY, 4.8, ratio(*ends))
    assert {least: Threshold.parse(str(least)).reached(weighed) for least in reaches} == reaches


@pytest.mark.parametrize("why", [None, "text_page", "too_small", "blank", "signals_not_calibrated"])
def test_a_finding_without_a_ratio_reaches_no_number(why: str | None) -> None:
    bare = replace(finding(FindingType.RE_RENDERED, 9.0), uncalibrated=why)
    assert not Threshold.parse("2").reached(bare)
    assert Threshold.parse("re_rendered").reached(bare)
    assert Threshold.parse("2").reached(finding(FindingType.EXACT_FILE, 0.0)), "equal bytes need no ratio"


@pytest.mark.parametrize("text", ["nothing_found", "edited", "", "nan", "NaN", "5%"])
def test_anything_else_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(UsageError, match="exact_file, re_encoded, edited_copy"):
        Threshold.parse(text)


@pytest.mark.parametrize("text", ["2", "0", "-1", "7", "-inf"])
def test_a_number_is_refused_where_nothing_is_calibrated(text: str) -> None:
    for uncalibrated in (scale("copy", calibration=None), scale()):
        with pytest.raises(UsageError, match=r"gives none.*exact_file") as refused:
            Threshold.parse(text).check(uncalibrated)
        assert refused.value.exit_code == 2
        Threshold.parse("edited_copy").check(uncalibrated)


@pytest.mark.parametrize(
    "signals", [("copy",), ("layout", "phash"), ("copy", "layout", "keypoints", "patches", "phash")]
)
def test_a_number_that_no_ratio_of_this_run_can_pass_or_miss_is_refused(signals: tuple[str, ...]) -> None:
    used = scale(*signals)
    able = [model for model in CALIBRATION.models if set(model.signals) <= set(signals)]
    bounds = [each.bounds for model in able for each in (model, model.lead) if each]
    lowest, highest = min(low for low, _ in bounds), max(high for _, high in bounds)
    for text in ("7", "inf", str(highest + 0.001)):
        with pytest.raises(UsageError, match=f"never be reached.*above {highest:g}"):
            Threshold.parse(text).check(used)
    for text in ("-7", "-inf", str(lowest)):
        with pytest.raises(UsageError, match=f"always reached.*below {lowest:g}"):
            Threshold.parse(text).check(used)
    for text in (str(highest), "0", str(lowest + 0.001), "style_only"):
        Threshold.parse(text).check(used)
