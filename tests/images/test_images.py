"""`simcheck.images`: one file to one picture, for each format and each trap that we know of."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import threading
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import pytest
from handmade import png as png16
from handmade import psd, tga32, tiff
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

import simcheck.images
from simcheck.errors import PictureError
from simcheck.images import READING, Limits, encode_preview, hash_file, read_picture
from simcheck.images.by_pillow import FORMATS
from simcheck.images.colour import from_array, target_size, to_working
from simcheck.images.decode import decode
from simcheck.records import Picture, Pixels

WHITE, RED, GREEN, BLUE = (255, 255, 255), (220, 30, 40), (30, 180, 60), (40, 60, 200)


def painting(width: int = 60, height: int = 40) -> Image.Image:
    """Quarters of red, green, blue and white: no turn and no mirror of it equals another."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def saved(folder: Path, name: str, image: Image.Image, **options: Any) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def code_of(path: Path, limits: Limits = Limits()) -> str:  # noqa: B008 - frozen
    with pytest.raises(PictureError) as caught:
        read_picture(path, limits)
    assert path.name in str(caught.value)
    return caught.value.code


def far(pixels: Pixels, expected: Image.Image | Pixels) -> int:
    """The largest difference in any channel of any pixel."""
    assert pixels.shape == np.asarray(expected).shape
    return int(np.abs(pixels.astype(int) - np.asarray(expected).astype(int)).max())


def notes(picture: Picture) -> set[str]:
    return set(picture.facts.notes)


def icc(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", pcs: bytes = b"XYZ ") -> bytes:
    """A colour profile of version 2.1 (ICC.1:1998-09)."""
    tags = {b"desc": b"desc\0\0\0\0\0\0\0\5Test\0" + bytes(78), b"wtpt": xyz(0.9642, 1, 0.8249), **tags}
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s6H", size, b"lcms", 0x02100000, kind, space, pcs, 2026, 1, 1, 0, 0, 0)
    head += b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


DISPLAY_P3 = icc(
    b"RGB ",
    {
        **{b"rXYZ": xyz(0.5151, 0.2412, -0.0011), b"gXYZ": xyz(0.2919, 0.6922, 0.0419)},
        **{b"bXYZ": xyz(0.1572, 0.0666, 0.7841), b"rTRC": gamma(2.2), b"gTRC": gamma(2.2), b"bTRC": gamma(2.2)},
    },
)


def ink_profile() -> bytes:
    """A CMYK profile for a press whose cyan ink is green and whose other inks print nothing."""
    grid = b"".join(
        bytes((128, 60, 190)) if cyan else bytes((255, 128, 128))
        for cyan, *_ in (map(int, f"{index:04b}") for index in range(16))
    )
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + grid + ramp * 3
    return icc(b"CMYK", {b"A2B0": table, b"A2B1": table}, kind=b"prtr", pcs=b"Lab ")


# --- formats -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.png", {}, 0),
        ("a.bmp", {}, 0),
        ("a.tif", {}, 0),
        ("a.tiff", {"compression": "tiff_lzw"}, 0),
        ("a.webp", {"lossless": True}, 0),
        ("a.ppm", {}, 0),
        ("a.tga", {}, 0),
        ("a.qoi", {}, 0),
        ("a.pcx", {}, 0),
        ("a.sgi", {}, 0),
        ("a.dds", {}, 0),
        ("a.jp2", {}, 0),
        ("a.gif", {}, 0),
        ("a.jpg", {"quality": 98, "subsampling": 0}, 4),
        ("b.jpg", {"quality": 98, "subsampling": 2}, 90),  # colour bleeds over hard edges at 4:2:0
        ("c.jpg", {"quality": 98, "subsampling": 0, "progressive": True}, 4),
        ("a.avif", {"quality": 100, "subsampling": "4:4:4"}, 4),
    ],
)
def test_every_format_gives_the_pixels_and_the_facts(
    tmp_path: Path, name: str, options: dict[str, Any], tolerance: int
) -> None:
    path = saved(tmp_path, name, painting(), **options)
    picture = read_picture(path)
    assert picture.pixels.dtype == np.uint8
    assert far(picture.pixels, painting()) <= tolerance
    facts = picture.facts
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == hash_file(path)
    assert facts.size_bytes == path.stat().st_size
    assert (facts.width, facts.height, facts.frames) == (60, 40, 1)
    assert facts.decoder == f"Pillow {PIL.__version__} ({facts.format}); reading {READING}"
    assert facts.notes == ()


