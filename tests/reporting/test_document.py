"""Records -> report document: everything is in it, it keeps to the schema, and no file name breaks it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paintings import mapped

from simcheck import __version__
from simcheck import reporting as report
from simcheck.errors import ReportError
from simcheck.records import (
    Basis,
    Box,
    Claim,
    Comparison,
    Edit,
    EditKind,
    Evidence,
    FileFacts,
    Finding,
    FindingType,
    HashEvidence,
    MatchEvidence,
    Notice,
    PaletteEvidence,
    Rate,
    RegionEvidence,
    Rule,
    SignalIdentity,
    SignalResult,
    Skipped,
    Work,
)
from simcheck.records.run import CohortFacts, IndexFacts, QueryResult, Run, SignalUse
from simcheck.reporting.document.codes import basis_code, basis_of, edit_code, edit_of
from simcheck.reporting.document.document import MOST_POINTS, to_document

FACTS = FileFacts("ab" * 32, 4321, "JPEG", "CMYK", 1600, 1200, 1, "Pillow 12.0", ("oriented:6", "alpha_flattened"))
TRANSFORM = np.array([[-0.61234567891, 0.01, 0.98], [0.002, 0.55, 0.123456789], [1e-5, -2e-7, 1.0]])
CLAIMS = {
    "copy": Claim.COPY,
    "keypoints": Claim.COPY,
    "phash": Claim.COPY,
    "palette": Claim.STYLE,
    "marks": Claim.PROVENANCE,
}
IDENTITY = SignalIdentity("", 2, "9f" * 32, '{"side":96}', '{"mean":[0.5]}', '{"torch":"2.8"}')


def matches(count: int = 40) -> MatchEvidence:
    query = np.random.default_rng(1).uniform(0.1, 0.9, (count, 2))
    return MatchEvidence(
        points=np.hstack([query, np.clip(mapped(TRANSFORM, query), 0, 1)]),
        transform=TRANSFORM,
        kind="homography",
        mirrored=True,
        rotation_degrees=-6.98765,
        scale=0.612345,
        tentative=3 * count,
        query_box=(0.1, 0.2, 0.8, 0.9),
        reference_box=(0.0, 0.05, 1.0, 0.95),
        colours=np.tile([50.0, 0, 0, 50 - 3.14159, 0, 0], (count, 1)),
    )


EVIDENCE: dict[str, Evidence] = {
    "copy": RegionEvidence((0.0, 0.0, 0.5, 0.5), (0.25, 0.25, 0.75, 0.75), True),
    "keypoints": matches(),
    "phash": HashEvidence(17, "rotated_270", 100, 61),
    "palette": PaletteEvidence((("#ff0000", 0.75), ("#00ff00", 0.25)), (("#123456", 1.0),), 43.2109876),
}


BASIS = (Basis(Rule.RELATION), Basis(Rule.HASH))
EDITS = (Edit(EditKind.MIRRORED), Edit(EditKind.CROPPED, 43))


def finding(rank: int = 1, kind: FindingType = FindingType.EDITED_COPY, **evidence: Evidence | None) -> Finding:
    results = [
        (name, SignalResult(Comparison(0.123456789, evidence=each), Rate(3, 10240), Rate(1, 150)))
        for name, each in (evidence or EVIDENCE).items()
    ]
    results.append(("marks", SignalResult(Comparison(None, "blank"))))
    work = Work(7, replace(FACTS, sha256="cd" * 32), (Path("/art/梅.png"), Path("/old/place.png")))
    return Finding(rank, work, 7.1234567, kind, BASIS, EDITS, tuple(results))


def run(*findings: Finding, **more: Any) -> Run:
    made = Run(
        id="5f0c2f5e-8a4e-4e53-9d2e-0d6a4b7f1c33",
        created="2026-03-09T14:05:31+00:00",
        command=("simcheck", "compare", "suspect.jpg"),
        device="cpu",
        index=IndexFacts(
            Path("/data/ink"),
            "7d1f",
            "梅",
            14,
            "2026-03-01T08:00:00+00:00",
            "2026-03-08T21:12:09+00:00",
            (Path("/art"),),
        ),
        signals=(
            *[SignalUse(replace(IDENTITY, name=name), claim, None, 14) for name, claim in CLAIMS.items()],
            SignalUse(SignalIdentity("clip", 1), Claim.COPY, "Its weights are not on this computer."),
        ),
        cohort=CohortFacts("cohort 1", 640, 10240, "openly licensed works", 1240, 161, ("墨",)),
        queries=(QueryResult(Path("/in/suspect.jpg"), FACTS, findings or (finding(),), 14),),
        skipped=(Skipped(Path("/in/torn.png"), "damaged", "The file ends early."),),
        notices=(Notice("signal_missing", "This comparison ran without the signal clip."),),
        named=(Path("/in"),),
    )
    return replace(made, **more)


def valid(made: Run, *, full_paths: bool = False) -> dict[str, Any]:
    """The document, after it was written as UTF-8, read again and held against the schema."""
    document = to_document(made, full_paths=full_paths)
    report.validate(document)
    text = json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")
    assert json.loads(text) == document
    return document


def signal(made: Run, name: str) -> dict[str, Any]:
    result: dict[str, Any] = valid(made)["queries"][0]["findings"][0]["signals"][name]
    return result


def test_a_run_is_told_in_full() -> None:
    made = run()
    document = valid(made)
    assert (document["id"], document["created"]) == (made.id, made.created)
    assert document["tool"] == {"name": "simcheck", "version": __version__}
    assert document["command"] == ["simcheck", "compare", "suspect.jpg"]
    assert document["environment"]["device"] == "cpu"
    assert document["environment"]["libraries"]["numpy"] == np.__version__
    assert document["index"] == {
        "path": None,
        "id": "7d1f",
        "name": "梅",
        "works": 14,
        "undescribed": 0,
        "created": "2026-03-01T08:00:00+00:00",
        "updated": "2026-03-08T21:12:09+00:00",
        "roots": ["art"],
    }
    assert document["cohort"] == {
        "name": "cohort 1", "works": 640, "pairs": 10240, "source": "openly licensed works",
        "described": 1240, "hands": 161, "own": ["墨"],
    }  # fmt: skip
    assert document["skipped"] == [{"path": "torn.png", "code": "damaged", "reason": "The file ends early."}]
    assert document["notices"][0]["code"] == "signal_missing"
    assert document["calibration"]["state"] == "uncalibrated"
    (query,) = document["queries"]
    assert query["compared"] == 14
    assert query["query"] == {
        "path": "suspect.jpg",
        "name": "suspect.jpg",
        "sha256": "ab" * 32,
        "bytes": 4321,
        "width": 1600,
        "height": 1200,
        "format": "JPEG",
        "mode": "CMYK",
        "frames": 1,
        "notes": ["oriented:6", "alpha_flattened"],
        "decoder": "Pillow 12.0",
    }


def test_signals_are_told_with_their_identity_and_why_one_is_missing() -> None:
    told = {each["name"]: each for each in valid(run())["signals"]}
    assert set(told) == {*CLAIMS, "clip"}
    assert told["palette"]["claim"] == "style"
    assert told["copy"] == {
        "name": "copy",
        "version": 2,
        "claim": "copy",
        "state": "used",
        "reason": None,
        "weights": "9f" * 32,
        "params": {"side": 96},
        "preprocessing": {"mean": [0.5]},
        "libraries": {"torch": "2.8"},
        "works_described": 14,
        "optional": False,
    }
    assert told["clip"]["state"] == "missing"
    assert told["clip"]["reason"] == "Its weights are not on this computer."


def test_a_finding_is_told_with_its_work_where_it_was_last_seen() -> None:
    (told,) = valid(run())["queries"][0]["findings"]
    assert told["reference"]["path"] == "梅.png"
    assert told["reference"]["sha256"] == "cd" * 32
    assert told["rank"] == 1
    assert told["score"] == 7.123457
    assert told["llr"] is None
    assert told["type"] == "edited_copy"
    assert (told["basis"], told["edits"]) == (["relation", "hash"], ["mirrored", "cropped:43"])
    assert list(told["signals"]) == [*EVIDENCE, "marks"]


@pytest.mark.parametrize("kind", EditKind)
@pytest.mark.parametrize("value", [None, 43, -90, 0.5, 1200, 1e-5])
def test_an_edit_and_its_code_are_one(kind: EditKind, value: float | None) -> None:
    assert edit_of(edit_code(Edit(kind, value))) == Edit(kind, value)


def test_codes_of_edits_are_those_of_earlier_reports() -> None:
    edits = (Edit(EditKind.MIRRORED), Edit(EditKind.ROTATED, -90), Edit(EditKind.SCALED, 0.5), Edit(EditKind.SCALED, 2))
    assert [*map(edit_code, edits)] == ["mirrored", "rotated:-90", "scaled:0.5", "scaled:2"]


@pytest.mark.parametrize("code", ["never_heard", "cropped:much", "cropped:nan", "cropped:inf", "", ":3"])
def test_an_edit_of_another_version_is_none_of_ours(code: str) -> None:
    assert edit_of(code) is None


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule is not Rule.SIGNAL])
def test_a_rule_and_its_code_are_one(rule: Rule) -> None:
    assert basis_of(basis_code(Basis(rule)), ("copy",)) == Basis(rule)


def test_a_signal_that_stands_out_is_named() -> None:
    assert basis_of(basis_code(Basis(Rule.SIGNAL, "copy")), ("copy", "clip")) == Basis(Rule.SIGNAL, "copy")
    assert basis_of("copy", ("clip",)) is None, "a signal that took no part"
    assert basis_of("signal", ("signal",)) == Basis(Rule.SIGNAL, "signal"), "some signal may be called so"


@pytest.mark.parametrize("kind", FindingType)
def test_every_type_of_finding_is_allowed(kind: FindingType) -> None:
    assert valid(run(finding(kind=kind)))["queries"][0]["findings"][0]["type"] == kind.value


def test_findings_keep_their_order() -> None:
    document = valid(run(*[finding(rank) for rank in (1, 2, 3)]))
    assert [f["rank"] for f in document["queries"][0]["findings"]] == [1, 2, 3]


def test_scores_and_rates() -> None:
    told = signal(run(), "copy")
    assert told["score"] == 0.123457
    assert told["cohort"] == {"reached": 3, "pairs": 10240}
    assert told["portfolio"] == {"reached": 1, "pairs": 150}
    abstained = signal(run(), "marks")
    assert (abstained["score"], abstained["reason"], abstained["evidence"]) == (None, "blank", None)
    assert abstained["cohort"] is abstained["portfolio"] is None
    assert abstained["claim"] == "provenance"


def test_match_evidence() -> None:
    told = signal(run(), "keypoints")["evidence"]
    evidence = matches()
    assert told["kind"] == "matches"
    assert np.abs(np.array(told["points"]) - evidence.points).max() <= 0.5e-5 + 1e-12
    assert np.abs(np.array(told["transform"]) - TRANSFORM).max() <= 0.5e-9 + 1e-15
    assert (told["model"], told["mirrored"]) == ("homography", True)
    assert (told["rotation_degrees"], told["scale"]) == (-6.99, 0.6123)
    assert (told["inliers"], told["tentative"]) == (40, 120)
    assert told["query_box"] == [0.1, 0.2, 0.8, 0.9]
    assert told["reference_box"] == [0.0, 0.05, 1.0, 0.95]


@pytest.mark.parametrize("count", [4, MOST_POINTS - 1, MOST_POINTS, MOST_POINTS + 1, 1000, 1001])
def test_of_many_inliers_some_are_listed_and_all_are_counted(count: int) -> None:
    told = signal(run(finding(keypoints=matches(count))), "keypoints")["evidence"]
    assert told["inliers"] == count
    assert min(count, MOST_POINTS // 2) <= len(told["points"]) <= MOST_POINTS
    assert len(told["points"]) == count or count > MOST_POINTS
    listed = {tuple(row) for row in told["points"]}
    assert listed <= {tuple(round(v, 5) for v in row) for row in matches(count).points.tolist()}


def test_region_hash_and_palette_evidence() -> None:
    made = run()
    assert signal(made, "copy")["evidence"] == {
        "kind": "regions",
        "query_box": [0.0, 0.0, 0.5, 0.5],
        "reference_box": [0.25, 0.25, 0.75, 0.75],
        "mirrored": True,
        "largest_difference": None,
    }
    apart = RegionEvidence((0, 0, 1, 1), (0, 0, 1, 1), largest_difference=4.5678)
    assert signal(run(finding(copy=apart)), "copy")["evidence"]["largest_difference"] == 4.57
    assert signal(made, "phash")["evidence"] == {
        "kind": "hash",
        "distance": 17,
        "orientation": "rotated_270",
        "query_quality": 100,
        "reference_quality": 61,
    }
    assert signal(made, "palette")["evidence"] == {
        "kind": "palette",
        "query": [["#ff0000", 0.75], ["#00ff00", 0.25]],
        "reference": [["#123456", 1.0]],
        "distance": 43.211,
    }


def test_the_regions_to_draw_are_those_of_matches_and_of_regions() -> None:
    (told,) = valid(run())["queries"][0]["findings"]
    assert [(r["signal"], r["mirrored"]) for r in told["regions"]] == [("copy", True), ("keypoints", True)]
    assert told["regions"][1]["query_box"] == [0.1, 0.2, 0.8, 0.9]


BARELY = st.floats(-1e-7, 1e-7)


@given(st.tuples(BARELY, BARELY, BARELY, BARELY))
def test_a_box_that_is_out_by_a_rounding_error_is_a_box(noise: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = noise
    box: Box = (x0, y0, 1 + x1, 1 + y1)
    evidence = replace(matches(8), query_box=box, points=np.array([[x0, 1 + x1, 1 + y1, y0]] * 8))
    told = signal(run(finding(copy=RegionEvidence(box, box), keypoints=evidence)), "copy")["evidence"]
    assert told["query_box"] == [0, 0, 1, 1]


def test_a_box_that_reaches_beyond_the_picture_is_cut_to_it() -> None:
    wide = RegionEvidence((-0.2, 0.1, 1.3, 0.9), (0.5, 0.5, 1.1, 1.1))
    told = signal(run(finding(copy=wide)), "copy")["evidence"]
    assert told["query_box"] == [0.0, 0.1, 1.0, 0.9]
    assert told["reference_box"] == [0.5, 0.5, 1.0, 1.0]


def test_without_an_index_or_a_cohort_it_is_a_report_all_the_same() -> None:
    document = valid(run(index=None, cohort=None))
    assert document["index"] is document["cohort"] is None


def test_a_suspect_without_findings_and_a_run_without_suspects() -> None:
    empty = QueryResult(Path("/in/suspect.jpg"), FACTS, (), 0)
    assert valid(run(queries=(empty,)))["queries"][0]["findings"] == []
    assert valid(run(queries=()))["queries"] == []


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(score: float) -> None:
    broken = replace(finding(), score=score)
    with pytest.raises(ReportError):
        report.validate(to_document(run(broken)))


def test_the_written_document_can_be_loaded_again(tmp_path: Path) -> None:
    document = valid(run())
    (tmp_path / "report.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    assert report.load(tmp_path / "report.json") == document


# -- names that are no text ------------------------------------------------------------------------------------------

NAMES = st.binary(min_size=1, max_size=12).map(
    lambda data: os.fsdecode(data.replace(b"/", b"_").replace(b"\0", b"_"))
) | st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=12)


@pytest.mark.skipif(os.name != "posix", reason="names of other systems are always text")
@given(NAMES)
def test_no_name_of_a_file_breaks_the_document(name: str) -> None:
    path = Path("/in") / name
    odd = replace(finding(), work=Work(1, FACTS, (path,)))
    made = run(
        command=("simcheck", "compare", str(path)),
        queries=(QueryResult(path, FACTS, (odd,), 1),),
        skipped=(Skipped(path, "damaged", f"{path} ends early."),),
        notices=(Notice("odd", f"{path} is odd."),),
    )
    assert made.index is not None
    document = valid(replace(made, index=replace(made.index, path=path, roots=(path,))), full_paths=True)
    shown = str(path).encode("utf-8", "backslashreplace").decode()
    assert document["queries"][0]["query"]["path"] == shown
    assert document["queries"][0]["findings"][0]["reference"]["path"] == shown
    assert document["skipped"][0]["path"] == document["index"]["path"] == document["index"]["roots"][0] == shown
    assert document["command"][2] == shown


def test_a_byte_that_is_no_character_is_shown_as_an_escape() -> None:
    path = Path("/in/caf\udce9.jpg")  # Latin-1 on a disk that expects UTF-8
    made = run(queries=(QueryResult(path, FACTS, (), 1),))
    assert valid(made)["queries"][0]["query"]["name"] == "caf\\udce9.jpg"


@pytest.mark.parametrize("field", ["name", "missing"])
def test_names_within_other_words_do_not_break_it_either(field: str) -> None:
    """A portfolio is called after its folder; the reason why a signal is missing names the file of its weights."""
    made = run()
    assert made.index is not None
    if field == "name":
        made = replace(made, index=replace(made.index, name="m\udcfcller"))
    else:
        lost = replace(made.signals[0], missing="/weights/m\udcfcller.pt is damaged.")
        made = replace(made, signals=(lost, *made.signals[1:]))
    valid(made)
