"""Does this checkout find what an earlier one found? The same suspects by both, finding by finding.

    python scripts/measure/same_findings.py --before CHECKOUT --set ../shared/evalset [--keep FOLDER] [--unrelated 40]
        [--only-before]

``--before`` is a checkout of the earlier commit (``git worktree add FOLDER COMMIT``). Both index all sources and
portfolio works of the set and compare the same suspects: the derived pictures of ``pairs.csv``, and works of unrelated
artists. What is compared is what a person gets: ``report.json``. A signal's score must be equal to the last digit that
is written; types, ratios and order too. ``--keep`` keeps both results, so that the earlier one need not run again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.measure import machine
from scripts.measure.evalset import read_table, unseen_cohort

SEED = 2026
HERE = Path(__file__).resolve().parents[2]
Document = dict[str, Any]


def main() -> None:
    parser = machine.parser(__doc__)
    parser.add_argument("--before", type=Path, required=True, help="a checkout of the earlier commit")
    parser.add_argument("--set", type=Path, required=True, help="the evaluation set")
    parser.add_argument("--keep", type=Path, help="folder for both results")
    parser.add_argument("--unrelated", type=int, default=40)
    parser.add_argument("--only-before", action="store_true", help="run the earlier checkout alone, for --keep")
    arguments = parser.parse_args()
    folder: Path = arguments.set.resolve()
    pairs = read_table(folder / "pairs.csv")
    works = list(dict.fromkeys(r["source_file"] for r in pairs))
    works += [r["file"] for r in read_table(folder / "portfolios.csv")]
    suspects = list(dict.fromkeys(r["derived_file"] for r in pairs))
    suspects += unseen_cohort(folder, SEED)[: arguments.unrelated]
    with tempfile.TemporaryDirectory() as temporary:
        kept = arguments.keep or Path(temporary)
        before = _findings(arguments.before.resolve(), folder, works, suspects, kept / "before")
        if arguments.only_before:
            return
        measurement = machine.start(
            arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.PAIRS, machine.CALIBRATION)
        )
        after = _findings(HERE, folder, works, suspects, kept / "after")
    result = {
        "what": "findings of an earlier commit and of this one, for the same suspects and works",
        "before": _commit(arguments.before),
        "data_digest": machine.digest_of([folder / f for f in ("pairs.csv", "portfolios.csv", "cohort.csv")]),
        "seed": SEED,
        "works": len(works),
        **_compared(before, after),
    }
    measurement.save("same_findings", result)
    print(json.dumps(result, indent=1, ensure_ascii=False))


def _findings(checkout: Path, folder: Path, works: list[str], suspects: list[str], kept: Path) -> Document:
    """``report.json`` of a checkout, run as a person runs it."""
    kept.mkdir(parents=True, exist_ok=True)
    target = kept / "report.json"
    if not target.is_file():
        environment = {**os.environ, "PYTHONPATH": str(checkout), "SIMCHECK_COHORTS": str(kept / "no-cohorts")}
        plain = ("--index", str(kept / "index"), "--without", "clip", "--offline")

        def run(*arguments: str) -> str:
            done = subprocess.run(
                [sys.executable, "-m", "simcheck.cli", *arguments],
                capture_output=True, text=True, env=environment, cwd=checkout, check=False,
            )  # fmt: skip
            if done.returncode:
                raise SystemExit(f"{checkout}: {done.stderr[-2000:]}")
            return done.stdout

        run("index", *(str(folder / work) for work in works), *plain, "-q")
        target.write_text(run("compare", *(str(folder / s) for s in suspects), *plain, "--json"), encoding="utf-8")
    found: Document = json.loads(target.read_text(encoding="utf-8"))
    return found


def _compared(before: Document, after: Document) -> Document:
    """Counts of what differs, and the first of each kind by name."""
    counts: Counter[str] = Counter()
    shown: dict[str, list[str]] = {}

    def differ(kind: str, where: str) -> None:
        counts[kind] += 1
        shown.setdefault(kind, []).append(where)

    earlier = {query["query"]["sha256"]: query for query in before["queries"]}
    later = {query["query"]["sha256"]: query for query in after["queries"]}
    for sha256 in earlier.keys() ^ later.keys():
        differ("suspect read by one only", (earlier.get(sha256) or later[sha256])["query"]["name"])
    largest = 0.0
    for sha256 in earlier.keys() & later.keys():
        old, new = earlier[sha256], later[sha256]
        name = old["query"]["name"]
        if [f["reference"]["sha256"] for f in old["findings"]] != [f["reference"]["sha256"] for f in new["findings"]]:
            differ("other works or order", name)
        same = {f["reference"]["sha256"]: f for f in new["findings"]}
        for finding in old["findings"]:
            other = same.get(finding["reference"]["sha256"])
            if other is None:
                continue
            counts["findings"] += 1
            where = f"{name} / {finding['reference']['name']}"
            for signal, result in finding["signals"].items():
                was, now = result["score"], other["signals"][signal]["score"]
                if was != now:
                    differ("other score", f"{where}: {signal} {was} -> {now}")
                    largest = max(largest, abs((was or 0) - (now or 0)))
            if finding["type"] != other["type"]:
                differ("other type", f"{where}: {finding['type']} -> {other['type']}")
            values = [f["llr"] and f["llr"]["value"] for f in (finding, other)]
            if values[0] != values[1]:
                differ("other ratio", f"{where}: {values[0]} -> {values[1]}")
    counts["suspects"] = len(earlier.keys() & later.keys())
    return {
        "counts": dict(counts),
        "largest_difference_of_a_score": largest,
        "examples": {kind: found[:8] for kind, found in shown.items()},
    }


def _commit(checkout: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True)  # noqa: S607
    return done.stdout.strip()


if __name__ == "__main__":
    main()
