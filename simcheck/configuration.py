"""Where things lie and what the person has set: the configuration file, and the index that is meant.

``config.toml`` in the platform's configuration folder may set ``model``, ``offline``, ``index`` and ``lang``; the
command line and the environment (``SIMCHECK_MODEL``, ``SIMCHECK_OFFLINE``, ``SIMCHECK_INDEX``) come first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simcheck.errors import UsageError

__all__ = ["Configuration", "existing_index", "index_for"]

_FILE = "index.sqlite3"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What ``config.toml`` says; None where it is silent."""

    model: str | None = None
    offline: bool = False
    index: Path | None = None
    lang: Literal["en", "zh", "both"] = "en"

    @classmethod
    def path(cls) -> Path:
        from platformdirs import user_config_path

        return user_config_path("simcheck", appauthor=False) / "config.toml"

    @classmethod
    def read(cls) -> Configuration:
        """Raises UsageError for a file that is not TOML, or that sets something unknown or of another kind."""
        path = cls.path()
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise UsageError(
                f"The configuration file {path} cannot be read ({error}). Correct or delete it."
            ) from error
        kinds = {"model": str, "offline": bool, "index": str, "lang": str}
        for key, value in found.items():
            if key not in kinds or not isinstance(value, kinds[key]):
                raise UsageError(
                    f"The configuration file {path} sets {key} = {value!r}; it may set "
                    + ", ".join(f"{k} ({v.__name__})" for k, v in kinds.items())
                )
        if found.get("lang", "en") not in ("en", "zh", "both"):
            raise UsageError(f"The configuration file {path} sets lang = {found['lang']!r}; it may be en, zh or both.")
        index = found.pop("index", None)
        return cls(index=Path(index).expanduser() if index else None, **found)


def _home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("simcheck", appauthor=False) / "indexes"


def index_for(option: Path | None, name: str | None, roots: Sequence[Path]) -> tuple[Path, str]:
    """Folder and name of the index that is to describe ``roots``: ``--index``, else one called after ``name`` or the
    first folder, in the platform's data folder.

    Raises UsageError when that name already belongs to another folder's index, and nobody said that they mean it.
    """
    called = name or next((Path(root).absolute().name for root in roots if Path(root).is_dir()), "") or "portfolio"
    if option:
        return option, called
    path = _home() / _file_name(called)
    if name is None and (path / _FILE).is_file():
        from simcheck.store import Store

        with Store.open(path) as store:
            known = store.roots
        if not any(Path(root).absolute() == old for root in roots for old in known):
            raise UsageError(
                f"The index called {called!r} describes {', '.join(map(str, known))}. To add these pictures to it, say "
                f"--name {called!r}; to keep them apart, choose another --name."
            )
    return path, called


def existing_index(option: Path | None, name: str | None) -> Path:
    """The index to compare with: ``--index``, ``--name``, or the only one there is. Raises UsageError otherwise."""
    if option:
        return option
    home = _home()
    if name:
        return home / _file_name(name)
    found = sorted(folder for folder in home.glob("*") if (folder / _FILE).is_file()) if home.is_dir() else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError("There is no index yet. Make one from a folder of your pictures with: simcheck index FOLDER")
    raise UsageError(f"There are several indexes: {', '.join(f.name for f in found)}. Say which one with --name.")


def _file_name(name: str) -> str:
    """A portfolio's name as the name of a folder on every system."""
    safe = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in name).strip(". ")
    return safe or "portfolio"
