"""How library code speaks while it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Notice", "Silent", "Watcher"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person must know about a run: a stable code and a sentence. Shown and put in the report."""

    code: str
    message: str
    hint: bool = False
    """Good to know, but no problem: a quiet run leaves it out."""


class Watcher(Protocol):
    """How library code speaks while it works. The command line draws it; tests and scripts may stay silent."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """So much of a stage is done; ``total`` None: nobody knows how much there is. It has ended when both agree."""
        ...

    def notice(self, notice: Notice) -> None: ...


class Silent:
    """A watcher that shows nothing."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        return None

    def notice(self, notice: Notice) -> None:
        return None
