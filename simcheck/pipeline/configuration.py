"""Where things lie and what the person has set: the configuration file, and the index that is meant.

``config.toml`` in the platform's configuration folder may set ``model``, ``offline``, ``index``, ``lang``,
``keypoints``, ``tokens`` and ``calibration``. What the environment says (``SIMCHECK_MODEL``, ``SIMCHECK_OFFLINE``,
``SIMCHECK_INDEX``, ``SIMCHECK_KEYPOINTS``, ``SIMCHECK_TOKENS``, ``SIMCHECK_CALIBRATION``) comes before it, the command
line first. ``SIMCHECK_COHORTS`` names another folder for the person's own cohorts.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from simcheck.errors import StoreMissing, UsageError
from simcheck.reporting.words.plain import plain
from simcheck.reporting.words.words import visible
from simcheck.system.reading import read_text

__all__ = [
    "Configuration",
    "calibration_file",
    "checked_name",
    "cohort_for",
    "existing_index",
    "index_for",
    "indexes",
    "options_for",
    "own_cohorts",
    "report_notes",
]

_FILE = "index.sqlite3"
_SIGNS = '<>:"/\\|?*'
_PORTS = {f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"}
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | _PORTS
"""Windows takes a file of such a name for a device, whatever its extension."""
MOST_OF_A_NAME = 200
"""Characters that may be typed: more is a slip, and would fill every line that names the index."""
_KINDS = {"model": str, "offline": bool, "index": str, "lang": str, "keypoints": str, "tokens": str, "calibration": str}
_KIND_NAMES = {str: "text in quotes", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What ``config.toml`` says, None where it is silent; all but ``lang`` the environment may say first."""

    model: str | None = None
    offline: bool = False
    index: Path | None = None
    lang: Literal["en", "zh", "both"] = "en"
    keypoints: str | None = None
    """``aliked:FILE.onnx`` or ``disk:FILE.onnx``: learned keypoints instead of RootSIFT."""
    tokens: str | None = None
    """A vision transformer that proposes parts instead of the shipped network: its name, or ``auto``."""
    calibration: Path | None = None
    """A calibration of the person's own (`simcheck calibrate`)."""

    @classmethod
    def path(cls) -> Path:
        from platformdirs import user_config_path

        return user_config_path("simcheck", appauthor=False) / "config.toml"

    @classmethod
    def read(cls) -> Configuration:
        """Raises UsageError for a file that is not TOML, or that sets something unknown or of another kind."""
        path = cls.path()
        found = _settings(path)
        for key, value in found.items():
            if key not in _KINDS or not isinstance(value, _KINDS[key]):
                may = ", ".join(f"{name} ({_KIND_NAMES[kind]})" for name, kind in _KINDS.items())
                raise UsageError(
                    f"The configuration file {path} sets {key} = {value!r}. It may set {may}. Correct that line."
                )
        if found.get("lang", "en") not in ("en", "zh", "both"):
            raise UsageError(f"The configuration file {path} sets lang = {found['lang']!r}; it may be en, zh or both.")
        model = os.environ.get("SIMCHECK_MODEL") or found.get("model")
        index = os.environ.get("SIMCHECK_INDEX") or found.get("index")
        keypoints = os.environ.get("SIMCHECK_KEYPOINTS") or found.get("keypoints")
        tokens = os.environ.get("SIMCHECK_TOKENS") or found.get("tokens")
        calibration = os.environ.get("SIMCHECK_CALIBRATION") or found.get("calibration")
        paths = {
            key: Path(value).expanduser() if value else None
            for key, value in (("index", index), ("calibration", calibration))
        }
        return cls(**{**found, **paths, "model": model, "keypoints": keypoints, "tokens": tokens})


def _settings(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path, encoding="utf-8-sig"))  # some editors begin a file with a mark
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"The configuration file {path} cannot be read ({error}). Correct or delete it.") from error


def _home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("simcheck", appauthor=False) / "indexes"


def index_for(
    option: Path | None, name: str | None, configured: Path | None, roots: Sequence[Path]
) -> tuple[Path, str]:
    """Folder and name of the index that is to describe ``roots``: ``--index``, else one called after ``--name``, else
    the configured one, else one called after the first folder, in the platform's data folder.

    Raises UsageError when that name already belongs to another folder's index, and nobody said that they mean it.
    """
    name = checked_name(name, "a portfolio")
    places = [Path(os.path.abspath(root)) for root in roots]  # noqa: PTH100 - resolves ".."
    # a folder that is not there may be on a drive that is not connected: its index is known by the same name
    called = name or next((place.name for place in places if not place.is_file()), "") or "portfolio"
    called = plain(called)  # a folder's name may hold bytes that are no text
    if option:
        return option, called
    if configured and not name:
        return configured, called
    path = _folder(_home(), called)
    if not name and (path / _FILE).is_file():
        from simcheck.store import Store

        with Store.open(path) as store:
            known = store.roots
        if known and not set(places) & set(known):
            raise UsageError(
                f"The index called {called!r} describes {', '.join(map(str, known))}. To add these pictures to it, say "
                f"--name {called!r}; to keep them apart, choose another --name."
            )
    return path, called


