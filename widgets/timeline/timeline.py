"""The timeline: scrub, zoom, and what is known of every frame. Knows the studio and the view state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.commands import SetRange
from core.frames import FrameNumber, FrameRange
from core.layer import LayerId
from core.review_list import ReviewRow
from widgets.studio import Studio
from widgets.timeline.lane_button import LaneButton
from widgets.timeline.lanes import Lanes, gather
from widgets.timeline.painting import BARS, GUTTER_PX, HEIGHT_PX, MARGIN_PX, RULER_PX, paint_lanes, paint_playhead
from widgets.timeline.review_marks import paint_review, review_marks, words
from widgets.timeline.scale import Scale
from widgets.view_state import Look, ViewState

GATHER_MS = 40
"""A burst of frames arriving redraws the lanes once."""
HANDLE_PX = 5


class Timeline(QWidget):
    """Frame numbers as on disk; drag to scrub, drag a bracket for in or out, wheel to zoom, middle drag to move."""

    def __init__(self, studio: Studio, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._view = studio, view
        self.lanes = Lanes()
        self._scale: Scale | None = None
        self._drawn: QPixmap | None = None
        self._drag = ""
        self._grabbed_x = 0.0
        self._range_drag: FrameRange | None = None
        self._judged: LayerId = ""
        self._review: Mapping[FrameNumber, ReviewRow] = {}
        self.choice = LaneButton(self)
        self.choice.setGeometry(0, round(BARS.y()), GUTTER_PX - 1, round(BARS.height()))
        self.choice.chosen.connect(lambda _lane: self.refresh())
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.refresh)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Frames, key frames, mattes, confidence and cache of the shot")
        self._forget = [
            studio.judging.changed.connect(self._judged_more),
            studio.document.changed.connect(lambda _change: self.later()),
            studio.picture_ready.connect(lambda _frame: self.later()),
            studio.matte_ready.connect(lambda _which: self.later()),
            view.changed.connect(self._looked),
        ]
        self.destroyed.connect(lambda _gone=None, forget=self._forget: [call() for call in forget])
        self.refresh()

    @property
    def scale(self) -> Scale | None:
        """Where frames lie now; None when nothing is open."""
        return self._scale

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT_PX)

    def later(self) -> None:
        """Gather again soon; many calls make one."""
        if not self._gather.isActive():
            self._gather.start()

    def refresh(self) -> None:
        """Gather the lanes now and redraw."""
        frames_before = self.lanes.frames
        self._ask()
        self.lanes = replace(gather(self._studio, self._view, self.choice.lane), ready=self.lanes.ready)
        self._review = review_marks(self._studio.document.shot, self._view.look.layer_id)
        frames = self.lanes.frames
        self.choice.setVisible(frames is not None)
        if frames is None:
            self._scale = None
        elif self._scale is None or frames != frames_before:
            self._scale = Scale.all_of(frames, GUTTER_PX, self._lane_width())
        self._drawn = None
        self.update()

    def _ask(self) -> None:
        """Have the chosen layer judged when the lane needs it: once, the judge then keeps it up to date."""
        look = self._view.look
        there = any(layer.id == look.layer_id for layer in self._studio.document.shot.layers)
        if self.choice.lane.needs_judging and there and self._judged != look.layer_id:
            self._judged = look.layer_id
            self._studio.judging.judge(look.layer_id, look.frame)

    def _judged_more(self, layer_id: LayerId) -> None:
        if self.choice.lane.needs_judging and layer_id == self._view.look.layer_id:
            self.later()

    def show_ready(self, frames: frozenset[FrameNumber]) -> None:
        """Which frames can be shown without converting anything: the brighter part of the cache's lane."""
        if frames != self.lanes.ready:
            self.lanes = replace(self.lanes, ready=frames)
            self._drawn = None
            self.update()

    def _lane_width(self) -> float:
        return float(max(1, self.width() - GUTTER_PX - MARGIN_PX))

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.layer_id != after.layer_id:
            self.refresh()
        elif before.frame != after.frame:
            self.update()

    # --- drawing ------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._scale is not None:
            self._scale = self._scale.resized(GUTTER_PX, self._lane_width())
        self._drawn = None
        super().resizeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._scale is None:
            painter.fillRect(self.rect(), self.palette().window())
            painter.setPen(self.palette().placeholderText().color())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Open a plate to see its frames here")
            return
        if self._drawn is None:
            ratio = self.devicePixelRatioF()
            self._drawn = QPixmap(self.size() * ratio)
            self._drawn.setDevicePixelRatio(ratio)
            lanes_painter = QPainter(self._drawn)
            lanes_painter.setFont(self.font())
            paint_lanes(lanes_painter, self._scale, self._shown_lanes())
            paint_review(lanes_painter, self._scale, self._review)
            lanes_painter.end()
        painter.drawPixmap(0, 0, self._drawn)
        frame = self._view.look.frame
        if self._scale.left_px - 1 <= self._scale.center_x(frame) <= self.width():
            paint_playhead(painter, self._scale, frame)

    def _shown_lanes(self) -> Lanes:
        if self._range_drag is None:
            return self.lanes
        return replace(self.lanes, work=self._range_drag)

    # --- the hand -----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._scale is None:
            return
        x = event.position().x()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._drag, self._grabbed_x = "move", x
        elif event.button() == Qt.MouseButton.LeftButton:
            self._drag = self._handle_at(event.position().toPoint()) or "scrub"
            if self._drag == "scrub":
                self._scrub(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._scale is None:
            return
        x = event.position().x()
        if self._drag == "scrub":
            self._scrub(x)
        elif self._drag == "move":
            self._scale = self._scale.moved(x - self._grabbed_x)
            self._grabbed_x = x
            self._drawn = None
            self.update()
        elif self._drag in ("in", "out"):
            self._drag_range(self._scale.frame_at(x))
        else:
            over = self._handle_at(event.position().toPoint())
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        chosen, self._range_drag, self._drag = self._range_drag, None, ""
        if chosen is not None and chosen != self.lanes.work:
            whole = chosen == self.lanes.frames
            self._studio.document.do(SetRange(None if whole else chosen))
        self._drawn = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Double click shows the whole range again."""
        if self.lanes.frames is not None and event.button() == Qt.MouseButton.LeftButton:
            self._scale = Scale.all_of(self.lanes.frames, GUTTER_PX, self._lane_width())
            self._drawn = None
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._scale is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._go_to(self._view.look.frame + (1 if event.angleDelta().y() < 0 else -1))
        else:
            self._scale = self._scale.zoomed(1.25 ** (event.angleDelta().y() / 120), event.position().x())
            self._drawn = None
            self.update()
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._scale is not None:
            if event.pos().x() >= GUTTER_PX:
                frame = self._scale.frame_at(event.pos().x())
                said = (self.lanes.describe(frame), words(self._review.get(frame)))
                QToolTip.showText(event.globalPos(), "\n".join(filter(None, said)), self)
            return True
        return super().event(event)

    def _scrub(self, x: float) -> None:
        if self._scale is not None:
            self._go_to(self._scale.frame_at(x))

    def _go_to(self, frame: FrameNumber) -> None:
        if self.lanes.frames is not None:
            self._view.set(frame=self.lanes.frames.clamp(frame))

    def _handle_at(self, place: QPoint) -> str:
        """`in` or `out` when a bracket lies under the pointer, in the ruler only."""
        if self._scale is None or self.lanes.work is None or not RULER_PX - 8 <= place.y() <= RULER_PX + 4:
            return ""
        for name, edge in (
            ("in", self._scale.x(self.lanes.work.first)),
            ("out", self._scale.x(self.lanes.work.last + 1)),
        ):
            if abs(place.x() - edge) <= HANDLE_PX:
                return name
        return ""

    def _drag_range(self, frame: FrameNumber) -> None:
        work = self._range_drag or self.lanes.work
        if work is None:
            return
        if self._drag == "in":
            self._range_drag = FrameRange(min(frame, work.last), work.last)
        else:
            self._range_drag = FrameRange(work.first, max(frame, work.first))
        self._drawn = None
        self.update()
