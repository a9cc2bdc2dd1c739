"""Paint the sample of ``simcheck demo`` anew: ``simcheck/demo/sample/`` and ``simcheck/demo/sample.json``.

    python scripts/build/paint_sample.py

``sample.json`` says which seed, libraries and kind of processor painted it, and holds the SHA-256 of every file. The
same libraries on the same kind of processor paint the same bytes; others may round a colour otherwise. A release does
not need it: run it when the painter (``scripts/build/sample/``) was changed, and commit all that it writes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

import simcheck.demo
from scripts.build.sample import SEED, paint
from scripts.measure import machine
from simcheck.system.writing import replace_file

PLACE = Path(simcheck.demo.__file__).resolve().parent
SAMPLE, RECORD = PLACE / "sample", PLACE / "sample.json"
PAINTED_WITH = ("numpy", "opencv-python-headless", "pillow")


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    shutil.rmtree(SAMPLE, ignore_errors=True)
    files = paint(SAMPLE)
    facts = machine.facts()
    record = {
        "what": "the sample art of simcheck demo, painted by a program: no person's work is in it",
        "made_by": "scripts/build/paint_sample.py",
        "seed": SEED,
        "libraries": {name: facts["libraries"][name] for name in PAINTED_WITH},
        "system": facts["system"],
        "files": {p.as_posix(): hashlib.sha256((SAMPLE / p).read_bytes()).hexdigest() for p in files},
    }
    replace_file(RECORD, json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n")
    size = sum((SAMPLE / p).stat().st_size for p in files)
    print(f"{len(files)} files, {size / 2**20:.1f} MiB in {SAMPLE.relative_to(PLACE.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
