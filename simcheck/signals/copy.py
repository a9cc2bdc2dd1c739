"""copy: is it the same picture, or a part of it, after edits?  (A first version, built without learning.)

Edge orientations in a grid of soft cells at two scales (after HOG, Dalal & Triggs, CVPR 2005, and GIST, Oliva &
Torralba, IJCV 2001), for the whole picture and overlapping crops of it. Orientation is taken without sign, so that a
line drawing and a painting of the same outlines agree, and colour is left out, so that recolouring changes little.
The best pair of regions counts, mirrored or not: a suspect that shows a part of a work, or a work within a screenshot,
is still found.

Fooled by: texts, frames and tilings; rotation by more than a few degrees; works of one very regular manner, which all
have the same orientations everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcheck.records import Claim, Descriptor, Pixels
from simcheck.signals.base import Regions
from simcheck.signals.vectors import VectorSignal


@dataclass(frozen=True, slots=True)
class CopyParams:
    side: int = 96
    cells: int = 8
    bins: int = 8
    scales: tuple[float, ...] = (1.0, 3.0)


class Copy(VectorSignal):
    name = "copy"
    version = 1
    claim = Claim.COPY
    reference_regions = Regions.CROPS
    query_regions = Regions.CROPS
    mirrored_query = True
    libraries = ("opencv-python-headless",)

    def __init__(self, params: CopyParams | None = None) -> None:
        super().__init__(params or CopyParams())
        self.params: CopyParams

    @property
    def dimension(self) -> int:
        return len(self.params.scales) * self.params.cells**2 * self.params.bins

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(1, scales * cells * cells * bins) float16 unit vector."""
        return [self._describe(image) for image in images]

    def _describe(self, image: Pixels) -> Descriptor:
        import cv2

        p = self.params
        grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
        grey = cv2.resize(grey, (p.side, p.side), interpolation=cv2.INTER_AREA).astype(np.float32)
        if grey.std() < 2:
            return Descriptor.abstain("blank")
        parts = []
        for sigma in p.scales:
            smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
            dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
            strength = np.hypot(dx, dy)
            # divide by the strength around, so that faint and strong edges of one outline count alike
            strength /= cv2.GaussianBlur(strength, (0, 0), p.side / p.cells) + 4
            place = (np.arctan2(dy, dx) % np.pi) / np.pi * p.bins
            low = np.floor(place).astype(int) % p.bins
            high, share = (low + 1) % p.bins, (place - np.floor(place)).astype(np.float32)
            planes = np.zeros((p.bins, p.side, p.side), np.float32)
            rows, columns = np.indices(grey.shape)
            planes[low, rows, columns] += strength * (1 - share)
            planes[high, rows, columns] += strength * share
            cells = np.stack(
                [
                    cv2.resize(
                        cv2.GaussianBlur(plane, (0, 0), p.side / p.cells / 2),
                        (p.cells, p.cells),
                        interpolation=cv2.INTER_AREA,
                    )
                    for plane in planes
                ]
            )
            vector = np.sqrt(cells)
            vector -= vector.mean(axis=(1, 2), keepdims=True)  # what every cell has tells nothing of this picture
            parts.append(vector.ravel() / max(float(np.linalg.norm(vector)), 1e-6))
        whole = np.concatenate(parts)
        return Descriptor((whole / max(float(np.linalg.norm(whole)), 1e-6)).astype(np.float16)[None])
