"""How well does the embedded descriptor find a picture again? Beside the usual tools, in one run, on two questions.

    python scripts/measure/evaluate_copy.py --set ../shared/evalset [--only network --only PDQ] [--ladder-works N]

(a) Machine-made derivatives (claim `copy`): the derived pictures of ``pairs.csv``, by relation.
(b) The edit ladder: works of the portfolios, each edited in the ways of ``edits_ladder.py``.

References of both are all sources and all portfolio works. Every method compares every query with every reference,
exhaustively, so that descriptors are measured and not the search. Methods whose descriptor is a vector for each region
give two rows, "whole" (one vector for each picture, not mirrored) and "regions" (as the package compares). "normalised"
is `peers.normalised`, which moves uAP and TPR but not recall.

Results are saved as ``evaluate_copy`` when nothing was left out, else only where ``--save`` names a file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.measure import machine, orientations
from scripts.measure.edits_ladder import LADDER
from scripts.measure.evalset import Row, decoded, read_table
from scripts.measure.peers import PEERS, LayoutPeer, Method, RegionPeer, bounded, figures, lab_histogram, normalised
from simcheck import models
from simcheck.records import Pixels
from simcheck.shipped import background
from simcheck.signals.base import Regions
from simcheck.system.threads import thread_pool

SEED = 2026
COLLAGE_WORKS = 48
"""Cohort works that stand beside the work in collages. They are no references: a collage has one right answer."""
SIFT = "SIFT + RANSAC inliers"
KEPT = "composition kept"
COMPOSITION = ("img2img", "controlnet", "inpaint", "memorized")

Table = NDArray[np.float64]


@dataclass
class Task:
    """Queries (rows of the tables), the columns that are right for each, and which rows are reported together."""

    truth: list[list[int]]
    groups: dict[str, list[int]]
    tables: dict[str, Table] = field(default_factory=dict)
    narrower: dict[str, list[list[int]]] = field(default_factory=dict)
    """For a group in which only some of the right columns count, those; the others count neither way."""
    rows: dict[str, list[int]] = field(default_factory=dict)
    """For a method that tried only some of the queries, which ones its table holds."""


def main() -> int:
    arguments = _arguments()
    arguments.only_try |= arguments.to is not None
    measurement = machine.start(arguments, signals=("copy", "layout"))
    folder: Path = arguments.set.resolve()
    methods, left_out = _methods(arguments)
    pairs = [r for r in read_table(folder / "pairs.csv") if "1" in (r["shares_composition"], r["shares_element"])]
    works = [r["file"] for r in read_table(folder / "portfolios.csv")]
    references = list(dict.fromkeys([*(r["source_file"] for r in read_table(folder / "pairs.csv")), *works]))
    queries = list(dict.fromkeys(r["derived_file"] for r in pairs))
    generator = np.random.default_rng(SEED)
    cohort = [r["file"] for r in read_table(folder / "cohort.csv")]
    beside = [cohort[i] for i in generator.choice(len(cohort), COLLAGE_WORKS, replace=False)]
    shuffled = [works[i] for i in generator.permutation(len(works))]
    edited = shuffled[: arguments.ladder_works]
    pixels = decoded(folder, [*queries, *references, *beside])

    derived = Task([[references.index(r["source_file"]) for r in pairs if r["derived_file"] == q] for q in queries], {})
    for i, query in enumerate(queries):
        for group in _groups([r for r in pairs if r["derived_file"] == query]):
            derived.groups.setdefault(group, []).append(i)
    derived.narrower[KEPT] = [  # a picture may keep the composition of one source and take an element from another
        [references.index(r["source_file"]) for r in pairs if r["derived_file"] == q and r["shares_composition"] == "1"]
        for q in queries
    ]
    ladder = Task([], {"every edit": list(range(len(LADDER) * len(edited)))})
    for k, edit in enumerate(LADDER):
        ladder.truth += [[references.index(work)] for work in edited]
        ladder.groups[edit] = list(range(k * len(edited), (k + 1) * len(edited)))

    seconds: dict[str, float] = {}
    for name, method in methods.items():
        started = time.perf_counter()
        theirs = method.describe([bounded(pixels[r], method.side) for r in references], query=False)
        ours = method.describe([bounded(pixels[q], method.side) for q in queries], query=True)
        for variant, table in method.tables(ours, theirs).items():
            derived.tables[_label(name, variant)] = table
        count = min(arguments.sift_works, len(edited)) if name == SIFT else len(edited)
        parts: dict[str, list[Table]] = {}
        for k, edit in enumerate(LADDER):
            suspects = [
                bounded(_edited(edit, k, works.index(work), pixels[work], [pixels[b] for b in beside]), method.side)
                for work in edited[:count]
            ]
            for variant, table in method.tables(method.describe(suspects, query=True), theirs).items():
                parts.setdefault(_label(name, variant), []).append(table)
        for label, tables in parts.items():
            ladder.tables[label] = np.concatenate(tables)
            ladder.rows[label] = [k * len(edited) + i for k in range(len(LADDER)) for i in range(count)]
        seconds[name] = round(time.perf_counter() - started, 1)
        print(f"{name}: {seconds[name]} s", file=sys.stderr, flush=True)

    result = {
        "what": "claim copy: derived pictures, and edited portfolio works, against sources and portfolios",
        "data_digest": machine.digest_of([folder / f for f in ("pairs.csv", "portfolios.csv", "cohort.csv")]),
        "weights_sha256": models.load_embedded(arguments.weights).digest if NETWORK in methods else None,
        "seed": SEED,
        "queries": len(queries),
        "references": len(references),
        "ladder_works": len(edited),
        "ladder_works_of_sift": min(arguments.sift_works, len(edited)),
        "not_measured": left_out,
        "seconds": seconds,
        "derived": _figures(derived),
        "ladder": _figures(ladder),
    }
    if arguments.to:
        arguments.to.write_text(json.dumps(result), encoding="utf-8")
    elif arguments.save or (not left_out and len(edited) == len(works)):
        measurement.save(arguments.save or "evaluate_copy", result)
    _print(result)
    return 0


def _arguments() -> argparse.Namespace:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="weights of the embedded network; without it, those that ship")
    parser.add_argument("--untrained", type=Path, help="weights of the same shape, as they were before training")
    parser.add_argument("--model", help="network for clip; without it, clip takes no part")
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--ladder-works", type=int, metavar="N", help="works to edit (drawn by the seed), not all")
    parser.add_argument("--sift-works", type=int, metavar="N", default=20, help="of these, those that SIFT tries")
    parser.add_argument("--save", metavar="NAME", help="save the figures under this name, whatever was left out")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the figures there and not to scripts/results")
    return parser.parse_args()


NETWORK, UNTRAINED, ORIENTATIONS, CLIP = "network", "untrained network", "copy v1", "CLIP"
NAMES = (NETWORK, UNTRAINED, ORIENTATIONS, "layout", *PEERS, "Lab histogram", CLIP)


def _methods(arguments: argparse.Namespace) -> tuple[dict[str, Method], dict[str, str]]:
    """The methods to measure, and why others are left out."""
    makers: dict[str, Callable[[], Method]] = {
        NETWORK: lambda: RegionPeer(
            _embedded(arguments.weights), background=None if arguments.weights else background("copy")
        ),
        UNTRAINED: lambda: RegionPeer(_embedded(arguments.untrained)),
        ORIENTATIONS: lambda: RegionPeer(orientations.describe),
        "layout": LayoutPeer,
        **{name: lambda peer=peer: peer for name, peer in PEERS.items()},  # type: ignore[misc]
        "Lab histogram": lambda: lab_histogram,
        CLIP: lambda: RegionPeer(_clip(arguments.model), Regions.FEW, Regions.WHOLE, side=None),
    }
    wanted, left_out = {}, {}
    for name in NAMES:
        if arguments.only and name not in arguments.only:
            left_out[name] = "not asked for"
        elif name == UNTRAINED and not arguments.untrained:
            left_out[name] = "no --untrained"
        elif name == CLIP and not arguments.model:
            left_out[name] = "no --model"
        else:
            wanted[name] = makers[name]()
    return wanted, left_out


def _embedded(weights: Path | None) -> Callable[[Sequence[Pixels]], NDArray[np.float32]]:
    """As the signal describes: nothing for a blank region."""
    from simcheck.signals.copy import is_blank

    network = models.load_embedded(weights)

    def encode(images: Sequence[Pixels]) -> NDArray[np.float32]:
        with thread_pool() as pool:
            vectors = np.concatenate(list(pool.map(lambda image: network.encode([image]), images)))
        vectors[[is_blank(image) for image in images]] = 0
        return vectors

    return encode


def _clip(model: str) -> Callable[[Sequence[Pixels]], NDArray[np.float32]]:
    from simcheck.signals.clip import Clip, ClipParams

    encoder = Clip(ClipParams(model)).encoder()
    return lambda images: np.asarray(encoder.encode(images), np.float32)


def _groups(pairs: Sequence[Row]) -> list[str]:
    """The groups of one derived picture, from its pairs; its relation is the first one's."""
    relation = pairs[0]["relation"]
    kept = relation.startswith(COMPOSITION) and any(r["shares_composition"] == "1" for r in pairs)
    return ["all", *([KEPT] if kept else []), relation]


