"""Everything that writes to an index. A `Batch` lives inside one transaction (`Store.batch`)."""

from __future__ import annotations

import json
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version as library_version
from pathlib import Path

from simcheck import __version__
from simcheck.images.files import is_there
from simcheck.records import Description, FileFacts, SignalIdentity
from simcheck.records.marks import MarkPlace
from simcheck.store.checking import Fault, take_out
from simcheck.store.packing import (
    Packed,
    checksum,
    description_checksums,
    pack_path,
    pack_values,
    readable_path,
    unpack_path,
)
from simcheck.store.rows import WORK_COLUMNS, FileState, RunOutcome, StoredFile, stored_files
from simcheck.store.schema import now

__all__ = ["Batch"]


class Batch:
    """Writes of one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def start_run(self, command: Sequence[str]) -> int:
        """Record that a run begins, with the command line and the versions it runs with. Returns its id."""
        return self._insert(
            "INSERT INTO runs (started, command, environment, outcome) VALUES (?, ?, ?, ?)",
            (now(), _json(list(command)), _json(_environment()), RunOutcome.RUNNING),
        )

    def finish_run(self, run_id: int, outcome: RunOutcome, counts: Mapping[str, object]) -> None:
        self._connection.execute(
            "UPDATE runs SET finished = ?, outcome = ?, counts = ? WHERE id = ?",
            (now(), outcome, _json(dict(counts)), run_id),
        )

    def mark_killed_runs(self) -> None:
        self._connection.execute(
            "UPDATE runs SET outcome = ? WHERE outcome = ?", (RunOutcome.KILLED, RunOutcome.RUNNING)
        )

    def put_work(self, facts: FileFacts) -> int:
        """The id of the work with these bytes; new facts replace old ones (a later decoder may know more)."""
        self._connection.execute(
            "INSERT INTO works (sha256, size_bytes, format, mode, width, height, frames, decoder, notes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET "
            "size_bytes = excluded.size_bytes, format = excluded.format, mode = excluded.mode, "
            "width = excluded.width, height = excluded.height, frames = excluded.frames, "
            "decoder = excluded.decoder, notes = excluded.notes",
            (
                facts.sha256,
                facts.size_bytes,
                facts.format,
                facts.mode,
                facts.width,
                facts.height,
                facts.frames,
                facts.decoder,
                _json(list(facts.notes)),
            ),
        )
        row = self._connection.execute(
            f"SELECT {WORK_COLUMNS} FROM works w WHERE sha256 = ?",  # noqa: S608 - a constant
            (facts.sha256,),
        ).fetchone()
        self._connection.execute("UPDATE works SET checksum = ? WHERE id = ?", (checksum(row[:-1]), row[0]))
        return int(row[0])

    def put_file(self, file: StoredFile) -> None:
        """Insert or replace what is known of this path."""
        root_id = self.put_root(file.root)
        relative = pack_path(file.relative)
        seen = (
            file.size_bytes,
            file.mtime_ns,
            file.ctime_ns,
            None if file.file_id is None else str(file.file_id),
            None if file.file_id is None else int(file.mounted),
            file.work_id,
            file.state,
            file.code,
            # A message may quote a name that is not valid UTF-8, which SQLite's text cannot hold.
            file.reason.encode("utf-8", "replace").decode("utf-8"),
            file.simcheck,
            file.run_id,
        )
        self._connection.execute(
            "INSERT INTO files (root_id, relative, display, size_bytes, mtime_ns, ctime_ns, file_id, mounted, work_id, "
            "state, code, reason, simcheck, run_id, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (root_id, relative) DO UPDATE SET "
            "size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, "
            "file_id = excluded.file_id, mounted = excluded.mounted, work_id = excluded.work_id, "
            "state = excluded.state, code = excluded.code, reason = excluded.reason, simcheck = excluded.simcheck, "
            "run_id = excluded.run_id, checksum = excluded.checksum",
            (
                root_id,
                relative,
                readable_path(file.relative),
                *seen,
                checksum([pack_path(file.root), relative, *seen]),
            ),
        )

    def forget_file(self, file: StoredFile) -> None:
        """Forget a path. Its work and descriptors stay until `forget_works_without_files`."""
        self._connection.execute(
            "DELETE FROM files WHERE root_id = (SELECT id FROM roots WHERE path = ?) AND relative = ?",
            (pack_path(file.root), pack_path(file.relative)),
        )

    def put_root(self, root: Path) -> int:
        packed = pack_path(root)
        row = self._connection.execute("SELECT id FROM roots WHERE path = ?", (packed,)).fetchone()
        if row is not None:
            return int(row[0])
        return self._insert("INSERT INTO roots (path, display) VALUES (?, ?)", (packed, readable_path(root)))

    def rename_root(self, root: Path, name: Path) -> None:
        """Know a root by another path or name, which none has yet; what was seen under it stays as it is."""
        files = list(stored_files(self._connection, "r.path = ?", (pack_path(root),)))
        self._connection.execute(
            "UPDATE roots SET path = ?, display = ? WHERE path = ?",
            (pack_path(name), readable_path(name), pack_path(root)),
        )
        for file in files:
            self.put_file(replace(file, root=name))

    def put_description(self, work_id: int, identity: SignalIdentity, description: Description) -> None:
        """Replace what comparable descriptors this work has. ``description.mirrored`` is for queries: not stored.

        Raises SignalError for descriptors of a type or shape that no index holds.
        """
        packed: list[Packed] = [
            (region.number, *region.box, descriptor.reason, *pack_values(descriptor.values))
            for region, descriptor in zip(description.regions, description.descriptors, strict=True)
        ]
        packed.sort(key=lambda row: row[0])
        signal_id = self._signal_id(identity)
        for stale in self._comparable_ids(identity):
            self._connection.execute("DELETE FROM descriptors WHERE work_id = ? AND signal_id = ?", (work_id, stale))
        self._connection.execute("DELETE FROM failures WHERE work_id = ? AND signal_id = ?", (work_id, signal_id))
        (work,) = self._connection.execute("SELECT sha256 FROM works WHERE id = ?", (work_id,)).fetchone()
        checksums = description_checksums(work, identity, packed)
        self._connection.executemany(
            "INSERT INTO descriptors (work_id, signal_id, region, x0, y0, x1, y1, reason, dtype, rows, columns, data, "
            "checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(work_id, signal_id, *row, seal) for row, seal in zip(packed, checksums, strict=True)],
        )

    def forget_descriptions(self, work_id: int) -> None:
        """All that was seen in the pixels of this work: descriptors, failures and places of marks."""
        for table in ("descriptors", "failures", "mark_places"):
            self._connection.execute(f"DELETE FROM {table} WHERE work_id = ?", (work_id,))  # noqa: S608 - constants

    def put_failure(self, work_id: int, identity: SignalIdentity, reason: str, run_id: int) -> None:
        """Record that this signal cannot describe this work, so that not every run tries again."""
        self._connection.execute(
            "INSERT OR REPLACE INTO failures (work_id, signal_id, reason, simcheck, run_id) VALUES (?, ?, ?, ?, ?)",
            (work_id, self._signal_id(identity), reason, __version__, run_id),
        )

    def settle_unseen(self, run_id: int, under: Sequence[Path], spared: Sequence[Path]) -> int:
        """Decide on the paths that run ``run_id``, which looked ``under`` these folders, did not see.

        A path whose work the run found elsewhere was moved, and is forgotten; a path that never led to a work too.
        Any other is now missing. Below ``spared``, which could not be looked into, all stays as it is. Outside
        ``under`` only a path is forgotten that is gone and whose work is elsewhere. Returns how many were moved.
        """
        moved = 0
        for file in list(stored_files(self._connection, "f.run_id <> ?", (run_id,))):
            looked = _below(file.path, under) and not _below(file.path, spared)
            if not looked and (_below(file.path, spared) or is_there(file.path)):
                continue
            if self._seen(file.work_id, run_id):
                self.forget_file(file)
                moved += 1
            elif looked and file.work_id is None:
                self.forget_file(file)
            elif looked:
                self.put_file(replace(file, state=FileState.MISSING))
        return moved

    def forget_works_without_files(self) -> int:
        """Delete the works that no path leads to any more, with their descriptors. Returns how many."""
        return self._connection.execute(
            "DELETE FROM works WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.work_id = works.id)"
        ).rowcount

    def forget_roots_without_files(self, kept: Sequence[Path] = ()) -> None:
        idle = self._connection.execute(
            "SELECT id, path FROM roots WHERE id NOT IN (SELECT root_id FROM files)"
        ).fetchall()
        for root_id, path in idle:
            if unpack_path(path) not in kept:
                self._connection.execute("DELETE FROM roots WHERE id = ?", (root_id,))

    def forget_earlier_versions(self, identities: Sequence[SignalIdentity]) -> None:
        """Delete the descriptors of earlier versions of these signals: nothing reads them any more."""
        for identity in identities:
            earlier = self._connection.execute(
                "SELECT id FROM signals WHERE name = ? AND version < ?", (identity.name, identity.version)
            ).fetchall()
            for (signal_id,) in earlier:
                self._connection.execute("DELETE FROM descriptors WHERE signal_id = ?", (signal_id,))
                self._connection.execute("DELETE FROM failures WHERE signal_id = ?", (signal_id,))

    def put_mark(self, name: str, sha256: str, picture: bytes, origin: str) -> int:
        """Add a mark; the caller has made sure that neither its name nor its picture is there already."""
        said = (name, sha256, origin, now())
        return self._insert(
            "INSERT INTO marks (name, sha256, origin, added, picture, checksum) VALUES (?, ?, ?, ?, ?, ?)",
            (*said, picture, checksum(said)),
        )

    def forget_mark(self, mark_id: int) -> None:
        self._connection.execute("DELETE FROM marks WHERE id = ?", (mark_id,))

    def put_mark_place(self, mark_id: int, work_id: int, method: int, score: float, place: MarkPlace | None) -> None:
        """Record that a mark was looked for in a work: ``place`` is None where the work does not bear it."""
        where = (None,) * 6 if place is None else (*map(float, (*place.box, place.turn)), int(place.mirrored))
        row = (mark_id, work_id, method, float(score), *where)
        self._connection.execute(
            "INSERT OR REPLACE INTO mark_places "
            "(mark_id, work_id, method, score, x0, y0, x1, y1, turn, mirrored, checksum) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, checksum(row)),
        )

    def take_out(self, fault: Fault) -> None:
        """Forget rows that are damaged, with what rests on them; the next `simcheck index` finds that they lack."""
        take_out(self._connection, fault)

    def close(self) -> None:
        """Called by `Store.batch` just before the commit."""
        self._connection.execute("UPDATE meta SET updated = ?, simcheck = ?", (now(), __version__))

    def _seen(self, work_id: int | None, run_id: int) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM files WHERE work_id = ? AND run_id = ? AND state = ?", (work_id, run_id, FileState.OK)
        ).fetchone()
        return row is not None

    def _signal_id(self, identity: SignalIdentity) -> int:
        values = (*identity.comparable, identity.libraries)
        row = self._connection.execute(
            "SELECT id FROM signals WHERE (name, version, weights, params, preprocessing, libraries) "
            "= (?, ?, ?, ?, ?, ?)",
            values,
        ).fetchone()
        if row is not None:
            return int(row[0])
        return self._insert(
            "INSERT INTO signals (name, version, weights, params, preprocessing, libraries) VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )

    def _comparable_ids(self, identity: SignalIdentity) -> list[int]:
        rows = self._connection.execute(
            "SELECT id FROM signals WHERE (name, version, weights, params, preprocessing) = (?, ?, ?, ?, ?)",
            identity.comparable,
        )
        return [signal_id for (signal_id,) in rows]

    def _insert(self, sql: str, values: Sequence[object]) -> int:
        row_id = self._connection.execute(sql, values).lastrowid
        assert row_id is not None
        return row_id


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _json(value: object) -> str:
    # Escapes lone surrogates (a file name that is not valid UTF-8 in the command line), which SQLite would refuse.
    return json.dumps(value, sort_keys=True, ensure_ascii=True)


def _environment() -> dict[str, str]:
    """What else may change a descriptor or a decoded pixel; the signals' own libraries are in their identities."""
    return {
        "simcheck": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        "numpy": library_version("numpy"),
        "pillow": library_version("pillow"),
    }
