"""From the codes and numbers of a report document to words. A code without words is shown as it stands, escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from markupsafe import Markup

from simcheck.records import Basis, Edit
from simcheck.records.likelihood import Strength, cautious, shown_ratio, strength
from simcheck.reporting.document.codes import basis_of, edit_code, edit_of
from simcheck.reporting.words.words import Phrase, Words, code, visible

__all__ = [
    "Phrases",
    "at_bound",
    "cautious_end",
    "has_width",
    "percent",
    "score",
    "signed",
    "size",
    "times",
    "whole",
]

SEEN_OTHERWISE = frozenset({"alpha_on_black", "alpha_nothing_opaque"})
"""Notes on a file that say on which ground, or with which hidden colours, it was compared."""
AT_A_BOUND = 0.005
"""Reports of earlier versions do not say whether a ratio has reached a limit."""


class Phrases:
    """What the parts of a document are called, in the languages of ``words``."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def coded(self, family: str, raw: str) -> Phrase:
        """``family`` is the first part of the catalogue's keys, ``raw`` a code, some with a value: ``cropped:43``."""
        name, _, value = raw.partition(":")
        key = f"{family}.{name}"
        if not self.words.knows(key) or (not value and self._wants_value(key)):
            return self.words.as_is(code(raw))
        return self.words(key, value=visible(value))

    def edit(self, edit: Edit) -> Phrase:
        """The side to which something was turned stays in report.json: signs say little in a sentence."""
        return self.coded("edit", edit_code(Edit(edit.kind, None if edit.value is None else abs(edit.value))))

    def edit_coded(self, raw: str) -> Phrase:
        """An edit as a document names it."""
        edit = edit_of(raw)
        return self.edit(edit) if edit else self.words.as_is(code(raw))

    def basis(self, basis: Basis) -> Phrase:
        if basis.signal is not None:
            return self.words("basis.signal", signal=self.signal_name(basis.signal))
        return self.coded("basis", basis.rule)

    def basis_coded(self, raw: str, signals: Collection[str]) -> Phrase:
        """A rule as a document names it, or the name of one of its signals."""
        basis = basis_of(raw, signals)
        return self.basis(basis) if basis else self.words.as_is(code(raw))

    def _wants_value(self, key: str) -> bool:
        return "{value}" in str(self.words.raw(key))

    def signal_name(self, name: str) -> Phrase:
        return self.words.known_or(f"signal.{name}.name", Markup("<bdi>{}</bdi>").format(visible(name)))

    def signal_text(self, name: str) -> Phrase:
        key = f"signal.{name}.text"
        return self.words(key if self.words.knows(key) else "signal.other.text")

    def rate(self, rate: Mapping[str, int] | None) -> Phrase:
        if rate is None or rate["pairs"] == 0:
            return self.words("rate.unknown")
        if rate["reached"] == 0:
            return self.words("rate.none", pairs=rate["pairs"])
        return self.words("rate.some", **rate, share=percent(rate["reached"] / rate["pairs"]))

    def evidence(self, evidence: Mapping[str, Any] | None) -> list[Phrase]:
        """Sentences that say in words what the evidence of one signal is."""
        match evidence:
            case None:
                return []
            case {"kind": "matches"}:
                return self._matches(evidence)
            case {"kind": "hash"}:
                numbers = {k: evidence[k] for k in ("distance", "query_quality", "reference_quality")}
                said = [self.words("evidence.hash", **numbers)]
                if evidence["orientation"] != "same":
                    said.append(self.coded("orientation", evidence["orientation"]))
                return said
            case {"kind": "parts"}:
                parts = evidence["parts"]
                return [self.words("evidence.parts", n=len(parts), share=percent(parts[0]["area"]))]
            case {"kind": "palette"}:
                return [self.words("evidence.palette", distance=f"{evidence['distance']:.1f}")]
            case _:
                boxes = {"query": evidence["query_box"], "reference": evidence["reference_box"]}
                said = [self.words("evidence.regions", **{k: self._region(b) for k, b in boxes.items()})]
                return [*said, self.words("evidence.regions.mirrored")] if evidence["mirrored"] else said

    def _matches(self, evidence: Mapping[str, Any]) -> list[Phrase]:
        counts = {k: evidence[k] for k in ("inliers", "tentative")}
        said = [self.words("evidence.matches", **counts, model=self.words(f"model.{evidence['model']}"))]
        if evidence["mirrored"]:
            said.append(self.words("evidence.matches.mirrored"))
        degrees = abs(round(evidence["rotation_degrees"]))
        if degrees:
            said.append(self.words("evidence.matches.turned", degrees=f"{degrees}"))
        said.append(self.words("evidence.matches.scale", scale=f"{evidence['scale']:.2g}"))
        return said

    def _region(self, box: list[float]) -> Phrase:
        if whole(box):
            return self.words("region.whole")
        share = abs((box[2] - box[0]) * (box[3] - box[1]))
        return self.words("region.part", share=f"{100 * share:.0f}")

    def support(self, llr: float) -> Phrase:
        """The words of the ENFSI guideline for a log10 likelihood ratio: the same for H1 above as for H2 below 0."""
        how = strength(llr)
        if how is Strength.NONE:
            return self.words("llr.none")
        return self.words("llr.for", strength=self.words(f"llr.{how.value}"), hypothesis="H1" if llr > 0 else "H2")

    def likelihood(self, llr: Mapping[str, Any]) -> Phrase:
        """In one sentence that names both hypotheses."""
        return self.words("llr.short", ratio=self.ratio(llr))

    def ratio(self, llr: Mapping[str, Any]) -> Phrase:
        """The support in words, how many times, and the best estimate with its interval; no full stop."""
        least = cautious_end(llr)
        limit = at_bound(llr)
        key = "llr.ratio.none" if strength(least) is Strength.NONE else "llr.ratio"
        if limit:
            key = "llr.ratio.limit" if key == "llr.ratio" and not has_width(llr) else f"{key}.at_limit"
        said = {"words": self.support(least), "value": signed(llr["value"]), "interval": self.interval(llr)}
        return self.words(key, times=times(least), **said)

    def interval(self, llr: Mapping[str, Any]) -> Phrase:
        """In brackets; nothing where both ends are shown as one number, which would be no interval."""
        if not has_width(llr):
            return self.words.as_is(Markup(""))
        return self.words("llr.interval", low=signed(llr["low"]), high=signed(llr["high"]))

    def unweighed(self, raw: str | None) -> Phrase | None:
        """Why a finding has no likelihood ratio, though its run is calibrated."""
        return self.words("llr.absent", reason=self.coded("llr.absent", raw)) if raw else None

    def extent(self, compared: int, searched: int | None) -> Phrase:
        """What a suspect was held against: of the works that were ``searched`` only the nearest are compared by every
        signal. None: with named pictures, which are all compared."""
        if searched is None:
            return self.words("suspect.named", n=compared)
        if compared >= searched:
            return self.words("suspect.searched.all", n=compared)
        return self.words("suspect.searched", n=compared, works=searched)

    def seen_otherwise(self, notes: Iterable[str]) -> tuple[Phrase, ...]:
        """Of the notes on a file those without which a person may look at something else than was compared."""
        return tuple(self.coded("note", note) for note in notes if note in SEEN_OTHERWISE)

    def file_facts(self, file: Mapping[str, Any]) -> Phrase:
        return self.words(
            "suspect.facts",
            width=str(file["width"]),
            height=str(file["height"]),
            format=visible(file["format"]),
            size=size(file["bytes"]),
        )


