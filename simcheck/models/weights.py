"""Reading weights files without running anything that is in them.

A pickle can carry code, so pickled weights are read by torch's ``weights_only`` reader, which makes tensors and
nothing else; safetensors cannot carry code at all. The kind is told by the first bytes, not by the file's name.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["SUFFIXES", "NotWeights", "fill", "image_tower", "kind_of"]

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")

_PREFIX = "visual."
_TRUNK = "trunk."
_TIMM_VIT = "patch_embed.proj.weight"


class NotWeights(Exception):
    """Why a file cannot be used, as the rest of a sentence that begins with its name. Whoever catches it knows where
    the file came from, and adds what to do."""


def image_tower(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of the network's image half, by their names within it. Raises NotWeights for anything else.

    A file of timm's holds a vision transformer and nothing else; open_clip keeps such a one as its ``trunk``.
    """
    kind = kind_of(path)
    try:
        state = _read_safetensors(path) if kind == "safetensors" else _read_pickle(path, kind)
    except (MemoryError, NotWeights):
        raise
    except Exception as error:  # the readers raise a dozen types for damaged files
        first = (str(error).splitlines() or [""])[0][:200]
        if isinstance(error, pickle.UnpicklingError) and "weights_only" in str(error).lower().replace(" ", "_"):
            first = "it holds more than tensors, and simcheck runs no code from weights files"
        first = first or type(error).__name__
        raise NotWeights(f"cannot be read as network weights: {first}") from error
    tower = {name.removeprefix(_PREFIX): tensor for name, tensor in state.items() if name.startswith(_PREFIX)}
    if not tower and _TIMM_VIT in state:
        # the mask stood for hidden patches while DINOv2 was trained; its makers' own file still has it
        tower = {_TRUNK + name: tensor for name, tensor in state.items() if name != "mask_token"}
    if not tower:
        some = ", ".join(sorted(state)[:3]) or "nothing"
        hint = "; it looks like transformers' format" if any(n.startswith("vision_model.") for n in state) else ""
        raise NotWeights(f"is not in open_clip's format (it begins with {some}){hint}")
    return tower


def fill(tower: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
    """Copy the tensors into the network. Every one must fit, so that no number in it is left as it was made: random.

    Raises NotWeights which names the first few that do not.
    """
    expected = tower.state_dict()
    absent = sorted(expected.keys() - state.keys())
    surplus = sorted(state.keys() - expected.keys())
    shapes = sorted(
        f"{name} {tuple(state[name].shape)} for {tuple(expected[name].shape)}"
        for name in expected.keys() & state.keys()
        if state[name].shape != expected[name].shape
    )
    wrong = [
        f"{len(names)} {what} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
        for names, what in ((absent, "missing"), (surplus, "too many"), (shapes, "of another shape"))
        if names
    ]
    if wrong:
        raise NotWeights(
            f"belongs to another architecture: of {len(expected)} tensors {'; '.join(wrong)}. If the file is right, "
            "name the architecture it has: ARCHITECTURE:TAG@FILE"
        )
    tower.load_state_dict(state, strict=True)


def kind_of(path: Path) -> str:
    """``safetensors``, ``zip`` or ``pickle``, by the first bytes. Raises NotWeights for what is none of these."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise NotWeights(f"cannot be read ({error.strerror or error})") from error
    text = head.lstrip().lower()
    if not head:
        raise NotWeights("is empty: its download was cut off")
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise NotWeights("is a web page, not network weights: the download got an error page")
    if head.startswith(b"version https://git-lfs"):
        raise NotWeights("is a pointer of Git LFS, not the weights themselves")
    if head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= max(path.stat().st_size - 8, 0):
        return "safetensors"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\x80"):
        return "pickle"
    if path.suffix == ".safetensors" or head[8:9] == b"{":
        raise NotWeights("is damaged or cut off: it does not hold what its header says")
    raise NotWeights("is no weights file that simcheck reads (safetensors, or PyTorch's)")


def _read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import safe_open

    with safe_open(path, framework="pt", device="cpu") as file:
        names = list(file.keys())
        wanted = [name for name in names if name.startswith(_PREFIX)] or (names if _TIMM_VIT in names else names[:8])
        return {name: file.get_tensor(name) for name in wanted}


def _read_pickle(path: Path, kind: str) -> dict[str, torch.Tensor]:
    import zipfile

    import torch

    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            if any(name.endswith("constants.pkl") for name in archive.namelist()):
                raise NotWeights(
                    "is a TorchScript archive, which is a program, and simcheck runs none from weights files. There "
                    "are the same weights as safetensors, such as ViT-B-32:openai"
                )
    state: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=kind == "zip")
    for key in ("state_dict", "model"):  # training scripts keep the weights beside the optimiser's state
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
            break
    if not isinstance(state, dict):
        raise NotWeights(f"holds a {type(state).__name__}, not the named tensors of a network")
    tensors = {str(name): value for name, value in state.items() if isinstance(value, torch.Tensor)}
    if tensors and all(name.startswith("module.") for name in tensors):
        tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    return tensors
