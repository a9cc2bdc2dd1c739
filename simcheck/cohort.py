"""Where the shipped cohort lies: ``simcheck/reference`` in a wheel, ``index/reference`` in a checkout."""

from __future__ import annotations

from pathlib import Path

from simcheck.errors import StoreMissing

__all__ = ["reference_folder"]


def reference_folder() -> Path:
    """The folder of the shipped cohort, in the index format (``index/README.md``). simcheck only reads it.

    Raises StoreMissing when this copy of simcheck has none.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "reference", package.parent / "index" / "reference"):
        if folder.is_dir():
            return folder
    raise StoreMissing(
        f"the cohort that ships with simcheck is missing from {package}: this copy is incomplete. "
        "Install simcheck again."
    )
