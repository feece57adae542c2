"""The errors of an alpha, on pictures whose errors can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from app.bench.matting_errors import connectivity_error, dtssd, gradient_error, mse, sad


def square() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    alpha = np.zeros((20, 20), np.float32)
    alpha[5:15, 5:15] = 1.0
    return alpha


def test_only_the_unknown_part_counts() -> None:
    """Ten pixels wrong by a half, four of them unknown: 2 / 1000 and 0.25 * 4 / 8."""
    truth = square()
    found = truth.copy()
    found[0, :10] = 0.5
    unknown = np.zeros(truth.shape, bool)
    unknown[0, :4] = unknown[1, :4] = True

    assert sad(found, truth, unknown) == pytest.approx(0.002)
    assert mse(found, truth, unknown) == pytest.approx(0.125)


def test_the_same_alpha_has_no_error_of_any_kind() -> None:
    everywhere = np.ones((20, 20), bool)

    for error in (sad, mse, gradient_error, connectivity_error):
        assert error(square(), square(), everywhere) == 0.0


def test_a_constant_offset_has_no_gradient_error_and_a_moved_edge_has() -> None:
    everywhere = np.ones((20, 20), bool)
    half = square() * np.float32(0.5)

    assert gradient_error(half + np.float32(0.5), half, everywhere) == pytest.approx(0.0, abs=1e-9)
    assert gradient_error(np.roll(square(), 2, axis=1), square(), everywhere) > 0.01


def test_an_island_is_not_connected_and_costs_its_height() -> None:
    """Nine pixels of 0.8 that hang together with nothing: 9 * 0.8 / 1000; one of 0.1 is too faint to count."""
    found = square()
    found[0:3, 0:3] = 0.8
    found[19, 19] = 0.1

    assert connectivity_error(found, square(), np.ones((20, 20), bool)) == pytest.approx(0.0072)


def test_dtssd_hears_flicker_and_not_a_constant_error() -> None:
    """One of 400 pixels jumps by 1 in one of two pairs: 100 * sqrt(1 / 400) / 2."""
    truth = [np.zeros((20, 20), np.float32)] * 3
    off = [each + np.float32(0.3) for each in truth]
    jumps = [truth[0], truth[1], truth[2].copy()]
    jumps[2][4, 4] = 1.0

    assert dtssd(off, truth) == pytest.approx(0.0, abs=1e-6)
    assert dtssd(jumps, truth) == pytest.approx(2.5)
