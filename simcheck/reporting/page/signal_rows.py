"""What each signal says of a finding, by claim: the rows of its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simcheck.reporting.words.phrases import Phrases, score
from simcheck.reporting.words.words import Phrase, visible

__all__ = ["Group", "SignalRow", "english", "groups", "reason"]

CLAIMS = ("copy", "style", "provenance")


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal's line in a finding. Without a ``score`` the notes say why."""

    name: str
    title: Phrase
    text: Phrase
    score: str | None
    cohort: Phrase | None
    portfolio: Phrase | None
    notes: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Group:
    title: Phrase
    rows: tuple[SignalRow, ...]


def groups(finding: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], phrases: Phrases) -> tuple[Group, ...]:
    """The signals by claim, in the order of the run; a missing signal that belongs to the run has its line too."""
    results = finding["signals"]
    rows: list[tuple[str, SignalRow]] = []
    for signal in signals:
        name = signal["name"]
        if name in results:
            rows.append((results[name]["claim"], _row(name, results[name], phrases)))
        elif signal["state"] == "missing" and not signal.get("optional"):
            note = phrases.words("signals.missing", reason=reason(signal["reason"], phrases))
            title, text = phrases.signal_name(name), phrases.signal_text(name)
            rows.append((signal["claim"], SignalRow(name, title, text, None, None, None, (note,))))
    listed = {signal["name"] for signal in signals}
    rows += [(r["claim"], _row(name, r, phrases)) for name, r in results.items() if name not in listed]
    groups = ((claim, tuple(row for of, row in rows if of == claim)) for claim in CLAIMS)
    return tuple(Group(phrases.words(f"signals.group.{claim}"), members) for claim, members in groups if members)


def _row(name: str, result: Mapping[str, Any], phrases: Phrases) -> SignalRow:
    title, text = phrases.signal_name(name), phrases.signal_text(name)
    if result["score"] is None:
        note = phrases.words("signals.abstained", reason=reason(result["reason"], phrases))
        return SignalRow(name, title, text, None, None, None, (note,))
    rates = phrases.rate(result["cohort"]), phrases.rate(result["portfolio"])
    return SignalRow(name, title, text, score(result["score"]), *rates, tuple(phrases.evidence(result["evidence"])))


def english(text: str) -> Markup:
    """A sentence that a document brings along; documents are in English."""
    return Markup('<span lang="en">{}</span>').format(visible(text))


def reason(raw: str | None, phrases: Phrases) -> Phrase:
    """Why a signal is silent: words for a known code, an English sentence as it stands, else the code."""
    if not raw:
        return phrases.words("signals.missing.unsaid")
    if " " in raw.strip():
        return phrases.words.as_is(english(raw))
    return phrases.coded("reason", raw)
