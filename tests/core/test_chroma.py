"""Gamuts and luminance-chroma: numbers computable by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.chroma import GAMUTS, REC709, Chromaticities, rgb_from_luma_chroma, upsample


def test_rec709_weights() -> None:
    """The well-known 0.2126, 0.7152, 0.0722."""
    assert REC709.luminance() == pytest.approx((0.2126, 0.7152, 0.0722), abs=1e-4)


def test_xyz_weights_are_y_alone() -> None:
    """Where the primaries are X, Y and Z, the luminance is the second channel."""
    xyz = Chromaticities((1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3))

    assert xyz.luminance() == pytest.approx((0, 1, 0))


@pytest.mark.parametrize("nonsense", [(0.0,) * 8, (0.3,) * 8])
def test_nonsense_primaries_fall_back(nonsense: tuple[float, ...]) -> None:
    assert Chromaticities(nonsense).luminance() == REC709.luminance()


def test_every_gamut_is_recognized_in_single_precision_and_alone() -> None:
    """Files hold floats; no two gamuts are so near that one is taken for the other."""
    for gamut in GAMUTS:
        written = tuple(float(np.float32(round(number, 4))) for number in gamut.xy)
        found = Chromaticities.from_attribute(written)
        assert found is not None
        assert found.gamut() is gamut


@pytest.mark.parametrize("value", [None, "text", (1, 2, 3), (float("nan"),) * 8, 7])
def test_other_attributes_are_no_chromaticities(value: object) -> None:
    assert Chromaticities.from_attribute(value) is None


def test_rgb_to_luma_chroma_and_back() -> None:
    """Y, RY and BY computed by their definition give the RGB they came from, negatives and HDR too."""
    rgb = np.random.default_rng(5).normal(2, 2, (6, 8, 3)).astype(np.float32)
    weights = REC709.luminance()
    y = rgb @ np.array(weights, np.float32)
    ry, by = (rgb[..., 0] - y) / y, (rgb[..., 2] - y) / y

    assert np.allclose(rgb_from_luma_chroma(y, ry, by, weights), rgb, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_upsampling_keeps_the_samples_where_they_are(factor: int) -> None:
    """Every sample stands at its own pixel, and a straight line stays one between them (not at the last edge)."""
    plane = np.add.outer(np.arange(6, dtype=np.float32), 10 * np.arange(7, dtype=np.float32))

    full = upsample(plane, factor, factor, (6 * factor - 1, 7 * factor - 1))

    assert full.shape == (6 * factor - 1, 7 * factor - 1)
    assert np.allclose(full[::factor, ::factor], plane)
    inner = full[factor : 4 * factor + 1, factor : 5 * factor + 1]
    y, x = np.mgrid[factor : 4 * factor + 1, factor : 5 * factor + 1] / factor
    assert np.allclose(inner, y + 10 * x, atol=1e-4)
