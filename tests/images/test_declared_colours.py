"""Colours that a file declares by numbers: PNG's cICP, gAMA and cHRM, the nclx of HEIF and AVIF, high dynamic range."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from handmade import png
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from paintings import painting
from PIL import Image, ImageCms

from simcheck.images import read_picture
from simcheck.images.declared import from_code_points, from_gamma, to_srgb
from simcheck.records import Picture, Pixels

ART = painting(7, (120, 90))
Light = NDArray[np.float64]

# Linear sRGB to the linear light of other primaries, all of white D65 (ITU-R BT.2087 for BT.2020; SMPTE EG 432-1).
TO_2020 = np.array([[0.627404, 0.329283, 0.043313], [0.069097, 0.919540, 0.011362], [0.016391, 0.088013, 0.895595]])
TO_P3 = np.array([[0.822462, 0.177538, 0.0], [0.033194, 0.966806, 0.0], [0.017083, 0.072397, 0.910520]])


def light(pixels: Pixels) -> Light:
    value = pixels / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))


def curve(linear: Light) -> Light:
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def pq(nits: Light) -> Light:
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = (nits / 10000) ** m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def hlg(linear: Light) -> Light:
    """BT.2100 for a screen of 1,000 cd/m², of BT.2020 light with white at 203 cd/m²."""
    shown = linear * 0.203
    luminance = (shown @ [0.2627, 0.6780, 0.0593])[..., None]
    scene = shown * np.where(luminance > 0, np.maximum(luminance, 1e-12) ** (1 / 1.2 - 1), 0)
    log = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-12)) + 0.55991073
    return np.asarray(np.where(scene <= 1 / 12, np.sqrt(3 * scene), log))


def bits(values: Light, depth: int) -> NDArray[np.generic]:
    rounded: Light = np.rint(values * (2**depth - 1))
    return rounded.astype(np.uint16) if depth == 16 else rounded.astype(np.uint8)


def cicp(*code_points: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes(code_points)


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chrm(*values: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values))


SRGB_CHROMA = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3_CHROMA = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)


def read(folder: Path, data: bytes) -> Picture:
    path = folder / "art.png"
    path.write_bytes(data)
    return read_picture(path)


def far(pixels: Pixels, expected: Pixels = ART) -> int:
    assert pixels.shape == expected.shape
    return int(np.abs(pixels.astype(int) - expected).max())


@pytest.mark.parametrize(
    ("values", "chunks"),
    [
        (bits(pq(light(ART) @ TO_2020.T * 203), 16), [cicp(9, 16, 0, 1)]),
        (bits(pq(light(ART) * 203), 16), [cicp(1, 16, 0, 1)]),
        (bits(hlg(light(ART) @ TO_2020.T), 16), [cicp(9, 18, 0, 1)]),
        (bits(curve(light(ART) @ TO_P3.T), 16), [cicp(12, 13, 0, 1)]),
        (bits(curve(light(ART) @ TO_2020.T), 16), [cicp(9, 14, 0, 1)]),
        (bits(light(ART), 16), [cicp(1, 8, 0, 1)]),
        (bits(light(ART) ** (1 / 2.8), 16), [cicp(1, 5, 0, 1)]),
        (bits(light(ART), 16), [gama(1.0)]),
        (bits(light(ART) ** 0.55556, 16), [gama(0.55556)]),
        (bits((light(ART) @ TO_P3.T) ** 0.45455, 16), [gama(0.45455), chrm(*P3_CHROMA)]),
        (bits(curve(light(ART) @ TO_P3.T), 16), [chrm(*P3_CHROMA)]),
    ],
    ids=["pq2020", "pq", "hlg", "p3", "2020", "linear", "gamma28", "gama1", "gama18", "gama+chrm", "chrm"],
)
def test_declared_colours_look_as_they_were_meant(
    tmp_path: Path, values: NDArray[np.generic], chunks: list[tuple[bytes, bytes]]
) -> None:
    picture = read(tmp_path, png(values, *chunks))
    assert far(picture.pixels) <= 1
    (note,) = picture.facts.notes
    assert note.startswith("colours_declared:") and len(note) > len("colours_declared:")


@pytest.mark.parametrize(
    ("values", "chunk", "tolerance"),
    [
        (bits(pq(light(ART) @ TO_2020.T * 203), 8), cicp(9, 16, 0, 1), 9),
        (bits(light(ART) ** 0.55556, 8), gama(0.55556), 12),
        (bits(curve(light(ART) @ TO_P3.T), 8), cicp(12, 13, 0, 1), 6),
    ],
)
def test_eight_bits_are_as_good_as_they_can_be(
    tmp_path: Path, values: Pixels, chunk: tuple[bytes, bytes], tolerance: int
) -> None:
    pixels = read(tmp_path, png(values, chunk)).pixels
    assert far(pixels) <= tolerance and np.abs(pixels.astype(int) - ART).mean() < 1


def test_grey_of_8_and_16_bits_with_a_gamma(tmp_path: Path) -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 256).repeat(3, axis=0)
    for depth, tolerance in ((8, 7), (16, 0)):
        pixels = read(tmp_path, png(bits(light(ramp), depth), gama(1.0))).pixels
        assert np.abs(pixels[0, :, 0].astype(int) - ramp[0])[40:].max() <= tolerance


def test_a_narrow_range_is_spread(tmp_path: Path) -> None:
    narrow = np.rint(16 + ART * (219 / 255)).astype(np.uint8)
    picture = read(tmp_path, png(narrow, cicp(1, 13, 0, 0)))
    assert far(picture.pixels) <= 1
    assert picture.facts.notes == ("colours_declared:BT.709 16 to 235",)


def test_the_order_is_cicp_then_profile_then_srgb_then_gamma(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = io.BytesIO()
    Image.fromarray(ART).save(out, "PNG", icc_profile=profile)
    length = struct.unpack(">I", out.getvalue()[33:37])[0]
    iccp = (b"iCCP", out.getvalue()[41 : 41 + length])
    srgb, linear = (b"sRGB", b"\0"), gama(1.0)
    assert far(read(tmp_path, png(ART, srgb, linear, chrm(*P3_CHROMA))).pixels) == 0
    assert far(read(tmp_path, png(ART, iccp, linear)).pixels) == 0
    assert far(read(tmp_path, png(ART, cicp(1, 13, 0, 1), linear)).pixels) == 0
    p3 = bits(curve(light(ART) @ TO_P3.T), 16)
    picture = read(tmp_path, png(p3, iccp, cicp(12, 13, 0, 1), linear))
    assert far(picture.pixels) <= 1
    assert picture.facts.notes == ("colours_declared:Display P3",)


@pytest.mark.parametrize(
    "chunk",
    [
        gama(0.45455),
        gama(0.46),
        gama(0.0),
        cicp(1, 13, 0, 1),
        cicp(1, 1, 0, 1),
        cicp(2, 2, 0, 1),
        cicp(9, 16, 9, 1),
        (b"cICP", b"\1"),
        chrm(*SRGB_CHROMA),
        chrm(*(0.0,) * 8),
        chrm(0.3, 0.3, *(0.2, 0.2) * 3),
    ],
)
def test_what_means_srgb_or_nothing_changes_no_bit(tmp_path: Path, chunk: tuple[bytes, bytes]) -> None:
    for values in (ART, np.dstack([ART, np.full(ART.shape[:2], 255, np.uint8)])):
        picture = read(tmp_path, png(values, chunk))
        assert far(picture.pixels) == 0 and picture.facts.notes == ()


def test_transparency_lies_on_the_white_that_is_shown(tmp_path: Path) -> None:
    """Not on the white of the file's own scale, which is 10,000 cd/m² in PQ."""
    alpha = np.zeros(ART.shape[:2])
    alpha[:, 60:] = 1
    values = bits(np.dstack([pq(light(ART) * 203), alpha]), 16)
    picture = read(tmp_path, png(values, cicp(1, 16, 0, 1)))
    assert (picture.pixels[:, :60] == 255).all()
    assert far(picture.pixels[:, 60:], ART[:, 60:]) <= 1
    assert "alpha_flattened" in picture.facts.notes


