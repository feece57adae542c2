"""Roto shapes over the picture: outlines, and for the tool that edits them points and handles. They keep their size on
screen at any zoom. Draws what the chosen layer holds, and the shape under the hand in the place of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from core.layer import Layer
from core.roto.shape import Points, Role, RotoShape
from core.shot import Change, Touched
from widgets.seen import Seen
from widgets.view_state import Look, ViewState
from widgets.viewport.compare import Placed
from widgets.viewport.pointer import Projection
from widgets.viewport.scene import Scene

COLORS = {
    Role.ADD: QColor("#7fd67f"),
    Role.SUBTRACT: QColor("#ee6a5e"),
    Role.GARBAGE: QColor("#e8b04b"),
    Role.CORE: QColor("#6fb7f2"),
}
"""What a shape does, at a glance."""
SHADE = QColor(0, 0, 0, 150)
LIGHT = QColor(255, 255, 255, 235)
POINT, HANDLE = 3.5, 3.0
"""Half the side of a point's square and the radius of a handle's dot, in points of the screen."""


class ShapeMarks:
    """Args: `redraw` is called when something else is to be seen."""

    def __init__(self, studio: Seen, view: ViewState, redraw: Callable[[], None]) -> None:
        self._studio, self._view, self._redraw = studio, view, redraw
        self._held: RotoShape | None = None
        self.editing = False
        """Whether the tool in the hand edits shapes."""
        self._listening = (studio.document.changed.connect(self._changed), view.changed.connect(self._looked))

    def release(self) -> None:
        """Stop listening."""
        for stop in self._listening:
            stop()

    def show(self, shape: RotoShape | None) -> None:
        """The shape under the hand; None when there is none."""
        self._held = shape
        self._redraw()

    def draw(self, painter: QPainter, scene: Scene, places: Sequence[Placed]) -> None:
        """Every shape of the chosen layer on every pane."""
        look = scene.look
        shapes = self._shapes(self._studio.document.shot.find(look.layer_id))
        if scene.plate is None or not shapes or not (self.editing or look.guides):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in places:
            painter.save()
            painter.setClipRect(place.rect, Qt.ClipOperation.IntersectClip)
            if place.clip is not None:
                painter.setClipPath(place.clip, Qt.ClipOperation.IntersectClip)
            for shape in shapes:
                chosen = self.editing and (shape.id == look.shape_id or not shape.closed)
                _draw_outline(painter, shape, shape.at(look.frame), place.projection, chosen, self.editing)
            for shape in shapes if self.editing else ():
                chosen_points = look.shape_points if shape.id == look.shape_id else frozenset()
                _draw_points(painter, shape, shape.at(look.frame), place.projection, chosen_points)
            painter.restore()
        painter.restore()

    def _shapes(self, layer: Layer | None) -> list[RotoShape]:
        """The chosen one last: on top."""
        kept = list(layer.shapes) if layer is not None and layer.visible else []
        held = self._held
        if held is not None:
            kept = [shape for shape in kept if shape.id != held.id] + [held]
        return sorted(kept, key=lambda shape: shape.id == self._view.look.shape_id)

    def _changed(self, change: Change) -> None:
        if change.touched is Touched.FINISH:
            self._redraw()

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if (before.shape_id, before.shape_points) != (after.shape_id, after.shape_points):
            self._redraw()


def outline_path(points: Points, projection: Projection, *, closed: bool) -> QPainterPath:
    """The curves on screen."""
    path = QPainterPath(projection.to_view(points[0].x, points[0].y))
    pairs = zip(points, (*points[1:], points[0]), strict=True)
    for number, (one, other) in enumerate(pairs):
        if closed or number < len(points) - 1:
            path.cubicTo(
                projection.to_view(one.x + one.out_dx, one.y + one.out_dy),
                projection.to_view(other.x + other.in_dx, other.y + other.in_dy),
                projection.to_view(other.x, other.y),
            )
    return path


def _draw_outline(
    painter: QPainter, shape: RotoShape, points: Points, projection: Projection, chosen: bool, editing: bool
) -> None:
    path = outline_path(points, projection, closed=shape.closed)
    ink = QColor(COLORS[shape.role])
    ink.setAlpha(255 if chosen else 200 if editing else 120)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(SHADE, 3.0 if chosen else 2.2))
    painter.drawPath(path)
    pen = QPen(ink, 1.6 if chosen else 1.1)
    if not shape.on:
        pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.drawPath(path)


def _draw_points(
    painter: QPainter, shape: RotoShape, points: Points, projection: Projection, chosen: frozenset[int]
) -> None:
    ink = COLORS[shape.role]
    for number in sorted(chosen):
        if number < len(points):
            _draw_handles(painter, points, number, projection)
    for number, point in enumerate(points):
        place = projection.to_view(point.x, point.y)
        first = not shape.closed and number == 0 and len(points) >= 3
        half = POINT + 1.5 if first else POINT
        square = QRectF(place.x() - half, place.y() - half, 2 * half, 2 * half)
        painter.setPen(QPen(SHADE, 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square)
        painter.setPen(QPen(LIGHT if number in chosen or first else ink, 1.2))
        painter.setBrush(LIGHT if number in chosen else SHADE)
        painter.drawRect(square)


def _draw_handles(painter: QPainter, points: Points, number: int, projection: Projection) -> None:
    point = points[number]
    place = projection.to_view(point.x, point.y)
    for dx, dy in ((point.in_dx, point.in_dy), (point.out_dx, point.out_dy)):
        if not (dx or dy):
            continue
        end: QPointF = projection.to_view(point.x + dx, point.y + dy)
        for ink, width in ((SHADE, 2.6), (LIGHT, 1.0)):
            painter.setPen(QPen(ink, width))
            painter.drawLine(place, end)
        painter.setPen(QPen(SHADE, 1.2))
        painter.setBrush(LIGHT)
        painter.drawEllipse(end, HANDLE, HANDLE)
