"""Brush: paint on the matte. Left adds, right (a pen: Ctrl, or its eraser) erases; Shift-drag sets the radius."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.painting import StrokePainter
from widgets.tools.target import may_author, painted
from widgets.tools.tool import Gesture, PointerEvent, QuietHover, ToolContext

SMALLEST_RADIUS_PX = 0.5
LARGEST_RADIUS_PX = 2000.0


class BrushTool(QuietHover):
    name: ClassVar[str] = "brush"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "brush"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if event.button == "middle":
            return None
        if event.shift:
            return resize(event, context)
        return paint(event, context) if may_author(context) else None


def paint(press: PointerEvent, context: ToolContext) -> Gesture:
    """Press, drag, release: one stroke, one undo step."""
    assert context.plate is not None
    viewport = context.viewport
    brush = viewport.brush
    painter = StrokePainter(
        context.plate.canvas,
        brush.radius_px,
        adds=not press.subtracts,
        hardness=brush.hardness,
        opacity=brush.opacity,
    )
    viewport.begin_stroke(painter)
    kept = False
    try:
        viewport.show_stroke(painter.move(press.x, press.y, press.pressure))
        while (event := (yield)).kind == "move":
            viewport.show_stroke(painter.move(event.x, event.y, event.pressure))
        kept = not painter.dirty.empty
    finally:
        viewport.end_stroke(kept)
    if not kept:
        return None
    return painted(context, painter.stroke())


def resize(press: PointerEvent, context: ToolContext) -> Gesture:
    """Shift-drag sideways: the radius follows the hand, the brush stays where it was pressed."""
    viewport = context.viewport
    before = viewport.brush.radius_px
    viewport.hold_cursor(press.x, press.y)
    finished = False
    try:
        while (event := (yield)).kind == "move":
            radius_px = before + event.x - press.x
            viewport.set_brush(radius_px=min(max(radius_px, SMALLEST_RADIUS_PX), LARGEST_RADIUS_PX))
        finished = True
    finally:
        if not finished:
            viewport.set_brush(radius_px=before)
    return None
