"""The command line: parse, call, print. The only module that prints or exits."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from simcheck.errors import SimcheckError, UsageError

if TYPE_CHECKING:
    from simcheck.configuration import Configuration
    from simcheck.pipeline import Choice
    from simcheck.terminal import Terminal

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
models_app = typer.Typer(no_args_is_help=True, help="Networks: which there are, fetch their weights, prove them.")
app.add_typer(models_app, name="models")

Lang = Literal["en", "zh", "both"]
# readable=False: what cannot be read is told, and passed over, by simcheck itself
FoldersArgument = Annotated[list[Path], typer.Argument(help="Folders with your pictures.", readable=False)]
SuspectsArgument = Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.", readable=False)]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index (also SIMCHECK_INDEX).", show_default=False)
]
NameOption = Annotated[str | None, typer.Option("--name", help="Name of the portfolio.", show_default=False)]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--signal", help="Use only this signal (may be repeated).", show_default=False)
]
WithoutOption = Annotated[
    list[str] | None, typer.Option("--without", help="Leave this signal out (may be repeated).", show_default=False)
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        envvar="SIMCHECK_MODEL",
        help="Network for clip: ViT-B-32, NAME:TAG, hf-hub:ORG/NAME, a file or a folder.",
        show_default=False,
    ),
]
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Never touch the network (also SIMCHECK_OFFLINE=1).", show_default=False)
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only problems.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.", show_default=False)]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for the report.", show_default=False)]
LangOption = Annotated[Lang | None, typer.Option("--lang", help="Language of the report page.", show_default=False)]
OpenOption = Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")]


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
    from simcheck.configuration import index_for

    stored = "Interrupted. The works that were finished are stored; the same command goes on from there."
    configuration, terminal = _start(quiet or json, stored)
    path, called = index_for(index, name, configuration.index, folders)
    with terminal:
        result = pipeline.index(
            folders,
            path,
            name=called,
            choice=_choice(configuration, signal, without, model, offline),
            prune=prune,
            wait_seconds=wait,
            command=_command(),
            watcher=terminal,
        )
    if json:
        terminal.json(terminal.index_document(result, path, called))
    else:
        terminal.indexed(result, path, called)


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
        typer.Option("--fail-at", help="Exit with 3 for this score, or this type (edited_copy, say), or stronger."),
    ] = None,
    panels: Annotated[bool, typer.Option(help="Look for pictures within a screenshot or a collage.")] = True,
    candidates: Annotated[int, typer.Option(help="Works per suspect that every signal compares.", min=1)] = 40,
    signal: OnlyOption = None,
    without: WithoutOption = None,
    model: ModelOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare suspects with a portfolio: prints what was found, and writes a report."""
    from simcheck import pipeline
    from simcheck.configuration import existing_index
    from simcheck.report.disk import report_folder
    from simcheck.report.document import to_document
    from simcheck.threshold import parse_threshold

    configuration, terminal = _start(quiet or json, "Interrupted. No report was written.")
    reached = parse_threshold(fail_at) if fail_at else None
    if originals and (index or name):
        raise UsageError("--with names the pictures to compare with; leave out --index and --name.")
    folder = report_folder(out) if out or not json else None
    choice = replace(_choice(configuration, signal, without, model, offline), panels=panels)
    with terminal:
        if originals:
            run = pipeline.compare_pair(suspects, originals, choice=choice, command=_command(), watcher=terminal)
        else:
            path = existing_index(index, name, configuration.index)
            run = pipeline.compare(
                suspects, path, choice=choice, candidates=candidates, command=_command(), watcher=terminal
            )
        document = to_document(run)
        page = _write_report(document, folder, lang or configuration.lang) if folder else None
    if page and open_page:
        typer.launch(page.as_uri())
    if json:
        terminal.json(document)
    elif page:
        terminal.compared(run, page)
    if reached and any(reached(finding) for query in run.queries for finding in query.findings):
        raise typer.Exit(3)


