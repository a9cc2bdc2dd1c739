"""A picture of quite another kind: a photograph-like bowl of fruit, lit and shaded as solid bodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scripts.build.sample.brush import Colour, Plane, Sheet, blur, colour, noise

__all__ = ["still_life"]

_LIGHT = np.array([-0.55, -0.62, 0.56], np.float32)  # towards the lamp: left, up, to the viewer
_WIDTH, _HEIGHT = 1200, 900


def _coordinates() -> tuple[Plane, Plane]:
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    return columns, rows


def _ball(sheet: Sheet, x: float, y: float, r: float, skin: Colour, gloss: float, pores: float) -> None:
    """A sphere with diffuse and reflected light, a highlight, and dimpled skin."""
    columns, rows = _coordinates()
    u, v = (columns - x) / r, (rows - y) / (r * 0.95)
    inside = 1 - u * u - v * v
    depth = np.sqrt(np.clip(inside, 0, 1))
    dimples = (noise(sheet.rng, (_HEIGHT, _WIDTH), 7, 2) - 0.5) * pores
    normal = np.stack([u + dimples, v - dimples, depth], 2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-6
    lit = np.clip(normal @ _LIGHT, 0, 1)
    bounce = np.clip(normal @ np.array([0.2, 0.9, 0.1], np.float32), 0, 1) * 0.22
    half = _LIGHT + (0, 0, 1)
    shine = np.clip(normal @ (half / np.linalg.norm(half)).astype(np.float32), 0, 1) ** 42 * gloss
    shade: NDArray[np.float32] = skin * (0.14 + 0.92 * lit + bounce)[..., None] + shine[..., None]
    edge = np.asarray(np.clip(inside * r / 3, 0, 1), np.float32)
    sheet.lay(sheet.whole(edge), shade.astype(np.float32))


def _shadow(sheet: Sheet, x: float, y: float, rx: float, ry: float, force: float) -> None:
    columns, rows = _coordinates()
    fall = np.exp(-(((columns - x) / rx) ** 2 + ((rows - y) / ry) ** 2))
    sheet.glaze(sheet.whole(fall), colour("#1d120c"), force)


def still_life(rng: np.random.Generator) -> Sheet:
    """Oranges, a lime and a plum in a glazed bowl on a wooden table before a window out of focus."""
    sheet = Sheet(_WIDTH, _HEIGHT, rng)
    columns, rows = _coordinates()
    wall = (
        colour("#7c7f72") + (colour("#3a3d3b") - colour("#7c7f72")) * np.clip((columns / _WIDTH) * 1.1, 0, 1)[..., None]
    )
    sheet.canvas[:] = wall
    window = (columns > 60) & (columns < 420) & (rows < 430) & (np.abs(columns - 240) > 12) & (np.abs(rows - 210) > 10)
    sheet.lay(sheet.whole(blur(window.astype(np.float32), 26)), colour("#f3f0dd"), 0.85)
    for _ in range(26):  # lights beyond the focus
        cx, cy, r = rng.uniform(560, 1200), rng.uniform(20, 380), rng.uniform(14, 46)
        spot = np.clip((r - np.hypot(columns - cx, rows - cy)) / 4, 0, 1)
        sheet.lay(
            sheet.whole(spot), colour(str(rng.choice(["#d9b26a", "#8fa07a", "#b7744e"]))), float(rng.uniform(0.08, 0.3))
        )
    grain = noise(rng, (_HEIGHT, _WIDTH), 26, 5, stretch=16)
    planks = np.clip(np.abs(((rows - 560) * (1 + (rows - 560) / 900) / 74) % 1 - 0.5) * 40, 0.35, 1)
    table = (
        colour("#8a5a36") * (0.62 + 0.7 * grain * planks + 0.25 * np.exp(-(((columns - 380) / 420) ** 2)))[..., None]
    )
    sheet.lay(sheet.whole(np.clip((rows - 548) / 10, 0, 1)), table.astype(np.float32))
    _shadow(sheet, 720, 770, 400, 62, 0.85)
    for x, y, r, skin, gloss, pores in (
        (520, 470, 116, "#e8862a", 0.35, 0.16), (730, 450, 122, "#e27a22", 0.35, 0.16),
        (632, 395, 104, "#ef9433", 0.4, 0.16), (850, 500, 86, "#8aa83a", 0.4, 0.10),
        (420, 520, 72, "#5a2c4c", 0.6, 0.03),
    ):  # fmt: skip
        _shadow(sheet, x + 18, y + r * 0.72, r * 0.9, r * 0.5, 0.6)
        _ball(sheet, x, y, r, colour(skin), gloss, pores)
    u = (columns - 640) / 350
    v = (rows - 520) / 258
    bowl = np.clip((1 - u * u - np.where(v > 0, v, 9) ** 2) * 120, 0, 1) * (
        rows > 520 + 26 * np.sqrt(np.clip(1 - u * u, 0, 1))
    )
    side = np.sqrt(np.clip(1 - u * u, 0, 1))
    glow = np.clip(-0.55 * u + 0.6 * side - 0.45 * v + 0.12, 0.05, 1.2)
    bands = np.clip((0.045 - np.abs(v - 0.36)) * 60, 0, 1) + np.clip((0.02 - np.abs(v - 0.46)) * 90, 0, 1)
    glaze = colour("#dfe4e2") + (colour("#2d5f8c") - colour("#dfe4e2")) * np.clip(bands, 0, 1)[..., None]
    shine = np.exp(-(((u + 0.5) / 0.07) ** 2 + ((v - 0.3) / 0.2) ** 2)) * 0.5
    sheet.lay(
        sheet.whole(blur(bowl.astype(np.float32), 1.0)), (glaze * glow[..., None] + shine[..., None]).astype(np.float32)
    )
    _shadow(sheet, 640, 792, 190, 18, 0.7)
    _shadow(sheet, 1035, 790, 130, 28, 0.75)
    _ball(sheet, 990, 715, 92, colour("#e8862a"), 0.35, 0.16)
    sheet.canvas += rng.normal(0, 0.018, sheet.canvas.shape).astype(np.float32)  # the noise of a sensor
    fall = 1 - 0.35 * (((columns / _WIDTH - 0.5) ** 2 + (rows / _HEIGHT - 0.5) ** 2) * 2)
    sheet.canvas *= fall[..., None]
    return sheet
