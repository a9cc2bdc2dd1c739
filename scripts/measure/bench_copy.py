"""How fast is the `copy` network, and is leaving torch aside worth it?

    python scripts/measure/bench_copy.py --pictures FOLDER [--count 200]

Regions per second at the network's own size, on all cores: as simcheck runs it (numpy, a thread for each core), and the
same weights through torch in float32; then what a new process needs to describe the 38 regions of one suspect either
way, imports included, and its memory (-1 where the system is not Linux). Also what float16 and int8 storage do to the
descriptors.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.measure import machine
from simcheck.images import Reader
from simcheck.models import load_embedded, shipped
from simcheck.records import Picture, Pixels
from simcheck.system.threads import thread_pool

REGIONS = 38
SEED = 2026
NUMPY = """
from simcheck.models import load_embedded
load_embedded().encode(crops)
"""
TORCH = """
import torch
from safetensors.torch import load_file
from simcheck.models import load_embedded, shipped
from scripts.train.network import restored
network = restored(load_file(shipped().weights), load_embedded().shape)
with torch.inference_mode():
    network(torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255)
"""


def main() -> int:
    parser = machine.parser(__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of pictures, searched with its subfolders")
    parser.add_argument("--count", type=int, default=200)
    arguments = parser.parse_args()
    measurement = machine.start(arguments, signals=("copy",))
    files = sorted(p for p in arguments.pictures.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    chosen = [files[int(i)] for i in np.random.default_rng(SEED).permutation(len(files))[: arguments.count]]
    with Reader() as reader:
        pictures = [found.pixels for _, found in reader.read_all(chosen) if isinstance(found, Picture)]
    side = load_embedded().shape.side
    squares = np.stack([_square(p, side) for p in pictures for _ in range(3)])

    rates = {"numpy": [], "torch": []}  # type: dict[str, list[float]]
    vectors: dict[str, NDArray[np.float32]] = {}
    for _ in range(3):
        for name, encode in (("numpy", _by_numpy), ("torch", _by_torch)):
            started = time.perf_counter()
            vectors[name] = encode(squares)
            rates[name].append(len(squares) / (time.perf_counter() - started))
    cold = {name: [_cold(code, side) for _ in range(3)] for name, code in (("numpy", NUMPY), ("torch", TORCH))}
    exact = vectors["numpy"][::3]
    result = {
        "seed": SEED,
        "data_digest": machine.digest_of(chosen),
        "weights_digest": shipped().digest,
        "weights_bytes": shipped().weights.stat().st_size,
        "pictures": len(pictures),
        "side": side,
        "regions_per_second": {name: round(float(np.median(found)), 1) for name, found in rates.items()},
        "largest_difference_of_numpy_and_torch": float(np.abs(vectors["numpy"] - vectors["torch"]).max()),
        "cold_seconds_for_one_suspect": {n: round(float(np.median([s for s, _ in f])), 2) for n, f in cold.items()},
        "cold_peak_mib": {n: round(float(np.median([m for _, m in f]))) for n, f in cold.items()},
        "storage": {
            "float16": _storage(exact, exact.astype(np.float16).astype(np.float32), 2),
            "int8": _storage(exact, np.round(exact * 127 / np.abs(exact).max()) * np.abs(exact).max() / 127, 1),
        },
    }
    measurement.save("bench_copy", result)
    for name in ("regions_per_second", "cold_seconds_for_one_suspect", "cold_peak_mib", "storage"):
        print(name, result[name])
    print("numpy and torch differ by at most", result["largest_difference_of_numpy_and_torch"])
    return 0


def _square(pixels: Pixels, side: int) -> Pixels:
    import cv2

    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _by_numpy(squares: Pixels) -> NDArray[np.float32]:
    network = load_embedded()
    with thread_pool() as pool:
        return np.concatenate(list(pool.map(lambda square: network.encode([square]), squares)))


def _by_torch(squares: Pixels) -> NDArray[np.float32]:
    import torch
    from safetensors.torch import load_file

    from scripts.train.network import restored

    network = restored(load_file(shipped().weights), load_embedded().shape)
    with torch.inference_mode():
        whole = torch.from_numpy(squares).permute(0, 3, 1, 2)
        parts = [whole[i : i + 64] for i in range(0, len(whole), 64)]
        found: NDArray[np.float32] = torch.cat([network(part.float() / 255) for part in parts]).numpy()
    return found


def _cold(code: str, side: int) -> tuple[float, float]:
    """(seconds, peak MiB) of a fresh process that describes the regions of one suspect."""
    before = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})\n"
        "import numpy as np\n"
        f"crops = np.random.default_rng(0).integers(0, 256, ({REGIONS}, {side}, {side}, 3), 'uint8')"
    )
    # ru_maxrss would tell this process's own peak, which a child takes over (getrusage(2))
    after = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    started = time.perf_counter()
    command = [sys.executable, "-c", f"{before}\n{code}\n{after if sys.platform == 'linux' else 'print(-1024)'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, int(done.stdout) / 1024


def _storage(exact: NDArray[np.float32], stored: NDArray[np.float32], size: int) -> dict[str, float]:
    """Bytes of one descriptor, and what its storage does to cosines between different pictures and to their order."""
    kept = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    was, now = exact @ exact.T, kept @ kept.T
    np.fill_diagonal(was, -1)
    np.fill_diagonal(now, -1)
    return {
        "bytes": exact.shape[1] * size,
        "largest_change_of_a_cosine": float(np.abs(was - now).max()),
        "same_nearest_picture": float((was.argmax(axis=1) == now.argmax(axis=1)).mean()),
    }


if __name__ == "__main__":
    sys.exit(main())
