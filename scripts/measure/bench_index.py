"""Time and memory of `index` over many pictures and of `compare` against them, cold, beside a plain open_clip loop.

    python scripts/measure/bench_index.py --pictures ../shared/evalset/cohort --count 1000

Every step is a process of its own, as for a user; peak memory is that of the process and its decoding processes.
The network is ViT-B-32 with RANDOM weights (seed below): its speed is real, its numbers mean nothing. "Plain loop" is
what a short script would do: open with Pillow, the checkpoint's preprocessing, batches of 32, fp32, no index at all.

Tokens of `patches` are kept in the index. What making them again for the candidates of each comparison would cost
instead is measured in this process, on all cores: decoding as many works as are compared, and describing them.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.measure import machine
from simcheck.images import Reader
from simcheck.pipeline.session import CANDIDATES
from simcheck.records import Picture
from simcheck.signals import load
from simcheck.signals.describe import describe
from simcheck.system.threads import thread_pool

SEED = 2026
PLAIN_LOOP = """
import sys, time
from pathlib import Path
import open_clip, torch
from PIL import Image
architecture, weights, files = sys.argv[1], sys.argv[2], Path(sys.argv[3]).read_text("utf-8").splitlines()
model, _, preprocess = open_clip.create_model_and_transforms(architecture, pretrained=weights)
model.eval()
with torch.inference_mode():
    for start in range(0, len(files), 32):
        batch = torch.stack([preprocess(Image.open(f).convert("RGB")) for f in files[start:start + 32]])
        model.encode_image(batch)
"""


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="a folder of pictures")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--without-clip", action="store_true", help="leave the network and the plain loop out")
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=machine.SIGNALS)
    files = sorted(p.resolve() for p in arguments.pictures.rglob("*.jpg"))[: arguments.count + 1]
    *portfolio, suspect = files
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="simcheck-bench-") as temporary:
        folder = Path(temporary)
        art = folder / "art"
        for number, file in enumerate(portfolio):
            target = art / f"{number:05d}{file.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file)
        simcheck = [str(Path(sys.executable).with_name("simcheck"))]
        index, out = ["--index", str(folder / "index")], ["--out", str(folder / "report"), "--quiet"]
        first = [*simcheck, "index", str(art), *index, "--without", "clip"]
        runs = {"simcheck index, signals without a network": first}
        if not arguments.without_clip:
            weights = _random_weights(folder / "random-vit-b-32")
            model = ["--model", str(weights)]
            (folder / "files.txt").write_text("\n".join(map(str, portfolio)), "utf-8")
            runs["simcheck index, adding clip"] = [*simcheck, "index", str(art), *index, *model]
            plain = ["ViT-B-32", str(weights / "open_clip_model.safetensors"), str(folder / "files.txt")]
            runs["plain open_clip loop, fp32"] = [sys.executable, "-c", PLAIN_LOOP, *plain]
            runs["simcheck compare, cold, with clip"] = [*simcheck, "compare", str(suspect), *index, *out, *model]
        runs["simcheck index again, nothing new"] = first
        compare = [*simcheck, "compare", str(suspect), *index, *out, "--without", "clip"]
        runs["simcheck compare, cold, without clip"] = compare
        for tier in (["patches"], ["keypoints"], ["patches", "keypoints"]):
            left_out = [part for name in tier for part in ("--without", name)]
            runs[f"simcheck compare, cold, nor {' and '.join(tier)}"] = [*compare, *left_out]
        for name, command in runs.items():
            results[name] = _measure(command)
            rate = f"{len(portfolio) / results[name]['seconds']:8.1f} pictures/s" if "compare" not in name else ""
            print(
                f"{name:45s} {results[name]['seconds']:8.1f} s {results[name]['peak_mib']:8.0f} MiB {rate}", flush=True
            )
        again = _made_again(portfolio[:CANDIDATES])
        print(f"{'patches made again for the candidates instead':45s} {again['seconds']:8.1f} s", flush=True)
        by_signal = _bytes_by_signal(folder / "index" / "index.sqlite3")
        size = sum(p.stat().st_size for p in (folder / "index").rglob("*") if p.is_file())
    payload = {
        "data_digest": machine.digest_of(portfolio),
        "seed": SEED,
        "pictures": len(portfolio),
        "network": "none" if arguments.without_clip else f"ViT-B-32 with random weights, seed {SEED}",
        "load_before": os.getloadavg()[0],
        "index_mib": round(size / 2**20, 1),
        "descriptor_mib": by_signal,
        "runs": results,
        "patches_made_again": again,
    }
    measurement.save("bench_index", payload)
    print(f"{payload['index_mib']} MiB of index")
    return 0


def _random_weights(folder: Path) -> Path:
    """ViT-B-32 as open_clip builds it, untrained, saved as a local model folder."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    torch.manual_seed(SEED)
    model = open_clip.create_model("ViT-B-32", pretrained=None, load_weights=False)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    config = {
        "model_cfg": open_clip.get_model_config("ViT-B-32"),
        "preprocess_cfg": {"mean": list(open_clip.OPENAI_DATASET_MEAN), "std": list(open_clip.OPENAI_DATASET_STD)},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config), "utf-8")
    return folder


def _made_again(works: Sequence[Path]) -> dict[str, float]:
    """Seconds in which works are decoded and described by `patches` alone, after a first one has loaded everything."""
    signal = load(["patches"])["patches"]()
    with Reader() as reader, thread_pool() as pool:
        for files in (works[:1], works):
            started = time.perf_counter()
            pictures = [found for _, found in reader.read_all(files) if isinstance(found, Picture)]
            decoded = time.perf_counter()
            describe(pictures, signal, query=False, pool=pool)
    ended = time.perf_counter()
    return {
        "works": len(pictures),
        "seconds": round(ended - started, 2),
        "of these decoding": round(decoded - started, 2),
    }


def _bytes_by_signal(file: Path) -> dict[str, float]:
    query = "SELECT s.name, SUM(LENGTH(d.data)) FROM descriptors d JOIN signals s ON s.id = d.signal_id GROUP BY s.name"
    with contextlib.closing(sqlite3.connect(file)) as index:
        return {name: round(count / 2**20, 1) for name, count in index.execute(query)}


def _measure(command: list[str]) -> dict[str, float]:
    """Seconds, and the highest sum of resident memory over the process and its children, seen ten times a second."""
    environment = {**os.environ, "SIMCHECK_OFFLINE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python compiles its modules once, not at every start
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.1)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{command[:3]} failed: {process.stderr.read().decode() if process.stderr else ''}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_mib": round(peak / 2**20, 1)}


def _resident(pid: int) -> int:
    """Bytes of resident memory of a process and all its descendants (Linux)."""
    total = 0
    try:
        total += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(_resident(int(child)) for child in (task / "children").read_text("ascii").split())
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return total  # it ended while we looked
    return total


if __name__ == "__main__":
    sys.exit(main())
