"""Scribble: a line that tells the segmenter what belongs to the layer. Left adds, right (a pen: Ctrl, or its eraser)
subtracts. It paints no coverage: the model answers it, as it answers a click.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from core.prompts import Click, Prompt, Stroke, StrokePoint
from widgets.tools.target import may_author, prompted
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext

NEAREST = 0.7
"""A place nearer to the last one than this part of the line's radius adds nothing to it."""


class ScribbleTool(QuietHover):
    name: ClassVar[str] = "scribble"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if event.button == "middle" or not may_author(context, event):
            return None
        return scribble(event, context)


def scribble(press: PointerEvent, context: ToolContext) -> Gesture:
    """Press, drag, release: one stroke that prompts, one undo step. A press alone is a click."""
    assert context.plate is not None
    canvas = context.plate.canvas
    radius_px, adds = context.viewport.line_radius_px, not press.subtracts
    points = [StrokePoint(press.x, press.y)]

    def told() -> Prompt:
        if len(points) == 1:
            return Click(points[0].x, points[0].y, adds)
        return Stroke(tuple(points), radius_px, adds, hardness=1.0)

    try:
        context.viewport.show_prompt(told())
        while (event := (yield)).kind == "move":
            last = points[-1]
            far = (event.x - last.x) ** 2 + (event.y - last.y) ** 2 >= (NEAREST * radius_px) ** 2
            if far and canvas.contains(event.x, event.y):
                points.append(StrokePoint(event.x, event.y))
                context.viewport.show_prompt(told())
    finally:
        context.viewport.show_prompt(None)
    return prompted(context, told())
