"""What `simcheck index` and `simcheck cohort add` say when they are done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcheck.cli.terminal import Terminal, as_typed
from simcheck.reporting.words.words import visible

if TYPE_CHECKING:
    from simcheck.indexing.portfolio import IndexResult

__all__ = ["compare_command", "index_document", "show_indexed"]


def index_document(result: IndexResult, path: Path, name: str) -> dict[str, Any]:
    counts = ("new", "known", "renamed", "updated", "unchanged", "pruned", "missing")
    return {
        "index": str(path.absolute()),
        "name": name,
        **{count: getattr(result, count) for count in counts},
        "described": dict(result.described),
        "failed": dict(result.failed),
        "skipped": [{"path": str(s.path), "code": s.code, "reason": s.reason} for s in result.skipped],
        "undescribed": [{"path": str(s.path), "code": s.code, "reason": s.reason} for s in result.undescribed],
        "on_black": result.on_black,
        "seconds": round(result.seconds, 3),
    }


def show_indexed(
    terminal: Terminal, result: IndexResult, path: Path, name: str, *, what: str = "Index", then: str | None = None
) -> None:
    """``then`` is the command that comes next."""
    parts = {
        "new": result.new, "with descriptors added": result.updated, "renamed or moved": result.renamed,
        "known from another file": max(0, result.known - result.renamed), "unchanged": result.unchanged,
        "forgotten": result.pruned, "without a file": result.missing,
    }  # fmt: skip
    said = ", ".join(f"{count} {word}" for word, count in parts.items() if count) or "nothing to do"
    terminal.say(f"{what} {visible(repr(name))}: {said} ({result.seconds:.1f} s)")
    terminal.say(f"  in {visible(str(path.absolute()))}")
    for signal, count in result.failed:
        terminal.say(f"  the signal {signal} failed on {count} works; they are compared without it")
    if result.missing and what == "Index":
        terminal.say("  Works whose files are gone stay in the index; --prune forgets them.")
    terminal.skipped(result.skipped)
    if result.on_black:
        works = f"{result.on_black} work{' lies' if result.on_black == 1 else 's lie'}"
        terminal.say(f"  {works} on black instead of white: on white next to nothing could be seen of what is drawn")
    terminal.listed(
        "In the index, but no signal can describe them: only the very same file would be found",
        [each.reason for each in result.undescribed],
    )
    if then:
        terminal.say(f"Next: {visible(then)}")


def compare_command(options: Sequence[str]) -> str:
    """The command that compares a picture with the index that ``options`` name, as the system's own shell takes it."""
    return as_typed("simcheck", "compare", "suspect.png", *options)
