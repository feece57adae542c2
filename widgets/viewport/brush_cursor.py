"""The brush's outline under the pointer: light on dark, so that it shows over any picture."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from widgets.tools.tool import BrushSettings
from widgets.viewport.framing import Framing
from widgets.viewport.pointer import Projection

MARGIN = 4.0
LARGEST_STAMP = 800.0
"""Points; larger outlines are drawn each time instead of kept as a picture."""


class BrushCursor:
    """Where the pointer is, and what the brush would do there.

    `place` is in points, None while the pointer is elsewhere. `held` is a plate position the outline stays at while
    its radius is dragged. While `painting` only the outline is drawn: every event counts then.
    """

    def __init__(self) -> None:
        self.place: QPointF | None = None
        self.held: tuple[float, float] | None = None
        self.erases = False
        self.painting = False

    def spots(self, framing: Framing) -> list[tuple[Projection, QPointF]]:
        """Where outlines are drawn: under the pointer and at the same plate pixel of a pane that lies apart."""
        if self.place is None:
            return []
        pane = framing.pane_under(self.place)
        over = framing.projection_of(pane)
        where = over.to_view(*self.held) if self.held is not None else self.place
        if not framing.look.compare.apart:
            return [(over, where)]
        other = framing.projection_of(1 - pane)
        return [(over, where), (other, other.to_view(*over.to_plate(where.x(), where.y())))]

    def rects(self, framing: Framing, brush: BrushSettings) -> list[QRectF]:
        """What must be repainted, in points."""
        found = []
        for projection, where in self.spots(framing):
            across = max(4.0, brush.radius_px * projection.points_per_column) + MARGIN
            down = max(4.0, brush.radius_px * projection.points_per_row) + MARGIN
            found.append(QRectF(where.x() - across, where.y() - down, 2 * across, 2 * down))
        return found

    def draw(self, painter: QPainter, framing: Framing, brush: BrushSettings) -> None:
        """The radius as a circle, dashed when it erases; the solid core as a fainter one; a dot in the middle."""
        ratio = framing.projection.device_ratio
        for projection, where in self.spots(framing):
            across = brush.radius_px * projection.points_per_column
            down = brush.radius_px * projection.points_per_row
            inner = brush.hardness if 0 < brush.hardness < 0.97 and across > 12 and not self.painting else 0.0
            if max(across, down) > LARGEST_STAMP:
                painter.save()
                painter.translate(where)
                _draw_outline(painter, across, down, inner, self.erases)
                painter.restore()
                continue
            stamp = _stamp(across, down, inner, self.erases, ratio)
            painter.drawPixmap(where - QPointF(stamp.width(), stamp.height()) / (2 * ratio), stamp)


@lru_cache(maxsize=32)
def _stamp(across: float, down: float, inner: float, erases: bool, ratio: float) -> QPixmap:
    """The outline drawn once: smooth ellipses cost more than all the rest of a brush event."""
    width, height = math.ceil((across + MARGIN) * 2 * ratio), math.ceil((down + MARGIN) * 2 * ratio)
    stamp = QPixmap(width, height)
    stamp.setDevicePixelRatio(ratio)
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.translate(width / (2 * ratio), height / (2 * ratio))
    _draw_outline(painter, across, down, inner, erases)
    painter.end()
    return stamp


def _draw_outline(painter: QPainter, across: float, down: float, inner: float, erases: bool) -> None:
    """Around the painter's origin."""
    middle = QPointF(0, 0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if across >= 2:
        painter.setPen(QPen(QColor(0, 0, 0, 150), 2.6))
        painter.drawEllipse(middle, across, down)
        bright = QPen(QColor(255, 255, 255, 230), 1.2)
        if erases:
            bright.setDashPattern([4, 4])
        painter.setPen(bright)
        painter.drawEllipse(middle, across, down)
        if inner:
            painter.setPen(QPen(QColor(255, 255, 255, 80), 1))
            painter.drawEllipse(middle, across * inner, down * inner)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoint(middle)
    painter.setPen(QPen(QColor(255, 255, 255, 230), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoint(middle)
