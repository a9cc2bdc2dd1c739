"""Are disguised works found and named: covered in part, one picture among others, a negative? And who is accused?

    python scripts/measure/evaluate_covered.py --set ../shared/evalset [--works 12] [--suspects 5] [--strangers 104]

The limits were chosen on works of the portfolios and on every fourteenth of the cohort (`simcheck.signals.keypoints`:
``covered``, ``negative``); none of these is used here. *Covers*: works are covered (``disguises.py``) and laid over
themselves, and edited harmlessly; counted are the kind that is told, the error of the share, and harmless edits that
are called covered. *Types*: disguised works are compared with an index as a user compares; and as many disguises of
pictures that are not in it, by artists that neither it nor the shipped tables know. Intervals: Wilson, 95 %.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image

from scripts.measure import machine
from scripts.measure.disguises import AMONG, COVERS, HARMLESS, NEGATIVES, Part
from scripts.measure.evalset import decoded, read_table, unseen_cohort
from simcheck import pipeline
from simcheck.comparison import pair
from simcheck.comparison.unmasked import unmasked
from simcheck.records import Edit, FileFacts, FindingType, MatchEvidence, Picture, Pixels, Silent
from simcheck.records.run import Run
from simcheck.signals.describe import describe
from simcheck.signals.keypoints.geometry import in_detail
from simcheck.signals.keypoints.signal import KeypointsSignal

SEED = 2026
SHARES = (0.08, 0.5)
EVERY = 14
ACCUSED = (
    FindingType.EXACT_FILE, FindingType.RE_ENCODED, FindingType.EDITED_COPY, FindingType.AMONG_OTHERS,
    FindingType.PART, FindingType.RE_RENDERED,
)  # fmt: skip


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--works", type=int, default=12, help="that are covered, and edited harmlessly")
    parser.add_argument("--suspects", type=int, default=5, help="disguised works of each kind, compared with the index")
    parser.add_argument("--strangers", type=int, default=104, help="disguised pictures that are not in the index")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS, shipped=(machine.TABLE, machine.CALIBRATION))
    folder: Path = arguments.set.resolve()
    generator = np.random.default_rng(SEED)
    tuned = set(sorted(row["file"] for row in read_table(folder / "cohort.csv"))[::EVERY])
    files = [file for file in unseen_cohort(folder, SEED) if file not in tuned]
    artists = sorted({Path(file).parent.name for file in files})
    own = [file for file in files if Path(file).parent.name in artists[::2]][:40]
    strangers = [file for file in files if Path(file).parent.name in artists[1::2]]
    covers, harmless = _covers(decoded(folder, own[: arguments.works]), generator)
    right, false, seconds = _types(folder, own, strangers, arguments.suspects, arguments.strangers, generator)
    result = {
        "what": "disguised works: covers and their shares, works among others, negatives; and false accusations",
        "seed": SEED,
        "data_digest": machine.digest_of([folder / "cohort.csv", *(folder / file for file in files)]),
        "works": arguments.works,
        "covers": covers,
        "harmless": harmless,
        "types": right,
        "strangers": false,
        "added_time_percent": seconds,
    }
    measurement.save("evaluate_covered", result)
    _print(result)
    return 0


def _covers(works: Mapping[str, Pixels], generator: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    signal = KeypointsSignal()
    errors: dict[str, list[float]] = {name: [] for name in COVERS}
    named: dict[str, Counter[str]] = {name: Counter() for name in COVERS}
    called: dict[str, int] = dict.fromkeys(HARMLESS, 0)
    for pixels in works.values():
        part, share = _part(pixels, generator)
        for name, (kind, cover) in COVERS.items():
            edits = _told(signal, cover(pixels, part), pixels)
            told = {edit.kind.value: (edit.value or 0) / 100 for edit in edits or ()}
            named[name][
                "no relation in detail" if edits is None else max(told, key=lambda k: told[k], default="none")
            ] += 1
            if kind in told:
                errors[name].append(abs(told[kind] - share))
        for name, edit in HARMLESS.items():
            edits = _told(signal, edit(pixels), pixels) or ()
            called[name] += any(each.kind.value in ("pixelated", "obscured") for each in edits)
    every = [error for each in errors.values() for error in each]
    covers = {
        "kinds": {name: {"named": dict(named[name]), "median_error": _median(errors[name])} for name in COVERS},
        "rightly_named": _rate(len(every), sum(sum(each.values()) for each in named.values())),
        "median_error": _median(every),
        "error_90_percent": round(float(np.percentile(every, 90)), 3),
        "mosaics_median_error": _median([e for n, each in errors.items() if COVERS[n][0] == "pixelated" for e in each]),
    }
    return covers, {"called_covered": called, "all": _rate(sum(called.values()), len(works) * len(HARMLESS))}


def _part(pixels: Pixels, generator: np.random.Generator) -> tuple[Part, float]:
    height, width = pixels.shape[:2]
    area, aspect = generator.uniform(*SHARES), float(np.exp(generator.uniform(-0.4, 0.4)))
    across = min(0.95, float((area * aspect) ** 0.5))
    down = min(0.95, float(area / across))
    x, y = (generator.uniform(0, 1 - side) for side in (across, down))
    part = (int(x * width), int(y * height), int((x + across) * width), int((y + down) * height))
    return part, (part[2] - part[0]) * (part[3] - part[1]) / (height * width)


def _told(signal: KeypointsSignal, suspect: Pixels, work: Pixels) -> tuple[Edit, ...] | None:
    """What is said to cover the work; None where the two are not related in detail, so that nothing is asked."""
    query = describe([_picture(suspect)], signal, query=True)[0]
    reference = describe([_picture(work)], signal, query=False)[0]
    matches = signal.compare(query, reference).evidence
    if not isinstance(matches, MatchEvidence) or not in_detail(matches):
        return None
    return signal.covered(suspect, reference, matches)


def _picture(pixels: Pixels) -> Picture:
    height, width = pixels.shape[:2]
    return Picture(FileFacts("0" * 64, pixels.nbytes, "PNG", "RGB", width, height, 1, "made"), pixels)


def _types(
    folder: Path, own: Sequence[str], strangers: Sequence[str], each: int, foreign: int, generator: np.random.Generator
) -> tuple[dict[str, Any], dict[str, Any], float]:
    beside = list(decoded(folder, strangers).values())
    works = decoded(folder, own)

    def others(count: int) -> list[Pixels]:
        return [beside[int(i)] for i in generator.choice(len(beside), count, replace=False)]

    right: dict[str, Counter[str]] = {}
    false: Counter[str] = Counter()
    made: dict[Path, tuple[str, str | None]] = {}
    with tempfile.TemporaryDirectory(prefix="simcheck-covered-") as temporary:
        suspects = Path(temporary) / "suspects"
        suspects.mkdir()
        for number, (name, work, pixels) in enumerate(_suspects(works, others, each, foreign, generator)):
            path = suspects / f"{number:04d}.png"
            Image.fromarray(pixels).save(path)
            made[path.resolve()] = (name, work)
        index, choice = Path(temporary) / "index", pipeline.Choice(without=("clip",))
        pipeline.index([folder / work for work in own], index, name="evalset", choice=choice, watcher=Silent())
        run, seconds = _timed(suspects, index, choice)
        for query in run.queries:
            name, work = made[query.path.resolve()]
            if work is None:
                worst = next((kind for kind in ACCUSED if any(f.type is kind for f in query.findings)), None)
                false[worst.value if worst else "nothing"] += 1
                continue
            found = [f for f in query.findings if (folder / work).resolve() in f.work.paths]
            kinds = {edit.kind.value for edit in found[0].edits} if found else set()
            wanted = NEGATIVES[name][0] if name in NEGATIVES else None
            told = found[0].type.value if found else "not compared"
            said = f"{told}, {wanted}" if wanted in kinds else told
            right.setdefault(name, Counter())[said] += 1
    correct = sum(
        counts[f"edited_copy, {NEGATIVES[name][0]}" if name in NEGATIVES else "among_others"]
        for name, counts in right.items()
    )
    total = sum(sum(counts.values()) for counts in right.values())
    accused = sum(count for kind, count in false.items() if kind != "nothing")
    copies = accused - false[FindingType.PART.value] - false[FindingType.RE_RENDERED.value]
    types = {"kinds": {name: dict(counts) for name, counts in right.items()}, "rightly_called": _rate(correct, total)}
    stranger = {"types": dict(false), "any": _rate(accused, false.total()), "copy": _rate(copies, false.total())}
    return types, stranger, seconds


def _suspects(
    works: Mapping[str, Pixels],
    others: Callable[[int], list[Pixels]],
    each: int,
    foreign: int,
    generator: np.random.Generator,
) -> Iterator[tuple[str, str | None, Pixels]]:
    """Name of the disguise, the work (None for pictures that are in no index), and the suspect."""
    names = [str(name) for name in generator.permutation(list(works))]
    for number, name in enumerate((*AMONG, *NEGATIVES)):
        for i in range(each):
            work = names[(number * each + i) % len(names)]
            if name in AMONG:
                yield name, work, AMONG[name](works[work], generator, others)
            else:
                yield name, work, NEGATIVES[name][1](works[work])
    for i in range(foreign):
        (pixels,) = others(1)
        kinds = (*AMONG, *NEGATIVES, *COVERS) if i % 4 == 0 else (*NEGATIVES, *COVERS)
        name = kinds[int(generator.integers(len(kinds)))]
        if name in AMONG:
            yield name, None, AMONG[name](pixels, generator, others)
        elif name in NEGATIVES:
            yield name, None, NEGATIVES[name][1](pixels)
        else:
            yield name, None, COVERS[name][1](pixels, _part(pixels, generator)[0])


def _timed(suspects: Path, index: Path, choice: pipeline.Choice) -> tuple[Run, float]:
    """The run, and what the closer look adds to its processor time, in per cent."""
    spent: list[float] = []
    lock = threading.Lock()

    def timed(*arguments: Any) -> Any:
        start = time.thread_time()
        found = unmasked(*arguments)
        with lock:
            spent.append(time.thread_time() - start)
        return found

    start = time.process_time()
    with patch.object(pair, "unmasked", timed):
        run = pipeline.compare([suspects], index, choice=choice, watcher=Silent())
    total = time.process_time() - start
    return run, round(100 * sum(spent) / max(total - sum(spent), 1e-9), 2)


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 3) if values else None


def _rate(count: int, total: int) -> dict[str, float]:
    """With Wilson's interval."""
    z = 1.959964
    share = count / max(total, 1)
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * (share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {"count": count, "of": total, "share": round(share, 4), "low": round(low, 4), "high": round(high, 4)}


def _print(result: Mapping[str, Any]) -> None:
    for name, each in result["covers"]["kinds"].items():
        print(f"{name:40s} median error {each['median_error']}   {each['named']}")
    for name in ("rightly_named", "median_error", "error_90_percent", "mosaics_median_error"):
        print(f"{name:40s} {result['covers'][name]}")
    print(
        f"harmless edits called covered            {result['harmless']['all']}, {result['harmless']['called_covered']}"
    )
    for name, counts in result["types"]["kinds"].items():
        print(f"{name:40s} {counts}")
    print(f"rightly called                           {result['types']['rightly_called']}")
    print(f"strangers                                {result['strangers']}")
    print(f"added time, per cent                     {result['added_time_percent']}")


if __name__ == "__main__":
    sys.exit(main())
