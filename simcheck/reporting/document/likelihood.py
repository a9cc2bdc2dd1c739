"""Likelihood ratios and the calibration behind them, as JSON. Rounded, so that the same inputs give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simcheck.records import Work
from simcheck.records.likelihood import CalibrationFacts, Interval, LikelihoodRatio, Misleading, Validation
from simcheck.records.run import SetStatement

__all__ = ["UNCALIBRATED", "calibration_document", "llr_document", "set_document"]

UNCALIBRATED = (
    "No calibration has been fitted for these signals yet, so no likelihood ratio is given. Scores are raw; read them "
    "beside the rate at which unrelated works reach them."
)


def llr_document(llr: LikelihoodRatio | None) -> dict[str, Any] | None:
    if llr is None:
        return None
    lower, upper = llr.bounds
    return {
        "value": _llr(llr.value),
        "low": _llr(llr.low),
        "high": _llr(llr.high),
        "lower_bound": _llr(lower),
        "upper_bound": _llr(upper),
        "at_bound": llr.at_bound and llr.at_bound.value,
        "works": llr.works,
        "signals": list(llr.signals),
        "beside": llr.beside,
    }


def calibration_document(facts: CalibrationFacts | None, reason: str) -> dict[str, Any]:
    """``reason`` stands in a document without a calibration."""
    if facts is None:
        return {"state": "uncalibrated", "reason": reason}
    return {
        "state": "calibrated",
        "name": facts.name,
        "digest": facts.digest,
        "source": facts.source,
        "groups": [
            {"kind": g.kind, "hypothesis": g.hypothesis, "pairs": g.pairs, "sources": g.sources} for g in facts.groups
        ],
        "validations": [_validation(validation) for validation in facts.validations],
    }


def set_document(statement: SetStatement | None, reference: Callable[[Work], dict[str, Any]]) -> dict[str, Any] | None:
    """``reference`` gives the record of a work's file."""
    if statement is None:
        return None
    return {
        "suspects": statement.suspects,
        "exact": statement.exact,
        "works": statement.works,
        "sets": None
        if statement.size is None
        else {"size": statement.size, "artists": statement.artists, "pictures": statement.pictures},
        "unheld": statement.unheld,
        "bands": [
            {
                "llr": _llr(band.llr),
                "reached": band.reached,
                "half": band.half,
                "nineteen": band.nineteen,
                "most": band.most,
            }
            for band in statement.bands
        ],
        "recurring": [{"reference": reference(work), "suspects": count} for work, count in statement.recurring],
    }


def _validation(validation: Validation) -> dict[str, Any]:
    return {
        "signals": list(validation.signals),
        "folds": validation.folds,
        "cllr": _interval(validation.cllr),
        "cllr_min": _interval(validation.cllr_min),
        "misleading": [_misleading(each) for each in validation.misleading],
        "h1": _llrs(validation.h1),
        "h2": _llrs(validation.h2),
        "h1_suspects": validation.h1_suspects,
        "h2_suspects": validation.h2_suspects,
        "missed": validation.missed,
        "beside": validation.beside,
    }


def _misleading(share: Misleading) -> dict[str, Any]:
    return {
        "llr": _llr(share.llr),
        "all": _interval(share.all),
        "same_tradition": share.same_tradition and _interval(share.same_tradition),
    }


def _interval(interval: Interval) -> dict[str, float]:
    return {"value": round(interval.value, 5), "low": round(interval.low, 5), "high": round(interval.high, 5)}


def _llrs(values: Iterable[float]) -> list[float]:
    return sorted(_llr(value) for value in values)


def _llr(value: float) -> float:
    return round(float(value), 3) + 0.0  # no minus zero
