"""Lay a part of one picture over a part of another, and see how far and how well they agree.

A proposal comes from keypoints or from windows of a network: a transform and the part of the query that it was seen
in. Here it is refined, followed as far as the two pictures agree (`structure`), and put into fractions of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Alignment, Box, MatchEvidence, Tier
from simcheck.signals.keypoints.geometry import zoom_and_turn
from simcheck.signals.keypoints.orientation import CLEARLY
from simcheck.signals.patches import structure
from simcheck.signals.patches.framed import framed_share, own_score
from simcheck.signals.patches.structure import SIDE, Map

__all__ = ["Proposal", "Side", "align", "of_matches", "overlaid", "shared_area", "without_repeats"]

LEAST_AREA = 0.003
"""Share of the query; smaller agreements are not told."""
FINE = (0.94, 1.0, 1.06)
SPEAKS = 3.0
"""Score from which it matters what a part rests on: one pair of unrelated works in fifty has such a part."""
FRAMED = 0.14
"""Share of what both show, in windows that show something else, from which only the frame around them agrees."""
OWN = 0.6
"""Share of an agreement that must be left when it is held against that at any other place, and not only close by: a
pattern agrees elsewhere as well."""
SAME = 0.6
"""Share of the smaller of two masks that lies in the other one, above which they are one part."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two pictures: its map, and the longer side of the full-size picture in pixels."""

    found: Map
    longer: int
    content: Map | None = None
    """The map without what is ground in the picture, where that was looked for."""

    @property
    def aspect(self) -> NDArray[np.float64]:
        """(2,) width and height in units of the longer side."""
        return np.array([self.found.shape[1], self.found.shape[0]]) / SIDE


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """``transform``: 3x3, in units of the longer sides, from the query (mirrored, if so said) to the reference;
    ``box``: the part of that query, in the same units, in which the correspondence was seen."""

    transform: NDArray[np.float64]
    box: Box
    mirrored: bool
    tier: Tier
    relation: float = 0.0


def align(query: Side, reference: Side, proposal: Proposal) -> Alignment | None:
    """What agrees around a proposal, or None."""
    ours = structure.mirrored(query.found) if proposal.mirrored else query.found
    transform, box = proposal.transform, proposal.box
    best: structure.Agreement | None = None
    exact = proposal.tier is Tier.KEYPOINTS
    for scales in ((), FINE) if exact else (structure.COARSE, FINE):
        refined = structure.refine(ours, reference.found, transform, box, scales) if scales else transform
        if refined is None:
            break
        agreed = structure.agreement(ours, reference.found, refined, box)
        if agreed is None or agreed.mask.mean() < LEAST_AREA:
            break
        if best is None or agreed.score > best.score:
            best = agreed
        transform, box = refined, _box_of(agreed.mask)
    if best is None:
        return None
    found = _alignment(query, reference, proposal, best)
    return replace(found, content=_content(query, reference, proposal, best))


def _content(query: Side, reference: Side, proposal: Proposal, agreed: structure.Agreement) -> float | None:
    """How far a part still agrees where nothing is ground; moved a little, since the ground may have held it. None for
    a part that says little in any case."""
    if query.content is None or agreed.score < SPEAKS:
        return None
    ours, content = query.found, query.content
    if proposal.mirrored:
        ours, content = structure.mirrored(ours), structure.mirrored(content)
    if framed_share(ours, reference.found, agreed.transform) >= FRAMED:
        return 0.0
    box = _box_of(agreed.mask)
    moved = structure.refine(content, reference.found, agreed.transform, box, FINE)
    best = 0.0
    for transform in (agreed.transform, moved):
        there = None if transform is None else structure.agreement(content, reference.found, transform, box)
        if there is not None and there.score > best:
            own = own_score(content, reference.found, there.transform, there.mask)
            best = max(best, own if own >= OWN * there.score else 0.0)
    return best


def of_matches(query: Side, reference: Side, matches: MatchEvidence) -> list[Alignment]:
    """The alignments of all relations in the evidence of `keypoints`: where only keypoints agree, of their hull."""
    found = []
    for one in (matches, *matches.others):
        proposal = _proposal(query, reference, one)
        agreed = align(query, reference, proposal)
        if agreed is None or agreed.score < structure.LEAST_SCORE:  # how much of it is content is asked of the points
            hull = structure.Agreement(proposal.transform, _hull(query, one), 0.0)
            agreed = _alignment(query, reference, proposal, hull)
        found.append(agreed)
    return found


def overlaid(query: Side, reference: Side, matches: MatchEvidence) -> float:
    """Share of what both pictures show, by the relation of `keypoints`, on which the query shows something else."""
    proposal = _proposal(query, reference, matches)
    ours = structure.mirrored(query.found) if proposal.mirrored else query.found
    return structure.overlaid(ours, reference.found, proposal.transform)


