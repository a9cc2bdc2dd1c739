"""Tiny, deterministic signals and a reader without processes, for tests of what lies around them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from simcheck.errors import ModelError, PictureError, SignalError
from simcheck.images import READING
from simcheck.records import Claim, Comparison, Description, Descriptor, FileFacts, Notice, Picture, Pixels
from simcheck.signals.base import Regions, Signal

__all__ = ["InProcessReader", "MeanColour", "NetworkSignal", "Notebook", "SlowSignal", "Thumbnail", "paint"]

DECODER = f"test; reading {READING}"
POISON = (255, 0, 255)
"""A picture that starts with this colour is one that some fake signals fail on."""


def is_poison(image: Pixels) -> bool:
    return tuple(image[0, 0]) == POISON


class MeanColour(Signal):
    """Mean and spread of each channel, (1, 6) float16."""

    name = "mean_colour"
    version = 1
    claim = Claim.COPY
    libraries = ("numpy",)

    def __init__(self) -> None:
        super().__init__()
        self.pictures_seen = 0

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        self.pictures_seen += len(images)
        return [self._describe(image) for image in images]

    def _describe(self, image: Pixels) -> Descriptor:
        if is_poison(image):
            raise SignalError("this colour hurts")
        if image.shape[0] * image.shape[1] == 1:
            return Descriptor.abstain("one_pixel")
        flat = image.reshape(-1, 3).astype(np.float32)
        return Descriptor(np.hstack([flat.mean(0), flat.std(0)])[None].astype(np.float16))

    def compare(self, query: Description, reference: Description) -> Comparison:
        ours, theirs = query.descriptors[0], reference.descriptors[0]
        if reason := ours.reason or theirs.reason:
            return Comparison(None, reason)
        return Comparison(-float(np.abs(ours.values.astype(float) - theirs.values).sum()))


class Thumbnail(MeanColour):
    """The picture at 4 x 4 pixels, (4, 12) uint8, for each of 19 regions; described mirrored as a query."""

    name = "thumbnail"
    reference_regions = Regions.CROPS
    query_regions = Regions.CROPS
    mirrored_query = True

    def _describe(self, image: Pixels) -> Descriptor:
        small = Image.fromarray(np.ascontiguousarray(image)).resize((4, 4), Image.Resampling.NEAREST)
        return Descriptor(np.asarray(small, np.uint8).reshape(4, 12))


class SlowSignal(MeanColour):
    """Takes its time, so that a test can interrupt it."""

    name = "slow"

    def _describe(self, image: Pixels) -> Descriptor:
        time.sleep(0.03)
        return super()._describe(image)


class NetworkSignal(MeanColour):
    """Stands for a signal whose weights cannot be used."""

    name = "network"

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        raise ModelError("the weights are corrupt")


class InProcessReader:
    """Decodes with Pillow in this process, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.opened: list[Path] = []

    def read_all(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Picture | PictureError]]:
        for path in paths:
            self.opened.append(path)
            try:
                data = path.read_bytes()
                with Image.open(path) as image:
                    pixels = np.asarray(image.convert("RGB"))
                    kind, mode = image.format or "?", image.mode
            except FileNotFoundError:
                yield path, PictureError(f"{path}: gone", "vanished")
            except OSError:
                yield path, PictureError(f"{path}: damaged", "damaged")
            else:
                height, width = pixels.shape[:2]
                facts = FileFacts(
                    hashlib.sha256(data).hexdigest(),
                    len(data),
                    kind,
                    mode,
                    width,
                    height,
                    1,
                    f"test; reading {READING}",
                    ("note:1",),
                )
                yield path, Picture(facts, pixels)


@dataclass
class Notebook:
    """A watcher that writes down what it is told."""

    notices: list[Notice] = field(default_factory=list)
    progresses: list[tuple[int, int | None]] = field(default_factory=list)

    def progress(self, stage: str, done: int, total: int | None) -> None:
        assert stage == "index"
        self.progresses.append((done, total))

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    @property
    def codes(self) -> list[str]:
        return [notice.code for notice in self.notices]


def paint(path: Path, seed: int, size: tuple[int, int] = (24, 16), corner: tuple[int, int, int] | None = None) -> Path:
    """A small PNG that depends on ``seed`` alone; ``corner`` colours its first pixel."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    if corner:
        pixels[0, 0] = corner
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, "PNG")
    return path
