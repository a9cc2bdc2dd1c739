"""What ``--fail-at`` asks for: findings at or above a number, or of a type or a stronger one.

A number is a log10 likelihood ratio and is held against the cautious end of its interval, as all words are. A run that
gives no ratios, or none so high, is refused before anything is compared: nothing could ever reach the number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simcheck.errors import UsageError
from simcheck.records import Finding, FindingType
from simcheck.scoring.scale import Scale

__all__ = ["Threshold"]

STRENGTH: list[FindingType] = [kind for kind in FindingType if kind is not FindingType.NOTHING]


@dataclass(frozen=True, slots=True)
class Threshold:
    """Either ``types`` or ``least`` is given."""

    types: tuple[FindingType, ...]
    least: float | None = None

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Raises UsageError for what is neither number nor type."""
        if text in STRENGTH:
            return cls(tuple(STRENGTH[: STRENGTH.index(FindingType(text)) + 1]))
        try:
            least = float(text)
        except ValueError:
            least = math.nan
        if math.isnan(least):
            raise UsageError(
                f"--fail-at takes a log10 likelihood ratio or one of: {', '.join(STRENGTH)}; not {text!r}."
            )
        return cls((FindingType.EXACT_FILE,), least)

    def check(self, scale: Scale) -> None:
        """Raises UsageError where a run on this scale cannot tell findings apart by the number."""
        if self.least is None:
            return
        limits = scale.limits()
        types = f"Name a type instead ({', '.join(STRENGTH)})"
        if limits is None:
            raise UsageError(
                f"--fail-at {self.least:g} is a log10 likelihood ratio, and this comparison gives none: no calibration "
                f"holds for these signals. {types}."
            )
        lowest, highest = limits
        if self.least > highest:
            raise UsageError(
                f"--fail-at {self.least:g} can never be reached: with this calibration no log10 likelihood ratio is "
                f"above {highest:g}. Ask for that much at most. {types}, if you like."
            )
        if self.least <= lowest:
            raise UsageError(
                f"--fail-at {self.least:g} is always reached: with this calibration no log10 likelihood ratio is below "
                f"{lowest:g}. Ask for more than that. {types}, if you like."
            )

    def reached(self, finding: Finding) -> bool:
        """Equal bytes pass at every number; a finding without a ratio passes at none."""
        if finding.type in self.types:
            return True
        return self.least is not None and finding.llr is not None and finding.llr.cautious >= self.least
