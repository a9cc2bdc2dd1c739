"""What was done to the works: the eight suspects, each with the truth about it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scripts.build.sample.brush import Cover, Element, Sheet, blur, colour, mix, noise, unit_range
from scripts.build.sample.ink_figures import flock
from scripts.build.sample.ink_heights import same_subject
from scripts.build.sample.ink_land import INDIGO, mist, mountain, paper, reflections, sky
from scripts.build.sample.ink_plants import reeds
from scripts.build.sample.screenshot import phone_post
from scripts.build.sample.still_life import still_life
from simcheck.demo import SharedElement
from simcheck.records import Box, Pixels

__all__ = ["SUSPECTS", "Painted", "Suspect", "daubed", "encode"]

_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Painted:
    """The portfolio as written: file name to path, and to the elements that were painted in it."""

    paths: dict[str, Path]
    elements: dict[str, tuple[Element, ...]]

    def picture(self, work: str) -> Image.Image:
        """The work as anybody would get it: decoded from its file."""
        with Image.open(self.paths[work]) as image:
            return image.convert("RGB")

    def element(self, work: str, name: str) -> Element:
        return next(e for e in self.elements[work] if e.name == name)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A suspect's bytes and the truth: what was done, from which works, with which elements."""

    file: str
    content: bytes
    done: str
    works: tuple[str, ...]
    elements: tuple[SharedElement, ...]


def encode(image: Image.Image, suffix: str, quality: int = 92) -> bytes:
    """``image`` as the bytes of a .jpg, .png or .webp file."""
    stream = io.BytesIO()
    if suffix == ".jpg":
        image.save(stream, "JPEG", quality=quality)
    elif suffix == ".png":
        image.save(stream, "PNG")
    else:
        image.save(stream, "WEBP", quality=quality, method=4)
    return stream.getvalue()


def _exact(works: Painted, rng: np.random.Generator) -> Suspect:
    work = "孤舟 lone boat.jpg"
    return Suspect(
        "01 wallpaper_download (3).jpg", works.paths[work].read_bytes(),
        "The very file, under another name.", (work,), (SharedElement("whole picture", work, _WHOLE, _WHOLE),),
    )  # fmt: skip


def _re_encoded(works: Painted, rng: np.random.Generator) -> Suspect:
    work = "Whale above the houses.jpg"
    small = works.picture(work)
    small.thumbnail((480, 480), Image.Resampling.LANCZOS)
    return Suspect(
        "02 profile_picture.jpg", encode(small, ".jpg", 55),
        "Made smaller (480 pixels) and saved again as JPEG of quality 55.",
        (work,), (SharedElement("whole picture", work, _WHOLE, _WHOLE),),
    )  # fmt: skip


