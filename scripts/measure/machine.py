"""What a benchmark ran on, and where its figures go. Every script that measures uses this.

Nothing here names a machine, a person or a path: results are committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from simcheck.system.writing import replace_file

__all__ = ["RESULTS", "digest_of", "facts", "save"]

RESULTS = Path(__file__).resolve().parents[1] / "results"
LIBRARIES = ("faiss-cpu", "numpy", "open-clip-torch", "opencv-python-headless", "pillow", "simcheck", "torch")


def facts() -> dict[str, Any]:
    """The code, the machine and the libraries that a figure belongs to, as plain JSON values.

    ``commit`` is None outside a git checkout; ``changed`` says whether tracked files differ from it. ``ram_gib`` is
    None where the system does not tell. ``cores`` is how many this process may use.
    """
    changes = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)scripts/results")
    return {
        "commit": _git("rev-parse", "HEAD"),
        "changed": bool(changes) if changes is not None else None,
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "ram_gib": _ram_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: _installed(name) for name in LIBRARIES},
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def digest_of(paths: Iterable[Path]) -> str:
    """One SHA-256 (hex) over the contents of files and of all files in folders, whatever their order or place.

    It ties a figure to the data behind it: names do not count, so that a copy elsewhere has the same digest.
    Raises OSError for a file that cannot be read.
    """
    contents = []
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            with file.open("rb") as stream:
                contents.append(hashlib.file_digest(stream, "sha256").digest())
    return hashlib.sha256(b"".join(sorted(contents))).hexdigest()


def save(name: str, payload: Mapping[str, Any]) -> Path:
    """Write ``scripts/results/<name>.json`` (sorted keys; whole or not at all) and return its path."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    target = RESULTS / f"{name}.json"
    text = json.dumps(payload, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    replace_file(target, f"{text}\n".encode())
    return target


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - git is wherever the person has it
            cwd=RESULTS.parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        done = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return done.stdout.strip()
    return platform.processor() or platform.machine()


def _ram_gib() -> float | None:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
