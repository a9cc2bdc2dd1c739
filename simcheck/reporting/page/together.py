"""What is said beside the findings: of all suspects together, and of the unrelated works nearest to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simcheck.reporting.words.phrases import Phrases, score, signed, times
from simcheck.reporting.words.words import Phrase, code, file_name, visible

__all__ = ["BandRow", "Near", "NearRow", "Style", "Together", "near", "selected", "style", "together"]


@dataclass(frozen=True, slots=True)
class BandRow:
    llr: str
    reached: int
    beside: tuple[str, ...]
    """Of sets of independent pictures: half, nineteen in twenty, the highest; nothing where there are none."""


@dataclass(frozen=True, slots=True)
class Together:
    text: tuple[Phrase, ...]
    sentences: tuple[Phrase, ...]
    about: tuple[Phrase, ...]
    """Of the sets that the counts stand beside, or why there are none."""
    rows: tuple[BandRow, ...]
    recurring: tuple[Phrase, ...]


def together(document: Mapping[str, Any], phrases: Phrases) -> Together | None:
    """None where there is no statement about all suspects. Reports of earlier versions gave a probability, which no
    test bears out: of these the counts are shown alone."""
    statement = document.get("set_statement")
    if not statement:
        return None
    words, bands, sets = phrases.words, statement["bands"], statement.get("sets")
    exact = statement.get("exact")
    return Together(
        (
            *((words("set.text", suspects=statement["suspects"], works=statement["works"]),) if bands else ()),
            *((words("set.exact", n=exact),) if exact else ()),
        ),
        tuple(words.told(_band(band, statement, phrases)) for band in bands),
        _about(statement, phrases),
        tuple(BandRow(signed(b["llr"]), b["reached"], _beside(b) if sets else ()) for b in bands),
        tuple(
            words("set.recurring.item", work=file_name(each["reference"]["name"]), n=each["suspects"])
            for each in statement["recurring"]
        ),
    )


def selected(document: Mapping[str, Any], phrases: Phrases) -> Phrase | None:
    """How the suspects were chosen, where somebody said; for several suspects also that nobody did."""
    if number := document.get("selected_from"):
        return phrases.words("set.selected", n=number)
    return phrases.words("set.unselected") if document.get("set_statement") else None


def _band(band: Mapping[str, Any], statement: Mapping[str, Any], phrases: Phrases) -> tuple[Phrase, ...]:
    said: dict[str, object] = {
        "n": statement["suspects"], "llr": signed(band["llr"]), "times": times(band["llr"]), "reached": band["reached"],
    }  # fmt: skip
    counted = phrases.words("set.band" if band["reached"] else "set.band.none", **said)
    sets = statement.get("sets")
    if not sets:
        return (counted,)
    key = "set.beside.few" if band["nineteen"] is None else "set.beside"
    half, nineteen = (
        phrases.words("set.count" if band[name] else "set.count.none", n=band[name]) for name in ("half", "nineteen")
    )
    return (
        counted,
        phrases.words(key, size=sets["size"], half=half, nineteen=nineteen, most=band["most"]),
    )


def _about(statement: Mapping[str, Any], phrases: Phrases) -> tuple[Phrase, ...]:
    words, sets = phrases.words, statement.get("sets")
    if not sets:
        why = statement.get("unheld")
        return (words.known_or(f"set.unheld.{why}", code(str(why))),) if why else ()
    drawn = words(
        "set.sets", pictures=sets["pictures"], artists=sets["artists"], one_in=max(1, sets["artists"] // 3)
    )  # none of n artists: the true share may be 3 in n
    smaller = sets["size"] < statement["suspects"]
    return (drawn, words("set.sets.smaller", size=sets["size"])) if smaller else (drawn,)


def _beside(band: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple("\N{EN DASH}" if band[name] is None else f"{band[name]:,}" for name in ("half", "nineteen", "most"))


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
