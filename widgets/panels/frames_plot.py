"""The curves over all frames, and the playhead that is dragged across them. Imported only when the panel is first
shown: pyqtgraph costs a quarter of a second at start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyqtgraph
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from core.expected_error import LookAt
from core.frame_facts import FrameFacts
from core.frames import FrameNumber, FrameRange
from core.review import ReviewMark
from widgets.panels.frame_curves import CURVES, Curve
from widgets.theme import color
from widgets.viewport.drawings import STATUS_COLORS

FIRST_LOOKS = 5
"""So many of the queue's first frames are circled."""
MARGIN = 0.08
"""Above and below the curves, of their height: there the key frames and the review's marks stand."""


@dataclass(frozen=True)
class Plotted:
    """All that is drawn but the playhead."""

    frames: FrameRange
    facts: Mapping[FrameNumber, FrameFacts]
    queue: tuple[LookAt, ...]
    key_frames: frozenset[FrameNumber]
    marks: tuple[ReviewMark, ...]


class FrameAxis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """Frame numbers: there is nothing between two of them."""

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:  # noqa: N803
        whole = [(step, start) for step, start in super().tickSpacing(minVal, maxVal, size) if step >= 1]
        return whole or [(1.0, 0.0)]


class FramesPlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Every curve over its own height, 0 to its greatest value: shapes are compared, not units."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=color("well"), axisItems={"bottom": FrameAxis("bottom")})
        self.setAccessibleName("Curves over the frames")
        self.setAccessibleDescription("Press or drag to move the playhead")
        self.setMinimumHeight(90)
        self._plotted: Plotted | None = None
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(False, False)
        item.showGrid(x=True, y=False, alpha=0.12)
        item.hideAxis("left")
        axis = item.getAxis("bottom")
        axis.setPen(color("line"))
        axis.setTextPen(color("text_dim"))
        axis.enableAutoSIPrefix(False)
        item.setYRange(-MARGIN, 1.0 + MARGIN, padding=0)
        self._lines = {curve: self._line(curve) for curve in CURVES}
        self._keys = self._dots("d", 9, color("text_bright"))
        self._first = self._dots("o", 12, None)
        self._reviewed = self._dots("t", 10, color("text_dim"))
        self._playhead = pyqtgraph.InfiniteLine(angle=90, pen=pyqtgraph.mkPen(color("accent_bright"), width=1.5))
        self._playhead.setZValue(20)
        item.addItem(self._playhead)

    def _line(self, curve: Curve) -> pyqtgraph.PlotDataItem:
        style = Qt.PenStyle.DotLine if curve.dotted else Qt.PenStyle.SolidLine
        pen = pyqtgraph.mkPen(curve.ink, width=2 if curve.strong else 1.3, style=style)
        return self.getPlotItem().plot(pen=pen, connect="finite", antialias=True)

    def _dots(self, symbol: str, size: int, ink: object) -> pyqtgraph.ScatterPlotItem:
        pen = pyqtgraph.mkPen(color("well") if ink else color("text_bright"), width=1 if ink else 1.5)
        dots = pyqtgraph.ScatterPlotItem(symbol=symbol, size=size, pen=pen, brush=pyqtgraph.mkBrush(ink))
        dots.setZValue(10)
        self.getPlotItem().addItem(dots)
        return dots

    # --- what is drawn ------------------------------------------------------------------------------------------

    def show_facts(self, plotted: Plotted) -> None:
        """Draw all curves anew."""
        self._plotted = plotted
        frames = np.arange(plotted.frames.first, plotted.frames.last + 1)
        for curve, line in self._lines.items():
            line.setData(frames, curve.heights(plotted.frames, plotted.facts))
        self._keys.setData([float(key) for key in plotted.key_frames], [-MARGIN / 2] * len(plotted.key_frames))
        error = dict(zip(frames.tolist(), self.drawn("error").tolist(), strict=True))
        first = [look.frame for look in plotted.queue[:FIRST_LOOKS] if error.get(look.frame, np.nan) >= 0]
        self._first.setData([float(frame) for frame in first], [error[frame] for frame in first])
        self._show_marks(plotted.marks)
        self.getPlotItem().setXRange(plotted.frames.first - 0.5, plotted.frames.last + 0.5, padding=0)

    def _show_marks(self, marks: Iterable[ReviewMark]) -> None:
        told = [mark for mark in marks if not mark.empty]
        brushes = [pyqtgraph.mkBrush(color(STATUS_COLORS[mark.status])) for mark in told]
        self._reviewed.setData([float(mark.frame) for mark in told], [1.0 + MARGIN / 2] * len(told), brush=brushes)

    def show_curve(self, curve: Curve, *, shown: bool) -> None:
        self._lines[curve].setVisible(shown)
        if curve.id == "error":
            self._first.setVisible(shown)

    def show_playhead(self, frame: FrameNumber) -> None:
        self._playhead.setPos(frame)

    def drawn(self, curve_id: str) -> npt.NDArray[np.float64]:
        """What is drawn of a curve now: heights 0-1, NaN where nothing is known."""
        line = next(line for curve, line in self._lines.items() if curve.id == curve_id)
        _, heights = line.getOriginalDataset()
        return np.array([] if heights is None else heights, np.float64)

    @property
    def playhead(self) -> FrameNumber:
        return round(float(self._playhead.value()))

    # --- the hand -----------------------------------------------------------------------------------------------

    def frame_at(self, x_px: float) -> FrameNumber | None:
        """The frame under a pixel of the widget; None when nothing is drawn."""
        if self._plotted is None:
            return None
        place = self.getPlotItem().vb.mapSceneToView(self.mapToScene(round(x_px), 0))
        return self._plotted.frames.clamp(round(place.x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._scrub(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scrub(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _scrub(self, event: QMouseEvent) -> None:
        frame = self.frame_at(event.position().x())
        if frame is not None:
            self.scrubbed.emit(frame)
        event.accept()
