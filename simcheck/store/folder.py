"""The folder of an index: what may lie in it, and the note for whoever finds it."""

from __future__ import annotations

from pathlib import Path

from simcheck.errors import StoreError
from simcheck.store.schema import FORMAT_VERSION
from simcheck.system.writing import replace_file

__all__ = ["FILE_NAME", "prepare_folder", "remove_index", "write_readme"]

FILE_NAME = "index.sqlite3"
_README = "README.txt"
_OURS = ("index.sqlite3", "README.txt", ".README.txt", "writer.")
"""How the names begin that a first run, killed before its first commit, can have left."""
_DERIVED = (".vectors", ".faiss", ".npy")
"""Search files; those of earlier versions had the last two."""


def prepare_folder(path: Path) -> None:
    """Make the folder, or accept one that is an index or empty: an index never mixes with other files.

    Raises StoreError for a folder of anything else (the art folder itself, say) and when it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        strangers = [] if (path / FILE_NAME).exists() else [p.name for p in path.iterdir()]
    except OSError as error:
        raise StoreError(
            f"The folder {path} for the index cannot be made or read ({error.strerror or error}). "
            "Choose another place with --index."
        ) from error
    strangers = sorted(name for name in strangers if not name.startswith(_OURS))
    if strangers:
        raise StoreError(
            f"{path} already holds other files ({strangers[0]!r}, ...), and an index needs a folder of its own. "
            "Name an empty or a new folder with --index."
        )


def remove_index(path: Path) -> None:
    """Delete what an index is made of, and its folder if nothing else lies in it. Raises StoreError.

    The index itself goes last, so that a removal that was cut short can be repeated.
    """
    ours = [
        p
        for p in path.iterdir()
        if p.name.startswith(_OURS) or p.suffix in _DERIVED or (p.name[0] == "." and p.suffix == ".part")
    ]
    try:
        for file in sorted(ours, key=lambda p: p.name == FILE_NAME):
            file.unlink()
        if not any(path.iterdir()):
            path.rmdir()
    except OSError as error:
        raise StoreError(
            f"The index in {path} could not be deleted ({error.strerror or error}). Close programs that use it and "
            "check the permissions, then try again."
        ) from error


def write_readme(path: Path, index_id: str, name: str) -> None:
    """``README.txt``: what this folder is, for someone who finds it without simcheck."""
    text = f"""This folder is an index of simcheck: descriptions of the pictures of one portfolio.

portfolio: {name or "(no name)"}
id: {index_id}
format version: {FORMAT_VERSION}

It holds no pictures, but it does hold the names and places of your files.

index.sqlite3   the index itself, an ordinary SQLite 3 file. Table meta says its format version; index/README.md
                in the source code of simcheck describes every table and column, and how to read it without simcheck.
*.vectors       made from index.sqlite3 for faster searching, and unrelated_pairs.*, how alike the works are among each
                other; simcheck makes them again when they are missing.
writer.*        say who is writing at the moment; they mean nothing when simcheck is not running.

To move or back up the index, copy the whole folder while simcheck is not running. To start anew, delete it and run
"simcheck index" on your pictures again.
"""
    file = path / _README
    try:
        if file.exists() and file.read_text("utf-8") == text:
            return
        replace_file(file, text.encode())
    except (OSError, UnicodeError) as error:
        raise StoreError(f"{file} could not be written ({error}). Check the disk and the permissions.") from error
