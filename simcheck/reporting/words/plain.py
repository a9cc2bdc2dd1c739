"""Text that JSON can carry."""

from __future__ import annotations

__all__ = ["plain"]


def plain(text: str) -> str:
    """File names may hold bytes that are no characters; JSON may not. They are shown as \\udcXX escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
