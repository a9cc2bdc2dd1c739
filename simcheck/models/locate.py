"""From the name of a network to weights on this computer, with the checkpoint's own preprocessing.

A weights file does not say how its network wants pictures. open_clip, given a file, silently takes the architecture's
defaults (open_clip issue 1068), which is wrong for SigLIP among others. Here the preprocessing comes from the
``open_clip_config.json`` beside the file, from the published tag, or there is an error: it is never assumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcheck.errors import ModelError, ModelUnreachable
from simcheck.models import hub
from simcheck.models.catalogue import Preprocessing, known
from simcheck.models.digest import Verification, sha256_of, weights_digest
from simcheck.models.published import Checkpoint, architecture_config, checkpoint, preprocessing_of, shared_by_all
from simcheck.models.spec import LocalModel, ModelSpec, is_offline
from simcheck.records import Silent, Watcher

__all__ = ["missing", "pull", "resolve", "verify"]

_FOLDER_ORDER = (*hub.WEIGHTS_FILES, "model.safetensors", "pytorch_model.bin")


def resolve(spec: ModelSpec, offline: bool = False, watcher: Watcher | None = None) -> LocalModel:
    """Find the weights, downloading them at first use, and say how they are to be used.

    Raises ModelUnreachable when they are not here and cannot be fetched (within three seconds when the hub does not
    answer, at once and without touching the network when offline), ModelError when the name, the configuration or
    the file is wrong.
    """
    weights, config, preprocessing = _locate(spec, offline, watcher or Silent())
    found = Verification(weights, weights_digest(weights), hub.recorded_digest(weights))
    if found.damaged:
        raise ModelError(
            f"{weights} is not what the hub sent: its SHA-256 is {found.digest}, the hub recorded {found.recorded}. "
            f"Delete {weights.resolve()} and run `simcheck models pull`."
        )
    image_half = {
        "embed_dim": config["embed_dim"],
        "quick_gelu": bool(config.get("quick_gelu")),
        "vision_cfg": config["vision_cfg"],
    }
    return LocalModel(
        spec=spec,
        weights=weights,
        digest=found.digest,
        architecture=json.dumps(image_half, sort_keys=True, separators=(",", ":")),
        preprocessing=preprocessing,
        dimension=int(config["embed_dim"]),
        wordless=_is_wordless(spec),
    )


def _is_wordless(spec: ModelSpec) -> bool:
    entry = known(spec.architecture, None)
    return entry is not None and entry.token_width > 0


def missing(spec: ModelSpec, offline: bool = False) -> str | None:
    """None when `resolve` would find the weights or could download them, else the sentence why not.

    Downloads nothing. Raises ModelError when the name or the file is wrong.
    """
    if spec.path is not None:
        _from_path(spec)
        return None
    needed, _ = _needed(spec)
    return _unobtainable(needed, offline)


def pull(spec: ModelSpec, watcher: Watcher | None = None) -> LocalModel:
    """Download the weights unless they are here; raises as `resolve` does."""
    return resolve(spec, False, watcher)


def verify(spec: ModelSpec) -> Verification:
    """Read the weights that are here, byte by byte, and compare with what the hub recorded. Never downloads."""
    weights, _, _ = _locate(spec, True, Silent())
    return Verification(weights, sha256_of(weights), hub.recorded_digest(weights))


@dataclass(frozen=True, slots=True)
class _Needed:
    """What must be in the hub's cache: of each group of file names, one."""

    name: str
    size: str
    repository: str
    groups: tuple[tuple[str, ...], ...]


def _needed(spec: ModelSpec) -> tuple[_Needed, Checkpoint | None]:
    if spec.repository is not None:
        return _Needed(str(spec), "", spec.repository, ((hub.CONFIG_FILE,), hub.WEIGHTS_FILES)), None
    assert spec.architecture is not None, "a spec has a path, a repository or an architecture"
    published = checkpoint(spec.architecture, spec.tag)
    entry = known(spec.architecture, published.tag)
    size = f" ({entry.megabytes} MB)" if entry else ""
    name = str(ModelSpec(spec.architecture, published.tag))
    return _Needed(name, size, published.repository, (published.files,)), published


