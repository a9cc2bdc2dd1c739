"""Templates: fixed by their seed, the same around any content; pairs are what they are said to be; shares are right."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.measure.template_figures import Told, Tried, figures, print_figures, sheets, wilson
from scripts.measure.template_pairs import Contents, deck, planned
from scripts.painted.contents import Content, blob, painted
from scripts.painted.templates import BARE, CHOOSING, KINDS, REPORTING, SEVERAL, SHARED_PICTURE, Kind, drawn

OVER_ALL = ("vignette", "watermark", *BARE)
"""Kinds of which every pixel, or all but the rim, is of both the template and the content."""
PEERS = ("PDQ", "pHash (imagehash)", "SIFT + RANSAC inliers")


@pytest.fixture(scope="module")
def contents() -> tuple[Content, Content]:
    return painted(1, 9, side=80), painted(2, 9, side=80)


def test_the_two_lists_share_no_kind_and_hold_all_groups() -> None:
    assert not {kind.name for kind in CHOOSING} & {kind.name for kind in REPORTING}
    assert len(KINDS) == len(CHOOSING) + len(REPORTING) >= 40
    assert (
        {k.group for k in CHOOSING}
        == {k.group for k in REPORTING}
        == {"screen", "paper", "frame", "page", "ground", "code"}
    )
    assert {*BARE, *SHARED_PICTURE, *SEVERAL} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_template_is_the_same_around_any_content(kind: Kind, contents: tuple[Content, Content]) -> None:
    one, other = (drawn(kind, 5, content) for content in contents)
    assert one.picture.size == other.picture.size
    assert max(one.picture.size) <= 760
    assert one.own.shape == one.picture.size[::-1]
    a, b = np.asarray(one.picture, np.int16), np.asarray(other.picture, np.int16)
    own = one.own | other.own
    assert not np.abs(a - b)[~own].any(), "what is not the content's own is the template's"
    assert (np.abs(a - b).max(axis=2)[own] > 16).mean() > 0.1, "what it shows is other"
    if kind.name not in OVER_ALL:
        assert own.mean() < 0.9


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_seed_fixes_a_template_and_another_gives_another(kind: Kind, contents: tuple[Content, Content]) -> None:
    first, again, other = (drawn(kind, seed, contents[0]).picture for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert first.size != other.size or np.mean(np.asarray(first) != np.asarray(other)) > 0.05


def test_contents_are_fixed_by_their_seed_and_have_an_outline(contents: tuple[Content, Content]) -> None:
    again = painted(1, 9, side=80)
    assert [p.tobytes() for p in again.pictures] == [p.tobytes() for p in contents[0].pictures]
    for content in contents:
        assert len({p.tobytes() for p in content.pictures}) == 9
        for picture, mask in zip(content.pictures, content.outlines, strict=True):
            assert picture.size == mask.size
            assert 0.05 < np.asarray(mask).mean() / 255 < 0.95
    assert contents[0].text(1, 4) != contents[1].text(1, 4)
    assert 0.4 < np.asarray(blob(np.random.default_rng(3), 90, 60)).mean() / 255 < 0.8


def test_a_change_keeps_the_outlines_in_step(contents: tuple[Content, Content]) -> None:
    halved = contents[0].changed(lambda pixels: pixels[::2, ::2])
    assert [p.size for p in halved.pictures] == [m.size for m in halved.outlines]
    assert halved.text(1, 3) == contents[0].text(1, 3)


def test_pairs_say_what_they_are_and_are_the_same_again() -> None:
    works, again = (list(itertools.islice(planned("choosing", 1, 2, 1, seed=9), 2)) for _ in range(2))
    for work, same in zip(works, again, strict=True):
        assert work.picture.tobytes() == same.picture.tobytes()
        assert [p.picture.tobytes() for p in work.pairs] == [p.picture.tobytes() for p in same.pairs]
        negatives = [p for p in work.pairs if p.relation == "negative"]
        assert len(negatives) == 2
        for pair in negatives:
            assert pair.picture.size == work.picture.size
            assert pair.content != work.content
            assert pair.bare is None and not pair.done
        positives = [p for p in work.pairs if p.relation != "negative"]
        assert {p.relation for p in positives} == {"same_template", "other_template"}
        assert all(p.content == work.content and p.done and p.bare for p in positives)
    assert len({p.name for work in works for p in work.pairs}) == sum(len(work.pairs) for work in works)


def test_a_deck_is_one_template_with_a_picture_of_its_own_on_each_card() -> None:
    cards, false = deck(KINDS["polaroid"], 3, 2, 4, Contents("choosing", 4))
    assert len({card.picture.size for card in cards} | {pair.picture.size for pair in false}) == 1
    assert len({card.picture.tobytes() for card in cards}) == 3
    assert len(false) == 2 and not {p.content for p in false} & {c.content for c in cards}


def test_no_artist_of_the_set_is_shown_by_a_work_and_by_a_suspect(evalset: Path) -> None:
    shown: dict[tuple[str, bool], list[str]] = {}
    kind = KINDS["polaroid"]
    for name, work in itertools.product(("choosing", "reporting"), (True, False)):
        contents = Contents(name, 1, evalset)
        files = [contents.take(kind, work=work).name for _ in range(12)]
        shown[name, work] = [file for file in files if not file.startswith("painted")]
        assert len(shown[name, work]) == 6
    artists = [{str(Path(file).parent) for file in files} for files in shown.values()]
    assert all(not a & b for a, b in itertools.combinations(artists, 2))
    assert all(len(set(files)) == 6 for (_, work), files in shown.items() if work)


def finding(work: str, kind: str = "nothing_found", llr: float | None = -1.0) -> dict[str, Any]:
    ratio = None if llr is None else [llr, llr - 1, llr + 1]
    return {"works": [work], "type": kind, "llr": ratio, "rank": 1, "basis": [], "edits": [], "scores": {}}


def tried(relation: str, *findings: dict[str, Any], kind: str = "ruled", score: float = 0.0, **rest: Any) -> Tried:
    done = "" if relation == "negative" else "mirror"
    row = Tried("s", "own", kind, relation, done, "c", Path("s.png"), None, **rest)
    row.told, row.peers = Told(findings), dict.fromkeys(PEERS, score)
    return row


def test_shares_of_negatives_count_any_work_and_its_own() -> None:
    rows = [
        tried("negative", finding("own", "re_rendered", 2.3), score=-20),
        tried("negative", finding("other", llr=0.2), finding("third", "part_of_it", 1.5), score=-40),
        tried("negative", finding("own", "style_only"), score=-60),
        tried("negative", score=-80),
        tried("negative", finding("own", "edited_copy", 3.0), kind="meme words", score=0),
        tried("negative", finding("card", "re_rendered"), kind="ticket", of="deck"),
    ]
    found = figures(rows)
    alone = found["negatives"]["template alone"]
    assert (alone["suspects"], alone["typed"]["count"], alone["typed"]["share"]) == (4, 2, 0.5)
    assert alone["typed, of the work in its template"]["count"] == 1
    assert (alone["llr >= 1"]["count"], alone["llr >= 2"]["count"]) == (2, 1)
    assert alone["strongest type"] == {"none": 1, "part_of_it": 1, "re_rendered": 1, "style_only": 1}
    assert found["negatives"]["all"]["typed"]["count"] == 3
    assert found["negatives"]["group: paper"]["suspects"] == 4
    assert found["negatives_deck"]["ticket"]["typed"]["count"] == 1
    pdq = found["peers"]["PDQ"]
    assert pdq["published"]["negatives"]["count"] == 1
    assert pdq["as many false ones"]["negatives"]["count"] == 2


def test_a_peer_may_name_as_many_negatives_as_simcheck() -> None:
    """Six of seven are a share that no decimal holds; of equal scores none is named unless all may be."""
    rows = [tried("negative", finding("own", "re_rendered"), score=-k) for k in range(6)] + [
        tried("negative", score=-6)
    ]
    assert figures(rows)["peers"]["PDQ"]["as many false ones"]["negatives"]["count"] == 6
    rows[5].peers["PDQ"] = -6.0
    assert figures(rows)["peers"]["PDQ"]["as many false ones"]["negatives"]["count"] == 5


def test_recall_counts_the_right_work_first_beside_that_without_a_template() -> None:
    rows = [
        tried("same_template", finding("own", "edited_copy"), score=9),
        tried("other_template", finding("other", "part_of_it"), finding("own", "edited_copy")),
        tried("same_template", finding("own", "style_only"), kind="manga"),
        tried("same_template", finding("card", "edited_copy"), of="deck"),
    ]
    for row in rows[:2]:
        row.told_bare = Told((finding("own", "re_encoded", None),))
    found = figures(rows)["positives"]
    assert (found["all"]["suspects"], found["all"]["found"]["count"]) == (3, 1)
    assert (found["all"]["with and without"], found["all"]["ratio"]) == (2, 0.5)
    assert found["all"]["another work typed"]["count"] == 1
    assert found["one picture"]["found without a template"]["count"] == 2
    assert found["several pictures"]["ratio"] is None
    assert found["other_template"]["found"]["count"] == 0


def test_what_was_found_can_be_read_and_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        tried("negative", finding("own", "re_rendered", 2.3)),
        tried("negative", finding("other", "part_of_it"), kind="white page, 60 %"),
        tried("same_template"),
    ]
    print_figures(figures(rows))
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:3] == ["ruled", "1", "1.000"] for line in lines)
    picture = painted(3, side=60).picture()
    for row in rows:
        row.path = tmp_path / "s.png"
        picture.save(row.path)
    sheets(rows, {"own": rows[0].path}, tmp_path / "sheets", cell=60)
    assert sorted(p.name for p in (tmp_path / "sheets").iterdir()) == ["ruled.png", "white_page_60.png"]


def test_an_interval_of_a_share() -> None:
    assert wilson(0, 400) == [0.0, 0.0095]
    assert wilson(5, 10) == [0.2366, 0.7634]
    assert wilson(0, 0) == [0.0, 1.0]