def test_every_format_that_pillow_is_asked_for_exists_there() -> None:
    Image.init()
    assert set(FORMATS) <= set(Image.OPEN)


def test_no_format_that_runs_programs_or_reads_other_files_is_asked_for() -> None:
    assert not {"EPS", "WMF", "MPEG", "BUFR", "GRIB", "HDF5", "FITS", "IPTC", "PDF"} & set(FORMATS)


def test_heic(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(painting(64, 64)).save(path, quality=100, chroma=444)
    picture = read_picture(path)
    assert far(picture.pixels, painting(64, 64)) <= 6
    assert picture.facts.format == "HEIF"
    assert picture.facts.decoder.startswith(f"pillow-heif {pillow_heif.__version__} (libheif ")


def test_psd(tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    path = tmp_path / "a.psd"
    psd_tools.PSDImage.frompil(painting()).save(path)
    picture = read_picture(path)
    assert far(picture.pixels, painting()) == 0
    assert picture.facts.decoder.startswith("Pillow")


def test_psd_of_16_bit_goes_to_psd_tools(tmp_path: Path) -> None:
    pytest.importorskip("psd_tools")
    planes = np.asarray(painting()).transpose(2, 0, 1).astype(">u2") * 257
    # Header, three empty sections, then the merged picture, uncompressed (Photoshop File Formats, 2019).
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 40, 60, 16, 3)
    picture = read_picture(written(tmp_path, "a.psd", header + bytes(12) + b"\0\0" + planes.tobytes()))
    assert far(picture.pixels, painting()) <= 1
    assert picture.facts.decoder.startswith("psd-tools ")
    assert picture.facts.mode == "RGB;16"


def test_psd_saved_without_a_flattened_picture_is_composed_from_its_layers(tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    psd = psd_tools.PSDImage.new("RGB", (60, 40), color=255)
    psd.create_pixel_layer(painting(), name="paint")
    out = io.BytesIO()
    psd.save(out)
    data = out.getvalue()
    flag = data.index(b"8BIM\x04\x21") + 16
    at = 26
    for _ in range(3):  # colour mode data, image resources, layers
        at += 4 + struct.unpack(">I", data[at : at + 4])[0]
    # What Photoshop writes with "maximise compatibility" off: no merged picture, a blank one in its place.
    data = data[:flag] + b"\0" + data[flag + 1 : at] + b"\0\0" + b"\xff" * (60 * 40 * 3)
    picture = read_picture(written(tmp_path, "a.psd", data))
    assert far(picture.pixels, painting()) <= 1
    assert "composed_from_layers" in notes(picture)


def test_radiance_hdr_goes_to_opencv_with_red_as_red(tmp_path: Path) -> None:
    import cv2

    light = np.zeros((6, 8, 3), np.float32)
    light[..., 0] = 1.0
    cv2.imwrite(str(tmp_path / "a.hdr"), light[..., ::-1])
    picture = read_picture(tmp_path / "a.hdr")
    assert far(picture.pixels, Image.new("RGB", (8, 6), (255, 0, 0))) <= 1
    assert picture.facts.decoder == f"OpenCV {cv2.__version__} (Radiance HDR); reading {READING}"
    assert "fallback_decoder" in notes(picture)


def test_animations_give_their_first_frame_and_the_count(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in (RED, GREEN, BLUE)]
    for name, options in (("a.gif", {}), ("a.webp", {"lossless": True}), ("a.png", {}), ("a.avif", {"quality": 100})):
        path = saved(tmp_path, name, frames[0], save_all=True, append_images=frames[1:], duration=50, **options)
        picture = read_picture(path)
        assert picture.facts.frames == 3
        assert far(picture.pixels, frames[0]) <= 3
        assert "first_frame_of:3" in notes(picture)


def test_multipage_tiff_gives_its_first_page_and_the_count(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.tif", painting(), save_all=True, append_images=[Image.new("L", (5, 5))])
    picture = read_picture(path)
    assert picture.facts.frames == 2
    assert far(picture.pixels, painting()) == 0


# --- colour --------------------------------------------------------------------------------------------------------


def test_cmyk_jpeg_of_adobe_is_not_inverted(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.jpg", painting().convert("CMYK"), quality=98, subsampling=0)
    assert b"Adobe" in path.read_bytes()
    picture = read_picture(path)
    assert far(picture.pixels, painting()) <= 6
    assert picture.facts.mode == "CMYK"
    assert notes(picture) == {"cmyk_without_profile"}


def test_cmyk_goes_through_the_profile_of_its_press(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    picture = read_picture(saved(tmp_path, "a.tif", cyan, icc_profile=ink_profile()))
    red, green, blue = picture.pixels[4, 4].astype(int)
    assert green > red + 60 and green > blue + 60, "this press prints cyan as green"
    assert notes(picture) == {"icc_converted:Test"}


def test_display_p3_is_converted_to_srgb(tmp_path: Path) -> None:
    picture = read_picture(saved(tmp_path, "a.png", Image.new("RGB", (8, 8), (200, 100, 60)), icc_profile=DISPLAY_P3))
    linear = (np.array([200, 100, 60]) / 255) ** 2.2
    # Display P3 to sRGB, both of white point D65, in linear light.
    to_srgb = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])
    light = to_srgb @ linear
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    assert np.abs(picture.pixels[4, 4] - expected).max() <= 3
    assert picture.pixels[4, 4, 0] > 205, "a wider space names the same colour by lower numbers"
    assert notes(picture) == {"icc_converted:Test"}


def test_srgb_profile_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = read_picture(saved(tmp_path, "a.png", painting(), icc_profile=profile))
    assert far(picture.pixels, painting()) == 0
    assert notes(picture) == {"icc_is_srgb"}


@pytest.mark.parametrize("profile", [b"rubbish", DISPLAY_P3[:200], DISPLAY_P3[:300] + bytes(200), ink_profile()])
def test_a_broken_or_wrong_profile_costs_no_picture(tmp_path: Path, profile: bytes) -> None:
    picture = read_picture(saved(tmp_path, "a.png", painting(), icc_profile=profile))
    assert far(picture.pixels, painting()) == 0
    (note,) = picture.facts.notes
    assert note.startswith("icc_ignored:")


def test_lab_tiff(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    image = ImageCms.profileToProfile(painting(), srgb, lab, outputMode="LAB")
    assert image is not None
    picture = read_picture(saved(tmp_path, "a.tif", image))
    assert picture.facts.mode == "LAB"
    assert far(picture.pixels, painting()) <= 10  # 8 bits of Lab are coarse


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_grey_is_scaled_over_its_full_range(tmp_path: Path, name: str) -> None:
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(1, 256).repeat(4, axis=0)
    picture = read_picture(saved(tmp_path, name, Image.fromarray(ramp)))
    assert picture.facts.mode == "I;16"
    assert np.array_equal(picture.pixels[0, :, 0], np.arange(256))


def test_16_bit_colour_png_is_not_clipped(tmp_path: Path) -> None:
    import cv2

    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(1, 256, 1).repeat(3, axis=2)
    cv2.imwrite(str(tmp_path / "a.png"), ramp)
    picture = read_picture(tmp_path / "a.png")
    assert np.abs(picture.pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_grey_of_12_bits_in_16_is_not_sixteen_times_too_dark() -> None:
    image = Image.fromarray(np.array([[0, 2048, 4095]], np.uint16))
    assert to_working(image, 1, 12, 1024, [])[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("values", "expected", "note"),
    [
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255], "white_at:1"),
        (np.array([[0.0, 127.6, 255.0]], np.float32), [0, 128, 255], "white_at:255"),
        (np.array([[0.0, 32768.0, 65535.0]], np.float32), [0, 128, 255], "white_at:65535"),
        (np.array([[-1.0, 0.0, 3.0]], np.float32), [0, 64, 255], "stretched:-1..3"),
        (np.array([[np.nan, 0.0, 1.0]], np.float32), [0, 0, 255], "white_at:1"),
        (np.array([[np.nan, np.nan]], np.float32), [0, 0], "white_at:1"),
        (np.array([[np.inf, 0.0, 1.0]], np.float32), [255, 0, 255], "white_at:1"),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255], "white_at:65535"),
        (np.array([[0, 200000, 400000]], np.int32), [0, 128, 255], "stretched:0..400000"),
    ],
)
def test_floats_and_32_bit_integers(tmp_path: Path, values: NDArray[Any], expected: list[int], note: str) -> None:
    picture = read_picture(saved(tmp_path, "a.tif", Image.fromarray(values)))
    assert picture.pixels[0, :, 0].tolist() == expected
    assert note in notes(picture)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "float32"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_arrays_of_other_decoders_become_images(dtype: str, channels: int) -> None:
    values = np.full((5, 7, channels) if channels > 1 else (5, 7), 1, dtype)
    values *= {"uint8": 255, "uint16": 65535, "uint32": 65535, "float32": 1}[dtype]
    image = from_array(values, [])
    assert image.size == (7, 5)
    assert image.getextrema() == ((255, 255) if channels == 1 else ((255, 255),) * channels)


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    clear = painting().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((60, 40)))
    expected = Image.alpha_composite(Image.new("RGBA", (60, 40), WHITE), clear).convert("RGB")
    options: dict[str, dict[str, Any]] = {"a.png": {}, "a.tif": {}, "a.webp": {"lossless": True, "exact": True}}
    for name in options:
        picture = read_picture(saved(tmp_path, name, clear, **options[name]))
        assert far(picture.pixels, expected) <= 1
        assert notes(picture) == {"alpha_flattened"}


