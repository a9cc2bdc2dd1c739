"""What does each part of the recipe of the `copy` network bring? Short trainings that differ in one thing.

    python scripts/measure/ablate_copy.py --pictures FOLDER --set ../shared/evalset --to FOLDER
        [--steps 300] [--only NAME]

Every variant is trained for the same number of steps from the same seed and then measured: whole pictures of held-out
painted families in another rendering, derived pictures that keep the composition, and the edit ladder, with regions.
The whitened ones are not trained but made from "the recipe" (`training.whitening`).
Finished variants are kept in the folder and not trained again; the table goes to ``scripts/results/ablate_copy.json``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.measure import machine
from scripts.train.curve import curve

FAMILIES, WHITENED = "families", "whitened"
RECIPE = "the recipe"
VARIANTS: dict[str, dict[str, str]] = {
    RECIPE: {},
    "colour only, no light or edge channels": {"blind": "[3,4,5,6]"},
    "no colour channels": {"blind": "[0,1,2]"},
    "pooled only (GeM), no grid": {"grid": "0"},
    "half the width": {"widths": "[20,48,80]"},
    "side 64": {"side": "64"},
    "side 128": {"side": "128"},
    "dimension 128": {"dimension": "128"},
    "no spread-out term": {"spread": "0"},
    "no rivals": {"rivals": "0"},
    "edits only": {"same": "[1.0,1.0]"},
    "re-rendered pairs only": {"same": "[0.0,0.0]"},
    "1,000 families": {FAMILIES: "1000"},
    "twice the steps": {"steps": "2"},
    "whitened": {WHITENED: "256"},
    "whitened, 128 numbers": {WHITENED: "128"},
}
NETWORK = "network, regions"


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--ladder-works", type=int, default=40)
    parser.add_argument("--only", action="append", choices=VARIANTS, metavar="NAME")
    arguments = parser.parse_args()
    measurement = machine.start(arguments)
    from scripts.train.loop import Recipe  # with torch, which `--help` can do without

    for name in arguments.only or VARIANTS:
        _measured(name, arguments)
    measured = {name: found for name in VARIANTS if (found := _known(name, arguments))}
    first = next(iter(measured.values()))
    result = {
        "seed": Recipe().seed,
        "steps": arguments.steps,
        "ladder_works": arguments.ladder_works,
        "data_digest": first["data_digest"],
        "variants": measured,
    }
    saved = measurement.save("ablate_copy", result)
    trained = {name: found["log"] for name, found in measured.items() if WHITENED not in VARIANTS[name]}
    lines = {name: [(e["step"], e["contrast"]) for e in log] for name, log in trained.items()}
    if saved:
        drawn = curve("Short trainings", lines, "step", "contrastive loss")
        saved.with_suffix(".svg").write_text(drawn, encoding="utf-8")
    for name, found in measured.items():
        print(f"{name:42s}" + "  ".join(f"{k} {v:.3f}" for k, v in found["figures"].items()))
    return 0


def _folder(name: str, arguments: argparse.Namespace) -> Path:
    where: Path = arguments.to / f"{arguments.steps}_{list(VARIANTS).index(name):02d}"
    return where


def _known(name: str, arguments: argparse.Namespace) -> dict[str, Any] | None:
    file = _folder(name, arguments) / "measured.json"
    found: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found if found and found["name"] == name else None


def _measured(name: str, arguments: argparse.Namespace) -> None:
    from scripts.train.export import export
    from scripts.train.families import Families
    from scripts.train.loop import Recipe, changed, train
    from scripts.train.whitening import whiten

    if _known(name, arguments):
        return
    folder = _folder(name, arguments)
    changes = dict(VARIANTS[name])
    most = int(changes.pop(FAMILIES, 0)) or None
    families, held_out = Families(arguments.pictures / "train", most), Families(arguments.pictures / "held_out")
    if WHITENED in changes:
        _measured(RECIPE, arguments)
        log = whiten(_folder(RECIPE, arguments), folder, families, held_out, int(changes[WHITENED]))
    else:
        steps = arguments.steps * int(changes.pop("steps", 1))
        recipe = changed(Recipe(), {"steps": str(steps), "warm_up": str(min(100, steps // 4)), **changes})
        log = train(recipe, families, held_out, folder)
    export(folder, folder / "copy.safetensors")
    file = folder / "evaluated.json"
    subprocess.run(
        [
            *(sys.executable, str(Path(__file__).with_name("evaluate_copy.py")), "--set", str(arguments.set)),
            *("--only", "network", "--weights", str(folder / "copy.safetensors")),
            *("--ladder-works", str(arguments.ladder_works), "--to", str(file)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found = json.loads(file.read_text(encoding="utf-8"))
    derived, ladder = found["derived"][NETWORK], found["ladder"][NETWORK]
    held = log[-1]["held_out"]
    figures = {
        "held-out painted": sum(held.values()) / len(held),
        "composition kept, recall@1": derived["composition kept"]["recall@1"],
        "all derived, recall@1": derived["all"]["recall@1"],
        "all derived, uAP": derived["all"]["uAP"],
        "edit ladder, recall@1": ladder["every edit"]["recall@1"],
    }
    measured = {
        "name": name,
        "changes": VARIANTS[name],
        "figures": {k: round(v, 4) for k, v in figures.items()},
        "seconds_per_step": round(sum(e["seconds"] for e in log) / len(log), 3),
        "data_digest": found["data_digest"],
        "log": [{k: e[k] for k in ("step", "contrast", "first")} for e in log],
    }
    (folder / "measured.json").write_text(json.dumps(measured), encoding="utf-8")
    print(f"{name}: {measured['figures']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
