"""What suspects are held against beside the portfolio, works and artists of the cohort -> its part of the document."""

from __future__ import annotations

from typing import Any

from simcheck.records.run import LineUp, StyleStatement
from simcheck.reporting.words.plain import plain

__all__ = ["line_up_document", "style_document"]


def line_up_document(line_up: LineUp) -> dict[str, Any]:
    return {
        "works": line_up.works,
        "compared": line_up.compared,
        "entries": [
            {
                "sha256": entry.work.sha256,
                "cohort": plain(entry.work.cohort),
                "hand": plain(entry.work.artist),
                "tradition": plain(entry.work.tradition),
                "source": plain(entry.work.source),
                "attribution": entry.work.attribution,
                "scores": {name: round(score, 6) for name, score in entry.scores},
            }
            for entry in line_up.entries
        ],
        "highest": {name: [round(score, 6) for score in scores] for name, scores in line_up.highest},
        "reached": dict(line_up.reached),
    }


def style_document(statement: StyleStatement | None) -> dict[str, Any] | None:
    if statement is None:
        return None
    return {
        "signals": list(statement.signals),
        "suspects": statement.suspects,
        "hands": statement.artists,
        "rank": statement.rank,
        "score": statement.score,
        "nearest": [
            {"hand": plain(p.artist), "tradition": plain(p.tradition), "works": p.works, "score": p.score}
            for p in statement.nearest
        ],
    }
