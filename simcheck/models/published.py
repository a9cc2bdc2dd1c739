"""What is published: architectures, and for a checkpoint's tag where it is and how it wants its pictures.

The catalogue answers without open_clip, which takes seconds to import; open_clip's own tables answer for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simcheck.errors import ModelError
from simcheck.models import hub
from simcheck.models.catalogue import DEFAULT_MODEL, Preprocessing, known

__all__ = ["Checkpoint", "architecture_config", "checkpoint", "preprocessing_of", "shared_by_all"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    tag: str
    repository: str
    files: tuple[str, ...]
    quick_gelu: bool
    preprocessing: Preprocessing


def architecture_config(name: str) -> dict[str, Any]:
    """open_clip's configuration of an architecture, a fresh copy. Raises ModelError when there is none of that name.

    A network of timm's without words is described as the image half that open_clip would build around it.
    """
    entry = known(name, None)
    if entry is not None and entry.token_width:
        trunk = {"timm_model_name": name, "timm_pool": "token", "timm_proj": "none"}
        size = entry.preprocessing.size[0]
        return {"embed_dim": entry.token_width, "quick_gelu": False, "vision_cfg": {**trunk, "image_size": size}}
    package = find_spec("open_clip")
    if package is None or not package.submodule_search_locations:
        raise ModelError("open_clip is not installed, so no network can be used. Run: pip install open-clip-torch")
    file = Path(package.submodule_search_locations[0]) / "model_configs" / f"{name}.json"
    if file.is_file():
        return dict(json.loads(file.read_text("utf-8")))
    import open_clip  # knows architectures that a program added as well

    config = open_clip.get_model_config(name) if name in open_clip.list_models() else None
    if config is None:
        like = get_close_matches(name, open_clip.list_models(), n=4)
        hint = f" Near it: {', '.join(like)}." if like else ""
        raise ModelError(f"open_clip has no architecture {name!r}.{hint} `simcheck models list` shows the common ones.")
    return dict(config)


def preprocessing_of(config: Mapping[str, Any], overlay: Mapping[str, Any]) -> Preprocessing:
    """The preprocessing that open_clip would give: its defaults, then what the checkpoint states, the network's size.

    Raises ModelError when the checkpoint states what open_clip's preprocessing has not.
    """
    size = config["vision_cfg"].get("image_size", 224)
    stated: dict[str, Any] = {"size": tuple(size) if isinstance(size, (list, tuple)) else (size, size)}
    names = {field.name for field in fields(Preprocessing)} - {"size"}
    stated |= {key: value for key, value in overlay.items() if key in names and value is not None}
    for key in ("mean", "std"):
        if key in stated:
            value = stated[key]
            stated[key] = tuple(float(v) for v in (value if isinstance(value, (list, tuple)) else (value,) * 3))
    if stated.get("interpolation") == "random":
        stated["interpolation"] = "bicubic"  # random is for training; open_clip then uses bicubic
    found = Preprocessing(**stated)
    if found.interpolation not in ("bicubic", "bilinear") or found.resize_mode not in ("shortest", "longest", "squash"):
        raise ModelError(
            f"The checkpoint asks for the preprocessing {found.interpolation}/{found.resize_mode}, which open_clip "
            f"does not have. Check its {hub.CONFIG_FILE}."
        )
    if not (len(found.mean) == len(found.std) == 3 and all(s > 0 for s in found.std)):
        raise ModelError(f"The checkpoint's mean and std are not three numbers each. Check its {hub.CONFIG_FILE}.")
    return found


def checkpoint(architecture: str, tag: str | None) -> Checkpoint:
    """The published checkpoint; without a tag, the catalogue's for that architecture, or the only one there is.

    Raises ModelError when there is none, or several and the tag is missing: a network is never guessed.
    """
    entry = known(architecture, tag)
    if entry is not None:
        files = hub.TIMM_FILES if entry.token_width else hub.WEIGHTS_FILES
        return Checkpoint(entry.tag, entry.repository, files, entry.quick_gelu, entry.preprocessing)
    import open_clip

    config = architecture_config(architecture)
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if tag is None and len(tags) == 1:
        tag = tags[0]
    stated = open_clip.get_pretrained_cfg(architecture, tag) if tag else None
    if not stated or not stated.get("hf_hub"):
        listed = f"It has {', '.join(tags)}." if tags else "None is published for it."
        problem = f"no checkpoint {tag!r}" if tag else "several checkpoints" if tags else "no checkpoint"
        raise ModelError(
            f"open_clip has {problem} of {architecture}. {listed} Write ARCHITECTURE:TAG, such as {DEFAULT_MODEL}."
        )
    repository, _, name = str(stated["hf_hub"]).rpartition("/")
    files = (str(Path(name).with_suffix(".safetensors")), name) if name else hub.WEIGHTS_FILES
    quick_gelu = bool(config.get("quick_gelu") or stated.get("quick_gelu"))
    return Checkpoint(str(tag), repository, files, quick_gelu, preprocessing_of(config, stated))


def shared_by_all(architecture: str) -> Checkpoint | None:
    """Any checkpoint of the architecture, if all published ones want the same pictures and activation, else None."""
    entry = known(architecture, None)
    if entry is not None and entry.token_width:
        return checkpoint(architecture, None)
    import open_clip

    found = [checkpoint(architecture, tag) for tag in open_clip.list_pretrained_tags_by_model(architecture)]
    alike = {(c.quick_gelu, c.preprocessing) for c in found}
    return found[0] if len(alike) == 1 else None
