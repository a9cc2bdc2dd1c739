"""``simcheck report``, and what reports of this computer and of others show and say."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command import simcheck
from paintings import painting
from PIL import Image

QUICK = ("--signal", "phash")


@dataclass(frozen=True)
class Studio:
    folder: Path
    art: Path
    suspect: Path
    index: Path
    report: Path


def studio_in(tmp_path: Path) -> Studio:
    art, suspect = tmp_path / "my art", tmp_path / "in box" / "suspect.png"
    (art / "sea").mkdir(parents=True)
    suspect.parent.mkdir()
    for seed in range(2):
        Image.fromarray(painting(seed)).save(art / "sea" / f"{seed}.png")
    Image.fromarray(painting(0)[:, ::-1]).save(suspect)
    assert simcheck("index", art, "--index", tmp_path / "idx", *QUICK).code == 0
    options = ("--index", tmp_path / "idx", "--out", tmp_path / "report", *QUICK)
    assert simcheck("compare", suspect.parent, *options).code == 0
    return Studio(tmp_path, art, suspect, tmp_path / "idx", tmp_path / "report")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Nothing in it is changed; what may be is `moving`."""
    return studio_in(tmp_path_factory.mktemp("reports"))


@pytest.fixture
def moving(tmp_path: Path) -> Studio:
    return studio_in(tmp_path)


def shown(folder: Path) -> int:
    return (folder / "report.html").read_text("utf-8").count("<symbol id=")


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return document


def test_neither_report_nor_page_names_a_folder_of_the_person(studio: Studio) -> None:
    document = read(studio.report)
    assert document["queries"][0]["query"]["path"] == "suspect.png"
    assert {f["reference"]["path"] for f in document["queries"][0]["findings"]} == {"sea/0.png", "sea/1.png"}
    assert (document["index"]["path"], document["index"]["roots"]) == (None, ["my art"])
    assert document["command"][:3] == ["simcheck", "compare", "in box"]
    for file in studio.report.iterdir():
        assert str(studio.folder) not in file.read_text("utf-8"), file.name
        assert str(Path.home()) + os.sep not in file.read_text("utf-8"), file.name
    printed = simcheck("compare", studio.suspect, "--index", studio.index, "--json", *QUICK)
    assert str(studio.folder) not in printed.out
    pair = simcheck("compare", studio.suspect, "--with", studio.art, "--json", *QUICK)
    assert str(studio.folder) not in pair.out
    assert {f["reference"]["path"] for f in pair.json["queries"][0]["findings"]} == {
        "my art/sea/0.png",
        "my art/sea/1.png",
    }


def test_ones_own_copy_may_name_them(studio: Studio, tmp_path: Path) -> None:
    out = tmp_path / "own"
    options = ("--index", studio.index, "--out", out, *QUICK)
    assert simcheck("compare", studio.suspect, *options, "--full-paths").code == 0
    document = read(out)
    assert document["queries"][0]["query"]["path"] == str(studio.suspect)
    assert document["index"]["path"] == str(studio.index)
    assert shown(out) == shown(studio.report)


