"""Edits and rules as the codes that stand in ``report.json``, and back: the one place that writes and reads them.

An edit is its kind, with its value after a colon where it has one: ``mirrored``, ``rotated:-90``, ``cropped:43``,
``scaled:0.5``. A rule is its name; a signal that stands out by itself is the signal's name.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from simcheck.records import Basis, Edit, EditKind, Rule

__all__ = ["basis_code", "basis_of", "edit_code", "edit_of"]


def edit_code(edit: Edit) -> str:
    return edit.kind.value if edit.value is None else f"{edit.kind.value}:{edit.value:g}"


def edit_of(code: str) -> Edit | None:
    """None for a code that this version does not know: a report of another version is shown all the same."""
    name, _, value = code.partition(":")
    if name not in list(EditKind):
        return None
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return None if number is not None and not math.isfinite(number) else Edit(EditKind(name), number)


def basis_code(basis: Basis) -> str:
    return basis.signal if basis.signal is not None else basis.rule.value


def basis_of(code: str, signals: Collection[str]) -> Basis | None:
    """``signals``: names of those that took part. None for a code that this version does not know."""
    if code in list(Rule) and code != Rule.SIGNAL:
        return Basis(Rule(code))
    return Basis(Rule.SIGNAL, code) if code in signals else None
