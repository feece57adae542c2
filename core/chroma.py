"""Chromaticities: which gamut a file's primaries are, and luminance-chroma pictures back to RGB.

Knows numbers only, no files and no color config.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import Float32

TOLERANCE = 0.002
"""How far a coordinate may be from a gamut's: writers round to three or four digits."""


@dataclass(frozen=True, slots=True)
class Gamut:
    """A known set of primaries and the names color configs use for its linear space."""

    name: str
    xy: tuple[float, ...]
    aliases: tuple[str, ...]


_D65 = (0.3127, 0.3290)
_ACES_WHITE = (0.32168, 0.33767)
GAMUTS = (
    Gamut(
        "Rec.709",
        (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, *_D65),
        ("lin_rec709_scene", "lin_rec709", "lin_srgb", "Linear Rec.709 (sRGB)", "Utility - Linear - Rec.709"),
    ),
    Gamut(
        "ACES AP0",
        (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, *_ACES_WHITE),
        ("lin_ap0_scene", "lin_ap0", "ACES2065-1", "ACES - ACES2065-1"),
    ),
    Gamut(
        "ACES AP1",
        (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, *_ACES_WHITE),
        ("lin_ap1_scene", "lin_ap1", "ACEScg", "ACES - ACEScg"),
    ),
    Gamut(
        "Rec.2020",
        (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),
        ("lin_rec2020_scene", "lin_rec2020", "Linear Rec.2020", "Utility - Linear - Rec.2020"),
    ),
    Gamut(
        "P3-D65",
        (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65),
        ("lin_p3d65_scene", "lin_p3d65", "Linear P3-D65", "Utility - Linear - P3-D65"),
    ),
    Gamut(
        "Adobe RGB",
        (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, *_D65),
        ("lin_adobergb_scene", "lin_adobergb", "Linear AdobeRGB", "Utility - Linear - Adobe RGB"),
    ),
    Gamut(
        "ARRI Wide Gamut 3",
        (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, *_D65),
        ("lin_arri_wide_gamut_3", "lin_alexawide", "Linear ARRI Wide Gamut 3"),
    ),
    Gamut(
        "ARRI Wide Gamut 4",
        (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308, *_D65),
        ("lin_awg4", "lin_arri_wide_gamut_4", "Linear ARRI Wide Gamut 4"),
    ),
    Gamut(
        "REDWideGamutRGB",
        (0.780308, 0.304253, 0.121595, 1.493994, 0.095612, -0.084589, *_D65),
        ("lin_redwidegamutrgb", "Linear REDWideGamutRGB"),
    ),
    Gamut(
        "S-Gamut3",
        (0.730, 0.280, 0.140, 0.855, 0.100, -0.050, *_D65),
        ("lin_sgamut3", "Linear S-Gamut3"),
    ),
    Gamut(
        "S-Gamut3.Cine",
        (0.766, 0.275, 0.225, 0.800, 0.089, -0.087, *_D65),
        ("lin_sgamut3cine", "Linear S-Gamut3.Cine"),
    ),
    Gamut(
        "V-Gamut",
        (0.730, 0.280, 0.165, 0.840, 0.100, -0.030, *_D65),
        ("lin_vgamut", "Linear V-Gamut"),
    ),
    Gamut(  # the values are X, Y and Z themselves, of a picture whose white is D65
        "CIE XYZ",
        (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1 / 3, 1 / 3),
        ("lin_ciexyzd65_scene", "cie_xyz_d65_scene", "CIE XYZ-D65 - Scene-referred", "CIE-XYZ-D65"),
    ),
)


@dataclass(frozen=True, slots=True)
class Chromaticities:
    """CIE xy of red, green, blue and white, eight numbers in a row as OpenEXR writes them."""

    xy: tuple[float, ...]

    @classmethod
    def from_attribute(cls, value: Any) -> Chromaticities | None:
        """From the `chromaticities` attribute; None when it is absent or does not hold eight finite numbers."""
        if value is None or isinstance(value, str | bytes) or not isinstance(value, Iterable):
            return None
        numbers = tuple(float(number) for number in np.asarray(list(value), np.float64).ravel())
        return cls(numbers) if len(numbers) == 8 and all(np.isfinite(numbers)) else None

    def gamut(self) -> Gamut | None:
        """The known gamut these are, within rounding; None otherwise."""
        for gamut in GAMUTS:
            if max(abs(mine - theirs) for mine, theirs in zip(self.xy, gamut.xy, strict=True)) <= TOLERANCE:
                return gamut
        return None

    def luminance(self) -> tuple[float, float, float]:
        """Weights of red, green and blue in Y (their sum is 1); Rec.709's where the primaries make no sense."""
        xy = np.array(self.xy, np.float64).reshape(4, 2)
        x, y = xy[:, 0], xy[:, 1]
        if np.any(np.abs(y[3:]) < 1e-9):
            return REC709.luminance()
        primaries = np.stack([x[:3], y[:3], 1 - x[:3] - y[:3]])  # columns are primaries, not yet scaled
        white = np.array([x[3], y[3], 1 - x[3] - y[3]]) / y[3]
        if abs(np.linalg.det(primaries)) < 1e-9:
            return REC709.luminance()
        red, green, blue = np.linalg.solve(primaries, white) * y[:3]
        return (float(red), float(green), float(blue)) if abs(green) > 1e-6 else REC709.luminance()


REC709 = Chromaticities(GAMUTS[0].xy)
"""What OpenEXR assumes when a file says nothing."""


def upsample(plane: Float32, factor_x: int, factor_y: int, shape: tuple[int, int]) -> Float32:
    """A subsampled plane at full size: samples stay where they are (co-sited), the rest is interpolated.

    Args:
        plane: (h, w), one sample every `factor_y` rows and `factor_x` columns.
        shape: (H, W) wanted.

    Returns:
        (H, W) float32; cubic for a factor of 2, linear otherwise.
    """
    rows = _upsample_rows(plane, factor_y, shape[0])
    return np.ascontiguousarray(_upsample_rows(rows.T, factor_x, shape[1]).T)


def _upsample_rows(plane: Float32, factor: int, rows: int) -> Float32:
    if factor == 1:
        return plane[:rows]
    last = plane.shape[0] - 1
    here = np.minimum(np.arange(rows) // factor, last)
    phase = (np.arange(rows) % factor).astype(np.float32)[:, None] / np.float32(factor)
    following = np.minimum(here + 1, last)
    if factor != 2:
        mixed: Float32 = plane[here] * (1 - phase) + plane[following] * phase
        return mixed
    before, after = np.maximum(here - 1, 0), np.minimum(here + 2, last)
    between: Float32 = (9 * (plane[here] + plane[following]) - plane[before] - plane[after]) / 16
    result: Float32 = np.where(phase == 0, plane[here], between).astype(np.float32, copy=False)
    return result


def rgb_from_luma_chroma(y: Float32, ry: Float32, by: Float32, weights: tuple[float, float, float]) -> Float32:
    """OpenEXR's luminance-chroma back to RGB: RY = (R - Y) / Y, BY = (B - Y) / Y, Y = weights . RGB.

    Args:
        y, ry, by: (H, W) float32, full size.
        weights: luminance of red, green, blue; see `Chromaticities.luminance`.

    Returns:
        (H, W, 3) float32, scene-linear.
    """
    red, blue = (ry + 1) * y, (by + 1) * y
    green = (y - weights[0] * red - weights[2] * blue) / weights[1]
    return np.stack([red, green, blue], axis=-1).astype(np.float32, copy=False)
