"""Draw: notes on the picture. Left draws a line, right (a pen: Ctrl, or its eraser) takes lines away.

A drawing is part of the review's record, about the chosen layer or the whole frame, and never part of a matte.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from core.layer import LayerId
from core.review import DrawnLine
from core.review_commands import AddReviewStroke, EraseReviewStrokes
from widgets.review import ERASER_REACH, now, pen_width_px, shown_marks, subject
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext

NEAREST = 0.15
"""A place nearer to the last one than this part of the pen's width adds nothing to the line."""


class DrawTool(QuietHover):
    """The pen of the review."""

    name: ClassVar[str] = "draw"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        plate, look = context.plate, context.look
        if event.button == "middle":
            return None
        if plate is None:
            context.say("Open a plate first: there is nothing to draw on yet.")
            return None
        if look.frame not in plate.frames:
            context.say(f"Frame {look.frame} lies outside the plate ({plate.frames}).")
            return None
        context.view.set(drawings=True)
        return erase(event, context) if event.subtracts else draw_line(event, context)


def draw_line(press: PointerEvent, context: ToolContext) -> Gesture:
    """Press, drag, release: one line, one undo step. A press alone is a dot."""
    assert context.plate is not None
    look = context.look
    width_px = pen_width_px(look, context.plate)
    points = [(press.x, press.y)]

    def line() -> DrawnLine:
        return DrawnLine(tuple(points), look.pen.color, width_px)

    try:
        context.viewport.show_drawing(line())
        while (event := (yield)).kind == "move":
            x, y = points[-1]
            if (event.x - x) ** 2 + (event.y - y) ** 2 >= (NEAREST * width_px) ** 2:
                points.append((event.x, event.y))
                context.viewport.show_drawing(line())
    finally:
        context.viewport.show_drawing(None)
    about = subject(look, context.document.shot)
    return AddReviewStroke(look.frame, about, line(), context.studio.reviewing.author, now())


def erase(press: PointerEvent, context: ToolContext) -> Gesture:
    """Every visible line the eraser passes over goes, all of them in one undo step."""
    assert context.plate is not None
    reach_px = ERASER_REACH * context.plate.format.display.height
    marks = shown_marks(context.look, context.document.shot)
    erased: set[tuple[LayerId, int]] = set()
    event, last = press, press
    try:
        while True:
            erased |= {
                (mark.layer_id, position)
                for mark in marks
                for position, line in enumerate(mark.drawing)
                if any(line.touched_by(x, y, reach_px) for x, y in _between(last, event, reach_px))
            }
            context.viewport.show_drawing(None, frozenset(erased))
            if event.kind == "release":
                break
            last, event = event, (yield)
    finally:
        context.viewport.show_drawing(None)
    if not erased:
        return None
    author = context.studio.reviewing.author
    return EraseReviewStrokes(context.look.frame, tuple(sorted(erased)), author, now())


def _between(one: PointerEvent, other: PointerEvent, step_px: float) -> list[tuple[float, float]]:
    """Places from one event to the next, near enough that a quick hand skips no line."""
    dx, dy = other.x - one.x, other.y - one.y
    count = max(1, int((dx * dx + dy * dy) ** 0.5 / max(step_px, 0.5)) + 1)
    return [(one.x + dx * i / count, one.y + dy * i / count) for i in range(1, count + 1)]
