"""A family of pictures: one painted scene and what may be made from it, with a rival that only resembles it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scripts.painted.drawing import Box, Bytes, Drawing, Element, Whole, draw
from scripts.painted.line_art import line_art
from scripts.painted.media import MONOCHROME, Medium, medium, render
from scripts.painted.outlines import DETAIL, Part, Points, Random, affine
from scripts.painted.palettes import Palette, palette
from scripts.painted.scenes import ANY, Brief, Stage, brief, compose

KINDS = ("scene", "recoloured", "rerendered", "line_art", "reinvented", "changed", "part", "rival")
_REPLACED, _OTHER, _RIVAL = 1000, 2000, 3000
"""First keys of elements that are not the scene's own."""


@dataclass(frozen=True, slots=True)
class Family:
    pictures: NDArray[np.uint8]
    """(len(KINDS), side, side, 3) sRGB."""
    boxes: NDArray[np.float32]
    """(2, 4) x0, y0, x1, y1 as fractions: where the re-used elements lie in "scene" and in "part"."""
    kept: float
    """Share of the scene's drawn area (ground left out) that "changed" keeps, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Look:
    colours: Palette
    medium: Medium
    seed: int

    def of(self, drawing: Drawing) -> Bytes:
        return render(drawing, self.colours, self.medium, self.seed)


def paint_family(seed: int, side: int = 160) -> Family:
    """The pictures of ``KINDS``; the same bytes for the same seed and side."""
    rng = np.random.default_rng([seed, 20])
    chosen = brief(rng)
    elements = compose(rng, chosen, 1)
    texture = int(rng.integers(0, 2**31))
    scene = draw(elements, side, texture)
    look = _look(rng)
    other = _look(rng, unlike=look.medium.name)
    recoloured = _Look(palette(rng, look.medium.name in MONOCHROME and rng.random() < 0.7), look.medium, look.seed)
    redrawn = draw(_reinvent(elements, rng), side, texture + 1)
    changed = draw(_changed(elements, scene, chosen, rng), side, texture)
    part, boxes = _part(elements, scene, rng, side)
    reuse = _part_look(look, rng)
    rival = draw(compose(rng, chosen, _RIVAL), side, texture + 3)
    pictures = (
        look.of(scene),
        recoloured.of(scene),
        other.of(scene),
        line_art(scene, look.colours, rng),
        _look(rng, unlike=look.medium.name).of(redrawn),
        (look if rng.random() < 0.5 else other).of(changed),
        reuse.of(part),
        look.of(rival),
    )
    drawn = scene.keys > 0
    kept = float((drawn & (scene.keys == changed.keys)).sum() / max(int(drawn.sum()), 1))
    return Family(np.stack(pictures), boxes, kept)


def _look(rng: Random, unlike: str = "") -> _Look:
    chosen = medium(rng)
    while chosen.name == unlike:
        chosen = medium(rng)
    mono = chosen.name in MONOCHROME and rng.random() < 0.7
    return _Look(palette(rng, mono), chosen, int(rng.integers(0, 2**31)))


def _part_look(look: _Look, rng: Random) -> _Look:
    kind = rng.random()
    if kind < 0.35:
        return look
    if kind < 0.6:
        return _Look(palette(rng), look.medium, look.seed)
    return _look(rng)


def _reinvent(elements: list[Element], rng: Random) -> list[Element]:
    """Every element moved, turned and bent a little; fine details drawn again; a slow warp of the whole."""
    strength = rng.uniform(0.4, 1.3)
    whole = _bend(rng, 0.012 * strength, 1.0)
    redrawn = [elements[0]]
    for element in elements[1:]:
        if element.key == 0:
            redrawn.append(element)
            continue
        low = np.min([part.points.min(0) for part in element.parts], axis=0)
        high = np.max([part.points.max(0) for part in element.parts], axis=0)
        centre, size = (low + high) / 2, float(np.clip((high - low).max(), 0.03, 1.2))
        scale = np.exp(rng.normal(0, 0.05 * strength, 2))
        turn, shift = rng.normal(0, 0.05 * strength), rng.normal(0, 0.03 * strength, 2) * min(size, 0.6)
        local = _bend(rng, 0.025 * strength * size, 1.2 / size)
        parts = []
        for part in element.parts:
            if part.level == DETAIL and rng.random() < 0.2 * strength:
                continue
            points = affine(part.points - centre, (scale[0], scale[1]), turn, (0.0, 0.0)) + centre + shift
            points = points + local(points)
            points = points + whole(points)
            if part.level == DETAIL:
                points = points + rng.normal(0, 0.012 * strength * size, 2)
            tone = part.tone + rng.normal(0, 0.04)
            parts.append(replace(part, points=points, tone=tone, pitch=part.pitch * np.exp(rng.normal(0, 0.1))))
        if parts:
            redrawn.append(Element(tuple(parts), element.key, element.clip))
    return redrawn


def _bend(rng: Random, amount: float, frequency: float) -> Callable[[Points], Points]:
    """A smooth displacement field: three sine waves in each axis."""
    size = amount / np.sqrt(1.5)
    waves = rng.normal(0, 1.6 * np.pi * frequency, (2, 6))
    phase = rng.uniform(0, 2 * np.pi, 6)

    def displacement(points: Points) -> Points:
        moved: Points = np.sin(points @ waves + phase).reshape(-1, 2, 3).sum(2) * size
        return moved

    return displacement


def _extent(element: Element) -> tuple[float, float, float, float]:
    low = np.min([part.points.min(0) for part in element.parts], axis=0).clip(0, 1)
    high = np.max([part.points.max(0) for part in element.parts], axis=0).clip(0, 1)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _changed(elements: list[Element], scene: Drawing, chosen: Brief, rng: Random) -> list[Element]:
    """Some elements gone, others put in their places; or everything inside one region painted anew."""
    seen = np.bincount(scene.keys.ravel(), minlength=_REPLACED)[:_REPLACED].astype(float)
    seen[0] = 0
    struck = int(rng.choice(_REPLACED, p=seen / seen.sum())) if seen.sum() else 0
    if rng.random() < 0.45 or len(elements) < 4:
        return _repainted(elements, _visible(scene, [struck]) or Whole, chosen, rng)
    share = rng.uniform(0.25, 0.55)
    stage = Stage(rng, chosen, _REPLACED)
    for element in elements:
        if element.key == 0 or (element.key != struck and rng.random() > share):
            stage.elements.append(element)
        elif rng.random() < 0.6:
            x0, y0, x1, y1 = _extent(element)
            size = float(np.clip(max(x1 - x0, y1 - y0), 0.08, 0.9))
            stage.add(ANY, (x0 + x1) / 2, (y0 + y1) / 2, size * rng.uniform(0.7, 1.1), clip=element.clip)
    if rng.random() < 0.4:
        stage.add(ANY, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.15, 0.45))
    return stage.elements


def _repainted(elements: list[Element], around: Box, chosen: Brief, rng: Random) -> list[Element]:
    """A rectangle that reaches into the box ``around`` gets the ground again and other elements."""
    wide, high = rng.uniform(0.35, 0.75, 2)
    x = float(np.clip(rng.uniform(around[0], around[2]) - wide / 2, 0, 1 - wide))
    y = float(np.clip(rng.uniform(around[1], around[3]) - high / 2, 0, 1 - high))
    region: Box = (x, y, float(x + wide), float(y + high))
    patch: list[Element] = [Element(elements[0].parts, 0, region)]
    stage = Stage(rng, chosen, _REPLACED)
    if rng.random() < 0.5:
        patch += [Element(e.parts, e.key, region) for e in compose(rng, chosen, _REPLACED)[1:]]
    else:
        for _ in range(int(rng.integers(1, 5))):
            size = rng.uniform(0.4, 1.0) * max(wide, high)
            stage.add(ANY, x + wide * rng.random(), y + high * rng.random(), size, clip=region)
    return [*elements, *patch, *stage.elements]


def _visible(drawing: Drawing, keys: list[int]) -> Box | None:
    """The tight box of the pixels that show one of ``keys``, as fractions."""
    mask = np.isin(drawing.keys, keys)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    n = len(mask)
    return float(columns[0] / n), float(rows[0] / n), float((columns[-1] + 1) / n), float((rows[-1] + 1) / n)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _part(elements: list[Element], scene: Drawing, rng: Random, side: int) -> tuple[Drawing, NDArray[np.float32]]:
    """Another scene into which one or two elements of the first are taken over, and the boxes in both."""
    chosen = _reused(elements, scene, rng)
    source = _visible(scene, [element.key for element in chosen]) or Whole
    other = brief(rng)
    elements_there = compose(rng, replace(other, framed=-1), _OTHER)
    factor = float(np.clip(rng.uniform(0.6, 1.4), np.sqrt(0.09 / _area(source)), np.sqrt(0.5 / _area(source))))
    factor = min(factor, 1.0 / max(source[2] - source[0], source[3] - source[1], 0.05))
    flip = -1.0 if rng.random() < 0.4 else 1.0
    centre = np.array([(source[0] + source[2]) / 2, (source[1] + source[3]) / 2])
    wide, high = (source[2] - source[0]) * factor, (source[3] - source[1]) * factor
    place = np.array([rng.uniform(wide / 2, 1 - wide / 2 + 1e-6), rng.uniform(high / 2, 1 - high / 2 + 1e-6)])
    turn = rng.normal(0, 0.06)
    moved = [
        Element(
            tuple(_moved(part, centre, (flip * factor, factor), turn, place) for part in element.parts),
            element.key,
            Whole,
        )
        for element in chosen
    ]
    front = max(0, len(elements_there) - int(rng.integers(0, 2)))
    drawing = draw([*elements_there[:front], *moved], side, int(rng.integers(0, 2**31)))
    found = _visible(drawing, [element.key for element in chosen]) or Whole
    return drawing, np.array([source, found], np.float32)


def _moved(
    part: Part, centre: NDArray[np.float64], scale: tuple[float, float], turn: float, place: NDArray[np.float64]
) -> Part:
    points = affine(part.points - centre, scale, turn, (float(place[0]), float(place[1])))
    return replace(part, points=points, width=part.width * abs(scale[1]), pitch=part.pitch / abs(scale[1]))


def _reused(elements: list[Element], scene: Drawing, rng: Random) -> list[Element]:
    """One or two elements that are well seen in the scene, and not so large that they are the scene."""
    counts = np.bincount(scene.keys.ravel(), minlength=_REPLACED) / scene.keys.size
    own = {element.key: element for element in elements if element.key}
    good: list[int] = []
    weights: list[float] = []
    for key, element in own.items():
        x0, y0, x1, y1 = _extent(element)
        box = max((x1 - x0) * (y1 - y0), 1e-3)
        if counts[key] > 0.015 and box < 0.75 and len(element.parts) > 1 and counts[key] / box > 0.2:
            good.append(key)
            weights.append(float(counts[key]))
    if not good:
        good = [max(own, key=lambda key: counts[key])]
        weights = [1.0]
    share = np.array(weights) / sum(weights)
    first = int(rng.choice(good, p=share))
    picked = {first}
    if len(good) > 1 and rng.random() < 0.3:
        picked.add(int(rng.choice(good)))
    return [element for key, element in own.items() if key in picked]
