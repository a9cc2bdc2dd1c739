"""The artist's own mark: read, found at every size and turn, and what became of it."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from command import simcheck
from paintings import painting, picture
from PIL import Image, ImageDraw, ImageFont

from simcheck import pipeline
from simcheck.errors import PictureError, StoreError, UsageError
from simcheck.provenance import marks
from simcheck.provenance.marks.ink import Ink, ink_of, mark_picture, read_mark
from simcheck.provenance.marks.recurring import recurring
from simcheck.provenance.marks.states import KEPT, METHOD, fate_in_place, find_in
from simcheck.records import MatchEvidence, Pixels, Silent
from simcheck.records.marks import MarkPlace, MarkState
from simcheck.reporting import validate
from simcheck.store import Store

CHOICE = pipeline.Choice(only=("keypoints",))


def signature(colour: tuple[int, int, int] = (20, 20, 20)) -> Image.Image:
    """RGBA: letters over a stroke, on a transparent ground."""
    image = Image.new("RGBA", (260, 110), (*colour, 0))
    draw = ImageDraw.Draw(image)
    draw.text((12, 2), "Kq&Rz", fill=(*colour, 255), font=ImageFont.load_default(72))
    draw.line([(10, 96), (120, 90), (250, 102)], fill=(*colour, 255), width=6)
    return image


def ink() -> Ink:
    return ink_of(mark_picture(signature()).png)


def signed(pixels: Pixels, at: tuple[int, int], width: int, mark: Image.Image | None = None, turn: float = 0) -> Pixels:
    """The picture with the mark ``width`` pixels wide, its upper left corner ``at`` (of the turned mark's frame)."""
    mark = mark or signature()
    small = mark.resize((width, round(width * mark.height / mark.width)), Image.Resampling.LANCZOS)
    turned = small.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
    image = Image.fromarray(pixels).convert("RGBA")
    image.alpha_composite(turned, at)
    return np.asarray(image.convert("RGB"), np.uint8)


def calm(seed: int) -> Pixels:
    """A painting with a calmer lower edge, as one signs on."""
    pixels = painting(seed, (480, 360), shapes=25).copy()
    pixels[280:] = (0.25 * pixels[280:] + 0.75 * np.array([188, 180, 150])).astype(np.uint8)
    return pixels


# -- a mark's picture ---------------------------------------------------------------------------------------------


def flat(ground: int, colour: int, noise: float = 0.0) -> bytes:
    paper = Image.new("RGBA", (300, 150), (ground, ground, ground, 255))
    paper.alpha_composite(signature((colour, colour, colour)), (20, 20))
    values = np.asarray(paper.convert("RGB"), np.float64)
    values = values + np.random.default_rng(1).normal(0, noise, values.shape)
    return mark_picture(Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))).png


@pytest.mark.parametrize(
    "png",
    [flat(255, 10), flat(12, 240), flat(200, 90, noise=4), mark_picture(signature((255, 255, 255))).png],
    ids=["dark on light", "light on dark", "noisy paper", "white on transparent"],
)
def test_ink_is_the_same_on_every_ground(png: bytes) -> None:
    found, expected = ink_of(png).density, ink().density
    assert np.abs(np.array(found.shape) - expected.shape).max() <= 2
    rows, columns = np.minimum(found.shape, expected.shape)
    assert np.corrcoef(found[:rows, :columns].ravel(), expected[:rows, :columns].ravel())[0, 1] > 0.93


def test_what_is_no_mark_is_refused_with_a_reason(tmp_path: Path) -> None:
    blank, line = Image.new("RGB", (200, 100), "white"), Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(line).line([(20, 50), (180, 50)], fill="black", width=6)
    tiny = Image.new("RGB", (40, 40), "white")
    ImageDraw.Draw(tiny).ellipse((10, 10, 18, 18), fill="black")
    for image, code in ((blank, "blank_mark"), (line, "plain_mark"), (tiny, "small_mark")):
        file = tmp_path / f"{code}.png"
        image.save(file)
        with pytest.raises(PictureError, match=code) as caught:
            read_mark(file)
        assert caught.value.code == code
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises(PictureError, match=r"words\.png"):
        read_mark(tmp_path / "words.png")


