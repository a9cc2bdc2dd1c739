"""The report: a valid document gives a safe, complete page in both languages; anything else is refused."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import HOSTILE, Shelf, document, everything, many, paint, query

from simcheck import reporting as report
from simcheck.errors import ReportError
from simcheck.records import FindingType
from simcheck.records.marks import MarkState
from simcheck.reporting.page.pictures import Embedded
from simcheck.reporting.words.phrases import Phrases
from simcheck.reporting.words.words import LANGUAGES, Words, catalogue, visible
from simcheck.scoring.elements import ONE_IN_IF_ALONE, STANDS_OUT

Document = dict[str, Any]
EN, ZH = catalogue("en"), catalogue("zh")


class Reader(HTMLParser):
    """Elements and text of a page, apart from its style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: list[str] = []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag in ("style", "script"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text += data

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def sample() -> tuple[Document, Shelf]:
    made: tuple[Document, Shelf] = everything()
    return made


@pytest.fixture(scope="module", params=["en", "zh", "both"])
def page(request: pytest.FixtureRequest, sample: tuple[Document, Shelf]) -> Reader:
    return Reader(report.render_html(*sample, request.param))


@pytest.fixture(scope="module")
def english(sample: tuple[Document, Shelf]) -> Reader:
    return Reader(report.render_html(*sample, "en"))


# --- words


def texts(entry: str | dict[str, str]) -> Iterator[str]:
    yield from [entry] if isinstance(entry, str) else entry.values()


def placeholders(entry: str | dict[str, str]) -> set[str]:
    return {name for text in texts(entry) for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_about_parts_say_the_limits_that_hold(language: str) -> None:
    """In every form: a plural that is left behind says more than the rule does."""
    words = catalogue(language)
    forms = [*texts(words["basis.element"]), *texts(words["elements.explained"])]
    assert [re.findall(r"\d,\d{3}", form) for form in forms] == [[f"{ONE_IN_IF_ALONE:,}"]] * len(forms)
    percent = re.search(r"(\d+) ?%", "".join(texts(words["elements.stands_out"])))
    assert percent
    assert 0 <= int(percent[1]) - 100 / STANDS_OUT < 2


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    assert set(EN) == set(ZH)
    assert {k for k in EN if placeholders(EN[k]) != placeholders(ZH[k])} == set()
    assert {k for k in EN for t in (*texts(EN[k]), *texts(ZH[k])) if not t and k != "sentence.separator"} == set()


def test_chinese_is_chinese() -> None:
    plain = {k: re.sub(r"\{\w+\}", "", "".join(texts(v))) for k, v in ZH.items()}
    latin = {k for k, text in plain.items() if not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)}
    same = {"value", "sentence.separator", "ui.both", "appendix.settings", "llr.thumb"}
    assert {k for k in latin - same if re.search(r"[A-Za-z]{3}", plain[k])} == set()
    assert {k for k, text in plain.items() if re.search(r"[\u4e00-\u9fff][,;:(]", text)} == set()


def test_every_type_has_words() -> None:
    for kind in FindingType:
        assert {f"type.{kind}.title", f"type.{kind}.short", f"type.{kind}.text", f"summary.{kind}"} <= set(EN)


MARKS = tuple(f"mark.{state}" for state in MarkState)


def test_every_state_of_a_mark_has_words() -> None:
    for family in ("mark.kept", "mark.garbled", "mark.removed.painted_over", "mark.removed.cropped"):
        assert {f"{family}.short", f"{family}.title", f"{family}.text"} <= set(EN)


def test_no_unused_words() -> None:
    """Every key is named in the code or belongs to a family that is looked up by code."""
    package = Path(report.__file__).parent
    code = "".join(p.read_text("utf-8") for p in [*package.rglob("*.py"), *package.rglob("*.html")])
    open_families = (
        "type",
        "summary",
        "edit",
        "basis",
        "note",
        "reason",
        "signal",
        "orientation",
        "llr",
        "model",
        *MARKS,
    )
    families = (
        "calibration",
        "reading",
        "signals.group",
        "method.cllr",
        "weight.bounds",
        "weight.test",
        "change",
        "pairs",
        "set.unheld",
        "figure.panel",
        "picture",
        "elements.tier",
        "elements.rate",
        *open_families,
    )
    unused = {k for k in EN if f'"{k}"' not in code and f"'{k}'" not in code and not k.startswith(families)}
    assert unused == set()


FORBIDDEN = re.compile(r"infring|stolen|steal|theft|plagiar|guilt|AI[- ]generated|侵权|盗|抄袭|剽窃|AI ?生成", re.I)


def test_the_report_never_accuses() -> None:
    assert [k for k in EN for t in (*texts(EN[k]), *texts(ZH[k])) if FORBIDDEN.search(t)] == []


def test_unknown_code_is_shown_raw_and_escaped() -> None:
    phrases = Phrases(Words(["en"]))
    assert phrases.coded("edit", "cropped:43").text == "shows 43 % of the work’s area"
    assert str(phrases.coded("edit", "<i>odd").__html__()) == '<code dir="ltr">&lt;i&gt;odd</code>'
    assert "cropped" in phrases.coded("edit", "cropped").text, "a code that lacks its value is shown as it stands"
    assert str(phrases.coded("edit", "rotated:<b>").__html__()) == "turned by &lt;b&gt;°"


@given(st.text())
def test_no_text_leaves_an_invisible_direction_mark(text: str) -> None:
    shown = visible(text)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\x1b")
    shown.encode()  # and nothing that UTF-8 cannot carry


# --- the document


def test_sample_is_valid_and_comes_back_unchanged(tmp_path: Path, sample: tuple[Document, Shelf]) -> None:
    made, shelf = sample
    paths = report.write(made, tmp_path / "new" / "folder", "both", shelf)
    assert report.load(paths.json) == made
    assert paths.html.read_text("utf-8") == report.render_html(report.load(paths.json), shelf, "both")
    assert sorted(p.name for p in paths.json.parent.iterdir()) == ["report.html", "report.json"]


def break_type(d: Document) -> None:
    d["queries"][0]["findings"][0]["type"] = "forgery"


def break_score(d: Document) -> None:
    d["queries"][0]["findings"][0]["signals"]["copy"]["reason"] = "both"


def break_box(d: Document) -> None:
    d["queries"][0]["findings"][0]["regions"][0]["query_box"] = [0, 0, 1, 1.5]


def break_colour(d: Document) -> None:
    evidence = d["queries"][0]["findings"][0]["signals"]["palette"]["evidence"]
    evidence["query"][0][0] = '#fff"><script>'


def break_number(d: Document) -> None:
    d["queries"][0]["findings"][0]["score"] = float("nan")


def break_time(d: Document) -> None:
    d["created"] = "2026-13-40T00:00:00Z"


def break_key(d: Document) -> None:
    d["verdict"] = "guilty"


def break_digest(d: Document) -> None:
    d["queries"][0]["query"]["sha256"] = "A" * 64


BREAKS = [break_type, break_score, break_box, break_colour, break_number, break_time, break_key, break_digest]


@pytest.mark.parametrize("fault", BREAKS)
def test_invalid_documents_are_refused_and_nothing_is_written(
    fault: Any, sample: tuple[Document, Shelf], tmp_path: Path
) -> None:
    broken = copy.deepcopy(sample[0])
    fault(broken)
    with pytest.raises(ReportError):
        report.write(broken, tmp_path, "en", sample[1])
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "report.json"
    path.write_text(json.dumps(broken), "utf-8")
    with pytest.raises(ReportError, match=re.escape(str(path))):
        report.load(path)


def test_a_later_report_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"schema": "simcheck.report/3"}', "utf-8")
    with pytest.raises(ReportError, match="Update simcheck"):
        report.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": 1}', b"[" * 100_000])
def test_damaged_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(ReportError):
        report.load(path)
    with pytest.raises(ReportError, match="cannot be read"):
        report.load(tmp_path / "absent.json")


def test_a_name_of_undecodable_bytes_survives(tmp_path: Path) -> None:
    shelf = Shelf()
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    made = document(query(shelf.add(name, paint(1, (60, 40)))))
    paths = report.write(made, tmp_path, "en", shelf)
    assert report.load(paths.json) == made
    assert "caf⟨U+DCE9⟩.png" in paths.html.read_text("utf-8")


def test_a_folder_that_cannot_be_made_is_a_report_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    shelf = Shelf()
    with pytest.raises(ReportError, match="cannot be written"):
        report.write(document(), tmp_path / "taken", "en", shelf)


# --- the page

ICON = {"rel": "icon", "href": "data:,"}


def test_nothing_is_fetched_and_nothing_foreign_runs(page: Reader) -> None:
    scripts = [attributes for tag, attributes in page.elements if tag == "script"]
    assert scripts == [{}]
    for tag, attributes in page.elements:
        assert tag not in ("iframe", "object", "embed", "base", "i", "link") or attributes == ICON
        assert tag != "b" or "data-value" in attributes, "any other <b> would come from a file name"
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "xlink:href", "srcset", "action"):
            assert re.match(r"#|data:|$", attributes.get(name) or ""), (tag, attributes)
    policy = next(a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a) or ""
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy


