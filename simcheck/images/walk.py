"""Find the picture files under folders. Of files that are not named like pictures the first bytes are looked at; Zip
archives are looked into. No picture is decoded here."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simcheck.errors import PictureError, UsageError
from simcheck.images.archives import PROBLEMS, Member, archive_of, members, peek
from simcheck.images.files import first_bytes, shown
from simcheck.images.kinds import HEAD, PICTURE_EXTENSIONS, FileKind, Unread, is_comic, kind_of
from simcheck.records import Skipped

__all__ = ["FoundFile", "Walk", "walk"]

_NOT_ART = frozenset({"system volume information", "$recycle.bin", "__macosx", "thumbs.db", "desktop.ini"})
_OF_THE_SYSTEM = ("/proc", "/sys", "/dev")
"""Where files are no files: what links to them is not followed."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read: where it is, the root it was found under (itself, if named directly), size and dates.

    Of a file inside an archive, ``size`` is its own; all else is the archive's.
    """

    path: Path
    root: Path
    size: int
    mtime_ns: int
    ctime_ns: int | None = None
    """When the file's own record last changed, which nothing that copies or unpacks can set back; None where the
    system keeps no such time, or none exact enough to rely on."""
    file_id: int | None = None
    """The number of the file on its volume; None where there is none."""
    mounted: bool = False
    """Whether its folder lies on another volume than the root: on a drive that is mounted there, or linked to."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found. ``others`` counts ordinary files that are no pictures."""

    files: tuple[FoundFile, ...]
    skipped: tuple[Skipped, ...]
    others: int = 0
    unseen: tuple[Path, ...] = ()
    """Places that could not be looked into, so that what was seen there before may still be there."""
    empty: tuple[Path, ...] = ()
    """Folders in which there is nothing at all, or only such folders."""


def walk(roots: Sequence[Path]) -> Walk:
    """The picture files under ``roots`` (folders or files), sorted by path within each root, each path once.

    Linked folders are followed, but no folder is entered twice, so that a loop of links ends. Hidden files and
    the system's own (``.DS_Store``, ``Thumbs.db``, ``System Volume Information`` …) are passed over in silence.
    Raises UsageError when a root does not exist.
    """
    walker = _Walker()
    for root in roots:
        walker.take(root)
    return walker.result()


