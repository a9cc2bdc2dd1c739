"""What does it gain to read a score against how alike query and reference are to works by others?

    python scripts/measure/evaluate_normalisation.py --set ../shared/evalset [--cohort 300]

The development pairs of the claim `copy` against all sources and portfolio works, exhaustively, for the signals that
describe a picture by vectors. A level is the mean score with the ten nearest cohort works (as in SSCD, Pizzi et al.,
CVPR 2022, and CSLS, Conneau et al., ICLR 2018). Compared are the raw score, the score less the query's level, less the
reference's, and less the mean of both; also the sum of all signals by surprise against their own false pairs, and the
order that simcheck ships, in which `copy` is less the query's level and the larger of `layout` and `phash` counts: with
these as they are, as shipped, and with these normalised too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.measure import machine
from scripts.measure.evalset import decoded, read_table
from scripts.measure.peers import figures as figures_of
from simcheck.records import Description, FileFacts, Picture, Pixels
from simcheck.shipped import NEAREST
from simcheck.signals import load
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe
from simcheck.system.threads import thread_pool

SEED = 2026
SIGNALS = ("copy", "layout", "phash")
SHIPPED = "less the query's level"
"""As `copy` is normalised."""
Table = NDArray[np.float64]


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--cohort", type=int, default=300, help="works by others that give the levels")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=SIGNALS)
    folder: Path = arguments.set.resolve()
    rows = read_table(folder / "pairs.csv")
    pairs = [r for r in rows if "1" in (r["shares_composition"], r["shares_element"])]
    portfolios = [r["file"] for r in read_table(folder / "portfolios.csv")]
    references = list(dict.fromkeys([*(r["source_file"] for r in rows), *portfolios]))
    queries = list(dict.fromkeys(r["derived_file"] for r in pairs))
    truth = [[references.index(r["source_file"]) for r in pairs if r["derived_file"] == q] for q in queries]
    cohort = [r["file"] for r in read_table(folder / "cohort.csv")]
    chosen = [cohort[int(i)] for i in np.random.default_rng(SEED).permutation(len(cohort))[: arguments.cohort]]
    pixels = decoded(folder, [*queries, *references, *chosen])

    figures = {}
    sums: dict[str, Table] = {}
    surprises: dict[tuple[str, str], Table] = {}
    for name, kind in load(SIGNALS).items():
        signal = kind()
        as_query = _described(signal, [pixels[f] for f in [*queries, *references]], query=True)
        as_reference = _described(signal, [pixels[f] for f in [*references, *chosen]], query=False)
        raw = _scores(signal, as_query, as_reference)
        if name == "copy":  # the signal takes a level of its own off: a picture is as alike to itself as can be
            own = _described(signal, [pixels[f] for f in [*queries, *references]], query=False)
            raw += np.array([[1 - (signal.compare(q, r).score or 0)] for q, r in zip(as_query, own, strict=True)])
        levels = np.sort(raw[:, len(references) :], axis=1)[:, -NEAREST:].mean(axis=1)
        of_queries, of_references = levels[: len(queries), None], levels[None, len(queries) :]
        scores = raw[: len(queries), : len(references)]
        ways = {
            "raw": scores,
            SHIPPED: scores - of_queries,
            "less the reference's": scores - of_references,
            "less the mean of both": scores - (of_queries + of_references) / 2,
        }
        for way, table in ways.items():
            figures[f"{name}, {way}"] = figures_of(table, truth, list(range(len(queries))), SEED)
            surprises[name, way] = _surprise(table, truth)
            sums[way] = sums.get(way, np.zeros_like(table)) + surprises[name, way]
    for way, table in sums.items():
        figures[f"all three, {way}"] = figures_of(table, truth, list(range(len(queries))), SEED)
        low = np.maximum(surprises["layout", way], surprises["phash", way])
        order = surprises["copy", SHIPPED] + low
        figures[f"shipped order, others {way}"] = figures_of(order, truth, list(range(len(queries))), SEED)
    result = {
        "what": "score normalisation by cohort works",
        "seed": SEED,
        "data_digest": machine.digest_of([folder / f for f in ("pairs.csv", "portfolios.csv", "cohort.csv")]),
        "queries": len(queries),
        "references": len(references),
        "cohort": len(chosen),
        "figures": figures,
    }
    measurement.save("evaluate_normalisation", result)
    columns = ("recall@1", "uAP", "TPR@1%FPR", "TPR@0.1%FPR")
    print(" " * 46 + "".join(c.rjust(13) for c in columns))
    for name, each in figures.items():
        print(name.ljust(46) + "".join(f"{each[c]:13.3f}" for c in columns))
    return 0


def _described(signal: Signal, pixels: list[Pixels], *, query: bool) -> list[Description]:
    pictures = [
        Picture(FileFacts("0" * 64, 1, "PNG", "RGB", p.shape[1], p.shape[0], 1, "evaluation"), p) for p in pixels
    ]
    with thread_pool() as pool:
        return describe(pictures, signal, query=query, pool=pool)


def _scores(signal: Signal, queries: list[Description], references: list[Description]) -> Table:
    found = [[signal.compare(q, r).score for r in references] for q in queries]
    return np.array([[-1.0 if score is None else score for score in row] for row in found], np.float64)


def _surprise(table: Table, truth: list[list[int]]) -> Table:
    """-log10 of the share of false pairs that score at least as high, so that signals can be added."""
    wrong = np.ones(table.shape, np.bool_)
    for i, right in enumerate(truth):
        wrong[i, right] = False
    false = np.sort(table[wrong])
    reached = len(false) - np.searchsorted(false, table, side="left")
    return np.asarray(-np.log10((reached + 1) / (len(false) + 1)), np.float64)


if __name__ == "__main__":
    sys.exit(main())
