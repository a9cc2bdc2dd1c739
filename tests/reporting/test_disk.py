"""Where pictures of a report are looked for: never where the report says by itself, and by their bytes alone."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from paintings import painting
from PIL import Image
from report_samples import Document, document, query

from simcheck import reporting
from simcheck.errors import ReportError, UsageError
from simcheck.images import Reader, read_picture
from simcheck.reporting.page import places as places_module
from simcheck.reporting.page.disk import _within, pictures_on_disk, report_folder
from simcheck.reporting.page.pictures import Absent
from simcheck.reporting.page.places import note_places, places_known


def painted(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(painting(seed)).save(path)
    return path


def record(file: Path, path: str) -> dict[str, Any]:
    """What a report says of a file's bytes, with any path."""
    facts = read_picture(file).facts
    return {
        "path": path, "name": Path(path).name or "x", "sha256": facts.sha256, "bytes": facts.size_bytes,
        "width": facts.width, "height": facts.height, "format": facts.format, "mode": facts.mode,
        "frames": facts.frames, "notes": [], "decoder": facts.decoder,
    }  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Any:
    with Reader(workers=1) as opened:
        yield opened


def look(
    file: dict[str, Any],
    reader: Reader,
    known: dict[str, Sequence[Path]] | None = None,
    folders: Sequence[Path] = (),
    beside: Path | None = None,
) -> Any:
    made = document(query(file))
    with pictures_on_disk(made, known or {}, folders, beside, reader=reader) as pictures:
        return pictures(file["path"], file["sha256"])


# -- what a report says of places is not followed ---------------------------------------------------------------------


FOREIGN = [
    "{there}", "../there/x.png", "a/../../there/x.png", "//server/share/x.png", "\\\\server\\share\\x.png",
    "\\\\?\\C:\\x.png", "\\\\.\\PhysicalDrive0", "C:\\there\\x.png", "C:x.png", "/dev/stdin", "/proc/kmsg",
    "file:///there/x.png", "x.png\0.jpg", "", ".", "..", "/",
]  # fmt: skip


@pytest.mark.parametrize("path", FOREIGN)
def test_no_path_of_the_report_leads_out_of_the_folders_named(
    path: str, tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = painted(tmp_path / "there" / "x.png")
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path / "pictures")
    opened: list[Path] = []
    monkeypatch.setattr("simcheck.reporting.page.disk.hash_file", lambda path: opened.append(path) or "")
    monkeypatch.setattr(reader, "read", lambda path: pytest.fail(f"{path} was decoded"))
    file = record(there, path.format(there=there))
    for folders, beside in (((), tmp_path / "pictures"), ((tmp_path / "pictures",), None)):
        assert look(file, reader, folders=folders, beside=beside) is Absent.ELSEWHERE
    assert opened == []


@pytest.mark.parametrize("path", FOREIGN[1:])
def test_candidates_stay_inside(path: str, tmp_path: Path) -> None:
    painted(tmp_path / "there" / "x.png")
    (tmp_path / "in").mkdir()
    for place in _within(tmp_path / "in", path):
        assert place.resolve().is_relative_to((tmp_path / "in").resolve())


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege elsewhere")
def test_no_link_leads_out(tmp_path: Path, reader: Reader) -> None:
    there = painted(tmp_path / "there" / "x.png")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "x.png").symlink_to(there)
    (folder / "deep").symlink_to(there.parent, target_is_directory=True)
    for path in ("x.png", "deep/x.png"):
        assert look(record(there, path), reader, folders=[folder]) is Absent.ELSEWHERE
        assert look(record(there, path), reader, beside=folder) is Absent.ELSEWHERE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_are_passed_over(tmp_path: Path, reader: Reader) -> None:
    there = painted(tmp_path / "x.png")
    folder = tmp_path / "pictures"
    folder.mkdir()
    os.mkfifo(folder / "x.png")
    assert look(record(there, "x.png"), reader, folders=[folder]) is Absent.ELSEWHERE
    assert look(record(there, "x.png"), reader, known={record(there, "x")["sha256"]: [folder / "x.png"]}) is not None


# -- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", ["sea/x.png", "C:\\Users\\x.png", "/somewhere/else/x.png", "\\\\server\\y.png"])
def test_a_folder_that_was_named_is_searched_by_bytes(stated: str, tmp_path: Path, reader: Reader) -> None:
    there = painted(tmp_path / "pictures" / "deep" / "renamed.png")
    painted(tmp_path / "pictures" / "other.png", 1)
    found = look(record(there, stated), reader, folders=[tmp_path / "pictures"])
    assert not isinstance(found, Absent)
    assert found.shape == read_picture(there).pixels.shape
    assert not isinstance(look(record(there, stated), reader, folders=[there]), Absent), "a file may be named itself"


def test_the_reports_own_folder_is_not_gone_through(tmp_path: Path, reader: Reader) -> None:
    deep = painted(tmp_path / "report" / "deep" / "x.png")
    assert look(record(deep, "y.png"), reader, beside=tmp_path / "report") is Absent.ELSEWHERE
    assert not isinstance(look(record(deep, "deep/x.png"), reader, beside=tmp_path / "report"), Absent)
    flat = painted(tmp_path / "report" / "flat.png", 1)
    assert not isinstance(look(record(flat, "moved/x.png"), reader, beside=tmp_path / "report"), Absent)


