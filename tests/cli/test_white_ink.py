"""Works drawn in white on transparency: found, said to lie on black, and described again in an index that held them as
blank pages. Works that hold nothing to compare are not laid at the suspect's door."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command import Outcome, simcheck
from paintings import painting
from PIL import Image

from simcheck.images import colour, read
from simcheck.records import FindingType

SIGNALS = ("--signal", "keypoints", "--signal", "phash", "--signal", "layout")
WHITE = "shown on black: on white nothing of it could be seen"


def white_ink(seed: int) -> Image.Image:
    """A painting as if drawn with white ink: as opaque as it is dark."""
    light = np.asarray(Image.fromarray(painting(seed, (480, 360))).convert("L"))
    rgba = np.full((*light.shape, 4), 255, np.uint8)
    rgba[..., 3] = 255 - light
    return Image.fromarray(rgba)


def on_black(drawing: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", drawing.size, "black"), drawing).convert("RGB")


@pytest.fixture
def art(tmp_path: Path) -> Path:
    folder = tmp_path / "art"
    folder.mkdir()
    for number in range(3):
        white_ink(number).save(folder / f"white{number}.png")
    return folder


@pytest.fixture
def suspects(tmp_path: Path) -> Path:
    folder = tmp_path / "suspects"
    folder.mkdir()
    on_black(white_ink(0)).save(folder / "on_black.jpg", quality=90)
    white_ink(1).resize((240, 180)).save(folder / "half.png")
    return folder


def index(art: Path, to: Path) -> Outcome:
    done = simcheck("index", art, "--index", to, *SIGNALS)
    assert done.code == 0, done.err
    return done


def test_copies_of_white_ink_are_found_and_the_ground_is_said(tmp_path: Path, art: Path, suspects: Path) -> None:
    assert "3 works lie on black instead of white" in index(art, tmp_path / "index").out
    options = ("--index", tmp_path / "index", "--out", tmp_path / "report", *SIGNALS)
    found = simcheck("compare", suspects, *options, "--json").json["queries"]
    firsts = {query["query"]["name"]: query["findings"][0] for query in found}
    assert {name: first["reference"]["name"] for name, first in firsts.items()} == {
        "on_black.jpg": "white0.png", "half.png": "white1.png",
    }  # fmt: skip
    assert {first["type"] for first in firsts.values()} <= {FindingType.RE_ENCODED, FindingType.EDITED_COPY}
    assert all("alpha_on_black" in first["reference"]["notes"] for first in firsts.values())
    said = simcheck("compare", suspects, *options, "--replace", "--lang", "both").out
    assert f"\n  {WHITE}\n" in said.split("half.png")[1].split("on_black.jpg")[0], "of the suspect"
    assert said.count(f"the work is {WHITE}") >= 2
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert page.count(WHITE) >= 2 and "透明部分以黑色铺底" in page


def test_an_index_that_held_blank_pages_is_mended_by_the_next_run(
    tmp_path: Path, art: Path, suspects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:  # as an earlier simcheck read such files
        patch.setattr(read, "READING", 1)
        patch.setattr(colour, "_ground", lambda image: 255)
        Image.fromarray(painting(7, (480, 360))).save(art / "plain.png")
        from simcheck.images import Reader

        patch.setattr(Reader, "read_all", lambda self, paths: [(p, read.read_picture(Path(p))) for p in paths])
        said = index(art, tmp_path / "index")
        assert said.err.count("it is blank") == 3
        patch.undo()
    options = ("--index", tmp_path / "index", "--out", tmp_path / "report", *SIGNALS, "--replace")
    before = simcheck("compare", suspects / "on_black.jpg", *options)
    assert "4 of the works were read by an earlier simcheck" in before.err
    assert "3 works have nothing that could be compared" in before.err
    again = index(art, tmp_path / "index")
    assert "3 works were described again" in again.err and "blank" not in again.err
    after = simcheck("compare", suspects / "on_black.jpg", *options)
    assert "white0.png" in after.out and "earlier simcheck" not in after.err
    assert "described again" not in index(art, tmp_path / "index").err, "each is looked at once"


def test_works_that_are_blank_are_not_laid_at_the_suspects_door(tmp_path: Path, suspects: Path) -> None:
    folder = tmp_path / "blanks"
    folder.mkdir()
    for number in range(2):
        Image.new("RGB", (300, 200 + number), "white").save(folder / f"{number}.png")
    index(folder, tmp_path / "index")
    options = ("--out", tmp_path / "report", *SIGNALS, "--replace")
    for against in (("--index", tmp_path / "index"), ("--with", folder)):
        said = simcheck("compare", suspects / "on_black.jpg", *against, *options)
        assert "None of the works could be compared with it" in said.out
        assert "2 works have nothing that could be compared" in said.err and "0.png: it is blank" in said.err
        assert "the picture is blank" not in said.out
    document = simcheck("compare", suspects, "--index", tmp_path / "index", *options, "--json").json
    assert document["index"]["undescribed"] == 2
    assert [query["silent"] for query in document["queries"]] == [None, None]
