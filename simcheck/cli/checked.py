"""What `simcheck index --check` does and says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simcheck.errors import UsageError

if TYPE_CHECKING:
    from simcheck.cli.terminal import Terminal
    from simcheck.pipeline.checking import Checked
    from simcheck.pipeline.configuration import Configuration

__all__ = ["check_only", "take_out_damage"]


def check_only(
    terminal: Terminal, check: bool, index: Path | None, name: str | None, configuration: Configuration, json: bool
) -> None:
    """Without a folder of pictures. Raises UsageError where nothing is to be checked, and StoreError for damage."""
    if not check:
        raise UsageError("Name the folders with your pictures: simcheck index FOLDER")
    from simcheck import pipeline
    from simcheck.pipeline.configuration import existing_index

    path = existing_index(index, name, configuration.index)
    with terminal:
        checked = pipeline.check(path, watcher=terminal)
    if json:
        terminal.json(
            {
                "index": str(path.absolute()),
                "works": checked.works,
                "descriptions": checked.descriptions,
                "search_files": checked.search_files,
                "damaged": list(checked.faults),
            }
        )
    else:
        _show(terminal, checked, path, "Damaged")
    checked.refuse(path)


def take_out_damage(terminal: Terminal, path: Path, wait_seconds: float) -> None:
    """Before pictures are described. Raises StoreError for damage that describing them again does not mend."""
    from simcheck import pipeline

    with terminal:
        checked = pipeline.check(path, take_out=True, wait_seconds=wait_seconds, watcher=terminal)
    _show(terminal, checked, path, "Damaged, and described again now")
    checked.refuse(path, taken_out=True)


def _show(terminal: Terminal, checked: Checked, path: Path, what: str) -> None:
    terminal.say(
        f"Checked {path.absolute()}: {checked.works} works, {checked.descriptions} descriptions, "
        f"{checked.search_files} search files." + ("" if checked.faults else " Nothing is damaged.")
    )
    terminal.listed(what, list(checked.faults))
