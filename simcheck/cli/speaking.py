"""What the command line shows while it works, on standard error: progress and notices.

On a terminal there is a bar for each stage while it lasts; elsewhere a line is printed every half minute.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from simcheck.cli.door import Door
from simcheck.records import Notice

__all__ = ["Speaking"]

SPEAK_SECONDS = 30.0
"""Between two lines of progress where nothing can be drawn."""


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


class Speaking:
    """A watcher that draws. ``quiet`` leaves only problems; ``interrupted`` is what to say after Ctrl-C."""

    def __init__(self, *, quiet: bool, interrupted: str = "Interrupted.") -> None:
        self._quiet = quiet
        self._interrupted = interrupted
        self._door = Door()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._open = False
        self._spoken = 0.0

    def __enter__(self) -> Self:
        self._open, self._spoken = True, time.monotonic()
        if self._door.console.is_terminal and not self._quiet:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(),
                TimeElapsedColumn(), TimeRemainingColumn(), console=self._door.console, transient=True,
            )  # fmt: skip
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.stop()
            self._progress = None
        self._tasks.clear()
        self._open = False
        if kind is KeyboardInterrupt:
            self._door.aside(self._interrupted)

    # -- as a watcher ---------------------------------------------------------------------------------------------

    def progress(self, stage: str, done: int, total: int | None) -> None:
        if self._quiet:
            return
        if self._progress is None:
            self._line(stage, done, total)
            return
        task = self._tasks.get(stage)
        if done == total:
            if task is not None:
                self._progress.remove_task(self._tasks.pop(stage))
        elif task is None:
            self._tasks[stage] = self._progress.add_task(stage, completed=done, total=total)
        else:
            self._progress.update(task, completed=done, total=total)

    def _line(self, stage: str, done: int, total: int | None) -> None:
        """Where nothing can be drawn, into a file for instance."""
        now = time.monotonic()
        if self._open and now - self._spoken >= SPEAK_SECONDS:
            self._spoken = now
            self._door.aside(f"{stage}: {done}{f' of {total}' if total else ''}")

    def notice(self, notice: Notice) -> None:
        if notice.hint and self._quiet:
            return
        self._door.aside(f"Note: {notice.message}")
