"""The report: a document (``report.json``), and one self-contained HTML page that is a pure view of it."""

from __future__ import annotations

from simcheck.report.page import Language, Paths, render_html, write
from simcheck.report.pictures import PictureSource
from simcheck.report.schema import SCHEMA, load, schema, validate

__all__ = ["SCHEMA", "Language", "Paths", "PictureSource", "load", "render_html", "schema", "validate", "write"]
