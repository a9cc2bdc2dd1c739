"""What is where in a picture, whatever its colours: a small map of relative lightness and of edge orientations.

Two pictures that share an element agree in these maps all over it once they are laid over each other, pixel by pixel,
also where one was recoloured, blended or painted over. How far an agreement lies beyond chance grows with the number of
independent places that take part, so that a large region of fair agreement says as much as a small one of close
agreement, and a few clear edges on an empty ground say little.

Used to refine a proposed alignment, to see how far it holds, and to score it. The maps come from the fixed front end of
the shipped network; a map is turned and mirrored with its picture, since an orientation is a double angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcheck.models.embedded import front_end
from simcheck.records import Box, Pixels
from simcheck.signals.keypoints.geometry import zoom_and_turn

__all__ = [
    "ASIDE",
    "COARSE",
    "INDEPENDENT",
    "LEAST_SCORE",
    "SIDE",
    "Agreement",
    "Map",
    "agreement",
    "drawn_over",
    "map_size",
    "mirrored",
    "overlaid",
    "pack",
    "refine",
    "strength_of",
    "structure_map",
    "unpack",
]

SIDE = 192
"""Longer side of a map."""
Map = NDArray[np.float32]
"""(height, width, 3): relative lightness, cosine and sine of the double edge angle times edge strength."""

REACH = 9
"""Half the side of the squares, in pixels of the map, over which local agreement is taken."""
ASIDE = 7
"""Pixels of a map by which one is moved to see whether the agreement depends on the place: along a straight edge it
does not, and a frame or a horizon is in many pictures."""
AROUND = tuple((round(ASIDE * np.sin(a)), round(ASIDE * np.cos(a))) for a in np.arange(16) * np.pi / 8)
AGREES = 0.5
"""Local cosine above which a place counts as agreeing."""
INDEPENDENT = 12.0
"""Pixels of a map that say about as much as one independent one: neighbours are alike."""
FAINT = 0.05
"""Mean product of the strengths below which a place has nothing to agree about."""
COARSE = (0.8, 0.89, 1.0, 1.12, 1.25)
"""Scales that are tried where a window of the network made the proposal."""
LEAST_SCORE = 1.0
"""Below it, an agreement is no more than what two pictures have in common by being pictures."""
LEAST_SIDE = 14
"""Pixels of a map; smaller pieces are not looked for."""
PIECE = 72
"""Largest side, in pixels, at which a piece is sought again."""

OTHERWISE = 0.3
"""Local cosine below which a place shows something else."""
NEAR = 9
"""Side of the squares, in pixels of a map, over which that cosine is taken, and the least width of what is told."""
CLEAR = 0.06
"""Mean squared strength from which a place has something to show."""
AS_BEFORE = 0.85
"""Mean cosine of all other places from which what differs can be told from what was only drawn or saved otherwise:
halved and blurred copies lie above it, posterised and traced ones below."""


def map_size(height: int, width: int) -> tuple[int, int]:
    """(height, width) of the map of a picture of this size."""
    factor = SIDE / max(height, width)
    return max(4, 4 * round(height * factor / 4)), max(4, 4 * round(width * factor / 4))


def structure_map(image: Pixels) -> Map:
    """The map of a picture (h, w, 3) uint8; its longer side is `SIDE` whatever the picture's, both multiples of 4."""
    import cv2

    height, width = map_size(*image.shape[:2])
    how = cv2.INTER_AREA if max(image.shape[:2]) > SIDE else cv2.INTER_LINEAR
    sized = cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=how)
    planes = front_end(np.asarray(sized, np.uint8))
    found = planes[..., [3, 5, 6]]
    found[..., 0] = np.clip(found[..., 0], -2, 2) / 2
    return np.ascontiguousarray(np.clip(found, -1.98, 1.98))


def pack(found: Map) -> NDArray[np.uint8]:
    """(height, width * 3) uint8 in steps of a sixty-fourth."""
    return np.asarray(np.rint(found * 64 + 128), np.uint8).reshape(len(found), -1)


def unpack(packed: NDArray[np.uint8]) -> Map:
    found = (packed.reshape(len(packed), -1, 3).astype(np.float32) - 128) / 64
    return np.asarray(found, np.float32)


