"""The viewport as a hand and an eye meet it: events in, commands and pixels out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.commands import AddPrompt, ChangePlate
from core.geometry import Format, Window
from core.prompts import Click, Stroke
from tests.widgets.fake_studio import FakeStudio
from widgets.theme import color
from widgets.tools.toolbox import toolbox
from widgets.view_state import Channel, Compare, Look, Source, SourceKind, ViewState
from widgets.viewport.easel import Way
from widgets.viewport.readout import GROUPS
from widgets.viewport.viewport import Viewport

SURFACE: Way = "gl" if os.environ.get("PENUMBRA_VIEWPORT") == "gl" else "raster"
"""`test_viewport_gl.py` runs these tests a second time, on the other surface."""
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NOTHING = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Bench:
    """A viewport of 400x300 on a fake studio with a plate, a layer and a picture at 1001."""

    def __init__(self, qtbot: QtBot, **plate: object) -> None:
        self.studio = FakeStudio()
        self.plate = self.studio.put_plate(**plate)  # type: ignore[arg-type]
        self.studio.put_layer(color=(1.0, 0.0, 0.0))
        self.studio.put_picture(1001)
        self.view = ViewState(Look(frame=1001, layer_id="hero"))
        self.viewport = Viewport(self.studio, self.view, surface=SURFACE)
        self.tools = toolbox()
        qtbot.addWidget(self.viewport)
        self.viewport.resize(400, 300)
        self.viewport.show()
        qtbot.waitExposed(self.viewport)
        self.said: list[str] = []
        self.studio.message.connect(lambda message: self.said.append(message.text))
        self.steps = self.studio.document.steps

    def mouse(self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        named = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
        event = QMouseEvent(kind, place, QPointF(self.viewport.mapToGlobal(place)), named, held, keys)
        QApplication.sendEvent(self.viewport, event)

    def drag(
        self,
        *places: tuple[float, float],
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = NOTHING,
        up: bool = True,
    ) -> None:
        """Plate pixels of the first pane: press, moves, release."""
        points = [self.viewport.projection.to_view(*place) for place in places]
        self.mouse(QEvent.Type.MouseButtonPress, points[0], button, keys)
        for point in points[1:]:
            self.mouse(QEvent.Type.MouseMove, point, button, keys)
        if up:
            self.mouse(QEvent.Type.MouseButtonRelease, points[-1], button, keys)

    def pen(self, kind: QEvent.Type, place: QPointF, pressure: float, *, eraser: bool = False) -> None:
        pointer = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        able = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
        device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, pointer, able, 1, 3)
        down = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
        named = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletMove else LEFT
        there = QPointF(self.viewport.mapToGlobal(place))
        event = QTabletEvent(kind, device, place, there, pressure, 0, 0, 0.0, 0.0, 0.0, NOTHING, named, down)
        QApplication.sendEvent(self.viewport, event)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NOTHING, *, up: bool = False) -> None:
        kind = QEvent.Type.KeyRelease if up else QEvent.Type.KeyPress
        QApplication.sendEvent(self.viewport, QKeyEvent(kind, key, keys))

    def colors(self, *places: tuple[float, float], pane: int = 0) -> list[tuple[int, int, int]]:
        """What is on screen at these plate pixels."""
        image = self.viewport.grab().toImage()
        found = []
        for place in places:
            point = self.viewport.framing.places[pane].projection.to_view(*place)
            seen = image.pixelColor(int(point.x()), int(point.y()))
            found.append((seen.red(), seen.green(), seen.blue()))
        return found

    def exact(self, rgb: object, stops: float = 0.0, gamma: float = 1.0) -> tuple[int, ...]:
        config = self.studio.color
        transform = config.display(config.default_display, config.default_view, stops, gamma)
        values = np.rint(np.clip(transform.exact(np.asarray(rgb, np.float32)), 0, 1) * 255)
        return tuple(values.astype(int).tolist())


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.viewport.easel.way == SURFACE, made.said
    made.viewport.release()


def near(seen: tuple[int, ...], wanted: tuple[int, ...], within: int = 1) -> bool:
    return all(abs(one - other) <= within for one, other in zip(seen, wanted, strict=True))


# --- pixels -----------------------------------------------------------------------------------------------------


def test_no_reference_to_none_is_lost(qapp: QApplication) -> None:
    """PySide6 6.12.0 on Python 3.11 loses one per void call and aborts after a few thousand: it must not be used."""
    widget = QWidget()
    before = sys.getrefcount(None)

    for _ in range(1000):
        widget.update()

    assert sys.getrefcount(None) - before > -100


def test_pictures_are_shown_as_the_config_says(qtbot: QtBot) -> None:
    """Through the whole widget, 99 % of an HDR picture's pixels are within one code of exact OpenColorIO."""
    bench = Bench(qtbot, display=Window(0, 0, 120, 90))
    rng = np.random.default_rng(3)
    rgb = (2.0 ** rng.uniform(-7, 4, (90, 120, 1)) * rng.uniform(0.3, 1.0, (90, 120, 3))).astype(np.float16)
    bench.studio.put_picture(1001, rgb)
    bench.view.set(guides=False)
    bench.viewport.zoom_to(1.0)
    bench.viewport.framing.fit()
    bench.viewport.one_to_one()

    image = bench.viewport.grab().toImage().convertToFormat(bench.viewport.grab().toImage().Format.Format_RGBA8888)
    shown = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    corner = bench.viewport.projection.to_view(0, 0).toPoint()
    seen = shown[corner.y() : corner.y() + 90, corner.x() : corner.x() + 120, :3].astype(int)

    config = bench.studio.color
    exact = config.display(config.default_display, config.default_view).exact(rgb.astype(np.float32))
    wrong = np.abs(seen - np.rint(np.clip(exact, 0, 1) * 255)).max(axis=-1)
    assert np.percentile(wrong, 99) <= 1
    bench.viewport.release()


