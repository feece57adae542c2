"""What is wrong with pixels, what an area holds, what is shown of data and of missing frames: numbers, no window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.color import DEFAULT_CONFIG, ColorConfig, _checked
from core.frames import FrameRange
from core.geometry import Format, Window
from core.matte import Matte
from core.non_finite import find_and_contain
from core.picture import Picture
from core.plate import Plate
from core.prompts import Box
from core.stored_values import StoredValues
from tests.widgets.fake_studio import FakeStudio
from widgets.missing_frames import held_frame
from widgets.status_bar import StatusBar
from widgets.view_state import Look, MissingFrame, ViewState, Warn
from widgets.viewport.area_values import Extent, area_values
from widgets.viewport.bakery import Bakery
from widgets.viewport.data_pixels import DataRange, range_of
from widgets.viewport.lattice import Lattice
from widgets.viewport.pixel_panel import PixelPanel, table
from widgets.viewport.readout import GROUPS, readout
from widgets.viewport.scene import SceneBuilder
from widgets.viewport.warnings import Judged, Warnings

SIZE = Window(0, 0, 12, 8)


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load("ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5")


def picture_of(rgb: Any, *, is_data: bool = False) -> Picture:
    rgba = np.ones((*SIZE.shape, 4), np.float32)
    rgba[..., :3] = rgb
    count, bits = find_and_contain(rgba)
    return Picture(rgba, SIZE, Format(SIZE), non_finite=count, is_data=is_data, bad_bits=bits)


def judged(picture: Picture, color: ColorConfig, stops: float = 0.0) -> Judged:
    transform = color.display(color.default_display, color.default_view, stops)
    return Judged(picture, 1, color, transform, color.default_display, "", stops)


def test_each_warning_finds_its_own_pixels(color: ColorConfig) -> None:
    """One bad pixel of each kind in a field of grey."""
    rgb = np.full((8, 12, 3), 0.18, np.float32)
    rgb[1, 1, 0], rgb[2, 2, 1] = np.nan, np.inf
    rgb[3, 3] = (0.2, -0.01, 0.2)
    rgb[4, 4] = (0, 0.5, 0)  # ACEScg's green is far outside sRGB
    rgb[5, 5] = 1000
    one = judged(picture_of(rgb), color)
    lattice = Lattice(SIZE, 1)
    found = {warn: [tuple(place) for place in np.argwhere(one.bad(warn, lattice)).tolist()] for warn in Warn}

    assert found[Warn.NON_FINITE] == [(1, 1), (2, 2)]
    assert found[Warn.NEGATIVE] == [(3, 3)]
    assert (4, 4) in found[Warn.GAMUT]
    assert (5, 5) in found[Warn.CLIP]
    assert (0, 0) not in found[Warn.GAMUT] + found[Warn.CLIP]


def test_one_bad_pixel_is_not_lost_between_samples(color: ColorConfig) -> None:
    """Seen small, every n-th pixel is looked at; a NaN between them marks its cell."""
    rgb = np.full((8, 12, 3), 0.18, np.float32)
    rgb[1, 1] = np.nan

    cells = judged(picture_of(rgb), color).bad(Warn.NON_FINITE, Lattice(SIZE, 4))

    assert np.argwhere(cells).tolist() == [[0, 0]]


def test_warnings_come_from_a_worker_and_say_how_much(qtbot: QtBot, color: ColorConfig) -> None:
    """First nothing, then the level; asked again, the same object; the legend has the share."""
    warnings = Warnings()
    rgb = np.full((8, 12, 3), 0.18, np.float32)
    rgb[:4] = -1
    one = judged(picture_of(rgb), color)
    wanted = frozenset({Warn.NEGATIVE})
    (overlay,) = warnings.overlays(one, wanted)
    with qtbot.waitSignal(warnings.counted):
        before = overlay.coverage.level(1)
    after = overlay.coverage.level(1)
    legend = warnings.legend(one, wanted)
    warnings.close()

    assert int(before.values.max()) == 0
    assert (after.values[:4].min(), after.values[4:].max()) == (255, 0)
    assert overlay.coverage.level(1) is after
    assert legend == (("negative: 50.00%", "#008cff"),)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.0, 0.25, 1.0], 0.0, 1.0),
        ([0.0, 5.0, 10.0], 5.0, 10.0),
        ([-3.0, 0.0, 1.0], -3.0, 3.0),
        ([1e6, 5.0, 10.0], 5.0, 10.0),
        ([7.0, 7.0, 7.0], 7.0, 8.0),
        ([0.0, 0.0, 0.0], 0.0, 1.0),
    ],
)
def test_the_range_of_data(values: list[float], low: float, high: float) -> None:
    """A mask is 0 to 1; depth from its nearest to its farthest; motion around 0; the far end is no part."""
    field = np.repeat(np.array(values, np.float32), 4)[None, :, None]

    assert range_of(picture_of(np.broadcast_to(field, (8, 12, 3)), is_data=True)) == DataRange(low, high)


def test_an_area_has_lowest_mean_and_highest(color: ColorConfig) -> None:
    """Of the picture, the matte and the file; NaN and Inf in the file are counted apart."""
    rgb = np.zeros((8, 12, 3), np.float32)
    rgb[:, 6:] = (1.0, 2.0, -1.0)
    picture = picture_of(rgb)
    matte = Matte(SIZE, np.tile(np.linspace(0, 1, 12, dtype=np.float32), (8, 1)))
    red = rgb[..., 0].copy()
    red[0, 0] = np.nan
    stored = StoredValues(SIZE, {"R": red, "id": np.full((8, 12), 70_001, np.uint32)})
    transform = color.display(color.default_display, color.default_view)

    values = area_values(Window(0, 0, 12, 8), picture, matte, stored, transform)
    words = table(values)

    assert values.linear[1] == Extent("G", 0.0, 1.0, 2.0)
    assert values.linear[2] == Extent("B", -1.0, -0.5, 0.0)
    assert values.matte is not None
    assert (values.matte.low, values.matte.high) == (0.0, 1.0)
    assert values.matte.mean == pytest.approx(0.5)
    assert values.stored[0].bad == 1
    assert values.stored[1] == Extent("id", 70_001, 70_001, 70_001)
    assert len(values.screen) == 3
    assert "x 0–11  y 0–7  (12×8)" in words
    assert "1 NaN or Inf" in words
    assert "in the file" in words
    assert "in the file" not in table(replace(values, stored=values.linear[:3]))


def test_a_matte_outside_the_data_window_is_still_read(color: ColorConfig) -> None:
    picture = replace(picture_of(0.5), data_window=Window(100, 100, 112, 108))
    matte = Matte(SIZE, np.ones((8, 12), np.float32))
    transform = color.display(color.default_display, color.default_view)

    values = area_values(Window(2, 2, 4, 4), picture, matte, None, transform)

    assert values.linear == ()
    assert values.matte == Extent("matte", 1.0, 1.0, 1.0)
    assert "outside the data window" in table(values)


RANGE = FrameRange(1001, 1006)


@pytest.mark.parametrize(("frame", "shown"), [(1001, 1003), (1002, 1003), (1003, 1003), (1004, 1003), (1005, 1003)])
def test_the_frame_before_is_held(frame: int, shown: int) -> None:
    """At the beginning there is none before it: then the first one after it."""
    missing = {1001, 1002, 1004, 1005}

    assert held_frame(Look(frame=frame, missing=MissingFrame.HOLD), RANGE, missing) == shown
    assert held_frame(Look(frame=frame), RANGE, missing) == frame


def test_the_readout_keeps_its_places_and_knows_the_file(color: ColorConfig) -> None:
    """Two pixels, the same columns; NaN is named from its one bit until the file's own values are there."""
    rgb = np.full((8, 12, 3), 0.18, np.float32)
    rgb[2, 3] = (-1234.5, 1e-5, np.nan)
    picture = picture_of(rgb)
    plate = Plate("p", "p", Path("/show/p.####.exr"), FrameRange(1, 2), Format(SIZE), SIZE, "ACEScg")
    transform = color.display(color.default_display, color.default_view)
    stored = StoredValues(SIZE, {"R": rgb[..., 0], "B": rgb[..., 2], "id": np.full((8, 12), 7, np.uint32)})

    one, two = (readout(x, y, plate, picture, None, transform) for x, y in ((0, 0), (3, 2)))
    known = readout(3, 2, plate, picture, None, transform, stored)

    assert one.index("screen") == two.index("screen")
    assert one.index("│") == two.index("│")
    assert two.endswith("NaN or Inf in the file")
    assert known.split(GROUPS)[-1].split() == ["file", "R", "-1234", "B", "nan", "id", "7"]
    assert readout(50, 50, plate, picture, None, transform) == ""


