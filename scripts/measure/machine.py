"""What a benchmark ran on, and where its figures go. Every script that measures uses this.

A figure belongs to the code, the data and the shipped tables that it was measured with: anybody can measure it again.
`start` refuses code that is not committed, and `Measurement.save` writes all of these beside the figures. Nothing here
names a machine, a person or a path: results are committed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simcheck.provenance.marks.states import METHOD
from simcheck.shipped import reference_folder
from simcheck.signals import NAMES, load
from simcheck.store import identity_digest
from simcheck.system.writing import replace_file

__all__ = [
    "CALIBRATION", "COHORT", "MARKS", "PAIRS", "RESULTS", "SIGNALS", "TABLE", "Measurement", "NotReproducible",
    "committed", "digest_of", "facts", "parser", "resting", "start",
]  # fmt: skip

RESULTS = Path(__file__).resolve().parents[1] / "results"
LIBRARIES = ("faiss-cpu", "numpy", "open-clip-torch", "opencv-python-headless", "pillow", "simcheck", "torch")

SIGNALS = tuple(name for name in NAMES if name != "clip")
"""Those that need no weights from elsewhere."""
MARKS = "marks"
"""Not a signal, but it has a version too, that of its search."""
TABLE, PAIRS, CALIBRATION = "unrelated_pairs.npz", "calibration_pairs.npz", "calibration.json"
COHORT = "index.sqlite3"


class NotReproducible(SystemExit):
    """Nobody else could measure this figure again. Ends the script with the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement that has begun: the code, the machine and the shipped data that its figures belong to."""

    facts: Mapping[str, Any]
    """What goes into the result, as plain JSON values (`facts`), with ``rests_on``."""
    kept: bool
    """False with ``--try``: nothing is written."""
    apart_from: tuple[str, ...] = ()

    def save(self, name: str, payload: Mapping[str, Any]) -> Path | None:
        """Write ``scripts/results/<name>.json`` (sorted keys; whole or not at all); its path, or None with ``--try``.

        Raises ValueError when ``payload`` does not say its ``seed`` and ``data_digest`` (None where there is none), and
        NotReproducible when the code was changed since the start; the figures are then in a temporary file.
        """
        lacking = {"seed", "data_digest"} - payload.keys()
        if lacking:
            raise ValueError(f"a result says its {' and '.join(sorted(lacking))}")
        print(f"{name}: commit {self.facts['commit']}, {self.facts['cpu']}, {self.facts['cores']} cores", end=", ")
        print(f"data {str(payload['data_digest'])[:16]}, seed {payload['seed']}")
        text = json.dumps({**self.facts, **payload}, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        if not self.kept:
            print(f"{name}: not saved, since this was a try")
            return None
        try:
            if committed(self.apart_from) != self.facts["commit"]:
                raise NotReproducible("Another commit was checked out while this was measured.")
        except NotReproducible as changed:
            with tempfile.NamedTemporaryFile("w", suffix=f"-{name}.json", delete=False, encoding="utf-8") as file:
                file.write(f"{text}\n")
            raise NotReproducible(f"{changed}\nThe figures are not in scripts/results but in {file.name}") from changed
        RESULTS.mkdir(parents=True, exist_ok=True)
        target = RESULTS / f"{name}.json"
        replace_file(target, f"{text}\n".encode())
        return target


def parser(about: str | None) -> argparse.ArgumentParser:
    """A parser of the command line, with the docstring of the script for its help, and ``--try``."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--try", action="store_true", dest="only_try", help="take code as it is, and save no result")
    return made


def start(
    arguments: argparse.Namespace,
    *,
    signals: Sequence[str] = (),
    shipped: Sequence[str] = (),
    apart_from: Sequence[str] = (),
) -> Measurement:
    """Begin to measure. To be called before anything that takes long.

    ``signals`` and ``shipped`` name what the figures rest on: signals (or `MARKS`) and files of ``index/reference``.
    ``apart_from`` are paths in the checkout that the script itself writes. Raises NotReproducible when the code that
    runs is not that of a commit, unless the script was started with ``--try``.
    """
    try:
        commit = None if arguments.only_try else committed(apart_from)
    except NotReproducible as wrong:
        raise NotReproducible(f"{wrong}\nOr add --try, which measures all the same and saves nothing.") from wrong
    rests_on = {"rests_on": resting(signals, shipped)}
    return Measurement({**facts(), "commit": commit, **rests_on}, not arguments.only_try, tuple(apart_from))


def resting(signals: Iterable[str], shipped: Iterable[str]) -> dict[str, dict[str, str]]:
    """The present identity of signals (the SHA-256 of ``index/README.md``) and SHA-256 of files of the cohort."""
    wanted = list(signals)
    identities = {n: identity_digest(kind().identity()) for n, kind in load(n for n in wanted if n != MARKS).items()}
    if MARKS in wanted:
        identities[MARKS] = f"method {METHOD}"
    return {"signals": identities, "shipped": {name: digest_of([reference_folder() / name]) for name in shipped}}


def facts() -> dict[str, Any]:
    """The commit, the machine and the libraries that a figure belongs to, as plain JSON values.

    ``commit`` is None outside a git checkout. ``ram_gib`` is None where the system does not tell. ``cores`` is how many
    this process may use.
    """
    return {
        "commit": _git("rev-parse", "HEAD"),
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


def committed(apart_from: Sequence[str] = ()) -> str:
    """The commit whose code runs, and no other code. Raises NotReproducible.

    Results are no code, so that several scripts can run one after the other.
    """
    checkout = RESULTS.parents[1]
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        raise NotReproducible(f"{checkout} is no git checkout, and a figure belongs to a commit.")
    spec = find_spec("simcheck")
    place = Path(spec.origin or "").resolve() if spec else None
    if place is None or not place.is_relative_to(checkout):
        raise NotReproducible(
            f"These scripts lie in {checkout}, but simcheck was imported from {place}: set PYTHONPATH to the checkout."
        )
    excluded = [f":(top,exclude){path}" for path in ("scripts/results", *apart_from)]
    changed = _git("diff", "--name-only", "HEAD", "--", ":/", *excluded) or ""
    unknown = _git("ls-files", "--others", "--exclude-standard", "--full-name", "--", ":/*.py") or ""
    files = changed.splitlines() + unknown.splitlines()
    if files:
        listed = "\n".join(f"  {file}" for file in files[:10]) + ("\n  …" if len(files) > 10 else "")
        raise NotReproducible(f"Others cannot check out what is not committed. Commit this first:\n{listed}")
    return commit


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", *arguments],  # noqa: S607 - git is wherever the person has it
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
