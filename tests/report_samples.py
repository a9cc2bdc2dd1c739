"""Painted pictures and report documents for the tests of the report: every type of finding and of evidence."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from simcheck.records import Pixels

HOSTILE = "<script>alert(1)</script>.png"
Document = dict[str, Any]


def paint(seed: int, size: tuple[int, int] = (720, 520), hues: str = "warm") -> Pixels:
    """A picture with a horizon, a sun and many small marks, so that a shift of it can be seen."""
    rng = np.random.default_rng(seed)
    width, height = size
    base = {"warm": (233, 196, 138), "cold": (164, 190, 214), "ink": (236, 230, 218)}[hues]
    image = Image.new("RGB", size, base)
    draw = ImageDraw.Draw(image)
    for i in range(9):
        y = height * (0.42 + 0.065 * i)
        points = [(x, y + rng.normal(0, 9)) for x in range(-20, width + 40, 24)]
        shade = tuple(int(c * (0.86 - 0.07 * i)) for c in base)
        draw.polygon([*points, (width, height), (0, height)], fill=shade)
    x, y, r = rng.uniform(0.2, 0.8) * width, rng.uniform(0.12, 0.3) * height, 0.08 * height
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(196, 62, 40))
    for _ in range(70):
        cx, cy, s = rng.uniform(0, width), rng.uniform(0.4, 1) * height, rng.uniform(3, 15)
        colour = tuple(int(v) for v in rng.integers(20, 130, 3))
        draw.polygon([(cx, cy - 2 * s), (cx - s / 2, cy), (cx + s / 2, cy)], fill=colour)
    return np.asarray(image, np.uint8)


def edited_copy(work: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
    """The middle of ``work``, mirrored and turned a little; and the transform from its fractions to the work's."""
    rows, columns = work.shape[:2]
    height, width = 460, 600
    angle, zoom = np.deg2rad(4), 0.68
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    to_pixels = np.eye(3)
    # mirrored query pixels about its middle -> work pixels about (0.52, 0.55) of it
    linear = zoom * turn @ np.diag([-1.0, 1.0])
    to_pixels[:2, :2] = linear
    to_pixels[:2, 2] = np.array([0.52 * columns, 0.55 * rows]) - linear @ [width / 2, height / 2]
    transform = np.diag([1 / columns, 1 / rows, 1]) @ to_pixels @ np.diag([width, height, 1.0])
    turned = Image.fromarray(work).transform(
        (width, height), Image.Transform.AFFINE, tuple(to_pixels[:2].ravel()), Image.Resampling.BICUBIC
    )
    recoloured = np.asarray(turned, np.float64) * [0.9, 1.0, 1.06]
    return np.clip(recoloured, 0, 255).astype(np.uint8), transform


class Shelf:
    """The files of a document. It is the report's `PictureSource` too: what is taken away is gone."""

    def __init__(self) -> None:
        self.pictures: dict[tuple[str, str], Pixels] = {}

    def add(self, name: str, pixels: Pixels, **facts: Any) -> dict[str, Any]:
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        path = f"/art/{name}"
        self.pictures[path, digest] = pixels
        file = {
            "path": path,
            "name": name,
            "sha256": digest,
            "bytes": pixels.nbytes // 9,
            "width": pixels.shape[1] * 3,
            "height": pixels.shape[0] * 3,
            "format": "PNG",
            "mode": "RGB",
            "frames": 1,
            "notes": [],
            "decoder": "Pillow 12.0",
        }
        return file | facts

    def __call__(self, path: str, sha256: str) -> Pixels | None:
        return self.pictures.get((path, sha256))


def result(claim: str = "copy", score: float | None = 0.4, **more: Any) -> dict[str, Any]:
    plain = {"claim": claim, "score": score, "reason": None, "cohort": None, "portfolio": None, "evidence": None}
    return plain | more


def rate(reached: int, pairs: int = 12_400) -> dict[str, int]:
    return {"reached": reached, "pairs": pairs}


