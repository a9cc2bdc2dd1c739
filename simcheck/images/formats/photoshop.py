"""Photoshop files: the merged picture inside, or its layers put together where there is none.

Source: Adobe, Photoshop File Formats Specification (2019).
"""

from __future__ import annotations

import io
import struct
from importlib.metadata import version as library_version
from typing import TYPE_CHECKING

from PIL import Image

from simcheck.errors import PictureError
from simcheck.images.decoded import Decoded, check_pixels

if TYPE_CHECKING:
    from psd_tools import PSDImage

__all__ = ["has_merged_picture", "has_transparency", "with_psd_tools"]

_VERSION_INFO, _CHANNEL_NAMES, _CHANNEL_IDS = 1057, 1006, 1053
_MOST_RESOURCES = 10_000
_TRANSPARENT_BLOCKS = (b"8BIMMtrn", b"8BIMMt16", b"8BIMMt32")
_DEEP_LAYERS = (b"8BIMLr16", b"8BIMLr32")


def has_merged_picture(data: bytes) -> bool:
    """False where Photoshop says that what stands in its place is blank ("maximise compatibility" was off)."""
    return _resources(data).get(_VERSION_INFO, b"")[4:5] != b"\0"


def has_transparency(data: bytes) -> bool:
    """Whether the first channel beside the colours is how opaque the picture is, and not a saved selection."""
    resources = _resources(data)
    names, ids = resources.get(_CHANNEL_NAMES, b""), resources.get(_CHANNEL_IDS, b"")
    if ids[:4] == bytes(4) or names[1 : 1 + names[0] if names else 1] == b"Transparency":
        return True
    layers = _layers(data)
    if any(block in layers for block in _TRANSPARENT_BLOCKS):
        return True
    wide = data[4:6] == b"\0\2"
    counts = [layers[8:10] if wide else layers[4:6]] if layers[: 8 if wide else 4].strip(b"\0") else []
    for block in _DEEP_LAYERS:
        at = layers.find(block)
        if at >= 0:
            counts.append(layers[at + 8 + (8 if wide else 4) :][:2])
    return any(len(count) == 2 and count[0] >= 0x80 for count in counts)  # a negative number of layers says so


def with_psd_tools(data: bytes, max_pixels: int, *, compose: bool) -> Decoded:
    """PSDs that Pillow cannot read (16 bit, PSB …), and those saved without a merged picture (``compose``).

    Raises PictureError (too_many_pixels, no_decoder), and whatever psd-tools raises on damaged files.
    """
    height, width = struct.unpack(">II", data[14:22])
    check_pixels((width, height), max_pixels)
    try:
        import psd_tools
        from psd_tools.constants import Resource
    except ImportError as error:
        raise PictureError(
            "this Photoshop file needs a decoder that is not installed; run: pip install psd-tools", "no_decoder"
        ) from error
    psd = psd_tools.PSDImage.open(io.BytesIO(data))
    compose = compose or not psd.has_preview()
    image = _composed(psd) if compose else psd.topil(apply_icc=False)
    if image is None and compose:
        image, compose = _stored(data), False
    if image is None:
        raise ValueError("no picture in this PSD")
    alpha_ignored = image.mode in ("LA", "RGBA") and not compose and not has_transparency(data)
    if alpha_ignored:
        # A saved selection beside the colours, which psd-tools has blended them with: they are read one by one.
        bands = [psd.topil(channel=number, apply_icc=False) for number in range(len(image.mode) - 1)]
        image = Image.merge(image.mode[:-1], [band.convert("L") for band in bands if band is not None])
    profile = psd.image_resources.get_data(Resource.ICC_PROFILE)
    if profile:
        image.info["icc_profile"] = profile
    decoder = f"psd-tools {library_version('psd-tools')}"
    mode = f"{psd.color_mode.name};{psd.depth}"
    decoded = Decoded(image, "PSD" if psd.version == 1 else "PSB", mode, image.size, decoder)
    decoded.notes.append(f"layers:{len(psd)}")
    decoded.notes += ["composed_from_layers"] if compose else ["alpha_ignored"] if alpha_ignored else []
    return decoded


def _composed(psd: PSDImage) -> Image.Image | None:
    """The layers drawn over each other; None where that needs a drawing library that is not installed."""
    try:
        return psd.composite(ignore_preview=True, apply_icc=False)
    except ImportError:
        return None  # the caller looks for what is stored, and says what is missing


def _stored(data: bytes) -> Image.Image:
    """The merged picture though it is called blank, if it is not. Raises PictureError (no_decoder)."""
    try:
        image = Image.open(io.BytesIO(data), formats=("PSD",))
        image.load()
        shows = any(len(set(band.getextrema())) > 1 for band in image.convert("RGB").split())
    except (OSError, SyntaxError, ValueError):
        shows = False
    if shows:
        return image
    raise PictureError(
        "this Photoshop file was saved without a merged picture, and its layers hold shapes or effects that only a "
        "drawing library can put together. Open it in Photoshop and save it with “maximise compatibility” on, or "
        "export it as PNG; or run: pip install 'psd-tools[composite]'",
        "no_decoder",
    )


def _resources(data: bytes) -> dict[int, bytes]:
    """Image resources by number, the first of each, as far as they are in order."""
    found: dict[int, bytes] = {}
    begin = _after_section(data, 26)
    end = min(_after_section(data, begin), len(data))
    at = begin + 4
    for _ in range(_MOST_RESOURCES):
        if at + 12 > end:
            break
        number, name = struct.unpack_from(">HB", data, at + 4)
        at += 6 + (name + 2) // 2 * 2
        size = int.from_bytes(data[at : at + 4], "big")
        found.setdefault(number, data[at + 4 : min(at + 4 + size, end)])
        at += 4 + (size + 1) // 2 * 2
    return found


def _layers(data: bytes) -> bytes:
    """The content of the layer and mask section."""
    begin = _after_section(data, _after_section(data, 26))
    wide = 8 if data[4:6] == b"\0\2" else 4
    size = int.from_bytes(data[begin : begin + wide], "big")
    return data[begin + wide : begin + wide + size]


def _after_section(data: bytes, at: int) -> int:
    return at + 4 + int.from_bytes(data[at : at + 4], "big")