@app.command()
def report(
    document: Annotated[Path, typer.Argument(help="A report.json that `simcheck compare` wrote.", readable=False)],
    out: OutOption = None,
    lang: LangOption = None,
    open_page: OpenOption = False,
) -> None:
    """Make the report page again from its report.json, in another language for instance."""
    from simcheck.report import load

    configuration, terminal = _start(False)
    if document.is_dir():
        document = document / "report.json"
    page = _write_report(load(document), out or document.absolute().parent, lang or configuration.lang)
    terminal.say(f"Report: {page}")
    if open_page:
        typer.launch(page.as_uri())


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to paint the sample; it is made if it is not there.", show_default=True)
    ] = Path("simcheck-demo"),
    lang: LangOption = None,
    open_page: OpenOption = True,
    offline: OfflineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Paint a sample portfolio and suspects, index, compare and open the report. Needs no network."""
    from simcheck import demo as sample
    from simcheck import pipeline
    from simcheck.report.document import to_document

    configuration, terminal = _start(quiet)
    terminal.say(f"Painting invented works into {folder} …")
    painted = sample.paint(folder)
    choice = _choice(configuration, None, None, None, offline)
    with terminal:
        path = folder / "index"
        result = pipeline.index(
            [painted.portfolio], path, name="sample", choice=choice, command=_command(), watcher=terminal
        )
        run = pipeline.compare([painted.suspects], path, choice=choice, command=_command(), watcher=terminal)
    terminal.indexed(result, path, "sample")
    page = _write_report(to_document(run), folder / "report", lang or configuration.lang)
    terminal.compared(run, page)
    if open_page:
        typer.launch(page.as_uri())


@models_app.command("list")
def models_list(model: ModelOption = None, json: JsonOption = False) -> None:
    """The networks that simcheck knows: size, licence, what they were trained on, and which are on this computer."""
    from simcheck import models

    configuration, terminal = _start(json)
    chosen = models.choose(model, configuration.model)
    here = {m.name: models.missing(models.ModelSpec.parse(m.name), offline=True) is None for m in models.LISTED}
    if json:
        rows = [
            {"name": m.name, **asdict(m), "here": here[m.name], "chosen": m.name == str(chosen)} for m in models.LISTED
        ]
        own = {"signal": "copy", "sha256": models.shipped().digest, "card": str(models.shipped().card)}
        return terminal.json({"chosen": str(chosen), "models": rows, "shipped": own})
    return terminal.models(models.LISTED, here, str(chosen), models.shipped())


@models_app.command("pull")
def models_pull(model: ModelOption = None, offline: OfflineOption = False) -> None:
    """Download the weights of a network, so that `simcheck index` can use it."""
    from simcheck import models

    configuration, terminal = _start(False)
    if models.is_offline(offline or configuration.offline):
        raise UsageError("`simcheck models pull` needs the network; leave out --offline and unset SIMCHECK_OFFLINE.")
    with terminal:
        local = models.pull(models.choose(model, configuration.model), terminal)
    terminal.say(f"{local.spec}: {local.weights}\nSHA-256 {local.digest}\nNow run `simcheck index` again.")


@models_app.command("verify")
def models_verify(model: ModelOption = None) -> None:
    """Prove that the weights on this computer are those that were published: simcheck's own network, and a CLIP's."""
    from simcheck import models

    configuration, terminal = _start(False)
    chosen = models.choose(model, configuration.model)
    if model is None:
        terminal.verified("copy, which ships with simcheck", models.verify_shipped())
        if absent := models.missing(chosen, offline=True):
            return terminal.say(absent)
    return terminal.verified(str(chosen), models.verify(chosen))


def _start(quiet: bool, interrupted: str = "Interrupted.") -> tuple[Configuration, Terminal]:
    from simcheck.configuration import Configuration
    from simcheck.terminal import Terminal

    return Configuration.read(), Terminal(quiet=quiet, interrupted=interrupted)


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


def _write_report(document: dict[str, Any], folder: Path, lang: Lang) -> Path:
    from simcheck.report import write
    from simcheck.report.disk import pictures_on_disk

    with pictures_on_disk() as pictures:
        return write(document, folder, lang, pictures).html.absolute()


def _command() -> list[str]:
    return ["simcheck", *sys.argv[1:]]


def main() -> None:
    """Entry point. Every error of the tree in ``errors.py`` ends here, as one message and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # file names may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SimcheckError as error:
        from simcheck.terminal import printable

        print(f"simcheck: {printable(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:  # before Typer, which else turns it into the same exit code, is ready
        sys.exit(130)


if __name__ == "__main__":
    main()
