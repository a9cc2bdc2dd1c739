"""The report's two languages. A `Phrase` is said in each language of the page; templates print phrases, not strings.

Catalogues are ``languages/<code>.json``: key -> text with ``{placeholders}``, or -> {"one", "other"} chosen by ``n``.
All text and all values are escaped; only numbers, file names and other phrases are filled in.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

__all__ = ["LANGUAGES", "Phrase", "Words", "catalogue", "code", "file_name", "visible"]

LANGUAGES = {"en": "en", "zh": "zh-Hans"}
"""Catalogue -> the ``lang`` attribute."""

_JOINERS = {"\u200c", "\u200d"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@cache
def catalogue(language: str) -> dict[str, str | dict[str, str]]:
    path = Path(__file__).with_name("languages") / f"{language}.json"
    read: dict[str, str | dict[str, str]] = json.loads(path.read_text("utf-8"))
    return read


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to say, in every language of the page. Print it in HTML, or take ``text`` for an attribute."""

    languages: tuple[str, ...]
    say: Callable[[str], Markup]

    def __html__(self) -> str:
        if len(self.languages) == 1:
            return self.say(self.languages[0])
        return Markup(" ").join(
            Markup('<span class="say" lang="{}">{}</span>').format(LANGUAGES[language], self.say(language))
            for language in self.languages
        )

    @property
    def text(self) -> str:
        """Without markup, the languages one after the other."""
        return " / ".join(self.say(language).striptags() for language in self.languages)


class Words:
    """``words("key", n=3)`` gives the phrase of that key. Unknown keys raise KeyError: they are bugs."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)

    def __call__(self, key: str, **values: object) -> Phrase:
        return Phrase(self.languages, lambda language: _filled(language, key, values))

    def knows(self, key: str) -> bool:
        return key in catalogue(self.languages[0])

    def raw(self, key: str) -> str | dict[str, str]:
        return catalogue(self.languages[0])[key]

    def known_or(self, key: str, otherwise: Markup, **values: object) -> Phrase:
        """The phrase of ``key``; for a key that no catalogue has, ``otherwise`` as it stands."""
        return self(key, **values) if self.knows(key) else self.as_is(otherwise)

    def as_is(self, said: Markup) -> Phrase:
        """The same in every language: said once."""
        return Phrase(self.languages[:1], lambda _: said)

    def listed(self, phrases: Iterable[Phrase]) -> Phrase:
        return self._joined(tuple(phrases), "list.separator")

    def told(self, sentences: Iterable[Phrase]) -> Phrase:
        """Sentences one after the other: Chinese has no space between them."""
        return self._joined(tuple(sentences), "sentence.separator")

    def _joined(self, parts: tuple[Phrase, ...], separator: str) -> Phrase:
        return Phrase(
            self.languages, lambda language: escape(_text(language, separator, {})).join(p.say(language) for p in parts)
        )


def _filled(language: str, key: str, values: dict[str, object]) -> Markup:
    return escape(_text(language, key, values)).format(
        **{name: _value(language, value) for name, value in values.items()}
    )


def _text(language: str, key: str, values: dict[str, object]) -> str:
    text = catalogue(language)[key]
    if isinstance(text, str):
        return text
    return text["one" if values.get("n") == 1 else "other"]


def _value(language: str, value: object) -> Markup:
    if isinstance(value, Phrase):
        return value.say(language)
    if isinstance(value, datetime):
        return escape(_date(language, value))
    if isinstance(value, int):
        return escape(f"{value:,}")
    if isinstance(value, float):
        return escape(f"{value:,.3g}")
    return escape(value)


def _date(language: str, when: datetime) -> str:
    if language == "zh":
        return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M:%S}(UTC)"
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M:%S} UTC"


def visible(text: str) -> str:
    """Text of a file with its invisible characters spelt out, so that no name can pose as another.

    Joiners stay: emoji and several scripts need them.
    """
    return "".join(
        f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in _JOINERS else c
        for c in text
    )


def file_name(name: str) -> Markup:
    """A file name or path, isolated from the direction of the text around it."""
    return Markup('<bdi class="file">{}</bdi>').format(visible(name))


def code(raw: str) -> Markup:
    """A code that no catalogue has words for, as it stands."""
    return Markup('<code dir="ltr">{}</code>').format(visible(raw))
