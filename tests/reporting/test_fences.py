"""A report.json may come from anybody: everything in it is bounded, and nothing in it is unpacked unchecked."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import os
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from report_samples import Document, Shelf, document, everything, paint, query

from simcheck import reporting
from simcheck.errors import PictureError, ReportError
from simcheck.provenance.marks.ink import SIDE, mark_picture, unpacked
from simcheck.reporting.document import schema as schema_module
from simcheck.reporting.document.files import MOST_NOTES, file_document
from simcheck.reporting.document.privacy import MOST_ARGUMENTS, command_shown

resource = pytest.importorskip("resource", reason="memory is measured with the resource module")


def write(folder: Path, content: Any) -> Path:
    path = folder / "report.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


# -- the schema -------------------------------------------------------------------------------------------------------


def places(value: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        if "type" in value and not isinstance(value["type"], dict):
            yield path, value
        for key, each in value.items():
            yield from places(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from places(each, f"{path}[{number}]")


def test_every_text_list_and_number_of_the_schema_is_bounded() -> None:
    unbounded = []
    for path, each in places(reporting.schema()):
        kinds = each["type"] if isinstance(each["type"], list) else [each["type"]]
        if "enum" in each or "const" in each:
            continue
        if "string" in kinds and "maxLength" not in each:
            unbounded.append(path)
        if "array" in kinds and "maxItems" not in each:
            unbounded.append(path)
        if {"number", "integer"} & set(kinds) and not (
            "maximum" in each and ("minimum" in each or "exclusiveMinimum" in each)
        ):
            unbounded.append(path)
        if "object" in kinds and each.get("additionalProperties") is not False and "maxProperties" not in each:
            unbounded.append(path)
    assert unbounded == []


# -- the file ---------------------------------------------------------------------------------------------------------


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "content",
    [
        "[" * 200_000,
        '{"schema": "simcheck.report/2", "a": ' * 60_000,
        json.dumps({"schema": "simcheck.report/2", "signals": nested(500)}),
        '{"schema": "simcheck.report/2", "queries": ' + "9" * 5000 + "}",
        '{"schema": "simcheck.report/2", "queries": 1e999}',
        '{"schema": "simcheck.report/99999999999999999999"}',
        "null",
        '"simcheck.report/2"',
        "",
    ],
    ids=["brackets", "objects", "deep", "digits", "infinite", "version", "null", "text", "empty"],
)
def test_hostile_json_is_a_report_error(content: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError):
        reporting.load(write(tmp_path, content))


def test_deep_values_are_refused_where_the_schema_allows_any(tmp_path: Path) -> None:
    made = document()
    made["signals"][0]["params"] = {"a": nested(60)}
    with pytest.raises(ReportError, match="nested too deeply"):
        reporting.load(write(tmp_path, made))
    made["signals"][0]["params"] = {"a": nested(900)}
    with pytest.raises(ReportError):
        reporting.render_html(made, Shelf())


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with path.open("wb") as file:
        file.truncate(schema_module.MOST_BYTES * 1000)  # a hole: it takes no room on the disk
    with pytest.raises(ReportError, match="larger than"):
        reporting.load(path)


def test_a_file_of_brackets_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_module, "MOST_VALUES", 1000)
    with pytest.raises(ReportError, match="more values"):
        reporting.load(write(tmp_path, '{"schema": "simcheck.report/2", "a": [' + "[]," * 1000 + "1]}"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")
    with pytest.raises(ReportError, match="not an ordinary file"):
        reporting.load(tmp_path / "report.json")


def test_a_document_of_nothing_but_faults_is_refused_at_once(tmp_path: Path) -> None:
    """A validator that collects every fault would hold some kilobytes for each of a hundred thousand."""
    made, _ = everything()
    found = made["queries"][0]["findings"][0]["signals"]["keypoints"]["evidence"]
    found["points"] = ["x"] * 300_000
    made["queries"][0]["line_up"]["highest"] = {str(number): "x" for number in range(100_000)}
    path = write(tmp_path, made)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ReportError, match="not a valid simcheck report") as caught:
        reporting.load(path)
    assert len(str(caught.value)) < 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000, "kilobytes"


def test_reports_of_version_1_still_have_a_page() -> None:
    made, shelf = everything()
    made["schema"] = "simcheck.report/1"
    assert made["index"]["path"]
    assert made["index"]["path"] in reporting.render_html(made, shelf)


# -- whatever keeps to the schema has a page --------------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in items:
            yield from leaves(each, (*path, key))
    else:
        yield path


NUMBERS = [0, 1, -1, 0.5, 1e-300, -300, 300, 359.99, 1e9, -1e15, 1e15, 2**53]
TEXTS = ["", "\u202e", "x" * 900, "{x}", "{0}", "a:b:c", "%s", "\0", "\ud800"]


def test_whatever_keeps_to_the_schema_has_a_page() -> None:
    """Any value replaced by any other: it is refused, or has a page; there is no other exception."""
    made, shelf = everything()
    made["queries"] = made["queries"][:2]
    spots, chance = list(leaves(made)), random.Random(7)
    drawn = 0
    for _ in range(36):
        broken = copy.deepcopy(made)
        *path, last = chance.choice(spots)
        at: Any = broken
        for key in path:
            at = at[key]
        at[last] = chance.choice(TEXTS if isinstance(at[last], str) else NUMBERS)
        try:
            reporting.validate(broken)
        except ReportError:
            continue
        drawn += 1
        reporting.render_html(broken, shelf if drawn % 8 == 0 else lambda path, sha256: None)
    assert drawn >= 5


# -- marks ------------------------------------------------------------------------------------------------------------


def png_of(width: int, height: int) -> bytes:
    """A whole PNG of one colour that unpacks to any size from a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * (4 * width + 1)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_mark(png: bytes, sha256: str | None = None) -> tuple[Document, Shelf]:
    shelf = Shelf()
    made = document(query(shelf.add("suspect.png", paint(1, (200, 150)))))
    digest = sha256 or hashlib.sha256(png).hexdigest()
    made["marks"] = [
        {"name": "seal", "sha256": digest, "origin": "given", "png": base64.b64encode(png).decode("ascii")}
    ]
    made["queries"][0]["marks"] = [
        {"mark": digest, "state": "removed", "how": "cropped", "place": None, "reference": None,
         "reference_place": None}
    ]  # fmt: skip
    return made, shelf


