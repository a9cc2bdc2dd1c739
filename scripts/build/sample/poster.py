"""The second invented painter, Odile Marrow: flat storybook posters."""

from __future__ import annotations

from scripts.build.sample.brush import Scene
from scripts.build.sample.poster_day import (
    forest_walk,
    fox_balloon,
    harbour,
    robot_garden,
    seven_balloons,
    tea,
    umbrella_girl,
)
from scripts.build.sample.poster_night import cat_on_roof, lighthouse_keeper, moon_ladder, night_train, whale_above

__all__ = ["ARTIST", "SCENES"]

ARTIST = "Odile Marrow"
_WIDE, _TALL, _SQUARE, _LONG = (1180, 840), (840, 1180), (1000, 1000), (1320, 800)

SCENES: tuple[Scene, ...] = (
    Scene("Fox and the red balloon 🦊.jpg", _TALL, fox_balloon),
    Scene("Cat on the roof.jpg", _SQUARE, cat_on_roof),
    Scene("Girl with umbrella.jpg", _TALL, umbrella_girl),
    Scene("Robot gardener.png", _WIDE, robot_garden),
    Scene("Seven balloons 🎈.jpg", _WIDE, seven_balloons),
    Scene("Harbour town.jpg", _LONG, harbour),
    Scene("Whale above the houses.jpg", _SQUARE, whale_above),
    Scene("Fox and cat at tea.jpg", _WIDE, tea),
    Scene("Night train.jpg", _LONG, night_train),
    Scene("The lighthouse keeper.jpg", _TALL, lighthouse_keeper),
    Scene("Ladder to the moon.jpg", _TALL, moon_ladder),
    Scene("Walk in the forest.jpg", _SQUARE, forest_walk),
)
