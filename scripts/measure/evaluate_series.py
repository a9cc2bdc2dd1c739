"""What is said of an artist's other works, which have much in common and of which none was made from another.

    python scripts/measure/evaluate_series.py --set ../shared/evalset          (about 15 minutes on two cores)

Of every artist with many works, series, stories, decks and mascots included, some works are suspects and others the
portfolio, an index for each artist (the series of ``measure_pairs.py``). Works in which a picture, a figure or a ground
was used again, seen by eye, take no part (``scripts/build/reused.csv``). Counted is what a person gets: a suspect of
which any work is called a copy, a part or re-drawn, and the highest likelihood ratio that is reported of any work.

These series were among the pairs that the shipped ratio was fitted to, so ``held out`` says what ratios fitted without
the artist give, with what sets a work apart from the next one and without it. Intervals: artists drawn with
replacement.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.build.calibration import reused_suspects
from scripts.measure import machine
from scripts.measure.measure_pairs import CHOICE, SEED, series
from simcheck import pipeline
from simcheck.records import FindingType, Silent
from simcheck.scoring.calibrate import PairSet
from simcheck.scoring.calibrate.fitting import alone_and_beside
from simcheck.scoring.calibrate.validation import draws_of
from simcheck.scoring.metrics import highest_rate
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import reference_folder

UNNAMED = (FindingType.NOTHING, FindingType.STYLE_ONLY)
BANDS = (1.0, 2.0)
REPLICATES = 1000


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    arguments = parser.parse_args()
    shipped = (machine.TABLE, machine.PAIRS, machine.CALIBRATION)
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=shipped)
    folder: Path = arguments.set.resolve()
    left_out = reused_suspects()
    suspects: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="simcheck-series-") as temporary:
        for portfolio in series(folder):
            queries = {q.file.resolve(): q for q in portfolio.queries if q.source not in left_out}
            path = Path(temporary) / portfolio.name
            works = [folder / work["file"] for work in portfolio.works]
            pipeline.index(works, path, name=portfolio.name, choice=CHOICE, watcher=Silent())
            run = pipeline.compare(list(queries), path, choice=CHOICE, watcher=Silent())
            for query in run.queries:
                told = [f.llr for f in query.findings if f.llr]
                named = [f for f in query.findings if f.type not in UNNAMED]
                suspects.append(
                    {
                        "artist": queries[query.path.resolve()].artist,
                        "file": queries[query.path.resolve()].source,
                        "named": named[0].type.value if named else None,
                        "llr": max((llr.value for llr in told), default=None),
                        "cautious": max((llr.cautious for llr in told), default=None),
                    }
                )
            print(f"{portfolio.name}: {len(run.queries)} suspects, {portfolio.works[0]['artist_or_style']}", flush=True)
    artists = [s["artist"] for s in suspects]
    result = {
        "what": "an artist's other works against a portfolio of the same artist",
        "data_digest": machine.digest_of([folder / f"{name}.csv" for name in ("portfolios", "cohort")]),
        "seed": SEED,
        "artists": len(set(artists)),
        "suspects": len(suspects),
        "reused_left_out": len(left_out),
        "named": _share(np.array([s["named"] is not None for s in suspects]), artists),
        "reported": {f"llr >= {band:g}": _share(_reach(suspects, "llr", band), artists) for band in BANDS},
        "cautious end": {f"llr >= {band:g}": _share(_reach(suspects, "cautious", band), artists) for band in BANDS},
        "held out": _held_out(),
        "each": suspects,
    }
    measurement.save("evaluate_series", result)
    print(json.dumps({k: v for k, v in result.items() if k != "each"}, indent=1, ensure_ascii=False))
    return 0


def _held_out() -> dict[str, Any]:
    """Of the pairs that ship, by models that had not seen the artist: the model alone, and beside the next work."""
    folder = reference_folder()
    pairs, table = PairSet.load(folder), Unrelated.load(folder)
    cases, alone, beside = alone_and_beside(pairs, table, tuple(range(len(pairs.names))))
    own = np.array([pairs.suspects[n].kind == "series" for n in cases.suspects])
    artists = [pairs.suspects[n].artist for n in cases.suspects[own]]
    return {
        name: {f"llr >= {band:g}": _share(llrs[own] >= band, artists) for band in BANDS}
        for name, llrs in (("scores alone", alone), ("beside the next work", beside))
    }


def _reach(suspects: Sequence[Mapping[str, Any]], key: str, band: float) -> NDArray[np.bool_]:
    return np.array([s[key] is not None and s[key] >= band for s in suspects])


def _share(reached: NDArray[np.bool_], artists: Sequence[str]) -> dict[str, Any]:
    rates = [float(np.average(reached, weights=draw)) for draw in draws_of(artists, REPLICATES, [SEED]) if draw.any()]
    low, high = np.percentile(rates, (2.5, 97.5))
    most = highest_rate(int(reached.sum()), len(reached))
    return {
        "reached": int(reached.sum()),
        "of": len(reached),
        "share": round(float(reached.mean()), 4),
        "95": [round(float(low), 4), round(max(float(high), most), 4)],
    }


if __name__ == "__main__":
    sys.exit(main())
