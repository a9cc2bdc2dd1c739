"""Files that lost a part: none is taken for whole, and whole ones are, whatever they lack beside the pixels."""

from __future__ import annotations

import io
import random
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handmade import png, png_of
from paintings import painting
from PIL import Image, ImageFile

from simcheck.errors import PictureError
from simcheck.images import read_picture
from simcheck.images.formats import jpeg

ART = Image.fromarray(painting(3, (320, 240)))
END = b"\xff\xd9"
JPEGS: dict[str, dict[str, Any]] = {
    "baseline": {"quality": 90},
    "optimised": {"quality": 85, "optimize": True},
    "progressive": {"quality": 90, "progressive": True},
    "restarts": {"quality": 90, "restart_marker_rows": 1},
    "coarse": {"quality": 30},
    "grey": {"quality": 90},
    "cmyk": {"quality": 90},
    "full colour": {"quality": 96, "subsampling": 0},
}


def encoded(kind: str, image: Image.Image = ART, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg_of(name: str) -> bytes:
    image = {"grey": ART.convert("L"), "cmyk": ART.convert("CMYK")}.get(name, ART)
    return encoded("JPEG", image, **JPEGS[name])


def verdict(folder: Path, data: bytes) -> str:
    """``read``, or the code of the refusal, which names the file and says what to do."""
    path = folder / "art"
    path.write_bytes(data)
    try:
        read_picture(path)
    except PictureError as error:
        assert str(error).startswith(str(path)) and "again" in str(error)
        return error.code
    return "read"


def scan_starts(data: bytes) -> list[int]:
    return [found.start() for found in re.finditer(rb"\xff\xda", data)]


@pytest.mark.parametrize("name", JPEGS)
def test_a_whole_jpeg_is_read_without_a_word(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_of(name) + b"trailing rubbish" * 100)
    notes = set(read_picture(path).facts.notes)
    assert notes <= {"cmyk_without_profile"}


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_that_lacks_only_its_end_mark_is_read_as_it_is(tmp_path: Path, name: str, lost: int) -> None:
    whole, cut = tmp_path / "whole.jpg", tmp_path / "cut.jpg"
    whole.write_bytes(jpeg_of(name))
    cut.write_bytes(jpeg_of(name)[:-lost])
    picture = read_picture(cut)
    assert np.array_equal(picture.pixels, read_picture(whole).pixels)
    assert "jpeg_no_end_mark" in picture.facts.notes


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_jpeg_that_lost_its_end_is_refused_with_and_without_an_end_mark(
    tmp_path: Path, name: str, share: float
) -> None:
    data = jpeg_of(name)
    begin = scan_starts(data)[0] + 20
    at = begin + int(share * (len(data) - begin))
    assert verdict(tmp_path, data[:at]) == "truncated"
    assert verdict(tmp_path, data[:at].rstrip(b"\xff") + END) == "damaged"
    early = data[:at].rstrip(b"\xff") + END + data[at:]
    assert verdict(tmp_path, early) == "damaged", "an end mark in the middle"
    assert verdict(tmp_path, data[:at] + bytes(len(data) - at)) in ("truncated", "damaged"), "preallocated, not filled"
    assert verdict(tmp_path, data[:at] + bytes(len(data) - at - 2) + END) == "damaged"


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_with_a_hole_or_a_cut_in_its_data_is_refused(tmp_path: Path, name: str) -> None:
    data = jpeg_of(name)
    for share in (0.3, 0.6):
        at = int(share * len(data))
        assert verdict(tmp_path, data[:at] + bytes(400) + data[at + 400 :]) == "damaged"
    at = len(data) // 2
    assert verdict(tmp_path, data[:at] + data[at + len(data) // 8 :]) in ("truncated", "damaged")


@pytest.mark.parametrize("kept", [1, 3, 5])
def test_a_progressive_jpeg_without_all_its_passes_is_refused(tmp_path: Path, kept: int) -> None:
    data = jpeg_of("progressive")
    starts = scan_starts(data)
    assert len(starts) > kept
    tables = data.rfind(b"\xff\xc4", 0, starts[kept])  # cut where a pass ends, before the next one's tables
    between = starts[kept] if tables < starts[kept - 1] else tables
    assert verdict(tmp_path, data[:between] + END) == "damaged"


def test_a_jpeg_without_one_of_its_restart_intervals_is_refused(tmp_path: Path) -> None:
    data = jpeg_of("restarts")
    marks = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", data)]
    assert verdict(tmp_path, data[: marks[3]] + data[marks[4] :]) == "damaged"


def test_a_jpeg_whose_colours_become_impossible_is_refused() -> None:
    """A block's mean is told by its difference from the last one's: after a gap it soon is lighter than white."""
    data = encoded("JPEG", Image.new("L", (64, 64), 250), quality=75)
    begin = data.index(b"\xff\xda") + 10
    # Four blocks, each 45 steps of 16 / 8 levels lighter than the last: standard table, category 6, then end of block.
    bits = ("1110" + f"{45:06b}" + "1010") * 4 + ("00" + "1010") * 60
    bits += "1" * (-len(bits) % 8)
    body = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    with pytest.raises(PictureError, match="impossible"):
        jpeg.checked_jpeg(data[:begin] + body + END, [])


def test_white_and_black_and_noise_are_possible() -> None:
    noise = np.random.default_rng(1).integers(0, 2, (80, 80, 3), np.uint8) * 255
    for image in (Image.new("RGB", (80, 80), "white"), Image.new("RGB", (80, 80)), Image.fromarray(noise)):
        for quality in (5, 30, 75, 95, 100):
            for more in ({}, {"optimize": True}, {"progressive": True}):
                data = encoded("JPEG", image, quality=quality, **more)
                notes: list[str] = []
                assert jpeg.checked_jpeg(data, notes) is data and notes == []


def test_an_odd_header_costs_no_picture(tmp_path: Path) -> None:
    data = jpeg_of("baseline")
    thumbnail = encoded("JPEG", ART.resize((32, 24)))
    application = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 8) + b"Exif\0\0" + thumbnail
    for odd in (application, b"\xff\xff\xff", application[:2] + b"\0\x40" + bytes(range(62))):
        assert verdict(tmp_path, data[:2] + odd + data[2:]) == "read"


def test_without_the_strict_decoder_a_jpeg_is_read_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "simplejpeg", None)
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_of("baseline"))
    assert read_picture(path).facts.notes == ("jpeg_unchecked",)


