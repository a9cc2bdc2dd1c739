"""Try simcheck: set it up in this checkout, paint sample art, and write a report about it. No network weights needed.

    python3 scripts/try.py              (Windows: py scripts\\try.py)
    python3 scripts/try.py --open       and open the report in the browser
    python3 scripts/try.py --lang zh    the report in Chinese

All arguments are handed to ``simcheck demo --offline``. Needs Python 3.11 or newer and nothing else; packages come
from the package index the first time, later runs need no network. (This file must parse on Python 3.6, to say so.)
"""

import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python reaches
    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    sys.exit(
        f"simcheck needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}.\n"
        + (f"There is a newer one here:  {newer[0]} scripts/try.py" if newer else "Install one and run this again.")
    )

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.environment import SetupFailed, command, ready, say, speak_utf8, surroundings  # noqa: E402 - found from anywhere


def main(arguments: list[str]) -> int:
    try:
        environment = ready()
    except SetupFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    simcheck = command(environment, "simcheck")
    # Where an option is given twice the last one counts, so a person's own --open wins.
    demo = [str(simcheck), "demo", "--offline", "--no-open", *arguments]
    done = subprocess.run(demo, env=surroundings(), check=False).returncode
    if done == 0:
        if "--open" not in arguments:
            say("\nThe report named above is one file: open it in any browser, or run this again with --open.")
        say(f"\nNow with your own pictures:\n  {simcheck} index FOLDER_OF_YOUR_ART\n  {simcheck} compare SUSPECT.png")
    return done


if __name__ == "__main__":
    speak_utf8()
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
