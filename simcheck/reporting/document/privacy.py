"""What a report says of the computer it was made on: as little as others need to check it.

A file is named by where it lies in the folder that was named, or in the root of the portfolio; the index by its name;
of the command line the last part of each path is kept; messages lose the folders that they mention. The person's own
copy may hold whole paths (``--full-paths``).
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simcheck.records.run import Run
from simcheck.reporting.words.plain import plain

__all__ = ["MOST_ARGUMENTS", "command_shown", "without_places"]

MOST_ARGUMENTS = 500
"""Parts of a command line that a report keeps: a shell writes out ``*.png``."""
_AS_THEY_ARE = frozenset({"name", "sha256", "png", "id", "digest", "weights", "schema"})
"""Names of files hold no folder, and what merely looks like one in a digest or a picture is none."""
_SEPARATORS = "/\\" if os.name == "nt" else "/"
_ABSOLUTE = (
    re.compile(r"(?<![\w.~:/\\-])(?:[A-Za-z]:|\\\\+[^\\/\s]+)[\\/]+(?:[^\\/\s:*?\"'<>|]+[\\/]+)*([^\\/\s:*?\"'<>|]*)")
    if os.name == "nt"
    else re.compile(r"(?<![\w.~:/-])/(?:[^\s/:;,'\"()<>]+/)+([^\s/:;,'\"()<>]*)")
)
"""A whole path in a sentence. One with a space in it is known by its beginning only (`_Places.told`)."""


def without_places(document: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The report document of ``run``, which holds whole paths, without those."""
    places = _Places(run)
    kept: dict[str, Any] = {key: places.kept(value, key) for key, value in document.items()}
    kept["command"] = places.command(document["command"])
    if kept["index"] is not None:
        kept["index"] |= {"path": None, "roots": places.roots.labels}
    return kept


def command_shown(parts: Sequence[str]) -> list[str]:
    """A command line as text, cut where it is very long."""
    shown = [plain(part) for part in parts[:MOST_ARGUMENTS]]
    return shown if len(parts) <= MOST_ARGUMENTS else [*shown, f"… ({len(parts) - MOST_ARGUMENTS} more)"]


class _Folders:
    """Folders that were named, and files. What lies in one of several is shown with that folder's name before it."""

    def __init__(self, named: Sequence[Path]) -> None:
        self.folders = [plain(str(each)).rstrip(_SEPARATORS) for each in named]
        self.labels: list[str] = []
        for each in named:
            label = "~" if each == _home() else plain(each.name) or "…"
            count = 1 + sum(label in (known, known.rpartition(" (")[0]) for known in self.labels)
            self.labels.append(label if count == 1 else f"{label} ({count})")

    def place(self, path: str) -> str | None:
        """Where in these folders ``path`` lies; None for one that lies in none of them."""
        inside = [
            (len(folder), label, path[len(folder) + 1 :])
            for folder, label in zip(self.folders, self.labels, strict=True)
            if path == folder or (path.startswith(folder) and path[len(folder)] in _SEPARATORS)
        ]
        if not inside:
            return None
        length, label, rest = max(inside)
        home = f"{plain(str(_home()))}{os.sep}"
        if length < len(home) - 1 and path.startswith(home):  # the whole disk was named, or the folder of all homes
            rest = path[len(home) :]
        rest = rest.replace(os.sep, "/")
        return label if not rest else rest if len(self.folders) == 1 else f"{label}/{rest}"


class _Places:
    def __init__(self, run: Run) -> None:
        self.named = _Folders(run.named)
        self.roots = _Folders(run.index.roots) if run.index else self.named
        self._beginnings = [
            (re.compile(re.escape(text) + end), shown) for text, end, shown in sorted(_beginnings(self, run))[::-1]
        ]

    def kept(self, value: Any, key: str, asked: bool = False) -> Any:
        """A value of the document. ``asked``: it is about what was named to be compared, not about a work."""
        if isinstance(value, dict):
            return {name: self.kept(each, name, asked or name == "query") for name, each in value.items()}
        if isinstance(value, list):
            return [self.kept(each, key, asked or key == "skipped") for each in value]
        if not isinstance(value, str) or key in _AS_THEY_ARE:
            return value
        if key == "path" or (key == "source" and Path(value).is_absolute()):  # of a work of the person's own cohort
            return self.place(value, asked)
        return self.told(value)

    def place(self, path: str, asked: bool) -> str:
        for folders in (self.named, self.roots) if asked else (self.roots, self.named):
            if place := folders.place(path):
                return place
        return plain(Path(path).name)

    def told(self, sentence: str) -> str:
        """A sentence without the folders that it mentions."""
        if not any(separator in sentence for separator in _SEPARATORS):
            return sentence
        for beginning, shown in self._beginnings:
            sentence = beginning.sub(lambda _, shown=shown: shown, sentence)  # type: ignore[misc]
        return _ABSOLUTE.sub(r"\1", sentence)

    def command(self, parts: Sequence[str]) -> list[str]:
        return [self._argument(part) for part in parts]

    def _argument(self, part: str) -> str:
        option, equals, value = part.partition("=") if part.startswith("-") else ("", "", part)
        if value.startswith("hf-hub:") or not any(separator in value for separator in _SEPARATORS):
            return part
        return f"{option}{equals}{plain(Path(value).name) or '…'}"


def _beginnings(places: _Places, run: Run) -> Iterator[tuple[str, str, str]]:
    """(text, what must follow, what is shown instead) of the folders that are known: these may hold spaces, so nothing
    but their beginning tells a path in a sentence from the words after it."""
    for folders in (places.named, places.roots):
        for folder, label in zip(folders.folders, folders.labels, strict=True):
            yield from _spelt(folder, "" if len(folders.folders) == 1 else f"{label}/", label)
    known = [run.index.path, run.index.path.parent] if run.index else []
    known += [each.parent for each in run.named]
    for folder_path in (*known, Path.cwd(), Path(tempfile.gettempdir()), Path(tempfile.gettempdir()).resolve()):
        yield from _spelt(plain(str(folder_path)), "", plain(folder_path.name))
    if home := _home():
        for each in {home, home.resolve()}:
            yield from _spelt(plain(str(each)), "~/", "~")


def _spelt(folder: str, before: str, alone: str) -> Iterator[tuple[str, str, str]]:
    """The folder with something in it, and by itself; as it is, and as Python writes it in quotes."""
    if not folder.strip(_SEPARATORS) or folder.endswith(":"):
        return  # the whole disk: every path begins with it
    for spelt in {folder, folder.replace("\\", "\\\\")}:
        yield spelt, r"[\\/]+" if os.name == "nt" else "/+", before
        yield spelt, r"(?!\w)", alone


def _home() -> Path | None:
    with contextlib.suppress(RuntimeError):  # nobody's home is known
        return Path.home()
    return None
