"""How far can the likelihood ratios be relied on? Cross-validated over repositories and artists, from measured pairs.

    python scripts/measure/evaluate_calibration.py --measured FOLDER --set ../shared/evalset
    python scripts/measure/evaluate_calibration.py      of the scores that ship: all but ranking and types, not saved

``--measured`` is what ``measure_pairs.py`` wrote. Every suspect is tested by a model that saw neither its artist or
repository nor anything made from its source. Printed with 95 % intervals (artists and repositories drawn with
replacement): Cllr, its least value and the difference, for each kind and relation against all independent suspects, by
size of the portfolio, and for a model that takes no heed of the size; the rate of misleading evidence, of all, of the
same tradition, and of artists that no shipped table has seen; then, for the development pairs, what fusing the signals
gains for ranking over the best of them and over PDQ, pHash and SIFT + RANSAC; the types given, by relation; and in how
many suspects the element map shows a part.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.build import calibration
from scripts.measure import machine
from scripts.measure.evalset import decoded
from scripts.measure.peers import PEERS
from scripts.measure.peers import figures as figures_of
from scripts.measure.searched import Searched
from simcheck.scoring.calibrate import PairSet, fitting
from simcheck.scoring.calibrate.pairs import DERIVED, INDEPENDENT
from simcheck.scoring.metrics import cllr, cllr_min, highest_rate, misleading
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import reference_folder

SEED = 2026
REPLICATES = 500
AT = (1.0, 2.0, 3.0)
RANKING = ("recall@1", "recall@5", "uAP", "TPR@1%FPR", "TPR@0.1%FPR")
Values = NDArray[np.float64]


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--measured", type=Path)
    parser.add_argument("--set", type=Path)
    arguments = parser.parse_args()
    if not arguments.measured:
        print_reliability(reliability(PairSet.load(reference_folder())))
        return 0
    if not arguments.set:
        parser.error("--measured needs --set")
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.CALIBRATION))
    pairs, about = calibration.read(arguments.measured)
    result = {
        "what": "likelihood ratios, cross-validated over repositories and hands",
        "seed": SEED,
        "data_digest": about["data_digest"],
        "measured_with": about["made_with"],
        "commits_of_pairs": _commits(arguments.measured),
        **reliability(pairs),
        "ranking": _ranking(pairs, Unrelated.load(reference_folder()), arguments.measured, arguments.set.resolve()),
        "types": _types(arguments.measured),
        "parts": _parts(arguments.measured),
    }
    measurement.save("evaluate_calibration", result)
    _print(result)
    return 0


def _commits(measured: Path) -> dict[str, list[str]]:
    """By commit of the code the portfolios that it compared: types and parts may follow another rule."""
    found: dict[str, list[str]] = {}
    for file in sorted(measured.glob("*.json.gz")):
        made = json.loads(gzip.decompress(file.read_bytes()))
        found.setdefault(made["commit"], []).append(made["portfolio"])
    return found


def reliability(pairs: PairSet) -> dict[str, Any]:
    """What can be said from scores alone: costs and misleading evidence with intervals, and what heed of size does."""
    table = Unrelated.load(reference_folder())
    columns = tuple(range(len(pairs.names)))
    cases, llrs = fitting.tested(pairs, table, columns)
    free, unbounded = fitting.tested(pairs, table, columns, bounded=False)
    sizeless, same = fitting.tested(pairs, table, columns, heed_size=False, bounded=False)
    return {
        "pairs": pairs.digest,
        "suspects": dict(Counter(s.kind for s in pairs.suspects)),
        "not_found": _not_found(pairs),
        "ratios": _ratios(pairs, cases, llrs, unbounded),
        "by_size": {
            "with": _by_size(pairs, free, unbounded),
            "without": _by_size(pairs, sizeless, same),
        },
    }


def interval(
    pairs: PairSet, cases: fitting.Cases, chosen: NDArray[np.bool_], measure: Callable[[Values], float]
) -> list[float]:
    """The value with equal weight for each kind, and its 95 % interval; ``measure`` takes weights."""
    names = [pairs.suspects[n].artist for n in cases.suspects]
    artists = np.unique(names, return_inverse=True)[1]
    kinds = np.array([pairs.suspects[n].kind for n in cases.suspects])
    weights = np.zeros(len(kinds))
    for kind in set(kinds[chosen]):
        own = chosen & (kinds == kind)
        weights[own] = 1 / own.sum()
    generator = np.random.default_rng(SEED)
    values = [measure(weights)]
    for _ in range(REPLICATES):
        drawn = np.bincount(generator.integers(artists.max() + 1, size=artists.max() + 1), minlength=artists.max() + 1)
        again = weights * drawn[artists]
        if again[cases.derived & chosen].sum() or not (cases.derived & chosen).any():
            values.append(measure(again))
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return [round(float(v), 4) for v in (values[0], low, high)]


def _ratios(pairs: PairSet, cases: fitting.Cases, llrs: Values, unbounded: Values) -> dict[str, Any]:
    """Misleading evidence is counted before bounds, beyond which none would be."""
    suspects = [pairs.suspects[n] for n in cases.suspects]
    h2 = ~cases.derived
    groups: dict[str, NDArray[np.bool_]] = {"all": cases.derived}
    for kind in DERIVED:
        groups[kind] = np.array([s.kind == kind for s in suspects])
    for relation in sorted({(s.kind, s.relation) for s in suspects if s.derived}):
        groups[": ".join(relation)] = np.array([(s.kind, s.relation) == relation for s in suspects])

    unseen = set(json.loads((reference_folder() / "unrelated_pairs.json").read_text("utf-8"))["hands_kept_out"])
    tests = {
        "all independent": h2,
        **{kind: np.array([s.kind == kind for s in suspects]) for kind in INDEPENDENT},
        "same hand or tradition": np.array([s.kind in INDEPENDENT[:2] for s in suspects]),
        "hands that no shipped table has seen": np.array([not s.derived and s.artist in unseen for s in suspects]),
    }
    rates = {
        name: {
            "suspects": int(own.sum()),
            **rates_of(pairs, cases, unbounded, own),
        }
        for name, own in tests.items()
    }
    cost = {name: costs(pairs, cases, llrs, h1) for name, h1 in groups.items() if h1.any()}
    return {"cost": cost, "misleading": rates}


def costs(pairs: PairSet, cases: fitting.Cases, llrs: Values, h1: NDArray[np.bool_]) -> dict[str, Any]:
    """Of these derived suspects against all independent ones."""
    h2 = ~cases.derived

    def cost(weights: Values, least: bool = False) -> float:
        measure = cllr_min if least else cllr
        return measure(llrs[h1], llrs[h2], (weights[h1], weights[h2]))

    chosen = h1 | h2
    return {
        "suspects": int(h1.sum()),
        "Cllr": interval(pairs, cases, chosen, cost),
        "Cllr_min": interval(pairs, cases, chosen, lambda w: cost(w, least=True)),
        "calibration": interval(pairs, cases, chosen, lambda w: cost(w) - cost(w, least=True)),
        "median": round(float(np.median(llrs[h1])), 3),
        "at least 0.3, 1, 2": [round(float((llrs[h1] >= at).mean()), 3) for at in (0.301, 1, 2)],
    }


def rates_of(pairs: PairSet, cases: fitting.Cases, llrs: Values, own: NDArray[np.bool_]) -> dict[str, list[float]]:
    """Of these independent suspects, how many reach each llr, with intervals."""
    found = {}
    for at in AT:
        value, low, high = interval(pairs, cases, own, partial(_rate, llrs, own, at))
        highest = round(highest_rate(int((llrs[own] >= at).sum()), int(own.sum())), 4)
        found[f"at {at:.0f}"] = [value, low, max(high, highest)]
    return found


def _rate(llrs: Values, own: NDArray[np.bool_], at: float, weights: Values) -> float:
    return misleading(llrs[own], at, weights[own]) if weights[own].sum() else float("nan")


def _by_size(pairs: PairSet, cases: fitting.Cases, llrs: Values) -> dict[str, Any]:
    """Independent suspects by portfolio size: how high their best work gets, before bounds."""
    h2 = ~cases.derived
    found = {}
    sizes = np.array([pairs.suspects[n].works for n in cases.suspects])
    for works in sorted(set(sizes[h2].tolist())):
        own = h2 & (sizes == works)
        found[str(works)] = {
            "suspects": int(own.sum()),
            "median": round(float(np.median(llrs[own])), 3),
            "95 %": round(float(np.quantile(llrs[own], 0.95)), 3),
            "highest": round(float(llrs[own].max()), 3),
            **{f"at {at}": round(float((llrs[own] >= at).mean()), 4) for at in (0.0, 1.0, 2.0)},
        }
    return found


def _not_found(pairs: PairSet) -> dict[str, int]:
    """Derived suspects whose work was not among those that all signals compared: they count with the best that was."""
    return dict(Counter(pairs.suspects[n].kind for n in sorted(pairs.missed)))


def _ranking(pairs: PairSet, table: Unrelated, measured: Path, folder: Path) -> dict[str, Any]:
    """The development pairs as a search, by the ratio, by single signals, and by the usual tools."""
    searched = Searched.of(pairs, measured, folder)
    features = fitting.surprises_of(pairs, table)
    orders = {
        "fused": fitting.ranked(pairs, table),
        "sum of surprises": np.nansum(features, axis=1),
        **{name: np.nan_to_num(pairs.scores[:, k], nan=-np.inf) for k, name in enumerate(pairs.names)},
    }
    tables = {name: searched.placed(values) for name, values in orders.items()}
    pixels = decoded(folder, [*searched.queries, *searched.references])
    for name, peer in PEERS.items():
        tables[name] = peer([pixels[q] for q in searched.queries], [pixels[r] for r in searched.references])
    return {name: figures_of(found, searched.truth, range(len(found)), SEED) for name, found in tables.items()}


def _types(measured: Path) -> dict[str, dict[str, int]]:
    """By kind and relation: the type given to the right work, or for independent suspects the strongest of all."""
    from simcheck.records import FindingType

    strength = [kind.value for kind in FindingType]
    counted: dict[str, Counter[str]] = {}
    for file in sorted(measured.glob("*.json.gz")):
        for query in json.loads(gzip.decompress(file.read_bytes()))["queries"]:
            name = query["relation"] if query["kind"] in INDEPENDENT else f"{query['kind']}: {query['relation']}"
            right = [f["type"] for f in query["findings"] if f["true"] or query["kind"] in INDEPENDENT]
            best = min(right, key=strength.index) if right else "not compared"
            counted.setdefault(name, Counter())[best] += 1
    return {name: dict(counts) for name, counts in sorted(counted.items())}


def _parts(measured: Path) -> dict[str, dict[str, int]]:
    """By kind: suspects, how many show a part in the element map, and how many parts. Independent ones should show
    none, unless an artist used one thing twice."""
    counted: dict[str, Counter[str]] = {}
    for file in sorted(measured.glob("*.json.gz")):
        for query in json.loads(gzip.decompress(file.read_bytes()))["queries"]:
            own = counted.setdefault(query["kind"], Counter())
            own.update({"suspects": 1, "with a part": bool(query["elements"]), "parts": query["elements"]})
    return {kind: dict(counts) for kind, counts in sorted(counted.items())}


def print_reliability(result: Mapping[str, Any]) -> None:
    print(
        f"pairs {result['pairs'][:16]}: suspects {result['suspects']}; right work not compared: {result['not_found']}\n"
    )
    print("suspects".rjust(58) + "Cllr".rjust(24) + "least".rjust(24) + "calibration".rjust(24) + "  >= 0.3, 1, 2")
    for name, each in result["ratios"]["cost"].items():
        columns = "".join(_told(each[k]).rjust(24) for k in ("Cllr", "Cllr_min", "calibration"))
        print(f"{name:48s}{each['suspects']:10d}{columns}  {each['at least 0.3, 1, 2']}")
    print("\nmisleading evidence".ljust(58) + "".join(f"at {at:.0f}".rjust(24) for at in AT))
    for name, each in result["ratios"]["misleading"].items():
        print(f"{name:48s}{each['suspects']:9d}" + "".join(_told(each[f"at {at:.0f}"]).rjust(24) for at in AT))
    for how, sizes in result["by_size"].items():
        print(f"\nindependent suspects by size of the portfolio, {how} heed of it")
        for works, each in sizes.items():
            print(f"{works:>8s}  {each}")


def _print(result: Mapping[str, Any]) -> None:
    print_reliability(result)
    print("\n" + "".ljust(24) + "".join(measure.rjust(13) for measure in RANKING))
    for name, each in result["ranking"].items():
        print(name.ljust(24) + "".join(f"{each[measure]:13.3f}" for measure in RANKING))
    print("\nparts in the element map")
    for name, counts in result["parts"].items():
        print(f"{name:60s}{counts}")
    print("\ntypes")
    for name, counts in result["types"].items():
        print(f"{name:60s}{counts}")


def _told(values: Sequence[float]) -> str:
    return f"{values[0]:.3f} ({values[1]:.3f}-{values[2]:.3f})"


if __name__ == "__main__":
    sys.exit(main())
