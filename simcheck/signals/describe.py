"""Cut a picture into its regions and have a signal describe them: the one place where boxes become pixels."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

import numpy as np

from simcheck.errors import ModelError, SignalError, SimcheckError
from simcheck.records import Box, Description, Descriptor, Picture, Pixels, Region
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
    pictures: Sequence[Picture],
    signal: Signal,
    *,
    query: bool,
    panels: Sequence[Sequence[Box]] = (),
    pool: ThreadPoolExecutor | None = None,
) -> list[Description]:
    """One description for each picture, in order; all their regions go to the signal together.

    A query is cut by ``query_regions`` and by the ``panels`` found in it (for each picture, or for none), and where the
    signal asks for it each region is described mirrored as well. With a ``pool``, parts of the work run side by side;
    the result is the same. Raises SignalError, and ModelError from a signal with a network.
    """
    fixed = (signal.query_regions if query else signal.reference_regions).of_picture()
    cuts: list[tuple[Region, ...]] = []
    crops: list[Pixels] = []
    flip = query and signal.mirrored_query
    for i, picture in enumerate(pictures):
        inside = panels[i] if panels else ()
        cuts.append((*fixed, *(Region(len(fixed) + n, box) for n, box in enumerate(inside))))
        crops += [cut(picture.pixels, region.box) for region in cuts[-1]]
        if flip:
            crops += [np.ascontiguousarray(crop[:, ::-1]) for crop in crops[-len(cuts[-1]) :]]
    found = _descriptors(signal, crops, pool)
    if not query:
        found = [signal.stored(descriptor) for descriptor in found]
    left = iter(found)
    contents = iter(_content(signal, pictures, cuts, pool) if query else ())
    descriptions = []
    for picture, regions in zip(pictures, cuts, strict=True):
        plain = tuple(islice(left, len(regions)))
        mirrored = tuple(islice(left, len(regions))) if flip else ()
        extra = len(regions) - len(fixed)
        facts = picture.facts
        without = tuple(islice(contents, len(regions)))
        descriptions.append(Description(regions, plain, facts.width, facts.height, mirrored, extra, without))
    return descriptions


def _content(
    signal: Signal, pictures: Sequence[Picture], cuts: Sequence[Sequence[Region]], pool: ThreadPoolExecutor | None
) -> list[Descriptor]:
    pieces = [cut(picture.pixels, region.box) for picture, own in zip(pictures, cuts, strict=True) for region in own]
    each = (pool.map if pool else map)(lambda piece: signal.content([piece]), pieces)
    return [descriptor for found in each for descriptor in found]


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
            return [_without_frames(error)]
    return [outcome for picture in pictures for outcome in describe_each([picture], signal, pool=pool)]


def _without_frames(error: SignalError | ModelError) -> SignalError | ModelError:
    """The error as a value: its traceback would keep alive what the failed attempt held, a network perhaps."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


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
