"""Edges move by exactly what was asked, and stay as soft as they were."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from core.arrays import Float32
from core.grow import grow

SIDE = 96
FINE = 8
"""Samples across a pixel of the drawn truth."""

Y, X = (np.mgrid[: SIDE * FINE, : SIDE * FINE].astype(np.float32) + 0.5) / FINE
Inside = Callable[[Float32, Float32], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]


def drawn(inside: Inside, blur_px: float = 0.0) -> Float32:
    """Exact coverage of what `inside` says of (x, y), optionally blurred."""
    fine = inside(X, Y).astype(np.float32)
    coverage = fine.reshape(SIDE, FINE, SIDE, FINE).mean(axis=(1, 3))
    return np.asarray(cv2.GaussianBlur(coverage, (0, 0), blur_px) if blur_px else coverage, np.float32)


def half_plane(turned_deg: float, at_px: float, blur_px: float = 0.0) -> Float32:
    across, down = np.cos(np.deg2rad(turned_deg)), np.sin(np.deg2rad(turned_deg))
    return drawn(lambda x, y: (x - 48) * across + (y - 48) * down < at_px, blur_px)


def disc(radius_px: float) -> Float32:
    return drawn(lambda x, y: (x - 48) ** 2 + (y - 48) ** 2 < radius_px**2)


@pytest.mark.parametrize("by_px", [0.3, 1.0, 2.5, 7.25, -0.6, -4.5])
@pytest.mark.parametrize("turned_deg", [0, 10, 30, 63])
def test_a_soft_edge_moves_and_keeps_its_profile(turned_deg: float, by_px: float) -> None:
    """A blurred half plane grown is the same half plane further out, to a few hundredths, whichever way it lies."""
    grown = grow(half_plane(turned_deg, 0.2, blur_px=3), by_px)

    middle = np.s_[24:72, 24:72]
    assert np.abs(grown - half_plane(turned_deg, 0.2 + by_px, blur_px=3))[middle].max() < 0.03


@pytest.mark.parametrize("by_px", [0.3, 1.0, 2.5, -0.6, -4.5])
@pytest.mark.parametrize("turned_deg", [0, 10, 30, 63])
def test_a_crisp_edge_moves_by_parts_of_a_pixel(turned_deg: float, by_px: float) -> None:
    """The area that a half plane gains is its length times what was asked, within a twentieth of a pixel."""
    before = half_plane(turned_deg, 0.2)
    middle = np.s_[24:72, 24:72]
    a_pixel = (half_plane(turned_deg, 1.2) - before)[middle].sum()

    moved = (grow(before, by_px) - before)[middle].sum() / a_pixel

    assert moved == pytest.approx(by_px, abs=0.02)


@pytest.mark.parametrize(("radius_px", "by_px"), [(8, 1), (8, 3.5), (20, -2.5), (8, 6)])
def test_a_disc_stays_round(radius_px: float, by_px: float) -> None:
    """Its area is that of a disc of the new radius, and no pixel of its edge is far off."""
    grown = grow(disc(radius_px), by_px)

    assert np.sqrt(grown.sum() / np.pi) == pytest.approx(radius_px + by_px, abs=0.06)
    assert np.abs(grown - disc(radius_px + by_px)).max() < 0.3


@pytest.mark.parametrize(("by_px", "at_corners"), [(-5, 0), (-3, 8)])
@pytest.mark.parametrize("at_px", [46, 47, 48])
def test_a_square_keeps_its_corners_when_it_shrinks(at_px: int, by_px: int, at_corners: int) -> None:
    """Whole pixels are exact along the sides; at a corner a pixel or two may be rounded off."""
    square = drawn(lambda x, y: (abs(x - at_px) < 20) & (abs(y - 48) < 20))

    truth = drawn(lambda x, y: (abs(x - at_px) < 20 + by_px) & (abs(y - 48) < 20 + by_px))
    assert (grow(square, by_px) != truth).sum() <= at_corners


def test_a_thread_grows_from_its_middle() -> None:
    """A line thinner than the reach becomes a band without a seam, not an outline of itself."""
    thread = drawn(lambda x, y: abs((x - 48) * 0.8 + (y - 48) * 0.6) < 2)

    grown = grow(thread, 8)

    band = drawn(lambda x, y: abs((x - 48) * 0.8 + (y - 48) * 0.6) < 10)
    assert np.abs(grown - band)[24:72, 24:72].max() < 0.25
    assert (grown >= thread).all()


def test_growing_never_takes_away_and_shrinking_never_adds() -> None:
    """Whatever lies there: noise of every kind of edge."""
    noise = np.clip(cv2.GaussianBlur(np.random.default_rng(1).uniform(-3, 4, (SIDE, SIDE)), (0, 0), 2), 0, 1)
    coverage = noise.astype(np.float32)

    assert (grow(coverage, 2.5) >= coverage).all()
    assert (grow(coverage, -2.5) <= coverage).all()


def test_the_frame_does_not_eat_a_subject_that_it_cuts() -> None:
    """A half plane that leaves the picture shrinks at its own edge only."""
    cut = half_plane(0, 0)

    shrunk = grow(cut, -3)

    assert np.array_equal(shrunk, half_plane(0, -3))


@pytest.mark.parametrize("coverage", [np.zeros((9, 9), np.float32), np.ones((9, 9), np.float16)])
def test_nothing_to_do_is_the_same_array(coverage: Float32) -> None:
    """An empty or a full matte, and an amount of 0: no copy."""
    assert grow(coverage, 3) is coverage
    assert grow(coverage, -3) is coverage
    assert grow(disc(5), 0).sum() == disc(5).sum()


def test_half_floats_give_half_floats() -> None:
    """The kind a store holds; the same picture within what half keeps."""
    grown = grow(disc(10).astype(np.float16), 1.5)

    assert grown.dtype == np.float16
    assert np.abs(grown.astype(np.float32) - grow(disc(10), 1.5)).max() < 0.01
