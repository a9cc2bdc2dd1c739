"""From local matches to one geometric relation between two pictures, and how far it lies beyond chance.

1. Tentative matches: nearest neighbour with Lowe's ratio test, one match for each keypoint on either side.
2. Each match alone proposes a similarity (both keypoints know place, size and angle); the proposal that most matches
   agree with wins. This is the exhaustive, repeatable form of RANSAC (Philbin et al., CVPR 2007, "fast spatial
   matching").
3. A least-squares similarity of the agreeing matches, then an affine map or a homography by MAGSAC++ (Barath et al.,
   CVPR 2020; in OpenCV ``USAC_MAGSAC``) where one explains clearly more.
4. Surprise, after the a-contrario model of Moisan & Stival (IJCV 2004): -log10 of the number of proposals times the
   binomial chance that this many of the matches agree with one of them by accident (Chernoff bound).

Coordinates in here are in units of each picture's longer side, so that both axes have one scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Box, MatchEvidence

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["DETAIL", "Keypoints", "Relation", "box_iou", "in_detail", "relate", "zoom_and_turn"]

Floats = NDArray[np.float64]

TOLERANCE = 0.015
"""Reprojection error, in units of the longer side (12 px of 800), within which a match agrees."""
MOST_TURN = np.deg2rad(30)
MOST_ZOOM = np.log(1.8)
LEAST_INLIERS = 4
DETAIL = 30
"""Inliers, and at least as many as all other matches together, that speak of the same strokes."""


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """(n, 2) places, (n,) sizes in units of the longer side, (n,) angles in radians, (n, 128) unit vectors."""

    points: Floats
    sizes: Floats
    angles: Floats
    vectors: NDArray[np.float32]
    colours: Floats
    """(n, 3) CIELAB at each place."""
    aspect: Floats
    """(2,) width and height in units of the longer side."""
    longer: int
    """The longer side of the full-size picture in pixels."""

    def places(self) -> csr_array:
        """(n, n) sparse: which keypoints lie at the same place, within 1 % of the longer side."""
        from scipy.sparse import csr_array
        from scipy.spatial import KDTree

        i, j = KDTree(self.points).query_pairs(0.01, output_type="ndarray").T
        own = np.arange(len(self.points))
        at = (np.r_[i, j, own], np.r_[j, i, own])
        return csr_array((np.ones(len(at[0]), np.bool_), at), shape=(len(own), len(own)))


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    surprise: float
    evidence: MatchEvidence


def box_iou(a: Box, b: Box) -> float:
    """Area of the intersection of two boxes over that of their union."""
    across, down = (max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return across * down / max(sum(areas) - across * down, 1e-9)


def in_detail(matches: MatchEvidence) -> bool:
    """Whether the same strokes agree, not only the same outlines: an edited copy has that, a re-drawn one has not."""
    return len(matches.points) >= DETAIL and 2 * len(matches.points) >= matches.tentative


def relate(ours: Keypoints, theirs: Keypoints, *, ratio: float, mirrored: bool, most: int = 1) -> list[Relation]:
    """Relations from the query's keypoints to the reference's, the most surprising first, at most ``most``.

    Each is sought among the matches that obey none before it (sequential RANSAC: Vincent & Laganiere, ISPA 2001), so
    that two elements which were moved apart are two relations. ``mirrored`` says that ``ours`` come from the mirrored
    query; the evidence is given for the plain one.
    """
    matches = _tentative(ours, theirs, ratio)
    found: list[Relation] = []
    while len(found) < most and len(matches) >= LEAST_INLIERS:
        one = _relation(ours, theirs, matches, mirrored)
        if one is None:
            break
        relation, left = one
        found.append(relation)
        matches = matches[left]
    return sorted(found, key=lambda relation: -relation.surprise)


def _relation(
    ours: Keypoints, theirs: Keypoints, matches: NDArray[np.intp], mirrored: bool
) -> tuple[Relation, NDArray[np.bool_]] | None:
    """The best relation of these matches, if it lies beyond chance, and which matches it leaves; None at the end."""
    q, r = ours.points[matches[:, 0]], theirs.points[matches[:, 1]]
    zoom = np.log(theirs.sizes[matches[:, 1]] / np.maximum(ours.sizes[matches[:, 0]], 1e-6))
    turn = theirs.angles[matches[:, 1]] - ours.angles[matches[:, 0]]
    inliers = _agreeing(q, r, zoom, turn)
    if inliers.sum() < LEAST_INLIERS:
        return None
    matrix, inliers, kind = _refine(q, r, inliers, zoom, turn)
    left = ~inliers & (_error(matrix, q, r) > 2 * TOLERANCE)
    inliers = _apart(q, r, inliers)
    colours = np.hstack([ours.colours[matches[:, 0]], theirs.colours[matches[:, 1]]])
    count = int(inliers.sum())
    if count < LEAST_INLIERS:
        return None
    surprise = _surprise(len(matches), count, float(np.prod(theirs.aspect)))
    if surprise <= 0:
        return None
    return Relation(surprise, _evidence(ours, theirs, q, r, colours, matrix, inliers, kind, mirrored)), left


def _tentative(ours: Keypoints, theirs: Keypoints, ratio: float) -> NDArray[np.intp]:
    """(n, 2) indices into both. The rival of the ratio test must lie elsewhere: SIFT often finds one place twice."""
    similarity = ours.vectors @ theirs.vectors.T
    best = similarity.argmax(axis=1)
    rows = np.arange(len(best))
    top = similarity[rows, best]
    place = theirs.places()
    row, column = place[best].nonzero()
    similarity[row, column] = -1.0
    rival = similarity.max(axis=1)
    good = (2 - 2 * top) < ratio**2 * (2 - 2 * rival)
    owner: dict[int, int] = {}
    for i in np.flatnonzero(good)[np.argsort(-top[good], kind="stable")]:
        owner.setdefault(int(best[i]), int(i))
    return np.array([(i, j) for j, i in owner.items()], np.intp).reshape(-1, 2)


def _agreeing(q: Floats, r: Floats, zoom: Floats, turn: Floats) -> NDArray[np.bool_]:
    """The matches that agree with the best one-match similarity."""
    scale = np.exp(zoom)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    dx, dy = q[None, :, 0] - q[:, None, 0], q[None, :, 1] - q[:, None, 1]  # [proposal, match]
    ex = r[:, None, 0] + cos[:, None] * dx - sin[:, None] * dy - r[None, :, 0]
    ey = r[:, None, 1] + sin[:, None] * dx + cos[:, None] * dy - r[None, :, 1]
    # a proposal from one keypoint is off by its own errors of angle and size, more so far away from it
    reach = 2 * TOLERANCE + 0.08 * scale[:, None] * np.hypot(dx, dy)
    agree = (ex**2 + ey**2 < reach**2) & _alike(zoom[:, None] - zoom[None], turn[:, None] - turn[None])
    chosen = agree[int(agree.sum(axis=1).argmax())]
    return np.asarray(chosen)


def _alike(zoom: Floats, turn: Floats) -> NDArray[np.bool_]:
    turn = np.abs((turn + np.pi) % (2 * np.pi) - np.pi)
    return np.asarray((np.abs(zoom) < MOST_ZOOM) & (turn < MOST_TURN))


def _refine(
    q: Floats, r: Floats, inliers: NDArray[np.bool_], zoom: Floats, turn: Floats
) -> tuple[Floats, NDArray[np.bool_], str]:
    matrix = np.eye(3)
    for _ in range(3):
        if inliers.sum() < LEAST_INLIERS:
            return matrix, inliers, "similarity"
        matrix = _similarity(q[inliers], r[inliers])
        scale, angle = _scale_and_turn(matrix)
        alike = _alike(zoom - np.log(max(scale, 1e-6)), turn - angle)
        inliers = (_error(matrix, q, r) < TOLERANCE) & alike
    kind, count = "similarity", int(inliers.sum())
    if count < 8:
        return matrix, inliers, kind
    scale, angle = _scale_and_turn(matrix)
    near = (_error(matrix, q, r) < 8 * TOLERANCE) & _alike(zoom - np.log(max(scale, 1e-6)), turn - angle)
    for model in ("affine", "homography"):
        other = _magsac(model, q[near], r[near])
        if other is None or not _sane(other, q[inliers]):
            continue
        obeys = (_error(other, q, r) < TOLERANCE) & near
        if obeys.sum() > max(1.1 * count, count + 4):
            matrix, inliers, kind, count = other, obeys, model, int(obeys.sum())
    return matrix, inliers, kind


def _similarity(q: Floats, r: Floats) -> Floats:
    """Least squares (Umeyama, PAMI 1991, without reflection), in complex form."""
    a, b = q[:, 0] + 1j * q[:, 1], r[:, 0] + 1j * r[:, 1]
    mean_a, mean_b = a.mean(), b.mean()
    spread = (np.abs(a - mean_a) ** 2).sum()
    m = ((b - mean_b) * np.conj(a - mean_a)).sum() / spread if spread > 1e-12 else 1.0
    t = mean_b - m * mean_a
    m = complex(m)
    return np.array([[m.real, -m.imag, t.real], [m.imag, m.real, t.imag], [0, 0, 1]])


def _scale_and_turn(matrix: Floats) -> tuple[float, float]:
    return float(np.hypot(matrix[0, 0], matrix[1, 0])), float(np.arctan2(matrix[1, 0], matrix[0, 0]))


def zoom_and_turn(matrix: Floats, place: Floats) -> tuple[float, float]:
    """Of the map as it is around ``place``: the square root of how areas grow, and the turn without the stretch (that
    of the nearest rotation: the polar factor of a map that does not mirror)."""
    x, y = float(place[0]), float(place[1])
    (m00, m01, m02), (m10, m11, m12), (m20, m21, m22) = matrix.tolist()
    depth = m20 * x + m21 * y + m22
    u, v = (m00 * x + m01 * y + m02) / depth, (m10 * x + m11 * y + m12) / depth
    a, b, c, d = m00 - u * m20, m01 - u * m21, m10 - v * m20, m11 - v * m21
    return abs(a * d - b * c) ** 0.5 / abs(depth), math.atan2((c - b) / depth, (a + d) / depth)


def _magsac(model: str, q: Floats, r: Floats) -> Floats | None:
    import cv2

    if model == "affine":
        found, _ = cv2.estimateAffine2D(q, r, None, cv2.USAC_MAGSAC, TOLERANCE, 5000, 0.999)
        return None if found is None else np.vstack([found, [0, 0, 1]])
    found, _ = cv2.findHomography(q, r, cv2.USAC_MAGSAC, TOLERANCE, None, 5000, 0.999)
    return None if found is None else np.asarray(found, np.float64)


def _sane(matrix: Floats, q: Floats) -> bool:
    """No fold, no flip, no stretch beyond 3:1, little perspective: a picture of a picture looks like that."""
    values = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    depth = matrix[2, :2] @ q.T + matrix[2, 2]
    upright = np.linalg.det(matrix[:2, :2]) > 0
    return bool(upright and values[1] > 0 and values[0] / values[1] < 3 and depth.min() > 0.3 * depth.max() > 0)


def _apply(matrix: Floats, points: Floats) -> Floats:
    mapped = np.c_[points, np.ones(len(points))] @ matrix.T
    return np.asarray(mapped[:, :2] / np.where(np.abs(mapped[:, 2:]) < 1e-9, 1e-9, mapped[:, 2:]))


def _error(matrix: Floats, q: Floats, r: Floats) -> Floats:
    return np.asarray(np.linalg.norm(_apply(matrix, q) - r, axis=1))


def _apart(q: Floats, r: Floats, inliers: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Count a place once: of inliers in one cell (1 % of the longer side) on both sides the first one stays."""
    seen: set[tuple[int, ...]] = set()
    kept = np.zeros_like(inliers)
    for i in np.flatnonzero(inliers):
        cell = tuple(np.floor(np.r_[q[i], r[i]] / 0.01).astype(int).tolist())
        if cell not in seen:
            seen.add(cell)
            kept[i] = True
    return kept