def test_the_data_window_lies_inside_the_display_window(qtbot: QtBot) -> None:
    """Overscan and a negative origin: pixels are where the file says, black inside the format, dark grey outside."""
    bench = Bench(qtbot, display=Window(0, 0, 40, 30), data=Window(-5, 10, 20, 20))
    bench.studio.put_picture(1001, (0.5, 0.2, 0.1))
    bench.view.set(guides=False, overlay=False)
    bench.viewport.zoom_to(5.0)

    inside, overscan, empty, outside = bench.colors((10.5, 15.5), (-3.5, 15.5), (30.5, 5.5), (-3.5, 25.5))

    assert near(inside, bench.exact((0.5, 0.2, 0.1)))
    assert near(overscan, bench.exact((0.5, 0.2, 0.1)))
    assert empty == (0, 0, 0)
    assert outside == (color("surround").red(),) * 3
    bench.viewport.release()


def test_overlay_color_is_mixed_by_coverage_and_opacity(bench: Bench) -> None:
    """screen = plate·(1 - c·o) + color·c·o, for full and half coverage; M takes it away."""
    coverage = np.zeros((48, 64))
    coverage[:, 20:40], coverage[:, 40:] = 0.5, 1.0
    bench.studio.put_matte("hero", 1001, coverage)
    bench.view.set(guides=False, overlay_opacity=0.5)
    plate = np.array(bench.exact((0.18, 0.18, 0.18)))

    bare, half, full = bench.colors((10, 24), (30, 24), (50, 24))

    red = np.array([255, 0, 0])
    assert near(bare, tuple(plate))
    assert near(half, tuple(np.rint(plate * 0.75 + red * 0.25).astype(int)), 2)
    assert near(full, tuple(np.rint(plate * 0.5 + red * 0.5).astype(int)), 2)
    bench.view.set(overlay=False)
    assert near(bench.colors((50, 24))[0], tuple(plate))


def test_hidden_layers_are_not_drawn_and_stale_ones_are_fainter(bench: Bench) -> None:
    """A stale matte's overlay is weaker than a fresh one's and a badge says so; a hidden layer has none."""
    bench.studio.put_layer("other", "Other", color=(0.0, 0.0, 1.0), visible=False)
    bench.studio.put_matte("other", 1001, 1.0)
    bench.studio.put_matte("hero", 1001, 1.0)
    bench.view.set(guides=False)
    fresh = bench.colors((32, 24))[0]

    bench.studio.put_matte("hero", 1001, 1.0, fresh=False)
    stale = bench.colors((32, 24))[0]

    plate = bench.exact((0.18, 0.18, 0.18))
    assert fresh[0] > stale[0] > plate[0]
    assert fresh[2] < plate[2]


