"""Prove that the wheel works where there is no checkout: build it, install it into an empty environment, run the demo.

    python3 scripts/build/check_wheel.py

It installs everything that simcheck needs (about 7 GB, quick when uv has it cached) into a temporary folder and
removes it afterwards. (This file itself must parse on Python 3.6, to say so.)
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python reaches
    sys.exit(f"simcheck needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}.")

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from scripts.environment import CHECKOUT, SetupFailed, command, install, make, ready, say, speak_utf8, surroundings  # noqa: E402 - found from anywhere


def check(folder: Path) -> str | None:
    """Build, install and run in an empty folder; what is wrong, or None."""
    python = command(ready("dev"), "python")
    built = subprocess.run(
        [python, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT], check=False
    )
    if built.returncode:
        return "the wheel could not be built"
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    make(environment)
    install(environment, str(wheel))

    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    isolated = {name: value for name, value in surroundings().items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    isolated |= {name: str(folder / "home") for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA")}

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command(environment, program), *arguments],
            cwd=elsewhere,
            env=isolated,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
        )

    located = run("python", "-c", "import simcheck; print(simcheck.__file__)").stdout.strip()
    if not Path(located).is_relative_to(environment):
        return f"simcheck was imported from {located}, not from the wheel"
    demo = run("simcheck", "demo", "--no-open", "--offline")
    say(demo.stdout)
    if demo.returncode:
        return f"simcheck demo ended with exit code {demo.returncode}"
    if not list(folder.rglob("report.html")):
        return "simcheck demo wrote no report.html"
    return None


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="simcheck-wheel-", ignore_cleanup_errors=True) as folder:
            wrong = check(Path(folder).resolve())
    except SetupFailed as error:
        wrong = str(error)
    if wrong:
        print(f"\nFAILED: {wrong}", file=sys.stderr)
        return 1
    say("\nThe wheel installs into an empty environment and runs the demo.")
    return 0


if __name__ == "__main__":
    speak_utf8()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
