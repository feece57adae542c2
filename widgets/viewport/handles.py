"""What a press begins, and the gestures on the view itself: the wipe line, exposure or gamma under a held key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from core.geometry import Format
from widgets.tools.pan import drag
from widgets.tools.pick import PickTool
from widgets.tools.tool import Gesture, PointerEvent, Tool, ToolContext
from widgets.view_state import EXPOSURE_RANGE, GAMMA_RANGE, Compare, ViewState
from widgets.viewport.compare import Grip, WipeLine, wipe_at
from widgets.viewport.framing import Framing
from widgets.viewport.pointer import Projection

STOPS_PER_POINT = 1 / 60
GAMMA_PER_POINT = 1 / 200
SNAP_DEGREES = 3.0


def wipe_gesture(
    press: PointerEvent, grip: Grip, view: ViewState, projection: Callable[[], Projection], form: Format
) -> Gesture:
    """Drag the wipe's middle or line to move it, its outer handle to turn it (snapping to 0, 90, 180). Not undoable."""
    before = view.look
    middle = WipeLine.of(before, projection(), form).middle
    offset = middle - QPointF(press.view_x, press.view_y)
    finished = False
    try:
        while (event := (yield)).kind == "move":
            place = QPointF(event.view_x, event.view_y)
            if grip == "turn":
                angle = WipeLine.of(view.look, projection(), form).turned_to(place)
                nearest = round(angle / 90) * 90.0
                view.set(wipe_angle=nearest if abs(angle - nearest) < SNAP_DEGREES else angle)
            else:
                x, y = wipe_at(place + offset, projection(), form)
                view.set(wipe_x=x, wipe_y=y)
        finished = True
    finally:
        if not finished:
            view.set(wipe_x=before.wipe_x, wipe_y=before.wipe_y, wipe_angle=before.wipe_angle)
    return None


class ViewerDrag:
    """Hold E and drag for exposure, hold Shift+Y and drag for gamma."""

    def __init__(self, view: ViewState) -> None:
        self._view = view
        self._held = ""

    def key_down(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the key is one of ours."""
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_E and not modifiers:
            self._held = "exposure"
            return True
        if key == Qt.Key.Key_Y and shift:
            self._held = "gamma"
            return True
        return False

    def key_up(self, key: int) -> None:
        if key in (Qt.Key.Key_E, Qt.Key.Key_Y):
            self._held = ""

    def let_go(self) -> None:
        self._held = ""

    def gesture(self, press: PointerEvent) -> Gesture | None:
        """The drag that follows, while one of the keys is held."""
        if self._held == "exposure":
            return self._exposure(press)
        if self._held == "gamma":
            return self._gamma(press)
        return None

    def _exposure(self, press: PointerEvent) -> Gesture:
        before = self._view.look.exposure_stops
        while (event := (yield)).kind == "move":
            stops = before + (event.view_x - press.view_x) * STOPS_PER_POINT
            self._view.set(exposure_stops=round(_within(EXPOSURE_RANGE, stops), 2))
        return None

    def _gamma(self, press: PointerEvent) -> Gesture:
        before = self._view.look.gamma
        while (event := (yield)).kind == "move":
            gamma = before + (event.view_x - press.view_x) * GAMMA_PER_POINT
            self._view.set(gamma=round(_within(GAMMA_RANGE, gamma), 2))
        return None


def _within(limits: tuple[float, float], value: float) -> float:
    return min(max(value, limits[0]), limits[1])


class Handles:
    """What a press begins: a pan, a drag under a held key, the wipe, reading pixels; else whatever the tool does."""

    def __init__(self, view: ViewState, framing: Framing) -> None:
        self.drag = ViewerDrag(view)
        self._view = view
        self._framing = framing
        self._picker = PickTool()

    def gesture(self, press: PointerEvent, tool: Tool, context: ToolContext) -> Gesture | None:
        """The gesture this press begins; None for none."""
        if press.button == "none":
            return None
        if press.button == "middle" or (press.button == "left" and press.alt):
            return drag(press, context)
        if press.button == "left":
            gripped = self._gripped(press, brushing=tool.cursor == "brush")
            if gripped is not None:
                return gripped
            if press.samples:
                return self._picker.press(press, context)
        return tool.press(press, context)

    def _gripped(self, press: PointerEvent, *, brushing: bool) -> Gesture | None:
        """A brush paints across the wipe's line."""
        dragged = self.drag.gesture(press)
        look, framing = self._view.look, self._framing
        if dragged is not None or look.compare is not Compare.WIPE or not look.guides:
            return dragged
        grip = WipeLine.of(look, framing.projection, framing.format).grip(QPointF(press.view_x, press.view_y))
        if grip is None or (grip == "line" and brushing):
            return None
        return wipe_gesture(press, grip, self._view, lambda: framing.projection, framing.format)
