"""Everything drawn over the picture: windows' outlines, prompts, the wipe line, samples, previews, sentences, badges.

Guides keep their size on screen at any zoom. They are drawn light on dark, so that they show over any picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from core.geometry import Window
from core.prompts import Box, Click, Prompt, Stroke
from widgets.theme import color
from widgets.view_state import Compare
from widgets.viewport.badges import draw_badges
from widgets.viewport.compare import Placed, WipeLine
from widgets.viewport.overlay import Level
from widgets.viewport.pane import Overlay, Pane
from widgets.viewport.pointer import Projection
from widgets.viewport.readout import touched_by
from widgets.viewport.scene import Scene

DOT = 5.0
ADDS = QColor("#7fd67f")
SUBTRACTS = QColor("#ee6a5e")
SIZE_WIDE, SIZE_HIGH = 84.0, 18.0
"""Points, of the readout beside the box under the hand."""
SHADE = QColor(0, 0, 0, 170)
LIGHT = QColor(255, 255, 255, 225)


@dataclass(frozen=True, slots=True)
class Marks:
    """What the hand is drawing or has read, in plate pixels."""

    prompt: Prompt | None = None
    ink: str = ""
    sample: Box | None = None


def draw_guides(painter: QPainter, scene: Scene, places: Sequence[Placed], marks: Marks, size: QSizeF) -> None:
    """All guides of all panes; sentences and badges are drawn even when guides are off."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    look = scene.look
    for pane, place in zip(scene.panes, places, strict=True):
        painter.save()
        painter.setClipRect(place.rect, Qt.ClipOperation.IntersectClip)
        if place.clip is not None:
            painter.setClipPath(place.clip, Qt.ClipOperation.IntersectClip)
        if look.guides and scene.plate is not None and not (look.compare is Compare.DISSOLVE and pane.side == "B"):
            _draw_windows(painter, scene, place.projection)
            if scene.layer is not None and scene.layer.visible:
                for prompt in scene.key_frame.prompts:
                    draw_prompt(painter, prompt, place.projection)
                if scene.coarse and scene.key_frame.prompts:
                    _draw_ring(painter, scene.key_frame.prompts[-1], place.projection)
            if marks.sample is not None:
                _draw_sample(painter, marks.sample, place.projection)
        if scene.preview is not None and pane.pixels is not None:
            _draw_preview(painter, scene.preview, place.projection)
        if marks.prompt is not None:
            draw_prompt(painter, marks.prompt, place.projection, marks.ink)
        if isinstance(marks.prompt, Box):
            _draw_size(painter, marks.prompt, place)
        if pane.sentence:
            _draw_sentence(painter, scene, pane, place)
        painter.restore()
        draw_badges(painter, scene, pane, place)
    if look.compare is Compare.WIPE and look.guides and scene.picture is not None:
        _draw_wipe(painter, WipeLine.of(look, places[0].projection, scene.picture.format), size)
    elif look.compare is Compare.SIDE_BY_SIDE and len(places) == 2:
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(places[1].rect.topLeft(), places[1].rect.bottomLeft())
    elif look.compare is Compare.STACKED and len(places) == 2:
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(places[1].rect.topLeft(), places[1].rect.topRight())
    painter.restore()


def _draw_windows(painter: QPainter, scene: Scene, projection: Projection) -> None:
    assert scene.plate is not None
    form = scene.picture.format if scene.picture is not None else scene.plate.format
    _outline(painter, form.display, projection, QPen(QColor(255, 255, 255, 70), 1))
    data = scene.data_window
    if data is not None and data != form.display:
        pen = QPen(QColor(217, 138, 61, 170), 1)
        pen.setDashPattern([5, 4])
        _outline(painter, data, projection, pen)