def existing_index(option: Path | None, name: str | None, configured: Path | None) -> Path:
    """The index to compare with: ``--index`` or ``--name``, else the configured one, else the only one there is.

    Raises UsageError when it cannot be told which is meant, and StoreMissing when none has that name.
    """
    name = checked_name(name, "a portfolio")
    if option and name:
        raise UsageError("--index and --name both say which index is meant; leave one of them out.")
    if option:
        return option
    if configured and not name:
        return configured
    home, found = _home(), indexes(None)
    if not found:
        raise StoreMissing("There is no index yet. Make one from a folder of your pictures with: simcheck index FOLDER")
    names = ", ".join(folder.name for folder in found)
    if name:
        if (path := _folder(home, name)) not in found:
            raise StoreMissing(f"No index is called {name!r}; there are: {names}. Make one with: simcheck index FOLDER")
        return path
    if len(found) == 1:
        return found[0]
    raise UsageError(f"There are several indexes: {names}. Say which one with --name. They lie in {home}.")


def options_for(path: Path, called: str, configured: Path | None) -> list[str]:
    """What `existing_index` must be told to find the index at ``path``; nothing, where it is found by itself."""
    try:
        if existing_index(None, None, configured) == path:
            return []
    except (StoreMissing, UsageError):
        pass  # there are several, and so it must be told
    known = len(called) <= MOST_OF_A_NAME and path == _folder(_home(), called)
    return ["--name", called] if known else ["--index", str(path)]


def own_cohorts() -> list[Path]:
    """The indexes of the person's own cohorts, beside those of their portfolios."""
    home = _cohorts()
    return sorted(folder for folder in home.glob("*") if (folder / _FILE).is_file()) if home.is_dir() else []


def cohort_for(name: str) -> Path:
    """The folder of the person's own cohort of that name, be there one or not. Raises UsageError for no name."""
    if not name.strip():
        raise UsageError("A cohort needs a name; say which tradition its works are of, with --name.")
    return _folder(_cohorts(), checked_name(name, "a cohort") or "")


def _cohorts() -> Path:
    from platformdirs import user_data_path

    named = os.environ.get("SIMCHECK_COHORTS")
    return Path(named).expanduser() if named else user_data_path("simcheck", appauthor=False) / "cohorts"


def checked_name(name: str | None, what: str) -> str | None:
    """A name that was typed, as text; None for none. Raises UsageError for one that can name nothing."""
    if name is None:
        return None
    if not name.strip():
        raise UsageError(f"{name!r} cannot be the name of {what}. Give it one with letters or digits.")
    if len(name) > MOST_OF_A_NAME:
        raise UsageError(f"The name of {what} may have {MOST_OF_A_NAME} characters, not {len(name)}: {name[:40]} …")
    return plain(name)


def _folder(home: Path, name: str) -> Path:
    """The folder of what has this name, be there one or not; where an earlier simcheck called it otherwise, that."""
    before = "".join("_" if c in _SIGNS or ord(c) < 32 else c for c in name).strip(". ")
    if before and len(os.fsencode(before)) <= 255 and (home / before / _FILE).is_file():
        return home / before
    return home / _file_name(name)


def _file_name(name: str) -> str:
    """A portfolio's name as the name of a folder on every system: no sign that means something there, nothing that
    cannot be seen, no device of Windows, and short. Where little of a name is left, its digest keeps it apart."""
    safe = "".join("_" if c in _SIGNS or visible(c) != c else c for c in name).strip(". ")
    if not safe or len(safe.encode()) > 100:
        kept = safe.encode()[:80].decode("utf-8", "ignore").strip(". ") or "name"
        safe = f"{kept}-{hashlib.sha256(name.encode()).hexdigest()[:10]}"
    return f"_{safe}" if safe.partition(".")[0].rstrip(" ").upper() in _DEVICES else safe


def calibration_file(option: Path | None, configured: Path | None) -> Path | None:
    """A calibration of the person's own, None where none is meant. Raises UsageError for one that is not there."""
    path = option or configured
    if path and not path.is_file():  # a pipe would be waited for
        said = "after --calibration" if option else "in SIMCHECK_CALIBRATION or as calibration in config.toml"
        what = "is not an ordinary file" if path.exists() else "does not exist"
        raise UsageError(f"The calibration {path} {what}. Name one {said} that `simcheck calibrate` wrote.")
    return path


def report_notes() -> Path:
    """Where this computer notes where the pictures of its reports lie."""
    from platformdirs import user_data_path

    return user_data_path("simcheck", appauthor=False) / "reports"


def indexes(configured: Path | None) -> list[Path]:
    """The indexes that this computer knows: the configured one, and those in the platform's data folder."""
    home = _home()
    found = sorted(folder for folder in home.glob("*") if (folder / _FILE).is_file()) if home.is_dir() else []
    return [*([configured] if configured and configured not in found else []), *found]
