"""The first invented painter, 林 小舟: ink and gouache landscapes."""

from __future__ import annotations

from scripts.build.sample.brush import Scene
from scripts.build.sample.ink_heights import (
    cliff_pine,
    high_waterfall,
    moon_pavilion,
    morning,
    nine_peaks,
    snow_village,
)
from scripts.build.sample.ink_waters import autumn_bridge, bamboo_rain, lone_boat, marsh_cranes, plum_branch, ten_li

__all__ = ["ARTIST", "SCENES"]

ARTIST = "林 小舟"
_WIDE, _TALL, _SQUARE, _LONG = (1180, 840), (840, 1180), (1000, 1000), (1360, 760)

SCENES: tuple[Scene, ...] = (
    Scene("晨雾 morning mist.jpg", _WIDE, morning),
    Scene("孤舟 lone boat.jpg", _LONG, lone_boat),
    Scene("Pine on the cliff 🌲.png", _TALL, cliff_pine),
    Scene("Nine peaks at dusk.jpg", _WIDE, nine_peaks),
    Scene("瀑布 waterfall.jpg", _TALL, high_waterfall),
    Scene("Pavilion under the moon 🌙.jpg", _SQUARE, moon_pavilion),
    Scene("雨竹 bamboo in the rain.jpg", _TALL, bamboo_rain),
    Scene("Red plum.jpg", _SQUARE, plum_branch),
    Scene("Cranes over the marsh.jpg", _LONG, marsh_cranes),
    Scene("雪村 snow village.webp", _WIDE, snow_village),
    Scene("Bridge in autumn.jpg", _WIDE, autumn_bridge),
    Scene("River of ten li.jpg", _TALL, ten_li),
)
