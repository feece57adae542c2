"""Counts that can be done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from core.scopes import (
    LEVELS,
    MATTE_BINS,
    coverage_histogram,
    display_histogram,
    luma,
    matte_samples,
    plate_samples,
    stop_histogram,
    stride_for,
    waveform,
)


def test_the_stride_keeps_about_as_many_samples_as_wanted() -> None:
    assert stride_for(Window(0, 0, 400, 400)) == 1
    assert stride_for(Window(0, 0, 1600, 800)) == 2
    assert stride_for(Window(0, 0, 4096, 2160)) == 7


def test_plate_samples_are_those_inside_both_windows() -> None:
    """A data window from 10, seen from 12 to 16 with a stride of 2: columns 12 and 14."""
    rgba = np.zeros((4, 8, 4), np.float16)
    rgba[..., 0] = np.arange(10, 18)
    picture = Picture(rgba, Window(10, 0, 18, 4), Format(Window(0, 0, 32, 16)))

    taken = plate_samples(picture, Window(12, 1, 16, 9), 2)

    assert taken.shape == (2, 2, 4)
    assert taken[0, :, 0].tolist() == [12, 14]
    assert plate_samples(picture, Window(0, 0, 4, 4), 1).size == 0


def test_matte_samples_are_zero_outside_the_matte() -> None:
    """Every second pixel of 0-8: columns 0, 2, 4, 6; the matte begins at 3, so that 4 and 6 are its pixels 1 and 3."""
    coverage = np.tile(np.float32([0.3, 0.4, 0.5, 0.6]), (8, 1))
    matte = Matte(Window(3, 0, 7, 8), coverage)

    taken = matte_samples(matte, Window(0, 0, 8, 8), 2)

    np.testing.assert_array_equal(taken, np.tile(np.float32([0, 0, 0.4, 0.6]), (4, 1)))
    assert not matte_samples(None, Window(0, 0, 8, 8), 2).any()


def test_a_display_histogram_counts_shares() -> None:
    """Three pixels of red 10 and one of red 255; green and blue 0."""
    shown = np.zeros((2, 2, 4), np.uint8)
    shown[..., 0] = [[10, 10], [10, 255]]

    spread = display_histogram(shown)

    assert (spread[0, 10], spread[0, 255]) == (0.75, 0.25)
    assert spread[1, 0] == spread[2, 0] == 1.0
    np.testing.assert_allclose(spread.sum(axis=1), 1)
    assert luma(shown)[0, 0] == 2


def test_stops_stand_around_middle_grey_and_the_rest_is_said_in_numbers() -> None:
    """0.18 is 0 stops, 0.36 one above; zero and negative are below; NaN is counted for itself."""
    rgba = np.zeros((1, 5, 4), np.float32)
    rgba[0, :, :3] = np.float32([0.18, 0.36, 0.0, -1.0, np.nan])[:, None]

    counted = stop_histogram(rgba)

    per_stop = counted.spread[0].reshape(20, 10).sum(axis=1)
    assert per_stop[10] + per_stop[9] == pytest.approx(0.2)
    assert per_stop[11] + per_stop[10] + per_stop[9] == pytest.approx(0.4)
    assert counted.below[0] == pytest.approx(0.4)
    assert counted.above[0] == 0
    assert counted.not_finite == pytest.approx(0.2)


def test_exact_ends_of_a_matte_are_numbers_and_not_bins() -> None:
    coverage = np.float32([[0, 0, 0.255, 1]])

    counted = coverage_histogram(coverage)

    assert (counted.zero, counted.one) == (0.5, 0.25)
    assert counted.between[25] == 0.25
    assert counted.between.shape == (MATTE_BINS,)


def test_a_waveform_has_a_row_per_value_and_a_column_per_place() -> None:
    """Left half 10, right half 200."""
    levels = np.full((4, 8), 10, np.uint8)
    levels[:, 4:] = 200

    wave = waveform(levels, 2)

    assert wave.shape == (LEVELS, 2)
    assert (wave[10, 0], wave[200, 1], wave[10, 1]) == (1.0, 1.0, 0.0)
    np.testing.assert_allclose(waveform(np.zeros((3, 7), np.uint8), 3).sum(axis=0), 1)
    assert waveform(np.zeros((0, 0), np.uint8)).shape == (LEVELS, 1)
