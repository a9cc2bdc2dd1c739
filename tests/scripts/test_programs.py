"""The programs of ``scripts/``: each is found under the command line that it names, and takes the options it names."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import environment

CHECKOUT = Path(environment.__file__).resolve().parents[1]
FILES = sorted((CHECKOUT / "scripts").rglob("*.py"))
PROGRAMS = [p for p in FILES if 'if __name__ == "__main__":' in p.read_text(encoding="utf-8")]
FOR_A_BARE_PYTHON = ("scripts/try.py", "scripts/test.py", "scripts/build/check_wheel.py")
"""These install what they need, so they are started with whatever Python there is, and import nothing but its own."""


class Asked(Exception):
    """Raised in the place of reading the command line, with the parser that would have read it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def place(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def command_lines(path: Path) -> str:
    """The indented lines of a docstring that start the program, with the lines that they go on in."""
    lines = docstring(path).splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("    python")]
    return "\n".join("\n".join([lines[n], *_deeper(lines[n + 1 :])]) for n in starts)


def _deeper(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("     "):
            return
        yield line


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """All options by name, those of sub-commands too."""
    found: dict[str, argparse.Action] = {}
    for action in parser._actions:
        found |= dict.fromkeys(action.option_strings, action)
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found |= options_of(command)
    return found


def test_there_are_programs_of_each_kind() -> None:
    """Else nothing below is looked at."""
    folders = {p.parent.name for p in PROGRAMS}
    assert {"scripts", "measure", "build", "train"} <= folders


@pytest.mark.parametrize("path", PROGRAMS, ids=place)
def test_a_program_names_its_command_line(path: Path) -> None:
    python = "python3" if place(path) in FOR_A_BARE_PYTHON else "python"
    assert re.search(rf"^    {python} {re.escape(place(path))}( |$)", docstring(path), re.MULTILINE)


@pytest.mark.parametrize("path", [p for p in PROGRAMS if p.parent.name != "scripts"], ids=place)
def test_a_program_takes_the_options_it_names_with_the_defaults_it_names(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(parser: argparse.ArgumentParser, *_: object) -> argparse.Namespace:
        raise Asked(parser)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", ask)
    module = importlib.import_module(".".join(path.relative_to(CHECKOUT).with_suffix("").parts))
    with pytest.raises(Asked) as asked:
        module.main()
    parser = asked.value.parser
    assert path.name in parser.prog or parser.description
    assert parser.format_help()
    options = options_of(parser)
    named = re.findall(r"(\[)?(--[a-z-]+)(?: ([0-9.]+)(?=\]))?", command_lines(path))
    for optional, name, value in named:
        assert name in options, f"{place(path)} names {name}, which it does not take"
        if optional:
            assert not options[name].required, f"{place(path)} says that {name} may be left out"
        if value:
            assert options[name].default == float(value), f"{place(path)}: {name} is {options[name].default}"


@pytest.mark.parametrize("name", FOR_A_BARE_PYTHON)
def test_an_old_python_gets_far_enough_to_be_told(name: str) -> None:
    """The scripts that a person starts parse as Python 3.7 (the oldest that ``ast`` knows) and check, then import."""
    tree = ast.parse((CHECKOUT / name).read_text(encoding="utf-8"), feature_version=(3, 7))
    (check,) = [
        n for n, node in enumerate(tree.body) if isinstance(node, ast.If) and "version_info" in ast.unparse(node)
    ]
    ours = [
        n for n, node in enumerate(tree.body) if isinstance(node, ast.ImportFrom) and "scripts" in (node.module or "")
    ]
    assert ours and min(ours) > check
    assert not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (f"{place(path)}:{node.lineno} {alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{place(path)}:{node.lineno} {node.module}"


def test_scripts_import_each_other_by_their_place() -> None:
    """Then it does not matter from where, or how, one is started."""
    beside = {p.stem for p in FILES if p.stem != "__init__"}
    names = [name for path in FILES for name in imported(path)]
    assert [name for name in names if name.split()[1].partition(".")[0] in beside] == []


def test_a_file_that_is_named_is_there() -> None:
    """In code and in the pages for people; DECISIONS and CHANGELOG tell of the past."""
    pages = ["README.md", "CONTRIBUTING.md", "index/README.md", "simcheck/models/shipped/MODEL_CARD.md"]
    others = [CHECKOUT / name for name in (*pages, "pyproject.toml", ".ci/run")]
    code = [*FILES, *sorted((CHECKOUT / "simcheck").rglob("*.py"))]
    known = ["/" + place(p) for folder in ("scripts", "simcheck", "tests") for p in (CHECKOUT / folder).rglob("*.py")]
    named = re.compile(r"(?<![\w.*/])(?:\w[\w./]*/)?\w+\.py\b|\bscripts/[\w./-]+\.(?:json|svg|png|md)\b")
    gone = [
        f"{place(file)} names {name}"
        for file in (*code, *others)
        for name in named.findall(file.read_text(encoding="utf-8"))
        if not (CHECKOUT / name).exists() and not any(path.endswith("/" + name) for path in known)
    ]
    assert gone == []
