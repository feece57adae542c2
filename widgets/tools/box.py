"""Box: drag a rectangle around the subject. Shift makes it square, Alt (after the press) drags from its middle.

A box dragged over an earlier one of the frame takes its place; one dragged elsewhere is another box.
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from core.commands import Command, ReplacePrompt
from core.geometry import Window
from core.prompts import Box
from widgets.tools.target import may_author, prompted
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext

SMALLEST_SIDE_PX = 2.0
"""A smaller box is a slip of the hand."""
SAME = 0.5
"""A box that shares so much of its area with an earlier one (of the smaller of both) takes its place."""


class BoxTool(QuietHover):
    name: ClassVar[str] = "box"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if event.button != "left" or not may_author(context):
            return None
        return drag_box(event, context)


def spanned(one: PointerEvent, other: PointerEvent, within: Window) -> Box:
    """The box between two corners in any order, clipped to a window; may come out empty."""
    return _clipped(one.x, one.y, other.x, other.y, within)


def dragged(press: PointerEvent, event: PointerEvent, within: Window, pixel_aspect: float = 1.0) -> Box:
    """The box a drag from `press` to `event` spans: square on screen with Shift, around `press` with Alt."""
    across, down = event.x - press.x, event.y - press.y
    if event.shift:
        side = max(abs(across) * pixel_aspect, abs(down))
        across, down = math.copysign(side / pixel_aspect, across), math.copysign(side, down)
    x, y = (press.x - across, press.y - down) if event.alt else (press.x, press.y)
    return _clipped(x, y, press.x + across, press.y + down, within)


def _clipped(x0: float, y0: float, x1: float, y1: float, within: Window) -> Box:
    return Box(
        max(min(x0, x1), within.x0),
        max(min(y0, y1), within.y0),
        min(max(x0, x1), within.x1),
        min(max(y0, y1), within.y1),
    )


def drag_box(press: PointerEvent, context: ToolContext) -> Gesture:
    """Press at one corner, release at the other: one box."""
    assert context.plate is not None
    canvas, aspect = context.plate.canvas, context.plate.format.pixel_aspect
    try:
        while (event := (yield)).kind != "release":
            context.viewport.show_prompt(dragged(press, event, canvas, aspect))
        box = dragged(press, event, canvas, aspect)
    finally:
        context.viewport.show_prompt(None)
    if box.x1 - box.x0 < SMALLEST_SIDE_PX or box.y1 - box.y0 < SMALLEST_SIDE_PX:
        context.say("Drag a box around the subject, from corner to corner.")
        return None
    return _boxed(context, box)


def _boxed(context: ToolContext, box: Box) -> Command:
    layer, frame = context.layer, context.look.frame
    prompts = layer.key_frame(frame).prompts if layer is not None else ()
    for position in reversed(range(len(prompts))):
        earlier = prompts[position]
        if layer is not None and isinstance(earlier, Box) and _same(box, earlier):
            return ReplacePrompt(layer.id, frame, position, box)
    return prompted(context, box)


def _same(one: Box, other: Box) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    smaller = min((box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, other))
    return across > 0 and down > 0 and across * down >= SAME * smaller
