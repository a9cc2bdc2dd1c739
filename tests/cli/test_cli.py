"""The commands, as a person gives them: what they print, what they write, what they exit with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command import Outcome, simcheck
from paintings import painting
from PIL import Image

from simcheck.records import Silent
from simcheck.reporting import validate
from simcheck.signals import names
from simcheck.store.lock import WriterLock

UNDECODABLE = b"\xb0\xa1.png"
"""A name in GBK, as files from older Chinese systems have it: no valid UTF-8."""
STEERING = "red\x1b[31m\n.png"
CAN_NAME_ANYTHING = sys.platform == "linux"


@dataclass(frozen=True)
class Studio:
    """An indexed portfolio of paintings 0 to 5, suspects, and what `compare` said of them in JSON."""

    art: Path
    index: Path
    suspects: Path
    report: Path
    indexed: Outcome
    compared: Outcome

    def findings(self, suspect: str) -> list[dict[str, Any]]:
        (query,) = [q for q in self.compared.json["queries"] if q["query"]["name"] == suspect]
        findings: list[dict[str, Any]] = query["findings"]
        return findings


def paint(seed: int, file: Path | bytes) -> None:
    path = Path(os.fsdecode(file))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(painting(seed)).save(path, format="PNG")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    art, suspects = folder / "art", folder / "suspects"
    for seed, name in enumerate(["plain.png", "山水 画.png", "deep/er/<b>&.png", "three.png"]):
        paint(seed, art / name)
    odd = [os.fsencode(art) + b"/" + UNDECODABLE, os.fsencode(art / STEERING)]
    for seed, file in enumerate(odd, 4):
        paint(seed, file if CAN_NAME_ANYTHING else art / f"{seed}.png")
    suspects.mkdir()
    whole = Image.fromarray(painting(0))
    width, height = whole.size
    shutil.copy(art / "plain.png", suspects / "exact.png")
    whole.save(suspects / "again.jpg", quality=70)
    whole.crop((width // 5, height // 6, width, height)).save(suspects / "crop.png")
    whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(suspects / "mirror.png")
    Image.new("RGB", (300, 200), "white").save(suspects / "white.png")
    Image.new("RGB", (1, 1), "red").save(suspects / "dot.png")
    (suspects / "no picture.png").write_text("words")
    (suspects / "letter.txt").write_text("passed over in silence")
    if CAN_NAME_ANYTHING:
        paint(4, os.fsencode(suspects) + b"/suspect" + UNDECODABLE)
    paint(5, suspects / "steering.png")
    index, report = folder / "index", folder / "report"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.chdir(folder)
        indexed = simcheck("index", "art", "--index", "index", "--json")
        # named relative to a working folder that later readers of the report are not in
        compared = simcheck("compare", "suspects", "--index", "index", "--out", "report", "--json")
    yield Studio(art, index, suspects, report, indexed, compared)


# -- index --------------------------------------------------------------------------------------------------------


def test_indexing_tells_what_it_did_and_what_it_did_without(studio: Studio) -> None:
    done = studio.indexed
    assert done.code == 0, done.err
    assert (done.json["new"], done.json["skipped"], done.json["name"]) == (6, [], "art")
    assert done.json["described"] == {name: 6 for name in names() if name != "clip"}
    assert done.err == "", "an optional signal that never was there is no problem"


def test_only_what_changed_is_described(tmp_path: Path) -> None:
    art = tmp_path / "art"
    for seed in range(4):
        paint(10 + seed, art / f"{seed}.png")

    def run(*options: str) -> dict[str, Any]:
        done = simcheck("index", art, "--index", tmp_path / "index", "--json", "--signal", "phash", *options)
        assert done.code == 0, done.err
        return {name: done.json[name] for name in ("new", "known", "renamed", "unchanged", "pruned", "missing")} | {
            "described": done.json["described"]["phash"]
        }

    nothing = dict.fromkeys(("new", "known", "renamed", "unchanged", "pruned", "missing", "described"), 0)
    assert run() == nothing | {"new": 4, "described": 4}
    assert run() == nothing | {"unchanged": 4}
    paint(14, art / "sub" / "4.png")
    assert run() == nothing | {"new": 1, "described": 1, "unchanged": 4}
    (art / "0.png").rename(art / "sub" / "renamed.png")
    assert run() == nothing | {"known": 1, "renamed": 1, "unchanged": 4}
    (art / "1.png").unlink()
    assert run() == nothing | {"unchanged": 4, "missing": 1}
    assert run("--prune") == nothing | {"unchanged": 4, "pruned": 1}
    said = simcheck("index", art, "--index", tmp_path / "index", "--signal", "phash").out
    assert "4 unchanged" in said
    assert str(tmp_path / "index") in said


def test_a_rename_is_told_once(tmp_path: Path) -> None:
    for seed in range(2):
        paint(10 + seed, tmp_path / "art" / f"{seed}.png")
    command = ("index", tmp_path / "art", "--index", tmp_path / "index", "--signal", "phash")
    simcheck(*command)
    (tmp_path / "art" / "0.png").rename(tmp_path / "art" / "renamed.png")
    assert "'art': 1 renamed or moved, 1 unchanged (" in simcheck(*command).out


def test_a_network_that_comes_later_is_the_only_thing_added(studio: Studio, tmp_path: Path) -> None:
    import tiny_clip

    first, second = (tiny_clip.write_folder(tmp_path / f"weights{seed}", seed) for seed in range(2))
    index = tmp_path / "index"
    shutil.copytree(studio.index, index)
    few = ("--signal", "clip", "--signal", "phash", "--index", index, "--json")
    added = simcheck("index", studio.art, *few, "--model", first)
    assert added.code == 0, added.err
    assert (added.json["new"], added.json["updated"]) == (0, 6)
    assert added.json["described"] == {"clip": 6, "phash": 0}
    assert "clip" not in added.err

    suspect = studio.suspects / "exact.png"
    document = simcheck("compare", suspect, *few, "--model", first).json
    (clip,) = [signal for signal in document["signals"] if signal["name"] == "clip"]
    assert (clip["state"], clip["works_described"], document["notices"]) == ("used", 6, [])
    assert document["queries"][0]["findings"][0]["signals"]["clip"]["score"] > 0.99

    document = simcheck("compare", suspect, *few, "--model", second).json
    (clip,) = [signal for signal in document["signals"] if signal["name"] == "clip"]
    assert clip["state"] == "missing"
    assert "other weights" in clip["reason"]
    assert "clip" not in document["queries"][0]["findings"][0]["signals"]


def test_a_second_writer_waits_and_says_for_whom(studio: Studio, tmp_path: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(studio.index, index)
    command = ("index", studio.art, "--index", index, "--signal", "phash")
    lock = WriterLock(index, 0, Silent())
    try:
        refused = simcheck(*command, "--wait", "0")
        assert refused.code == 6
        assert f"process {os.getpid()}" in refused.err
        timer = threading.Timer(0.5, lock.release)
        timer.start()
        waited = simcheck(*command, "--wait", "30")
        timer.join()
    finally:
        lock.release()
    assert waited.code == 0, waited.err
    assert "Waiting for another simcheck" in waited.err
    assert "6 unchanged" in waited.out


# -- compare ------------------------------------------------------------------------------------------------------


def test_the_document_is_valid_and_alone_on_standard_output(studio: Studio) -> None:
    assert studio.compared.code == 0, studio.compared.err
    document = studio.compared.json
    validate(document)
    assert document["index"]["name"] == "art"
    assert document["index"]["works"] == 6
    assert document["queries"][0]["query"]["path"] == document["queries"][0]["query"]["name"]
    assert [(Path(s["path"]).name, s["code"]) for s in document["skipped"]] == [("no picture.png", "not_a_picture")]
    assert document["notices"] == []
    assert "clip" not in studio.compared.err
    assert (studio.report / "report.json").is_file()


def test_copies_find_their_work_first(studio: Studio) -> None:
    for suspect in ("exact.png", "again.jpg", "crop.png", "mirror.png"):
        first = studio.findings(suspect)[0]
        assert (first["rank"], first["reference"]["name"]) == (1, "plain.png"), suspect
        assert first["type"] != "nothing_found"
    assert [f["type"] for f in studio.findings("exact.png")].count("exact_file") == 1
    assert studio.findings("exact.png")[0]["type"] == "exact_file"


def test_blank_and_tiny_suspects_are_not_called_clean(studio: Studio, tmp_path: Path) -> None:
    blank = [studio.suspects / name for name in ("white.png", "dot.png")]
    assert [studio.findings(path.name) for path in blank] == [[], []]
    said = simcheck("compare", *blank, "--index", studio.index, "--out", tmp_path, "--signal", "phash")
    assert said.code == 0, said.err
    assert "white.png: not compared: the picture is blank" in said.out
    assert "dot.png: not compared: the picture is too small" in said.out
    assert "othing was found" not in said.out


def test_findings_are_told_in_words(studio: Studio, tmp_path: Path) -> None:
    options = ("--index", studio.index, "--out", tmp_path / "report", "--signal", "phash")
    said = simcheck("compare", studio.suspects / "exact.png", *options)
    assert "exact.png: 6 works searched, all of them compared in full\n  1. The same file as “plain.png”\n" in said.out
    assert str(tmp_path / "report" / "report.html") in said.out
    assert said.err == ""


def test_from_how_many_suspects_were_chosen_is_kept_and_cannot_be_fewer(studio: Studio, tmp_path: Path) -> None:
    suspects = [studio.suspects / name for name in ("exact.png", "again.jpg", "crop.png")]
    options = ("--index", studio.index, "--out", tmp_path, "--signal", "phash", "--replace")
    said = simcheck("compare", *suspects, *options, "--selected-from", 500, "--json")
    assert said.code == 0 and said.json["selected_from"] == 500
    assert simcheck("compare", *suspects, *options, "--json").json["selected_from"] is None
    printed = simcheck("compare", *suspects, *options, "--selected-from", 3)
    assert printed.code == 0 and "were chosen from 3 pictures" in printed.out
    refused = simcheck("compare", *suspects, *options, "--selected-from", 2)
    assert refused.code == 2 and "3 suspects cannot have been chosen from 2 pictures" in refused.err


def test_what_was_searched_is_told_apart_from_what_was_compared_in_full(studio: Studio, tmp_path: Path) -> None:
    options = ("--index", studio.index, "--out", tmp_path / "report", "--signal", "phash", "--lang", "both")
    said = simcheck("compare", studio.suspects / "again.jpg", *options, "--candidates", 2)
    assert said.code == 0, said.err
    assert "again.jpg: 6 works searched, 2 of them compared in full\n" in said.out
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "6 works searched, 2 of them compared in full." in page
    assert "检索了 6 件作品，其中 2 件作了完整比对。" in page
    assert "when it searched 6 works of a portfolio" in page


def test_problems_are_told_also_when_nothing_else_is(studio: Studio, tmp_path: Path) -> None:
    suspects = (studio.suspects / "no picture.png", studio.suspects / "exact.png")
    options = ("--index", studio.index, "--out", tmp_path / "report", "--signal", "phash")
    said = simcheck("compare", *suspects, *options, "--quiet")
    assert (said.code, said.out) == (0, "")
    assert said.err.count("no picture.png") == 1
    assert "this is not a picture" in said.err


@pytest.mark.skipif(not CAN_NAME_ANYTHING, reason="this system allows no such names")
def test_no_file_name_steers_the_terminal(studio: Studio, tmp_path: Path) -> None:
    options = ("--index", studio.index, "--out", tmp_path, "--signal", "phash")
    said = simcheck("compare", studio.suspects / "steering.png", *options)
    assert "\x1b" not in said.out
    assert "red⟨U+001B⟩[31m⟨U+000A⟩.png" in said.out
    refused = simcheck("compare", tmp_path / "\x1b[31m", "--index", studio.index)
    assert refused.code == 2
    assert "\x1b" not in refused.err


@pytest.mark.skipif(not CAN_NAME_ANYTHING, reason="this system allows no such names")
def test_the_report_shows_pictures_of_any_name_from_anywhere(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecodable = "suspect" + UNDECODABLE.decode("utf-8", "surrogateescape")
    first = studio.findings(undecodable.encode("utf-8", "backslashreplace").decode())[0]
    assert first["type"] == "exact_file"
    monkeypatch.chdir(tmp_path)
    again = simcheck("report", studio.report, "--out", tmp_path / "again")
    assert again.code == 0, again.err
    before, after = ((folder / "report.html").read_text("utf-8") for folder in (studio.report, tmp_path / "again"))
    for page in (before, after):
        assert "Not shown: the file is gone" not in page
        assert page.count("data:image/jpeg") >= 6
    assert before.count("data:image/jpeg") == after.count("data:image/jpeg")


def test_a_report_speaks_the_language_asked_for(studio: Studio, tmp_path: Path) -> None:
    done = simcheck("report", studio.report / "report.json", "--out", tmp_path, "--lang", "zh")
    assert done.code == 0, done.err
    assert '<html lang="zh-Hans"' in (tmp_path / "report.html").read_text("utf-8")


def test_comparing_with_named_pictures_needs_no_index(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMCHECK_INDEX", str(tmp_path / "nowhere"))
    pair = ("compare", studio.suspects / "crop.png", "--with", studio.art / "plain.png")
    document = simcheck(*pair, "--json", "--signal", "clip", "--signal", "phash").json
    validate(document)
    assert document["index"] is None
    assert [f["reference"]["name"] for f in document["queries"][0]["findings"]] == ["plain.png"]
    assert all("simcheck index" not in notice["message"] for notice in document["notices"])
    said = simcheck(*pair, "--signal", "keypoints", "--out", tmp_path / "report", encoding="ascii").out
    assert "crop.png: compared with 1 named picture\n" in said
    assert 'copy of "plain.png"' in said


@pytest.mark.parametrize(("limit", "code"), [("exact_file", 0), ("edited_copy", 3)])
def test_fail_at_tells_by_the_exit_code(studio: Studio, limit: str, code: int) -> None:
    suspect = studio.suspects / "mirror.png"
    done = simcheck("compare", suspect, "--index", studio.index, "--json", "--signal", "phash", "--fail-at", limit)
    assert done.code == code, done.err
    validate(done.json)


# -- what can go wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["compare"], 2, "suspects"),
        (["compare", "{gone}", "--index", "{index}"], 2, "does not exist"),
        (["compare", "{suspect}", "--index", "{gone}"], 5, "simcheck index FOLDER"),
        (["compare", "{suspect}", "--index", "{index}", "--name", "art"], 2, "--name"),
        (["compare", "{suspect}", "--with", "{art}", "--name", "art"], 2, "--with"),
        (["compare", "{suspect}", "--index", "{index}", "--signal", "smell"], 2, "there are: clip, copy"),
        (["compare", "{suspect}", "--index", "{index}", "--without", "smell"], 2, "there are: clip, copy"),
        (["compare", "{suspect}", "--index", "{index}", "--signal", "copy", "--without", "copy"], 2, "leave at least"),
        (["compare", "{suspect}", "--index", "{index}", "--signal", "clip"], 5, "simcheck models pull"),
        (["compare", "{suspect}", "--with", "{suspect}", "--signal", "clip"], 7, "simcheck models pull"),
        (["compare", "{suspect}", "--index", "{index}", "--fail-at", "nan"], 2, "exact_file"),
        (["compare", "{suspect}", "--index", "{index}", "--signal", "palette", "--fail-at", "2"], 2, "gives none"),
        (
            ["compare", "{suspect}", "--index", "{index}", "--signal", "phash", "--fail-at", "7"],
            2,
            "can never be reached",
        ),
        (["compare", "{suspect}", "--with", "{art}", "--signal", "phash", "--fail-at", "-7"], 2, "is always reached"),
        (["compare", "{suspect}", "--index", "{index}", "--lang", "fr"], 2, "--lang"),
        (["compare", "{suspect}", "--index", "{index}", "--candidates", "0"], 2, "--candidates"),
        (["compare", "{suspect}", "--index", "{index}", "--out", "{suspect}"], 9, "--out"),
        (["compare", "{suspect}", "--index", "{index}", "--model", "nonsense net"], 7, "names no network"),
        (["compare", "{text}", "--index", "{index}"], 4, "letter.txt"),
        (["compare", "{empty}", "--index", "{index}"], 4, "no picture is there"),
        (["compare", "{suspect}", "--with", "{text}"], 4, "letter.txt"),
        (["index"], 2, "folders"),
        (["index", "{gone}", "--index", "{new}"], 2, "does not exist"),
        (["index", "{empty}", "--index", "{new}"], 4, "no picture is there"),
        (["index", "{text}", "--index", "{new}"], 4, "letter.txt"),
        (["index", "{art}", "--index", "{art}"], 5, "a folder of its own"),
        (["index", "{art}", "--index", "{new}", "--wait", "-1"], 2, "--wait"),
        (["index", "{art}", "--index", "{new}", "--signal", "clip"], 7, "simcheck models pull"),
        (["index", "{art}", "--index", "{new}", "--model", "./gone"], 7, "gone"),
        (["report", "{gone}"], 9, "simcheck compare"),
        (["report", "{text}"], 9, "letter.txt"),
        (["models", "pull"], 2, "--offline"),
        (["models", "verify", "--model", "ViT-B-32"], 7, "simcheck models pull"),
    ],
)
def test_each_mistake_has_its_exit_code_and_advice(
    studio: Studio, tmp_path: Path, arguments: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    places = {
        "art": studio.art, "index": studio.index, "suspect": studio.suspects / "exact.png", "empty": tmp_path / "empty",
        "text": studio.suspects / "letter.txt", "gone": tmp_path / "gone", "new": tmp_path / "new",
    }  # fmt: skip
    done = simcheck(*(argument.format(**places) for argument in arguments))
    assert done.code == code, done.err
    assert said in done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert not list(tmp_path.glob("simcheck-report*"))
    if "{text}" not in arguments:
        assert not (tmp_path / "new").exists(), "a mistake left an index behind"


def test_a_wrong_configuration_file_is_told(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simcheck.pipeline.configuration import Configuration

    monkeypatch.setattr(Configuration, "path", lambda: tmp_path / "config.toml")
    (tmp_path / "config.toml").write_text("lang = 'fr'")
    done = simcheck("compare", studio.suspects, "--index", studio.index)
    assert (done.code, done.out) == (2, "")
    assert str(tmp_path / "config.toml") in done.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_passed_over(studio: Studio, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    suspects = (locked, studio.suspects / "exact.png")
    done = simcheck("compare", *suspects, "--index", studio.index, "--json", "--signal", "phash")
    assert done.code == 0, done.err
    assert [skipped["code"] for skipped in done.json["skipped"]] == ["no_permission"]


# -- as a process of its own --------------------------------------------------------------------------------------


COMMAND: list[str | Path] = [sys.executable, "-m", "simcheck.cli"]


def test_a_reader_that_has_seen_enough_loses_nothing(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMCHECK_OFFLINE", "1")
    options = ("--index", studio.index, "--out", tmp_path / "report", "--signal", "phash", "--fail-at", "exact_file")
    reading, writing = os.pipe()
    os.close(reading)  # as `| head` does, only sooner
    with os.fdopen(writing, "wb") as pipe:
        command: list[str | Path] = [*COMMAND, "compare", studio.suspects / "exact.png", *options]
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert (tmp_path / "report" / "report.html").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_standard_output_is_told(studio: Studio) -> None:
    command = [*COMMAND, "index", studio.art, "--index", studio.index, "--signal", "phash"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (9, 1), done.stderr
    assert b"could not be printed" in done.stderr


@pytest.mark.skipif(not CAN_NAME_ANYTHING, reason="this system allows no such names")
def test_a_terminal_that_knows_only_ascii_is_no_obstacle(studio: Studio) -> None:
    command = [*COMMAND, "compare", studio.art, "--index", studio.index, "--json", "--signal", "phash"]
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=plain, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout.decode("ascii"))
    validate(document)
    assert [query["findings"][0]["type"] for query in document["queries"]] == ["exact_file"] * 6
