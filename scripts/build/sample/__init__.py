"""Paints the sample art of ``simcheck demo``: a portfolio by two invented painters, and eight suspects.

No person's work is in it. The same seed paints the same pictures; ``paint_sample.py`` puts those of one seed where they
ship from.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from scripts.build.sample import ink, ink_land, poster, poster_parts
from scripts.build.sample.brush import Element, Painter, Scene, Sheet
from scripts.build.sample.suspects import SUSPECTS, Painted, encode
from simcheck.system.writing import replace_file

__all__ = ["SEED", "paint"]

SEED = 2026

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
class _Job:
    folder: Path
    scene: Scene
    sign: Painter
    seed: tuple[int, int, int]


def paint(folder: Path, seed: int = SEED) -> tuple[Path, ...]:
    """Paint the sample into ``folder`` (made if absent; files of an earlier painting are replaced).

    The files, from ``folder`` on: works, suspects, then what is written about them. Raises OSError.
    """
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
    listing = []
    for suspect in made_suspects:
        replace_file(suspects / suspect.file, suspect.content)
        about = {k: v for k, v in asdict(suspect).items() if k not in ("file", "content")}
        listing.append({"suspect": f"suspects/{suspect.file}"} | about)
    document = {"invented": True, "seed": seed, "suspects": listing}
    truth, read_me = folder / "truth.json", folder / "READ ME.txt"
    replace_file(truth, json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
    replace_file(read_me, _README.format(first=ink.ARTIST, second=poster.ARTIST).encode())
    files = (*works, *(suspects / suspect.file for suspect in made_suspects), truth, read_me)
    return tuple(path.relative_to(folder) for path in files)


def _paint_work(job: _Job) -> tuple[Element, ...]:
    sheet = Sheet(*job.scene.size, np.random.default_rng(job.seed))
    job.scene.paint(sheet)
    job.sign(sheet)
    path = job.folder / job.scene.file
    replace_file(path, encode(sheet.image(), path.suffix))
    return tuple(sheet.elements)
