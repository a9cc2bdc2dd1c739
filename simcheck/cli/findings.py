"""What the command line says of one suspect: its findings, its parts and the artist's marks, in the report's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from simcheck.records import Element, FileFacts, Finding, FindingType, Work
from simcheck.records.marks import MarkResult
from simcheck.records.run import QueryResult, Run
from simcheck.reporting.document.likelihood import set_document
from simcheck.reporting.page.together import selected, together
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.voice import Said, Voice, to_show
from simcheck.reporting.words.words import Words, visible
from simcheck.scoring.elements import explained

__all__ = ["all_together", "found", "nothing_compared", "seen"]

MOST_FINDINGS = 5


def found(query: QueryResult, roots: Sequence[Path]) -> Iterator[str]:
    """Lines. ``roots`` are the folders of the portfolio: works are named by where they lie in them."""
    told = to_show(query.findings, Said.of_record)
    for finding in told[:MOST_FINDINGS]:
        yield from _finding(finding, roots)
    if len(told) > MOST_FINDINGS:
        yield f"  ... and {len(told) - MOST_FINDINGS} more in the report"
    if query.elements:
        yield _parts(query.elements)
    if query.findings and not told:
        yield from _nothing(query, roots)
    for result in query.marks:
        yield _mark(result, roots)


def all_together(run: Run) -> Iterator[str]:
    """What several suspects show together, and how they were chosen."""
    phrases = Phrases(Words(("en",)))
    statement = set_document(run.set_statement, lambda work: {"name": work.paths[0].name})
    document = {"set_statement": statement, "selected_from": run.selected_from}
    if shown := together(document, phrases):
        yield phrases.words("set.title").text + ":"
        for sentence in (*shown.text, *shown.sentences, *shown.about, *shown.recurring):
            yield f"  {sentence.text}"
    if how := selected(document, phrases):
        yield f"{'  ' if shown else ''}{how.text}"


def nothing_compared(query: QueryResult) -> str:
    """After "not compared": whose fault that is."""
    phrases = Phrases(Words(("en",)))
    if query.silent:
        return f": {phrases.coded('reason', query.silent).text}"
    return f". {Voice(phrases).nothing_compared(None).text}"


def seen(facts: FileFacts, whose: str = "") -> Iterator[str]:
    """How it was made visible, where a person who opens the file may see nothing or something else."""
    yield from (f"  {whose}{how.text}" for how in Phrases(Words(("en",))).seen_otherwise(facts.notes))


def _finding(finding: Finding, roots: Sequence[Path]) -> Iterator[str]:
    phrases, said = Phrases(Words(("en",))), Said.of_record(finding)
    edits = f" ({', '.join(phrases.edit(edit).text for edit in finding.edits)})" if finding.edits else ""
    yield f"  {finding.rank}. {Voice(phrases).title(said, _name(finding.work, roots)).text}{edits}"
    if finding.type is FindingType.EXACT_FILE:  # equal bytes need no score
        yield from (f"     {sentence.text}" for sentence in Voice(phrases).place(said))
        return
    yield from seen(finding.work.facts, "   the work is ")
    yield from _weighed(said)
    # beside a likelihood ratio, the number that findings are ordered by would only be taken for one without bounds
    score = "" if finding.llr or finding.uncalibrated else f"score {finding.score:.1f}; "
    if rates := f"{score}{_rates(finding)}".removesuffix("; "):
        yield f"     {rates}"


def _nothing(query: QueryResult, roots: Sequence[Path]) -> Iterator[str]:
    words, nearest = Words(("en",)), query.findings[0]
    said = [words("summary.nothing_found", n=query.compared)]
    if nearest.llr:
        said.append(words("summary.nearest", work=_name(nearest.work, roots)))
    yield f"  {words.told(said).text}"
    yield from _weighed(Said.of_record(nearest))


def _weighed(said: Said) -> Iterator[str]:
    """The likelihood ratio in words, or why there is none though the run is calibrated."""
    phrases = Phrases(Words(("en",)))
    if sentences := Voice(phrases).weighed(said):
        yield f"     {phrases.words.told(sentences).text}"


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
