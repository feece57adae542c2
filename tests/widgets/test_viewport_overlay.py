"""Mattes as bytes, tables and live strokes: the same numbers the eye would compute."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")

from core.geometry import Window
from core.matte import Matte
from core.painting import StrokePainter
from widgets.viewport.lattice import Lattice
from widgets.viewport.overlay import (
    MOST_OUTLINE_POINTS,
    Level,
    LevelCache,
    LiveCoverage,
    StillCoverage,
    grey_table,
    overlay_table,
    to_bytes,
)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_coverage_becomes_bytes(kind: type) -> None:
    """0, a half and 1 are 0, 128 and 255; what lies outside 0-1, or is not a number, is clipped."""
    values = np.array([[0.0, 0.5, 1.0, -2.0, 7.0, np.nan, np.inf]], kind)

    assert to_bytes(values).tolist() == [[0, 128, 255, 0, 255, 0, 255]]


def test_overlay_table_is_color_with_rising_opacity() -> None:
    """Full coverage at opacity 0.5 is the layer's color at alpha 128, premultiplied; no coverage shows nothing."""
    entries = overlay_table((1.0, 0.0, 0.5), 0.5).entries

    assert f"{entries[255]:08x}" == "80800040"
    assert entries[0] == 0


def test_matte_grey_has_exposure_and_gamma_but_no_display_transform() -> None:
    """One stop doubles a dark matte; gamma 2 takes its square root."""
    assert f"{grey_table().entries[100]:08x}" == "ff646464"
    assert f"{grey_table(1.0, 1.0).entries[100]:08x}" == "ffc8c8c8"
    assert grey_table(0.0, 2.0).entries[64] & 255 == round(255 * (64 / 255) ** 0.5)


def test_a_tinted_level_follows_its_patches() -> None:
    """What was made through a table is brought up to date with the values, cell by cell."""
    level = Level(Lattice(Window.of_size(4, 3), 1), np.zeros((3, 4), np.uint8))
    table = overlay_table((1.0, 1.0, 1.0), 1.0)
    image = level.image(table)

    level.put(Window(1, 1, 3, 2), np.array([[51, 255]], np.uint8))

    assert [image.pixelColor(x, 1).alpha() for x in range(4)] == [0, 51, 255, 0]
    assert image.pixelColor(1, 0).alpha() == 0


def test_a_level_is_made_once_and_never_for_another_matte() -> None:
    """The cache gives the same level for the same matte and another for another, even where memory is reused."""
    cache = LevelCache()
    first = Matte(Window.of_size(8, 8), np.ones((8, 8), np.float32))
    level = cache.level(first, 2)

    assert cache.level(first, 2) is level
    for number in range(20):
        other = Matte(Window.of_size(8, 8), np.full((8, 8), number / 20, np.float32))
        assert cache.level(other, 1).values[0, 0] == to_bytes(other.coverage)[0, 0]


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("adds", [True, False])
def test_a_live_stroke_looks_like_the_finished_one(stride: int, adds: bool) -> None:
    """Patched rectangle by rectangle, the live matte equals the painted one within a code of rounding."""
    window = Window(-5, 4, 95, 64)
    ground = np.random.default_rng(1).random(window.shape).astype(np.float32)
    matte = Matte(window, ground)
    painter = StrokePainter(window, 9.0, adds=adds, hardness=0.4, opacity=0.7)
    live = LiveCoverage(matte, painter)
    level = live.level(stride)

    for place in range(0, 90, 7):
        live.patch(painter.move(place, 20 + place / 3, 0.5 + place / 200))

    painted = StillCoverage(Matte(window, painter.paint(ground)), LevelCache()).level(stride).values
    assert np.abs(level.values.astype(int) - painted).max() <= 1
    assert not np.array_equal(
        level.values, to_bytes(ground[level.lattice.offset :: stride, level.lattice.offset :: stride])
    )
    assert live.floats(-5, 4, 1, window.shape) == pytest.approx(painter.paint(ground))


@pytest.mark.parametrize("adds", [True, False])
def test_a_live_stroke_under_an_inversion_looks_like_the_finished_one(adds: bool) -> None:
    """The brush that adds takes away from what is seen: an inverted layer is painted underneath."""
    window = Window.of_size(60, 40)
    ground = np.random.default_rng(1).random(window.shape).astype(np.float32)
    painter = StrokePainter(window, 9.0, adds=adds, hardness=0.4)
    live = LiveCoverage(Matte(window, 1 - ground), painter, inverted=True)
    level = live.level(1)

    live.patch(painter.move(30, 20))

    painted = 1 - painter.paint(ground)
    assert np.abs(level.values.astype(int) - to_bytes(painted)).max() <= 1
    assert live.floats(0, 0, 1, window.shape) == pytest.approx(painted, abs=1e-6)


def test_floats_outside_the_matte_are_zero() -> None:
    """A comp may ask for pixels the matte does not cover."""
    coverage = StillCoverage(Matte(Window(2, 2, 4, 4), np.ones((2, 2), np.float32)), LevelCache())

    assert coverage.floats(0, 0, 1, (5, 5)).sum() == 4
    assert coverage.floats(0, 0, 3, (3, 3)).tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert coverage.floats(50, 50, 2, (3, 3)).sum() == 0


def test_outline_goes_around_the_matte() -> None:
    """The contour of a square lies on its rim, in plate pixels."""
    values = np.zeros((20, 20), np.float32)
    values[5:15, 8:18] = 1
    level = LevelCache().level(Matte(Window(100, 0, 120, 20), values), 1)

    (line,) = level.outline()

    assert line.min(axis=0).tolist() == [108.5, 5.5]
    assert line.max(axis=0).tolist() == [117.5, 14.5]


def test_the_outline_of_noise_is_bounded() -> None:
    """A speckled matte keeps its longest contours only: the preview must not stop the hand."""
    speckled = np.random.default_rng(4).random((600, 600)) > 0.5
    speckled[200:400, 200:400] = True
    level = LevelCache().level(Matte(Window.of_size(600, 600), speckled.astype(np.float32)), 1)

    lines = level.outline()

    assert sum(len(line) for line in lines) <= MOST_OUTLINE_POINTS + max(len(line) for line in lines)
    lengths = [len(line) for line in lines]
    assert lengths == sorted(lengths, reverse=True)
