"""What ``--fail-at`` asks for: findings at or above a number, or of a type or a stronger one.

The number is held against the log10 likelihood ratio, and against the score where a finding has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from simcheck.errors import UsageError
from simcheck.records import Finding, FindingType

__all__ = ["parse_threshold"]


def parse_threshold(text: str) -> Callable[[Finding], bool]:
    """A test for findings. Equal bytes pass at every number. Raises UsageError for what is neither number nor type."""
    strength: list[FindingType] = [kind for kind in FindingType if kind is not FindingType.NOTHING]
    if text in strength:
        wanted = strength[: strength.index(FindingType(text)) + 1]
        return lambda finding: finding.type in wanted
    try:
        least = float(text)
    except ValueError:
        least = math.nan
    if math.isnan(least):
        raise UsageError(f"--fail-at takes a log10 likelihood ratio or one of: {', '.join(strength)}; not {text!r}.")

    def reached(finding: Finding) -> bool:
        if finding.uncalibrated:  # a calibrated run, and no ratio for this one: its score is no ratio either
            return finding.type is FindingType.EXACT_FILE
        number = finding.llr.value if finding.llr else finding.score
        return finding.type is FindingType.EXACT_FILE or number >= least

    return reached
