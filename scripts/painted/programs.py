"""The kinds of scene: each program puts elements on a stage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scripts.painted import abstract, animals, figures, nature, things
from scripts.painted.drawing import Box, Whole
from scripts.painted.outlines import BANDS, CLOUDS, GRADIENT, SOLID, STRIPES, Part, rectangle
from scripts.painted.palettes import BRIGHT, DARK, FIRST_COLOUR, GROUND, GROUND_THIRD, ROLES
from scripts.painted.scenes import ANY, Maker, Stage, ridge


def landscape(stage: Stage) -> None:
    rng, brief = stage.rng, stage.brief
    horizon = brief.horizon * 0.8
    if rng.random() < 0.7:
        stage.add((nature.orb,), rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.35), rng.uniform(0.08, 0.4))
    for _ in range(int(rng.integers(0, 1 + round(5 * brief.crowd)))):
        stage.add((nature.cloud,), rng.uniform(0, 1), rng.uniform(0.05, horizon), rng.uniform(0.15, 0.5))
    _hills(stage, horizon)
    for _ in range(int(rng.integers(0, 3))):
        stage.add(things.BUILDINGS, rng.uniform(0.1, 0.9), horizon + rng.uniform(0, 0.15), rng.uniform(0.15, 0.4))
    trees, roles = nature.TREES if rng.random() < 0.4 else (nature.TREES[int(rng.integers(0, 6))],), stage.roles()
    for _ in range(int(rng.integers(1, 3 + round(9 * brief.crowd)))):
        y = rng.uniform(horizon, 1)
        stage.add(trees, rng.uniform(0, 1), y - 0.1, 0.15 + 0.6 * (y - horizon) * brief.scale, roles=roles)
    actors = (*figures.PEOPLE, *animals.ANIMALS, *things.CRAFT, abstract.creature)
    for _ in range(int(rng.integers(1, 4))):
        stage.add(
            actors, rng.uniform(0.1, 0.9), rng.uniform(horizon + 0.05, 0.85), rng.uniform(0.2, 0.65) * brief.scale
        )
    for _ in range(int(rng.integers(0, round(12 * brief.crowd) + 1))):
        stage.add((*nature.PLANTS, nature.rock), rng.uniform(0, 1), rng.uniform(0.75, 1), rng.uniform(0.08, 0.35))


def _hills(stage: Stage, horizon: float, clip: Box = Whole) -> None:
    rng = stage.rng
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(1, 4))):
            stage.add((nature.mountain,), rng.uniform(0, 1), horizon - 0.1, rng.uniform(0.3, 0.9), clip=clip)
    layers = int(rng.integers(1, 6))
    for k in range(layers):
        y = horizon + (0.95 - horizon) * k / layers
        fill = int(rng.choice([SOLID, SOLID, GRADIENT, CLOUDS, BANDS, STRIPES]))
        role, second = (int(r) for r in rng.choice(np.arange(FIRST_COLOUR, ROLES), 2, replace=False))
        line = ridge(rng, y, rng.uniform(0.01, 0.12))
        stage.put((Part(line, role, 0, 0, 0.0, fill, second, rng.uniform(4, 20), np.pi / 2),), clip)


def sea(stage: Stage) -> None:
    rng, brief = stage.rng, stage.brief
    if rng.random() < 0.6:
        stage.add((nature.orb,), rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.4), rng.uniform(0.1, 0.5))
    if rng.random() < 0.5:
        stage.add((nature.mountain,), rng.uniform(0, 1), brief.horizon - 0.12, rng.uniform(0.3, 0.7))
    roles, count = stage.roles(), int(rng.integers(3, 8))
    for k in range(count):
        y = brief.horizon * 0.8 + (1.05 - brief.horizon * 0.8) * k / count
        line = ridge(rng, y, rng.uniform(0.005, 0.05), 40)
        fill = int(rng.choice([SOLID, BANDS, STRIPES, GRADIENT]))
        stage.put((Part(line, roles[2 + k % 3], 0, 0, 0.0, fill, roles[1], rng.uniform(8, 25), np.pi / 2),))
        if rng.random() < 0.45:
            makers = (things.boat, nature.wave, nature.rock, animals.fish, things.boat, nature.wave)
            stage.add(makers, rng.uniform(0.1, 0.9), y - 0.05, rng.uniform(0.2, 0.7) * brief.scale)
    stage.add(
        (nature.wave, things.boat, animals.dragon, animals.bird),
        rng.uniform(0.2, 0.8),
        rng.uniform(0.3, 0.75),
        rng.uniform(0.3, 0.9),
    )


def town(stage: Stage) -> None:
    rng, brief = stage.rng, stage.brief
    for row in range(int(rng.integers(1, 4))):
        y, roles = 0.45 + 0.2 * row, stage.roles()
        for x in np.arange(0, 1.1, rng.uniform(0.14, 0.34)):
            size = rng.uniform(0.25, 0.6) * brief.scale
            stage.add(things.BUILDINGS, x + rng.normal(0, 0.03), y, size, roles=roles if rng.random() < 0.5 else None)
    stage.put((Part(ridge(rng, rng.uniform(0.75, 0.9), 0.01), int(rng.integers(FIRST_COLOUR, ROLES))),))
    for _ in range(int(rng.integers(1, 3 + round(8 * brief.crowd)))):
        makers = (*figures.PEOPLE, things.car, nature.tree, things.lantern, animals.beast)
        stage.add(makers, rng.uniform(0, 1), rng.uniform(0.7, 0.95), rng.uniform(0.15, 0.4))


def portrait(stage: Stage) -> None:
    rng = stage.rng
    for _ in range(int(rng.integers(0, 7))):
        stage.add(
            (*nature.PLANTS, *abstract.ABSTRACT, *nature.SKY),
            rng.uniform(0, 1),
            rng.uniform(0, 1),
            rng.uniform(0.15, 0.5),
        )
    size = rng.uniform(0.7, 1.35)
    stage.add(figures.HEADS, rng.uniform(0.35, 0.65), rng.uniform(0.45, 0.65), size, rng.normal(0, 0.12))
    if rng.random() < 0.5:
        makers = (
            figures.artist,
            nature.flower,
            nature.branch,
            things.fan,
            animals.bird,
            animals.butterfly,
            things.book,
        )
        stage.add(makers, rng.uniform(0.15, 0.85), rng.uniform(0.65, 0.95), rng.uniform(0.25, 0.5), rng.normal(0, 0.5))


def figure(stage: Stage) -> None:
    """One or two large figures, with or without props."""
    rng = stage.rng
    if rng.random() < 0.3:
        _hills(stage, stage.brief.horizon)
    for _ in range(int(rng.integers(0, 5))):
        stage.add(ANY, rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.12, 0.4))
    makers: tuple[Maker, ...] = (
        *figures.PEOPLE,
        *figures.PEOPLE,
        animals.beast,
        figures.mascot,
        animals.dragon,
        abstract.creature,
    )
    count = int(rng.integers(1, 3))
    for k in range(count):
        x = 0.5 + (k - (count - 1) / 2) * 0.45 + rng.normal(0, 0.05)
        stage.add(makers, x, rng.uniform(0.48, 0.62), rng.uniform(0.65, 1.15), rng.normal(0, 0.06))
    for _ in range(int(rng.integers(0, 4))):
        stage.add((*nature.PLANTS, *things.THINGS), rng.uniform(0, 1), rng.uniform(0.7, 1), rng.uniform(0.12, 0.35))


def single(stage: Stage) -> None:
    rng = stage.rng
    stage.add(ANY, rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.95), rng.normal(0, 0.2))
    if rng.random() < 0.3:
        stage.add((*abstract.MARKS,), rng.uniform(0.1, 0.9), rng.choice([0.08, 0.92]), rng.uniform(0.1, 0.3))


def interior(stage: Stage) -> None:
    rng, brief = stage.rng, stage.brief
    for _ in range(int(rng.integers(0, 4))):
        x, y, w, h = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.4), *rng.uniform(0.06, 0.18, 2)
        stage.put(
            (
                Part(rectangle(x - w, y - h, x + w, y + h), DARK),
                Part(rectangle(x - w * 0.85, y - h * 0.85, x + w * 0.85, y + h * 0.85), BRIGHT, 1),
            )
        )
        stage.add(ANY, x, y, min(w, h) * 1.6)
    for _ in range(int(rng.integers(1, 4))):
        stage.add((things.furniture,), rng.uniform(0.05, 0.95), rng.uniform(0.5, 0.8), rng.uniform(0.35, 0.7))
    actors = (*figures.PEOPLE, figures.sitter, animals.beast, abstract.creature)
    for _ in range(int(rng.integers(1, 3))):
        stage.add(actors, rng.uniform(0.2, 0.8), rng.uniform(0.5, 0.75), rng.uniform(0.4, 0.8))
    for _ in range(int(rng.integers(1, 3 + round(8 * brief.crowd)))):
        stage.add((*things.THINGS, *nature.PLANTS), rng.uniform(0, 1), rng.uniform(0.3, 1), rng.uniform(0.08, 0.28))


def still_life(stage: Stage) -> None:
    rng = stage.rng
    edge = rng.uniform(0.5, 0.75)
    fill = int(rng.choice([SOLID, GRADIENT, STRIPES, CLOUDS]))
    table = rectangle(-0.1, edge, 1.1, 1.1)
    stage.put(
        (Part(table, int(rng.integers(FIRST_COLOUR, ROLES)), 0, 0, 0.0, fill, GROUND_THIRD, 10.0, rng.uniform(0, 3)),)
    )
    for y in np.sort(rng.uniform(edge - 0.1, 0.85, int(rng.integers(3, 10)))):
        stage.add((*things.TABLE, nature.flower, nature.bush), rng.uniform(0.1, 0.9), y - 0.05, rng.uniform(0.2, 0.55))


def poster(stage: Stage) -> None:
    rng = stage.rng
    if rng.random() < 0.5:
        stage.add((*abstract.ABSTRACT, nature.orb), 0.5, rng.uniform(0.4, 0.6), rng.uniform(0.6, 1.3))
    for _ in range(int(rng.integers(0, 4))):
        stage.add(ANY, rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.1, 0.3))
    stage.add(ANY, rng.uniform(0.4, 0.6), rng.uniform(0.4, 0.6), rng.uniform(0.5, 0.9))
    top = rng.choice([0.1, 0.9])
    stage.add((abstract.title,), 0.5, top, rng.uniform(0.6, 0.95))
    stage.add((abstract.writing,), rng.uniform(0.3, 0.7), 1 - top, rng.uniform(0.2, 0.5))


def crowd(stage: Stage) -> None:
    rng, brief = stage.rng, stage.brief
    makers = ANY if rng.random() < 0.4 else tuple(ANY[int(k)] for k in rng.integers(0, len(ANY), 3))
    if rng.random() < 0.4:
        makers = (*figures.PEOPLE, figures.mascot, animals.beast)
    size = rng.uniform(0.12, 0.32) * brief.scale
    for y in np.sort(rng.uniform(0.1, 1, int(min(10 + 26 * brief.crowd, 2.2 / size**1.5)))):
        stage.add(makers, rng.uniform(0, 1), y, size * rng.uniform(0.6, 1.3) * (0.6 + 0.6 * y), rng.normal(0, 0.1))


def heap(stage: Stage) -> None:
    """Abstract: shapes of all sizes, by a power law."""
    rng, brief = stage.rng, stage.brief
    makers = (
        abstract.ABSTRACT if rng.random() < 0.6 else tuple(abstract.ABSTRACT[int(k)] for k in rng.integers(0, 9, 2))
    )
    sizes = np.sort(0.1 / np.sqrt(rng.uniform(0.008, 1, int(4 + 36 * brief.crowd))))[::-1]
    for size in np.minimum(sizes, 1.1):
        stage.add(makers, rng.uniform(0, 1), rng.uniform(0, 1), float(size), rng.uniform(0, 6.3))


def emblem(stage: Stage) -> None:
    """Mirror-symmetric ornament around a centre."""
    rng = stage.rng
    for _ in range(int(rng.integers(2, 6))):
        x, y, size, roles = rng.uniform(0, 0.4), rng.uniform(0, 1), rng.uniform(0.15, 0.5), stage.roles()
        maker = ANY[int(rng.integers(0, len(ANY)))]
        seed, turn = int(rng.integers(0, 2**31)), rng.normal(0, 0.5)
        from scripts.painted.scenes import placed

        for side in (1, -1):
            parts = maker(np.random.default_rng(seed))
            centre = (0.5 - side * (0.5 - x), y)
            stage.put(placed(parts, (side * size / 2, size / 2), side * turn, centre, roles))
    makers = (
        abstract.ornament,
        abstract.creature,
        figures.face,
        figures.mascot,
        nature.orb,
        nature.tree,
        abstract.splash,
    )
    stage.add(makers, 0.5, rng.uniform(0.4, 0.6), rng.uniform(0.35, 0.8))


def comic(stage: Stage) -> None:
    """Panels, each with a small scene of its own, speech at times."""
    rng = stage.rng
    gutter = rng.uniform(0.01, 0.03)
    rows = np.concatenate([[0], np.sort(rng.uniform(0.3, 0.7, int(rng.integers(0, 2)))), [1]])
    for y0, y1 in zip(rows[:-1], rows[1:], strict=True):
        cuts = np.concatenate([[0], np.sort(rng.uniform(0.3, 0.7, int(rng.integers(0, 2)))), [1]])
        for x0, x1 in zip(cuts[:-1], cuts[1:], strict=True):
            clip = (x0 + gutter, y0 + gutter, x1 - gutter, y1 - gutter)
            _panel(stage, clip)


def _panel(stage: Stage, clip: Box) -> None:
    rng = stage.rng
    x0, y0, x1, y1 = clip
    fill = int(rng.choice([SOLID, GRADIENT, STRIPES, CLOUDS]))
    roles = stage.roles()
    stage.put(
        (Part(rectangle(*clip), roles[int(rng.integers(1, 4))], 0, 0, 0.0, fill, GROUND, 14.0, rng.uniform(0, 3)),),
        clip,
    )
    wide, high = x1 - x0, y1 - y0
    if rng.random() < 0.4:
        stage.add(
            (nature.mountain, things.house, nature.tree),
            x0 + wide * rng.random(),
            y1 - high * 0.3,
            high * 0.7,
            clip=clip,
        )
    for _ in range(int(rng.integers(1, 4))):
        makers = (*figures.PEOPLE, *figures.HEADS, *animals.ANIMALS, abstract.creature)
        size = rng.uniform(0.5, 1.1) * max(min(wide, high), 0.3)
        stage.add(makers, x0 + wide * rng.uniform(0.2, 0.8), y0 + high * rng.uniform(0.45, 0.8), size, clip=clip)
    if rng.random() < 0.5:
        stage.add(
            (abstract.writing,), x0 + wide * rng.uniform(0.2, 0.8), y0 + high * 0.15, min(wide, high) * 0.4, clip=clip
        )
    frame = np.concatenate([rectangle(*clip), rectangle(*clip)[:1]])
    stage.put((Part(frame, DARK, 1, 0.012),))


def scroll(stage: Stage) -> None:
    """Mostly empty: one group in a corner, columns of signs, a seal."""
    rng = stage.rng
    x, y = rng.uniform(0.25, 0.75), rng.uniform(0.35, 0.75)
    makers = (*nature.TREES, *nature.PLANTS, *nature.LAND, *animals.ANIMALS, figures.sitter, things.boat, things.pagoda)
    for _ in range(int(rng.integers(1, 5))):
        stage.add(makers, x + rng.normal(0, 0.15), y + rng.normal(0, 0.12), rng.uniform(0.2, 0.7))
    if rng.random() < 0.4:
        for _ in range(int(rng.integers(1, 4))):
            stage.add((nature.mountain,), rng.uniform(0, 1), rng.uniform(0.1, 0.4), rng.uniform(0.2, 0.5))
    if rng.random() < 0.7:
        stage.add((abstract.writing,), rng.choice([0.1, 0.9]), rng.uniform(0.15, 0.4), rng.uniform(0.15, 0.35))
    stage.add((abstract.seal,), rng.uniform(0.1, 0.9), rng.uniform(0.6, 0.95), rng.uniform(0.05, 0.12))


def wild(stage: Stage) -> None:
    rng, brief = stage.rng, stage.brief
    if rng.random() < 0.3:
        _hills(stage, brief.horizon)
    for size in np.sort(np.exp(rng.uniform(np.log(0.06), np.log(1.0), int(3 + 18 * brief.crowd))))[::-1]:
        stage.add(ANY, rng.uniform(0, 1), rng.uniform(0, 1), float(size), rng.normal(0, 0.3))


def repeat(stage: Stage) -> None:
    """One or two motifs in a grid, and one thing in front at times."""
    rng = stage.rng
    count, roles = int(rng.integers(2, 6)), stage.roles()
    makers = tuple(ANY[int(k)] for k in rng.integers(0, len(ANY), 2))
    for row in range(count):
        for column in range(count):
            x = (column + 0.5 + 0.5 * (row % 2) * (count % 2)) / count
            stage.add(
                (makers[(row + column) % 2],), x, (row + 0.5) / count, rng.uniform(0.75, 0.95) / count, roles=roles
            )
    if rng.random() < 0.6:
        stage.add(ANY, rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7), rng.uniform(0.4, 0.8))


def creatures(stage: Stage) -> None:
    rng = stage.rng
    if rng.random() < 0.4:
        _hills(stage, stage.brief.horizon)
    for _ in range(int(rng.integers(1, 6))):
        stage.add(
            (abstract.creature,),
            rng.uniform(0.15, 0.85),
            rng.uniform(0.2, 0.8),
            rng.uniform(0.3, 0.85),
            rng.normal(0, 0.3),
        )
    for _ in range(int(rng.integers(0, 5))):
        stage.add((*nature.SMALL, abstract.splash), rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.08, 0.25))


PROGRAMS: dict[str, Callable[[Stage], None]] = {
    program.__name__: program
    for program in (
        landscape, sea, town, portrait, figure, single, interior, still_life,
        poster, crowd, heap, emblem, comic, scroll, wild, repeat, creatures,
    )
}  # fmt: skip
WEIGHTS = {"landscape": 1.6, "figure": 1.8, "portrait": 1.4, "wild": 1.5, "repeat": 0.4, "town": 0.7, "heap": 0.9}
