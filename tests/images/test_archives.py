"""Pictures inside Zip archives: found, read, hashed; what an archive may cost is bounded."""

from __future__ import annotations

import hashlib
import os
import struct
import time
import warnings
import zipfile
from pathlib import Path

import pytest
from archives import encrypted, picture, zipped

from simcheck.errors import PictureError, UsageError
from simcheck.images import Reader, hash_file, read_picture, walk
from simcheck.images.archives import archive_of, members
from simcheck.images.files import holds, is_there, read_bytes


def names(found_under: Path) -> list[str]:
    return [file.path.relative_to(found_under).as_posix() for file in walk([found_under]).files]


def codes(*roots: Path) -> dict[str, str]:
    return {skip.path.name: skip.code for skip in walk(roots).skipped}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ["book.cbz", "book.zip", "book.CBZ", "noending", "book.zip~"])
def test_pictures_in_an_archive_are_files_of_their_own(tmp_path: Path, method: int, name: str) -> None:
    first, second = picture(1), picture(2, "JPEG")
    pages = {"p/01.png": first, "p/02": second, "p/notes.txt": b"no", "__MACOSX/p/._01.png": b"x", ".hidden.png": first}
    zipped(tmp_path / name, pages, method)
    assert names(tmp_path) == [f"{name}/p/01.png", f"{name}/p/02"]
    found = walk([tmp_path])
    assert found.skipped == ()
    one, two = found.files
    stated = (tmp_path / name).stat()
    assert (one.size, two.size) == (len(first), len(second))
    assert {(f.mtime_ns, f.ctime_ns, f.file_id) for f in (one, two)} <= {
        (stated.st_mtime_ns, changed, stated.st_ino) for changed in (stated.st_ctime_ns, None)
    }
    assert read_bytes(one.path, 1 << 20) == first
    assert hash_file(two.path) == hashlib.sha256(second).hexdigest()
    with Reader(workers=1) as reader:
        read = reader.read(two.path)
    assert (read.facts.format, read.facts.sha256) == ("JPEG", hashlib.sha256(second).hexdigest())
    assert read.facts == read_picture(two.path).facts
    assert holds(one.path, hashlib.sha256(first).hexdigest(), len(first))
    assert holds(one.path, hashlib.sha256(second).hexdigest(), len(second)) is False
    assert holds(tmp_path / name / "p/03.png", hashlib.sha256(first).hexdigest(), len(first)) is None
    assert is_there(one.path)
    assert not is_there(tmp_path / name / "p/03.png")


def test_an_archive_can_be_named_and_so_can_a_file_or_a_folder_in_it(tmp_path: Path) -> None:
    book = zipped(tmp_path / "book.cbz", {"b/2.png": picture(1), "a/1.png": picture(2), "b/1.dat": picture(3)})
    for root, expected in (
        (book, ["a/1.png", "b/1.dat", "b/2.png"]),
        (book / "b", ["1.dat", "2.png"]),
        (book / "b" / "2.png", ["."]),
    ):
        found = walk([root])
        assert [file.path.relative_to(root).as_posix() for file in found.files] == expected
        assert {file.root for file in found.files} == {root}
    for slip in (book / "c", book / "b" / "3.png", book / "b2"):
        with pytest.raises(UsageError, match="does not exist"):
            walk([slip])
    zipped(tmp_path / "texts.zip", {"a.txt": b"a"})
    assert codes(tmp_path) == {}
    assert codes(tmp_path / "texts.zip") == {"texts.zip": "no_picture"}
    zipped(tmp_path / "texts.cbz", {"a.txt": b"a"})
    assert codes(tmp_path) == {"texts.cbz": "no_picture"}


def test_names_that_lead_elsewhere_lead_nowhere(tmp_path: Path) -> None:
    inside = {"../../up.png": picture(1), "/abs.png": picture(2), "a\\b.png": picture(3), "./c//d.png": picture(4)}
    inside |= {"new\nline.png": picture(5), "x" * 3000 + ".png": picture(6)}
    book = zipped(tmp_path / "art" / "book.zip", inside)
    found = walk([tmp_path / "art"]).files
    assert len(found) == 6
    for file in found:
        assert ".." not in file.path.parts
        assert Path(os.path.abspath(file.path)) == file.path  # noqa: PTH100 - what the index does with paths
        assert archive_of(file.path) is not None
        assert file.path.is_relative_to(book)
    assert {hash_file(file.path) for file in found} == {hashlib.sha256(data).hexdigest() for data in inside.values()}
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["book.zip"], "nothing was unpacked"