def test_random_damage_never_raises_anything_else() -> None:
    chance = random.Random(4)  # noqa: S311
    for name in ("baseline", "progressive"):
        data = jpeg_of(name)
        for _ in range(60):
            damaged = bytearray(data)
            for _ in range(8):
                damaged[chance.randrange(len(data))] = chance.randrange(256)
            try:
                jpeg.checked_jpeg(bytes(damaged), [])
            except PictureError as error:
                assert error.code in ("truncated", "damaged")


# --- other formats -------------------------------------------------------------------------------------------------


def test_a_png_whose_data_end_early_is_refused(tmp_path: Path) -> None:
    values = np.asarray(ART)
    whole = b"".join(b"\0" + row.tobytes() for row in values)
    for interlaced, rows in ((0, whole[: len(whole) // 2]), (1, bytes(len(whole) // 3))):
        header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 8, 2, 0, 0, interlaced)
        assert verdict(tmp_path, png_of(header, (b"IDAT", zlib.compress(rows)))) == "truncated"


def test_a_png_that_is_black_or_clear_at_its_foot_is_read(tmp_path: Path) -> None:
    values = np.asarray(ART).copy()
    values[100:] = 0
    assert verdict(tmp_path, png(values)) == "read"
    assert verdict(tmp_path, encoded("PNG", Image.new("P", (40, 30)))) == "read"


def test_a_png_that_does_not_agree_with_its_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(png(np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8)))
    data[-20] ^= 1  # in the checksums at the end of the data
    assert verdict(tmp_path, bytes(data)) == "damaged"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("WEBP", {"quality": 90}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 90}),
        ("QOI", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", {"compression": "jpeg"}),
        ("PNG", {}),
        ("GIF", {}),
        ("ICO", {}),
    ],
)
def test_a_compressed_picture_with_a_hole_or_without_its_end_is_refused(
    tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 256, (120, 160, 3), np.uint8))
    data = encoded(kind, noise.quantize(64) if kind == "GIF" else noise, **options)
    assert verdict(tmp_path, data) == "read"
    half = len(data) // 2
    assert verdict(tmp_path, data[:half]) != "read"
    assert verdict(tmp_path, data[:half] + bytes(len(data) - half)) != "read"
    assert verdict(tmp_path, data[:half] + bytes(1200) + data[half + 1200 :]) != "read"


def test_a_heic_with_a_hole_is_refused(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    pillow_heif.from_pillow(ART).save(out, quality=90)
    data = out.getvalue()
    assert verdict(tmp_path, data) == "read"
    half = len(data) // 2
    assert verdict(tmp_path, data[:half] + bytes(100) + data[half + 100 :]) == "damaged"


def test_flat_pictures_have_no_holes(tmp_path: Path) -> None:
    """Long runs of one colour compress to next to nothing, and to no long run of zero bytes."""
    flat = Image.new("RGB", (1600, 1600), "white")
    flat.paste("black", (700, 700, 800, 800))
    for kind, options in (("WEBP", {}), ("WEBP", {"lossless": True}), ("AVIF", {}), ("JPEG", {"optimize": True})):
        assert verdict(tmp_path, encoded(kind, flat, **options)) == "read"


def test_pillow_is_kept_strict_whatever_was_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = encoded("PNG", Image.fromarray(np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8)))
    assert verdict(tmp_path, data[: len(data) // 2]) == "truncated"
    assert ImageFile.LOAD_TRUNCATED_IMAGES