def test_data_is_read_as_a_value(color: ColorConfig) -> None:
    plate = Plate("p", "p", Path("/show/p.####.exr"), FrameRange(1, 2), Format(SIZE), SIZE, "ACEScg")
    transform = color.display(color.default_display, color.default_view)

    said = readout(1, 1, plate, picture_of(12.5, is_data=True), None, transform)

    assert said.split(GROUPS)[1].split() == ["value", "12.5"]


def test_the_status_line_drops_whole_groups_where_it_is_narrow(qtbot: QtBot) -> None:
    """Never a number cut in the middle; the tooltip has all of it."""
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show()
    text = GROUPS.join(["x 1  y 2", "linear R 0.1", "screen 1 2 3", "matte 0.5"])
    shown = []
    for width in (2400, 1150, 700):
        bar.resize(width, 24)
        qtbot.wait(1)
        bar.show_probe(text)
        shown.append(bar.probe.text())

    assert shown[0] == text
    assert all(text.startswith(part) for part in shown)
    assert len(shown[2]) < len(text)
    assert shown[2].split(GROUPS)[-1] in text.split(GROUPS)
    assert bar.probe.toolTip() == text


def test_an_area_stays_pinned_and_follows_the_playhead(qtbot: QtBot) -> None:
    """The same area of another frame is read anew; None takes the table away."""
    studio = FakeStudio()
    studio.put_plate()
    studio.put_picture(1001, 0.25)
    studio.put_picture(1002, 0.5)
    view = ViewState(Look(frame=1001))
    studio.color.display(studio.color.default_display, studio.color.default_view)
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(500, 400)
    over.show()
    panel = PixelPanel(over, studio, view)
    panel.show_area(Box(2, 2, 6, 6))
    qtbot.waitUntil(lambda: "0.25" in panel.text())
    corner = panel.geometry().bottomRight()
    view.set(frame=1002)
    qtbot.waitUntil(lambda: "0.5" in panel.text())
    panel.show_area(None)

    assert (corner.x(), corner.y()) == (489, 389)
    assert panel.isHidden()
    panel.release()


def test_another_view_is_baked_aside(qtbot: QtBot) -> None:
    """The last view stays until the new one is there, and a picture is never named by a view it is not seen through."""
    color = _checked(DEFAULT_CONFIG)
    studio = FakeStudio(color)
    bakery = Bakery()
    builder = SceneBuilder(studio, bakery=bakery)
    first = builder.grade(Look())
    with qtbot.waitSignal(bakery.baked, timeout=20_000):
        meanwhile = builder.grade(Look(view="Un-tone-mapped"))
    after = builder.grade(Look(view="Un-tone-mapped"))
    bakery.close()

    assert first.view == color.default_view
    assert meanwhile == first
    assert after.view == "Un-tone-mapped"
    assert color.is_baked(after.display, after.view)
