"""The one door through which the command line speaks: nothing else in ``cli/`` prints (tested).

Names of files, indexes, marks and cohorts may hold anything. Here all that steers a terminal, turns the text around it
or cannot be seen is spelt out; in JSON it is an escape, and reads back as it was.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from rich.console import Console

from simcheck.errors import ReportError
from simcheck.reporting.words.plain import json_text
from simcheck.reporting.words.words import visible

__all__ = ["Door"]

_PLAIN_QUOTES = str.maketrans("“”‘’", "\"\"''")


class Door:
    """Results go to standard output; what is said beside them (progress, notes, errors) to standard error."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
        """Standard error. For progress, which is drawn around what is said there; it is given no foreign text."""

    def result(self, text: str) -> None:
        """Lines of a result. A name in it that may hold the end of a line must be `visible` already."""
        text = "\n".join(visible(line) for line in text.split("\n"))
        _print(text if _unicode() else text.translate(_PLAIN_QUOTES))

    def json(self, document: Any) -> None:
        _print(json_text(document, ascii_only=not _unicode()))

    def aside(self, line: str) -> None:
        """One line, whatever is in it."""
        self.console.print(visible(line))


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError as error:
        # Python would fail again at its end over what is still to be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # as in `simcheck ... | head`: the reader has seen enough
            raise ReportError(
                f"The result could not be printed ({error.strerror}). Send standard output elsewhere."
            ) from error


def _unicode() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or ""  # there is no standard output at all under pythonw
    return encoding.lower().replace("-", "") == "utf8"
