"""Paint the sample, run it as `simcheck demo` does, and photograph its report for the README.

    python scripts/build/screenshot.py

Writes ``scripts/results/report.png``: the head of the finding about the mirrored, recoloured crop. Needs a Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from scripts.measure import machine

SUSPECT = "finding-3.1"
WIDTH, HEIGHT = 1100, 1240


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from playwright.sync_api import sync_playwright

    browser = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if browser is None:
        sys.exit("No Chromium was found; install one (on Debian: apt-get install chromium).")
    with tempfile.TemporaryDirectory(prefix="simcheck-screenshot-") as temporary:
        folder = Path(temporary) / "demo"
        simcheck = str(Path(sys.executable).with_name("simcheck"))
        subprocess.run([simcheck, "demo", str(folder), "--offline", "--no-open"], check=True)
        target = machine.RESULTS / "report.png"
        with sync_playwright() as playwright:
            page = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page(
                viewport={"width": WIDTH, "height": HEIGHT}
            )
            page.goto((folder / "report" / "report.html").as_uri())
            page.locator(f"[id='{SUSPECT}']").screenshot(path=target)
        with Image.open(target) as picture:
            cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, HEIGHT)))
        cut.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
            target, optimize=True
        )
    print(f"{target.name}: {target.stat().st_size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
