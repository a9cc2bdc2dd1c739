"""Every signal on every (query, candidate)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from simcheck.alignment import of_matches, without_repeats
from simcheck.errors import SignalError, SimcheckError
from simcheck.records import Alignment, AlignmentEvidence, Comparison, Description, MatchEvidence, SignalIdentity
from simcheck.signals.base import Signal
from simcheck.signals.patches import side_of
from simcheck.store import Store

__all__ = ["PATCHES", "Compared", "agreeing_parts", "compare_descriptions", "compare_with_store"]

PATCHES = "patches"
"""The signal that keeps the maps on which parts are laid over each other."""
MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """All comparisons of one query with one work, by signal name in report order."""

    work_id: int
    comparisons: tuple[tuple[str, Comparison], ...]
    parts: tuple[Alignment, ...] = ()
    """The parts of the two that agree, by whichever signal they were proposed; none without the signal `patches`."""


def compare_descriptions(
    signals: Mapping[str, Signal], query: Mapping[str, Description], reference: Mapping[str, Description]
) -> tuple[tuple[str, Comparison], ...]:
    """One comparison for each signal; a side that was not described is an abstention, never a zero."""
    return tuple((name, _compare(signal, query.get(name), reference.get(name))) for name, signal in signals.items())


def _compare(signal: Signal, query: Description | None, reference: Description | None) -> Comparison:
    if query is None or reference is None:
        return Comparison(None, "not_described")
    try:
        return signal.compare(query, reference)
    except SimcheckError:
        raise
    except Exception as error:
        raise SignalError(
            f"The signal {signal.name} failed to compare two pictures ({type(error).__name__}: {error}). "
            f"Leave it out with --without {signal.name}, and please report this."
        ) from error


def agreeing_parts(
    query: Mapping[str, Description],
    reference: Mapping[str, Description],
    comparisons: Sequence[tuple[str, Comparison]],
) -> tuple[Alignment, ...]:
    """The parts that agree: those that `patches` found, and those that the relations of `keypoints` lead to."""
    found: list[Alignment] = []
    for _, comparison in comparisons:
        if isinstance(comparison.evidence, AlignmentEvidence):
            found += comparison.evidence.alignments
    pair = [each[PATCHES] for each in (query, reference) if PATCHES in each and not each[PATCHES].descriptors[0].reason]
    if len(pair) == 2:
        ours, theirs = map(side_of, pair)
        for _, comparison in comparisons:
            if isinstance(comparison.evidence, MatchEvidence):
                found += of_matches(ours, theirs, comparison.evidence)
    return without_repeats(found, MOST_PARTS)


def compare_with_store(
    store: Store,
    signals: Mapping[str, Signal],
    identities: Mapping[str, SignalIdentity],
    query: Mapping[str, Description],
    work_ids: Sequence[int],
    pool: ThreadPoolExecutor,
) -> list[Compared]:
    """Compare one query with stored works, in the order given. The store is read in the calling thread."""
    references = []
    for work_id in work_ids:
        stored = {name: store.description(work_id, identity) for name, identity in identities.items()}
        references.append({name: description for name, description in stored.items() if description is not None})

    def both(reference: Mapping[str, Description]) -> tuple[tuple[tuple[str, Comparison], ...], tuple[Alignment, ...]]:
        comparisons = compare_descriptions(signals, query, reference)
        return comparisons, agreeing_parts(query, reference, comparisons)

    compared = pool.map(both, references)
    return [Compared(work_id, *each) for work_id, each in zip(work_ids, compared, strict=True)]
