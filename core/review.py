"""The review's record: what was said of a frame or of one layer's matte there. A note, a drawing, a status.

Authored like everything else: immutable, saved with the shot, undoable. Knows nothing of a matte but its key, by
which an approval tells whether what was approved still stands. An approval of what would be delivered *seals* it: that
matte stays at this frame until the approval is taken back, whatever is corrected, taught or refined meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from core.digest import digest
from core.frames import FrameNumber
from core.layer import EMPTY_MATTE, LayerId, MatteKey

WHOLE_PICTURE: LayerId = ""
"""The layer id of a mark that is about the picture and not about one layer."""


class ReviewStatus(Enum):
    """What is to be done about a frame; the value is the word that is shown and written."""

    NONE = ""
    TO_DO = "to do"
    FIX = "fix"
    APPROVED = "approved"


@dataclass(frozen=True)
class DrawnLine:
    """One line drawn on the picture. Never part of a matte.

    Args:
        points: at least one, continuous plate pixels, in the order of the hand.
        color: sRGB 0-1.
        width_px: in plate pixels.
    """

    points: tuple[tuple[float, float], ...]
    color: tuple[float, float, float]
    width_px: float

    @cached_property
    def content(self) -> str:
        """Hash of all of it, computed once."""
        return digest("line", [value for point in self.points for value in point], self.color, self.width_px)

    def touched_by(self, x: float, y: float, reach_px: float) -> bool:
        """Whether the line passes within `reach_px` of a place (its own half width counts too)."""
        reach = reach_px + self.width_px / 2
        if len(self.points) == 1:
            return _distance(x, y, self.points[0], self.points[0]) <= reach
        return any(_distance(x, y, self.points[i], self.points[i + 1]) <= reach for i in range(len(self.points) - 1))


@dataclass(frozen=True, slots=True)
class ReviewMark:
    """What stands in the record for one frame and one layer.

    Args:
        layer_id: empty (`WHOLE_PICTURE`) when it is about the picture.
        approved_key: what was on screen when it was approved: see `seen_key`. Empty unless it is approved.
        sealed: the mattes that stay here while this mark approves them, by layer; none in a record of an older version,
            nor where an older matte was on screen.
        author, time: of the last change; `time` is ISO 8601 with its offset, empty when it is not known.
    """

    frame: FrameNumber
    layer_id: LayerId = WHOLE_PICTURE
    status: ReviewStatus = ReviewStatus.NONE
    note: str = ""
    drawing: tuple[DrawnLine, ...] = ()
    approved_key: MatteKey = ""
    author: str = ""
    time: str = ""
    sealed: tuple[tuple[LayerId, MatteKey], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it says nothing; such a mark is not kept."""
        return self.status is ReviewStatus.NONE and not self.note and not self.drawing


Review = tuple[ReviewMark, ...]
"""All marks of a shot, by frame, the picture's own before its layers'. At most one for a frame and a layer."""


def mark_at(review: Review, frame: FrameNumber, layer_id: LayerId) -> ReviewMark:
    """The mark of a frame and a layer; an empty one where nothing was said."""
    for mark in review:
        if mark.frame == frame and mark.layer_id == layer_id:
            return mark
    return ReviewMark(frame, layer_id)


def with_mark(review: Review, mark: ReviewMark) -> Review:
    """The record with this mark in its place; an empty mark removes it."""
    place = (mark.frame, mark.layer_id)
    others = tuple(kept for kept in review if (kept.frame, kept.layer_id) != place)
    if mark.empty:
        return others
    return tuple(sorted((*others, mark), key=lambda kept: (kept.frame, kept.layer_id)))


def seals(review: Iterable[ReviewMark]) -> Mapping[tuple[LayerId, FrameNumber], MatteKey]:
    """The key of every matte that stays as it was approved. A layer's own approval comes before the picture's."""
    marks = sorted(review, key=lambda mark: mark.layer_id != WHOLE_PICTURE)
    return {(layer_id, mark.frame): key for mark in marks for layer_id, key in mark.sealed}


def seen_key(mattes: dict[LayerId, MatteKey], layer_id: LayerId) -> MatteKey:
    """What an approval holds on to: the key of the layer's matte, or for the whole picture a hash of all of them.

    Args:
        mattes: the key of every layer of the shot at the frame.
    """
    if layer_id != WHOLE_PICTURE:
        return mattes.get(layer_id, EMPTY_MATTE)
    return digest("picture", {known: key for known, key in mattes.items() if key != EMPTY_MATTE})


def _distance(x: float, y: float, one: tuple[float, float], other: tuple[float, float]) -> float:
    """From a place to the nearest point of a straight piece of line."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else min(1.0, max(0.0, ((x - one[0]) * dx + (y - one[1]) * dy) / length))
    return float(((x - one[0] - along * dx) ** 2 + (y - one[1] - along * dy) ** 2) ** 0.5)
