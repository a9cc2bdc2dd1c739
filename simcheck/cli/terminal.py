"""What the command line says of its results, on standard output. The words for findings are those of the report."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcheck.cli.findings import all_together, found, nothing_compared, seen
from simcheck.cli.speaking import Speaking
from simcheck.records import Skipped
from simcheck.records.run import QueryResult, Run
from simcheck.reporting.page.pictures import Absent
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.words import Words, visible

if TYPE_CHECKING:
    from simcheck.models import KnownModel, Shipped, Verification
    from simcheck.provenance.marks import Added, Borne
    from simcheck.reporting import Paths

__all__ = ["Terminal", "as_typed"]

MOST_LISTED = 500
MOST_NAMES = 5
"""Files named of each kind that is not shown."""
_WHY = {
    Absent.GONE: "no longer where they were",
    Absent.CHANGED: "with other bytes than at the comparison",
    Absent.UNREADABLE: "that can no longer be read",
    Absent.ELSEWHERE: "in none of the folders that were looked in",
}
"""Why pictures are not shown, after their number."""


def as_typed(*parts: str) -> str:
    """A command as the system's own shell takes it."""
    return subprocess.list2cmdline(parts) if os.name == "nt" else shlex.join(parts)


class Terminal(Speaking):
    """A watcher that also prints results. ``quiet`` leaves only problems; ``interrupted`` is said after Ctrl-C."""

    # -- results --------------------------------------------------------------------------------------------------

    @staticmethod
    def quoted(name: str) -> str:
        """A name that a person or a file gave, in quotes."""
        return visible(repr(name))

    @staticmethod
    def place(path: Path | str) -> str:
        """A path, or what else may hold names, on one line."""
        return visible(str(path))

    def say(self, text: str) -> None:
        if not self._quiet:
            self._door.result(text)

    def json(self, document: Any) -> None:
        self._door.json(document)

    def compared(self, run: Run, page: Path) -> None:
        for query in run.queries:
            self.say(f"\n{_place(query.path)}: {_extent(query, run)}")
            for line in seen(query.facts):
                self.say(line)
            for line in found(query, run.index.roots if run.index else ()):
                self.say(line)
        if lines := list(all_together(run)):
            self.say("\n" + "\n".join(lines))
        if run.calibration is None:
            self.say(
                "\nUncalibrated: scores only order the works, there is no likelihood ratio yet. "
                "The report shows what each finding rests on."
            )
        else:
            self.say(
                "\nA likelihood ratio is not the probability that H1 is true. The report shows how it was tested, and "
                "what would change it."
            )
        self.report_written(page)
        self.skipped(run.skipped)

    def report_written(self, page: Path) -> None:
        self.say(f"Report: {visible(str(page))}")

    def not_shown(self, written: Paths) -> None:
        """Pictures that the report does not show. A problem, so it is told even when nothing else is."""
        absent = written.absent
        if not absent:
            return
        self._door.aside(f"Not shown in the report: {len(absent)} picture{'' if len(absent) == 1 else 's'}")
        for why, said in _WHY.items():
            names = [name for name, reason in absent if reason is why]
            if names:
                listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
                self._door.aside(f"  {len(names)} {said}: {listed}")
        again = as_typed("simcheck", "report", str(written.html.parent), "--pictures", "FOLDER")
        self._door.aside(f"To show them, name a folder that holds them: {again}")

    def marks_document(self, marks: Sequence[Borne], skipped: Sequence[Skipped] = ()) -> dict[str, Any]:
        return {
            "marks": [
                {"name": m.name, "sha256": m.sha256, "origin": m.origin, "added": m.added, "works": count}
                for m, count in marks
            ],
            "skipped": [{"path": str(s.path), "code": s.code, "reason": s.reason} for s in skipped],
        }

    def marks_added(self, added: Added) -> None:
        for mark, count in added.marks:
            self.say(f"Mark {visible(repr(mark.name))}: added, and found in {_works(count)}.")
        if added.marks:
            self.say("`simcheck compare` now looks for it in every suspect.")
        else:
            self.say("Nothing recurs at the same place over the works, so no mark was added. Give its picture instead.")
        self.skipped(added.placing.skipped)

    def marks_listed(self, marks: Sequence[Borne]) -> None:
        for mark, count in marks:
            self.say(f"{visible(repr(mark.name))}: {mark.origin}, {mark.added[:10]}, found in {_works(count)}")
            self.say(f"  SHA-256 {mark.sha256}")
        if not marks:
            self.say("The index has no marks yet. Add one with: simcheck marks add signature.png")

    def skipped(self, skipped: Sequence[Skipped]) -> None:
        self.listed("Skipped", [each.reason for each in skipped])

    def listed(self, what: str, lines: Sequence[str]) -> None:
        """Problems, so they are told even when nothing else is."""
        if not lines:
            return
        self._door.aside(f"{what} ({len(lines)}):")
        for line in lines[:MOST_LISTED]:
            self._door.aside(f"  {line}")
        if len(lines) > MOST_LISTED:
            self._door.aside(f"  ... and {len(lines) - MOST_LISTED} more (all with --json)")

    def models(self, known: Iterable[KnownModel], here: Mapping[str, bool], chosen: str, own: Shipped) -> None:
        self.say("copy (ships with simcheck)\n  trained on pictures that a program painted, and on nobody's art.")
        self.say(f"  How it was made: {own.card}")
        signal = ""
        for model in known:
            if signal != (signal := "patches" if model.token_width else "clip"):
                self.say(f"For the signal {signal}:")
            marks = [word for word, holds in (("chosen", model.name == chosen), ("here", here[model.name])) if holds]
            self.say(f"{model.name}{' (' + ', '.join(marks) + ')' if marks else ''}")
            self.say(f"  {model.megabytes} MB, licence {model.licence}. {model.note}".rstrip())
            self.say(f"  trained on {model.trained_on}")
        self.say(
            "Fetch one with: simcheck models pull --model NAME. Each of these was trained on other people's pictures;"
        )
        self.say("simcheck works without any of them, with the signals that need no download.")

    def verified(self, name: str, found: Verification) -> None:
        self.say(f"{name}\n  {found.weights}\n  SHA-256 {found.digest}")
        if found.recorded is None:
            self.say("  They can be read. No digest was recorded when they came, so there is none to compare with.")
        else:
            self.say("  This is the digest that was recorded when they were published.")


def _extent(query: QueryResult, run: Run) -> str:
    if not query.compared:
        return f"not compared{nothing_compared(query)}"
    searched = run.index.searched if run.index else None
    extent = Phrases(Words(("en",))).extent(query.compared, searched).text
    return f"{extent[0].lower()}{extent[1:].removesuffix('.')}"


def _works(count: int) -> str:
    return f"{count} work{'' if count == 1 else 's'}"


def _place(path: Path) -> str:
    """From the working folder if it lies there, else from the top."""
    path = path.absolute()
    return visible(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
