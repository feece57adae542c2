"""Shape: draw and edit roto shapes.

Drawing: a click places a point, a drag pulls its handles; a click on the first point, or Return, closes the shape.
Editing: drag a point, a handle, or the outline for the whole shape; Shift-click on the outline puts a point in. A right
click takes a point out, a right drag pulls new handles from it. Shift-click on points chooses several. What is edited
becomes a key of the frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from core.commands import AddLayer, Command
from core.layer import Layer
from core.roto.commands import AddShape, ChangeShape, RemoveShape, with_shape
from core.roto.outline import nearest
from core.roto.shape import Points, Role, RotoShape, ShapePoint, moved, replaced
from widgets.tools.target import may_author, new_layer
from widgets.tools.tool import Gesture, Key, PointerEvent, QuietHover, ToolContext

REACH_POINTS = 7.0
"""How far from a point, a handle or the outline, in points of the screen, the hand still means it."""
SLIP_POINTS = 3.0
"""A hand that moves less than this has clicked."""
DOES = {
    Role.GARBAGE: "keeps only what is inside",
    Role.CORE: "fills all that is inside",
    Role.ADD: "adds what is inside",
    Role.SUBTRACT: "takes away what is inside",
}
Drawing = Generator[None, PointerEvent, RotoShape]
ROUND = 0.01
"""Handles whose directions differ by less (a sine) make a smooth point."""


@dataclass(frozen=True, slots=True)
class Grip:
    """What lies under the pointer.

    Args:
        kind: a point, one of its handles, or the outline after it.
        place: of the point.
        part: of the way to the next point, on the outline.
    """

    shape: RotoShape
    kind: Literal["point", "in", "out", "outline"]
    place: int
    part: float = 0.0


class RotoTool(QuietHover):
    name: ClassVar[str] = "roto"
    cursor: ClassVar[Literal["cross", "brush", "hand"]] = "cross"

    def press(self, event: PointerEvent, context: ToolContext) -> Gesture | None:
        if event.button == "middle" or not may_author(context):
            return None
        layer = context.layer
        grip = gripped(event, context)
        if event.subtracts:
            if layer is None or grip is None or grip.kind != "point":
                return None
            return pull_or_remove(event, context, layer, grip)
        drawn = drawn_now(layer)
        if layer is not None and drawn is not None:
            return _go_on(event, context, layer, drawn, grip)
        if layer is None or grip is None:
            return place_point(event, context, None)
        if grip.kind in ("in", "out"):
            return drag_handle(event, context, layer, grip)
        if grip.kind == "outline" and event.shift:
            return insert(event, context, layer, grip)
        return drag(event, context, layer, grip)

    def wants(self, key: Key, context: ToolContext) -> bool:
        """Whether a key does something now, in place of what it does elsewhere."""
        drawn = drawn_now(context.layer)
        if key == "return":
            return drawn is not None
        return drawn is not None or chosen(context) is not None

    def key(self, key: Key, context: ToolContext) -> Command | None:
        """Return closes what is being drawn; Escape drops it, else lets go; Delete takes away what is chosen."""
        layer, drawn, shape = context.layer, drawn_now(context.layer), chosen(context)
        if layer is None or layer.locked:
            return None
        if drawn is not None:
            if key == "return" and drawn.count >= 3:
                return ChangeShape(layer.id, replace(drawn, closed=True), "Close shape")
            if key == "return":
                context.say("A shape has three points at least: place another one, or press Escape.")
                return None
            return RemoveShape(layer.id, drawn.id) if key == "escape" else _without_last(layer, drawn)
        if key == "escape":
            context.view.set(shape_id="", shape_points=frozenset())
        elif key == "delete" and shape is not None:
            return _without(context, layer, shape, context.look.shape_points or frozenset(range(shape.count)))
        return None


def drawn_now(layer: Layer | None) -> RotoShape | None:
    """The shape of a layer that is not closed yet."""
    return next((shape for shape in layer.shapes if not shape.closed), None) if layer is not None else None


def said_while_drawing(layer: Layer | None) -> str:
    """What the shape that is being drawn will do, and what the hand does next; empty when none is."""
    drawn = drawn_now(layer)
    if drawn is None:
        return ""
    how = "its first point or Return closes it" if drawn.count >= 3 else f"point {drawn.count + 1} of three or more"
    return f"{drawn.name}: {DOES[drawn.role]}; {how}, Escape drops it"


def chosen(context: ToolContext) -> RotoShape | None:
    """The shape that is chosen, of the chosen layer."""
    layer = context.layer
    shapes = layer.shapes if layer is not None else ()
    return next((shape for shape in shapes if shape.id == context.look.shape_id), None)


def gripped(event: PointerEvent, context: ToolContext) -> Grip | None:
    """What of the layer's shapes is under the pointer: points first, then handles that are shown, then outlines."""
    layer, mine = context.layer, chosen(context)
    if layer is None:
        return None
    shapes = sorted(layer.shapes, key=lambda shape: shape is not mine)
    points = {shape.id: shape.at(context.look.frame) for shape in shapes}
    reach = _Reach(event, context)
    for shape in shapes:
        found = [(reach.far(point.x, point.y), place) for place, point in enumerate(points[shape.id])]
        if found and min(found)[0] <= 1:
            return Grip(shape, "point", min(found)[1])
    if mine is not None:
        for place in context.look.shape_points:
            point = points[mine.id][place] if place < mine.count else ShapePoint(math.inf, math.inf)
            if reach.far(point.x + point.out_dx, point.y + point.out_dy) <= 1:
                return Grip(mine, "out", place)
            if reach.far(point.x + point.in_dx, point.y + point.in_dy) <= 1:
                return Grip(mine, "in", place)
    for shape in shapes:
        if shape.count < 2:
            continue
        place, part, far = nearest(points[shape.id], event.x, event.y, closed=shape.closed)
        if far <= REACH_POINTS * context.viewport.point_px:
            return Grip(shape, "outline", place, part)
    return None


