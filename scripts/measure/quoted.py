"""Figures in pages for people, tied to the results that they come from.

A figure is followed by a comment that nobody sees on the page, with the result's file and the way to the value in it:

    found first in 0.88<!-- evaluate.json: figures.simcheck.all.recall@1 --> of the cases

Names on the way may themselves hold points; a number picks from a list; ways joined by ``++`` are added up. With a
percent sign after it, a figure is a hundred times the value. It has to be the value, rounded to as many digits as are
shown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from scripts.measure import machine

__all__ = ["CHECKOUT", "PAGES", "Quote", "load", "quotes", "unmarked", "value_at", "wrong"]

CHECKOUT = machine.RESULTS.parents[1]
PAGES = ("README.md", "scripts/results/README.md", "simcheck/models/shipped/MODEL_CARD.md")
"""Where figures are quoted."""

_NUMBER = r"[-−+]?\d[\d,]*(?:\.\d+)?"
_COMMENT = r"<!--\s*(?P<file>\w+\.json)\s*:\s*(?P<way>.*?)\s*-->"
_QUOTE = re.compile(rf"(?P<shown>{_NUMBER})(?P<percent>\s?%)?\**\s?{_COMMENT}", re.DOTALL)
_MARK = re.compile(_COMMENT, re.DOTALL)
_CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)
_DECIMAL = re.compile(
    rf"(?<!Python )(?<!Apache-)(?<![\w.])\d+\.\d+(?![\w.]*\w)(?!(?:\s?%)?\**\s?{_COMMENT})", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A figure as it stands in a page."""

    page: str
    line: int
    shown: str
    """As written, with its percent sign if it has one."""
    file: str
    way: str

    def agrees(self, value: float) -> bool:
        """Whether ``value``, rounded to as many digits as are shown, is what is shown."""
        number = self.shown.rstrip("% ").replace(",", "").replace("−", "-")
        digits = len(number.partition(".")[2])
        value = value * 100 if self.shown.endswith("%") else value
        return bool(abs(value - float(number)) <= 0.5 * 10**-digits + 1e-9)


def quotes(page: str, text: str) -> list[Quote]:
    """All figures of a page that are tied to a result. Raises ValueError where a mark stands after no figure."""
    found = [
        Quote(
            page,
            _line(text, m.start()),
            m["shown"] + (m["percent"] or "").strip(),
            m["file"],
            " ".join(m["way"].split()),
        )
        for m in _QUOTE.finditer(text)
    ]
    known = {m.end() for m in _QUOTE.finditer(text)}
    for mark in _MARK.finditer(text):
        if mark.end() not in known:
            raise ValueError(f"{page}:{_line(text, mark.start())}: the mark {mark[0]} stands after no figure")
    return found


def unmarked(page: str, text: str) -> list[str]:
    """Where numbers with a decimal point stand that are tied to no result; code and addresses aside."""
    bare = _CODE.sub(lambda code: re.sub(r"\S", " ", code[0]), text)
    return [f"{page}:{_line(bare, m.start())}: {m[0]}" for m in _DECIMAL.finditer(bare) if not _inside(bare, m.start())]


def value_at(result: Any, way: str) -> float:
    """The value in a result at the end of a way, or the sum of several. Raises LookupError where there is no number."""
    return sum(_one(result, each.strip().split(".")) for each in way.split(" ++ "))


def wrong(quote: Quote, result: Any) -> str | None:
    """What is wrong with a quoted figure, or None."""
    try:
        value = value_at(result, quote.way)
    except LookupError as error:
        return f"{quote.page}:{quote.line}: {error}"
    if quote.agrees(value):
        return None
    return f"{quote.page}:{quote.line} says {quote.shown}, and {quote.file} has {value:g} at {quote.way}"


def load(file: str) -> Any:
    return json.loads((machine.RESULTS / file).read_text(encoding="utf-8"))


def _one(result: Any, names: list[str]) -> float:
    here = result
    while names:
        for count in range(len(names), 0, -1):  # the longest name first: a name may hold points
            name = ".".join(names[:count])
            if isinstance(here, dict) and name in here:
                here = here[name]
            elif isinstance(here, list) and count == 1 and name.isdigit() and int(name) < len(here):
                here = here[int(name)]
            else:
                continue
            names = names[count:]
            break
        else:
            raise LookupError(f"there is no {'.'.join(names)} in the result")
    if isinstance(here, bool) or not isinstance(here, int | float):
        raise LookupError(f"{here!r} is no number")
    return float(here)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _inside(text: str, place: int) -> bool:
    """Whether a place lies within a comment."""
    return text.rfind("<!--", 0, place) > text.rfind("-->", 0, place)
