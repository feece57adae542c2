"""The viewport: what hands do to the picture, and when it is redrawn.

Turns Qt's events into plate pixels (`pointer.py`), has a `Hand` run the gesture, gives its command to the document,
and repaints what changed. Knows no pixels: a `Renderer` draws them; `guides.py` draws what lies over them.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from core.commands import Command
from core.frames import FrameNumber
from core.geometry import Window
from core.layer import LayerId
from core.matte import Matte
from core.painting import StrokePainter
from core.prompts import Box
from core.shot import Change, Touched
from widgets.seen import Seen
from widgets.tools.click import ClickTool
from widgets.tools.pan import drag
from widgets.tools.pick import PickTool
from widgets.tools.tool import BrushSettings, Gesture, PointerEvent, Tool, ToolContext
from widgets.view_state import Compare, Look, ViewState
from widgets.viewport.brush_cursor import BrushCursor
from widgets.viewport.compare import WipeLine
from widgets.viewport.framing import NO_PLATE, Framing
from widgets.viewport.guides import Marks, draw_guides, prompt_rect
from widgets.viewport.hand import Hand
from widgets.viewport.handles import ViewerDrag, wipe_gesture
from widgets.viewport.pointer import Kind, Projection, button_of, mouse_event, pen_event
from widgets.viewport.raster import RasterRenderer
from widgets.viewport.readout import area_readout, readout
from widgets.viewport.renderer import Renderer
from widgets.viewport.stage import Stage

ZOOM_STEP = 1.25
CURSORS = {
    "cross": Qt.CursorShape.CrossCursor,
    "brush": Qt.CursorShape.BlankCursor,
    "hand": Qt.CursorShape.OpenHandCursor,
}


class RasterViewport(QWidget):
    """Implements `Viewport` (see `interface.py`) with QPainter."""

    probed = Signal(str)
    """What lies under the pointer, for the status line; empty outside the plate."""
    frame_step_requested = Signal(int)
    """Ctrl+wheel: so many frames on (or back)."""
    brush_changed = Signal(float, float, float)
    """Radius in plate pixels, hardness, opacity."""
    zoom_changed = Signal(float)
    """Device pixels per plate row."""
    _sharper = Signal()

    def __init__(self, studio: Seen, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.view = view
        self.tool: Tool = ClickTool()
        self.framing = Framing(view, self._framed)
        self._brush = BrushSettings()
        self._brush_cursor = BrushCursor()
        self._renderer: Renderer = RasterRenderer(self._sharper.emit)
        self._stage = Stage(studio, view, self.update, self._renderer.stroke_gone)
        self._context = ToolContext(studio, view, self)
        self._hand = Hand(self._do, self._gesture_ended)
        self._pen_down = self._with_pen = False
        self._picker = PickTool()
        self._marks = Marks()
        self._viewer_drag = ViewerDrag(view)
        self._sharper.connect(self.update)
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
            studio.picture_ready.connect(self._picture_ready),
            studio.matte_ready.connect(self._matte_ready),
            studio.preview_ready.connect(self._preview_ready),
        )
        self._show_plate()

    def release(self) -> None:
        """Stop listening and stop workers; call it before the widget is thrown away."""
        self.cancel_gesture()
        for stop in self._listening:
            stop()
        self._stage.close()
        self._renderer.close()

    # --- what the window asks for -------------------------------------------------------------------------------
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

    def set_tool(self, tool: Tool) -> None:
        """What the pointer does from now on; a gesture under way is cancelled."""
        self.cancel_gesture()
        self.tool.leave(self._context)
        self.tool = tool
        self.setCursor(CURSORS[tool.cursor])
        self.update()

    def cancel_gesture(self) -> None:
        """Escape: what the hand was doing never happened."""
        self._hand.cancel()

    def clear_sample(self) -> None:
        """Forget the sampled area."""
        self._marks = replace(self._marks, sample=None)
        self.update()

    # --- what a gesture may do (widgets.tools.tool.Surface) -----------------------------------------------------
    @property
    def brush(self) -> BrushSettings:
        return self._brush

    def set_brush(
        self, radius_px: float | None = None, hardness: float | None = None, opacity: float | None = None
    ) -> None:
        """Change what is given; says so in `brush_changed`."""
        before = self._brush
        changed = BrushSettings(
            min(max(radius_px, 0.5), 2000.0) if radius_px is not None else before.radius_px,
            min(max(hardness, 0.0), 1.0) if hardness is not None else before.hardness,
            min(max(opacity, 0.0), 1.0) if opacity is not None else before.opacity,
        )
        if changed != before:
            self._repaint_cursor()
            self._brush = changed
            self._repaint_cursor()
            self.brush_changed.emit(changed.radius_px, changed.hardness, changed.opacity)

    def hold_cursor(self, x: float, y: float) -> None:
        self._brush_cursor.held = (x, y)

    def pan_by(self, dx: float, dy: float) -> None:
        self.framing.pan(dx, dy)

    def begin_stroke(self, painter: StrokePainter) -> None:
        self._stage.begin_stroke(painter)

    def show_stroke(self, changed: Window) -> None:
        if changed.empty:
            return
        self._stage.patch(changed)
        places = self.framing.places
        self._renderer.stroke_changed(self._stage.scene, places, changed)
        for place in places:
            self._update_rect(place.projection.window_rect(changed).intersected(place.rect), 2)

    def end_stroke(self, kept: bool) -> None:
        if not kept:
            self._stage.drop_stroke()

    def show_box(self, box: Box | None) -> None:
        for shown in (self._marks.box, box):
            if shown is not None:
                for place in self.framing.places:
                    self._update_rect(prompt_rect(shown, place.projection))
        self._marks = replace(self._marks, box=box)

    def sample(self, area: Box) -> None:
        self._marks = replace(self._marks, sample=area)
        scene = self._stage.scene
        if scene.plate is not None:
            transform = self._stage.builder.transform(self.view.look)
            self.probed.emit(area_readout(area, scene.plate, scene.picture, self._matte_under(), transform))
        self.update()

    # --- what changed -------------------------------------------------------------------------------------------
    def _document_changed(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self._marks = Marks()
            self._show_plate()
        if not self._hand.busy:
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

    def _picture_ready(self, frame: FrameNumber) -> None:
        if frame == self.view.look.frame:
            self._stage.renew()

    def _matte_ready(self, ready: tuple[LayerId, FrameNumber]) -> None:
        layer_id, frame = ready
        if frame == self.view.look.frame:
            if not self._hand.busy:
                self._stage.drop_stroke_of(layer_id)
            self._stage.renew()

    def _preview_ready(self, ready: tuple[LayerId, FrameNumber]) -> None:
        if ready[1] == self.view.look.frame:
            self._stage.renew()

    def _show_plate(self) -> None:
        plate = self.studio.document.shot.plate
        self.framing.show(plate.format if plate is not None else NO_PLATE)

    def _framed(self) -> None:
        self.update()
        self.zoom_changed.emit(self.zoom)

    # --- painting -----------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        self.framing.move_to_screen(self.devicePixelRatioF())
        scene, places = self._stage.shown, self.framing.places
        painter = QPainter(self)
        try:
            self._renderer.draw(painter, QRectF(event.rect()), scene, places)
            draw_guides(painter, scene, places, self._marks, self.framing.size)
            if self.tool.cursor == "brush":
                self._brush_cursor.painting = self._hand.busy and self._brush_cursor.held is None
                self._brush_cursor.draw(painter, self.framing, self._brush)
        finally:
            painter.end()

    def _repaint_cursor(self) -> None:
        if self.tool.cursor == "brush":
            for rect in self._brush_cursor.rects(self.framing, self._brush):
                self._update_rect(rect)

    def _update_rect(self, rect: QRectF, margin: float = 1) -> None:
        self.update(rect.adjusted(-margin, -margin, margin, margin).toAlignedRect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.framing.move_to_screen(self.devicePixelRatioF())
        self.framing.resize(QSizeF(event.size()))

    # --- gestures -----------------------------------------------------------------------------------------------
    def _do(self, command: Command) -> None:
        """A finished gesture's command. A stroke stays on screen until the matte that holds it is there."""
        live = self._stage.live
        self.studio.document.do(command)
        self._stage.keep_stroke(live, self.view.look)

    def _gesture_ended(self) -> None:
        self._pen_down = False
        if self._brush_cursor.held is not None:
            self._brush_cursor.held = None
            self.update()

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
        gesture = self._gesture_of(pressed)
        if gesture is not None:
            self._hand.begin(gesture, pressed.button, pane)

    def _gesture_of(self, pressed: PointerEvent) -> Gesture | None:
        if pressed.button == "none":
            return None
        if pressed.button == "middle" or (pressed.button == "left" and pressed.alt):
            return drag(pressed, self._context)
        if pressed.button == "left":
            on_view = self._viewer_drag.gesture(pressed) or self._wipe_gesture(pressed)
            if on_view is not None:
                return on_view
            if pressed.samples:
                return self._picker.press(pressed, self._context)
        return self.tool.press(pressed, self._context)

    def _wipe_gesture(self, pressed: PointerEvent) -> Gesture | None:
        look, framing = self.view.look, self.framing
        if look.compare is not Compare.WIPE or not look.guides:
            return None
        grip = WipeLine.of(look, framing.projection, framing.format).grip(QPointF(pressed.view_x, pressed.view_y))
        if grip is None or (grip == "line" and self.tool.cursor == "brush"):
            return None
        return wipe_gesture(pressed, grip, self.view, lambda: framing.projection, framing.format)

    def _moved(self, event: QMouseEvent | QTabletEvent) -> None:
        busy = self._hand.busy
        pane = self._hand.pane if busy else self.framing.pane_under(event.position())
        moved = self._event(event, "move" if busy else "hover", pane)
        self._repaint_cursor()
        self._with_pen = isinstance(event, QTabletEvent)
        self._brush_cursor.place = event.position()
        if not busy:
            self._hover(moved)
        self._repaint_cursor()
        self._hand.send(moved)

    def _hover(self, moved: PointerEvent) -> None:
        self._brush_cursor.erases = moved.subtracts
        self.tool.hover(moved, self._context)
        scene = self._stage.scene
        if scene.plate is not None:
            transform = self._stage.builder.transform(self.view.look)
            self.probed.emit(readout(moved.x, moved.y, scene.plate, scene.picture, self._matte_under(), transform))

    def _released(self, event: QMouseEvent | QTabletEvent) -> None:
        if self._hand.busy and button_of(event.button()) == self._hand.button:
            self._hand.send(self._event(event, "release", self._hand.pane))

    def _matte_under(self) -> Matte | None:
        layer = self._context.layer
        return self.studio.matte(layer.id, self.view.look.frame)[0] if layer is not None else None

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
        if event.key() == Qt.Key.Key_Escape and (self._hand.busy or self._marks.sample is not None):
            if self._hand.busy:
                self.cancel_gesture()
            else:
                self.clear_sample()
            return
        if not self._viewer_drag.key_down(event.key(), event.modifiers()):
            self._modifier_changed(event.key(), event.modifiers(), down=True)
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._viewer_drag.key_up(event.key())
        self._modifier_changed(event.key(), event.modifiers(), down=False)
        super().keyReleaseEvent(event)

    def _modifier_changed(self, key: int, modifiers: Qt.KeyboardModifier, *, down: bool) -> None:
        """Shift or Ctrl went down or up under a resting pointer: the preview and the brush's sign follow."""
        place = self._brush_cursor.place
        if key not in (Qt.Key.Key_Shift, Qt.Key.Key_Control) or self._hand.busy or place is None:
            return
        shift = down if key == Qt.Key.Key_Shift else bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        ctrl = down if key == Qt.Key.Key_Control else bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        x, y = self.framing.projection_of(self.framing.pane_under(place)).to_plate(place.x(), place.y())
        pen = self._with_pen
        self._hover(PointerEvent("hover", x, y, place.x(), place.y(), "none", pen=pen, shift=shift, ctrl=ctrl))
        self._repaint_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self._repaint_cursor()
        self._brush_cursor.place = None
        if not self._hand.busy:
            self.tool.leave(self._context)
            self.probed.emit("")
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._viewer_drag.let_go()
        self.tool.leave(self._context)
        super().focusOutEvent(event)
