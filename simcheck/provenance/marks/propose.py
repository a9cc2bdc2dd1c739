"""Where in a picture could a mark be? At every size, turn and mirror image, by the directions of its edges.

After LINE-2D (Hinterstoisser et al., "Gradient Response Maps for Real-Time Detection of Textureless Objects", PAMI
2012): the directions of the picture's edges, without their sign (ink may be dark or light), in eight bins, are spread
over a few pixels; then a template of some fifty edge points is tried at every fourth pixel by adding up bytes. Each
size of the mark has its own reduced copy of the picture, so that the template always has about the same size.
A place counts by the share of its edge points that are met, less some of what edges as dense as those around it give
by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simcheck.provenance.marks.ink import Floats, Ink
from simcheck.records import Pixels

__all__ = ["Pose", "propose"]

BINS = 8
STRIDE = 4
STEP = 1.22
LEAST_SHORT = 16.0
"""Pixels: the shorter side of the smallest mark that is looked for."""
SMALLEST, LARGEST = 0.02, 0.62
"""Longer side of the mark in longer sides of the picture."""
SHORT, LONG = 20, 60
POINTS = 72
FEW = 26
PER_SIZE = 24
FIRST = 120
POSES = 2
USUAL = 0.3
"""How much of what dense edges give by chance is taken off: all of it would bury marks, whose own edges are dense."""
MOST_ENLARGED = 1.5
LEAST_EDGE, EDGE_SHARE = 28.0, 0.35
"""An edge is as strong as this, in the units of a Sobel filter on bytes, and as this share of what is usual around."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A similarity from the ink's pixels to the picture's: middle, size of an ink pixel, turn in radians."""

    x: float
    y: float
    scale: float
    turn: float
    mirrored: bool
    met: float = 0.0
    stretch: float = 1.0
    """Height to width, relative to the ink's own."""

    def matrix(self, ink: Ink) -> NDArray[np.float64]:
        """(2, 3): ink pixels (edges of pixels at whole numbers) to picture pixels."""
        height, width = ink.density.shape
        cos, sin = self.scale * np.cos(self.turn), self.scale * np.sin(self.turn)
        flip = -1.0 if self.mirrored else 1.0
        linear = np.array([[cos * flip, -sin * self.stretch], [sin * flip, cos * self.stretch]])
        return np.column_stack([linear, np.array([self.x, self.y]) - linear @ [width / 2, height / 2]])


def propose(ink: Ink, picture: Pixels, most: int) -> list[Pose]:
    """The ``most`` likeliest places, best first."""
    longer = max(picture.shape[:2])
    aspect = ink.longer / min(ink.density.shape)
    smallest, largest = max(SMALLEST * longer, LEAST_SHORT * aspect), LARGEST * longer
    template = float(np.clip(SHORT * aspect, LONG, 2 * LONG))
    found: list[Pose] = []
    size = smallest
    while size <= largest:
        found += _at_size(ink, picture, size, min(MOST_ENLARGED, template / size))
        size *= STEP
    found.sort(key=lambda pose: -pose.met)
    kept: list[Pose] = []
    for pose in found:
        near = (np.hypot(pose.x - p.x, pose.y - p.y) < 0.15 * p.scale * ink.longer and _alike(pose, p) for p in kept)
        if not any(near):
            kept.append(pose)
        if len(kept) == most:
            break
    return kept


def _alike(a: Pose, b: Pose) -> bool:
    apart = abs((a.turn - b.turn + np.pi) % (2 * np.pi) - np.pi)
    return a.mirrored == b.mirrored and apart < 0.3 and abs(np.log(a.scale / b.scale)) < 0.25