def signature(colour: tuple[int, int, int, int] = (20, 20, 20, 255)) -> bytes:
    pixels = np.zeros((90, 260, 4), np.uint8)
    pixels[20:70, 20:240:14] = colour
    return mark_picture(Image.fromarray(pixels)).png


def test_a_mark_is_unpacked_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    original = Image.open

    def watched(*arguments: Any, **options: Any) -> Any:
        opened.append(options.get("formats"))
        return original(*arguments, **options)

    monkeypatch.setattr(Image, "open", watched)
    made, shelf = with_mark(signature())
    assert 'class="exhibit mark"' in reporting.render_html(made, shelf)
    assert ("PNG",) not in opened


@pytest.mark.parametrize("size", [(SIDE + 1, 10), (10, SIDE + 1), (3000, 3000), (2**31 - 1, 2**31 - 1)])
def test_a_mark_larger_than_any_is_refused_by_its_header(size: tuple[int, int]) -> None:
    png = (
        png_of(*size)
        if max(size) <= 3000
        else png_of(4, 4).replace(struct.pack(">II", 4, 4), struct.pack(">II", *size))
    )
    assert len(png) < 400_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PictureError, match="at most 512"):
        unpacked(png)
    made, shelf = with_mark(png)
    with pytest.raises(ReportError, match="mark in this report cannot be read"):
        reporting.render_html(made, shelf)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000, "kilobytes"


