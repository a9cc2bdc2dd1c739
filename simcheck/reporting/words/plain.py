"""Text that JSON can carry, and JSON that nothing it is shown on takes for a command."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["json_text", "plain"]

_NOT_ASCII = re.compile("[\x7f-\U0010ffff]")
_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""What Unicode calls control, format, surrogate or separator of lines: it turns the text around it, or is not seen."""


def plain(text: str) -> str:
    """File names may hold bytes that are no characters; JSON may not. They are shown as \\udcXX escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def json_text(document: Mapping[str, Any] | Sequence[Any], *, ascii_only: bool = False) -> str:
    """JSON in which all that steers a terminal or turns text around is an escape: it reads back as it was.

    Raises ValueError for numbers that JSON does not have.
    """
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=ascii_only)
    # outside of strings JSON has none of these; within them the first 32 are escaped by the standard
    return text if ascii_only else _NOT_ASCII.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if unicodedata.category(character) in _STEERING else character
