"""What shapes say of one frame, as text in the key of a matte; whoever hears it can lay them over the matte.

Places are told in 512ths of a pixel: what is rasterized is what was told, on every machine the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.frames import FrameNumber
from core.roto.shape import Points, Role, RotoShape, ShapePoint

_PARTS = 512


@dataclass(frozen=True, slots=True)
class Heard:
    """One shape at one frame."""

    role: Role
    feather_px: float
    points: Points


def told(shapes: Sequence[RotoShape], frame: FrameNumber) -> str:
    """What those that do anything say; empty for none."""
    return ";".join(_told(shape, shape.at(frame)) for shape in shapes if shape.works)


def brings(told: str) -> bool:
    """Whether one of them puts coverage where there was none."""
    return any(Role(said.partition(",")[0]).brings for said in told.split(";"))


def _told(shape: RotoShape, points: Points) -> str:
    places = " ".join(str(round(number * _PARTS)) for point in points for number in point.numbers)
    return f"{shape.role.value},{float(shape.feather_px)!r},{places}"


def heard(told: str) -> tuple[Heard, ...]:
    """What was told."""
    found = []
    for said in filter(None, told.split(";")):
        role, feather_px, places = said.split(",")
        numbers = [int(number) / _PARTS for number in places.split()]
        points = tuple(ShapePoint(*numbers[at : at + 6]) for at in range(0, len(numbers), 6))
        found.append(Heard(Role(role), float(feather_px), points))
    return tuple(found)
