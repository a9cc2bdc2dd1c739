"""The format is what `index/README.md` says, and the indexes of all formats open for ever."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from scripts.build import golden_index
from simcheck.records import FileFacts, Region, SignalIdentity, Skipped
from simcheck.records.marks import Mark, MarkPlace
from simcheck.store import FORMAT_VERSION, FileState, Store, identity_digest, schema

CHECKOUT = Path(__file__).resolve().parents[2]
README = CHECKOUT / "index" / "README.md"
GOLDEN = CHECKOUT / "tests" / "golden" / f"index_v{FORMAT_VERSION}"
OLDER = [CHECKOUT / "tests" / "golden" / f"index_v{number}" for number in range(1, FORMAT_VERSION)]
SEEN = (1_600_000_000_000_000_002, 2**64 + 7)
"""When the record of the first file changed, and its number on its volume: more than 64 bits, as ReFS has them."""
HASH = SignalIdentity("golden_hash", 1, params='{"least_quality":50}', libraries='{"pdqhash":"0.2.8"}')
NETWORK = SignalIdentity("golden_network", 3, weights="ab" * 32, preprocessing='{"size":224}')


def documented() -> dict[str, list[str]]:
    """Table -> columns, as the page lists them."""
    tables: dict[str, list[str]] = {}
    text = README.read_text("utf-8").split("## Tables")[1].split("## Read it")[0]
    for part in text.split("\n### ")[1:]:
        name = re.match(r"`(\w+)`", part)
        assert name, part
        tables[name[1]] = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    return tables


def real(folder: Path) -> dict[str, list[str]]:
    rows = sqlite3.connect(f"{(folder / 'index.sqlite3').as_uri()}?mode=ro", uri=True)
    names = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = {
        name: [column[1] for column in rows.execute(f"PRAGMA table_info({name})")]
        for name in names
        if not name.startswith("sqlite_")  # SQLite's own
    }
    rows.close()
    return tables


def test_every_table_and_column_is_documented_and_real(tmp_path: Path) -> None:
    Store.open(tmp_path / "index", write=True, create=True).close()
    assert documented() == real(tmp_path / "index")
    text = README.read_text("utf-8")
    assert f"**format {FORMAT_VERSION}**" in text
    assert f"0x{schema.APPLICATION_ID:08X}" in text


def test_the_golden_index_has_the_tables_of_its_format() -> None:
    assert real(GOLDEN) == documented()


def test_the_example_reads_an_index_without_simcheck() -> None:
    code = README.read_text("utf-8").split("```python\n")[1].split("```")[0]
    program = f"import sys\nsys.modules['simcheck'] = None\nfolder = {str(GOLDEN)!r}\n{code}"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == textwrap.dedent(
        """\
        01010101 golden_hash 0 uint8 (2, 33) 2145.0
        02020202 golden_hash 0 uint8 (0, 0) 0.0
        01010101 golden_network 0 float16 (1, 4) 65504.250000059605
        01010101 golden_network 1 float16 (1, 4) -65504.250000059605
        """
    )


def check_golden(store: Store, number_on_the_volume: tuple[int | None, int | None] = SEEN) -> None:
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (store.id, store.name) == ("00000000-0000-4000-8000-000000000000", "golden 金")
    assert (store.created, store.updated) == (made, made)
    assert store.roots == (Path("/art"), Path("/画"))
    first, second = store.works()
    assert first.facts == FileFacts("01" * 32, 1001, "PNG", "RGBA", 640, 480, 1, "pillow 12", ("oriented:6",))
    assert second.facts == FileFacts("02" * 32, 1002, "JPEG", "L", 1, 1, 1, "pillow 12", ())
    assert first.paths == (Path("/art/one.png"), Path("/art/gone.png"))
    if os.name == "posix":
        assert [os.fsencode(path) for path in second.paths] == [b"/\xe7\x94\xbb/caf\xe9/\xe7\x94\xbb.jpg"]
    assert store.skipped() == (Skipped(Path("/art/bad.png"), "damaged", "the PNG is damaged"),)
    file = store.file(Path("/art"), Path("one.png"))
    assert file is not None
    assert (file.mtime_ns, file.state, file.simcheck) == (1_600_000_000_000_000_001, FileState.OK, "0.1.0")
    assert (file.ctime_ns, file.file_id) == number_on_the_volume
    assert file.mounted == (number_on_the_volume != (None, None))
    gone = store.file(Path("/art"), Path("gone.png"))
    assert gone is not None
    assert (gone.state, gone.ctime_ns, gone.file_id) == (FileState.MISSING, None, None)
    assert store.identities() == (HASH, NETWORK)
    assert (store.described(HASH), store.described(NETWORK)) == (2, 1)

    hashed = store.description(first.id, HASH)
    assert hashed is not None
    assert hashed.regions == (Region(0, (0.0, 0.0, 1.0, 1.0)),)
    assert (hashed.width, hashed.height) == (640, 480)
    assert hashed.descriptors[0].values.dtype == np.uint8
    np.testing.assert_array_equal(hashed.descriptors[0].values, np.arange(66).reshape(2, 33))

    abstained = store.description(second.id, HASH)
    assert abstained is not None
    assert abstained.descriptors[0].reason == "little_detail"
    assert abstained.descriptors[0].values.shape == (0, 0)

    network = store.description(first.id, NETWORK)
    assert network is not None
    assert network.regions[1] == Region(1, (0.0, 0.25, 0.5, 0.75))
    halves = np.array([[0.5, -0.25, 65504.0, 5.960464477539063e-08]])
    for descriptor, sign in zip(network.descriptors, (1, -1), strict=True):
        assert descriptor.values.dtype == np.float16
        np.testing.assert_array_equal(descriptor.values.astype(np.float64), sign * halves)


def test_the_golden_index_reads_the_exact_values_and_stays_untouched() -> None:
    before = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in GOLDEN.iterdir()}
    with Store.open(GOLDEN) as store:
        check_golden(store)
        assert sorted(file.name for file in GOLDEN.iterdir()) == ["README.txt", "index.sqlite3"]
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in GOLDEN.iterdir()} == before


def test_the_golden_index_can_be_written_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "index"
    shutil.copytree(GOLDEN, folder)
    with Store.open(folder, write=True) as store:
        check_golden(store)
        with store.batch() as batch:
            assert batch.put_work(FileFacts("03" * 32, 1, "PNG", "RGB", 1, 1, 1, "pillow 12")) == 3
        for version, lacking in (("0.1.0", ()), ("99", (NETWORK,))):
            monkeypatch.setattr("simcheck.store.described.__version__", version)
            assert store.lacking(2, [NETWORK]) == lacking


def check_golden_marks(store: Store) -> None:
    (mark,) = store.marks()
    picture = golden_index.PICTURE
    digest = hashlib.sha256(picture).hexdigest()
    assert mark == Mark(1, "seal 印", digest, picture, "given", "2026-01-02T03:04:05+00:00")
    assert store.mark_places(1) == {1: MarkPlace((0.125, 0.25, 0.5, 0.75), 90.0, True, 0.875)}
    assert [work.id for work in store.unsearched(1, 1)] == []
    assert [work.id for work in store.unsearched(1, 2)] == [1, 2]


def test_the_golden_index_holds_marks() -> None:
    with Store.open(GOLDEN) as store:
        check_golden_marks(store)


@pytest.mark.parametrize("older", OLDER, ids=lambda folder: folder.name)
def test_an_index_of_an_older_format_is_read_as_it_is(older: Path) -> None:
    """Also where nothing can be written, and nobody waits for it."""
    before = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in older.iterdir()}
    with Store.open(older) as store:
        check_golden(store, (None, None))
        if older.name == "index_v1":
            assert store.marks() == ()
            assert [work.id for work in store.unsearched(1, 1)] == [1, 2]
        else:
            check_golden_marks(store)
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in older.iterdir()} == before


@pytest.mark.parametrize("older", OLDER, ids=lambda folder: folder.name)
def test_an_index_of_an_older_format_is_brought_up_to_date_by_a_writer(tmp_path: Path, older: Path) -> None:
    folder = tmp_path / "index"
    shutil.copytree(older, folder)
    with Store.open(folder, write=True) as store:
        check_golden(store, (None, None))
    assert real(folder) == documented()
    assert checksums(folder) == checksums(GOLDEN, without_file_numbers=True)
    with Store.open(folder, write=True) as store:
        check_golden(store, (None, None))
        with store.batch() as batch:
            mark = batch.put_mark("m", "ab" * 32, b"png", "found")
            batch.put_mark_place(mark, 2, 1, 0.1, None)
        assert store.mark_places(mark) == {}
        assert [work.id for work in store.unsearched(mark, 1)] == [1]
        with store.batch() as batch:
            batch.forget_mark(mark)
        assert mark not in [left.id for left in store.marks()]


def checksums(folder: Path, without_file_numbers: bool = False) -> list[tuple[str, bytes | None]]:
    """All of an index, which the step from format 2 to 3 computes as writing does."""
    rows = sqlite3.connect(f"{(folder / 'index.sqlite3').as_uri()}?mode=ro", uri=True)
    numbered = "AND file_id IS NULL" if without_file_numbers else "AND relative <> CAST('one.png' AS BLOB)"
    found = [
        (table, seal)
        for table, where in (("works", ""), ("files", numbered), ("descriptors", ""))
        for (seal,) in rows.execute(f"SELECT checksum FROM {table} WHERE 1 {where} ORDER BY id")  # noqa: S608
    ]
    rows.close()
    return found


def test_the_script_makes_what_the_golden_index_says(tmp_path: Path) -> None:
    golden_index.make(tmp_path / "index")
    with Store.open(tmp_path / "index") as store:
        check_golden(store)
        check_golden_marks(store)


def test_a_golden_index_is_never_made_anew(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["golden_index.py"])
    assert golden_index.main() == 1
    assert "stays as it is" in capsys.readouterr().err


def test_names_of_derived_files_never_change() -> None:
    """A change here would leave old derived files lying about and, worse, let two identities share one."""
    assert identity_digest(HASH) == hashlib.sha256(b'["golden_hash",1,"","{\\"least_quality\\":50}","{}"]').hexdigest()
    with Store.open(GOLDEN) as store:
        assert store.derived_path(HASH).name == f"golden_hash-{identity_digest(HASH)[:12]}.vectors"
        assert store.derived_path(SignalIdentity("a/b c", 1), ".stamp").name.startswith("a_b_c-")
