"""Write ``docs/constants.md``: every numeric constant of simcheck, its value, and the reason that stands beside it.

    python scripts/build/constants.py

Constants are those at the top level of a module, in capitals, whose value is made of numbers alone: thresholds, sizes,
counts. The reason is the string after it, or the comment on its line or above it. A test fails when the page is older
than the code.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.build.imports import CHECKOUT, DOCS, modules, place
from simcheck.system.writing import replace_file

__all__ = ["PAGE", "Constant", "constants_in", "page"]

PAGE = DOCS / "constants.md"
_PLAIN = (
    ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator, ast.Name, ast.Load
)  # fmt: skip
_NUMBERS = ("np", "math")
"""Libraries whose functions of numbers are numbers."""
_HEAD = """\
# The constants

Made by `scripts/build/constants.py` from the code; do not edit it here. These are the numbers that decide what simcheck
reports, how large things may grow and how they are drawn: {count} in {modules} modules, in the order in which a picture
meets them. {bare} of them say no reason beside them: their names have to.
"""


@dataclass(frozen=True, slots=True)
class Constant:
    """``names`` (several where they are set together), the value as the code writes it, and the reason, if any."""

    names: str
    value: str
    reason: str


def constants_in(source: str) -> list[Constant]:
    """The numeric constants of a module, in its order."""
    body = ast.parse(source).body
    lines = source.splitlines()
    found = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or not _numeric(node.value):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = ", ".join(ast.unparse(t).strip("()") for t in targets)
        if not re.fullmatch(r"[A-Z0-9_, ]+", names):
            continue
        value = re.sub(r"\s*#.*$", "", ast.get_source_segment(source, node.value) or "", flags=re.MULTILINE)
        found.append(Constant(names, _flat(value), _flat(_reason(node, after, lines))))
    return found


def page(paths: Sequence[Path]) -> str:
    """The page about the constants of some modules."""
    parts = [(path, found) for path in paths if (found := constants_in(path.read_text(encoding="utf-8")))]
    every = [constant for _, found in parts for constant in found]
    head = _HEAD.format(count=len(every), modules=len(parts), bare=sum(not c.reason for c in every))
    return "\n".join([head, *_sections(parts)])


def _sections(parts: Sequence[tuple[Path, Sequence[Constant]]]) -> Iterator[str]:
    for path, found in parts:
        yield f"## {place(path)}\n\n| constant | value | why |\n|---|---|---|"
        for constant in found:
            why = constant.reason.replace("|", "\\|")
            yield f"| `{constant.names}` | `{constant.value}` | {why} |"
        yield ""


def _numeric(value: ast.expr) -> bool:
    """Whether an expression is made of numbers, other constants, and functions of numbers."""
    numbers = 0
    keys = {id(key) for node in ast.walk(value) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(value):
        if id(node) in keys and isinstance(node, ast.Constant):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            numbers += 1
        elif isinstance(node, ast.Call | ast.Attribute):
            function = node.func if isinstance(node, ast.Call) else node
            if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
                return False
            if function.value.id not in _NUMBERS:
                return False
        elif not isinstance(node, _PLAIN):
            return False
    return numbers > 0


def _reason(node: ast.stmt, after: ast.stmt | None, lines: Sequence[str]) -> str:
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
        return after.value.value
    end = (node.end_lineno or node.lineno) - 1
    beside = re.search(r"#(?!\s*(?:noqa|type:|fmt:))\s*(.*)$", lines[end][node.end_col_offset or 0 :])
    if beside:
        return beside[1]
    above: list[str] = []
    for line in reversed(lines[: node.lineno - 1]):
        if not line.startswith("#"):
            break
        above.insert(0, line.lstrip("# "))
    return " ".join(above)


def _flat(text: str) -> str:
    return " ".join(text.split())


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    replace_file(PAGE, page(modules()).encode())
    print(PAGE.relative_to(CHECKOUT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