def _edited(edit: str, number: int, work: int, pixels: Pixels, beside: Sequence[Pixels]) -> Pixels:
    """The same for a work whichever others are tried, and for every method."""
    generator = np.random.default_rng([SEED, number, work])
    others = [beside[int(i)] for i in generator.choice(len(beside), 3, replace=False)]
    return LADDER[edit](pixels, generator, others)


def _label(name: str, variant: str) -> str:
    return f"{name}, {variant}" if variant else name


def _figures(task: Task) -> dict[str, Any]:
    """By method and group, each method also with normalised scores."""
    found: dict[str, Any] = {}
    for label, table in task.tables.items():
        tried = task.rows.get(label, list(range(len(table))))
        place = {row: i for i, row in enumerate(tried)}
        truth = [task.truth[row] for row in tried]
        for name, scores in ((label, table), (f"{label}, normalised", normalised(table))):
            found[name] = {}
            for group, rows in task.groups.items():
                right, shown = truth, scores
                if group in task.narrower:
                    right, shown = [task.narrower[group][row] for row in tried], scores.copy()
                    for i, row in enumerate(tried):
                        shown[i, [j for j in truth[i] if j not in task.narrower[group][row]]] = -np.inf
                chosen = [place[row] for row in rows if row in place]
                found[name][group] = figures(shown, right, chosen, SEED)
    return found


