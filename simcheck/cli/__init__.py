"""The command line: parse, call, print. The only module that prints or exits."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simcheck.cli.calibrate import calibrate_command
from simcheck.cli.cohort import cohort_app
from simcheck.cli.marks import marks_app
from simcheck.cli.models import models_app
from simcheck.cli.options import (
    FoldersArgument,
    IndexOption,
    JsonOption,
    Lang,
    LangOption,
    ModelOption,
    NameOption,
    OfflineOption,
    OnlyOption,
    OpenOption,
    OutOption,
    QuietOption,
    SuspectsArgument,
    WithoutOption,
    command_line,
    start,
)
from simcheck.errors import SimcheckError, UsageError

if TYPE_CHECKING:
    from simcheck.cli.terminal import Terminal
    from simcheck.images import Reader
    from simcheck.pipeline import Choice
    from simcheck.pipeline.configuration import Configuration

__all__ = ["app", "main"]

app = typer.Typer(
    name="simcheck",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find out which of your works a picture resembles, and show others why. Everything stays on this computer.",
    epilog="Exit codes: 0 done; 2 wrong usage; 3 something at or above --fail-at was found; 4 no picture could be "
    "read; 5 index missing or damaged; 6 index in use; 7 network weights; 8 a signal failed; 9 report; "
    "130 interrupted",
)
app.command("calibrate")(calibrate_command)
app.add_typer(models_app, name="models")
app.add_typer(marks_app, name="marks")
app.add_typer(cohort_app, name="cohort")


def _version(wanted: bool) -> None:
    if wanted:
        from simcheck import __version__

        typer.echo(f"simcheck {__version__}")
        raise typer.Exit


@app.callback()
def _simcheck(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


@app.command()
def index(
    folders: FoldersArgument,
    index: IndexOption = None,
    name: NameOption = None,
    prune: Annotated[bool, typer.Option("--prune", help="Forget works whose files are gone.")] = False,
    emptied: Annotated[
        list[Path] | None,
        typer.Option(
            "--emptied",
            help="With --prune: this folder is empty, or gone, because you deleted its pictures; it does not belong to "
            "a drive that is not connected (may be repeated).",
            readable=False,
        ),
    ] = None,
    signal: OnlyOption = None,
    without: WithoutOption = None,
    model: ModelOption = None,
    offline: OfflineOption = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another simcheck that writes.", min=0)] = 600,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Describe a portfolio, once; again after new works: only the new ones."""
    from simcheck import pipeline
    from simcheck.cli.indexed import compare_command, index_document, show_indexed
    from simcheck.pipeline.configuration import index_for, options_for

    if emptied and not prune:
        raise UsageError("--emptied says what --prune may forget; add --prune.")
    stored = "Interrupted. The works that were finished are stored; the same command goes on from there."
    configuration, terminal = start(quiet or json, stored)
    path, called = index_for(index, name, configuration.index, folders)
    with terminal:
        result = pipeline.index(
            folders,
            path,
            name=called,
            choice=_choice(configuration, signal, without, model, offline),
            prune=prune,
            emptied=emptied or (),
            wait_seconds=wait,
            command=command_line(),
            watcher=terminal,
        )
    if json:
        terminal.json(index_document(result, path, called))
    else:
        then = compare_command(options_for(path, called, configuration.index))
        show_indexed(terminal, result, path, called, then=then)