def test_a_transparent_value_of_16_bit_grey_survives(tmp_path: Path) -> None:
    values = np.full((8, 8), 30_000, np.uint16)
    values[:, :4] = 777
    picture = read(tmp_path, png(values, gama(1.0), (b"tRNS", struct.pack(">H", 777))))
    assert (picture.pixels[:, :4] == 255).all()
    assert picture.pixels[0, 7, 0] == round(255 * float(curve(np.array(30_000 / 65535))))


def test_highlights_are_rolled_off_and_the_rest_is_kept(tmp_path: Path) -> None:
    """A lamp of 1,000 cd/m² in an ordinary picture: it is white, and what is below 3/4 of white stays as it is."""
    dim = light(ART) * 0.7
    bright = dim.copy()
    bright[10:30, 10:30] = [1000 / 203, 800 / 203, 500 / 203]
    picture = read(tmp_path, png(bits(pq(bright * 203), 16), cicp(1, 16, 0, 1)))
    assert {note.partition(":")[0] for note in picture.facts.notes} == {"colours_declared", "hdr_rolled_off"}
    assert "hdr_rolled_off:1000" in picture.facts.notes
    kept = np.ones(ART.shape[:2], bool)
    kept[10:30, 10:30] = False
    expected = np.rint(curve(dim) * 255)
    assert np.abs(picture.pixels[kept] - expected[kept]).max() <= 1
    red, green, blue = picture.pixels[20, 20].astype(int)
    assert red == 255 > green > blue > 150, "its colour keeps"


