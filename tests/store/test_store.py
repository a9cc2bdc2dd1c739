"""The store: what goes in comes out, whoever else is there, and whatever happens to the process or the file."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_signal import Notebook
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from simcheck.errors import SignalError, StoreBusy, StoreError, StoreMissing, StoreTooNew
from simcheck.records import Description, Descriptor, FileFacts, Region, SignalIdentity
from simcheck.store import Batch, FileState, Store, StoredFile, migrations, schema
from simcheck.store.folder import remove_index

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
A = SignalIdentity("a", 1, libraries='{"numpy":"1"}')
ROOT = Path("/art") if os.name == "posix" else Path("C:/art")


def facts(number: int) -> FileFacts:
    return FileFacts(f"{number:064x}", 10 + number, "PNG", "RGB", 40, 30, 1, "pillow 1", ("oriented:6", "笔记"))


def description(value: int = 1, regions: int = 2) -> Description:
    boxes = tuple(Region(i, (0.0, 0.1, 1.0 / (i + 1), 1.0)) for i in range(regions))
    made = tuple(Descriptor(np.full((2, 3), value + i, np.float16)) for i in range(regions))
    return Description(boxes, made, 40, 30)


def stored(run_id: int, name: str | Path, work_id: int | None, state: FileState = FileState.OK) -> StoredFile:
    return StoredFile(ROOT, Path(name), 5, 1_700_000_000_123_456_789, state, run_id, "0.1", work_id)


def put(batch: Batch, run_id: int, number: int, identity: SignalIdentity = A) -> int:
    work_id = batch.put_work(facts(number))
    batch.put_file(stored(run_id, f"{number}.png", work_id))
    batch.put_description(work_id, identity, description(number))
    return work_id


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "index", write=True, create=True, name="作品 portfolio") as opened:
        yield opened


@pytest.fixture
def run_id(store: Store) -> int:
    with store.batch() as batch:
        return batch.start_run(["simcheck", "index", "\udcff"])


def test_an_index_names_itself(store: Store) -> None:
    assert store.name == "作品 portfolio"
    assert len(store.id) == 36
    assert store.created <= store.updated
    assert store.created.utcoffset() is not None
    readme = (store.path / "README.txt").read_text("utf-8")
    assert store.id in readme
    assert f"format version: {schema.FORMAT_VERSION}" in readme
    assert store.works() == ()
    assert store.identities() == ()


def test_works_and_descriptions_come_back(store: Store, run_id: int) -> None:
    with store.batch() as batch:
        first, second = put(batch, run_id, 1), put(batch, run_id, 2)
        batch.put_file(replace(stored(run_id, "sub/copy.png", first), mtime_ns=2_000_000_000_000_000_000))
    assert [work.id for work in store.works()] == [first, second]
    work = store.work(first)
    assert work is not None
    assert work.facts == facts(1)
    assert work.paths == (ROOT / "sub/copy.png", ROOT / "1.png")
    assert store.work_of_bytes(facts(2).sha256) == store.work(second)
    assert store.work(99) is None
    assert store.identities() == (A,)
    assert store.described(A) == 2
    assert [work_id for work_id, _ in store.descriptions(A, [second, 99])] == [second]
    for work_id, found in store.descriptions(A):
        assert found.regions == description().regions
        assert (found.width, found.height, found.mirrored) == (40, 30, ())
        for number, descriptor in enumerate(found.descriptors):
            np.testing.assert_array_equal(descriptor.values, np.full((2, 3), work_id + number, np.float16))
    assert store.roots == (ROOT,)


@given(
    values=npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=9))
    | npst.arrays(np.float16, npst.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=9)),
    reason=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    layout=st.sampled_from(["plain", "transposed", "reversed", "big-endian"]),
    box=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_any_descriptor_survives(
    tmp_path_factory: pytest.TempPathFactory,
    values: NDArray[Any],
    reason: str | None,
    layout: str,
    box: tuple[float, float, float, float],
) -> None:
    given_values = {
        "plain": values,
        "transposed": values.T,
        "reversed": values[::-1, ::-1],
        "big-endian": values.astype(values.dtype.newbyteorder(">")),
    }[layout]
    made = Description((Region(0, box),), (Descriptor(given_values, reason),), 40, 30)
    folder = tmp_path_factory.getbasetemp() / "round-trip"
    with Store.open(folder, write=True, create=True) as store, store.batch() as batch:
        run_id = batch.start_run([])
        work_id = put(batch, run_id, 1)
        batch.put_description(work_id, A, made)
    with Store.open(folder) as store:
        found = store.description(work_id, A)
    assert found is not None
    assert found.regions == made.regions
    assert found.descriptors[0].reason == reason
    assert found.descriptors[0].values.dtype == values.dtype
    np.testing.assert_array_equal(found.descriptors[0].values, given_values)


@given(name=st.binary(min_size=1, max_size=40).filter(lambda b: not {0, 47} & set(b) and b not in (b".", b"..")))
@pytest.mark.skipif(os.name != "posix", reason="names that are not valid Unicode exist on POSIX only")
def test_any_file_name_survives(tmp_path_factory: pytest.TempPathFactory, name: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "names"
    relative = Path("目录") / os.fsdecode(name)
    with Store.open(folder, write=True, create=True) as store:
        with store.batch() as batch:
            run_id = batch.start_run([os.fsdecode(name)])
            work_id = batch.put_work(facts(1))
            batch.put_file(stored(run_id, relative, work_id))
            batch.put_file(replace(stored(run_id, "x", None, FileState.SKIPPED), reason=os.fsdecode(name)))
        work = store.work(work_id)
        assert work is not None
        assert ROOT / relative in work.paths
        found = store.file(ROOT, relative)
        assert found is not None
        assert os.fsencode(found.relative) == os.fsencode(relative)
        with store.batch() as batch:
            batch.forget_file(found)
        assert store.file(ROOT, relative) is None


@pytest.mark.parametrize("values", [np.zeros(3, np.uint8), np.zeros((1, 1), np.float32), np.zeros((1, 1, 1), np.uint8)])
def test_a_descriptor_of_another_kind_is_refused(store: Store, run_id: int, values: NDArray[Any]) -> None:
    wrong = Description((Region(0, (0.0, 0.0, 1.0, 1.0)),), (Descriptor(values),), 1, 1)
    with pytest.raises(SignalError, match="uint8 or float16"), store.batch() as batch:
        batch.put_description(put(batch, run_id, 1), A, wrong)
    assert store.works() == ()


def test_a_batch_that_raises_leaves_nothing(store: Store, run_id: int) -> None:
    before = store.seals(A)
    with pytest.raises(KeyboardInterrupt), store.batch() as batch:
        put(batch, run_id, 1)
        raise KeyboardInterrupt
    assert store.works() == ()
    assert store.seals(A) == before


@pytest.mark.parametrize(
    "other",
    [
        replace(A, version=2),
        replace(A, weights="ab" * 32),
        replace(A, params='{"side":1}'),
        replace(A, preprocessing='{"size":224}'),
        replace(A, name="b"),
    ],
)
def test_descriptors_that_are_not_comparable_never_mix(store: Store, run_id: int, other: SignalIdentity) -> None:
    with store.batch() as batch:
        work_id = put(batch, run_id, 1)
    assert store.description(work_id, other) is None
    assert store.described(other) == 0
    assert list(store.descriptions(other)) == []
    assert store.lacking(work_id, [A, other]) == (other,)
    seals = store.seals(A)
    assert (list(seals), store.seals(other)) == ([work_id], {})
    assert store.derived_path(A) != store.derived_path(other)
    with store.batch() as batch:
        batch.put_description(work_id, other, description(7))
    assert store.seals(A) == seals
    assert list(store.seals(other)) == [work_id]
    assert store.seals(other) != seals
    ours, theirs = store.description(work_id, A), store.description(work_id, other)
    assert ours is not None
    assert theirs is not None
    assert (ours.descriptors[0].values[0, 0], theirs.descriptors[0].values[0, 0]) == (1, 7)


def test_libraries_are_recorded_but_compare(store: Store, run_id: int) -> None:
    newer = replace(A, libraries='{"numpy":"2"}')
    with store.batch() as batch:
        first = put(batch, run_id, 1)
        second = put(batch, run_id, 2, newer)
    assert store.identities() == (A, newer)
    assert store.described(A) == store.described(newer) == 2
    assert store.seals(A) == store.seals(newer)
    assert [work_id for work_id, _ in store.descriptions(A)] == [first, second]
    with store.batch() as batch:
        batch.put_description(first, newer, description(9))
    assert store.identities() == (newer,)
    assert store.described(A) == 2


def test_seals_follow_what_readers_see(store: Store, run_id: int) -> None:
    with store.batch() as batch:
        first = put(batch, run_id, 1)
    seals = store.seals(A)
    assert list(seals) == [first]
    with store.batch() as batch:
        batch.put_file(stored(run_id, "copy.png", first))
        batch.put_file(stored(run_id, "bad.png", None, FileState.SKIPPED))
    assert store.seals(A) == seals
    with store.batch() as batch:
        batch.forget_file(stored(run_id, "1.png", first))
    assert store.seals(A) == seals
    with store.batch() as batch:  # the last path that led to the work is overwritten by another work
        batch.put_file(stored(run_id, "copy.png", batch.put_work(facts(2))))
    assert store.seals(A) == {}
    assert store.described(A) == 0
    with store.batch() as batch:
        batch.put_file(stored(run_id, "again.png", first))
        batch.put_work(replace(facts(1), width=50))
    assert store.seals(A) == seals, "the same description is back, whatever else is known of the work by now"
    with store.batch() as batch:
        made = description(1)
        changed = (made.descriptors[0], Descriptor(made.descriptors[1].values + 1))
        batch.put_description(first, A, replace(made, descriptors=changed))
    assert list(store.seals(A)) == [first]
    assert store.seals(A) != seals, "that of region 0 covers the others"


def test_a_failure_is_kept_until_something_changes(store: Store, run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.batch() as batch:
        work_id = batch.put_work(facts(1))
        batch.put_file(stored(run_id, "1.png", work_id))
        batch.put_failure(work_id, A, "hurts", run_id)
    assert store.seals(A) == {}, "there is nothing new to search"
    assert store.lacking(work_id, [A]) == ()
    assert store.lacking(work_id, [replace(A, libraries='{"numpy":"2"}')]) != ()
    assert store.described(A) == 0
    monkeypatch.setattr("simcheck.store.described.__version__", "99")
    assert store.lacking(work_id, [A]) == (A,)


def test_pruning_takes_a_work_and_its_descriptors(store: Store, run_id: int) -> None:
    with store.batch() as batch:
        first = put(batch, run_id, 1)
        put(batch, run_id, 2)
        batch.put_failure(first, replace(A, name="f"), "hurts", run_id)
        batch.put_file(stored(run_id, "1.png", first, FileState.MISSING))
    with store.batch() as batch:
        assert batch.forget_works_without_files() == 0
        for file in list(store.files(FileState.MISSING)):
            batch.forget_file(file)
        assert batch.forget_works_without_files() == 1
    assert [work.facts for work in store.works()] == [facts(2)]
    assert store.description(first, A) is None
    with store.batch() as batch:
        assert put(batch, run_id, 3) > 2, "the number of a work is never given again"


# -- files that are not what they should be ---------------------------------------------------------------------


def test_a_root_is_known_by_another_name_with_all_that_lies_under_it(store: Store, run_id: int) -> None:
    with store.batch() as batch:
        first = put(batch, run_id, 1)
        batch.rename_root(ROOT, Path("cohort"))
    assert store.roots == (Path("cohort"),)
    work = store.work(first)
    assert work is not None
    assert work.paths == (Path("cohort/1.png"),)


def test_removing_an_index_takes_what_simcheck_made_and_nothing_else(tmp_path: Path) -> None:
    folder = make(tmp_path)
    (folder / "note.md").touch()
    (folder / "a-0123.faiss").touch()
    (folder / "a-0123-4567.vectors").touch()
    remove_index(folder)
    assert [path.name for path in folder.iterdir()] == ["note.md"]
    other = tmp_path / "other"
    shutil.copytree(make(tmp_path / "again"), other)
    remove_index(other)
    assert not other.exists()


def test_no_index_is_missing(tmp_path: Path) -> None:
    for write in (False, True):
        with pytest.raises(StoreMissing, match="simcheck index"):
            Store.open(tmp_path / "none", write=write)
    assert not (tmp_path / "none").exists()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"art")
    with pytest.raises(StoreError, match="already holds other files"):
        Store.open(tmp_path, write=True, create=True)
    assert [p.name for p in tmp_path.iterdir()] == ["cat.png"]
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "cat.png", write=True, create=True)


def test_an_index_that_was_never_finished_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite3").touch()
    with pytest.raises(StoreMissing):
        Store.open(tmp_path)
    with pytest.raises(StoreMissing):
        Store.open(tmp_path, write=True)
    with Store.open(tmp_path, write=True, create=True) as store:
        assert store.works() == ()


@pytest.mark.parametrize("write", [False, True])
def test_what_is_not_an_index_is_refused(tmp_path: Path, write: bool) -> None:
    file = tmp_path / "index.sqlite3"
    file.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match="damaged or not an index"):
        Store.open(tmp_path, write=write)
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    other.close()
    with pytest.raises(StoreError, match="not an index of simcheck"):
        Store.open(tmp_path, write=write)


@pytest.mark.parametrize("write", [False, True])
def test_a_later_format_is_refused(tmp_path: Path, write: bool) -> None:
    change(make(tmp_path), "UPDATE meta SET format_version = 99")
    with pytest.raises(StoreTooNew, match=r"later simcheck \(format 99.*update simcheck"):
        Store.open(tmp_path / "index", write=write)


def test_damage_is_named(tmp_path: Path) -> None:
    folder = make(tmp_path)
    change(folder, "UPDATE descriptors SET data = x'00' WHERE work_id = 2")
    with Store.open(folder) as store:
        assert store.description(1, A) is not None
        with pytest.raises(StoreError, match=r"what a says of .*2\.png is not as it was written.*index --check"):
            store.description(2, A)
    change(folder, "UPDATE descriptors SET checksum = NULL")  # as in an index of an older format that is only read
    with Store.open(folder) as store, pytest.raises(StoreError, match=r"2 x 3 float16 in 1 bytes"):
        store.description(2, A)
    file = folder / "index.sqlite3"
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"index\.sqlite3 is damaged.*simcheck index"), Store.open(folder) as store:
        store.works()
    file.write_bytes(data[:4096])
    with pytest.raises(StoreError, match="damaged"), Store.open(folder, write=True) as store:
        store.works()


def make(tmp_path: Path, numbers: Sequence[int] = (1, 2)) -> Path:
    folder = tmp_path / "index"
    with Store.open(folder, write=True, create=True) as store, store.batch() as batch:
        run_id = batch.start_run(["test"])
        for number in numbers:
            put(batch, run_id, number)
    return folder


def change(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "index.sqlite3")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


# -- formats ----------------------------------------------------------------------------------------------------


def make_format_0(tmp_path: Path) -> Path:
    """An invented older format: the display name of a root was not kept."""
    folder = make(tmp_path)
    change(
        folder,
        "DROP TABLE mark_places",
        "DROP TABLE marks",
        "DROP INDEX descriptions",
        *(f"ALTER TABLE {table} DROP COLUMN checksum" for table in ("meta", "works", "files", "descriptors")),
        *(f"ALTER TABLE files DROP COLUMN {column}" for column in ("ctime_ns", "file_id", "mounted")),
        "ALTER TABLE roots DROP COLUMN display",
        "UPDATE meta SET format_version = 0",
    )
    return folder


LATER = migrations.MIGRATIONS
"""The real steps, from format 1 on."""


def to_format_1(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE roots ADD COLUMN display TEXT NOT NULL DEFAULT ''")
    for root_id, path in connection.execute("SELECT id, path FROM roots").fetchall():
        connection.execute("UPDATE roots SET display = ? WHERE id = ?", (path.decode(), root_id))


def show_format_1(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TEMP VIEW roots AS SELECT id, path, '' AS display FROM main.roots")


FROM_0 = migrations.Migration("root names", 0, to_format_1, show_format_1)


def test_a_writer_brings_an_older_format_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_format_0(tmp_path)
    monkeypatch.setattr(schema, "MIGRATIONS", (FROM_0, *LATER))
    watcher = Notebook()
    with Store.open(folder, write=True, watcher=watcher) as store:
        assert len(store.works()) == 2
        assert store.description(2, A) is not None
    steps = schema.FORMAT_VERSION  # from format 0, one at a time
    assert watcher.codes == ["index_migrated"] * steps
    with Store.open(folder, watcher=watcher) as store:
        assert store.roots == (ROOT,)
    assert watcher.codes == ["index_migrated"] * steps


def test_a_reader_takes_an_older_format_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may lie on media that cannot be written, and reading never waits for a writer."""
    folder = make_format_0(tmp_path)
    monkeypatch.setattr(schema, "MIGRATIONS", (FROM_0, *LATER))
    before = (folder / "index.sqlite3").read_bytes()
    watcher = Notebook()
    with Store.open(folder, watcher=watcher) as store:
        assert [work.paths for work in store.works()] == [(ROOT / "1.png",), (ROOT / "2.png",)]
        assert store.description(2, A) is not None
        assert store.identities() == (A,)
        assert store.marks() == ()
    assert watcher.codes == []
    assert (folder / "index.sqlite3").read_bytes() == before


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_format_0(tmp_path)

    def breaks(connection: sqlite3.Connection) -> None:
        to_format_1(connection)
        connection.execute("DELETE FROM works WHERE id = 1")

    monkeypatch.setattr(schema, "MIGRATIONS", (migrations.Migration("breaks", 0, breaks, show_format_1), *LATER))
    with pytest.raises(StoreError, match="left as it was"):
        Store.open(folder, write=True)
    monkeypatch.setattr(schema, "MIGRATIONS", (FROM_0, *LATER))
    with Store.open(folder) as store:
        assert len(store.works()) == 2


