"""Are the panels of composed suspects found, and are single pictures left whole? Both kinds of error of `find_panels`.

    python scripts/measure/evaluate_panels.py --set ../shared/evalset [--each 40]

The limits of the detector were fitted by eye on every other artist of the set (in the order of their names), with seeds
of their own. Here the composed suspects are made from the other artists, and single works are counted apart: those of
the artists left out are the figures to quote. After a first look at them two rules were added (a row of a collage is
cut where its neighbours are; a panel within a panel is dropped); no limit was changed by them. A panel counts as found
at an IoU of 0.8 or more with one that `panels_set` placed, each used once. Single pictures are all works and the
derived pictures of ``pairs.csv`` (every other one was looked at while fitting); "pieces" are those cut into two panels
or more, the rest lost a margin.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.measure import machine, panels_set
from scripts.measure.evalset import read_table
from simcheck.images.panels import find_panels
from simcheck.records import Box
from simcheck.signals.keypoints.geometry import box_iou

SEED = 2026
IOU = 0.8


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--each", type=int, default=40, help="suspects of every kind")
    arguments = parser.parse_args()
    measurement = machine.start(arguments)
    folder: Path = arguments.set
    works = {name: read_table(folder / f"{name}.csv") for name in ("portfolios", "cohort")}
    artists = sorted({row["artist_or_style"] for rows in works.values() for row in rows})
    left_out = set(artists[1::2])
    files = [row["file"] for rows in works.values() for row in rows if row["artist_or_style"] in left_out]
    by_kind, seconds = _composed(folder, files, arguments.each)
    single = {
        f"{name}, {half}": _single(folder, (r["file"] for r in rows if (r["artist_or_style"] in left_out) == held))
        for name, rows in works.items()
        for half, held in (("left out", True), ("fitted on", False))
    }
    single["derived pictures"] = _single(folder, (row["derived_file"] for row in read_table(folder / "pairs.csv")))
    result = {
        "what": "panels of composed suspects, and single pictures that are cut",
        "data_digest": machine.digest_of([folder / f for f in ("pairs.csv", "portfolios.csv", "cohort.csv")]),
        "seed": SEED,
        "iou": IOU,
        "each": arguments.each,
        "kinds": by_kind,
        "single": single,
        "milliseconds": {"median": round(1e3 * float(np.median(seconds)), 1), "most": round(1e3 * max(seconds), 1)},
    }
    measurement.save("evaluate_panels", result)
    _print(result)
    return 0


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _composed(folder: Path, files: Sequence[str], each: int) -> tuple[dict[str, dict[str, float]], list[float]]:
    kinds: dict[str, dict[str, float]] = {}
    seconds: list[float] = []
    for number, kind in enumerate(panels_set.KINDS):
        rng = np.random.default_rng([SEED, number])
        placed = found = right = 0
        for _ in range(each):
            chosen = rng.choice(len(files), panels_set.needed(kind), replace=False)
            image, truth = panels_set.compose(kind, [_open(folder / files[i]) for i in chosen], rng)
            pixels = np.asarray(image)
            started = time.perf_counter()
            boxes = find_panels(pixels)
            seconds.append(time.perf_counter() - started)
            placed, found, right = placed + len(truth), found + len(boxes), right + _matched(truth, boxes)
        kinds[kind] = {
            "panels": placed,
            "recall": round(right / placed, 3),
            "precision": round(right / found, 3) if found else 0.0,
        }
    return kinds, seconds


def _matched(truth: Sequence[Box], boxes: Sequence[Box]) -> int:
    free = list(boxes)
    for box in truth:
        best = max(free, key=lambda other: box_iou(box, other), default=None)
        if best is not None and box_iou(box, best) >= IOU:
            free.remove(best)
    return len(boxes) - len(free)


def _single(folder: Path, files: Iterable[str]) -> dict[str, Any]:
    paths = list(dict.fromkeys(files))
    cut = {file: boxes for file in paths if (boxes := find_panels(np.asarray(_open(folder / file))))}
    return {
        "pictures": len(paths),
        "cut": len(cut),
        "share": round(len(cut) / len(paths), 4),
        "pieces": sum(len(boxes) > 1 for boxes in cut.values()),
        "files": sorted(cut),
    }


def _print(result: dict[str, Any]) -> None:
    print(f"{'kind':30s} panels  recall  precision")
    for kind, figures in result["kinds"].items():
        print(f"{kind:30s} {figures['panels']:6d}  {figures['recall']:6.3f}  {figures['precision']:9.3f}")
    print(f"\n{'single pictures':30s}  count  cut    share  in pieces")
    for origin, figures in result["single"].items():
        pictures, cut, share, pieces = (figures[name] for name in ("pictures", "cut", "share", "pieces"))
        print(f"{origin:30s} {pictures:6d} {cut:4d}   {share:.4f} {pieces:10d}")
    print(f"\nmilliseconds a suspect: {result['milliseconds']}")


if __name__ == "__main__":
    sys.exit(main())
