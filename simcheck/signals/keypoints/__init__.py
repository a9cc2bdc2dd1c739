"""The signal `keypoints`: found by SIFT, or by a network that the person names a file of."""

from __future__ import annotations

from simcheck.signals.base import Settings, Signal

__all__ = ["configured"]


def configured(settings: Settings) -> Signal:
    """With learned keypoints instead of SIFT's where the person names a file of them."""
    if settings.keypoints is None:
        from simcheck.signals.keypoints.signal import KeypointsSignal

        return KeypointsSignal()
    from simcheck.signals.keypoints.learned import LearnedKeypointsSignal

    return LearnedKeypointsSignal(settings.keypoints)