def _at_size(ink: Ink, picture: Pixels, size: float, zoom: float) -> list[Pose]:
    import cv2

    height, width = picture.shape[:2]
    shape = (max(8, round(width * zoom)), max(8, round(height * zoom)))
    small = picture if zoom == 1 else cv2.resize(
        picture, shape, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    )  # fmt: skip
    length = size * zoom
    margin = int(np.ceil(length / 2 / STRIDE) + 1) * STRIDE
    responses, dense = _responses(np.ascontiguousarray(small), margin)
    templates = _templates(ink, round(length))
    rows, columns = -(-small.shape[0] // STRIDE), -(-small.shape[1] // STRIDE)
    best = np.zeros((rows, columns), np.uint8)
    total = np.empty_like(best)
    for points in templates.few:
        total[:] = 0
        for x, y, turn in points:
            (top, down), (left, across) = divmod(y + margin, STRIDE), divmod(x + margin, STRIDE)
            plane = responses[turn, down, across]
            np.add(total, plane[top : top + rows, left : left + columns], out=total)
        np.maximum(best, total, out=best)
    chance = cv2.blur(dense, (max(3, int(length / STRIDE)),) * 2)[:rows, :columns]
    share = best / np.float32(2 * len(templates.few[0])) - USUAL * chance
    peaks = (share >= cv2.dilate(share, np.ones((3, 3), np.uint8))) & (share > 0.4)
    places = np.argwhere(peaks)
    places = places[np.argsort(-share[peaks], kind="stable")[:FIRST]]
    if not len(places):
        return []
    # at these few positions every pose gets its full look: within a mark, several pass the first one
    rows_in, columns_in = responses.shape[3:]
    xs, ys, bins = np.moveaxis(templates.points, 2, 0)
    (top, down), (left, across) = np.divmod(ys + margin, STRIDE), np.divmod(xs + margin, STRIDE)
    base = (((bins * STRIDE + down) * STRIDE + across) * rows_in + top) * columns_in + left
    at = places[:, 0] * columns_in + places[:, 1]
    all_met = responses.ravel()[base[None] + at[:, None, None]].mean(axis=2, dtype=np.float32) / 2
    all_met -= USUAL * chance[places[:, 0], places[:, 1]][:, None]
    pose_of = np.argsort(-all_met, axis=1, kind="stable")[:, :POSES]
    met = np.take_along_axis(all_met, pose_of, 1)
    found = []
    for flat in np.argsort(-met, axis=None, kind="stable")[:PER_SIZE]:
        i, j = divmod(int(flat), POSES)
        turn, mirrored = templates.turned[pose_of[i, j]]
        x, y = ((places[i, 1 - axis] * STRIDE + 0.5) / zoom for axis in (0, 1))
        found.append(Pose(float(x), float(y), size / ink.longer, turn, mirrored, float(met[i, j])))
    return found


def _responses(small: Pixels, margin: int) -> tuple[NDArray[np.uint8], Floats]:
    """(bins, stride, stride, rows, columns): 2 where an edge of that direction is near, 1 for a neighbour's; and the
    mean of all bins, as a share of 2, at the plain positions."""
    import cv2

    blurred = cv2.GaussianBlur(small, (3, 3), 0)
    x, y = cv2.Sobel(blurred, cv2.CV_16S, 1, 0), cv2.Sobel(blurred, cv2.CV_16S, 0, 1)
    power = np.abs(x) + np.abs(y)
    strongest = power.argmax(axis=2)[..., None]
    gx = np.take_along_axis(x, strongest, 2)[..., 0].astype(np.float32)
    gy = np.take_along_axis(y, strongest, 2)[..., 0].astype(np.float32)
    strength = cv2.magnitude(gx, gy)
    edge = strength > np.maximum(LEAST_EDGE, EDGE_SHARE * cv2.blur(strength, (15, 15)))
    degrees = cv2.phase(gx, gy, angleInDegrees=True)
    bins = ((degrees * np.float32(BINS / 180)).astype(np.int32) % BINS).astype(np.uint8)
    bins[~edge] = 255
    height, width = bins.shape
    below = -(height + 2 * margin) % STRIDE + STRIDE
    right = -(width + 2 * margin) % STRIDE + STRIDE
    kernel = np.ones((STRIDE, STRIDE), np.uint8)
    planes = [np.asarray(cv2.dilate((bins == b).astype(np.uint8), kernel), np.uint8) for b in range(BINS)]
    packed = []
    for b in range(BINS):
        beside = planes[b - 1] | planes[(b + 1) % BINS]
        plane = np.maximum(2 * planes[b], beside)
        plane = np.pad(plane, ((margin, margin + below), (margin, margin + right)))
        rows, columns = plane.shape[0] // STRIDE, plane.shape[1] // STRIDE
        plane = plane[: rows * STRIDE, : columns * STRIDE].reshape(rows, STRIDE, columns, STRIDE)
        packed.append(plane.transpose(1, 3, 0, 2))
    responses = np.ascontiguousarray(np.stack(packed))
    first = margin // STRIDE
    dense = responses[:, 0, 0, first:, first:].mean(axis=0, dtype=np.float32) / 2
    return responses, dense


@dataclass(frozen=True, slots=True, eq=False)
class _Templates:
    points: NDArray[np.intp]
    """(poses, points, 3): x, y about the middle, bin of direction."""
    few: tuple[tuple[tuple[int, int, int], ...], ...]
    """The first of them, for the first look."""
    turned: tuple[tuple[float, bool], ...]


@lru_cache(maxsize=256)
def _templates(ink: Ink, length: int) -> _Templates:
    """The mark's edge points at a longer side of ``length`` pixels, at every turn and mirrored."""
    places, directions = _edge_points(ink, length)
    count = min(120, max(16, int(np.ceil(2 * np.pi / (4.4 / (length / 2))))))
    points, turned = [], []
    for mirrored in (False, True):
        flipped = places * [-1, 1] if mirrored else places
        along = np.pi - directions if mirrored else directions
        for i in range(count):
            turn = 2 * np.pi * i / count
            cos, sin = np.cos(turn), np.sin(turn)
            at = np.rint(flipped @ np.array([[cos, sin], [-sin, cos]])).astype(int)
            bins = np.floor(((along + turn) % np.pi) * (BINS / np.pi)).astype(int) % BINS
            points.append(np.column_stack([at, bins]))
            turned.append((turn, mirrored))
    all_points = np.stack(points).astype(np.intp)
    few = tuple(tuple((x, y, b) for x, y, b in each) for each in all_points[:, :FEW].tolist())
    return _Templates(all_points, few, tuple(turned))


def _edge_points(ink: Ink, length: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, 2) places about the middle and (n,) directions of gradients: strong ones, spread over the whole mark."""
    import cv2

    factor = length / ink.longer
    height, width = ink.density.shape
    size = (max(4, round(width * factor)), max(4, round(height * factor)))
    small = cv2.resize(ink.density, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    small = np.pad(small, 2)
    small = cv2.GaussianBlur(small, (3, 3), 0)
    gx, gy = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    strength = cv2.magnitude(gx, gy)
    ys, xs = np.nonzero(strength > 0.2 * strength.max())
    order = np.argsort(-strength[ys, xs], kind="stable")
    ys, xs = ys[order], xs[order]
    chosen: list[int] = []
    for apart in (4.0, 3.0, 2.0, 1.4):
        for i in range(len(xs)):
            if len(chosen) == POINTS:
                break
            if all((xs[i] - xs[j]) ** 2 + (ys[i] - ys[j]) ** 2 >= apart**2 for j in chosen):
                chosen.append(i)
    chosen = [chosen[int(i)] for i in np.random.default_rng(0).permutation(len(chosen))]  # so that a few stand for all
    middle = np.array([small.shape[1] / 2 - 0.5, small.shape[0] / 2 - 0.5])
    places = np.column_stack([xs[chosen], ys[chosen]]) - middle
    return places, np.arctan2(gy[ys[chosen], xs[chosen]], gx[ys[chosen], xs[chosen]]).astype(np.float64)
