"""Where a report lies, and its pictures, read again from where it says that they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from simcheck.errors import PictureError, ReportError
from simcheck.images import Reader
from simcheck.records import Pixels, Silent, Watcher
from simcheck.reporting.page.pictures import PictureSource

__all__ = ["pictures_on_disk", "report_folder"]

_ESCAPED = re.compile(r"\\u(dc[89a-f][0-9a-f])")
"""How a report document spells a byte of a file name that is not UTF-8."""


@contextmanager
def pictures_on_disk(reader: Reader | None = None, watcher: Watcher | None = None) -> Iterator[PictureSource]:
    """Reads the pictures that a report names: None for a file that is gone or whose bytes have changed.

    By the decoding processes of ``reader`` where some are running; ``watcher`` sees how many were read.
    """
    watcher = watcher or Silent()
    count = 0
    watcher.progress("pictures of the report", 0, None)
    with ExitStack() as stack:
        reader = reader or stack.enter_context(Reader())

        def read(path: str, sha256: str) -> Pixels | None:
            nonlocal count
            count += 1
            watcher.progress("pictures of the report", count, None)
            # A name may also hold a backslash and these letters; the digest tells which of the two is meant.
            for name in dict.fromkeys((path, _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), path))):
                try:
                    picture = reader.read(Path(name))
                except PictureError:
                    continue
                if picture.facts.sha256 == sha256:
                    return picture.pixels
            return None

        yield read
    watcher.progress("pictures of the report", count, count)


def report_folder(out: Path | None) -> Path:
    """Where a report will lie: ``out``, or a folder with the time in its name. Asked before the work, which may take
    hours. Raises ReportError when nothing can be written there."""
    folder = out or Path(f"simcheck-report-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        why = "you may not write to" if there.is_dir() else "this is not a folder:"
        raise ReportError(f"The report cannot be written to {folder}: {why} {there}. Name another folder with --out.")
    return folder