class _Reach:
    """How far places are from the pointer: 1 is as far as the hand reaches."""

    def __init__(self, event: PointerEvent, context: ToolContext) -> None:
        self._event = event
        self._aspect = context.plate.format.pixel_aspect if context.plate is not None else 1.0
        self._reach_px = REACH_POINTS * context.viewport.point_px

    def far(self, x: float, y: float) -> float:
        return math.hypot((x - self._event.x) * self._aspect, y - self._event.y) / self._reach_px


def _slipped(press: PointerEvent, event: PointerEvent) -> bool:
    """Whether the hand has moved so little that it clicked."""
    return math.hypot(event.view_x - press.view_x, event.view_y - press.view_y) < SLIP_POINTS


# --- gestures ---------------------------------------------------------------------------------------------------


def _go_on(
    event: PointerEvent, context: ToolContext, layer: Layer, drawn: RotoShape, grip: Grip | None
) -> Gesture | None:
    """A press while a shape is being drawn."""
    if grip is None or grip.shape.id != drawn.id or grip.kind != "point":
        return place_point(event, context, drawn)
    if grip.place > 0:
        return drag(event, context, layer, grip)
    if drawn.count < 3:
        context.say("A shape has three points at least: place another one first.")
        return None
    return close(event, context, layer, drawn)


def place_point(press: PointerEvent, context: ToolContext, drawn: RotoShape | None) -> Gesture:
    """One more point of what is being drawn, or the first of a new shape; a drag pulls its handles."""
    layer, frame = context.layer, context.look.frame

    def made(event: PointerEvent) -> RotoShape:
        point = ShapePoint(press.x, press.y)
        if not _slipped(press, event):
            point = point.pulled(event.x - press.x, event.y - press.y)
        if drawn is not None:
            return drawn.with_drawn(point)
        return replace(begun, keys={frame: (point,)})

    begun = RotoShape.begun(_free_name(layer), _role(context), frame, ShapePoint(press.x, press.y))
    shape = yield from _shown(press, context, made)
    context.view.set(shape_id=shape.id, shape_points=frozenset((shape.count - 1,)))
    if layer is None:
        return AddLayer(replace(new_layer(context.document.shot), shapes=(shape,)))
    return AddShape(layer.id, shape) if drawn is None else ChangeShape(layer.id, shape, "Place point")


