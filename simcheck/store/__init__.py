"""The on-disk index of a portfolio. SQLite is the truth; everything else in the folder is derived from it.

`Store` reads; `Store.batch` gives a `Batch`, which writes: all of it or, when the program is killed, nothing of it.
The format is described, key by key, in ``index/README.md`` of the source tree.
"""

from __future__ import annotations

from simcheck.store.batch import Batch
from simcheck.store.connection import ANEW, REPAIR
from simcheck.store.packing import identity_digest
from simcheck.store.rows import FileState, RunOutcome, StoredFile
from simcheck.store.schema import FORMAT_VERSION
from simcheck.store.store import Store

__all__ = [
    "ANEW",
    "FORMAT_VERSION",
    "REPAIR",
    "Batch",
    "FileState",
    "RunOutcome",
    "Store",
    "StoredFile",
    "identity_digest",
]
