"""The viewport: what hands do to the picture, and when it is redrawn.

Turns Qt's events into plate pixels (`pointer.py`), runs one gesture at a time, gives its command to the document,
and repaints what changed. Knows no pixels: a `Renderer` draws them; `guides.py` draws what lies over them.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
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

from core.frames import FrameNumber
from core.geometry import Format, Window
from core.layer import LayerId
from core.matte import Matte
from core.painting import StrokePainter
from core.prompts import Box
from core.shot import Change, Touched
from widgets.studio import Studio
from widgets.tools.click import ClickTool
from widgets.tools.pan import drag
from widgets.tools.target import new_layer
from widgets.tools.tool import BrushSettings, Gesture, PointerEvent, Tool, ToolContext
from widgets.view_state import Compare, Look, ViewState
from widgets.viewport.brush_cursor import cursor_rect, draw_cursor
from widgets.viewport.compare import Placed, WipeLine, arrange, pane_size
from widgets.viewport.guides import Marks, draw_guides, prompt_rect
from widgets.viewport.handles import ViewerDrag, wipe_gesture
from widgets.viewport.overlay import LiveCoverage
from widgets.viewport.pointer import Button, Kind, Projection, button_of, mouse_event, pen_event
from widgets.viewport.raster import RasterRenderer
from widgets.viewport.readout import area_readout, readout
from widgets.viewport.renderer import Renderer
from widgets.viewport.scene import Live, Scene, SceneBuilder

ZOOM_STEP = 1.25
PATIENCE_MS = 150
"""How long the last picture stays while the next one is read; after that the viewport says it is reading."""
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

    def __init__(self, studio: Studio, view: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.view = view
        self.tool: Tool = ClickTool()
        self.projection = Projection()
        self._fitted = True
        self._brush = BrushSettings()
        self._scenes = SceneBuilder(studio)
        self._scene: Scene | None = None
        self._held: Scene | None = None
        self._renderer: Renderer = RasterRenderer(self._sharper.emit)
        self._gesture: Gesture | None = None
        self._gesture_button: Button = "none"
        self._gesture_place = 0
        self._pen_down = False
        self._context = ToolContext(studio, view, self)
        self._live: Live | None = None
        self._marks = Marks()
        self._cursor: QPointF | None = None
        self._cursor_held: tuple[float, float] | None = None
        self._erases = False
        self._viewer_drag = ViewerDrag(view)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._lose_patience)
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
            studio.preview_ready.connect(self._matte_ready),
        )

    def release(self) -> None:
        """Stop listening and stop workers; call it before the widget is thrown away."""
        self.cancel_gesture()
        for stop in self._listening:
            stop()
        self._patience.stop()
        self._renderer.close()

    # --- what the window asks for -------------------------------------------------------------------------------
    def fit(self) -> None:
        """Show the whole display window."""
        self._fitted = True
        self._refit()

    def one_to_one(self) -> None:
        """One plate row on one device pixel."""
        self.zoom_to(1.0)

    def zoom_in(self) -> None:
        self.zoom_to(self.projection.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        self.zoom_to(self.projection.zoom / ZOOM_STEP)

    def zoom_to(self, factor: float, place: QPointF | None = None) -> None:
        """Zoom to device pixels per plate row, around a place in points (the pane's middle where None)."""
        size = pane_size(self.view.look, self._size())
        around = place if place is not None else QPointF(size.width() / 2, size.height() / 2)
        if place is not None and self.view.look.compare is Compare.SIDE_BY_SIDE and place.x() >= size.width():
            around = place - QPointF(size.width(), 0)
        self._project(self.projection.zoomed_to(factor, around.x(), around.y()))

    @property
    def zoom(self) -> float:
        return self.projection.zoom

    def set_tool(self, tool: Tool) -> None:
        """What the pointer does from now on; a gesture under way is cancelled."""
        self.cancel_gesture()
        self.tool.leave(self._context)
        self.tool = tool
        self.setCursor(CURSORS[tool.cursor])
        self.update()

    def cancel_gesture(self) -> None:
        """Escape: what the hand was doing never happened."""
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.close()
        self._end_gesture()

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
        self._repaint_cursor()
        before = self._brush
        self._brush = BrushSettings(
            min(max(radius_px, 0.5), 2000.0) if radius_px is not None else before.radius_px,
            min(max(hardness, 0.0), 1.0) if hardness is not None else before.hardness,
            min(max(opacity, 0.0), 1.0) if opacity is not None else before.opacity,
        )
        self._repaint_cursor()
        if self._brush != before:
            self.brush_changed.emit(self._brush.radius_px, self._brush.hardness, self._brush.opacity)

    def hold_cursor(self, x: float, y: float) -> None:
        self._cursor_held = (x, y)

    def pan_by(self, dx: float, dy: float) -> None:
        self._project(self.projection.panned(dx, dy))

    def begin_stroke(self, painter: StrokePainter) -> None:
        look, layer = self.view.look, self._context.layer
        ground: Matte | None = None
        color = layer.color if layer else new_layer(self.studio.document.shot).color
        if layer is not None:
            ground, _ = self.studio.matte(layer.id, look.frame)
        self._live = Live(layer.id if layer else "", look.frame, color, LiveCoverage(ground, painter))
        self._forget_scene()

    def show_stroke(self, changed: Window) -> None:
        if self._live is None or changed.empty:
            return
        self._live.coverage.patch(changed)
        scene, places = self._current(), self._places()
        self._renderer.stroke_changed(scene, places, changed)
        for place in places:
            self._update_rect(place.projection.window_rect(changed).intersected(place.rect), 2)

    def end_stroke(self, kept: bool) -> None:
        """Keep showing what was painted until its matte is there, so that nothing flickers at the release."""
        if not kept:
            self._live = None
            self._forget_scene()

    def show_box(self, box: Box | None) -> None:
        for shown in (self._marks.box, box):
            if shown is not None:
                for place in self._places():
                    self._update_rect(prompt_rect(shown, place.projection))
        self._marks = replace(self._marks, box=box)

    def sample(self, area: Box) -> None:
        self._marks = replace(self._marks, sample=area)
        scene = self._current()
        if scene.plate is not None:
            matte = self._matte_under()
            transform = self._scenes.transform(self.view.look)
            self.probed.emit(area_readout(area, scene.plate, scene.picture, matte, transform))
        self.update()

    # --- what changed -------------------------------------------------------------------------------------------
    def _document_changed(self, change: Change) -> None:
        if change.touched is Touched.PLATE:
            self._marks = Marks()
            self._fitted = True
            self._refit()
        live = self._live
        if live is not None and self._gesture is None and change.layer_id in ("", live.layer_id):
            self._live = None
        self._forget_scene()

    def _view_changed(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if before.frame != after.frame or before.layer_id != after.layer_id:
            if self._gesture is not None:
                self.cancel_gesture()
            if before.frame != after.frame:
                self._live = None
        if before.compare is not after.compare:
            if self._fitted:
                self._refit()
            else:
                self._recentre(before, after)
        self._forget_scene()

    def _picture_ready(self, frame: FrameNumber) -> None:
        if frame == self.view.look.frame:
            self._forget_scene()

    def _matte_ready(self, ready: tuple[LayerId, FrameNumber]) -> None:
        layer_id, frame = ready
        if frame != self.view.look.frame:
            return
        if self._live is not None and self._gesture is None and layer_id == self._live.layer_id:
            self._live = None
        self._forget_scene()

    def _lose_patience(self) -> None:
        self._held = None
        self.update()

    def _forget_scene(self) -> None:
        if self._scene is not None and self._scene.picture is not None:
            self._held = self._scene
        self._scene = None
        self.update()

    def _current(self) -> Scene:
        if self._scene is None:
            self._scene = self._scenes.build(self.view.look, self._live)
            if self._scene.waiting and self._held is not None:
                if not self._patience.isActive():
                    self._patience.start()
            else:
                self._patience.stop()
                self._held = None
        return self._scene

    # --- where things lie ---------------------------------------------------------------------------------------
    def _size(self) -> QSizeF:
        return QSizeF(self.size())

    def _format(self) -> Format:
        plate = self.studio.document.shot.plate
        return plate.format if plate is not None else Format(Window.of_size(1920, 1080))

    def _places(self) -> tuple[Placed, ...]:
        return arrange(self.view.look, self._size(), self.projection, self._format())

    def _project(self, projection: Projection, *, fitted: bool = False) -> None:
        self._fitted = fitted
        if projection == self.projection:
            return
        zoomed = projection.zoom != self.projection.zoom
        self.projection = projection
        self.update()
        if zoomed:
            self.zoom_changed.emit(projection.zoom)

    def _refit(self) -> None:
        size = pane_size(self.view.look, self._size())
        self._project(Projection.fitted(self._format(), size, self.devicePixelRatioF()), fitted=True)

    def _recentre(self, before: Look, after: Look) -> None:
        """Keep the middle of the picture in the middle when the panes become narrower or wider."""
        shift = (pane_size(after, self._size()).width() - pane_size(before, self._size()).width()) / 2
        self._project(self.projection.panned(shift, 0))

    def _place_under(self, place: QPointF) -> int:
        for number, placed in enumerate(self._places()):
            inside = placed.clip.contains(place) if placed.clip is not None else placed.rect.contains(place)
            if inside:
                return number
        return 0

    def _update_rect(self, rect: QRectF, margin: float = 1) -> None:
        self.update(rect.adjusted(-margin, -margin, margin, margin).toAlignedRect())

    # --- painting -----------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.projection.device_ratio != self.devicePixelRatioF():
            self.projection = self.projection.on_screen(self.devicePixelRatioF())
        scene, places = self._current(), self._places()
        held = self._held
        if scene.waiting and held is not None and len(held.panes) == len(places):
            scene = held
        painter = QPainter(self)
        try:
            self._renderer.draw(painter, QRectF(event.rect()), scene, places)
            draw_guides(painter, scene, places, self._marks, self._size())
            if self.tool.cursor == "brush" and self._cursor is not None:
                for place, where in self._cursors(places):
                    draw_cursor(painter, where, self._brush, place.projection, erases=self._erases)
        finally:
            painter.end()

    def _cursors(self, places: tuple[Placed, ...]) -> list[tuple[Placed, QPointF]]:
        """The brush's outline under the pointer and, side by side, its twin in the other pane."""
        if self._cursor is None:
            return []
        over = places[min(self._place_under(self._cursor), len(places) - 1)]
        where = self._cursor
        if self._cursor_held is not None:
            where = over.projection.to_view(*self._cursor_held)
        found = [(over, where)]
        if self.view.look.compare is Compare.SIDE_BY_SIDE and len(places) == 2:
            x, y = over.projection.to_plate(where.x(), where.y())
            twin = places[1] if over is places[0] else places[0]
            found.append((twin, twin.projection.to_view(x, y)))
        return found

    def _repaint_cursor(self) -> None:
        if self.tool.cursor == "brush":
            for place, where in self._cursors(self._places()):
                self._update_rect(cursor_rect(where, self._brush, place.projection))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self._refit()
        elif event.oldSize().isValid():
            grown = event.size() - event.oldSize()
            self._project(self.projection.panned(grown.width() / 2, grown.height() / 2))

    # --- gestures -----------------------------------------------------------------------------------------------
    def _begin(self, gesture: Gesture | None, button: Button, place: int) -> None:
        if gesture is None:
            return
        self._gesture, self._gesture_button, self._gesture_place = gesture, button, place
        self._send(None)

    def _send(self, event: PointerEvent | None) -> None:
        gesture = self._gesture
        if gesture is None:
            return
        try:
            if event is None:
                next(gesture)
            else:
                gesture.send(event)
        except StopIteration as finished:
            self._gesture = None
            command = finished.value
            if command is not None:
                self.studio.document.do(command)
                self._adopt_live()
            self._end_gesture()
        except BaseException:
            self._gesture = None
            self._end_gesture()
            raise

    def _adopt_live(self) -> None:
        """After the stroke became a command: show the painted pixels until the matte that holds them is there."""
        live = self._live
        if live is None:
            return
        matte, fresh = self.studio.matte(self.view.look.layer_id, live.frame)
        if fresh and matte is not None and matte.coverage is not live.coverage.ground_origin:
            self._live = None
        else:
            self._live = replace(live, layer_id=self.view.look.layer_id)
        self._forget_scene()

    def _end_gesture(self) -> None:
        self._gesture_button = "none"
        self._pen_down = False
        if self._cursor_held is not None:
            self._cursor_held = None
            self.update()

    def _placed(self, number: int) -> Projection:
        places = self._places()
        return places[min(number, len(places) - 1)].projection

    def _press(self, event: QMouseEvent | QTabletEvent) -> None:
        if self._gesture is not None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        number = self._place_under(event.position())
        button = button_of(event.button())
        if isinstance(event, QTabletEvent):
            pressed = pen_event(event, "press", self._placed(number), button)
        else:
            pressed = mouse_event(event, "press", self._placed(number), button)
        self._begin(self._gesture_of(pressed, event.position()), button, number)

    def _gesture_of(self, pressed: PointerEvent, place: QPointF) -> Gesture | None:
        if pressed.button == "none":
            return None
        if pressed.button == "middle" or (pressed.button == "left" and pressed.alt):
            return drag(pressed, self._context)
        if pressed.button == "left":
            viewer = self._viewer_drag.gesture(pressed)
            if viewer is not None:
                return viewer
            wipe = self._wipe_gesture(pressed, place)
            if wipe is not None:
                return wipe
        return self.tool.press(pressed, self._context)

    def _wipe_gesture(self, pressed: PointerEvent, place: QPointF) -> Gesture | None:
        if self.view.look.compare is not Compare.WIPE or not self.view.look.guides:
            return None
        grip = WipeLine.of(self.view.look, self.projection, self._format()).grip(place)
        if grip is None or (grip == "line" and self.tool.cursor == "brush"):
            return None
        return wipe_gesture(pressed, grip, self.view, lambda: self.projection, self._format())

    def _moved(self, event: QMouseEvent | QTabletEvent) -> None:
        place = event.position()
        number = self._gesture_place if self._gesture is not None else self._place_under(place)
        kind: Kind = "move" if self._gesture is not None else "hover"
        projection = self._placed(number)
        if isinstance(event, QTabletEvent):
            moved = pen_event(event, kind, projection, self._gesture_button)
        else:
            moved = mouse_event(event, kind, projection, self._gesture_button)
        self._repaint_cursor()
        self._cursor = place
        if self._gesture is None:
            self._erases = moved.ctrl or moved.eraser
            self.tool.hover(moved, self._context)
        self._repaint_cursor()
        self._probe(moved.x, moved.y)
        self._send(moved)

    def _released(self, event: QMouseEvent | QTabletEvent) -> None:
        if self._gesture is None or button_of(event.button()) != self._gesture_button:
            return
        projection = self._placed(self._gesture_place)
        if isinstance(event, QTabletEvent):
            self._send(pen_event(event, "release", projection, self._gesture_button))
        else:
            self._send(mouse_event(event, "release", projection, self._gesture_button))

    def _matte_under(self) -> Matte | None:
        layer = self._context.layer
        return self.studio.matte(layer.id, self.view.look.frame)[0] if layer is not None else None

    def _probe(self, x: float, y: float) -> None:
        if self._gesture is not None:
            return  # nobody reads numbers while painting
        scene = self._current()
        if scene.plate is not None:
            transform = self._scenes.transform(self.view.look)
            self.probed.emit(readout(x, y, scene.plate, scene.picture, self._matte_under(), transform))

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
            self._pen_down = self._gesture is not None
        elif kind == QEvent.Type.TabletMove:
            self._moved(event)
        elif kind == QEvent.Type.TabletRelease:
            self._released(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if not notches:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.frame_step_requested.emit(-1 if notches > 0 else 1)
        else:
            self.zoom_to(self.projection.zoom * ZOOM_STEP**notches, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._gesture is not None:
                self.cancel_gesture()
                return
            if self._marks.sample is not None:
                self.clear_sample()
                return
        if self._viewer_drag.key_down(event.key(), event.modifiers()):
            return
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control):
            self._modifier_changed(event, down=True)
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._viewer_drag.key_up(event.key())
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control):
            self._modifier_changed(event, down=False)
        super().keyReleaseEvent(event)

    def _modifier_changed(self, event: QKeyEvent, *, down: bool) -> None:
        """Shift or Ctrl went down or up under a resting pointer: the preview and the brush's sign follow."""
        if self._gesture is not None or self._cursor is None:
            return
        modifiers = event.modifiers()
        held = {
            Qt.Key.Key_Shift: bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            Qt.Key.Key_Control: bool(modifiers & Qt.KeyboardModifier.ControlModifier),
        }
        held[Qt.Key(event.key())] = down
        projection = self._placed(self._place_under(self._cursor))
        x, y = projection.to_plate(self._cursor.x(), self._cursor.y())
        resting = PointerEvent(
            "hover", x, y, button="none", shift=held[Qt.Key.Key_Shift], ctrl=held[Qt.Key.Key_Control]
        )
        self._erases = resting.ctrl
        self.tool.hover(resting, self._context)
        self._repaint_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self._repaint_cursor()
        self._cursor = None
        if self._gesture is None:
            self.tool.leave(self._context)
            self.probed.emit("")
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._viewer_drag.let_go()
        self.tool.leave(self._context)
        super().focusOutEvent(event)