def test_the_digest_of_a_mark_is_compared_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simcheck.images.Reader.ask", lambda *_: pytest.fail("it was unpacked first"))
    made, shelf = with_mark(signature(), sha256="0" * 64)
    with pytest.raises(ReportError, match="SHA-256"):
        reporting.render_html(made, shelf)


@pytest.mark.parametrize("data", [b"GIF89a" + b"\0" * 50, b"", signature()[:200], b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_mark_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        unpacked(data)
    made, shelf = with_mark(data or b"\0")
    with pytest.raises(ReportError):
        reporting.render_html(made, shelf)


def test_a_mark_too_long_to_be_one_is_refused_by_the_schema() -> None:
    made, _ = with_mark(signature())
    made["marks"][0]["png"] = "A" * 2_000_000
    with pytest.raises(ReportError, match="too long"):
        reporting.validate(made)


@pytest.mark.parametrize(("ink", "ground"), [((20, 20, 20, 255), 255), ((250, 250, 250, 255), 60)])
def test_light_ink_is_shown_on_a_dark_ground(ink: tuple[int, int, int, int], ground: int) -> None:
    from simcheck.images import Reader
    from simcheck.reporting.page.marks import _picture

    with Reader(workers=1) as reader:
        shown = _picture(with_mark(signature(ink))[0]["marks"][0], reader)
    assert shown.dtype == np.uint8
    assert shown[0, 0].tolist() == [ground] * 3
    assert shown[40, 20].tolist() == list(ink[:3])


# -- what the document itself holds -----------------------------------------------------------------------------------


def test_notes_are_capped(facts: Callable[..., Any]) -> None:
    told = file_document(
        Path("/art/x.tif"), facts(tuple(f"decoder_warned:tag {n} " + "y" * 5000 for n in range(60_000)))
    )
    assert len(told["notes"]) == MOST_NOTES + 1
    assert told["notes"][-1] == f"notes_left_out:{60_000 - MOST_NOTES}"
    assert len(json.dumps(told)) < 10_000
    few = file_document(Path("/art/x.tif"), facts(("oriented:6",)))
    assert few["notes"] == ["oriented:6"]


@pytest.fixture
def facts() -> Callable[..., Any]:
    from simcheck.records import FileFacts

    return lambda notes: FileFacts("ab" * 32, 1, "TIFF", "RGB", 1, 1, 1, "Pillow", notes)


def test_what_was_left_out_is_said_on_the_page() -> None:
    shelf = Shelf()
    made = document(query(shelf.add("x.tif", paint(1, (60, 40)), notes=["oriented:6", "notes_left_out:59960"])))
    assert "59960 further notes were left out" in reporting.render_html(made, shelf, "en")
    assert "另有 59960 条说明从略" in reporting.render_html(made, shelf, "zh")


def test_a_long_command_line_is_cut() -> None:
    told = command_shown(["simcheck", "compare", *map(str, range(10_000))])
    assert len(told) == MOST_ARGUMENTS + 1
    assert told[-1] == "… (9502 more)"


def test_json_holds_nothing_that_steers_and_reads_back_the_same() -> None:
    from simcheck.reporting.words.plain import json_text

    names = [
        "\x7f\x9b31m",
        "\u202eexe.png",
        "\u2066\u2069\u200b\ufeff",
        "\U000e0041",
        "\udce9",
        "山水🌄é",
        "a\u2028b",
        "\x1b[31m\n",
    ]
    text = json_text({"names": names})
    assert json.loads(text) == {"names": names}
    assert "山水🌄é" in text
    assert not [c for c in text if c != "\n" and not c.isprintable()]


def test_all_invisible_characters_are_escaped() -> None:
    import unicodedata

    from simcheck.reporting.words.plain import json_text

    steering = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    every = [chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) in steering]
    left = [f"{ord(c):X}" for c in every if c != "\n" and c in json_text([c])]
    assert left == []