def test_a_few_bright_specks_change_nothing_else(tmp_path: Path) -> None:
    specks = light(ART)
    specks[0, 0] = 40
    picture = read(tmp_path, png(bits(pq(specks * 203), 16), cicp(1, 16, 0, 1)))
    assert picture.facts.notes == ("colours_declared:PQ",)
    assert far(picture.pixels[1:], ART[1:]) <= 1


def heic(pixels: NDArray[np.generic], mode: str, **declared: int) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    height, width = pixels.shape[:2]
    pillow_heif.encode(mode, (width, height), pixels.tobytes(), out, quality=-1, chroma=444, **declared)
    return out.getvalue()


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_in_heic(tmp_path: Path, transfer: int) -> None:
    encode = (lambda linear: pq(linear * 203)) if transfer == 16 else hlg
    values = bits(encode(light(ART) @ TO_2020.T), 16)
    data = heic(values, "RGB;16", color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=0)
    picture = read(tmp_path, data)
    assert np.abs(picture.pixels.astype(int) - ART).mean() < 2
    assert any(note.startswith("colours_declared:BT.2020") for note in picture.facts.notes)


def test_wide_primaries_in_heic_and_srgb_in_heic(tmp_path: Path) -> None:
    p3 = bits(curve(light(ART) @ TO_P3.T), 8)
    picture = read(tmp_path, heic(p3, "RGB", color_primaries=12, transfer_characteristics=13))
    assert np.abs(picture.pixels.astype(int) - ART).mean() < 2
    assert "colours_declared:Display P3" in picture.facts.notes
    plain = read(tmp_path, heic(ART, "RGB", color_primaries=1, transfer_characteristics=13))
    assert plain.facts.notes == ()


def test_declared_colours_in_avif(tmp_path: Path) -> None:
    """Pillow writes sRGB into the nclx box and artists none on: the numbers are changed where they stand."""
    out = io.BytesIO()
    p3 = bits(curve(light(ART) @ TO_P3.T), 8)
    Image.fromarray(p3).save(out, "AVIF", quality=100, subsampling="4:4:4")
    data = out.getvalue()
    assert data.count(b"colrnclx") == 1
    at = data.index(b"colrnclx") + 8
    assert data[at : at + 4] == b"\0\1\0\x0d"
    picture = read(tmp_path, data[:at] + b"\0\x0c\0\x0d" + data[at + 4 :])
    assert np.abs(picture.pixels.astype(int) - ART).mean() < 2
    assert "colours_declared:Display P3" in picture.facts.notes
    assert read(tmp_path, data).facts.notes == ()
    for cut in range(0, at + 20, 7):  # whatever is left of the boxes, no other exception
        from simcheck.images.formats import heif

        heif.declared_colours(data[:cut])
        heif.coded_spans(data[:cut])


@given(st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_any_code_points_give_a_picture(primaries: int, transfer: int, full: bool) -> None:
    declared = from_code_points(primaries, transfer, full_range=full)
    ramp = np.linspace(0, 255, 12 * 3).astype(np.uint8).reshape(3, 4, 3)
    if declared is not None:
        for values in (ramp, ramp[..., 0], ramp.astype(np.uint16) * 257, np.dstack([ramp, ramp[..., :1]])):
            shown = to_srgb(values, declared, [])
            assert shown.shape == values.shape and shown.dtype == np.uint8
        assert to_srgb(np.zeros((1, 1, 3), np.uint8), declared, []).max() <= 1 or transfer not in (16, 18, 8)


@given(
    st.one_of(st.none(), st.floats(0, 50_000)),
    st.one_of(st.none(), st.tuples(*[st.floats(0, 1.2) for _ in range(8)])),
)
def test_any_gamma_and_primaries_give_a_picture(gamma: float | None, chroma: tuple[float, ...] | None) -> None:
    declared = from_gamma(gamma, chroma)
    if declared is not None:
        to_srgb(np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20, declared, [])


def test_white_and_grey_stay_white_and_grey_in_all_primaries() -> None:
    grey = np.full((2, 2, 3), 188, np.uint8)
    for primaries in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22):
        declared = from_code_points(primaries, 8)
        assert declared is not None
        shown = to_srgb(grey, declared, [])
        assert np.ptp(shown) <= 1, primaries
