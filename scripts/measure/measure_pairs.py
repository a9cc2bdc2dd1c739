"""The pairs that calibration is fitted and tested on: suspects of known origin, compared as a user compares them.

    python scripts/measure/measure_pairs.py --set ../shared/evalset --to FOLDER     (about an hour on two cores)

Portfolios of 10, 100, 201 and 1,000 works are indexed with `pipeline.index`; suspects go through `pipeline.compare`:

* derived (H1): the development pairs; the edit ladder and the re-render ladder over works of the portfolios; elements
  of works laid on others.
* independent (H2) in series: other works of each artist with many, stories, decks and mascots included. Works that an
  artist used again are left out later (`scripts/build/reused.csv`).
* independent (H2): cohort works that the portfolio does not hold, by one of its artists, by another artist of its
  tradition, and by artists of other traditions. By one artist only where works stand alone: pages of a children's book,
  a comic or a game show the same figures again, so that two of them are not made independently.

Artists whose works are the background of the signal `copy` take no part. For every suspect all compared works are kept
with their scores and types, one file for each portfolio, so that an interrupted run goes on. No picture is kept.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.build.unrelated import SEED as BACKGROUND_SEED
from scripts.build.unrelated import split
from scripts.measure import machine
from scripts.measure.composed import EDITS as ELEMENT_EDITS
from scripts.measure.composed import compose
from scripts.measure.edits_ladder import LADDER as EDITS
from scripts.measure.evalset import Row, decoded, read_table
from scripts.measure.rerender_ladder import LADDER as RERENDERS
from simcheck import pipeline
from simcheck.records import Pixels, Silent
from simcheck.records.run import QueryResult
from simcheck.reporting.document.codes import basis_code, edit_code
from simcheck.shipped import reference_folder
from simcheck.system.writing import replace_file

SEED = 2026
ONE_STORY = ("cartoon", "comic", "game_scene", "game_portrait")
"""Traditions in whose works the same figures come again and again."""
SMALL, SMALL_COUNT = 10, 24
LARGE, LARGE_COUNT = 100, 4
LARGEST = 1000
SERIES, SERIES_WORKS, SERIES_COUNT = 14, 36, 8
"""Works that an artist needs for a series; of these so many are indexed, and so many are suspects at most."""
LEFT_OUT = 100
"""Works, at least, by artists that the largest portfolio does not hold."""
DERIVED = ("derived", "edited", "re-rendered", "recomposed")
INDEPENDENT = ("same hand", "same tradition", "other")
"""Those of which each portfolio has some; a series has its own other works alone."""
CHOICE = pipeline.Choice(without=("clip",))


@dataclass(frozen=True, slots=True)
class Query:
    """A suspect and what is known of it. ``truth``: files of the works that it was made from; none for H2."""

    file: Path
    kind: str
    """One of `DERIVED` or of `INDEPENDENT`."""
    relation: str
    artist: str
    tradition: str
    source: str
    """What must stay on one side of a split beside the artist: repository, or the work that was edited."""
    truth: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portfolio:
    name: str
    works: tuple[Row, ...]
    queries: list[Query] = field(default_factory=list)


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--only", help="portfolios whose name begins so")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE,))
    folder: Path = arguments.set.resolve()
    arguments.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="simcheck-pairs-") as temporary:
        for portfolio in portfolios(folder, Path(temporary)):
            file = arguments.to / f"{portfolio.name}.json.gz"
            if file.exists() or (arguments.only and not portfolio.name.startswith(arguments.only)):
                continue
            started = time.perf_counter()
            _write(file, {**measurement.facts, **_measured(folder, portfolio, Path(temporary))})
            took = time.perf_counter() - started
            print(f"{portfolio.name}: {len(portfolio.queries)} suspects, {took:.0f} s", flush=True)
    return 0


def portfolios(folder: Path, temporary: Path) -> Iterator[Portfolio]:
    """All of them with their suspects, always the same; suspects that are made are written to ``temporary``."""
    cohort, by_artist = _usable(folder)
    yield from _small(folder, by_artist, temporary)
    yield from series(folder)
    yield _development(folder, cohort, temporary)
    yield from _large(folder, cohort, temporary)
    yield _largest(folder, cohort, temporary)


def _usable(folder: Path) -> tuple[list[Row], dict[str, list[Row]]]:
    """Works of the cohort by artists that are no background of `copy`, and the same by artist."""
    about = json.loads((reference_folder() / "unrelated_pairs.json").read_text(encoding="utf-8"))
    cohort = [r for r in read_table(folder / "cohort.csv") if r["artist_or_style"] not in about["hands_of_background"]]
    by_artist: dict[str, list[Row]] = {}
    for row in cohort:
        by_artist.setdefault(row["artist_or_style"], []).append(row)
    return cohort, by_artist


def _small(folder: Path, by_artist: dict[str, list[Row]], temporary: Path) -> Iterator[Portfolio]:
    generator = np.random.default_rng([SEED, SMALL])
    artists = [artist for artist, rows in by_artist.items() if len(rows) >= SMALL]
    everything = [row for rows in by_artist.values() for row in rows]
    for number, i in enumerate(generator.permutation(len(artists))[:SMALL_COUNT]):
        artist = artists[int(i)]
        rows = [by_artist[artist][int(j)] for j in generator.permutation(len(by_artist[artist]))]
        works, left = rows[:SMALL], rows[SMALL:]
        portfolio = Portfolio(f"small_{number:02d}", tuple(works))
        portfolio.queries.extend(_independent(folder, works, [*left, *everything], (4, 3, 3), generator))
        pixels = decoded(folder, [w["file"] for w in works[:4]])
        portfolio.queries.extend(_ladders(folder, works[0], pixels, temporary, generator))
        yield portfolio


def series(folder: Path) -> Iterator[Portfolio]:
    """Each artist's own other works as suspects: what they have in common anyway is no derivation."""
    _, by_artist = _usable(folder)
    own: dict[str, list[Row]] = {}
    for row in read_table(folder / "portfolios.csv"):
        own.setdefault(row["artist_or_style"], []).append({**row, "tradition": "portfolio"})
    for number, (artist, rows) in enumerate(sorted({**by_artist, **own}.items())):
        if len(rows) < SERIES:
            continue
        generator = np.random.default_rng([SEED, SERIES, number])
        mixed = [rows[int(i)] for i in generator.permutation(len(rows))]
        count = min(SERIES_COUNT, len(rows) // 4)
        portfolio = Portfolio(f"series_{number:02d}", tuple(mixed[count : count + SERIES_WORKS]))
        for row in mixed[:count]:
            query = Query(folder / row["file"], "series", "series", artist, row["tradition"], row["file"])
            portfolio.queries.append(query)
        yield portfolio


def _large(folder: Path, cohort: Sequence[Row], temporary: Path) -> Iterator[Portfolio]:
    """Each of a few artists, so that a tradition is dense."""
    generator = np.random.default_rng([SEED, LARGE])
    for number in range(LARGE_COUNT):
        artists = sorted({row["artist_or_style"] for row in cohort})
        chosen: list[Row] = []
        for i in generator.permutation(len(artists)):
            own = [row for row in cohort if row["artist_or_style"] == artists[int(i)]]
            keep = max(1, len(own) * 2 // 3)
            chosen += [own[int(j)] for j in generator.permutation(len(own))[:keep]]
            if len(chosen) >= LARGE:
                break
        portfolio = Portfolio(f"large_{number}", tuple(chosen[:LARGE]))
        portfolio.queries.extend(_independent(folder, portfolio.works, cohort, (16, 12, 12), generator))
        yield portfolio


def _largest(folder: Path, cohort: Sequence[Row], temporary: Path) -> Portfolio:
    """Some artists are left out whole, and one work in ten of the others. Filled up with works by the background's
    artists that the background does not hold."""
    generator = np.random.default_rng([SEED, LARGEST])
    evalset = [{**r, "tradition": "portfolio"} for r in read_table(folder / "portfolios.csv")]
    everything = read_table(folder / "cohort.csv")
    _, background, _ = split(everything, np.random.default_rng(BACKGROUND_SEED))
    used = {row["artist_or_style"] for row in background}
    held = {row["file"] for row in background}
    fill = [r for r in everything if r["artist_or_style"] in used and r["file"] not in held]
    artists = sorted({row["artist_or_style"] for row in cohort})
    out: set[str] = set()
    for i in generator.permutation(len(artists)):
        if sum(row["artist_or_style"] in out for row in cohort) >= LEFT_OUT:
            break
        out.add(artists[int(i)])
    inside = [row for row in cohort if row["artist_or_style"] not in out]
    order = generator.permutation(len(inside))
    works = [*evalset, *fill, *(inside[int(i)] for i in order)][:LARGEST]
    works = [*works[-1:], *works[:-1]]  # what is edited is a work of an artist that was drawn, as in the small ones
    if len(works) < LARGEST:
        raise SystemExit(f"the evaluation set has {len(works)} works for the largest portfolio, not {LARGEST}")
    portfolio = Portfolio("largest", tuple(works))
    portfolio.queries.extend(_independent(folder, works, cohort, (40, 60, 60), generator))
    pixels = decoded(folder, [w["file"] for w in works[:4]])
    portfolio.queries.extend(_ladders(folder, works[0], pixels, temporary, generator))
    return portfolio


def _development(folder: Path, cohort: Sequence[Row], temporary: Path) -> Portfolio:
    generator = np.random.default_rng([SEED, 0])
    pairs = [r for r in read_table(folder / "pairs.csv") if "1" in (r["shares_composition"], r["shares_element"])]
    sources = [
        {"file": r["source_file"], "artist_or_style": r["repo"], "tradition": r["source_kind"]}
        for r in read_table(folder / "pairs.csv")
    ]
    artists = [{**r, "tradition": "portfolio"} for r in read_table(folder / "portfolios.csv")]
    works = list({row["file"]: row for row in [*sources, *artists]}.values())
    portfolio = Portfolio("development", tuple(works))
    for file in dict.fromkeys(r["derived_file"] for r in pairs):
        rows = [r for r in pairs if r["derived_file"] == file]
        truth = tuple(r["source_file"] for r in rows)
        portfolio.queries.append(
            Query(folder / file, "derived", rows[0]["relation"], rows[0]["repo"], rows[0]["source_kind"], file, truth)
        )
    portfolio.queries.extend(_independent(folder, works, cohort, (0, 0, 60), generator))
    pixels = decoded(folder, [r["file"] for r in artists])
    grounds = decoded(folder, [cohort[int(i)]["file"] for i in generator.permutation(len(cohort))[:30]])
    for number, ground in enumerate(grounds.values()):
        edit = ELEMENT_EDITS[number % len(ELEMENT_EDITS)]
        made = compose(ground, list(pixels.values()), edit, generator)
        if not made.elements:
            continue
        saved = temporary / f"recomposed_{number}.png"
        Image.fromarray(made.pixels).save(saved)
        origins = tuple(artists[placed.work]["file"] for placed in made.elements)
        first = artists[made.elements[0].work]
        portfolio.queries.append(
            Query(saved, "recomposed", edit, first["artist_or_style"], "portfolio", origins[0], origins)
        )
    return portfolio


def _independent(
    folder: Path,
    works: Sequence[Row],
    others: Iterable[Row],
    counts: tuple[int, int, int],
    generator: np.random.Generator,
) -> Iterator[Query]:
    """By an artist of the portfolio, by another of its traditions, and by artists of other traditions."""
    held = {row["file"] for row in works}
    artists, traditions = ({row[key] for row in works} for key in ("artist_or_style", "tradition"))
    free = list({row["file"]: row for row in others if row["file"] not in held}.values())
    groups = (
        [r for r in free if r["artist_or_style"] in artists and r["tradition"] not in ONE_STORY],
        [r for r in free if r["artist_or_style"] not in artists and r["tradition"] in traditions],
        [r for r in free if r["artist_or_style"] not in artists and r["tradition"] not in traditions],
    )
    for kind, rows, count in zip(INDEPENDENT, groups, counts, strict=True):
        for i in generator.permutation(len(rows))[:count]:
            row = rows[int(i)]
            yield Query(folder / row["file"], kind, kind, row["artist_or_style"], row["tradition"], row["file"])


def _ladders(
    folder: Path, work: Row, pixels: dict[str, Pixels], temporary: Path, generator: np.random.Generator
) -> Iterator[Query]:
    own, *others = pixels.values()
    assert next(iter(pixels)) == work["file"]
    for kind, ladder in (("edited", EDITS), ("re-rendered", RERENDERS)):
        for name, edit in ladder.items():
            file = temporary / f"{work['file']} {kind} {name}.png".replace("/", "_")
            Image.fromarray(edit(own, generator, others)).save(file)
            # the other quarters of a collage are works of the portfolio too
            truth = tuple(pixels) if name == "collage quarter" else (work["file"],)
            yield Query(file, kind, name, work["artist_or_style"], work["tradition"], work["file"], truth)


def _measured(folder: Path, portfolio: Portfolio, temporary: Path) -> dict[str, Any]:
    path = temporary / portfolio.name
    row_of = {(folder / row["file"]).resolve(): row for row in portfolio.works}
    pipeline.index(list(row_of), path, name=portfolio.name, choice=CHOICE, watcher=Silent())
    query_of = {query.file.resolve(): query for query in portfolio.queries}
    run = pipeline.compare(list(query_of), path, choice=CHOICE, watcher=Silent())
    assert run.index is not None
    return {
        "seed": SEED,
        "data_digest": machine.digest_of([folder / f"{name}.csv" for name in ("pairs", "portfolios", "cohort")]),
        "portfolio": portfolio.name,
        "works": run.index.works,
        "hands": sorted({row["artist_or_style"] for row in portfolio.works}),
        "signals": [list(use.identity.comparable) for use in run.signals if not use.missing],
        "queries": [_row(query, query_of[query.path.resolve()], row_of) for query in run.queries],
    }


def _row(result: QueryResult, query: Query, row_of: dict[Path, Row]) -> dict[str, Any]:
    findings = []
    for finding in result.findings:
        rows = [row_of[path.resolve()] for path in finding.work.paths]
        findings.append(
            {
                "true": any(row["file"] in query.truth for row in rows),
                "hand": rows[0]["artist_or_style"],
                "file": rows[0]["file"],
                "content": None if finding.content is None else round(finding.content, 3),
                "type": finding.type.value,
                "basis": [basis_code(basis) for basis in finding.basis],
                "edits": [edit_code(edit) for edit in finding.edits],
                "scores": {
                    name: None if signal.comparison.score is None else round(signal.comparison.score, 6)
                    for name, signal in finding.signals
                },
            }
        )
    return {
        "kind": query.kind, "relation": query.relation, "hand": query.artist, "tradition": query.tradition,
        "source": query.source, "truth": len(query.truth), "elements": len(result.elements or ()), "findings": findings,
    }  # fmt: skip


def _write(file: Path, content: dict[str, Any]) -> None:
    replace_file(file, gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0))


if __name__ == "__main__":
    sys.exit(main())
