"""Pick: read pixels. A click samples one pixel, a drag the mean of an area; nothing is edited."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.prompts import Box
from widgets.tools.box import spanned
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext


class PickTool(QuietHover):
    name: ClassVar[str] = "pick"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if context.plate is None:
            context.say("Open a plate first: there are no pixels to read yet.")
            return None
        if event.button != "left" or not context.plate.canvas.contains(event.x, event.y):
            return None
        return sample(event, context)


def sample(press: PointerEvent, context: ToolContext) -> Gesture:
    """The pixel under the press, then the area the drag spans. Escape leaves the last reading."""
    assert context.plate is not None
    canvas = context.plate.canvas
    context.viewport.sample(Box(press.x, press.y, press.x, press.y))
    while (event := (yield)).kind == "move":
        context.viewport.sample(spanned(press, event, canvas))
    return None
