"""How the timeline looks: ruler, lanes, playhead. Draws values it is given; knows no studio and no pointer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from core.frames import FrameNumber
from widgets.theme import color
from widgets.timeline.bars import Bar, Lane
from widgets.timeline.lanes import Lanes
from widgets.timeline.scale import Scale

GUTTER_PX = 84
MARGIN_PX = 10
RULER_PX = 26
KEYS = QRectF(0, 30, 0, 14)
MATTE = QRectF(0, 47, 0, 12)
BARS = QRectF(0, 62, 0, 26)
CACHE = QRectF(0, 91, 0, 7)
HEIGHT_PX = 104

NAMES = (("Keys", KEYS), ("Matte", MATTE), ("Cache", CACHE))


def fresh_color() -> QColor:
    return color("good")


def ready_color() -> QColor:
    return color("text_dim").lighter(118)


def paint_lanes(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """Everything but the playhead: drawn once into a pixmap and kept until something changes."""
    width = scale.left_px + scale.width_px + MARGIN_PX
    painter.fillRect(QRectF(0, 0, width, HEIGHT_PX), color("window"))
    painter.fillRect(QRectF(0, 0, width, RULER_PX), color("edge"))
    _names(painter)
    painter.save()
    painter.setClipRect(QRectF(scale.left_px - 1, 0, scale.width_px + 2, HEIGHT_PX))
    for row in (KEYS, MATTE, BARS, CACHE):
        painter.fillRect(QRectF(scale.left_px, row.y(), scale.width_px, row.height()), color("well"))
    _cache(painter, scale, lanes)
    _matte(painter, scale, lanes)
    _bars(painter, scale, lanes)
    _missing(painter, scale, lanes)
    _outside(painter, scale, lanes)
    _ruler(painter, scale)
    _range(painter, scale, lanes)
    painter.restore()
    _key_frames(painter, scale, lanes)


def _names(painter: QPainter) -> None:
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(color("text_dim"))
    for name, row in NAMES:
        box = QRectF(8, row.center().y() - 8, GUTTER_PX - 16, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, name)


def _fill(painter: QPainter, scale: Scale, row: QRectF, frames: frozenset[FrameNumber], ink: QColor) -> None:
    for first, last in scale.runs(frames):
        left = scale.x(first)
        painter.fillRect(QRectF(left, row.y(), max(1.0, scale.x(last + 1) - left), row.height()), ink)


def _cache(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """In memory, and brighter what is ready for the screen."""
    _fill(painter, scale, CACHE, lanes.cached, color("text_off"))
    _fill(painter, scale, CACHE, lanes.ready & lanes.cached, ready_color())


def _matte(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    _fill(painter, scale, MATTE, lanes.freshness.fresh, fresh_color())
    stale = color("warn")
    for first, last in scale.runs(lanes.freshness.stale):
        left = scale.x(first)
        box = QRectF(left, MATTE.y(), max(1.0, scale.x(last + 1) - left), MATTE.height())
        painter.fillRect(box, stale.darker(260))
        painter.fillRect(box, QBrush(stale, Qt.BrushStyle.BDiagPattern) if box.width() >= 3 else QBrush(stale))
    if scale.frame_px >= 5:
        painter.setPen(QPen(color("well"), 1))
        for frame in range(int(scale.start), int(scale.start + scale.span) + 2):
            x = round(scale.x(frame)) + 0.5
            painter.drawLine(QPointF(x, MATTE.top()), QPointF(x, MATTE.bottom() - 0.5))


def _bars(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """A bar for each pixel column or frame, the most worrying in it."""
    shown: dict[int, Bar] = {}
    for frame, bar in lanes.bars.items():
        if scale.start - 1 <= frame <= scale.start + scale.span:
            column = round(scale.x(frame)) if scale.frame_px < 1 else frame
            rival = shown.get(column)
            if rival is None or _urgency(lanes.lane, bar) > _urgency(lanes.lane, rival):
                shown[column] = bar
    gap = 1.0 if scale.frame_px >= 5 else 0.0
    for column, bar in shown.items():
        left = float(column) if scale.frame_px < 1 else scale.x(column)
        width = max(1.0, scale.frame_px - gap)
        height = max(1.0, min(1.0, max(0.0, bar.height)) * (BARS.height() - 2))
        painter.fillRect(QRectF(left + gap / 2, BARS.bottom() - height, width, height), bar_color(bar))
        if bar.was > bar.height:
            _taken_away(painter, left + gap / 2, width, height, min(1.0, bar.was) * (BARS.height() - 2))


def _taken_away(painter: QPainter, left: float, width: float, height: float, was: float) -> None:
    """What the last correction took off a bar: a veil up to where it stood, and a line there."""
    veil = color("text_dim")
    top = BARS.bottom() - max(was, height + 1.0)
    painter.fillRect(QRectF(left, top, width, 1.0), veil)
    veil.setAlpha(60)
    painter.fillRect(QRectF(left, top, width, BARS.bottom() - height - top), veil)


def bar_color(bar: Bar) -> QColor:
    if bar.worry:
        return color("bad") if bar.worry > 1 else color("warn")
    return color("good").darker(125) if bar.graded else color("text_off")


def _urgency(lane: Lane, bar: Bar) -> tuple[int, float]:
    return bar.worry, -bar.height if lane is Lane.CONFIDENCE else bar.height


def _missing(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """Missing on disk: a red gap through the cache row, at least two pixels so that one of 2000 is seen."""
    for first, last in scale.runs(lanes.missing):
        left = scale.x(first)
        width = max(2.0, scale.x(last + 1) - left)
        painter.fillRect(QRectF(left, CACHE.y(), width, CACHE.height()), color("bad"))
        painter.fillRect(QRectF(left, RULER_PX - 4, width, 4), color("bad"))


def _outside(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """What lies outside in and out is veiled."""
    if lanes.work is None:
        return
    veil = QColor(color("window"))
    veil.setAlpha(190)
    left, right = scale.x(lanes.work.first), scale.x(lanes.work.last + 1)
    height = HEIGHT_PX - RULER_PX
    if left > scale.left_px:
        painter.fillRect(QRectF(scale.left_px, RULER_PX, left - scale.left_px, height), veil)
    end = scale.left_px + scale.width_px
    if right < end:
        painter.fillRect(QRectF(right, RULER_PX, end - right, height), veil)


def _ruler(painter: QPainter, scale: Scale) -> None:
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    widest = max(metrics.horizontalAdvance(str(scale.frames.first)), metrics.horizontalAdvance(str(scale.frames.last)))
    step = scale.number_step(widest + 16)
    small = max(1, step // 5) if step >= 5 else 1
    if small * scale.frame_px >= 4:
        painter.setPen(QPen(color("line"), 1))
        first = -(-max(scale.frames.first, int(scale.start)) // small) * small
        for frame in range(first, min(scale.frames.last, int(scale.start + scale.span)) + 1, small):
            x = round(scale.center_x(frame)) + 0.5
            painter.drawLine(QPointF(x, RULER_PX - 4), QPointF(x, RULER_PX - 1))
    for frame, box in number_boxes(scale, metrics):
        x = round(scale.center_x(frame)) + 0.5
        painter.setPen(QPen(color("text_off"), 1))
        painter.drawLine(QPointF(x, RULER_PX - 7), QPointF(x, RULER_PX - 1))
        painter.setPen(color("text_dim"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(frame))


def number_boxes(scale: Scale, metrics: QFontMetricsF) -> list[tuple[FrameNumber, QRectF]]:
    """Every written number and where; none touches another, none leaves the ruler."""
    ends = (str(scale.frames.first), str(scale.frames.last))
    widest = max(float(metrics.horizontalAdvance(text)) for text in ends)
    found = []
    for frame in scale.numbers(widest + 16):
        width = metrics.horizontalAdvance(str(frame)) + 2
        left = min(max(scale.center_x(frame) - width / 2, scale.left_px), scale.left_px + scale.width_px - width)
        found.append((frame, QRectF(left, 2, width, RULER_PX - 9)))
    return found


def _range(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """In and out: brackets under the ruler, joined by a thin line."""
    if lanes.work is None:
        return
    left, right = scale.x(lanes.work.first), scale.x(lanes.work.last + 1)
    painter.fillRect(QRectF(left, RULER_PX, right - left, 2), color("accent").darker(150))
    for edge, inward in ((left, 1), (right, -1)):
        painter.fillRect(QRectF(edge if inward > 0 else edge - 2, RULER_PX - 6, 2, 8), color("accent"))


def _key_frames(painter: QPainter, scale: Scale, lanes: Lanes) -> None:
    """Filled where the matte was made by hand, a ring where a shape has a key."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = 5.0 if scale.frame_px >= 6 else 4.0
    painter.setPen(QPen(color("text_bright"), 1.2))
    painter.setBrush(color("well"))
    for frame in lanes.freshness.shape_keys:
        middle = QPointF(scale.center_x(frame), KEYS.center().y())
        if scale.left_px - 1 <= middle.x() <= scale.left_px + scale.width_px + 1:
            painter.drawEllipse(middle, radius + 1, radius + 1)
    for frame in lanes.freshness.key_frames:
        x, y = scale.center_x(frame), KEYS.center().y()
        if not scale.left_px - 1 <= x <= scale.left_px + scale.width_px + 1:
            continue
        diamond = QPolygonF(
            [QPointF(x, y - radius), QPointF(x + radius, y), QPointF(x, y + radius), QPointF(x - radius, y)]
        )
        painter.setPen(QPen(color("well"), 1))
        painter.setBrush(color("text_bright"))
        painter.drawPolygon(diamond)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def playhead_width(scale: Scale, metrics: QFontMetricsF) -> float:
    """How wide the playhead's flag is."""
    return float(metrics.horizontalAdvance(str(scale.frames.last))) + 12


