"""Files, pictures, their descriptions, and the works of a portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.records.evidence import Box

__all__ = ["Description", "Descriptor", "FileFacts", "Picture", "Pixels", "Region", "SignalIdentity", "Skipped", "Work"]

Pixels = NDArray[np.uint8]
"""(height, width, 3), sRGB, 8 bit."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file's bytes and how they were decoded. ``width`` and ``height`` are the full size after orientation."""

    sha256: str
    size_bytes: int
    format: str
    mode: str
    width: int
    height: int
    frames: int
    decoder: str
    notes: tuple[str, ...] = ()
    """Stable codes, some with a value: ``alpha_flattened``, ``icc_converted:Display P3``, ``oriented:6``,
    ``first_frame_of:12``, ``frame:3/12``, ``page:2/2``, ``reduced_decode:2``, ``cmyk_without_profile`` …"""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture at working size (longer side bounded, never enlarged)."""

    facts: FileFacts
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was passed over, with a stable code and a sentence that says why."""

    path: Path
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a picture. Region 0 is the whole picture."""

    number: int
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Descriptor:
    """What a signal extracts from one region: a 2-D array (rows, columns) of uint8 or float16.

    A signal that has nothing to say returns an array with no rows and the ``reason`` (a stable code).
    """

    values: NDArray[Any]
    reason: str | None = None

    @staticmethod
    def abstain(reason: str) -> Descriptor:
        return Descriptor(np.zeros((0, 0), np.uint8), reason)


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """All that one signal says of one picture: a descriptor for each region, region 0 first.

    ``mirrored`` holds the descriptors of the same regions, each mirrored left to right; only queries have it.
    ``width`` and ``height`` are those of the full-size picture, for aspect ratios. The last ``panels`` regions are the
    pictures found within a query (`simcheck.images.panels`).
    """

    regions: tuple[Region, ...]
    descriptors: tuple[Descriptor, ...]
    width: int
    height: int
    mirrored: tuple[Descriptor, ...] = ()
    panels: int = 0
    content: tuple[Descriptor, ...] = ()
    """Of a query's regions once more, without what is ground in them; none where the signal cannot tell."""


@dataclass(frozen=True, slots=True)
class SignalIdentity:
    """What must be equal for two descriptors to be comparable, and (``libraries``) what is merely recorded.

    ``weights`` is the SHA-256 of the network's weights, empty for a signal without any. ``params``,
    ``preprocessing`` and ``libraries`` are canonical JSON (sorted keys, no spaces).
    """

    name: str
    version: int
    weights: str = ""
    params: str = "{}"
    preprocessing: str = "{}"
    libraries: str = "{}"

    @property
    def comparable(self) -> tuple[str, int, str, str, str]:
        return (self.name, self.version, self.weights, self.params, self.preprocessing)


@dataclass(frozen=True, slots=True)
class Work:
    """One reference: a picture of the portfolio, identified by the SHA-256 of its bytes."""

    id: int
    facts: FileFacts
    paths: tuple[Path, ...]
    """Where files with these bytes were last seen, newest first. Never empty."""