def test_the_policy_names_what_is_in_the_page(sample: tuple[Document, Shelf]) -> None:
    html = report.render_html(*sample, "both")
    for tag in ("style", "script"):
        inline = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert inline
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in html.replace("&#39;", "'")
    assert "REPORT_ID" not in html


def test_hostile_names_are_text(page: Reader) -> None:
    assert HOSTILE in page.text
    assert "重绘 <b>疑似</b>.png" in page.text
    assert "never_heard:<i>" in page.text
    assert "unheard_of:<b>3</b>" in page.text


def test_file_names_are_isolated(sample: tuple[Document, Shelf]) -> None:
    html = report.render_html(*sample, "en")
    arabic = "صورة القمر.webp"
    for at in re.finditer(arabic, html):
        before = html[: at.start()]
        in_attribute = before.rfind('aria-label="') > before.rfind(">")
        assert in_attribute or before.rfind("<bdi") > before.rfind("</bdi>")


def test_references_inside_the_page_exist_once(page: Reader) -> None:
    ids = page.ids()
    assert len(ids) == len(set(ids))
    used = {a["href"] or "" for t, a in page.elements if t in ("a", "use")}
    assert {f"#{name}" for name in ids} >= used
    symbols = {f"#{a['id']}" for t, a in page.elements if t == "symbol"}
    assert symbols == {a["href"] for t, a in page.elements if t == "use"}, "a picture that is carried is shown"


