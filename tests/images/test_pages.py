"""Files with more than one picture: the page, the frame and the merged picture that a person means."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import pytest
from handmade import png_of, psd, psd_resource, tiff
from paintings import painting
from PIL import ExifTags, Image

from simcheck.errors import PictureError
from simcheck.images import Limits, read_picture
from simcheck.images.decode import decode
from simcheck.records import Picture, Pixels

ART, OTHER = painting(13, (240, 180)), painting(14, (240, 180))
SMALL = np.asarray(Image.fromarray(ART).resize((48, 36)))
REDUCED, FULL, MASK, OLD_REDUCED, CFA = (254, 4, 1), (254, 4, 0), (254, 4, 4), (255, 3, 2), (262, 3, 32803)


def read(folder: Path, data: bytes, name: str = "art") -> Picture:
    path = folder / name
    path.write_bytes(data)
    return read_picture(path)


def refusal(folder: Path, data: bytes, limits: Limits = Limits()) -> PictureError:  # noqa: B008 - frozen
    (folder / "art").write_bytes(data)
    with pytest.raises(PictureError) as caught:
        read_picture(folder / "art", limits)
    return caught.value


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def near(pixels: Pixels, expected: Pixels = ART) -> bool:
    return pixels.shape == expected.shape and float(np.abs(pixels.astype(int) - expected).mean()) < 6


# --- TIFF ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "note", "frames"),
    [
        (tiff([(SMALL, [REDUCED]), (ART, [FULL])]), "page:2/2", 2),
        (tiff([(SMALL, [REDUCED]), (ART, [])]), "page:2/2", 2),
        (tiff([(SMALL, [OLD_REDUCED]), (ART, [])]), "page:2/2", 2),
        (tiff([(SMALL, []), (ART, [])]), "page:2/2", 2),
        (tiff([(SMALL, [REDUCED]), (SMALL, [REDUCED]), (ART, [FULL]), (OTHER, [FULL])]), "page:3/4", 4),
        (tiff([(SMALL, [REDUCED])], below=[(ART, [FULL])]), "page:1.1/1", 1),
        (tiff([(SMALL, [REDUCED])], below=[(SMALL, [REDUCED]), (ART, [FULL]), (OTHER, [MASK])]), "page:1.2/1", 1),
        (tiff([(ART, [FULL])], below=[(SMALL, [REDUCED])]), None, 1),
        (tiff([(ART, [FULL]), (SMALL, [REDUCED])]), "first_frame_of:2", 2),
        (tiff([(ART, []), (OTHER, []), (OTHER, [])]), "first_frame_of:3", 3),
        (tiff([(ART, []), (np.vstack([OTHER, OTHER]), [])]), "first_frame_of:2", 2),
        (tiff([(OTHER, [MASK]), (ART, [FULL])]), "page:2/2", 2),
    ],
)
def test_the_page_that_is_the_picture(tmp_path: Path, data: bytes, note: str | None, frames: int) -> None:
    picture = read(tmp_path, data)
    assert np.array_equal(picture.pixels, ART)
    assert (picture.facts.width, picture.facts.height, picture.facts.frames) == (240, 180, frames)
    assert picture.facts.notes == ((note,) if note else ())


def test_bigtiff_and_the_other_byte_order(tmp_path: Path) -> None:
    small, art = Image.fromarray(SMALL), Image.fromarray(ART)
    for options in ({"big_tiff": True}, {"compression": "tiff_lzw"}):
        data = encoded(small, "TIFF", save_all=True, append_images=[art], tiffinfo={254: 1}, **options)
        picture = read(tmp_path, data)
        assert picture.facts.width == 240 or "first_frame_of:2" in picture.facts.notes
    values = struct.pack(">2sHI", b"MM", 42, 8)
    tags = [(254, 4, 1), (256, 4, 2), (257, 4, 1), (258, 3, 8 << 16), (259, 3, 1 << 16), (262, 3, 1 << 16)]
    first, second = 8, 8 + 2 + 12 * 9 + 4
    for place, width, pixels in ((first, 2, 300), (second, 6, 310)):
        entries = [*tags, (273, 4, pixels), (278, 4, 1), (279, 4, width)]
        entries[0:2] = [(254, 4, int(place == first)), (256, 4, width)]
        values += struct.pack(">H", 9) + b"".join(struct.pack(">HHII", n, kind, 1, v) for n, kind, v in entries)
        values += struct.pack(">I", second if place == first else 0)
    picture = read(tmp_path, values.ljust(300, b"\0") + bytes(range(100, 116)))
    assert picture.pixels[0, :, 0].tolist() == [110, 111, 112, 113, 114, 115]


def test_a_page_below_another_is_turned_as_that_one_says(tmp_path: Path) -> None:
    turned = np.rot90(ART)  # as a camera held upright stores it under orientation 6
    picture = read(tmp_path, tiff([(np.rot90(SMALL), [REDUCED, (274, 3, 6)])], below=[(turned, [FULL])]))
    assert np.array_equal(picture.pixels, ART)
    assert (picture.facts.width, picture.facts.height) == (240, 180)
    assert "oriented:6" in picture.facts.notes


def test_a_raw_photograph_gives_its_large_preview_or_a_reason(tmp_path: Path) -> None:
    preview = painting(15, (600, 450))
    raw = (np.zeros((900, 1200, 3), np.uint8), [FULL, CFA])
    picture = read(tmp_path, tiff([(SMALL, [REDUCED])], below=[raw, (preview, [REDUCED])]))
    assert np.array_equal(picture.pixels, preview)
    assert picture.facts.notes == ("raw_preview:600 x 450",)
    error = refusal(tmp_path, tiff([(SMALL, [REDUCED])], below=[raw]))
    assert error.code == "no_decoder" and "raw photograph" in str(error) and "export" in str(error)


def test_loops_and_rubbish_in_the_directories_end(tmp_path: Path) -> None:
    data = bytearray(tiff([(ART, []), (SMALL, [])]))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    for following in (first, len(data) - 1, 2**32 - 1):
        struct.pack_into("<I", data, first + 2 + 12 * count, following)
        assert np.array_equal(read(tmp_path, bytes(data)).pixels, ART)


def test_20_000_tags_make_a_few_notes(tmp_path: Path) -> None:
    data = bytearray(tiff([(SMALL, [])]))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    entries = bytes(data[first + 2 : first + 2 + 12 * count])
    odd = b"".join(struct.pack("<HHII", 5000 + number, 2, 4_000_000, 8) for number in range(20_000 - count))
    struct.pack_into("<I", data, 4, len(data))
    data += struct.pack("<H", 20_000) + entries + odd + bytes(4)
    began = time.process_time()
    picture = read(tmp_path, bytes(data))
    assert np.array_equal(picture.pixels, SMALL)
    assert sum(map(len, picture.facts.notes)) < 1000 and len(picture.facts.notes) <= 25
    assert time.process_time() - began < 10


def test_notes_are_bounded_whatever_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def talkative(*arguments: Any) -> Any:
        decoded = decode(*arguments)
        decoded.notes += [f"decoder_warned:{number} {'x' * 500}" for number in range(100)]
        return decoded

    monkeypatch.setattr("simcheck.images.read.decode", talkative)
    notes = read(tmp_path, encoded(Image.fromarray(SMALL), "PNG")).facts.notes
    assert len(notes) == 25 and max(map(len, notes)) <= 120 and notes[-1] == "notes_left_out:76"


# --- animations ----------------------------------------------------------------------------------------------------

BLACK, WHITE = Image.new("RGB", (240, 180)), Image.new("RGB", (240, 180), "white")
ANIMATED: dict[str, dict[str, Any]] = {
    "GIF": {},
    "WEBP": {"quality": 90},
    "PNG": {},
    "AVIF": {"quality": 95},
}


@pytest.mark.parametrize("kind", ANIMATED)
@pytest.mark.parametrize("blank", [BLACK, WHITE, Image.new("RGBA", (240, 180))], ids=["black", "white", "clear"])
def test_a_blank_first_frame_gives_way_to_the_first_that_shows_something(
    tmp_path: Path, kind: str, blank: Image.Image
) -> None:
    art, other = (Image.fromarray(values).convert(blank.mode) for values in (ART, OTHER))
    data = encoded(
        blank, kind, save_all=True, append_images=[blank, art, other], duration=[100, 90, 80, 70], **ANIMATED[kind]
    )
    picture = read(tmp_path, data)
    assert near(picture.pixels)
    number = picture.facts.frames - 1  # some writers make one frame of two that are equal
    assert f"frame:{number}/{picture.facts.frames}" in picture.facts.notes


@pytest.mark.parametrize("kind", ANIMATED)
def test_a_first_frame_that_shows_something_stays(tmp_path: Path, kind: str) -> None:
    frames = [Image.fromarray(OTHER), WHITE, BLACK]
    picture = read(tmp_path, encoded(Image.fromarray(ART), kind, save_all=True, append_images=frames, **ANIMATED[kind]))
    assert near(picture.pixels) and "first_frame_of:4" in picture.facts.notes


@pytest.mark.parametrize("default", [WHITE, Image.fromarray(ART)], ids=["blank", "art"])
def test_an_apng_with_a_default_image_of_its_own(tmp_path: Path, default: Image.Image) -> None:
    frames = [Image.fromarray(ART), Image.fromarray(OTHER)]
    data = encoded(default, "PNG", save_all=True, append_images=frames, default_image=True, duration=300)
    assert np.array_equal(read(tmp_path, data).pixels, ART)


def test_a_fade_in_is_taken_where_it_is_clear(tmp_path: Path) -> None:
    faded = [Image.fromarray((ART * share).astype(np.uint8)) for share in (0.0, 0.05, 0.1, 0.6, 1.0)]
    picture = read(tmp_path, encoded(faded[0], "PNG", save_all=True, append_images=faded[1:]))
    assert np.array_equal(picture.pixels, np.asarray(faded[3]))


def test_when_no_frame_shows_anything_the_first_is_it(tmp_path: Path) -> None:
    shades = [Image.new("L", (60, 60), shade) for shade in (10, 20, 30)]
    picture = read(tmp_path, encoded(shades[0], "PNG", save_all=True, append_images=shades[1:]))
    assert (picture.pixels == 10).all()
    assert {"first_frame_of:3", "frames_blank"} <= set(picture.facts.notes)


def test_white_ink_in_a_frame_shows_something(tmp_path: Path) -> None:
    ink = Image.fromarray(np.dstack([np.full((180, 240, 3), 255, np.uint8), 255 - ART[..., 0]]))
    data = encoded(ink, "PNG", save_all=True, append_images=[Image.fromarray(ART).convert("RGBA")])
    assert "first_frame_of:2" in read(tmp_path, data).facts.notes


def test_the_search_ends_at_a_damaged_frame_and_after_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Image.new("L", (40, 40), 20 * number) for number in range(12)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=[*frames[1:], Image.fromarray(ART).resize((40, 40))])
    assert any(note.startswith("frame:13/") for note in read(tmp_path, data).facts.notes)
    monkeypatch.setattr("simcheck.images.frames._MOST_PIXELS", 5 * 1600)
    assert "frames_blank" in read(tmp_path, data).facts.notes
    monkeypatch.undo()
    broken = encoded(BLACK, "WEBP", save_all=True, append_images=[Image.fromarray(ART), Image.fromarray(OTHER)])
    at = broken.index(b"ANMF", broken.index(b"ANMF") + 4)
    broken = broken[: at + 60] + bytes(range(200)) + broken[at + 260 :]
    assert read(tmp_path, broken).pixels.max() < 256  # read, by whichever frame is left


# --- orientation ---------------------------------------------------------------------------------------------------

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("with_exif", [False, True])
def test_an_orientation_in_xmp_alone_is_not_obeyed(tmp_path: Path, kind: str, with_exif: bool) -> None:
    options: dict[str, Any] = {"xmp": XMP.encode(), "quality": 95} if kind != "PNG" else {}
    if kind == "PNG":
        from PIL import PngImagePlugin

        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP)
    if kind == "TIFF":
        options = {"tiffinfo": {700: XMP.encode()}}
    if with_exif:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 3
        options["exif"] = exif
        options.pop("tiffinfo", None)
    picture = read(tmp_path, encoded(Image.fromarray(ART), kind, **options))
    assert near(picture.pixels, np.rot90(ART, 2) if with_exif else ART)
    assert ("oriented:3" in picture.facts.notes) == with_exif
    assert "oriented:6" not in picture.facts.notes


# --- documents -----------------------------------------------------------------------------------------------------


def document(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


MERGED = ("mergedimage.png", encoded(Image.fromarray(ART), "PNG"))
KRITA = (("mimetype", b"application/x-krita"), ("maindoc.xml", b"<DOC/>"), ("documentinfo.xml", b"<i/>"))
OPEN_RASTER = (("mimetype", b"image/openraster"), ("stack.xml", b"<image/>"))


@pytest.mark.parametrize(
    ("entries", "program"),
    [(KRITA, "Krita"), (KRITA[1:], "Krita"), (OPEN_RASTER, "OpenRaster"), (OPEN_RASTER[1:], "OpenRaster")],
)
def test_the_merged_picture_in_krita_and_openraster(
    tmp_path: Path, entries: tuple[tuple[str, bytes], ...], program: str
) -> None:
    data = document(*entries, ("preview.png", encoded(Image.fromarray(SMALL), "PNG")), MERGED)
    picture = read(tmp_path, data)
    assert np.array_equal(picture.pixels, ART)
    assert picture.facts.format == program and picture.facts.size_bytes == len(data)
    assert picture.facts.notes == (f"merged_picture_of:{program}",)
    assert picture.facts.decoder.startswith(f"Pillow {PIL.__version__} (PNG);")


def test_white_ink_in_a_document_is_shown_on_black(tmp_path: Path) -> None:
    ink = np.dstack([np.full((180, 240, 3), 255, np.uint8), np.where(ART[..., :1] > 128, 255, 0).astype(np.uint8)])
    data = document(*OPEN_RASTER, ("mergedimage.png", encoded(Image.fromarray(ink), "PNG")))
    assert "alpha_on_black" in read(tmp_path, data).facts.notes


def test_documents_without_a_merged_picture_say_what_to_do(tmp_path: Path) -> None:
    error = refusal(tmp_path, document(*KRITA, ("preview.png", MERGED[1])))
    assert error.code == "no_decoder" and "Krita" in str(error) and "save it again" in str(error)


def test_other_archives_are_not_read(tmp_path: Path) -> None:
    for data in (document(("a.png", MERGED[1])), document(("mimetype", b"application/epub+zip"), MERGED), document()):
        error = refusal(tmp_path, data)
        assert error.code in ("no_decoder", "not_a_picture")


def test_a_damaged_or_hostile_document_is_refused(tmp_path: Path) -> None:
    data = document(*OPEN_RASTER, MERGED)
    assert refusal(tmp_path, data[: len(data) // 2]).code in ("damaged", "no_decoder", "not_a_picture")
    at = data.index(MERGED[0].encode()) + 400
    assert refusal(tmp_path, data[:at] + bytes(300) + data[at + 300 :]).code in ("damaged", "truncated")
    assert refusal(tmp_path, document(*OPEN_RASTER, ("mergedimage.png", b"<html>"))).code == "not_a_picture"
    nested = document(*OPEN_RASTER, ("mergedimage.png", data))
    assert refusal(tmp_path, nested).code == "no_decoder", "a document in a document is not opened"
    bomb = document(*OPEN_RASTER, ("mergedimage.png", bytes(60 << 20)))
    assert len(bomb) < 100_000
    assert refusal(tmp_path, bomb, Limits(max_bytes=1 << 20)).code == "too_large_file"
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    pixels = document(*OPEN_RASTER, ("mergedimage.png", png_of(header, (b"IDAT", zlib.compress(bytes(100))))))
    assert refusal(tmp_path, pixels).code == "too_many_pixels"


def test_an_archive_that_lists_a_flood_of_files_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65_535, 65_535, 4_000_000, 0, 0)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # would raise if it were called
    assert refusal(tmp_path, b"PK\3\4" + bytes(4_000_000) + end).code == "no_decoder"


# --- Photoshop -----------------------------------------------------------------------------------------------------


def test_a_psd_that_needs_a_drawing_library_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    without_picture = psd_resource(1057, struct.pack(">IB", 1, 0) + bytes(13))
    blank = [np.full(ART.shape[:2], 255, np.uint8)] * 3

    def needs(*_: Any, **__: Any) -> None:
        raise ImportError("Vector shape rendering requires: aggdraw")

    monkeypatch.setattr(psd_tools.PSDImage, "composite", needs)
    error = refusal(tmp_path, psd(blank, resources=without_picture))
    assert error.code == "no_decoder"
    assert "damaged" not in str(error) and "merged picture" in str(error) and "Photoshop" in str(error)
    # What is stored is taken all the same where it is not the blank that it is said to be.
    planes = [ART[..., channel] for channel in range(3)]
    picture = read(tmp_path, psd(planes, resources=without_picture))
    assert np.array_equal(picture.pixels, ART)
    assert "composed_from_layers" not in picture.facts.notes


# --- PNG with a large profile --------------------------------------------------------------------------------------


def test_a_png_with_a_colour_profile_of_megabytes_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 3 << 20, np.uint8).tobytes()
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = b"large\0\0" + zlib.compress(noise, 1)
    data = png_of(header, (b"iCCP", body), (b"IDAT", zlib.compress(b"\0\x40\x80\xc0")))
    opened: list[Any] = []
    before = Image.open

    def counting(*arguments: Any, **options: Any) -> Any:
        opened.append(arguments)
        return before(*arguments, **options)

    monkeypatch.setattr(Image, "open", counting)
    picture = read(tmp_path, data)
    assert picture.pixels.tolist() == [[[0x40, 0x80, 0xC0]]]
    assert len(opened) <= 2
    assert [note.partition(":")[0] for note in picture.facts.notes] == ["icc_ignored"]


def test_a_large_profile_in_a_png_is_used(tmp_path: Path) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    large = profile + bytes(2 << 20)  # trailing bytes are no part of it
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    chunks = ((b"iCCP", b"large\0\0" + zlib.compress(large)), (b"IDAT", zlib.compress(b"\0\x40\x80\xc0")))
    picture = read(tmp_path, png_of(header, *chunks))
    assert picture.facts.notes == ("icc_is_srgb",)
