"""What is to be learned: kin near, others far, and everything spread over the sphere."""

from __future__ import annotations

import torch

__all__ = ["contrast", "spread"]


def contrast(
    left: torch.Tensor, right: torch.Tensor, rivals: torch.Tensor, kinship: torch.Tensor, temperature: float
) -> torch.Tensor:
    """NT-Xent (Chen et al., ICML 2020) over all views of the batch, unit vectors of one dimension; ``rivals`` are
    negatives only. A pair that shares only a part counts by its kinship."""
    everything = torch.cat([left, right, rivals])
    pairs = len(left)
    queries = everything[: 2 * pairs]
    logits = queries @ everything.T / temperature
    logits.fill_diagonal_(-torch.inf)
    partner = torch.arange(2 * pairs, device=queries.device).roll(pairs)
    each = torch.nn.functional.cross_entropy(logits, partner, reduction="none")
    weights = kinship.repeat(2)
    return (each * weights).sum() / weights.sum()


def spread(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The differential-entropy term of SSCD (Pizzi et al., CVPR 2022; Kozachenko-Leonenko estimator): minus the mean
    log distance to the nearest view of another family."""
    everything = torch.cat([left, right])
    with torch.no_grad():
        similarity = everything @ everything.T
        pairs = len(left)
        rows = torch.arange(2 * pairs, device=everything.device)
        similarity[rows, rows] = -2
        similarity[rows, rows.roll(pairs)] = -2
        nearest = similarity.argmax(dim=1)
    distance = (everything - everything[nearest]).square().sum(dim=1).clamp(min=1e-8).sqrt()
    return -distance.log().mean()
