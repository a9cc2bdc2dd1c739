"""The stages together: an index is made, suspects are compared with it, and every way it can end is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from paintings import painting
from PIL import Image, ImageDraw

from simcheck.errors import ModelUnreachable, PictureError, StoreError, StoreMissing, UsageError
from simcheck.images import Walk, walk
from simcheck.indexing.portfolio import IndexResult, index_portfolio
from simcheck.pipeline import Choice, compare, compare_pair, index, index_cohort
from simcheck.provenance.marks.places import Placing
from simcheck.records import FindingType, Notice, Silent, Skipped
from simcheck.records.run import Run
from simcheck.reporting.document.document import to_document
from simcheck.reporting.document.schema import validate
from simcheck.scoring.rates import Unrelated
from simcheck.store import Store

PAINTINGS = 6
ALL = Choice(offline=True)
QUICK = Choice(only=("phash",), offline=True)


class Listener(Silent):
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


def paint(seed: int, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(painting(seed)).save(file)
    return file


def make(art: Path, path: Path, choice: Choice = QUICK, watcher: Listener | None = None) -> IndexResult:
    return index([art], path, name="paintings", choice=choice, watcher=watcher or Listener())


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with ``art``, its ``index`` (with every signal but clip) inside the art folder, and ``suspects``."""
    folder = tmp_path_factory.mktemp("studio")
    for seed in range(PAINTINGS):
        paint(seed, folder / "art" / f"{seed}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(folder / "no weights"))
        make(folder / "art", folder / "art" / "index", ALL)
        yield folder


@pytest.fixture(scope="module")
def run(studio: Path) -> Run:
    """Every edit of painting 2, and a painting of nobody's."""
    suspects = studio / "suspects"
    suspects.mkdir()
    whole = Image.fromarray(painting(2))
    width, height = whole.size
    whole.resize((width // 2, height // 2)).save(suspects / "small.jpg", quality=60)
    whole.crop((0, 0, width * 3 // 4, height)).save(suspects / "crop.png")
    whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(suspects / "mirror.png")
    tinted = (np.asarray(whole) * (0.75, 1.0, 0.85)).astype(np.uint8)
    Image.fromarray(tinted).save(suspects / "recoloured.png")
    shutil.copy(studio / "art" / "2.png", suspects / "exact.png")
    return compare([suspects], studio / "art" / "index", choice=ALL, watcher=Listener())


def test_every_copy_finds_its_work_first(run: Run) -> None:
    assert len(run.queries) == 5
    for query in run.queries:
        first = query.findings[0]
        assert first.work.paths[0].name == "2.png", query.path.name
        assert first.type is not FindingType.NOTHING, query.path.name
        assert [f.rank for f in query.findings] == list(range(1, PAINTINGS + 1))


def test_findings_carry_likelihood_ratios_and_are_ordered_by_them(run: Run) -> None:
    assert run.calibration is not None
    assert run.uncalibrated is None
    validations = {validation.key for validation in run.calibration.validations}
    for query in run.queries:
        for finding in query.findings:
            if finding.type is FindingType.EXACT_FILE:
                assert (finding.llr, finding.uncalibrated) == (None, "exact_file")
                continue
            assert finding.llr is not None
            assert finding.llr.works == PAINTINGS
            assert finding.llr.validation in validations
            low, high = finding.llr.bounds
            assert low <= finding.llr.low <= finding.llr.value <= finding.llr.high <= high
        scores = [f.score for f in query.findings if f.type is not FindingType.EXACT_FILE]
        assert scores == sorted(scores, reverse=True)
    copies = [query for query in run.queries if query.path.name != "exact.png"]
    assert all(query.findings[0].llr and query.findings[0].llr.value > 1 for query in copies)
    assert run.set_statement is not None
    exact = sum(query.findings[0].type is FindingType.EXACT_FILE for query in run.queries)
    assert (run.set_statement.suspects, run.set_statement.exact) == (len(run.queries) - exact, exact)
    assert [work.paths[0].name for work, _ in run.set_statement.recurring] == ["2.png"]
    assert run.style is None, "six works are too few to say whose they are"


def test_the_same_inputs_give_the_same_bytes(studio: Path, run: Run) -> None:
    again = compare([studio / "suspects"], studio / "art" / "index", choice=ALL, watcher=Listener())

    def text(of: Run) -> str:
        document = to_document(of)
        return json.dumps({**document, "id": "", "created": ""}, ensure_ascii=False)

    assert text(again) == text(run)


def test_a_page_of_writing_is_not_weighed(studio: Path, tmp_path: Path) -> None:
    page = Image.new("RGB", (600, 800), "white")
    draw = ImageDraw.Draw(page)
    for y in range(40, 760, 24):
        draw.text((40, y), "Nothing in this line is a picture of anything at all, it is only writing.", "black")
    page.resize((1200, 1600)).save(tmp_path / "page.png")
    query = compare([tmp_path / "page.png"], studio / "art" / "index", choice=ALL, watcher=Listener()).queries[0]
    assert {(f.llr, f.uncalibrated) for f in query.findings} == {(None, "text_page")}


def test_only_equal_bytes_are_the_same_file(run: Run) -> None:
    same = [
        (query.path.name, finding.work.paths[0].name)
        for query in run.queries
        for finding in query.findings
        if finding.type is FindingType.EXACT_FILE
    ]
    assert same == [("exact.png", "2.png")]


def test_a_run_says_with_what_it_compared(run: Run, studio: Path) -> None:
    assert run.index is not None
    assert (run.index.name, run.index.works, run.index.roots) == ("paintings", PAINTINGS, (studio / "art",))
    assert run.cohort is not None
    assert all(query.compared == PAINTINGS for query in run.queries)
    assert run.notices == (), "that an optional signal never was there is a fact, and no warning"
    missing = {use.identity.name: use.missing for use in run.signals if use.missing}
    assert list(missing) == ["clip"] == [use.identity.name for use in run.signals if use.optional]
    assert all(use.works_described == PAINTINGS for use in run.signals if not use.missing)
    validate(to_document(run))


def test_the_index_inside_the_art_folder_is_not_taken_for_art(studio: Path) -> None:
    with Store.open(studio / "art" / "index") as store:
        assert len(store.works()) == PAINTINGS
    assert make(studio / "art", studio / "art" / "index").unchanged == PAINTINGS


def test_a_work_of_the_portfolio_is_found_in_it(studio: Path) -> None:
    found = compare([studio / "art" / "4.png"], studio / "art" / "index", choice=QUICK, watcher=Listener())
    first = found.queries[0].findings[0]
    assert (first.type, first.work.paths) == (FindingType.EXACT_FILE, (studio / "art" / "4.png",))


def test_equal_bytes_are_found_whatever_the_signals_say(studio: Path, tmp_path: Path) -> None:
    """A blank work: no signal has anything to say of it, but its bytes are what they are."""
    Image.new("RGB", (64, 64), "white").save(tmp_path / "blank.png")
    (tmp_path / "art").mkdir()
    shutil.copy(tmp_path / "blank.png", tmp_path / "art" / "work.png")
    paint(1, tmp_path / "art" / "other.png")
    make(tmp_path / "art", tmp_path / "index")
    found = compare([tmp_path / "blank.png"], tmp_path / "index", choice=QUICK, watcher=Listener())
    assert [f.type for f in found.queries[0].findings] == [FindingType.EXACT_FILE]


def test_candidates_bound_the_comparisons_but_never_hide_equal_bytes(studio: Path) -> None:
    path = studio / "art" / "index"
    found = compare([studio / "art" / "4.png"], path, choice=QUICK, candidates=1, watcher=Listener())
    assert found.queries[0].findings[0].type is FindingType.EXACT_FILE
    assert found.queries[0].compared <= 2


def test_suspects_are_named_from_the_top(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(studio / "art")
    found = compare([Path("4.png"), Path("../art/5.png")], Path("index"), choice=QUICK, watcher=Listener())
    assert [query.path for query in found.queries] == [studio / "art" / "4.png", studio / "art" / "5.png"]


def test_unreadable_suspects_are_listed_and_the_others_compared(studio: Path, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("words")
    path = studio / "art" / "index"
    found = compare([tmp_path / "words.png", studio / "art" / "1.png"], path, choice=QUICK, watcher=Listener())
    assert [skipped.code for skipped in found.skipped] == ["not_a_picture"]
    assert [query.path.name for query in found.queries] == ["1.png"]
    with pytest.raises(PictureError, match=r"\(.*words.png: this is not a picture"):
        compare([tmp_path / "words.png"], path, choice=QUICK, watcher=Listener())


# -- named pictures -----------------------------------------------------------------------------------------------


def test_a_pair_needs_no_index_and_leaves_none(studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    originals = [studio / "art" / "3.png", studio / "art" / "2.png"]
    watcher = Listener()
    choice = Choice(only=("clip", "phash"), offline=True)
    found = compare_pair([studio / "art" / "2.png"], originals, choice=choice, watcher=watcher)
    assert found.index is None
    assert [f.work.paths[0].name for f in found.queries[0].findings] == ["2.png", "3.png"]
    assert list(tmp_path.iterdir()) == []
    (notice,) = found.notices
    assert "simcheck index" not in notice.message
    assert "models pull" in notice.message
    validate(to_document(found))


def test_a_pair_without_a_readable_original_is_refused(studio: Path, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("words")
    with pytest.raises(PictureError, match=r"words.png.*--with"):
        compare_pair([studio / "art" / "2.png"], [tmp_path / "words.png"], choice=QUICK, watcher=Listener())


# -- what cannot be done ------------------------------------------------------------------------------------------


def test_a_folder_without_pictures_leaves_no_index(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError, match="no picture is there"):
        make(tmp_path / "empty", tmp_path / "index")
    with pytest.raises(UsageError, match="does not exist"):
        make(tmp_path / "gone", tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_portfolio_of_which_nothing_can_be_read_is_refused_and_mended(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "words.png").write_text("words")
    with pytest.raises(PictureError, match=r"words.png: this is not a picture"):
        make(tmp_path / "art", tmp_path / "index")
    with pytest.raises(StoreError, match="holds no works"):
        compare([tmp_path / "art"], tmp_path / "index", choice=QUICK, watcher=Listener())
    paint(1, tmp_path / "art" / "words.png")
    assert make(tmp_path / "art", tmp_path / "index").new == 1


def test_an_unplugged_drive_is_no_mistake(tmp_path: Path) -> None:
    paint(1, tmp_path / "drive" / "1.png")
    make(tmp_path / "drive", tmp_path / "index")
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    watcher = Listener()
    result = make(tmp_path / "drive", tmp_path / "index", watcher=watcher)
    assert (result.new, result.pruned) == (0, 0)
    assert [notice.code for notice in watcher.notices] == ["root_absent"]


def test_no_signal_at_all_is_an_error(studio: Path, tmp_path: Path) -> None:
    art, path = studio / "art", studio / "art" / "index"
    for choice in (Choice(only=("smell",)), Choice(without=("smell",)), Choice(only=("phash",), without=("phash",))):
        with pytest.raises(UsageError):
            make(art, tmp_path / "index", choice)
        with pytest.raises(UsageError):
            compare([art], path, choice=choice, watcher=Listener())
    only_clip = Choice(only=("clip",), offline=True)
    with pytest.raises(ModelUnreachable, match="models pull"):
        make(art, tmp_path / "index", only_clip)
    with pytest.raises(StoreError, match="no clip descriptors"):
        compare([art], path, choice=only_clip, watcher=Listener())
    with pytest.raises(ModelUnreachable, match="models pull"):
        compare_pair([art / "1.png"], [art / "2.png"], choice=only_clip, watcher=Listener())
    assert not (tmp_path / "index").exists()


def test_comparing_with_no_index_says_how_to_make_one(studio: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="simcheck index FOLDER"):
        compare([studio / "art"], tmp_path, choice=QUICK, watcher=Listener())
    assert list(tmp_path.iterdir()) == []


def test_a_half_described_index_says_so(studio: Path, tmp_path: Path) -> None:
    shutil.copytree(studio / "art" / "index", tmp_path / "index")
    make(paint(30, tmp_path / "more" / "new.png").parent, tmp_path / "index")
    both = Choice(only=("phash", "palette"), offline=True)
    found = compare([studio / "art" / "1.png"], tmp_path / "index", choice=both, watcher=Listener())
    (notice,) = found.notices
    assert notice.code == "signal_incomplete"
    assert f"palette has described {PAINTINGS} of {PAINTINGS + 1} works" in notice.message


def test_a_screenshot_is_taken_apart_unless_told_not_to(studio: Path, tmp_path: Path) -> None:
    page = Image.new("RGB", (600, 1000), "white")
    page.paste(Image.fromarray(painting(3)).resize((480, 360)), (60, 320))
    page.save(tmp_path / "page.png")
    index_of = studio / "art" / "index"
    apart = compare([tmp_path / "page.png"], index_of, choice=ALL, watcher=Listener()).queries[0]
    whole = compare([tmp_path / "page.png"], index_of, choice=replace(ALL, panels=False), watcher=Listener()).queries[0]
    assert len(apart.panels) == 1
    assert whole.panels == ()
    scores = [
        {name: result.comparison.score or 0.0 for name, result in query.findings[0].signals} for query in (apart, whole)
    ]
    assert scores[0]["phash"] > 0.9 > scores[1]["phash"]
    assert apart.findings[0].work.paths[0].name == "3.png"


def test_the_element_map_names_works_and_places(studio: Path, tmp_path: Path) -> None:
    """Two parts of two works, one mirrored, on a ground that is nobody's."""
    ground = Image.fromarray(painting(77))
    left = Image.fromarray(painting(1)).crop((100, 80, 290, 250))
    right = Image.fromarray(painting(4)).crop((120, 60, 330, 260)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    ground.paste(left.resize((209, 187)), (10, 20))
    ground.paste(right, (250, 140))
    ground.save(tmp_path / "collage.png")
    query = compare([tmp_path / "collage.png"], studio / "art" / "index", choice=ALL, watcher=Listener()).queries[0]
    assert query.elements is not None
    named = {element.work.paths[0].name: element.alignment for element in query.elements}
    assert set(named) == {"1.png", "4.png"}
    assert not named["1.png"].mirrored
    assert named["4.png"].mirrored
    np.testing.assert_allclose(named["1.png"].query_box, (10 / 480, 20 / 360, 219 / 480, 207 / 360), atol=0.08)
    np.testing.assert_allclose(named["4.png"].query_box, (250 / 480, 140 / 360, 460 / 480, 340 / 360), atol=0.08)
    kinds = {finding.work.paths[0].name: finding.type for finding in query.findings}
    assert kinds["1.png"] is FindingType.PART
    assert kinds["4.png"] in (FindingType.PART, FindingType.EDITED_COPY), "half of the work's frame lies outside"
    assert {kinds[name] for name in ("0.png", "2.png", "3.png", "5.png")} <= {
        FindingType.NOTHING,
        FindingType.STYLE_ONLY,
    }


def test_parts_that_no_table_knows_are_not_told_and_that_is_said(
    studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_other_parts(folder: Path, *rest: str) -> Unrelated:
        table = Unrelated.load(folder, *rest)
        changed = tuple((n, v + (n == "patches"), w, p, c) for n, v, w, p, c in table.identities)
        return replace(table, identities=changed)

    monkeypatch.setattr("simcheck.pipeline.session.Unrelated", SimpleNamespace(load=with_other_parts))
    heard = Listener()
    query = compare([paint(1, tmp_path / "same.png")], studio / "art" / "index", choice=ALL, watcher=heard).queries[0]
    assert query.elements is None, "not an empty map: that would say that no part was found"
    assert "no_element_map" in [notice.code for notice in heard.notices]


def test_what_a_search_for_marks_passed_over_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(0, tmp_path / "art" / "0.png")
    lost = Skipped(tmp_path / "art" / "1.png", "changed", "it has changed since it was indexed")
    again = Skipped(tmp_path / "art" / "bad.png", "not_a_picture", "said once is enough")
    (tmp_path / "art" / "bad.png").write_bytes(b"no picture")
    monkeypatch.setattr("simcheck.pipeline.indexing.place_marks", lambda *_: Placing(0, (lost, again)))
    result = make(tmp_path / "art", tmp_path / "index")
    assert [skip.path.name for skip in result.skipped] == ["bad.png", "1.png"]


def test_the_time_of_a_run_is_that_of_all_its_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(0, tmp_path / "art" / "0.png")
    portfolio = index_portfolio

    def quick(*arguments: object, **options: object) -> IndexResult:
        return replace(portfolio(*arguments, **options), seconds=-1.0)  # type: ignore[arg-type]

    monkeypatch.setattr("simcheck.pipeline.indexing.index_portfolio", quick)
    assert make(tmp_path / "art", tmp_path / "index").seconds > 0
    assert index_cohort([tmp_path / "art"], tmp_path / "others", name="others", watcher=Silent()).seconds > 0


def test_a_portfolio_is_walked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(0, tmp_path / "art" / "0.png")
    walks: list[Sequence[Path]] = []

    def counted(roots: Sequence[Path]) -> Walk:
        walks.append(roots)
        return walk(roots)

    for module in ("pipeline.indexing", "indexing.portfolio"):
        monkeypatch.setattr(f"simcheck.{module}.walk", counted)
    for run in (1, 2):
        make(tmp_path / "art", tmp_path / "index")
        assert len(walks) == run
