"""The review in the timeline: a short bar under each key's place, in the color of what was said of the frame.

Of the chosen layer and of the whole frame; where both were spoken of, the one that asks for more work is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from core.frames import FrameNumber
from core.layer import LayerId
from core.review import WHOLE_PICTURE, ReviewStatus
from core.review_list import ReviewFilter, ReviewRow, rows_of
from core.shot import Shot
from widgets.timeline.painting import KEYS
from widgets.timeline.scale import Scale
from widgets.viewport.drawings import row_color

BAR_PX = 3.0
URGENT = (ReviewStatus.NONE, ReviewStatus.APPROVED, ReviewStatus.TO_DO, ReviewStatus.FIX)
"""What wins where a frame has two marks; the last most."""


def review_marks(shot: Shot, layer_id: LayerId) -> Mapping[FrameNumber, ReviewRow]:
    """The mark that is shown at each frame that has one."""
    shown: dict[FrameNumber, ReviewRow] = {}
    for row in rows_of(shot, ReviewFilter(layer_ids=frozenset({WHOLE_PICTURE, layer_id}))):
        before = shown.get(row.mark.frame)
        if before is None or _urgency(row) > _urgency(before):
            shown[row.mark.frame] = row
    return shown


def paint_review(painter: QPainter, scale: Scale, marks: Mapping[FrameNumber, ReviewRow]) -> None:
    """A bar for each mark, at least two pixels wide, along the lower edge of the keys' lane."""
    painter.save()
    painter.setClipRect(QRectF(scale.left_px, KEYS.top(), scale.width_px, KEYS.height()))
    gap = 1.0 if scale.frame_px >= 5 else 0.0
    for frame, row in marks.items():
        width = max(2.0, scale.frame_px - gap)
        left = scale.center_x(frame) - width / 2
        painter.fillRect(QRectF(left, KEYS.bottom() - BAR_PX, width, BAR_PX), row_color(row))
    painter.restore()


def words(row: ReviewRow | None) -> str:
    """For the tooltip: whom it is about, the status, the note; empty without a mark."""
    if row is None:
        return ""
    note = " ".join(row.mark.note.split())
    return ": ".join(part for part in (" ".join((row.layer, row.words)).strip(), note) if part)


def _urgency(row: ReviewRow) -> int:
    return URGENT.index(ReviewStatus.TO_DO if row.changed_since else row.mark.status)
