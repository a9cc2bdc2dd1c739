"""Alpha that means nothing, alpha that hides all, and white ink on nothing: what is drawn can be seen."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handmade import bmp32, png, psd, psd_resource, tga32
from paintings import painting
from PIL import Image, ImageDraw, ImageFilter

from simcheck.images import read_picture
from simcheck.images.scope import out_of_scope
from simcheck.records import Picture, Pixels

ART = painting(11, (120, 90))
NOUGHT = np.zeros(ART.shape[:2], np.uint8)
PART = NOUGHT.copy()
PART[20:60, 30:70] = 255
PLANES = [ART[..., 0], ART[..., 1], ART[..., 2]]


def read(folder: Path, data: bytes, name: str = "art") -> Picture:
    path = folder / name
    path.write_bytes(data)
    return read_picture(path)


def on(shade: int, alpha: Pixels) -> Pixels:
    return np.where(alpha[..., None] > 0, ART, np.uint8(shade))


def lines(ink: tuple[int, int, int], size: tuple[int, int] = (300, 220), width: int = 3) -> Image.Image:
    """A drawing in one ink on nothing."""
    image = Image.new("RGBA", size, (*ink, 0))
    draw = ImageDraw.Draw(image)
    points = np.random.default_rng(5).integers(0, 200, (24, 2))
    draw.line([(int(x) + 20, int(y)) for x, y in points], fill=(*ink, 255), width=width)
    draw.ellipse((150, 30, 280, 200), outline=(*ink, 255), width=width)
    return image


# --- an alpha channel that means none ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        (bmp32(ART, NOUGHT, version=4), True),
        (bmp32(ART, NOUGHT, version=3), False),
        (tga32(ART, NOUGHT, alpha_bits=0), True),
        (tga32(ART, PART, alpha_bits=0), True),
        (tga32(ART, NOUGHT, alpha_bits=8), True),
        (tga32(ART, PART, alpha_bits=8, attributes=0), False),
        (tga32(ART, PART, alpha_bits=8, attributes=2), True),
        (psd([*PLANES, NOUGHT]), True),
        (psd([*PLANES, PART]), True),
        (psd([*PLANES, PART], resources=psd_resource(1006, b"\x07Alpha 1")), True),
        (psd([*PLANES, PART], resources=psd_resource(1053, struct.pack(">I", 3))), True),
        (psd([*PLANES, PART, NOUGHT]), False),
    ],
)
def test_undeclared_or_empty_alpha_is_opaque(tmp_path: Path, data: bytes, noted: bool) -> None:
    picture = read(tmp_path, data)
    assert np.array_equal(picture.pixels, ART)
    assert ("alpha_ignored" in picture.facts.notes) == noted


@pytest.mark.parametrize(
    "data",
    [
        bmp32(ART, PART, version=4),
        tga32(ART, PART, alpha_bits=8),
        tga32(ART, PART, alpha_bits=8, attributes=3),
        psd([*PLANES, PART], layers=struct.pack(">Ih", 2, -1)),
        psd([*PLANES, PART], layers=struct.pack(">II", 0, 0) + b"8BIMMtrn" + bytes(4)),
        psd([*PLANES, PART], resources=psd_resource(1006, b"\x0cTransparency")),
        psd([*PLANES, PART], resources=psd_resource(1053, struct.pack(">I", 0))),
    ],
)
def test_alpha_that_is_declared_is_obeyed(tmp_path: Path, data: bytes) -> None:
    picture = read(tmp_path, data)
    assert np.array_equal(picture.pixels, on(255, PART))
    assert "alpha_flattened" in picture.facts.notes


def test_a_saved_selection_of_16_bits_is_no_transparency(tmp_path: Path) -> None:
    pytest.importorskip("psd_tools")
    deep = [plane.astype(np.uint16) * 257 for plane in (*PLANES, PART)]
    assert np.array_equal(read(tmp_path, psd(deep)).pixels, ART)
    shown = read(tmp_path, psd(deep, resources=psd_resource(1006, b"\x0cTransparency"))).pixels
    assert np.abs(shown.astype(int) - on(255, PART)).max() <= 1


def test_an_icon_whose_alpha_is_nought_is_opaque(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.fromarray(np.dstack([ART, NOUGHT])).save(out, "ICO", sizes=[(120, 90)], bitmap_format="bmp")
    assert np.array_equal(read(tmp_path, out.getvalue()).pixels, ART)


def test_the_profile_of_a_photoshop_file_survives_its_selection(tmp_path: Path) -> None:
    picture = read(tmp_path, psd([*PLANES, PART], resources=psd_resource(1039, b"no profile")))
    assert any(note.startswith("icc_ignored") for note in picture.facts.notes)


# --- transparent throughout ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_colours_hidden_in_what_is_transparent_throughout_are_shown(tmp_path: Path, kind: str) -> None:
    out = io.BytesIO()
    options: dict[str, Any] = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    Image.fromarray(np.dstack([ART, NOUGHT])).save(out, kind, **options)
    picture = read(tmp_path, out.getvalue())
    assert np.array_equal(picture.pixels, ART)
    assert "alpha_nothing_opaque" in picture.facts.notes


def test_nothing_hidden_in_nothing_is_white(tmp_path: Path) -> None:
    picture = read(tmp_path, png(np.zeros((70, 80, 4), np.uint8)))
    assert (picture.pixels == 255).all() and out_of_scope(picture.pixels) == "blank"


# --- white ink -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ink", [(255, 255, 255), (255, 252, 240), (240, 244, 250)])
@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.gif"])
def test_white_ink_on_nothing_is_shown_on_black(tmp_path: Path, ink: tuple[int, int, int], name: str) -> None:
    drawing = lines(ink)
    options: dict[str, Any] = {"lossless": True} if name == "a.webp" else {}
    drawing.save(tmp_path / name, **options)
    picture = read_picture(tmp_path / name)
    expected = Image.alpha_composite(Image.new("RGBA", drawing.size, "black"), drawing).convert("RGB")
    assert np.abs(picture.pixels.astype(int) - np.asarray(expected)).max() <= 1
    assert "alpha_on_black" in picture.facts.notes and "alpha_flattened" not in picture.facts.notes
    assert out_of_scope(picture.pixels) is None


def test_white_ink_in_grey_and_in_a_palette_and_at_half_the_size(tmp_path: Path) -> None:
    drawing = lines((255, 255, 255))
    drawing.convert("LA").save(tmp_path / "grey.png")
    drawing.resize((150, 110)).save(tmp_path / "half.png")
    drawing.quantize(16).save(tmp_path / "palette.png")
    for name in ("grey.png", "half.png", "palette.png"):
        picture = read_picture(tmp_path / name)
        assert "alpha_on_black" in picture.facts.notes, name
        assert picture.pixels[0, 0].max() == 0 and picture.pixels.max() >= 250


def test_a_page_with_holes_that_are_writing_is_shown_on_black(tmp_path: Path) -> None:
    stencil = Image.new("RGBA", (300, 220), (255, 255, 255, 255))
    stencil.paste((255, 255, 255, 0), mask=lines((0, 0, 0), width=5).getchannel("A"))
    stencil.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert "alpha_on_black" in picture.facts.notes and out_of_scope(picture.pixels) is None


@pytest.mark.parametrize(
    "ink", [(0, 0, 0), (200, 30, 40), (255, 230, 90), (254, 238, 172), (120, 200, 255), (225, 225, 225)]
)
def test_ink_that_is_seen_on_white_stays_on_white(tmp_path: Path, ink: tuple[int, int, int]) -> None:
    lines(ink).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert "alpha_flattened" in picture.facts.notes and (picture.pixels[0, 0] == 255).all()


def test_a_sticker_with_a_white_rim_and_a_faint_shadow_stay_on_white(tmp_path: Path) -> None:
    rim = Image.new("RGBA", (300, 220), (255, 255, 255, 0))
    draw = ImageDraw.Draw(rim)
    draw.ellipse((20, 20, 280, 200), fill=(255, 255, 255, 255))
    draw.ellipse((110, 80, 190, 140), fill=(200, 40, 40, 255))
    shadow = Image.new("RGBA", (300, 220), (0, 0, 0, 0))
    ImageDraw.Draw(shadow).ellipse((50, 50, 250, 180), fill=(0, 0, 0, 15))
    for image in (rim, shadow, Image.new("RGBA", (300, 220), (255, 255, 255, 40))):
        image.save(tmp_path / "a.png")
        assert "alpha_flattened" in read_picture(tmp_path / "a.png").facts.notes


# --- what lies on white is as it was -------------------------------------------------------------------------------


def test_light_grey_ink_lies_where_it_is_seen(tmp_path: Path) -> None:
    for shade, noted in ((200, "alpha_flattened"), (229, "alpha_flattened"), (236, "alpha_on_black")):
        lines((shade, shade, shade)).save(tmp_path / "a.png")
        picture = read_picture(tmp_path / "a.png")
        assert noted in picture.facts.notes, shade
        assert out_of_scope(picture.pixels) is None, shade


def test_white_writing_with_a_soft_shadow_is_read_by_its_shadow(tmp_path: Path) -> None:
    writing = lines((255, 255, 255), width=6)
    shadow = Image.new("RGBA", writing.size, (0, 0, 0, 0))
    shadow.putalpha(writing.getchannel("A").filter(ImageFilter.GaussianBlur(4)))
    Image.alpha_composite(shadow, writing).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert "alpha_flattened" in picture.facts.notes and out_of_scope(picture.pixels) is None


def test_black_ink_and_a_cut_out_picture_stay_on_white(tmp_path: Path) -> None:
    lines((0, 0, 0)).save(tmp_path / "ink.png")
    Image.fromarray(np.dstack([ART, PART])).save(tmp_path / "cut.png")
    for name in ("ink.png", "cut.png"):
        assert "alpha_flattened" in read_picture(tmp_path / name).facts.notes
    assert np.array_equal(read_picture(tmp_path / "cut.png").pixels, on(255, PART))
