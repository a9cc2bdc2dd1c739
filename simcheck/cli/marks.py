"""``simcheck marks``: the artist's own signature, seal, logo or ID text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcheck.cli.options import IndexOption, JsonOption, NameOption, QuietOption, start
from simcheck.errors import UsageError

__all__ = ["marks_app"]

marks_app = typer.Typer(
    no_args_is_help=True, help="Your signature, seal, logo or ID: kept, garbled or removed in suspects?"
)

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Pictures of your mark alone, on a transparent or even ground.", readable=False),
]


@marks_app.command("add")
def marks_add(
    files: FilesArgument = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Find the mark: what recurs at the same place over your works.")
    ] = False,
    index: IndexOption = None,
    name: NameOption = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another simcheck that writes.", min=0)] = 600,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add a mark to the index, and find the works that bear it. It is then looked for in every suspect."""
    from simcheck.pipeline.configuration import existing_index
    from simcheck.provenance import marks

    if bool(files) == auto:
        raise UsageError("Name the picture of a mark, or say --auto to have it found in your works; one of the two.")
    stored = "Interrupted. The mark is stored; `simcheck index` goes on looking for it in your works."
    configuration, terminal = start(quiet or json, "Interrupted. Nothing was added." if auto else stored)
    path = existing_index(index, name, configuration.index)
    with terminal:
        if files:
            added = marks.add(path, files, wait_seconds=wait, watcher=terminal)
        else:
            added = marks.add_recurring(path, wait_seconds=wait, watcher=terminal)
    if json:
        terminal.json(terminal.marks_document(added.marks, added.placing.skipped))
    else:
        terminal.marks_added(added)


@marks_app.command("list")
def marks_list(index: IndexOption = None, name: NameOption = None, json: JsonOption = False) -> None:
    """The marks of an index, and how many works bear each."""
    from simcheck.pipeline.configuration import existing_index
    from simcheck.provenance import marks

    configuration, terminal = start(json)
    found = marks.listed(existing_index(index, name, configuration.index))
    if json:
        terminal.json(terminal.marks_document(found))
    else:
        terminal.marks_listed(found)


@marks_app.command("remove")
def marks_remove(
    mark: Annotated[str, typer.Argument(help="Name of the mark, as `simcheck marks list` shows it.")],
    index: IndexOption = None,
    name: NameOption = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another simcheck that writes.", min=0)] = 600,
) -> None:
    """Take a mark out of the index. Your pictures are not touched."""
    from simcheck.pipeline.configuration import existing_index
    from simcheck.provenance import marks

    configuration, terminal = start(False)
    with terminal:
        marks.remove(existing_index(index, name, configuration.index), mark, wait_seconds=wait, watcher=terminal)
    terminal.say(f"The mark {terminal.quoted(mark)} is no longer in the index.")
