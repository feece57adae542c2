"""The viewport: what hands do to the picture, and when it is redrawn.

Turns Qt's events into plate pixels (`pointer.py`), has a `Hand` run the gesture, gives its command to the document,
and has its surface redraw what changed. Knows no pixels: a `Surface` draws them, `Foreground` what lies over them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from core.commands import AddLayer, Command
from core.geometry import Window
from core.layer import LayerId
from core.painting import StrokePainter
from core.prompts import Box, Prompt
from core.review import DrawnLine
from core.roto.shape import RotoShape
from core.shot import Change, Touched
from widgets.seen import Seen
from widgets.studio import Message, Severity
from widgets.tools.click import ClickTool
from widgets.tools.tool import BrushSettings, PointerEvent, Tool, ToolContext
from widgets.view_state import Look, ViewState
from widgets.viewport.compare import Placed
from widgets.viewport.drawings import Drawings
from widgets.viewport.easel import Easel, Way
from widgets.viewport.foreground import Foreground
from widgets.viewport.framing import NO_PLATE, Framing
from widgets.viewport.hand import Hand
from widgets.viewport.handles import Handles
from widgets.viewport.pointer import (
    RESTING_KEYS,
    Kind,
    Projection,
    button_of,
    mouse_event,
    pen_event,
    resting_event,
)
from widgets.viewport.probe import Probe
from widgets.viewport.rehearsal import Rehearsal
from widgets.viewport.scene import Scene
from widgets.viewport.shape_marks import ShapeMarks
from widgets.viewport.shift_watch import ShiftWatch
from widgets.viewport.stage import Stage
from widgets.viewport.surface import Surface
from widgets.viewport.tool_keys import ToolKeys

ZOOM_STEP = 1.25
LINE_RADIUS = 2.0
"""Points, of a line that prompts."""
CURSORS = {
    "cross": Qt.CursorShape.CrossCursor,
    "brush": Qt.CursorShape.BlankCursor,
    "hand": Qt.CursorShape.OpenHandCursor,
}


class Viewport(QWidget):
    """Redraws by itself when the studio, the document or the look change."""

    sampled = Signal(object)
    """The area that was read (a `Box`), None when it is forgotten."""
    probed = Signal(str)
    """What lies under the pointer, for the status line; empty outside the plate."""
    frame_step_requested = Signal(int)
    """Ctrl+wheel: so many frames on (or back)."""
    brush_changed = Signal(float, float, float)
    """Radius in plate pixels, hardness, opacity."""
    zoom_changed = Signal(float)
    """Device pixels per plate row."""
    painted = Signal(int)
    """The picture of this frame is on screen now."""

    def __init__(self, studio: Seen, view: ViewState, parent: QWidget | None = None, surface: Way = "raster") -> None:
        super().__init__(parent)
        self.studio = studio
        self.view = view
        self.tool: Tool = ClickTool()
        self.framing = Framing(view, self._framed)
        self.easel = Easel(self, self)
        self._foreground = Foreground(self.framing, self._redraw)
        self._drawings = Drawings(studio, view, self._redraw)
        self._shapes = ShapeMarks(studio, view, self._redraw)
        self._cursor = self._foreground.cursor
        self._stage = Stage(studio, view, self._redraw, self._stroke_gone, lambda: self._hand.busy)
        self.rehearsal = Rehearsal(view, self._stage, self.framing, self.easel)
        self._context = ToolContext(studio, view, self)
        self._hand = Hand(self._do, self._gesture_ended)
        self._pen_down = self._with_pen = False
        self._probe = Probe(self._stage, self._context)
        self._handles = Handles(view, self.framing)
        ToolKeys(self, lambda: self.tool, self._context, lambda: self._hand.busy, self._do)
        self._shift = ShiftWatch(self)
        self._shift.let_go.connect(lambda: self.tool.leave(self._context))
        self.setObjectName("viewport")
        self.setAccessibleName("Viewport")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setCursor(CURSORS[self.tool.cursor])
        self._listening = (
            studio.document.changed.connect(self._document_changed),
            view.changed.connect(self._view_changed),
        )
        self.easel.failed.connect(lambda why: studio.message.emit(Message(Severity.WARNING, why)))
        self.easel.use(surface)
        self._show_plate()

    def release(self) -> None:
        """Stop listening and stop workers; call it before the widget is thrown away."""
        self.cancel_gesture()
        self._shift.watch(held=False)
        for stop in self._listening:
            stop()
        self._drawings.release()
        self._shapes.release()
        self._stage.close()
        self.easel.release()

    # --- what the window asks for -------------------------------------------------------------------------------
    @property
    def surface(self) -> Surface:
        """What draws the picture now."""
        return self.easel.surface

    @property
    def gesturing(self) -> bool:
        """Whether the hand is at work."""
        return self._hand.busy

    def fit(self) -> None:
        """Show the whole display window."""
        self.framing.fit()

    def one_to_one(self) -> None:
        """One plate row on one device pixel."""
        self.framing.zoom_to(1.0)

    def zoom_in(self) -> None:
        self.framing.zoom_to(self.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        self.framing.zoom_to(self.zoom / ZOOM_STEP)

    def zoom_to(self, factor: float) -> None:
        """Zoom to this many device pixels per plate row, around the middle."""
        self.framing.zoom_to(factor)

    @property
    def zoom(self) -> float:
        return self.framing.projection.zoom

    @property
    def projection(self) -> Projection:
        """Where the plate lies in the first pane."""
        return self.framing.projection

    @property
    def waiting(self) -> bool:
        """Whether what is to be seen is still being read."""
        return self._stage.scene.waiting

    def set_tool(self, tool: Tool) -> None:
        """What the pointer does from now on; a gesture under way is cancelled."""
        self.cancel_gesture()
        self.tool.leave(self._context)
        self.tool = tool
        self._foreground.brushing = tool.cursor == "brush"
        self._shapes.editing = tool.name == "roto"
        self.setCursor(CURSORS[tool.cursor])
        self._redraw()

    def cancel_gesture(self) -> None:
        """Escape: what the hand was doing never happened."""
        self._hand.cancel()

    def clear_sample(self) -> None:
        """Forget the sampled area."""
        self._foreground.show_sample(None)
        self.sampled.emit(None)

    # --- what a gesture may do (widgets.tools.tool.GestureView) -----------------------------------------------------
    @property
    def brush(self) -> BrushSettings:
        return self._foreground.brush

    def set_brush(
        self, radius_px: float | None = None, hardness: float | None = None, opacity: float | None = None
    ) -> None:
        """Change what is given; says so in `brush_changed`."""
        changed = self.brush.changed(radius_px, hardness, opacity)
        if self._foreground.change_brush(changed):
            self.brush_changed.emit(changed.radius_px, changed.hardness, changed.opacity)

    def hold_cursor(self, x: float, y: float) -> None:
        self._cursor.held = (x, y)

    def pan_by(self, dx: float, dy: float) -> None:
        self.framing.pan(dx, dy)

    def begin_stroke(self, painter: StrokePainter) -> None:
        self._stage.begin_stroke(painter)

    def show_stroke(self, changed: Window) -> None:
        if changed.empty:
            return
        self._stage.patch(changed)
        places = self.framing.places
        self.surface.stroke_changed(self._stage.scene, places, changed)
        for place in places:
            around = changed.grow(place.projection.stride)  # an edge reaches one sample further than the stroke
            self._foreground.redraw(place.projection.window_rect(around).intersected(place.rect), 2)

    def end_stroke(self, kept: bool) -> None:
        if not kept:
            self._stage.drop_stroke()

    @property
    def line_radius_px(self) -> float:
        return max(1.0, LINE_RADIUS / self.framing.projection.points_per_row)

    def show_prompt(self, prompt: Prompt | None, ink: str = "") -> None:
        self._foreground.show_prompt(prompt, ink)

    def show_drawing(self, line: DrawnLine | None, erased: frozenset[tuple[LayerId, int]] = frozenset()) -> None:
        self._drawings.show(line, erased)

    @property
    def point_px(self) -> float:
        return 1 / self.framing.projection.points_per_row

    def show_shape(self, shape: RotoShape | None) -> None:
        self._shapes.show(shape)

    def sample(self, area: Box) -> None:
        self._foreground.show_sample(area)
        self.sampled.emit(area)
        self._say(self._probe.over(area))

    # --- what changed -------------------------------------------------------------------------------------------
    def _document_changed(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self._foreground.clear()
            self.sampled.emit(None)
            self._show_plate()
        if not self._hand.busy and change.touched is not Touched.REVIEW:
            self._stage.drop_stroke_of(change.layer_id)
        self._stage.renew()

    def _view_changed(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if (before.frame, before.layer_id) != (after.frame, after.layer_id):
            self.tool.leave(self._context)
            self._hand.cancel()
            if before.frame != after.frame:
                self._stage.drop_stroke()
        if before.compare is not after.compare:
            self.framing.rearrange(before)
        self._stage.renew()

    def _show_plate(self) -> None:
        plate = self.studio.document.shot.plate
        self.framing.show(plate.format if plate is not None else NO_PLATE)

    def _framed(self) -> None:
        self._redraw()
        self.zoom_changed.emit(self.zoom)

    # --- what the surface draws (widgets.viewport.surface.Showing) ------------------------------------------------
    def showing(self) -> tuple[Scene, Sequence[Placed]]:
        """The scene on show and where its panes lie on the screen the viewport is on now."""
        self.framing.move_to_screen(self.devicePixelRatioF())
        return self._stage.shown, self.framing.places

    def draw_over(self, painter: QPainter) -> None:
        """Guides, marks and the brush's outline."""
        self._shapes.draw(painter, self._stage.shown, self.framing.places)
        self._drawings.draw(painter, self._stage.shown, self.framing.places)
        self._cursor.painting = self._hand.busy and self._cursor.held is None
        self._foreground.draw(painter, self._stage.shown, self.framing.places)
        self.painted.emit(self._stage.shown.look.frame)

    def _redraw(self, rect: QRect | None = None) -> None:
        self.surface.redraw(rect)

    def _stroke_gone(self) -> None:
        self.surface.stroke_gone()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.easel.fill()
        self.framing.move_to_screen(self.devicePixelRatioF())
        self.framing.resize(QSizeF(event.size()))

    # --- gestures -----------------------------------------------------------------------------------------------
    def _do(self, command: Command) -> None:
        """A finished gesture's command. A stroke stays on screen until the matte that holds it is there."""
        live = self._stage.live
        self.studio.document.do(command)
        if isinstance(command, AddLayer):
            self.view.set(layer_id=command.layer.id)
        self._stage.keep_stroke(live, self.view.look)

    def _gesture_ended(self) -> None:
        self._pen_down = False
        self._foreground.let_cursor_go()

    def _event(self, event: QMouseEvent | QTabletEvent, kind: Kind, pane: int) -> PointerEvent:
        projection = self.framing.projection_of(pane)
        button = button_of(event.button()) if kind == "press" else self._hand.button
        if isinstance(event, QTabletEvent):
            return pen_event(event, kind, projection, button)
        return mouse_event(event, kind, projection, button)

    def _press(self, event: QMouseEvent | QTabletEvent) -> None:
        if self._hand.busy:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        pane = self.framing.pane_under(event.position())
        pressed = self._event(event, "press", pane)
        gesture = self._handles.gesture(pressed, self.tool, self._context)
        if gesture is not None:
            self._hand.begin(gesture, pressed.button, pane)

    def _moved(self, event: QMouseEvent | QTabletEvent) -> None:
        busy = self._hand.busy
        pane = self._hand.pane if busy else self.framing.pane_under(event.position())
        moved = self._event(event, "move" if busy else "hover", pane)
        self._foreground.redraw_cursor()
        self._with_pen = isinstance(event, QTabletEvent)
        self._cursor.place = event.position()
        if not busy:
            self._hover(moved)
        self._foreground.redraw_cursor()
        self._hand.send(moved)

    def _hover(self, moved: PointerEvent) -> None:
        self._cursor.erases = moved.subtracts
        self._shift.watch(held=moved.shift)
        self.tool.hover(moved, self._context)
        pane = self.framing.pane_under(QPointF(moved.view_x, moved.view_y))
        self._say(self._probe.at(moved.x, moved.y, pane))

    def _say(self, read: str | None) -> None:
        if read is not None:
            self.probed.emit(read)

    def _released(self, event: QMouseEvent | QTabletEvent) -> None:
        if self._hand.busy and button_of(event.button()) == self._hand.button:
            self._hand.send(self._event(event, "release", self._hand.pane))

    # --- Qt's events --------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._pen_down:
            self._press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._pen_down:
            self._moved(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._pen_down:
            self._released(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            self._press(event)
            self._pen_down = self._hand.busy
        elif kind == QEvent.Type.TabletMove:
            self._moved(event)
        elif kind == QEvent.Type.TabletRelease:
            self._released(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.frame_step_requested.emit(-1 if notches > 0 else 1)
        elif notches:
            self.framing.zoom_to(self.zoom * ZOOM_STEP**notches, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self._hand.busy or self._foreground.has_sample):
            if self._hand.busy:
                self.cancel_gesture()
            else:
                self.clear_sample()
            return
        if not self._handles.drag.key_down(event.key(), event.modifiers()):
            self._modifier_changed(event.key(), event.modifiers(), down=True)
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._handles.drag.key_up(event.key())
        self._modifier_changed(event.key(), event.modifiers(), down=False)
        super().keyReleaseEvent(event)

    def _modifier_changed(self, key: int, modifiers: Qt.KeyboardModifier, *, down: bool) -> None:
        """A key of `RESTING_KEYS` went down or up under a resting pointer: the preview and the brush's sign follow."""
        place = self._cursor.place
        if key not in RESTING_KEYS or self._hand.busy or place is None:
            return
        projection = self.framing.projection_of(self.framing.pane_under(place))
        self._hover(resting_event(place, key, modifiers, projection, down=down, pen=self._with_pen))
        self._foreground.redraw_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self._foreground.redraw_cursor()
        self._cursor.place = None
        if not self._hand.busy:
            self.tool.leave(self._context)
            self.probed.emit("")
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._handles.drag.let_go()
        self.tool.leave(self._context)
        super().focusOutEvent(event)