def test_wipe_shows_a_left_and_b_right(bench: Bench) -> None:
    """The plate left of the line, the grey matte right of it; turned by 90 degrees the line lies flat."""
    bench.studio.put_matte("hero", 1001, 0.25)
    bench.view.set(compare=Compare.WIPE, b=Source(SourceKind.MATTE), overlay=False, guides=False, wipe_x=0.75)
    plate = bench.exact((0.18, 0.18, 0.18))

    left, right = bench.colors((40, 10), (56, 10))

    assert near(left, plate)
    assert right == (64, 64, 64)
    bench.view.set(wipe_angle=90.0, wipe_y=0.25)
    above, below = bench.colors((20, 4), (20, 40))
    assert near(above, plate) != near(below, plate)


def test_side_by_side_moves_in_tandem(bench: Bench) -> None:
    """Both panes show the same plate pixel at the same place, also after a zoom over the right one."""
    coverage = np.zeros((48, 64))
    coverage[24, 32] = 1.0
    bench.studio.put_matte("hero", 1001, coverage)
    bench.view.set(compare=Compare.SIDE_BY_SIDE, b=Source(SourceKind.MATTE), guides=False)
    place = bench.viewport.framing.places[1].projection.to_view(32.5, 24.5)

    wheel(bench, place, 8)

    one, two = (placed.projection for placed in bench.viewport.framing.places)
    assert two.left - one.left == 200
    assert two.to_plate(place.x(), place.y()) == pytest.approx((32.5, 24.5), abs=0.1)
    assert bench.colors((32.5, 24.5), (31.5, 24.5), pane=1) == [(255, 255, 255), (0, 0, 0)]


def test_a_broken_frame_is_blank_with_a_sentence(bench: Bench) -> None:
    """Never the last picture: the frame number and the reason stand in the picture's place."""
    bench.studio.errors[1002] = "plate.1002.exr: the file ends after 12 of 68 tiles. Copy it again."
    bench.view.set(guides=False)
    blank = bench.viewport.grab().toImage()
    bench.view.set(frame=1002)

    seen = bench.viewport.grab().toImage()

    assert seen != blank
    assert bench.colors((2, 2))[0] == (0, 0, 0)
    assert bench.viewport._stage.scene.panes[0].sentence.startswith("plate.1002.exr")


def test_a_frame_being_read_keeps_the_last_picture_for_a_moment(qtbot: QtBot, bench: Bench) -> None:
    """Stepping does not flash black; after a moment the viewport says it is reading; then the picture comes."""
    bench.view.set(guides=False)
    before = bench.colors((5, 5))[0]
    bench.view.set(frame=1004)

    held = bench.colors((5, 5))[0]
    qtbot.waitUntil(lambda: bench.colors((5, 5))[0] == (0, 0, 0), timeout=3000)
    bench.studio.put_picture(1004, 0.5)

    assert held == before
    assert near(bench.colors((5, 5))[0], bench.exact((0.5, 0.5, 0.5)))


def test_exposure_and_channel_change_the_picture(bench: Bench) -> None:
    """One stop up is the display of twice the light; a channel alone is grey."""
    bench.studio.put_picture(1001, (0.18, 0.02, 0.3))
    bench.view.set(guides=False, exposure_stops=1.0)
    assert near(bench.colors((5, 5))[0], bench.exact((0.18, 0.02, 0.3), stops=1.0))

    bench.view.set(exposure_stops=0.0, channel=Channel.BLUE)
    assert near(bench.colors((5, 5))[0], bench.exact((0.3, 0.3, 0.3)))


def test_a_heavy_comp_is_coarse_first_and_sharp_soon(qtbot: QtBot) -> None:
    """More pixels than the hand has patience for: a coarser comp at once, the fine one from a worker."""
    bench = Bench(qtbot, display=Window(0, 0, 1600, 1200))
    bench.viewport.resize(1600, 1200)
    checker = np.indices((1200, 1600)).sum(axis=0) % 2
    bench.studio.put_picture(1001, checker[..., None] * 0.5)
    bench.studio.put_matte("hero", 1001, 1.0)
    bench.view.set(a=Source(SourceKind.COMP), guides=False)
    bench.viewport.one_to_one()
    light, dark = bench.exact((0.5,) * 3), bench.exact((0.0,) * 3)

    bench.viewport.repaint()

    qtbot.waitUntil(
        lambda: near(bench.colors((801, 600))[0], light) and near(bench.colors((800, 600))[0], dark), timeout=8000
    )
    bench.viewport.release()


