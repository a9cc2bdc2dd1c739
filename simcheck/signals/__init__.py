"""The signals, by name. A signal's module is imported when it is asked for, and its heavy library later still."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points

from simcheck.errors import UsageError
from simcheck.signals.base import Settings, Signal

__all__ = ["NAMES", "configured", "load", "names"]

NAMES = ("clip", "copy", "layout", "keypoints", "patches", "phash", "palette")
"""The built-in signals, in the order in which reports list them."""

GROUP = "simcheck.signals"


def names() -> tuple[str, ...]:
    """All signals that can be loaded: the built-in ones, then those that other packages publish."""
    return NAMES + tuple(sorted(e.name for e in entry_points(group=GROUP) if e.name not in NAMES))


def load(wanted: Iterable[str]) -> dict[str, type[Signal]]:
    """Signal classes by name, in the order of `names`. Raises UsageError for a name that nobody publishes."""
    asked, known = list(wanted), names()
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise UsageError(f"no signal is called {', '.join(unknown)}; there are: {', '.join(known)}")
    return {name: _load(name) for name in known if name in asked}


def configured(wanted: Iterable[str], settings: Settings) -> dict[str, Signal]:
    """Signals by name as the person wants them, in the order of `names`. Raises UsageError as `load` does."""
    found: dict[str, Signal] = {}
    for name, kind in load(wanted).items():
        # a signal with variants is a package, which picks one
        choose = getattr(import_module(f"simcheck.signals.{name}"), "configured", None) if name in NAMES else None
        found[name] = choose(settings) if choose else kind.configured(settings)
    return found


def _load(name: str) -> type[Signal]:
    if name in NAMES:
        module = import_module(f"simcheck.signals.{name}")
        if hasattr(module, "__path__"):
            module = import_module(f"simcheck.signals.{name}.signal")
        return next(
            v
            for v in vars(module).values()
            if isinstance(v, type) and issubclass(v, Signal) and v.__module__ == module.__name__
        )
    (entry,) = entry_points(group=GROUP, name=name)
    found = entry.load()
    if not (isinstance(found, type) and issubclass(found, Signal) and found.name == name):
        raise UsageError(f"the entry point {name} = {entry.value} is no simcheck signal; update or remove it")
    return found
