"""The network while it learns: with batch normalisation, which `exported` folds away into what simcheck ships."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate, normalize, pad, relu

from simcheck.models.embedded import CHANNELS, Shape

__all__ = ["CopyNetwork", "exported", "restored"]


def front_end(pixels: torch.Tensor) -> torch.Tensor:
    """(n, 3, h, w) sRGB in 0..1 -> (n, CHANNELS, h, w): `simcheck.models.embedded.front_end` for a batch."""
    light = pixels.mean(dim=1, keepdim=True)
    centred = light - _around(light)
    relative = centred / (_around(centred.square()).sqrt() + 0.03)
    smooth = pad(light, (1, 1, 1, 1), mode="replicate")
    dx = smooth[..., 1:-1, 2:] - smooth[..., 1:-1, :-2]
    dy = smooth[..., 2:, 1:-1] - smooth[..., :-2, 1:-1]
    square_x, square_y = dx * dx, dy * dy
    tensor = torch.cat([square_x - square_y, 2 * dx * dy, square_x + square_y], dim=1)
    tensor = avg_pool2d(tensor, 3, stride=1, padding=1)
    edges = tensor / (_around(tensor[:, 2:]) + 1e-3)
    # the square root lets the strongest edges not drown the others
    strength = (edges[:, 2:] + 1e-4).sqrt()
    return torch.cat([pixels * 4 - 2, relative, strength - 0.7, edges[:, :2] / strength], dim=1)


def _around(x: torch.Tensor) -> torch.Tensor:
    coarse = avg_pool2d(avg_pool2d(x, 4), 5, stride=1, padding=2, count_include_pad=False)
    return interpolate(coarse, size=x.shape[-2:], mode="bilinear", align_corners=False)


class _Convolution(nn.Module):
    """A convolution and its batch normalisation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, padding: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        nn.init.kaiming_normal_(self.convolution.weight, mode="fan_in", nonlinearity="relu")
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        normed: torch.Tensor = self.norm(self.convolution(x))
        return normed


class _Block(nn.Module):
    """A residual block (He et al., CVPR 2016), which starts as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.a = _Convolution(width, width, 3, 1, 1)
        self.b = _Convolution(width, width, 3, 1, 1)
        nn.init.zeros_(self.b.norm.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return relu(x + self.b(relu(self.a(x))))


class CopyNetwork(nn.Module):
    """What `simcheck.models.embedded` computes, but before folding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.stem = _Convolution(CHANNELS, shape.widths[0], 8, 4, 2)
        self.down = nn.ModuleList(
            _Convolution(a, b, 3, 2, 1) for a, b in zip(shape.widths[:-1], shape.widths[1:], strict=True)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(_Block(width) for _ in range(count)))
            for width, count in zip(shape.widths, shape.blocks, strict=True)
        )
        last, positions = shape.widths[-1], (shape.side // shape.stride) ** 2
        self.grid: nn.Conv2d | None = nn.Conv2d(last, shape.grid, 1) if shape.grid else None
        self.power = nn.Parameter(torch.tensor(3.0))
        self.head = nn.Linear(shape.grid * positions + last, shape.dimension)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            x = front_end(pixels.float())
        x = x.to(self.head.weight.dtype).contiguous(memory_format=torch.channels_last)
        x = relu(self.stem(x))
        for number, stage in enumerate(self.stages):
            if number:
                x = relu(self.down[number - 1](x))
            x = stage(x)
        power = self.power.float().clamp(1, 8)
        pooled = x.float().clamp(min=1e-4).pow(power).mean(dim=(2, 3)).pow(1 / power).to(x.dtype)
        places = [self.grid(x).flatten(1)] if self.grid else []
        return normalize(self.head(torch.cat([*places, pooled], dim=1)).float())


def exported(state: Mapping[str, torch.Tensor], shape: Shape) -> dict[str, torch.Tensor]:
    """The arrays that `embed` wants, float32, from a `CopyNetwork`'s state: each normalisation folded into its
    convolution (it is linear once its statistics are fixed)."""
    found: dict[str, torch.Tensor] = {}

    def fold(source: str, target: str) -> None:
        scale = state[f"{source}.norm.weight"] / (state[f"{source}.norm.running_var"] + 1e-5).sqrt()
        found[f"{target}.weight"] = state[f"{source}.convolution.weight"] * scale[:, None, None, None]
        found[f"{target}.bias"] = state[f"{source}.norm.bias"] - state[f"{source}.norm.running_mean"] * scale

    fold("stem", "stem")
    for stage, count in enumerate(shape.blocks):
        if stage:
            fold(f"down.{stage - 1}", f"down{stage}")
        for block in range(count):
            for half in "ab":
                fold(f"stages.{stage}.{block}.{half}", f"stage{stage}.{block}.{half}")
    for name in ("grid.weight", "grid.bias", "head.weight", "head.bias"):
        if name in state:
            found[name] = state[name]
    found["pool.power"] = state["power"].clamp(1, 8)
    return {name: value.float().contiguous() for name, value in found.items()}


def restored(arrays: Mapping[str, torch.Tensor], shape: Shape) -> CopyNetwork:
    """The network of exported arrays, for evaluation: its normalisations do nothing but add the bias."""
    network = CopyNetwork(shape).eval().requires_grad_(False)

    def unfold(target: _Convolution, name: str) -> None:
        target.convolution.weight.copy_(arrays[f"{name}.weight"])
        target.norm.weight.fill_((1 + target.norm.eps) ** 0.5)
        target.norm.bias.copy_(arrays[f"{name}.bias"])

    unfold(network.stem, "stem")
    for stage, blocks in enumerate(network.stages):
        if stage:
            unfold(network.down[stage - 1], f"down{stage}")  # type: ignore[arg-type]
        for number, block in enumerate(blocks):  # type: ignore[arg-type, var-annotated]
            unfold(block.a, f"stage{stage}.{number}.a")
            unfold(block.b, f"stage{stage}.{number}.b")
    for layer, name in ((network.grid, "grid"), (network.head, "head")):
        if layer is not None:
            layer.weight.copy_(arrays[f"{name}.weight"])
            layer.bias.copy_(arrays[f"{name}.bias"])  # type: ignore[union-attr]
    network.power.copy_(arrays["pool.power"])
    return network
