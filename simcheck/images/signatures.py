"""What the first bytes of a file say it is: to choose a second decoder, and to say why a file is refused."""

from __future__ import annotations

__all__ = ["OPENCV_TOO", "foreign_format", "known_format"]

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
_FOREIGN = (
    (0, b"\xff\x0a", "JPEG XL"), (4, b"JXL \r\n", "JPEG XL"), (0, b"%!PS", "PostScript"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript"), (0, b"%PDF", "PDF or Illustrator"), (0, b"<svg", "SVG"),
    (0, b"CSFCHUNK", "Clip Studio"), (0, b"gimp xcf", "GIMP"), (0, b"PK\3\4", "this kind of Zip archive"),
    (0, b"v/1\1", "OpenEXR"), (4, b"ftypcrx", "Canon raw"),
)
# fmt: on

OPENCV_TOO = frozenset({"JPEG 2000", "TIFF", "PNG", "Radiance HDR", "PAM", "PFM", "Sun raster"})
"""What OpenCV may try after Pillow. It would not read more of the other formats, or would read them less strictly."""


def known_format(data: bytes) -> str | None:
    """The format that simcheck has a decoder for, by signature."""
    return _first(data, _KNOWN)


def foreign_format(data: bytes) -> str | None:
    """A format of pictures or documents that simcheck has no decoder for, by signature."""
    return _first(data, _FOREIGN)


def _first(data: bytes, signatures: tuple[tuple[int, bytes, str], ...]) -> str | None:
    return next((name for at, magic, name in signatures if data.startswith(magic, at)), None)