def _mirrored(works: Painted, rng: np.random.Generator) -> Suspect:
    work = "Fox and the red balloon 🦊.jpg"
    picture = works.picture(work)
    left, top, right, bottom = 0.14, 0.23, 0.86, 0.90
    corners = np.array([left, top, right, bottom]) * (picture.size * 2)
    cut = picture.crop((round(corners[0]), round(corners[1]), round(corners[2]), round(corners[3])))
    pixels = unit_range(cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    turned = pixels @ np.array([[0.18, 0.55, 0.30], [0.30, 0.38, 0.15], [0.58, 0.05, 0.58]], np.float32)
    toned = np.clip((turned - 0.5) * 1.12 + 0.52, 0, 1) ** np.array([1.0, 1.08, 0.94], np.float32)
    fox = works.element(work, "fox").box
    across = [1 - (x - left) / (right - left) for x in (fox[2], fox[0])]
    down = [(y - top) / (bottom - top) for y in (fox[1], fox[3])]
    seen: Box = (max(0.0, across[0]), max(0.0, down[0]), min(1.0, across[1]), min(1.0, down[1]))
    return Suspect(
        "03 kids_poster_blue.jpg", encode(_image(toned), ".jpg", 88),
        "A part cut out, mirrored left to right, and given other colours.",
        (work,),
        (
            SharedElement("the part cut out", work, (left, top, right, bottom), _WHOLE),
            SharedElement("fox", work, fox, seen),
        ),
    )  # fmt: skip


def _screenshot(works: Painted, rng: np.random.Generator) -> Suspect:
    work = "Cat on the roof.jpg"
    shot, box = phone_post(works.picture(work))
    return Suspect(
        "04 Screenshot_2026-03-12-21-40-07.png", encode(shot, ".png"),
        "A phone's screenshot of a post that shows the whole picture.",
        (work,), (SharedElement("whole picture", work, _WHOLE, box),),
    )  # fmt: skip


def _bytes(pixels: NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(pixels * 255 + 0.5, 0, 255), np.uint8)


def _image(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(_bytes(pixels))


def _paste(
    sheet: Sheet,
    picture: Image.Image,
    alpha: NDArray[np.float32],
    corner: tuple[int, int],
    scale: float,
    centre: tuple[float, float],
) -> Box:
    """Cut ``alpha`` (top left at ``corner``) out of ``picture``, put it with its middle at ``centre``. The new box."""
    height, width = alpha.shape
    cut = picture.crop((corner[0], corner[1], corner[0] + width, corner[1] + height))
    size = (round(width * scale), round(height * scale))
    mask = Image.fromarray((alpha * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    pixels = unit_range(cut.resize(size, Image.Resampling.LANCZOS))
    x, y = round(centre[0] * sheet.width - size[0] / 2), round(centre[1] * sheet.height - size[1] / 2)
    sheet.lay(Cover(x, y, unit_range(mask)), pixels)
    return x / sheet.width, y / sheet.height, (x + size[0]) / sheet.width, (y + size[1]) / sheet.height


def _collage(works: Painted, rng: np.random.Generator) -> Suspect:
    first, second = "晨雾 morning mist.jpg", "雪村 snow village.webp"
    sheet = Sheet(1080, 1080, rng)
    haze = colour("#e9d7cf")
    paper(sheet, colour("#e9dccf"))
    sky(sheet, colour("#5f7f93"), colour("#f0cdb8"), 0.75, 0.95)
    sun = works.element(first, "sun")
    sun_box = _paste(sheet, works.picture(first), sun.cover.alpha, (sun.cover.x, sun.cover.y), 1.3, (0.36, 0.27))
    flock(sheet, 0.62, 0.16, 6, 0.16)
    mountain(sheet, 0.66, [(0.02, 0.14, 0.16, 1.6), (0.25, 0.06, 0.2, 2.0)], colour("#93a3ae"), haze, crease=0.4)
    snow = works.picture(second)
    peak = works.element(second, "mountain").cover
    x0, x1, y1 = round(0.545 * snow.width), round(0.865 * snow.width), round(0.60 * snow.height)
    part = peak.alpha[: y1 - peak.y, x0 - peak.x : x1 - peak.x]
    top = int(np.nonzero(part.max(1) > 0.5)[0].min())
    part = part[top:]
    u = np.minimum(np.linspace(0, 1, part.shape[1]), np.linspace(1, 0, part.shape[1]))[None, :]
    v = np.linspace(1, 0, part.shape[0])[:, None]
    feather = np.clip(u * 9, 0, 1) * np.clip(v * 5, 0, 1)
    body = (part > 0.02).astype(np.float32)
    cut = np.asarray(blur(body, 0.8) * feather, np.float32)
    peak_box = _paste(sheet, snow, cut, (x0, peak.y + top), 1.62, (0.645, 0.52))
    mist(sheet, 0.68, 0.05, haze, 0.9)
    reflections(sheet, 0.70, colour("#b9bfc4"), 0.6, 0.55)
    reeds(sheet, 0.08, 1.02, 60, 0.34, 0.05, mix(INDIGO, colour("#3d2f35"), 0.5))
    corner = (x0 / snow.width, (peak.y + top) / snow.height, x1 / snow.width, y1 / snow.height)
    return Suspect(
        "05 sunrise_lake_album_cover.jpg", encode(sheet.image(), ".jpg"),
        "A collage: the sun of one work and a mountain of another, enlarged, on a new ground.",
        (first, second),
        (SharedElement("sun", first, sun.box, sun_box), SharedElement("mountain", second, corner, peak_box)),
    )  # fmt: skip


def daubed(pixels: Pixels, radius: int) -> NDArray[np.float32]:
    """A painterly filter: each pixel takes the mean of the calmest of the four squares that it is a corner of
    (Kuwahara et al., 1976)."""
    import cv2

    image = pixels.astype(np.float32) / 255
    # np.roll goes round the edge, so the edge is moved out
    image = np.asarray(cv2.copyMakeBorder(image, *(radius,) * 4, cv2.BORDER_REFLECT), np.float32)
    grey = image.mean(2)
    side = (radius, radius)
    mean = cv2.blur(image, side)
    spread = cv2.blur(grey * grey, side) - cv2.blur(grey, side) ** 2
    step = radius // 2
    moves = [(dy, dx) for dy in (-step, step) for dx in (-step, step)]
    spreads = np.stack([np.roll(spread, move, (0, 1)) for move in moves])
    calmest = spreads.argmin(0)
    out = np.zeros_like(image)
    for k, move in enumerate(moves):
        out += np.roll(mean, move, (0, 1)) * (calmest == k)[..., None]
    return np.asarray(out[radius:-radius, radius:-radius], np.float32)


def _re_rendered(works: Painted, rng: np.random.Generator) -> Suspect:
    import cv2

    work = "Pavilion under the moon 🌙.jpg"
    picture = works.picture(work)
    height, width = picture.height, picture.width
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = [(noise(rng, (height, width), width / 3.5, 2) - 0.5) * width * 0.026 for _ in range(2)]
    warped = cv2.remap(
        np.asarray(picture), columns + bend[0], rows + bend[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    painted = daubed(_bytes(daubed(np.asarray(warped, np.uint8), 13)), 7)
    light = painted @ np.array([0.3, 0.59, 0.11], np.float32)
    stops = np.array([0.10, 0.28, 0.45, 0.65, 0.92], np.float32)
    tones = np.stack([colour(c) for c in ("#1d1626", "#57304a", "#a3503f", "#dd8f4a", "#fbe9bd")])
    recast = np.stack([np.interp(light, stops, tones[:, c]) for c in range(3)], 2).astype(np.float32)
    recast = recast * 0.86 + painted * 0.14
    strokes = noise(rng, (height, width), 9, 3, stretch=3.2) - 0.5
    recast *= 1 + (strokes * 0.26)[..., None]
    moon, tower = works.element(work, "moon").box, works.element(work, "pavilion").box
    return Suspect(
        "06 temple_at_harvest_moon_v3.png", encode(_image(recast), ".png"),
        "Painted over as a whole: bent a little everywhere, redone in daubs, and given a new palette.",
        (work,),
        (
            SharedElement("whole picture", work, _WHOLE, _WHOLE),
            SharedElement("moon", work, moon, moon),
            SharedElement("pavilion", work, tower, tower),
        ),
    )  # fmt: skip


def _same_subject(works: Painted, rng: np.random.Generator) -> Suspect:
    sheet = Sheet(1180, 840, rng)
    same_subject(sheet)
    return Suspect(
        "07 red_sun_over_hills.jpg", encode(sheet.image(), ".jpg"),
        "Painted independently: the same subject in the same manner, taken from no work.", (), (),
    )  # fmt: skip


def _other_kind(works: Painted, rng: np.random.Generator) -> Suspect:
    return Suspect(
        "08 IMG_4471.jpg", encode(still_life(rng).image(0.0), ".jpg", 90),
        "Made independently: a picture of quite another kind.", (), (),
    )  # fmt: skip


SUSPECTS: tuple[Callable[[Painted, np.random.Generator], Suspect], ...] = (
    _exact, _re_encoded, _mirrored, _screenshot, _collage, _re_rendered, _same_subject, _other_kind,
)  # fmt: skip