def matches(transform: NDArray[np.float64], count: int = 90, *, mirrored: bool = True) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    query = rng.uniform(0.04, 0.96, (count * 2, 2))
    mapped = np.column_stack([query, np.ones(len(query))]) @ transform.T
    reference = mapped[:, :2] / mapped[:, 2:]
    points = np.hstack([query, reference])[((reference >= 0) & (reference <= 1)).all(axis=1)][:count]
    spans = [[*points[:, i : i + 2].min(axis=0), *points[:, i : i + 2].max(axis=0)] for i in (0, 2)]
    return {
        "kind": "matches",
        "points": points.round(4).tolist(),
        "transform": transform.tolist(),
        "model": "similarity",
        "mirrored": mirrored,
        "rotation_degrees": 4.0,
        "scale": 1.47,
        "inliers": len(points),
        "tentative": 3 * len(points),
        "colour_difference": 3.5,
        "query_box": [float(v) for v in spans[0]],
        "reference_box": [float(v) for v in spans[1]],
    }


def palette(first: str = "#e9c48a") -> dict[str, Any]:
    ours = [[first, 0.42], ["#b08552", 0.3], ["#6b4c33", 0.18], ["#c43e28", 0.1]]
    return {"kind": "palette", "query": ours, "reference": ours[::-1], "distance": 11.3}


def regions(query: list[float], reference: list[float], *, mirrored: bool = False) -> dict[str, Any]:
    return {"kind": "regions", "query_box": query, "reference_box": reference, "mirrored": mirrored}


def hashes(distance: int, orientation: str = "same") -> dict[str, Any]:
    return {
        "kind": "hash",
        "distance": distance,
        "orientation": orientation,
        "query_quality": 100,
        "reference_quality": 96,
    }


def finding(rank: int, reference: dict[str, Any], kind: str, signals: dict[str, Any], **more: Any) -> dict[str, Any]:
    plain = {
        "rank": rank,
        "reference": reference,
        "score": 1 / rank,
        "llr": None,
        "type": kind,
        "basis": [],
        "edits": [],
        "signals": signals,
        "regions": [],
    }
    return plain | more


def part(query: list[float], reference: list[float], **more: Any) -> dict[str, Any]:
    scale = [(reference[i + 2] - reference[i]) / (query[i + 2] - query[i]) for i in (0, 1)]
    shift = [reference[i] - scale[i] * query[i] for i in (0, 1)]
    plain = {
        "tier": "patches",
        "score": 9.41,
        "relation": 0.0,
        "query_box": query,
        "reference_box": reference,
        "transform": [[scale[0], 0.0, shift[0]], [0.0, scale[1], shift[1]], [0.0, 0.0, 1.0]],
        "mirrored": False,
        "rotation_degrees": 0.0,
        "scale": 1.4,
        "area": 0.2,
    }
    return plain | more


def element(file: dict[str, Any], query: list[float], reference: list[float], **more: Any) -> dict[str, Any]:
    x0, y0, x1, y1 = query
    plain = {
        "reference": file,
        **part(query, reference),
        "area": round((x1 - x0) * (y1 - y0), 4),
        "outline": [[[x0, y0], [x1, y0], [x1, y1], [(x0 + x1) / 2, y0 + 0.8 * (y1 - y0)], [x0, y1]]],
        "rated_by": more.get("tier", "patches"),
        "cohort": rate(0),
        "portfolio": None,
    }
    return plain | more


def line_up() -> dict[str, Any]:
    """Two works of the cohort that ships, and one of the person's own with an awkward name."""
    named = [
        (
            "cohort-1",
            "Utagawa Hiroshige (1797-1858)",
            "ukiyo-e",
            "sorami/tokaido: images/21_okabe.jpeg",
            "public domain",
        ),
        (
            "cohort-1",
            "Wilhelm Busch (1832-1908)",
            "cartoon",
            "GITenberg/Max-und-Moritz: images/5-12.jpg",
            "public domain",
        ),
        ("墨 <i>ink</i>", HOSTILE, "墨 <i>ink</i>", f"/others/{HOSTILE}", ""),
    ]
    entries = [
        {
            "sha256": f"{number:064x}",
            "cohort": cohort,
            "hand": artist,
            "tradition": tradition,
            "source": source,
            "attribution": attribution,
            "scores": {"copy": 0.05 - 0.01 * number, "layout": 0.4, "phash": 0.22, "palette": 0.3},
        }
        for number, (cohort, artist, tradition, source, attribution) in enumerate(named)
    ]
    return {
        "works": 1258,
        "compared": 185,
        "entries": entries,
        "highest": {"copy": [0.05, 0.04, 0.03], "layout": [0.61, 0.4, 0.4], "phash": [0.25, 0.22, 0.22]},
        "reached": {"copy": 0, "layout": 1, "phash": 6},
    }


