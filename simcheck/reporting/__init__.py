"""The report: a document (``report.json``), and one self-contained HTML page that is a pure view of it.

Loaded when it is used: the command line says its version with nothing but the words in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcheck.reporting.document.schema import SCHEMA, load, schema, validate
    from simcheck.reporting.page.page import Language, Paths, render_html, write
    from simcheck.reporting.page.pictures import Absent, PictureSource

__all__ = [
    "SCHEMA",
    "Absent",
    "Language",
    "Paths",
    "PictureSource",
    "load",
    "render_html",
    "schema",
    "validate",
    "write",
]

_DOCUMENT = {"SCHEMA", "load", "schema", "validate"}
_PICTURES = {"Absent", "PictureSource"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    place = "document.schema" if name in _DOCUMENT else "page.pictures" if name in _PICTURES else "page.page"
    found = getattr(import_module(f"{__name__}.{place}"), name)
    globals()[name] = found
    return found
