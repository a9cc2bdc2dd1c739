"""Which network is meant: what ``--model``, the configuration and ``SIMCHECK_MODEL`` may say."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import ModelError
from simcheck.models.catalogue import DEFAULT_MODEL, Preprocessing
from simcheck.models.weights import SUFFIXES

__all__ = ["LocalModel", "ModelSpec", "choose", "is_offline", "named", "offline_by"]

_HUB = "hf-hub:"
_REPOSITORY_PART = re.compile(r"[A-Za-z0-9_](?:[\w.-]{0,94}\w)?")
_NAME = re.compile(r"(?P<architecture>[A-Za-z0-9][\w.+-]*)(?:[:/](?P<tag>[\w.-]+))?")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A name for a network. ``str(spec)`` parses back to an equal one.

    | text | means |
    |---|---|
    | ``ViT-B-32:datacomp_xl_s13b_b90k`` (or with ``/``) | a published checkpoint of an open_clip architecture |
    | ``ViT-B-32`` | the architecture's preferred checkpoint |
    | ``hf-hub:organisation/name`` | a repository of the hub that holds an ``open_clip_config.json`` |
    | ``weights.safetensors`` | a file with its ``open_clip_config.json`` beside it |
    | ``ViT-L-14:openai@weights.safetensors`` | a file of that architecture; the tag gives the preprocessing |
    | ``folder/`` | a folder with ``open_clip_config.json`` and the weights |
    """

    architecture: str | None = None
    tag: str | None = None
    repository: str | None = None
    path: Path | None = None

    @classmethod
    def parse(cls, text: str) -> ModelSpec:
        """Raises ModelError when the text is none of the forms above. Touches no file but to see whether it exists."""
        text = text.strip()
        if text.startswith(_HUB):
            repository = text.removeprefix(_HUB)
            if not _is_repository(repository):
                raise ModelError(f"{text!r} is not the name of a hub repository; write hf-hub:organisation/name.")
            return cls(repository=repository)
        if text and _is_path(text):
            return cls(path=Path(text).expanduser())
        name, at, path = text.partition("@")
        found = _NAME.fullmatch(name)
        if not found or (at and not path):
            raise ModelError(
                f"{text!r} names no network. Write ARCHITECTURE:TAG (such as {DEFAULT_MODEL}), "
                "hf-hub:organisation/name, a weights file, ARCHITECTURE:TAG@FILE, or a folder."
            )
        return cls(found["architecture"], found["tag"], path=Path(path).expanduser() if at else None)

    def __str__(self) -> str:
        if self.repository:
            return _HUB + self.repository
        name = ":".join(part for part in (self.architecture, self.tag) if part)
        if self.path is None:
            return name
        path = str(self.path)
        return f"{name}@{path}" if name else path if _is_path(path) else f".{os.sep}{path}"


def _is_repository(text: str) -> bool:
    """As the hub's library allows them; it raises for others."""
    parts = text.split("/")
    odd = "--" in text or ".." in text or text.endswith(".git")
    return len(parts) == 2 and not odd and all(map(_REPOSITORY_PART.fullmatch, parts))


def _is_path(text: str) -> bool:
    looks = text.startswith(("/", ".", "~")) or "\\" in text or re.match(r"[A-Za-z]:[\\/]", text) is not None
    plain = "@" not in text and Path(text).suffix.lower() in SUFFIXES
    path = Path(text)
    # a folder called ViT-B-32 is no reason to mistake the architecture for it
    return looks or plain or path.is_file() or (path / "open_clip_config.json").is_file()


@dataclass(frozen=True, slots=True)
class LocalModel:
    """Weights that lie on this computer, with all that is needed to use them."""

    spec: ModelSpec
    weights: Path
    digest: str
    """SHA-256 of the weights file, hexadecimal."""
    architecture: str
    """The image half of open_clip's model configuration, canonical JSON: embed_dim, quick_gelu, vision_cfg."""
    preprocessing: Preprocessing
    dimension: int
    wordless: bool = False
    """Whether it is a network for tokens only, without a vector for the whole picture (`simcheck.models.tokens`)."""


def named(option: str | None = None, configured: str | None = None) -> str | None:
    """The network that the person names: ``--model``, else ``SIMCHECK_MODEL``, else the configuration; else None.

    One that is named may be fetched when it is used. Without a name nothing is.
    """
    return option or os.environ.get("SIMCHECK_MODEL") or configured or None


def choose(option: str | None = None, configured: str | None = None) -> ModelSpec:
    """The network to use: the one that is `named`, else the default."""
    return ModelSpec.parse(named(option, configured) or DEFAULT_MODEL)


_WISHES = ("SIMCHECK_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""The last two are the hub library's own, which refuses to connect as well."""


def offline_by(offline: bool = False) -> str | None:
    """What says that nothing may be fetched, in words for a message; None when nothing does."""
    for name in _WISHES:
        if os.environ.get(name, "").strip().upper() in {"1", "ON", "YES", "TRUE"}:
            return f"{name} is set"
    return "--offline, or offline in config.toml" if offline else None


def is_offline(offline: bool = False) -> bool:
    """Whether the network must not be touched: ``--offline``, ``SIMCHECK_OFFLINE`` or ``HF_HUB_OFFLINE``."""
    return offline_by(offline) is not None
