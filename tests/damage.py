"""Ways in which the bytes of a file come to harm, each drawn by a seeded ``Random``."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

__all__ = ["KINDS"]


def flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 3))):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwritten(data: bytes, random: Random) -> bytes:
    start, length = random.randrange(len(data)), random.choice((1, 4, 16, 300, 5000))
    filling = random.choice((b"\0" * length, b"\xff" * length, random.randbytes(length), data[:length]))
    return data[:start] + filling[: len(data) - start] + data[start + length :]


def cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def longer(data: bytes, random: Random) -> bytes:
    return data + random.randbytes(random.choice((1, 100, 5000)))


def moved(data: bytes, random: Random) -> bytes:
    """Two pieces of the same size exchange their places."""
    size = random.choice((8, 64, 512, 4096))
    if len(data) < 2 * size:
        return data[::-1]
    first, second = sorted(random.randrange(len(data) // size) * size for _ in range(2))
    changed = bytearray(data)
    changed[first : first + size], changed[second : second + size] = (
        data[second : second + size],
        data[first : first + size],
    )
    return bytes(changed)


def another(data: bytes, random: Random) -> bytes:
    return random.choice((b"", b"\0" * len(data), b"[" * 100_000, b"not what it was", b"{}", b"PK\x03\x04" + data[4:]))


KINDS: tuple[Callable[[bytes, Random], bytes], ...] = (
    flipped,
    flipped,
    flipped,
    overwritten,
    overwritten,
    cut,
    longer,
    moved,
    another,
)
