"""The report: a document (``report.json``), and one self-contained HTML page that is a pure view of it."""

from __future__ import annotations

from simcheck.reporting.document.schema import SCHEMA, load, schema, validate
from simcheck.reporting.page.page import Language, Paths, render_html, write
from simcheck.reporting.page.pictures import PictureSource

__all__ = ["SCHEMA", "Language", "Paths", "PictureSource", "load", "render_html", "schema", "validate", "write"]
