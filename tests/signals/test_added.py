"""Adding a signal touches its file and the tuple, or an entry point: everything else takes it as it comes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import added_signal
import numpy as np
import pytest
from added_signal import Shade
from paintings import painting
from PIL import Image

from simcheck import signals
from simcheck.cli.terminal import Terminal
from simcheck.cohort import style
from simcheck.cohort.line_up import described_with
from simcheck.errors import SignalError
from simcheck.pipeline import Choice, compare, index
from simcheck.records import FindingType, Silent
from simcheck.reporting import render_html, validate
from simcheck.reporting.document.document import to_document
from simcheck.scoring.rates import Unrelated, surprise
from simcheck.signals.phash import Phash

CHOICE = Choice(only=("phash", "shade"), offline=True)
PAIRS = 6000


@pytest.fixture(params=["the tuple", "an entry point"])
def added(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "the tuple":
        monkeypatch.setitem(sys.modules, "simcheck.signals.shade", added_signal)
        monkeypatch.setattr(signals, "NAMES", (*signals.NAMES, "shade"))
        return
    point = SimpleNamespace(name="shade", value="added_signal:Shade", load=lambda: Shade)
    monkeypatch.setattr(signals, "entry_points", lambda **_: [point])


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unrelated:
    """Unrelated pairs that the new signal was measured on too, instead of those that ship."""
    generator = np.random.default_rng(1)
    scores = np.c_[generator.normal(0, 0.05, PAIRS), generator.uniform(0.3, 0.8, PAIRS)].astype(np.float32)
    columns = (Phash().identity().comparable, Shade().identity().comparable)
    Unrelated("small", "made up", 60, columns, scores).save(tmp_path, {})
    monkeypatch.setattr("simcheck.pipeline.session.reference_folder", lambda: tmp_path)
    return Unrelated.load(tmp_path)


@pytest.mark.usefixtures("added")
def test_it_is_described_compared_rated_ordered_and_reported(
    table: Unrelated, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "art").mkdir()
    for seed in range(5):
        Image.fromarray(painting(seed)).save(tmp_path / "art" / f"{seed}.png")
    suspect = painting(3).copy()
    suspect[:, 240:] = painting(77)[:, 240:]
    Image.fromarray(suspect).save(tmp_path / "suspect.png")
    made = index([tmp_path / "art"], tmp_path / "index", name="art", choice=CHOICE, watcher=Silent())
    assert dict(made.described)["shade"] == 5

    run = compare([tmp_path / "suspect.png"], tmp_path / "index", choice=CHOICE, watcher=Silent())
    first = run.queries[0].findings[0]
    found = dict(first.signals)
    assert first.work.paths[0].name == "3.png"
    score = found["shade"].comparison.score
    assert score is not None
    assert (found["shade"].cohort.reached, found["shade"].cohort.pairs) == (0, PAIRS)  # type: ignore[union-attr]
    by_shade = surprise(score, table.scores[np.argsort(table.scores[:, 1]), 1])
    by_hash = found["phash"].comparison.score
    rest = surprise(by_hash, np.sort(table.scores[:, 0])) if by_hash is not None else 0.0
    assert first.score == pytest.approx(by_shade + rest)

    # its parts are on the element map, and give the finding its type
    assert run.queries[0].elements is not None
    assert [round(element.area, 2) for element in run.queries[0].elements] == [0.5]
    assert first.type in (FindingType.RE_RENDERED, FindingType.PART)

    document = to_document(run)
    validate(document)
    told = document["queries"][0]["findings"][0]["signals"]["shade"]
    assert told == {
        "claim": "copy", "score": round(score, 6), "reason": None, "cohort": {"reached": 0, "pairs": PAIRS},
        "portfolio": told["portfolio"], "evidence": None,
    }  # fmt: skip
    assert [use["name"] for use in document["signals"]] == ["phash", "shade"]
    html = render_html(document, lambda *_: None, "en")
    assert "shade" in html
    assert "none of 6,000" in html
    Terminal(quiet=False).compared(run, Path("report.html"))
    assert re.search(r"none of 6,000 \((phash, )?shade\)", capsys.readouterr().out)


@pytest.mark.usefixtures("added")
def test_what_it_says_of_itself_is_kept_wherever_it_is_asked() -> None:
    assert signals.names()[-1] == "shade"
    assert "shade" in described_with(own=True)
    assert "shade" not in described_with(own=False)
    assert style.signals_of({"shade": Shade(), "phash": Phash()}) == ("shade",)


def test_two_that_see_the_same_are_one_witness() -> None:
    class Same(Shade):
        sight = Phash.sight

    columns = {"phash": Phash().identity(), "shade": Shade().identity()}
    scores = np.random.default_rng(2).normal(0, 0.1, (PAIRS, 2)).astype(np.float32)
    table = Unrelated("small", "made up", 60, tuple(c.comparable for c in columns.values()), scores)
    apart = table.orders(columns, {"phash": Phash, "shade": Shade})
    together = table.orders(columns, {"phash": Phash, "shade": Same})
    assert apart.max() > together.max()
    assert together.max() < 4.5, "no more than one of them says"


def test_a_fault_in_its_parts_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simcheck.signals.shade", added_signal)
    monkeypatch.setattr(signals, "NAMES", (*signals.NAMES, "shade"))
    monkeypatch.setattr(Shade, "parts", lambda *_: 1 / 0)
    Image.fromarray(painting(1)).save(tmp_path / "1.png")
    Image.fromarray(painting(2)).save(tmp_path / "2.png")
    index([tmp_path / "1.png"], tmp_path / "index", name="art", choice=CHOICE, watcher=Silent())
    with pytest.raises(SignalError, match=r"shade failed .*ZeroDivisionError.*--without shade"):
        compare([tmp_path / "2.png"], tmp_path / "index", choice=CHOICE, watcher=Silent())
