"""The table of a portfolio's own pairs: made once, from pairs that are two pictures, and made again when it must be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_signal import InProcessReader
from numpy.typing import NDArray
from paintings import painting, picture
from PIL import Image

from simcheck.cohort.own_pairs import LEAST_WORKS, PARTNERS, QUERIES, describe_unrelated, unrelated_of
from simcheck.indexing.portfolio import index_portfolio
from simcheck.records import Notice, Pixels, Silent
from simcheck.scoring.rates import STEM, Unrelated
from simcheck.signals import load
from simcheck.signals.base import Signal
from simcheck.signals.describe import describe
from simcheck.store import Store

SMALL = (240, 180)


class Listener(Silent):
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)


class Desk:
    """A portfolio folder with its open index."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.art, self.store = folder / "art", store
        self.art.mkdir()
        self.signals: dict[str, Signal] = {name: kind() for name, kind in load(["phash", "layout"]).items()}
        self.watcher = Listener()

    def hang(self, **works: Pixels) -> None:
        for name, pixels in works.items():
            Image.fromarray(np.ascontiguousarray(pixels)).save(self.art / f"{name}.png")

    def take_away(self, *names: str) -> None:
        for name in names:
            (self.art / f"{name}.png").unlink()

    def describe(self) -> list[Path]:
        """Index the folder, then make the table. Returns the pictures that were read for the table."""
        index_portfolio(
            self.store, [self.art], list(self.signals.values()), InProcessReader(), Silent(), True, ["test"]
        )
        reader = InProcessReader()
        describe_unrelated(self.store, self.signals, reader, self.watcher)  # type: ignore[arg-type]
        return reader.opened

    def table(self) -> Unrelated:
        found = unrelated_of(self.store)
        assert found is not None
        return found

    def about(self) -> dict[str, object]:
        read: dict[str, object] = json.loads((self.store.path / f"{STEM}.json").read_text("utf-8"))
        return read

    def column(self, name: str) -> NDArray[np.float32]:
        found = self.table().column(self.signals[name].identity())
        assert found is not None
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "index", write=True, create=True, name="梅") as store:
        yield Desk(tmp_path, store)


def paintings(seeds: Sequence[int] | range) -> dict[str, Pixels]:
    return {f"work{seed}": painting(seed, SMALL) for seed in seeds}


def test_the_table_holds_what_the_signals_say_of_every_pair(desk: Desk) -> None:
    works = paintings(range(6))
    desk.hang(**works)
    desk.describe()
    table = desk.table()
    assert table.works == 6
    assert table.name == "梅"
    assert table.identities == tuple(s.identity().comparable for s in desk.signals.values())
    assert table.scores.shape == (6 * 5, 2), "each work as the query, each other one as the reference"
    for name, signal in desk.signals.items():
        queries = describe([picture(p) for p in works.values()], signal, query=True)
        references = describe([picture(p) for p in works.values()], signal, query=False)
        expected = [
            signal.compare(q, r).score for i, q in enumerate(queries) for j, r in enumerate(references) if i != j
        ]
        np.testing.assert_allclose(desk.column(name), np.sort(np.array(expected, np.float32)), atol=1e-6)


@pytest.mark.parametrize("count", range(LEAST_WORKS))
def test_fewer_than_four_works_get_none(desk: Desk, count: int) -> None:
    desk.hang(**paintings(range(count)))
    assert desk.describe() == []
    assert unrelated_of(desk.store) is None
    assert not list(desk.store.path.glob(f"{STEM}*"))


def test_four_works_get_one(desk: Desk) -> None:
    desk.hang(**paintings(range(4)))
    desk.describe()
    assert len(desk.table().scores) == 12


def test_of_many_works_a_sample_is_compared_and_no_work_with_itself(desk: Desk) -> None:
    desk.signals.pop("phash")
    desk.hang(**paintings(range(20)))
    read = desk.describe()
    assert len(set(read)) == len(read) == QUERIES
    assert desk.table().scores.shape == (QUERIES * PARTNERS, 1)
    assert desk.column("layout").max() < 0.95


def test_it_is_made_once(desk: Desk) -> None:
    desk.hang(**paintings(range(6)))
    assert len(desk.describe()) == 6
    before = {p: p.stat().st_mtime_ns for p in desk.store.path.glob(f"{STEM}*")}
    assert desk.describe() == []
    assert {p: p.stat().st_mtime_ns for p in desk.store.path.glob(f"{STEM}*")} == before
    assert sorted(p.suffix for p in before) == [".json", ".npz"]


def test_the_same_works_give_the_same_table(tmp_path: Path) -> None:
    tables = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        with Store.open(tmp_path / name / "index", write=True, create=True) as store:
            desk = Desk(tmp_path / name, store)
            desk.hang(**paintings(range(18)))
            desk.describe()
            tables.append(desk.table().scores)
    one, other = tables
    np.testing.assert_array_equal(one, other)


