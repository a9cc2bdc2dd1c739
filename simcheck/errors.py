"""Every error that simcheck raises on purpose, with its exit code.

    SimcheckError              1   anything below; a bare 1 is a bug in simcheck
    ├── UsageError             2   the command line, the configuration or an argument is wrong
    ├── PictureError           4   no picture could be read where one is needed
    ├── StoreError             5   the index is absent, damaged or cannot be written
    │   ├── StoreMissing       5
    │   ├── StoreTooNew        5   written by a later simcheck
    │   └── StoreBusy          6   another simcheck is writing to it
    ├── ModelError             7   network weights are absent, corrupt or of the wrong shape
    │   └── ModelUnreachable   7   the weights are not here and the hub cannot be reached (or --offline)
    ├── SignalError            8   a signal failed on a picture that was read
    └── ReportError            9   a report document is invalid or cannot be written

Exit code 0: done. 3: done, and something at or above ``--fail-at`` was found. 130: interrupted (Ctrl-C);
what was already stored is kept. Pictures that were skipped do not change the exit code; they are listed.

Each message says what happened, to which file, and what to do next. The command line catches this tree in
one place (``cli.main``); library code raises and never prints.
"""

from __future__ import annotations

__all__ = [
    "ModelError",
    "ModelUnreachable",
    "PictureError",
    "ReportError",
    "SignalError",
    "SimcheckError",
    "StoreBusy",
    "StoreError",
    "StoreMissing",
    "StoreTooNew",
    "UsageError",
]


class SimcheckError(Exception):
    """The root of the tree. ``str(error)`` is meant for the person at the keyboard."""

    exit_code = 1


class UsageError(SimcheckError):
    exit_code = 2


class PictureError(SimcheckError):
    """A picture could not be read. ``code`` is a stable word for machines, ``reason`` a sentence."""

    exit_code = 4

    def __init__(self, reason: str, code: str = "unreadable") -> None:
        super().__init__(reason)
        self.code = code

    def __reduce__(self) -> tuple[type[PictureError], tuple[str, str]]:
        return type(self), (str(self), self.code)  # keeps ``code`` on the way out of a decoding process


class StoreError(SimcheckError):
    exit_code = 5


class StoreMissing(StoreError):
    pass


class StoreTooNew(StoreError):
    pass


class StoreBusy(StoreError):
    exit_code = 6


class ModelError(SimcheckError):
    exit_code = 7


class ModelUnreachable(ModelError):
    pass


class SignalError(SimcheckError):
    exit_code = 8


class ReportError(SimcheckError):
    exit_code = 9
