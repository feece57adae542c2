"""What makes pictures ready fast changes none of their values: bands, thinned pictures, cropped mattes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.color import ColorConfig
from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from widgets.view_state import Look
from widgets.viewport import display_frame, thinned
from widgets.viewport.display_frame import DisplayCache, DisplayFrame
from widgets.viewport.lattice import Lattice
from widgets.viewport.overlay import LevelCache
from widgets.viewport.pixels import Grade, PlatePixels

WINDOW = Window(-3, 5, 194, 136)


@pytest.fixture
def pixels() -> PlatePixels:
    rng = np.random.default_rng(3)
    rgba = rng.random((*WINDOW.shape, 4), np.float32).astype(np.float16)
    color = ColorConfig.load()
    display, view = color.default_display, color.default_view
    transform = color.display(display, view, 0.5)
    return PlatePixels(Picture(rgba, WINDOW, Format(WINDOW)), transform, Grade.of(Look(), display, view))


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_bands_on_several_threads_give_what_one_conversion_gives(
    pixels: PlatePixels, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    monkeypatch.setattr(display_frame, "BAND", 900)
    lattice = Lattice(WINDOW, stride)
    whole = pixels.convert(lattice.samples(Window(0, 0, lattice.columns, lattice.rows)))
    frame = DisplayFrame(pixels, stride)
    frame.ensure(WINDOW)

    np.testing.assert_array_equal(frame.values[..., :3], whole[..., 2::-1])
    assert (frame.values[..., 3] == 255).all()
    assert frame.complete


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_a_thinned_picture_has_the_same_pixels(pixels: PlatePixels, stride: int) -> None:
    """Any piece of any lattice, with and without the picture kept thin."""
    rgba, lattice = pixels.picture.rgba, Lattice(WINDOW, stride)
    pieces = [lattice.samples(Window(x, y, x + 9, y + 7)) for x, y in ((0, 0), (5, 3), (20, 11))]
    before = [thinned.piece_of(rgba, piece).copy() for piece in pieces]
    thinned.keep(rgba, stride)
    after = [thinned.piece_of(rgba, piece) for piece in pieces]

    for piece, plain, kept in zip(pieces, before, after, strict=True):
        np.testing.assert_array_equal(plain, rgba[piece])
        np.testing.assert_array_equal(kept, plain)
        assert kept.flags.c_contiguous


def test_only_two_pictures_are_kept_thin(pixels: PlatePixels) -> None:
    """And one that is gone is not mistaken for another at its place."""
    others = [pixels.picture.rgba.copy() for _ in range(4)]
    for other in others:
        thinned.keep(other, 2)

    assert len(thinned._kept) == thinned.MOST_KEPT


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_level_covers_what_is_not_zero(stride: int, kind: type) -> None:
    """Laid back into the whole it is the whole matte; it is no larger than a cell around what is there."""
    window = Window(10, -4, 110, 76)
    coverage = np.zeros(window.shape, kind)
    coverage[30:41, 20:33] = 0.5
    level = LevelCache().level(Matte(window, coverage), stride)
    lattice = Lattice(window, stride)
    whole = np.zeros((lattice.rows, lattice.columns), np.uint8)
    left = (level.lattice.window.x0 - window.x0) // stride
    top = (level.lattice.window.y0 - window.y0) // stride
    rows, columns = level.values.shape
    whole[top : top + rows, left : left + columns] = level.values
    samples = coverage[lattice.samples(Window(0, 0, lattice.columns, lattice.rows))]

    np.testing.assert_array_equal(whole, np.where(samples > 0, 128, 0))
    assert (level.lattice.rows, level.lattice.columns) == level.values.shape
    assert rows <= 11 // stride + 3
    assert columns <= 13 // stride + 3


def test_an_empty_matte_is_a_cell() -> None:
    window = Window(0, 0, 100, 80)
    level = LevelCache().level(Matte(window, np.zeros(window.shape, np.float16)), 2)

    assert level.values.tolist() == [[0]]


def test_the_memory_of_a_frame_that_is_gone_is_used_again(pixels: PlatePixels) -> None:
    """And never that of one that is still there."""
    first = DisplayFrame(pixels, 1)
    place = first.values.ctypes.data
    beside = DisplayFrame(pixels, 1)
    del first
    after = DisplayFrame(pixels, 1)

    assert beside.values.ctypes.data != place
    assert after.values.ctypes.data == place
    assert not after.complete


def test_a_dragged_exposure_does_not_fill_the_cache(pixels: PlatePixels) -> None:
    """The last few ways of seeing one picture are kept; other pictures stay."""
    cache = DisplayCache()
    other = replace(pixels, picture=replace(pixels.picture, rgba=pixels.picture.rgba.copy()))
    kept = cache.frame("other", other, 1)
    frames = [cache.frame(("plate", stops), pixels, 1) for stops in range(12)]

    assert cache.hold(kept)
    assert [cache.hold(frame) for frame in frames] == [False] * 8 + [True] * 4
    assert cache.nbytes == 5 * kept.nbytes
