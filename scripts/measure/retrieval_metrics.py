"""Figures of merit for retrieval. Ties always count against the method that produced them.

uAP (micro average precision), recall@k and the like as in the Image Similarity Challenge (Douze et al., "The 2021
Image Similarity Dataset and Challenge", 2021). Labels are booleans, scores are higher for more similar; -inf marks a
pair that a method did not return. None of them depends on the order of its input.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["first_true_ranks", "micro_average_precision", "recall_at", "tpr_at_fpr"]


def _arrays(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values, truth = np.asarray(scores, np.float64).ravel(), np.asarray(labels, np.bool_).ravel()
    if values.shape != truth.shape or not truth.any() or truth.all():
        raise ValueError("scores and labels must have one shape, with at least one true and one false pair")
    if np.isnan(values).any():
        raise ValueError("a score is not a number")
    return values, truth


def first_true_ranks(scores: ArrayLike, truth: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """For each row (query) of ``scores`` the rank, from 1, of its best true reference; ties rank behind all their kind.

    ``truth[i]`` lists the columns that are right for row i; one that was not returned (-inf) ranks behind everything.
    """
    table = np.asarray(scores, np.float64)
    ranks = []
    for row, right in zip(table, truth, strict=True):
        wrong = np.ones(len(row), np.bool_)
        wrong[list(right)] = False
        best = row[list(right)].max()
        ranks.append(int((row[wrong] >= best).sum()) + 1 if best > -np.inf else len(row) + 1)
    return np.array(ranks, np.int64)


def recall_at(ranks: ArrayLike, k: int) -> float:
    """Share of queries whose best true reference is among the first k."""
    return float((np.asarray(ranks) <= k).mean())


def _curve(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """True and false pairs at or above each distinct score, highest first; pairs not returned are left out."""
    values, truth = _arrays(scores, labels)
    distinct = np.unique(values[values > -np.inf])[::-1]
    true = np.sort(values[truth])
    false = np.sort(values[~truth])
    hits = len(true) - np.searchsorted(true, distinct, side="left")
    misses = len(false) - np.searchsorted(false, distinct, side="left")
    return hits.astype(np.int64), misses.astype(np.int64), distinct


def micro_average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """uAP: average precision over all (query, reference) pairs in one ranking; equal scores are one step."""
    hits, misses, _ = _curve(scores, labels)
    positives = int(np.asarray(labels, np.bool_).sum())
    gained = np.diff(np.r_[0, hits])
    return float((gained * hits / (hits + misses)).sum() / positives) if len(hits) else 0.0


def tpr_at_fpr(scores: ArrayLike, labels: ArrayLike, fpr: float) -> float:
    """Share of true pairs at the lowest score at which at most ``fpr`` of the false pairs are accepted."""
    hits, misses, _ = _curve(scores, labels)
    truth = np.asarray(labels, np.bool_)
    allowed = misses <= fpr * (~truth).sum()
    return float(hits[allowed].max() / truth.sum()) if allowed.any() else 0.0
