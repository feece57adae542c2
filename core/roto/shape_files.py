"""Roto shapes as SVG and as JSON. Knows shapes and geometry; writes no files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from core.errors import PenumbraError
from core.frames import FrameRange
from core.geometry import Format
from core.roto.shape import Points, Role, RotoShape, ShapePoint
from core.roto.sound import sound

SHAPES_VERSION = 1


def svg(shapes: Sequence[RotoShape], form: Format, frames: FrameRange) -> str:
    """A document of the display window's size with one group a frame; all but the first are hidden.

    Pieces and their holes are one path. What adds goes round one way and what takes away the other, so that pieces may
    overlap; a hole where two of them do stays filled.
    """
    display = form.display
    box = f"{display.x0} {display.y0} {display.width} {display.height}"
    groups = []
    for frame in frames:
        ways = " ".join(
            _way(_turned(shape.at(frame), shape.role is not Role.SUBTRACT)) for shape in shapes if shape.works
        )
        hidden = "" if frame == frames.first else ' style="display:none"'
        groups.append(f'  <g id="frame_{frame}"{hidden}><path fill-rule="nonzero" d={quoteattr(ways)}/></g>\n')
    title = escape(", ".join(shape.name for shape in shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{display.width}" height="{display.height}"'
        f' viewBox="{box}">\n  <title>{title}</title>\n{"".join(groups)}</svg>\n'
    )


def _turned(points: Points, clockwise: bool) -> Points:
    """The same outline, gone round in this direction as it is seen (y down)."""
    places = [
        place
        for point in points
        for place in (
            (point.x + point.in_dx, point.y + point.in_dy),
            (point.x, point.y),
            (point.x + point.out_dx, point.y + point.out_dy),
        )
    ]
    pairs = zip(places, (*places[1:], places[0]), strict=True)
    twice_area = sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairs)
    if (twice_area > 0) == clockwise:
        return points
    turned = (replace(p, in_dx=p.out_dx, in_dy=p.out_dy, out_dx=p.in_dx, out_dy=p.in_dy) for p in reversed(points))
    return tuple(turned)


def _way(points: Points) -> str:
    pieces = [f"M{points[0].x:.3f},{points[0].y:.3f}"]
    for one, two in zip(points, (*points[1:], points[0]), strict=True):
        numbers = (one.x + one.out_dx, one.y + one.out_dy, two.x + two.in_dx, two.y + two.in_dy, two.x, two.y)
        pieces.append("C" + " ".join(f"{number:.3f}" for number in numbers))
    return "".join([*pieces, "Z"])


def shapes_json(shapes: Sequence[RotoShape], form: Format) -> str:
    """Every key of every shape, in plate pixels, y down; handles as offsets. A shape that is read is closed and on."""
    display = form.display
    raw = {
        "penumbra_shapes": SHAPES_VERSION,
        "display_window": [display.x0, display.y0, display.x1, display.y1],
        "y": "down",
        "point": ["x", "y", "in_dx", "in_dy", "out_dx", "out_dy"],
        "shapes": [
            {
                "name": shape.name,
                "role": shape.role.value,
                "feather_px": shape.feather_px,
                "keys": {str(frame): [list(point.numbers) for point in shape.keys[frame]] for frame in shape.frames},
            }
            for shape in shapes
        ],
    }
    return json.dumps(raw, indent=1) + "\n"


def shapes_of_json(text: str) -> tuple[RotoShape, ...]:
    """What `shapes_json` wrote. Raises PenumbraError where it is something else."""
    try:
        raw = json.loads(text)
        return tuple(_shape(each) for each in raw["shapes"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise PenumbraError("The file", why="is no JSON of shapes", hint="Write it with penumbra shapes.") from error


def _shape(raw: Mapping[str, Any]) -> RotoShape:
    keys = {
        int(frame): tuple(ShapePoint(*map(float, point)) for point in points) for frame, points in raw["keys"].items()
    }
    feather = float(raw["feather_px"])
    ordered = MappingProxyType(dict(sorted(keys.items())))
    return sound(RotoShape(str(raw["name"]), ordered, Role(raw["role"]), feather, id=uuid4().hex[:12]))
