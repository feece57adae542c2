"""Time between an event and its pixels, on the real widget: what `penumbra bench latency` and tests measure.

Events are sent as the window system would send them; a repaint is made to happen before the clock is read, so a
figure holds everything from Qt's event to the painted backing store. Needs a QApplication.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, qRgba

from core.color import DisplayTransform
from core.frames import FrameNumber
from core.layer import LayerId
from widgets.application import make_application
from widgets.seen import Seen
from widgets.tools.brush import BrushTool
from widgets.view_state import Look, ViewState
from widgets.viewport.viewport import Viewport

WIDTH, HEIGHT = 1920, 1080
"""Points of the viewport being measured."""


class Stopwatch:
    """A viewport with the plate fitted, never on a screen anyone looks at. Close it with `close()`."""

    def __init__(self, studio: Seen, look: Look) -> None:
        make_application()
        self._studio = studio
        self.view = ViewState(look)
        self.viewport = Viewport(studio, self.view)
        self.viewport.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.viewport.resize(WIDTH, HEIGHT)
        self.viewport.show()
        self.viewport.fit()
        self.viewport.repaint()

    def close(self) -> None:
        self.viewport.release()
        self.viewport.close()

    def frames(self, frames: Sequence[FrameNumber]) -> list[float]:
        """Milliseconds from the change of frame to its pixels, one figure a frame."""
        return [self._change(frame=frame) for frame in frames]

    def exposures(self, stops: Sequence[float]) -> list[float]:
        """Milliseconds from a change of exposure to its pixels."""
        return [self._change(exposure_stops=value) for value in stops]

    def plain(self, frames: Sequence[FrameNumber], layer_id: LayerId, transform: DisplayTransform) -> list[float]:
        """Milliseconds of the plain way to a frame's pixels, the baseline: the whole plate through the display
        transform, the whole matte to bytes, both drawn scaled and smooth."""
        screen = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
        table = [qRgba(255, 0, 0, value // 2) for value in range(256)]
        times = []
        for frame in frames:
            start = time.perf_counter()
            picture, (matte, _) = self._studio.picture(frame), self._studio.matte(layer_id, frame)
            assert picture is not None
            assert matte is not None
            shown = transform.apply(picture.rgba)
            coverage = np.rint(matte.float32() * 255).astype(np.uint8)
            rows, columns = coverage.shape
            over = QImage(coverage.data.cast("B"), columns, rows, columns, QImage.Format.Format_Indexed8)
            over.setColorTable(table)
            rows, columns = shown.shape[:2]
            under = QImage(shown.data.cast("B"), columns, rows, columns * 4, QImage.Format.Format_RGBX8888)
            painter = QPainter(screen)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(screen.rect(), under)
            painter.drawImage(screen.rect(), over)
            painter.end()
            times.append((time.perf_counter() - start) * 1e3)
        return times

    def brush(self, radius_px: float, events: int, *, whole: bool = False) -> list[float]:
        """Milliseconds from each move of a stroke to its pixels.

        The hand moves in a wave, about 9 points an event, as a tablet of 200 events a second is moved. The stroke is
        cancelled at the end. With `whole` every event repaints the whole viewport: the baseline.
        """
        self.viewport.set_tool(BrushTool())
        self.viewport.set_brush(radius_px=radius_px)
        self.viewport.repaint()
        self._mouse(QEvent.Type.MouseButtonPress, self._on_wave(0))
        _paint()
        times = []
        for number in range(1, events + 1):
            place = self._on_wave(number)
            start = time.perf_counter()
            self._mouse(QEvent.Type.MouseMove, place)
            if whole:
                self.viewport.update()
            _paint()
            times.append((time.perf_counter() - start) * 1e3)
        self.viewport.cancel_gesture()
        _paint()
        return times

    def _on_wave(self, number: int) -> QPointF:
        across = WIDTH * 0.2 + (number * 8) % (WIDTH * 0.6)
        return QPointF(across, HEIGHT / 2 + HEIGHT / 5 * math.sin(number / 12))

    def _mouse(self, kind: QEvent.Type, place: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        there = QPointF(self.viewport.mapToGlobal(place))
        event = QMouseEvent(kind, place, there, left, left, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(self.viewport, event)

    def _change(self, **look: float) -> float:
        start = time.perf_counter()
        self.view.set(**look)
        self.viewport.repaint()
        return (time.perf_counter() - start) * 1e3


def _paint() -> None:
    """Let pending repaints happen now, and nothing else."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