def test_transparency_of_palettes_and_of_single_colours_lies_on_white(tmp_path: Path) -> None:
    palette = Image.new("P", (10, 10), 0)
    palette.putpalette([*RED, *GREEN])
    palette.paste(1, (5, 0, 10, 10))
    for name in ("a.png", "a.gif"):
        pixels = read_picture(saved(tmp_path, name, palette, transparency=0)).pixels
        assert pixels[5, 2].tolist() == list(WHITE) and pixels[5, 8].tolist() == list(GREEN)
    for mode, seen in (("L", 0), ("1", 0), ("I;16", 0)):
        grey = Image.new(mode, (10, 10), 0)
        pixels = read_picture(saved(tmp_path, "g.png", grey, transparency=seen)).pixels
        assert pixels.min() == 255, mode


def test_an_alpha_channel_that_hides_nothing_is_not_noted(tmp_path: Path) -> None:
    picture = read_picture(saved(tmp_path, "a.png", painting().convert("RGBA")))
    assert picture.facts.notes == ()


def test_colours_hidden_by_transparency_do_not_bleed_when_the_picture_gets_smaller(tmp_path: Path) -> None:
    image = Image.new("RGBA", (400, 400), (*RED, 0))
    image.paste((0, 0, 0, 255), (150, 0, 250, 400))
    pixels = read_picture(saved(tmp_path, "a.png", image), Limits(working_side=37)).pixels.astype(int)
    assert np.abs(pixels - pixels.mean(axis=2, keepdims=True)).max() <= 1, "black on white has no colour"


