"""Findings: every type by its rule, at its edges; edits named as they were made; a stable order."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from paintings import about, mapped, painting, picture, placed, warped
from PIL import Image

from simcheck.comparison import pair as compare
from simcheck.comparison.pair import Compared
from simcheck.records import (
    Alignment,
    Comparison,
    Disguise,
    Element,
    FileFacts,
    Finding,
    FindingType,
    HashEvidence,
    MatchEvidence,
    PaletteEvidence,
    Picture,
    Pixels,
    Rate,
    RegionEvidence,
    SignalIdentity,
    Tier,
    Work,
)
from simcheck.reporting.document.codes import basis_code, edit_code
from simcheck.scoring.edits import TURNS
from simcheck.scoring.findings import find
from simcheck.scoring.rates import Unrelated, order
from simcheck.scoring.rivals import rivals
from simcheck.scoring.scale import Scale
from simcheck.shipped import reference_folder
from simcheck.signals import load
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe
from simcheck.signals.phash import ORIENTATIONS

Floats = NDArray[np.float64]
NAMES = ("copy", "layout", "keypoints", "phash", "palette")
SHIPPED = ("copy", "layout", "keypoints", "patches", "phash", "palette")
IDENTITIES = {name: SignalIdentity(name, 1) for name in (*NAMES, "clip")}
KINDS = load(IDENTITIES)
SIZE = (480, 360)


def facts(name: str, size: tuple[int, int] = SIZE) -> FileFacts:
    return FileFacts(hashlib.sha256(name.encode()).hexdigest(), 9, "PNG", "RGB", *size, 1, "made by a test")


SUSPECT = facts("suspect")


def table(pairs: int, names: Sequence[str] = NAMES, seed: int = 1, **columns: Floats) -> Unrelated:
    """Scores between 0 and 0.5; of ``keypoints`` nearly all 0, the strongest 2."""
    generator = np.random.default_rng(seed)
    scores = generator.uniform(0, 0.5, (pairs, len(names)))
    if "keypoints" in names:
        place = names.index("keypoints")
        scores[:, place] = 0
        scores[: max(1, pairs // 200), place] = np.linspace(2, 1, max(1, pairs // 200))
    for name, column in columns.items():
        scores[:, names.index(name)] = column
    return Unrelated("made up", "a test", 60, tuple(IDENTITIES[n].comparable for n in names), scores.astype(np.float32))


def scale(cohort: Unrelated | None, portfolio: Unrelated | None = None) -> Scale:
    return Scale.of(IDENTITIES, KINDS, cohort, portfolio)


@cache
def usual() -> Scale:
    return scale(table(1000))


def relation(
    to_query: Floats | None = None,
    size: tuple[int, int] = SIZE,
    *,
    kind: str = "similarity",
    inliers: int = 120,
    tentative: int = 150,
    box: tuple[float, float, float, float] = (0, 0, 1, 1),
    rotation: float | None = None,
    recolouring: float = 0.0,
    colours: Floats | None = None,
) -> MatchEvidence:
    """What `keypoints` finds when the work is drawn on a canvas of ``size`` through ``to_query`` (over pixels).

    ``box``: the part of the canvas within which matches agree.
    """
    _, transform = warped(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), np.eye(3) if to_query is None else to_query, size)
    generator = np.random.default_rng(4)
    query = generator.uniform(box[:2], box[2:], (20000, 2))
    reference = mapped(transform, query)
    inside = np.all((reference >= 0) & (reference <= 1), axis=1)
    points = np.hstack([query, reference])[inside][:inliers]
    assert len(points) == inliers
    pixels = np.diag(SIZE) @ transform[:2, :2] @ np.diag(1 / np.array(size, float))
    mirrored = bool(np.linalg.det(pixels) < 0)
    turned = pixels @ np.diag([-1.0, 1]) if mirrored else pixels
    angle = np.rad2deg(np.arctan2(turned[1, 0] - turned[0, 1], turned[0, 0] + turned[1, 1]))
    (qx0, qy0, rx0, ry0), (qx1, qy1, rx1, ry1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return MatchEvidence(
        points,
        transform,
        kind,
        mirrored,
        float(angle) if rotation is None else rotation,
        float(abs(np.linalg.det(pixels)) ** -0.5),
        tentative,
        (qx0, qy0, qx1, qy1),
        (rx0, ry0, rx1, ry1),
        np.tile([50.0, 20 + recolouring, 10, 50, 20, 10], (len(points), 1)) if colours is None else colours,
    )


def edits_of(finding: Finding) -> tuple[str, ...]:
    return tuple(map(edit_code, finding.edits))


def basis_of(finding: Finding) -> tuple[str, ...]:
    return tuple(map(basis_code, finding.basis))


def hashes(distance: int, orientation: str = "same") -> tuple[float, HashEvidence]:
    return 1 - distance / 128, HashEvidence(distance, orientation, 100, 90)


def palette(distance: float) -> tuple[float, PaletteEvidence]:
    return float(np.exp(-distance / 20)), PaletteEvidence((("#000000", 1.0),), (("#ffffff", 1.0),), distance)


Given = float | tuple[float, MatchEvidence | HashEvidence | PaletteEvidence | RegionEvidence] | None


def compared(work_id: int, scores: Mapping[str, Given]) -> Compared:
    made = []
    for name in NAMES:
        value = scores.get(name)
        if value is None:
            made.append((name, Comparison(None, "blank")))
        elif isinstance(value, tuple):
            made.append((name, Comparison(value[0], evidence=value[1])))
        else:
            made.append((name, Comparison(value)))
    return Compared(work_id, tuple(made))


def works(*names: str) -> dict[int, Work]:
    return {i: Work(i, facts(name), (Path("/art") / name,)) for i, name in enumerate(names, 1)}


def judge(scores: Mapping[str, Given], read_against: Scale | None = None, query: FileFacts = SUSPECT) -> Finding:
    (finding,) = find(query, [compared(1, scores)], works("a work"), read_against or usual())
    return finding


def one(read_against: Scale | None = None, query: FileFacts = SUSPECT, **scores: Given) -> Finding:
    return judge(scores, read_against, query)


# -- the types, one by one ------------------------------------------------------------------------------------------


def test_equal_bytes_are_the_same_file_whatever_the_signals_say() -> None:
    each: list[dict[str, Given]] = [{}, {"phash": hashes(120)}, {"keypoints": (9.0, relation())}]
    for scores in each:
        finding = judge(scores, query=facts("a work"))
        assert (finding.type, basis_of(finding), edits_of(finding)) == (FindingType.EXACT_FILE, ("same_bytes",), ())


def test_a_relation_over_the_whole_with_details_is_an_edited_copy() -> None:
    finding = one(keypoints=(9.0, relation(placed(at=(-100, -80)), (320, 240))))
    assert finding.type is FindingType.EDITED_COPY
    assert basis_of(finding) == ("relation",)
    assert alike(edits_of(finding), ["cropped:44"])


def test_the_same_relation_with_a_hash_and_no_edit_is_re_encoded() -> None:
    finding = one(keypoints=(9.0, relation()), phash=hashes(12))
    assert (finding.type, basis_of(finding), edits_of(finding)) == (FindingType.RE_ENCODED, ("relation", "hash"), ())
    smaller = one(keypoints=(9.0, relation(placed(zoom=0.5), (240, 180))), phash=hashes(4))
    assert (smaller.type, edits_of(smaller)) == (FindingType.RE_ENCODED, ("scaled:0.5",))


@pytest.mark.parametrize(
    "more",
    [
        {"phash": hashes(20), "keypoints": (9.0, relation(inliers=90))},
        {"phash": hashes(4), "keypoints": (9.0, relation(recolouring=12.5))},
        {"phash": hashes(4), "keypoints": (9.0, relation(np.array([[-1.0, 0, 480], [0, 1, 0], [0, 0, 1]])))},
    ],
)
def test_any_edit_makes_it_an_edited_copy(more: dict[str, Given]) -> None:
    finding = judge({"keypoints": (9.0, relation()), **more})
    assert finding.type is FindingType.EDITED_COPY
    assert basis_of(finding) == ("relation", "hash")


@pytest.mark.parametrize(
    ("distance", "orientation", "apart", "expected"),
    [
        (0, "same", 3.0, FindingType.RE_ENCODED),
        (12, "same", 3.0, FindingType.RE_ENCODED),
        (13, "same", 3.0, FindingType.EDITED_COPY),
        (31, "same", 3.0, FindingType.EDITED_COPY),
        (32, "same", 3.0, FindingType.NOTHING),
        (2, "mirrored", 3.0, FindingType.EDITED_COPY),
        (2, "same", 12.5, FindingType.EDITED_COPY),
        (2, "same", 12.0, FindingType.RE_ENCODED),
    ],
)
def test_hashes_alone(distance: int, orientation: str, apart: float, expected: FindingType) -> None:
    calm = table(1000, phash=np.linspace(0, 1, 1000), palette=np.ones(1000))
    finding = one(scale(calm), phash=hashes(distance, orientation), palette=palette(apart))
    assert finding.type is expected
    assert basis_of(finding) == (() if expected is FindingType.NOTHING else ("hash",))
    edits = tuple(map(edit_code, TURNS[orientation])) + (("recoloured",) if apart > 12 else ())
    assert edits_of(finding) == (() if expected is FindingType.NOTHING else edits)


@pytest.mark.parametrize("with_relation", [False, True])
@pytest.mark.parametrize(
    ("distance", "apart", "expected"),
    [
        (31, 6.0, FindingType.RE_ENCODED),
        (2, 6.1, FindingType.EDITED_COPY),
        (12, None, FindingType.RE_ENCODED),
        (13, None, FindingType.EDITED_COPY),
    ],
)
def test_re_encoded_means_that_no_cell_differs(
    distance: int, apart: float | None, expected: FindingType, with_relation: bool
) -> None:
    """Where `layout` did not lay the pictures over each other, a nearly equal hash has to do."""
    over = RegionEvidence((0, 0, 1, 1), (0, 0, 1, 1), False, apart)
    scores: dict[str, Given] = {"phash": hashes(distance), "layout": (0.4, over)}
    if with_relation:
        scores["keypoints"] = (9.0, relation())
    assert judge(scores).type is expected


def test_hashes_need_no_cohort() -> None:
    finding = one(scale(None), phash=hashes(3), keypoints=(9.0, relation()))
    assert (finding.type, basis_of(finding)) == (FindingType.RE_ENCODED, ("hash",))
    assert dict(finding.signals)["phash"].cohort is None


def test_a_relation_of_one_element_is_a_part() -> None:
    """Both pictures could show the same all over, but only a corner of them agrees."""
    finding = one(keypoints=(6.0, relation(box=(0.1, 0.1, 0.5, 0.5))))
    assert finding.type is FindingType.PART
    assert basis_of(finding)[0] == "relation_of_a_part"
    assert one(keypoints=(6.0, relation(box=(0.0, 0.0, 0.6, 0.6)))).type is FindingType.EDITED_COPY


@pytest.mark.parametrize(
    ("inliers", "tentative", "detailed"), [(30, 60, True), (29, 29, False), (30, 61, False), (200, 400, True)]
)
def test_a_relation_without_detail_is_re_rendered(inliers: int, tentative: int, detailed: bool) -> None:
    finding = one(keypoints=(4.0, relation(inliers=inliers, tentative=tentative)))
    assert finding.type is (FindingType.EDITED_COPY if detailed else FindingType.RE_RENDERED)
    assert basis_of(finding)[0] == ("relation" if detailed else "relation_without_detail")
    if not detailed:
        assert edits_of(finding) == (), "what was drawn anew was not edited"


def test_a_relation_without_detail_over_a_part_is_a_part() -> None:
    finding = one(keypoints=(2.5, relation(inliers=9, tentative=300, box=(0.1, 0.1, 0.4, 0.4))))
    assert finding.type is FindingType.PART
    assert basis_of(finding) == ("relation_of_a_part", "relation_without_detail")


@pytest.mark.parametrize(("score", "accepted"), [(2.0, False), (2.001, True)])
def test_a_relation_counts_only_beyond_every_cohort_pair(score: float, accepted: bool) -> None:
    finding = one(keypoints=(score, relation()))
    assert finding.type is (FindingType.EDITED_COPY if accepted else FindingType.NOTHING)
    assert dict(finding.signals)["keypoints"].cohort == Rate(0 if accepted else 1, 1000)


def test_a_sum_beyond_every_cohort_pair_is_re_rendered() -> None:
    finding = one(copy=0.9, layout=0.9)
    assert finding.type is FindingType.RE_RENDERED
    assert basis_of(finding) == ("sum_beyond_cohort", "copy", "layout")
    assert edits_of(finding) == ()


def test_re_rendered_starts_just_above_the_strongest_cohort_pair() -> None:
    read_against = usual()
    strongest = read_against.cohort_orders[-1]
    low, high = 0.4, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        comparisons = compared(1, {"copy": middle, "layout": 0.4}).comparisons
        above = order(IDENTITIES, comparisons, KINDS, read_against.tables()) > strongest
        low, high = (low, middle) if above else (middle, high)
    assert one(copy=high + 1e-6, layout=0.4).type is FindingType.RE_RENDERED
    assert one(copy=low - 1e-6, layout=0.4).type is FindingType.NOTHING
    # the strongest pair itself is not beyond itself
    assert not one(copy=low - 1e-6, layout=0.4).score > strongest


@pytest.mark.parametrize(("reached", "expected"), [(0, FindingType.STYLE_ONLY), (1, FindingType.STYLE_ONLY),
                                                   (2, FindingType.NOTHING)])  # fmt: skip
def test_a_palette_closer_than_in_999_of_1000_pairs_is_style_only(reached: int, expected: FindingType) -> None:
    column = np.full(1000, 0.1)
    column[:reached] = 0.99
    finding = one(scale(table(1000, palette=column)), palette=palette(3.0), copy=0.2)
    assert finding.type is expected
    assert basis_of(finding) == (("palette",) if expected is FindingType.STYLE_ONLY else ())


def test_a_close_palette_never_turns_nothing_into_a_copy() -> None:
    assert one(palette=palette(0.0)).score == 0
    assert one(palette=palette(0.0)).type is FindingType.STYLE_ONLY


def test_nothing_in_common_and_nothing_said_are_nothing_found() -> None:
    low: dict[str, Given] = {"copy": 0.1, "layout": 0.0, "phash": hashes(128), "keypoints": 0.0, "palette": palette(60)}
    for scores in ({}, low):
        finding = judge(scores)
        assert (finding.type, basis_of(finding), edits_of(finding), finding.llr) == (FindingType.NOTHING, (), (), None)


def test_fewer_than_a_thousand_cohort_pairs_call_nothing_out_of_the_ordinary() -> None:
    few, enough = scale(table(999)), scale(table(1000))
    each: list[tuple[dict[str, Given], FindingType]] = [
        ({"keypoints": (9.0, relation())}, FindingType.EDITED_COPY),
        ({"copy": 0.9, "layout": 0.9}, FindingType.RE_RENDERED),
        ({"palette": palette(0.0)}, FindingType.STYLE_ONLY),
    ]
    for scores, kind in each:
        assert judge(scores, few).type is FindingType.NOTHING
        assert judge(scores, enough).type is kind


def test_without_any_cohort_nothing_is_out_of_the_ordinary() -> None:
    finding = one(scale(None), keypoints=(9.0, relation()), copy=1.0, palette=palette(0.0))
    assert (finding.type, finding.score) == (FindingType.NOTHING, 0.0)


def test_every_type_is_reached_here() -> None:
    reached = {
        one(query=facts("a work")).type,
        one(phash=hashes(3)).type,
        one(phash=hashes(20)).type,
        one(keypoints=(6.0, relation(box=(0.1, 0.1, 0.5, 0.5)))).type,
        find(
            SUSPECT,
            [replace(compared(1, {"keypoints": (9.0, relation())}), disguise=Disguise((), True))],
            works("a work"),
            usual(),
        )[0].type,
        one(copy=0.9, layout=0.9).type,
        one(palette=palette(0.0)).type,
        one().type,
    }
    assert reached == set(FindingType)


def test_a_signal_unknown_to_the_cohort_does_not_lift_a_sum_beyond_it() -> None:
    """Someone's own network has no column in the shipped table; the artist's works know it, and it alone is high."""
    portfolio = table(200, ("clip",), clip=np.random.default_rng(1).normal(0.6, 0.02, 200))
    comparisons = (*compared(1, {"copy": 0.2, "layout": 0.2}).comparisons, ("clip", Comparison(0.95)))
    (finding,) = find(SUSPECT, [Compared(1, comparisons)], works("a work"), scale(table(1000), portfolio))
    assert finding.type is FindingType.NOTHING


# -- what the artist's own works share -------------------------------------------------------------------------------


def own_pairs(with_relation: int, pairs: int = 150) -> Unrelated:
    keypoints = np.zeros(pairs)
    keypoints[:with_relation] = 4.0
    return table(pairs, keypoints=keypoints)


SEAL: dict[str, Given] = {"keypoints": (3.0, relation(inliers=12, tentative=100, box=(0.8, 0.8, 0.95, 0.95)))}


@pytest.mark.parametrize(("pairs_with_it", "common"), [(0, False), (3, False), (4, True), (90, True)])
def test_a_relation_that_many_works_of_the_artist_share_is_called_common(pairs_with_it: int, common: bool) -> None:
    """A signature: more than one in fifty of the artist's own pairs has a relation as strong."""
    finding = judge(SEAL, scale(table(1000), own_pairs(pairs_with_it)))
    assert finding.type is (FindingType.NOTHING if common else FindingType.PART), "headline and basis agree"
    assert ("common_to_portfolio" in basis_of(finding)) is common
    assert dict(finding.signals)["keypoints"].portfolio == Rate(pairs_with_it, 150)


