"""Disguised works: covered in part, one picture among others, a negative. And that nobody else is accused of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from paintings import painting
from PIL import Image, ImageDraw

from simcheck.pipeline import Choice, compare, index
from simcheck.records import Edit, EditKind, Finding, FindingType, Pixels, Silent

WORKS = 4
SIZE = (720, 540)
CHOICE = Choice(only=("copy", "layout", "keypoints", "phash"), offline=True)
PART = (144, 80, 576, 460)
"""42 % of the area, off the middle: x0, y0, x1, y1."""
SHARE = (576 - 144) * (460 - 80) / (720 * 540)


def drawing() -> Pixels:
    """Black strokes on white paper."""
    sheet = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(sheet)
    generator = np.random.default_rng(8)
    for _ in range(90):
        x, y, radius, start = generator.uniform(0, 1, 4) * (*SIZE, 80, 360)
        draw.arc((x - radius, y - radius, x + radius, y + radius), start, start + 150, "black", 3)
    return np.asarray(sheet)


def work(seed: int) -> Pixels:
    return drawing() if seed == WORKS - 1 else painting(seed, SIZE, 140)


def changed(pixels: Pixels, part: Pixels) -> Pixels:
    x0, y0, x1, y1 = PART
    shown = pixels.copy()
    shown[y0:y1, x0:x1] = part
    return shown


def inside(pixels: Pixels) -> Pixels:
    x0, y0, x1, y1 = PART
    return pixels[y0:y1, x0:x1]


def mosaic(pixels: Pixels, block: int = 24) -> Pixels:
    part = inside(pixels)
    height, width = part.shape[:2]
    small = cv2.resize(part, (width // block, height // block), interpolation=cv2.INTER_AREA)
    return changed(pixels, np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8))


def blurred(pixels: Pixels) -> Pixels:
    return changed(pixels, inside(np.asarray(cv2.GaussianBlur(pixels, (0, 0), 10), np.uint8)))


def barred(pixels: Pixels) -> Pixels:
    return changed(pixels, np.zeros_like(inside(pixels)))


def half_negative(pixels: Pixels) -> Pixels:
    return np.hstack([255 - pixels[:, :360], pixels[:, 360:]])


def lettered(pixels: Pixels) -> Pixels:
    shown = pixels.copy()
    cv2.putText(shown, "for sale", (60, 300), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (255, 255, 255), 4)
    return shown


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def others(count: int, first: int = 50) -> list[Pixels]:
    return [painting(first + i, (360, 270), 90) for i in range(count)]


def sheet(pictures: Iterable[Pixels], columns: int, side: int, gutter: int = 0) -> Pixels:
    cells = [cv2.copyMakeBorder(resized(p, side, side), 0, gutter, 0, gutter, 0, value=(255,) * 3) for p in pictures]
    rows = [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def among(pixels: Pixels, pictures: list[Pixels], place: int) -> list[Pixels]:
    return [*pictures[:place], pixels, *pictures[place:]]


def strip(pictures: Iterable[Pixels], width: int, height: int) -> Pixels:
    return np.vstack([resized(p, width, height) for p in pictures])


MADE: Mapping[str, Callable[[], Pixels]] = {
    "mosaic of 24": lambda: mosaic(work(0)),
    "mosaic of 12, mirrored": lambda: np.ascontiguousarray(mosaic(work(1), 12)[:, ::-1]),
    "blur": lambda: blurred(work(0)),
    "black bar": lambda: barred(work(1)),
    "negative": lambda: 255 - work(0),
    "negative, cropped": lambda: np.ascontiguousarray(255 - work(1)[60:500, 80:]),
    "negative of a drawing": lambda: 255 - drawing(),
    "half negative": lambda: half_negative(work(2)),
    "sheet of 4 x 4": lambda: sheet(among(work(0), others(15), 9), 4, 300),
    "sheet of 3 x 3, thin gutters": lambda: sheet(among(work(1), others(8), 2), 3, 330, 5),
    "strip of 11": lambda: strip(among(work(0), others(10), 6), 400, 636),
    "strip side by side": lambda: np.ascontiguousarray(
        np.hstack([resized(p, 400, 300) for p in among(work(2), others(4), 2)])
    ),
    "saved again": lambda: resized(work(0), 500, 375),
    "brighter": lambda: np.clip(work(2) * 1.2 + 15, 0, 255).astype(np.uint8),
    "cropped": lambda: np.ascontiguousarray(work(0)[50:500, 90:]),
    "lettered": lambda: lettered(work(1)),
    "framed": lambda: cv2.copyMakeBorder(work(2), 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(20, 20, 20)),
    "unrelated sheet": lambda: sheet(others(9, 200), 3, 240),
    "unrelated strip": lambda: strip(others(5, 220), 260, 260),
    "unrelated negative": lambda: 255 - painting(240, SIZE, 140),
    "unrelated mosaic": lambda: mosaic(painting(241, SIZE, 140)),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """The findings for each of `MADE`."""
    folder = tmp_path_factory.mktemp("disguised")
    for kind in ("art", "suspects"):
        (folder / kind).mkdir()
    for seed in range(WORKS):
        Image.fromarray(work(seed)).save(folder / "art" / f"{seed}.png")
    names: dict[Path, str] = {}
    for number, (name, make) in enumerate(MADE.items()):
        path = folder / "suspects" / f"{number}.{'jpg' if name == 'saved again' else 'png'}"
        Image.fromarray(np.asarray(make())).save(path)
        names[path.resolve()] = name
    index([folder / "art"], folder / "index", name="works", choice=CHOICE, watcher=Silent())
    run = compare([folder / "suspects"], folder / "index", choice=CHOICE, watcher=Silent())
    return {names[query.path.resolve()]: list(query.findings) for query in run.queries}


def told(findings: list[Finding], seed: int) -> Finding:
    """The finding for that work, which must come first."""
    assert findings[0].work.paths[0].name == f"{seed}.png"
    return findings[0]


def shares(finding: Finding) -> dict[EditKind, float]:
    kinds = (EditKind.PIXELATED, EditKind.OBSCURED, EditKind.OVERLAID)
    return {edit.kind: (edit.value or 0) / 100 for edit in finding.edits if edit.kind in kinds}


@pytest.mark.parametrize(
    ("name", "seed", "kind"),
    [
        ("mosaic of 24", 0, EditKind.PIXELATED),
        ("mosaic of 12, mirrored", 1, EditKind.PIXELATED),
        ("blur", 0, EditKind.OBSCURED),
        ("black bar", 1, EditKind.OBSCURED),
    ],
)
def test_what_covers_a_work_is_told_with_its_share(
    name: str, seed: int, kind: EditKind, found: dict[str, list[Finding]]
) -> None:
    finding = told(found[name], seed)
    assert finding.type is FindingType.EDITED_COPY
    (told_kind, share), *rest = shares(finding).items()
    assert not rest and told_kind is kind
    assert abs(share - SHARE) < 0.06


@pytest.mark.parametrize(
    ("name", "seed", "kind"),
    [
        ("negative", 0, EditKind.NEGATIVE),
        ("negative, cropped", 1, EditKind.NEGATIVE),
        ("negative of a drawing", WORKS - 1, EditKind.NEGATIVE),
        ("half negative", 2, EditKind.PARTLY_NEGATIVE),
    ],
)
def test_a_negative_is_an_edited_copy(name: str, seed: int, kind: EditKind, found: dict[str, list[Finding]]) -> None:
    finding = told(found[name], seed)
    assert finding.type is FindingType.EDITED_COPY
    assert Edit(kind) in finding.edits
    assert not shares(finding), "nothing covers it"


@pytest.mark.parametrize(
    ("name", "seed"),
    [("sheet of 4 x 4", 0), ("sheet of 3 x 3, thin gutters", 1), ("strip of 11", 0), ("strip side by side", 2)],
)
def test_a_work_among_other_pictures(name: str, seed: int, found: dict[str, list[Finding]]) -> None:
    finding = told(found[name], seed)
    assert finding.type is FindingType.AMONG_OTHERS
    assert finding.uncalibrated not in ("too_small", "too_narrow")
    assert all(f.type in (FindingType.NOTHING, FindingType.STYLE_ONLY) for f in found[name][1:])


@pytest.mark.parametrize("name", ["saved again", "brighter", "cropped", "lettered", "framed"])
def test_a_harmless_edit_covers_nothing(name: str, found: dict[str, list[Finding]]) -> None:
    finding = found[name][0]
    assert finding.type in (FindingType.EDITED_COPY, FindingType.RE_ENCODED)
    assert not {EditKind.PIXELATED, EditKind.OBSCURED, EditKind.NEGATIVE, EditKind.PARTLY_NEGATIVE} & {
        edit.kind for edit in finding.edits
    }


@pytest.mark.parametrize("name", [name for name in MADE if name.startswith("unrelated")])
def test_others_are_accused_of_nothing(name: str, found: dict[str, list[Finding]]) -> None:
    assert {f.type for f in found[name]} <= {FindingType.NOTHING, FindingType.STYLE_ONLY}
