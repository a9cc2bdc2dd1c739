"""What a scene is put together with; its brief fixes kind, ground and statistics, but not the shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scripts.painted import abstract, animals, figures, nature, things
from scripts.painted.drawing import Box, Element, Whole
from scripts.painted.grounds import border, ground
from scripts.painted.outlines import Part, Random, affine, at
from scripts.painted.palettes import BRIGHT, DARK, FIRST_COLOUR, ROLES

Maker = Callable[[Random], list[Part]]

ANY: tuple[Maker, ...] = (
    *(abstract.creature,) * 6,
    *abstract.ABSTRACT,
    *figures.PEOPLE,
    *animals.ANIMALS,
    *figures.HEADS,
    figures.artist,
    *nature.TREES,
    *nature.PLANTS,
    *nature.LAND,
    *nature.SKY,
    *nature.WATER,
    *things.BUILDINGS,
    *things.CRAFT,
    *things.THINGS,
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a scene shares with its rival."""

    kind: str
    ground: str
    horizon: float
    crowd: float
    scale: float
    framed: int
    ground_seed: int


class Stage:
    """Collects the elements of one scene in paint order."""

    def __init__(self, rng: Random, brief: Brief, first_key: int) -> None:
        self.rng = rng
        self.brief = brief
        self.elements: list[Element] = []
        self._key = first_key

    def roles(self) -> tuple[int, ...]:
        chosen = self.rng.choice(np.arange(FIRST_COLOUR, ROLES), 4, replace=False)
        return (DARK, BRIGHT, *(int(role) for role in chosen))

    def add(
        self,
        makers: Sequence[Maker],
        x: float,
        y: float,
        size: float,
        turn: float = 0.0,
        roles: tuple[int, ...] | None = None,
        clip: Box = Whole,
    ) -> None:
        """One element with its centre at (x, y) and ``size`` as its larger side; standing things face either way."""
        maker = makers[int(self.rng.integers(0, len(makers)))]
        flip = -1.0 if self.rng.random() < 0.5 else 1.0
        slim = float(np.exp(self.rng.normal(0, 0.08)))
        scale = (size / 2 * flip * slim, size / 2 / slim)
        self.put(placed(maker(self.rng), scale, turn, (x, y), roles or self.roles()), clip)

    def put(self, parts: tuple[Part, ...], clip: Box = Whole) -> None:
        self.elements.append(Element(parts, self._key, clip))
        self._key += 1


def placed(
    parts: Sequence[Part], scale: tuple[float, float], turn: float, shift: tuple[float, float], roles: tuple[int, ...]
) -> tuple[Part, ...]:
    thick = max(abs(scale[0]), abs(scale[1])) * 1.6
    return tuple(
        Part(
            affine(part.points, scale, turn, shift),
            roles[part.role],
            part.level,
            part.width and min(max(part.width * thick, 0.003), 0.05),
            part.tone,
            part.fill,
            roles[part.second],
            part.pitch,
            part.angle,
        )
        for part in parts
    )


def brief(rng: Random) -> Brief:
    from scripts.painted.programs import PROGRAMS, WEIGHTS

    kinds = list(PROGRAMS)
    weights = np.array([WEIGHTS.get(kind, 1.0) for kind in kinds])
    kind = str(rng.choice(kinds, p=weights / weights.sum()))
    return Brief(
        kind,
        str(rng.choice(["flat", "gradient", "noise", "pattern", "radial", "bands", "floor", "halves", "paper"])),
        float(rng.uniform(0.35, 0.85)),
        float(rng.uniform(0.3, 1.0) ** 1.5),
        float(rng.uniform(0.6, 1.3)),
        int(rng.integers(0, 4)) if rng.random() < 0.25 else -1,
        int(rng.integers(0, 2**31)),
    )


def compose(rng: Random, chosen: Brief, first_key: int) -> list[Element]:
    """The elements of one scene; the first is the ground (key 0)."""
    from scripts.painted.programs import PROGRAMS

    stage = Stage(rng, chosen, first_key)
    backdrop = Element(tuple(ground(np.random.default_rng(chosen.ground_seed), chosen.ground, chosen.horizon)), 0)
    PROGRAMS[chosen.kind](stage)
    if rng.random() < 0.12:
        tilt = rng.normal(0, 0.2)
        centre = np.array([0.5, 0.5])
        stage.elements = [
            Element(
                tuple(part.moved(affine(part.points - centre, (1.1, 1.1), tilt, (0.5, 0.5))) for part in element.parts),
                element.key,
                element.clip,
            )
            for element in stage.elements
        ]
    if chosen.framed >= 0:
        stage.elements.append(Element(tuple(border(chosen.framed, chosen.ground_seed)), 0))
    return [backdrop, *stage.elements]


def ridge(rng: Random, y: float, rough: float, count: int = 24) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The outline of land below a skyline at height ``y`` (picture coordinates)."""
    x = np.linspace(-0.05, 1.05, count)
    order = np.arange(1, 7)
    waves = rough * rng.normal(size=6) / order**1.1
    line = y + (waves[:, None] * np.sin(order[:, None] * 2 * np.pi * x * 0.7 + rng.uniform(0, 6.3, 6)[:, None])).sum(0)
    if rng.random() < 0.3:
        line += rng.normal(0, rough * 0.35, count)
    return np.concatenate([np.stack([x, line], axis=1), at(1.05, 1.1, -0.05, 1.1)])
