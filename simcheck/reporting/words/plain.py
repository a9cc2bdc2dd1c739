"""Text that JSON can carry, and JSON that nothing it is shown on takes for a command."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["json_text", "plain"]

_STEERING = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f]"
)
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
    return _STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text)
