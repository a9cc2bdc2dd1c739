"""The page of constants: complete, with the reasons that stand in the code, and as new as it."""

from __future__ import annotations

import pytest

from scripts.build.constants import PAGE, Constant, constants_in, page
from scripts.build.imports import CHECKOUT, modules, place


def test_the_page_is_as_new_as_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(modules()), "run: python scripts/build/constants.py"


def test_every_module_is_looked_at_in_the_order_of_the_data() -> None:
    places = [place(path) for path in modules()]
    assert sorted(places) == sorted(place(p) for p in (CHECKOUT / "simcheck").rglob("*.py"))
    first = [next(n for n, p in enumerate(places) if p.startswith(f"simcheck/{part}")) for part in ("images/", "cli/")]
    assert first == sorted(first)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A = 1", [("A", "1", "")]),
        ('A: int = 40_000\n"""Pixels,\n  no more."""', [("A", "40_000", "Pixels, no more.")]),
        ("A = 2**20 * 3  # bytes", [("A", "2**20 * 3", "bytes")]),
        ("# first\n# second\n_A = -0.5\nB = 1", [("_A", "-0.5", "first second"), ("B", "1", "")]),
        ("A = 1  # noqa: X1", [("A", "1", "")]),
        ("A = 1  # type: ignore[x]", [("A", "1", "")]),
        ("A, B = 1, 2", [("A, B", "1, 2", "")]),
        ("A = (1,  # one\n  2.5)", [("A", "(1, 2.5)", "")]),
        ("A = {'copy': 32, OTHER: 64}", [("A", "{'copy': 32, OTHER: 64}", "")]),
        ("A = np.log(1.8)\nB = 2 * A\nC = A", [("A", "np.log(1.8)", ""), ("B", "2 * A", "")]),
        ("A = 'x'\nB = True\nC = None\nD = {'a': 'b'}\nE = (1, 'x')", []),
        ("a = 1\nRecord = 2\nA = read(3)\nB = [x for x in range(4)]\n__version__ = 1", []),
        ("def f():\n    A = 1\nclass C:\n    B = 2", []),
    ],
)
def test_constants_are_those_made_of_numbers_with_the_reason_beside_them(
    source: str, expected: list[tuple[str, str, str]]
) -> None:
    assert constants_in(source) == [Constant(*each) for each in expected]
