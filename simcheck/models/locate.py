"""From the name of a network to weights on this computer, with the checkpoint's own preprocessing.

A weights file does not say how its network wants pictures. open_clip, given a file, silently takes the architecture's
defaults (open_clip issue 1068), which is wrong for SigLIP among others. Here the preprocessing comes from the
``open_clip_config.json`` beside the file, from the published tag, or there is an error: it is never assumed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcheck.errors import ModelError, ModelUnreachable
from simcheck.models import download, hub
from simcheck.models.catalogue import Preprocessing, known
from simcheck.models.digest import Verification, regular, sha256_of, weights_digest
from simcheck.models.download import CONFIG_BYTES
from simcheck.models.published import Checkpoint, architecture_config, checkpoint, preprocessing_of, shared_by_all
from simcheck.models.spec import LocalModel, ModelSpec, offline_by
from simcheck.models.weights import NotWeights, image_tower, kind_of
from simcheck.records import Notice, Silent, Watcher

__all__ = ["again", "missing", "pull", "resolve", "verify"]

_MOST_BYTES = 50 * 10**9
"""The hub serves no larger files in the ordinary way; those of the largest CLIPs have 20."""
_LEAST_MEGABYTES = 64
_FOLDER_ORDER = (*hub.WEIGHTS_FILES, "model.safetensors", "pytorch_model.bin")


def resolve(
    spec: ModelSpec, offline: bool = False, watcher: Watcher | None = None, *, fetch: bool = False
) -> LocalModel:
    """Find the weights, and say how they are to be used.

    Only with ``fetch``, and not when offline, are weights fetched that are not here: for a network that somebody named.
    Else the network is not touched. Raises ModelUnreachable when they are not here and are not to be, or cannot be,
    fetched (within three seconds when the hub does not answer), ModelError when the name, the configuration or the
    file is wrong.
    """
    weights, config, preprocessing = _locate(spec, offline, watcher or Silent(), fetch)
    found = Verification(weights, _digest(spec, weights, weights_digest), hub.recorded_digest(weights))
    if found.damaged:
        raise ModelError(
            f"{weights} is not what the hub sent: its SHA-256 is {found.digest}, the hub recorded {found.recorded}. "
            f"{again(spec)}"
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


def missing(spec: ModelSpec) -> str | None:
    """None when the weights are here, else the sentence that says they are not, and how to get them.

    Never touches the network. Raises ModelError when the name or the file is wrong.
    """
    if spec.path is not None:
        _from_path(spec)
        return None
    needed, _ = _needed(spec)
    try:
        return None if needed.here else needed.absent
    except ModelUnreachable as error:
        return str(error)


def pull(spec: ModelSpec, watcher: Watcher | None = None) -> LocalModel:
    """Fetch the weights unless they are here and whole; raises as `resolve` does."""
    watcher = watcher or Silent()
    if spec.path is None:
        needed, _ = _needed(spec)
        for names in needed.groups:
            file = hub.cached(needed.repository, *names)
            if file is not None and (problem := _problem(file)):
                watcher.notice(Notice("weights_damaged", f"{file} {problem}. It is fetched again."))
                try:
                    hub.forget(file)
                except OSError as error:
                    raise ModelError(f"{file} {problem}, and cannot be deleted ({error}). Delete it.") from error
    return resolve(spec, False, watcher, fetch=True)


def verify(spec: ModelSpec) -> Verification:
    """Read the weights that are here, byte by byte, and compare with what the hub recorded. Never fetches.

    Weights of which nothing is recorded are read as a network would be. Raises ModelUnreachable when they are not here,
    ModelError when they cannot be read; `Verification.damaged` says that they are others than those published.
    """
    weights, _, _ = _locate(spec, False, Silent(), fetch=False)
    found = Verification(weights, _digest(spec, weights, sha256_of), hub.recorded_digest(weights))
    if found.recorded is None:
        try:
            image_tower(weights)
        except NotWeights as error:
            raise ModelError(f"{weights} {error}. Its SHA-256 is {found.digest}. {again(spec)}") from error
    return found


def again(spec: ModelSpec) -> str:
    """What to do about weights that are damaged."""
    how = f"Fetch them again with `simcheck models pull --model {spec}`" if spec.path is None else "Get the file again"
    return f"{how}, name another network with `--model`, or leave its signal out with `--without`."


def _digest(spec: ModelSpec, weights: Path, of: Callable[[Path], str]) -> str:
    """Of what is a weights file by its first bytes: a file of another kind, or size, may be hashed for hours."""
    regular(weights)
    try:
        kind_of(weights)
    except NotWeights as error:
        raise ModelError(f"{weights} {error}. {again(spec)}") from error
    return of(weights)


def _problem(file: Path) -> str | None:
    """What is wrong with a file in the cache, as the rest of a sentence."""
    recorded = hub.recorded_digest(file)
    if recorded is not None and recorded != sha256_of(file):
        return "is not what the hub sent"
    try:
        if file.name == hub.CONFIG_FILE:
            _read_config(file)
        else:
            kind_of(file)
    except NotWeights as error:
        return str(error)
    except ModelError:
        return "is no configuration of open_clip"
    return None


@dataclass(frozen=True, slots=True)
class _Needed:
    """What must be in the hub's cache: of each group of file names, one."""

    name: str
    megabytes: int
    """0 where nobody knows."""
    repository: str
    groups: tuple[tuple[str, ...], ...]

    @property
    def here(self) -> bool:
        return all(hub.cached(self.repository, *names) for names in self.groups)

    @property
    def absent(self) -> str:
        """The fact, and what to do."""
        return f"{self.fact}. {self.advice}"

    @property
    def fact(self) -> str:
        size = f" ({self.megabytes} MB)" if self.megabytes else ""
        return f"The weights of {self.name}{size} are not on this computer"

    @property
    def advice(self) -> str:
        return f"`simcheck models pull --model {self.name}` fetches them; or name a weights file with `--model FILE`."

    def most(self, names: tuple[str, ...]) -> int:
        """Bytes beyond which a file cannot be the right one."""
        if names == (hub.CONFIG_FILE,):
            return CONFIG_BYTES
        return max(self.megabytes * 3 // 2, _LEAST_MEGABYTES) * 10**6 if self.megabytes else _MOST_BYTES


def _needed(spec: ModelSpec) -> tuple[_Needed, Checkpoint | None]:
    if spec.repository is not None:
        return _Needed(str(spec), 0, spec.repository, ((hub.CONFIG_FILE,), hub.WEIGHTS_FILES)), None
    assert spec.architecture is not None, "a spec has a path, a repository or an architecture"
    published = checkpoint(spec.architecture, spec.tag)
    entry = known(spec.architecture, published.tag)
    name = str(ModelSpec(spec.architecture, published.tag))
    return _Needed(name, entry.megabytes if entry else 0, published.repository, (published.files,)), published


def _unobtainable(needed: _Needed, offline: bool, fetch: bool) -> str | None:
    """Why what is needed is not here and is not to be fetched; None when it is here or may be."""
    if needed.here:
        return None
    if not fetch:
        return needed.absent
    if wish := offline_by(offline):
        return f"{needed.fact}, and simcheck is offline ({wish}). Where there is a connection, {needed.advice}"
    if reason := hub.why_unreachable():
        mirror = "HF_ENDPOINT may name a mirror of the hub."
        return f"{needed.fact}, and the hub cannot be reached ({reason}). When it can, {needed.advice} {mirror}"
    return None


_Located = tuple[Path, dict[str, Any], Preprocessing]


def _locate(spec: ModelSpec, offline: bool, watcher: Watcher, fetch: bool) -> _Located:
    """Weights, model configuration, preprocessing."""
    if spec.path is not None:
        return _from_path(spec)
    needed, published = _needed(spec)
    reason = _unobtainable(needed, offline, fetch)
    if reason is not None:
        raise ModelUnreachable(reason)
    files = [
        hub.cached(needed.repository, *names) or download.fetch(needed.repository, names, needed.most(names), watcher)
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
    if regular(file).st_size > CONFIG_BYTES:
        raise ModelError(f"{file} is too large for a configuration of open_clip. Fetch it again from where it came.")
    try:
        stated = json.loads(file.read_text("utf-8"))
        config = stated.get("model_cfg", stated)
        if not (isinstance(config["vision_cfg"], Mapping) and isinstance(config["embed_dim"], int)):
            raise TypeError("vision_cfg is no object or embed_dim no number")
        overlay = stated["preprocess_cfg"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"{file} is not a configuration of open_clip that states model and preprocessing ({error!r}). Fetch it "
            "again from where the weights came from."
        ) from error
    return dict(config), preprocessing_of(config, overlay)
