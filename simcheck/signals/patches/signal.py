"""patches: which part of the suspect shows the same thing as which part of the work, drawn anew or not?

Windows of both pictures, at four scales and the suspect mirrored as well, are looked at with the shipped network, in
one pass each. The pairs of windows that are most alike, beyond what each resembles in a cohort of works by others
(CSLS: Conneau et al., ICLR 2018), propose how the suspect's part lies on the work's. Each proposal is then verified:
the work's map of lightness and edge orientations is laid over the suspect's, moved into place, and followed as far as
both agree (`alignment`, `structure`). Proposals by a network that geometry must confirm are the idea of ArtMiner
(Shen, Efros & Aubry, CVPR 2019). The score is that of the best part: how far its agreement lies beyond chance.

Fooled by: ready-made elements that honest works share (a stock picture, a logo, a mascot, the same seal); plain shapes
such as a ring on white. Blind to parts below about a twentieth of the picture, to soft washes without any edge, and to
parts that were turned by more than some 15 degrees (those the signal `keypoints` sees).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version as library_version

import numpy as np
from numpy.typing import NDArray

from simcheck import models
from simcheck.records import (
    Alignment,
    AlignmentEvidence,
    Claim,
    Comparison,
    Description,
    Descriptor,
    MatchEvidence,
    Pixels,
    SignalIdentity,
    Watcher,
)
from simcheck.signals.base import PartRole, Retrieval, Signal, canonical_json
from simcheck.signals.copy import is_blank, works_by_others
from simcheck.signals.patches.alignment import align, of_matches, overlaid, without_repeats
from simcheck.signals.patches.ground import content_map
from simcheck.signals.patches.proposals import proposals
from simcheck.signals.patches.structure import structure_map
from simcheck.signals.patches.windows import (
    PLACE,
    every_second,
    levels_of,
    packed,
    rows_of,
    sides_of,
    unpacked,
)

__all__ = ["Patches", "PatchesParams"]

MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class PatchesParams:
    sides: tuple[int, ...] = (160, 224, 320, 448)
    """Longer sides, in pixels, at which windows of the network's own size are looked at."""
    proposals: int = 4  # of the query as it is, and of the mirrored query, each
    least_gain: float = 0.05
    nearest: int = 3


class Patches(Signal):
    name = "patches"
    version = 1
    claim = Claim.COPY
    retrieval = Retrieval.STANDOUT
    sure = 16
    mirrored_query = True
    libraries = ("numpy", "opencv-python-headless")
    part_role = PartRole.STRUCTURE

    def __init__(self, params: PatchesParams | None = None) -> None:
        super().__init__(params or PatchesParams())
        self.params: PatchesParams

    def identity(self) -> SignalIdentity:
        """Raises ModelError or StoreError when this copy of simcheck is incomplete."""
        return SignalIdentity(
            name=self.name,
            version=self.version,
            weights=models.shipped().digest,
            params=canonical_json({**asdict(self.params), "background": works_by_others().digest}),
            libraries=canonical_json({name: library_version(name) for name in self.libraries}),
        )

    @property
    def dimension(self) -> int:
        return models.shipped().dimension

    def prepare(self, watcher: Watcher) -> None:
        """Read the network. Raises ModelError when this copy of simcheck is damaged."""
        models.load_embedded()

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(rows, 7 + dimension) uint8: `windows.packed`."""
        return [Descriptor.abstain("blank") if is_blank(image) else self._describe(image) for image in images]

    def _describe(self, image: Pixels) -> Descriptor:
        return Descriptor(packed(self.windows(image), structure_map(image)))

    def windows(self, image: Pixels) -> NDArray[np.uint8]:
        """(n, 7 + dimension): `windows.rows_of` all scales."""
        return np.concatenate([self._at_scale(image, side) for side in self.params.sides])

    def _at_scale(self, image: Pixels, side: int) -> NDArray[np.uint8]:
        import cv2

        network = models.load_embedded()
        height, width = image.shape[:2]
        longer, stride, own = max(height, width), network.shape.stride, network.shape.side
        across, down = (max(own, stride * round(n * side / longer / stride)) for n in (width, height))
        how = cv2.INTER_AREA if side < longer else cv2.INTER_LINEAR
        sized = cv2.resize(np.ascontiguousarray(image), (across, down), interpolation=how)
        vectors = network.windows(np.asarray(sized, np.uint8))
        y, x = np.mgrid[0 : vectors.shape[0], 0 : vectors.shape[1]]
        flat = vectors.reshape(-1, vectors.shape[2])
        places = np.stack([(x * stride + own / 2) / across * width, (y * stride + own / 2) / down * height], axis=2)
        where = np.c_[places.reshape(-1, 2) / longer, np.full(len(flat), min(1.0, own / side))]
        return rows_of(where, flat, levels_of(flat, self.params.nearest))

    def content(self, images: Sequence[Pixels]) -> tuple[Descriptor, ...]:
        """The maps alone, without windows (`ground.content_map`)."""
        none = np.zeros((0, PLACE + self.dimension), np.uint8)
        return tuple(Descriptor(packed(none, content_map(image))) for image in images)

    def stored(self, descriptor: Descriptor) -> Descriptor:
        """Of a reference every second window, down and across, is kept: the query has them all."""
        return descriptor if descriptor.reason else Descriptor(every_second(descriptor.values))

    def compare(self, query: Description, reference: Description) -> Comparison:
        """The score of the part that agrees best, also where it is told unmirrored; 0 where none does."""
        sides = sides_of(query, reference)
        if sides is None:
            return Comparison(None, query.descriptors[0].reason or reference.descriptors[0].reason)
        windows = unpacked(reference.descriptors[0].values)
        proposed = [
            each
            for mirrored, descriptor in ((False, query.descriptors[0]), *((True, d) for d in query.mirrored[:1]))
            for each in proposals(
                unpacked(descriptor.values), windows, mirrored, self.params.proposals, self.params.least_gain
            )
        ]
        found = [part for proposal in proposed if (part := align(*sides, proposal)) and part.score > 0]
        parts = without_repeats(found, MOST_PARTS)
        score = max((part.score for part in found), default=0.0)
        return Comparison(score, evidence=AlignmentEvidence(parts) if parts else None)

    def parts(
        self, query: Description, reference: Description, relations: Sequence[MatchEvidence]
    ) -> tuple[Alignment, ...]:
        sides = sides_of(query, reference)
        return tuple(part for matches in relations for part in of_matches(*sides, matches)) if sides else ()

    def overlaid(self, query: Description, reference: Description, relations: Sequence[MatchEvidence]) -> float:
        sides = sides_of(query, reference)
        return max((overlaid(*sides, matches) for matches in relations), default=0.0) if sides else 0.0

    def vectors(self, descriptor: Descriptor, *, query: bool) -> NDArray[np.float32]:
        """(n, dimension) unit vectors of the windows."""
        none = np.zeros((0, self.dimension), np.float32)
        return none if descriptor.reason else unpacked(descriptor.values).vectors
