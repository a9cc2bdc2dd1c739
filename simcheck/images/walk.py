"""Find the picture files under folders. Nothing is opened here: names, kinds, sizes and dates only."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import UsageError
from simcheck.images.files import shown
from simcheck.records import Skipped

__all__ = ["PICTURE_EXTENSIONS", "FoundFile", "Walk", "walk"]

# fmt: off
PICTURE_EXTENSIONS = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".dib",
    ".heic", ".heif", ".heics", ".heifs", ".hif", ".avif", ".avifs", ".psd", ".psb", ".jp2", ".j2k", ".j2c", ".jpc",
    ".jpf", ".jpx", ".jxl", ".ppm", ".pgm", ".pbm", ".pnm", ".pam", ".pfm", ".tga", ".vda", ".icb", ".vst", ".ico",
    ".cur", ".icns", ".pcx", ".dcx", ".sgi", ".rgb", ".rgba", ".bw", ".qoi", ".dds", ".ras", ".sr", ".hdr", ".xbm",
    ".xpm",
})
# fmt: on
"""In folders, files with other extensions are passed over; a file that is named directly is always taken."""

_NOT_ART = frozenset({"system volume information", "$recycle.bin", "__macosx", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read: where it is, the root it was found under (itself, if named directly), size and date."""

    path: Path
    root: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found. ``others`` counts ordinary files that do not have a picture's extension."""

    files: tuple[FoundFile, ...]
    skipped: tuple[Skipped, ...]
    others: int = 0


def walk(roots: Sequence[Path]) -> Walk:
    """The picture files under ``roots`` (folders or files), sorted by path within each root, each path once.

    Linked folders are followed, but no folder is entered twice, so that a loop of links ends. Hidden files and
    the system's own (``.DS_Store``, ``Thumbs.db``, ``System Volume Information`` …) are passed over in silence.
    Raises UsageError when a root does not exist.
    """
    walker = _Walker()
    for root in roots:
        walker.take(root)
    return Walk(tuple(walker.files), tuple(walker.skipped), walker.others)


class _Walker:
    def __init__(self) -> None:
        self.files: list[FoundFile] = []
        self.skipped: list[Skipped] = []
        self.others = 0
        self._folders: set[tuple[int, int]] = set()
        self._paths: set[str] = set()

    def take(self, root: Path) -> None:
        first_file, first_skipped = len(self.files), len(self.skipped)
        try:
            found = root.stat()
        except FileNotFoundError as error:
            raise UsageError(f"{shown(root)} does not exist; check the spelling, or drag the folder in") from error
        except OSError as error:
            self._skip(root, error)
            return
        if not stat.S_ISDIR(found.st_mode):
            self._file(root, root, found)
            return
        # Links wait until every real folder is done, so that a folder is known by its own path, not by a link's.
        links = self._folder(root, root, found)
        while links:
            link, link_stat = links.pop(0)
            if self._identity(link_stat) in self._folders:
                reason = f"{shown(link)}: this link leads to a folder that is read already; nothing is lost"
                self.skipped.append(Skipped(link, "already_read", reason))
            else:
                links += self._folder(link, root, link_stat)
        self.files[first_file:] = sorted(self.files[first_file:], key=lambda file: os.fsencode(file.path))
        self.skipped[first_skipped:] = sorted(self.skipped[first_skipped:], key=lambda skip: os.fsencode(skip.path))

    def _folder(self, top: Path, root: Path, top_stat: os.stat_result) -> list[tuple[Path, os.stat_result]]:
        """Take the files of a folder and of all real folders below; return the links to folders met."""
        links: list[tuple[Path, os.stat_result]] = []
        waiting = [(top, top_stat)]
        while waiting:
            folder, folder_stat = waiting.pop()
            if self._identity(folder_stat) in self._folders:
                continue  # a root inside an earlier root
            self._folders.add(self._identity(folder_stat))
            try:
                with os.scandir(folder) as entries:
                    names = sorted((entry.name for entry in entries), key=os.fsencode)
            except OSError as error:
                self._skip(folder, error)
                continue
            for name in names:
                if name.startswith(".") or name.casefold() in _NOT_ART:
                    continue
                path = folder / name
                linked = False
                try:
                    linked = path.is_symlink()
                    found = path.stat()
                except OSError as error:
                    self._skip(path, error, linked=linked)
                    continue
                if stat.S_ISDIR(found.st_mode):
                    (links if linked else waiting).append((path, found))
                elif not stat.S_ISREG(found.st_mode) or path.suffix.lower() in PICTURE_EXTENSIONS:
                    self._file(path, root, found)
                else:
                    self.others += 1
        return links

    def _file(self, path: Path, root: Path, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            reason = f"{shown(path)}: not an ordinary file (a pipe, socket or device); it was not opened"
            self.skipped.append(Skipped(path, "not_a_file", reason))
            return
        absolute = os.path.abspath(path)  # noqa: PTH100 - Path.absolute() keeps "..", so one file could come twice
        if absolute not in self._paths:
            self._paths.add(absolute)
            self.files.append(FoundFile(path, root, found.st_size, found.st_mtime_ns))

    def _skip(self, path: Path, error: OSError, *, linked: bool = False) -> None:
        if linked and (isinstance(error, FileNotFoundError) or error.errno == errno.ELOOP):
            code, why = "broken_link", "this link leads nowhere; mend or delete it"
        elif isinstance(error, PermissionError):
            code, why = "no_permission", "you are not allowed to read this; change its permissions"
        elif isinstance(error, FileNotFoundError):
            code, why = "vanished", "this was moved, renamed or deleted while simcheck ran; run again"
        else:
            code, why = "unreadable", f"the system could not read this ({error.strerror or error}); check the disk"
        self.skipped.append(Skipped(path, code, f"{shown(path)}: {why}"))

    @staticmethod
    def _identity(found: os.stat_result) -> tuple[int, int]:
        return (found.st_dev, found.st_ino)
