"""Paint the training pictures, train the `copy` network on them, export it.

    python scripts/train/copy_network.py paint  --to FOLDER [--count 10000]
    python scripts/train/copy_network.py train  --pictures FOLDER --to FOLDER [--steps N] [--until N]
    python scripts/train/copy_network.py export --pictures FOLDER --from FOLDER [--weights FILE]
    python scripts/train/copy_network.py repeat --pictures FOLDER [--steps 75]

No picture made by a person takes part: `scripts/painted` paints all of them from seeds. `train` goes on from the last
checkpoint in its folder; batches depend on seed and step alone. `repeat` trains the first steps of the recorded
training twice again and compares the losses: only the order of sums in the processor's threads may differ.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import simcheck
from scripts.measure import machine

SHIPPED = Path(simcheck.__file__).parent / "models" / "shipped" / "copy.safetensors"
SEED = 2026
HELD_OUT_SEED = 900_000_000
"""Families from here on are painted for watching the training, and never trained on."""


def main() -> int:
    parser = machine.parser(__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    paint = verbs.add_parser("paint")
    paint.add_argument("--to", type=Path, required=True)
    paint.add_argument("--count", type=int, default=10_000)
    paint.add_argument("--side", type=int, default=160)
    paint.add_argument("--processes", type=int, default=2)
    train = verbs.add_parser("train")
    train.add_argument("--pictures", type=Path, required=True)
    train.add_argument("--to", type=Path, required=True)
    train.add_argument("--steps", type=int)
    train.add_argument("--until", type=int)
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change the recipe")
    export = verbs.add_parser("export")
    export.add_argument("--from", type=Path, required=True, dest="source")
    export.add_argument("--pictures", type=Path, required=True)
    export.add_argument("--weights", type=Path, default=SHIPPED, help="without it, the file that ships with simcheck")
    repeat = verbs.add_parser("repeat")
    repeat.add_argument("--pictures", type=Path, required=True)
    repeat.add_argument("--steps", type=int, default=75, help="a multiple of 25, the steps of one line of the log")
    arguments = parser.parse_args()
    verb = {"paint": _paint, "train": _train, "export": _export, "repeat": _repeat}[arguments.verb]
    return verb(arguments)


def _paint(arguments: argparse.Namespace) -> int:
    from scripts.train.families import paint

    paint(arguments.to / "held_out", 500, arguments.side, HELD_OUT_SEED, arguments.processes)
    paint(arguments.to / "train", arguments.count, arguments.side, SEED * 100_000, arguments.processes)
    return 0


def _train(arguments: argparse.Namespace) -> int:
    from scripts.train.families import Families
    from scripts.train.loop import Recipe, changed, train

    recipe = changed(Recipe(), dict(change.split("=", 1) for change in arguments.set))
    if arguments.steps:
        recipe = changed(recipe, {"steps": str(arguments.steps)})
    families, held_out = (Families(arguments.pictures / name) for name in ("train", "held_out"))
    train(recipe, families, held_out, arguments.to, arguments.until)
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from scripts.train.curve import curve
    from scripts.train.export import export
    from scripts.train.families import Families

    log = [json.loads(line) for line in (arguments.source / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    about = {
        "families": len(Families(arguments.pictures / "train")),
        "painted": json.loads((arguments.pictures / "train" / "about.json").read_text(encoding="utf-8")),
        "painter_digest": machine.digest_of((machine.RESULTS.parent / "painted").glob("*.py")),
        "made_by": "scripts/train/copy_network.py",
    }
    measurement = machine.start(arguments, apart_from=("simcheck/models/shipped",))
    record = export(arguments.source, arguments.weights, about)
    recipe = json.loads((arguments.source / "recipe.json").read_text(encoding="utf-8"))
    belongs = {"seed": recipe["seed"], "data_digest": about["painter_digest"]}
    saved = measurement.save("train_copy", {**belongs, **record, "recipe": recipe, "log": log})
    drawn = curve(
        "Training of the copy network",
        {
            "contrastive loss": [(entry["step"], entry["contrast"]) for entry in log],
            "share of pairs found first in their batch": [(entry["step"], entry["first"]) for entry in log],
        },
        "step",
        "mean of 25 steps",
    )
    if saved:
        saved.with_suffix(".svg").write_text(drawn, encoding="utf-8")
    megabytes = arguments.weights.stat().st_size / 1e6
    print(f"{record['steps']} steps -> {arguments.weights} ({megabytes:.1f} MB), SHA-256 {record['sha256']}")
    return 0


def _repeat(arguments: argparse.Namespace) -> int:
    from scripts.train.families import Families
    from scripts.train.loop import recipe_from, train

    measurement = machine.start(arguments)
    recorded = json.loads((machine.RESULTS / "train_copy.json").read_text(encoding="utf-8"))
    families, held_out = (Families(arguments.pictures / name) for name in ("train", "held_out"))
    if len(families) != recorded["families"]:
        raise SystemExit(f"The recorded training had {recorded['families']} families, {arguments.pictures} has others.")
    recipe = recipe_from(recorded["recipe"])
    logs = []
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="simcheck-repeat-") as folder:
            logs.append(train(recipe, families, held_out, Path(folder), arguments.steps))
    losses = [
        {"step": first["step"], "first": first["contrast"], "second": second["contrast"], "recorded": then["contrast"]}
        for first, second, then in zip(*logs, recorded["log"], strict=False)
    ]
    for line in losses:
        print(json.dumps(line))
    measurement.save(
        "repeat_copy",
        {
            "seed": recorded["recipe"]["seed"],
            "data_digest": recorded["painter_digest"],
            "steps": arguments.steps,
            "losses": losses,
            "largest_difference_of_the_two": max(abs(line["first"] - line["second"]) for line in losses),
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
