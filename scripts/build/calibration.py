"""Fit the calibration that ships, from pairs of known origin.

    python scripts/build/calibration.py --measured FOLDER     from what scripts/measure/measure_pairs.py wrote
    python scripts/build/calibration.py --add FOLDER          the same, beside the pairs that ship
    python scripts/build/calibration.py                       again, from the shipped scores of these pairs

Writes ``index/reference/calibration_pairs.*`` (scores only) in the first case, and ``index/reference/calibration.json``
in both: the same pairs give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.measure import machine
from simcheck.scoring.calibrate import PairSet, Suspect, fit
from simcheck.scoring.calibrate.fitting import surprises_of
from simcheck.scoring.calibrate.model import FILE
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import reference_folder, write_digests
from simcheck.signals import load

SOURCE = (
    "suspects of known origin: pictures that published programs made from others, edited and re-rendered works, and "
    "works by other and by the same artists that were made independently, series and characters included"
)
REUSED = Path(__file__).with_name("reused.csv")
"""Seen by eye: works of one artist in which the same picture, figure or ground was used again."""
KEPT = 10
"""Works of each suspect that are kept beside the right ones: those most alike."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measured", type=Path)
    parser.add_argument("--add", type=Path)
    arguments = parser.parse_args()
    measured: Path | None = arguments.measured or arguments.add
    machine.committed(apart_from=("index/reference",))
    folder = reference_folder()
    table = Unrelated.load(folder)
    if measured:
        pairs, about = read(measured)
        pairs = _without_reused(pairs)
        merit = np.nan_to_num(surprises_of(pairs, table)).sum(axis=1)
        pairs = _thinned(pairs, merit, KEPT)
        if arguments.add:
            pairs = PairSet.load(folder).joined(pairs, SOURCE)
        pairs.save(folder, about)
    calibration = fit(PairSet.load(folder), table, "simcheck calibration 1", _progress)
    calibration.save(folder / FILE)
    write_digests(folder)
    full = calibration.models[-1]
    names = (*full.signals, "size", "offset")
    print({name: round(float(value), 3) for name, value in zip(names, full.coefficients, strict=True)})
    print(f"bounds {full.bounds}; Cllr {full.validation.cllr}; least {full.validation.cllr_min}")
    for each in full.validation.misleading:
        print(f"misleading at {each.llr}: {each.all}, same tradition {each.same_tradition}")
    return 0


def read(measured: Path) -> tuple[PairSet, dict[str, Any]]:
    """All pairs of the claim `copy`."""
    files = [
        json.loads(gzip.decompress(f.read_bytes())) for f in sorted(measured.glob("*.json.gz")) if f.stat().st_size
    ]
    kinds = load([signal[0] for signal in files[0]["signals"]])
    signals = tuple(
        (str(n), int(v), str(w), str(p), str(c)) for n, v, w, p, c in files[0]["signals"] if kinds[n].claim == "copy"
    )
    suspects: list[Suspect] = []
    owner, scores, derived, artists = [], [], [], []
    for content in files:
        if content["signals"] != files[0]["signals"]:
            raise SystemExit(f"{content['portfolio']} was compared by other signals than the rest")
        for query in content["queries"]:
            found = query["findings"]
            suspects.append(
                Suspect(query["kind"], query["relation"], query["hand"], query["source"], content["works"], len(found))
            )
            for finding in found:
                owner.append(len(suspects) - 1)
                scores.append([finding["scores"][name] for name, *_ in signals])
                derived.append(finding["true"])
                artists.append(finding["hand"])
    values = np.array([[np.nan if v is None else v for v in row] for row in scores], np.float32)
    pairs = PairSet(
        SOURCE, signals, tuple(suspects), np.array(owner, np.int64), values, np.array(derived, np.bool_), tuple(artists)
    )
    first = files[0]
    made_with = {key: first[key] for key in ("commit", "changed", "cpu", "cores", "libraries") if key in first}
    about = {
        "script": "scripts/measure/measure_pairs.py", "seed": first["seed"], "data_digest": first["data_digest"],
        "made_with": made_with, "fitted_with": machine.facts()["commit"],
    }  # fmt: skip
    return pairs, about


def reused_suspects() -> set[str]:
    """Files of the evaluation set."""
    with REUSED.open(encoding="utf-8", newline="") as file:
        return {row["suspect"] for row in csv.DictReader(file)}


def _without_reused(pairs: PairSet) -> PairSet:
    """Without the suspects in which an artist used a work of the portfolio again (`REUSED`): those are derived."""
    reused = reused_suspects()
    stay = np.array([s.derived or s.source not in reused for s in pairs.suspects], np.bool_)
    return pairs.only(stay, stay[pairs.owner])


def _thinned(pairs: PairSet, merit: NDArray[np.float64], most: int) -> PairSet:
    """Of each suspect the derived pairs and the ``most`` others of highest ``merit``: lower ones are never the best."""
    keep: list[int] = []
    for number in range(len(pairs.suspects)):
        rows = np.nonzero(pairs.owner == number)[0]
        order: Sequence[int] = rows[np.argsort(-merit[rows], kind="stable")].tolist()
        others = [row for row in order if not pairs.derived[row]][:most]
        keep += sorted([*others, *(row for row in order if pairs.derived[row])])
    return PairSet(
        pairs.source, pairs.signals, pairs.suspects, pairs.owner[keep], pairs.scores[keep], pairs.derived[keep],
        tuple(pairs.artists[row] for row in keep),
    )  # fmt: skip


def _progress(done: int, total: int) -> None:
    print(f"\r{done} of {total} sets of signals", end="\n" if done == total else "", flush=True, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
