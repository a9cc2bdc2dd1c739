"""Of an animation, the first frame that shows something: many begin with a blank one, and fade in."""

from __future__ import annotations

from PIL import Image, ImageStat

from simcheck.images.colour import eight_bit

__all__ = ["first_that_shows"]

_BLANK, _CLEAR = 4.0, 12.0
"""Standard deviation of the lightness, of 255: below the one a frame is blank, as `scope` has it; from the other on
it shows enough to be taken at once. In between, the one that shows most is taken."""
_MOST_FRAMES, _MOST_PIXELS = 500, 100_000_000
"""How far the search goes, in frames and in pixels decoded; the frame after a blank one is always looked at."""


def first_that_shows(image: Image.Image, frames: int, notes: list[str]) -> Image.Image:
    """``image``, loaded at its first frame, or a copy of the first later one that shows something.

    A frame that cannot be decoded ends the search. What was chosen or given up is appended to ``notes``.
    """
    if _spread(image) >= _BLANK:
        notes.append(f"first_frame_of:{frames}")
        return image
    first, begin = image.copy(), image.tell()
    best, best_spread, best_number = first, _BLANK, 0
    budget = _MOST_PIXELS
    for number in range(1, min(frames, _MOST_FRAMES)):
        try:
            image.seek(begin + number)
            image.load()
        except Exception:  # a later frame is damaged or a bomb; what was seen before still holds
            break
        found = _spread(image)
        if found > best_spread:
            best, best_spread, best_number = image.copy(), found, number
        budget -= image.width * image.height
        if best_spread >= _CLEAR or budget < 0:
            break
    notes += [f"frame:{best_number + 1}/{frames}"] if best_number else [f"first_frame_of:{frames}", "frames_blank"]
    return best


def _spread(image: Image.Image) -> float:
    """How much a frame shows: the spread of its lightness on white, or on black where that is more."""
    image = eight_bit(image, 16, [])
    if image.mode != "RGBA":
        return _deviation(image.convert("L"))
    grey, alpha = image.convert("L"), image.getchannel("A")
    spreads = []
    for shade in (255, 0):
        ground = Image.new("L", image.size, shade)
        ground.paste(grey, mask=alpha)
        spreads.append(_deviation(ground))
    return max(spreads)


def _deviation(grey: Image.Image) -> float:
    return float(ImageStat.Stat(grey).stddev[0])