def test_one_more_work_in_six_changes_nothing_but_two_do(desk: Desk) -> None:
    desk.hang(**paintings(range(6)))
    desk.describe()
    desk.hang(**paintings([6]))
    assert desk.describe() == []
    assert desk.table().works == 6
    desk.hang(**paintings([7]))
    assert len(desk.describe()) == 8
    assert desk.table().works == 8


def test_it_is_made_again_when_a_fifth_of_the_works_are_others(desk: Desk) -> None:
    desk.hang(**paintings(range(10)))
    desk.describe()
    for i, again in enumerate([False, True]):
        desk.take_away(f"work{i}")
        desk.hang(**paintings([20 + i]))
        assert bool(desk.describe()) is again


def test_it_is_made_again_when_works_are_taken_away(desk: Desk) -> None:
    desk.hang(**paintings(range(8)))
    desk.describe()
    desk.take_away("work1", "work2")
    assert len(desk.describe()) == 6
    assert desk.table().works == 6


def test_it_is_made_again_for_a_signal_that_is_new_to_it(desk: Desk) -> None:
    layout = desk.signals.pop("layout")
    desk.hang(**paintings(range(5)))
    desk.describe()
    assert desk.table().column(layout.identity()) is None
    desk.signals["layout"] = layout
    assert len(desk.describe()) == 5
    assert len(desk.column("layout")) == 20
    del desk.signals["phash"]
    assert desk.describe() == [], "a table that knows more serves as well"


def test_it_is_made_again_when_all_works_are_others(desk: Desk) -> None:
    desk.hang(**paintings(range(6)))
    desk.describe()
    desk.take_away(*paintings(range(6)))
    desk.hang(**paintings(range(10, 16)))
    assert len(desk.describe()) == 6


def test_it_goes_when_too_few_works_are_left(desk: Desk) -> None:
    desk.hang(**paintings(range(8)))
    desk.describe()
    desk.take_away(*paintings(range(5)))
    desk.describe()
    assert unrelated_of(desk.store) is None


def test_the_same_picture_twice_is_no_pair(desk: Desk) -> None:
    works = paintings(range(5))
    desk.hang(**works, mirrored=works["work0"][:, ::-1], mirrored_too=works["work1"][:, ::-1])
    Image.fromarray(works["work2"]).save(desk.art / "again.jpg", quality=60)
    desk.describe()
    # three pictures are there twice, and each of the two was a query
    assert desk.about()["same_picture"] == 6
    assert len(desk.table().scores) == 8 * 7 - 6
    assert desk.column("phash").max() < 1 - 31 / 128
    assert desk.column("layout").max() < 0.9


def test_a_detail_of_a_work_is_no_pair_either(desk: Desk) -> None:
    """Artists keep details, variants and works in progress beside their works."""
    desk.signals["keypoints"] = load(["keypoints"])["keypoints"]()
    works = {f"work{seed}": painting(seed) for seed in range(6)}
    desk.hang(**works, detail0=works["work0"][60:300, 80:400], detail1=works["work1"][:240, :320])
    desk.describe()
    assert desk.column("keypoints").max() < 5


def test_where_a_signal_has_nothing_to_say_the_pair_stays_for_the_others(desk: Desk) -> None:
    grid = np.full((180, 240, 3), 100, np.uint8)
    grid[:, 120:] = 160  # light and dark, but no detail for a hash
    desk.hang(**paintings(range(4)), plain=grid)
    desk.describe()
    assert len(desk.column("layout")) == 20
    assert len(desk.column("phash")) == 12


def test_files_that_are_gone_or_changed_are_passed_over(desk: Desk) -> None:
    desk.hang(**paintings(range(6)))
    index_portfolio(desk.store, [desk.art], list(desk.signals.values()), InProcessReader(), Silent())
    desk.take_away("work0")
    desk.hang(work1=painting(77, SMALL))
    describe_unrelated(desk.store, desk.signals, InProcessReader(), desk.watcher)  # type: ignore[arg-type]
    assert len(desk.table().scores) == 4 * 5, "the other four were queries; all six are references, from the index"


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_a_damaged_table_is_none_and_is_made_again(desk: Desk, suffix: str) -> None:
    desk.hang(**paintings(range(4)))
    desk.describe()
    (desk.store.path / f"{STEM}.{suffix}").write_bytes(b"{}")
    assert unrelated_of(desk.store) is None
    assert len(desk.describe()) == 4
    assert len(desk.table().scores) == 12


def test_a_table_of_an_earlier_version_is_made_again(desk: Desk) -> None:
    desk.hang(**paintings(range(4)))
    desk.describe()
    before = desk.table()
    replace(before, parts=before.parts[:, :3]).save(desk.store.path, {})
    assert unrelated_of(desk.store) is None
    assert len(desk.describe()) == 4
    np.testing.assert_array_equal(desk.table().parts, before.parts)


def test_a_table_that_cannot_be_written_is_told(desk: Desk) -> None:
    (desk.store.path / f"{STEM}.json").mkdir()
    desk.hang(**paintings(range(4)))
    desk.describe()
    (notice,) = desk.watcher.notices
    assert notice.code == "derived_not_written"
    assert str(desk.store.path) in notice.message
    assert unrelated_of(desk.store) is None
