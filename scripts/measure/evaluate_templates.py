"""Is a shared frame, page or template taken for a copy? And is a copy within one still found?

    python scripts/measure/evaluate_templates.py --set ../shared/evalset [--kinds reporting] [--each 4] [--negatives 5]
        [--positives 1] [--decks 2] [--seed 2026] [--keep FOLDER] [--pictures FOLDER]

Limits are chosen on the kinds of ``--kinds choosing`` and reported on the others. One portfolio holds ``--each`` works
of every kind, each in a template of its own, so that no sibling says what the template is (`template_pairs`). Every
suspect is compared with all of them. Then portfolios that are decks: eight works by one hand in one template, of
``--decks`` of the kinds. "Typed": any finding says copied, shown in part, or re-drawn; "llr": the highest of any work.
"Found": the right work comes first and is typed so; "another work typed" is a false word about one that is not shown.
The same contents, with the same done to them, are tried without any template too, in a portfolio of these alone.
"Template alone" leaves out the kinds whose template holds a picture that everybody uses: there much of the picture
truly is the same. PDQ, pHash and SIFT + RANSAC see only the pair, which flatters them.

A suspect takes about 2.5 seconds of one core, a work 2 to be indexed: by default half an hour of one core in all.
``--keep`` stores what was found of every suspect, as JSON, ``--pictures`` contact sheets of all pairs.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.measure import machine
from scripts.measure.peers import PEERS
from scripts.measure.template_figures import Told, Tried, figures, print_figures, sheets
from scripts.measure.template_pairs import LISTS, SEED, Contents, Pair, deck, planned
from scripts.painted.templates import BARE, SHARED_PICTURE
from simcheck import pipeline
from simcheck.records import Pixels, Silent

DECK = 8
"""Works of a deck."""
AT_ONCE = 40
"""Suspects of one call: what a run keeps of each takes some hundred kilobytes."""
CHOICE = pipeline.Choice(without=("clip",))


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, help="the evaluation set; without it all contents are painted")
    parser.add_argument("--kinds", choices=list(LISTS), default="reporting")
    parser.add_argument("--each", type=int, default=4, help="works of every kind")
    parser.add_argument("--negatives", type=int, default=5, help="of every work")
    parser.add_argument("--positives", type=int, default=1, help="works of every kind with derived suspects")
    parser.add_argument("--decks", type=int, default=2, help="kinds of which a deck is tried; 0 for none")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path, help="folder for what was found of every suspect")
    parser.add_argument("--pictures", type=Path, help="folder for contact sheets")
    arguments = parser.parse_args()
    measurement = machine.start(
        arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.PAIRS, machine.CALIBRATION)
    )
    started, spent = time.perf_counter(), time.process_time()
    seconds: dict[str, float] = {}
    rows: list[Tried] = []
    with tempfile.TemporaryDirectory(prefix="simcheck-templates-") as temporary:
        folder = Path(temporary)
        works, alone, own = _written(folder, arguments)
        rows += own
        seconds["paint"] = round(time.process_time() - spent, 1)
        _compare(works, {row.path: row for row in own}, folder / "index", seconds, "in templates")
        _compare(
            alone, {row.bare: row for row in own if row.bare}, folder / "index-bare", seconds, "without", bare=True
        )
        rows += _decks(folder, arguments, works, seconds)
        _peers(own, works, seconds)
        digest = machine.digest_of([folder / "works", folder / "suspects"])
        if arguments.pictures:
            sheets(rows, works, arguments.pictures)
    seconds["processor, all"] = round(time.process_time() - spent, 1)
    seconds["clock, all"] = round(time.perf_counter() - started, 1)
    result = {
        "what": "pictures that share a template, with other content and with the same",
        "seed": arguments.seed,
        "data_digest": digest,
        "kinds": arguments.kinds,
        "with_set": arguments.set is not None,
        "works": len([w for w in works if "_deck" not in w]),
        "negatives": sum(r.relation == "negative" and r.of == "own" for r in rows),
        "seconds": seconds,
        "figures": figures(rows),
    }
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        text = json.dumps([row.kept() for row in rows], indent=1, ensure_ascii=False)
        (arguments.keep / "findings.json").write_text(text, encoding="utf-8")
    measurement.save(f"evaluate_templates{'_choosing' if arguments.kinds == 'choosing' else ''}", result)
    print_figures(result["figures"])
    print(f"seconds: {seconds}")
    return 0


def _written(folder: Path, arguments: Any) -> tuple[dict[str, Path], dict[str, Path], list[Tried]]:
    """All works, their contents alone, and all pairs, as files: a run of pictures would not fit in memory."""
    works: dict[str, Path] = {}
    alone: dict[str, Path] = {}
    rows = []
    for work in planned(
        arguments.kinds, arguments.each, arguments.negatives, arguments.positives, arguments.seed, arguments.set
    ):
        works[work.name] = _save(work.picture, folder / "works" / f"{work.name}.png")
        if work.bare:
            alone[work.name] = _save(work.bare, folder / "alone" / f"{work.name}.png")
        rows += [_tried(pair, folder) for pair in work.pairs]
    return works, alone, rows


def _tried(pair: Pair, folder: Path, of: str = "own") -> Tried:
    path = _save(pair.picture, folder / "suspects" / f"{pair.name}.png")
    bare = _save(pair.bare, folder / "suspects-alone" / f"{pair.name}.png") if pair.bare else None
    return Tried(pair.name, pair.work, pair.kind, pair.relation, pair.done, pair.content, path, bare, of)


def _save(picture: Image.Image, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").save(path, compress_level=1)
    return path.resolve()


def _compare(
    works: Mapping[str, Path],
    rows: Mapping[Path, Tried],
    index: Path,
    seconds: dict[str, float],
    name: str,
    *,
    bare: bool = False,
) -> None:
    """Fill in what is said of each suspect; ``rows`` by the suspect's file. Seconds are of the processor."""
    if not rows:
        return
    spent = time.process_time()
    result = pipeline.index(list(works.values()), index, name="templates", choice=CHOICE, watcher=Silent())
    if result.skipped:
        raise SystemExit(f"works were skipped: {result.skipped}")
    seconds[f"{name}: index, a work"] = round((time.process_time() - spent) / len(works), 3)
    spent, paths = time.process_time(), list(rows)
    for start in range(0, len(paths), AT_ONCE):
        run = pipeline.compare(paths[start : start + AT_ONCE], index, choice=CHOICE, watcher=Silent())
        for query in run.queries:
            row = rows[query.path.resolve()]
            if bare:
                row.told_bare = Told.of(query)
            else:
                row.told = Told.of(query)
        print(f"{name}: {min(start + AT_ONCE, len(paths))} of {len(paths)} suspects", flush=True)
    lost = [r.name for r in rows.values() if (r.told_bare if bare else r.told) is None]
    if lost:
        raise SystemExit(f"suspects were not compared: {lost}")
    seconds[f"{name}: compare, a suspect"] = round((time.process_time() - spent) / max(1, len(paths)), 3)