def test_bytes_are_hashed_before_they_are_decoded(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = record(painted(tmp_path / "x.png"), "x.png")
    changed = bytearray((tmp_path / "x.png").read_bytes())
    changed[-30] ^= 1
    (tmp_path / "x.png").write_bytes(changed)
    monkeypatch.setattr(reader, "read", lambda path: pytest.fail(f"{path} was decoded"))
    assert look(file, reader, known={file["sha256"]: [tmp_path / "x.png"]}) is Absent.CHANGED
    assert look(file, reader, folders=[tmp_path]) is Absent.ELSEWHERE


def test_a_file_of_another_size_is_not_even_hashed(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = record(painted(tmp_path / "x.png"), "x.png")
    with (tmp_path / "x.png").open("r+b") as hole:
        hole.truncate(1 << 42)
    monkeypatch.setattr("simcheck.reporting.page.disk.hash_file", lambda path: pytest.fail(f"{path} was hashed"))
    assert look(file, reader, known={file["sha256"]: [tmp_path / "x.png"]}) is Absent.CHANGED
    file["bytes"] = 1 << 42  # as large as it says, and larger than anything that is compared
    assert look(file, reader, known={file["sha256"]: [tmp_path / "x.png"]}) is Absent.UNREADABLE


def test_why_a_known_picture_is_not_shown(tmp_path: Path, reader: Reader) -> None:
    file = record(painted(tmp_path / "x.png"), "x.png")
    assert look(file, reader, known={file["sha256"]: [tmp_path / "gone.png"]}) is Absent.GONE
    text = tmp_path / "text.png"
    text.write_text("words")
    words = file | {"sha256": hashlib.sha256(b"words").hexdigest(), "bytes": 5}
    assert look(words, reader, known={words["sha256"]: [text]}) is Absent.UNREADABLE
    moved = shutil.copy(tmp_path / "x.png", tmp_path / "moved.png")
    places = {file["sha256"]: [tmp_path / "gone.png", Path(moved)]}
    assert not isinstance(look(file, reader, known=places), Absent)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"), pictures_on_disk(document(), {}, [tmp_path / "nowhere"]):
        pass


def test_what_is_not_shown_is_said_on_the_page_and_told(tmp_path: Path, reader: Reader) -> None:
    here, gone = record(painted(tmp_path / "x.png"), "x.png"), record(painted(tmp_path / "y.png", 1), "y.png")
    (tmp_path / "y.png").unlink()
    made = document(query(here), query(gone))
    with pictures_on_disk(made, {here["sha256"]: [tmp_path / "x.png"]}, reader=reader) as pictures:
        written = reporting.write(made, tmp_path / "report", "both", pictures)
    assert written.absent == (("y.png", Absent.ELSEWHERE),)
    page = written.html.read_text("utf-8")
    assert "in none of the folders that were looked in" in page
    assert "所查找的文件夹中没有这张图片" in page


# -- notes of places --------------------------------------------------------------------------------------------------


ID = "5f0c2f5e-8a4e-4e53-9d2e-0d6a4b7f1c33"


def alone(made: Document) -> Document:
    return made | {"index": None}


def test_places_are_noted_and_read_again(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(b"/in/caf\xe9 \xe5\xb1\xb1.png"))
    note_places(tmp_path / "notes", ID, {"ab" * 32: [odd, Path("/in/x.png")]})
    assert places_known(alone(document()), tmp_path / "notes", []) == {"ab" * 32: (odd, Path("/in/x.png"))}
    assert places_known(alone(document()) | {"id": ID.replace("5", "6")}, tmp_path / "notes", []) == {}


@pytest.mark.parametrize("note", [b"", b"[]", b'{"places": 3}', b'{"places": {"a": 3}}', b"\xff", b"[" * 100_000])
def test_a_note_that_cannot_be_read_is_none(note: bytes, tmp_path: Path) -> None:
    (tmp_path / f"{ID}.json").write_bytes(note)
    assert places_known(alone(document()), tmp_path, []) == {}


def test_old_notes_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_module, "MOST_NOTES", 3)
    for number in range(5):
        note_places(tmp_path, ID[:-1] + str(number), {})
        os.utime(tmp_path / f"{ID[:-1]}{number}.json", (number, number))
    assert sorted(note.stem[-1] for note in tmp_path.iterdir()) == ["2", "3", "4"]


# -- where a report is put --------------------------------------------------------------------------------------------


def test_another_report_is_not_replaced_unasked(tmp_path: Path) -> None:
    reporting.write(document(), tmp_path, "en", lambda *_: None)
    with pytest.raises(UsageError, match="--replace"):
        report_folder(tmp_path)
    with pytest.raises(UsageError, match="--replace"):
        report_folder(tmp_path, report_id=ID.replace("5", "6"))
    assert report_folder(tmp_path, report_id=ID) == tmp_path, "the same report is made again"
    assert report_folder(tmp_path, replace=True) == tmp_path
    (tmp_path / "report.json").unlink()
    with pytest.raises(UsageError, match=r"report\.html"):
        report_folder(tmp_path)


def test_a_new_folder_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = []
    for _ in range(3):
        made.append(report_folder(None))
        made[-1].mkdir()
    assert len(set(made)) == 3


@pytest.mark.parametrize("name", ["x" * 300, "a/" + "山" * 200, "nul\0"])
def test_a_folder_that_cannot_be_is_a_usage_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--out"):
        report_folder(tmp_path / name)


def test_a_document_that_lies_there_is_left_byte_for_byte(tmp_path: Path) -> None:
    made = document()
    written = reporting.write(made, tmp_path, "en", lambda *_: None)
    other = written.json.read_text("utf-8").replace("\n ", "\n      ")
    written.json.write_text(other, "utf-8")
    reporting.write(made, tmp_path, "zh", lambda *_: None)
    assert written.json.read_text("utf-8") == other
    reporting.write(made | {"id": ID.replace("5", "6")}, tmp_path, "zh", lambda *_: None)
    assert reporting.load(written.json)["id"] != ID


def test_a_folder_that_cannot_be_written_is_a_report_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ReportError, match="--out"):
        report_folder(tmp_path / "taken")
