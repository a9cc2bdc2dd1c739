"""A session: opened once, for many suspects; each result is ready as soon as it can be, and stays small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from paintings import painting
from PIL import Image

from simcheck.pipeline import Choice, Session, compare, index
from simcheck.pipeline.comparing import SHOWN, results, run_of, suspects_in
from simcheck.records import FindingType, Notice, Silent, Skipped
from simcheck.records.run import QueryResult

QUICK = Choice(only=("phash", "keypoints", "palette"), offline=True)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("session")
    for name in ("art", "suspects"):
        (folder / name).mkdir()
    for seed in range(12):
        Image.fromarray(painting(seed)).save(folder / "art" / f"{seed:02}.png")
    for seed in (3, 4, 99):
        Image.fromarray(painting(seed)).resize((400, 300)).save(folder / "suspects" / f"{seed:02}.jpg")
    index([folder / "art"], folder / "index", name="art", choice=QUICK, watcher=Silent())
    return folder


@pytest.fixture
def session(studio: Path) -> Iterator[Session]:
    with Session.open(studio / "index", choice=QUICK) as opened:
        yield opened


class Listening(Silent):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int, int | None]] = []
        self.notices: list[Notice] = []

    def progress(self, stage: str, done: int, total: int | None) -> None:
        self.stages.append((stage, done, total))

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


def test_results_come_one_by_one(session: Session, studio: Path) -> None:
    watcher = Listening()
    found = results(session, suspects_in([studio / "suspects"]), watcher)
    first = next(found)
    assert isinstance(first, QueryResult) and first.path.name == "03.jpg"
    described = sum(stage == "compare with works" and done == 0 for stage, done, _ in watcher.stages)
    assert described == 1, "the second is not begun before somebody asks for it"
    assert len(list(found)) == 2


def test_a_session_serves_many_times_with_the_same_results(session: Session, studio: Path) -> None:
    def once() -> list[tuple[str, float]]:
        run = run_of(session, results(session, suspects_in([studio / "suspects"])))
        return [(f.work.facts.sha256, f.score) for query in run.queries for f in query.findings]

    assert once() == once()
    alone = compare([studio / "suspects"], studio / "index", choice=QUICK)
    assert once() == [(f.work.facts.sha256, f.score) for query in alone.queries for f in query.findings]


def test_progress_counts_suspects_and_what_happens_with_each(studio: Path) -> None:
    watcher = Listening()
    with Session.open(studio / "index", choice=QUICK, watcher=watcher) as session:
        run_of(session, results(session, suspects_in([studio / "suspects"]), watcher), watcher=watcher)
    stages = {stage for stage, *_ in watcher.stages}
    assert {"open the index", "suspects", "describe", "compare with works", "look at marks and the cohort"} <= stages
    assert [done for stage, done, _ in watcher.stages if stage == "suspects"] == [0, 1, 2, 3]
    for stage in stages:  # what has ended is said to have ended
        _, done, total = [each for each in watcher.stages if each[0] == stage][-1]
        assert done == total, stage


def test_only_findings_that_a_page_can_show_keep_their_evidence(session: Session, studio: Path) -> None:
    run = run_of(session, results(session, suspects_in([studio / "suspects"])))
    for query in run.queries:
        heavy = [f.rank for f in query.findings if any(r.comparison.evidence for _, r in f.signals)]
        related = [f.rank for f in query.findings if f.type is not FindingType.NOTHING]
        assert set(heavy) <= {1, *related[:SHOWN]}
        assert all(r.comparison.score is not None or r.comparison.reason for f in query.findings for _, r in f.signals)
        assert len(query.findings) == 12, "the scores of all are there"


def test_ctrl_c_keeps_what_is_ready(session: Session, studio: Path) -> None:
    def stopped() -> Iterator[QueryResult | Skipped]:
        yield next(results(session, suspects_in([studio / "suspects"])))
        raise KeyboardInterrupt

    watcher = Listening()
    run = run_of(session, stopped(), watcher=watcher, partial=True)
    assert run.interrupted and len(run.queries) == 1
    assert [notice.code for notice in watcher.notices] == ["interrupted"]
    assert "interrupted" in {notice.code for notice in run.notices}, "the report says that it is not whole"
    with pytest.raises(KeyboardInterrupt):
        run_of(session, stopped())


def test_a_session_knows_when_the_index_has_changed(studio: Path, tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    Image.fromarray(painting(0)).save(tmp_path / "art" / "a.png")
    index([tmp_path / "art"], tmp_path / "index", name="art", choice=QUICK, watcher=Silent())
    with Session.open(tmp_path / "index", choice=QUICK) as session:
        assert session.is_current()
        Image.fromarray(painting(1)).save(tmp_path / "art" / "b.png")
        index([tmp_path / "art"], tmp_path / "index", name="art", choice=QUICK, watcher=Silent())
        assert not session.is_current()
