"""Methods to measure simcheck against, behind one interface, and their figures of merit.

A `Method` describes pictures once (references are kept, queries come in parts) and turns two lots of descriptions
into tables of scores of every query against every reference, higher = more similar, -inf where it has nothing to say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.measure import retrieval_metrics
from simcheck.records import Pixels
from simcheck.shipped import Background
from simcheck.signals.base import Regions
from simcheck.signals.describe import cut
from simcheck.signals.layout import Layout, placements

__all__ = [
    "PEERS",
    "LayoutPeer",
    "Method",
    "Peer",
    "RegionPeer",
    "bounded",
    "figures",
    "lab_histogram",
    "normalised",
    "Sift",
    "described_by_sift",
    "sift_inliers",
]

Table = NDArray[np.float64]
Vectors = NDArray[np.float32]
NEAREST = slice(1, 11)
"""Ranks 2 to 11, as SSCD normalises (Pizzi et al., CVPR 2022); rank 1 may be the work that is looked for."""


class Method(ABC):
    side: int | None = None
    """Longer side of the pictures that it is given; None for working size."""

    @abstractmethod
    def describe(self, pictures: Sequence[Pixels], *, query: bool) -> Any:
        """What `tables` needs to know of some pictures."""

    @abstractmethod
    def tables(self, ours: Any, theirs: Any) -> dict[str, Table]:
        """(queries, references) scores for each variant of the method, by name; "" for the only one."""


@dataclass(frozen=True)
class Peer(Method):
    """A method that treats queries and references alike and knows only whole pictures."""

    describe_each: Callable[[Sequence[Pixels]], Any]
    compare: Callable[[Any, Any], Table]
    side: int | None = None

    def describe(self, pictures: Sequence[Pixels], *, query: bool) -> Any:
        del query
        return self.describe_each(pictures)

    def tables(self, ours: Any, theirs: Any) -> dict[str, Table]:
        return {"": self.compare(ours, theirs)}

    def __call__(self, queries: Sequence[Pixels], references: Sequence[Pixels]) -> Table:
        return self.compare(self.describe_each(queries), self.describe_each(references))


@dataclass(frozen=True)
class RegionPeer(Method):
    """The best cosine of a region of the query, plain or mirrored, and one of the reference.

    ``encode``: pictures of any size -> (n, dimension) unit vectors, a row of zeros where there is nothing to describe.
    The same descriptors give two variants: "whole" compares one vector for each picture, not mirrored; "regions" all.
    """

    encode: Callable[[Sequence[Pixels]], Vectors]
    query_regions: Regions = Regions.CROPS
    reference_regions: Regions = Regions.CROPS
    mirrored_query: bool = True
    background: Background | None = None
    """With it comes a third variant, "regions less cohort": scores normalised as the signal `copy` does it."""
    side: int | None = 512
    at_once: int = 8
    """Pictures whose regions are encoded, or queries that are compared, together: it bounds the memory."""

    def describe(self, pictures: Sequence[Pixels], *, query: bool) -> Vectors:
        """(pictures, views, dimension); the views are the regions, then, of a query, those of its mirror image."""
        boxes = [region.box for region in (self.query_regions if query else self.reference_regions).of_picture()]
        parts: list[Vectors] = []
        for start in range(0, len(pictures), self.at_once):
            frames: list[Pixels] = []
            for pixels in pictures[start : start + self.at_once]:
                frames += [pixels, np.ascontiguousarray(pixels[:, ::-1])] if query and self.mirrored_query else [pixels]
            vectors = self.encode([cut(frame, box) for frame in frames for box in boxes])
            parts.append(np.asarray(vectors, np.float32).reshape(len(pictures[start : start + self.at_once]), -1))
        flat = np.concatenate(parts)
        views = len(boxes) * (2 if query and self.mirrored_query else 1)
        return flat.reshape(len(pictures), views, -1)

    def tables(self, ours: Vectors, theirs: Vectors) -> dict[str, Table]:
        best = np.concatenate(
            [self._best(ours[i : i + self.at_once], theirs) for i in range(0, len(ours), self.at_once)]
        )
        found = {"whole": self._best(ours[:, :1], theirs[:, :1]), "regions": best}
        if self.background is not None:
            found["regions less cohort"] = best - np.array([[self.background.level(each)] for each in ours])
        return found

    @staticmethod
    def _best(ours: Vectors, theirs: Vectors) -> Table:
        (q, u, dimension), (r, v, _) = ours.shape, theirs.shape
        cosine = ours.reshape(q * u, dimension) @ theirs.reshape(r * v, dimension).T
        cosine[~ours.any(axis=2).ravel()] = -np.inf
        cosine[:, ~theirs.any(axis=2).ravel()] = -np.inf
        return np.asarray(cosine.reshape(q, u, r, v).max(axis=(1, 3)), np.float64)


class LayoutPeer(Method):
    """The signal `layout`: `Layout.compare` for all pairs at once."""

    side = 512
    WINDOW_COST = 0.05

    def __init__(self) -> None:
        self.signal = Layout()

    def describe(self, pictures: Sequence[Pixels], *, query: bool) -> Vectors:
        """(pictures, 2, windows, n): placements of the picture and of its mirror image; zeros when blank."""
        found, params = self.signal.describe(pictures), self.signal.params
        each = [
            None if d.reason else [placements(d.values, params), placements(d.values, params, mirrored=True)]
            for d in found
        ]
        shape = next(np.shape(e) for e in each if e is not None)
        return np.array([np.zeros(shape) if e is None else e for e in each], np.float32)

    def tables(self, ours: Vectors, theirs: Vectors) -> dict[str, Table]:
        theirs = theirs[:, 0]
        cost = np.where(np.arange(ours.shape[2]) > 0, self.WINDOW_COST, 0.0)
        inside = np.tensordot(ours, theirs[:, 0], (3, 1)) - cost[:, None]  # (q, 2, windows, r)
        around = np.tensordot(ours[:, :, 0], theirs, (2, 2)) - cost  # (q, 2, r, windows)
        table = np.maximum(inside.max(axis=(1, 2)), around.max(axis=(1, 3)))
        table[~ours.any(axis=(1, 2, 3))] = -np.inf
        table[:, ~theirs.any(axis=(1, 2))] = -np.inf
        return {"": np.asarray(table, np.float64)}


def normalised(table: Table) -> Table:
    """Scores less the query's mean score with its nearest references, ranks 2 to 11. It knows nothing of the truth.

    Each row changes by one number: the order inside it stays, queries become comparable with each other.
    """
    moved = table.copy()
    for row in moved:
        near = np.sort(row[np.isfinite(row)])[::-1][NEAREST]
        if len(near):
            row -= near.mean()
    return moved


def bounded(pixels: Pixels, side: int | None) -> Pixels:
    """The picture with its longer side at most ``side``; never enlarged."""
    import cv2

    height, width = pixels.shape[:2]
    if side is None or max(height, width) <= side:
        return pixels
    factor = side / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _describe_pdq(pictures: Sequence[Pixels]) -> NDArray[np.uint8]:
    import pdqhash

    return np.array([pdqhash.compute(np.ascontiguousarray(p))[0] for p in pictures])


def _compare_pdq(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> Table:
    different = ours[:, None] != theirs[None]
    return np.asarray(-different.sum(axis=2), np.float64)


def _describe_phash(pictures: Sequence[Pixels]) -> list[Any]:
    import imagehash
    from PIL import Image

    return [imagehash.phash(Image.fromarray(p)) for p in pictures]


def _compare_phash(ours: Sequence[Any], theirs: Sequence[Any]) -> Table:
    return np.array([[-float(a - b) for b in theirs] for a in ours])


Sift = tuple[NDArray[np.float32], Any, tuple[int, int]]
"""(n, 2) places in pixels, their vectors (None for none), and (width, height) of the picture they were found in."""


def described_by_sift(pictures: Sequence[Pixels]) -> list[Sift]:
    import cv2

    def describe(pixels: Pixels) -> Sift:
        grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
        factor = 800 / max(grey.shape)
        if factor < 1:
            grey = np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        found, vectors = cv2.SIFT.create(1000).detectAndCompute(grey, None)
        return np.array([k.pt for k in found], np.float32), vectors, (grey.shape[1], grey.shape[0])

    with ThreadPoolExecutor() as pool:
        return list(pool.map(describe, pictures))


def sift_inliers(ours: Sift, theirs: Sift) -> NDArray[np.float64]:
    """(n, 2) places in our picture, as fractions, that one homography takes to places in theirs.

    SIFT (1,000 at 800 px), ratio test 0.75, RANSAC at 5 px. The usual recipe.
    """
    import cv2

    none = np.zeros((0, 2))
    if min(len(ours[0]), len(theirs[0])) < 4:
        return none
    matches = cv2.BFMatcher().knnMatch(ours[1], theirs[1], k=2)
    good = [m[0] for m in matches if len(m) == 2 and m[0].distance < 0.75 * m[1].distance]
    if len(good) < 4:
        return none
    a, b = ours[0][[m.queryIdx for m in good]], theirs[0][[m.trainIdx for m in good]]
    _, mask = cv2.findHomography(a, b, cv2.RANSAC, 5.0)
    return none if mask is None else np.asarray(a[mask.ravel() == 1] / ours[2], np.float64)


def _compare_sift(ours: Sequence[Sift], theirs: Sequence[Sift]) -> Table:
    with ThreadPoolExecutor() as pool:
        return np.array(list(pool.map(lambda q: [float(len(sift_inliers(q, r))) for r in theirs], ours)))


PEERS: dict[str, Peer] = {
    "PDQ": Peer(_describe_pdq, _compare_pdq),
    "pHash (imagehash)": Peer(_describe_phash, _compare_phash),
    "SIFT + RANSAC inliers": Peer(described_by_sift, _compare_sift),
}
"""The usual tools, as they come: none of them looks at mirror images."""


def _describe_lab(pictures: Sequence[Pixels]) -> Vectors:
    """(n, 1024) square roots of the shares of 16 x 8 x 8 cells of L*, a*, b*."""
    import cv2

    rows = []
    for pixels in pictures:
        lab = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2LAB)
        counts = cv2.calcHist([lab], [0, 1, 2], None, [16, 8, 8], [0, 256] * 3).ravel()
        rows.append(np.sqrt(counts / counts.sum()))
    return np.array(rows, np.float32)


lab_histogram = Peer(_describe_lab, lambda ours, theirs: np.asarray(ours @ theirs.T, np.float64), side=512)
"""Bhattacharyya coefficient of two colour histograms: it knows the colours and nothing of their places."""


def figures(table: Table, truth: Sequence[Sequence[int]], rows: Sequence[int], seed: int) -> dict[str, Any]:
    """What `simcheck.scoring.metrics` says of rows of a table: recall@1 with its 95 % bootstrap interval."""
    labels = np.zeros(table.shape, np.bool_)
    for i, right in enumerate(truth):
        labels[i, list(right)] = True
    part, marks = table[rows], labels[rows]
    ranks = retrieval_metrics.first_true_ranks(part, [truth[i] for i in rows])
    generator = np.random.default_rng(seed)
    resampled = [retrieval_metrics.recall_at(generator.choice(ranks, len(ranks)), 1) for _ in range(1000)]
    return {
        "queries": len(rows),
        "recall@1": retrieval_metrics.recall_at(ranks, 1),
        "recall@1_95": [float(v) for v in np.quantile(resampled, [0.025, 0.975])],
        "recall@5": retrieval_metrics.recall_at(ranks, 5),
        "uAP": retrieval_metrics.micro_average_precision(part, marks),
        "TPR@1%FPR": retrieval_metrics.tpr_at_fpr(part, marks, 0.01),
        "TPR@0.1%FPR": retrieval_metrics.tpr_at_fpr(part, marks, 0.001),
    }