def test_what_is_common_names_no_work() -> None:
    read_against = scale(table(1000), own_pairs(50))
    each = [compared(i, {**SEAL, "copy": 0.1 * i}) for i in (1, 2, 3)]
    findings = find(SUSPECT, each, works("a", "b", "c"), read_against)
    assert [f.work.id for f in findings] == [3, 2, 1]
    assert {f.type for f in findings} == {FindingType.NOTHING}
    assert all(basis_of(f) == ("common_to_portfolio",) for f in findings)


# -- what sets a work apart from the others, and what is only ground --------------------------------------------------


def beside(each: Sequence[Compared], read_against: Scale, names: Sequence[str]) -> list[Finding]:
    return find(SUSPECT, each, works(*names), read_against, (), None, rivals(each, read_against))


def test_a_work_that_another_equals_is_not_named() -> None:
    high: dict[str, Given] = {"copy": 0.9, "layout": 0.9}
    alone = beside([compared(1, high), compared(2, {"copy": 0.1})], usual(), "ab")
    assert alone[0].type is FindingType.RE_RENDERED
    assert alone[0].lead is not None
    assert alone[0].lead > 2
    alike = beside([compared(1, high), compared(2, {**high, "copy": 0.89})], usual(), "ab")
    assert {f.type for f in alike} == {FindingType.NOTHING}
    assert {basis_of(f) for f in alike} == {("common_to_portfolio",)}


