"""The command line: parse, call, print. The only module that prints or exits."""

from __future__ import annotations

import errno
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from simcheck.cli.calibrate import calibrate_command
from simcheck.cli.checked import check_only, take_out_damage
from simcheck.cli.cohort import cohort_app
from simcheck.cli.marks import marks_app
from simcheck.cli.models import models_app
from simcheck.cli.options import (
    CheckOption,
    EmptiedOption,
    FoldersArgument,
    FullPathsOption,
    IndexOption,
    JsonOption,
    LangOption,
    ModelOption,
    NameOption,
    OfflineOption,
    OnlyOption,
    OpenOption,
    OutOption,
    QuietOption,
    ReplaceOption,
    SelectedOption,
    SuspectsArgument,
    WithoutOption,
    command_line,
    start,
)
from simcheck.cli.reports import DEMO, demo_report, note_report, report_command, write_report
from simcheck.errors import SimcheckError, UsageError

if TYPE_CHECKING:
    from simcheck.pipeline import Choice
    from simcheck.pipeline.configuration import Configuration

__all__ = ["app", "main"]

CLICK_ERROR: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What Typer raises for a command line that it does not understand; where it lies differs from version to version."""


class _Commands(TyperGroup):
    """Leaves it to `main` to say what is wrong with a command line: what was typed goes through the door, too."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        return super().main(*args, **(kwargs | {"prog_name": "simcheck", "standalone_mode": False}))


app = typer.Typer(
    name="simcheck",
    cls=_Commands,
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
        from simcheck.cli.door import Door

        Door().result(f"simcheck {__version__}")
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
    folders: FoldersArgument = None,
    index: IndexOption = None,
    name: NameOption = None,
    prune: Annotated[bool, typer.Option("--prune", help="Forget works whose files are gone.")] = False,
    emptied: EmptiedOption = None,
    signal: OnlyOption = None,
    without: WithoutOption = None,
    model: ModelOption = None,
    offline: OfflineOption = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another simcheck that writes.", min=0)] = 600,
    check: CheckOption = False,
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
    if not folders:
        check_only(terminal, check, index, name, configuration, json)
        return
    path, called = index_for(index, name, configuration.index, folders)
    if check:
        take_out_damage(terminal, path, wait)
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
    replace_report: ReplaceOption = False,
    full_paths: FullPathsOption = False,
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
    selected_from: SelectedOption = None,
    signal: OnlyOption = None,
    without: WithoutOption = None,
    model: ModelOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare suspects with a portfolio: prints what was found, and writes a report."""
    from simcheck.cli.threshold import Threshold
    from simcheck.pipeline.comparing import check_selected, results, run_of, suspects_in
    from simcheck.pipeline.configuration import calibration_file, existing_index, own_cohorts
    from simcheck.pipeline.session import Session
    from simcheck.reporting.document.document import to_document
    from simcheck.reporting.page.disk import report_folder
    from simcheck.reporting.page.places import places_of

    configuration, terminal = start(quiet or json, "Interrupted. No report was written.")
    threshold = Threshold.parse(fail_at) if fail_at is not None else None
    if originals and (index or name):
        raise UsageError("--with names the pictures to compare with; leave out --index and --name.")
    folder = report_folder(out, replace=replace_report) if out or not json else None
    choice = _choice(configuration, signal, without, model, offline)
    choice = replace(choice, panels=panels, calibration=calibration_file(calibration, configuration.calibration))
    cohorts = own_cohorts()
    found = suspects_in(suspects)
    check_selected(selected_from, found)
    with terminal:
        if originals:
            opened = Session.of_pictures(originals, choice=choice, cohorts=cohorts, watcher=terminal)
        else:
            path = existing_index(index, name, configuration.index)
            opened = Session.open(path, choice=choice, candidates=candidates, cohorts=cohorts, watcher=terminal)
        with opened as session:
            if threshold:
                threshold.check(session.scale)
            named = (*suspects, *(originals or ()))
            every, line = results(session, found, terminal), command_line()
            run = run_of(session, every, line, terminal, named=named, selected_from=selected_from, partial=True)
            document, places = to_document(run, full_paths=full_paths), places_of(run)
            page = None
            if folder:
                lang = lang or configuration.lang
                page = write_report(document, folder, lang, terminal, places, reader=session.reader)
            note_report(document, places, terminal)
    if page and open_page:
        typer.launch(page.html.as_uri())
    if json:
        terminal.json(document)
    elif page:
        terminal.compared(run, page.html)
    if page:
        terminal.not_shown(page)
    if run.interrupted:
        raise typer.Exit(130)
    if threshold and any(threshold.reached(finding) for query in run.queries for finding in query.findings):
        raise typer.Exit(3)


app.command("report")(report_command)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to put the sample; it is made if it is not there.", show_default=True)
    ] = Path("simcheck-demo"),
    full_paths: FullPathsOption = False,
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
    from simcheck.reporting.page.places import places_of

    configuration, terminal = start(quiet)
    report = demo_report(folder)
    terminal.say(f"Copying invented works into {terminal.place(folder)} …")
    copied = sample.copy_into(folder)
    # the demo fetches nothing, not even what config.toml names
    choice = replace(_choice(configuration, None, None, None, offline), offline=True)
    with terminal:
        path = folder / "index"
        result = pipeline.index(
            [copied.portfolio], path, name=DEMO, choice=choice, command=command_line(), watcher=terminal
        )
        run = pipeline.compare([copied.suspects], path, choice=choice, command=command_line(), watcher=terminal)
        document, places = to_document(run, full_paths=full_paths), places_of(run)
        page = write_report(document, report, lang or configuration.lang, terminal, places)
        note_report(document, places, terminal)
    show_indexed(terminal, result, path, DEMO)
    terminal.compared(run, page.html)
    terminal.not_shown(page)
    if open_page:
        typer.launch(page.html.as_uri())


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


def main() -> None:
    """Entry point. Every error of the tree in ``errors.py`` ends here, as one message and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # file names may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app()
    except SimcheckError as error:
        code = _refused(str(error), error.exit_code)
    except CLICK_ERROR as error:
        code = _misunderstood(error)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        code = _refused(f"{error.filename}: no file can have a name this long. Check it, or choose a shorter one.", 2)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _refused(message: str, code: int) -> int:
    from simcheck.cli.door import Door

    Door().aside(f"simcheck: {message}")
    return code


def _misunderstood(error: Any) -> int:
    """A command line that Typer does not understand: said as all else is, not in a frame that prints what was typed."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()  # our own help, and nothing that was typed
        return int(error.exit_code)
    message = error.format_message().replace(": Value error, ", ": ")
    end = "" if message.endswith((".", "?", "!")) else "."
    command = error.ctx.command_path if getattr(error, "ctx", None) else "simcheck"
    return _refused(f"{message}{end} See: {command} --help", int(error.exit_code))
