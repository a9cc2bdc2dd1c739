"""From a decoded Pillow image of any mode to 8-bit sRGB at working size.

The order is: 8 bit, then white behind transparency (black, where nothing would show on white), then the smaller size,
then the colour profile, then the turn that EXIF asks for. The costly steps come after the picture is small, and no
step holds more than two full-size copies. The ground goes behind transparency before the size changes, so that hidden
colours never bleed into edges.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from simcheck.records import Pixels

__all__ = ["eight_bit", "from_array", "target_size", "to_working"]

_STRIP = 256
"""Rows that are scaled to 8 bit at a time: bounds the floating-point copies."""

_SEEN, _SEEN_IN_ONE = 24.0, 48.0
"""Levels, of 256, of lightness or of one channel by which a pixel must differ from white to be seen on it."""
_VANISHES = 0.1
"""Share of all that is drawn that is seen on white, below which white is the wrong ground …"""
_GAIN, _LEAST_SPREAD = 4.0, 4.0
"""… provided that black shows so many times more, and enough that the picture is not blank (see `scope`)."""
_SAMPLE = 512
"""Pixels of the longer side of what is looked at to choose between them."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation (EXIF 2.32, tag 0x0112) -> what undoes it."""


def to_working(image: Image.Image, orientation: int, bits: int, working_side: int, notes: list[str]) -> Pixels:
    """A loaded image of any mode as (height, width, 3) uint8 sRGB, of `target_size`.

    ``orientation`` is EXIF's; ``bits`` says how many of the 16 bits of a 16-bit grey image count. What was done is
    appended to ``notes``. A profile that cannot be used is left out, with a note.
    """
    profile = image.info.get("icc_profile")
    image = _flatten(eight_bit(image, bits, notes), notes)
    size = target_size(image.size, working_side)
    if size != image.size:
        # A box average down to twice the size, then Lanczos: within rounding of Lanczos alone, and much faster.
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _to_srgb(image, profile, notes)
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    return np.array(image)


def target_size(size: tuple[int, int], working_side: int) -> tuple[int, int]:
    """The size with its longer side brought down to ``working_side``; never enlarged, no side below 1.

    A strip, longer than four times its width, keeps a quarter of ``working_side`` across, as far as it then has no more
    pixels than a square of that side: else nothing would be left of the pictures in it.
    """
    longer, shorter = max(size), min(size)
    across = min(working_side / 4 / shorter, working_side / (longer * shorter) ** 0.5)
    factor = max(working_side / longer, across)
    if factor >= 1:
        return size
    return (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))


def from_array(values: NDArray[np.generic], notes: list[str]) -> Image.Image:
    """A Pillow image (L, LA, RGB or RGBA) of a (height, width[, channels]) array of any number type."""
    eight = values if values.dtype == np.uint8 else _scaled(values, notes)
    return Image.fromarray(np.ascontiguousarray(eight))


