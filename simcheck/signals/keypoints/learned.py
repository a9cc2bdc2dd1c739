"""keypoints, found and described by ALIKED or DISK instead of SIFT, where the person has the network's file.

The same signal under another identity: its claim, its score and its evidence are those of ``signal.py``. Learned
keypoints hold better through changes of light, blur and style; they know neither size nor orientation, so relations
come from pairs of matches (``two_point.py``) and strong turns are lost unless the network was trained on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version as library_version

import numpy as np
from numpy.typing import NDArray

from simcheck.models.learned_keypoints import LearnedKeypoints
from simcheck.records import (
    Comparison,
    Description,
    Descriptor,
    Edit,
    EditKind,
    MatchEvidence,
    Pixels,
    SignalIdentity,
    Watcher,
)
from simcheck.signals.base import canonical_json
from simcheck.signals.keypoints import geometry
from simcheck.signals.keypoints.geometry import Keypoints
from simcheck.signals.keypoints.signal import MOST_RELATIONS, KeypointsParams, KeypointsSignal, colours_around, unpacked
from simcheck.signals.keypoints.two_point import relate_places

__all__ = ["LearnedKeypointsSignal"]

_AROUND = 0.01
"""Radius of the place whose colour is taken, in units of the longer side: the network states none."""
_BLANK = 1.0
"""A picture whose channels all vary less than this (standard deviation, of 255) shows nothing."""
_STEPS = 254
"""Steps in one unit of a descriptor's number; those of unit vectors with a hundred numbers lie well within a half."""


class LearnedKeypointsSignal(KeypointsSignal):
    threaded = True
    """OpenCV's network keeps every core busy, and is not to be run twice at once."""

    def __init__(self, network: str, params: KeypointsParams | None = None) -> None:
        self.network = LearnedKeypoints(network)
        super().__init__(params or KeypointsParams(side=self.network.side, ratio=0.95))

    named = True

    def prepare(self, watcher: Watcher) -> None:
        """Read the file, once. Raises ModelError when it cannot be used."""
        del watcher
        self.network.load()

    def identity(self) -> SignalIdentity:
        """The file's digest and the network's kind; not where it lies."""
        return SignalIdentity(
            name=self.name,
            version=self.version,
            weights=self.network.digest,
            params=canonical_json({**asdict(self.params), "kind": self.network.kind}),
            preprocessing=canonical_json({"side": self.network.side, "resize": "fit", "fill": "edge"}),
            libraries=canonical_json({name: library_version(name) for name in self.libraries}),
        )

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(n, 11 + dimension) uint8: the first 11 as in `KeypointsSignal.describe`, size and angle 0; then the unit
        vector, each number times 254 plus 128."""
        return [self._learned(image) for image in images]

    def _learned(self, image: Pixels) -> Descriptor:
        if min(image.shape[:2]) * min(1, self.params.side / max(image.shape[:2])) < 16:
            return Descriptor.abstain("too_small")
        if image.reshape(-1, 3).std(axis=0).max() < _BLANK:
            return Descriptor.abstain("little_detail")
        found = self.network.find(image, self.params.most)
        if len(found.places) < 8:
            return Descriptor.abstain("little_detail")
        height, width = image.shape[:2]
        sizes = np.full(len(found.places), _AROUND * max(height, width))
        colours = colours_around(np.ascontiguousarray(image), found.places * (width, height), sizes)
        frame = np.hstack([found.places, np.zeros((len(found.places), 2))])
        packed = np.rint(np.clip(frame, 0, 1) * 65535).astype("<u2").view(np.uint8).reshape(len(frame), 8)
        numbers = np.rint(np.clip(found.vectors * _STEPS + 128, 0, 255)).astype(np.uint8)
        return Descriptor(np.hstack([packed, colours, numbers]))

    def negative(
        self, query: Description, reference: Description, plain: Comparison
    ) -> tuple[Comparison, EditKind] | None:
        """Only of SIFT is it known what becomes of a descriptor in a negative."""
        del query, reference, plain
        return None

    def covered(self, pixels: Pixels, reference: Description, matches: MatchEvidence) -> tuple[Edit, ...]:
        """The network finds its own places, and describes no others."""
        del pixels, reference, matches
        return ()

    def relate(self, ours: Keypoints, theirs: Keypoints, mirrored: bool) -> list[geometry.Relation]:
        return relate_places(ours, theirs, ratio=self.params.ratio, mirrored=mirrored, most=MOST_RELATIONS)

    def unpack(self, descriptor: Descriptor, description: Description) -> Keypoints:
        return unpacked(descriptor, description, descriptor.values[:, 11:].astype(np.float32) - 128)

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """(n, dimension) unit vectors, as many as `KeypointsSignal.vectors`."""
        if descriptor.reason:
            return np.zeros((0, self.network.dimension), np.float32)
        rows = descriptor.values[: self.params.voters * (3 if query else 1), 11:].astype(np.float32) - 128
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
