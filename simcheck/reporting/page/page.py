"""report.json -> one self-contained HTML file: no request leaves it, no script but its own runs in it."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from markupsafe import Markup

from simcheck.errors import ReportError
from simcheck.images import Reader
from simcheck.reporting.document.schema import read_bounded, validate
from simcheck.reporting.figures.likelihood import HATCH
from simcheck.reporting.page.pictures import Absent, PictureBook, PictureSource
from simcheck.reporting.page.plan import plan
from simcheck.reporting.page.signal_rows import english, reason
from simcheck.reporting.page.view import FILES, settings, view
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.plain import json_text
from simcheck.reporting.words.words import LANGUAGES, Words, code, file_name, visible
from simcheck.system.writing import replace_file

__all__ = ["HTML", "JSON", "Language", "Paths", "render_html", "write"]

Language = Literal["en", "zh", "both"]
JSON, HTML = "report.json", "report.html"
FIRST_PAGE = 2
"""Suspects that are told one by one on the first page; more are counted there, and listed after it."""
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a report was written."""

    json: Path
    html: Path
    absent: tuple[tuple[str, Absent], ...] = ()
    """Pictures that the page does not show: the name of each, and why."""


def render_html(document: Mapping[str, Any], pictures: PictureSource, lang: Language = "en") -> str:
    """The page for a report document, in English, Chinese, or both with a toggle. Raises ReportError."""
    return _render(document, pictures, lang)[0]


def _render(document: Mapping[str, Any], pictures: PictureSource, lang: Language) -> tuple[str, PictureBook]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    validate(document)
    if lang not in ("en", "zh", "both"):
        raise ReportError(f"A report can be written in en, zh or both, not in {lang!r}.")
    words = Words(tuple(LANGUAGES) if lang == "both" else (lang,))
    phrases = Phrases(words)
    planned = plan(document["queries"])
    with ExitStack() as opened:
        # a source that reads files has decoding processes already; else one starts where there is a mark to unpack
        decoder = getattr(pictures, "decoder", None) or opened.enter_context(Reader(workers=1))
        book = PictureBook(pictures, planned.edge, decoder)
        shown = view(document, planned, book, phrases)

    # the style is known by its digest, so the report's id can stand in it and on every printed page
    style = _asset("report.css").replace("REPORT_ID", document["id"])
    script = _asset("report.js")
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(visible=visible, file_name=file_name, code=code, english=english, settings=settings)
    html = environment.get_template("page.html").render(
        t=words,
        phrases=phrases,
        reason=lambda raw: reason(raw, phrases),
        when=datetime.fromisoformat,
        languages={code: LANGUAGES[code] for code in words.languages},
        document=document,
        command=shlex.join(document["command"]),
        view=shown,
        most_files=FILES,
        most_on_first_page=FIRST_PAGE,
        symbols=book.symbols,
        hatch=Markup(HATCH),  # noqa: S704  # our own text
        style=Markup(style),  # noqa: S704  # our own file and a checked UUID
        script=Markup(script),  # noqa: S704  # our own file
        policy=(
            "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
            f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
        ),
    )
    return html, book


def write(document: Mapping[str, Any], folder: Path, lang: Language, pictures: PictureSource) -> Paths:
    """Write ``report.json`` and ``report.html`` into ``folder``, each whole or not at all. Raises ReportError.

    A ``report.json`` that holds this very document already is left as it is, byte for byte: others may have its digest.
    """
    html, book = _render(document, pictures, lang)
    paths = Paths(folder / JSON, folder / HTML, tuple(book.absent.values()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _holds(paths.json, document):
            replace_file(paths.json, json_text(document).encode("utf-8") + b"\n")
        replace_file(paths.html, html.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ReportError(
            f"The report cannot be written to {folder} ({error.strerror}). "
            "Free some space or name another folder with --out."
        ) from error
    return paths


def _holds(path: Path, document: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(read_bounded(path)) == document)
    except (OSError, ValueError, RecursionError):
        return False  # none is there, or it is replaced


def _asset(name: str) -> str:
    return (HERE / "templates" / name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