# -- finding it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "turn", "colour"),
    [
        (44, 0, (20, 20, 20)),
        (130, 0, (250, 245, 240)),
        (220, 0, (160, 30, 20)),
        (110, 37, (20, 20, 20)),
        (90, 90, (0, 0, 90)),
    ],
)
def test_a_mark_is_found_at_every_size_and_turn(width: int, turn: float, colour: tuple[int, int, int]) -> None:
    pixels = calm(3) if sum(colour) < 500 else 255 - calm(3)
    score, place = find_in(
        ink(), signed(pixels, (150, 130 if turn or width > 200 else 290), width, signature(colour), turn)
    )
    assert place is not None, score
    assert score >= KEPT
    assert min(abs(place.turn - turn), 360 - abs(place.turn - turn)) < 6
    assert not place.mirrored
    if not turn:
        assert (place.box[2] - place.box[0]) * 480 == pytest.approx(width, rel=0.12)
        assert place.box[0] * 480 == pytest.approx(150, abs=0.06 * width + 4)


def test_a_mirrored_mark_is_told_so() -> None:
    _, place = find_in(ink(), np.ascontiguousarray(signed(calm(5), (60, 295), 120)[:, ::-1]))
    assert place is not None
    assert place.mirrored
    assert place.box[2] * 480 == pytest.approx(480 - 60, abs=12)


def test_unrelated_pictures_have_no_mark() -> None:
    scores = [find_in(ink(), painting(seed, (300, 220)))[0] for seed in range(40, 45)]
    assert max(scores) < KEPT, scores
    assert find_in(ink(), np.zeros((300, 300, 3), np.uint8))[1] is None
    assert find_in(ink(), np.zeros((5, 5, 3), np.uint8)) == (0.0, None)


# -- what became of it --------------------------------------------------------------------------------------------


def alike(transform: np.ndarray | None = None) -> MatchEvidence:
    matrix = np.eye(3) if transform is None else transform
    return MatchEvidence(
        np.zeros((40, 4)), matrix, "similarity", False, 0.0, 1.0, 50, (0, 0, 1, 1), (0, 0, 1, 1), np.zeros((40, 6))
    )


def test_kept_garbled_removed_and_nothing() -> None:
    clean = calm(7)
    work = signed(clean, (300, 290), 140)
    _, borne = find_in(ink(), work)
    assert borne is not None

    def fate(suspect: Pixels, matches: MatchEvidence | None = None) -> tuple[MarkState, str] | None:
        told = fate_in_place(ink(), suspect, work, matches or alike(), borne)
        return (told.state, told.how) if told else None

    assert fate(work) == (MarkState.KEPT, "")
    assert fate(np.ascontiguousarray(work[:, ::-1]), alike(np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]]))) == (
        MarkState.KEPT,
        "",
    )
    assert fate(clean) == (MarkState.REMOVED, "painted_over")
    other = Image.new("RGBA", (260, 110), (20, 20, 20, 0))
    draw = ImageDraw.Draw(other)
    rng = np.random.default_rng(3)
    for x in range(20, 240, 22):
        points = [(x + rng.normal(0, 12), rng.uniform(8, 100)) for _ in range(4)]
        draw.line(points, fill=(20, 20, 20, 255), width=9)
    assert fate(signed(clean, (300, 290), 140, other)) == (MarkState.GARBLED, "")
    upper = np.diag([1.0, 270 / 360, 1.0])  # the suspect shows the upper three quarters of the work
    assert fate(np.ascontiguousarray(work[:270]), alike(upper)) == (MarkState.REMOVED, "cropped")
    assert fate(painting(99, (480, 360))) is None  # says that it is aligned, but shows something else around


# -- in an index, and from the command line -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four signed works and one without, indexed; the mark beside them."""
    folder = tmp_path_factory.mktemp("marks")
    (folder / "art").mkdir()
    for seed in range(4):
        Image.fromarray(signed(calm(seed), (300, 290), 140)).save(folder / "art" / f"{seed}.png")
    Image.fromarray(calm(4)).save(folder / "art" / "unsigned.png")
    signature().save(folder / "signature.png")
    pipeline.index([folder / "art"], folder / "index", name="art", choice=CHOICE, watcher=Silent())
    added = marks.add(folder / "index", [folder / "signature.png"], watcher=Silent())
    assert [(mark.name, count) for mark, count in added.marks] == [("signature", 4)]
    return folder


