"""Feather, blur, streak, smooth, levels and combining: exact where it can be said by hand, else against plain sums."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from core.arrays import Float32
from core.edge_distance import edge_distance
from core.finishing import combined, levels
from core.geometry import Window
from core.roto.area import area
from core.soften import blur, feather, ramp, smooth, streak

WINDOW = Window(0, 0, 96, 80)


def polygon(*corners: tuple[float, float]) -> Float32:
    return area(np.array(corners, np.float64), WINDOW)


def circle(radius_px: float, x: float = 48.3, y: float = 40.6, wobble_px: float = 0.0) -> Float32:
    turn = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    far = radius_px + wobble_px * np.sin(16 * turn)
    return area(np.stack([x + far * np.cos(turn), y + far * np.sin(turn)], 1), WINDOW)


def true_distance(radius_px: float, x: float = 48.3, y: float = 40.6) -> Float32:
    rows, columns = np.mgrid[0:80, 0:96].astype(np.float32) + 0.5
    return np.asarray(np.hypot(columns - x, rows - y) - radius_px, np.float32)


def test_the_distance_to_an_edge_is_known_to_a_part_of_a_pixel() -> None:
    """Of a disc, whose true distance is written down."""
    found = edge_distance(circle(20.0), 12.0)

    assert found is not None
    near = np.abs(true_distance(20.0)) < 11.5
    assert np.abs(found - true_distance(20.0))[near].max() < 0.4
    assert np.abs(found - true_distance(20.0))[near].mean() < 0.08
    assert found.max() == 12.0
    assert found.min() == -12.0
    assert edge_distance(np.ones((5, 6), np.float32), 3.0) is None


@pytest.mark.parametrize(("side", "out_px", "in_px"), [("out", 8.0, 0.0), ("in", 0.0, 8.0), ("both", 4.0, 4.0)])
def test_a_feather_is_a_ramp_across_the_edge(side: str, out_px: float, in_px: float) -> None:
    """Its width and nothing beyond it."""
    hard = circle(20.0)
    distance = true_distance(20.0)
    made = feather(hard, 8.0, side)  # type: ignore[arg-type]

    expected = ramp(np.asarray((out_px - distance) / 8.0, np.float32))
    away = np.abs(distance) > 1.0
    assert np.abs(made - expected)[away].max() < 0.06
    assert np.array_equal(made[distance > out_px + 1], np.zeros_like(made[distance > out_px + 1]))
    assert (made[distance < -in_px - 1] == 1).all()
    if side == "out":
        assert (made >= hard).all()
    if side == "in":
        assert (made <= hard).all()


@pytest.mark.parametrize("size_px", [0.7, 3.0, 4.5, 11.0])
def test_a_blur_is_a_gaussian(size_px: float) -> None:
    """Against SciPy's, wherever in the picture, the border repeated."""
    matte = np.maximum(circle(14.0, 70.0, 20.0), polygon((0, 50), (40, 50), (40, 80), (0, 80)))

    expected = ndimage.gaussian_filter(matte.astype(np.float64), size_px, mode="nearest", truncate=5)

    assert np.abs(blur(matte, size_px) - expected).max() < 0.01


def test_a_blur_of_what_is_flat_is_itself() -> None:
    flat = np.full((20, 30), 0.25, np.float32)
    assert blur(flat, 3.0) is flat


def test_a_streak_is_the_mean_along_its_way() -> None:
    """Across an edge it is a straight ramp so long as the way; along the edge it is nothing."""
    half = polygon((40, 0), (96, 0), (96, 80), (40, 80))
    across = streak(half, 16.0, 0.0)

    columns = np.arange(96) + 0.5
    expected = np.clip((columns - 40 + 8) / 16, 0, 1)
    assert np.abs(across[40] - expected).max() < 0.05
    assert np.abs(streak(half, 0.0, 16.0) - half).max() < 1e-6
    fields = np.full((80, 96), 16.0, np.float32), np.zeros((80, 96), np.float32)
    assert np.abs(streak(half, *fields) - across).max() < 1e-4


def test_smoothing_takes_a_wobble_away_and_nothing_else() -> None:
    """The outline of a wobbling disc becomes the disc; a clean disc stays, and so does how soft it is."""
    clean, soft = circle(24.0), blur(circle(24.0), 1.5)

    wobbling = circle(24.0, wobble_px=1.0)
    assert np.abs(smooth(wobbling, 3.0, 0.0) - clean).sum() < 0.5 * np.abs(wobbling - clean).sum()
    assert np.abs(smooth(clean, 3.0, 0.5) - clean).max() < 0.1
    assert np.abs(smooth(soft, 3.0, 0.5) - soft).max() < 0.1
    assert smooth(clean, 3.0, 0.5).sum() == pytest.approx(clean.sum(), rel=0.002)


def test_corners_can_be_kept() -> None:
    """The tip of a square goes with 0 and stays with 1; both leave the sides alone."""
    square = polygon((20, 20), (70, 20), (70, 60), (20, 60))

    rounded, kept = smooth(square, 3.0, 0.0), smooth(square, 3.0, 1.0)

    assert rounded[20, 20] < 0.2
    assert kept[20, 20] > 0.9
    assert np.abs(rounded[36:44] - square[36:44]).max() < 0.04


def test_levels_clip_and_bend() -> None:
    values = np.array([[0.0, 0.1, 0.5, 0.9, 1.0]], np.float32)

    assert np.allclose(levels(values, 0.1, 0.9, 1.0), [[0, 0, 0.5, 1, 1]], atol=1e-6)
    assert np.allclose(levels(values, 0.0, 1.0, 2.0), np.sqrt(values), atol=1e-6)
    assert np.array_equal(levels(values, 0.5, 0.5, 1.0), np.array([[0, 0, 0, 1, 1]], np.float32))
    assert levels(values, 0.0, 1.0, 1.0) is values


def test_two_layers_as_one() -> None:
    """Each way of combining at a quarter and a half, and at full."""
    one, other = np.array([[0.5, 1.0]], np.float32), np.array([[0.25, 1.0]], np.float32)

    assert combined(one, other, "add").tolist() == [[0.625, 1.0]]
    assert combined(one, other, "subtract").tolist() == [[0.25, 0.0]]
    assert combined(one, other, "intersect").tolist() == [[0.125, 1.0]]
    assert combined(one, other, "hold out").tolist() == [[0.375, 0.0]]


def test_nothing_is_written_into() -> None:
    """What comes in stays what it is; a picture's border is no edge."""
    matte = polygon((-50, -50), (60, -50), (60, 130), (-50, 130))
    before = matte.copy()
    for made in (
        feather(matte, 5.0, "both"),
        blur(matte, 3.0),
        streak(matte, 9.0, 2.0),
        smooth(matte, 3.0, 0.5),
        levels(matte, 0.2, 0.8, 1.5),
    ):
        assert made.shape == matte.shape
        assert made.dtype == np.float32
        assert np.abs(made[:, :20] - 1).max() < 1e-6
        assert np.abs(made[:, -20:]).max() < 1e-6
        assert made.max() <= 1
    assert np.array_equal(matte, before)
    assert cv2.countNonZero(matte) == 60 * 80
