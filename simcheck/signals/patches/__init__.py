"""The signal `patches`: windows seen by the shipped network, or by a vision transformer that the person names."""

from __future__ import annotations

from simcheck.signals.base import Settings, Signal

__all__ = ["configured"]


def configured(settings: Settings) -> Signal:
    """With a vision transformer instead of the shipped network where the person names one."""
    from simcheck import models

    option = None if settings.tokens == "auto" else settings.tokens
    spec = models.choose_tokens(option, settings.model) if settings.tokens is not None else None
    if spec is None:
        from simcheck.signals.patches.signal import Patches

        return Patches()
    from simcheck.signals.patches.tokens import TokenPatches

    return TokenPatches(spec, settings.offline, named=option is not None)