def test_a_format_without_a_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot read any more"):
        Store.open(make_format_0(tmp_path))


# -- one writer, many readers -----------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_is_there(store: Store) -> None:
    watcher = Notebook()
    began = time.monotonic()
    with pytest.raises(StoreBusy, match=rf"process {os.getpid()} on "):
        Store.open(store.path, write=True, wait_seconds=0.3, watcher=watcher)
    assert 0.3 <= time.monotonic() - began < 10
    assert watcher.codes == ["index_busy"]
    assert str(os.getpid()) in watcher.notices[0].message
    with pytest.raises(StoreBusy):
        Store.open(store.path, write=True, wait_seconds=0)


def test_a_second_writer_waits_its_turn(store: Store, run_id: int) -> None:
    watcher = Notebook()
    opened: list[int] = []

    def second() -> None:
        with Store.open(store.path, write=True, wait_seconds=20, watcher=watcher) as waiting:
            opened.append(len(waiting.works()))

    thread = threading.Thread(target=second)
    thread.start()
    for _ in range(200):
        if watcher.notices:
            break
        time.sleep(0.02)
    assert opened == []
    with store.batch() as batch:
        put(batch, run_id, 1)
    store.close()
    thread.join(20)
    assert opened == [1]
    assert watcher.codes == ["index_busy"]


