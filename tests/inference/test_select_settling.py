"""Coverage away from the outline: solid or nothing, and no pixel changes sides."""

from __future__ import annotations

import numpy as np

from inference.models.select.settling import SOFT_SHARE, settled


def test_haze_away_from_the_outline_goes_and_what_is_near_it_stays() -> None:
    """A half plane of 0.9 beside haze of 0.2, 1000 pixels long: soft for 8 pixels, gone after 16, on both sides."""
    coverage = np.full((4, 1000), 0.2, np.float32)
    coverage[:, 500:] = 0.9

    row = settled(coverage)[0]

    reach = round(1000 * SOFT_SHARE)
    np.testing.assert_array_equal(
        row[500 - reach // 2 : 500 + reach // 2], coverage[0, 500 - reach // 2 : 500 + reach // 2]
    )
    assert (row[: 500 - reach] == 0).all()
    assert (row[500 + reach :] == 1).all()
    assert (np.diff(row) >= 0).all()


def test_no_pixel_changes_sides() -> None:
    """Of noise, and of coverages without an outline."""
    noise = np.random.default_rng(3).random((40, 60), np.float32)
    for coverage in (noise, np.zeros_like(noise), np.ones_like(noise), np.full_like(noise, 0.7)):
        given = coverage.copy()

        after = settled(coverage)

        np.testing.assert_array_equal(after > 0.5, given > 0.5)
        np.testing.assert_array_equal(coverage, given)
        assert ((after >= 0) & (after <= 1)).all()
