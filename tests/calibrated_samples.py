"""Report documents of calibrated runs, for tests. Every likelihood ratio and every figure of a test here is made up."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from report_samples import Document, Shelf, everything, finding, paint, query, rate, regions, result

SIGNALS = ["copy", "layout", "keypoints"]
HAND = "<i>H. Nobody</i>"


def llr(value: float, low: float | None = None, high: float | None = None, **more: Any) -> dict[str, Any]:
    plain = {
        "value": value,
        "low": value - 0.4 if low is None else low,
        "high": min(2.6, value + 0.3) if high is None else high,
        "lower_bound": -2.1,
        "upper_bound": 2.6,
        "works": 14,
        "signals": SIGNALS,
    }
    return plain | more


def interval(value: float, apart: float = 0.01) -> dict[str, float]:
    return {"value": value, "low": max(0.0, value - apart), "high": value + 2 * apart}


def validation(signals: list[str] = SIGNALS, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    h1 = np.clip(rng.normal(1.6, 1.1, 220), -2.1, 2.6)
    h2 = np.clip([*rng.normal(-1.1, 0.7, 396), 1.12, 1.31, 1.9, 2.4], -2.1, 2.6)
    misled = {at: float((h2 >= at).mean()) for at in (1.0, 2.0, 3.0)}
    plain = {
        "signals": list(signals),
        "folds": 5,
        "cllr": interval(0.312, 0.04),
        "cllr_min": interval(0.291, 0.04),
        "misleading": [
            {"llr": at, "all": interval(share, share / 2), "same_tradition": interval(2 * share, share / 2)}
            for at, share in misled.items()
        ],
        "h1": sorted(h1.round(3).tolist()),
        "h2": sorted(h2.round(3).tolist()),
        "h1_suspects": 220,
        "h2_suspects": 400,
    }
    return plain | more


def calibration(*validations: dict[str, Any]) -> dict[str, Any]:
    kinds = [
        ("derived", "H1", 57, 41),
        ("edited", "H1", 960, 80),
        ("re-rendered", "H1", 240, 80),
        ("recomposed", "H1", 131, 79),
        ("same hand", "H2", 4100, 65),
        ("same tradition", "H2", 61_000, 48),
        ("other", "H2", 120_000, 65),
    ]
    return {
        "state": "calibrated",
        "name": "made up for tests",
        "digest": "0123456789abcdef" * 4,
        "source": "No pairs at all: these figures were made up for tests.",
        "groups": [{"kind": k, "hypothesis": h, "pairs": p, "sources": s} for k, h, p, s in kinds],
        "validations": list(validations) or [validation()],
    }


def line_up(reached: int = 0) -> dict[str, Any]:
    entries = [
        {
            "sha256": f"{i:064x}",
            "cohort": "cohort-1",
            "hand": artist,
            "tradition": tradition,
            "source": name,
            "attribution": "Museum of Tests, CC0",
            "scores": {"copy": 0.31 - i / 50, "layout": 0.38 - i / 30},
        }
        for i, (artist, tradition, name) in enumerate(
            [
                (HAND, "landscape", "The Harbour at Noon"),
                ("Invented Painter", "landscape", "Hay \u202efields"),
                ("虚构画家", "山水", "秋山图"),
                ("Another Hand", "poster", "Night train"),
            ]
        )
    ]
    highest = {"copy": [0.31], "layout": [0.38]}
    counts = {"copy": 0, "layout": reached}
    return {"works": 1386, "compared": 60, "entries": entries, "highest": highest, "reached": counts}


def single(given: dict[str, Any] | None = None, *, kind: str = "re_rendered", **more: Any) -> tuple[Document, Shelf]:
    """One suspect, one work that looks related, and one that does not."""
    made, shelf = everything()
    work = shelf.add("harvest moon.png", paint(0))
    other = shelf.add("reeds.png", paint(5, (640, 420)))
    suspect = shelf.add("poster in a shop.png", paint(0, (700, 506), "cold"))
    signals = {
        "copy": result(score=0.61, cohort=rate(2), evidence=regions([0, 0, 1, 1], [0, 0, 1, 1])),
        "layout": result(score=0.74, cohort=rate(31)),
        "keypoints": result(score=0.52, cohort=rate(9)),
    }
    first = finding(1, work, kind, signals, llr=llr(2.32) if given is None else given, basis=["sum_beyond_cohort"])
    second = finding(2, other, "nothing_found", {"layout": result(score=0.2)}, llr=llr(-0.85))
    asked = query(suspect, first, second, line_up=line_up())
    return made | {"queries": [asked], "calibration": calibration(), "skipped": [], "notices": []} | more, shelf


def several() -> tuple[Document, Shelf]:
    """`everything`, calibrated: five suspects with and without llrs, and a statement about them together."""
    made, shelf = everything()
    made = copy.deepcopy(made)
    first, second, third, fourth, _ = made["queries"]
    first["findings"][0]["llr"] = llr(2.6, 2.2, 2.6)
    first["findings"][1]["llr"] = llr(1.31, 0.6, 2.1, signals=["copy"])
    first["line_up"] = line_up(12)
    second["findings"][0]["llr"] = llr(1.0, 0.7, 1.2)
    third["findings"][0]["uncalibrated"] = "signals_not_calibrated"
    third["findings"][1]["uncalibrated"] = "exact_file"
    fourth["findings"][0]["llr"] = llr(-1.2, -1.6, -0.7)
    made["calibration"] = calibration(validation(), validation(["copy"], h2_suspects=4300))
    made["set_statement"] = {
        "suspects": 8,
        "exact": 1,
        "works": 14,
        "sets": {"size": 8, "artists": 36, "pictures": 245},
        "unheld": None,
        "bands": [
            {"llr": 1.0, "reached": 2, "half": 0, "nineteen": 1, "most": 3},
            {"llr": 2.0, "reached": 1, "half": 0, "nineteen": None, "most": 2},
            {"llr": 3.0, "reached": 0, "half": 0, "nineteen": 0, "most": 0},
        ],
        "recurring": [{"reference": first["findings"][0]["reference"], "suspects": 2}],
    }
    made["selected_from"] = 3000
    return made, shelf