class _Walker:
    def __init__(self) -> None:
        self._files: list[FoundFile] = []
        self._skipped: list[Skipped] = []
        self._unseen: list[Path] = []
        self._others = 0
        self._bare: dict[Path, list[Path]] = {}
        """Folders without any file, and the folders in them."""
        self._folders: set[tuple[int, int]] = set()
        self._paths: set[str] = set()
        self._system = _system_volumes()
        self._volume = 0
        """Of the root that is being walked."""

    def result(self) -> Walk:
        empty: set[Path] = set()
        for folder in sorted(self._bare, key=lambda path: len(path.parts), reverse=True):
            if empty.issuperset(self._bare[folder]):
                empty.add(folder)
        return Walk(
            tuple(self._files), tuple(self._skipped), self._others, tuple(self._unseen), tuple(sorted(empty))
        )  # fmt: skip

    def take(self, root: Path) -> None:
        first_file, first_skipped = len(self._files), len(self._skipped)
        self._root(root)
        self._files[first_file:] = sorted(self._files[first_file:], key=lambda file: os.fsencode(file.path))
        self._skipped[first_skipped:] = sorted(self._skipped[first_skipped:], key=lambda skip: os.fsencode(skip.path))

    def _root(self, root: Path) -> None:
        try:
            found = root.stat()
        except OSError as error:
            inside = archive_of(root)
            if inside and self._archive(_found(inside[0], root, inside[0].stat()), inside[1]):
                return
            if inside or isinstance(error, FileNotFoundError):
                raise UsageError(f"{shown(root)} does not exist; check the spelling, or drag the folder in") from error
            self._skip(root, error)
            return
        self._volume = found.st_dev
        if not stat.S_ISDIR(found.st_mode):
            self._file(root, root, found)
            return
        # Links wait until every real folder is done, so that a folder is known by its own path, not by a link's.
        links = self._folder(root, root, found)
        while links:
            link, link_stat = links.pop(0)
            if (link_stat.st_dev, link_stat.st_ino) in self._folders:
                self._pass(link, "already_read", "this link leads to a folder that is read already; nothing is lost")
            else:
                links += self._folder(link, root, link_stat)

    def _folder(self, top: Path, root: Path, top_stat: os.stat_result) -> list[tuple[Path, os.stat_result]]:
        """Take the files of a folder and of all real folders below; return the links to folders met."""
        links: list[tuple[Path, os.stat_result]] = []
        waiting = [(top, top_stat)]
        while waiting:
            folder, folder_stat = waiting.pop()
            identity = (folder_stat.st_dev, folder_stat.st_ino)
            if identity in self._folders:
                continue  # a root inside an earlier root
            if self._is_the_systems(folder_stat):
                self._pass(folder, "not_a_file", "this is a folder of the system, in which files are no pictures")
                continue
            self._folders.add(identity)
            try:
                with os.scandir(folder) as entries:
                    names = sorted((entry.name for entry in entries), key=os.fsencode)
            except OSError as error:
                self._skip(folder, error)
                continue
            folders: list[Path] = []
            files = 0
            for name in names:
                if name.startswith(".") or name.casefold() in _NOT_ART:
                    continue
                path = folder / name
                linked = False
                try:
                    linked = path.is_symlink()
                    found = path.stat()
                except OSError as error:
                    files += 1
                    self._skip(path, error, linked=linked)
                    continue
                if stat.S_ISDIR(found.st_mode):
                    folders.append(path)
                    (links if linked else waiting).append((path, found))
                else:
                    files += 1
                    self._file(path, root, found, mounted=folder_stat.st_dev != self._volume)
            if not files:
                self._bare[folder] = folders
        return links

    def _file(self, path: Path, root: Path, found: os.stat_result, *, mounted: bool = False) -> None:
        if not stat.S_ISREG(found.st_mode):
            self._pass(path, "not_a_file", "not an ordinary file (a pipe, socket or device); it was not opened")
            return
        if self._is_the_systems(found):
            self._pass(path, "not_a_file", "this leads to a file of the system, which is no picture; it was not opened")
            return
        file, named = _found(path, root, found, mounted), path == root
        kind: FileKind | Unread = FileKind.PICTURE
        if named or path.suffix.lower() not in PICTURE_EXTENSIONS:
            try:
                kind = kind_of(path.name, b"" if _is_online(found) else first_bytes(path, HEAD), named=named)
            except PictureError as error:
                self._skipped.append(Skipped(path, error.code, str(error)))
                self._unseen += [path] if error.code != "vanished" else []
                return
        if kind is FileKind.ARCHIVE:
            self._archive(file)
        else:
            self._take(file, kind)

    def _archive(self, archive: FoundFile, below: str = "") -> bool:
        """Take what is inside an archive, or inside its folder ``below`` (or the file of that name); whether there is
        anything of that name."""
        try:
            inside = [
                member
                for name, member in members(archive.path).items()
                if f"{name}/".startswith(f"{below}/") or not below
            ]
            kinds = [self._kind_inside(archive.path, member, named=member.name == below) for member in inside]
        except PictureError as error:
            self._pass(archive.path, error.code, str(error))
            self._unseen.append(archive.path)
            return True
        except OSError as error:
            self._skip(archive.path, error)
            return True
        before = len(self._files), len(self._skipped)
        closed: Counter[str] = Counter()
        for member, kind in zip(inside, kinds, strict=True):
            if kind is FileKind.PICTURE and member.problem:
                closed[member.problem] += 1
            elif kind is not FileKind.ARCHIVE:
                self._take(replace(archive, path=archive.path / member.name, size=member.size), kind)
        for problem, count in closed.items():
            self._pass(archive.path, problem, f"{count} of the pictures in it cannot be read: {PROBLEMS[problem]}")
            self._unseen.append(archive.path)
        expected = below or archive.path == archive.root or is_comic(archive.path.name)
        if expected and (len(self._files), len(self._skipped)) == before:
            self._pass(archive.path, "no_picture", "there is no picture in this archive")
        return bool(inside) or not below

    def _kind_inside(self, archive: Path, member: Member, *, named: bool) -> FileKind | Unread:
        parts = member.name.split("/")
        if not named and any(part.startswith(".") or part.casefold() in _NOT_ART for part in parts):
            return FileKind.OTHER
        if Path(member.name).suffix.lower() in PICTURE_EXTENSIONS:
            return FileKind.PICTURE
        try:
            kind = kind_of(member.name, b"" if member.problem else peek(archive, member, HEAD), named=named)
        except PictureError:  # damaged; if it is a picture it is known by its name
            kind = kind_of(member.name, b"", named=named)
        return Unread("archives inside archives", "unpack the outer one") if kind is FileKind.ARCHIVE else kind

    def _take(self, file: FoundFile, kind: FileKind | Unread) -> None:
        absolute = os.path.abspath(file.path)  # noqa: PTH100 - Path.absolute() keeps "..", so one file could come twice
        if absolute in self._paths:
            return
        self._paths.add(absolute)
        if isinstance(kind, Unread):
            self._pass(file.path, "no_decoder", f"simcheck does not read {kind.what}; {kind.advice}")
        elif kind is FileKind.PICTURE:
            self._files.append(file)
        else:
            self._others += 1

    def _is_the_systems(self, found: os.stat_result) -> bool:
        return found.st_dev in self._system and self._volume not in self._system

    def _pass(self, path: Path, code: str, why: str) -> None:
        self._skipped.append(Skipped(path, code, f"{shown(path)}: {why}"))

    def _skip(self, path: Path, error: OSError, *, linked: bool = False) -> None:
        if linked and (isinstance(error, FileNotFoundError) or error.errno == errno.ELOOP):
            code, why = "broken_link", "this link leads nowhere; mend or delete it"
        elif isinstance(error, PermissionError):
            code, why = "no_permission", "you are not allowed to read this; change its permissions"
        elif isinstance(error, FileNotFoundError):
            code, why = "vanished", "this was moved, renamed or deleted while simcheck ran; run again"
        else:
            code, why = "unreadable", f"the system could not read this ({error.strerror or error}); check the disk"
        self._pass(path, code, why)
        if code != "vanished":
            self._unseen.append(path)


def _found(path: Path, root: Path, found: os.stat_result, mounted: bool = False) -> FoundFile:
    # Windows gives the time of creation here. FAT keeps only the date that programs may set, in steps of 2 s, exFAT of
    # 10 ms; a time that is exactly on such a step is not known to be more than that.
    exact = os.name != "nt" and found.st_ctime_ns % 10_000_000 != 0
    changed = found.st_ctime_ns if exact else None
    return FoundFile(path, root, found.st_size, found.st_mtime_ns, changed, found.st_ino or None, mounted)


def _is_online(found: os.stat_result) -> bool:
    """Whether the file lies with a cloud service and would be fetched by opening it (macOS, Windows)."""
    windows = getattr(found, "st_file_attributes", 0) & 0x401000  # RECALL_ON_DATA_ACCESS, OFFLINE
    return bool(windows or getattr(found, "st_flags", 0) & 0x40000000)  # SF_DATALESS


def _system_volumes() -> frozenset[int]:
    volumes = set()
    for name in ("/", *_OF_THE_SYSTEM):
        try:
            volumes.add((name, Path(name).stat().st_dev))
        except OSError:
            continue  # not on this system
    main = {device for name, device in volumes if name == "/"}
    return frozenset(device for _, device in volumes) - main
