"""Make the small index that tests open for ever: tests/golden/index_v<format>.

    python scripts/build/golden_index.py

One is made for each format version, once: it refuses to replace one, since an index that is made anew proves nothing
about those that people made with earlier releases. What is in it is spelt out in tests/store/test_index_format.py.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import sys
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from simcheck.records import Description, Descriptor, FileFacts, Region, SignalIdentity
from simcheck.records.marks import MarkPlace
from simcheck.store import FORMAT_VERSION, FileState, RunOutcome, Store, StoredFile

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"
ROOT, OTHER_ROOT = Path("/art"), Path("/画")
ID = "00000000-0000-4000-8000-000000000000"
MADE = "2026-01-02T03:04:05+00:00"
WHOLE, CORNER = Region(0, (0.0, 0.0, 1.0, 1.0)), Region(1, (0.0, 0.25, 0.5, 0.75))

HASH = SignalIdentity("golden_hash", 1, params='{"least_quality":50}', libraries='{"pdqhash":"0.2.8"}')
NETWORK = SignalIdentity("golden_network", 3, weights="ab" * 32, preprocessing='{"size":224}')

PICTURE = b"a picture of a mark: the store does not look into it"


def make(folder: Path) -> None:
    """The index, as `Store` writes it, with its id and times fixed."""
    with (
        mock.patch("simcheck.store.schema.now", return_value=MADE),
        mock.patch("simcheck.store.batch.now", return_value=MADE),
        mock.patch("uuid.uuid4", return_value=uuid.UUID(ID)),
    ):
        _write(folder)
    (folder / "writer.lock").unlink()
    with closing(sqlite3.connect(folder / "index.sqlite3")) as rows, rows:
        rows.execute("UPDATE runs SET environment = '{}'")


def _write(folder: Path) -> None:
    with Store.open(folder, write=True, create=True, name="golden 金") as store:
        with store.batch() as batch:
            run = batch.start_run(["simcheck", "index", "/art"])
            first = batch.put_work(FileFacts("01" * 32, 1001, "PNG", "RGBA", 640, 480, 1, "pillow 12", ("oriented:6",)))
            second = batch.put_work(FileFacts("02" * 32, 1002, "JPEG", "L", 1, 1, 1, "pillow 12"))
            file = StoredFile(ROOT, Path("one.png"), 1001, 1_600_000_000_000_000_001, FileState.OK, run, "0.1.0", first)
            not_unicode = Path(os.fsdecode(b"caf\xe9/\xe7\x94\xbb.jpg"))
            batch.put_file(replace(file, ctime_ns=1_600_000_000_000_000_002, file_id=2**64 + 7, mounted=True))
            batch.put_file(replace(file, root=OTHER_ROOT, relative=not_unicode, size_bytes=1002, work_id=second))
            batch.put_file(replace(file, relative=Path("gone.png"), state=FileState.MISSING, mtime_ns=5))
            bad = replace(file, relative=Path("bad.png"), state=FileState.SKIPPED, work_id=None)
            batch.put_file(replace(bad, code="damaged", reason="the PNG is damaged"))
            values = np.arange(66).reshape(2, 33).astype(np.uint8)
            batch.put_description(first, HASH, Description((WHOLE,), (Descriptor(values),), 640, 480))
            little = Descriptor.abstain("little_detail")
            batch.put_description(second, HASH, Description((WHOLE,), (little,), 1, 1))
            halves = np.array([[0.5, -0.25, 65504.0, 6e-08]], np.float16)
            both = (Descriptor(halves), Descriptor(-halves))
            batch.put_description(first, NETWORK, Description((WHOLE, CORNER), both, 640, 480))
            batch.put_failure(second, NETWORK, "out of memory", run)
            mark = batch.put_mark("seal 印", hashlib.sha256(PICTURE).hexdigest(), PICTURE, "given")
            batch.put_mark_place(mark, first, 1, 0.875, MarkPlace((0.125, 0.25, 0.5, 0.75), 90.0, True, 0.875))
            batch.put_mark_place(mark, second, 1, 0.25, None)
            batch.finish_run(run, RunOutcome.DONE, {"new": 2})
        store.pack()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    folder = GOLDEN / f"index_v{FORMAT_VERSION}"
    if folder.exists():
        sys.stderr.write(f"{folder} is there and stays as it is; a new one comes with a new format version.\n")
        return 1
    make(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
