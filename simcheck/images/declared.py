"""Colours that a file declares by numbers instead of a profile: shown in sRGB, as browsers show them.

The numbers are the code points of ITU-T H.273 (PNG's cICP, the nclx boxes of HEIF and AVIF), or PNG's gAMA and cHRM.
High dynamic range (BT.2100, PQ and HLG) is brought to what an ordinary screen shows: diffuse white, 203 cd/m² by
ITU-R BT.2408, becomes white; where much is brighter, highlights are rolled off and all below 3/4 of white stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Declared", "from_code_points", "from_gamma", "to_srgb"]

_STRIP = 256
"""Rows converted at a time: bounds the floating-point copies."""
_D65 = (0.3127, 0.3290)
"""Chromaticity of daylight, the white of nearly all screens (CIE 15)."""
_SRGB = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
"""White, red, green and blue, each x and y (CIE 1931), as in PNG's cHRM."""
_C, _E, _DCI = (0.310, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
_PRIMARIES = {
    1: ("BT.709", _SRGB),
    4: ("BT.470 M", (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08)),
    5: ("BT.470 BG", (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06)),
    6: ("BT.601", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    7: ("SMPTE 240M", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    8: ("film", (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049)),
    9: ("BT.2020", (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)),
    10: ("CIE XYZ", (*_E, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0)),
    11: ("DCI-P3", (*_DCI, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    12: ("Display P3", (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    22: ("EBU 3213", (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077)),
}
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
"""Transfer characteristics (H.273, table 3) that are plain powers: BT.470 M and BG, linear, SMPTE ST 428."""
_AS_SRGB = frozenset({1, 2, 6, 7, 11, 12, 13, 14, 15})
"""Camera curves (BT.709 and kin) and what is unspecified are shown with sRGB's, as most programs do."""
_PQ, _HLG = 16, 18
_WHITE, _HLG_PEAK = 203.0, 1000.0
"""cd/m²: diffuse white, and the screen that HLG is graded for (BT.2408, BT.2100)."""
_KNEE = 0.75
"""Light, white 1, up to which a picture with brighter highlights stays as it is."""
_BRIGHT = 0.001
"""Share of the pixels above white from which highlights are rolled off instead of cut."""
_SAME_GAMMA = 0.05
"""libpng's PNG_GAMMA_THRESHOLD: a gamma so near that of a screen needs no correction."""


@dataclass(frozen=True, slots=True)
class Declared:
    """``gamma`` is the exponent from samples to light; 0 means sRGB's curve. ``transfer`` is H.273's, 0 without one."""

    primaries: tuple[float, ...]
    gamma: float
    transfer: int
    full_range: bool
    name: str


def from_code_points(primaries: int, transfer: int, *, full_range: bool = True) -> Declared | None:
    """Of H.273's code points; None where they mean sRGB, or nothing that is known."""
    name, chroma = _PRIMARIES.get(primaries, ("", _SRGB))
    known = transfer in (_PQ, _HLG) or transfer in _GAMMAS
    if full_range and chroma == _SRGB and not known:
        return None
    curve = {_PQ: "PQ", _HLG: "HLG", 8: "linear"}.get(transfer) or (f"gamma {_GAMMAS[transfer]:g}" if known else "")
    words = [name if chroma != _SRGB or not curve else "", curve, "" if full_range else "16 to 235"]
    return Declared(chroma, _GAMMAS.get(transfer, 0.0), transfer, full_range, " ".join(filter(None, words)))


def from_gamma(gamma: float | None, chroma: tuple[float, ...] | None) -> Declared | None:
    """Of PNG's gAMA and cHRM (white, red, green, blue); None where they mean sRGB, or are out of reason."""
    if chroma is None or not _reasonable(chroma) or max(abs(a - b) for a, b in zip(chroma, _SRGB, strict=True)) < 0.002:
        chroma = _SRGB
    usable = gamma is not None and 0.01 <= gamma <= 10
    exponent = 1 / gamma if gamma is not None and usable else 0.0
    if chroma == _SRGB and (not usable or abs(exponent / 2.2 - 1) <= _SAME_GAMMA):
        return None
    words = [f"gamma {exponent:.3g}" if usable else "", "other primaries" if chroma != _SRGB else ""]
    return Declared(chroma, exponent, 0, True, ", ".join(filter(None, words)))


def to_srgb(values: NDArray[np.generic], declared: Declared, notes: list[str]) -> NDArray[np.uint8]:
    """(height, width[, channels]) of uint8 or uint16 as 8-bit sRGB; a second or fourth channel is alpha and stays.

    What was done is appended to ``notes``, with the brightest value of an HDR picture in cd/m².
    """
    top = np.iinfo(values.dtype.name).max
    squeezed = values.ndim == 2
    values = values[..., None] if squeezed else values
    colours = values.shape[2] - (values.shape[2] in (2, 4))
    curve = _light_of(np.arange(top + 1) / top, declared)
    peak = _peak(values[..., :colours], curve, declared) if declared.transfer in (_PQ, _HLG) else 1.0
    matrix = _to_srgb_primaries(declared.primaries).astype(np.float32)
    shades = _srgb_curve()
    out = np.empty(values.shape, np.uint8)
    for first in range(0, values.shape[0], _STRIP):
        strip = values[first : first + _STRIP]
        light = _shown_light(curve[strip[..., :colours]], declared)
        if colours == 3:
            light = light @ matrix.T
        if peak > 1:
            light = _rolled_off(light, peak)
        out[first : first + _STRIP, :, :colours] = shades[np.rint(light.clip(0, 1) * 65535).astype(np.uint16)]
        if colours < strip.shape[2]:
            out[first : first + _STRIP, :, colours] = (strip[..., colours].astype(np.uint32) * 255 + top // 2) // top
    notes.append(f"colours_declared:{declared.name}")
    if peak > 1:
        notes.append(f"hdr_rolled_off:{peak * _WHITE:.0f}")
    return out[..., 0] if squeezed else out


def _light_of(samples: NDArray[np.floating], declared: Declared) -> NDArray[np.float32]:
    """Linear light of samples of 0..1. White is 1, but HLG gives the light of the scene, whose peak is 1."""
    if not declared.full_range:
        samples = ((samples * 255 - 16) / 219).clip(0, 1)
    if declared.transfer == _PQ:  # SMPTE ST 2084
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = samples ** (1 / m2)
        return np.asarray((np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * 10000 / _WHITE, np.float32)
    if declared.transfer == _HLG:  # ARIB STD-B67
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        return np.asarray(np.where(samples <= 0.5, samples**2 / 3, (np.exp((samples - c) / a) + b) / 12), np.float32)
    if declared.gamma:
        return np.asarray(samples**declared.gamma, np.float32)
    return np.asarray(np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4), np.float32)


def _shown_light(light: NDArray[np.float32], declared: Declared) -> NDArray[np.float32]:
    """Light of the screen, white 1, of the light that `_light_of` gives (n, m, 1 or 3)."""
    if declared.transfer != _HLG:
        return light
    weights = np.array([0.2627, 0.6780, 0.0593], np.float32)
    luminance = light @ weights[:, None] if light.shape[2] == 3 else light
    return np.asarray(light * luminance**0.2 * (_HLG_PEAK / _WHITE), np.float32)  # BT.2100's OOTF, gamma 1.2


def _peak(values: NDArray[np.generic], curve: NDArray[np.float32], declared: Declared) -> float:
    """The brightest light, white 1, that a picture shows in more than a few spots; 1 where nothing much is brighter."""
    step = max(1, int(np.sqrt(values.shape[0] * values.shape[1] / 250_000)))
    light = _shown_light(curve[values[::step, ::step]], declared).max(axis=2)
    peak = float(np.quantile(light, 1 - _BRIGHT))
    return peak if peak > 1.02 else 1.0


def _rolled_off(light: NDArray[np.float32], peak: float) -> NDArray[np.float32]:
    """Below the knee as it is; above, the strongest channel nears white as it nears ``peak``, and colours keep."""
    strongest = light.max(axis=2, keepdims=True)
    over = np.maximum(strongest - _KNEE, 0) / (peak - _KNEE)
    room = (1 - _KNEE) / (peak - _KNEE)
    shown = _KNEE + (1 - _KNEE) * (over / room) * (1 + over * room) / (1 + over / room)
    scale = np.where(strongest > _KNEE, np.minimum(shown, 1) / np.maximum(strongest, 1e-6), 1)
    return np.asarray(light * scale, np.float32)


def _to_srgb_primaries(chroma: tuple[float, ...]) -> NDArray[np.float64]:
    """Linear RGB to linear sRGB, through XYZ and Bradford's adaptation of white."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    here, there = bradford @ _xyz(chroma[0], chroma[1]), bradford @ _xyz(*_D65)
    adapt = np.linalg.inv(bradford) @ np.diag(there / here) @ bradford
    return np.asarray(np.linalg.inv(_to_xyz(_SRGB)) @ adapt @ _to_xyz(chroma))


def _to_xyz(chroma: tuple[float, ...]) -> NDArray[np.float64]:
    primaries = np.stack([_xyz(chroma[at], chroma[at + 1], scale=False) for at in (2, 4, 6)], axis=1)
    return np.asarray(primaries * np.linalg.solve(primaries, _xyz(chroma[0], chroma[1])))


def _xyz(x: float, y: float, *, scale: bool = True) -> NDArray[np.float64]:
    return np.array([x, y, 1 - x - y]) / (y if scale else 1)


def _reasonable(chroma: tuple[float, ...]) -> bool:
    """Whether the primaries span a triangle, and white lies in it."""
    if chroma[1] < 0.01 or any(not 0 <= value <= 1 for value in chroma):
        return False
    try:
        to_xyz = _to_xyz(chroma)
    except np.linalg.LinAlgError:
        return False
    return bool(np.isfinite(to_xyz).all() and np.linalg.cond(to_xyz) < 1e4 and (to_xyz.sum(axis=0) > 0).all())


def _srgb_curve() -> NDArray[np.uint8]:
    """8-bit sRGB of linear light in 65,536 steps (IEC 61966-2-1)."""
    light = np.arange(65536) / 65535
    shades = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(shades * 255), np.uint8)
