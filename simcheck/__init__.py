"""simcheck: evidence that others can check of how a picture resembles an artist's works.

    simcheck.index("my_art")                  describe a portfolio, once
    run = simcheck.compare("suspect.png")     score a suspect against it
    simcheck.report(run, "evidence")          write report.json and report.html

See `simcheck.api`. Nothing is loaded before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcheck.api import Choice, IndexResult, Paths, Run, Session, compare, index, report
    from simcheck.errors import SimcheckError

__all__ = [
    "Choice",
    "IndexResult",
    "Paths",
    "Run",
    "Session",
    "SimcheckError",
    "__version__",
    "compare",
    "index",
    "report",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module("simcheck.errors" if name == "SimcheckError" else "simcheck.api"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
