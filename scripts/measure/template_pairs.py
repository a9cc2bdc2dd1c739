"""Pairs of pictures that share a template: other content in it, the same content in it, and the same content elsewhere.

    python scripts/measure/template_pairs.py --to FOLDER [--kinds choosing] [--set ../shared/evalset] [--each 2]
        [--negatives 3] [--seed 2026]

writes ``works/``, ``suspects/`` and ``pairs.csv``, to be looked at or compared. Each work lies in a template of its
own. Its suspects: ``negative``, other content by another hand in the same template; ``same_template``, the work saved
again or edited as a whole, and its content made again (`rerender_ladder`) in the same template; ``other_template``, its
content in a template of another kind. Contents are painted; with ``--set`` every other one is a work of the evaluation
set, by artists that the shipped table of unrelated pairs leaves out: a quarter of them for the works and a quarter for
the suspects of each list of kinds.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image

from scripts.measure.edits_ladder import LADDER, OVERLAYS
from scripts.measure.evalset import unseen_cohort
from scripts.measure.rerender_ladder import LADDER as AGAIN
from scripts.painted.contents import Content, blob, painted
from scripts.painted.templates import BARE, CHOOSING, REPORTING, SEVERAL, SHARED_PICTURE, Kind, drawn
from simcheck.records import Pixels

__all__ = ["LISTS", "Contents", "Pair", "Planned", "deck", "planned"]

SEED = 2026
LISTS = {"choosing": CHOOSING, "reporting": REPORTING}
EDITS = {
    **{name: LADDER[name] for name in ("crop to 50 %", "mirror", "hue turn", "grey + contrast", "posterise + blur")},
    **{name: OVERLAYS[name] for name in ("caption", "badge", "words")},
}
"""Of the picture as a whole, with its template."""
SAVED = "JPEG + rescale"
AGAIN_HERE = ("daubs", "flat surfaces", "bent", "other colours", "bent, daubs, other colours")
"""Ways to make the content again that keep its place in the template."""
MANY = 9
"""Pictures that a content needs where a template shows several."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A suspect, and the work it is tried with."""

    name: str
    work: str
    kind: str
    relation: str
    done: str
    """What was done to the work; for a negative nothing."""
    content: str
    picture: Image.Image
    bare: Image.Image | None
    """The same done to the content alone, without a template; None for negatives."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One work in a template of its own, with its suspects."""

    name: str
    kind: str
    content: str
    picture: Image.Image
    bare: Image.Image | None
    """The content alone; None where the kind shows none of it."""
    pairs: tuple[Pair, ...]


class Contents:
    """Contents one after another: painted ones, and with ``folder`` every other one by an artist of the set.

    Artists of works make no suspects, or a suspect might truly show what another work shows; and a picture of the set
    is shown by one work at most.
    """

    def __init__(self, list_name: str, seed: int, folder: Path | None = None) -> None:
        self._next = 10_000 * (seed % 1000) + (5_000 if list_name == "reporting" else 0)
        self._folder = folder
        self._of_works: list[str] = []
        self._of_suspects: list[list[str]] = []
        if folder:
            by_hand: dict[str, list[str]] = {}
            for file in unseen_cohort(folder, seed):
                by_hand.setdefault(str(Path(file).parent), []).append(file)
            own = [by_hand[name] for name in sorted(by_hand)[1 if list_name == "reporting" else 0 :: 2]]
            turns = zip_longest(*own[::2])
            self._of_works = [file for turn in turns for file in turn if file]
            self._of_suspects = own[1::2]

    def take(self, kind: Kind, *, work: bool = False) -> Content:
        """The next, with as many pictures as the kind shows, for a work or for a suspect."""
        self._next += 1
        count = MANY if kind.name in SEVERAL else 1
        files: list[str] = []
        if self._next % 2 == 0 and work and count == 1:
            files, self._of_works = self._of_works[:1], self._of_works[1:]
        elif self._next % 2 == 0 and not work and self._of_suspects:
            hand = self._of_suspects[0]
            self._of_suspects = [*self._of_suspects[1:], hand]
            files = hand[:count]
            hand[:] = [*hand[count:], *files]
        if not self._folder or not files or len(files) < (1 if count == 1 else 3):
            return painted(self._next, count)
        pictures = tuple(Image.open(self._folder / file).convert("RGB") for file in files)
        rng = np.random.default_rng([self._next, 33])
        return Content(self._next, files[0], pictures, tuple(blob(rng, *p.size) for p in pictures))


def planned(
    list_name: str,
    each: int,
    negatives: int,
    positives: int | None = None,
    seed: int = SEED,
    folder: Path | None = None,
) -> Iterator[Planned]:
    """For each kind of the list ``each`` works, with their suspects. The same for the same arguments.

    ``positives``: only so many works of a kind have derived suspects; None for all.
    """
    contents = Contents(list_name, seed, folder)
    kinds = LISTS[list_name]
    for number, kind in enumerate(kinds):
        for instance in range(each):
            rng = np.random.default_rng([seed, number, instance])
            derive = positives is None or instance < positives
            yield _one(kind, kinds, instance, negatives, derive, rng, contents)


