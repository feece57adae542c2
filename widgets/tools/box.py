"""Box: drag a rectangle around the subject."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.commands import AddPrompt
from core.geometry import Window
from core.prompts import Box
from widgets.tools.target import authored_layer, may_author
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext

SMALLEST_SIDE_PX = 2.0
"""A smaller box is a slip of the hand."""


class BoxTool(QuietHover):
    name: ClassVar[str] = "box"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if event.button != "left" or not may_author(context):
            return None
        return drag_box(event, context)


def spanned(one: PointerEvent, other: PointerEvent, within: Window) -> Box:
    """The box between two corners in any order, clipped to a window; may come out empty."""
    return Box(
        max(min(one.x, other.x), within.x0),
        max(min(one.y, other.y), within.y0),
        min(max(one.x, other.x), within.x1),
        min(max(one.y, other.y), within.y1),
    )


def drag_box(press: PointerEvent, context: ToolContext) -> Gesture:
    """Press at one corner, release at the other: one box."""
    assert context.plate is not None
    canvas = context.plate.canvas
    box = spanned(press, press, canvas)
    try:
        while (event := (yield)).kind != "release":
            box = spanned(press, event, canvas)
            context.viewport.show_box(box)
        box = spanned(press, event, canvas)
    finally:
        context.viewport.show_box(None)
    if box.empty or box.x1 - box.x0 < SMALLEST_SIDE_PX or box.y1 - box.y0 < SMALLEST_SIDE_PX:
        context.say("Drag a box around the subject, from corner to corner.")
        return None
    layer = authored_layer(context)
    frame = context.look.frame
    return AddPrompt(layer.id, frame, box, base=context.studio.shown_key(layer.id, frame))