def _print(result: dict[str, Any]) -> None:
    print(f"{result['queries']} derived pictures, {result['references']} references")
    print(f"ladder: {result['ladder_works']} works, of which SIFT tried {result['ladder_works_of_sift']}")
    for name, reason in result["not_measured"].items():
        print(f"not measured: {name} ({reason})")
    columns = ("recall@1", "recall@5", "uAP", "TPR@1%FPR", "TPR@0.1%FPR")
    for task in ("derived", "ladder"):
        groups = list(next(iter(result[task].values())))
        for group in groups if task == "derived" else groups[:1]:
            count = max(by_group[group]["queries"] for by_group in result[task].values())
            print(
                f"\n{task}, {group} ({count})".ljust(45) + "".join(c.rjust(13) for c in columns) + "  95 % of recall@1"
            )
            for method, by_group in result[task].items():
                row = by_group[group]
                low, high = row["recall@1_95"]
                print(f"  {method:42s}" + "".join(f"{row[c]:13.3f}" for c in columns) + f"  {low:.2f}-{high:.2f}")
    shown = [m for m in result["ladder"] if not m.endswith(", normalised")]  # normalising changes no rank
    print("\nladder, recall@1".ljust(24) + "".join(method[:20].rjust(22) for method in shown))
    for edit in LADDER:
        print(f"  {edit:21s}" + "".join(f"{result['ladder'][m][edit]['recall@1']:22.3f}" for m in shown))
    print(f"\nseconds: {result['seconds']}")


if __name__ == "__main__":
    sys.exit(main())
