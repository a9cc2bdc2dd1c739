"""The edits that can be named: read from the transform, from the colours of details that agree, and from the sizes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simcheck.records import Edit, EditKind, FileFacts, MatchEvidence, PaletteEvidence, SignalResult

__all__ = [
    "COLOURED",
    "MIRRORED",
    "OVERLAID",
    "TURNS",
    "colour_edits",
    "overlap",
    "palette_edit",
    "percentage",
    "shape_edits",
    "size_edit",
]

GRID = 144
"""Points in a row and in a column by which shares of area are counted."""
MIRRORED = Edit(EditKind.MIRRORED)
TURNS: Mapping[str, tuple[Edit, ...]] = {
    "same": (),
    "mirrored": (MIRRORED,),
    "flipped": (MIRRORED, Edit(EditKind.ROTATED, 180)),
    "rotated_90": (Edit(EditKind.ROTATED, -90),),
    "rotated_180": (Edit(EditKind.ROTATED, 180),),
    "rotated_270": (Edit(EditKind.ROTATED, 90),),
    "transposed": (MIRRORED, Edit(EditKind.ROTATED, -90)),
    "transverse": (MIRRORED, Edit(EditKind.ROTATED, 90)),
}
"""Edits by the turn at which the hashes agree: first mirrored left to right, then turned clockwise, gives the work."""
OVERLAID = 0.03
"""Share of what both show from which something else on it is named: 40 works that were halved and saved at JPEG quality
30, cropped, mirrored, turned in hue or made grey stay below it (``scripts/measure/evaluate_edits.py``)."""
RECOLOURED = 8.0
"""Median difference at matched details, in CIELAB units. This and the five below were chosen on 47 works and the
sixteen edits of ``scripts/measure/evaluate_edits.py``, other works than those that it counts: what leaves colours as
they are reaches 7.5, turns hues by 10 degrees and raises the contrast to 1.12 at most."""
COLOURED = 2.0
"""Root mean square chroma below which a work has no hues that could be seen to turn or to be missing."""
GREY = 0.1
"""Share of the work's chroma below which its colours were taken away."""
TURNED = 30.0
"""Degrees by which hues (angles of a*, b*) are turned together; all 82 that were turned at random, by 60 to 180 in HSV,
lay beyond 51."""
TOGETHER = 0.8
"""Correlation of the hues from which they were turned together; all of those lay above 0.81, 95 % above 0.86."""
CONTRAST = 1.2
"""Spread of the lightness over that of the work."""
OTHER_COLOURS = 12.0
"""Difference of two palettes, in CIELAB units; set by hand, not measured."""


def shape_edits(matches: MatchEvidence, query: FileFacts, reference: FileFacts) -> tuple[Edit, ...]:
    """What tells the query from the work, by the transform; a turn is the one, clockwise, that gives the work back."""
    edits = [MIRRORED] if matches.mirrored else []
    turn = 180 - (180 - round(matches.rotation_degrees)) % 360  # -179..180: half a turn has one name
    if abs(turn) >= 2:
        edits.append(Edit(EditKind.ROTATED, turn))
    shown, covered = overlap(matches.transform)
    if shown < 0.93:
        edits.append(Edit(EditKind.CROPPED, percentage(shown)))
    if covered < 0.93:
        edits.append(Edit(EditKind.EMBEDDED, percentage(covered)))
    if not 0.95 < matches.scale < 1.05:
        edits.append(_scaled(matches.scale))
    if matches.kind == "homography":
        edits.append(Edit(EditKind.PERSPECTIVE))
    elif _stretch(matches.transform, query, reference) > 1.08:
        edits.append(Edit(EditKind.STRETCHED))
    return tuple(edits)


def size_edit(query: FileFacts, reference: FileFacts) -> tuple[Edit, ...]:
    """For pictures whose transform is not known."""
    ratio = max(query.width, query.height) / max(reference.width, reference.height)
    return () if 0.95 < ratio < 1.05 else (_scaled(ratio),)


def colour_edits(matches: MatchEvidence) -> tuple[Edit, ...]:
    """What was done to the colours, by those of the details that agree: their mean rotation in the plane of a*, b*
    (least squares), their chroma, and the spread of their lightness."""
    light, a, b, own_light, own_a, own_b = matches.colours.T
    hues, own_hues = a + 1j * b, own_a + 1j * own_b
    chroma, own_chroma = (float(np.sqrt(np.mean(np.abs(each) ** 2))) for each in (hues, own_hues))
    turn = complex(np.mean(hues * own_hues.conj()))
    found = []
    together = min(chroma, own_chroma) >= COLOURED and abs(turn) >= TOGETHER * chroma * own_chroma
    if own_chroma >= COLOURED and chroma < GREY * own_chroma:
        found.append(EditKind.MADE_GREY)
    elif together and abs(np.rad2deg(np.angle(turn))) >= TURNED:
        found.append(EditKind.HUES_TURNED)
    elif matches.colour_difference > RECOLOURED:
        found.append(EditKind.RECOLOURED)
    if light.std() >= CONTRAST * max(own_light.std(), 1.0):
        found.append(EditKind.CONTRAST_RAISED)
    return tuple(Edit(kind) for kind in found)


def palette_edit(results: Mapping[str, SignalResult]) -> tuple[Edit, ...]:
    """For pictures whose details were not laid over each other."""
    for result in results.values():
        evidence = result.comparison.evidence
        if isinstance(evidence, PaletteEvidence) and evidence.distance > OTHER_COLOURS:
            return (Edit(EditKind.RECOLOURED),)
    return ()


def percentage(share: float) -> int:
    """What there is of something is never said to be nothing."""
    return max(1, round(100 * share))


def _scaled(factor: float) -> Edit:
    return Edit(EditKind.SCALED, float(f"{factor:.2g}"))


def _stretch(transform: NDArray[np.float64], query: FileFacts, reference: FileFacts) -> float:
    pixels = (
        np.diag([reference.width, reference.height]) @ transform[:2, :2] @ np.diag([1 / query.width, 1 / query.height])
    )
    large, small = np.linalg.svd(pixels, compute_uv=False)
    return float(large / max(small, 1e-9))


def overlap(transform: NDArray[np.float64]) -> tuple[float, float]:
    """Share of the reference that the query's frame shows, and share of the query that the reference's frame fills."""
    return _share_inside(np.asarray(np.linalg.inv(transform), np.float64)), _share_inside(transform)


def _share_inside(transform: NDArray[np.float64]) -> float:
    steps = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(steps, steps)
    mapped = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1) @ transform.T
    ahead = mapped[:, 2] > 1e-9
    places = mapped[ahead, :2] / mapped[ahead, 2:]
    return float(np.all((places >= 0) & (places <= 1), axis=1).sum() / x.size)
