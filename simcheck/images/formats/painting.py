"""The merged picture inside a Krita (.kra) or OpenRaster (.ora) document, both of which are Zip archives.

Sources: the OpenRaster 0.0.5 specification; Krita's file format page.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from simcheck.errors import PictureError

__all__ = ["is_zip", "merged_picture"]

_NAME = "mergedimage.png"
_MIME_TYPES = {"application/x-krita": "Krita", "application/x-kra": "Krita", "image/openraster": "OpenRaster"}
_MOST_ENTRIES = 65_536
_END_OF_DIRECTORY, _END_BYTES, _LONGEST_COMMENT = b"PK\5\6", 22, 65_535


def is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\3\4")


def merged_picture(data: bytes, max_bytes: int) -> tuple[str, bytes] | None:
    """("Krita" or "OpenRaster", the PNG inside); None: this is another kind of Zip archive.

    Nothing else in the archive is unpacked. Raises PictureError: no_decoder (there is no merged picture inside),
    damaged, too_large_file.
    """
    try:
        archive = _opened(data)
        if archive is None:
            return None
        with archive:
            program = _program(archive)
            if program is None:
                return None
            if _NAME not in archive.namelist():
                raise PictureError(
                    f"this {program} document holds no merged picture, only layers; open it there and save it again, "
                    "or export it as PNG",
                    "no_decoder",
                )
            return program, _read(archive, _NAME, max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise PictureError(
            f"this document, a Zip archive, cannot be unpacked ({f'{error}'[:80]}); it is damaged or encrypted. Fetch "
            "or save it again",
            "damaged",
        ) from error


def _opened(data: bytes) -> zipfile.ZipFile | None:
    """The archive; None if it lists so many files that even its table of contents is a burden."""
    at = data.rfind(_END_OF_DIRECTORY, max(0, len(data) - _END_BYTES - _LONGEST_COMMENT))
    if at >= 0 and at + _END_BYTES <= len(data):
        entries, size = struct.unpack_from("<HI", data, at + 10)
        if entries >= _MOST_ENTRIES - 1 or size > _MOST_ENTRIES * 256:
            return None
    return zipfile.ZipFile(io.BytesIO(data))


def _program(archive: zipfile.ZipFile) -> str | None:
    names = archive.namelist()
    if "mimetype" in names:
        kind = _read(archive, "mimetype", 1000).strip().decode("ascii", "replace")
        if kind in _MIME_TYPES:
            return _MIME_TYPES[kind]
    if "maindoc.xml" in names and "documentinfo.xml" in names:
        return "Krita"
    return "OpenRaster" if "stack.xml" in names and _NAME in names else None


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most ``most`` bytes, whatever the archive says of the size."""
    with archive.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise PictureError(
            f"{name} in this document unpacks to more than the {most / 1e6:,.0f} MB that simcheck reads into memory; "
            "save a smaller copy",
            "too_large_file",
        )
    return content
