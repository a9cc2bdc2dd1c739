"""Sample art: a portfolio by two invented painters and eight suspects whose truth is known, painted by program.

No person's work is in it, so it can be shown, shipped and tested anywhere. The same seed paints the same pictures.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from simcheck.demo import ink, ink_land, poster, poster_parts
from simcheck.demo.brush import Element, Painter, Scene, Sheet
from simcheck.demo.suspects import SUSPECTS, Painted, SharedElement, encode
from simcheck.errors import UsageError
from simcheck.system.writing import replace_file

__all__ = ["Demo", "SharedElement", "Truth", "paint"]

_README = """\
These pictures are invented.

The two painters, {first} and {second}, do not exist, and nobody made these works: a program painted them, so that
simcheck can be tried without anybody's art. The account in the screenshot is invented as well.

    portfolio/    the works, a folder for each painter
    suspects/     eight pictures to compare with them
    truth.json    what was done to make each suspect, and from which works

这些图片都是虚构的：两位画家并不存在，所有作品均由程序绘制，截图中的账号也是虚构的。
portfolio 是作品，suspects 是待比对的图片，truth.json 记录了每张待比对图片的真实来源。
"""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one suspect. ``works`` are file names in the portfolio, none for an independent picture."""

    suspect: Path
    done: str
    works: tuple[str, ...]
    elements: tuple[SharedElement, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """The painted sample. Every path begins with the folder that `paint` was given."""

    portfolio: Path
    suspects: Path
    works: tuple[Path, ...]
    truth: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    folder: Path
    scene: Scene
    sign: Painter
    seed: tuple[int, int, int]


def paint(folder: Path, seed: int = 2026) -> Demo:
    """Paint the sample art into ``folder`` (made if absent; files of an earlier painting are replaced).

    Raises UsageError when ``seed`` is negative or the folder cannot be written.
    """
    if seed < 0:
        raise UsageError(f"The seed {seed} is negative. Give 0 or a larger whole number.")
    try:
        return _paint(folder, seed)
    except OSError as error:
        raise UsageError(
            f"The sample art could not be written to {folder} ({error.strerror or error}). "
            "Choose a folder that you may write to, on a disk with 25 MB of room."
        ) from error


def _paint(folder: Path, seed: int) -> Demo:
    portfolio, suspects = folder / "portfolio", folder / "suspects"
    jobs = [
        _Job(portfolio / artist, scene, sign, (seed, number, row))
        for number, (artist, scenes, sign) in enumerate(
            ((ink.ARTIST, ink.SCENES, ink_land.seal), (poster.ARTIST, poster.SCENES, poster_parts.sign))
        )
        for row, scene in enumerate(scenes)
    ]
    for made in (portfolio / ink.ARTIST, portfolio / poster.ARTIST, suspects):
        made.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:  # most of the work is done outside Python's lock
        elements = list(pool.map(_paint_work, jobs))
        works = tuple(job.folder / job.scene.file for job in jobs)
        painted = Painted({w.name: w for w in works}, {w.name: e for w, e in zip(works, elements, strict=True)})
        made_suspects = list(
            pool.map(lambda n: SUSPECTS[n](painted, np.random.default_rng((seed, 2, n))), range(len(SUSPECTS)))
        )
    truth = []
    for suspect in made_suspects:
        replace_file(suspects / suspect.file, suspect.content)
        truth.append(Truth(suspects / suspect.file, suspect.done, suspect.works, suspect.elements))
    listing = [asdict(t) | {"suspect": f"suspects/{t.suspect.name}"} for t in truth]
    document = {"invented": True, "seed": seed, "suspects": listing}
    replace_file(folder / "truth.json", json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
    replace_file(folder / "READ ME.txt", _README.format(first=ink.ARTIST, second=poster.ARTIST).encode())
    return Demo(portfolio, suspects, works, tuple(truth))


def _paint_work(job: _Job) -> tuple[Element, ...]:
    sheet = Sheet(*job.scene.size, np.random.default_rng(job.seed))
    job.scene.paint(sheet)
    job.sign(sheet)
    path = job.folder / job.scene.file
    replace_file(path, encode(sheet.image(), path.suffix))
    return tuple(sheet.elements)
