"""What several commands share: their options, and how each of them begins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from simcheck.cli.terminal import Terminal
    from simcheck.pipeline.configuration import Configuration

__all__ = [
    "CheckOption",
    "EmptiedOption",
    "FoldersArgument",
    "FullPathsOption",
    "IndexOption",
    "JsonOption",
    "Lang",
    "LangOption",
    "ModelOption",
    "NameOption",
    "OfflineOption",
    "OnlyOption",
    "OpenOption",
    "OutOption",
    "QuietOption",
    "ReplaceOption",
    "SelectedOption",
    "SuspectsArgument",
    "WithoutOption",
    "command_line",
    "start",
]

Lang = Literal["en", "zh", "both"]
# readable=False: what cannot be read is told, and passed over, by simcheck itself
FoldersArgument = Annotated[
    list[Path] | None, typer.Argument(help="Folders with your pictures.", readable=False, show_default=False)
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Read all of the index first; with FOLDERS, describe again what is damaged.")
]
EmptiedOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--emptied",
        help="With --prune: this folder is empty, or gone, because you deleted its pictures; it does not belong to "
        "a drive that is not connected (may be repeated).",
        readable=False,
    ),
]
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
        help="Network for clip: ViT-B-32, NAME:TAG, hf-hub:ORG/NAME, a file or a folder. Fetched if it is not here.",
        show_default=False,
    ),
]
OfflineOption = Annotated[
    bool,
    typer.Option("--offline", help="Fetch nothing, whatever is named (also SIMCHECK_OFFLINE=1).", show_default=False),
]
SelectedOption = Annotated[
    int | None,
    typer.Option("--selected-from", help="From how many pictures you chose these suspects.", show_default=False),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only problems.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.", show_default=False)]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for the report.", show_default=False)]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Put this report in the place of one that lies there.", show_default=False)
]
FullPathsOption = Annotated[
    bool,
    typer.Option(
        "--full-paths",
        help="For your own copy: whole paths in the report, with your folders' names.",
        show_default=False,
    ),
]
LangOption = Annotated[Lang | None, typer.Option("--lang", help="Language of the report page.", show_default=False)]
OpenOption = Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")]


def start(quiet: bool, interrupted: str = "Interrupted.") -> tuple[Configuration, Terminal]:
    from simcheck.cli.terminal import Terminal
    from simcheck.pipeline.configuration import Configuration

    return Configuration.read(), Terminal(quiet=quiet, interrupted=interrupted)


def command_line() -> list[str]:
    return ["simcheck", *sys.argv[1:]]