def mirrored(found: Map) -> Map:
    """The map of the picture mirrored left to right."""
    return np.ascontiguousarray(found[:, ::-1]) * np.array([1, 1, -1], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Two maps laid over each other. ``transform``: 3x3, in units of each picture's longer side, ours to theirs."""

    transform: NDArray[np.float64]
    mask: NDArray[np.bool_]
    """(height, width) of our map: where they agree, connected."""
    score: float
    """Fisher's z of the cosine over the mask, less that of the best place moved aside, times the root of the number of
    independent places in the mask: 0 where the agreement does not depend on the place."""


def refine(
    ours: Map, theirs: Map, transform: NDArray[np.float64], box: Box, scales: Sequence[float]
) -> NDArray[np.float64] | None:
    """The transform, moved and scaled a little so that the piece in ``box`` (units of our longer side) agrees best.

    None where the piece is too small, or lies outside of the other picture.
    """
    import cv2

    x0, y0, x1, y1 = (round(v * SIDE) for v in box)
    height, width = ours.shape[:2]
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    if min(x1 - x0, y1 - y0) < LEAST_SIDE:
        return None
    shrink = min(1.0, PIECE / max(x1 - x0, y1 - y0))
    size = (round((x1 - x0) * shrink), round((y1 - y0) * shrink))
    piece = np.asarray(cv2.resize(ours[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), np.float32)
    margin = (max(3, round(0.3 * size[0])), max(3, round(0.3 * size[1])))
    own = float((piece**2).sum())
    best, found = 0.0, None
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2]) / SIDE
    for scale in scales:
        around = _about(transform, middle, scale)
        # pixels of the searched area -> units of our picture
        step = 1 / (shrink * SIDE)
        to_units = np.array(
            [
                [step, 0, x0 / SIDE + (0.5 - margin[0]) * step],
                [0, step, y0 / SIDE + (0.5 - margin[1]) * step],
                [0, 0, 1],
            ]
        )
        area, inside = _drawn(theirs, around @ to_units, (size[0] + 2 * margin[0], size[1] + 2 * margin[1]))
        if inside.mean() < 0.5:
            continue
        product = np.asarray(cv2.matchTemplate(area, piece, cv2.TM_CCORR))  # summed over the channels
        energy = cv2.boxFilter(np.einsum("ijk,ijk->ij", area, area), cv2.CV_32F, size, normalize=False, anchor=(0, 0))
        rows, columns = product.shape
        cosine = product / np.sqrt(np.maximum(energy[:rows, :columns], 1e-6) * max(own, 1e-6))
        y, x = np.unravel_index(int(cosine.argmax()), cosine.shape)
        if float(cosine[y, x]) > best:
            best = float(cosine[y, x])
            shift = np.array([[1, 0, (x - margin[0]) * step], [0, 1, (y - margin[1]) * step], [0, 0, 1]])
            found = around @ shift
    return found


def drawn_over(ours: Map, theirs: Map, transform: NDArray[np.float64]) -> tuple[Map, NDArray[np.bool_]]:
    """Their map as it lies on ours, nothing where it does not reach, and where it does. ``transform``: as below."""
    height, width = ours.shape[:2]
    to_units = np.array([[1 / SIDE, 0, 0.5 / SIDE], [0, 1 / SIDE, 0.5 / SIDE], [0, 0, 1]])
    drawn, inside = _drawn(theirs, transform @ to_units, (width, height))
    return drawn * inside[..., None], inside


