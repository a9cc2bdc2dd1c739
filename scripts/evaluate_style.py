"""How often is a hand's own half nearest to its other half? The claim `style`, by `palette`, with and without scaling.

    python scripts/evaluate_style.py --set ../shared/evalset [--save]

Of every cohort hand with at least 16 works one half are the suspects, the other the portfolio, which stands in a line
with all other hands of the shipped cohort. Hands that the shipped cohort does not hold are told apart. ``--save``
writes how near each hand of the shipped cohort is to works by others (``index/reference/style.json``), so that
`simcheck compare` need not measure it again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import machine
import numpy as np
from evalset import decoded, read_table

from simcheck.cohort import reference_folder
from simcheck.line_up import STYLE, WORKS
from simcheck.parallel import thread_pool
from simcheck.records import Description, FileFacts, Picture
from simcheck.regions import describe
from simcheck.signals.palette import Palette
from simcheck.style import LEAST_WORKS, MOST_WORKS, Hand, nearness, similarity
from simcheck.writing import replace_file

COUNTS = (1, 3, 5, 10)
SIGNAL = Palette()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--save", action="store_true")
    arguments = parser.parse_args()
    folder: Path = arguments.set.resolve()
    shipped = {work["hand"] for work in json.loads((reference_folder() / WORKS).read_text("utf-8"))["works"]}
    hands = _hands(folder)
    line = [_limited(hand) for hand in hands if hand.name in shipped and len(hand.works) >= LEAST_WORKS]
    line = [replace(hand, nearness=nearness(hand, line, SIGNAL)) for hand in line]
    if arguments.save:
        known = {hand.name: round(hand.nearness or 0.0, 5) for hand in line}
        document = {
            "signal": list(SIGNAL.identity().comparable),
            "script": "scripts/evaluate_style.py",
            "nearness": known,
        }
        text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
        replace_file(reference_folder() / STYLE, f"{text}\n".encode())

    tested = [hand for hand in hands if len(hand.works) >= 2 * LEAST_WORKS]
    ranks: dict[str, list[dict[str, Any]]] = {}
    for hand in tested:
        suspects, own = hand.works[::2], Hand("the portfolio", "", hand.works[1::2][:MOST_WORKS])
        others = [other for other in line if other.name != hand.name]
        near = nearness(own, others, SIGNAL)
        same = [other.tradition == hand.tradition for other in others]
        for count in COUNTS:
            raw = [similarity(suspects[:count], each, SIGNAL) for each in (own, *others)]
            scaled = [2 * s - (n or 0.0) for s, n in zip(raw, (near, *(o.nearness for o in others)), strict=True)]
            ranks.setdefault(str(count), []).append(
                {
                    "hand": hand.name,
                    "shipped": hand.name in shipped,
                    "raw": _rank(raw),
                    "scaled": _rank(scaled),
                    "in its tradition": _rank([scaled[0], *np.array(scaled[1:])[same]]) if any(same) else None,
                }
            )
    figures = {count: _figures(found) for count, found in ranks.items()}
    result = {
        "what": "claim style: one half of a hand's works against its other half and all other hands",
        **machine.facts(),
        "data_digest": machine.digest_of([folder / "cohort.csv"]),
        "signal": SIGNAL.name,
        "hands_in_line": len(line) + 1,
        "figures": figures,
        "ranks": ranks["10"],
    }
    machine.save("evaluate_style", result)
    print(f"commit {result['commit']}, {result['cpu']}, data {result['data_digest'][:16]}")
    print(f"{len(tested)} hands in turn against {len(line)} (less itself)")
    for suspects_given, each in figures.items():
        print(f"{suspects_given:>3s} suspects  {each}")
    return 0


def _hands(folder: Path) -> list[Hand]:
    """All cohort hands with enough works, by SHA-256 of these."""
    rows = read_table(folder / "cohort.csv")
    rows.sort(key=lambda row: hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest())
    pixels = decoded(folder, [row["file"] for row in rows])
    facts = FileFacts("0" * 64, 1, "PNG", "RGB", 8, 8, 1, "evaluation")
    with thread_pool() as pool:
        pictures = [Picture(facts, pixels[row["file"]]) for row in rows]
        described = describe(pictures, SIGNAL, query=False, pool=pool)
    by_hand: dict[tuple[str, str], list[Description]] = {}
    for row, description in zip(rows, described, strict=True):
        by_hand.setdefault((row["artist_or_style"], row["tradition"]), []).append(description)
    return [Hand(name, tradition, tuple(works)) for (name, tradition), works in sorted(by_hand.items())]


def _limited(hand: Hand) -> Hand:
    """As it ships."""
    return replace(hand, works=hand.works[:MOST_WORKS])


def _rank(scores: Sequence[float]) -> int:
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
                for how in ("raw", "scaled", "in its tradition")
                if (ranks := [each[how] for each in own if each[how]])
            },
        }
        for name, own in groups.items()
    }


if __name__ == "__main__":
    sys.exit(main())
