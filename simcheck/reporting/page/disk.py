"""Where a report lies, and its pictures, found again on disk.

A report.json may come from anybody, so no path in it is opened as it stands. What is opened lies where this computer
itself has noted that it lies (`places`), in a folder that the person named, or beside the report; never behind a link,
and never on another computer or a device because the document says so. A file counts by its bytes alone: its size and
its SHA-256 are those of the document before anything is decoded, and a decoding process does that.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from simcheck.errors import PictureError, ReportError, UsageError
from simcheck.images import Reader, hash_file
from simcheck.images.archives import members
from simcheck.images.files import size_of
from simcheck.records import Pixels, Silent, Watcher
from simcheck.reporting.document.schema import load
from simcheck.reporting.page.page import HTML, JSON
from simcheck.reporting.page.pictures import Absent, PictureSource

__all__ = ["files_of", "pictures_on_disk", "report_folder"]

STAGE = "pictures of the report"
_ESCAPED = re.compile(r"\\u(dc[89a-f][0-9a-f])")
"""How a report document spells a byte of a file name that is not UTF-8."""
_LINKS = (0xA000000C, 0xA0000003)
"""Links and mount points of Windows (reparse tags)."""


@contextmanager
def pictures_on_disk(
    document: Mapping[str, Any],
    known: Mapping[str, Sequence[Path]],
    folders: Sequence[Path] = (),
    beside: Path | None = None,
    *,
    reader: Reader | None = None,
    watcher: Watcher | None = None,
) -> Iterator[PictureSource]:
    """Reads the pictures of ``document``: from where they are ``known`` to lie (SHA-256 -> paths, noted by this
    computer, not by the document), else from the ``folders`` that the person named, whatever they are called there,
    else from the report's own folder, ``beside``. By the decoding processes of ``reader`` where some are running;
    ``watcher`` sees how many were read. Raises UsageError for a folder that is not there."""
    for folder in folders:
        if not os.path.exists(folder):  # noqa: PTH110 - False, not an error, for a name that no system allows
            raise UsageError(f"{folder} does not exist. Name a folder that holds the report's pictures.")
    watcher = watcher or Silent()
    watcher.progress(STAGE, 0, None)
    with ExitStack() as opened:
        finder = _Finder(reader or opened.enter_context(Reader()), files_of(document), known, folders, beside, watcher)
        yield finder
    watcher.progress(STAGE, finder.count, finder.count)


def files_of(document: Mapping[str, Any]) -> dict[str, int]:
    """The pictures that a document names: SHA-256 -> size in bytes."""
    found: dict[str, int] = {}
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if "sha256" in value and "bytes" in value:
                found[value["sha256"]] = value["bytes"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


class _Finder:
    def __init__(
        self,
        reader: Reader,
        sizes: Mapping[str, int],
        known: Mapping[str, Sequence[Path]],
        folders: Sequence[Path],
        beside: Path | None,
        watcher: Watcher,
    ) -> None:
        self.decoder = reader
        self.count = 0
        self._watcher = watcher
        self._sizes = sizes
        self._known = known
        self._folders = folders
        self._beside = beside
        self._digests: dict[Path, str | None] = {}
        self._listed: dict[tuple[Path, bool], dict[int, list[Path]]] = {}

    def __call__(self, path: str, sha256: str) -> Pixels | Absent:
        self.count += 1
        self._watcher.progress(STAGE, self.count, None)
        known = self._known.get(sha256, ())
        why = Absent.GONE if known else Absent.ELSEWHERE
        for place in (*known, *self._elsewhere(path, sha256)):
            found = self._read(place, sha256)
            if not isinstance(found, Absent):
                return found
            if found is Absent.UNREADABLE or (found is Absent.CHANGED and why is Absent.GONE and place in known):
                why = found
        return why

    def _read(self, path: Path, sha256: str) -> Pixels | Absent:
        try:
            size = size_of(path)  # also of a picture inside an archive
        except ValueError:
            return Absent.GONE
        except PictureError as error:
            return {"vanished": Absent.GONE, "not_a_file": Absent.CHANGED}.get(error.code, Absent.UNREADABLE)
        if size != self._sizes.get(sha256):  # another file, however long hashing it would take
            return Absent.CHANGED
        if size > self.decoder.limits.max_bytes:
            return Absent.UNREADABLE
        if path not in self._digests:
            try:
                self._digests[path] = hash_file(path)
            except PictureError:
                self._digests[path] = None
        if self._digests[path] is None:
            return Absent.UNREADABLE
        if self._digests[path] != sha256:
            return Absent.CHANGED
        try:
            picture = self.decoder.read(path)
        except PictureError:
            return Absent.UNREADABLE
        return picture.pixels if picture.facts.sha256 == sha256 else Absent.CHANGED

    def _elsewhere(self, path: str, sha256: str) -> Iterator[Path]:
        places = [(folder, True) for folder in self._folders]
        # the report's own folder may be anything, a home say: what lies in folders in it is not gone through
        places += [(self._beside, False)] if self._beside else []
        for folder, deep in places:
            yield from (place for name in _spellings(path) for place in _within(folder, name))
            yield from self._list(folder, deep).get(self._sizes.get(sha256, -1), ())

    def _list(self, folder: Path, deep: bool) -> Mapping[int, Sequence[Path]]:
        """The ordinary files of a folder that have the size of a picture sought, by size."""
        if (folder, deep) not in self._listed:
            wanted = set(self._sizes.values())
            found: dict[int, list[Path]] = {}
            for file, size in _files(folder, deep):
                if size in wanted:
                    found.setdefault(size, []).append(file)
            self._listed[folder, deep] = found
        return self._listed[folder, deep]


def _files(folder: Path, deep: bool) -> Iterator[tuple[Path, int]]:
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except NotADirectoryError:
            yield place, place.stat().st_size
            continue
        except OSError:  # a folder that may not be looked into holds nothing that could be shown
            continue
        for entry in entries:
            there = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(there.st_mode):
                yield Path(entry.path), there.st_size
                if deep and entry.name.lower().endswith((".zip", ".cbz")):
                    yield from _inside(Path(entry.path))
            elif deep and stat.S_ISDIR(there.st_mode) and not _link(there):
                waiting.append(Path(entry.path))


def _inside(archive: Path) -> Iterator[tuple[Path, int]]:
    try:
        yield from ((archive / name, member.size) for name, member in members(archive).items())
    except (OSError, PictureError):  # what cannot be opened holds nothing that could be shown
        return


def _spellings(path: str) -> Iterator[str]:
    """A name may also hold a backslash and these letters; the digest tells which of the two is meant."""
    yield from dict.fromkeys((path, _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), path)))


def _within(folder: Path, path: str) -> Iterator[Path]:
    """Where in ``folder`` a path of the document may be: as it stands, without the folder that it begins with, and by
    its last part. Nothing for a path that says by itself where it is, leads out, or passes a link."""
    windows = PureWindowsPath(path)
    if "\0" in path or windows.drive or windows.root or PurePosixPath(path).is_absolute():
        return
    parts = windows.parts if os.name == "nt" else PurePosixPath(path).parts
    if not parts or ".." in parts or (os.name == "nt" and (windows.is_reserved() or ":" in path)):
        return
    for tail in dict.fromkeys((parts, parts[1:], parts[-1:])):
        place = folder
        try:
            for part in tail:
                place /= part
                if _link(place.lstat()):
                    break
            else:
                if tail:
                    yield place
        except (OSError, ValueError):  # nothing of this name
            continue


def _link(there: os.stat_result) -> bool:
    return stat.S_ISLNK(there.st_mode) or getattr(there, "st_reparse_tag", 0) in _LINKS


def report_folder(out: Path | None, *, replace: bool = False, report_id: str | None = None) -> Path:
    """Where a report will lie: ``out``, or a new folder with the time in its name. Asked before the work, which may
    take hours.

    Raises UsageError when another report lies there and nobody said to ``replace`` it (that of ``report_id`` is made
    again), or when no folder can have this name; ReportError when nothing can be written there.
    """
    folder = out or _new_folder()
    if (part := next((part for part in folder.absolute().parts if _impossible(part)), None)) is not None:
        raise UsageError(
            f"No folder can be called {part[:80]!r}: it is too long, or means something else. Name another with --out."
        )
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    held = [name for name in (JSON, HTML) if os.path.lexists(folder / name)]
    if not there.is_dir() or not os.access(there, os.W_OK):
        why = "you may not write to" if there.is_dir() else "this is not a folder:"
        raise ReportError(f"The report cannot be written to {folder}: {why} {there}. Name another folder with --out.")
    if held and not replace and (report_id is None or _id_in(folder) != report_id):
        raise UsageError(
            f"{folder} holds another report already ({held[0]}). Name another folder with --out, or say --replace to "
            "put this one in its place."
        )
    return folder


def _impossible(part: str) -> bool:
    """Whether no file can have this name, which would show only when the work is done."""
    windows = os.name == "nt"
    length = len(part.encode("utf-16-le", "surrogatepass")) // 2 if windows else len(os.fsencode(part))
    return "\0" in part or length > 255 or (windows and PureWindowsPath(part).is_reserved())


def _new_folder() -> Path:
    name = f"simcheck-report-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    return next(
        folder
        for number in range(1, 10_000)
        if not (folder := Path(name if number == 1 else f"{name}-{number}")).exists()
    )


def _id_in(folder: Path) -> str | None:
    try:
        return str(load(folder / JSON)["id"])
    except ReportError:
        return None  # whatever it is, it is not the report that is to be made again