def _about(transform: NDArray[np.float64], middle: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """The transform after our picture was scaled about ``middle``."""
    x, y = middle * (1 - scale)
    return np.asarray(transform @ np.array([[scale, 0, x], [0, scale, y], [0, 0, 1]]))


def _drawn(theirs: Map, to_units: NDArray[np.float64], size: tuple[int, int]) -> tuple[Map, NDArray[np.bool_]]:
    """Their map in another frame: ``to_units`` takes a pixel of it to units of their longer side."""
    import cv2

    zoom, turned = zoom_and_turn(to_units, np.array(size) / 2)
    covered = SIDE * zoom
    height, width = theirs.shape[:2]
    if covered > 1.3:  # else fine edges alias
        smaller = (max(2, round(width / covered)), max(2, round(height / covered)))
        theirs = np.asarray(cv2.resize(theirs, smaller, interpolation=cv2.INTER_AREA), np.float32)
    rows, columns = theirs.shape[:2]
    to_pixels = np.array([[SIDE * columns / width, 0, -0.5], [0, SIDE * rows / height, -0.5], [0, 0, 1]])
    matrix = to_pixels @ to_units
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = np.asarray(cv2.warpPerspective(theirs, matrix, size, flags=flags), np.float32)
    inside = cv2.warpPerspective(
        np.ones((rows, columns), np.uint8), matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    twice = 2 * turned
    cos, sin = np.float32(np.cos(twice)), np.float32(np.sin(twice))
    along = found[..., 1] * cos + found[..., 2] * sin
    found[..., 2] = found[..., 2] * cos - found[..., 1] * sin
    found[..., 1] = along
    return found, np.asarray(inside, np.bool_)


def strength_of(found: Map) -> NDArray[np.float32]:
    """(height, width): how much there is at each place."""
    return np.asarray(np.sqrt(np.einsum("ijk,ijk->ij", found, found)), np.float32)


def agreement(ours: Map, theirs: Map, transform: NDArray[np.float64], box: Box) -> Agreement | None:
    """How far two maps agree under a transform, around ``box`` (units of our longer side); None where they do not."""
    import cv2

    height, width = ours.shape[:2]
    to_units = np.array([[1 / SIDE, 0, 0.5 / SIDE], [0, 1 / SIDE, 0.5 / SIDE], [0, 0, 1]])
    over = ASIDE
    frame = to_units @ np.array([[1, 0, -over], [0, 1, -over], [0, 0, 1]])
    drawn, inside = _drawn(theirs, transform @ frame, (width + 2 * over, height + 2 * over))
    drawn *= inside[..., None]
    theirs_here = drawn[over : over + height, over : over + width]
    product = np.einsum("ijk,ijk->ij", ours, theirs_here)
    own, their_own = strength_of(ours), strength_of(drawn)
    weight = own * their_own[over : over + height, over : over + width]
    square = (2 * REACH + 1, 2 * REACH + 1)
    local = cv2.blur(product, square) / np.maximum(cv2.blur(weight, square), FAINT)
    agree = cv2.morphologyEx((local > AGREES).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels = cv2.connectedComponents(agree)
    x0, y0, x1, y1 = (max(0, round(v * SIDE)) for v in box)
    counts = np.bincount(labels[y0:y1, x0:x1].ravel(), weights=weight[y0:y1, x0:x1].ravel())
    if len(counts) < 2 or counts[1:].max() <= 0:
        return None
    mask = labels == 1 + int(counts[1:].argmax())
    total = float(weight[mask].sum())
    cosine = float(product[mask].sum()) / max(total, 1e-9)
    rows, columns = np.nonzero(mask)
    top, left, low, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    there = mask[top:low, left:right]
    part, part_own = ours[top:low, left:right] * there[..., None], own[top:low, left:right] * there
    aside = -1.0
    for dy, dx in AROUND:
        at = np.s_[top + over + dy : low + over + dy, left + over + dx : right + over + dx]
        dot, both = float(np.vdot(part, drawn[at])), float(np.vdot(part_own, their_own[at]))
        aside = max(aside, dot / max(both, 0.3 * total, 1e-9))
    places = total**2 / max(float((weight[mask] ** 2).sum()), 1e-9) / INDEPENDENT
    z, beside = np.arctanh(np.clip([cosine, aside], 0, 0.99))
    score = float(max(0.0, z - beside) * np.sqrt(places))
    return Agreement(transform, mask, score)


def overlaid(ours: Map, theirs: Map, transform: NDArray[np.float64]) -> float:
    """Share of what both pictures show on which ours shows something else; 0 where the rest does not agree closely.

    A caption, a logo or a sticker laid over a copy, or a part that was made anew. ``transform``: 3x3, in units of each
    picture's longer side, ours to theirs.
    """
    import cv2

    drawn, inside = drawn_over(ours, theirs, transform)
    common = cv2.erode(inside.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    if not common.any():
        return 0.0
    square = (NEAR, NEAR)
    own, their_own = (np.maximum(cv2.blur(strength_of(each) ** 2, square), 0) for each in (ours, drawn))
    weight = np.sqrt(own * their_own)
    cosine = cv2.blur(np.einsum("ijk,ijk->ij", ours, drawn), square) / np.maximum(weight, 1e-3)
    # a paler or a softer copy has less strength all over
    fainter = np.median(np.sqrt(own[common])) / max(float(np.median(np.sqrt(their_own[common]))), 1e-3)
    clear = common & (np.maximum(own / max(float(fainter) ** 2, 1e-3), their_own) > CLEAR)
    differs = cv2.morphologyEx(
        (clear & (cosine < OTHERWISE)).astype(np.uint8), cv2.MORPH_OPEN, np.ones(square, np.uint8)
    )
    rest = clear & (differs == 0)
    total = float(weight[rest].sum())
    if total <= 0 or float((cosine[rest] * weight[rest]).sum()) / total < AS_BEFORE:
        return 0.0
    return float(differs.sum() / common.sum())
