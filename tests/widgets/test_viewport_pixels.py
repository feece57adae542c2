"""Plate, channel and comp, from scene-linear to the screen."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")

from core.color import ColorConfig
from core.geometry import Format, Window
from core.matte import Matte
from core.picture import Picture
from widgets.view_state import Channel
from widgets.viewport.display_frame import DisplayCache, DisplayFrame, _runs
from widgets.viewport.overlay import LevelCache, StillCoverage
from widgets.viewport.pixels import CompPixels, Grade, PlatePixels

ALL = (slice(0, None, 1), slice(0, None, 1))


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load()


def a_grade(color: ColorConfig, channel: Channel = Channel.COLOR, stops: float = 0.0, gamma: float = 1.0) -> Grade:
    return Grade(color.default_display, color.default_view, stops, gamma, channel)


def a_picture(rgba: np.ndarray) -> Picture:
    window = Window.of_size(rgba.shape[1], rgba.shape[0])
    return Picture(np.ascontiguousarray(rgba, np.float16), window, Format(window))


def exact(color: ColorConfig, grade: Grade, rgb: object) -> list[int]:
    transform = color.display(grade.display, grade.view, grade.exposure_stops, grade.gamma)
    return np.rint(np.clip(transform.exact(np.asarray(rgb, np.float32)), 0, 1) * 255).astype(int).tolist()


@pytest.mark.parametrize(("channel", "seen"), [(Channel.RED, 0.5), (Channel.GREEN, 0.1), (Channel.BLUE, 0.02)])
def test_one_channel_is_grey_through_the_display(color: ColorConfig, channel: Channel, seen: float) -> None:
    """A channel alone looks like a grey picture of its values."""
    grade = a_grade(color, channel)
    picture = a_picture(np.full((2, 2, 4), [0.5, 0.1, 0.02, 1.0]))
    transform = color.display(grade.display, grade.view)

    shown = PlatePixels(picture, transform, grade).convert(ALL)[0, 0, :3]

    assert np.abs(shown - np.array(exact(color, grade, [seen] * 3))).max() <= 1


def test_alpha_is_data(color: ColorConfig) -> None:
    """Alpha 0.25 is 64 without a display transform, 128 after one stop."""
    picture = a_picture(np.full((2, 2, 4), [0.5, 0.1, 0.02, 0.25]))
    for stops, seen in ((0.0, 64), (1.0, 128)):
        grade = a_grade(color, Channel.ALPHA, stops)
        transform = color.display(grade.display, grade.view, stops)
        assert PlatePixels(picture, transform, grade).convert(ALL)[1, 1, 0] == seen


def test_comp_is_premultiplied_in_scene_linear(color: ColorConfig) -> None:
    """rgb·m + color·(1 - a·m): half coverage of a bright pixel over green is their mean in light, not in code."""
    grade = a_grade(color)
    picture = a_picture(np.full((1, 3, 4), [0.8, 0.4, 0.2, 1.0]))
    matte = Matte(picture.data_window, np.array([[0.0, 0.5, 1.0]], np.float32))
    behind = (0.0, 0.3, 0.0)
    transform = color.display(grade.display, grade.view)

    shown = CompPixels(picture, StillCoverage(matte, LevelCache()), behind, transform, grade).convert(ALL)[0, :, :3]

    for place, mixed in enumerate([behind, (0.4, 0.35, 0.1), (0.8, 0.4, 0.2)]):
        assert np.abs(shown[place] - np.array(exact(color, grade, mixed))).max() <= 1


def test_comp_of_a_premultiplied_picture_keeps_its_own_alpha(color: ColorConfig) -> None:
    """A pixel with alpha 0.5 under a full matte still lets half of the background through."""
    grade = a_grade(color)
    picture = a_picture(np.full((1, 1, 4), [0.1, 0.1, 0.1, 0.5]))
    matte = Matte(picture.data_window, np.ones((1, 1), np.float32))
    transform = color.display(grade.display, grade.view)

    pixels = CompPixels(picture, StillCoverage(matte, LevelCache()), (0.4, 0.0, 0.0), transform, grade)

    assert np.abs(pixels.convert(ALL)[0, 0, :3] - np.array(exact(color, grade, (0.3, 0.1, 0.1)))).max() <= 1


@pytest.mark.parametrize("stride", [1, 3])
def test_a_frame_converted_in_tiles_equals_one_converted_whole(color: ColorConfig, stride: int) -> None:
    """Looked at here and there, then everywhere: no seam, no tile left out, and the half-float picture is let go."""
    rng = np.random.default_rng(2)
    picture = a_picture(rng.random((700, 900, 4)))
    grade = a_grade(color)
    pixels = PlatePixels(picture, color.display(grade.display, grade.view), grade)
    frame = DisplayFrame(pixels, stride)

    for seen in (Window(10, 10, 60, 60), Window(600, 300, 1200, 320), picture.data_window):
        frame.ensure(seen)

    whole = pixels.convert(frame.lattice.samples(Window(0, 0, frame.lattice.columns, frame.lattice.rows)))
    assert np.array_equal(frame.values[..., 2::-1], whole[..., :3])
    assert (frame.values[..., 3] == 255).all()
    assert frame.complete
    assert frame.missing(picture.data_window) == 0


def test_runs_cover_every_missing_tile_once() -> None:
    """An L of missing tiles becomes two rectangles, not its bounding box."""
    missing = np.array([[1, 1, 1], [1, 0, 0], [1, 0, 0]], bool)

    assert _runs(missing) == [(0, 1, 0, 3), (1, 3, 0, 1)]


def test_the_cache_keeps_to_its_budget_and_knows_a_new_picture(color: ColorConfig) -> None:
    """Old frames go once the budget is passed; a picture read anew is converted anew."""
    grade = a_grade(color)
    transform = color.display(grade.display, grade.view)
    cache = DisplayCache(budget_bytes=5 * 4 * 64 * 64)
    pictures = [a_picture(np.full((64, 64, 4), number / 10)) for number in range(9)]
    for number, picture in enumerate(pictures):
        cache.frame(number, PlatePixels(picture, transform, grade), 1)

    assert cache.find(0, PlatePixels(pictures[0], transform, grade), 1) is None
    assert cache.find(8, PlatePixels(pictures[8], transform, grade), 1) is not None
    assert cache.find(8, PlatePixels(pictures[0], transform, grade), 1) is None
