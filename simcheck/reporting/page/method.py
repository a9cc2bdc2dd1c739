"""How likelihood ratios were made and tested, for the first page in plain words and for the appendix in figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simcheck.reporting.figures.likelihood import calibration_svg, share_reaching, tippett_svg
from simcheck.reporting.page.weight import tested, validation_of
from simcheck.reporting.words.phrases import Phrases, cautious_end, percent, signed
from simcheck.reporting.words.words import Phrase

__all__ = ["GroupRow", "Method", "MisleadingRow", "Test", "method", "reliability"]


@dataclass(frozen=True, slots=True)
class GroupRow:
    kind: Phrase
    hypothesis: str
    pairs: int
    sources: int


@dataclass(frozen=True, slots=True)
class MisleadingRow:
    llr: str
    all: Phrase
    same_tradition: Phrase


@dataclass(frozen=True, slots=True)
class Test:
    """One validation, for the appendix. The figures are SVG that was made from numbers only."""

    title: Phrase
    tested: Phrase
    cllr: Phrase
    cllr_min: Phrase
    misleading: tuple[MisleadingRow, ...]
    calibration: Markup
    tippett: Markup


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    digest: str
    source: str
    groups: tuple[GroupRow, ...]
    tests: tuple[Test, ...]


def method(calibration: Mapping[str, Any], phrases: Phrases) -> Method | None:
    """None for an uncalibrated run."""
    if calibration["state"] != "calibrated":
        return None
    groups = tuple(
        GroupRow(
            phrases.coded("pairs", group["kind"].replace(" ", "_")),
            group["hypothesis"],
            group["pairs"],
            group["sources"],
        )
        for group in calibration["groups"]
    )
    tests = tuple(_test(each, phrases) for each in calibration["validations"])
    return Method(calibration["name"], calibration["digest"], calibration["source"], groups, tests)


def _test(test: Mapping[str, Any], phrases: Phrases) -> Test:
    words, h1, h2 = phrases.words, test["h1"], test["h2"]
    costs = {
        name: words(f"method.{name}.value", **{end: f"{test[name][end]:.3f}" for end in ("value", "low", "high")})
        for name in ("cllr", "cllr_min")
    }
    return Test(
        words("method.validation", signals=words.listed(phrases.signal_name(name) for name in test["signals"])),
        _tested(test, phrases),
        costs["cllr"],
        costs["cllr_min"],
        tuple(
            MisleadingRow(signed(each["llr"]), _share(each["all"], phrases), _share(each["same_tradition"], phrases))
            for each in test["misleading"]
        ),
        Markup(calibration_svg(h1, h2)),  # noqa: S704  # made of numbers only, as the next
        Markup(tippett_svg(h1, h2)),  # noqa: S704
    )


def _tested(test: Mapping[str, Any], phrases: Phrases) -> Phrase:
    words, h1 = phrases.words, test["h1_suspects"]
    said = [words("method.tested.value", h1=h1, h2=test["h2_suspects"], folds=test["folds"])]
    missed = test.get("missed")
    if missed is not None:
        said.append(words("method.tested.missed", n=missed, of=h1) if missed else words("method.tested.all", of=h1))
    if test.get("beside"):
        said.append(words("method.tested.beside"))
    return words.told(said)


def _share(interval: Mapping[str, float] | None, phrases: Phrases) -> Phrase:
    if interval is None:
        return phrases.words("method.untested")
    return phrases.words("method.share", **_ends(interval))


def _ends(interval: Mapping[str, float]) -> dict[str, str]:
    return {name if name != "value" else "share": percent(interval[name]) for name in ("value", "low", "high")}


def reliability(document: Mapping[str, Any], phrases: Phrases) -> tuple[tuple[Phrase, ...], ...]:
    """Paragraphs for the first page of a calibrated run: how the test went, and where its strongest finding stands."""
    best = _best(document)
    if best is None:
        return ((phrases.words("reliable.unused"),),)
    number, llr = best
    test = validation_of(llr, document["calibration"])
    if test is None:
        return ()
    words = phrases.words
    general = [words("reliable.tested", h1=test["h1_suspects"], h2=test["h2_suspects"]), *_at_ten(test, phrases)]
    case = (
        words("reliable.strongest", ratio=phrases.ratio(llr), n=number),
        *tested(llr, test, phrases),
    )
    return tuple(general), case


def _best(document: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]] | None:
    """The strongest llr of the suspects' first findings, with the number of its suspect."""
    firsts = [
        (number, query["findings"][0]) for number, query in enumerate(document["queries"], 1) if query["findings"]
    ]
    found = [(number, first["llr"]) for number, first in firsts if first["llr"]]
    return max(found, key=lambda each: (cautious_end(each[1]), each[1]["value"]), default=None)


def _at_ten(test: Mapping[str, Any], phrases: Phrases) -> Iterator[Phrase]:
    """What a likelihood ratio of 10 was worth in the test."""
    words = phrases.words
    rate = next((each for each in test["misleading"] if each["llr"] == 1.0), None)
    h1, h2 = test["h1_suspects"], test["h2_suspects"]
    misled = round(share_reaching(test["h2"], 1.0) * h2)
    yield words("reliable.misled", n=h2, reached=misled) if misled else words("reliable.misled.none", n=h2)
    if rate and rate["same_tradition"]:
        yield words("reliable.tradition", **_ends(rate["same_tradition"]))
    yield words("reliable.found", n=h1, share=percent(share_reaching(test["h1"], 1.0)))
