"""What pages for developers say of the code is so."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from test_imports import CHECKOUT, MODULE_LINES, PACKAGE, SIGNAL_LINES

from simcheck import signals

TEXT = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PAGES = ("CONTRIBUTING.md", "README.md", "scripts/results/README.md", "index/README.md", "docs/imports.md")
COMMANDS = [
    (page, shlex.split(line, comments=True)[1:])
    for page in PAGES
    for line in re.findall(r"^    python (scripts/.*)$", (CHECKOUT / page).read_text(encoding="utf-8"), re.MULTILINE)
    for line in [f"python {re.split(r' {3,}', line)[0]}"]
]


def test_the_limits_of_length_are_those_that_are_tested() -> None:
    assert f"A signal has at most {SIGNAL_LINES} lines, another module at most {MODULE_LINES}." in TEXT


def test_the_contract_says_the_same_steps() -> None:
    """Both name the file, the tuple, and the tests that then run."""
    contract = (PACKAGE / "signals" / "base.py").read_text(encoding="utf-8")
    for text in (TEXT, contract):
        assert "NAMES" in text and "signals/__init__.py" in text and "pytest tests/signals" in text
    assert isinstance(signals.NAMES, tuple)


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 10


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=lambda value: value if isinstance(value, str) else value[0])
def test_a_command_that_a_page_names_is_understood(
    page: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Understood(Exception):
        pass

    read = argparse.ArgumentParser.parse_args

    def parse(parser: argparse.ArgumentParser, *_: object) -> argparse.Namespace:
        read(parser, command[1:])
        raise Understood

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    with pytest.raises(Understood):
        importlib.import_module(command[0].removesuffix(".py").replace("/", ".")).main()


@pytest.mark.parametrize("page", [*PAGES, "docs/constants.md", "simcheck/models/shipped/MODEL_CARD.md"])
def test_a_page_leads_to_files_that_are_there(page: str) -> None:
    text = re.sub(r"```.*?```", "", (CHECKOUT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    folders = re.findall(r"^\| `([\w./]+/)`", text, re.MULTILINE) if page == "CONTRIBUTING.md" else []
    gone = [name for name in links if not ((CHECKOUT / page).parent / name).exists()]
    assert gone + [name for name in folders if not Path(CHECKOUT / name).is_dir()] == []


REFERENCE = CHECKOUT / "index" / "reference"
FORMAT = (CHECKOUT / "index" / "README.md").read_text(encoding="utf-8").split("## The folder")[0]


@pytest.mark.parametrize("path", sorted(REFERENCE.iterdir()), ids=lambda path: path.name)
def test_the_page_of_the_format_lists_what_ships(path: Path) -> None:
    """Every file, and of those that hold arrays each by name, with as many columns as there are."""
    assert f"`{path.name}`" in FORMAT
    if path.suffix == ".npz":
        start = FORMAT.index(f"- `{path.name}`")
        about = FORMAT[start : FORMAT.index("\n- `", start + 1) if "\n- `" in FORMAT[start + 1 :] else None]
        with np.load(path, allow_pickle=False) as arrays:
            for name, values in arrays.items():
                assert f"`{name}`" in about
                columns = re.search(rf"`{name}` \(n, (\d+)\)", about)
                assert columns is None or values.shape[1:] == (int(columns[1]),)


def test_the_page_of_the_format_counts_the_cohort() -> None:
    works = json.loads((REFERENCE / "works.json").read_text(encoding="utf-8"))["works"]
    artists, traditions = ({work[key] for work in works} for key in ("hand", "tradition"))
    most = max(Counter(work["hand"] for work in works).values())
    assert re.search(rf"\b{len(works)} works by {len(artists)} (hands|artists)\b", FORMAT)
    assert f"in {len(traditions)} traditions" in FORMAT
    assert most == 20 and "at most twenty by one" in FORMAT
