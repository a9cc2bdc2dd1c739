"""An index that an earlier simcheck made is compared with as on the day it was made, before and after it is brought up
to date.

``golden/portfolio_v2`` was made by commit 567009f from `paintings.painting` 301 to 303 at 200 x 150 pixels, and is
never made anew. Where a signal's version has been raised since, it has nothing to compare any more: leave it out here.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from arrows import Listener
from paintings import painting
from PIL import Image

from simcheck import pipeline
from simcheck.store import FORMAT_VERSION, Store

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "portfolio_v2"
SCORES = {
    "fca0b8ca03bf26e00ab80e0b3f5ffcda1307cda4cf36c20a3105c27b8583ae6a": (
        0.857273412,
        8.943431668,
        0.09375,
        0.890736008,
    ),
    "cb70b88ce7628a8a466f3f8429bff30f7b82a9f33a216462c349a6d13a29b14e": (0.332461935, 0.0, 0.1875, 0.084123718),
    "efd21cb173da00fbb62740d1f6d8a72c582af7e490bbcf22b2924fe9fd070619": (0.403954577, 0.0, 0.0, 0.033181801),
}
"""By work, best first: what `layout`, `keypoints`, `phash` and `palette` said of the suspect on that day."""


@pytest.mark.parametrize("write", [False, True], ids=["as it is", "brought up to date"])
def test_an_index_of_an_earlier_simcheck_compares_as_it_did(tmp_path: Path, write: bool) -> None:
    folder = tmp_path / "index"
    shutil.copytree(GOLDEN, folder)
    suspect = tmp_path / "suspect.png"
    Image.fromarray(painting(302, (200, 150))[20:130, 30:180]).save(suspect)
    said = Listener()
    if write:
        Store.open(folder, write=True, watcher=said).close()
        assert {notice.code for notice in said.notices} == {"index_migrated"}
    choice = pipeline.Choice(only=("layout", "keypoints", "phash", "palette"))
    run = pipeline.compare([suspect], folder, choice=choice, watcher=said)
    findings = run.queries[0].findings
    assert [finding.work.facts.sha256 for finding in findings] == list(SCORES)
    for finding, expected in zip(findings, SCORES.values(), strict=True):
        scores = [result.comparison.score for _, result in finding.signals]
        assert scores == pytest.approx(expected, abs=1e-6)
    assert not list(folder.glob("*.faiss")), "search files of that day serve nobody any more"
    with Store.open(folder) as store:
        ((found,),) = store._rows("SELECT format_version FROM meta")
        assert found == (FORMAT_VERSION if write else 2)
        assert store.look_through(lambda done, total: None).faults == ()
