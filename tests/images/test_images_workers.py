"""`simcheck.images.Reader`: a decoder that hangs, crashes or eats memory costs one picture."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from unruly import misbehave, process_and_limits, read_and_tell  # type: ignore[import-not-found]

from simcheck.errors import PictureError
from simcheck.images import Limits, Reader, read_picture
from simcheck.records import Picture

LIMITS = Limits(seconds=3.0, memory_bytes=1 << 28)


@pytest.fixture
def picture_file(tmp_path: Path) -> Path:
    return paint(tmp_path, "good.png")


def paint(folder: Path, name: str, shade: int = 90) -> Path:
    path = folder / name
    Image.new("RGB", (16, 12), (shade, 20, 200)).save(path)
    return path


def decoders() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if child.name == "simcheck-decoder"]


@pytest.fixture(autouse=True)
def _no_process_stays() -> Iterator[None]:
    yield
    assert decoders() == []


def test_what_comes_back_is_what_read_picture_gives(picture_file: Path) -> None:
    with Reader(workers=1) as reader:
        there = reader.read(picture_file)
    here = read_picture(picture_file)
    assert there.facts == here.facts
    assert np.array_equal(there.pixels, here.pixels)


def test_anything_else_may_be_asked_of_a_decoding_process(picture_file: Path) -> None:
    with Reader(workers=1, limits=LIMITS) as reader:
        assert reader.ask(process_and_limits, "x", "an x") == (decoders()[0], LIMITS.max_bytes)
        with pytest.raises(PictureError, match=r"an x: decoding failed in an unexpected way \(ZeroDivisionError"):
            reader.ask(misbehave, Path("mistake"), "an x")
        with pytest.raises(PictureError, match="an x: the decoder crashed") as caught:
            reader.ask(misbehave, Path("exit"), "an x")
        assert caught.value.code == "crashed"
        assert reader.read(picture_file).pixels.shape == (12, 16, 3), "and pictures are read as before"


def test_no_process_starts_before_the_first_picture() -> None:
    with Reader(workers=2):
        assert decoders() == []


def test_an_error_keeps_its_code_and_its_sentence(tmp_path: Path) -> None:
    with Reader(workers=1) as reader, pytest.raises(PictureError, match=r"gone\.png.*no longer there") as caught:
        reader.read(tmp_path / "gone.png")
    assert caught.value.code == "vanished"


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("hang.png", "timeout", "took more than 3 seconds"),
        ("exit.png", "crashed", "exit code 0"),
        ("mistake.png", "crashed", "ZeroDivisionError"),
        pytest.param(
            "abort.png", "crashed", "SIGABRT", marks=pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
        ),
        pytest.param(
            "eat.png",
            "out_of_memory",
            "too much memory",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit on memory"),
        ),
    ],
)
def test_a_decoder_gone_wrong_costs_one_picture(
    tmp_path: Path, picture_file: Path, name: str, code: str, words: str
) -> None:
    with Reader(workers=1, limits=LIMITS, reader=misbehave) as reader:
        with pytest.raises(PictureError, match=words) as caught:
            reader.read(tmp_path / name)
        assert caught.value.code == code
        assert str(tmp_path / name) in str(caught.value)
        assert reader.read(picture_file).facts.width == 16


def test_all_come_back_in_order_with_the_failures_in_their_places(tmp_path: Path) -> None:
    names = ["good0.png", "exit.png", "good1.png", "hang.png", "gone.png", "mistake.png", "good2.png", "exit.png"]
    paths = [
        paint(tmp_path, name, shade=10 * index) if name.startswith("good") else tmp_path / name
        for index, name in enumerate(names)
    ]
    with Reader(workers=2, limits=LIMITS, reader=misbehave) as reader:
        answers = list(reader.read_all(paths))
    assert [path for path, _ in answers] == paths
    outcomes = [answer.code if isinstance(answer, PictureError) else answer.pixels[0, 0, 0] for _, answer in answers]
    assert outcomes == [0, "crashed", 20, "timeout", "vanished", "crashed", 60, "crashed"]


def test_a_decoder_that_is_killed_between_two_pictures_is_replaced(picture_file: Path) -> None:
    with Reader(workers=1) as reader:
        reader.read(picture_file)
        (child,) = decoders()
        os.kill(child, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while decoders() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert isinstance(reader.read(picture_file), Picture)
        assert decoders() != [child]


def test_paths_are_drawn_as_they_are_needed_so_that_there_may_be_a_million(picture_file: Path) -> None:
    drawn = 0

    def endless() -> Iterator[Path]:
        nonlocal drawn
        for _ in itertools.count():
            drawn += 1
            yield picture_file

    with Reader(workers=2) as reader:
        answers = reader.read_all(endless())
        for taken in range(1, 101):
            _, answer = next(answers)
            assert isinstance(answer, Picture)
            assert drawn <= taken + 32


def test_decoding_goes_on_while_the_consumer_works(tmp_path: Path) -> None:
    with Reader(workers=2, reader=read_and_tell) as reader:
        answers = reader.read_all([paint(tmp_path, f"{index}.png") for index in range(20)])
        next(answers)
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("*.read"))) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)  # the consumer is busy, and asks for nothing
        assert len(list(tmp_path.glob("*.read"))) == 20
        assert all(isinstance(answer, Picture) for _, answer in answers)


def test_a_process_is_replaced_before_leaks_add_up(picture_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simcheck.images.workers._SERVED", 3)
    served = []
    with Reader(workers=1) as reader:
        for _ in range(5):
            assert reader.read(picture_file).facts.width == 16
            served.append(decoders())
    assert served[0] == served[1] != [] and served[2] == [] and served[3] == served[4] != served[0]


def test_leaving_early_ends_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    with Reader(workers=2, limits=Limits(seconds=60), reader=misbehave) as reader:
        for _, answer in reader.read_all([paint(tmp_path, "good.png"), *[tmp_path / "hang.png"] * 50]):
            assert isinstance(answer, Picture)
            break
    assert time.monotonic() - began < 15
    with pytest.raises(RuntimeError):
        reader.read(tmp_path / "good.png")


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a group of processes")
@pytest.mark.parametrize("after", [0.15, 2.5])
def test_ctrl_c_ends_at_once_without_tracebacks(tmp_path: Path, picture_file: Path, after: float) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"""
import sys
from pathlib import Path
sys.path[:0] = {[str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]!r}
from simcheck.images import Reader
from unruly import read_slowly
if __name__ == "__main__":
    try:
        with Reader(workers=2, reader=read_slowly) as reader:
            print("reading", flush=True)
            for _ in reader.read_all([Path({str(picture_file)!r})] * 1000):
                pass
    except KeyboardInterrupt:
        print("interrupted")
"""
    )
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "reading\n"
        time.sleep(after)  # while the decoders start, or while they work
        os.killpg(run.pid, signal.SIGINT)
        out, errors = run.communicate(timeout=15)
    assert (out, errors, run.returncode) == ("interrupted\n", "", 0)
