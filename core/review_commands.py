"""The undoable edits of the review's record. As in `core/commands.py`, a command is data with one method.

`author` and `time` are given by whoever makes the command, so that replaying a journal gives the same record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.review import DrawnLine, ReviewMark, ReviewStatus, mark_at, with_mark
from core.shot import Change, Shot, Touched


@dataclass(frozen=True, slots=True)
class SetReviewStatus:
    """To do, fix, approved, or none.

    `seen` is what is on screen (`core.review.seen_key`); an approval keeps it, to tell when the matte changed since.
    `sealed` are the mattes that stay here from now on, by layer: those that would be delivered, and no others.
    """

    frame: FrameNumber
    layer_id: LayerId
    status: ReviewStatus
    seen: MatteKey = ""
    author: str = ""
    time: str = ""
    sealed: tuple[tuple[LayerId, MatteKey], ...] = ()

    @property
    def label(self) -> str:
        return f"Mark as {self.status.value}" if self.status is not ReviewStatus.NONE else "Clear the status"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        approves = self.status is ReviewStatus.APPROVED
        kept = replace(
            mark_at(shot.review, self.frame, self.layer_id),
            approved_key=self.seen if approves else "",
            sealed=self.sealed if approves else (),
        )
        return _marked(shot, replace(kept, status=self.status, author=self.author, time=self.time))


@dataclass(frozen=True, slots=True)
class SetReviewNote:
    """Write the note of a frame and layer; an empty text removes it."""

    frame: FrameNumber
    layer_id: LayerId
    note: str
    author: str = ""
    time: str = ""
    label: ClassVar[str] = "Write note"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = mark_at(shot.review, self.frame, self.layer_id)
        return _marked(shot, replace(kept, note=self.note, author=self.author, time=self.time))


@dataclass(frozen=True, slots=True)
class AddReviewStroke:
    """Draw one line on the picture."""

    frame: FrameNumber
    layer_id: LayerId
    line: DrawnLine
    author: str = ""
    time: str = ""
    label: ClassVar[str] = "Draw"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = mark_at(shot.review, self.frame, self.layer_id)
        return _marked(shot, replace(kept, drawing=(*kept.drawing, self.line), author=self.author, time=self.time))


@dataclass(frozen=True, slots=True)
class EraseReviewStrokes:
    """Take lines away from the drawings of a frame: what the eraser passed over in one gesture.

    Args:
        erased: (layer id, position in that mark's drawing), in any order.
    """

    frame: FrameNumber
    erased: tuple[tuple[LayerId, int], ...]
    author: str = ""
    time: str = ""

    @property
    def label(self) -> str:
        return "Erase line" if len(self.erased) == 1 else "Erase lines"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        review = shot.review
        for layer_id in sorted({layer_id for layer_id, _ in self.erased}):
            kept = mark_at(review, self.frame, layer_id)
            gone = {position for of, position in self.erased if of == layer_id}
            if not gone <= set(range(len(kept.drawing))):
                raise IndexError(f"{sorted(gone)} of {len(kept.drawing)} lines at {self.frame}")
            drawing = tuple(line for position, line in enumerate(kept.drawing) if position not in gone)
            review = with_mark(review, replace(kept, drawing=drawing, author=self.author, time=self.time))
        return replace(shot, review=review), Change(Touched.REVIEW, "", frozenset({self.frame}))


@dataclass(frozen=True, slots=True)
class ClearReviewDrawing:
    """Take all lines of a frame and layer away; note and status stay."""

    frame: FrameNumber
    layer_id: LayerId
    author: str = ""
    time: str = ""
    label: ClassVar[str] = "Clear drawing"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        kept = mark_at(shot.review, self.frame, self.layer_id)
        return _marked(shot, replace(kept, drawing=(), author=self.author, time=self.time))


@dataclass(frozen=True, slots=True)
class RemoveReviewMark:
    """Take a mark away: status, note and drawing."""

    frame: FrameNumber
    layer_id: LayerId
    label: ClassVar[str] = "Remove mark"

    def apply(self, shot: Shot) -> tuple[Shot, Change]:
        return _marked(shot, ReviewMark(self.frame, self.layer_id))


def _marked(shot: Shot, mark: ReviewMark) -> tuple[Shot, Change]:
    change = Change(Touched.REVIEW, mark.layer_id, frozenset({mark.frame}))
    return replace(shot, review=with_mark(shot.review, mark)), change
