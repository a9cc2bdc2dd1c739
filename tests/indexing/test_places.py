"""The path that is named for equal bytes really holds them now, or it is said that it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from archives import picture, zipped
from command import Outcome, simcheck
from paintings import painting
from PIL import Image

from simcheck.images import hash_file
from simcheck.images.files import size_of
from simcheck.indexing.places import checked
from simcheck.records import AtPath, FileFacts, Finding, FindingType, Work

QUICK = ("--signal", "phash")


def finding(*paths: Path, kind: FindingType = FindingType.EXACT_FILE) -> Finding:
    facts = FileFacts(hash_file(paths[0]), size_of(paths[0]), "PNG", "RGB", 24, 16, 1, "test")
    return Finding(1, Work(1, facts, paths), 1.0, kind, (), (), ())


def put(path: Path, seed: int) -> Path:
    path.write_bytes(picture(seed))
    return path


def test_a_path_that_holds_the_bytes_comes_first(tmp_path: Path) -> None:
    paths = tuple(put(tmp_path / f"{number}.png", 1) for number in range(3))
    found = finding(*paths)
    assert checked(found) == found
    put(paths[0], 2)
    paths[1].unlink()
    assert checked(found).work.paths == (paths[2], paths[0], paths[1])
    assert checked(found).at_path is None


@pytest.mark.parametrize("change", ["overwritten", "same size", "gone", "folder"])
def test_where_no_path_holds_them_it_says_so(tmp_path: Path, change: str) -> None:
    path = put(tmp_path / "a.png", 1)
    found = finding(path)
    path.unlink()
    if change == "overwritten":
        put(path, 2)
    elif change == "same size":
        path.write_bytes(bytes(found.work.facts.size_bytes))
    elif change == "folder":
        path.mkdir()
    result = checked(found)
    assert result.at_path is (AtPath.GONE if change == "gone" else AtPath.CHANGED)
    assert (result.type, result.work) == (found.type, found.work)


def test_a_page_of_an_archive_is_looked_at_there(tmp_path: Path) -> None:
    book = zipped(tmp_path / "a.cbz", {"1.png": picture(1)})
    found = finding(book / "1.png")
    assert checked(found) == found
    zipped(book, {"1.png": picture(2)})
    assert checked(found).at_path is AtPath.CHANGED
    zipped(book, {"2.png": picture(1)})
    assert checked(found).at_path is AtPath.GONE


def test_other_findings_are_not_looked_at(tmp_path: Path) -> None:
    found = finding(put(tmp_path / "a.png", 1), kind=FindingType.RE_ENCODED)
    found.work.paths[0].unlink()
    assert checked(found) == found


def test_terminal_and_report_say_so(tmp_path: Path) -> None:
    art, index, suspect = tmp_path / "art", tmp_path / "index", tmp_path / "suspect.png"
    art.mkdir()
    for seed in (0, 1):
        Image.fromarray(painting(seed)).save(art / f"{seed}.png")
    shutil.copy(art / "0.png", suspect)
    simcheck("index", art, "--index", index, *QUICK)

    def compared(name: str, *more: str) -> Outcome:
        done = simcheck("compare", suspect, "--index", index, "--out", tmp_path / name, *QUICK, *more)
        assert done.code == 0, done.err
        return done

    def page(name: str) -> str:
        return (tmp_path / name / "report.html").read_text(encoding="utf-8")

    assert "has changed" not in compared("first").out
    shutil.copy(art / "1.png", art / "0.png")
    said = "The file at this place has changed since it was indexed"
    assert said in compared("second", "--lang", "both").out
    assert said in page("second")
    assert "该位置的文件在建立索引后已被改动" in page("second")
    (art / "0.png").unlink()
    assert "The file is no longer at this place" in compared("third").out
    assert "The file is no longer at this place" in page("third")
    (again,) = simcheck("compare", suspect, "--index", index, "--json", *QUICK).json["queries"]
    assert (again["findings"][0]["type"], again["findings"][0]["at_path"]) == ("exact_file", "gone")


def test_a_report_shows_pictures_inside_an_archive(tmp_path: Path) -> None:
    art, index = tmp_path / "art", tmp_path / "index"
    Image.fromarray(painting(0)).save(tmp_path / "page.png")
    data = (tmp_path / "page.png").read_bytes()
    zipped(art / "book.cbz", {"p/1.png": data})
    suspects = zipped(tmp_path / "suspects.zip", {"s.png": data})
    simcheck("index", art, "--index", index, *QUICK)
    done = simcheck("compare", suspects, "--index", index, "--out", tmp_path / "report", *QUICK)
    assert done.code == 0, done.err
    html = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") >= 1
    assert "Not shown" not in html
    # somebody else, who has the archive but not this computer's notes
    (art / "book.cbz").rename(tmp_path / "sent.cbz")
    shutil.rmtree(index)
    sent = tmp_path / "sent"
    sent.mkdir()
    shutil.move(tmp_path / "sent.cbz", sent / "book.cbz")
    shutil.move(suspects, sent / "suspects.zip")
    again = simcheck("report", tmp_path / "report", "--pictures", sent)
    assert again.code == 0, again.err
    assert "Not shown" not in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
