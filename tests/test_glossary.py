"""The glossary has every word of the report that a reader may not know, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simcheck.records import Claim
from simcheck.records.marks import MarkState
from simcheck.signals import NAMES

CHECKOUT = Path(__file__).resolve().parent.parent
GLOSSARY = (CHECKOUT / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS = CHECKOUT / "simcheck" / "reporting" / "words" / "languages"

TERMS = (
    *("suspect", "work", "portfolio", "index", "panel", "region", "cohort", "tradition"),
    *("signal", "descriptor", "score", "relation", "element", "palette", "CIELAB", "hash"),
    *("PDQ", "mark", "H1", "H2", "likelihood", "llr", "interval", "bound"),
    *("calibration", "uncalibrated", "Cllr", "misleading", "Tippett", "corroboration", "digest"),
)
"""Words of the report that are not everyday English."""


def report(language: str) -> str:
    return (WORDS / f"{language}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_report_is_explained(term: str) -> None:
    assert re.search(rf"\b{term}", report("en"), re.I), "no report says this any more: take it out of the list"
    assert re.search(rf"^\| [^|]*\b{term}", GLOSSARY, re.I | re.M), f"{term} has no row"


@pytest.mark.parametrize("name", [*NAMES, *Claim, *MarkState])
def test_what_the_code_names_is_explained(name: str) -> None:
    assert re.search(rf"\b{name}\b", GLOSSARY), name


def test_every_row_has_both_languages_and_a_meaning() -> None:
    rows = [line.split("|")[1:-1] for line in GLOSSARY.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) > 40
    assert all(len(row) == 3 and all(cell.strip() for cell in row) for row in rows)


def test_words_that_simcheck_does_not_use_are_in_no_report() -> None:
    (line,) = re.findall(r"does not use: (.*)\.", GLOSSARY)
    for word in line.split(", "):
        assert not re.search(rf"\b{re.escape(word)}\b", " ".join(_texts("en")), re.I), word


def _texts(language: str) -> list[str]:
    def within(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for each in value.values() for text in within(each)]
        return [value] if isinstance(value, str) else []

    return within(json.loads(report(language)))
