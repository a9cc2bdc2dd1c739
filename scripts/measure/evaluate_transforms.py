"""Are works that were mirrored, turned, stretched or seen askew found, and is what was done to them named?

    python scripts/measure/evaluate_transforms.py --set ../shared/evalset [--works 40]

Portfolio works, drawn by a seed, are transformed in one way each and compared with the index of all works. "Found": the
work is the first finding, and typed as a copy of some kind. "Named": the finding's edits say what was done, and (apart
from a crop or another size, which a turned canvas brings along) nothing that was not done.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from scripts.measure import machine
from scripts.measure.evalset import decoded, read_table
from simcheck import pipeline
from simcheck.records import Edit, EditKind, Finding, FindingType, Pixels, Silent
from simcheck.scoring.edits import MIRRORED

SEED = 2026
BESIDES = (EditKind.CROPPED, EditKind.EMBEDDED, EditKind.SCALED)
"""What a transform may bring along without having been asked for."""
STRETCHED = Edit(EditKind.STRETCHED)


def _turned(degrees: float) -> Callable[[Pixels], Pixels]:
    def turn(pixels: Pixels) -> Pixels:
        image = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
        return np.asarray(image, np.uint8)

    return turn


def _stretched(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    return np.asarray(Image.fromarray(pixels).resize((round(width * 1.25), height)), np.uint8)


def _askew(pixels: Pixels) -> Pixels:
    """As photographed from the side: the right edge four fifths as high as the left one."""
    height, width = pixels.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array([(0, 0), (0.92 * width, 0.1 * height), (0.92 * width, 0.9 * height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    return np.asarray(cv2.warpPerspective(pixels, matrix, (width, height), borderValue=(255, 255, 255)), np.uint8)


TRANSFORMS: dict[str, tuple[Callable[[Pixels], Pixels], tuple[Edit, ...]]] = {
    "mirrored": (lambda pixels: np.ascontiguousarray(pixels[:, ::-1]), (MIRRORED,)),
    "turned by 90 degrees": (lambda pixels: np.ascontiguousarray(np.rot90(pixels, -1)), (Edit(EditKind.ROTATED, -90),)),
    "turned by 180 degrees": (lambda pixels: np.ascontiguousarray(pixels[::-1, ::-1]), (Edit(EditKind.ROTATED, 180),)),
    "mirrored and turned by 90 degrees": (
        lambda pixels: np.ascontiguousarray(np.rot90(pixels[:, ::-1], -1)),
        (MIRRORED, Edit(EditKind.ROTATED, 90)),
    ),
    "turned by 5 degrees": (_turned(5), (Edit(EditKind.ROTATED, -5),)),
    "stretched by a quarter": (_stretched, (STRETCHED,)),
    "seen from the side": (_askew, (Edit(EditKind.PERSPECTIVE),)),
}
"""For each what is done, and the edits that name it (a turn is the one, clockwise, that gives the work back)."""


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--works", type=int, default=40)
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.CALIBRATION))
    folder: Path = arguments.set.resolve()
    works = [row["file"] for row in read_table(folder / "portfolios.csv")]
    order = np.random.default_rng(SEED).permutation(len(works))[: arguments.works]
    chosen = [works[int(i)] for i in sorted(order)]
    pixels = {folder / file: found for file, found in decoded(folder, chosen).items()}
    choice = pipeline.Choice(without=("clip",))
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="simcheck-transforms-") as temporary:
        index = Path(temporary) / "index"
        pipeline.index([folder / work for work in works], index, name="evalset", choice=choice, watcher=Silent())
        for name, (transform, wanted) in TRANSFORMS.items():
            made = Path(temporary) / name
            made.mkdir()
            paths = {made / f"{i:03d}.png": work for i, work in enumerate(pixels)}
            for path, work in paths.items():
                Image.fromarray(transform(pixels[work])).save(path)
            run = pipeline.compare(list(paths), index, choice=choice, watcher=Silent())
            firsts = [(query.findings[0], paths[query.path]) for query in run.queries]
            found = [_is_copy(first) and work in first.work.paths for first, work in firsts]
            named = [_named(first.edits, wanted) for (first, _), right in zip(firsts, found, strict=True) if right]
            figures[name] = {
                "works": len(firsts),
                "found": round(float(np.mean(found)), 4),
                "named, of those found": round(float(np.mean(named)), 4) if named else 0.0,
            }
            print(f"{name:36s} {figures[name]}", flush=True)
    measurement.save(
        "evaluate_transforms",
        {
            "seed": SEED,
            "data_digest": machine.digest_of([folder / work for work in works]),
            "references": len(works),
            "figures": figures,
        },
    )
    return 0


def _is_copy(finding: Finding) -> bool:
    return finding.type in (FindingType.EDITED_COPY, FindingType.RE_ENCODED, FindingType.PART, FindingType.RE_RENDERED)


def _named(edits: tuple[Edit, ...], wanted: tuple[Edit, ...]) -> bool:
    """A turn may be off by a degree; a stretched work may also come out as seen in perspective, which holds it."""
    told = [edit for edit in edits if edit.kind not in BESIDES]
    if wanted == (STRETCHED,):
        return told in ([STRETCHED], [Edit(EditKind.PERSPECTIVE)])
    return Counter(_near(edit, wanted) for edit in told) == Counter(wanted)


def _near(edit: Edit, wanted: tuple[Edit, ...]) -> Edit:
    for each in wanted:
        if edit.value is not None and each.value is not None and edit.kind is each.kind is EditKind.ROTATED:
            apart = (edit.value - each.value + 180) % 360 - 180
            if abs(apart) <= 1:
                return each
    return edit


if __name__ == "__main__":
    sys.exit(main())