def test_hashes_that_match_name_a_work_whatever_lies_beside_it() -> None:
    both = [compared(n, {"phash": hashes(4), "copy": 0.9}) for n in (1, 2)]
    assert {f.type for f in beside(both, usual(), "ab")} == {FindingType.RE_ENCODED}


def part(score: float, content: float | None, box: tuple[float, float, float, float] = (0, 0, 1, 1)) -> Alignment:
    mask = np.zeros((96, 128), np.bool_)
    x0, y0, x1, y1 = (round(v * n) for v, n in zip(box, (128, 96, 128, 96), strict=True))
    mask[y0:y1, x0:x1] = True
    return Alignment(Tier.PATCHES, score, mask, np.eye(3), False, 0.0, 1.0, box, box, content=content)


@pytest.mark.parametrize(("content", "kind"), [(None, "re_rendered"), (9.0, "re_rendered"), (0.1, "nothing_found")])
def test_what_only_the_ground_shares_is_no_finding(content: float | None, kind: str) -> None:
    identities = {**IDENTITIES, "patches": SignalIdentity("patches", 1)}
    names = (*NAMES, "patches")
    scores = np.random.default_rng(1).uniform(0, 0.5, (1000, len(names))).astype(np.float32)
    known = Unrelated("made up", "a test", 60, tuple(identities[n].comparable for n in names), scores)
    read_against = Scale.of(identities, load(identities), known, None)
    each = replace(compared(1, {"copy": 0.9, "layout": 0.9}), parts=(part(9.0, content),))
    (finding,) = beside([each], read_against, "a")
    assert finding.type == kind
    assert ("only_ground" in basis_of(finding)) is (kind == "nothing_found")
    unchanged = replace(compared(1, {"phash": hashes(2)}), parts=each.parts)
    assert beside([unchanged], read_against, "a")[0].type is FindingType.RE_ENCODED, "the same all over"


