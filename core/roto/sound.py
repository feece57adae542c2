"""A shape that comes from a file can be drawn on every frame, or it is refused. Knows shapes only."""

from __future__ import annotations

from core.errors import PenumbraError
from core.roto.shape import RotoShape

FURTHEST = 1e6
"""Pixels from the corner of the plate, frames from zero: what lies further is no picture's."""


def sound(shape: RotoShape) -> RotoShape:
    """The same shape. Raises PenumbraError, which names it, where its keys do not fit together or mean no place."""
    counts = {len(points) for points in shape.keys.values()}
    if not counts or 0 in counts:
        raise PenumbraError(shape.name, why="has no points", hint="Leave it out of the file.")
    if len(counts) > 1:
        raise PenumbraError(
            shape.name, why="has another number of points at another key", hint="Fix it where it was drawn."
        )
    numbers = [*shape.keys, shape.feather_px]
    numbers += [number for points in shape.keys.values() for point in points for number in point.numbers]
    if not all(-FURTHEST <= number <= FURTHEST for number in numbers):  # NaN is in no range
        raise PenumbraError(shape.name, why="has a point or a key that is nowhere", hint="Fix it where it was drawn.")
    return shape