@app.command()
def compare(
    suspects: SuspectsArgument,
    index: IndexOption = None,
    name: NameOption = None,
    originals: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Compare with this picture, not an index (may be repeated).", readable=False),
    ] = None,
    out: OutOption = None,
    lang: LangOption = None,
    open_page: OpenOption = False,
    fail_at: Annotated[
        str | None,
        typer.Option(
            "--fail-at",
            help="Exit with 3 for this log10 likelihood ratio (its cautious end) or more, or this type (edited_copy, "
            "say) or a stronger one.",
        ),
    ] = None,
    panels: Annotated[bool, typer.Option(help="Look for pictures within a screenshot or a collage.")] = True,
    calibration: Annotated[
        Path | None,
        typer.Option(help="A calibration of your own (also SIMCHECK_CALIBRATION).", show_default=False, readable=False),
    ] = None,
    candidates: Annotated[int, typer.Option(help="Works per suspect that every signal compares.", min=1)] = 48,
    signal: OnlyOption = None,
    without: WithoutOption = None,
    model: ModelOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare suspects with a portfolio: prints what was found, and writes a report."""
    from simcheck.cli.threshold import Threshold
    from simcheck.pipeline.comparing import results, run_of, suspects_in
    from simcheck.pipeline.configuration import existing_index, own_cohorts
    from simcheck.pipeline.session import Session
    from simcheck.reporting.document.document import to_document
    from simcheck.reporting.page.disk import report_folder

    configuration, terminal = start(quiet or json, "Interrupted. No report was written.")
    threshold = Threshold.parse(fail_at) if fail_at is not None else None
    if originals and (index or name):
        raise UsageError("--with names the pictures to compare with; leave out --index and --name.")
    folder = report_folder(out) if out or not json else None
    choice = _choice(configuration, signal, without, model, offline)
    choice = replace(choice, panels=panels, calibration=calibration or configuration.calibration)
    cohorts = own_cohorts()
    found = suspects_in(suspects)
    with terminal:
        if originals:
            opened = Session.of_pictures(originals, choice=choice, cohorts=cohorts, watcher=terminal)
        else:
            path = existing_index(index, name, configuration.index)
            opened = Session.open(path, choice=choice, candidates=candidates, cohorts=cohorts, watcher=terminal)
        with opened as session:
            if threshold:
                threshold.check(session.scale)
            run = run_of(session, results(session, found, terminal), command_line(), terminal, partial=True)
            document = to_document(run)
            page = None
            if folder:
                page = _write_report(document, folder, lang or configuration.lang, terminal, session.reader)
    if page and open_page:
        typer.launch(page.as_uri())
    if json:
        terminal.json(document)
    elif page:
        terminal.compared(run, page)
    if run.interrupted:
        raise typer.Exit(130)
    if threshold and any(threshold.reached(finding) for query in run.queries for finding in query.findings):
        raise typer.Exit(3)


@app.command()
def report(
    document: Annotated[Path, typer.Argument(help="A report.json that `simcheck compare` wrote.", readable=False)],
    out: OutOption = None,
    lang: LangOption = None,
    open_page: OpenOption = False,
) -> None:
    """Make the report page again from its report.json, in another language for instance."""
    from simcheck.reporting import load

    configuration, terminal = start(False)
    if document.is_dir():
        document = document / "report.json"
    with terminal:
        page = _write_report(load(document), out or document.absolute().parent, lang or configuration.lang, terminal)
    terminal.say(f"Report: {page}")
    if open_page:
        typer.launch(page.as_uri())


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to put the sample; it is made if it is not there.", show_default=True)
    ] = Path("simcheck-demo"),
    lang: LangOption = None,
    open_page: OpenOption = True,
    offline: OfflineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy a sample portfolio and suspects, index, compare and open the report. Needs no network."""
    from simcheck import demo as sample
    from simcheck import pipeline
    from simcheck.cli.indexed import show_indexed
    from simcheck.reporting.document.document import to_document

    configuration, terminal = start(quiet)
    terminal.say(f"Copying invented works into {folder} …")
    copied = sample.copy_into(folder)
    choice = _choice(configuration, None, None, None, offline)
    with terminal:
        path = folder / "index"
        result = pipeline.index(
            [copied.portfolio], path, name="sample", choice=choice, command=command_line(), watcher=terminal
        )
        run = pipeline.compare([copied.suspects], path, choice=choice, command=command_line(), watcher=terminal)
        page = _write_report(to_document(run), folder / "report", lang or configuration.lang, terminal)
    show_indexed(terminal, result, path, "sample")
    terminal.compared(run, page)
    if open_page:
        typer.launch(page.as_uri())


def _choice(
    configuration: Configuration, only: list[str] | None, without: list[str] | None, model: str | None, offline: bool
) -> Choice:
    from simcheck.models import choose, is_offline
    from simcheck.pipeline import Choice

    choose(model, configuration.model)  # a slip in a network's name is told even where clip has no part
    return Choice(
        tuple(only or ()),
        tuple(without or ()),
        model or configuration.model,
        is_offline(offline or configuration.offline),
        configuration.keypoints,
        configuration.tokens,
    )


def _write_report(
    document: dict[str, Any], folder: Path, lang: Lang, terminal: Terminal, reader: Reader | None = None
) -> Path:
    from simcheck.reporting import write
    from simcheck.reporting.page.disk import pictures_on_disk

    with pictures_on_disk(reader, terminal) as pictures:
        return write(document, folder, lang, pictures).html.absolute()


def main() -> None:
    """Entry point. Every error of the tree in ``errors.py`` ends here, as one message and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # file names may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SimcheckError as error:
        from simcheck.cli.speaking import printable

        print(f"simcheck: {printable(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:  # before Typer, which else turns it into the same exit code, is ready
        sys.exit(130)
