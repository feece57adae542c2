"""The review's drawings over the picture, the line under the hand among them, and what was said of the frame.

Draws what the record holds and nothing else; lines keep their place on the plate and their width with the zoom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from core.layer import LayerId
from core.review import DrawnLine, ReviewMark, ReviewStatus
from core.review_list import ReviewRow, row_of
from core.shot import Change, Touched
from widgets.review import shown_marks, subject
from widgets.seen import Seen
from widgets.theme import color
from widgets.view_state import Look, ViewState
from widgets.viewport.compare import Placed
from widgets.viewport.pointer import Projection
from widgets.viewport.scene import Scene

SHADE = QColor(0, 0, 0, 105)
FAINT = 0.4
"""Of the drawings about a layer that is not the chosen one."""
PIECE = 16
"""How many places of a line are drawn at once."""
SEEN_POINTS = 1.0
"""Places of a line that are nearer to each other, in points of the view, are one."""
MOST_BADGES = 3
STATUS_COLORS = {
    ReviewStatus.NONE: "text_dim",
    ReviewStatus.TO_DO: "warn",
    ReviewStatus.FIX: "bad",
    ReviewStatus.APPROVED: "good",
}


def row_color(row: ReviewRow) -> QColor:
    """Of a mark's status; an approval whose matte changed since has the color of what is to be done."""
    return color("warn" if row.changed_since else STATUS_COLORS[row.mark.status])


class Drawings:
    """Args: `redraw` is called when something else is to be seen."""

    def __init__(self, studio: Seen, view: ViewState, redraw: Callable[[], None]) -> None:
        self._studio, self._view, self._redraw = studio, view, redraw
        self._line: DrawnLine | None = None
        self._erased: frozenset[tuple[LayerId, int]] = frozenset()
        self._listening = (studio.document.changed.connect(self._changed), view.changed.connect(self._looked))

    def release(self) -> None:
        """Stop listening."""
        for stop in self._listening:
            stop()

    def show(self, line: DrawnLine | None, erased: frozenset[tuple[LayerId, int]]) -> None:
        """What the hand is doing now."""
        self._line, self._erased = line, erased
        self._redraw()

    def draw(self, painter: QPainter, scene: Scene, places: Sequence[Placed]) -> None:
        """Every visible drawing on every pane, and what was said in the first pane's lower left corner."""
        shot, look = self._studio.document.shot, scene.look
        if scene.plate is None or not look.drawings:
            return
        marks = shown_marks(look, shot)
        chosen = {"", subject(look, shot), look.layer_id}
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in places:
            painter.save()
            painter.setClipRect(place.rect, Qt.ClipOperation.IntersectClip)
            if place.clip is not None:
                painter.setClipPath(place.clip, Qt.ClipOperation.IntersectClip)
            for mark in marks:
                painter.setOpacity(1.0 if mark.layer_id in chosen else FAINT)
                self._draw_mark(painter, mark, place.projection)
            painter.setOpacity(1.0)
            if self._line is not None:
                draw_line(painter, self._line, place.projection)
            painter.restore()
        rows = [row for mark in marks if mark.layer_id in chosen and (row := row_of(shot, mark)) is not None]
        said = [row for row in rows if row.words or row.mark.note]
        if places and said:
            _draw_badges(painter, said, places[0].rect)
        painter.restore()

    def _draw_mark(self, painter: QPainter, mark: ReviewMark, projection: Projection) -> None:
        for position, line in enumerate(mark.drawing):
            if (mark.layer_id, position) not in self._erased:
                draw_line(painter, line, projection)

    def _changed(self, change: Change) -> None:
        if change.touched in (Touched.REVIEW, Touched.LAYER, Touched.LAYERS):
            self._redraw()

    def _looked(self, change: tuple[Look, Look]) -> None:
        before, after = change
        if (before.drawings, before.review_whole) != (after.drawings, after.review_whole):
            self._redraw()


def draw_line(painter: QPainter, line: DrawnLine, projection: Projection) -> None:
    """One line over a thin shade, so that it shows on bright and on dark; a single place is a dot."""
    width = max(1.5, line.width_px * projection.points_per_row)
    places = apart([projection.to_view(x, y) for x, y in line.points])
    if len(places) == 1:
        places.append(places[0] + QPointF(0.01, 0))
    # in pieces, for a line that crosses itself often takes Qt seconds whole; a faint one would show the joints
    step = PIECE if painter.opacity() == 1.0 else len(places)
    pieces = [QPolygonF(places[at : at + step + 1]) for at in range(0, len(places) - 1, step)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, across in ((SHADE, width + 2.0), (QColor.fromRgbF(*line.color), width)):
        painter.setPen(QPen(ink, across, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        for piece in pieces:
            painter.drawPolyline(piece)


def apart(places: list[QPointF]) -> list[QPointF]:
    """Without places that lie where the one before them lies, but for the last: a pen tells more than can be seen."""
    kept = places[:1]
    for place in places[1:-1]:
        if (place - kept[-1]).manhattanLength() >= SEEN_POINTS:
            kept.append(place)
    return kept + places[1:][-1:]


def _draw_badges(painter: QPainter, rows: Sequence[ReviewRow], rect: QRectF) -> None:
    """A line for each mark, from the bottom up: whom it is about, its status, the beginning of its note."""
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    room = max(80.0, min(rect.width() - 16, 560.0))
    bottom = rect.bottom() - 8
    for row in reversed(rows[:MOST_BADGES]):
        first = row.layer if not row.words else f"{row.layer}  {row.words}"
        note = " ".join(row.mark.note.split())
        text = metrics.elidedText(f"{first}   {note}" if note else first, Qt.TextElideMode.ElideRight, room - 26)
        badge = QRectF(rect.left() + 8, bottom - 19, metrics.horizontalAdvance(text) + 26, 19)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 190))
        painter.drawRoundedRect(badge, 3, 3)
        painter.setBrush(row_color(row))
        painter.drawEllipse(QPointF(badge.left() + 10, badge.center().y()), 3.5, 3.5)
        painter.setPen(color("text_bright"))
        painter.drawText(badge.adjusted(19, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, text)
        bottom -= 22
