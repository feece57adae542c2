"""The table of an area that was read: lowest, mean and highest of every channel, pinned over the picture until Escape.

Follows the playhead: the same area of another frame is read anew. Counts on a worker.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QLabel, QWidget

from core.frames import FrameNumber
from core.plate_layers import AS_MATTED
from core.prompts import Box
from widgets.studio import Studio
from widgets.view_state import MissingFrame, ViewState
from widgets.viewport.area_values import AreaValues, Extent, area_values
from widgets.viewport.looked_at import plate_here
from widgets.viewport.readout import area_words, number, touched_by

log = logging.getLogger(__name__)
MARGIN = 10


class PixelPanel(QLabel):
    """A label in the lower left corner of `over`; the pointer passes through it."""

    _counted = Signal(object)

    def __init__(self, over: QWidget, studio: Studio, view: ViewState) -> None:
        super().__init__(over)
        self._studio, self._view = studio, view
        self._area: Box | None = None
        self._busy = self._again = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="area")
        self.setAccessibleName("Values of the area")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        font.setPixelSize(11)
        self.setFont(font)
        self.setStyleSheet("background: rgba(20, 20, 20, 215); border-radius: 3px; padding: 6px 8px;")
        self._counted.connect(self._show)
        over.installEventFilter(self)
        self._listening = (
            view.changed.connect(lambda _change: self._read()),
            studio.picture_ready.connect(self._came),
            studio.matte_ready.connect(lambda ready: self._came(ready[1])),
            studio.looking.picture_ready.connect(lambda ready: self._came(ready[1])),
            studio.looking.stored_ready.connect(lambda _ready: self._read()),
        )
        self.hide()

    def show_area(self, area: Box | None) -> None:
        """Read this area from now on; None takes the panel away."""
        self._area = area
        if area is None:
            self.hide()
        else:
            self._read()

    def release(self) -> None:
        """Stop listening and the worker."""
        for forget in self._listening:
            forget()
        self._area = None
        self._pool.shutdown(wait=True, cancel_futures=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    def _came(self, frame: FrameNumber) -> None:
        look = self._view.look
        if frame == look.frame or look.missing is MissingFrame.HOLD:
            self._read()

    def _read(self) -> None:
        """Count what is there now; while the worker is busy, once more after it."""
        plate = self._studio.document.shot.plate
        if self._area is None or plate is None:
            return
        if self._busy:
            self._again = True
            return
        touched = touched_by(self._area).intersect(plate.canvas)
        if touched.empty:
            self.hide()
            return
        look, color = self._view.look, self._studio.color
        here = plate_here(self._studio, plate, look)
        layer = self._studio.document.shot.find(look.layer_id)
        matte = self._studio.matte(layer.id, look.frame)[0] if layer is not None else None
        shown = look.shown if here.beside is not None else AS_MATTED
        stored = self._studio.looking.stored(shown, here.frame) if here.seen is not None else None
        display, view, laid_under = color.named(look.display, look.view, look.ocio_look)
        if not color.is_baked(display, view):
            return
        transform = color.display(display, view, look.exposure_stops, look.gamma, laid_under)
        self._busy = True
        count = partial(area_values, touched, here.seen, matte, stored, transform)
        self._pool.submit(count).add_done_callback(self._finished)

    def _finished(self, done: Future[AreaValues]) -> None:
        """On the worker's thread."""
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            log.error("an area could not be read", exc_info=error)
        self._counted.emit(None if error is not None else done.result())

    def _show(self, values: AreaValues | None) -> None:
        self._busy = False
        if values is not None and self._area is not None:
            self.setText(table(values))
            self.show()
            self._settle()
        if self._again:
            self._again = False
            self._read()

    def _settle(self) -> None:
        """In the lower right corner: what the review says stands in the left one."""
        over = self.parentWidget()
        if over is not None and self.isVisible():
            self.adjustSize()
            self.move(over.width() - self.width() - MARGIN, over.height() - self.height() - MARGIN)
            self.raise_()


def table(values: AreaValues) -> str:
    """Rows of channels, columns of lowest, mean and highest, or one for one pixel. The file only where it differs."""
    single = values.window.pixels == 1
    where = f"x {values.window.x0}  y {values.window.y0}" if single else area_words(values.window)
    names = [one.name for one in (*values.linear, *values.stored)] + ["matte"]
    wide = max(len(name) for name in names) + 2
    columns = ("value",) if single else ("min", "mean", "max")
    lines = [where]
    if not values.linear:
        lines.append("outside the data window")
    if values.linear or values.matte is not None:
        lines.append(" " * wide + "".join(f"{column:>10}" for column in columns))
    lines += [_row(one, wide, single) for one in values.linear]
    if values.matte is not None:
        lines.append(_row(values.matte, wide, single))
    if values.screen:
        shown = " ".join(f"{value:>3}" for value in values.screen)
        lines.append(f"{'screen':<{wide}}{shown:>10}" + ("" if single else "  of the mean"))
    if not set(values.stored) <= set(values.linear):
        lines.append("in the file")
        lines += [_row(one, wide, single) for one in values.stored]
    return "\n".join(lines)


def _row(one: Extent, wide: int, single: bool) -> str:
    numbers = (one.mean,) if single else (one.low, one.mean, one.high)
    bad = f"  {one.bad} NaN or Inf" if one.bad else ""
    return f"{one.name:<{wide}}" + "".join(number(value) for value in numbers) + bad
