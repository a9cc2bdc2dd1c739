"""`simcheck.images.kinds`: what a file in a folder is, whatever its name says."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from archives import picture, zipped
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from simcheck.images import PICTURE_EXTENSIONS, read_picture, walk
from simcheck.images.kinds import HEAD, FileKind, Unread, kind_of

NAMES = ("x.jpg_large", "x.jpg:orig", "noending", "photo.JPG~", "x.jfif", "x.png.download", "x.bak", "x.pdf", "x.txt",
         "x.jpg?name=large", "x.clip", "画", "x.cr2", "x.zip", "x.JPG (1)")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_found_under_whatever_name(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(picture(1, kind))
    found = walk([tmp_path])
    assert [file.path.name for file in found.files] == [name]
    assert found.skipped == ()
    assert read_picture(found.files[0].path).facts.format == kind


def saved(kind: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (48, 48, 3), np.uint8)).convert(mode).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("TIFF", "RGB"), ("PPM", "RGB"), ("PPM", "L"), ("PPM", "1"), ("ICO", "RGBA"), ("SGI", "RGB"), ("JPEG2000", "RGB"),
     ("AVIF", "RGB"), ("DDS", "RGBA"), ("ICNS", "RGBA")],
)  # fmt: skip
def test_other_formats_are_known_by_their_first_bytes(kind: str, mode: str) -> None:
    assert kind_of("noending", saved(kind, mode)[:HEAD]) is FileKind.PICTURE


@pytest.mark.parametrize(
    "head", [b"BMW is a car", b"\0\0\1\0", b"\x01\xda and so on", b"P6 ways to", b"P5\nleft", b"MM"]
)
def test_what_only_begins_like_a_picture_is_none(head: bytes) -> None:
    assert kind_of("notes", head.ljust(200, b".")) is FileKind.OTHER


@pytest.mark.parametrize(
    ("name", "head", "what", "advice"),
    [
        ("a.clip", b"CSFCHUNK", "Clip Studio Paint", "export the picture as PNG"),
        ("a.procreate", b"PK\3\4", "Procreate", "export"),
        ("a.xcf", b"gimp xcf v011", "GIMP", "export"),
        ("A.SAI", b"\0\1\2", "PaintTool SAI", "export"),
        ("a.sai2", b"", "PaintTool SAI", "export"),
        ("a.mdp", b"mdipack", "MediBang", "export"),
        ("a.afphoto", b"\0\xffKA", "Affinity", "export"),
        ("a.ai", b"%PDF-1.5", "Illustrator", "export"),
        ("a.pdf", b"%PDF-1.7", "PDF", "export"),
        ("a.svg", b"<?xml version='1.0'?><!-- x --><svg", "SVG", "export"),
        ("a.svgz", b"\x1f\x8b", "SVG", "export"),
        ("a.eps", b"%!PS-Adobe", "PostScript", "export"),
        ("a.cr2", b"II*\0\x10\0\0\0CR", "camera", "develop"),
        ("a.NEF", b"MM\0*", "camera", "develop"),
        ("a.arw", b"II*\0", "camera", "develop"),
        ("a.raf", b"FUJIFILMCCD-RAW", "camera", "develop"),
        ("a.rw2", b"IIU\0", "camera", "develop"),
        ("a.cr3", b"\0\0\0\x18ftypcrx ", "camera", "develop"),
        ("a.mp4", b"\0\0\0\x18ftypmp42", "films", "save the frames"),
        ("a.MOV", b"\0\0\0\x14ftypqt  ", "films", "save the frames"),
        ("a.rar", b"Rar!\x1a\x07\0", "RAR", "unpack"),
        ("a.cbz", b"Rar!\x1a\x07\0", "RAR", "unpack"),
        ("a.cbr", b"", "RAR", "unpack"),
        ("a.clip~", b"CSFCHUNK", "Clip Studio Paint", "export"),
        # of no name that says anything
        ("noending", b"gimp xcf v011", "GIMP", "export"),
        ("noending", b"\n<svg xmlns='http://www.w3.org/2000/svg'>", "SVG", "export"),
        ("a.dat", b"\0\0\0\x18ftypisom", "films", "save the frames"),
        ("a.tmp", b"\0\0\0\x18ftypcrx ", "camera", "develop"),
    ],
)  # fmt: skip
def test_what_nobody_reads_is_named_with_what_to_do(name: str, head: bytes, what: str, advice: str) -> None:
    kind = kind_of(name, head)
    assert isinstance(kind, Unread)
    assert what in kind.what
    assert advice in kind.advice


@pytest.mark.parametrize(
    "name",
    ["a.txt", "a.json", "README.md", "a.docx", "a.html", "a.mp3", "a.xlsx", "a.py", "Makefile", "a.icc", "a.abr"],
)
def test_other_files_are_passed_over_in_silence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<html><svg>nothing to see here</svg></html>")
    zipped(tmp_path / f"sub/{name}.docx", {"word/media/image1.png": picture(1)})
    found = walk([tmp_path])
    assert (found.files, found.skipped, found.others) == ((), (), 2)


def test_pictures_of_krita_and_open_raster_are_taken(tmp_path: Path) -> None:
    for name, kind in (("a.kra", "application/x-krita"), ("b.ora", "image/openraster")):
        zipped(tmp_path / name, {"mimetype": kind.encode(), "mergedimage.png": picture(1)}, method=0)
        (tmp_path / f"{name}~").write_bytes((tmp_path / name).read_bytes())
        (tmp_path / f"noending {name[0]}").write_bytes((tmp_path / name).read_bytes())
    expected = ["a.kra", "a.kra~", "b.ora", "b.ora~", "noending a", "noending b"]
    assert [f.path.name for f in walk([tmp_path]).files] == expected
    zipped(tmp_path / "c.kra", {"maindoc.xml": b"<DOC/>", "mergedimage.png": picture(1)})
    assert [f.path.name for f in walk([tmp_path / "c.kra"]).files] == ["c.kra"]


def test_a_negative_that_is_a_tiff_is_tried(tmp_path: Path) -> None:
    (tmp_path / "a.dng").write_bytes(saved("TIFF"))
    (tmp_path / "b.dng").write_bytes(b"")
    assert [f.path.name for f in walk([tmp_path]).files] == ["a.dng", "b.dng"]


def test_a_file_with_the_ending_of_a_picture_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ending in PICTURE_EXTENSIONS:
        (tmp_path / f"a{ending}").write_bytes(b"?")

    def refuse(path: Path, count: int) -> bytes:
        raise AssertionError(path)

    monkeypatch.setattr(sys.modules["simcheck.images.walk"], "first_bytes", refuse)
    assert len(walk([tmp_path]).files) == len(PICTURE_EXTENSIONS)


@given(st.binary(max_size=600), st.sampled_from(["a", "a.zip", "a.svg", "a.txt"]))
def test_any_bytes_are_something(head: bytes, name: str) -> None:
    assert isinstance(kind_of(name, head), FileKind | Unread)
    assert isinstance(kind_of(name, head, named=True), FileKind | Unread)
