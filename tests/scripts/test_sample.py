"""The painter of the sample art that ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scripts.build.paint_sample import RECORD, SAMPLE
from scripts.build.sample import SEED, paint

pytestmark = pytest.mark.slow


def pixels(path: Path) -> NDArray[np.int16]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.int16)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Path, ...]]:
    folder = tmp_path_factory.mktemp("painted")
    return folder, paint(folder)


def test_the_painter_still_paints_what_ships(painted: tuple[Path, tuple[Path, ...]]) -> None:
    """Another processor or library may round a colour otherwise, and JPEG makes a little more of that."""
    folder, files = painted
    assert [p.as_posix() for p in files] == list(json.loads(RECORD.read_text(encoding="utf-8"))["files"])
    for file in files:
        if file.suffix in (".json", ".txt"):
            assert (folder / file).read_bytes() == (SAMPLE / file).read_bytes()
        else:
            here, shipped = pixels(folder / file), pixels(SAMPLE / file)
            assert here.shape == shipped.shape, file
            difference = np.abs(here - shipped)
            assert difference.mean() < 0.5 and np.quantile(difference, 0.999) <= 8, file


def test_the_seed_of_what_ships_is_recorded() -> None:
    assert json.loads(RECORD.read_text(encoding="utf-8"))["seed"] == SEED
    assert json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["seed"] == SEED


def test_same_seed_same_bytes_and_no_draft_left(painted: tuple[Path, tuple[Path, ...]]) -> None:
    folder, files = painted
    before = {p: (folder / p).read_bytes() for p in files}
    paint(folder)
    assert {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_another_seed_paints_other_pictures(painted: tuple[Path, tuple[Path, ...]], tmp_path: Path) -> None:
    folder, files = painted
    assert paint(tmp_path, seed=7) == files
    works = [p for p in files if p.parts[0] == "portfolio"]
    assert not {(folder / p).read_bytes() for p in works} & {(tmp_path / p).read_bytes() for p in works}
