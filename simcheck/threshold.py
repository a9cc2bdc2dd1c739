"""What ``--fail-at`` asks for: findings at or above a score, or of a type or a stronger one."""

from __future__ import annotations

import math
from collections.abc import Callable

from simcheck.errors import UsageError
from simcheck.records import Finding, FindingType

__all__ = ["parse_threshold"]


def parse_threshold(text: str) -> Callable[[Finding], bool]:
    """A test for findings. Equal bytes pass at every score. Raises UsageError for what is neither score nor type."""
    strength: list[FindingType] = [kind for kind in FindingType if kind is not FindingType.NOTHING]
    if text in strength:
        wanted = strength[: strength.index(FindingType(text)) + 1]
        return lambda finding: finding.type in wanted
    try:
        least = float(text)
    except ValueError:
        least = math.nan
    if math.isnan(least):
        raise UsageError(f"--fail-at takes a score or one of: {', '.join(strength)}; not {text!r}.")
    return lambda finding: finding.type is FindingType.EXACT_FILE or finding.score >= least
