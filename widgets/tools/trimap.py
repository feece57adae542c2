"""Trimap: paint where the edge is unknown, inside or outside, for refine. Shift-drag sets the radius."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.painting import StrokePainter
from core.trimap_commands import PaintTrimap
from core.trimap_mark import Mark, TrimapStroke
from widgets.tools.brush import resize
from widgets.tools.target import may_author
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext

OTHER = {Mark.UNKNOWN: Mark.OUTSIDE, Mark.INSIDE: Mark.OUTSIDE, Mark.OUTSIDE: Mark.INSIDE}
"""What the right button or the eraser paints, by what the left one does."""
INKS = {Mark.UNKNOWN: "#fab234", Mark.INSIDE: "#f0f0f0", Mark.OUTSIDE: "#141414"}
"""Of the line under the hand: as the trimap will show it."""


class TrimapTool(QuietHover):
    name: ClassVar[str] = "trimap"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "brush"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if event.button == "middle":
            return None
        if event.shift:
            return resize(event, context)
        if not may_author(context):
            return None
        if context.layer is None:
            context.say("There is no layer yet: make a matte first, then say where its edge is.")
            return None
        context.view.set(trimap=True)
        return paint(event, context)


def paint(press: PointerEvent, context: ToolContext) -> Gesture:
    """Press, drag, release: one stroke, one undo step."""
    assert context.plate is not None
    assert context.layer is not None
    brush, chosen = context.viewport.brush, context.look.trimap_mark
    mark = OTHER[chosen] if press.subtracts else chosen
    painter = StrokePainter(context.plate.canvas, brush.radius_px, adds=mark is not Mark.OUTSIDE, hardness=1.0)
    try:
        painter.move(press.x, press.y, press.pressure)
        context.viewport.show_prompt(painter.stroke(), INKS[mark])
        while (event := (yield)).kind == "move":
            painter.move(event.x, event.y, event.pressure)
            context.viewport.show_prompt(painter.stroke(), INKS[mark])
    finally:
        context.viewport.show_prompt(None)
    if painter.dirty.empty:
        return None
    return PaintTrimap(context.layer.id, context.look.frame, TrimapStroke(painter.stroke(), mark))