def close(press: PointerEvent, context: ToolContext, layer: Layer, drawn: RotoShape) -> Gesture:
    """The last curve goes to the first point; a drag pulls handles from that."""
    frame = context.look.frame
    points = drawn.at(frame)

    def made(event: PointerEvent) -> RotoShape:
        shape = replace(drawn, closed=True)
        if _slipped(press, event):
            return shape
        return shape.with_key(frame, replaced(points, 0, points[0].pulled(event.x - press.x, event.y - press.y)))

    shape = yield from _shown(press, context, made, layer)
    context.view.set(shape_id=shape.id, shape_points=frozenset())
    return ChangeShape(layer.id, shape, "Close shape")


def drag(press: PointerEvent, context: ToolContext, layer: Layer, grip: Grip) -> Gesture:
    """The point, with all that are chosen with it, or by its outline the whole shape."""
    shape, look = grip.shape, context.look
    before = look.shape_points if look.shape_id == shape.id else frozenset()
    kept: frozenset[int] = frozenset()
    if grip.kind == "outline":
        places = frozenset(range(shape.count))
    elif press.shift:
        places = kept = before ^ {grip.place}
    else:
        places = kept = before if grip.place in before else frozenset((grip.place,))
    context.view.set(shape_id=shape.id, shape_points=kept)

    def changed(points: Points, event: PointerEvent) -> Points:
        return moved(points, places, event.x - press.x, event.y - press.y)

    return (yield from _changed(press, context, layer, shape, changed, "Move shape" if not kept else "Move points"))


def drag_handle(press: PointerEvent, context: ToolContext, layer: Layer, grip: Grip) -> Gesture:
    """A handle of a point; the other one turns with it while the point is smooth. With Shift it stays."""

    def changed(points: Points, event: PointerEvent) -> Points:
        point = points[grip.place]
        turned = point if not press.shift and smooth(point) else None
        dx, dy = event.x - point.x, event.y - point.y
        point = replace(point, out_dx=dx, out_dy=dy) if grip.kind == "out" else replace(point, in_dx=dx, in_dy=dy)
        if turned is not None:
            point = _turned(point, turned, grip.kind == "out", dx, dy)
        return replaced(points, grip.place, point)

    return (yield from _changed(press, context, layer, grip.shape, changed, "Move handle"))


def insert(press: PointerEvent, context: ToolContext, layer: Layer, grip: Grip) -> Gesture:
    """A point on the outline, which stays as it was until the point is dragged."""
    shape, place, frame = grip.shape.with_point_after(grip.place, grip.part), grip.place + 1, context.look.frame
    context.view.set(shape_id=shape.id, shape_points=frozenset((place,)))

    def made(event: PointerEvent) -> RotoShape:
        if _slipped(press, event):
            return shape
        points = moved(shape.at(frame), (place,), event.x - press.x, event.y - press.y)
        return shape.with_key(frame, points)

    return ChangeShape(layer.id, (yield from _shown(press, context, made, layer)), "Insert point")


def pull_or_remove(press: PointerEvent, context: ToolContext, layer: Layer, grip: Grip) -> Gesture:
    """Right button on a point: a click takes it out, a drag pulls new handles from it."""
    frame, points = context.look.frame, grip.shape.at(context.look.frame)
    last = press

    def made(event: PointerEvent) -> RotoShape:
        nonlocal last
        last = event
        if _slipped(press, event):
            return grip.shape
        point = points[grip.place].pulled(event.x - press.x, event.y - press.y)
        return grip.shape.with_key(frame, replaced(points, grip.place, point))

    context.view.set(shape_id=grip.shape.id, shape_points=frozenset((grip.place,)))
    shape = yield from _shown(press, context, made, layer)
    if not _slipped(press, last):
        return ChangeShape(layer.id, shape, "Pull handles")
    return _without(context, layer, grip.shape, frozenset((grip.place,)))


