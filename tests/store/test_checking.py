"""`simcheck index --check` reads everything, says what is damaged, and has it described again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from command import simcheck
from paintings import painting
from PIL import Image, ImageDraw

from simcheck import pipeline
from simcheck.provenance import marks
from simcheck.records import Silent
from simcheck.store import Store

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
SIGNALS = ("--signal", "layout", "--signal", "phash", "--signal", "palette")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checking")
    (folder / "art").mkdir()
    for seed in range(5):
        Image.fromarray(painting(seed, (160, 120))).save(folder / "art" / f"{seed}.png")
    mark = Image.new("RGBA", (120, 60))
    ImageDraw.Draw(mark).line([(5, 50), (40, 8), (60, 50), (90, 10), (115, 45)], fill=(20, 20, 20, 255), width=6)
    mark.save(folder / "mark.png")
    choice = pipeline.Choice(only=("layout", "phash", "palette"))
    pipeline.index([folder / "art"], folder / "index", name="art", choice=choice, watcher=Silent())
    marks.add(folder / "index", [folder / "mark.png"], watcher=Silent())
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The pictures where they are, and a copy of the index that can be damaged."""
    shutil.copytree(made / "index", tmp_path / "index")
    return tmp_path / "index"


def change(folder: Path, sql: str) -> None:
    rows = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
    rows.execute(sql)
    rows.close()


def content(folder: Path) -> list[Any]:
    with Store.open(folder) as store:
        described = {
            (work.facts.sha256, identity.name): [d.values.tobytes() for d in description.descriptors]
            for identity in store.identities()
            for work in store.works()
            for number, description in store.descriptions(identity, [work.id])
        }
        places = {
            store.work(work).facts.sha256: place  # type: ignore[union-attr]
            for mark in store.marks()
            for work, place in store.mark_places(mark.id).items()
        }
        return [sorted(work.facts.sha256 for work in store.works()), described, places]


def test_a_whole_index_is_said_to_be_whole(folder: Path) -> None:
    done = simcheck("index", "--check", "--index", folder)
    assert done.code == 0, done.err
    assert "5 works, 15 descriptions, 2 search files. Nothing is damaged." in done.out
    document = simcheck("index", "--check", "--json", "--index", folder).json
    assert document == {
        "index": str(folder), "works": 5, "descriptions": 15, "search_files": 2, "damaged": [],
    }  # fmt: skip


DAMAGE = {
    "a descriptor": ("UPDATE descriptors SET data = zeroblob(length(data)) WHERE id = 3", r"0.png|says of"),
    "a lost region": ("DELETE FROM descriptors WHERE id = 3", ""),
    "a box": ("UPDATE descriptors SET x1 = 0.5 WHERE id = 2", "says of"),
    "no checksum": ("UPDATE descriptors SET checksum = NULL WHERE id = 2", "has no checksum"),
    "a work": ("UPDATE works SET width = width + 1 WHERE id = 2", "row of work 2"),
    "the digest of a work": ("UPDATE works SET sha256 = printf('%064d', 7) WHERE id = 2", "row of work 2"),
    "a file": ("UPDATE files SET relative = CAST('no.png' AS BLOB) WHERE id = 2", "no.png"),
    "a place of a mark": ("UPDATE mark_places SET score = 0.123 WHERE work_id = 3", "mark 1"),
}


@pytest.mark.parametrize(("sql", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_damaged_is_named_and_described_again(folder: Path, made: Path, sql: str, said: str) -> None:
    before = content(folder)
    change(folder, sql)
    if said:
        done = simcheck("index", "--check", "--index", folder)
        assert done.code == 5
        assert said.split("|")[-1] in done.err
        assert "simcheck index --check FOLDER" in done.err
        assert simcheck("index", "--check", "--index", folder).code == 5, "only reading mends nothing"
        assert simcheck("index", "--check", "--json", "--index", folder).json["damaged"]
    mended = simcheck("index", "--check", "--index", folder, *SIGNALS, made / "art")
    assert mended.code == 0, mended.err
    assert simcheck("index", "--check", "--index", folder).code == 0
    assert content(folder) == before


def test_a_search_file_that_was_altered_with_a_right_digest_is_found(folder: Path, made: Path) -> None:
    """All its vectors are held against the descriptors, not only those of one work."""
    from simcheck.retrieval.segments import read, write
    from simcheck.signals import load

    signal = load(["layout"])["layout"]()
    (file,) = folder.glob("layout-*.vectors")
    segment = read(file, signal.identity())
    parts = [segment.of(place) for place in range(len(segment.works))]
    parts[-1] = (*parts[-1][:2], -parts[-1][2])
    write(file, signal.identity(), parts)
    done = simcheck("index", "--check", "--index", folder)
    assert done.code == 5
    assert f"{file}: the vectors of work 5 are not those of its description" in done.err
    assert simcheck("index", "--check", "--index", folder, *SIGNALS, made / "art").code == 0
    assert simcheck("index", "--check", "--index", folder).code == 0


def test_the_table_of_own_pairs_is_checked(folder: Path, made: Path) -> None:
    document = json.loads((folder / "unrelated_pairs.json").read_text("utf-8"))
    document["works"] = 500
    (folder / "unrelated_pairs.json").write_text(json.dumps(document), "utf-8")
    done = simcheck("index", "--check", "--index", folder)
    assert done.code == 5
    assert "unrelated_pairs.json: it is not as it was written" in done.err
    assert simcheck("index", "--check", "--index", folder, *SIGNALS, made / "art").code == 0
    assert simcheck("index", "--check", "--index", folder).code == 0


def test_a_damaged_mark_is_taken_out_and_said(folder: Path, made: Path) -> None:
    change(folder, "UPDATE marks SET picture = x'00'")
    mended = simcheck("index", "--check", "--index", folder, *SIGNALS, made / "art")
    assert mended.code == 0
    assert "picture of the mark 'mark' is not as it was added; add it again" in mended.err
    with Store.open(folder) as store:
        assert store.marks() == ()


def test_what_cannot_be_described_again_is_said(folder: Path, made: Path) -> None:
    change(folder, "UPDATE meta SET name = 'hers'")
    for more in ((), (made / "art",)):
        done = simcheck("index", "--check", "--index", folder, *more)
        assert done.code == 5
        assert "move the folder away" in done.err.lower()


def test_a_broken_structure_is_not_said_to_be_mended_by_describing_again(folder: Path) -> None:
    data = bytearray((folder / "index.sqlite3").read_bytes())
    data[2 * 4096 : 2 * 4096 + 200] = b"\0" * 200
    (folder / "index.sqlite3").write_bytes(data)
    done = simcheck("index", "--check", "--index", folder)
    assert done.code == 5
    assert "Move the folder away" in done.err


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_format_is_checked_as_far_as_it_can_be(version: int) -> None:
    done = simcheck("index", "--check", "--index", GOLDEN / f"index_v{version}")
    assert done.code == 0, done.err
    assert "2 works, 3 descriptions" in done.out


def test_without_a_folder_there_must_be_something_to_check() -> None:
    done = simcheck("index")
    assert done.code == 2
    assert "Name the folders with your pictures: simcheck index FOLDER" in done.err
