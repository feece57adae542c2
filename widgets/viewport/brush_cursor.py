"""The brush's outline under the pointer: light on dark, so that it shows over any picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.tools.tool import BrushSettings
from widgets.viewport.pointer import Projection

MARGIN = 4.0


def cursor_rect(place: QPointF, brush: BrushSettings, projection: Projection) -> QRectF:
    """What must be repainted, in points, when the cursor stands here."""
    across = max(4.0, brush.radius_px * projection.points_per_column) + MARGIN
    down = max(4.0, brush.radius_px * projection.points_per_row) + MARGIN
    return QRectF(place.x() - across, place.y() - down, 2 * across, 2 * down)


def draw_cursor(
    painter: QPainter, place: QPointF, brush: BrushSettings, projection: Projection, *, erases: bool
) -> None:
    """The radius as a full circle, the solid core as a fainter one; dashed when it erases, with a dot in the middle."""
    across = brush.radius_px * projection.points_per_column
    down = brush.radius_px * projection.points_per_row
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if across >= 2:
        painter.setPen(QPen(QColor(0, 0, 0, 150), 2.6))
        painter.drawEllipse(place, across, down)
        bright = QPen(QColor(255, 255, 255, 230), 1.2)
        if erases:
            bright.setDashPattern([4, 4])
        painter.setPen(bright)
        painter.drawEllipse(place, across, down)
        if 0 < brush.hardness < 0.97 and across > 12:
            painter.setPen(QPen(QColor(255, 255, 255, 80), 1))
            painter.drawEllipse(place, across * brush.hardness, down * brush.hardness)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoint(place)
    painter.setPen(QPen(QColor(255, 255, 255, 230), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoint(place)
    painter.restore()