# --- orientation ---------------------------------------------------------------------------------------------------

UNTURN = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera stores an upright picture under each EXIF orientation."""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jpg", {"quality": 98, "subsampling": 0}),
        ("a.png", {}),
        ("a.tif", {}),
        ("b.tif", {"compression": "tiff_lzw"}),
        ("a.webp", {"lossless": True}),
        ("a.avif", {"quality": 100, "subsampling": "4:4:4"}),
        ("a.heic", {}),
    ],
)
def test_all_orientations_give_the_same_pixels(
    tmp_path: Path, name: str, options: dict[str, Any], orientation: int
) -> None:
    turn = UNTURN[orientation]
    stored = painting(64, 48) if turn is None else painting(64, 48).transpose(turn)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    if name.endswith("heic"):
        pillow_heif = pytest.importorskip("pillow_heif")
        with (tmp_path / name).open("wb") as file:
            info = {"quality": 100, "chroma": 444, "exif": exif.tobytes()}
            pillow_heif.encode("RGB", stored.size, stored.tobytes(), file, **info)
    else:
        stored.save(tmp_path / name, exif=exif, **options)
    picture = read_picture(tmp_path / name)
    assert (picture.facts.width, picture.facts.height) == (64, 48)
    assert far(picture.pixels, painting(64, 48)) <= (6 if name[-3:] in ("jpg", "vif", "eic") else 0)
    assert (f"oriented:{orientation}" in notes(picture)) == (orientation > 1)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_turned_and_made_smaller_is_the_same_as_made_smaller(orientation: int) -> None:
    rng = np.random.default_rng(7)
    image = Image.fromarray(rng.integers(0, 256, (31, 47, 3), np.uint8)).resize((613, 401), Image.Resampling.BICUBIC)
    turn = UNTURN[orientation]
    assert turn is not None
    upright = to_working(image, 1, 16, 100, [])
    assert far(to_working(image.transpose(turn), orientation, 16, 100, []), upright) <= 3


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(tmp_path: Path, value: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    assert far(read_picture(saved(tmp_path, "a.png", painting(), exif=exif)).pixels, painting()) == 0


def test_damaged_exif_costs_no_picture(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.png", painting(), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1" * 20)
    assert far(read_picture(path).pixels, painting()) == 0


# --- size ----------------------------------------------------------------------------------------------------------


def test_a_large_jpeg_is_decoded_at_reduced_size_and_says_so(tmp_path: Path) -> None:
    large = painting(4200, 2800)
    picture = read_picture(saved(tmp_path, "a.jpg", large, quality=95))
    assert (picture.facts.width, picture.facts.height) == (4200, 2800)
    assert picture.pixels.shape == (683, 1024, 3)
    assert notes(picture) == {"reduced_decode:2"}
    whole = read_picture(saved(tmp_path, "a.png", large)).pixels
    assert np.abs(picture.pixels.astype(int) - whole).mean() < 1


def test_detail_finer_than_the_working_size_is_averaged_not_aliased(tmp_path: Path) -> None:
    checks = (np.indices((800, 1200)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = read_picture(saved(tmp_path, "a.png", Image.fromarray(checks)), Limits(working_side=150)).pixels
    assert pixels.shape == (100, 150, 3)
    assert pixels.min() >= 125 and pixels.max() <= 130


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    assert read_picture(saved(tmp_path, "a.png", painting(2, 2))).pixels.shape == (2, 2, 3)


@given(st.integers(1, 100_000), st.integers(1, 100_000), st.integers(1, 4096))
def test_target_size_fits_and_keeps_the_shape(width: int, height: int, side: int) -> None:
    new_width, new_height = target_size((width, height), side)
    assert min(new_width, new_height) >= 1
    if max(width, height) <= 4 * min(width, height):
        assert max(new_width, new_height) == min(side, max(width, height))
    assert max(new_width, new_height) >= min(side, max(width, height))
    if max(new_width, new_height) > side:  # a strip
        assert min(new_width, new_height) <= side / 4 + 1
        assert new_width * new_height <= side**2 + max(new_width, new_height)
    assert abs(new_width * height - new_height * width) <= max(width, height)


MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F")


@given(
    st.sampled_from((*MODES, "I;16", "I;16B", "I;16L")),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(1, 8),
    st.integers(1, 32),
)
def test_any_mode_and_shape_becomes_8_bit_rgb(mode: str, width: int, height: int, orientation: int, side: int) -> None:
    pixels = to_working(Image.new(mode, (width, height)), orientation, 16, side, [])
    assert pixels.dtype == np.uint8 and pixels.flags.c_contiguous
    assert pixels.shape[2] == 3 and tuple(sorted(pixels.shape[:2])) == tuple(sorted(target_size((width, height), side)))


# --- refusals ------------------------------------------------------------------------------------------------------


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A grey PNG of any declared size (PNG specification, chapter 5)."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in (header, *chunks, (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.png", b"", "empty_file"),
        ("text.png", b"Dear Sir, please find my picture attached.", "not_a_picture"),
        ("page.jpg", b"<!DOCTYPE html><title>404</title>", "not_a_picture"),
        ("noise.tga", bytes(range(256)) * 4, "not_a_picture"),
        ("art.jxl", b"\xff\x0a" + bytes(100), "no_decoder"),
        ("art.png", b"%PDF-1.7\n" + bytes(100), "no_decoder"),
        ("art.psd", b"8BPS\0\1" + bytes(100), "damaged"),
        ("art.heic", b"\0\0\0\x18ftypheic" + bytes(100), "damaged"),
        ("art.tif", b"II*\0\xff\xff\xff\xff", "damaged"),
        ("bomb.png", png(60_000, 60_000), "too_many_pixels"),
        ("bomb.bmp", b"BM" + bytes(12) + struct.pack("<IiiHH28x", 40, 50_000, 50_000, 1, 24), "too_many_pixels"),
        ("bomb.psd", struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 30_000, 30_000, 16, 3) + bytes(40), "too_many_pixels"),
        ("bomb.ppm", b"P6\n100000 100000\n255\n" + bytes(100), "too_many_pixels"),
        (
            "bomb.ico",
            struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, 67, 22) + png(50_000, 50_000),
            "too_many_pixels",
        ),
    ],
)
def test_refusals_and_their_codes(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    assert code_of(written(tmp_path, name, data)) == code


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 95}), ("PNG", {}), ("TIFF", {}), ("BMP", {}), ("GIF", {}), ("PPM", {}), ("QOI", {})],
)
def test_a_picture_that_is_cut_short_is_refused(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8))
    data = encoded(noise, kind, **options)
    assert code_of(written(tmp_path, "cut", data[: len(data) * 2 // 3])) in ("truncated", "damaged")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_commonest_cut_files_are_called_truncated(tmp_path: Path, kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8))
    data = encoded(noise, kind)
    assert code_of(written(tmp_path, "cut", data[: len(data) // 2])) == "truncated"


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_png_with_a_bomb_of_text_gives_its_pixels(tmp_path: Path, kind: bytes) -> None:
    text = zlib.compress(bytes(80 << 20), 9)
    body = b"workflow\0\0" + text if kind == b"zTXt" else b"workflow\0\1\0\0\0" + text
    picture = read_picture(written(tmp_path, "a.png", png(1, 1, (kind, body))))
    assert picture.pixels.tolist() == [[[128, 128, 128]]]
    assert notes(picture) == {"png_text_ignored"}


def test_a_later_frame_that_is_a_bomb_costs_nothing(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, GREEN)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    at = data.rindex(b"\x2c") + 1  # image descriptor of the second frame: x, y, width, height
    data = data[:at] + struct.pack("<4H", 0, 0, 60_000, 60_000) + data[at + 8 :]
    assert far(read_picture(written(tmp_path, "a.gif", data)).pixels, frames[0]) == 0


def test_a_later_page_that_is_damaged_costs_only_the_count(tmp_path: Path) -> None:
    data = encoded(painting(), "TIFF")
    (directory,) = struct.unpack("<I", data[4:8])
    (entries,) = struct.unpack("<H", data[directory : directory + 2])
    at = directory + 2 + 12 * entries  # where the second page is said to begin
    picture = read_picture(written(tmp_path, "a.tif", data[:at] + struct.pack("<I", 10**6) + data[at + 4 :]))
    assert far(picture.pixels, painting()) == 0
    assert "frames_uncounted" in notes(picture)


def test_limits_are_the_callers(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.png", painting())
    assert code_of(path, Limits(max_bytes=10)) == "too_large_file"
    assert code_of(path, Limits(max_pixels=60 * 40 - 1)) == "too_many_pixels"
    assert read_picture(path, Limits(max_bytes=path.stat().st_size, max_pixels=60 * 40)).facts.width == 60


@pytest.mark.parametrize("read", [read_picture, hash_file])
def test_files_that_are_gone_forbidden_or_not_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Any) -> None:
    def code(path: Path) -> str:
        with pytest.raises(PictureError) as caught:
            read(path)
        assert path.name in str(caught.value)
        return caught.value.code

    assert code(tmp_path / "gone.png") == "vanished"
    assert code(tmp_path) == "not_a_file"
    file = written(tmp_path, "a.png", b"")
    assert code(file) == "empty_file"
    assert code(file / "below.png") == "vanished"
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe.png")
        assert code(tmp_path / "pipe.png") == "not_a_file"
    for error, expected in ((PermissionError(13, "denied"), "no_permission"), (OSError(5, "I/O error"), "unreadable")):
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", lambda *_, error=error, **__: (_ for _ in ()).throw(error))
            assert code(file) == expected


def test_a_message_about_a_name_that_is_not_utf8_can_be_printed(tmp_path: Path) -> None:
    with pytest.raises(PictureError) as caught:
        read_picture(tmp_path / os.fsdecode(b"\xff\xfe.png"))
    str(caught.value).encode("utf-8")


SEEDS = {
    "PNG": encoded(painting(12, 8), "PNG", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0", icc_profile=DISPLAY_P3),
    "JPEG": encoded(painting(12, 8), "JPEG"),
    "GIF": encoded(painting(12, 8), "GIF"),
    "TIFF": encoded(painting(12, 8), "TIFF"),
    "WEBP": encoded(painting(12, 8), "WEBP"),
    "BMP": encoded(painting(12, 8), "BMP"),
    "progressive": encoded(painting(12, 8), "JPEG", progressive=True),
    "animation": encoded(Image.new("RGB", (12, 8)), "PNG", save_all=True, append_images=[painting(12, 8)]),
    "AVIF": encoded(painting(12, 8), "AVIF"),
    "ICO": encoded(painting(16, 16), "ICO"),
    "TGA": tga32(np.asarray(painting(12, 8)), np.zeros((8, 12), np.uint8), alpha_bits=8, attributes=3),
    "PSD": psd([np.full((8, 12), shade, np.uint8) for shade in (9, 99, 199, 255)], layers=struct.pack(">Ih", 2, -1)),
    "pages": tiff([(np.zeros((2, 3, 3)), [(254, 4, 1)])], below=[(np.asarray(painting(12, 8)), [])]),
    "linear": png16(np.full((2, 3, 3), 9000, np.uint16), (b"gAMA", struct.pack(">I", 100_000))),
    "OpenRaster": zipped({"mimetype": b"image/openraster", "mergedimage.png": encoded(painting(12, 8), "PNG")}),
}


@given(st.sampled_from(sorted(SEEDS)), st.data())
def test_damaged_bytes_give_a_picture_or_a_picture_error(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(SEEDS[kind])
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255)), max_size=6)):
        damaged[at] = value
    cut = data.draw(st.integers(0, len(damaged)))
    try:
        decoded = decode(bytes(damaged[:cut]), 1_000_000, 64)
    except PictureError as error:
        allowed = {"not_a_picture", "no_decoder", "truncated", "damaged", "too_many_pixels", "too_large_file"}
        assert error.code in allowed
    else:
        to_working(decoded.image, decoded.orientation, decoded.bits, 64, decoded.notes)


# --- manners -------------------------------------------------------------------------------------------------------


def test_pillow_is_left_as_it_was(tmp_path: Path) -> None:
    before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters), list(Image.ID))
    Image.init()
    before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters), list(Image.ID))
    read_picture(saved(tmp_path, "a.png", painting()))
    code_of(written(tmp_path, "bomb.png", png(60_000, 60_000)))
    code_of(written(tmp_path, "art.heic", b"\0\0\0\x18ftypheic" + bytes(100)))
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters), list(Image.ID)) == before


def test_threads_may_read_at_the_same_time(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.png", painting())
    seen: list[int] = []
    read = lambda: seen.append(far(read_picture(path).pixels, painting()))  # noqa: E731
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [0] * 8


def test_reading_a_png_loads_no_decoder_that_it_does_not_need(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.png", painting())
    code = f"""