def test_works_of_a_later_run_are_searched_too(studio: Path, tmp_path: Path) -> None:
    Image.fromarray(signed(calm(11), (40, 290), 150)).save(tmp_path / "new.png")
    pipeline.index([tmp_path], studio / "index", name="art", choice=CHOICE, watcher=Silent())
    with Store.open(studio / "index") as store:
        (mark,) = store.marks()
        paths = {work.id: work.paths[0].name for work in store.works()}
        assert {paths[i] for i in store.mark_places(mark.id)} == {"0.png", "1.png", "2.png", "3.png", "new.png"}
        assert store.unsearched(mark.id, METHOD) == ()
        assert len(store.unsearched(mark.id, METHOD + 1)) == 6


def test_a_mark_or_its_name_cannot_be_added_twice(studio: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already, as the mark 'signature'"):
        marks.add(studio / "index", [studio / "signature.png"], watcher=Silent())
    signature((200, 0, 0)).save(tmp_path / "signature.png")
    with pytest.raises(UsageError, match="another mark called 'signature'"):
        marks.add(studio / "index", [tmp_path / "signature.png"], watcher=Silent())


def test_a_damaged_mark_is_named(tmp_path: Path) -> None:
    Image.fromarray(painting(1, (100, 80))).save(tmp_path / "work.png")
    pipeline.index([tmp_path / "work.png"], tmp_path / "index", name="art", choice=CHOICE, watcher=Silent())
    with Store.open(tmp_path / "index", write=True) as store, store.batch() as batch:
        batch.put_mark("broken", hashlib.sha256(b"no picture").hexdigest(), b"no picture", "given")
    with pytest.raises(StoreError, match="marks remove 'broken'"):
        pipeline.compare([tmp_path / "work.png"], tmp_path / "index", choice=CHOICE, watcher=Silent())


def test_a_mark_whose_picture_is_another_by_now_is_not_looked_for(studio: Path, tmp_path: Path) -> None:
    """It is a picture of a mark all the same, and would find something else without a word."""
    shutil.copytree(studio / "index", tmp_path / "index")
    other = io.BytesIO()
    signature((200, 0, 0)).save(other, "PNG")
    rows = sqlite3.connect(tmp_path / "index" / "index.sqlite3")
    rows.execute("UPDATE marks SET picture = ? WHERE name = 'signature'", (other.getvalue(),))
    rows.commit()
    rows.close()
    with pytest.raises(StoreError, match="not as it was added.*marks remove 'signature'"):
        pipeline.compare([studio / "signature.png"], tmp_path / "index", choice=CHOICE, watcher=Silent())


class Impatient(Silent):
    """Presses Ctrl-C when the second batch of works is about to be searched."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        if stage == "look for marks" and done:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_the_mark_and_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    for seed in range(9):
        Image.fromarray(painting(seed, (100, 80))).save(tmp_path / "art" / f"{seed}.png")
    signature().save(tmp_path / "signature.png")
    pipeline.index([tmp_path / "art"], tmp_path / "index", name="art", choice=CHOICE, watcher=Silent())
    with pytest.raises(KeyboardInterrupt):
        marks.add(tmp_path / "index", [tmp_path / "signature.png"], watcher=Impatient())
    with Store.open(tmp_path / "index") as store:
        (mark,) = store.marks()
        assert len(store.unsearched(mark.id, METHOD)) == 1
    (tmp_path / "art" / "8.png").unlink()
    pipeline.index([tmp_path / "art"], tmp_path / "index", name="art", choice=CHOICE, watcher=Silent())
    with Store.open(tmp_path / "index") as store:  # what is gone cannot be searched; the rest was
        assert [work.paths[0].name for work in store.unsearched(mark.id, METHOD)] == ["8.png"]


def test_the_commands(studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    suspects = tmp_path / "suspects"
    suspects.mkdir()
    Image.fromarray(np.ascontiguousarray(signed(calm(0), (300, 290), 140)[:, ::-1])).save(suspects / "kept.png")
    Image.fromarray(calm(1)).save(suspects / "removed.png")
    Image.fromarray(painting(77)).save(suspects / "stranger.png")
    index = ("--index", studio / "index")
    done = simcheck("compare", suspects, *index, "--signal", "keypoints", "--out", "report", "--lang", "both")
    assert done.code == 0, done.err
    assert "The mark \u201csignature\u201d is in it." in done.out
    assert "\u201c1.png\u201d bears, is not at its place" in done.out
    document = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    told = {query["query"]["name"]: [m["state"] for m in query["marks"]] for query in document["queries"]}
    assert told == {"kept.png": ["kept"], "removed.png": ["removed"], "stranger.png": []}
    (kept,) = document["queries"][0]["marks"]
    assert kept["place"]["mirrored"]
    assert kept["reference"]["name"] == "0.png"
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "作者自己的标记" in page
    assert page.count('class="exhibit mark"') == 2
    for query in document["queries"]:  # reports of earlier versions know no marks
        del query["marks"]
    del document["marks"]
    validate(document)
    (tmp_path / "report" / "report.json").write_text(json.dumps(document), "utf-8")
    assert simcheck("report", "report").code == 0

    assert "found in" in simcheck("marks", "list", *index).out
    (listed,) = simcheck("marks", "list", *index, "--json").json["marks"]
    assert (listed["name"], listed["origin"]) == ("signature", "given")
    assert simcheck("marks", "add", studio / "signature.png", *index).code == 2
    Image.new("RGB", (99, 99), "white").save(tmp_path / "white.png")
    refused = simcheck("marks", "add", "white.png", *index)
    assert (refused.code, "white.png: this picture is blank" in refused.err) == (4, True)
    absent = simcheck("marks", "add", "absent.png", *index)
    assert (absent.code, "absent.png does not exist" in absent.err) == (2, True)
    assert simcheck("marks", "add", *index).code == 2
    assert simcheck("marks", "remove", "nobody", *index).code == 2
    assert simcheck("marks", "remove", "signature", *index).code == 0
    assert "no marks yet" in simcheck("marks", "list", *index).out


def test_a_work_that_is_gone_is_named_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    for seed in range(2):
        Image.fromarray(signed(calm(seed), (300, 290), 140)).save(tmp_path / "art" / f"{seed}.png")
    Image.fromarray(calm(1)).save(tmp_path / "removed.png")
    signature().save(tmp_path / "signature.png")
    index = tmp_path / "index"
    pipeline.index([tmp_path / "art"], index, name="art", choice=CHOICE, watcher=Silent())
    marks.add(index, [tmp_path / "signature.png"], watcher=Silent())
    (tmp_path / "art" / "1.png").unlink()
    run = pipeline.compare([tmp_path / "removed.png"], index, choice=CHOICE, watcher=Silent())
    (notice,) = [notice for notice in run.notices if notice.code == "mark_not_examined"]
    assert "1.png" in notice.message
    assert run.queries[0].marks == ()


def test_a_place_is_the_same_pose_again() -> None:
    from simcheck.provenance.marks.propose import Pose
    from simcheck.provenance.marks.states import place_of, pose_of

    mark = ink()
    pose = Pose(200.0, 150.0, 0.4, np.deg2rad(30), True)
    place = place_of(mark, pose, 0.9, (400, 600))
    again = pose_of(mark, MarkPlace(place.box, place.turn, place.mirrored, 0.9), (400, 600))
    assert [again.x, again.y, again.scale] == pytest.approx([200, 150, 0.4], rel=1e-3)
    assert again.mirrored


# -- found in the works -------------------------------------------------------------------------------------------


def test_a_stamp_that_recurs_is_found_and_nothing_where_there_is_none() -> None:
    plain = [painting(seed, (420, 300 + 10 * (seed - 60))) for seed in range(60, 68)]
    assert recurring([picture(pixels) for pixels in plain]) is None
    stamped = [signed(pixels, (260, pixels.shape[0] - 70), 140, signature((250, 250, 250))) for pixels in plain]
    found = recurring([picture(pixels) for pixels in stamped])
    assert found is not None
    _, place = find_in(ink_of(found.png), stamped[1])
    assert place is not None
    middle = [(place.box[i] + place.box[i + 2]) / 2 for i in (0, 1)]
    height = stamped[1].shape[0]
    assert middle == pytest.approx([(260 + 70) / 420, (height - 70 + 30) / height], abs=0.04)
    assert recurring([picture(pixels) for pixels in stamped[:5]]) is None
