"""What the command line shows: results on standard output, progress and notices on standard error.

Progress is drawn only on a terminal, and only for what takes longer than a second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
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

from simcheck.records import Finding, FindingType, Notice, Rate, Skipped
from simcheck.run import Run

if TYPE_CHECKING:
    from simcheck.index import IndexResult
    from simcheck.models import KnownModel, Verification

__all__ = ["Terminal"]

TYPES: Mapping[FindingType, str] = {
    FindingType.EXACT_FILE: "the very same file",
    FindingType.RE_ENCODED: "the same picture, saved again",
    FindingType.EDITED_COPY: "an edited copy",
    FindingType.PART: "a part of it",
    FindingType.RE_RENDERED: "looks like a re-drawn version",
    FindingType.STYLE_ONLY: "similar colours only",
    FindingType.NOTHING: "nothing out of the ordinary",
}
MOST_SKIPPED = 20


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


class Terminal:
    """A watcher that draws. ``quiet`` leaves only problems."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._progress: Progress | None = None
        self._tasks: dict[str, tuple[TaskID | None, float]] = {}

    def __enter__(self) -> Self:
        if self._errors.is_terminal and not self._quiet:
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(),
                TimeElapsedColumn(), TimeRemainingColumn(), console=self._errors, transient=True,
            )  # fmt: skip
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.stop()
            self._progress = None
        if kind is KeyboardInterrupt:
            self._errors.print("Interrupted. What was finished is stored; the same command goes on from there.")

    # -- as a watcher ---------------------------------------------------------------------------------------------

    def progress(self, stage: str, done: int, total: int | None) -> None:
        if self._progress is None:
            return
        now = time.monotonic()
        task, first = self._tasks.setdefault(stage, (None, now))
        if task is None:
            if now - first < 1:
                return
            task = self._progress.add_task(stage, total=total)
            self._tasks[stage] = (task, first)
        self._progress.update(task, completed=done, total=total)

    def notice(self, notice: Notice) -> None:
        self._errors.print(f"Note: {notice.message}")

    # -- results --------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        if not self._quiet:
            print(text)

    def json(self, document: Any) -> None:
        print(json.dumps(document, ensure_ascii=not _unicode(), indent=1))

    def index_document(self, result: IndexResult, path: Path, name: str) -> dict[str, Any]:
        counts = ("new", "known", "renamed", "updated", "unchanged", "pruned", "missing")
        return {
            "index": str(path.absolute()),
            "name": name,
            **{count: getattr(result, count) for count in counts},
            "described": dict(result.described),
            "failed": dict(result.failed),
            "skipped": [{"path": str(s.path), "code": s.code, "reason": s.reason} for s in result.skipped],
            "seconds": round(result.seconds, 3),
        }

    def indexed(self, result: IndexResult, path: Path, name: str) -> None:
        parts = {
            "new": result.new, "described anew": result.updated, "already known": result.known,
            "renamed": result.renamed, "unchanged": result.unchanged, "forgotten": result.pruned,
            "without a file": result.missing,
        }  # fmt: skip
        said = ", ".join(f"{count} {word}" for word, count in parts.items() if count) or "nothing to do"
        self.say(f"Index {name!r}: {said} ({result.seconds:.1f} s)\n  in {path.absolute()}")
        for signal, count in result.failed:
            self.say(f"  the signal {signal} failed on {count} works; they are compared without it")
        self._skipped(result.skipped)
        if result.missing:
            self.say("  Files that are gone stay in the index; --prune forgets them.")

    def compared(self, run: Run, page: Path) -> None:
        works = run.index.works if run.index else "the"
        for query in run.queries:
            told = [f for f in query.findings if f.type is not FindingType.NOTHING]
            self.say(f"\n{query.path.name}: compared with {query.compared} of {works} works")
            for finding in told[:5]:
                self.say(f"  {finding.rank}. {finding.work.paths[0].name}: {_words(finding)}")
            if len(told) > 5:
                self.say(f"  … and {len(told) - 5} more in the report")
            if not told:
                self.say("  nothing that unrelated works do not reach as well")
        self._skipped(run.skipped)
        self.say(
            "\nUncalibrated: scores are raw and no likelihood ratio is given. Rates are those among unrelated works."
        )
        self.say(f"Report: {page}")

    def _skipped(self, skipped: Sequence[Skipped]) -> None:
        if not skipped:
            return
        self.say(f"  {len(skipped)} skipped:")
        for each in skipped[:MOST_SKIPPED]:
            self.say(f"    {each.path}: {each.reason}")
        if len(skipped) > MOST_SKIPPED:
            self.say(f"    … and {len(skipped) - MOST_SKIPPED} more (all with --json)")

    def models(self, known: Iterable[KnownModel], here: Mapping[str, bool], chosen: str) -> None:
        for model in known:
            marks = [word for word, holds in (("chosen", model.name == chosen), ("here", here[model.name])) if holds]
            self.say(f"{model.name}{' (' + ', '.join(marks) + ')' if marks else ''}")
            self.say(f"  {model.megabytes} MB, licence {model.licence}. {model.note}".rstrip())
            self.say(f"  trained on {model.trained_on}")
        self.say(
            "Get one with: simcheck models pull --model NAME. Every one of them was trained on other people's pictures;"
        )
        self.say("simcheck works without any, with the signals that need no download.")

    def verified(self, found: Verification) -> None:
        self.say(f"{found.weights}\nSHA-256 {found.digest}")
        if found.recorded is None:
            self.say("These weights did not come through the hub, so there is no recorded digest to compare with.")
        else:
            self.say("This is what the hub recorded." if not found.damaged else f"The hub recorded {found.recorded}!")


def _words(finding: Finding) -> str:
    edits = f" ({', '.join(finding.edits)})" if finding.edits else ""
    rates = [
        f"{name} {_rate(result.cohort)}"
        for name, result in finding.signals
        if result.cohort and result.cohort.reached * 100 <= result.cohort.pairs
    ]
    reached = f"; reached by unrelated pairs: {', '.join(rates)}" if rates else ""
    return f"{TYPES[finding.type]}{edits}, score {finding.score:.1f}{reached}"


def _rate(rate: Rate) -> str:
    return f"{rate.reached or 'none'} of {rate.pairs}"


def _unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
