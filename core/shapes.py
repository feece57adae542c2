"""Roto shapes: closed splines with key frames of their own. The type has its place in the document; drawing one
comes with the shape tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.frames import FrameNumber


@dataclass(frozen=True, slots=True)
class ShapePoint:
    """A Bezier point in plate pixels; handles are offsets from it."""

    x: float
    y: float
    in_dx: float = 0.0
    in_dy: float = 0.0
    out_dx: float = 0.0
    out_dy: float = 0.0


@dataclass(frozen=True, slots=True)
class RotoShape:
    """A closed spline; `keys` maps a frame to the same number of points in the same order."""

    name: str
    keys: Mapping[FrameNumber, tuple[ShapePoint, ...]] = field(default_factory=dict)
    adds: bool = True
    feather_px: float = 0.0
