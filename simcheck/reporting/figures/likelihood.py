"""Drawings of likelihood ratios: where a case lies among tested suspects, and how well the tested ones were told apart.

As in `figures`: SVG of numbers and fixed words (H1, H2) only. Solid is H1 and hatched or dashed is H2, so that a print
in grey shows the same. ``HATCH`` has to stand once in a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, inf

from simcheck.scoring.metrics import best_calibrated

__all__ = [
    "HATCH",
    "HEIGHT",
    "PLOT",
    "WIDTH",
    "Axis",
    "calibration_svg",
    "distribution_svg",
    "pooled",
    "share_reaching",
    "tippett_svg",
]

WIDTH, HEIGHT = 640.0, 300.0
"""Of the distributions, in units of the drawing."""
PLOT = 400.0
"""Height and width of the Tippett and calibration plots."""
MARGIN = 44.0
BIN = 0.25
HATCH = (
    '<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#fff"/><path d="M0 0V7" stroke="#4a4f57" stroke-width="4"/></pattern>'
)


@dataclass(frozen=True, slots=True)
class Axis:
    """llrs from ``low`` to ``high`` (whole numbers) over ``left`` to ``right`` of a drawing."""

    low: int
    high: int
    left: float
    right: float

    @classmethod
    def over(cls, values: Sequence[float], left: float, right: float) -> Axis:
        known = [value for value in values if abs(value) < inf] or [0.0]
        return cls(min(-1, floor(min(known))), max(1, ceil(max(known))), left, right)

    def at(self, llr: float) -> float:
        """What lies beyond stands at the edge."""
        share = (min(max(llr, self.low), self.high) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def ticks(self) -> list[int]:
        """Whole numbers; on a long axis only some of them, 0 among them."""
        step = 1 + (self.high - self.low) // 12
        return [llr for llr in range(self.low, self.high + 1) if llr % step == 0]


def share_reaching(llrs: Sequence[float], llr: float) -> float:
    return sum(value >= llr for value in llrs) / len(llrs)


def distribution_svg(
    h1: Sequence[float], h2: Sequence[float], case: tuple[float, float, float], bounds: tuple[float, float]
) -> str:
    """Step histograms of tested suspects, H1 above H2 on one axis, and the ``case`` (value, low, high) through both.

    The height of a step is the share of that hypothesis's suspects, on one scale for both.
    """
    axis = Axis.over([*h1, *h2, *case, *bounds], MARGIN, WIDTH - 14)
    floors = (HEIGHT / 2 - 8, HEIGHT - 40)
    tall = HEIGHT / 2 - 46
    shares = [_shares(llrs, axis) for llrs in (h1, h2)]
    most = max(max(each) for each in shares)
    value, low, high = (axis.at(each) for each in case)
    parts = [_grid_of_llrs(axis, 22, floors[1])]
    size = f'width="{max(1.0, high - low):.1f}" height="{floors[1] - 22:.1f}"'
    parts.append(f'<rect class="interval" x="{low:.1f}" y="22" {size}/>')
    for name, bottom, each in zip(("H1", "H2"), floors, shares, strict=True):
        parts.append(f'<path class="{name.lower()} steps" d="{_steps(each, axis, bottom, tall / most)}"/>')
        parts.append(f'<path class="axis" d="M{axis.left:.1f} {bottom:.1f}H{axis.right:.1f}"/>')
        parts.append(f'<text class="name" x="4" y="{bottom - 6:.1f}">{name}</text>')
    parts += [
        f'<path class="case casing" d="M{value:.1f} 24V{floors[1]:.1f}"/>',
        f'<path class="case" d="M{value:.1f} 24V{floors[1]:.1f}"/>',
        f'<path class="pointer" d="M{value - 9:.1f} 10H{value + 9:.1f}L{value:.1f} 26Z"/>',
        f'<path class="case" d="M{low:.1f} {floors[1] - 6:.1f}v12M{low:.1f} {floors[1]:.1f}H{high:.1f}m0 -6v12"/>',
    ]
    return f'<g class="plot">{"".join(parts)}</g>'


def _shares(llrs: Sequence[float], axis: Axis) -> list[float]:
    bins = [0] * round((axis.high - axis.low) / BIN)
    for llr in llrs:
        bins[min(max(int((llr - axis.low) / BIN), 0), len(bins) - 1)] += 1
    return [count / len(llrs) for count in bins]


def _steps(shares: Sequence[float], axis: Axis, bottom: float, scale: float) -> str:
    path = [f"M{axis.left:.1f} {bottom:.1f}"]
    for number, share in enumerate(shares):
        path.append(f"V{bottom - scale * share:.1f}H{axis.at(axis.low + (number + 1) * BIN):.1f}")
    return "".join([*path, f"V{bottom:.1f}Z"])


def _grid_of_llrs(axis: Axis, top: float, bottom: float) -> str:
    parts = []
    for llr in axis.ticks():
        x = axis.at(llr)
        kind = "grid zero" if llr == 0 else "grid"
        parts.append(f'<path class="{kind}" d="M{x:.1f} {top:.1f}V{bottom:.1f}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 24:.1f}">{_signed(llr)}</text>')
    return "".join(parts)


def _signed(llr: int) -> str:
    return "0" if llr == 0 else f"{llr:+d}".replace("-", "\N{MINUS SIGN}")


def tippett_svg(h1: Sequence[float], h2: Sequence[float]) -> str:
    """Share of suspects whose llr is at least the one on the axis: H1 solid, H2 dashed."""
    axis = Axis.over([*h1, *h2], MARGIN + 16, PLOT - 10)
    top, bottom = 14.0, PLOT - 40
    parts = [_grid_of_llrs(axis, top, bottom)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = bottom - share * (bottom - top)
        parts.append(f'<path class="grid" d="M{axis.left:.1f} {y:.1f}H{axis.right:.1f}"/>')
        parts.append(f'<text class="share" x="{axis.left - 8:.1f}" y="{y + 6:.1f}">{100 * share:.0f} %</text>')
    for name, llrs in (("h1", h1), ("h2", h2)):
        path = [f"M{axis.left:.1f} {bottom - share_reaching(llrs, axis.low) * (bottom - top):.1f}"]
        for llr in sorted(set(llrs)):
            beyond = sum(value > llr for value in llrs) / len(llrs)
            path.append(f"H{axis.at(llr):.1f}V{bottom - beyond * (bottom - top):.1f}")
        parts.append(f'<path class="{name} curve" d="{"".join(path)}H{axis.right:.1f}"/>')
    return f'<g class="plot">{"".join(parts)}</g>'


def pooled(h1: Sequence[float], h2: Sequence[float]) -> list[tuple[float, float, float]]:
    """Blocks of neighbouring llrs with the llr that their suspects bear out: (lowest, highest, borne out).

    Pool adjacent violators with half of all weight on each hypothesis; ends that hold one hypothesis only are
    infinite.
    """
    borne_out, _ = best_calibrated(h1, h2)
    blocks: dict[float, list[float]] = {}
    for llr, fitted in zip((*h1, *h2), borne_out.tolist(), strict=True):
        blocks.setdefault(fitted, []).append(llr)
    return [(min(llrs), max(llrs), fitted) for fitted, llrs in sorted(blocks.items())]


def calibration_svg(h1: Sequence[float], h2: Sequence[float]) -> str:
    """The llr that was given (across) against the one that the tested suspects bear out (up); the diagonal is right.

    Blocks that hold one hypothesis only are infinite: they are drawn along the edge, with an arrow.
    """
    blocks = pooled(h1, h2)
    axis = Axis.over([*h1, *h2], MARGIN, PLOT - 10)
    side = axis.right - axis.left
    upright = Axis(axis.low, axis.high, 14.0 + side, 14.0)
    parts = [_grid_of_llrs(axis, 14.0, 14.0 + side)]
    for llr in upright.ticks():
        y = upright.at(llr)
        parts.append(f'<path class="grid{" zero" if llr == 0 else ""}" d="M{axis.left:.1f} {y:.1f}H{axis.right:.1f}"/>')
        parts.append(f'<text class="share" x="{axis.left - 8:.1f}" y="{y + 6:.1f}">{_signed(llr)}</text>')
    diagonal = f"M{axis.left:.1f} {14 + side:.1f}L{axis.right:.1f} 14"
    parts.append(f'<path class="ideal" d="{diagonal}"/>')
    path = ""
    for low, high, borne_out in blocks:
        y = upright.at(borne_out)
        path += f"{'L' if path else 'M'}{axis.at(low):.1f} {y:.1f}H{axis.at(high):.1f}"
        if abs(borne_out) == inf:
            x, tip = (axis.at(low) + axis.at(high)) / 2, 8 if borne_out < 0 else -8
            parts.append(f'<path class="beyond" d="M{x - 7:.1f} {y:.1f}h14l-7 {tip}Z"/>')
    parts.append(f'<path class="h1 curve" d="{path}"/>')
    return f'<g class="plot">{"".join(parts)}</g>'