import json, sys
from pathlib import Path
from simcheck.images import read_picture
read_picture(Path({str(path)!r}))
print(json.dumps(sorted({{"cv2", "torch", "pillow_heif", "psd_tools", "scipy"}} & set(sys.modules))))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert json.loads(done.stdout) == []


def test_what_is_public_is_listed() -> None:
    assert all(hasattr(simcheck.images, name) for name in simcheck.images.__all__)


def test_hash_file_of_a_large_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    data = os.urandom(3_500_001)
    assert hash_file(written(tmp_path, "a.bin", data)) == hashlib.sha256(data).hexdigest()


def test_preview_is_a_small_progressive_jpeg_without_metadata() -> None:
    pixels = np.asarray(painting(600, 400))
    with Image.open(io.BytesIO(encode_preview(pixels, 240))) as preview:
        assert (preview.format, preview.size, preview.mode) == ("JPEG", (240, 160), "RGB")
        assert preview.info.get("progressive")
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(preview.info)
        assert np.abs(np.asarray(preview).astype(int) - np.asarray(painting(240, 160))).mean() < 3
    with Image.open(io.BytesIO(encode_preview(pixels, 5000))) as preview:
        assert preview.size == (600, 400)
    assert len(encode_preview(pixels, 240, quality=30)) < len(encode_preview(pixels, 240, quality=95))


def test_a_preview_of_noise_is_made() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    with Image.open(io.BytesIO(encode_preview(noise, 400, quality=95))) as preview:
        assert preview.size == (400, 300)
