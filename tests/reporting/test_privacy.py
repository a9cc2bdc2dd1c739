"""A report says where files lie in what was named, and of the computer no more than is needed to compare again."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_document import FACTS, finding, run

from simcheck import reporting
from simcheck.records import Notice, Skipped, Work
from simcheck.records.run import CohortWork, LineUp, LineUpEntry, QueryResult, Run
from simcheck.reporting.document.document import to_document

pytestmark = pytest.mark.skipif(os.name != "posix", reason="written with the paths of one system")
HOME = Path("/home/Jo Doe")
ART, OTHER = HOME / "my art", HOME / "more" / "my art"


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(HOME))
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/private/tmp/of jo")


def queried(path: Path, *works: Path) -> QueryResult:
    found = [
        replace(finding(n), work=Work(n, replace(FACTS, sha256=f"{n:064x}"), (w,))) for n, w in enumerate(works, 1)
    ]
    return QueryResult(path, FACTS, tuple(found), len(found))


def made(*queries: QueryResult, roots: tuple[Path, ...] = (ART,), **more: Any) -> Run:
    plain = run(queries=queries)
    assert plain.index is not None
    index = replace(plain.index, path=HOME / ".local" / "share" / "simcheck" / "ink", roots=roots)
    return replace(plain, index=index, **more)


def paths(document: dict[str, Any]) -> list[str]:
    return [q["query"]["path"] for q in document["queries"]] + [
        f["reference"]["path"] for q in document["queries"] for f in q["findings"]
    ]


def test_a_file_is_named_by_where_it_lies_in_the_only_folder_named() -> None:
    document = to_document(made(queried(HOME / "in/a/x.png", ART / "sea/y.png"), named=(HOME / "in",)))
    assert paths(document) == ["a/x.png", "sea/y.png"]
    assert document["index"]["roots"] == ["my art"]
    assert document["index"]["path"] is None
    assert document["index"]["name"] == "梅"


def test_a_file_that_was_named_itself_is_its_name() -> None:
    document = to_document(made(queried(HOME / "in/x.png", ART / "y.png"), named=(HOME / "in/x.png",)))
    assert paths(document) == ["x.png", "y.png"]


def test_of_several_folders_each_goes_before_what_lies_in_it() -> None:
    roots = (ART, OTHER)
    document = to_document(
        made(queried(HOME / "in/x.png", ART / "y.png", OTHER / "y.png"), roots=roots, named=(HOME / "in",))
    )
    assert paths(document) == ["x.png", "my art/y.png", "my art (2)/y.png"]
    assert document["index"]["roots"] == ["my art", "my art (2)"]


def test_a_suspect_within_the_portfolio_is_named_by_what_was_named() -> None:
    document = to_document(made(queried(ART / "new/x.png", ART / "new/y.png"), named=(ART / "new",)))
    assert paths(document) == ["x.png", "new/y.png"]


def test_a_file_outside_of_everything_is_its_name() -> None:
    document = to_document(made(queried(Path("/elsewhere/x.png"), Path("/mnt/Jo Doe/y.png"))))
    assert paths(document) == ["x.png", "y.png"]


@pytest.mark.parametrize("root", [Path("/"), Path("/home"), HOME])
def test_who_names_the_whole_disk_does_not_name_the_home(root: Path) -> None:
    document = to_document(made(queried(ART / "x.png", ART / "y.png"), roots=(root,), named=(root,)))
    assert paths(document) == ["my art/x.png", "my art/y.png"]
    assert "Jo Doe" not in json.dumps(document)


def test_the_folder_of_the_same_beginning_is_another() -> None:
    document = to_document(made(queried(HOME / "my artworks/x.png", ART / "y.png"), named=(ART,)))
    assert paths(document) == ["x.png", "y.png"]


def test_messages_lose_the_folders_that_they_mention(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "work place").mkdir()
    monkeypatch.chdir(tmp_path / "work place")
    messages = [
        f"The weights {HOME}/models here/vit.pt are damaged.",
        f"{ART}/sea side/x.png is odd, and {ART} is, too.",
        f"The index {HOME}/.local/share/simcheck/ink was brought up to date.",
        "'/private/tmp/of jo/simcheck-1/pair' is gone",
        "/opt/secret/place/file.onnx does not exist",
        f"{tmp_path}/work place/net.onnx cannot be read",
        "see https://example.org/a/b and 1/2 and /",
    ]
    document = to_document(made(queried(HOME / "in/x.png"), notices=tuple(Notice("odd", m) for m in messages)))
    said = [notice["message"] for notice in document["notices"]]
    assert said == [
        "The weights ~/models here/vit.pt are damaged.",
        "sea side/x.png is odd, and my art is, too.",
        "The index ink was brought up to date.",
        "'simcheck-1/pair' is gone",
        "file.onnx does not exist",
        "net.onnx cannot be read",
        "see https://example.org/a/b and 1/2 and /",
    ]


def test_what_was_skipped_and_lined_up_is_named_alike() -> None:
    line_up = LineUp(
        (LineUpEntry(CohortWork("ab" * 32, "ink", "Li", "ink", f"{HOME}/others/Li/fox 1.png", ""), ()),), 1, 1, (), ()
    )
    query = replace(queried(HOME / "in/x.png", ART / "y.png"), line_up=line_up)
    skipped = Skipped(
        HOME / "in/torn.png", "damaged", f"{HOME}/in/torn.png: the file ends early, as {HOME}/in/b.png does"
    )
    document = to_document(made(query, skipped=(skipped,), named=(HOME / "in",)))
    assert document["skipped"] == [
        {"path": "torn.png", "code": "damaged", "reason": "the file ends early, as b.png does"}
    ]
    assert document["queries"][0]["line_up"]["entries"][0]["source"] == "fox 1.png"


COMMAND = (
    "simcheck", "compare", "/home/Jo Doe/in", "../up/x.png", "--index=/home/Jo Doe/idx", "--out", "/srv/reports/jo",
    "--model", "hf-hub:ORG/NAME", "--with", "plain.png", "--name", "ink",
)  # fmt: skip


def test_of_a_command_line_the_last_part_of_each_path_is_kept() -> None:
    document = to_document(made(queried(HOME / "in/x.png"), command=COMMAND))
    assert document["command"] == [
        "simcheck", "compare", "in", "x.png", "--index=idx", "--out", "jo", "--model", "hf-hub:ORG/NAME", "--with",
        "plain.png", "--name", "ink",
    ]  # fmt: skip


def test_the_system_is_named_by_its_family() -> None:
    for full in (False, True):
        told = to_document(made(queried(HOME / "in/x.png")), full_paths=full)["environment"]
        assert told["platform"] == platform.system()
        assert platform.release() not in json.dumps(told)


def test_nothing_else_in_the_report_names_the_home_either() -> None:
    """Whatever field a path gets into: no text of the document holds a folder of the person's."""
    everywhere = made(
        queried(HOME / "in/x.png", ART / "y.png"),
        named=(HOME / "in",),
        command=COMMAND,
        uncalibrated=f"{HOME}/mine.json was fitted with others.",
        notices=(Notice("odd", f"{HOME!s} {ART / 'y.png'!s} {HOME!r}"),),
    )
    lost = replace(everywhere.signals[0], missing=f"{HOME}/weights/net.pt is damaged.")
    document = to_document(replace(everywhere, signals=(lost, *everywhere.signals[1:])))
    reporting.validate(document)
    page = reporting.render_html(document, lambda path, sha256: None, "both")
    for text in (json.dumps(document, ensure_ascii=False), page):
        assert str(HOME) not in text
        assert "/private/tmp" not in text


def test_the_persons_own_copy_may_hold_whole_paths() -> None:
    document = to_document(made(queried(HOME / "in/x.png", ART / "y.png"), named=(HOME / "in",)), full_paths=True)
    reporting.validate(document)
    assert paths(document) == [str(HOME / "in/x.png"), str(ART / "y.png")]
    assert document["index"]["path"] == str(HOME / ".local/share/simcheck/ink")


def test_names_and_digests_are_left_as_they_are() -> None:
    odd = 'C:\\Users\\"x" of home.png'
    document = to_document(made(queried(HOME / "in" / odd, ART / odd), named=(HOME / "in",)))
    assert paths(document) == [odd, odd]
    assert document["queries"][0]["query"]["name"] == odd
