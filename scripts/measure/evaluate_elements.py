"""Is every element of a suspect found, at its place, and given to the right work? simcheck beside SIFT + RANSAC.

    python scripts/measure/evaluate_elements.py --set ../shared/evalset [--each 16] [--unrelated 150]

Suspects are composed (``composed.py``) of elements of every second portfolio work, on works by artists that nothing
else in the project has seen; the other half of the works served while the method was chosen. All portfolio works are
references, and simcheck runs as a user runs it. An element counts as found where a box of the map has an intersection
over union of at least 0.5 with it and names its work. Attribution is counted among the boxes that lie so on some
element, whichever work they name. Then works by the unseen artists as they are: all that is found in them is false.

Plain SIFT + RANSAC (ratio 0.75, homography) compares every suspect with every work; a work's element is the hull of the
inliers, and the least number of inliers is the smallest with which it finds at most as many false elements as simcheck,
or one in fifty suspects where that is more.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.measure import machine
from scripts.measure.composed import EDITS, Composed, compose
from scripts.measure.evalset import decoded, read_table, unseen_cohort
from scripts.measure.peers import Sift, described_by_sift, sift_inliers
from simcheck import pipeline
from simcheck.records import Box, Pixels, Silent
from simcheck.records.run import QueryResult
from simcheck.signals.keypoints.geometry import box_iou
from simcheck.system.threads import thread_pool

SEED = 2026
LARGE = 0.1
"""Share of the suspect from which an element counts as large."""
IOU = 0.5
MOST_FALSE = 0.02


@dataclass(frozen=True, slots=True)
class Found:
    """A box in a suspect, and the work that it is given to."""

    work: int
    box: Box
    strength: float


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--each", type=int, default=16, help="suspects composed for each edit")
    parser.add_argument("--unrelated", type=int, default=150)
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.CALIBRATION))
    folder: Path = arguments.set.resolve()
    works = [row["file"] for row in read_table(folder / "portfolios.csv")]
    sources = list(range(1, len(works), 2))
    unseen = unseen_cohort(folder, SEED)
    generator = np.random.default_rng(SEED)
    count = len(EDITS) * arguments.each
    grounds, unrelated = unseen[: min(count, len(unseen))], unseen[: arguments.unrelated]
    pixels = decoded(folder, [*works, *dict.fromkeys([*grounds, *unrelated])])
    own = [pixels[works[i]] for i in sources]
    suspects = [compose(pixels[grounds[i % len(grounds)]], own, EDITS[i % len(EDITS)], generator) for i in range(count)]

    seconds: dict[str, float] = {}
    ours, ours_false = _simcheck(folder, works, suspects, unrelated, seconds)
    false = sum(map(len, ours_false)) / len(unrelated)
    started = time.perf_counter()
    theirs, theirs_false = _sift(
        [pixels[w] for w in works], [s.pixels for s in suspects], [pixels[u] for u in unrelated]
    )
    seconds["SIFT + RANSAC"] = round(time.perf_counter() - started, 1)
    least = _threshold(theirs_false, max(MOST_FALSE, false))
    theirs, theirs_false = _at_least(theirs, least), _at_least(theirs_false, least)
    result = {
        "what": "element localisation and attribution on composed suspects",
        "seed": SEED,
        "data_digest": machine.digest_of([folder / f for f in ("portfolios.csv", "cohort.csv")]),
        "suspects": len(suspects),
        "references": len(works),
        "unrelated_suspects": len(unrelated),
        "seconds": seconds,
        "sift_least_inliers": least,
        "figures": {
            "simcheck": _figures(suspects, sources, ours),
            "SIFT + RANSAC": _figures(suspects, sources, theirs),
        },
        "false_elements_per_unrelated_suspect": {
            "simcheck": round(false, 4),
            "SIFT + RANSAC": round(sum(map(len, theirs_false)) / len(unrelated), 4),
        },
    }
    measurement.save("evaluate_elements", result)
    _print(result)
    return 0


def _simcheck(
    folder: Path,
    works: Sequence[str],
    suspects: Sequence[Composed],
    unrelated: Sequence[str],
    seconds: dict[str, float],
) -> tuple[list[list[Found]], list[list[Found]]]:
    choice = pipeline.Choice(without=("clip",))
    with tempfile.TemporaryDirectory(prefix="simcheck-elements-") as temporary:
        made = Path(temporary) / "suspects"
        made.mkdir()
        paths = [made / f"{i:04d}.png" for i in range(len(suspects))]
        for path, suspect in zip(paths, suspects, strict=True):
            Image.fromarray(suspect.pixels).save(path)
        index = Path(temporary) / "index"
        started = time.perf_counter()
        pipeline.index([folder / work for work in works], index, name="evalset", choice=choice, watcher=Silent())
        indexed = time.perf_counter()
        seconds["simcheck index"] = round(indexed - started, 1)
        run = pipeline.compare(paths, index, choice=choice, watcher=Silent())
        seconds["simcheck compare, a composed suspect"] = round((time.perf_counter() - indexed) / len(suspects), 2)
        by_path = {query.path: query for query in run.queries}
        false = pipeline.compare([folder / u for u in unrelated], index, choice=choice, watcher=Silent())
    number = {(folder / work).resolve(): i for i, work in enumerate(works)}
    return [_found(by_path[path], number) for path in paths], [_found(query, number) for query in false.queries]


def _found(query: QueryResult, number: Mapping[Path, int]) -> list[Found]:
    if query.elements is None:
        raise SystemExit("the signal patches took no part")
    return [
        Found(number[element.work.paths[0].resolve()], element.alignment.query_box, element.alignment.score)
        for element in query.elements
    ]


def _sift(
    works: Sequence[Pixels], suspects: Sequence[Pixels], unrelated: Sequence[Pixels]
) -> tuple[list[list[Found]], list[list[Found]]]:
    references = described_by_sift(works)

    def all_works(one: Sift) -> list[Found]:
        found = []
        for number, reference in enumerate(references):
            inliers = sift_inliers(one, reference)
            if len(inliers) >= 4:
                (x0, y0), (x1, y1) = inliers.min(axis=0), inliers.max(axis=0)
                found.append(Found(number, (float(x0), float(y0), float(x1), float(y1)), float(len(inliers))))
        return found

    with thread_pool() as pool:
        return (
            list(pool.map(all_works, described_by_sift(suspects))),
            list(pool.map(all_works, described_by_sift(unrelated))),
        )


def _threshold(false: Sequence[Sequence[Found]], most: float) -> int:
    least = 4
    while sum(f.strength >= least for each in false for f in each) > most * len(false):
        least += 1
    return least


def _at_least(found: Sequence[Sequence[Found]], least: int) -> list[list[Found]]:
    return [[f for f in each if f.strength >= least] for each in found]


def _figures(
    suspects: Sequence[Composed], sources: Sequence[int], found: Sequence[Sequence[Found]]
) -> dict[str, dict[str, Any]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for suspect, boxes in zip(suspects, found, strict=True):
        groups = [counts["all"], counts[suspect.edit]]
        for element in suspect.elements:
            work = sources[element.work]
            hit = any(f.work == work and box_iou(f.box, element.query_box) >= IOU for f in boxes)
            for group in groups:
                group["elements"] += 1
                group["recalled"] += hit
                group["large"] += element.area >= LARGE
                group["large recalled"] += hit and element.area >= LARGE
                group["mirrored"] += element.mirrored
                group["mirrored recalled"] += hit and element.mirrored
        for f in boxes:
            on = [e for e in suspect.elements if box_iou(f.box, e.query_box) >= IOU]
            right = any(sources[e.work] == f.work for e in on)
            for group in groups:
                group["boxes"] += 1
                group["right boxes"] += right
                group["located"] += bool(on)
    return {name: _shares(group) for name, group in counts.items()}


def _shares(group: Mapping[str, int]) -> dict[str, Any]:
    def share(part: str, of: str) -> float | None:
        return round(group[part] / group[of], 4) if group.get(of) else None

    return {
        "elements": group["elements"],
        "large": group["large"],
        "recall": share("recalled", "elements"),
        "recall, large": share("large recalled", "large"),
        "recall, mirrored": share("mirrored recalled", "mirrored"),
        "precision": share("right boxes", "boxes"),
        "attribution": share("right boxes", "located"),
    }


def _print(result: Mapping[str, Any]) -> None:
    print(f"{result['suspects']} suspects, {result['references']} references, seconds {result['seconds']}")
    columns = ("elements", "recall", "recall, large", "recall, mirrored", "precision", "attribution")
    for method, groups in result["figures"].items():
        print(f"\n{method}".ljust(30) + "".join(c.rjust(18) for c in columns))
        for name, figures in groups.items():
            print(f"  {name:27s}" + "".join(f"{figures[c] if figures[c] is not None else '-':>18}" for c in columns))
    print(f"\nfalse elements per unrelated suspect: {result['false_elements_per_unrelated_suspect']}")


if __name__ == "__main__":
    sys.exit(main())