def test_readers_see_the_last_commit_during_a_write(store: Store, run_id: int) -> None:
    with store.batch() as batch:
        put(batch, run_id, 1)
    with Store.open(store.path) as reader:
        streaming = reader.descriptions(A)
        assert next(streaming)[0] == 1
        with store.batch() as batch:
            put(batch, run_id, 2)
            assert len(reader.works()) == 1
            with Store.open(store.path) as late:
                assert len(late.works()) == 1
        assert len(reader.works()) == 2
        assert list(streaming) == []
        with pytest.raises(StoreError, match="for reading only"), reader.batch():
            pass


def test_a_killed_writer_frees_the_index(tmp_path: Path) -> None:
    folder = make(tmp_path)
    code = f"""
        import sys, time
        sys.path[:0] = [{str(TESTS)!r}, {str(HERE)!r}]
        from pathlib import Path
        from simcheck.store import Store
        from test_store import put
        store = Store.open(Path({str(folder)!r}), write=True)
        with store.batch() as batch:
            run_id = batch.start_run(["killed"])
            put(batch, run_id, 3)
        with store.batch() as batch:
            put(batch, run_id, 4)
            print("in a batch", flush=True)
            time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"in a batch"
        with pytest.raises(StoreBusy, match=f"process {child.pid} "):
            Store.open(folder, write=True, wait_seconds=0)
        with Store.open(folder) as reader:
            assert len(reader.works()) == 3
        child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    with Store.open(folder) as reader:
        assert len(reader.works()) == 3
    with Store.open(folder, write=True, wait_seconds=5) as store, store.batch() as batch:
        assert len(store.works()) == 3
        put(batch, 1, 4)
    rows = sqlite3.connect(folder / "index.sqlite3")
    assert rows.execute("SELECT outcome FROM runs ORDER BY id").fetchall() == [("killed",), ("killed",)]
    rows.close()


# -- read-only media --------------------------------------------------------------------------------------------

READ_AS_NOBODY = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_store import A
from simcheck.errors import StoreError
from simcheck.store import Store
if os.geteuid() == 0:
    os.setuid(65534)  # root may write anywhere
try:
    with Store.open(Path(sys.argv[1])) as store:
        print(len(store.works()), len(list(store.descriptions(A))))
except StoreError as error:
    print(type(error).__name__, error)
"""


