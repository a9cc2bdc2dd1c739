"""keypoints: is there an exact geometric relation between parts of the two pictures?

SIFT (Lowe, IJCV 2004) with the RootSIFT norm (Arandjelovic & Zisserman, CVPR 2012), ratio test, then one transform
that as many matches as possible obey (``geometry.py``). The mirrored query is tried as well. The score says how far
the number of inliers lies beyond chance. Retrieval lets each of the query's strongest keypoints vote.

Sees copies, crops, pasted parts, screenshots, recolouring and moderate overpainting, and shows them as lines.
Fooled by: lettering, frames, grids and other ready-made patterns that honest works share; blind to parts that were
drawn anew, to flat areas and to very small pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Claim, Comparison, Description, Descriptor, Edit, EditKind, MatchEvidence, Pixels
from simcheck.signals.base import PartRole, Retrieval, Signal
from simcheck.signals.keypoints import geometry
from simcheck.signals.keypoints.covered import covered
from simcheck.signals.keypoints.geometry import Keypoints
from simcheck.signals.keypoints.negative import inverted, negative
from simcheck.signals.keypoints.orientation import told

__all__ = ["MOST_RELATIONS", "KeypointsParams", "KeypointsSignal", "colours_around", "unpacked"]

MOST_RELATIONS = 4
"""In one pair of pictures, of the query as it is and of the mirrored one each."""


@dataclass(frozen=True, slots=True)
class KeypointsParams:
    side: int = 800
    """Longer side, in pixels, at which keypoints are found."""
    most: int = 1000
    ratio: float = 0.85
    voters: int = 160
    """How many of the strongest keypoints take part in retrieval."""


class KeypointsSignal(Signal):
    name = "keypoints"
    version = 1
    claim = Claim.COPY
    retrieval = Retrieval.VOTES
    mirrored_query = True
    libraries = ("opencv-python-headless",)
    part_role = PartRole.RELATION
    of_strokes = True

    def __init__(self, params: KeypointsParams | None = None) -> None:
        super().__init__(params or KeypointsParams())
        self.params: KeypointsParams

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(n, 139) uint8, strongest first: x, y, size, angle as little-endian uint16, L*, a*, b*, then 128 of RootSIFT.

        x and y are fractions of width and height, size one of the longer side, the angle one of a full turn, all
        times 65535. Colours are those around the place, as OpenCV packs CIELAB into bytes: L* * 2.55, a* + 128,
        b* + 128.
        """
        return [self._describe(image) for image in images]

    def _describe(self, image: Pixels) -> Descriptor:
        import cv2

        height, width = image.shape[:2]
        image = np.ascontiguousarray(image)
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        factor = self.params.side / max(height, width)
        if factor < 1:
            size = (max(1, round(width * factor)), max(1, round(height * factor)))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        if min(grey.shape) < 16:
            return Descriptor.abstain("too_small")
        found, sift = cv2.SIFT.create(nfeatures=0, contrastThreshold=0.02).detectAndCompute(grey, None)
        if len(found) < 8:
            return Descriptor.abstain("little_detail")
        strength = np.array([k.response for k in found])
        order = np.argsort(-strength, kind="stable")[: self.params.most]
        root = np.sqrt(sift[order] / np.maximum(sift[order].sum(axis=1, keepdims=True), 1e-9))
        rows, columns = grey.shape
        frame = np.array(
            [
                (found[i].pt[0] / columns, found[i].pt[1] / rows, found[i].size / max(grey.shape), found[i].angle / 360)
                for i in order
            ]
        )
        colours = colours_around(image, frame[:, :2] * (columns, rows), frame[:, 2] * max(grey.shape))
        packed = np.rint(np.clip(frame, 0, 1) * 65535).astype("<u2").view(np.uint8).reshape(len(order), 8)
        return Descriptor(np.hstack([packed, colours, np.rint(np.clip(root * 512, 0, 255)).astype(np.uint8)]))

    def compare(self, query: Description, reference: Description) -> Comparison:
        """-log10 of how often chance alone would give so many agreeing matches, compressed by log2(1 + x)."""
        reason = query.descriptors[0].reason or reference.descriptors[0].reason
        return Comparison(None, reason) if reason else told(self._relations(query, reference))

    def _relations(self, query: Description, reference: Description, negative: bool = False) -> list[geometry.Relation]:
        """The relations of the query, or of its negative, plain and mirrored, the most surprising first."""
        theirs = self.unpack(reference.descriptors[0], reference)
        found: list[geometry.Relation] = []
        for mirrored, descriptor in ((False, query.descriptors[0]), *((True, d) for d in query.mirrored[:1])):
            if not descriptor.reason:
                ours = self.unpack(descriptor, query)
                found += self.relate(inverted(ours) if negative else ours, theirs, mirrored)
        return sorted(found, key=lambda relation: -relation.surprise)

    def negative(
        self, query: Description, reference: Description, plain: Comparison
    ) -> tuple[Comparison, EditKind] | None:
        if query.descriptors[0].reason or reference.descriptors[0].reason:
            return None
        found = negative(self._relations(query, reference, negative=True), plain.evidence)
        if found is None:
            return None
        mine = told([found[0]])
        return (mine if (mine.score or 0.0) > (plain.score or 0.0) else plain), found[1]

    def covered(self, pixels: Pixels, reference: Description, matches: MatchEvidence) -> tuple[Edit, ...]:
        theirs = self.unpack(reference.descriptors[0], reference)
        return covered(pixels, theirs, (reference.width, reference.height), self.params.side, matches)

    def relate(self, ours: Keypoints, theirs: Keypoints, mirrored: bool) -> list[geometry.Relation]:
        """The relations of two pictures, the most surprising first."""
        return geometry.relate(ours, theirs, ratio=self.params.ratio, mirrored=mirrored, most=MOST_RELATIONS)

    def unpack(self, descriptor: Descriptor, description: Description) -> Keypoints:
        """The inverse of `describe`."""
        vectors = descriptor.values[:, 11:].astype(np.float32)
        return unpacked(descriptor, description, vectors)

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """(n, 128) unit vectors of the strongest keypoints; a query brings three times as many as a work."""
        if descriptor.reason:
            return np.zeros((0, 128), np.float32)
        rows = descriptor.values[: self.params.voters * (3 if query else 1), 11:].astype(np.float32)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def colours_around(image: Pixels, places: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(n, 3) mean CIELAB bytes of the square that each keypoint's size spans, so that they hold at every scale."""
    import cv2

    sums = np.asarray(cv2.integral(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), sdepth=cv2.CV_64F))
    most = np.array([image.shape[1], image.shape[0]])
    low = np.floor(places - sizes[:, None]).clip(0, most - 1).astype(int)
    high = np.maximum(np.ceil(places + sizes[:, None]).clip(1, most).astype(int), low + 1)
    (x0, y0), (x1, y1) = low.T, high.T
    total = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return np.asarray(np.rint(total / ((x1 - x0) * (y1 - y0))[:, None]), np.uint8)


def unpacked(descriptor: Descriptor, description: Description, vectors: NDArray[np.float32]) -> Keypoints:
    """Keypoints from the first 11 columns, with ``vectors`` made to unit ones."""
    raw = np.ascontiguousarray(descriptor.values[:, :8]).view("<u2").astype(np.float64) / 65535
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    colours = (descriptor.values[:, 8:11] - np.array([0.0, 128, 128])) / np.array([2.55, 1, 1])
    longer = max(description.width, description.height)
    aspect = np.array([description.width / longer, description.height / longer])
    return Keypoints(raw[:, :2] * aspect, raw[:, 2], raw[:, 3] * 2 * np.pi, vectors, colours, aspect, longer)