def _changed(
    press: PointerEvent,
    context: ToolContext,
    layer: Layer,
    shape: RotoShape,
    change: Callable[[Points, PointerEvent], Points],
    what: str,
) -> Gesture:
    """The shape's points on this frame as the hand changes them; nothing where it only clicked."""
    frame = context.look.frame
    points = shape.at(frame)

    def made(event: PointerEvent) -> RotoShape:
        return shape if _slipped(press, event) else shape.with_key(frame, change(points, event))

    after = yield from _shown(press, context, made, layer)
    return None if after is shape else ChangeShape(layer.id, after, what)


def _shown(
    press: PointerEvent, context: ToolContext, made: Callable[[PointerEvent], RotoShape], layer: Layer | None = None
) -> Drawing:
    """Show what is made of every event until the release, and the matte with it; gives the last one."""
    try:
        shape = made(press)
        context.viewport.show_shape(shape)
        while (event := (yield)).kind != "release":
            shape = made(event)
            context.viewport.show_shape(shape)
            if layer is not None and shape.closed:
                context.studio.finishing.try_shapes(layer.id, with_shape(layer, shape))
        return made(event)
    finally:
        context.viewport.show_shape(None)
        if layer is not None:
            context.studio.finishing.try_shapes(layer.id, None)


# --- inside -------------------------------------------------------------------------------------------------------


def smooth(point: ShapePoint) -> bool:
    """Whether its handles lie on one line, on either side of it."""
    one, other = math.hypot(point.in_dx, point.in_dy), math.hypot(point.out_dx, point.out_dy)
    if not one or not other:
        return False
    across = point.in_dx * point.out_dy - point.in_dy * point.out_dx
    along = point.in_dx * point.out_dx + point.in_dy * point.out_dy
    return abs(across) <= ROUND * one * other and along < 0


def _turned(point: ShapePoint, before: ShapePoint, out: bool, dx: float, dy: float) -> ShapePoint:
    """The other handle turned to lie opposite, as long as it was."""
    length = math.hypot(dx, dy)
    kept = math.hypot(before.in_dx, before.in_dy) if out else math.hypot(before.out_dx, before.out_dy)
    if not length:
        return point
    other_dx, other_dy = -dx / length * kept, -dy / length * kept
    if out:
        return replace(point, in_dx=other_dx, in_dy=other_dy)
    return replace(point, out_dx=other_dx, out_dy=other_dy)


def _without(context: ToolContext, layer: Layer, shape: RotoShape, places: frozenset[int]) -> Command:
    """The shape without some points; no shape where less than a triangle would stay."""
    context.view.set(shape_points=frozenset())
    places = places & frozenset(range(shape.count))  # some may have been undone meanwhile
    left = shape.count - len(places)
    if left < (3 if shape.closed else 1):
        return RemoveShape(layer.id, shape.id)
    return ChangeShape(layer.id, shape.without_points(places), "Remove points" if len(places) > 1 else "Remove point")


def _without_last(layer: Layer, drawn: RotoShape) -> Command:
    if drawn.count < 2:
        return RemoveShape(layer.id, drawn.id)
    return ChangeShape(layer.id, drawn.without_points((drawn.count - 1,)), "Remove point")


def _role(context: ToolContext) -> Role:
    """What a new shape does: as the panel says; but in a layer with nothing to hold back it adds."""
    layer, wanted = context.layer, context.look.shape_role
    if wanted.brings or (layer is not None and (layer.key_frames or layer.shapes or not layer.finish.off)):
        return wanted
    return Role.ADD


def _free_name(layer: Layer | None) -> str:
    taken = {shape.name for shape in layer.shapes} if layer is not None else set()
    return next(name for number in range(1, len(taken) + 2) if (name := f"Shape {number}") not in taken)
