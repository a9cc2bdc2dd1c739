"""One voice for what a finding is taken for and for its likelihood ratio: what the terminal and the page say of both.

A type is given by rules, a ratio by the scores of all signals together, so the two may differ. Here they are put into
sentences that do not contradict each other: "nothing was found" is only said where the cautious end of the ratio's
interval does not support H1, and where a rule and the scores part ways, that is said first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from simcheck.records import AtPath, Finding, FindingType
from simcheck.records.likelihood import Strength, strength
from simcheck.reporting.document.likelihood import llr_document
from simcheck.reporting.words.phrases import Phrases, cautious_end
from simcheck.reporting.words.words import Phrase, file_name

__all__ = ["Said", "Voice", "to_show"]

T = TypeVar("T")
UNNAMED = {FindingType.NOTHING: "unnamed", FindingType.STYLE_ONLY: "style_unnamed"}
"""What is said instead of these types where the scores together lean towards H1."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the words for a finding depend on, in the form of a report document."""

    type: FindingType
    llr: Mapping[str, Any] | None = None
    uncalibrated: str | None = None
    at_path: AtPath | None = None

    @classmethod
    def of(cls, finding: Mapping[str, Any]) -> Said:
        place = finding.get("at_path")
        return cls(
            FindingType(finding["type"]), finding["llr"], finding.get("uncalibrated"), AtPath(place) if place else None
        )

    @classmethod
    def of_record(cls, finding: Finding) -> Said:
        """The same words as for its document: numbers are rounded alike."""
        return cls(finding.type, llr_document(finding.llr), finding.uncalibrated, finding.at_path)

    @property
    def key(self) -> str:
        """By which the catalogues know it: the type, or what takes its place where it would deny what scores say."""
        leans = self.llr is not None and cautious_end(self.llr) > 0
        return UNNAMED.get(self.type, self.type.value) if leans else self.type.value

    @property
    def relates(self) -> bool:
        """Whether a rule names a relation to the work, or the scores together lean towards one."""
        return self.key != FindingType.NOTHING

    @property
    def is_named(self) -> bool:
        return self.type is not FindingType.NOTHING


def to_show(findings: Sequence[T], said: Callable[[T], Said]) -> list[T]:
    """The first work, which is always the first word, and each other that a rule names, in order; none where nothing
    was found. Works behind the first to which only the scores lean are lined up, not shown: where a work of an artist
    was copied, the artist's other works are often more alike than strangers' are."""
    found = [finding for place, finding in enumerate(findings) if not place or said(finding).is_named]
    return found if len(found) > 1 or any(said(finding).relates for finding in found) else []


class Voice:
    """Sentences about findings, in the languages of ``phrases``."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._words = phrases.words

    def title(self, said: Said, work: str | Markup) -> Phrase:
        return self._words(f"type.{said.key}.title", work=work, words=self._support(said))

    def text(self, said: Said) -> Phrase:
        return self._words.told((self._words(f"type.{said.key}.text"), *self.place(said)))

    def place(self, said: Said) -> tuple[Phrase, ...]:
        """That the file which is named does not hold the work any more, where that is so."""
        return (self._words(f"type.{said.type}.{said.at_path}"),) if said.at_path else ()

    def short(self, said: Said) -> Phrase:
        """In a few words that name no work."""
        return self._words(f"type.{said.key}.short")

    def summary(self, said: Said, work: str | Markup) -> Phrase:
        """A sentence about the first work."""
        summary = self._words(f"summary.{said.key}", work=work, words=self._support(said))
        return self._words.told((summary, *self.place(said)))

    def weighed(self, said: Said) -> tuple[Phrase, ...]:
        """The ratio in words, after how it goes with the type; or why there is none though the run is calibrated."""
        if said.llr is None:
            absent = self._phrases.unweighed(said.uncalibrated)
            return (absent,) if absent else ()
        return (*self.lead(said), self._phrases.likelihood(said.llr))

    def lead(self, said: Said) -> tuple[Phrase, ...]:
        """Where a rule names a relation that the scores together do not bear out: that, to be said before them."""
        if said.llr is None or not said.is_named or said.type in (FindingType.EXACT_FILE, FindingType.STYLE_ONLY):
            return ()
        least = cautious_end(said.llr)
        silent = strength(least) is Strength.NONE
        if least > 0 and not silent:
            return ()
        if said.type is FindingType.PART:
            return (self._words("llr.lead.part"),)
        return (self._words("llr.lead.silent" if silent else "llr.lead.against"),)

    def nothing_compared(self, silent: str | None, *, said: bool = True) -> Phrase:
        """Whose fault it is: of the suspect, which is ``silent`` for a reason, or of the works. Reports of earlier
        versions do not say."""
        if silent:
            return self._words("summary.silent", reason=self._phrases.coded("reason", silent))
        return self._words("summary.works_silent" if said else "summary.none")

    def summaries(self, query: Mapping[str, Any]) -> tuple[tuple[Phrase, ...], tuple[Phrase, ...]]:
        """What is said of one suspect of a document: of its first work, and of the others."""
        findings, words = query["findings"], self._words
        if not query["compared"] or not findings:
            return (self.nothing_compared(query.get("silent"), said="silent" in query),), ()
        shown = to_show(findings, Said.of)
        work = file_name(findings[0]["reference"]["name"])
        if not shown:
            nothing = words("summary.nothing_found", n=query["compared"])
            weighed = findings[0]["llr"]  # beside the sentence stands the ratio of this work
            return ((nothing, words("summary.nearest", work=work)) if weighed else (nothing,)), ()
        first, *others = map(Said.of, shown)
        if not first.relates:
            second = file_name(shown[1]["reference"]["name"])
            return (words("summary.first", work=work),), (self.summary(others[0], second), *self._more(others[1:]))
        if first.is_named:
            return (self.summary(first, work),), self._more(others)
        leaning = sum(said.relates and not said.is_named for said in map(Said.of, findings[1:]))
        also = (words("summary.more.unnamed", n=leaning),) if leaning else ()
        return (self.summary(first, work),), (*self._more(others), *also)

    def _more(self, others: Sequence[Said]) -> tuple[Phrase, ...]:
        return (self._words("summary.more", n=len(others)),) if others else ()

    def _support(self, said: Said) -> Phrase | str:
        return self._phrases.support(cautious_end(said.llr)) if said.llr else ""
