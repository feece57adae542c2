"""Pieces add up to their matte, and keep their names from frame to frame as long as they can be told apart."""

from __future__ import annotations

import cv2
import numpy as np

from core.arrays import Float32
from core.pieces import followed, pieces, remembered

SHAPE = (80, 160)


def discs(*places: tuple[int, int, int]) -> Float32:
    """Soft discs at (x, y) of a radius."""
    coverage = np.zeros(SHAPE, np.float32)
    for x, y, radius in places:
        cv2.circle(coverage, (x, y), radius, (1.0,), -1)
    return np.clip(cv2.GaussianBlur(coverage, (0, 0), 1.5), 0, 1)


def at(labels: np.ndarray, x: int, y: int) -> int:
    return int(labels[y, x])


def test_the_largest_piece_comes_first_and_softness_goes_with_it() -> None:
    """Every pixel with any coverage belongs to exactly one piece."""
    coverage = discs((40, 40, 10), (110, 40, 20))

    labels = pieces(coverage)

    assert (at(labels, 110, 40), at(labels, 40, 40)) == (1, 2)
    assert set(np.unique(labels)) == {0, 1, 2}
    assert np.array_equal(labels > 0, coverage > 0)


def test_a_speck_is_no_piece() -> None:
    """It goes with what it is nearest to; a matte that is soft throughout is a piece all the same."""
    labels = pieces(discs((40, 40, 25), (70, 40, 1), (120, 40, 20)))
    assert labels.max() == 2
    assert at(labels, 70, 40) == 1

    faint = discs((40, 40, 10), (110, 40, 20)) * np.float32(0.3)
    assert pieces(faint).max() == 2
    assert not pieces(np.zeros(SHAPE, np.float32)).any()


def test_pieces_keep_their_names_while_they_move() -> None:
    """Also when the one that was smaller is the larger now."""
    labels = pieces(discs((40, 40, 14), (110, 40, 18)))
    for step in range(1, 6):
        coverage = discs((40 + 4 * step, 40, 14 + step), (110 + 4 * step, 40, 18 - step))
        labels = remembered(followed(coverage, labels), labels)

    assert (at(labels, 130, 40), at(labels, 60, 40)) == (1, 2)


def test_pieces_that_meet_are_cut_and_part_again_as_themselves() -> None:
    """While they are one, each keeps the half it came from."""
    labels = pieces(discs((50, 40, 20), (115, 40, 18)))
    for gap in (50, 36, 30, 36, 50, 60):
        coverage = discs((80 - gap // 2, 40, 20), (80 + gap // 2, 40, 18))
        here = followed(coverage, labels)
        assert np.array_equal(here > 0, coverage > 0)
        assert at(here, 80 - gap // 2 - 8, 40) == 1
        assert at(here, 80 + gap // 2 + 8, 40) == 2
        labels = remembered(here, labels)


def test_a_piece_that_goes_comes_back_under_its_name() -> None:
    """Behind a tree for two frames: the other one does not inherit it."""
    labels = pieces(discs((40, 40, 12), (110, 40, 18)))
    for coverage in (discs((110, 40, 18)), discs((112, 40, 18)), np.zeros(SHAPE, np.float32)):
        here = followed(coverage, labels)
        assert 2 not in here
        labels = remembered(here, labels)

    again = followed(discs((44, 40, 12), (112, 40, 18)), labels)

    assert (at(again, 112, 40), at(again, 44, 40)) == (1, 2)
