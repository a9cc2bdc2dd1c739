"""Every signal on every (query, candidate)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from simcheck.comparison.panels import in_whole, panel_of, panels_of
from simcheck.comparison.unmasked import unmasked
from simcheck.errors import SignalError, SimcheckError
from simcheck.records import (
    Alignment,
    AlignmentEvidence,
    Box,
    Comparison,
    Description,
    Disguise,
    MatchEvidence,
    Pixels,
    RegionEvidence,
    SignalIdentity,
)
from simcheck.signals.base import Regions, Signal
from simcheck.signals.keypoints.geometry import box_iou, in_detail
from simcheck.signals.patches.alignment import without_repeats
from simcheck.store import Store

__all__ = ["Compared", "agreeing_parts", "compare_descriptions", "compare_with_store", "compared"]

MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """All comparisons of one query with one work, by signal name in report order."""

    work_id: int
    comparisons: tuple[tuple[str, Comparison], ...]
    parts: tuple[Alignment, ...] = ()
    """The parts of the two that agree, by whichever signal they were proposed; none where no signal keeps maps."""
    overlaid: float = 0.0
    """Share of what both show on which the query shows something else; 0 where that cannot be told."""
    disguise: Disguise = Disguise()


def compare_descriptions(
    signals: Mapping[str, Signal], query: Mapping[str, Description], reference: Mapping[str, Description]
) -> tuple[tuple[str, Comparison], ...]:
    """One comparison for each signal; a side that was not described is an abstention, never a zero."""
    found: dict[str, Comparison] = {}
    seen: Box | None = None
    for name, signal in signals.items():
        found[name] = _compare(signal, query.get(name), reference.get(name), seen)
        evidence = found[name].evidence
        if signal.query_regions is not Regions.WHOLE and isinstance(evidence, RegionEvidence):
            seen = evidence.query_box
    return tuple(found.items())


def _compare(signal: Signal, query: Description | None, reference: Description | None, seen: Box | None) -> Comparison:
    if query is None or reference is None:
        return Comparison(None, "not_described")
    with _blaming(signal):
        if not query.panels or signal.query_regions is not Regions.WHOLE:
            return signal.compare(query, reference)
        return _best_of_panels(signal, query, reference, seen)


@contextmanager
def _blaming(signal: Signal) -> Iterator[None]:
    """A fault within a signal names it, whoever wrote it."""
    try:
        yield
    except SimcheckError:
        raise
    except Exception as error:
        raise SignalError(
            f"The signal {signal.name} failed to compare two pictures ({type(error).__name__}: {error}). "
            f"Leave it out with --without {signal.name}, and please report this."
        ) from error


def _best_of_panels(signal: Signal, query: Description, reference: Description, seen: Box | None) -> Comparison:
    """The whole suspect or a panel of it, whichever scores higher.

    Where a signal that looks at many regions has seen the work at ``seen``, only the panel that holds most of that is
    tried: a collage of nine would else cost ten times as much.
    """
    best = signal.compare(replace(query, panels=0), reference)
    panels = panels_of(query)
    if seen:
        panels = tuple(sorted(panels, key=lambda panel: -box_iou(panel.box, seen))[:1])
    for panel in panels:
        one = signal.compare(panel_of(query, panel), reference)
        if one.score is not None and (best.score is None or one.score > best.score):
            best = replace(one, evidence=one.evidence and in_whole(one.evidence, panel.box, query))
    return best


def agreeing_parts(
    signals: Mapping[str, Signal],
    query: Mapping[str, Description],
    reference: Mapping[str, Description],
    comparisons: Sequence[tuple[str, Comparison]],
) -> tuple[Alignment, ...]:
    """The parts that agree: those that signals found, and those that the relations of others lead to."""
    found: list[Alignment] = []
    for _, comparison in comparisons:
        if isinstance(comparison.evidence, AlignmentEvidence):
            found += comparison.evidence.alignments
    relations = _matches(comparisons)
    both = [(s, query[name], reference[name]) for name, s in signals.items() if name in query and name in reference]
    for signal, ours, theirs in both:
        with _blaming(signal):
            found += signal.parts(ours, theirs, relations)
    parts = []
    for part in without_repeats(found, MOST_PARTS):
        for signal, ours, theirs in both:
            with _blaming(signal):
                if (apart := signal.colour_difference(ours, theirs, part)) is not None:
                    part = replace(part, colour_difference=apart)
        parts.append(part)
    return tuple(parts)


def _overlaid(
    signals: Mapping[str, Signal],
    query: Mapping[str, Description],
    reference: Mapping[str, Description],
    comparisons: Sequence[tuple[str, Comparison]],
) -> float:
    """Only where the same strokes agree: of a picture that was made anew everything differs a little."""
    relations = [matches for matches in _matches(comparisons) if in_detail(matches)]
    found = [0.0]
    for name, signal in signals.items():
        if name in query and name in reference:
            with _blaming(signal):
                found.append(signal.overlaid(query[name], reference[name], relations))
    return max(found)


def _matches(comparisons: Sequence[tuple[str, Comparison]]) -> list[MatchEvidence]:
    return [each.evidence for _, each in comparisons if isinstance(each.evidence, MatchEvidence)]


def compare_with_store(
    store: Store,
    signals: Mapping[str, Signal],
    identities: Mapping[str, SignalIdentity],
    query: Mapping[str, Description],
    work_ids: Sequence[int],
    pool: ThreadPoolExecutor,
    pixels: Pixels | None = None,
) -> Iterator[Compared]:
    """Compare one query with stored works, in the order given, each as it is ready. The store is read before, in the
    calling thread, some dozens of works with one statement for each signal. With the query's ``pixels`` it is told what
    covers a work. Raises StoreError."""
    stored = {name: dict(store.descriptions(identity, work_ids)) for name, identity in identities.items()}
    references = [
        {name: descriptions[work_id] for name, descriptions in stored.items() if work_id in descriptions}
        for work_id in work_ids
    ]
    return pool.map(
        lambda work_id, reference: compared(work_id, signals, query, reference, pixels), work_ids, references
    )


def compared(
    work_id: int,
    signals: Mapping[str, Signal],
    query: Mapping[str, Description],
    reference: Mapping[str, Description],
    pixels: Pixels | None = None,
) -> Compared:
    """All that one query and one work have to do with each other."""
    plain = compare_descriptions(signals, query, reference)
    comparisons, disguise = unmasked(signals, query, reference, plain, pixels)
    parts = agreeing_parts(signals, query, reference, comparisons)
    return Compared(work_id, comparisons, parts, _overlaid(signals, query, reference, comparisons), disguise)
