"""Descriptions that were read, kept in memory: those of the cohort, and of small portfolios, are asked for again with
every suspect."""

from __future__ import annotations

from collections import OrderedDict

from simcheck.records import Description, SignalIdentity

__all__ = ["KEEP_BYTES", "Kept"]

KEEP_BYTES = 64 << 20
"""Memory for each open index. The shipped cohort takes some 20 MiB, a portfolio 0.3 MiB for each work."""
_OVERHEAD = 600
"""Bytes that a region takes beside its numbers."""


class Kept:
    """The descriptions that were asked for last, up to so many bytes. None stands for a work without one."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._found: OrderedDict[tuple[object, ...], tuple[Description | None, int]] = OrderedDict()
        self._bytes = 0
        self._state: object = None

    def of(self, state: object) -> Kept:
        """What is kept of this state of the index; nothing, where the state was another one before."""
        if state != self._state:
            self._found.clear()
            self._bytes, self._state = 0, state
        return self

    def __contains__(self, key: tuple[SignalIdentity, int]) -> bool:
        return _flat(key) in self._found

    def __getitem__(self, key: tuple[SignalIdentity, int]) -> Description | None:
        self._found.move_to_end(_flat(key))
        return self._found[_flat(key)][0]

    def __setitem__(self, key: tuple[SignalIdentity, int], description: Description | None) -> None:
        size = sum(d.values.nbytes + _OVERHEAD for d in description.descriptors) if description else _OVERHEAD
        self._found[_flat(key)] = description, size
        self._bytes += size
        while self._bytes > self._most:
            _, (_, gone) = self._found.popitem(last=False)
            self._bytes -= gone


def _flat(key: tuple[SignalIdentity, int]) -> tuple[object, ...]:
    identity, work_id = key
    return (*identity.comparable, work_id)