def test_two_files_of_one_name_are_two(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for seed in range(3):
            archive.writestr("p/same.png", picture(seed))
        archive.writestr("p/2 same.png", picture(3))
    found = walk([tmp_path]).files
    assert len({file.path for file in found}) == 4
    assert len({hash_file(file.path) for file in found}) == 4


def test_names_without_the_flag_are_read_as_utf8_where_they_are(tmp_path: Path) -> None:
    book = zipped(tmp_path / "a.zip", {"画.png": picture(1)})
    data = book.read_bytes().replace(struct.pack("<HH", 20, 0x800), struct.pack("<HH", 20, 0))
    book.write_bytes(data)
    assert names(tmp_path) == ["a.zip/画.png"]


def test_what_cannot_be_opened_is_listed_and_its_contents_may_still_be_there(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", {f"{n}.png": picture(n) for n in range(3)}).read_bytes()
    (tmp_path / "cut.cbz").write_bytes(whole[:-40])
    (tmp_path / "none.zip").write_bytes(b"nothing like it")
    zipped(tmp_path / "closed.zip", {"1.png": picture(1), "2.png": picture(2), "a.txt": b"t"})
    encrypted(tmp_path / "closed.zip")
    zipped(tmp_path / "lzma.zip", {"1.png": picture(1)}, zipfile.ZIP_LZMA)
    found = walk([tmp_path])
    assert {skip.path.name: skip.code for skip in found.skipped} == {
        "cut.cbz": "damaged_archive",
        "none.zip": "not_an_archive",
        "closed.zip": "encrypted",
        "lzma.zip": "no_decoder",
    }
    said = {skip.path.name: skip.reason for skip in found.skipped}
    assert "2 of the pictures" in said["closed.zip"]
    assert "password" in said["closed.zip"]
    assert all("unpack" in said[name] for name in ("closed.zip", "lzma.zip"))
    assert {path.name for path in found.unseen} == {"cut.cbz", "none.zip", "closed.zip", "lzma.zip"}
    assert len(found.files) == 3


def test_a_file_in_an_archive_that_is_damaged_costs_only_itself(tmp_path: Path) -> None:
    book = zipped(tmp_path / "a.zip", {"1.png": picture(1), "2.png": picture(2)}, zipfile.ZIP_STORED)
    data = bytearray(book.read_bytes())
    data[data.find(picture(1)) + 200] ^= 1
    book.write_bytes(bytes(data))
    with Reader(workers=1) as reader:
        first, second = (result for _, result in reader.read_all(file.path for file in walk([tmp_path]).files))
    assert isinstance(first, PictureError)
    assert first.code == "damaged"
    assert str(book / "1.png") in str(first)
    assert not isinstance(second, PictureError)


def test_archives_in_archives_and_pictures_nobody_reads_are_listed(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"1.png": picture(1)}).read_bytes()
    (tmp_path / "inner.zip").unlink()
    zipped(tmp_path / "a.zip", {"inner.zip": inner, "work.clip": b"CSFCHUNK", "1.png": picture(2)})
    assert names(tmp_path) == ["a.zip/1.png"]
    said = {skip.path.name: skip.reason for skip in walk([tmp_path]).skipped}
    assert "unpack the outer one" in said["inner.zip"]
    assert "Clip Studio" in said["work.clip"]


def with_sizes(path: Path, size: int) -> None:
    """Let every file in the archive claim to unpack to ``size`` bytes."""
    data = bytearray(path.read_bytes())
    found = data.find(b"PK\1\2")
    while found >= 0:
        struct.pack_into("<I", data, found + 24, size)
        found = data.find(b"PK\1\2", found + 4)
    path.write_bytes(bytes(data))


def test_bombs_are_not_opened(tmp_path: Path) -> None:
    zipped(tmp_path / "many.zip", {f"{n}.png": b"" for n in range(10_001)}, zipfile.ZIP_STORED)
    zipped(tmp_path / "large.zip", {f"{n}.png": b"x" for n in range(10)})
    with_sizes(tmp_path / "large.zip", 4_000_000_000)
    zipped(tmp_path / "dense.zip", {"a.bmp": bytes(300_000_000)})
    began = time.process_time()
    assert codes(tmp_path) == dict.fromkeys(("many.zip", "large.zip", "dense.zip"), "too_large_archive")
    assert time.process_time() - began < 5
    reasons = " ".join(skip.reason for skip in walk([tmp_path]).skipped)
    assert "10,001 files" in reasons
    assert "times its own size" in reasons


def test_a_file_that_unpacks_to_more_than_was_said_is_cut_off(tmp_path: Path) -> None:
    book = zipped(tmp_path / "a.zip", {"a.bmp": bytes(50_000_000)})
    with_sizes(book, 1000)
    with pytest.raises(PictureError) as caught:
        read_bytes(book / "a.bmp", 1 << 20)
    assert caught.value.code == "damaged"
    whole = zipped(tmp_path / "b.zip", {"a.bmp": bytes(50_000_000)})
    with pytest.raises(PictureError) as caught:
        read_bytes(whole / "a.bmp", 1 << 20)
    assert caught.value.code == "too_large_file"


def test_files_that_lie_upon_one_another_are_refused(tmp_path: Path) -> None:
    """One packed file that many entries point to: a small archive that unpacks without end."""
    book = zipped(tmp_path / "a.zip", {f"{n:02}.bmp": bytes(100_000) for n in range(30)}, zipfile.ZIP_STORED)
    data = bytearray(book.read_bytes())
    start = data.find(b"PK\1\2")
    listing, found = data[start:], 0
    while (found := listing.find(b"PK\1\2", found)) >= 0:
        struct.pack_into("<I", listing, found + 42, 0)
        found += 4
    end = listing.rfind(b"PK\5\6")
    one = bytes(data[:100_050])
    struct.pack_into("<I", listing, end + 16, len(one))
    book.write_bytes(one + bytes(listing))
    assert codes(tmp_path) == {"a.zip": "damaged_archive"}


def test_an_archive_is_looked_into_once_for_all_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = zipped(tmp_path / "a.zip", {f"{n}.png": picture(n) for n in range(20)})
    opened = []
    infolist = zipfile.ZipFile.infolist

    def count(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        opened.append(archive)
        return infolist(archive)

    monkeypatch.setattr(zipfile.ZipFile, "infolist", count)
    for file in walk([tmp_path]).files:
        hash_file(file.path)
    assert len(opened) == 1
    zipped(book, {"new.png": picture(99)})
    assert list(members(book)) == ["new.png"]


def test_a_path_that_went_through_a_folder_is_gone_when_that_is_a_file_now(tmp_path: Path) -> None:
    (tmp_path / "book").write_bytes(b"a file, not a folder any more")
    with pytest.raises(PictureError) as caught:
        read_bytes(tmp_path / "book" / "1.png", 1 << 20)
    assert caught.value.code == "vanished"
    assert not is_there(tmp_path / "book" / "1.png")