def cautious_end(llr: Mapping[str, Any]) -> float:
    """The end of a ratio's interval that words follow."""
    return cautious(llr["value"], llr["low"], llr["high"])


def at_bound(llr: Mapping[str, Any]) -> str | None:
    """The limit of the test that the best estimate has reached: ``upper``, ``lower`` or None."""
    if "at_bound" in llr:
        return llr["at_bound"] and str(llr["at_bound"])
    if llr["value"] >= llr["upper_bound"] - AT_A_BOUND:
        return "upper"
    return "lower" if llr["value"] <= llr["lower_bound"] + AT_A_BOUND else None


def has_width(llr: Mapping[str, Any]) -> bool:
    """Whether the ends of the interval differ as they are shown."""
    return signed(llr["low"]) != signed(llr["high"])


def signed(llr: float) -> str:
    return f"{llr:+.2f}".replace("-", "\N{MINUS SIGN}")


def times(llr: float) -> str:
    ratio = shown_ratio(llr)
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:g}"


def score(value: float) -> str:
    digits = 3 if abs(value) < 10 else 1
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def whole(box: list[float]) -> bool:
    return box[0] <= 0.001 and box[1] <= 0.001 and box[2] >= 0.999 and box[3] >= 0.999


def percent(share: float) -> str:
    return f"{100 * share:.2g}\u00a0%" if share < 0.1 else f"{100 * share:.0f}\u00a0%"


def size(count: int) -> str:
    if count < 1000:
        return f"{count}\u00a0B"
    return f"{count / 1000:,.0f}\u00a0kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f}\u00a0MB"
