"""What would the likelihood ratios gain if more scores were read against how alike a picture is to works by others?

    python scripts/measure/evaluate_normalised_ratios.py --measured FOLDER --set ../shared/evalset    (20 minutes)

``--measured`` is what ``measure_pairs.py`` wrote. `evaluate_normalisation` asks the same of the order of a search; here
scores are normalised and then calibrated, as a report does it. The level of a picture is its mean score with the ten
works nearest to it of those that stand behind `copy` (SSCD, Pizzi et al., CVPR 2022; CSLS, Conneau et al., ICLR 2018).
Every way of taking levels off is applied to the table of unrelated pairs and to all pairs of known origin alike, and
the ratios are fitted and cross-validated anew. Printed for each: Cllr, its least value, how much Cllr changes against
the scores as they are (95 % interval, artists and repositories drawn with replacement), misleading evidence, and the
development pairs as a search. A suspect with panels has the level of the whole.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.build import calibration, unrelated
from scripts.measure import evaluate_calibration, machine
from scripts.measure.evalset import read_table
from scripts.measure.measure_pairs import Portfolio, Query, portfolios
from scripts.measure.peers import LayoutPeer
from scripts.measure.peers import figures as figures_of
from scripts.measure.searched import Searched
from simcheck.images import Reader
from simcheck.records import Picture
from simcheck.scoring.calibrate import PairSet, fitting
from simcheck.scoring.metrics import cllr
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import NEAREST, background, reference_folder
from simcheck.signals import load
from simcheck.signals.describe import describe
from simcheck.system.threads import thread_pool

SEED = 2026
AT_ONCE = 32
SIGNALS = ("copy", "layout", "phash")
SHARES = {"as they are": (0.0, 0.0), "query": (1.0, 0.0), "reference": (0.0, 1.0), "mean of both": (0.5, 0.5)}
"""Of the levels of query and reference, how much is taken off."""
SHIPPED = ("query", "as they are")
"""`copy`; `layout` and `phash`."""
WAYS = (
    SHIPPED,
    ("as they are",) * 2,
    *(("query", way) for way in list(SHARES)[1:]),
    ("mean of both", "as they are"),
    ("mean of both",) * 2,
)
Values = NDArray[np.float64]
Levels = dict[Path, Values]


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--measured", type=Path, required=True)
    parser.add_argument("--set", type=Path, required=True)
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE,))
    folder: Path = arguments.set.resolve()
    table = Unrelated.load(reference_folder())
    pairs, about = calibration.read(arguments.measured)
    generator = np.random.default_rng(unrelated.SEED)
    _, beside, rows = unrelated.split(read_table(folder / "cohort.csv"), generator)
    rows, partners = unrelated.paired(rows, unrelated.WORKS, generator)
    level_of = _Levels([folder / row["file"] for row in beside])
    with tempfile.TemporaryDirectory(prefix="simcheck-levels-") as temporary:
        files = [(folder / rows[i]["file"], folder / rows[j]["file"]) for i, j in partners]
        of_table = level_of(files)
        of_pairs = level_of(list(_files(folder, arguments.measured, Path(temporary))))
    result: dict[str, Any] = {
        "what": "likelihood ratios from scores that are normalised in several ways",
        "seed": SEED,
        "data_digest": about["data_digest"],
        "measured_with": about["made_with"],
        "suspects": len(pairs.suspects),
        "pairs": len(pairs.owner),
        "works_behind_levels": len(background("copy").vectors),
        "ways": {},
    }
    base: tuple[fitting.Cases, Values] | None = None
    for way in WAYS:
        again = _taken_off(table, of_table, way)
        moved = replace(pairs, scores=_normalised(pairs.scores, pairs.names, of_pairs, way))
        cases, llrs = fitting.tested(moved, again, range(len(pairs.names)))
        _, unbounded = fitting.tested(moved, again, range(len(pairs.names)), bounded=False)
        base = base or (cases, llrs)
        assert np.array_equal(base[0].suspects, cases.suspects), "the same suspects are tested each time"
        name = f"copy: {way[0]}; layout, phash: {way[1]}"
        result["ways"][name] = {
            **evaluate_calibration.costs(moved, cases, llrs, cases.derived),
            "misleading": evaluate_calibration.rates_of(moved, cases, unbounded, ~cases.derived),
            "Cllr against as shipped": _change(pairs, base[0], llrs, base[1]),
            "search": _search(moved, again, arguments.measured, folder),
        }
        print(name, result["ways"][name], flush=True)
    measurement.save("evaluate_normalised_ratios", result)
    return 0


def _files(folder: Path, measured: Path, temporary: Path) -> Iterator[tuple[Path, Path]]:
    """Query and reference of every measured pair, in the order of `calibration.read`."""
    made: dict[str, Portfolio] = {portfolio.name: portfolio for portfolio in portfolios(folder, temporary)}
    for file in sorted(measured.glob("*.json.gz")):
        content = json.loads(gzip.decompress(file.read_bytes()))
        queries = made[content["portfolio"]].queries
        for query, known in zip(_in_order(queries, content["queries"]), content["queries"], strict=True):
            for finding in known["findings"]:
                yield query.file, folder / finding["file"]


def _in_order(queries: Sequence[Query], known: Sequence[dict[str, Any]]) -> Iterator[Query]:
    """The suspects as they stand in the file; of those told apart by nothing that is kept there, in their own order."""
    left = list(queries)
    for each in known:
        same = (each["kind"], each["relation"], each["hand"], each["source"])
        found = next(q for q in left if (q.kind, q.relation, q.artist, q.source) == same)
        left.remove(found)
        yield found


class _Levels:
    """Mean score of each picture with the works nearest to it of those behind `copy`, for three signals."""

    def __init__(self, works: Sequence[Path]) -> None:
        self._signals = {name: kind() for name, kind in load(SIGNALS).items()}
        self._peer = LayoutPeer()
        pictures = [picture for _, picture in _read(works)]
        self._layout = self._peer.describe([p.pixels for p in pictures], query=False)
        self._phash = np.vstack([self._vectors("phash", p, query=False) for p in pictures])
        self._known: Levels = {}

    def __call__(self, pairs: Sequence[tuple[Path, Path]]) -> NDArray[np.float64]:
        """(pairs, query and reference, signals)"""
        wanted = dict.fromkeys(path for pair in pairs for path in pair)
        with thread_pool() as pool:
            for path, picture in _read(path for path in wanted if path not in self._known):
                [copy] = describe([picture], self._signals["copy"], query=True, pool=pool)
                seen = [d.values for d in (*copy.descriptors, *copy.mirrored) if not d.reason]
                hashes = self._vectors("phash", picture, query=True)
                self._known[path] = np.array(
                    [
                        background("copy").level(np.vstack(seen).astype(np.float32)) if seen else 0.0,
                        self._of_layout(picture),
                        _nearest((hashes @ self._phash.T).max(axis=0)) if len(hashes) else 0.0,
                    ]
                )
        return np.array([[self._known[query], self._known[reference]] for query, reference in pairs])

    def _of_layout(self, picture: Picture) -> float:
        if self._signals["layout"].describe([picture.pixels])[0].reason:
            return 0.0
        return _nearest(self._peer.tables(self._peer.describe([picture.pixels], query=True), self._layout)[""][0])

    def _vectors(self, name: str, picture: Picture, *, query: bool) -> NDArray[np.float32]:
        signal = self._signals[name]
        return signal.vectors(describe([picture], signal, query=query)[0].descriptors[0], query=query)


def _read(files: Iterable[Path]) -> Iterator[tuple[Path, Picture]]:
    with Reader() as reader:
        for path, found in reader.read_all(files):
            if not isinstance(found, Picture):
                raise SystemExit(f"{path}: {found}")
            yield path, found


def _nearest(scores: NDArray[np.floating]) -> float:
    return float(np.sort(scores)[-NEAREST:].mean())


def _normalised(
    scores: NDArray[np.float32], names: Sequence[str], levels: Values, way: tuple[str, str]
) -> NDArray[np.float32]:
    out = scores.astype(np.float64)
    for k, name in enumerate(SIGNALS):
        share = np.array(SHARES[way[0] if name == "copy" else way[1]])
        if name == "copy":  # it comes less the query's level
            share -= SHARES["query"]
        out[:, names.index(name)] -= levels[:, :, k] @ share
    return out.astype(np.float32)


def _taken_off(table: Unrelated, levels: Values, way: tuple[str, str]) -> Unrelated:
    names = [identity[0] for identity in table.identities]
    return replace(table, scores=_normalised(table.scores, names, levels, way), _sorted={})


def _change(pairs: PairSet, cases: fitting.Cases, llrs: Values, before: Values) -> list[float]:
    def cost(weights: Values) -> float:
        h1, h2 = cases.derived, ~cases.derived
        now, then = (cllr(v[h1], v[h2], (weights[h1], weights[h2])) for v in (llrs, before))
        return now - then

    return evaluate_calibration.interval(pairs, cases, np.ones(len(llrs), np.bool_), cost)


def _search(pairs: PairSet, table: Unrelated, measured: Path, folder: Path) -> dict[str, Any]:
    searched = Searched.of(pairs, measured, folder)
    found = searched.placed(fitting.ranked(pairs, table))
    return figures_of(found, searched.truth, range(len(found)), SEED)


if __name__ == "__main__":
    sys.exit(main())
