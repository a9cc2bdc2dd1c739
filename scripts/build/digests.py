"""State the digests of the files that ship in ``index/reference`` anew: SHA256SUMS.

    python scripts/build/digests.py

The scripts that make those files do so themselves. This one is for when a file was exchanged by hand, or two branches
were joined.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from simcheck.shipped import DIGESTS, write_digests

REFERENCE = Path(__file__).resolve().parents[2] / "index" / "reference"


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    write_digests(REFERENCE)
    print((REFERENCE / DIGESTS).read_text(encoding="ascii"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