# --- the hand ---------------------------------------------------------------------------------------------------


def wheel(bench: Bench, place: QPointF, notches: int, keys: Qt.KeyboardModifier = NOTHING) -> None:
    there = QPointF(bench.viewport.mapToGlobal(place))
    event = QWheelEvent(
        place,
        there,
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(bench.viewport, event)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 7.3])
@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_a_click_lands_in_the_pixel_under_the_cursor(qtbot: QtBot, zoom: float, aspect: float) -> None:
    """Zoomed, panned, with wide pixels and a negative origin: the pixel that lights up is the one that was clicked."""
    bench = Bench(qtbot, display=Window(-20, -10, 44, 38), pixel_aspect=aspect)
    rgb = np.zeros((48, 64, 3))
    rgb[17, 40] = 1.0  # plate pixel (20, 7)
    bench.studio.put_picture(1001, rgb)
    bench.view.set(guides=False)
    bench.viewport.zoom_to(zoom)
    bench.viewport.pan_by(13.0, -7.0)
    place = bench.viewport.projection.to_view(20.5, 7.5)
    if zoom > 1:
        seen = bench.viewport.grab().toImage().pixelColor(int(place.x()), int(place.y()))
        assert near((seen.red(),), (bench.exact((1.0, 1.0, 1.0))[0],))

    bench.mouse(QEvent.Type.MouseButtonPress, place, LEFT, NOTHING)

    (prompt,) = bench.studio.document.shot.layer("hero").key_frame(1001).prompts
    assert isinstance(prompt, Click)
    assert (prompt.x, prompt.y) == pytest.approx((20.5, 7.5), abs=1e-6)
    bench.viewport.release()


def test_a_brush_drag_is_one_command_and_undo_takes_it_back(bench: Bench) -> None:
    """Press, twenty moves, release: one step in the history; undo leaves nothing of it, on screen either."""
    bench.viewport.set_tool(bench.tools["brush"])
    bench.viewport.set_brush(radius_px=5, hardness=1.0)
    bench.view.set(guides=False, overlay_opacity=1.0)
    before = bench.colors((30, 20))[0]

    bench.drag(*((10 + step, 20) for step in range(30)))

    assert bench.studio.document.steps == bench.steps + 1
    (stroke,) = bench.studio.document.shot.layer("hero").key_frame(1001).correction.strokes
    assert len(stroke.points) == 30
    assert bench.colors((20, 20))[0] == (255, 0, 0)  # still there while its matte is computed
    bench.studio.document.undo()
    assert bench.colors((30, 20))[0] == before


def test_painting_is_seen_while_the_pen_moves(bench: Bench) -> None:
    """Before the release the overlay, the matte and the comp all show the stroke; the document knows nothing yet."""
    bench.viewport.set_tool(bench.tools["brush"])
    bench.viewport.set_brush(radius_px=6, hardness=1.0)
    bench.view.set(guides=False, overlay_opacity=1.0, comp_color=(0.0, 0.0, 0.0))
    bench.studio.put_matte("hero", 1001, 0.0)

    bench.drag((20, 20), (26, 20), up=False)

    painted, bare = bench.colors((20, 17), (40, 40))
    assert painted == (255, 0, 0)
    assert near(bare, bench.exact((0.18,) * 3))
    bench.view.set(a=Source(SourceKind.MATTE))
    assert bench.colors((20, 17), (40, 40)) == [(255, 255, 255), (0, 0, 0)]
    bench.view.set(a=Source(SourceKind.COMP))
    assert near(bench.colors((20, 17))[0], bench.exact((0.18,) * 3))
    assert bench.studio.document.steps == bench.steps


