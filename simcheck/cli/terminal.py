"""What the command line says of its results, on standard output. The words for findings are those of the report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcheck.cli.speaking import Speaking, printable
from simcheck.errors import ModelError, ReportError
from simcheck.records import Element, Finding, FindingType, Skipped, Work
from simcheck.records.marks import MarkResult
from simcheck.records.run import QueryResult, Run
from simcheck.reporting.document.likelihood import llr_document
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.words import Words, visible
from simcheck.scoring.elements import explained

if TYPE_CHECKING:
    from simcheck.models import KnownModel, Shipped, Verification
    from simcheck.provenance.marks import Added, Borne

__all__ = ["Terminal"]

MOST_FINDINGS = 5
MOST_LISTED = 500
_PLAIN_QUOTES = str.maketrans("“”‘’", "\"\"''")


class Terminal(Speaking):
    """A watcher that also prints results. ``quiet`` leaves only problems; ``interrupted`` is said after Ctrl-C."""

    # -- results --------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        if not self._quiet:
            _print(text)

    def json(self, document: Any) -> None:
        _print(json.dumps(document, ensure_ascii=not _unicode(), indent=1))

    def compared(self, run: Run, page: Path) -> None:
        for query in run.queries:
            told = [f for f in query.findings if f.type is not FindingType.NOTHING]
            self.say(f"\n{_place(query.path)}: {_extent(query, run)}")
            for finding in told[:MOST_FINDINGS]:
                self.say(_told(finding, run.index.roots if run.index else ()))
            if len(told) > MOST_FINDINGS:
                self.say(f"  ... and {len(told) - MOST_FINDINGS} more in the report")
            if query.elements:
                self.say(_parts(query.elements))
            if query.findings and not told:
                self.say("  nothing out of the ordinary: no more alike than unrelated works are")
                if query.findings[0].llr:
                    nearest = _name(query.findings[0].work, run.index.roots if run.index else ())
                    self.say(f'  The nearest is "{nearest}".{_weighed(query.findings[0])}')
            for result in query.marks:
                self.say(_mark(result, run.index.roots if run.index else ()))
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
        self.say(f"Report: {visible(str(page))}")
        self.skipped(run.skipped)

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
        self._errors.print(f"{what} ({len(lines)}):")
        for line in lines[:MOST_LISTED]:
            self._errors.print(f"  {printable(line)}")
        if len(lines) > MOST_LISTED:
            self._errors.print(f"  ... and {len(lines) - MOST_LISTED} more (all with --json)")

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
            "Get one with: simcheck models pull --model NAME. Each of these was trained on other people's pictures;"
        )
        self.say("simcheck works without any of them, with the signals that need no download.")

    def verified(self, name: str, found: Verification) -> None:
        """Raises ModelError when the weights are not those that were published."""
        if found.damaged:
            raise ModelError(
                f"{found.weights} ({name}) is not what was published: its SHA-256 is {found.digest}, recorded is "
                f"{found.recorded}. Delete it and get it again: a CLIP with `simcheck models pull`, the network that "
                "ships with simcheck by installing simcheck again."
            )
        self.say(f"{name}\n  {found.weights}\n  SHA-256 {found.digest}")
        if found.recorded is None:
            self.say("  These weights did not come through the hub, so there is no recorded digest to compare with.")
        else:
            self.say("  This is the digest that was recorded when they were published.")


def _extent(query: QueryResult, run: Run) -> str:
    if not query.compared:
        return "not compared. It is blank or too small, so no signal has anything to say about it"
    if run.index is None:
        return f"compared with {query.compared} named picture{'s' if query.compared > 1 else ''}"
    return f"compared with {query.compared} of {run.index.works} works"


def _told(finding: Finding, roots: Sequence[Path]) -> str:
    phrases = Phrases(Words(("en",)))
    title = phrases.words(f"type.{finding.type}.title", work=_name(finding.work, roots)).text
    edits = f" ({', '.join(phrases.edit(edit).text for edit in finding.edits)})" if finding.edits else ""
    if finding.type is FindingType.EXACT_FILE:  # equal bytes need no score
        return f"  {finding.rank}. {title}"
    # beside a likelihood ratio, the number that findings are ordered by would only be taken for one without bounds
    score = "" if finding.llr or finding.uncalibrated else f"score {finding.score:.1f}; "
    rates = f"{score}{_rates(finding)}".removesuffix("; ")
    return f"  {finding.rank}. {title}{edits}{_weighed(finding)}" + (f"\n     {rates}" if rates else "")


def _weighed(finding: Finding) -> str:
    """The likelihood ratio in words, or why there is none though the run is calibrated; on a line of its own."""
    phrases, llr = Phrases(Words(("en",))), llr_document(finding.llr)
    said = phrases.likelihood(llr) if llr else phrases.unweighed(finding.uncalibrated)
    return f"\n     {said.text}" if said else ""


def _parts(elements: Sequence[Element]) -> str:
    shares: dict[str, float] = {}
    for element in elements:
        name = visible(element.work.paths[0].name)
        shares[name] = shares.get(name, 0.0) + element.area
    listed = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    return f"  parts that agree with parts of works: {explained(elements):.0%} of the picture ({listed})"


def _mark(result: MarkResult, roots: Sequence[Path]) -> str:
    """A fact beside the findings."""
    work = _name(result.work, roots) if result.work else ""
    key = f"mark.{result.state}.{result.how}" if result.how else f"mark.{result.state}"
    return f"  * {Words(('en',))(f'{key}.short', name=visible(result.mark.name), work=work).text}"


def _works(count: int) -> str:
    return f"{count} work{'' if count == 1 else 's'}"


def _rates(finding: Finding) -> str:
    """How many unrelated pairs reach the scores that few of them reach."""
    rates = {name: result.cohort for name, result in finding.signals if result.cohort}
    never = {name: rate for name, rate in rates.items() if not rate.reached}
    rarely = {name: rate for name, rate in rates.items() if 0 < rate.reached * 100 <= rate.pairs}
    if not (never or rarely):
        return ""
    parts = [f"none of {min(rate.pairs for rate in never.values()):,} ({', '.join(never)})"] if never else []
    parts += [f"{rate.reached} of {rate.pairs:,} ({name})" for name, rate in rarely.items()]
    return f"unrelated pairs as alike: {', '.join(parts)}"


def _name(work: Work, roots: Sequence[Path]) -> str:
    """Where the work lies in the portfolio."""
    path = work.paths[0]
    inside = (path.relative_to(root) for root in roots if path != root and path.is_relative_to(root))
    return visible(str(next(inside, path.name)))


def _place(path: Path) -> str:
    """From the working folder if it lies there, else from the top."""
    path = path.absolute()
    return visible(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))


def _print(text: str) -> None:
    if not _unicode():
        text = text.translate(_PLAIN_QUOTES)
    try:
        print(text, flush=True)
    except OSError as error:
        # Python would fail again at its end over what is still to be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # as in `simcheck ... | head`: the reader has seen enough
            raise ReportError(
                f"The result could not be printed ({error.strerror}). Send standard output elsewhere."
            ) from error


def _unicode() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or ""  # there is no standard output at all under pythonw
    return encoding.lower().replace("-", "") == "utf8"