def deck(kind: Kind, works: int, negatives: int, seed: int, contents: Contents) -> tuple[list[Planned], list[Pair]]:
    """``works`` painted by one hand in one template, three of them saved again as suspects; and negatives for all."""
    template = int(np.random.default_rng([seed, 77]).integers(0, 2**31))
    rng = np.random.default_rng([seed, 78])
    hand = painted(50_000_000 + seed, works * (MANY if kind.name in SEVERAL else 1))
    share = len(hand.pictures) // works
    found = []
    for k in range(works):
        part = slice(k * share, (k + 1) * share)
        content = replace(hand, seed=hand.seed + k, pictures=hand.pictures[part], outlines=hand.outlines[part])
        name = f"{_plain(kind.name)}_deck{k}"
        picture = drawn(kind, template, content).picture
        pairs = []
        if k < 3:
            again = _changed(picture, SAVED, rng, contents.take(kind))
            pairs = [Pair(f"{name}_saved", name, kind.name, "same_template", SAVED, content.name, again, None)]
        found.append(Planned(name, kind.name, content.name, picture, None, tuple(pairs)))
    false = []
    for k in range(negatives):
        content, name = contents.take(kind), f"{_plain(kind.name)}_deck"
        shown = drawn(kind, template, content).picture
        false.append(Pair(f"{name}_negative{k}", name, kind.name, "negative", "", content.name, shown, None))
    return found, false


def _one(
    kind: Kind,
    kinds: Sequence[Kind],
    instance: int,
    negatives: int,
    derive: bool,
    rng: np.random.Generator,
    contents: Contents,
) -> Planned:
    template, name = int(rng.integers(0, 2**31)), f"{_plain(kind.name)}_{instance}"
    content = contents.take(kind, work=True)
    picture = drawn(kind, template, content).picture
    pairs = []
    for k in range(negatives):
        other = contents.take(kind)
        shown = drawn(kind, template, other).picture
        pairs.append(Pair(f"{name}_negative{k}", name, kind.name, "negative", "", other.name, shown, None))
    shows = derive and kind.name not in BARE and not kind.name.startswith("meme")
    bare = content.picture() if shows else None
    lent = contents.take(kind)

    def add(relation: str, done: str, shown: Image.Image, alone: Image.Image | None) -> None:
        suspect = f"{name}_{relation}{len(pairs)}"
        pairs.append(Pair(suspect, name, kind.name, relation, done, content.name, shown, alone))

    if derive and kind.name not in BARE:
        done = SAVED if rng.random() < 0.34 else str(rng.choice(list(EDITS)))
        seed = int(rng.integers(0, 2**31))
        first, second = (np.random.default_rng(seed) for _ in range(2))
        add("same_template", done, _changed(picture, done, first, lent), bare and _changed(bare, done, second, lent))
    if shows and bare:
        done = str(rng.choice(AGAIN_HERE))
        again = content.changed(_remade(done, rng, lent))
        add("same_template", done, drawn(kind, template, again).picture, again.picture())
        elsewhere = [k for k in kinds if k is not kind and k.name not in (*BARE, *SHARED_PICTURE, *SEVERAL)]
        there = elsewhere[int(rng.integers(0, len(elsewhere)))]
        shown = _changed(drawn(there, int(rng.integers(0, 2**31)), content).picture, SAVED, rng, lent)
        add("other_template", f"in {there.name}", shown, _changed(bare, SAVED, rng, lent))
    return Planned(name, kind.name, content.name, picture, bare, tuple(pairs))


def _plain(name: str) -> str:
    return name.replace(",", "").replace(" %", "").replace(" ", "_")


def _changed(picture: Image.Image, done: str, rng: np.random.Generator, lent: Content) -> Image.Image:
    edit = {**LADDER, **EDITS}[done]
    return Image.fromarray(edit(np.array(picture.convert("RGB")), rng, [np.array(lent.picture())]))


def _remade(done: str, rng: np.random.Generator, lent: Content) -> Callable[[Pixels], Pixels]:
    return lambda pixels: AGAIN[done](pixels, rng, [np.array(lent.picture())])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--kinds", choices=list(LISTS), default="choosing")
    parser.add_argument("--set", type=Path)
    parser.add_argument("--each", type=int, default=2, help="works of every kind")
    parser.add_argument("--negatives", type=int, default=3, help="of every work")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    folder: Path = arguments.to
    for part in ("works", "suspects"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rows = []
    for work in planned(arguments.kinds, arguments.each, arguments.negatives, None, arguments.seed, arguments.set):
        work.picture.save(folder / "works" / f"{work.name}.png")
        for pair in work.pairs:
            pair.picture.save(folder / "suspects" / f"{pair.name}.png")
            rows.append((f"{pair.name}.png", f"{work.name}.png", pair.kind, pair.relation, pair.content, pair.done))
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("suspect", "work", "kind", "relation", "content", "done"), *rows])
    print(f"{len(rows)} pairs of {len({row[2] for row in rows})} kinds in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
