"""Write ``docs/imports.md``: the folders of simcheck in the order of the data, and what each imports from the others.

    python scripts/build/imports.py

`ORDER` is that order. ``tests/test_imports.py`` sees to it that imports go one way, and that the page is as new as the
code.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from simcheck.system.writing import replace_file

__all__ = ["CHECKOUT", "DOCS", "ORDER", "imported", "modules", "page", "part_of", "place"]

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "simcheck"
DOCS = CHECKOUT / "docs"
PAGE = DOCS / "imports.md"

ORDER = (
    *("errors", "system", "records", "shipped"),
    *("images", "models", "signals", "store"),
    *("indexing", "retrieval", "comparison", "scoring", "provenance", "cohort"),
    *("reporting", "pipeline", "api", "demo", "cli"),
)
"""The folders in the order of the data. What is in one imports only from those before it and from its own folder;
``simcheck.__version__`` is free for all."""

_HEAD = """\
# The folders, and what they import

Made by `scripts/build/imports.py` from the code; do not edit it here. The folders stand in the order of the data: a
picture passes them from top to bottom, and a module imports only from folders above its own.
"""


def part_of(path: Path) -> str:
    """``simcheck/signals/clip.py`` -> ``signals``; the package's own ``__init__`` is ``simcheck``."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "simcheck" if first == "__init__" else first


def place(path: Path) -> str:
    """A file of the checkout as pages name it, with ``/`` on every system."""
    return path.relative_to(CHECKOUT).as_posix()


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of everything a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def modules() -> list[Path]:
    """The modules of simcheck in the order of the data; in a folder by name, those of folders in it last."""
    rank = {part: number for number, part in enumerate(ORDER)}
    return sorted(PACKAGE.rglob("*.py"), key=lambda p: (rank.get(part_of(p), -1), len(p.parts), place(p)))


def page() -> str:
    """The page, from the code as it is."""
    every = modules()
    rows = ["| folder | what it is for | imports from |", "|---|---|---|"]
    for part in ORDER:
        own = [path for path in every if part_of(path) == part]
        sources = {name for path in own for name in _simcheck_parts(path)} - {part}
        listed = ", ".join(f"`{name}`" for name in ORDER if name in sources) or "nothing"
        rows.append(f"| `{part}` | {_purpose(PACKAGE / part)} | {listed} |")
    inner = _tree(every)
    width = max(len(line) for line, _ in inner) + 2
    tree = [f"{line.ljust(width)}{purpose}" for line, purpose in inner]
    return "\n".join([_HEAD, "```", "simcheck/", *tree, "```", "", *rows, ""])


def _tree(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """A line for each folder and each module that stands beside them, with what it is for."""
    found: list[tuple[str, str]] = []
    for path in paths:
        parts = path.relative_to(PACKAGE).parts
        if path.name == "__init__.py" and len(parts) > 1:
            found.append((f"{'    ' * (len(parts) - 1)}{parts[-2]}/", _purpose(path.parent)))
        elif len(parts) == 1 and path.name != "__init__.py":
            found.append((f"    {parts[0]}", _purpose(path.with_suffix(""))))
    return found


def _purpose(place: Path) -> str:
    """The first sentence of the docstring of a folder or a module."""
    source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    text = " ".join((ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())
    text = re.sub(r"^\d+ - ", "", text.partition(". ")[0].rstrip(".")).replace("``", "`")
    return text[:1].upper() + text[1:]


def _simcheck_parts(path: Path) -> Iterator[str]:
    for name, _ in imported(path):
        pieces = name.split(".")
        if pieces[0] == "simcheck" and len(pieces) > 1 and pieces[1] in ORDER:
            yield pieces[1]


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    DOCS.mkdir(exist_ok=True)
    replace_file(PAGE, page().encode())
    print(place(PAGE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
