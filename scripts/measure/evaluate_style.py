"""How often is an artist's own half nearest to its other half? The claim `style`, by colours, and with `copy` beside
them.

    python scripts/measure/evaluate_style.py --set ../shared/evalset [--save]

Of every cohort artist with at least 16 works one half are the suspects, the other the portfolio, which stands in a line
with all other artists of the shipped cohort. ``raw`` is the similarity of colours as it is, before it is scaled by how
near an artist is to all others. Artists that the shipped cohort does not hold are told apart. ``--save`` writes how
near each artist of the shipped cohort is to works by others (``index/reference/style.json``), so that `simcheck
compare` need not measure it again. `copy` is no signal of this claim: it is tried here. `clip` is one, and is not
measured: its weights cannot ship.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.measure import machine
from scripts.measure.evalset import decoded, read_table
from simcheck.cohort.line_up import STYLE, WORKS
from simcheck.cohort.style import LEAST_WORKS, MOST_WORKS, Artist, Line, nearness, similarity
from simcheck.records import Description, FileFacts, Picture
from simcheck.shipped import reference_folder
from simcheck.signals import load
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe
from simcheck.system.threads import thread_pool
from simcheck.system.writing import replace_file

COUNTS = (1, 3, 5, 10)
COLOURS = "palette"
MADE = f"index/reference/{STYLE}"
TRIED = {name: load((name,))[name]() for name in (COLOURS, "copy")}


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--save", action="store_true")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=tuple(TRIED), shipped=(machine.COHORT,), apart_from=(MADE,))
    folder: Path = arguments.set.resolve()
    shipped = {work["hand"] for work in json.loads((reference_folder() / WORKS).read_text("utf-8"))["works"]}
    seen = {name: _hands(folder, signal) for name, signal in TRIED.items()}
    lines = {name: _line(artists, shipped, TRIED[name]) for name, (artists, _) in seen.items()}
    if arguments.save:
        document = {
            "script": "scripts/measure/evaluate_style.py",
            **{
                name: {
                    "signal": list(TRIED[name].identity().comparable),
                    "nearness": {artist.name: round(artist.nearness or 0.0, 5) for artist in line},
                }
                for name, line in lines.items()
                if TRIED[name].in_style
            },
        }
        text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
        replace_file(reference_folder() / STYLE, f"{text}\n".encode())

    tested = [i for i, artist in enumerate(seen[COLOURS][0]) if len(artist.works) >= 2 * LEAST_WORKS]
    ranks: dict[str, list[dict[str, Any]]] = {}
    for i in tested:
        artist = seen[COLOURS][0][i]
        own = {
            name: Artist("the portfolio", "", artists[i].works[1::2][:MOST_WORKS])
            for name, (artists, _) in seen.items()
        }
        others = {name: [other for other in line if other.name != artist.name] for name, line in lines.items()}
        own = {name: replace(mine, nearness=nearness(mine, others[name], TRIED[name])) for name, mine in own.items()}
        same = [other.tradition == artist.tradition for other in others[COLOURS]]
        for count in COUNTS:
            scores = {}
            for name, signal in TRIED.items():
                line = Line(signal, seen[name][1][i].works[::2][:count], own[name], others[name])
                scores[name] = line.scores(list(line.others))
            suspects = seen[COLOURS][1][i].works[::2][:count]
            line_of = (own[COLOURS], *others[COLOURS])
            ranks.setdefault(str(count), []).append(
                {
                    "hand": artist.name,
                    "shipped": artist.name in shipped,
                    "raw": _rank([similarity(suspects, each, TRIED[COLOURS]) for each in line_of]),
                    **{name: _rank(each) for name, each in scores.items()},
                    "both": _rank(np.mean(list(scores.values()), axis=0)),
                    "in its tradition": _rank(scores[COLOURS][[True, *same]]) if any(same) else None,
                }
            )
    figures = {count: _figures(found) for count, found in ranks.items()}
    result = {
        "what": "claim style: one half of a hand's works against its other half and all other hands",
        "data_digest": machine.digest_of([folder / "cohort.csv"]),
        "seed": None,
        "signals": list(TRIED),
        "hands_in_line": len(lines[COLOURS]) + 1,
        "figures": figures,
        "ranks": ranks["10"],
    }
    measurement.save("evaluate_style", result)
    print(f"{len(tested)} hands in turn against {len(lines[COLOURS])} (less itself)")
    for suspects_given, each in figures.items():
        print(f"{suspects_given:>3s} suspects  {each}")
    return 0


def _line(artists: Sequence[Artist], shipped: Collection[str], signal: Signal) -> list[Artist]:
    line = [_limited(artist) for artist in artists if artist.name in shipped and len(artist.works) >= LEAST_WORKS]
    return [replace(artist, nearness=nearness(artist, line, signal)) for artist in line]


def _hands(folder: Path, signal: Signal) -> tuple[list[Artist], list[Artist]]:
    """All cohort artists, their works by SHA-256; and the same works described as suspects are."""
    rows = read_table(folder / "cohort.csv")
    rows.sort(key=lambda row: hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest())
    pixels = decoded(folder, [row["file"] for row in rows])
    facts = FileFacts("0" * 64, 1, "PNG", "RGB", 8, 8, 1, "evaluation")
    with thread_pool() as pool:
        pictures = [Picture(facts, pixels[row["file"]]) for row in rows]
        described = (describe(pictures, signal, query=query, pool=pool) for query in (False, True))
        works, suspects = (_by_hand(rows, each) for each in described)
    return works, suspects


def _by_hand(rows: Sequence[Mapping[str, str]], described: Sequence[Description]) -> list[Artist]:
    found: dict[tuple[str, str], list[Description]] = {}
    for row, description in zip(rows, described, strict=True):
        found.setdefault((row["artist_or_style"], row["tradition"]), []).append(description)
    return [Artist(name, tradition, tuple(works)) for (name, tradition), works in sorted(found.items())]


def _limited(artist: Artist) -> Artist:
    """As it ships."""
    return replace(artist, works=artist.works[:MOST_WORKS])


def _rank(scores: Sequence[float] | NDArray[np.float64]) -> int:
    return 1 + int(sum(score >= scores[0] for score in scores[1:]))


def _figures(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    groups = {"all": found, "not in the shipped cohort": [each for each in found if not each["shipped"]]}
    return {
        name: {
            "hands": len(own),
            **{
                how: {
                    "first": round(float(np.mean([r == 1 for r in ranks])), 3),
                    "in the first three": round(float(np.mean([r <= 3 for r in ranks])), 3),
                    "worst": max(ranks),
                    "of": len(ranks),
                }
                for how in ("raw", *TRIED, "both", "in its tradition")
                if (ranks := [each[how] for each in own if each[how]])
            },
        }
        for name, own in groups.items()
    }


if __name__ == "__main__":
    sys.exit(main())
