"""GrabCut's division of a picture by color: what is certain stays, and the same question has one answer."""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Bool, UInt8
from inference.models.segment.color_cut import INSIDE, MAYBE_INSIDE, MAYBE_OUTSIDE, OUTSIDE, color_cut


def red_square_on_gray() -> tuple[UInt8, Bool]:
    """A red square of 80 px in a gray picture of 160 x 200, with grain."""
    square = np.zeros((160, 200), bool)
    square[40:120, 60:140] = True
    picture = np.where(square[..., None], (180, 40, 30), (110, 110, 110))
    grain = np.random.default_rng(3).normal(0, 4, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8), square


def half_seen(square: Bool) -> UInt8:
    """Seeds that know the square's left half only."""
    seeds = np.where(square, MAYBE_INSIDE, MAYBE_OUTSIDE).astype(np.uint8)
    seeds[:, 100:] = MAYBE_OUTSIDE
    return seeds


def test_the_rest_of_a_thing_is_found_by_its_color() -> None:
    picture, square = red_square_on_gray()

    found = color_cut(picture, half_seen(square))

    assert float((found & square).sum() / (found | square).sum()) > 0.97


def test_certain_pixels_stay_whatever_their_color() -> None:
    picture, square = red_square_on_gray()
    seeds = half_seen(square)
    seeds[50:60, 70:80] = OUTSIDE
    seeds[10:20, 10:20] = INSIDE

    found = color_cut(picture, seeds)

    assert not found[50:60, 70:80].any()
    assert found[10:20, 10:20].all()


def test_the_answer_does_not_depend_on_what_random_numbers_were_drawn_before() -> None:
    picture, square = red_square_on_gray()
    first = color_cut(picture, half_seen(square))
    cv2.setRNGSeed(12345)

    assert np.array_equal(color_cut(picture, half_seen(square)), first)


def test_seeds_of_one_side_only_are_kept_as_they_are() -> None:
    picture, square = red_square_on_gray()

    assert not color_cut(picture, np.full(square.shape, MAYBE_OUTSIDE, np.uint8)).any()
    assert color_cut(picture, np.full(square.shape, MAYBE_INSIDE, np.uint8)).all()
