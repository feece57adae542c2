"""Pan: drag the picture. Middle drag and Alt-left drag do it whatever the tool."""

from __future__ import annotations

from typing import ClassVar, Literal

from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext


class PanTool(QuietHover):
    name: ClassVar[str] = "pan"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "hand"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        return drag(event, context)


def drag(press: PointerEvent, context: ToolContext) -> Gesture:
    """The picture follows the hand, point by point."""
    last = press
    while (event := (yield)).kind == "move":
        context.viewport.pan_by(event.view_x - last.view_x, event.view_y - last.view_y)
        last = event
    return None
