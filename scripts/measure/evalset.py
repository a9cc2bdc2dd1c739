"""The evaluation set as the scripts that measure read it: its tables, its pictures, and the artists kept for
testing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from simcheck.images import Reader
from simcheck.records import Picture, Pixels
from simcheck.shipped import reference_folder

__all__ = ["Row", "decoded", "read_table", "unseen_cohort"]

Row = dict[str, str]


def read_table(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unseen_cohort(folder: Path, seed: int) -> list[str]:
    """Cohort works by the artists that the shipped table of unrelated pairs leaves out, in a fixed random order."""
    about = json.loads((reference_folder() / "unrelated_pairs.json").read_text(encoding="utf-8"))
    files = [r["file"] for r in read_table(folder / "cohort.csv") if r["artist_or_style"] in about["hands_kept_out"]]
    return [files[int(i)] for i in np.random.default_rng(seed).permutation(len(files))]


def decoded(folder: Path, files: Iterable[str]) -> dict[str, Pixels]:
    """By name, in order. Ends the script when one cannot be read: a figure is of as many pictures as it says."""
    wanted = list(dict.fromkeys(files))
    with Reader() as reader:
        read = {str(p.relative_to(folder)): found for p, found in reader.read_all(folder / file for file in wanted)}
    skipped = [file for file in wanted if not isinstance(read[file], Picture)]
    if skipped:
        raise SystemExit(f"cannot be read: {skipped}")
    return {file: found.pixels for file in wanted if isinstance(found := read[file], Picture)}
