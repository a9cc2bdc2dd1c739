"""Which results must be measured again, why, and how.

    python scripts/measure/stale.py

A result is stale when its code is not in the history of this checkout, or when a signal, a table or a calibration that
it rests on is another today. ``scripts/results/README.md`` lists those that are; a test holds the list. To measure
again, commit the code first, and commit the result after it: a commit that is rebased away takes its results along.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from scripts.measure import machine
from scripts.measure.quoted import load

__all__ = ["HOW", "Way", "results", "why_stale"]

SET = "--set ../shared/evalset"


@dataclass(frozen=True, slots=True)
class Way:
    """How a result is measured: a command line from the checkout, and about how long it takes on two cores."""

    command: str
    minutes: int


HOW: dict[str, Way] = {
    "ablate_copy": Way(
        f"scripts/measure/ablate_copy.py {SET} --pictures PAINTED --to FOLDER --steps 100 --ladder-works 15", 120
    ),
    "bench_copy": Way("scripts/measure/bench_copy.py --pictures ../shared/evalset/cohort", 2),
    "bench_gpu": Way("scripts/measure/bench_gpu.py", 8),
    "bench_index": Way(
        "scripts/measure/bench_index.py --pictures ../shared/evalset/cohort --count 1000 --without-clip", 6
    ),
    "evaluate": Way(f"scripts/measure/evaluate.py {SET}", 30),
    "evaluate_calibration": Way(f"scripts/measure/evaluate_calibration.py {SET} --measured MEASURED", 10),
    "evaluate_copy": Way(
        f"scripts/measure/evaluate_copy.py {SET} --ladder-works 80 --sift-works 10 --save evaluate_copy", 20
    ),
    "evaluate_covered": Way(f"scripts/measure/evaluate_covered.py {SET}", 15),
    "evaluate_edits": Way(f"scripts/measure/evaluate_edits.py {SET}", 15),
    "evaluate_elements": Way(f"scripts/measure/evaluate_elements.py {SET} --each 48", 50),
    "evaluate_marks": Way(f"scripts/measure/evaluate_marks.py {SET}", 25),
    "evaluate_marks_tune": Way(f"scripts/measure/evaluate_marks.py {SET} --tune --portfolios 4", 7),
    "evaluate_normalisation": Way(f"scripts/measure/evaluate_normalisation.py {SET}", 10),
    "evaluate_normalised_ratios": Way(f"scripts/measure/evaluate_normalised_ratios.py {SET} --measured MEASURED", 20),
    "evaluate_panels": Way(f"scripts/measure/evaluate_panels.py {SET} --each 20", 4),
    "evaluate_series": Way(f"scripts/measure/evaluate_series.py {SET}", 15),
    "evaluate_style": Way(f"scripts/measure/evaluate_style.py {SET}", 10),
    "evaluate_templates": Way(f"scripts/measure/evaluate_templates.py {SET} --each 2 --positives 1 --decks 0", 35),
    "evaluate_transforms": Way(f"scripts/measure/evaluate_transforms.py {SET} --works 20", 15),
    "formats": Way(f"scripts/measure/check_formats.py {SET}", 1),
    "precision": Way("scripts/measure/bench_precision.py", 1),
    "repeat_copy": Way("scripts/train/copy_network.py repeat --pictures PAINTED --steps 50", 3),
    "train_copy": Way("scripts/train/copy_network.py export --pictures PAINTED --from RUN", 75),
}
"""MEASURED is the folder of ``measure_pairs.py`` (an hour), PAINTED and RUN those of ``copy_network.py``."""


def results() -> list[str]:
    """The names of all results, without ``.json``."""
    return sorted(p.stem for p in machine.RESULTS.glob("*.json"))


def why_stale(result: dict[str, Any]) -> str | None:
    """Why a result must be measured again, or None. Without git, or without the history, its commit is believed."""
    if not result.get("commit") or result.get("changed"):
        return "measured with code that was not committed"
    if not _in_history(result["commit"]):
        return "its commit is not in the history of this checkout"
    if "rests_on" not in result:
        return "measured before results said what they rest on"
    signals, shipped = result["rests_on"]["signals"], result["rests_on"]["shipped"]
    present = machine.resting(signals, shipped)
    other = [n for n in signals if signals[n] != present["signals"][n]]
    other += [n for n in shipped if shipped[n] != present["shipped"][n]]
    return f"another {', '.join(other)} today" if other else None


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    minutes = 0
    for name in results():
        why = why_stale(load(f"{name}.json"))
        if why:
            minutes += HOW[name].minutes
            print(f"{name}.json: {why}\n    python {HOW[name].command}    (about {HOW[name].minutes} min on two cores)")
    print(f"about {minutes} minutes in all")
    return 0


def _in_history(commit: str) -> bool:
    """Whether a commit is an ancestor of what is checked out, as far as that can be seen here."""
    where = ["git", "-C", str(machine.RESULTS.parent)]
    shallow = subprocess.run(
        [*where, "rev-parse", "--is-shallow-repository"], capture_output=True, text=True, check=False
    )
    if shallow.returncode or shallow.stdout.strip() != "false":
        return True
    known = subprocess.run([*where, "merge-base", "--is-ancestor", commit, "HEAD"], capture_output=True, check=False)
    return known.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
