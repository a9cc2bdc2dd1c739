"""``simcheck cohort``: works by others, of the person's own tradition, to hold suspects against."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcheck.cli.options import JsonOption, QuietOption, command_line, start

__all__ = ["cohort_app"]

cohort_app = typer.Typer(
    no_args_is_help=True, help="Works by others of your tradition: do suspects resemble these as much as yours?"
)

FoldersArgument = Annotated[
    list[Path],
    typer.Argument(help="Folders with works by others; a folder in them for each artist, if you know.", readable=False),
]
WaitOption = Annotated[float, typer.Option(help="Seconds to wait for another simcheck that writes.", min=0)]


@cohort_app.command("add")
def cohort_add(
    folders: FoldersArgument,
    name: Annotated[str, typer.Option("--name", help="Name of the cohort: the tradition of its works.")],
    wait: WaitOption = 600,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Describe works that have nothing to do with yours; comparisons then show which of them come nearest."""
    from simcheck import pipeline
    from simcheck.cli.indexed import index_document, show_indexed
    from simcheck.models import is_offline
    from simcheck.pipeline.configuration import cohort_for
    from simcheck.reporting.words.plain import plain

    stored = "Interrupted. The works that were finished are stored; the same command goes on from there."
    configuration, terminal = start(quiet or json, stored)
    path, name = cohort_for(name), plain(name)
    with terminal:
        result = pipeline.index_cohort(
            folders,
            path,
            name=name,
            model=configuration.model,
            offline=is_offline(configuration.offline),
            wait_seconds=wait,
            command=command_line(),
            watcher=terminal,
        )
    if json:
        terminal.json(index_document(result, path, name))
    else:
        show_indexed(terminal, result, path, name, what="Cohort")


@cohort_app.command("list")
def cohort_list(json: JsonOption = False) -> None:
    """Your own cohorts, and how many works each holds. The one that ships with simcheck is always used."""
    from simcheck.cohort.own import listed
    from simcheck.pipeline.configuration import own_cohorts as folders

    _, terminal = start(json)
    found = listed(folders())
    if json:
        terminal.json(
            {
                "cohorts": [
                    {
                        "name": cohort.name,
                        "path": str(cohort.path),
                        "works": cohort.works,
                        "roots": [str(root) for root in cohort.roots],
                        "problem": cohort.problem,
                    }
                    for cohort in found
                ]
            }
        )
        return
    for cohort in found:
        said = f"cannot be read ({terminal.place(cohort.problem)})" if cohort.problem else f"{cohort.works} works"
        terminal.say(f"{terminal.quoted(cohort.name)}: {said}")
        for root in cohort.roots:
            terminal.say(f"  of {terminal.place(root)}")
    if not found:
        terminal.say("You have no cohort of your own yet. Add one with: simcheck cohort add FOLDER --name TRADITION")


@cohort_app.command("remove")
def cohort_remove(
    name: Annotated[str, typer.Argument(help="Name of the cohort, as `simcheck cohort list` shows it.")],
    wait: WaitOption = 600,
) -> None:
    """Forget one of your own cohorts. The pictures are not touched."""
    from simcheck.cohort import own as own_cohorts
    from simcheck.pipeline.configuration import cohort_for
    from simcheck.pipeline.configuration import own_cohorts as folders
    from simcheck.reporting.words.plain import plain

    _, terminal = start(False)
    with terminal:
        own_cohorts.remove(cohort_for(name), plain(name), folders(), wait_seconds=wait, watcher=terminal)
    terminal.say(f"The cohort {terminal.quoted(name)} is no longer used.")
