"""Zip archives for tests, with pictures in them and with what may be wrong in them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["encrypted", "picture", "zipped"]


def picture(seed: int, kind: str = "PNG", size: tuple[int, int] = (24, 16)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def zipped(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def encrypted(path: Path) -> None:
    """Say of every file in the archive that it is protected by a password."""
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        found = data.find(magic)
        while found >= 0:
            (flags,) = struct.unpack_from("<H", data, found + at)
            struct.pack_into("<H", data, found + at, flags | 1)
            found = data.find(magic, found + 4)
    path.write_bytes(bytes(data))
