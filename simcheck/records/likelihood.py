"""Likelihood ratios as records: of one finding, and of the test by which a calibration was validated.

H1: the suspect was derived from this work. H2: it was made independently, with the same subject and in the same
tradition. An *llr* is log10 of the likelihood ratio: above 0 it supports H1, below 0 H2. No behaviour beyond reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Bound",
    "CalibrationFacts",
    "Interval",
    "LikelihoodRatio",
    "Misleading",
    "PairGroup",
    "Strength",
    "Validation",
    "cautious",
    "shown_ratio",
    "strength",
]


class Strength(StrEnum):
    """How much a likelihood ratio supports a hypothesis, in the words of the ENFSI Guideline for Evaluative Reporting
    in Forensic Science (2015). The words for H2 are those for H1 at the reciprocal."""

    NONE = "none"
    WEAK = "weak"
    MODERATE = "moderate"
    MODERATELY_STRONG = "moderately_strong"
    STRONG = "strong"
    VERY_STRONG = "very_strong"
    EXTREMELY_STRONG = "extremely_strong"


_EDGES = (
    (2, Strength.NONE),
    (10, Strength.WEAK),
    (100, Strength.MODERATE),
    (1_000, Strength.MODERATELY_STRONG),
    (10_000, Strength.STRONG),
    (1_000_000, Strength.VERY_STRONG),
)
"""The highest ratio of each band: an edge belongs to the lower band."""


def strength(llr: float) -> Strength:
    """The band of ``llr`` as it is shown (`shown_ratio`): number and words never disagree."""
    ratio = shown_ratio(llr)
    return next((band for edge, band in _EDGES if ratio <= edge), Strength.EXTREMELY_STRONG)


def shown_ratio(llr: float) -> float:
    """How many times more likely, under whichever hypothesis it supports; to two significant digits."""
    return float(f"{10 ** abs(round(llr, 2)):.2g}")


def cautious(value: float, low: float, high: float) -> float:
    """The end of an interval that says less; 0 where it reaches over to the other hypothesis. Words follow this end: a
    false accusation is worse than a miss."""
    return max(low, 0.0) if value > 0 else min(high, 0.0)


class Bound(StrEnum):
    """A limit of the test at which a ratio stands."""

    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """All as log10. ``low`` to ``high`` is the 95 % interval (bootstrap over sources), within ``bounds``."""

    value: float
    low: float
    high: float
    bounds: tuple[float, float]
    """The lowest and the highest llr that the pairs behind it can carry."""
    works: int
    """It is that of the best of so many works: the more were searched, the lower it is."""
    signals: tuple[str, ...]
    """By whose scores: those that had something to say."""
    validation: str
    """``key`` of the validation that says how far it can be relied on."""
    unbounded: Interval
    """As the model gives it. Works are ordered by its value; it is never reported, since no test bears it out."""
    beside: bool = False
    """Whether the work was judged beside the one next to it: not where no other was compared."""

    @property
    def at_bound(self) -> Bound | None:
        """The limit that the best estimate has reached: it says "at least", and its interval is cut there."""
        if self.unbounded.value >= self.bounds[1]:
            return Bound.UPPER
        return Bound.LOWER if self.unbounded.value <= self.bounds[0] else None

    @property
    def cautious(self) -> float:
        """The end of the interval that words, and whoever has to decide, go by."""
        return cautious(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class PairGroup:
    """Pairs of known origin that a calibration was fitted to. ``sources`` are works (H1) or artists (H2)."""

    kind: str
    """``derived``, ``edited``, ``re-rendered``, ``recomposed`` | ``same artist``, ``same tradition``, ``other``."""
    hypothesis: str
    """``H1`` or ``H2``."""
    pairs: int
    sources: int


@dataclass(frozen=True, slots=True)
class Misleading:
    """Shares of H2 suspects whose best work reaches ``llr``: of all, and of those of the work's tradition."""

    llr: float
    all: Interval
    same_tradition: Interval | None
    """None where the test had no such suspects."""


@dataclass(frozen=True, slots=True)
class Validation:
    """How well the llrs of these ``signals`` told suspects of known origin apart.

    By cross-validation: no suspect was tested by a model that had seen its source, its repository or its artist.
    """

    signals: tuple[str, ...]
    folds: int
    cllr: Interval
    cllr_min: Interval
    misleading: tuple[Misleading, ...]
    h1: tuple[float, ...]
    """llrs of suspects that were derived from a work, sorted; at most 400 quantiles, each kind counted alike."""
    h2: tuple[float, ...]
    """llrs of independent suspects, each with its best work; at most 400 quantiles, each suspect counted alike."""
    h1_suspects: int
    h2_suspects: int
    missed: int | None = None
    """Derived suspects whose work was not among the candidates: they count with the best work that was shown. None in
    calibrations of earlier versions, which left them out."""
    sets: tuple[tuple[int, ...], ...] | None = None
    """For each artist of independent pictures how many there were, and how many of these reached each llr of
    ``misleading`` (`scoring.calibrate.sets`). None in calibrations of earlier versions."""
    beside: bool = False
    """Whether each work was judged beside the one next to it: suspects with a single work took no part."""

    @property
    def key(self) -> str:
        return "+".join(self.signals) + (":beside" if self.beside else "")


@dataclass(frozen=True, slots=True)
class CalibrationFacts:
    """The calibration of a run, with those of its validations that the run's llrs belong to."""

    name: str
    digest: str
    source: str
    groups: tuple[PairGroup, ...]
    validations: tuple[Validation, ...]
