"""Damage to any file of an index ends in an error that says what to do, or changes nothing; never in a traceback, and
never in another result without a word.
"""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from arrows import Listener
from damage import KINDS
from paintings import painting
from PIL import Image, ImageDraw

from simcheck import pipeline
from simcheck.cohort.own_pairs import NO_PAIRS, unrelated_of
from simcheck.comparison.pair import compare_with_store
from simcheck.errors import SimcheckError
from simcheck.provenance import marks
from simcheck.provenance.marks.places import inks_of
from simcheck.records import Silent
from simcheck.retrieval.fuse import retrieve
from simcheck.retrieval.retriever import open_retriever
from simcheck.signals import load
from simcheck.store import Store

NAMES = ("layout", "phash", "palette")
TRIES = 60


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five works, one of them signed, with all that lies beside an index."""
    folder = tmp_path_factory.mktemp("damage")
    (folder / "art").mkdir()
    for seed in range(5):
        Image.fromarray(painting(seed, (160, 120))).save(folder / "art" / f"{seed}.png")
    mark = Image.new("RGBA", (120, 60))
    ImageDraw.Draw(mark).line([(5, 50), (40, 8), (60, 50), (90, 10), (115, 45)], fill=(20, 20, 20, 255), width=6)
    mark.save(folder / "mark.png")
    choice = pipeline.Choice(only=NAMES)
    pipeline.index([folder / "art"], folder / "index", name="art", choice=choice, watcher=Silent())
    marks.add(folder / "index", [folder / "mark.png"], watcher=Silent())
    with Store.open(folder / "index", write=True) as store:
        store.pack()
    for file in folder.joinpath("index").glob("writer.*"):
        file.unlink()
    return folder / "index"


def all_that_is_read(folder: Path) -> tuple[Any, list[str]]:
    """What comparing takes from an index, in a form that can be compared, and the codes of what was said."""
    said = Listener()
    signals = {name: kind() for name, kind in load(NAMES).items()}
    with Store.open(folder, watcher=said) as store, ThreadPoolExecutor(1) as pool:
        identities = {name: signal.identity() for name, signal in signals.items()}
        works = store.works()
        about = (store.id, store.name, store.created, store.roots, works, store.skipped(), sorted(inks_of(store)))
        places = [store.mark_places(mark.id) for mark in store.marks()]
        lacking = [name for name in NAMES if store.described(identities[name]) < len(works)]
        if lacking:
            return (), ["signal_incomplete"]  # as `pipeline.choice.usable` says
        searches = {n: open_retriever(store, s, identities[n], said) for n, s in signals.items() if s.retrieval}
        found = []
        for work in works:
            query = {name: dict(store.descriptions(identity))[work.id] for name, identity in identities.items()}
            compared = compare_with_store(store, signals, identities, query, retrieve(searches, query, 3), pool)
            found.append([(each.work_id, [c.score for _, c in each.comparisons]) for each in compared])
        table = unrelated_of(store)
        if table is None:
            said.notices.append(NO_PAIRS)  # as the session does
        rates = table and (table.name, table.works, table.sample, table.scores.tobytes(), table.identities)
    return (about, places, found, rates), [notice.code for notice in said.notices]


def damaged(index: Path, to: Path, random: Random) -> str:
    """A copy with damage to one file. Returns which, and how."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(index, to)
    files = sorted(file for file in to.iterdir() if file.name != "README.txt")
    file = random.choice([*files, *[to / "index.sqlite3"] * len(files)])
    kind = random.choice(KINDS)
    file.write_bytes(kind(file.read_bytes(), random))
    return f"{file.name}: {kind.__name__}"


def refused_or_the_same(index: Path, to: Path, expected: Any, random: Random) -> None:
    how = damaged(index, to, random)
    try:
        found, said = all_that_is_read(to)
    except SimcheckError as error:
        assert error.exit_code != 1, (how, error)
        assert any(word in str(error) for word in ("simcheck", "again", "--index")), (how, error)
        return
    assert found == expected or said, f"{how}: another result, and nothing was said"


@pytest.mark.parametrize("seed", range(5))
def test_damage_is_refused_or_changes_nothing(index: Path, tmp_path: Path, seed: int) -> None:
    expected, said = all_that_is_read(index)
    assert said == []
    random = Random(seed)
    for _ in range(TRIES // 5):
        refused_or_the_same(index, tmp_path / "copy", expected, random)


def rows_of(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "index.sqlite3", isolation_level=None)


ALTERED = {
    "a number as descriptor": "UPDATE descriptors SET data = 7",
    "text as descriptor": "UPDATE descriptors SET data = 'text'",
    "no rows": "UPDATE descriptors SET rows = -1, columns = -1",
    "rows as text": "UPDATE descriptors SET rows = 'many'",
    "a box beyond the picture": "UPDATE descriptors SET x1 = 1e300",
    "another region": "UPDATE descriptors SET region = region + 1",
    "width 0": "UPDATE works SET width = 0",
    "width in words": "UPDATE works SET width = 'wide'",
    "notes nested": "UPDATE works SET notes = replace(hex(zeroblob(50000)), '0', '[')",
    "notes without end": "UPDATE works SET notes = '[\"a'",
    "a digest that is none": "UPDATE works SET sha256 = printf('%064d', id)",
    "a state that is none": "PRAGMA ignore_check_constraints = 1; UPDATE files SET state = 'x'",
    "a date in words": "UPDATE files SET mtime_ns = 'today'",
    "a path as text": "UPDATE files SET relative = 'a.png' WHERE id = 1",
    "a root as number": "UPDATE roots SET path = 5",
    "created some day": "UPDATE meta SET created = 'some day'",
    "no meta": "DELETE FROM meta",
    "a version in words": "UPDATE meta SET format_version = 'three'",
    "another portfolio": "UPDATE meta SET name = 'hers'",
    "a mark that is a number": "UPDATE marks SET picture = 5",
    "a place in words": "UPDATE mark_places SET x0 = 'left'",
    "a column less": "ALTER TABLE works DROP COLUMN notes",
    "a table less": "DROP TABLE files",
    "files of a work that is not there": "UPDATE files SET work_id = 99 WHERE id = 2",
    "bytes that are no text": "UPDATE works SET format = CAST(x'ff80' AS TEXT)",
    "the schema garbled": "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, 'TABLE', 'TBLE')",
    "a column of another name": "PRAGMA writable_schema = 1; "
    "UPDATE sqlite_master SET sql = replace(sql, 'width', 'wdth')",
}


@pytest.mark.parametrize("sealed", [True, False], ids=["with checksums", "without"])
@pytest.mark.parametrize("sql", ALTERED.values(), ids=ALTERED.keys())
def test_rows_that_make_no_sense_are_an_error_of_the_tree(index: Path, tmp_path: Path, sql: str, sealed: bool) -> None:
    """``without``: as in an index of an earlier format that is only read."""
    folder = tmp_path / "copy"
    shutil.copytree(index, folder)
    rows = rows_of(folder)
    if not sealed:
        for table in ("meta", "works", "files", "descriptors", "marks", "mark_places"):
            rows.execute(f"UPDATE {table} SET checksum = NULL")  # noqa: S608
    rows.executescript(sql)
    rows.close()
    expected, _ = all_that_is_read(index)
    try:
        found, said = all_that_is_read(folder)
    except SimcheckError as error:
        assert error.exit_code != 1
    else:
        assert said or (found != expected and not sealed), "with checksums nothing passes without a word"
