"""Of a contact sheet's many pictures, those that are compared in full: each costs as much as a suspect of its own."""

from __future__ import annotations

from collections.abc import Sequence

from simcheck.comparison.panels import panel_of, panels_of
from simcheck.pipeline.session import Session
from simcheck.records import Box, Description, Picture
from simcheck.signals.copy import Copy
from simcheck.signals.describe import describe

__all__ = ["MOST", "promising"]

MOST = 12
NEAREST = 3
"""Works that each of them is first compared with."""


def promising(session: Session, picture: Picture, panels: Sequence[Box]) -> tuple[Box, ...]:
    """At most `MOST` panels of a suspect, in their order: those most like a work in the eyes of the signal `copy`."""
    signal = session.signals.get(Copy.name)
    if len(panels) <= MOST or signal is None:
        return tuple(panels[:MOST])
    whole = describe([picture], signal, query=True, panels=[panels], pool=session.pool)[0]
    scores = [_score(session, panel_of(whole, region)) for region in panels_of(whole)]
    best = sorted(range(len(panels)), key=lambda i: -scores[i])[:MOST]
    return tuple(panels[i] for i in sorted(best))


def _score(session: Session, panel: Description) -> float:
    """That of the work which is most like it."""
    signal = session.signals[Copy.name]
    near = session.searchers[Copy.name].search(panel, NEAREST)
    stored = session.store.descriptions(session.identities[Copy.name], near)
    scores = [signal.score(panel, reference) for _, reference in dict(stored).items()]
    return max((score for score in scores if score is not None), default=-1.0)
