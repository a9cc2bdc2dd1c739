"""Writing report pages, and ``simcheck report``: the page again from its report.json, one's own or somebody else's."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simcheck.cli.options import Lang, LangOption, OpenOption, OutOption, QuietOption, ReplaceOption, start

if TYPE_CHECKING:
    from simcheck.cli.terminal import Terminal
    from simcheck.images import Reader
    from simcheck.reporting import Paths

__all__ = ["DEMO", "demo_report", "note_report", "report_command", "write_report"]

DEMO = "sample"
"""Name of the demo's index."""

PicturesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--pictures",
        help="Folder in which to look for the report's pictures, whatever they are called there (may be repeated).",
        readable=False,
        show_default=False,
    ),
]


def report_command(
    document: Annotated[
        Path,
        typer.Argument(help="A report.json that `simcheck compare` wrote, or the folder it lies in.", readable=False),
    ],
    pictures: PicturesOption = None,
    out: OutOption = None,
    replace_report: ReplaceOption = False,
    lang: LangOption = None,
    open_page: OpenOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make the report page again from its report.json, in another language for instance.

    A report of this computer finds its pictures where it noted that they lie. For one from somebody else, name folders
    that hold its pictures with --pictures: no path that the report itself gives is opened.
    """
    from simcheck.errors import ReportError
    from simcheck.pipeline.configuration import indexes, report_notes
    from simcheck.reporting import load
    from simcheck.reporting.page.disk import report_folder
    from simcheck.reporting.page.places import places_known

    configuration, terminal = start(quiet)
    if document.is_dir():
        if not (document / "report.json").exists():
            raise ReportError(f"{document} holds no report.json. Name the folder that `simcheck compare` made.")
        document = document / "report.json"
    read, beside = load(document), document.absolute().parent
    folder = report_folder(out or beside, replace=replace_report, report_id=read["id"])
    known = places_known(read, report_notes(), indexes(configuration.index))
    with terminal:
        page = write_report(
            read, folder, lang or configuration.lang, terminal, known, folders=pictures or (), beside=beside
        )
    terminal.report_written(page.html)
    terminal.not_shown(page)
    if open_page:
        typer.launch(page.html.as_uri())


def write_report(
    document: Mapping[str, Any],
    folder: Path,
    lang: Lang,
    terminal: Terminal,
    known: Mapping[str, Sequence[Path]],
    *,
    folders: Sequence[Path] = (),
    beside: Path | None = None,
    reader: Reader | None = None,
) -> Paths:
    """Document and page, with pictures found as `pictures_on_disk` says; the paths from the top."""
    from simcheck.reporting import write
    from simcheck.reporting.page.disk import pictures_on_disk

    with pictures_on_disk(document, known, folders, beside, reader=reader, watcher=terminal) as pictures:
        page = write(document, folder, lang, pictures)
    return replace(page, json=page.json.absolute(), html=page.html.absolute())


def demo_report(folder: Path) -> Path:
    """Where the demo's report lies. One that it made before is made again; UsageError for anybody else's."""
    from simcheck.errors import ReportError
    from simcheck.reporting import load
    from simcheck.reporting.page.disk import report_folder

    target = folder / "report"
    earlier = None
    with contextlib.suppress(ReportError):  # none, or nothing that the demo wrote
        read = load(target / "report.json")
        earlier = read["id"] if read["index"] and read["index"]["name"] == DEMO else None
    return report_folder(target, report_id=earlier)


def note_report(document: Mapping[str, Any], places: Mapping[str, Sequence[Path]], terminal: Terminal) -> None:
    """Note where the pictures of a report lie, on this computer only, so that its page can be made again."""
    from simcheck.pipeline.configuration import report_notes
    from simcheck.records import Notice
    from simcheck.reporting.page.places import not_noted, note_places

    try:
        note_places(report_notes(), document["id"], places)
    except OSError as error:
        terminal.notice(Notice("places_not_noted", not_noted(report_notes(), error)))
