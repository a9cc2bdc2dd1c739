"""Cut a picture into its regions and have a signal describe them: the one place where boxes become pixels."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np

from simcheck.errors import ModelError, SignalError, SimcheckError
from simcheck.records import Box, Description, Descriptor, Picture, Pixels
from simcheck.signals.base import Signal

__all__ = ["cut", "describe", "describe_each"]

_STORABLE = ("uint8", "float16")


def cut(pixels: Pixels, box: Box) -> Pixels:
    """The rectangle ``box`` (fractions) of a picture as a view: edges to the nearest pixel, never less than 1 x 1."""
    height, width = pixels.shape[:2]
    left, right = _edges(box[0], box[2], width)
    top, bottom = _edges(box[1], box[3], height)
    return pixels[top:bottom, left:right]


def _edges(start: float, end: float, size: int) -> tuple[int, int]:
    # int(x + 0.5), since round() goes to the even neighbour: equal boxes would then differ in size by where they lie.
    first = min(int(start * size + 0.5), size - 1)
    return first, max(first + 1, min(int(end * size + 0.5), size))


def describe(
    pictures: Sequence[Picture], signal: Signal, *, query: bool, pool: ThreadPoolExecutor | None = None
) -> list[Description]:
    """One description for each picture, in order; all their regions go to the signal together.

    A query is cut by ``query_regions`` and, where the signal asks for it, described mirrored as well: the mirrored
    picture is cut by the same boxes in its own frame. With a ``pool``, parts of the work run side by side; the
    result is the same. Raises SignalError, and ModelError from a signal with a network.
    """
    regions = (signal.query_regions if query else signal.reference_regions).of_picture()
    frames: list[Pixels] = []
    for picture in pictures:
        frames.append(picture.pixels)
        if query and signal.mirrored_query:
            frames.append(np.ascontiguousarray(picture.pixels[:, ::-1]))
    crops = [cut(frame, region.box) for frame in frames for region in regions]
    found = _descriptors(signal, crops, pool)
    if not query:
        found = [signal.stored(descriptor) for descriptor in found]
    each = [tuple(found[i : i + len(regions)]) for i in range(0, len(found), len(regions))]
    per_picture = len(frames) // len(pictures) if pictures else 1
    return [
        Description(
            regions=regions,
            descriptors=each[i * per_picture],
            width=picture.facts.width,
            height=picture.facts.height,
            mirrored=each[i * per_picture + 1] if per_picture == 2 else (),
        )
        for i, picture in enumerate(pictures)
    ]


def describe_each(
    pictures: Sequence[Picture], signal: Signal, *, pool: ThreadPoolExecutor | None = None
) -> list[Description | SignalError | ModelError]:
    """The description of each picture as a reference, or why there is none.

    Where the signal fails on all of them together, each gets its own try, so that one bad picture costs only itself.
    """
    try:
        return [*describe(pictures, signal, query=False, pool=pool)]
    except (SignalError, ModelError) as error:
        if len(pictures) == 1:
            return [error]
    return [outcome for picture in pictures for outcome in describe_each([picture], signal, pool=pool)]


def _descriptors(signal: Signal, crops: Sequence[Pixels], pool: ThreadPoolExecutor | None) -> list[Descriptor]:
    try:
        if pool is None or signal.threaded:
            found = signal.describe(crops)
        else:
            # One crop a task: pictures differ in cost, and a task is long beside what handing it over costs.
            found = list(chain.from_iterable(pool.map(lambda crop: signal.describe([crop]), crops)))
    except SimcheckError:
        raise
    except Exception as error:
        # A signal may come from a third party, and one picture that trips it must not end a night's run.
        raise SignalError(f"The signal {signal.name} failed with {type(error).__name__}: {error}") from error
    if len(found) != len(crops):
        raise SignalError(f"The signal {signal.name} gave {len(found)} descriptors for {len(crops)} images.")
    for descriptor in found:
        if descriptor.values.ndim != 2 or descriptor.values.dtype.name not in _STORABLE:
            raise SignalError(
                f"The signal {signal.name} made a descriptor of type {descriptor.values.dtype} with "
                f"{descriptor.values.ndim} dimensions; it must be two-dimensional uint8 or float16."
            )
    return found