def test_each_picture_is_carried_once(sample: tuple[Document, Shelf]) -> None:
    data = re.findall(r'href="(data:image/jpeg[^"]+)"', report.render_html(*sample, "both"))
    assert len(data) == len(set(data))


def test_all_that_must_be_said_is_said(english: Reader) -> None:
    for said in (
        "H1: the suspect picture was derived from this work. H2: it was made independently",
        "uncalibrated: no likelihood ratio is given",
        "no calibration has been fitted for these signals yet.",
        "Style as such is not protected",
        "Absence proves nothing",
        "An edited copy of “harvest moon.png”",
        "Looks like a re-drawn version of “harvest moon.png”",
        "This is provisional",
        "Nothing was found in the 14 works",
        "It was compared with no work",
        "none of 12,400",
        "none of 91",
        "1 of 91 (1.1\u00a0%)".replace("\u00a0", " "),
        "mirrored left to right, turned by 4°, shows 43 % of the work’s area, recoloured",
        "than in any pair of unrelated works, by itself out of the ordinary: Copy descriptor, beyond_<words>",
        "shown mirrored back",
        "36 of 90 are drawn",
        "Not run: CLIP weights are not present",
        "No score: too few matching details",
        "105 of 256 bits differ",
        "Not shown: the file is gone, or its bytes have changed since the comparison.",
        "This file is text, not a picture.",
        "This comparison ran without the `clip` signal.",
        "simcheck compare 'the suspect.png' --top 20",
        "5f0c2f5e-8a4e-4e53-9d2e-0d6a4b7f1c33",
        "first of 12 frames",
        "colours converted to sRGB from Display P3",
        "Suspect picture",
        "rule strongest-rate, version 1",
    ):
        assert said in english.text.replace("\u00a0", " "), said
    assert "log10 LR" not in english.text


def test_each_digest_of_a_file_shown_is_in_the_appendix(sample: tuple[Document, Shelf], page: Reader) -> None:
    for asked in sample[0]["queries"]:
        assert asked["query"]["sha256"] in page.text
        for found in asked["findings"]:
            assert found["reference"]["sha256"] in page.text


def test_languages_are_marked(sample: tuple[Document, Shelf]) -> None:
    for lang, mark in LANGUAGES.items():
        page = Reader(report.render_html(*sample, lang))  # type: ignore[arg-type]
        assert ("html", {"lang": mark, "data-show": lang}) in page.elements
        assert not [1 for _, a in page.elements if a.get("class") == "say"]
    both = Reader(report.render_html(*sample, "both"))
    counts = [sum(a.get("class") == "say" and a.get("lang") == m for _, a in both.elements) for m in LANGUAGES.values()]
    assert counts[0] == counts[1] > 100
    assert "图像比对报告" in both.text
    assert "Comparison report" in both.text


