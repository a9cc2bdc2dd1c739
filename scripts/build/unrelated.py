"""Make ``index/reference``: what unrelated works look like to the signals.

    python scripts/build/unrelated.py --set ../shared/evalset [--background]

``copy_background.npz`` holds the vectors of the signal `copy` for works by some artists, against which it normalises
its scores. Its digest is part of what `copy` and `patches` are, and another processor rounds a few of its numbers
otherwise; so it is only made again with ``--background``, and all indexes and calibrations with it.
``unrelated_pairs.*`` holds the scores of every shipped signal over pairs of works by other artists. The two works
of a pair are by different artists, in half of the pairs of one tradition. Works of one artist are never paired: pages
of one story share figures, so such pairs are not unrelated. No picture is written, and nothing from which one could be
made again. Runs on the CPU.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

from scripts.measure import machine
from simcheck import models
from simcheck.comparison.pair import agreeing_parts, compare_descriptions
from simcheck.images import Reader
from simcheck.images.panels import find_panels
from simcheck.records import Alignment, Description, Picture
from simcheck.scoring.rates import Unrelated, part_row
from simcheck.shipped import Background, background, reference_folder, write_digests
from simcheck.signals import NAMES, load
from simcheck.signals.copy import Copy
from simcheck.signals.describe import describe
from simcheck.system.threads import thread_pool

SEED = 2026
WORKS = 640
PARTNERS = 16
KEPT_OUT = 5
"""One hand in so many takes no part, so that `evaluate.py` can test with works that neither file has seen."""
BACKGROUND_HANDS = 4
"""One hand in so many gives works to the background, and none to the pairs: a work is near to itself."""
BACKGROUND_WORKS = 360


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True, help="folder of the evaluation set (holds cohort.csv)")
    parser.add_argument("--works", type=int, default=WORKS)
    parser.add_argument("--background", action="store_true", help="make the background again, too")
    arguments = parser.parse_args()
    machine.committed(apart_from=("index/reference",))
    folder: Path = arguments.set
    count: int = arguments.works
    with (folder / "cohort.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    generator = np.random.default_rng(SEED)
    kept_out, others, rows = split(rows, generator)
    if arguments.background:
        _make_background([folder / row["file"] for row in others])
    rows, pairs = paired(rows, count, generator)

    signals = {name: kind() for name, kind in load(n for n in NAMES if n != "clip").items()}
    with Reader() as reader, thread_pool() as pool:
        pictures: list[Picture] = []
        for path, found in reader.read_all(folder / row["file"] for row in rows):
            if not isinstance(found, Picture):
                raise SystemExit(f"{path}: {found}")
            pictures.append(found)

        def both(picture: Picture) -> dict[str, tuple[Description, Description]]:
            panels = [find_panels(picture.pixels)]
            return {
                name: (describe([picture], s, query=True, panels=panels)[0], describe([picture], s, query=False)[0])
                for name, s in signals.items()
            }

        described = list(pool.map(both, pictures))

        def scores(pair: tuple[int, int]) -> tuple[list[float], tuple[Alignment, ...]]:
            query = {name: each[0] for name, each in described[pair[0]].items()}
            reference = {name: each[1] for name, each in described[pair[1]].items()}
            comparisons = compare_descriptions(signals, query, reference)
            parts = agreeing_parts(signals, query, reference, comparisons)
            return [np.nan if c.score is None else c.score for _, c in comparisons], parts

        measured = list(pool.map(scores, pairs))
    table = np.array([row for row, _ in measured], np.float32)
    parts = [part_row(number, part) for number, (_, own) in enumerate(measured) for part in own]

    unrelated = Unrelated(
        name="simcheck cohort 1",
        source="pairs of openly licensed works by different hands, half of them of the same tradition",
        works=len(rows),
        identities=tuple(s.identity().comparable for s in signals.values()),
        scores=table,
        parts=np.array(parts, np.float32).reshape(-1, 4),
    )
    about = {
        "script": "scripts/build/unrelated.py",
        "seed": SEED,
        "made_with": machine.facts(),
        "data_digest": machine.digest_of([folder / "cohort.csv"]),
        "hands": _hands(rows),
        "hands_of_background": _hands(others),
        "hands_kept_out": sorted(kept_out),
    }
    unrelated.save(reference_folder(), about)
    write_digests(reference_folder())
    for name, column in zip(signals, table.T, strict=True):
        quantiles = np.nanquantile(column, [0.5, 0.9, 0.99, 0.999, 1.0])
        print(
            f"{name:10s} abstained {np.isnan(column).mean():6.1%}  median, 90, 99, 99.9 %, most:",
            np.round(quantiles, 3),
        )
    print(f"{len(pairs)} pairs of {len(rows)} works -> {reference_folder()}")
    return 0


def split(
    rows: list[dict[str, str]], generator: np.random.Generator
) -> tuple[list[str], list[dict[str, str]], list[dict[str, str]]]:
    """Artists that take no part, the works of the background, and all works of the artists that pairs are drawn
    from."""
    all_hands = sorted({row["artist_or_style"] for row in rows})
    order = [all_hands[int(i)] for i in generator.permutation(len(all_hands))]
    kept_out, order = order[: len(order) // KEPT_OUT], order[len(order) // KEPT_OUT :]
    beside, for_pairs = order[: len(all_hands) // BACKGROUND_HANDS], order[len(all_hands) // BACKGROUND_HANDS :]
    others = [row for row in rows if row["artist_or_style"] in beside]
    others = [others[i] for i in sorted(generator.permutation(len(others))[:BACKGROUND_WORKS])]
    return kept_out, others, [row for row in rows if row["artist_or_style"] in for_pairs]


def paired(
    rows: list[dict[str, str]], count: int, generator: np.random.Generator
) -> tuple[list[dict[str, str]], list[tuple[int, int]]]:
    """So many of the works, and which of them are compared with which."""
    rows = [rows[i] for i in sorted(generator.choice(len(rows), min(count, len(rows)), replace=False))]
    return rows, [(i, j) for i in range(len(rows)) for j in _partners(rows, i, generator)]


def _make_background(files: list[Path]) -> None:
    signal = Copy()
    with Reader() as reader, thread_pool() as pool:
        pictures = [found for _, found in reader.read_all(files) if isinstance(found, Picture)]
        described = describe(pictures, signal, query=False, pool=pool)
    empty = np.zeros((1, signal.dimension), np.float32)
    vectors = [np.vstack([empty if d.reason else d.values for d in each.descriptors]) for each in described]
    path = reference_folder() / f"{signal.name}_background.npz"
    Background.save(path, np.stack(vectors).astype(np.float32), models.shipped().digest)
    background.cache_clear()


def _hands(rows: list[dict[str, str]]) -> dict[str, dict[str, object]]:
    artists: dict[str, dict[str, object]] = {}
    for row in rows:
        artist = artists.setdefault(
            row["artist_or_style"],
            {"works": 0, "tradition": row["tradition"], "licence": row["licence"], "attribution": row["attribution"]},
        )
        artist["works"] = int(str(artist["works"])) + 1
    return artists


def _partners(rows: list[dict[str, str]], i: int, generator: np.random.Generator) -> list[int]:
    own = rows[i]
    others = [j for j, row in enumerate(rows) if row["artist_or_style"] != own["artist_or_style"]]
    same = [j for j in others if rows[j]["tradition"] == own["tradition"]]
    rest = [j for j in others if rows[j]["tradition"] != own["tradition"]]
    chosen = [int(j) for j in generator.permutation(same)[: PARTNERS // 2]]
    return chosen + [int(j) for j in generator.permutation(rest)[: PARTNERS - len(chosen)]]


if __name__ == "__main__":
    sys.exit(main())
