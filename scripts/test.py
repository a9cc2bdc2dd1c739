"""Check everything: ruff, formatting, types, tests. Sets up the checkout's environment first.

    python3 scripts/test.py                          lint, types and the quick tests (Windows: py scripts\\test.py)
    python3 scripts/test.py --browser                the tests that need Chromium too
    python3 scripts/test.py --all                    also those that are slow, or need weights or a GPU
    python3 scripts/test.py tests/store/test_store.py -x   what this script does not know is handed to pytest

Every step runs; the exit code is that of the first that failed. (This file itself must parse on Python 3.6.)
"""

import argparse
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python reaches
    sys.exit(f"simcheck needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}.")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.environment import CHECKOUT, SetupFailed, command, ready, say, speak_utf8, surroundings  # noqa: E402 - found from anywhere

LINT = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy", "--strict", "simcheck", "scripts"],
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--browser", action="store_true", help="run the tests that need Chromium too")
    parser.add_argument("--all", action="store_true", help="run every test, also those marked slow, weights and gpu")
    options, for_pytest = parser.parse_known_args(arguments)
    try:
        python = command(ready("dev"), "python")
    except SetupFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1

    def run(step: str, step_arguments: list[str]) -> int:
        say(f"\n== {step}")
        # several test processes at once: threads of matrix products would only stand in each other's way
        alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        environment = {**surroundings(), **alone}
        return subprocess.run([python, *step_arguments], cwd=CHECKOUT, env=environment, check=False).returncode

    codes = {step: run(step, step_arguments) for step, step_arguments in LINT.items()}
    failed = {step: code for step, code in codes.items() if code}
    if failed:
        say(f"\nFAILED: {', '.join(failed)} (see above). The tests run all the same; this run will not be green.")
    marked = ["-m", ""] if options.all else ["-m", "not weights and not gpu and not slow"] if options.browser else []
    # one process for each core; a file stays in one, since its tests share what is costly to make
    tested = run("pytest", ["-m", "pytest", "-n", "auto", "--dist", "loadfile", *marked, *for_pytest])
    return next(iter(failed.values()), tested)


if __name__ == "__main__":
    speak_utf8()
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