def test_works_at_other_places_of_the_suspect_are_no_rivals() -> None:
    high: dict[str, Given] = {"copy": 0.9, "layout": 0.9}
    left, right = part(9.0, 9.0, (0, 0, 0.4, 1)), part(9.0, 9.0, (0.6, 0, 1, 1))
    apart = [replace(compared(n, high), parts=(p,)) for n, p in ((1, left), (2, right))]
    assert rivals(apart, usual()) == {}
    together = [replace(compared(n, high), parts=(left,)) for n in (1, 2)]
    assert {n: rival.lead for n, rival in rivals(together, usual()).items()} == {1: 0.0, 2: 0.0}
    assert rivals(together, usual(), {frozenset({1, 2})}) == {}, "versions of one picture"


def test_what_is_common_is_not_told_beside_a_finding_of_its_own() -> None:
    read_against = scale(table(1000), own_pairs(50))
    each = [compared(1, SEAL), compared(2, {"phash": hashes(2)}), compared(3, SEAL)]
    found = {f.work.id: f for f in find(SUSPECT, each, works("a", "b", "c"), read_against)}
    assert found[2].type is FindingType.RE_ENCODED
    assert found[1].type is found[3].type is FindingType.NOTHING


def test_a_copy_of_a_signed_work_is_no_less_a_copy() -> None:
    read_against = scale(table(1000), own_pairs(150))
    overpainted = relation(inliers=90)
    assert one(read_against, phash=hashes(20), keypoints=(3.5, overpainted)).type is FindingType.EDITED_COPY
    assert one(read_against, keypoints=(9.0, relation())).type is FindingType.EDITED_COPY


