"""Quoted figures are those of the results, and it is said which results are of other code than that of today."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.measure import machine
from scripts.measure.quoted import CHECKOUT, PAGES, Quote, load, quotes, unmarked, value_at, wrong
from scripts.measure.stale import HOW, results, why_stale

FIGURES = "scripts/results/README.md"
RESULT: Mapping[str, Any] = {
    "at 2.0": {"share": 0.125, "of": 57},
    "TPR@0.1%FPR": [0.8333, {"deep.er": -4}],
    "works": 10240,
    "half": 0.985,
    "named": "copy",
    "sure": True,
}


def page(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_quoted_figure_is_that_of_its_result(name: str) -> None:
    found = quotes(name, page(name))
    assert [said for quote in found if (said := wrong(quote, load(quote.file)))] == []


@pytest.mark.parametrize("name", ["README.md", FIGURES])
def test_a_page_ties_every_figure_with_a_decimal_point_to_a_result(name: str) -> None:
    assert quotes(name, page(name))
    assert unmarked(name, page(name)) == []


def test_the_page_of_figures_lists_the_results_that_are_of_other_code_than_todays() -> None:
    """``python scripts/measure/stale.py`` says why each is, and how to measure it again."""
    part = re.search(r"^## To be measured again\n(.*?)^## ", page(FIGURES), re.MULTILINE | re.DOTALL)
    assert part
    listed = re.findall(r"^- `(\w+)\.json`", part[1], re.MULTILINE)
    assert listed == [name for name in results() if why_stale(load(f"{name}.json"))]


def test_every_result_is_described_and_can_be_measured_again() -> None:
    assert set(HOW) == set(results())
    text = page(FIGURES)
    scripts = {name: Path(shlex.split(way.command)[0]).name for name, way in HOW.items()}
    assert [n for n in HOW if f"`{n}.json`" not in text and scripts[n] not in text] == []


@pytest.mark.parametrize("name", HOW)
def test_the_command_that_measures_a_result_again_is_understood(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Understood(Exception):
        pass

    script, *given = shlex.split(HOW[name].command)
    read = argparse.ArgumentParser.parse_args

    def parse(parser: argparse.ArgumentParser, *_: object) -> argparse.Namespace:
        read(parser, given)
        raise Understood

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    with pytest.raises(Understood):
        importlib.import_module(script.removesuffix(".py").replace("/", ".")).main()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.13<!-- a.json: at 2.0.share -->", True),
        ("0.12<!-- a.json: at 2.0.share -->", True),
        ("0.14<!-- a.json: at 2.0.share -->", False),
        ("0.125<!-- a.json:at 2.0.share-->", True),
        ("0.1250<!-- a.json: at 2.0.share -->", True),
        ("12.5 %<!-- a.json: at 2.0.share -->", True),
        ("13%<!-- a.json: at 2.0.share -->", True),
        ("0.13 %<!-- a.json: at 2.0.share -->", False),
        ("57<!-- a.json: at 2.0.of -->", True),
        ("58<!-- a.json: at 2.0.of -->", False),
        ("**57** <!-- a.json: at 2.0.of -->", True),
        ("| 0.83<!-- a.json: TPR@0.1%FPR.0 --> |", True),
        ("−4<!-- a.json: TPR@0.1%FPR.1.deep.er -->", True),
        ("-4<!-- a.json: TPR@0.1%FPR.1.deep.er -->", True),
        ("4<!-- a.json: TPR@0.1%FPR.1.deep.er -->", False),
        ("10,240<!-- a.json: works -->", True),
        ("10,297<!-- a.json:\n works ++ at 2.0.of -->", True),
    ],
)
def test_a_figure_agrees_when_it_is_the_value_rounded_as_shown(text: str, value: bool) -> None:
    (quote,) = quotes("page", text)
    assert (wrong(quote, RESULT) is None) is value


@pytest.mark.parametrize("way", ["at 2", "at 2.0", "at 2.0.none", "named", "sure", "TPR@0.1%FPR.2", "works.0", ""])
def test_a_way_that_leads_to_no_number_is_wrong(way: str) -> None:
    with pytest.raises(LookupError):
        value_at(RESULT, way)
    assert "page:3: " in (wrong(Quote("page", 3, "1", "a.json", way), RESULT) or "")


def test_a_mark_without_a_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="page:2: the mark .* stands after no figure"):
        quotes("page", "first line\nnone<!-- a.json: works -->")


def test_decimals_without_a_mark_are_seen_but_not_in_code_or_addresses() -> None:
    text = (
        "0.5 and 0.5<!-- a.json: half -->, `1.5`, [a](b_1.5.png), Pillow 1.2.3, v2.0x, Python 3.11, **0.7 %**\n\n"
        "    python a.py --share 0.9\n\n```\n0.8\n```\n<!-- 0.6 -->"
    )
    assert unmarked("page", text) == ["page:1: 0.5", "page:1: 0.7"]


@pytest.fixture
def fresh() -> dict[str, Any]:
    """A result as it is written today."""
    return {**machine.facts(), "rests_on": machine.resting(("phash", machine.MARKS), (machine.TABLE,))}


def test_a_result_of_today_is_not_stale(fresh: dict[str, Any]) -> None:
    assert why_stale(json.loads(json.dumps(fresh))) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"changed": True}, "not committed"),
        ({"commit": None}, "not committed"),
        ({"commit": "0" * 40}, "not in the history"),
        ({"rests_on": {"signals": {"phash": "0" * 64}, "shipped": {}}}, "another phash today"),
        ({"rests_on": {"signals": {"marks": "method 0"}, "shipped": {}}}, "another marks today"),
        ({"rests_on": {"signals": {}, "shipped": {machine.CALIBRATION: "0" * 64}}}, "another calibration.json today"),
    ],
)
def test_a_result_of_other_code_is_stale(fresh: dict[str, Any], change: dict[str, Any], why: str) -> None:
    assert why in (why_stale({**fresh, **change}) or "")


def test_a_result_that_does_not_say_what_it_rests_on_is_stale(fresh: dict[str, Any]) -> None:
    del fresh["rests_on"]
    assert "rest on" in (why_stale(fresh) or "")
