"""Run the command line inside the test's own process, with its own standard streams."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simcheck.cli import main

__all__ = ["Outcome", "simcheck"]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output must be one JSON document, to the last character."""
        return json.loads(self.out)


def simcheck(*arguments: str | Path, encoding: str = "utf-8", offline: bool = True) -> Outcome:
    """``simcheck ARGUMENTS``, never touching the network (but for ``offline=False``), for a terminal that speaks
    ``encoding``."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="") for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["simcheck", *map(str, arguments)])
        if offline:
            patch.setenv("SIMCHECK_OFFLINE", "1")
        with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
            try:
                main()
                code: object = 0
            except SystemExit as stop:
                code = stop.code
    told = []
    for stream in streams:
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        told.append(stream.buffer.getvalue().decode(encoding))
    assert code is None or isinstance(code, int), code
    return Outcome(code or 0, *told)
