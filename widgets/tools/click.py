"""Click: left adds, right (a pen: Ctrl, or its eraser) subtracts; Shift over the picture shows a preview first.

With Alt it is the preview of a right click: a mouse that hovers has no button to say so.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

from core.commands import Command
from core.frames import FrameNumber
from core.layer import LayerId
from core.prompts import Click
from widgets.tools.target import may_author, prompted
from widgets.tools.tool import Gesture, PointerEvent, ToolContext


class ClickTool:
    name: ClassVar[str] = "click"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def __init__(self) -> None:
        self._previewed: tuple[LayerId, FrameNumber] | None = None

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        self.leave(context)
        if event.button == "middle" or not may_author(context, event):
            return None
        return put_click(event, context)

    def hover(self, event: PointerEvent, context: ToolContext) -> None:
        plate, layer = context.plate, context.layer
        frame = context.look.frame
        sealed = layer is not None and (layer.id, frame) in context.document.shot.sealed
        wanted = event.shift and not event.samples and (layer is None or not layer.locked) and not sealed
        if not wanted or plate is None or frame not in plate.frames or not plate.canvas.contains(event.x, event.y):
            self.leave(context)
            return
        layer_id = layer.id if layer is not None else ""
        self._previewed = (layer_id, frame)
        context.studio.hover(layer_id, frame, Click(event.x, event.y, adds=not (event.subtracts or event.alt)))

    def leave(self, context: ToolContext) -> None:
        if self._previewed is not None:
            layer_id, frame = self._previewed
            self._previewed = None
            context.studio.hover(layer_id, frame, None)


def put_click(press: PointerEvent, context: ToolContext) -> Generator[None, PointerEvent, Command | None]:
    """One click where the button went down; the answer starts at once, not at the release."""
    return prompted(context, Click(press.x, press.y, adds=not press.subtracts))
    yield  # makes this a gesture like the others
