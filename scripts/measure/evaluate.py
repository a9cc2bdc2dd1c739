"""How well are machine-made derivatives found? simcheck beside PDQ, pHash and plain SIFT + RANSAC, in one run.

    python scripts/measure/evaluate.py --set ../shared/evalset [--cohort] [--candidates 48] [--everything]

Queries are the derived pictures of ``pairs.csv`` that share composition or an element with their source (claim `copy`).
References are all sources and all portfolio works; with ``--cohort`` also the works of half of the artists that the
shipped table of unrelated pairs leaves out. simcheck runs as a user runs it: `pipeline.index`, then
`pipeline.compare`; a pair that it does not list counts as not found. The shipped calibration was fitted on these very
pictures, among others: so each suspect is compared with a calibration that is fitted anew without all that its
repository or artist made. It runs once more without panels and parts, to show what the element map brings. The others
compare every query with every reference, exhaustively.

Then the false findings: cohort works as suspects against the same index, by type of their strongest finding. Last, how
far likelihood ratios can be relied on, cross-validated over repositories and hands on the pairs that ship
(``evaluate_calibration.py``). ``--everything`` goes on with the scripts that each measure one thing: elements, panels,
marks, transforms, edits, style and normalisation, some hours on two cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.measure import evaluate_calibration, machine
from scripts.measure.evalset import decoded, read_table, unseen_cohort
from scripts.measure.peers import PEERS
from scripts.measure.peers import figures as figures_of
from simcheck import pipeline
from simcheck.pipeline.session import CANDIDATES
from simcheck.records import FindingType, Silent
from simcheck.records.run import QueryResult
from simcheck.scoring.calibrate import PairSet, fit, fitting
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import reference_folder

SEED = 2026
OTHERS = ("elements", "panels", "marks", "transforms", "edits", "style", "normalisation")
RUNS = ("simcheck compare", "simcheck compare, unrelated", "simcheck compare, without parts")
Table = NDArray[np.float64]


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--cohort", action="store_true", help="add half of the unused hands to the references")
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    parser.add_argument("--unrelated", type=int, default=200, help="cohort works to try as suspects")
    parser.add_argument("--model", help="network for clip; without it, clip takes no part")
    parser.add_argument("--everything", action="store_true", help="run the other evaluate_*.py scripts too")
    arguments = parser.parse_args()
    measurement = machine.start(
        arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.PAIRS, machine.CALIBRATION)
    )
    folder: Path = arguments.set.resolve()
    pairs = [r for r in read_table(folder / "pairs.csv") if "1" in (r["shares_composition"], r["shares_element"])]
    unseen = unseen_cohort(folder, SEED)
    references = list(dict.fromkeys(r["source_file"] for r in read_table(folder / "pairs.csv")))
    references += [r["file"] for r in read_table(folder / "portfolios.csv")]
    if arguments.cohort:  # by folder, one artist each: pages of one story are no unrelated works
        artists = sorted({Path(file).parent for file in unseen})
        references += [file for file in unseen if Path(file).parent in artists[::2]]
        unseen = [file for file in unseen if Path(file).parent in artists[1::2]]
    suspects = unseen[: arguments.unrelated]
    queries = list(dict.fromkeys(r["derived_file"] for r in pairs))
    truth = [[references.index(r["source_file"]) for r in pairs if r["derived_file"] == q] for q in queries]
    relations = [next(r["relation"] for r in pairs if r["derived_file"] == q) for q in queries]

    choice = pipeline.Choice(without=() if arguments.model else ("clip",), model=arguments.model)
    makers = {r["derived_file"]: r["repo"] for r in pairs}
    makers |= {r["file"]: r["artist_or_style"] for r in read_table(folder / "cohort.csv")}
    runs, seconds = _simcheck(folder, queries, references, suspects, makers, choice, arguments)
    derived, unrelated, without = (runs[name] for name in RUNS)
    tables = {
        "simcheck": _scores(derived, folder, queries, references),
        "simcheck, without parts": _scores(without, folder, queries, references),
    }
    signals = [name for name, _ in derived[0].findings[0].signals]
    for name in signals:
        tables[f"simcheck, {name} alone"] = _scores(derived, folder, queries, references, name)
    pixels = decoded(folder, [*queries, *references])
    for name, peer in PEERS.items():
        started = time.perf_counter()
        tables[name] = peer([pixels[q] for q in queries], [pixels[r] for r in references])
        seconds[name] = round(time.perf_counter() - started, 1)

    groups: dict[str, list[int]] = {"all": list(range(len(queries)))}
    for i, relation in enumerate(relations):
        groups.setdefault(relation, []).append(i)
    figures = {
        method: {group: figures_of(table, truth, rows, SEED) for group, rows in groups.items()}
        for method, table in tables.items()
    }
    false = _false_findings(unrelated)
    true = _true_findings(derived, folder, queries, references, truth)
    result = {
        "what": "claim copy: derived pictures against sources and portfolios",
        "data_digest": machine.digest_of([folder / f for f in ("pairs.csv", "portfolios.csv", "cohort.csv")]),
        "seed": SEED,
        "queries": len(queries),
        "references": len(references),
        "candidates": arguments.candidates,
        "signals": signals,
        "seconds": seconds,
        "figures": figures,
        "types_of_true_findings": true,
        "types_of_unrelated_suspects": false,
        "unrelated_suspects": len(unrelated),
        "calibration": evaluate_calibration.reliability(PairSet.load(reference_folder())),
    }
    name = "evaluate_with_cohort" if arguments.cohort else "evaluate"
    measurement.save(name if not arguments.model else f"{name}_clip", result)
    _print(result)
    for other in OTHERS if arguments.everything else ():
        print(f"\n== evaluate_{other}.py", flush=True)
        script = Path(__file__).with_name(f"evaluate_{other}.py")
        given = ["--set", str(folder), *(["--try"] if arguments.only_try else [])]
        subprocess.run([sys.executable, str(script), *given], check=True)
    return 0


def _simcheck(
    folder: Path,
    queries: Sequence[str],
    references: Sequence[str],
    suspects: Sequence[str],
    makers: Mapping[str, str],
    choice: pipeline.Choice,
    arguments: argparse.Namespace,
) -> tuple[dict[str, list[QueryResult]], dict[str, float]]:
    """By `RUNS`: of the derived suspects, of unrelated ones, and again of the derived ones without panels and the
    signal `patches`, to show what the element map brings; `keypoints` finds several relations in either."""
    pairs = PairSet.load(reference_folder())
    fold_of = fitting.fold_of_hand(pairs)
    found: dict[str, list[QueryResult]] = {name: [] for name in RUNS}
    seconds = dict.fromkeys(RUNS, 0.0)
    with tempfile.TemporaryDirectory(prefix="simcheck-evaluate-") as temporary:
        path = Path(temporary) / "index"
        started = time.perf_counter()
        result = pipeline.index([folder / r for r in references], path, name="evalset", choice=choice, watcher=Silent())
        if result.skipped:
            raise SystemExit(f"references were skipped: {result.skipped}")
        seconds["simcheck index"] = round(time.perf_counter() - started, 1)
        for fold in range(fitting.FOLDS):
            seen = pairs.without({artist for artist, own in fold_of.items() if own == fold})
            file = Path(temporary) / f"{fold}.json"
            fit(seen, Unrelated.load(reference_folder()), f"without fold {fold}").save(file)
            calibrated = replace(choice, calibration=file)
            fewer = replace(calibrated, without=(*choice.without, "patches"), panels=False)
            for name, files, how in zip(
                RUNS, (queries, suspects, queries), (calibrated, calibrated, fewer), strict=True
            ):
                own = [folder / f for f in files if fold_of.get(makers[f], 0) == fold]
                if own:
                    started = time.perf_counter()
                    run = pipeline.compare(own, path, choice=how, candidates=arguments.candidates, watcher=Silent())
                    found[name].extend(run.queries)
                    seconds[name] = round(seconds[name] + time.perf_counter() - started, 1)
    return found, seconds


def _scores(
    run: Sequence[QueryResult],
    folder: Path,
    queries: Sequence[str],
    references: Sequence[str],
    signal: str | None = None,
) -> Table:
    """(queries, references): what findings are ordered by, or the scores of one signal; -inf where not listed."""
    row = {(folder / q).resolve(): i for i, q in enumerate(queries)}
    column = {(folder / r).resolve(): j for j, r in enumerate(references)}
    table = np.full((len(queries), len(references)), -np.inf)
    for query in run:
        for finding in query.findings:
            score = finding.score if signal is None else dict(finding.signals)[signal].comparison.score
            for path in finding.work.paths:  # two references may hold the same bytes
                if score is not None:
                    table[row[query.path.resolve()], column[path.resolve()]] = score
    return table


def _true_findings(
    run: Sequence[QueryResult],
    folder: Path,
    queries: Sequence[str],
    references: Sequence[str],
    truth: Sequence[Sequence[int]],
) -> dict[str, int]:
    """For every query the type given to its true source (the best of them, when it has several)."""
    found: Counter[str] = Counter()
    where = {(folder / q).resolve(): i for i, q in enumerate(queries)}
    for query in run:
        right = {(folder / references[j]).resolve() for j in truth[where[query.path.resolve()]]}
        kinds = [f.type.value for f in query.findings if right & {p.resolve() for p in f.work.paths}]
        found[kinds[0] if kinds else "not compared"] += 1
    return dict(found)


def _false_findings(run: Sequence[QueryResult]) -> dict[str, int]:
    strength = list(FindingType)
    return dict(Counter(min((f.type for f in q.findings), key=strength.index, default=strength[-1]).value for q in run))


def _print(result: dict[str, Any]) -> None:
    print(f"{result['queries']} queries, {result['references']} references, signals: {', '.join(result['signals'])}")
    print(f"seconds {result['seconds']}")
    columns = ("recall@1", "recall@5", "uAP", "TPR@1%FPR", "TPR@0.1%FPR")
    for group in result["figures"]["simcheck"]:
        count = result["figures"]["simcheck"][group]["queries"]
        print(f"\n{group} ({count})".ljust(32) + "".join(c.rjust(13) for c in columns))
        for method, by_group in result["figures"].items():
            print(f"  {method:29s}" + "".join(f"{by_group[group][c]:13.3f}" for c in columns))
    print(f"\ntype given to the true source: {result['types_of_true_findings']}")
    print(
        f"strongest type of {result['unrelated_suspects']} unrelated suspects: {result['types_of_unrelated_suspects']}"
    )
    print("\nlikelihood ratios, cross-validated on the pairs that ship")
    evaluate_calibration.print_reliability(result["calibration"])


if __name__ == "__main__":
    sys.exit(main())
