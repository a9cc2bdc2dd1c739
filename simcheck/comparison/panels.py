"""What was found in a panel of a suspect, put into the frame of the whole suspect.

A panel is compared as a picture of its own; here are the two directions of that: the description of a panel alone, and
evidence about it as evidence about the suspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simcheck.records import (
    Alignment,
    AlignmentEvidence,
    Box,
    Description,
    Evidence,
    HashEvidence,
    MatchEvidence,
    Region,
    RegionEvidence,
)
from simcheck.signals.keypoints.geometry import box_iou
from simcheck.signals.patches.structure import map_size
from simcheck.signals.phash import MATCH_DISTANCE

__all__ = ["fills_one", "in_whole", "panel_of", "panels_of"]

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
ALONE = 0.6
"""Share of a suspect from which a work in it is the picture itself, and what is beside it are its surroundings."""
FILLS = 0.5
"""Overlap (IoU) of a work and a panel, from which it is the picture there."""


def panels_of(description: Description) -> tuple[Region, ...]:
    return description.regions[len(description.regions) - description.panels :]


def panel_of(description: Description, region: Region) -> Description:
    """One panel as a description of a picture."""
    x0, y0, x1, y1 = region.box
    place = description.regions.index(region)
    return Description(
        regions=(Region(0, WHOLE),),
        descriptors=(description.descriptors[place],),
        width=max(1, round((x1 - x0) * description.width)),
        height=max(1, round((y1 - y0) * description.height)),
        mirrored=description.mirrored[place : place + 1],
        content=description.content[place : place + 1],
    )


def fills_one(panels: Sequence[Box], evidence: Evidence | None) -> bool:
    """Whether the work, where ``evidence`` sees it in the suspect, is one of several pictures there."""
    if isinstance(evidence, HashEvidence):
        return len(panels) > 1 and evidence.distance <= MATCH_DISTANCE and evidence.query_box in panels
    if not isinstance(evidence, MatchEvidence):
        return False
    x, y, depth = np.linalg.inv(evidence.transform) @ np.array([[0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]], np.float64)
    if len(panels) < 2 or depth.min() <= 0:
        return False
    x, y = np.clip(x / depth, 0, 1), np.clip(y / depth, 0, 1)
    work = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    alone = (work[2] - work[0]) * (work[3] - work[1]) >= ALONE
    return not alone and max(box_iou(work, panel) for panel in panels) >= FILLS


def in_whole(evidence: Evidence, panel: Box, whole: Description) -> Evidence:
    """``evidence`` about the panel as evidence about the picture that holds it."""
    if isinstance(evidence, RegionEvidence):
        return replace(evidence, query_box=_box(evidence.query_box, panel), largest_difference=None)
    if isinstance(evidence, HashEvidence):
        return replace(evidence, query_box=panel)
    if isinstance(evidence, MatchEvidence):
        return _matches(evidence, panel)
    if isinstance(evidence, AlignmentEvidence):
        return replace(evidence, alignments=tuple(_alignment(each, panel, whole) for each in evidence.alignments))
    return evidence


def _box(box: Box, panel: Box) -> Box:
    x0, y0, x1, y1 = panel
    across, down = x1 - x0, y1 - y0
    return (x0 + box[0] * across, y0 + box[1] * down, x0 + box[2] * across, y0 + box[3] * down)


def _into(transform: NDArray[np.float64], panel: Box) -> NDArray[np.float64]:
    """``transform`` for fractions of the whole instead of fractions of the panel."""
    x0, y0, x1, y1 = panel
    across, down = x1 - x0, y1 - y0
    found = transform @ np.array([[1 / across, 0, -x0 / across], [0, 1 / down, -y0 / down], [0, 0, 1]])
    return np.asarray(found / found[2, 2])


def _matches(evidence: MatchEvidence, panel: Box) -> MatchEvidence:
    x0, y0, x1, y1 = panel
    points = evidence.points.copy()
    points[:, :2] = (x0, y0) + points[:, :2] * (x1 - x0, y1 - y0)
    return replace(
        evidence,
        points=points,
        transform=_into(evidence.transform, panel),
        query_box=_box(evidence.query_box, panel),
        others=tuple(_matches(other, panel) for other in evidence.others),
    )


def _alignment(part: Alignment, panel: Box, whole: Description) -> Alignment:
    import cv2

    height, width = map_size(whole.height, whole.width)
    x0, x1 = min(round(panel[0] * width), width - 1), round(panel[2] * width)
    y0, y1 = min(round(panel[1] * height), height - 1), round(panel[3] * height)
    size = (max(1, x1 - x0), max(1, y1 - y0))
    mask = np.zeros((height, width), np.bool_)
    smaller = cv2.resize(part.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= 0.5
    shown = mask[y0 : y0 + size[1], x0 : x0 + size[0]]
    shown[:] = smaller[: shown.shape[0], : shown.shape[1]]
    if not shown.any():  # a pixel of a narrow map is as large as the part
        shown[:] = True
    return replace(part, mask=mask, transform=_into(part.transform, panel), query_box=_box(part.query_box, panel))
