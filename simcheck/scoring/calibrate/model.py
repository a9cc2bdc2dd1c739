"""A calibration: the fitted map from the scores of one finding to a likelihood ratio.

For each set of signals that have something to say there is one model, fitted jointly:

    log10 LR = offset + sum_i weight_i * surprise_i - size * log10(number of works)

and where the portfolio holds other works to tell the work from, that ratio is judged once more beside its lead:

    log10 LR = a * (the above) + b * lead + c

The lead is by how much the work's value lies above that of the work next to it, at the same place of the suspect. What
an artist's works have in common anyway (a series, a character, a frame) gives them all a high value, and none a lead.

``surprise_i`` is -log10 of the share of unrelated pairs that reach the score (`scoring.rates`), from 0 up to what the
number of those pairs can carry: beyond it more likeness adds nothing. No weight is negative, so a higher score never
lowers the ratio, and a larger portfolio never raises it: the best of a thousand works is more alike than the best of
ten by chance alone. The models are logistic regressions on the best work of each suspect (`fitting`).

What is reported lies within bounds. With n independent pictures in the test, no ratio beyond n is known (Morrison &
Poh, Science & Justice 58, 2018, on why ratios must be bounded); and where one derived suspect in m leaves nothing
behind that the signals see, nothing found speaks for independence no more than m to 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcheck.errors import StoreError
from simcheck.records import Comparison, SignalIdentity
from simcheck.records.likelihood import CalibrationFacts, Interval, LikelihoodRatio, Misleading, PairGroup, Validation
from simcheck.scoring.calibrate.lead import Lead
from simcheck.scoring.rates import Unrelated
from simcheck.system.reading import json_of, read_text
from simcheck.system.sealing import check_seal, sealed
from simcheck.system.writing import replace_file

__all__ = ["FILE", "Calibration", "Model", "features_of", "fused"]

FILE = "calibration.json"
FORMAT = 2
"""1: no lead. Such a calibration still holds, and is as it was."""
QUANTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One set of signals. ``coefficients``: a weight for each signal, then size, then offset; log10 units."""

    signals: tuple[str, ...]
    coefficients: NDArray[np.float64]
    replicates: NDArray[np.float64]
    """(n, coefficients): fitted again on sources drawn with replacement."""
    bounds: tuple[float, float]
    validation: Validation
    lead: Lead | None = None

    def fused(self, features: NDArray[np.float64], works: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """log10 LR of rows of surprises, (n, signals), before it is bounded."""
        return fused(self.coefficients, features, works)

    def ratio(
        self, features: NDArray[np.float64], works: int, rival: NDArray[np.float64] | None = None
    ) -> LikelihoodRatio:
        """Of one row of surprises; ``rival``: that of the work next to it, where there is one."""
        every = fused_by(self.replicates, features, works)
        value = float(self.fused(features[None], works)[0])
        bounds, tested_by = self.bounds, self.validation
        if self.lead and rival is not None:
            beside = fused_by(self.replicates, rival, works)
            lead = value - float(self.fused(rival[None], works)[0])
            every = Lead.led(self.lead.replicates, every, every - beside)
            value = float(Lead.led(self.lead.coefficients, np.array(value), np.array(lead)))
            bounds, tested_by = self.lead.bounds, self.lead.validation
        low, high = (float(end) for end in np.percentile(every, QUANTILES))
        free = Interval(value, min(low, value), max(high, value))
        lower, upper = bounds
        value, low, high = (round(min(max(v, lower), upper), 3) for v in (free.value, free.low, free.high))
        return LikelihoodRatio(value, low, high, bounds, works, self.signals, tested_by.key, free, tested_by.beside)


def fused_by(coefficients: NDArray[np.float64], features: NDArray[np.float64], works: int) -> NDArray[np.float64]:
    """What each row of ``coefficients`` makes of one row of surprises."""
    return np.asarray(coefficients[:, :-2] @ features - coefficients[:, -2] * np.log10(works) + coefficients[:, -1])


def fused(
    coefficients: NDArray[np.float64], features: NDArray[np.float64], works: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    weights, size, offset = coefficients[:-2], coefficients[-2], coefficients[-1]
    return np.asarray(features @ weights - size * np.log10(works) + offset, np.float64)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Holds for the very signals, versions, weights and table of unrelated pairs that it names, for no others."""

    name: str
    source: str
    table: str
    """SHA-256 of the scores of unrelated pairs that surprises are read from."""
    pairs: str
    """SHA-256 of the pairs that it was fitted on."""
    signals: tuple[tuple[str, int, str, str, str], ...]
    groups: tuple[PairGroup, ...]
    models: tuple[Model, ...]

    @cached_property
    def _by_set(self) -> dict[tuple[str, ...], Model]:
        return {model.signals: model for model in self.models}

    def usable(self, identities: Mapping[str, SignalIdentity], table: Unrelated | None) -> tuple[str, ...]:
        """Those of the signals that are the very ones it was fitted with; none against another table."""
        if table is None or table.digest != self.table:
            return ()
        used = {identity.comparable for identity in identities.values()} & set(table.identities)
        return tuple(signal[0] for signal in self.signals if signal in used)

    def ratio(
        self,
        comparisons: Sequence[tuple[str, Comparison]],
        identities: Mapping[str, SignalIdentity],
        table: Unrelated,
        works: int,
        rival: Sequence[tuple[str, Comparison]] | None = None,
    ) -> LikelihoodRatio | None:
        """The ratio of one finding, the best of ``works``, beside that of the work next to it (``rival``). None where
        none of its signals had anything to say."""
        scores = {name: c.score for name, c in comparisons if c.score is not None}
        present = tuple(name for name in self.usable(identities, table) if name in scores)
        model = self._by_set.get(present)
        if model is None:
            return None

        def row(of: Mapping[str, float]) -> NDArray[np.float64]:
            known = [(identities[name].comparable, of.get(name)) for name in present]
            found = [0.0 if v is None else features_of(table, signal, np.array([v]))[0] for signal, v in known]
            return np.array(found, np.float64)

        beside = None if rival is None else row({name: c.score for name, c in rival if c.score is not None})
        return model.ratio(row(scores), works, beside)

    def limits(self, signals: Collection[str]) -> tuple[float, float] | None:
        """The lowest and the highest llr that any of its models for some of these signals can give."""
        able = [model for model in self.models if set(model.signals) <= set(signals)]
        bounds = [each.bounds for model in able for each in (model, model.lead) if each]
        return (min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else None

    def fullest(self, signals: Collection[str]) -> Model | None:
        """Of the models that need no others than these, the one for the most; too few pairs may have had all."""
        able = [model for model in self.models if set(model.signals) <= set(signals)]
        return max(able, key=lambda model: len(model.signals), default=None)

    def facts(self, sets: Collection[str]) -> CalibrationFacts:
        """What a report says of it; ``sets`` are the keys of the validations that it needs."""
        every = (each.validation for model in self.models for each in (model, model.lead) if each)
        used = tuple(validation for validation in every if validation.key in sets)
        return CalibrationFacts(self.name, self.digest, self.source, self.groups, used)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(_text(self._document()).encode()).hexdigest()

    def save(self, path: Path) -> None:
        replace_file(path, _text(sealed(self._document())).encode())

    def _document(self) -> dict[str, Any]:
        return {
            "format": FORMAT if any(model.lead for model in self.models) else 1,
            "name": self.name,
            "source": self.source,
            "table": self.table,
            "pairs": self.pairs,
            "signals": [list(each) for each in self.signals],
            "groups": [asdict(group) for group in self.groups],
            "models": [
                {
                    "signals": list(model.signals),
                    "coefficients": _rounded(model.coefficients),
                    "replicates": [_rounded(row) for row in model.replicates],
                    "bounds": list(model.bounds),
                    "validation": _written(model.validation),
                    **({"lead": _lead_document(model.lead)} if model.lead else {}),
                }
                for model in self.models
            ],
        }

    @classmethod
    def find(cls, named: Path | None, reference: Path) -> Calibration | None:
        """The one that is named, else the shipped one in the folder ``reference``; None where there is none."""
        path = named or reference / FILE
        return cls.load(path) if named or path.is_file() else None

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Raises StoreError for a file that is damaged, or that a later simcheck made."""
        try:
            document = json_of(read_text(path))
            if document["format"] > FORMAT:
                raise StoreError(f"{path} was made by a later simcheck. Update simcheck to use it.")
            check_seal(document)
            return cls(
                str(document["name"]),
                str(document["source"]),
                str(document["table"]),
                str(document["pairs"]),
                tuple((str(n), int(v), str(w), str(p), str(c)) for n, v, w, p, c in document["signals"]),
                tuple(PairGroup(**group) for group in document["groups"]),
                tuple(_model(each) for each in document["models"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"The calibration {path} cannot be read ({error}). Name another with --calibration, or install "
                "simcheck again."
            ) from error


def features_of(
    table: Unrelated, comparable: tuple[str, int, str, str, str], scores: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The surprises of many scores, between 0 and what the number of unrelated pairs can carry."""
    column, found = table.sorted_scores(comparable), table.surprises(comparable, scores)
    assert column is not None, "the table knows every signal of a calibration"
    assert found is not None, "pairs of the table have a score"
    return np.asarray(np.clip(found, 0, np.log10(len(column))), np.float64)


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _written(validation: Validation) -> dict[str, Any]:
    """A file that was written before there were these keys is the same file still, with the same digest."""
    absent = {"missed": None, "sets": None, "beside": False}
    return {name: value for name, value in asdict(validation).items() if absent.get(name, ...) is not value}


def _lead_document(lead: Lead) -> dict[str, Any]:
    return {
        "coefficients": _rounded(lead.coefficients),
        "replicates": [_rounded(row) for row in lead.replicates],
        "bounds": list(lead.bounds),
        "validation": _written(lead.validation),
    }


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 5) for value in values]


def _model(document: Mapping[str, Any]) -> Model:
    low, high = (float(bound) for bound in document["bounds"])
    signals = tuple(document["signals"])
    coefficients = np.array(document["coefficients"], np.float64)
    replicates = np.array(document["replicates"], np.float64)
    if coefficients.shape != (len(signals) + 2,) or replicates.shape[1:] != coefficients.shape or not len(replicates):
        raise ValueError(f"the model for {', '.join(signals)} has not the coefficients that it needs")
    if not (np.isfinite(coefficients).all() and np.isfinite(replicates).all() and -np.inf < low < high < np.inf):
        raise ValueError(f"the model for {', '.join(signals)} holds numbers that say nothing")
    return Model(
        signals,
        coefficients,
        replicates,
        (low, high),
        _validation(document["validation"]),
        _lead(document["lead"], len(replicates)) if "lead" in document else None,
    )


def _lead(document: Mapping[str, Any], count: int) -> Lead:
    low, high = (float(bound) for bound in document["bounds"])
    coefficients = np.array(document["coefficients"], np.float64)
    replicates = np.array(document["replicates"], np.float64)
    if coefficients.shape != (3,) or replicates.shape != (count, 3):
        raise ValueError("a lead has not the coefficients that it needs")
    if not (np.isfinite(coefficients).all() and np.isfinite(replicates).all() and -np.inf < low < high < np.inf):
        raise ValueError("a lead holds numbers that say nothing")
    return Lead(coefficients, replicates, (low, high), _validation(document["validation"]))


def _validation(document: Mapping[str, Any]) -> Validation:
    return Validation(
        **{
            **document,
            "signals": tuple(document["signals"]),
            "cllr": Interval(**document["cllr"]),
            "cllr_min": Interval(**document["cllr_min"]),
            "misleading": tuple(
                Misleading(
                    float(m["llr"]), Interval(**m["all"]), m["same_tradition"] and Interval(**m["same_tradition"])
                )
                for m in document["misleading"]
            ),
            "h1": tuple(document["h1"]),
            "h2": tuple(document["h2"]),
            "sets": None if document.get("sets") is None else _sets(document["sets"], len(document["misleading"])),
            "missed": None if document.get("missed") is None else int(document["missed"]),
            "beside": bool(document.get("beside", False)),
        }
    )


def _sets(rows: Sequence[Sequence[int]], bands: int) -> tuple[tuple[int, ...], ...]:
    """Raises ValueError for counts that no artists can have."""
    found = tuple(tuple(int(count) for count in row) for row in rows)
    if any(len(row) != bands + 1 or row[0] < 1 or not all(0 <= count <= row[0] for count in row[1:]) for row in found):
        raise ValueError("the sets of independent pictures hold counts that say nothing")
    return found
