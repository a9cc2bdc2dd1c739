"""palette: do the two pictures use the same colours in the same proportions?

Dominant colours by k-means in CIELAB (D65) with their shares of the area; the distance of two palettes is the least
work of turning one into the other (earth mover's distance; Rubner, Tomasi & Guibas, IJCV 2000) in CIELAB units, where
about 2.3 is a just noticeable difference.

Speaks to `style` only: a palette is not a work, and many works share one. Fooled by: any recolouring; large flat
backgrounds, which make unrelated pictures look alike (white paper is the commonest colour of all).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Claim, Comparison, Description, Descriptor, PaletteEvidence, Pixels
from simcheck.signals.base import InCohort, Signal

__all__ = ["Palette"]


@dataclass(frozen=True, slots=True)
class PaletteParams:
    colours: int = 8
    side: int = 96


class Palette(Signal):
    name = "palette"
    version = 1
    claim = Claim.STYLE
    libraries = ("opencv-python-headless",)
    in_cohort = InCohort.ALWAYS
    in_style = True

    def __init__(self, params: PaletteParams | None = None) -> None:
        super().__init__(params or PaletteParams())
        self.params: PaletteParams

    def describe(self, images: Sequence[Pixels]) -> list[Descriptor]:
        """(colours, 4) float16: L* (0..100), a*, b*, share of the area; most frequent first."""
        return [Descriptor(self._palette(image)) for image in images]

    def _palette(self, image: Pixels) -> NDArray[np.float16]:
        import cv2

        side = self.params.side
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32).reshape(-1, 3)
        centres = _spread_centres(lab, self.params.colours)
        criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 0.1)
        nearest = _nearest(lab, centres)
        # started from fixed labels, so that the same pixels always give the same palette
        _, labels, means = cv2.kmeans(
            lab, len(centres), nearest[:, None].astype(np.int32), criteria, 1, cv2.KMEANS_USE_INITIAL_LABELS
        )
        shares = np.bincount(np.asarray(labels).ravel(), minlength=len(centres)) / len(lab)
        order = [i for i in np.argsort(-shares, kind="stable") if shares[i] > 0]
        return np.hstack([np.asarray(means)[order], shares[order, None]]).astype(np.float16)

    def compare(self, query: Description, reference: Description) -> Comparison:
        """exp(-distance / 20): 1 for the same palette, 0.37 where colours lie 20 CIELAB units apart."""
        ours, theirs, distance = self._distance(query, reference)
        evidence = PaletteEvidence(_hex(ours), _hex(theirs), distance)
        return Comparison(_score(distance), evidence=evidence)

    def score(self, query: Description, reference: Description) -> float:
        """Without the colours as hexadecimal numbers, which take four fifths of the time."""
        return _score(self._distance(query, reference)[2])

    @staticmethod
    def _distance(query: Description, reference: Description) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """Both palettes with shares that add up to one, and the distance to transport one to the other."""
        import cv2

        ours, theirs = (d.descriptors[0].values.astype(np.float32) for d in (query, reference))
        for palette in (ours, theirs):
            palette[:, 3] /= palette[:, 3].sum()  # float16 shares do not add up to one exactly
        distance = max(0.0, float(cv2.EMD(ours[:, [3, 0, 1, 2]], theirs[:, [3, 0, 1, 2]], cv2.DIST_L2)[0]))
        return ours, theirs, distance


def _score(distance: float) -> float:
    return float(np.exp(-distance / 20))


def _nearest(lab: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.asarray(np.argmin(((lab[:, None] - centres[None]) ** 2).sum(axis=2), axis=1))


def _spread_centres(lab: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Farthest-point start: the mean colour first, then always the pixel farthest from all centres so far."""
    centres = [lab[np.argmin(((lab - lab.mean(axis=0)) ** 2).sum(axis=1))]]
    distance = ((lab - centres[0]) ** 2).sum(axis=1)
    while len(centres) < count and distance.max() > 1:
        centres.append(lab[int(np.argmax(distance))])
        distance = np.minimum(distance, ((lab - centres[-1]) ** 2).sum(axis=1))
    return np.stack(centres)


def _hex(palette: NDArray[np.float32]) -> tuple[tuple[str, float], ...]:
    import cv2

    rgb = cv2.cvtColor(palette[None, :, :3], cv2.COLOR_LAB2RGB)[0]
    whole = np.clip(np.rint(rgb * 255), 0, 255).astype(int)
    return tuple(
        (f"#{r:02x}{g:02x}{b:02x}", round(float(s), 4)) for (r, g, b), s in zip(whole, palette[:, 3], strict=True)
    )