def _decks(folder: Path, arguments: Any, works: dict[str, Path], seconds: dict[str, float]) -> list[Tried]:
    """A portfolio each; its works are added to ``works``."""
    kinds = [k for k in LISTS[arguments.kinds] if k.name not in (*BARE, *SHARED_PICTURE)]
    places = [round(v) for v in np.linspace(0, len(kinds) - 1, arguments.decks)]
    contents = Contents(arguments.kinds, arguments.seed + 1, arguments.set)
    found: list[Tried] = []
    for number, place in enumerate(places):
        cards, false = deck(kinds[place], DECK, arguments.negatives, arguments.seed + number, contents)
        own = {c.name: _save(c.picture, folder / "works" / f"{c.name}.png") for c in cards}
        works.update(own)
        pairs = [*(pair for card in cards for pair in card.pairs), *false]
        rows = [_tried(pair, folder, "deck") for pair in pairs]
        _compare(own, {row.path: row for row in rows}, folder / f"index-deck{number}", seconds, f"deck {number}")
        found += rows
    return found


def _peers(rows: Sequence[Tried], works: Mapping[str, Path], seconds: dict[str, float]) -> None:
    """Scores of each suspect and its own work alone."""
    for name, peer in PEERS.items():
        spent = time.process_time()
        known = {work: peer.describe_each([_pixels(works[work])]) for work in {row.work for row in rows}}
        for row in rows:
            suspect = peer.describe_each([_pixels(row.path)])
            row.peers[name] = float(peer.compare(suspect, known[row.work])[0, 0])
        seconds[f"{name}, a pair"] = round((time.process_time() - spent) / max(1, len(rows)), 3)


def _pixels(path: Path) -> Pixels:
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))


if __name__ == "__main__":
    sys.exit(main())
