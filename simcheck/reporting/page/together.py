"""What is said beside the findings: of all suspects together, and of the unrelated works nearest to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from simcheck.reporting.words.phrases import Phrases, percent, score, signed, times
from simcheck.reporting.words.words import Phrase, file_name, visible

__all__ = ["BandRow", "Near", "NearRow", "Style", "Together", "near", "style", "together"]

SMALLEST = 1e-6
"""A probability below this is told as being below it: the model behind it is not exact enough for more."""


@dataclass(frozen=True, slots=True)
class BandRow:
    llr: str
    reached: int
    expected: str
    probability: Phrase


@dataclass(frozen=True, slots=True)
class Together:
    text: Phrase
    sentences: tuple[Phrase, ...]
    rows: tuple[BandRow, ...]
    recurring: tuple[Phrase, ...]


def together(document: Mapping[str, Any], phrases: Phrases) -> Together | None:
    """None where there is no statement about all suspects."""
    statement = document.get("set_statement")
    if not statement:
        return None
    words, bands = phrases.words, statement["bands"]
    return Together(
        words("set.text", suspects=statement["suspects"], works=statement["works"]),
        tuple(_band(band, statement["suspects"], phrases) for band in bands),
        tuple(
            BandRow(signed(b["llr"]), b["reached"], _few(b["expected"]), _probability(b["probability"], phrases))
            for b in bands
        ),
        tuple(
            words("set.recurring.item", work=file_name(each["reference"]["name"]), n=each["suspects"])
            for each in statement["recurring"]
        ),
    )


def _band(band: Mapping[str, Any], suspects: int, phrases: Phrases) -> Phrase:
    said: dict[str, object] = {
        "n": suspects,
        "llr": signed(band["llr"]),
        "times": times(band["llr"]),
        "expected": _few(band["expected"]),
    }
    if not band["reached"]:
        return phrases.words("set.band.none", **said)
    probability = _probability(band["probability"], phrases)
    return phrases.words("set.band", reached=band["reached"], probability=probability, **said)


def _few(expected: float) -> str:
    return f"{expected:.2g}" if expected < 10 else f"{expected:,.0f}"


def _probability(probability: float, phrases: Phrases) -> Phrase:
    if probability < SMALLEST:
        return phrases.words("set.below", n=round(1 / SMALLEST))
    if probability >= 0.1:
        return phrases.words("value", value=percent(probability))
    one_in = 1 / probability
    return phrases.words("set.in", n=int(round(one_in, 1 - floor(log10(one_in)))))


@dataclass(frozen=True, slots=True)
class Style:
    """Where the portfolio stands among other artists."""

    text: Phrase
    place: Phrase
    rows: tuple[tuple[str, str, str, bool], ...]
    """Artist, tradition, score, and whether it is the portfolio."""


def style(document: Mapping[str, Any], phrases: Phrases) -> Style | None:
    """None where there were too few suspects or works."""
    found = document.get("style")
    if not found:
        return None
    words = phrases.words
    signals = [phrases.signal_name(name) for name in found.get("signals") or [found["signal"]]]
    return Style(
        words("style.text", suspects=found["suspects"], signals=words.listed(signals)),
        words("style.place", rank=found["rank"], artists=found["hands"]),
        tuple(
            (
                visible(each["hand"]),
                visible(each["tradition"].replace("_", " ")),
                _score(each["score"]),
                not each["tradition"],
            )
            for each in found["nearest"]
        ),
    )


@dataclass(frozen=True, slots=True)
class NearRow:
    name: str
    artist: str
    tradition: str
    scores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """The unrelated works nearest to a suspect, beside the work of its first finding."""

    text: Phrase
    objection: Phrase
    """How many of them come as near as the work."""
    signals: tuple[Phrase, ...]
    own: Phrase
    own_scores: tuple[str, ...]
    rows: tuple[NearRow, ...]
    reached: Phrase
    reached_counts: tuple[str, ...]
    attributions: tuple[str, ...]


def near(query: Mapping[str, Any], phrases: Phrases) -> Near | None:
    """None where no unrelated works were lined up."""
    line_up = query.get("line_up")
    if not line_up or not line_up["entries"] or not query["findings"]:
        return None
    first, words = query["findings"][0], phrases.words
    results = first["signals"]
    seen = {name for entry in line_up["entries"] for name in entry["scores"]} | set(line_up["reached"])
    signals = [name for name, result in results.items() if name in seen and result["score"] is not None]
    work, total = file_name(first["reference"]["name"]), line_up["works"]
    closer = [name for name in signals if line_up["reached"].get(name)]
    if closer:
        said = words("near.some", signals=words.listed(phrases.signal_name(name) for name in closer), work=work)
    else:
        said = words("near.none", n=total, compared=line_up["compared"], work=work)
    return Near(
        words("near.text", n=total),
        said,
        tuple(phrases.signal_name(name) for name in signals),
        words("near.own", work=work),
        tuple(_score(results[name]["score"]) for name in signals),
        tuple(
            NearRow(
                visible(entry["source"]),
                visible(entry["hand"]),
                visible(entry["tradition"].replace("_", " ")),
                tuple(_score(entry["scores"].get(name)) for name in signals),
            )
            for entry in line_up["entries"]
        ),
        words("near.reached", work=work),
        tuple(f"{line_up['reached'][name]:,}" if name in line_up["reached"] else "\N{EN DASH}" for name in signals),
        tuple(dict.fromkeys(visible(entry["attribution"]) for entry in line_up["entries"] if entry["attribution"])),
    )


def _score(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else score(value)