def test_an_unknown_language_is_refused(sample: tuple[Document, Shelf]) -> None:
    with pytest.raises(ReportError, match="en, zh or both"):
        report.render_html(*sample, "fr")  # type: ignore[arg-type]


def test_overlay_only_where_there_is_a_relation(sample: tuple[Document, Shelf]) -> None:
    html = report.render_html(*sample, "en")
    parts = sum(len(query.get("elements") or ()) for query in sample[0]["queries"])
    assert html.count("data-stage") == 1 + parts + html.count("[data-stage]")
    assert html.count('class="matches"') == 1


def test_the_element_map_is_drawn_and_told(english: Reader, sample: tuple[Document, Shelf]) -> None:
    html = report.render_html(*sample)
    assert html.count('class="element-map"') == 1, "only the first suspect has elements"
    assert html.count('class="area"') == 2
    for said in (
        "51 % of the suspect picture lies in 2 parts that agree with parts of works",
        "harvest moon.png 38 %",
        "Mirrored. Turned by 4°.",
        "Found by matching details.",
        "one relation explains matching details as strongly: none of",
        "3 of 91",
        "2 pictures lie within the suspect picture",
    ):
        assert said in english.text, said


@pytest.mark.parametrize("stands_out", [True, False, None])
def test_why_a_part_that_own_works_reach_too_is_told(sample: tuple[Document, Shelf], stands_out: bool | None) -> None:
    made = copy.deepcopy(sample[0])
    elements = [each for query in made["queries"] for each in query.get("elements") or ()]
    for element in elements:
        element.update({} if stands_out is None else {"stands_out": stands_out})
    html = report.render_html(made, sample[1])
    own = sum(bool(element["portfolio"] and element["portfolio"]["reached"]) for element in elements)
    assert own
    assert html.count("agrees less than 60 % as much at this place") == (own if stands_out else 0)


def test_an_element_map_without_its_pictures_is_told(sample: tuple[Document, Shelf]) -> None:
    made, shelf = sample
    kept = {key: pixels for key, pixels in shelf.pictures.items() if "harvest" not in key[0]}
    html = report.render_html(made, lambda path, sha256: kept.get((path, sha256)))
    assert 'class="area"' not in html
    assert "The element map is not drawn" in html
    assert "2 parts that agree with parts of works" in html


def test_a_report_made_before_there_were_elements_still_has_a_page(sample: tuple[Document, Shelf]) -> None:
    made, shelf = copy.deepcopy(sample[0]), sample[1]
    for each in made["queries"]:
        for key in ("panels", "elements", "explained"):
            each.pop(key, None)
    assert 'class="element-map"' not in report.render_html(made, shelf)


def test_matches_without_a_picture_say_so(sample: tuple[Document, Shelf]) -> None:
    made, shelf = everything()
    work = made["queries"][0]["findings"][0]["reference"]
    del shelf.pictures[work["path"], work["sha256"]]
    html = report.render_html(made, shelf, "en")
    assert 'class="matches"' not in html
    assert "cannot be drawn without both pictures" in html
    assert "90 of 270 tentative matches agree" in html


def test_an_empty_run_has_a_page() -> None:
    made = document(index=None, cohort=None, signals=[])
    page = Reader(report.render_html(made, Shelf(), "both"))
    assert "No suspect picture was compared" in page.text
    assert "cannot say how often unrelated works reach these scores" in page.text


def test_a_large_run_keeps_to_a_small_page() -> None:
    made, shelf = many(50)
    html = report.render_html(made, shelf, "both")
    page = Reader(html)
    assert len(html) < 12_000_000
    shown = [name for name in page.ids() if name.startswith("finding-")]
    assert len(shown) == 48
    assert sum(name.endswith(".1") for name in shown) == 48, "each suspect gets one before any gets a second"
    assert "8 further findings are listed" in page.text
    assert len([name for name in page.ids() if name.startswith("suspect-")]) == 50


def test_noise_does_not_break_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simcheck.reporting.page.pictures.BUDGET", 60_000)
    made, shelf = many(3)
    html = report.render_html(made, shelf, "en")
    assert sum(len(d) for d in re.findall(r"base64,([^\"]+)", html)) * 3 / 4 < 60_000 + 100
    assert "left out so that this page stays small" in html


def test_placeholders_are_not_shown_pictures() -> None:
    assert Embedded("shown", "picture-1").shown
    assert not Embedded("gone").shown