def test_a_comp_follows_the_stroke_and_forgets_a_cancelled_one(bench: Bench) -> None:
    """The converted comp is patched under the brush; after Escape it is as if nothing had been painted."""
    bench.viewport.set_tool(bench.tools["brush"])
    bench.viewport.set_brush(radius_px=6, hardness=1.0)
    bench.studio.put_matte("hero", 1001, 0.0)
    bench.view.set(guides=False, a=Source(SourceKind.COMP), comp_color=(0.0, 0.0, 0.0))
    assert bench.colors((20, 17))[0] == (0, 0, 0)

    bench.drag((20, 20), (26, 20), up=False)
    painted = bench.colors((20, 17))[0]
    bench.key(Qt.Key.Key_Escape)

    assert near(painted, bench.exact((0.18,) * 3))
    assert bench.colors((20, 17))[0] == (0, 0, 0)
    assert bench.studio.document.steps == bench.steps


def test_a_pen_paints_with_pressure_and_its_other_end_erases(bench: Bench) -> None:
    """Pressure travels into the stroke; the eraser end takes away; mouse events Qt makes of the pen do nothing more."""
    bench.viewport.set_tool(bench.tools["brush"])
    places = [bench.viewport.projection.to_view(10 + 5 * step, 20.25) for step in range(3)]

    bench.pen(QEvent.Type.TabletPress, places[0], 0.2)
    bench.mouse(QEvent.Type.MouseButtonPress, places[0], LEFT, NOTHING)
    bench.pen(QEvent.Type.TabletMove, places[1], 0.6)
    bench.pen(QEvent.Type.TabletRelease, places[2], 0.0)
    bench.pen(QEvent.Type.TabletPress, places[0], 1.0, eraser=True)
    bench.pen(QEvent.Type.TabletRelease, places[0], 0.0, eraser=True)

    one, two = bench.studio.document.shot.layer("hero").key_frame(1001).correction.strokes
    assert [round(point.pressure, 2) for point in one.points] == [0.2, 0.6]
    assert (one.points[0].x, one.points[0].y) == pytest.approx((10, 20.25), abs=1e-6)
    assert (one.adds, two.adds) == (True, False)


def test_escape_cancels_the_stroke(bench: Bench) -> None:
    """The document is untouched, the picture is as before, and the release that follows does nothing."""
    bench.viewport.set_tool(bench.tools["brush"])
    bench.view.set(guides=False)
    before = bench.colors((20, 20))[0]
    bench.drag((20, 20), (30, 20), up=False)

    bench.key(Qt.Key.Key_Escape)
    bench.mouse(QEvent.Type.MouseButtonRelease, QPointF(200, 150), LEFT, NOTHING)

    assert bench.studio.document.steps == bench.steps
    assert bench.colors((20, 24))[0] == before


def test_a_stroke_without_a_layer_makes_one(bench: Bench) -> None:
    """One step in the history, the layer with the stroke in it; the stroke stays on screen."""
    bench.view.set(layer_id="")
    bench.viewport.set_tool(bench.tools["brush"])

    bench.drag((20, 20), (30, 20))

    shot = bench.studio.document.shot
    made = shot.layers[-1]
    assert bench.studio.document.steps == bench.steps + 1
    assert bench.view.look.layer_id == made.id
    assert isinstance(made.key_frame(1001).correction.strokes[0], Stroke)


def test_the_stroke_gives_way_to_its_matte(bench: Bench) -> None:
    """When the corrected matte arrives the live one is not drawn any more."""
    bench.viewport.set_tool(bench.tools["brush"])
    bench.viewport.set_brush(radius_px=5, hardness=1.0)
    bench.view.set(guides=False, overlay_opacity=1.0)
    bench.drag((20, 20), (30, 20))

    bench.studio.put_matte("hero", 1001, 0.0)

    assert near(bench.colors((25, 17))[0], bench.exact((0.18,) * 3))


def test_middle_drag_and_alt_drag_pan_whatever_the_tool(bench: Bench) -> None:
    """The plate pixel under the hand stays under it; nothing is authored."""
    bench.viewport.set_tool(bench.tools["brush"])
    for button, keys in ((MIDDLE, NOTHING), (LEFT, ALT)):
        before = bench.viewport.projection.to_view(0, 0)
        bench.mouse(QEvent.Type.MouseButtonPress, QPointF(100, 100), button, keys)
        bench.mouse(QEvent.Type.MouseMove, QPointF(130, 90), button, keys)
        bench.mouse(QEvent.Type.MouseButtonRelease, QPointF(130, 90), button, keys)
        assert bench.viewport.projection.to_view(0, 0) - before == QPointF(30, -10)
    assert bench.studio.document.steps == bench.steps


