"""Roto shapes: closed Bezier splines with key frames of their own, drawn by hand over the mattes of a layer.

A shape holds still before its first key and after its last, and goes straight from one to the next. It has the same
points in the same order at every key. Knows neither pixels nor layers.
"""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from types import MappingProxyType

from core.frames import FrameNumber

ShapeId = str


class Role(Enum):
    """What a shape does to the matte: the first two before its finish, in their order; then garbage, then core."""

    ADD = "add"
    """Full inside."""
    SUBTRACT = "subtract"
    """Nothing inside."""
    GARBAGE = "garbage"
    """Nothing outside of all garbage shapes together."""
    CORE = "core"
    """Full inside, whatever else there is."""

    @property
    def holds(self) -> bool:
        """Whether it has the last word, after the finish; the others draw the matte that is finished."""
        return self in (Role.GARBAGE, Role.CORE)

    @property
    def brings(self) -> bool:
        """Whether it puts coverage where there was none."""
        return self in (Role.ADD, Role.CORE)


@dataclass(frozen=True, slots=True)
class ShapePoint:
    """A Bezier point in plate pixels, y down; handles are offsets from it."""

    x: float
    y: float
    in_dx: float = 0.0
    in_dy: float = 0.0
    out_dx: float = 0.0
    out_dy: float = 0.0

    def moved(self, dx: float, dy: float) -> ShapePoint:
        return replace(self, x=self.x + dx, y=self.y + dy)

    def pulled(self, dx: float, dy: float) -> ShapePoint:
        """With a handle to (dx, dy) ahead, and one as long behind."""
        return replace(self, in_dx=-dx, in_dy=-dy, out_dx=dx, out_dy=dy)

    def blended(self, other: ShapePoint, part: float) -> ShapePoint:
        """On the straight way to another one; `part` 0 is here, 1 is there."""
        mine, its = self.numbers, other.numbers
        return ShapePoint(*(one + (two - one) * part for one, two in zip(mine, its, strict=True)))

    @property
    def numbers(self) -> tuple[float, float, float, float, float, float]:
        return self.x, self.y, self.in_dx, self.in_dy, self.out_dx, self.out_dy


Points = tuple[ShapePoint, ...]


@dataclass(frozen=True)
class RotoShape:
    """A closed spline.

    Args:
        keys: the points at every key frame, ascending; as many at each.
        role: what it does.
        feather_px: of the soft edge, outside of the line where positive, inside of it where negative.
        on: whether it does anything.
        closed: one that is still being drawn is open, and does nothing.
    """

    name: str
    keys: Mapping[FrameNumber, Points] = field(default_factory=dict)
    role: Role = Role.GARBAGE
    feather_px: float = 0.0
    on: bool = True
    closed: bool = True
    id: ShapeId = ""

    @classmethod
    def begun(cls, name: str, role: Role, frame: FrameNumber, point: ShapePoint) -> RotoShape:
        """With its first point, open."""
        return cls(name, MappingProxyType({frame: (point,)}), role, closed=False, id=uuid.uuid4().hex[:12])

    @cached_property
    def frames(self) -> tuple[FrameNumber, ...]:
        """Its key frames, ascending."""
        return tuple(sorted(self.keys))

    @property
    def count(self) -> int:
        """How many points it has."""
        return len(self.keys[self.frames[0]]) if self.frames else 0

    @property
    def works(self) -> bool:
        """Whether it changes any matte."""
        return self.on and self.closed and self.count >= 3

    def at(self, frame: FrameNumber) -> Points:
        """Its points at a frame."""
        if not self.frames:
            return ()
        after = bisect_right(self.frames, frame)
        if after == 0:
            return self.keys[self.frames[0]]
        before = self.frames[after - 1]
        if before == frame or after == len(self.frames):
            return self.keys[before]
        part = (frame - before) / (self.frames[after] - before)
        ends = zip(self.keys[before], self.keys[self.frames[after]], strict=True)
        return tuple(one.blended(other, part) for one, other in ends)

    # --- edits: each gives a new shape ---------------------------------------------------------------------------

    def with_key(self, frame: FrameNumber, points: Points) -> RotoShape:
        """These points at a frame, which is a key from now on."""
        return self._with_keys({**self.keys, frame: points})

    def without_key(self, frame: FrameNumber) -> RotoShape:
        """That frame follows its neighbours again; the last key stays."""
        kept = {number: points for number, points in self.keys.items() if number != frame}
        return self._with_keys(kept) if kept else self

    def with_point_after(self, place: int, part: float) -> RotoShape:
        """One more point on the way from point `place` to the next; the outline is the same at every frame."""
        return self._everywhere(lambda points: _split(points, place, part))

    def without_points(self, places: Iterable[int]) -> RotoShape:
        """Fewer points at every key."""
        gone = set(places)
        return self._everywhere(lambda points: tuple(each for at, each in enumerate(points) if at not in gone))

    def with_drawn(self, point: ShapePoint) -> RotoShape:
        """One more point at the end: of a shape that is being drawn."""
        return self._everywhere(lambda points: (*points, point))

    def _everywhere(self, change: Callable[[Points], Points]) -> RotoShape:
        return self._with_keys({frame: change(points) for frame, points in self.keys.items()})

    def _with_keys(self, keys: Mapping[FrameNumber, Points]) -> RotoShape:
        return replace(self, keys=MappingProxyType(dict(sorted(keys.items()))))


def moved(points: Points, places: Iterable[int], dx: float, dy: float) -> Points:
    """Some of the points elsewhere, with their handles."""
    chosen = set(places)
    return tuple(each.moved(dx, dy) if at in chosen else each for at, each in enumerate(points))


def replaced(points: Points, place: int, point: ShapePoint) -> Points:
    """Another point at a place."""
    return (*points[:place], point, *points[place + 1 :])


def _split(points: Points, place: int, part: float) -> Points:
    """De Casteljau: the same curve in two pieces."""
    one, two = points[place], points[(place + 1) % len(points)]
    a, d = (one.x, one.y), (two.x, two.y)
    b, c = (one.x + one.out_dx, one.y + one.out_dy), (two.x + two.in_dx, two.y + two.in_dy)
    ab, bc, cd = _between(a, b, part), _between(b, c, part), _between(c, d, part)
    left, right = _between(ab, bc, part), _between(bc, cd, part)
    x, y = _between(left, right, part)
    new = ShapePoint(x, y, left[0] - x, left[1] - y, right[0] - x, right[1] - y)
    first = replace(one, out_dx=ab[0] - a[0], out_dy=ab[1] - a[1])
    last = replace(two, in_dx=cd[0] - d[0], in_dy=cd[1] - d[1])
    made = list(points)
    made[place], made[(place + 1) % len(points)] = first, last
    made.insert(place + 1, new)
    return tuple(made)


def _between(one: tuple[float, float], other: tuple[float, float], part: float) -> tuple[float, float]:
    return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part