def _outline(painter: QPainter, window: Window, projection: Projection, pen: QPen) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(projection.window_rect(window).adjusted(-1, -1, 0, 0))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def draw_prompt(painter: QPainter, prompt: Prompt, projection: Projection, ink: str = "") -> None:
    """A click as a dot with its sign, a box as a dashed rectangle, a stroke as its path, in `ink` or by its sign."""
    if isinstance(prompt, Click):
        place = projection.to_view(prompt.x, prompt.y)
        painter.setPen(QPen(SHADE, 1.5))
        painter.setBrush(ADDS if prompt.adds else SUBTRACTS)
        painter.drawEllipse(place, DOT + 1.5, DOT + 1.5)
        painter.setPen(QPen(QColor(0, 0, 0, 220), 1.7))
        painter.drawLine(place - QPointF(3, 0), place + QPointF(3, 0))
        if prompt.adds:
            painter.drawLine(place - QPointF(0, 3), place + QPointF(0, 3))
    elif isinstance(prompt, Box):
        rect = projection.rect(prompt.x0, prompt.y0, prompt.x1, prompt.y1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(SHADE, 2.6))
        painter.drawRect(rect)
        pen = QPen(ADDS, 1.3)
        pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.drawRect(rect)
    elif isinstance(prompt, Stroke):
        color = QColor(ink) if ink else QColor(ADDS if prompt.adds else SUBTRACTS)
        color.setAlpha(190)
        width = max(2.0, 2 * prompt.radius_px * projection.points_per_row)
        line = QPolygonF([projection.to_view(point.x, point.y) for point in prompt.points])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color_of, wide in ((SHADE, width + 2.0), (color, width)):
            painter.setPen(
                QPen(color_of, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            )
            painter.drawPolyline(line)


def prompt_rect(prompt: Prompt, projection: Projection) -> QRectF:
    """What must be repainted when this prompt appears or goes, in points."""
    if isinstance(prompt, Box):
        return projection.rect(prompt.x0, prompt.y0, prompt.x1, prompt.y1).adjusted(-4, -4, 4, 4)
    if isinstance(prompt, Click):
        place = projection.to_view(prompt.x, prompt.y)
        return QRectF(place.x() - 10, place.y() - 10, 20, 20)
    return projection.window_rect(prompt.bounds()).adjusted(-4, -4, 4, 4)


def size_rect(box: Box, place: Placed) -> QRectF:
    """Where the size of the box under the hand is written, in points: at its lower right corner, inside the pane."""
    rect = place.projection.rect(box.x0, box.y0, box.x1, box.y1)
    left = min(rect.right() + 6, place.rect.right() - SIZE_WIDE - 4)
    top = min(rect.bottom() + 6, place.rect.bottom() - SIZE_HIGH - 4)
    return QRectF(left, top, SIZE_WIDE, SIZE_HIGH)


def _draw_size(painter: QPainter, box: Box, place: Placed) -> None:
    rect = size_rect(box, place)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(SHADE)
    painter.drawRoundedRect(rect, 3, 3)
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(LIGHT)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{box.x1 - box.x0:.0f} × {box.y1 - box.y0:.0f}")


def _draw_preview(painter: QPainter, preview: Overlay, projection: Projection) -> None:
    """What one more prompt would give: a tint and a dashed outline, nothing a matte could be taken for."""
    level: Level = preview.coverage.level(projection.stride)
    path = QPainterPath()
    for line in level.outline():
        path.addPolygon(QPolygonF([projection.to_view(x, y) for x, y in line.tolist()]))
        path.closeSubpath()
    tint = QColor.fromRgbF(*preview.color, 0.22)
    painter.fillPath(path, tint)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(SHADE, 2.4))
    painter.drawPath(path)
    pen = QPen(LIGHT, 1.3)
    pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.drawPath(path)


def _draw_ring(painter: QPainter, prompt: Prompt, projection: Projection) -> None:
    """Around the newest prompt while the matte is a first answer: a finer one follows."""
    if isinstance(prompt, Click):
        place = projection.to_view(prompt.x, prompt.y)
    elif isinstance(prompt, Box):
        place = projection.to_view(prompt.x1, prompt.y1)
    else:
        place = projection.to_view(prompt.points[-1].x, prompt.points[-1].y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(SHADE, 3.2), QPen(LIGHT, 1.6)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(QRectF(place.x() - 11, place.y() - 11, 22, 22), 30 * 16, 240 * 16)


def _draw_sample(painter: QPainter, sample: Box, projection: Projection) -> None:
    rect = projection.window_rect(touched_by(sample))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(SHADE, 3))
    painter.drawRect(rect)
    painter.setPen(QPen(LIGHT, 1))
    painter.drawRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _draw_wipe(painter: QPainter, line: WipeLine, size: QSizeF) -> None:
    one, two = line.ends(size)
    painter.setPen(QPen(SHADE, 3))
    painter.drawLine(one, two)
    painter.setPen(QPen(LIGHT, 1))
    painter.drawLine(one, two)
    for place, filled in ((line.middle, True), (line.turning, False)):
        painter.setPen(QPen(SHADE, 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(place, DOT, DOT)
        painter.setPen(QPen(LIGHT, 1.4))
        painter.setBrush(QBrush(LIGHT) if filled else QBrush(SHADE))
        painter.drawEllipse(place, DOT, DOT)


def _draw_sentence(painter: QPainter, scene: Scene, pane: Pane, place: Placed) -> None:
    """The reason why there is no picture, in the picture's place, under its frame number."""
    room = place.rect
    if scene.plate is not None:
        shown = place.projection.window_rect(scene.plate.format.display).intersected(place.rect)
        room = shown if shown.width() > 160 and shown.height() > 60 else place.rect
    fault = scene.plate is not None and scene.picture is None and not scene.waiting
    font = QFont(painter.font())
    font.setPixelSize(13)
    painter.setFont(font)
    words = room.adjusted(24, 12, -24, -12)
    if scene.plate is not None and scene.picture is None:
        large = QFont(font)
        large.setPixelSize(34)
        large.setWeight(QFont.Weight.Light)
        painter.setFont(large)
        painter.setPen(color("bad") if fault else color("text_off"))
        number = QRectF(words.left(), words.center().y() - 50, words.width(), 44)
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(scene.look.frame))
        painter.setFont(font)
        words.setTop(words.center().y())
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
    else:
        flags = Qt.AlignmentFlag.AlignCenter
    painter.setPen(color("text") if fault or scene.plate is None else color("text_dim"))
    painter.drawText(words, int(flags | Qt.TextFlag.TextWordWrap), pane.sentence)
