"""The development pairs as a search: every derived picture against all sources and portfolio works."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.measure.evalset import read_table
from simcheck.scoring.calibrate import PairSet

__all__ = ["Searched"]


@dataclass(frozen=True, slots=True)
class Searched:
    queries: list[str]
    references: list[str]
    truth: list[list[int]]
    """For each query the places of its sources among the references."""
    cells: list[tuple[int, int, int]]
    """Number of a measured pair, place of its query, place of its reference."""

    @classmethod
    def of(cls, pairs: PairSet, measured: Path, folder: Path) -> Searched:
        """``pairs`` as `scripts.build.calibration.read` made them of ``measured``."""
        content = json.loads(gzip.decompress((measured / "development.json.gz").read_bytes()))
        found = [q for q in content["queries"] if q["kind"] == "derived"]
        rows = read_table(folder / "pairs.csv")
        artists = [r["file"] for r in read_table(folder / "portfolios.csv")]
        references = list(dict.fromkeys([*(r["source_file"] for r in rows), *artists]))
        column = {file: j for j, file in enumerate(references)}
        queries = [q["source"] for q in found]
        truth = [[column[r["source_file"]] for r in rows if r["derived_file"] == query] for query in queries]
        number_of = {(s.kind, s.source): n for n, s in enumerate(pairs.suspects)}
        cells = []
        for i, query in enumerate(found):
            own = np.nonzero(pairs.owner == number_of["derived", query["source"]])[0]
            cells += [
                (int(row), i, column[finding["file"]]) for row, finding in zip(own, query["findings"], strict=True)
            ]
        return cls(queries, references, truth, cells)

    def placed(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """(queries, references) of one value for each measured pair; -inf where two were not compared."""
        table = np.full((len(self.queries), len(self.references)), -np.inf)
        for row, i, j in self.cells:
            table[i, j] = values[row]
        return table
