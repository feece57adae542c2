"""Holes and specks by size: what is small goes with its soft rim, all else stays to the last digit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.arrays import AnyFloat, Float32
from core.holes import fill_holes, remove_specks

SMALL, LARGE, STAIN, SPECK = (90, 90), (120, 110), (100, 130), (250, 50)


def drawn(*without: tuple[int, int]) -> Float32:
    """A disc with a small and a large hole and a grey stain, and a speck beside it; softened."""
    coverage = np.zeros((200, 300), np.float32)
    cv2.circle(coverage, (100, 100), 60, (1.0,), -1)
    marks = {SMALL: (4, 0.0), LARGE: (12, 0.0), STAIN: (3, 0.8), SPECK: (3, 1.0)}
    for place, (radius, value) in marks.items():
        if place not in without:
            cv2.circle(coverage, place, radius, (value,), -1)
    return np.clip(cv2.GaussianBlur(coverage, (0, 0), 1), 0, 1)


def test_small_holes_and_stains_are_filled_and_a_large_one_stays() -> None:
    """What comes out is what had never had them, within what the levels tell apart."""
    filled = fill_holes(drawn(), 100)

    assert np.abs(filled - drawn(SMALL, STAIN)).max() < 0.01
    assert filled[LARGE[1], LARGE[0]] == 0


def test_a_small_speck_goes_and_the_rest_is_untouched() -> None:
    """Not one pixel of the disc differs."""
    cleaned = remove_specks(drawn(), 100)

    assert np.array_equal(cleaned[:, :200], drawn()[:, :200])
    assert cleaned[40:60, 240:260].max() < 0.01


def test_the_largest_piece_is_no_speck() -> None:
    """A subject that is far away must not vanish because a knob was turned far."""
    cleaned = remove_specks(drawn(), 1e9)

    assert cleaned[:, :200].max() == 1
    assert cleaned[:, 240:].max() < 0.01


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_single_pixel_is_a_matte(dtype: type) -> None:
    """What is covered may be one pixel of a picture, or the picture one pixel: nothing to fill, nothing to remove."""
    dot: AnyFloat = np.zeros((20, 30), dtype)
    dot[5, 7] = 1

    for coverage in (dot, np.ones((1, 1), dtype), np.zeros((1, 1), dtype)):
        assert fill_holes(coverage, 100) is coverage
        assert remove_specks(coverage, 100) is coverage


def test_a_hole_that_the_frame_cuts_is_open() -> None:
    """It may go on outside; a speck that the frame cuts is a speck."""
    coverage = np.ones((20, 20), np.float32)
    coverage[8:10, :3] = 0
    assert fill_holes(coverage, 100) is coverage

    turned = 1 - coverage
    turned[15:, 10:] = 1
    assert remove_specks(turned, 10)[8:10, :3].max() == 0


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_nothing_to_do_is_the_same_array(kind: type[np.floating]) -> None:
    """And the kind stays."""
    coverage = drawn().astype(kind)

    assert fill_holes(coverage, 0) is coverage
    assert fill_holes(coverage, 5) is coverage
    assert remove_specks(coverage, 5) is coverage
    assert remove_specks(np.zeros((4, 4), kind), 50).max() == 0
    assert fill_holes(coverage, 100).dtype == kind
    assert remove_specks(coverage, 100).dtype == kind
