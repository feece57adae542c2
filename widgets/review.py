"""What the window asks of the review, and the few rules its tool, panel and picture share. Qt-free.

The record itself is part of the shot (`core/review.py`) and is changed by commands only. The real room is
`app/reviewing.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from core.frames import FrameNumber
from core.layer import LayerId, MatteKey
from core.plate import Plate
from core.review import WHOLE_PICTURE, ReviewMark, mark_at
from core.review_plan import ReviewPlan
from core.shot import Shot
from widgets.view_state import Look, Pen

PEN_COLORS: tuple[tuple[str, tuple[float, float, float]], ...] = (
    ("Red", (0.91, 0.34, 0.29)),
    ("Amber", (0.95, 0.76, 0.30)),
    ("Cyan", (0.33, 0.77, 0.84)),
    ("White", (0.93, 0.93, 0.93)),
)
"""sRGB 0-1: four that show over skin, grass, sky and night, and none that shouts. Amber comes
first to hand: the first layer's overlay is red."""
PEN_WIDTHS: tuple[tuple[str, float], ...] = (("Fine", 0.003), ("Medium", 0.006), ("Broad", 0.014))
"""Parts of the picture's height, so that a note looks alike on a 2K and a 4K plate."""
ERASER_REACH = 0.012
"""How near to a line the eraser takes it, a part of the picture's height."""


class ReviewRoom(Protocol):
    """What the application knows that the record does not."""

    @property
    def author(self) -> str:
        """Whose name is written beside what is said from now on."""

    def seen(self, layer_id: LayerId, frame: FrameNumber) -> tuple[MatteKey, bool]:
        """The key of what is on screen (`core.review.seen_key`), and whether it is what would be delivered."""

    def sealable(self, layer_id: LayerId, frame: FrameNumber) -> tuple[tuple[LayerId, MatteKey], ...]:
        """The mattes that an approval would seal, by layer: those on screen that would be delivered."""

    def export(self, plan: ReviewPlan) -> None:
        """Write CSV, movie, pictures or contact sheet as a job; what came of it is said by message."""


def subject(look: Look, shot: Shot) -> LayerId:
    """Whom a note, line or status is about now: the chosen layer, or the picture."""
    chosen = not look.review_whole and any(layer.id == look.layer_id for layer in shot.layers)
    return look.layer_id if chosen else WHOLE_PICTURE


def shown_marks(look: Look, shot: Shot) -> tuple[ReviewMark, ...]:
    """The marks whose drawings are on the picture: its own, and those of layers whose eye is open."""
    visible = {WHOLE_PICTURE, *(layer.id for layer in shot.layers if layer.visible)}
    return tuple(mark for mark in shot.review if mark.frame == look.frame and mark.layer_id in visible)


def seal_words(shot: Shot, layer_id: LayerId, frame: FrameNumber) -> str:
    """That a matte stays as it was approved, and how it may change again; empty where it is not sealed."""
    if (layer_id, frame) not in shot.sealed:
        return ""
    own = bool(mark_at(shot.review, frame, layer_id).sealed)
    whose = "" if own else " of the whole frame"
    return f"Approved: it stays as it is until the approval{whose} is taken back."


def pen_width_px(look: Look, plate: Plate) -> float:
    """The pen's width in plate pixels; never thinner than one."""
    return max(1.0, look.pen.width * plate.format.display.height)


def resized(pen: Pen, direction: int) -> Pen:
    """The next broader (1) or finer (-1) of the pen's widths; the same at the end."""
    widths = [width for _name, width in PEN_WIDTHS]
    beyond = [width for width in widths if (width - pen.width) * direction > 0]
    return Pen(pen.color, min(beyond, key=lambda width: abs(width - pen.width), default=pen.width))


def now() -> str:
    """The time as the record writes it: ISO 8601 with its offset, to the second."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
