"""Time between an event and its pixels, on the real widget: what `penumbra bench latency` and tests measure.

Events are sent as the window system would send them; a repaint is made to happen before the clock is read, so a
figure holds everything from Qt's event to the painted backing store. Needs a QApplication.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QMouseEvent, QPainter, qRgba

from core.color import DisplayTransform
from core.frames import FrameNumber
from core.layer import LayerId
from widgets.application import make_application
from widgets.playback import Playback
from widgets.read_ahead import ReadAhead, Stocked
from widgets.seen import Seen
from widgets.tools.brush import BrushTool
from widgets.view_state import Look, ViewState
from widgets.viewport.easel import Way
from widgets.viewport.viewport import Viewport

WIDTH, HEIGHT = 1920, 1080
"""Points of the viewport being measured."""
READY_S = 60.0
"""How long at most is waited for frames to be made ready."""


class Taken(NamedTuple):
    """Milliseconds until something new was seen, and until it was seen as sharply as the screen can."""

    first_ms: float
    ms: float


class Played(NamedTuple):
    """What playing came to. `frames` is how many were painted, `ready` how many had been made ready before."""

    fps: float
    dropped: int
    frames: int
    ready: int


class Stopwatch:
    """A viewport with the plate fitted, never on a screen anyone looks at. Close it with `close()`."""

    def __init__(self, studio: Seen, look: Look, way: Way = "raster") -> None:
        make_application()
        self._studio = studio
        self.view = ViewState(look)
        self.viewport = Viewport(studio, self.view)
        if way == "raster":
            self.viewport.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.viewport.easel.use(way)
        self.viewport.resize(WIDTH, HEIGHT)
        self.viewport.show()
        self.viewport.fit()
        self.viewport.surface.redraw_now()

    def close(self) -> None:
        self.viewport.release()
        self.viewport.close()

    def frames(self, frames: Sequence[FrameNumber]) -> list[float]:
        """Milliseconds from the change of frame to its pixels, one figure a frame."""
        return [taken.ms for taken in self.changes([{"frame": frame} for frame in frames])]

    def exposures(self, stops: Sequence[float]) -> list[float]:
        """Milliseconds from a change of exposure to its pixels."""
        return [taken.ms for taken in self.changes([{"exposure_stops": value} for value in stops])]

    def changes(self, looks: Sequence[Mapping[str, Any]]) -> list[Taken]:
        """How long each of these changes of the look took to be seen."""
        return [self._change(look) for look in looks]

    def play(self, studio: Stocked, seconds: float) -> Played:
        """Play a shot at its rate from frames made ready before, by the real clock in Qt's event loop."""
        frames, plate = studio.document.shot.range, studio.document.shot.plate
        assert plate is not None
        assert frames is not None
        playback = Playback(self.view, lambda: frames, now=time.perf_counter)
        playback.rate = plate.rate
        ahead = ReadAhead(studio, self.viewport, playback.upcoming, lambda: playback.playing)
        loop, painted_s = QEventLoop(), list[float]()
        self.viewport.painted.connect(playback.painted)
        watch = QTimer()
        watch.timeout.connect(lambda: loop.quit() if ahead.ready >= frozenset(frames) else None)
        watch.start(20)
        late = QTimer()
        late.setSingleShot(True)
        late.timeout.connect(loop.quit)
        late.start(round(READY_S * 1000))
        loop.exec()
        watch.stop()
        ready = len(ahead.ready)
        late.start(round(seconds * 1000))
        self.viewport.painted.connect(lambda _frame: painted_s.append(time.perf_counter()))
        playback.play(1)
        loop.exec()
        playback.stop()
        ahead.close()
        count = len(painted_s)
        fps = (count - 1) / (painted_s[-1] - painted_s[0]) if count > 1 else 0.0
        return Played(fps, playback.dropped, count, ready)

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
        self._mouse(QEvent.Type.MouseButtonPress, on_wave(0))
        _paint()
        times = []
        for number in range(1, events + 1):
            place = on_wave(number)
            start = time.perf_counter()
            self._mouse(QEvent.Type.MouseMove, place)
            if whole:
                self.viewport.update()
            _paint()
            times.append((time.perf_counter() - start) * 1e3)
        self.viewport.cancel_gesture()
        _paint()
        return times

    def _mouse(self, kind: QEvent.Type, place: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        there = QPointF(self.viewport.mapToGlobal(place))
        event = QMouseEvent(kind, place, there, left, left, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(self.viewport, event)

    def _change(self, look: Mapping[str, Any]) -> Taken:
        surface = self.viewport.surface
        start = time.perf_counter()
        self.view.set(**look)
        surface.redraw_now()
        first = (time.perf_counter() - start) * 1e3
        if not surface.sharp:
            self._until_sharp()
        return Taken(first, (time.perf_counter() - start) * 1e3)

    def _until_sharp(self) -> None:
        """Let the finer picture come, as it does in the window."""
        loop = QEventLoop()
        forget = self.viewport.painted.connect(lambda _frame: loop.quit() if self.viewport.surface.sharp else None)
        QTimer.singleShot(round(READY_S * 1000), loop, loop.quit)
        loop.exec()
        self.viewport.painted.disconnect(forget)


def on_wave(number: int) -> QPointF:
    """Where the hand is at an event of a stroke, in points."""
    across = WIDTH * 0.2 + (number * 8) % (WIDTH * 0.6)
    return QPointF(across, HEIGHT / 2 + HEIGHT / 5 * math.sin(number / 12))


def _paint() -> None:
    """Let pending repaints happen now, and nothing else."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