def without_repeats(found: Sequence[Alignment], most: int) -> tuple[Alignment, ...]:
    """The strongest first, each part of the query once, at most ``most``; a mirrored one only where it agrees clearly
    better than the same part as it is."""
    kept: list[Alignment] = []
    ordered = sorted(found, key=lambda each: (-each.score, -each.relation))
    for one in ordered:
        if len(kept) < most and not any(shared_area(one, other) > SAME for other in kept):
            kept.append(next((other for other in ordered if _as_well(other, one)), one))
    return tuple(kept)


def _as_well(plain: Alignment, mirrored: Alignment) -> bool:
    """Whether a plain part covers what a mirrored one does and agrees nearly as well, by all that speaks for it."""
    if plain.mirrored or not mirrored.mirrored:
        return False
    relations = (2**each.relation - 1 for each in (mirrored, plain))  # back to surprises
    near = mirrored.score <= CLEARLY * plain.score and next(relations) <= CLEARLY * next(relations)
    covered = float((plain.mask & mirrored.mask).sum() / max(1, mirrored.mask.sum()))
    return near and covered > SAME


def shared_area(one: Alignment, other: Alignment) -> float:
    """Of two parts of one query: the share of the smaller that lies in the other."""
    a, b = one.mask, other.mask
    return float((a & b).sum() / max(1, min(a.sum(), b.sum())))


def _mirror(query: Side) -> NDArray[np.float64]:
    """The plain query to the mirrored one, in units."""
    return np.array([[-1.0, 0, query.aspect[0]], [0, 1, 0], [0, 0, 1]])


def _proposal(query: Side, reference: Side, matches: MatchEvidence) -> Proposal:
    to_units = np.diag([*reference.aspect, 1.0]) @ matches.transform @ np.diag([*(1 / query.aspect), 1.0])
    x0, y0, x1, y1 = matches.query_box
    if matches.mirrored:
        to_units = to_units @ _mirror(query)
        x0, x1 = 1 - x1, 1 - x0
    across, down = query.aspect
    return Proposal(
        to_units, (x0 * across, y0 * down, x1 * across, y1 * down), matches.mirrored, Tier.KEYPOINTS, matches.score
    )


def _hull(query: Side, matches: MatchEvidence) -> NDArray[np.bool_]:
    """(height, width) of the query's map, mirrored as the relation is: the hull of the keypoints that agree."""
    import cv2

    height, width = query.found.shape[:2]
    places = matches.points[:, :2] * [width, height]
    if matches.mirrored:
        places[:, 0] = width - places[:, 0]
    mask = np.zeros((height, width), np.uint8)
    hull = cv2.convexHull(np.rint(places).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    return np.asarray(cv2.dilate(mask, np.ones((5, 5), np.uint8)), np.bool_)


def _alignment(query: Side, reference: Side, proposal: Proposal, agreed: structure.Agreement) -> Alignment:
    mask, transform = agreed.mask, agreed.transform
    if proposal.mirrored:
        mask, transform = mask[:, ::-1], transform @ _mirror(query)
    fractions = np.diag([*(1 / reference.aspect), 1.0]) @ transform @ np.diag([*query.aspect, 1.0])
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    places = np.stack([(columns + 0.5) / width, (rows + 0.5) / height, np.ones(len(rows))], axis=1) @ fractions.T
    theirs = np.clip(places[:, :2] / np.where(np.abs(places[:, 2:]) < 1e-9, 1e-9, places[:, 2:]), 0, 1)
    x0, y0, x1, y1 = _box_of(mask)
    # of the map as it is around the middle of the part
    middle = np.array([(columns.mean() + 0.5) / SIDE, (rows.mean() + 0.5) / SIDE])
    if proposal.mirrored:
        middle[0] = query.aspect[0] - middle[0]
    zoom, angle = zoom_and_turn(agreed.transform, middle)
    return Alignment(
        tier=proposal.tier,
        score=agreed.score,
        mask=np.ascontiguousarray(mask),
        transform=fractions / fractions[2, 2],
        mirrored=proposal.mirrored,
        rotation_degrees=float(np.rad2deg(angle)),
        scale=query.longer / max(zoom * reference.longer, 1e-9),
        query_box=(x0 * SIDE / width, y0 * SIDE / height, min(1.0, x1 * SIDE / width), min(1.0, y1 * SIDE / height)),
        reference_box=(
            float(theirs[:, 0].min()),
            float(theirs[:, 1].min()),
            float(theirs[:, 0].max()),
            float(theirs[:, 1].max()),
        ),
        relation=proposal.relation,
    )


def _box_of(mask: NDArray[np.bool_]) -> Box:
    """In units of the longer side."""
    rows, columns = np.nonzero(mask)
    return (columns.min() / SIDE, rows.min() / SIDE, (columns.max() + 1) / SIDE, (rows.max() + 1) / SIDE)