def unrelated(rank: int, reference: dict[str, Any]) -> dict[str, Any]:
    signals = {
        "layout": result(score=0.21 - rank / 200, cohort=rate(4103)),
        "phash": result(score=0.03, evidence=hashes(124)),
        "palette": result("style", 0.31, cohort=rate(5120), evidence=palette()),
    }
    return finding(rank, reference, "nothing_found", signals)


def signal(name: str, claim: str = "copy", **more: Any) -> dict[str, Any]:
    plain = {
        "name": name,
        "version": 1,
        "claim": claim,
        "state": "used",
        "reason": None,
        "weights": "",
        "params": {},
        "preprocessing": {},
        "libraries": {"opencv-python-headless": "5.0.0"},
        "works_described": 14,
    }
    return plain | more


SIGNALS = [
    signal(
        "clip", state="missing", reason="CLIP weights are not present: run `simcheck models pull`", works_described=0
    ),
    signal("copy", weights="ab" * 32, preprocessing={"side": 288}, libraries={"torch": "2.8"}),
    signal("layout"),
    signal("keypoints", params={"ratio": 0.8}),
    signal("patches", weights="ab" * 32),
    signal("phash"),
    signal("palette", "style"),
]


def document(*queries: dict[str, Any], **more: Any) -> Document:
    plain = {
        "schema": "simcheck.report/2",
        "id": "5f0c2f5e-8a4e-4e53-9d2e-0d6a4b7f1c33",
        "created": "2026-03-09T14:05:31Z",
        "tool": {"name": "simcheck", "version": "0.1.0"},
        "command": ["simcheck", "compare", "the suspect.png", "--top", "20"],
        "environment": {
            "python": "3.11.7",
            "platform": "Linux 6.1",
            "machine": "x86_64",
            "device": "cpu",
            "libraries": {"numpy": "2.4.6", "pillow": "12.0"},
        },
        "calibration": {"state": "uncalibrated", "reason": "no calibration has been fitted for these signals yet."},
        "index": {
            "path": "/data/simcheck/ink.sqlite",
            "id": "7d1f",
            "name": "ink-land",
            "works": 14,
            "created": "2026-03-01T08:00:00Z",
            "updated": "2026-03-08T21:12:09Z",
            "roots": ["/art"],
        },
        "signals": copy.deepcopy(SIGNALS),
        "cohort": {"name": "cohort-1", "works": 1386, "pairs": 12_400, "source": "openly licensed works of 65 hands"}
        | {"described": 1258, "hands": 163, "own": ["墨 <i>ink</i>"]},
        "ordering": {"rule": "strongest-rate", "version": 1},
        "queries": list(queries),
        "skipped": [],
        "notices": [],
    }
    return plain | more


def query(file: dict[str, Any], *findings: dict[str, Any], compared: int = 14, **more: Any) -> dict[str, Any]:
    return {"query": file, "compared": compared, "findings": list(findings)} | more


