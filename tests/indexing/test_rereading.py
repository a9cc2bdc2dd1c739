"""Works that are read otherwise than before: described again once, by what their files hold now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_signal import InProcessReader, MeanColour, Notebook, paint

from simcheck.errors import PictureError
from simcheck.indexing.portfolio import index_portfolio
from simcheck.indexing.rereading import read_again
from simcheck.records import Picture, Silent
from simcheck.store import Store


class EarlierReader(InProcessReader):
    """Reads as a simcheck did that knew nothing of readings; ``odd.png`` it showed otherwise."""

    def read_all(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Picture | PictureError]]:
        for path, found in super().read_all(paths):
            if isinstance(found, Picture):
                odd = path.name == "odd.png"
                facts = replace(found.facts, decoder="test", notes=("note:0",) if odd else found.facts.notes)
                found = replace(found, facts=facts, pixels=found.pixels // 2 if odd else found.pixels)
            yield path, found


@pytest.fixture
def art(tmp_path: Path) -> Path:
    folder = tmp_path / "art"
    folder.mkdir()
    for number, name in enumerate(("odd.png", "same.png", "gone.png")):
        paint(folder / name, number)
    with Store.open(tmp_path / "index", write=True, create=True) as store:
        index_portfolio(store, [folder], [MeanColour()], EarlierReader(), Notebook())
    return folder


def test_only_what_is_read_otherwise_is_described_again_and_each_once(tmp_path: Path, art: Path) -> None:
    (art / "gone.png").rename(tmp_path / "gone.png")
    signal = MeanColour()
    with Store.open(tmp_path / "index", write=True) as store:
        ids = {work.paths[0].name: work.id for work in store.works()}
        before = dict(store.descriptions(signal.identity()))
        reader = InProcessReader()
        done = read_again(store, [signal], reader, Silent())
        assert done.changed == (art / "odd.png",) and done.absent == 1
        assert signal.pictures_seen == 1
        after = dict(store.descriptions(signal.identity()))
        assert set(after) == set(before), "nothing is lost, not even what cannot be read now"
        values = {name: [said[i].descriptors[0].values for said in (before, after)] for name, i in ids.items()}
        same = {name: bool((old == new).all()) for name, (old, new) in values.items()}
        assert same == {"odd.png": False, "same.png": True, "gone.png": True}
        assert store.look_through(lambda done, total: None).faults == ()
        (tmp_path / "gone.png").rename(art / "gone.png")
        reader = InProcessReader()
        assert read_again(store, [signal], reader, Silent()).changed == ()
        assert [path.name for path in reader.opened] == ["gone.png"]
        assert read_again(store, [signal], reader, Silent()).absent == 0 and len(reader.opened) == 1


def test_a_file_that_holds_another_picture_by_now_is_not_taken_for_the_work(tmp_path: Path, art: Path) -> None:
    paint(art / "odd.png", 9)
    with Store.open(tmp_path / "index", write=True) as store:
        done = read_again(store, [MeanColour()], InProcessReader(), Silent())
    assert done.changed == () and done.absent == 1