def test_a_report_of_this_computer_finds_its_pictures(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (studio.report / "report.json").read_bytes()
    monkeypatch.chdir("/")
    again = simcheck("report", studio.report, "--lang", "zh")
    assert (again.code, again.err) == (0, "")
    assert 'lang="zh-Hans"' in (studio.report / "report.html").read_text("utf-8")
    assert shown(studio.report) >= 3
    assert (studio.report / "report.json").read_bytes() == before, "the document is evidence: it stays as it was"


def test_a_report_from_elsewhere_shows_what_a_named_folder_holds(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another computer"))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.copy(studio.report / "report.json", theirs)
    alone = simcheck("report", theirs)
    assert alone.code == 0
    assert "Not shown in the report: 3 pictures\n" in alone.err
    assert "3 in none of the folders that were looked in: suspect.png, 0.png, 1.png" in alone.err
    assert "--pictures FOLDER" in alone.err
    assert shown(theirs) == 0
    shutil.copytree(studio.art / "sea", tmp_path / "given")
    (tmp_path / "given" / "0.png").rename(tmp_path / "given" / "renamed")
    some = simcheck("report", theirs, "--pictures", tmp_path / "given", "--pictures", studio.suspect)
    assert (some.code, some.err) == (0, "")
    assert shown(theirs) == shown(studio.report)


def test_a_report_of_full_paths_from_elsewhere_is_not_followed(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says of roots and paths: they are the other's words."""
    options = ("--index", studio.index, "--out", tmp_path / "own", *QUICK)
    simcheck("compare", studio.suspect, *options, "--full-paths")
    document = read(tmp_path / "own")
    document["schema"] = "simcheck.report/1"
    document["index"]["roots"] = ["/", str(studio.folder)]
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "report.json").write_text(json.dumps(document), "utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another computer"))
    hashed: list[str] = []
    monkeypatch.setattr("simcheck.reporting.page.disk.hash_file", lambda path: hashed.append(str(path)) or "")
    done = simcheck("report", tmp_path / "foreign")
    assert done.code == 0
    assert "Not shown in the report: 3 pictures" in done.err
    assert hashed == []


def test_works_that_moved_are_said_and_found_again_by_their_index(
    moving: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMCHECK_INDEX", str(moving.index))
    (moving.art / "sea").rename(moving.art / "ocean")
    gone = simcheck("compare", moving.suspect, "--out", moving.folder / "later", *QUICK)
    assert gone.code == 0
    assert "Not shown in the report: 2 pictures\n  2 no longer where they were: 0.png, 1.png\n" in gone.err
    assert "the file is gone" in (moving.folder / "later" / "report.html").read_text("utf-8")
    assert simcheck("index", moving.art, *QUICK).code == 0
    found = simcheck("report", moving.folder / "later")
    assert (found.code, found.err) == (0, "")


def test_a_suspect_that_changed_is_said(moving: Studio) -> None:
    data = bytearray(moving.suspect.read_bytes())
    data[-40] ^= 1
    moving.suspect.write_bytes(data)
    done = simcheck("report", moving.report, "--quiet")
    assert (done.code, done.out) == (0, "")
    assert "1 with other bytes than at the comparison: suspect.png" in done.err


def test_no_report_is_replaced_unasked(studio: Studio, tmp_path: Path) -> None:
    out = Path(shutil.copytree(studio.report, tmp_path / "out"))
    first = read(out)["id"]
    options = ("compare", studio.art / "sea" / "1.png", "--index", studio.index, "--out", out, *QUICK)
    refused = simcheck(*options)
    assert (refused.code, refused.out) == (2, "")
    assert "--replace" in refused.err
    assert "--out" in refused.err
    assert read(out)["id"] == first
    assert simcheck(*options, "--replace").code == 0
    second = read(out)["id"]
    assert second != first
    other = Path(shutil.copytree(studio.report, tmp_path / "other"))
    assert simcheck("report", out, "--out", other).code == 2
    assert simcheck("report", out, "--out", other, "--replace").code == 0
    assert read(other)["id"] == second
    assert simcheck("report", out, "--out", other).code == 0, "the same report is made again"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "holds no report.json"),
        ("words", "is not a report"),
        ("[1, 2]", "not a simcheck report"),
        ('{"schema": "simcheck.report/2"}', "not a valid simcheck report"),
        ('{"schema": "simcheck.report/3"}', "Update simcheck"),
        ("[" * 100_000, "is not a report"),
    ],
    ids=["none", "words", "list", "empty", "later", "deep"],
)
def test_what_is_no_report_is_told(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content)
    for named in (tmp_path, tmp_path / "report.json"):
        done = simcheck("report", named)
        assert (done.code, done.out) == (9, "")
        assert said in done.err or (content is None and "cannot be read" in done.err)
        assert "Traceback" not in done.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_where_nothing_can_be_noted_it_is_said(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    monkeypatch.setenv("XDG_DATA_HOME", str(locked))
    done = simcheck("compare", studio.suspect, "--index", studio.index, "--out", tmp_path / "new", *QUICK)
    assert done.code == 0
    assert "--pictures" in done.err


def test_a_data_folder_that_is_a_file_is_said_too(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    done = simcheck("compare", studio.suspect, "--index", studio.index, "--out", tmp_path / "new", *QUICK)
    assert done.code == 0
    assert "could not be noted" in done.err
    assert shown(tmp_path / "new") >= 3
