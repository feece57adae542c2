"""Click: left adds, right (a pen: Ctrl, or its eraser) subtracts; Shift over the picture shows a preview first."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

from core.commands import AddPrompt, Command
from core.prompts import Click
from widgets.tools.target import authored_layer, may_author
from widgets.tools.tool import Gesture, PointerEvent, ToolContext


class ClickTool:
    name: ClassVar[str] = "click"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def __init__(self) -> None:
        self._previewed: tuple[str, int] | None = None

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        self.leave(context)
        if event.button == "middle" or not may_author(context, event):
            return None
        return put_click(event, context)

    def hover(self, event: PointerEvent, context: ToolContext) -> None:
        plate, layer = context.plate, context.layer
        if not event.shift or event.samples or plate is None or layer is None or layer.locked:
            self.leave(context)
            return
        if not plate.canvas.contains(event.x, event.y):
            self.leave(context)
            return
        frame = context.look.frame
        self._previewed = (layer.id, frame)
        context.studio.hover(layer.id, frame, Click(event.x, event.y, adds=not event.subtracts))

    def leave(self, context: ToolContext) -> None:
        if self._previewed is not None:
            layer_id, frame = self._previewed
            self._previewed = None
            context.studio.hover(layer_id, frame, None)


def put_click(press: PointerEvent, context: ToolContext) -> Generator[None, PointerEvent, Command | None]:
    """One click where the button went down; the answer starts at once, not at the release."""
    layer = authored_layer(context)
    frame = context.look.frame
    click = Click(press.x, press.y, adds=not press.subtracts)
    return AddPrompt(layer.id, frame, click, base=context.studio.shown_key(layer.id, frame))
    yield  # makes this a gesture like the others