def test_the_wheel_zooms_at_the_cursor_and_scrubs_with_ctrl(qtbot: QtBot, bench: Bench) -> None:
    """What lies under the cursor stays; Ctrl+wheel asks for a frame step instead."""
    place = QPointF(123, 77)
    before = bench.viewport.projection.to_plate(123, 77)

    wheel(bench, place, 3)

    assert bench.viewport.projection.to_plate(123, 77) == pytest.approx(before, abs=0.1)
    with qtbot.waitSignal(bench.viewport.frame_step_requested) as asked:
        wheel(bench, place, -1, CTRL)
    assert asked.args == [1]


@pytest.mark.parametrize("tool", ["click", "box", "brush", "pan"])
def test_ctrl_reads_pixels_with_every_tool(qtbot: QtBot, bench: Bench, tool: str) -> None:
    """A mouse's Ctrl+click reads one pixel, Ctrl+Shift+drag an area; neither is a step of the history."""
    bench.viewport.set_tool(bench.tools[tool])
    with qtbot.waitSignal(bench.viewport.probed, check_params_cb=lambda said: said.startswith("x    20  y    10")):
        bench.drag((20.5, 10.5), keys=CTRL)
    with qtbot.waitSignal(bench.viewport.probed, check_params_cb=lambda said: "(10×5)" in said and "mean" in said):
        bench.drag((20, 10), (30, 15), keys=CTRL | SHIFT)

    assert bench.studio.document.steps == bench.steps


def test_the_wipe_line_is_dragged_and_turned(bench: Bench) -> None:
    """Its middle moves it, its outer handle turns it; neither is a step of the history."""
    bench.view.set(compare=Compare.WIPE, b=Source(SourceKind.MATTE))
    bench.drag((32, 24), (40, 30))
    assert (bench.view.look.wipe_x, bench.view.look.wipe_y) == pytest.approx((40 / 64, 30 / 48), abs=0.01)

    middle = bench.viewport.projection.to_view(40, 30)
    bench.mouse(QEvent.Type.MouseButtonPress, middle + QPointF(0, 64), LEFT, NOTHING)
    bench.mouse(QEvent.Type.MouseMove, middle + QPointF(-64, 1), LEFT, NOTHING)
    bench.mouse(QEvent.Type.MouseButtonRelease, middle + QPointF(-64, 1), LEFT, NOTHING)

    assert bench.view.look.wipe_angle == 90.0
    assert bench.studio.document.steps == bench.steps


def test_hold_e_and_drag_changes_exposure(bench: Bench) -> None:
    """Sixty points are a stop; without the key the same drag is the tool's."""
    bench.key(Qt.Key.Key_E)
    bench.mouse(QEvent.Type.MouseButtonPress, QPointF(100, 100), LEFT, NOTHING)
    bench.mouse(QEvent.Type.MouseMove, QPointF(160, 100), LEFT, NOTHING)
    bench.mouse(QEvent.Type.MouseButtonRelease, QPointF(160, 100), LEFT, NOTHING)
    bench.key(Qt.Key.Key_E, up=True)

    assert bench.view.look.exposure_stops == 1.0
    assert bench.studio.document.steps == bench.steps


def test_shift_under_a_resting_pointer_asks_for_a_preview(bench: Bench) -> None:
    """The key alone begins it, and the preview is drawn; letting go ends it."""
    place = bench.viewport.projection.to_view(30.5, 20.5)
    bench.mouse(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, NOTHING)
    bench.view.set(overlay=False)
    bare = bench.viewport.grab().toImage()

    bench.key(Qt.Key.Key_Shift, SHIFT)
    assert bench.studio.asked[-1][:3] == ("hover", "hero", 1001)
    coverage = np.zeros((48, 64))
    coverage[10:30, 20:40] = 1.0
    bench.studio.previews["hero", 1001] = bench.studio.put_matte("other", 1001, coverage)
    bench.studio.preview_ready.emit(("hero", 1001))
    assert bench.viewport.grab().toImage() != bare

    bench.key(Qt.Key.Key_Shift, up=True)
    assert bench.studio.asked[-1] == ("hover", "hero", 1001, None)
    assert bench.viewport.grab().toImage() == bare


