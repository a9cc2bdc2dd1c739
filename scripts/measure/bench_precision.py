"""How fast is a ViT-B-32 image tower in float32, autocast and cast bfloat16, and do its vectors stay the same?

The weights are RANDOM: this measures speed and numerical agreement of the arithmetic, and nothing about recognition.
Speed does not depend on the values of the weights; the cosine does somewhat, which is why simcheck checks it again at
every load of real weights (`simcheck.models.encoder`). Writes ``results/precision.json``.

    python scripts/measure/bench_precision.py [--pictures 32] [--rounds 5]
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.measure import machine

if TYPE_CHECKING:
    import torch

ARCHITECTURE = "ViT-B-32"
SEED = 0


def main() -> None:
    parser = machine.parser(__doc__)
    parser.add_argument("--pictures", type=int, default=32, help="pictures in a batch")
    parser.add_argument("--rounds", type=int, default=5, help="timed batches; the median counts")
    options = parser.parse_args()
    measurement = machine.start(options)
    import open_clip
    import torch

    torch.manual_seed(SEED)
    exact = open_clip.create_model(ARCHITECTURE, load_weights=False).visual.eval().requires_grad_(False)
    batch = torch.randn(options.pictures, 3, 224, 224)
    cast = open_clip.create_model(ARCHITECTURE, load_weights=False).visual.eval().requires_grad_(False)
    cast.load_state_dict(exact.state_dict())
    cast.to(torch.bfloat16)

    def autocast() -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return exact(batch)  # type: ignore[no-any-return]

    ways: dict[str, Callable[[], torch.Tensor]] = {
        "float32": lambda: exact(batch),
        "bfloat16 by autocast": autocast,
        "bfloat16, weights and input cast": lambda: cast(batch.to(torch.bfloat16)),
    }
    vectors: dict[str, torch.Tensor] = {}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with torch.inference_mode():
        for name, run in ways.items():  # the first round also warms up
            vectors[name] = torch.nn.functional.normalize(run().float(), dim=-1)
        for _ in range(options.rounds):  # in turn, so that another program's load falls on all of them alike
            for name, run in ways.items():
                seconds[name].append(_seconds(run))
    rows = [
        {
            "precision": name,
            "pictures_per_second": round(options.pictures / statistics.median(seconds[name]), 2),
            "seconds": [round(s, 4) for s in seconds[name]],
            "least_cosine_to_float32": round(float((vectors[name] * vectors["float32"]).sum(dim=1).min()), 6),
        }
        for name in ways
    ]
    measurement.save(
        "precision",
        {
            "weights": "random: speed and arithmetic only",
            "architecture": ARCHITECTURE,
            "pictures": options.pictures,
            "threads": torch.get_num_threads(),
            "load_average": [round(v, 2) for v in os.getloadavg()] if hasattr(os, "getloadavg") else None,
            "seed": SEED,
            "data_digest": None,
            "rows": rows,
        },
    )
    threads = torch.get_num_threads()
    print(f"{ARCHITECTURE} with RANDOM weights, {options.pictures} pictures of 224 x 224, {threads} threads")
    for row in rows:
        speed, cosine = row["pictures_per_second"], row["least_cosine_to_float32"]
        print(f"{row['precision']:34} {speed:8.2f} pictures/s   cosine to float32 at least {cosine:.6f}")


def _seconds(run: Callable[[], torch.Tensor]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
