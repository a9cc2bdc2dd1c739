"""Make the cohort that ships: ``index/reference/index.sqlite3`` and ``works.json``.

    python scripts/build/reference.py --set ../shared/evalset
    python scripts/build/reference.py --format

An ordinary index (``index/README.md``) of the works in ``cohort.csv``, at most twenty by one artist, but for the
artists that ``unrelated_pairs.json`` keeps out for tests, with the signals of `line_up.described_with`. No picture is
written, and nothing from which one could be made again. ``works.json`` says of each work whose it is, under which
licence, and where it comes from. The same pictures, code and libraries give the same bytes. Runs on the CPU.
``--format`` describes nothing: it brings the index that is there to the present format.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scripts.measure import machine
from scripts.measure.evalset import Row, read_table
from simcheck.cohort.line_up import WORKS, described_with
from simcheck.cohort.style import MOST_WORKS
from simcheck.images import Reader
from simcheck.indexing.portfolio import index_portfolio
from simcheck.records import Silent
from simcheck.shipped import reference_folder, write_digests
from simcheck.signals import load
from simcheck.signals.base import Signal
from simcheck.store import FORMAT_VERSION, Store
from simcheck.store.folder import FILE_NAME
from simcheck.store.schema import seal_meta
from simcheck.system.writing import replace_file

NAME = "simcheck cohort 1"
ROOT = Path("cohort")
"""What the root is called in the index: the folder of this computer is nobody's business."""
MADE = "2026-11-24T00:00:00+00:00"
"""Stands for every time, so that an index made again differs only where its works or descriptors do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--set", type=Path, help="folder of the evaluation set (holds cohort.csv)")
    which.add_argument("--format", action="store_true", help="only bring the index to the present format")
    parser.add_argument("--to", type=Path, default=reference_folder(), help="folder to write into")
    arguments = parser.parse_args()
    machine.committed(apart_from=("index/reference",))
    if arguments.format:
        return _to_present_format(arguments.to)
    source: Path = arguments.set
    target: Path = arguments.to
    kept_out = json.loads((reference_folder() / "unrelated_pairs.json").read_text(encoding="utf-8"))["hands_kept_out"]
    rows = _few_of_each([r for r in read_table(source / "cohort.csv") if r["artist_or_style"] not in kept_out], source)
    with tempfile.TemporaryDirectory(prefix="simcheck-reference-") as folder:
        pictures, index = Path(folder).resolve() / ROOT, Path(folder).resolve() / "index"
        works = [_work(row, _copied(source / row["file"], pictures.parent / row["file"])) for row in rows]
        _describe(pictures, index, len(works))
        _settle(index, machine.digest_of([source / "cohort.csv"]))
        replace_file(target / FILE_NAME, (index / FILE_NAME).read_bytes())
    document = {
        "name": NAME,
        "script": "scripts/build/reference.py",
        "data_digest": machine.digest_of([source / "cohort.csv"]),
        "hands_kept_out": kept_out,
        "works": sorted(works, key=lambda work: str(work["path"])),
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    replace_file(target / WORKS, text.encode())
    write_digests(target)
    artists = len({work["hand"] for work in works})
    size = (target / FILE_NAME).stat().st_size
    print(f"{len(works)} works of {artists} hands, {size / 1e6:.1f} MB -> {target}; kept out: {len(kept_out)} hands")
    return 0


def _to_present_format(target: Path) -> int:
    """Through the same steps as the index of a person, in a copy; no descriptor changes."""
    with tempfile.TemporaryDirectory(prefix="simcheck-reference-") as folder:
        shutil.copyfile(target / FILE_NAME, Path(folder) / FILE_NAME)
        with Store.open(Path(folder), write=True) as store:
            store.pack()
        with closing(sqlite3.connect(Path(folder) / FILE_NAME)) as rows, rows:
            rows.execute("UPDATE meta SET updated = ?", (MADE,))
        with Store.open(Path(folder), write=True) as store:
            store.pack()
        replace_file(target / FILE_NAME, (Path(folder) / FILE_NAME).read_bytes())
    write_digests(target)
    print(f"format {FORMAT_VERSION}, {(target / FILE_NAME).stat().st_size / 1e6:.1f} MB -> {target}")
    return 0


def _few_of_each(rows: Sequence[Row], source: Path) -> list[Row]:
    """Of each artist those works that come first by the SHA-256 of their bytes, which says nothing of what they
    show."""
    digests = {row["file"]: hashlib.sha256((source / row["file"]).read_bytes()).hexdigest() for row in rows}
    of_hand: dict[tuple[str, str], int] = {}
    kept = []
    for row in sorted(rows, key=lambda row: digests[row["file"]]):
        artist = (row["artist_or_style"], row["tradition"])
        of_hand[artist] = of_hand.get(artist, 0) + 1
        if of_hand[artist] <= MOST_WORKS:
            kept.append(row)
    return sorted(kept, key=lambda row: row["file"])


def _copied(source: Path, copy: Path) -> str:
    """Copy a picture with a date that is the same on every computer. Returns the SHA-256 of its bytes."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, copy)
    os.utime(copy, ns=(0, 0))
    return hashlib.sha256(copy.read_bytes()).hexdigest()


def _work(row: Row, sha256: str) -> dict[str, object]:
    """``sha256`` is that of the bytes described, ``source.sha256`` of those that the named repository holds."""
    return {
        "sha256": sha256,
        "path": Path(row["file"]).relative_to(ROOT).as_posix(),
        "hand": row["artist_or_style"],
        "tradition": row["tradition"],
        "licence": row["licence"],
        "attribution": row["attribution"],
        "source": {
            "repo": row["repo"],
            "commit": row["commit"],
            "path": row["path_in_repo"],
            "sha256": row["sha256"],
        },
    }


def _describe(pictures: Path, index: Path, works: int) -> None:
    signals: Sequence[Signal] = [kind() for kind in load(described_with(own=False)).values()]
    with Store.open(index, write=True, create=True, name=NAME) as store, Reader() as reader:
        result = index_portfolio(
            store, [pictures], signals, reader, Silent(), command=["python", "scripts/build/reference.py"]
        )
        if result.new != works or result.failed:
            raise SystemExit(f"{result.new} of {works} works described; {result.failed} {result.skipped[:3]}")
        with store.batch() as batch:
            batch.rename_root(pictures, ROOT)
            for file in list(store.files()):  # the times and numbers of the files of this computer
                batch.put_file(replace(file, ctime_ns=None, file_id=None, mounted=False))


def _settle(index: Path, digest: str) -> None:
    """Fix what differs from run to run, and pack it into one file."""
    with closing(sqlite3.connect(index / FILE_NAME)) as rows, rows:
        cohort_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"simcheck:cohort:{digest}"))
        rows.execute("UPDATE meta SET id = ?, created = ?, updated = ?", (cohort_id, MADE, MADE))
        seal_meta(rows)
        rows.execute("UPDATE runs SET started = ?, finished = ?, environment = '{}'", (MADE, MADE))
    with Store.open(index, write=True) as store:
        store.pack()


if __name__ == "__main__":
    sys.exit(main())