def eight_bit(image: Image.Image, bits: int, notes: list[str]) -> Image.Image:
    """In mode L, RGB, RGBA or CMYK. ``bits`` and ``notes`` as in `to_working`."""
    mode = image.mode
    if mode.startswith("I;16"):
        # Pillow's own conversion clips at 255, which would turn nearly all of the picture white.
        white = 2 ** min(bits, 16) - 1
        grey = _by_strips(image, lambda strip: (strip.astype(np.uint32).clip(max=white) * 255 + white // 2) // white)
        return _with_transparent_value(grey, image)
    if mode in ("I", "F"):
        return _by_strips(image, _scale_of(np.asarray(image), notes))
    if mode == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        notes.append("lab_converted")
        image.info.pop("icc_profile", None)
        return _transformed(image, lab, "LAB")
    if mode == "La":
        return image.convert("LA").convert("RGBA")
    if image.has_transparency_data or mode in ("PA", "RGBa"):
        return image if mode == "RGBA" else image.convert("RGBA")
    if mode == "1":
        return image.convert("L")
    return image if mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _with_transparent_value(grey: Image.Image, image: Image.Image) -> Image.Image:
    """A 16-bit grey PNG may name one grey value that is transparent."""
    value = image.info.get("transparency")
    if not isinstance(value, int):
        return grey
    alpha = Image.fromarray(((np.asarray(image) != value) * np.uint8(255)).astype(np.uint8))
    return Image.merge("LA", (grey, alpha)).convert("RGBA")


def _by_strips(image: Image.Image, scale: Callable[[NDArray[np.generic]], NDArray[np.generic]]) -> Image.Image:
    out = np.empty((image.height, image.width), np.uint8)
    for top in range(0, image.height, _STRIP):
        bottom = min(top + _STRIP, image.height)
        out[top:bottom] = scale(np.asarray(image.crop((0, top, image.width, bottom))))
    return Image.fromarray(out)


def _scaled(values: NDArray[np.generic], notes: list[str]) -> NDArray[np.uint8]:
    if values.dtype == np.uint16:
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 65535 / 257 is 255 exactly
    return _scale_of(values, notes)(values).astype(np.uint8)


def _scale_of(values: NDArray[np.generic], notes: list[str]) -> Callable[[NDArray[np.generic]], NDArray[np.generic]]:
    """How to bring 32-bit integers or floats to 0..255.

    The files do not say what their white is, so the values decide: none below 0, and none above 1 (floats only), 255
    or 65535 means that this is white, as such files are written in practice. Anything else is stretched between its
    lowest and highest value, and the note says so: its brightness is relative, not absolute. NaN becomes black.
    """
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    whites = ([1.0] if values.dtype.kind == "f" else []) + [255.0, 65535.0]
    white = next((white for white in whites if low >= 0 and high <= white), None)
    if white is None:
        notes.append(f"stretched:{low:g}..{high:g}")
        base, span = low, (high - low) or 1.0
    else:
        notes.append(f"white_at:{white:g}")
        base, span = 0.0, white

    def scale(strip: NDArray[np.generic]) -> NDArray[np.generic]:
        unit = (np.nan_to_num(strip.astype(np.float64), nan=base, posinf=high, neginf=low) - base) / span
        return np.rint(unit * 255)

    return scale


def _flatten(image: Image.Image, notes: list[str]) -> Image.Image:
    """Without transparency. What is wholly transparent, which no viewer shows, shows the colours that are hidden in
    it, if there is more than one: so a work or a suspect that somebody saved like this is not lost."""
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    lowest, highest = alpha.getextrema()
    if lowest == 255:
        return image.convert("RGB")
    if highest == 0:
        hidden = image.convert("RGB")
        if any(band.getextrema()[0] != band.getextrema()[1] for band in hidden.split()):
            notes.append("alpha_nothing_opaque")
            return hidden
    shade = _ground(image)
    notes.append("alpha_flattened" if shade == 255 else "alpha_on_black")
    ground = Image.new("RGB", image.size, (shade, shade, shade))
    ground.paste(image, mask=alpha)
    return ground


def _ground(image: Image.Image) -> int:
    """The grey to lay behind a transparent picture: white, or black where next to nothing would be seen on white."""
    sample = image.resize(target_size(image.size, _SAMPLE), Image.Resampling.NEAREST)
    values = np.asarray(sample).astype(np.float32)
    alpha, light = values[..., 3] / 255, values[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    on_white, on_black = 255 - alpha * (255 - light), alpha * light
    colour = alpha * (255 - values[..., :3].min(axis=2))
    drawn, seen = float(alpha.sum()), float(alpha[(255 - on_white >= _SEEN) | (colour >= _SEEN_IN_ONE)].sum())
    if not drawn or seen / drawn >= _VANISHES:
        return 255
    spread_on_white, spread_on_black = float(on_white.std()), float(on_black.std())
    return 0 if spread_on_black > max(_LEAST_SPREAD, _GAIN * spread_on_white) else 255


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """RGB in sRGB from L, RGB or CMYK, through the file's colour profile where it has a usable one."""
    if profile:
        try:
            return _through_profile(image, profile, notes)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
            # The picture is whole without its profile; colours may be slightly off, which the note says.
            notes.append(f"icc_ignored:{_brief(str(error))}")
    if image.mode == "CMYK":
        notes.append("cmyk_without_profile")
    return image.convert("RGB")


def _through_profile(image: Image.Image, data: bytes, notes: list[str]) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    space = profile.profile.xcolor_space.strip()
    mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space)
    if mode == "RGB" and image.mode == "L":
        image = image.convert("RGB")  # grey pictures are often saved under the screen's RGB profile
    if mode != image.mode:
        raise ValueError(f"a profile for {space or 'nothing'} on a {image.mode} picture")
    name = _brief(ImageCms.getProfileDescription(profile))
    if mode == "RGB" and _is_srgb(profile):
        notes.append("icc_is_srgb")
        return image
    converted = _transformed(image, profile, mode)
    notes.append(f"icc_converted:{name}")
    return converted


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """By what it does, not by what it calls itself: no colour of a coarse cube moves by more than 2 of 255."""
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(27, 27, 3)
    moved = np.asarray(_transformed(Image.fromarray(cube), profile, "RGB")).astype(np.int16)
    return bool(np.abs(moved - cube).max() <= 2)


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    # Relative colorimetric with black point compensation: what Photoshop and browsers show by default.
    transform = ImageCms.buildTransform(
        source,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None, "only in-place transforms return None"
    return converted


def _brief(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())[:60]
