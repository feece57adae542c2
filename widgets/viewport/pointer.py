"""Where a plate pixel lies on screen, and back. The only place that knows zoom, device pixel ratio and pixel aspect.

Three spaces: *plate* pixels (continuous, y down), *points* (Qt's logical pixels of the viewport) and *device* pixels
(points times the device pixel ratio). Zoom is device pixels per plate row, so 1.0 is 1:1 on any screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

from core.geometry import Format, Window
from widgets.tools.tool import PointerEvent

SMALLEST_ZOOM = 1 / 64
LARGEST_ZOOM = 128.0
NEAREST_FROM = 2.0
"""From this zoom on pixels are shown as they are; below, they are smoothed."""

RESTING_KEYS = {
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
}
"""Keys that change what a resting pointer would do."""
Button = Literal["left", "right", "middle", "none"]
_BUTTONS: dict[Qt.MouseButton, Button] = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.RightButton: "right",
    Qt.MouseButton.MiddleButton: "middle",
}


@dataclass(frozen=True, slots=True)
class Projection:
    """One way of laying the plate on the viewport; immutable.

    Args:
        zoom: device pixels per plate row.
        origin_x, origin_y: points, where plate (0, 0) would lie; drawn and mapped on the nearest device pixel, kept
            exact so that many small zooms do not drift.
        pixel_aspect: width of a plate pixel relative to its height.
        device_ratio: device pixels per point.
    """

    zoom: float = 1.0
    origin_x: float = 0.0
    origin_y: float = 0.0
    pixel_aspect: float = 1.0
    device_ratio: float = 1.0

    @classmethod
    def fitted(cls, form: Format, size: QSizeF, device_ratio: float = 1.0, margin: float = 12.0) -> Projection:
        """The whole display window in the middle of `size` points."""
        display = form.display
        room_x = max(1.0, size.width() - 2 * margin)
        room_y = max(1.0, size.height() - 2 * margin)
        rows = room_y / max(1, display.height)
        columns = room_x / (max(1, display.width) * form.pixel_aspect)
        made = cls(_clamped(min(rows, columns) * device_ratio), 0.0, 0.0, form.pixel_aspect, device_ratio)
        return made.centred(form, size)

    def centred(self, form: Format, size: QSizeF) -> Projection:
        """The same zoom with the display window in the middle of `size` points."""
        display = form.display
        x = size.width() / 2 - (display.x0 + display.x1) / 2 * self.points_per_column
        y = size.height() / 2 - (display.y0 + display.y1) / 2 * self.points_per_row
        return replace(self, origin_x=x, origin_y=y)

    @property
    def points_per_row(self) -> float:
        return self.zoom / self.device_ratio

    @property
    def points_per_column(self) -> float:
        return self.zoom * self.pixel_aspect / self.device_ratio

    @property
    def left(self) -> float:
        """Points, on a device pixel."""
        return round(self.origin_x * self.device_ratio) / self.device_ratio

    @property
    def top(self) -> float:
        return round(self.origin_y * self.device_ratio) / self.device_ratio

    @property
    def stride(self) -> int:
        """Every how many plate pixels one is enough for the screen: 1 from zoom 0.5 on, 2 from 1/3, and so on."""
        across = max(self.zoom, self.zoom * self.pixel_aspect)
        return max(1, math.floor(1 / across + 1e-6))

    @property
    def nearest(self) -> bool:
        """Whether pixels are drawn as squares: zoomed in twice, or exactly one to one."""
        return self.zoom >= NEAREST_FROM or (self.zoom == 1.0 and self.pixel_aspect == 1.0)

    def to_view(self, x: float, y: float) -> QPointF:
        """Plate pixels → points."""
        return QPointF(self.left + x * self.points_per_column, self.top + y * self.points_per_row)

    def to_plate(self, view_x: float, view_y: float) -> tuple[float, float]:
        """Points → plate pixels."""
        return (view_x - self.left) / self.points_per_column, (view_y - self.top) / self.points_per_row

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        """A plate rectangle in points."""
        return QRectF(self.to_view(x0, y0), self.to_view(x1, y1))

    def window_rect(self, window: Window) -> QRectF:
        return self.rect(window.x0, window.y0, window.x1, window.y1)

    def window_under(self, rect: QRectF) -> Window:
        """The whole plate pixels that a rectangle of points touches."""
        x0, y0 = self.to_plate(rect.left(), rect.top())
        x1, y1 = self.to_plate(rect.right(), rect.bottom())
        return Window(math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))

    def zoomed_to(self, zoom: float, view_x: float, view_y: float) -> Projection:
        """Another zoom; what lies under the point stays under it."""
        grown = _clamped(zoom)
        factor = grown / self.zoom
        return replace(
            self,
            zoom=grown,
            origin_x=view_x - (view_x - self.origin_x) * factor,
            origin_y=view_y - (view_y - self.origin_y) * factor,
        )

    def panned(self, dx: float, dy: float) -> Projection:
        """Moved by points."""
        return replace(self, origin_x=self.origin_x + dx, origin_y=self.origin_y + dy)

    def on_screen(self, device_ratio: float) -> Projection:
        """The same place in points on a screen with another device pixel ratio."""
        return replace(self, device_ratio=device_ratio, zoom=_clamped(self.zoom * device_ratio / self.device_ratio))


def _clamped(zoom: float) -> float:
    return min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)


Kind = Literal["press", "move", "release", "hover"]


def mouse_event(event: QMouseEvent, kind: Kind, projection: Projection, button: Button) -> PointerEvent:
    """A mouse event in plate pixels. `button` is the one the gesture began with: a move does not name it."""
    return _event(event.position(), event.modifiers(), kind, projection, button, 1.0)


def pen_event(event: QTabletEvent, kind: Kind, projection: Projection, button: Button) -> PointerEvent:
    """A pen event in plate pixels, with pressure; the turned pen is an eraser."""
    eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
    pressure = min(1.0, max(0.0, event.pressure()))
    moved = _event(event.position(), event.modifiers(), kind, projection, button, pressure)
    return replace(moved, eraser=eraser, pen=True)


def resting_event(
    place: QPointF, key: int, modifiers: Qt.KeyboardModifier, projection: Projection, *, down: bool, pen: bool
) -> PointerEvent:
    """A pointer that rests while one of `RESTING_KEYS` goes down or up: `modifiers` are those of before."""
    shift, ctrl, alt = (down if key == each else bool(modifiers & held) for each, held in RESTING_KEYS.items())
    x, y = projection.to_plate(place.x(), place.y())
    return PointerEvent("hover", x, y, place.x(), place.y(), "none", pen=pen, shift=shift, ctrl=ctrl, alt=alt)


def button_of(button: Qt.MouseButton) -> Button:
    """The tools' word for a Qt button; `none` for side buttons."""
    return _BUTTONS.get(button, "none")


def _event(
    place: QPointF,
    modifiers: Qt.KeyboardModifier,
    kind: Kind,
    projection: Projection,
    button: Button,
    pressure: float,
) -> PointerEvent:
    x, y = projection.to_plate(place.x(), place.y())
    return PointerEvent(
        kind,
        x,
        y,
        place.x(),
        place.y(),
        button,
        pressure,
        shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
        ctrl=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
        alt=bool(modifiers & Qt.KeyboardModifier.AltModifier),
    )