# -- edits, from transforms whose truth is known ---------------------------------------------------------------------

MIDDLE = (240.0, 180.0)
MIRROR = np.array([[-1.0, 0, 480], [0, 1, 0], [0, 0, 1]])
QUARTER = np.array([[0.0, -1, 360], [1, 0, 0], [0, 0, 1]])
HALF = np.diag([-1.0, -1, 1]) + np.array([[0, 0, 480], [0, 0, 360], [0, 0, 0]])
SIDE = 0.43**0.5

EDITS: Mapping[str, tuple[Floats, tuple[int, int], tuple[str, ...]]] = {
    "nothing": (np.eye(3), SIZE, ()),
    "hardly cropped": (placed(at=(-5, -5)), (470, 350), ()),
    "cropped to 43 %": (placed(at=(-60, -70)), (320, 232), ("cropped:43",)),
    "mirrored": (MIRROR, SIZE, ("mirrored",)),
    "turned 7 degrees clockwise": (placed(7, at=(60, 20)), (560, 460), ("rotated:-7", "embedded:67")),
    "a quarter turn clockwise": (QUARTER, (360, 480), ("rotated:-90",)),
    "a quarter turn back": (placed(-90, at=(0, 480)), (360, 480), ("rotated:90",)),
    "upside down": (HALF, SIZE, ("rotated:180",)),
    "flipped": (HALF @ MIRROR, SIZE, ("mirrored", "rotated:180")),
    "turned by a degree": (about(MIDDLE, placed(1.2)), SIZE, ()),
    "half the size": (placed(zoom=0.5), (240, 180), ("scaled:0.5",)),
    "twice the size": (placed(zoom=2), (960, 720), ("scaled:2",)),
    "within a page": (placed(at=(200, 150)), (960, 600), ("embedded:30",)),
    "stretched": (np.diag([1.3, 1, 1]), (624, 360), ("scaled:1.1", "stretched")),
    "mirrored, cropped and smaller": (
        placed(zoom=0.6, at=(-30, -20)) @ MIRROR,
        (200, 150),
        ("mirrored", "cropped:48", "scaled:0.6"),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_are_named_as_they_were_made(name: str) -> None:
    to_query, size, expected = EDITS[name]
    assert alike(named(relation(to_query, size), size), expected)


def alike(edits: Sequence[str], expected: Sequence[str]) -> bool:
    """The same edits in the same order; shares, which are counted on a grid, to two points, and what is laid over to a
    fifth of itself and a point: it has no sharp edge on the map."""

    def near(edit: str, other: str) -> bool:
        name, _, value = edit.partition(":")
        if name in ("cropped", "embedded", "overlaid") and other.startswith(f"{name}:"):
            true = int(other.partition(":")[2])
            return abs(int(value) - true) <= (1 + true / 5 if name == "overlaid" else 2)
        return edit == other

    return len(edits) == len(expected) and all(map(near, edits, expected))


@pytest.mark.parametrize("told", [180.0, 179.7, -179.7, -180.0])
def test_upside_down_is_one_edit_from_whichever_side_it_is_told(told: float) -> None:
    assert named(relation(HALF, rotation=told), SIZE) == ("rotated:180",)


def named(evidence: MatchEvidence, size: tuple[int, int]) -> tuple[str, ...]:
    return edits_of(one(query=facts("suspect", size), keypoints=(9.0, evidence)))


def test_a_stretch_is_told_from_the_sizes_of_the_files() -> None:
    wide = relation(np.diag([1.3, 1, 1]), (624, 360), kind="affine")
    assert "stretched" in named(wide, (624, 360))
    # the same fractions, but the file is as narrow as the work: nothing was stretched
    assert "stretched" not in named(wide, (480, 360))


def test_perspective_is_named() -> None:
    slant = np.array([[1.0, 0, 0], [0, 1, 0], [0.0004, 0, 1]])
    assert "perspective" in edits_of(one(keypoints=(9.0, relation(slant, kind="homography", box=(0, 0, 0.5, 0.5)))))


@pytest.mark.parametrize(("apart", "edits"), [(8.0, ()), (8.1, ("recoloured",))])
def test_recoloured_is_told_from_the_details_that_agree(apart: float, edits: tuple[str, ...]) -> None:
    """A palette is of the whole picture: a crop has another one without any recolouring."""
    assert edits_of(one(keypoints=(9.0, relation(recolouring=apart)), palette=palette(30))) == edits


def colours_of(light: float = 1.0, chroma: float = 1.0, turn: float = 0.0) -> NDArray[np.float64]:
    """(40, 6): varied colours of a work, behind those of a suspect in which they were changed."""
    own = np.random.default_rng(3).uniform([20, -30, -30], [80, 30, 30], (40, 3))
    hues = (own[:, 1] + 1j * own[:, 2]) * chroma * np.exp(1j * np.deg2rad(turn))
    return np.c_[50 + light * (own[:, 0] - 50), hues.real, hues.imag, own]


@pytest.mark.parametrize(
    ("changed", "edits"),
    [
        (colours_of(), ()),
        (colours_of(light=1.15), ()),
        (colours_of(light=1.25), ("contrast_raised",)),
        (colours_of(chroma=0), ("made_grey",)),
        (colours_of(chroma=0.5, light=1.5), ("recoloured", "contrast_raised")),
        (colours_of(turn=20), ()),
        (colours_of(turn=40), ("hues_turned",)),
        (colours_of(turn=-170), ("hues_turned",)),
        (colours_of() * [1, 0, 0, 1, 0, 0], ()),  # a drawing in ink has no colours that could be taken away
        (colours_of() * [1, 0, 0, 1, 0.01, 0.01], ()),
        (colours_of() * [1, 1, -1, 1, 1, 1], ("recoloured",)),  # no turn: every hue went another way
    ],
)
def test_what_was_done_to_the_colours_is_named(changed: NDArray[np.float64], edits: tuple[str, ...]) -> None:
    assert edits_of(one(keypoints=(9.0, relation(colours=changed)))) == edits


@pytest.mark.parametrize(
    ("size", "edit"),
    [((480, 360), ()), ((470, 352), ()), ((240, 180), ("scaled:0.5",)), ((1440, 1080), ("scaled:3",))],
)
def test_a_hash_tells_the_size_of_the_file(size: tuple[int, int], edit: tuple[str, ...]) -> None:
    assert edits_of(one(query=facts("suspect", size), phash=hashes(3))) == edit


def test_every_orientation_of_a_hash_has_its_edits() -> None:
    assert set(TURNS) == set(ORIENTATIONS)
    assert len(set(TURNS.values())) == 8


# -- order and ranks -------------------------------------------------------------------------------------------------


@given(st.permutations(range(1, 8)))
def test_the_order_does_not_depend_on_the_order_of_retrieval(places: Sequence[int]) -> None:
    scores: dict[int, dict[str, Given]] = {
        1: {"copy": 0.3},
        2: {"copy": 0.3},
        3: {"keypoints": (9.0, relation())},
        4: {"phash": hashes(8)},
        5: {},
        6: {"copy": 0.45, "layout": 0.2},
        7: {},
    }
    portfolio = works("a", "b", "c", "d", "e", "f", "g")
    findings = find(facts("g"), [compared(i, scores[i]) for i in places], portfolio, usual())
    assert [f.rank for f in findings] == [1, 2, 3, 4, 5, 6, 7]
    assert findings[0].work.id == 7, "equal bytes come first although no signal said anything"
    assert findings[0].score == 0
    rest = findings[1:]
    copies = [f.type in (FindingType.EDITED_COPY, FindingType.RE_ENCODED) for f in rest]
    assert copies == [True, True, False, False, False, False]
    for group in (rest[:2], rest[2:]):
        assert [f.score for f in group] == sorted((f.score for f in group), reverse=True)
    assert {f.work.id for f in findings} == set(places)
    first, second = sorted((1, 2), key=lambda i: portfolio[i].facts.sha256)
    order_of = [f.work.id for f in rest]
    assert order_of.index(first) + 1 == order_of.index(second), "a tie goes by the SHA-256"


def test_a_copy_comes_before_works_that_more_signals_speak_for() -> None:
    """A quarter turn: hashes know it, but `copy` and `layout` see another work with the same figure upright."""
    turned, alike = {"phash": hashes(4, "rotated_90")}, {"copy": 0.9, "layout": 0.9, "keypoints": 1.9}
    findings = find(SUSPECT, [compared(1, alike), compared(2, turned)], works("a", "b"), usual())
    assert findings[0].score < findings[1].score
    assert [(f.work.id, f.rank) for f in findings] == [(2, 1), (1, 2)]
    assert (findings[0].type, edits_of(findings[0])[:1]) == (FindingType.EDITED_COPY, ("rotated:-90",))


def test_no_comparison_is_no_finding() -> None:
    assert find(SUSPECT, [], works("a"), usual()) == []


def test_every_comparison_is_kept_with_both_rates() -> None:
    portfolio = table(150, seed=2)
    finding = one(scale(table(1000), portfolio), copy=0.4, palette=palette(20))
    results = dict(finding.signals)
    assert tuple(results) == NAMES
    cohort = scale(table(1000)).cohort
    assert cohort is not None
    assert results["copy"].cohort == cohort.rate(IDENTITIES["copy"], 0.4)
    assert results["copy"].portfolio == portfolio.rate(IDENTITIES["copy"], 0.4)
    assert results["layout"].comparison == Comparison(None, "blank")
    assert results["layout"].cohort is results["layout"].portfolio is None


# -- the shipped signals and table on painted pictures ---------------------------------------------------------------


@cache
def shipped() -> tuple[dict[str, Signal], Scale]:
    signals = {name: kind() for name, kind in load(SHIPPED).items()}
    identities = {name: signal.identity() for name, signal in signals.items()}
    cohort = Unrelated.load(reference_folder())
    return signals, Scale.of(identities, {n: type(s) for n, s in signals.items()}, cohort, None)


def saved(pixels: Pixels, **how: object) -> tuple[FileFacts, Pixels]:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, **how)  # type: ignore[arg-type]
    data = buffer.getvalue()
    decoded = np.asarray(Image.open(buffer).convert("RGB"))
    known = facts("", (decoded.shape[1], decoded.shape[0]))
    return replace(known, sha256=hashlib.sha256(data).hexdigest()), decoded


def judged(suspect: tuple[FileFacts, Pixels], reference: tuple[FileFacts, Pixels], only: Sequence[str]) -> Finding:
    signals, read_against = shipped()
    chosen = {name: signals[name] for name in only}
    query = {n: describe([Picture(*suspect)], s, query=True)[0] for n, s in chosen.items()}
    theirs = {n: describe([Picture(*reference)], s, query=False)[0] for n, s in chosen.items()}
    made = [compare.compared(1, chosen, query, theirs)]
    (finding,) = find(suspect[0], made, {1: Work(1, reference[0], (Path("/art/a.png"),))}, read_against)
    return finding


def framed(pixels: Pixels) -> Pixels:
    page = np.full((900, 700, 3), 250, np.uint8)
    page[:60] = 30
    page[200:560, 110:590] = pixels
    return page


def collage(pixels: Pixels) -> Pixels:
    canvas = painting(900).copy()
    canvas[200:330, 300:460] = pixels[100:230, 150:310]
    return canvas


def labelled(pixels: Pixels) -> Pixels:
    copy = pixels.copy()
    copy[20:120, 30:210] = painting(902)[100:200, 40:220]
    return copy


SUSPECTS: dict[
    str, tuple[Callable[[Pixels], Pixels], dict[str, object], FindingType, tuple[str, ...] | None]
] = {
    "the same file": (lambda p: p, {"format": "PNG"}, FindingType.EXACT_FILE, ()),
    "a crop": (lambda p: p[60:296, 80:395], {"format": "PNG"}, FindingType.EDITED_COPY, ("cropped:43",)),
    "a mirrored crop": (
        lambda p: p[60:296, 80:395][:, ::-1], {"format": "PNG"}, FindingType.EDITED_COPY, ("mirrored", "cropped:43"),
    ),
    "with a label": (labelled, {"format": "PNG"}, FindingType.EDITED_COPY, ("overlaid:10",)),
    "a mirrored crop with a label": (
        lambda p: labelled(p)[:236, :315][:, ::-1],
        {"format": "PNG"},
        FindingType.EDITED_COPY,
        ("mirrored", "cropped:43", "overlaid:24"),
    ),
    "a page": (framed, {"format": "PNG"}, FindingType.EDITED_COPY, ("embedded:27",)),
    "a collage": (collage, {"format": "PNG"}, FindingType.PART, None),
    "another painting": (lambda p: painting(901), {"format": "PNG"}, FindingType.NOTHING, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", SUSPECTS)
def test_painted_suspects_are_called_what_they_are(name: str) -> None:
    make, how, expected, edits = SUSPECTS[name]
    reference = saved(painting(31), format="PNG")
    finding = judged(saved(np.ascontiguousarray(make(painting(31))), **how), reference, SHIPPED)
    assert finding.type is expected
    if edits is not None:
        assert alike(edits_of(finding), edits)


@pytest.mark.parametrize("width", [480, 240])
def test_a_copy_saved_again_or_smaller_is_the_same_picture(width: int) -> None:
    edits = () if width == 480 else ("scaled:0.5",)
    for seed in range(31, 36):
        work = painting(seed)
        again = Image.fromarray(work).resize((width, width * 3 // 4))
        finding = judged(saved(np.asarray(again), format="JPEG", quality=80), saved(work, format="PNG"), SHIPPED)
        assert (finding.type, edits_of(finding)) == (FindingType.RE_ENCODED, edits)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_hash_and_keypoints_name_the_same_turn(turn: int, mirrored: bool) -> None:
    work = painting(32)
    suspect = np.ascontiguousarray(np.rot90(work[:, ::-1] if mirrored else work, turn))
    sides = saved(suspect, format="PNG"), saved(work, format="PNG")
    by_hash, by_points = judged(*sides, ("phash",)), judged(*sides, ("keypoints",))
    assert basis_of(by_hash) == (("same_bytes",) if not turn and not mirrored else ("hash",))
    assert edits_of(by_hash) == edits_of(by_points)
    assert ("mirrored" in edits_of(by_hash)) is mirrored
    # NumPy turned it counter-clockwise, so clockwise gives the work back; in the mirror it is the other way round
    back = {0: (), 1: ("rotated:90",), 2: ("rotated:180",), 3: ("rotated:-90",)}
    assert edits_of(by_hash)[int(mirrored) :] == back[4 - turn if mirrored and turn else turn]


def test_a_picture_of_nothing_is_judged_by_what_is_left() -> None:
    flat = saved(np.full((300, 400, 3), 200, np.uint8), format="PNG")
    finding = judged(flat, saved(painting(31), format="PNG"), SHIPPED)
    assert finding.type is FindingType.NOTHING
    assert {n for n, r in finding.signals if r.comparison.score is None} >= {"copy", "layout", "keypoints", "phash"}
    assert picture(flat[1]).pixels.std() == 0


# -- elements -------------------------------------------------------------------------------------------------------


def element(work_id: int, share: float, *, mirrored: bool = False) -> Element:
    """A part of the suspect that fills ``share`` of the frame in which the whole work would lie on it."""
    mask = np.zeros((100, 100), np.bool_)
    mask[: round(100 * share)] = True
    part = Alignment(Tier.PATCHES, 9.0, mask, np.eye(3), mirrored, 0.0, 1.0, (0, 0, 1, share), (0, 0, 1, share))
    return Element(works("a", "b")[work_id], part, (), share, Tier.PATCHES, Rate(0, 1000), None)


def with_elements(*elements: Element, **scores: Given) -> list[Finding]:
    both = [compared(1, scores), compared(2, {})]
    return sorted(find(SUSPECT, both, works("a", "b"), usual(), elements), key=lambda finding: finding.work.id)


def test_an_element_is_a_part_and_a_large_one_a_composition() -> None:
    assert [f.type for f in with_elements(element(1, 0.2))] == [FindingType.PART, FindingType.NOTHING]
    assert [f.type for f in with_elements(element(2, 0.29))] == [FindingType.NOTHING, FindingType.PART]
    first, _ = with_elements(element(1, 0.31, mirrored=True))
    assert (first.type, basis_of(first), edits_of(first)) == (FindingType.RE_RENDERED, ("element",), ("mirrored",))


def test_a_stronger_rule_comes_before_elements() -> None:
    first, _ = with_elements(element(1, 0.2), phash=hashes(20))
    assert (first.type, basis_of(first)) == (FindingType.EDITED_COPY, ("hash",))
