"""What the first bytes of a file say it is: to find pictures, and to choose a second decoder."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["OPENCV_TOO", "first_of", "known_format", "prefixes"]

Prefixes = tuple[int, tuple[bytes, ...]]

# fmt: off
_KNOWN = (
    (0, b"\xff\xd8\xff", "JPEG"), (0, b"\x89PNG", "PNG"), (0, b"GIF8", "GIF"), (8, b"WEBP", "WebP"),
    (0, b"II*\0", "TIFF"), (0, b"MM\0*", "TIFF"), (0, b"II+\0", "TIFF"), (0, b"MM\0+", "TIFF"), (0, b"BM", "BMP"),
    (4, b"jP  \r\n", "JPEG 2000"), (0, b"\xff\x4f\xff\x51", "JPEG 2000"), (0, b"8BPS", "PSD"),
    (4, b"ftyphe", "HEIC"), (4, b"ftypmif1", "HEIF"), (4, b"ftypmsf1", "HEIF"), (4, b"ftypavi", "AVIF"),
    (0, b"#?RADIANCE", "Radiance HDR"), (0, b"#?RGBE", "Radiance HDR"), (0, b"P7\n", "PAM"), (0, b"PF\n", "PFM"),
    (0, b"Pf\n", "PFM"), (0, b"P4\n", "PBM"), (0, b"P5\n", "PGM"), (0, b"P6\n", "PPM"),
    (0, b"\0\0\1\0", "ICO"), (0, b"icns", "ICNS"), (0, b"DDS ", "DDS"), (0, b"qoif", "QOI"),
    (0, b"\x01\xda", "SGI"), (0, b"\x59\xa6\x6a\x95", "Sun raster"),
)
# fmt: on

OPENCV_TOO = frozenset({"JPEG 2000", "TIFF", "PNG", "Radiance HDR", "PAM", "PFM", "Sun raster"})
"""What OpenCV may try after Pillow. It would not read more of the other formats, or would read them less strictly."""


def known_format(data: bytes) -> str | None:
    """The format that simcheck has a decoder for, by signature."""
    return first_of(data, _KNOWN, _AT)


def first_of(data: bytes, signatures: Sequence[tuple[int, bytes, str]], at_all: Sequence[Prefixes]) -> str | None:
    """The last of the first triple whose bytes lie where it says. ``at_all`` is `prefixes` of the same triples: most
    files are none of them, and that is found out in a few looks."""
    if not any(data.startswith(magics, at) for at, magics in at_all):
        return None
    return next((name for at, magic, name in signatures if data.startswith(magic, at)), None)


def prefixes(signatures: Sequence[tuple[int, bytes, str]]) -> tuple[Prefixes, ...]:
    places = dict.fromkeys(at for at, _, _ in signatures)
    return tuple((at, tuple(magic for where, magic, _ in signatures if where == at)) for at in places)


_AT = prefixes(_KNOWN)
