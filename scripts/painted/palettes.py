"""Palettes: twelve colours, one for each role of a scene, in a harmony of hue and a plan of lightness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scripts.painted.outlines import Random

GROUND, GROUND_SECOND, GROUND_THIRD, DARK, BRIGHT = range(5)
FIRST_COLOUR, ROLES = 5, 12
Palette = NDArray[np.float32]
"""(ROLES, 3) sRGB in [0, 1]."""

_SCHEMES = (
    "analogous",
    "complementary",
    "triadic",
    "mono",
    "indigo",
    "pastel",
    "neon",
    "grey",
    "free",
    "earth",
    "split",
)


def palette(rng: Random, mono: bool = False) -> Palette:
    """A palette in which every element colour keeps a distance in lightness or hue from the ground."""
    scheme = str(rng.choice(["mono", "grey"])) if mono else str(rng.choice(_SCHEMES))
    base = rng.uniform(0, 2 * np.pi)
    spread = {"analogous": 0.5, "earth": 0.4, "mono": 0.08, "grey": 0.0}.get(scheme, np.pi)
    hue = base + rng.uniform(-spread, spread, ROLES)
    if scheme == "complementary":
        hue = base + np.pi * rng.integers(0, 2, ROLES) + rng.normal(0, 0.2, ROLES)
    elif scheme == "triadic":
        hue = base + 2 * np.pi / 3 * rng.integers(0, 3, ROLES) + rng.normal(0, 0.15, ROLES)
    elif scheme == "split":
        hue = base + rng.choice([0, 2.6, 3.7], ROLES) + rng.normal(0, 0.15, ROLES)
    elif scheme == "indigo":
        hue = np.where(rng.random(ROLES) < 0.55, 4.5, 1.3) + rng.normal(0, 0.2, ROLES)
    elif scheme == "earth":
        hue = 1.1 + rng.normal(0, 0.4, ROLES)
    low, high = 0.18, 0.95
    key = rng.random()
    if scheme == "pastel" or key < 0.1:
        low = 0.5
    elif key < 0.2:
        high = 0.62
    light = rng.permutation(np.linspace(low, high, ROLES)) + rng.normal(0, 0.04, ROLES)
    chroma = rng.uniform(0.02, 0.19) * rng.uniform(0.5, 1.3, ROLES)
    if scheme in ("neon", "triadic"):
        chroma = rng.uniform(0.14, 0.26, ROLES)
    elif scheme == "pastel":
        chroma = rng.uniform(0.03, 0.09, ROLES)
    elif scheme == "grey":
        chroma = np.zeros(ROLES)
    _set_ground(rng, scheme, low, high, light, chroma)
    return oklch(light, chroma, hue)


def _set_ground(
    rng: Random, scheme: str, low: float, high: float, light: NDArray[np.float64], chroma: NDArray[np.float64]
) -> None:
    ground = rng.choice([0.12, 0.3, 0.55, 0.8, 0.93], p=[0.14, 0.12, 0.16, 0.28, 0.3]) if scheme != "neon" else 0.15
    ground = float(np.clip(ground + rng.normal(0, 0.05), 0.05, 0.98))
    light[GROUND] = ground
    away = -1 if ground > 0.5 else 1
    light[GROUND_SECOND] = ground + away * rng.uniform(0.06, 0.2)
    light[GROUND_THIRD] = ground + away * rng.uniform(0.12, 0.35)
    light[DARK], light[BRIGHT] = (0.12, 0.95) if ground > 0.35 or rng.random() < 0.4 else (0.93, 0.25)
    chroma[[GROUND, GROUND_SECOND, GROUND_THIRD]] *= rng.uniform(0.2, 1)
    chroma[[DARK, BRIGHT]] *= 0.35
    rest = light[FIRST_COLOUR:]
    near = np.abs(rest - ground) < 0.13
    rest[near] = ground + np.where(rng.random(int(near.sum())) < 0.25, -away, away) * rng.uniform(
        0.16, 0.4, int(near.sum())
    )
    light[:] = np.clip(light, 0.04, 0.99)


def oklch(light: NDArray[np.float64], chroma: NDArray[np.float64], hue: NDArray[np.float64]) -> Palette:
    """OKLCh (Ottosson 2020) to sRGB, clipped."""
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    lms = np.stack(
        [
            light + 0.3963377774 * a + 0.2158037573 * b,
            light - 0.1055613458 * a - 0.0638541728 * b,
            light - 0.0894841775 * a - 1.291485548 * b,
        ],
        axis=-1,
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.707614701],
        ]
    )
    linear = np.clip(lms**3 @ to_rgb.T, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(srgb, np.float32)
