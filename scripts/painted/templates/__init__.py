"""Templates that many people use, drawn from seeds: frames, pages, screens, papers, grounds and codes.

A kind is a program; a *template* is one instance of it, fixed by a seed: its size, colours, decoration and fixed words.
Two pictures in one template share all of that, and nothing of what they show. The kinds stand in two fixed lists, so
that limits that were chosen on one are reported on the other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scripts.painted.contents import Content
from scripts.painted.outlines import Random
from scripts.painted.templates import codes, frames, grounds, pages, papers, screens
from scripts.painted.templates.canvas import Canvas

__all__ = ["BARE", "CHOOSING", "KINDS", "REPORTING", "SEVERAL", "SHARED_PICTURE", "Kind", "drawn"]

Draw = Callable[[Random, Content], Canvas]


@dataclass(frozen=True, slots=True)
class Kind:
    """A program that draws a template around a content; all that it takes from ``Random`` belongs to the template."""

    name: str
    group: str
    draw: Draw


def _kinds(group: str, **programs: Draw) -> tuple[Kind, ...]:
    return tuple(Kind(name.replace("_", " "), group, draw) for name, draw in programs.items())


_pages = papers.white_pages
CHOOSING: tuple[Kind, ...] = (
    *_kinds("screen", drawing_program=screens.app, shop=screens.shop, chat=screens.chat),
    *_kinds("paper", ruled=papers.ruled, dotted=papers.dotted, stickers=papers.stickers),
    *(Kind(name, "paper", _pages[name]) for name in ("white page, 60 %",)),
    *_kinds(
        "frame",
        trading_card=frames.trading_card,
        polaroid=frames.polaroid,
        passport=frames.passport,
        poster=frames.poster,
        moulded_frame=frames.moulding,
        medallion=frames.medallion,
    ),
    *_kinds("page", four_panels=pages.four_panels, meme_words=pages.meme_words),
    *_kinds(
        "ground",
        halftone=grounds.halftone,
        vignette=grounds.vignette,
        wallpaper=grounds.wallpaper,
        rays=grounds.rays,
        bare_gradient=grounds.bare_gradient,
    ),
    *_kinds("code", label=codes.label, ticket=codes.ticket),
)
REPORTING: tuple[Kind, ...] = (
    *_kinds("screen", post=screens.post, video_player=screens.player, letterbox=screens.letterbox),
    *_kinds("paper", graph=papers.graph, calendar=papers.calendar, line_up=papers.line_up),
    *(Kind(name, "paper", _pages[name]) for name in ("white page, 33 %", "white page, 80 %")),
    *_kinds(
        "frame",
        game_card=frames.card,
        film_strip=frames.film_strip,
        stamp=frames.stamp,
        book_cover=frames.book,
        scroll=frames.scroll,
    ),
    *_kinds("page", manga=pages.manga, meme_bars=pages.meme_bars, reaction=pages.reaction),
    *_kinds(
        "ground",
        screentone=grounds.screentone,
        gradient=grounds.gradient,
        chequers=grounds.chequers,
        watermark=grounds.watermark,
        stationery=grounds.stationery,
    ),
    *_kinds("code", flyer=codes.flyer, bare_code=codes.bare_code),
)
KINDS = {kind.name: kind for kind in (*CHOOSING, *REPORTING)}

BARE = ("bare gradient", "bare code")
"""Kinds that show no picture: they have no derived suspects."""
SHARED_PICTURE = ("meme words", "meme bars", "reaction")
"""Kinds whose template holds a picture that everybody uses. The first two show no other: what differs is the words."""
SEVERAL = ("stickers", "four panels", "line up", "film strip", "manga")
"""Kinds that show several pictures of a content."""


def drawn(kind: Kind, seed: int, content: Content) -> Canvas:
    """``content`` in the template ``seed`` of its kind: the same bytes for the same arguments."""
    return kind.draw(np.random.default_rng([seed, zlib.crc32(kind.name.encode())]), content)
