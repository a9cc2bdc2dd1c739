"""Are the edits of a copy named, and which type does the finding get? Twelve edits of real life and four overlays.

    python scripts/measure/evaluate_edits.py --set ../shared/evalset [--works 8]

Works of the portfolios, drawn by the seed, are edited (``edits_ladder.py``) and compared with all portfolio works as a
user compares. Counted is the finding for the true work: its type, and every edit that it names. An edit that was not
made and is named is a false word in a report, and is counted like the others.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from scripts.measure import machine
from scripts.measure.edits_ladder import LADDER, OVERLAYS
from scripts.measure.evalset import decoded, read_table
from simcheck import pipeline
from simcheck.records import EditKind, Pixels, Silent
from simcheck.scoring.edits import COLOURED

SEED = 2026
NAMES = (
    "mirrored", "rotated", "cropped", "embedded", "scaled", "stretched", "perspective", "overlaid",
    "hues_turned", "made_grey", "recoloured", "contrast_raised",
)  # fmt: skip


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--works", type=int, default=8, help="with more than 11, some that limits were chosen on")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.CALIBRATION))
    folder: Path = arguments.set.resolve()
    works = [row["file"] for row in read_table(folder / "portfolios.csv")]
    generator = np.random.default_rng(SEED)
    chosen = [works[int(i)] for i in generator.permutation(len(works))[: arguments.works + 3]]
    pixels = decoded(folder, chosen)
    edits = {**LADDER, **OVERLAYS}
    coloured = [work for work in chosen[: arguments.works] if _chroma(pixels[work]) >= COLOURED]
    found: dict[str, dict[str, Counter[str]]] = {edit: {"types": Counter(), "named": Counter()} for edit in edits}
    shares: dict[str, list[int]] = {edit: [] for edit in edits}
    with tempfile.TemporaryDirectory(prefix="simcheck-edits-") as temporary:
        made: dict[Path, tuple[str, str]] = {}
        for i, work in enumerate(chosen[: arguments.works]):
            others = [pixels[chosen[(i + step) % len(chosen)]] for step in (1, 2, 3)]
            for j, (name, edit) in enumerate(edits.items()):
                path = Path(temporary) / "suspects" / f"{i:03d}-{j:02d}.png"
                path.parent.mkdir(exist_ok=True)
                Image.fromarray(edit(pixels[work], np.random.default_rng((SEED, i, j)), others)).save(path)
                made[path.resolve()] = (name, work)
        index, choice = Path(temporary) / "index", pipeline.Choice(without=("clip",))
        pipeline.index([folder / work for work in works], index, name="evalset", choice=choice, watcher=Silent())
        run = pipeline.compare([Path(temporary) / "suspects"], index, choice=choice, watcher=Silent())
        for query in run.queries:
            name, work = made[query.path.resolve()]
            right = [f for f in query.findings if (folder / work).resolve() in f.work.paths]
            found[name]["types"][right[0].type.value if right else "not compared"] += 1
            for told in right[0].edits if right else ():
                found[name]["named"][told.kind.value] += 1
                if told.kind is EditKind.OVERLAID and told.value is not None:
                    shares[name].append(int(told.value))
    result: dict[str, Any] = {
        "what": "edits named and types given on the edit ladder and on overlays",
        "seed": SEED,
        "data_digest": machine.digest_of([folder / "portfolios.csv"]),
        "works": arguments.works,
        "works_with_colour": len(coloured),
        "references": len(works),
        "figures": {
            name: {
                **{key: dict(counts) for key, counts in each.items()},
                "overlaid shares, percent": sorted(shares[name]),
            }
            for name, each in found.items()
        },
    }
    measurement.save("evaluate_edits", result)
    _print(result)
    return 0


def _chroma(pixels: Pixels) -> float:
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return float(np.sqrt((lab[..., 1:] ** 2).sum(axis=2).mean()))


def _print(result: Mapping[str, Any]) -> None:
    print(f"{result['works']} works")
    print(f"{result['works_with_colour']} of them have colours that an edit could change")
    print("\nedit made".ljust(24) + "".join(name.rjust(16) for name in NAMES) + "   types")
    for edit, figures in result["figures"].items():
        row = "".join(f"{figures['named'].get(name, 0):16d}" for name in NAMES)
        print(f"{edit:23s}{row}   {figures['types']}")


if __name__ == "__main__":
    sys.exit(main())
