"""The checkout's own virtual environment: made, filled and found. Nothing but the standard library is needed.

``.venv`` in the checkout is used when it is there and made when it is not. Packages are installed by uv, which is
several times faster than pip; uv is taken from PATH or installed into ``.venv``. Where uv cannot be had, or fails,
pip does it. Both are held to the exact versions of ``constraints.txt``.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

__all__ = ["CHECKOUT", "SetupFailed", "command", "install", "make", "ready", "say", "speak_utf8", "surroundings"]

CHECKOUT = Path(__file__).resolve().parent.parent
CONSTRAINTS = CHECKOUT / "constraints.txt"
OLDEST_PYTHON = (3, 11)
ROOM = "up to 7 GB of disk, most of it PyTorch"
NO_PIP = """\
This Python has neither pip nor ensurepip, so nothing can be installed with it. Either
  - on Debian or Ubuntu:  sudo apt install python3-venv
  - on Fedora:            sudo dnf install python3-pip
  - elsewhere:            install Python from its official installer, or put uv on your PATH
and run this script again."""


class SetupFailed(Exception):
    """The environment could not be made. The message says what to do next."""


def say(message: str) -> None:
    print(message, flush=True)


def speak_utf8() -> None:
    """On Windows a redirected output has the old code page, in which a path with 画 in it cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        if os.name == "nt" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def surroundings() -> dict[str, str]:
    """The environment variables for the commands that are run: UTF-8 everywhere, also on a Windows console."""
    return {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}


def command(environment: Path, name: str) -> Path:
    """The path of a command (``python``, ``simcheck``) inside a virtual environment."""
    return environment / ("Scripts" if os.name == "nt" else "bin") / (f"{name}.exe" if os.name == "nt" else name)


def make(environment: Path) -> None:
    """Make a virtual environment with the Python that runs this, unless a usable one is there. Raises SetupFailed."""
    python = command(environment, "python")
    if python.exists():
        found = _output([str(python), "-c", "import sys; print(sys.version_info >= (3, 11))"])
        if found == "True":
            return
        if found == "False":
            raise SetupFailed(
                f"The virtual environment in {environment} has a Python older than "
                f"{'.'.join(map(str, OLDEST_PYTHON))}. Delete that folder and run this script again."
            )
        say(f"The virtual environment in {environment} no longer works (was Python moved or removed?): making it anew.")
    say(f"Making a virtual environment in {environment} ...")
    try:
        # Without pip: Debian's Python has venv but not ensurepip, and uv needs no pip.
        venv.create(environment, clear=environment.exists(), symlinks=os.name != "nt", with_pip=False)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupFailed(
            f"No virtual environment could be made in {environment}: {error}. "
            f"Check that the folder can be written to and that the disk has room ({ROOM}), then run this again."
        ) from error


def install(environment: Path, *what: str) -> None:
    """Install requirements into a virtual environment, held to ``constraints.txt``. Raises SetupFailed."""
    python = command(environment, "python")
    arguments = ["install", *(("--constraint", str(CONSTRAINTS)) if CONSTRAINTS.exists() else ()), *what]
    uv = _find_uv(environment)
    if uv is not None:
        settings = {**surroundings(), **_index_for_uv(python)}
        if _runs([str(uv), "pip", *arguments, "--python", str(python)], settings):
            return
        say("uv could not install the packages (its output is above). Trying pip, which reads pip's own settings ...")
    pip = _find_pip(environment)
    if pip is None:
        raise SetupFailed(NO_PIP)
    if not _runs([*pip, *arguments], surroundings()):
        raise SetupFailed(
            "The packages could not be installed; the reason is above. Check the network connection and the disk "
            f"({ROOM}), then run this script again: what was downloaded is kept. Behind a proxy or with a mirror, "
            "set them up for pip first (pip config set global.index-url ADDRESS)."
        )


def ready(extra: str | None = None) -> Path:
    """The checkout's environment with simcheck (and an extra of pyproject.toml) installed; quick when nothing changed.

    Returns its folder. Raises SetupFailed.
    """
    environment = CHECKOUT / ".venv"
    make(environment)
    digest = _digest(environment)
    stamps = {name: environment / f"simcheck-{name}.stamp" for name in ("dev", "plain")}
    # What `dev` installs includes what `plain` does.
    enough = ("dev",) if extra == "dev" else ("dev", "plain")
    if any(stamps[name].exists() and stamps[name].read_text(encoding="utf-8") == digest for name in enough):
        return environment
    say(f"Installing simcheck and what it needs. The first time this takes some minutes and {ROOM} ...")
    install(environment, "--editable", f"{CHECKOUT}[{extra}]" if extra else str(CHECKOUT))
    stamp = stamps[extra or "plain"]
    stamp.write_text(digest, encoding="utf-8")
    return environment


def _digest(environment: Path) -> str:
    """What an installation depends on. The Python's own configuration stands for its version and place."""
    digest = hashlib.sha256(str(CHECKOUT).encode())
    for path in (CHECKOUT / "pyproject.toml", CONSTRAINTS, environment / "pyvenv.cfg"):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def _find_uv(environment: Path) -> Path | None:
    """uv from PATH, or from the environment, where it is installed on demand. None when it cannot be had."""
    on_path = shutil.which("uv")
    if on_path is not None and _output([on_path, "--version"]) is not None:
        return Path(on_path)
    inside = command(environment, "uv")
    if not inside.exists():
        pip = _find_pip(environment)
        if pip is None:
            raise SetupFailed(NO_PIP)
        if not _runs([*pip, "install", "--quiet", "uv"], surroundings()):
            say("uv could not be installed; pip, which is slower, is used instead.")
            return None
    return inside


def _find_pip(environment: Path) -> list[str] | None:
    """The command of a pip that installs into the environment: its own, or this Python's (pip 22.3 or newer)."""
    python = str(command(environment, "python"))
    for prepare in ([], [python, "-m", "ensurepip", "--default-pip"]):
        if prepare and _output(prepare) is None:
            continue
        if _output([python, "-m", "pip", "--version"]) is not None:
            return [python, "-m", "pip"]
    outside = [sys.executable, "-m", "pip", "--python", python]
    return outside if _output([*outside, "--version"]) is not None else None


def _index_for_uv(python: Path) -> dict[str, str]:
    """uv does not read pip's settings. A person who set a mirror for pip means it for uv too, unless uv has its own."""
    if any(os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE")):
        return {}
    homes = [Path(os.environ.get("APPDATA", "~"))] if os.name == "nt" else [Path("~/.config"), Path("/etc")]
    if any((home.expanduser() / "uv" / "uv.toml").exists() for home in homes):
        return {}
    mirror = os.environ.get("PIP_INDEX_URL")
    for pip in ([str(python), "-m", "pip"], [sys.executable, "-m", "pip"]):
        for section in ("install", "global"):
            mirror = mirror or _output([*pip, "config", "get", f"{section}.index-url"])
    return {"UV_DEFAULT_INDEX": mirror} if mirror else {}


def _output(arguments: Sequence[str]) -> str | None:
    """The standard output of a command, stripped; None when it fails or is not there."""
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _runs(arguments: Sequence[str], settings: dict[str, str]) -> bool:
    """Run a command with its output shown; whether it succeeded."""
    try:
        return subprocess.run(arguments, env=settings, check=False).returncode == 0
    except OSError as error:
        say(f"{arguments[0]} could not be started: {error}")
        return False
