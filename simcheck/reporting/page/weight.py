"""A finding's likelihood ratio, as a reader meets it: in words, as a number, in the test, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simcheck.records.likelihood import Strength, strength
from simcheck.reporting.figures.likelihood import distribution_svg, share_reaching
from simcheck.reporting.words.phrases import Phrases, at_bound, cautious_end, has_width, percent, signed, times
from simcheck.reporting.words.voice import Said, Voice
from simcheck.reporting.words.words import Phrase

__all__ = ["Weight", "tested", "validation_of", "weight"]

MANY_WORKS = 20
FEW = 2
"""Conditions of the case itself that are said among those that always hold."""


@dataclass(frozen=True, slots=True)
class Weight:
    """``figure`` is None where the document does not hold the test that this llr belongs to."""

    given: tuple[Phrase, ...]
    rows: tuple[tuple[Phrase, Phrase], ...]
    test: tuple[Phrase, ...]
    figure: Markup | None
    alt: Phrase
    changes: tuple[Phrase, ...]


def validation_of(llr: Mapping[str, Any], calibration: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The test of the very signals by whose scores this llr was given."""
    wanted = list(llr["signals"]), llr.get("beside", False)
    tests = calibration.get("validations", ())
    return next((each for each in tests if (list(each["signals"]), each.get("beside", False)) == wanted), None)


def weight(finding: Mapping[str, Any], document: Mapping[str, Any], phrases: Phrases) -> Weight | None:
    """None for a finding without a likelihood ratio."""
    llr = finding["llr"]
    if llr is None:
        return None
    test = validation_of(llr, document["calibration"])
    words, value = phrases.words, llr["value"]
    least = cautious_end(llr)
    given = "llr.given.none" if strength(least) is Strength.NONE else f"llr.given.{'h1' if value > 0 else 'h2'}"
    if given != "llr.given.none" and at_bound(llr) and not has_width(llr):
        given += ".limit"
    case, bounds = (value, llr["low"], llr["high"]), (llr["lower_bound"], llr["upper_bound"])
    figure = None
    if test:
        figure = Markup(distribution_svg(test["h1"], test["h2"], case, bounds))  # noqa: S704  # made of numbers only
    return Weight(
        (*Voice(phrases).lead(Said.of(finding)), words(given, times=times(least), words=phrases.support(least))),
        tuple(_rows(llr, phrases)),
        tested(llr, test, phrases) if test else (),
        figure,
        words("weight.figure.alt", value=signed(value), interval=phrases.interval(llr)),
        tuple(_changes(llr, document["signals"], phrases)),
    )


def _rows(llr: Mapping[str, Any], phrases: Phrases) -> Iterator[tuple[Phrase, Phrase]]:
    words, value = phrases.words, llr["value"]
    if times(value) == "1":
        number = words("llr.times.equal", value=signed(value))
    else:
        key, hypothesis = "llr.times.limit" if at_bound(llr) else "llr.times", "H1" if value > 0 else "H2"
        number = words(key, times=times(value), hypothesis=hypothesis, value=signed(value))
    yield words("weight.number"), number
    yield words("weight.interval"), _interval(llr, phrases)
    limits = [words("weight.bounds.value", lower=signed(llr["lower_bound"]), upper=signed(llr["upper_bound"]))]
    if end := at_bound(llr):
        limits.append(words(f"weight.bounds.{end}"))
    yield words("weight.bounds"), words.told(limits)
    yield words("weight.works"), words("weight.works.value", n=llr["works"])
    yield words("weight.signals"), words.listed(phrases.signal_name(name) for name in llr["signals"])


def _interval(llr: Mapping[str, Any], phrases: Phrases) -> Phrase:
    words = phrases.words
    if not has_width(llr):
        return words("weight.interval.limit" if at_bound(llr) else "weight.interval.narrow")
    ends = {end: signed(llr[end]) for end in ("low", "high")}
    return words("weight.interval.value", words=_range(llr, phrases), **ends)


def _range(llr: Mapping[str, Any], phrases: Phrases) -> Phrase:
    """The words from one end of the interval to the other."""
    if not _crosses(llr):
        return phrases.support(llr["value"])
    first, last = phrases.support(llr["low"]), phrases.support(llr["high"])
    return phrases.words("weight.interval.from_to", first=first, last=last)


def _crosses(llr: Mapping[str, Any]) -> bool:
    low, high = llr["low"], llr["high"]
    return strength(low) != strength(high) or (low < 0 < high and strength(low) is not Strength.NONE)


def tested(llr: Mapping[str, Any], test: Mapping[str, Any], phrases: Phrases) -> tuple[Phrase, ...]:
    """How many of the tested pictures of either kind came as far; the kind that it speaks against first."""
    value = llr["value"]
    sides = ("h2", "h1") if value >= 0 else ("h1", "h2")
    return tuple(_reached(side, value, test, phrases) for side in sides)


def _reached(side: str, value: float, test: Mapping[str, Any], phrases: Phrases) -> Phrase:
    llrs, count = test[side], test[f"{side}_suspects"]
    # the shown llr is rounded; what is equal to it as shown has reached it
    share = share_reaching(llrs, value - 1e-9) if value >= 0 else share_reaching([-v for v in llrs], -value - 1e-9)
    key = f"weight.test.{side}" if value >= 0 else f"weight.test.low.{side}"
    against = (side == "h2") == (value >= 0)
    if share == 0 and against:
        return phrases.words(f"{key}.none", n=count, value=signed(value))
    reached: object = round(share * count)
    if count > len(llrs):
        reached = phrases.words("weight.about", n=reached)
    return phrases.words(key, n=count, reached=reached, value=signed(value), share=percent(share))


def _changes(llr: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], phrases: Phrases) -> Iterator[Phrase]:
    words = phrases.words
    yield from list(_of_this_case(llr, signals, phrases))[:FEW]
    supports_h1 = llr["value"] > 0 and strength(llr["value"]) is not Strength.NONE
    yield words("change.artist") if supports_h1 else words("change.missed")
    yield words("change.access")


def _of_this_case(llr: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], phrases: Phrases) -> Iterator[Phrase]:
    words = phrases.words
    if end := at_bound(llr):
        yield words(f"change.{end}")
    if _crosses(llr):
        yield words("change.edge", words=_range(llr, phrases))
    if len(llr["signals"]) == 1:
        yield words("change.single", signal=phrases.signal_name(llr["signals"][0]))
    missing = [s["name"] for s in signals if s["state"] == "missing" and s["claim"] == "copy" and not s.get("optional")]
    if llr["works"] >= MANY_WORKS and llr["value"] > 0:
        yield words("change.works", n=llr["works"])
    if missing:
        yield words("change.missing", signals=words.listed(phrases.signal_name(name) for name in missing))
