"""Which signals a run uses: those that were asked for and that this computer, and the index, can serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import ModelUnreachable, SignalError, SimcheckError, UsageError
from simcheck.records import Notice, SignalIdentity, Watcher
from simcheck.records.run import SignalUse
from simcheck.signals import configured, load, names
from simcheck.signals.base import Settings, Signal
from simcheck.store import Store

__all__ = ["Choice", "left_out", "prepared", "usable"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which signals to use. ``only`` empty means all of them."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    model: str | None = None
    """The network of `clip`, as ``--model`` has it. One that is named, here or by SIMCHECK_MODEL, is fetched when it is
    not on this computer; no other ever is."""
    offline: bool = False
    """Fetch nothing, not even weights of a network that is named."""
    keypoints: str | None = None
    tokens: str | None = None
    panels: bool = True
    """Look for pictures within a suspect, and at each by itself as well."""
    calibration: Path | None = None
    """A calibration file of the person's own (`simcheck calibrate`) instead of the shipped one."""

    def names(self) -> tuple[str, ...]:
        """Raises UsageError for a signal that nobody knows, also one that is only left out, and when none is left."""
        load((*self.only, *self.without))
        chosen = tuple(name for name in self.only or names() if name not in self.without)
        if not chosen:
            raise UsageError(f"Every signal is left out ({', '.join(self.without)}); leave at least one in.")
        return chosen

    def signals(self) -> dict[str, Signal]:
        settings = Settings(self.model, self.offline, self.keypoints, self.tokens)
        return configured(self.names(), settings)

    def asks_for(self, signal: Signal) -> bool:
        """Whether the person named this signal or its network, and so is told when it cannot take part."""
        return signal.name in self.only or signal.named


def prepared(signals: Mapping[str, Signal], watcher: Watcher) -> tuple[dict[str, Signal], dict[str, str]]:
    """The signals that can work, their weights read, and for the others why not.

    Weights that are there but wrong raise ModelError, and ModelUnreachable is raised when none of the signals can work.
    """
    ready: dict[str, Signal] = {}
    missing: dict[str, str] = {}
    for name, signal in signals.items():
        try:
            signal.prepare(watcher)
        except ModelUnreachable as error:
            missing[name] = str(error)
        except SimcheckError:
            raise
        except Exception as error:  # a signal may come from a third party, and a device may fail in its own ways
            raise SignalError(
                f"The signal {name} could not be made ready ({type(error).__name__}: {error}). Leave it out with "
                f"`--without {name}`."
            ) from error
        else:
            ready[name] = signal
    if missing and not ready:
        raise ModelUnreachable(" ".join(missing.values()))
    return ready, missing


def left_out(
    store: Store, choice: Choice, wanted: Mapping[str, Signal], ready: Mapping[str, Signal], missing: Mapping[str, str]
) -> list[Notice]:
    """What an index that is about to be written says of signals that cannot take part.

    Of an optional one that nobody asked for and the index never had, only a hint, when signals are new to the index.
    """
    stored = store.identities()
    held = {identity.name for identity in stored}
    changes = {signal.identity().comparable for signal in ready.values()} - {i.comparable for i in stored}
    notices = []
    for name, reason in missing.items():
        if name in held:
            message = f"The signal {name} is left out, so new works get no descriptors of it. {reason}"
            notices.append(Notice("signal_missing", message))
        elif choice.asks_for(wanted[name]) or not wanted[name].optional:
            notices.append(Notice("signal_missing", f"The signal {name} is left out. {reason}"))
        elif changes:
            message = f"The signal {name} is left out; it is optional, and simcheck works without it. {reason}"
            notices.append(Notice("signal_optional", message, hint=True))
    return notices


def usable(
    store: Store, choice: Choice, watcher: Watcher, *, lasting: bool
) -> tuple[dict[str, Signal], list[SignalUse], list[Notice]]:
    """Signals that both the index and this computer have; what the others lack goes into the report.

    ``lasting`` is False for an index that was made for this one comparison: nobody can add to it.
    """
    stored = {identity.name for identity in store.identities()}
    wanted = choice.signals()
    ready, missing = prepared({n: s for n, s in wanted.items() if n in stored or not lasting}, watcher)
    works = len(store.works())
    signals: dict[str, Signal] = {}
    uses: list[SignalUse] = []
    for name, signal in wanted.items():
        reason = missing.get(name)
        count = 0
        if reason and name in stored:
            reason += " If the index was made with another network, name that one with --model."
        elif not reason and name not in stored:
            reason = f"The index holds no {name} descriptors. "
            reason += (
                "`simcheck index` adds them where its network is on this computer (`simcheck models pull`)."
                if signal.optional
                else "Run `simcheck index` again to add them."
            )
        elif not reason:
            count = store.described(signal.identity())
            if not count:
                reason = (
                    f"The index holds {name} descriptors of another version or other weights, which cannot be "
                    "compared with this one. Run `simcheck index` again to add these."
                )
        if reason:
            identity = signal.identity() if name in ready else SignalIdentity(name, signal.version)
            optional = signal.optional and name not in stored and not choice.asks_for(signal)
            uses.append(SignalUse(identity, signal.claim, reason, optional=optional))
            continue
        signals[name] = signal
        uses.append(SignalUse(signal.identity(), signal.claim, None, count))
    notices = [
        Notice("signal_missing", f"This comparison ran without the signal {use.identity.name}. {use.missing}")
        for use in uses
        if use.missing and not use.optional
    ]
    notices += [
        Notice(
            "signal_incomplete",
            f"The signal {use.identity.name} has described {use.works_described} of {works} works. "
            "Run `simcheck index` again to describe the others.",
        )
        for use in uses
        if not use.missing and use.works_described < works
    ]
    return signals, uses, notices