def everything() -> tuple[Document, Shelf]:
    """Every type of finding and of evidence, awkward names, an abstention, a missing signal and a missing file."""
    shelf = Shelf()
    works = [
        shelf.add(name, paint(seed, size, hues))
        for seed, (name, size, hues) in enumerate(
            [
                ("harvest moon.png", (720, 520), "warm"),
                ("山水之间 · 第三幅 🌄.jpg", (520, 720), "cold"),
                ("صورة القمر.webp", (640, 480), "ink"),
                ("panorama.tif", (1100, 260), "warm"),
                ("red sun.png", (500, 500), "ink"),
                ("evening.png", (640, 420), "cold"),
                ("reeds.png", (640, 420), "warm"),
                ("night ferry.png", (420, 640), "cold"),
            ]
        )
    ]
    works[1]["notes"] = ["icc_converted:Display P3", "oriented:6", "unheard_of:<b>3</b>"]
    copied, transform = edited_copy(shelf(works[0]["path"], works[0]["sha256"]))  # type: ignore[arg-type]
    suspect = shelf.add(HOSTILE, copied, notes=["alpha_flattened", "first_frame_of:12"])
    first = query(
        suspect,
        finding(
            1,
            works[0],
            "edited_copy",
            {
                "copy": result(score=0.812, cohort=rate(0), portfolio=rate(0, 91)),
                "layout": result(score=0.55, cohort=rate(37), portfolio=rate(1, 91)),
                "keypoints": result(score=41.2, cohort=rate(0), portfolio=rate(0, 91), evidence=matches(transform)),
                "phash": result(score=0.18, cohort=rate(215), evidence=hashes(105, "mirrored")),
                "palette": result("style", 0.71, cohort=rate(640), evidence=palette()),
            },
            edits=["mirrored", "rotated:-4", "cropped:43", "recoloured", "never_heard:<i>"],
            basis=["relation", "copy", "beyond_<words>"],
            regions=[
                {
                    "signal": "copy",
                    "query_box": [0.1, 0.1, 0.75, 0.8],
                    "reference_box": [0.25, 0.15, 0.8, 0.7],
                    "mirrored": True,
                }
            ],
        ),
        finding(
            2,
            works[1],
            "part_of_it",
            {
                "copy": result(score=0.46, cohort=rate(2), evidence=regions([0, 0, 0.5, 0.5], [0.3, 0.3, 1, 1])),
                "layout": result(score=0.4, cohort=rate(90), evidence=regions([0.5, 0.5, 1, 1], [0, 0.5, 0.5, 1])),
                "keypoints": result(score=None, reason="too_few_matches"),
                "patches": result(
                    score=9.41,
                    cohort=rate(0),
                    evidence={"kind": "parts", "parts": [part([0.7, 0.2, 0.95, 0.7], [0.1, 0.5, 0.5, 0.9])]},
                ),
            },
            basis=["element"],
        ),
        *[unrelated(rank, work) for rank, work in enumerate(works[2:], 3)],
        panels=[[0.0, 0.1, 0.7, 0.9], [0.72, 0.1, 1.0, 0.9]],
        elements=[
            element(works[0], [0.05, 0.15, 0.6, 0.85], [0.2, 0.2, 0.7, 0.8], mirrored=True, rotation_degrees=-4.0),
            element(
                works[1],
                [0.7, 0.2, 0.95, 0.7],
                [0.1, 0.5, 0.5, 0.9],
                tier="keypoints",
                relation=7.2,
                portfolio=rate(3, 91),
            ),
        ],
        explained=0.51,
        line_up=line_up(),
    )
    redrawn = shelf.add("重绘 <b>疑似</b>.png", paint(0, (700, 506), "cold"))
    second = query(
        redrawn,
        finding(
            1,
            works[0],
            "re_rendered",
            {
                "layout": result(score=0.74, cohort=rate(0), evidence=regions([0, 0, 1, 1], [0, 0, 1, 1])),
                "keypoints": result(score=None, reason="no_relation"),
                "palette": result("style", 0.12, cohort=rate(9000), evidence=palette("#a4bed6")),
                "my_signal": result("provenance", 1.0),
            },
        ),
        finding(2, works[4], "style_only", {"palette": result("style", 0.9, cohort=rate(3), evidence=palette())}),
        unrelated(3, works[3]),
    )
    again = shelf.add("saved-again.jpg", shelf(works[3]["path"], works[3]["sha256"]).copy()[::2, ::2])  # type: ignore[union-attr]
    third = query(
        again,
        finding(1, works[3], "re_encoded", {"phash": result(score=0.98, cohort=rate(0), evidence=hashes(2))}),
        finding(2, works[5], "exact_file", {}, basis=["same_bytes"]),
    )
    del shelf.pictures[works[5]["path"], works[5]["sha256"]]
    fourth = query(
        shelf.add("nothing.png", paint(77, (600, 800), "ink")), unrelated(1, works[6]), unrelated(2, works[7])
    )
    fifth = query(shelf.add("alone.png", paint(78, (300, 200))), compared=0)
    made = document(
        first,
        second,
        third,
        fourth,
        fifth,
        skipped=[
            {"path": f"/in/{HOSTILE}", "code": "not_a_picture", "reason": "This file is text, not a picture."},
            {"path": "/in/cut.jpg", "code": "truncated", "reason": "The file ends early; save it again."},
        ],
        notices=[{"code": "weights_missing", "message": "This comparison ran without the `clip` signal."}],
    )
    return made, shelf


def many(suspects: int, related: int = 8) -> tuple[Document, Shelf]:
    """A run with more findings than a page can hold."""
    shelf = Shelf()
    works = [shelf.add(f"work {i}.png", paint(i, (300, 220))) for i in range(related)]
    layout = {"layout": result(score=0.6, cohort=rate(1))}
    queries = [
        query(
            shelf.add(f"suspect {i}.png", paint(1000 + i, (300, 220))),
            *[finding(rank, work, "re_rendered", layout) for rank, work in enumerate(works, 1)],
        )
        for i in range(suspects)
    ]
    return document(*queries), shelf