def read_as_nobody(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ_AS_NOBODY, str(folder), str(TESTS), str(HERE)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    for folder in [place, *place.iterdir()]:
        folder.chmod(0o755)
    shutil.rmtree(place)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_an_index_that_cannot_be_written_is_read(open_place: Path) -> None:
    folder = make(open_place)
    assert sorted(p.name for p in folder.iterdir()) == ["README.txt", "index.sqlite3", "writer.lock"]
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    assert read_as_nobody(folder) == "2 2\n"
    folder.chmod(0o755)
    with Store.open(folder, write=True) as store:
        store.pack()
    folder.chmod(0o555)
    assert read_as_nobody(folder) == "2 2\n"


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_an_unfinished_index_that_cannot_be_written_is_not_misread(open_place: Path) -> None:
    """Without its log the last batches would silently be missing."""
    folder = make(open_place)
    with Store.open(folder, write=True) as store:
        with store.batch() as batch:
            put(batch, 1, 3)
        copy = open_place / "copy"
        copy.mkdir()
        for name in ("index.sqlite3", "index.sqlite3-wal"):
            (copy / name).write_bytes((folder / name).read_bytes())
            (copy / name).chmod(0o444)
    copy.chmod(0o555)
    said = read_as_nobody(copy)
    assert said == "3 3\n" or said.startswith("StoreError The index") and "Copy the whole folder" in said


def test_a_packed_index_is_one_file_and_stays_one_when_read(tmp_path: Path) -> None:
    folder = make(tmp_path)
    with Store.open(folder, write=True) as store:
        store.pack()
    (folder / "writer.lock").unlink()
    with Store.open(folder) as store:
        assert len(store.works()) == 2
        assert sorted(p.name for p in folder.iterdir()) == ["README.txt", "index.sqlite3"]
    with Store.open(folder, write=True) as store, store.batch() as batch:
        put(batch, 1, 3)
    with Store.open(folder) as store:
        assert len(store.works()) == 3