def test_the_readout_speaks_of_the_pixel_under_the_pointer(qtbot: QtBot, bench: Bench) -> None:
    """Place down and up, scene-linear values, screen values, matte."""
    rgb = np.full((48, 64, 3), 0.18)
    rgb[20, 30] = (0.5, 2.0, 0.25)
    bench.studio.put_picture(1001, rgb)
    bench.studio.put_matte("hero", 1001, 0.375)

    with qtbot.waitSignal(bench.viewport.probed) as probed:
        place = bench.viewport.projection.to_view(30.5, 20.5)
        bench.mouse(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, NOTHING)

    shown = " ".join(str(value) for value in bench.exact((0.5, 2.0, 0.25)))
    assert [" ".join(group.split()) for group in probed.args[0].split(GROUPS)] == [
        "x 30 y 20 ( 27↑)",
        "linear R 0.5 G 2 B 0.25 A 1",
        f"screen {shown}",
        "matte 0.3750",
    ]


def test_picking_an_area_reads_its_mean(qtbot: QtBot, bench: Bench) -> None:
    """Half dark, half bright: the mean, and how many pixels it is of."""
    rgb = np.zeros((48, 64, 3))
    rgb[:, 32:] = 1.0
    bench.studio.put_picture(1001, rgb)
    bench.viewport.set_tool(bench.tools["pick"])
    heard: list[str] = []
    bench.viewport.probed.connect(heard.append)

    bench.drag((30.2, 10.2), (33.8, 11.8), keys=CTRL | SHIFT)

    area = [line for line in heard if "mean" in line][-1]
    assert " ".join(area.split()).startswith("x 30–33 y 10–11 (4×2) mean │ linear R 0.5 G 0.5 B 0.5")


def test_brush_settings_are_kept_in_range_and_announced(qtbot: QtBot, bench: Bench) -> None:
    """A change is said once; silence when nothing changed."""
    with qtbot.waitSignal(bench.viewport.brush_changed) as changed:
        bench.viewport.set_brush(radius_px=90.0, opacity=4.0)
    assert changed.args == [90.0, 0.8, 1.0]
    with qtbot.assertNotEmitted(bench.viewport.brush_changed):
        bench.viewport.set_brush(radius_px=90.0)


def test_another_plate_is_fitted(bench: Bench) -> None:
    """A new plate's whole format is visible; without a plate the viewport invites."""
    bench.viewport.zoom_to(40.0)
    wide = Format(Window(0, 0, 2000, 1000))
    bench.studio.document.do(ChangePlate(replace(bench.plate, format=wide)))

    assert bench.viewport.framing.format == wide
    assert bench.viewport.projection.zoom == pytest.approx(400 / 2000, rel=0.1)


def test_without_a_plate_the_viewport_invites(qtbot: QtBot) -> None:
    """Clicking into the empty viewport is answered gently."""
    studio = FakeStudio()
    viewport = Viewport(studio, ViewState())
    qtbot.addWidget(viewport)
    viewport.resize(300, 200)
    said: list[str] = []
    studio.message.connect(lambda message: said.append(message.text))

    viewport.grab()
    qtbot.mouseClick(viewport, LEFT)

    assert said == ["Open a plate first: there is nothing to matte yet."]
    viewport.release()


@pytest.mark.parametrize("compare", list(Compare))
def test_every_comparison_survives_the_loss_of_its_plate(bench: Bench, compare: Compare) -> None:
    """Undo of the plate while two things are compared: both panes invite, none fails."""
    bench.view.set(compare=compare)
    for _ in range(bench.steps):
        bench.studio.document.undo()

    bench.viewport.grab()

    assert {pane.sentence.split(":")[0] for pane in bench.viewport._stage.scene.panes} == {"Open a plate to begin"}


def test_released_viewports_are_silent(bench: Bench) -> None:
    """After `release` nothing of the studio reaches the widget."""
    bench.viewport.grab()
    before = bench.viewport._stage._scene
    bench.viewport.release()

    bench.studio.put_matte("hero", 1001)
    bench.view.set(frame=1002)
    bench.studio.document.do(AddPrompt("hero", 1001, Click(1, 1), base=""))

    assert bench.viewport._stage._scene is before
