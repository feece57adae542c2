"""Where the panes lie: one, two on each other (wipe, dissolve), or two apart; and the wipe line's handles."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath, QPolygonF

from core.geometry import Format, Window
from widgets.view_state import Compare, Look
from widgets.viewport.pointer import Projection

HANDLE = 9.0
"""Points around a handle that grip it."""
ARM = 64.0
"""Points from the wipe's middle to the handle that turns it."""
FAR = 1e5
Grip = Literal["middle", "turn", "line"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A pane's place: `rect` in points, `clip` when it is not the whole rectangle, and its own projection.

    `opacity` is of the pane as a whole (canvas, picture and overlays), laid over the panes before it. `proxy`: only
    every so many of the pixels the screen could show are converted. `bounds`: pictures and overlays are drawn inside
    this plate window only; None for wherever they have pixels.
    """

    rect: QRectF
    projection: Projection
    clip: QPainterPath | None = None
    opacity: float = 1.0
    proxy: int = 1
    bounds: Window | None = None

    @property
    def stride(self) -> int:
        """Every how many plate pixels one of a picture is converted; mattes have the projection's own."""
        return self.projection.stride * self.proxy


def pane_size(look: Look, size: QSizeF) -> QSizeF:
    """How much room one pane has."""
    if look.compare is Compare.SIDE_BY_SIDE:
        return QSizeF(size.width() / 2, size.height())
    return QSizeF(size.width(), size.height() / 2) if look.compare is Compare.STACKED else size


def arrange(look: Look, size: QSizeF, projection: Projection, form: Format) -> tuple[Placed, ...]:
    """The places of A and B, or of the one picture. Apart, B's projection is A's moved: they go together."""
    bounds = None if look.overscan else form.display
    return tuple(replace(place, proxy=look.proxy, bounds=bounds) for place in _arranged(look, size, projection, form))


def _arranged(look: Look, size: QSizeF, projection: Projection, form: Format) -> tuple[Placed, ...]:
    whole = QRectF(QPointF(0, 0), size)
    if not look.compare.two_panes:
        return (Placed(whole, projection),)
    if look.compare is Compare.DISSOLVE:
        return Placed(whole, projection), Placed(whole, projection, opacity=min(1.0, max(0.0, look.mix)))
    if look.compare is Compare.SIDE_BY_SIDE:
        ratio = projection.device_ratio
        half = round(size.width() / 2 * ratio) / ratio
        left = QRectF(0, 0, half, size.height())
        right = QRectF(half, 0, size.width() - half, size.height())
        return Placed(left, projection), Placed(right, projection.panned(half, 0))
    if look.compare is Compare.STACKED:
        ratio = projection.device_ratio
        half = round(size.height() / 2 * ratio) / ratio
        top = QRectF(0, 0, size.width(), half)
        bottom = QRectF(0, half, size.width(), size.height() - half)
        return Placed(top, projection), Placed(bottom, projection.panned(0, half))
    line = WipeLine.of(look, projection, form)
    return Placed(whole, projection, line.half_plane(-1)), Placed(whole, projection, line.half_plane(1))


@dataclass(frozen=True, slots=True)
class WipeLine:
    """The wipe in points: a point of it and the unit vector along it. A lies left of the upright line."""

    x: float
    y: float
    along_x: float
    along_y: float

    @classmethod
    def of(cls, look: Look, projection: Projection, form: Format) -> WipeLine:
        display = form.display
        middle = projection.to_view(display.x0 + look.wipe_x * display.width, display.y0 + look.wipe_y * display.height)
        angle = math.radians(look.wipe_angle)
        return cls(middle.x(), middle.y(), -math.sin(angle), math.cos(angle))

    def half_plane(self, side: int) -> QPainterPath:
        """The side of B (1) or of A (-1), large enough for any screen."""
        across_x, across_y = self.along_y * side * FAR, -self.along_x * side * FAR
        one = QPointF(self.x - self.along_x * FAR, self.y - self.along_y * FAR)
        two = QPointF(self.x + self.along_x * FAR, self.y + self.along_y * FAR)
        away = QPointF(across_x, across_y)
        path = QPainterPath()
        path.addPolygon(QPolygonF([one, two, two + away, one + away]))
        path.closeSubpath()
        return path

    @property
    def middle(self) -> QPointF:
        return QPointF(self.x, self.y)

    @property
    def turning(self) -> QPointF:
        """The handle that turns the line."""
        return QPointF(self.x + self.along_x * ARM, self.y + self.along_y * ARM)

    def ends(self, size: QSizeF) -> tuple[QPointF, QPointF]:
        reach = size.width() + size.height()
        along = QPointF(self.along_x * reach, self.along_y * reach)
        return self.middle - along, self.middle + along

    def grip(self, place: QPointF) -> Grip | None:
        """What of the line lies under the pointer."""
        dx, dy = place.x() - self.x, place.y() - self.y
        if math.hypot(dx, dy) <= HANDLE:
            return "middle"
        turning = place - self.turning
        if math.hypot(turning.x(), turning.y()) <= HANDLE:
            return "turn"
        return "line" if abs(dx * self.along_y - dy * self.along_x) <= HANDLE / 2 else None

    def turned_to(self, place: QPointF) -> float:
        """The angle in degrees that brings the turning handle under the pointer, -180 to 180."""
        return math.degrees(math.atan2(-(place.x() - self.x), place.y() - self.y))


def wipe_at(place: QPointF, projection: Projection, form: Format) -> tuple[float, float]:
    """A place in points as the look's `wipe_x`, `wipe_y`, kept inside the display window."""
    x, y = projection.to_plate(place.x(), place.y())
    display = form.display
    across = (x - display.x0) / max(1, display.width)
    down = (y - display.y0) / max(1, display.height)
    return min(1.0, max(0.0, across)), min(1.0, max(0.0, down))
