"""What a vision transformer says about each place of a picture of any shape, instead of about the whole of a square.

Three kinds of tokens; in each case those in which the literature finds what is where:

- CLIP's own transformers (open_clip's ``VisionTransformer``) learned only to fill their class token. In the last
  block the other places gather what is all over the picture, in service of that token, and say little about
  themselves. MaskCLIP (Zhou, Loy & Dai, ECCV 2022) therefore lets each place of the last block attend to itself alone:
  its value passes on as it is. All else stays, down to the projection, so tokens lie in the space of CLIP's vectors.
- Towers of timm under a CLIP (SigLIP's; Zhai et al., ICCV 2023) pool by attention over all places after the last
  block: the places themselves carry the meaning, and the last normalised tokens are taken.
- DINOv2 (Oquab et al., TMLR 2024) was trained on its places as well (masked ones had to be told from the rest); its
  last normalised tokens are what its authors match parts with.

Position embeddings are resampled from the network's own grid to the picture's (bicubic, antialiased, as timm does).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simcheck.errors import ModelError

if TYPE_CHECKING:
    import torch

__all__ = ["Dense", "dense"]


@dataclass(frozen=True, slots=True)
class Dense:
    """``forward``: (n, 3, rows * patch, columns * patch) -> (n, rows, columns, dimension), not normalised."""

    patch: int
    """Side in pixels of the square that one token stands for."""
    dimension: int
    features: str
    """Which of the kinds above, for the identity."""
    forward: Callable[[torch.Tensor], torch.Tensor]


def dense(tower: torch.nn.Module, name: str) -> Dense:
    """The tokens of an image half as open_clip builds it.

    Raises ModelError when it is no plain vision transformer: ResNets, ConvNeXts, Swin and the like.
    """
    from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
    from timm.layers.patch_embed import PatchEmbed
    from timm.models.vision_transformer import VisionTransformer as TimmTransformer

    trunk: Any = getattr(tower, "trunk", None)
    if type(tower) is VisionTransformer:
        made: Any = tower
        last = made.transformer.resblocks[-1]
        sides = made.patch_size
        plain = type(last) is ResidualAttentionBlock and made.transformer.batch_first
        if plain and sides[0] == sides[1]:
            pooled = made.attn_pool is None  # else projection belongs to the pooler's output
            width = made.proj.shape[1] if pooled and made.proj is not None else made.conv1.out_channels
            return Dense(int(sides[0]), int(width), "values of the last block", _Clip(made))
    elif type(trunk) is TimmTransformer and type(trunk.patch_embed) is PatchEmbed:
        sides = trunk.patch_embed.patch_size
        if trunk.pos_embed is not None and sides[0] == sides[1]:
            return Dense(int(sides[0]), int(trunk.embed_dim), "tokens of the last block", _Timm(trunk))
    kind = type(trunk if trunk is not None else tower).__name__
    raise ModelError(
        f"{name} is no plain vision transformer (its image half is a {kind}), so it has no tokens that stand for the "
        "places of a picture. Choose one that is, such as ViT-B-32 or vit_small_patch14_dinov2."
    )


class _Clip:
    def __init__(self, tower: Any) -> None:
        self._tower = tower

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        import torch

        tower = self._tower
        x = tower.conv1(batch)
        count, _, rows, columns = x.shape
        x = x.flatten(2).transpose(1, 2)
        start = tower.class_embedding.to(x.dtype).expand(count, 1, -1)
        positions = _resampled(tower.positional_embedding, tower.grid_size, (rows, columns), 1)
        x = tower.ln_pre(torch.cat([start, x], dim=1) + positions.to(x.dtype))
        *blocks, last = tower.transformer.resblocks
        for block in blocks:
            x = block(x)
        x = _attending_to_itself(last, x[:, 1:])
        if tower.attn_pool is None:
            x = tower.ln_post(x)
            x = x if tower.proj is None else x @ tower.proj
        return _as_map(x, rows, columns)


def _attending_to_itself(block: Any, x: torch.Tensor) -> torch.Tensor:
    """The block of (n, places, width) with an attention that is the identity (MaskCLIP)."""
    import torch

    attention = block.attn
    width = x.shape[-1]
    weight, bias = attention.in_proj_weight[2 * width :], attention.in_proj_bias[2 * width :]
    values = torch.nn.functional.linear(block.ln_1(x), weight, bias)
    x = x + block.ls_1(attention.out_proj(values))
    found: torch.Tensor = x + block.ls_2(block.mlp(block.ln_2(x)))
    return found


class _Timm:
    def __init__(self, trunk: Any) -> None:
        self._trunk = trunk

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        import torch

        trunk = self._trunk
        x = trunk.patch_embed.proj(batch)
        count, _, rows, columns = x.shape
        x = trunk.patch_embed.norm(x.flatten(2).transpose(1, 2))
        before = [t.expand(count, -1, -1) for t in (trunk.cls_token, trunk.reg_token) if t is not None]
        skip = 0 if trunk.no_embed_class else trunk.num_prefix_tokens
        positions = _resampled(trunk.pos_embed[0], trunk.patch_embed.grid_size, (rows, columns), skip).to(x.dtype)
        if trunk.no_embed_class:
            x = torch.cat([*before, x + positions], dim=1)
        else:
            x = torch.cat([*before, x], dim=1) + positions
        x = trunk.norm(trunk.blocks(trunk.norm_pre(x)))
        return _as_map(x[:, trunk.num_prefix_tokens :], rows, columns)


def _as_map(x: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    return x.reshape(len(x), rows, columns, x.shape[-1])


def _resampled(table: torch.Tensor, old: tuple[int, int], new: tuple[int, int], skip: int) -> torch.Tensor:
    """(skip + rows * columns, width) position embeddings for another grid; the first ``skip`` belong to no place."""
    import torch

    if tuple(old) == new:
        return table
    own = table.float().cpu()  # small; the same numbers on every device, and not every one has this filter
    grid = own[skip:].reshape(*old, -1).permute(2, 0, 1)[None]
    grid = torch.nn.functional.interpolate(grid, size=new, mode="bicubic", antialias=True, align_corners=False)
    return torch.cat([own[:skip], grid[0].flatten(1).T]).to(table.device)
