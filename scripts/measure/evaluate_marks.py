"""Are the artist's marks found, and is their fate told rightly? Beside plain SIFT + RANSAC, in one run.

    python scripts/measure/evaluate_marks.py --set ../shared/evalset [--tune] [--portfolios 16]

A program makes marks of four kinds (``made_marks.py``) and puts each on five works of one artist of ``cohort.csv``; a
sixth stays without. Suspects are made from these with a known truth: the mark *kept* under an edit, *garbled*,
*removed*, or *none* (the work without it; works of other artists). simcheck runs as a user runs it: index, `marks add`,
compare. ``--tune`` uses the other half of the artists and other marks: thresholds in
``simcheck/provenance/marks/states.py`` are chosen there. The null is the best agreement of each mark anywhere in
unrelated pictures.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.measure import machine, made_marks
from scripts.measure.made_marks import Pixels, Placed
from simcheck import pipeline
from simcheck.images import Reader
from simcheck.provenance import marks
from simcheck.provenance.marks.ink import ink_of, read_mark
from simcheck.provenance.marks.recurring import LEAST_WORKS, recurring
from simcheck.provenance.marks.search import best_place
from simcheck.provenance.marks.states import KEPT, KEPT_IN_PLACE, find_in
from simcheck.records import Picture, Silent
from simcheck.store import Store

SEED = 2026
WORKS = 6
EDITS = ("cropped", "scaled", "jpeg", "recoloured", "mirrored", "turned", "quarter")
GARBLINGS = ("warped", "shuffled", "redrawn")
REMOVALS = ("inpainted", "cloned", "cropped")
Truths = dict[str, tuple[str, str]]


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--tune", action="store_true", help="the hands and marks that thresholds are chosen on")
    parser.add_argument("--portfolios", type=int, default=16)
    parser.add_argument("--null", type=int, default=24, help="unrelated pictures per mark")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=(machine.MARKS,))
    folder: Path = arguments.set.resolve()
    artists = _hands(folder, 0 if arguments.tune else 1)
    tables: dict[str, Counter[str]] = defaultdict(Counter)
    by_edit: dict[str, Counter[str]] = defaultdict(Counter)
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    placed = Counter[str]()
    null: dict[str, list[float]] = defaultdict(list)
    peer: dict[str, list[int]] = {"kept": [], "none": []}
    seconds: list[float] = []
    result: dict[str, Any] = {}
    auto = Counter[str]()
    names = sorted(artists)
    for number in range(arguments.portfolios):
        rng = np.random.default_rng([SEED, number, int(arguments.tune)])
        kind = made_marks.KINDS[number % 4]
        artist = names[number * 3 % len(names)]
        others = [file for name in names if name != artist for file in artists[name]]
        strangers = [others[int(i)] for i in rng.permutation(len(others))[: arguments.null + 4]]
        with tempfile.TemporaryDirectory(prefix="simcheck-marks-") as temporary:
            root = Path(temporary)
            drawn = made_marks.mark(kind, (500 if arguments.tune else 1000) + number)
            drawn.save(root / "mark.png")
            works = [artists[artist][int(i)] for i in rng.permutation(len(artists[artist]))[:WORKS]]
            truth, boxes = _make(root, drawn, kind, number, works, strangers[:4], rng)
            found = _simcheck(root, boxes, placed)
            for name, (state, how) in truth.items():
                got = found[name]
                tables[state][got] += 1
                by_edit[f"{state}: {how}"][got] += 1
                by_kind[f"{kind}: {state}"][got] += 1
                if state in peer and how != "own work without it":
                    peer[state].append(_sift(drawn, _read(root / "suspects" / name)))
            ink = ink_of(read_mark(root / "mark.png").png)
            for file in strangers[4:]:
                pixels = _read(file)
                started = time.perf_counter()
                best = best_place(ink, pixels)
                seconds.append(time.perf_counter() - started)
                null[kind].append(best[0] if best else 0.0)
        auto.update(_auto(artists[artist], drawn, rng))
        print(number, kind, artist, {k: dict(v) for k, v in tables.items()}, dict(placed), flush=True)
        # written anew after each portfolio: the figures so far survive an end that comes too early
        every = np.array([score for scores in null.values() for score in scores])
        kept, none = np.array(peer["kept"]), np.array(peer["none"])
        least = int(none.max()) + 1
        result = {
            "what": "the artist's marks: kept, garbled, removed, none",
            "data_digest": machine.digest_of([folder / "cohort.csv"]),
            "seed": SEED,
            "split": "tune" if arguments.tune else "report",
            "portfolios": number + 1,
            "thresholds": {"kept": KEPT, "kept_in_place": KEPT_IN_PLACE},
            "confusion": {truth: dict(row) for truth, row in tables.items()},
            "by_edit": {key: dict(row) for key, row in sorted(by_edit.items())},
            "by_kind": {key: dict(row) for key, row in sorted(by_kind.items())},
            "places_in_works": dict(placed),
            "null": {
                "pictures": len(every),
                "at_or_above_threshold": int((every >= KEPT).sum()),
                "quantiles_50_95_99_100": [round(float(q), 3) for q in np.quantile(every, [0.5, 0.95, 0.99, 1])],
                "largest_by_kind": {kind: round(max(scores), 3) for kind, scores in null.items()},
            },
            "peer_sift_ransac": {
                "least_inliers": least,
                "kept_found": int((kept >= least).sum()),
                "kept": len(kept),
                "false": 0,
                "of": len(none),
            },
            "auto": dict(auto),
            "seconds_per_suspect_and_mark": {
                "median": round(float(np.median(seconds)), 3),
                "p95": round(float(np.quantile(seconds, 0.95)), 3),
            },
        }
        measurement.save("evaluate_marks_tune" if arguments.tune else "evaluate_marks", result)
    for key in (
        "confusion",
        "places_in_works",
        "null",
        "peer_sift_ransac",
        "auto",
        "seconds_per_suspect_and_mark",
        "by_edit",
    ):
        print(key, result[key])
    return 0


def _hands(folder: Path, half: int) -> dict[str, list[Path]]:
    """Every other artist with enough works that are large enough to bear a mark."""
    artists: dict[str, list[Path]] = defaultdict(list)
    with (folder / "cohort.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            file = folder / row["file"]
            with Image.open(file) as image:
                if min(image.size) >= 220:
                    artists[file.parent.name].append(file)
    names = sorted(name for name, files in artists.items() if len(files) >= WORKS)
    return {name: artists[name] for name in names[half::2]}


def _read(file: Path) -> Pixels:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def _make(
    root: Path,
    drawn: Image.Image,
    kind: str,
    number: int,
    works: list[Path],
    strangers: list[Path],
    rng: np.random.Generator,
) -> tuple[Truths, dict[str, tuple[float, ...] | None]]:
    """Write works and suspects. Returns (suspect -> (state, how)) and (work -> box of its mark in fractions)."""
    for name in ("works", "suspects"):
        (root / name).mkdir()
    truth: Truths = {}
    boxes: dict[str, tuple[float, ...] | None] = {}
    bearers: list[tuple[Pixels, Placed]] = []
    for i, file in enumerate(works):
        clean = _read(file)
        name = f"work{i}.png"
        boxes[name] = None
        pixels = clean
        if i < WORKS - 1:
            placed = made_marks.placed_on(clean, drawn, rng)
            bearers.append((clean, placed))
            height, width = clean.shape[:2]
            boxes[name] = tuple(np.array(placed.box) / [width, height, width, height])
            pixels = placed.pixels
        Image.fromarray(pixels).save(root / "works" / name)

    def suspect(pixels: Pixels, state: str, how: str) -> None:
        name = f"{len(truth):02}.jpg"
        Image.fromarray(pixels).save(root / "suspects" / name, quality=85)
        truth[name] = (state, how)

    for i in range(4):
        clean, placed = bearers[i]
        edit = EDITS[(number * 4 + i) % len(EDITS)]
        suspect(made_marks.edited(placed.pixels, edit, rng, placed.box), "kept", edit)
    for i, how in enumerate(GARBLINGS):
        clean, placed = bearers[(i + number) % 5]
        other = made_marks.mark(kind, 5000 + number)
        suspect(made_marks.garbled(clean, placed, other, rng, how), "garbled", how)
    for i, how in enumerate(REMOVALS):
        suspect(made_marks.removed(bearers[(i + 2 + number) % 5][1], how), "removed", how)
    suspect(_read(works[-1]), "none", "own work without it")
    for file in strangers:
        suspect(_read(file), "none", "another hand")
    return truth, boxes


def _simcheck(root: Path, boxes: dict[str, tuple[float, ...] | None], placed: Counter[str]) -> dict[str, str]:
    """Suspect -> state that simcheck tells."""
    choice = pipeline.Choice(only=("keypoints",))
    index = root / "index"
    pipeline.index([root / "works"], index, name="works", choice=choice, watcher=Silent())
    marks.add(index, [root / "mark.png"], watcher=Silent())
    with Store.open(index) as store:
        (mark,) = store.marks()
        places = store.mark_places(mark.id)
        for work in store.works():
            true, found = boxes[work.paths[0].name], places.get(work.id)
            if true is None:
                placed["without: falsely found" if found else "without: not found"] += 1
            elif found is None:
                placed["with: missed"] += 1
            else:
                middle = [(found.box[i] + found.box[i + 2]) / 2 for i in (0, 1)]
                inside = all(true[i] <= middle[i] <= true[i + 2] for i in (0, 1))
                placed["with: found" if inside else "with: elsewhere"] += 1
    run = pipeline.compare([root / "suspects"], index, choice=choice, watcher=Silent())
    return {query.path.name: query.marks[0].state.value if query.marks else "none" for query in run.queries}


def _auto(files: list[Path], drawn: Image.Image, rng: np.random.Generator) -> list[str]:
    """What ``marks add --auto`` does with eight works of an artist as they are, and stamped at one place of each."""
    chosen = files[:8]
    if len(chosen) < LEAST_WORKS:
        return []
    with Reader() as reader:
        plain = [picture for _, picture in reader.read_all(chosen) if isinstance(picture, Picture)]
    right, down = (int(v) for v in rng.integers(10, 30, 2))
    stamped = []
    for picture in plain:
        height, width = picture.pixels.shape[:2]
        small = drawn.resize((110, round(110 * drawn.height / drawn.width)), Image.Resampling.LANCZOS)
        image = Image.fromarray(picture.pixels).convert("RGBA")
        image.alpha_composite(small, (width - 110 - right, height - small.height - down))
        stamped.append(replace(picture, pixels=np.asarray(image.convert("RGB"), np.uint8)))
    told = ["none there: falsely found" if recurring(plain) else "none there: nothing said"]
    found = recurring(stamped)
    if found is None:
        return [*told, "stamped: missed"]
    place = find_in(ink_of(found.png), stamped[0].pixels)[1]
    height, width = stamped[0].pixels.shape[:2]
    near = place is not None and abs((place.box[0] + place.box[2]) / 2 * width - (width - right - 55)) < 40
    return [*told, "stamped: found" if near else "stamped: found elsewhere"]


def _sift(drawn: Image.Image, pixels: Pixels) -> int:
    """Inliers of the best similarity from the mark (on white, and on black) to the picture, plain and mirrored."""
    import cv2

    picture = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    picture = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    sift = cv2.SIFT.create(contrastThreshold=0.02)
    points, theirs = sift.detectAndCompute(picture, None)
    best = 0
    for ground in (255, 0):
        paper = Image.new("RGBA", (drawn.width + 40, drawn.height + 40), (ground, ground, ground, 255))
        paper.alpha_composite(drawn, (20, 20))
        for image in (np.asarray(paper.convert("L")), np.asarray(paper.convert("L"))[:, ::-1]):
            own, ours = sift.detectAndCompute(np.ascontiguousarray(image), None)
            if ours is None or theirs is None or len(ours) < 4 or len(theirs) < 4:
                continue
            pairs = cv2.BFMatcher().knnMatch(ours, theirs, 2)
            # each place in the picture once: many strokes on one blot would else fit a similarity of scale nought
            good = list({m.trainIdx: m for m, n in pairs if m.distance < 0.8 * n.distance}.values())
            if len(good) < 3:
                continue
            a = np.array([own[m.queryIdx].pt for m in good], np.float32)
            b = np.array([points[m.trainIdx].pt for m in good], np.float32)
            matrix, inliers = cv2.estimateAffinePartial2D(a, b, method=cv2.RANSAC, ransacReprojThreshold=4.0)
            if matrix is not None and 0.1 < float(np.hypot(matrix[0, 0], matrix[1, 0])) < 10:
                best = max(best, int(inliers.sum()))
    return best


if __name__ == "__main__":
    sys.exit(main())