def _unobtainable(needed: _Needed, offline: bool) -> str | None:
    if all(hub.cached(needed.repository, *names) for names in needed.groups):
        return None
    absent = f"The weights of {needed.name}{needed.size} are not on this computer"
    advice = (
        f"Run `simcheck models pull --model {needed.name}` where there is a connection, or name a weights file with "
        "`--model FILE`."
    )
    if is_offline(offline):
        return f"{absent}, and simcheck is offline. {advice}"
    reason = hub.why_unreachable()
    if reason is None:
        return None
    return f"{absent}, and the hub cannot be reached ({reason}). {advice} HF_ENDPOINT may name a mirror of the hub."


_Located = tuple[Path, dict[str, Any], Preprocessing]


def _locate(spec: ModelSpec, offline: bool, watcher: Watcher) -> _Located:
    """Weights, model configuration, preprocessing."""
    if spec.path is not None:
        return _from_path(spec)
    needed, published = _needed(spec)
    reason = _unobtainable(needed, offline)
    if reason is not None:
        raise ModelUnreachable(reason)
    files = [
        hub.cached(needed.repository, *names) or hub.download(needed.repository, names, watcher)
        for names in needed.groups
    ]
    if published is None:
        return files[1], *_read_config(files[0])
    assert spec.architecture is not None
    config = architecture_config(spec.architecture)
    config["quick_gelu"] = published.quick_gelu
    return files[0], config, published.preprocessing


def _from_path(spec: ModelSpec) -> _Located:
    path = spec.path
    assert path is not None
    if not path.exists():
        raise ModelError(f"There is no {path}. Name a weights file or a folder that exists, or a network by its name.")
    weights = _weights_in(path) if path.is_dir() else path
    beside = weights.parent / hub.CONFIG_FILE
    if spec.architecture is None:
        if not beside.is_file():
            raise ModelError(
                f"{weights} does not say what network it is: there is no {hub.CONFIG_FILE} beside it. Put it there, or "
                f"write which one it is: ARCHITECTURE:TAG@{weights}."
            )
        return weights, *_read_config(beside)
    config = architecture_config(spec.architecture)
    if spec.tag is None and beside.is_file():
        stated, preprocessing = _read_config(beside)
        config["quick_gelu"] = bool(stated.get("quick_gelu") or config.get("quick_gelu"))
        if stated["vision_cfg"] != config["vision_cfg"] or stated["embed_dim"] != config["embed_dim"]:
            raise ModelError(f"{beside} describes another network than {spec.architecture}; leave that out.")
        return weights, config, preprocessing
    published = checkpoint(spec.architecture, spec.tag) if spec.tag else shared_by_all(spec.architecture)
    if published is None:
        raise ModelError(
            f"Checkpoints of {spec.architecture} differ in activation or preprocessing, and {weights} does not say "
            f"which it is. Write the tag it has, or was trained on from: {spec.architecture}:TAG@{weights}; or put its "
            f"{hub.CONFIG_FILE} beside it."
        )
    config["quick_gelu"] = published.quick_gelu
    return weights, config, published.preprocessing


def _weights_in(folder: Path) -> Path:
    candidates = [folder / name for name in _FOLDER_ORDER]
    candidates += sorted(folder.glob("*.safetensors")) + sorted([*folder.glob("*.bin"), *folder.glob("*.pt*")])
    found = [file for file in candidates if file.is_file()]
    if not found:
        raise ModelError(f"The folder {folder} holds no weights (such as {hub.WEIGHTS_FILES[0]}). Name another.")
    if found[0].name not in _FOLDER_ORDER and len(set(found)) > 1:
        raise ModelError(f"The folder {folder} holds several weights files. Name the one that is meant.")
    return found[0]


def _read_config(file: Path) -> tuple[dict[str, Any], Preprocessing]:
    try:
        stated = json.loads(file.read_text("utf-8"))
        config = stated.get("model_cfg", stated)
        if not (isinstance(config["vision_cfg"], Mapping) and isinstance(config["embed_dim"], int)):
            raise TypeError("vision_cfg is no object or embed_dim no number")
        overlay = stated["preprocess_cfg"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{file} is not a configuration of open_clip that states model and preprocessing ({error!r}). Fetch it "
            "again from where the weights came from."
        ) from error
    return dict(config), preprocessing_of(config, overlay)
