"""Ctrl-C and kill: nothing finished is lost, nothing half done is left, and no traceback is shown."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import simcheck
from paintings import painting
from PIL import Image

from simcheck import pipeline
from simcheck.indexing.portfolio import BATCH
from simcheck.pipeline import comparing

WORKS = 3 * BATCH
OPTIONS = ("--signal", "phash", "--signal", "palette")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that only this process gets")


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    for seed in range(WORKS):
        Image.fromarray(painting(seed, size=(320, 240))).save(folder / f"{seed:02}.png")
    return folder


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """With Ctrl-C switched on: a shell that starts something in the background switches it off."""
    return subprocess.Popen(
        [sys.executable, "-m", "simcheck.cli", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SIMCHECK_OFFLINE": "1"},
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def stopped(process: subprocess.Popen[str], stop: signal.Signals, when: Callable[[], bool]) -> tuple[int, str]:
    """Send ``stop`` to all its processes, as a terminal does, once ``when`` holds. Returns exit code and messages."""
    deadline = time.monotonic() + 60
    while not when():
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)
    os.killpg(process.pid, stop)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def works_in(index: Path) -> int:
    """Committed works, as any reader sees them."""
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(f"{(index / 'index.sqlite3').as_uri()}?mode=ro", uri=True)) as connection,
    ):
        return int(connection.execute("SELECT count(*) FROM works").fetchone()[0])
    return 0


def lasting(index: Path) -> list[str]:
    """The files of an index but for SQLite's side files, which come and go."""
    return sorted(path.name for path in index.iterdir() if not path.name.startswith("index.sqlite3-"))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_stopped_index_is_continued(art: Path, tmp_path: Path, stop: signal.Signals) -> None:
    index = tmp_path / "index"
    command = ("index", art, "--index", index, *OPTIONS)
    process = started(*command)
    code, errors = stopped(process, stop, lambda: works_in(index) > 0)
    assert "Traceback" not in errors
    if stop is signal.SIGINT:
        assert code == 130
        assert errors.strip() == (
            "Interrupted. The works that were finished are stored; the same command goes on from there."
        )
    else:
        assert code == -signal.SIGKILL
    stored = works_in(index)
    assert BATCH <= stored < WORKS
    done = simcheck(*command, "--json", "--wait", "10")  # a dead writer holds no lock
    assert done.code == 0, done.err
    assert (done.json["new"], done.json["unchanged"], done.json["updated"]) == (WORKS - stored, stored, 0)


def test_a_stopped_comparison_leaves_nothing_behind(art: Path, tmp_path: Path) -> None:
    index, home = tmp_path / "index", tmp_path / "home"
    indexed = simcheck("index", art, "--index", index, "--signal", "phash", "--json")
    assert indexed.code == 0, indexed.err
    home.mkdir()
    before = lasting(index)
    # that the index holds nothing of clip is told when everything is ready to be compared
    command = ("compare", art, "--index", index, "--signal", "phash", "--signal", "clip", "--out", home / "report")
    process = started(*command)
    assert process.stderr is not None
    first = process.stderr.readline()
    code, errors = stopped(process, signal.SIGINT, lambda: True)
    assert "signal clip" in first
    assert code == 130
    assert errors.endswith("Interrupted. No report was written.\n")
    assert "Traceback" not in errors
    assert list(home.iterdir()) == []
    assert lasting(index) == before


def test_ctrl_c_while_the_report_is_written(art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simcheck.reporting.write", interrupted)
    pair = ("compare", art / "00.png", "--with", art / "01.png", "--signal", "phash", "--out", tmp_path / "report")
    done = simcheck(*pair)
    assert (done.code, done.out, done.err.strip()) == (130, "", "Interrupted. No report was written.")

    monkeypatch.setattr(pipeline, "index", interrupted)
    done = simcheck("index", art, "--index", tmp_path / "index")
    assert (done.code, done.out) == (130, "")
    assert "goes on from there" in done.err


def test_ctrl_c_between_two_suspects_keeps_what_is_ready(
    art: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = comparing.results

    def stopped(*arguments: Any) -> Iterator[Any]:
        yield next(ready(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing, "results", stopped)
    suspects = (art / "00.png", art / "02.png")
    done = simcheck("compare", *suspects, "--with", art / "01.png", "--signal", "phash", "--out", tmp_path / "report")
    assert done.code == 130
    assert "interrupted after 1 suspect" in done.err
    document = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert [query["query"]["name"] for query in document["queries"]] == ["00.png"]
    assert "interrupted" in {notice["code"] for notice in document["notices"]}


def test_ctrl_c_before_the_command_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simcheck.cli.app", interrupted)
    assert simcheck("index", "art").code == 130