def paint_playhead(painter: QPainter, scale: Scale, frame: FrameNumber) -> None:
    """A line through all lanes and a flag with the number; the frame's width is tinted where it can be seen."""
    x = scale.center_x(frame)
    if scale.frame_px >= 3:
        tint = QColor(color("accent"))
        tint.setAlpha(46)
        painter.fillRect(QRectF(scale.x(frame), RULER_PX, scale.frame_px, HEIGHT_PX - RULER_PX), tint)
    painter.fillRect(QRectF(round(x) - 0.5, RULER_PX - 4, 1.5, HEIGHT_PX - RULER_PX + 4), color("accent_bright"))
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setBold(True)
    painter.setFont(font)
    width = playhead_width(scale, QFontMetricsF(font))
    left = min(max(x - width / 2, scale.left_px - MARGIN_PX), scale.left_px + scale.width_px + MARGIN_PX - width)
    flag = QRectF(left, 2, width, RULER_PX - 7)
    font.setBold(False)
    for _frame, box in number_boxes(scale, QFontMetricsF(font)):
        if box.intersects(flag):
            painter.fillRect(box, color("edge"))
    font.setBold(True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("accent"))
    painter.drawRoundedRect(flag, 3, 3)
    painter.setPen(color("on_accent"))
    painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, str(frame))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
