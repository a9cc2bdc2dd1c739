"""Read every awkward file of the evaluation set, and compare with what plain Pillow made of it.

    python scripts/measure/check_formats.py --set ../shared/evalset

Each file is read through `simcheck.images.Reader`, as simcheck reads it. Prints, per category, how many are read and
refused beside what ``formats.csv`` records for Pillow, and lists each file on which the two differ. Writes
``scripts/results/formats.json``. Exit code 1 when Pillow loads a file that simcheck does not, though it is whole.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.measure import machine
from simcheck.errors import PictureError
from simcheck.images import Limits, Reader
from simcheck.records import Picture


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``formats.csv`` with what simcheck made of the file."""

    known: dict[str, str]
    answer: Picture | PictureError

    @property
    def read(self) -> bool:
        return isinstance(self.answer, Picture)

    @property
    def refused_as_damaged(self) -> bool:
        """Pillow fills what is missing, or takes what does not fit together; simcheck compares no such picture."""
        return isinstance(self.answer, PictureError) and self.answer.code in ("damaged", "truncated")

    @property
    def pillow_loads(self) -> bool:
        return self.known["pil_result"] == "load:ok"


def check(evalset: Path, limits: Limits) -> Iterator[Row]:
    """Every file of ``formats.csv``, in its order, as simcheck reads it."""
    with (evalset / "formats.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    with Reader(limits=limits) as reader:
        answers = reader.read_all(evalset / line["file"] for line in lines)
        for line, (_, answer) in zip(lines, answers, strict=True):
            yield Row(line, answer)


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts per category, and each file where simcheck and Pillow differ, as plain JSON values."""
    categories: dict[str, Counter[str]] = {}
    for row in rows:
        counts = categories.setdefault(row.known["category"], Counter(files=0, read=0, refused=0, pillow_reads=0))
        counts.update(files=1, read=row.read, refused=not row.read, pillow_reads=row.pillow_loads)
    refusals = Counter(row.answer.code for row in rows if isinstance(row.answer, PictureError))
    decoders = Counter(row.answer.facts.decoder for row in rows if isinstance(row.answer, Picture))
    return {
        "files": len(rows),
        "read": sum(row.read for row in rows),
        "pillow_reads": sum(row.pillow_loads for row in rows),
        "categories": {name: dict(counts) for name, counts in sorted(categories.items())},
        "only_pillow_reads": {
            row.known["id"]: row.answer.code
            for row in rows
            if row.pillow_loads and isinstance(row.answer, PictureError) and not row.refused_as_damaged
        },
        "damaged_but_read_by_pillow": [row.known["id"] for row in rows if row.pillow_loads and row.refused_as_damaged],
        "only_simcheck_reads": {
            row.known["id"]: row.answer.facts.decoder
            for row in rows
            if isinstance(row.answer, Picture) and not row.pillow_loads
        },
        "refusals": dict(sorted(refusals.items())),
        "decoders": dict(sorted(decoders.items())),
    }


def peak_memory_mib() -> float | None:
    """The most that one decoding process held; None where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 2**20, 1)


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True, help="the folder that holds formats.csv")
    arguments = parser.parse_args()
    measurement = machine.start(arguments)
    evalset: Path = arguments.set
    limits = Limits()

    began = time.perf_counter()
    rows = list(check(evalset, limits))
    seconds = time.perf_counter() - began
    result = summary(rows)

    print(f"{'category':<22}{'files':>6}{'read':>6}{'refused':>9}{'Pillow reads':>14}")
    for name, counts in result["categories"].items():
        print(f"{name:<22}{counts['files']:>6}{counts['read']:>6}{counts['refused']:>9}{counts['pillow_reads']:>14}")
    print(f"{'all':<22}{result['files']:>6}{result['read']:>6}{result['files'] - result['read']:>9}", end="")
    print(f"{result['pillow_reads']:>14}")
    names = {row.known["id"]: Path(row.known["file"]).name for row in rows}
    for key, heading in (("only_pillow_reads", "Pillow alone reads"), ("only_simcheck_reads", "simcheck alone reads")):
        print(f"\n{heading}: {len(result[key]) or 'none'}")
        for number, what in result[key].items():
            print(f"  {number} {names[number]}: {what}")
    damaged = result["damaged_but_read_by_pillow"]
    print(f"\nPillow reads, but damaged: {', '.join(names[number] for number in damaged) or 'none'}")
    print("\nrefusals:", ", ".join(f"{code} {count}" for code, count in result["refusals"].items()))
    memory = peak_memory_mib()
    print(f"{seconds:.1f} s, at most {memory or '?'} MiB in one decoding process")

    digest = machine.digest_of([evalset / "formats.csv"])
    measured = {"seconds": round(seconds, 2), "peak_memory_mib": memory, "data_digest": digest, "seed": None}
    measurement.save("formats", {**measured, **result})
    return 1 if result["only_pillow_reads"] else 0


if __name__ == "__main__":
    sys.exit(main())