def _surprise(tentative: int, count: int, area: float) -> float:
    """-log10 of the expected number of such accidents; the binomial tail by its Chernoff bound, which errs high."""
    # chance that a random match lies within the tolerance and agrees in turn; places cluster, hence the factor 4
    chance = min(0.5, 4 * np.pi * TOLERANCE**2 / area * (2 * MOST_TURN / (2 * np.pi)))
    share = (count - 1) / max(tentative - 1, 1)
    if share <= chance:
        return 0.0
    divergence = share * np.log(share / chance)
    if share < 1:
        divergence += (1 - share) * np.log((1 - share) / (1 - chance))
    return float((tentative - 1) * divergence / np.log(10) - np.log10(tentative))


def _box(points: Floats) -> Box:
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return (
        float(np.clip(x0, 0, 1)),
        float(np.clip(y0, 0, 1)),
        float(np.clip(x1, 0, 1)),
        float(np.clip(y1, 0, 1)),
    )


def _evidence(
    ours: Keypoints,
    theirs: Keypoints,
    q: Floats,
    r: Floats,
    colours: Floats,
    matrix: Floats,
    inliers: NDArray[np.bool_],
    kind: str,
    mirrored: bool,
) -> MatchEvidence:
    to_units = np.diag([*ours.aspect, 1.0])
    if mirrored:  # plain query fractions -> fractions of the mirrored query
        to_units = to_units @ np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
    transform = np.diag([*(1 / theirs.aspect), 1.0]) @ matrix @ to_units
    points_q, points_r = q[inliers] / ours.aspect, r[inliers] / theirs.aspect
    if mirrored:
        points_q = np.c_[1 - points_q[:, 0], points_q[:, 1]]
    zoom, angle = zoom_and_turn(matrix, q[inliers].mean(axis=0))
    return MatchEvidence(
        points=np.hstack([points_q, points_r]),
        transform=transform / transform[2, 2],
        kind=kind,
        mirrored=mirrored,
        rotation_degrees=float(np.rad2deg(angle)),
        scale=ours.longer / (zoom * theirs.longer),
        tentative=len(q),
        query_box=_box(points_q),
        reference_box=_box(points_r),
        colours=colours[inliers],
    )
