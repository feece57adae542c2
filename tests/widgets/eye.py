"""One viewport on a plate that is hard to show, what a hand does to it, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.arrays import Float32, UInt8
from core.color import ColorConfig
from core.geometry import Window
from tests.widgets.fake_studio import FakeStudio
from tests.widgets.plates import COVERAGE, DISPLAY, VIEWS, plate_pixels
from widgets.studio import TakeInfo
from widgets.view_state import Look, ViewState
from widgets.viewport.gl_surface import GLSurface
from widgets.viewport.viewport import Viewport

PLAIN = Look(frame=1001, layer_id="hero", overlay=False, guides=False, view=VIEWS[1])


class Eye:
    """One viewport on a plate at one to one, and what it shows."""

    def __init__(
        self,
        qtbot: QtBot,
        way: Any,
        look: Look = PLAIN,
        rgb: Any = None,
        zoom: float = 1.0,
        data: Window = DISPLAY,
        color: ColorConfig | None = None,
    ) -> None:
        self.studio = FakeStudio(color)
        canvas = self.studio.put_plate(display=DISPLAY, data=data).canvas
        self.studio.put_layer(color=(1.0, 0.3, 0.1))
        for frame in (1001, 1002, 1003):
            self.studio.put_picture(frame, plate_pixels() if rgb is None else rgb)
        coverage = np.zeros(canvas.shape, np.float32)
        coverage[DISPLAY.within(canvas)] = COVERAGE
        matte = self.studio.put_matte("hero", 1001, coverage)
        self.studio.take_list.append(TakeInfo("before", "hero", "Before"))
        self.studio.take_mattes["before", 1001] = replace(matte, coverage=np.roll(coverage, 20, axis=1))
        self.said: list[str] = []
        self.studio.message.connect(lambda message: self.said.append(message.text))
        self.view = ViewState(look)
        self.viewport = Viewport(self.studio, self.view, surface=way)
        qtbot.addWidget(self.viewport)
        self.viewport.resize(DISPLAY.width + 40, DISPLAY.height + 40)
        self.viewport.show()
        qtbot.waitExposed(self.viewport)
        self.viewport.zoom_to(zoom)
        self.viewport.surface.redraw_now()
        self.qtbot = qtbot

    @property
    def gl(self) -> GLSurface:
        surface = self.viewport.surface
        assert isinstance(surface, GLSurface), self.said
        return surface

    def pixels(self) -> UInt8:
        """(H, W, 3) of the whole viewport, as it is on screen."""
        self.viewport.surface.redraw_now()
        return self.kept()

    def kept(self) -> UInt8:
        """The same without drawing anything again: what the framebuffer holds."""
        image = self.viewport.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()

    def plate(self) -> UInt8:
        """(H, W, 3) of the plate's own pixels at one to one."""
        left, top = self.viewport.projection.to_view(0, 0).toTuple()
        return self.pixels()[int(top) :, int(left) :][: DISPLAY.height, : DISPLAY.width]

    def exact(self, rgb: Float32) -> UInt8:
        """What OpenColorIO says of the same pixels on the processor."""
        look, color = self.view.look, self.studio.color
        display = look.display or color.default_display
        view = look.view or color.default_view
        shown = color.display(display, view, look.exposure_stops, look.gamma, look.ocio_look).exact(rgb)
        return np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)

    def drag(self, *places: tuple[float, float], up: bool = True) -> None:
        """Press, move and release the left button at plate pixels."""
        points = [self.viewport.projection.to_view(*place) for place in places]
        self.mouse(QEvent.Type.MouseButtonPress, points[0])
        for point in points[1:]:
            self.mouse(QEvent.Type.MouseMove, point)
        if up:
            self.mouse(QEvent.Type.MouseButtonRelease, points[-1])

    def mouse(self, kind: QEvent.Type, place: QPointF) -> None:
        left, nothing = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        held = nothing if kind == QEvent.Type.MouseButtonRelease else left
        named = nothing if kind == QEvent.Type.MouseMove else left
        there = QPointF(self.viewport.mapToGlobal(place))
        event = QMouseEvent(kind, place, there, named, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.viewport, event)

    def close(self) -> None:
        self.viewport.release()


@pytest.fixture
def eyes(qtbot: QtBot) -> Iterator[Any]:
    made: list[Eye] = []

    def make(way: str, look: Look = PLAIN, **more: Any) -> Eye:
        made.append(Eye(qtbot, way, look, **more))
        return made[-1]

    yield make
    for eye in made:
        eye.close()


def apart(one: UInt8, other: UInt8) -> Any:
    """(H, W) the largest difference of a channel, in 8-bit codes."""
    return np.abs(one.astype(int) - other.astype(int)).max(axis=-1)
