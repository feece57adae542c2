"""Shapes laid over the coverage of a matte: add and subtract in their order, then all garbage, then all cores.

Full inside and nothing outside are exactly 1 and 0. Knows neither layers nor frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.arrays import Float32
from core.edge_distance import edge_distance
from core.geometry import Window
from core.roto.area import Float64, area
from core.roto.outline import flattened
from core.roto.shape import Role
from core.roto.telling import Heard
from core.soften import ramp


def laid(coverage: Float32, window: Window, shapes: Sequence[Heard]) -> Float32:
    """(H, W) coverage over `window` after all shapes: a new array, or the very same one without a shape."""
    if not shapes:
        return coverage
    result = coverage.copy()
    for shape in (each for each in shapes if each.role in (Role.ADD, Role.SUBTRACT)):
        place, inside = shape_coverage(shape, window)
        _lay(result[place], inside, full=shape.role is Role.ADD)
    garbage = [each for each in shapes if each.role is Role.GARBAGE]
    if garbage:
        kept = np.zeros_like(result)
        for shape in garbage:
            place, inside = shape_coverage(shape, window)
            _lay(kept[place], inside, full=True)
        result *= kept
    for shape in (each for each in shapes if each.role is Role.CORE):
        place, inside = shape_coverage(shape, window)
        _lay(result[place], inside, full=True)
    return result


def _lay(coverage: Float32, inside: Float32, *, full: bool) -> None:
    """Full (or nothing) where it is inside; written in place. 1 stays exactly 1."""
    if full:
        coverage += inside - coverage * inside
        np.copyto(coverage, 1.0, where=inside == 1.0)
    else:
        coverage *= 1.0 - inside


def shape_coverage(shape: Heard, window: Window) -> tuple[tuple[slice, slice], Float32]:
    """How much of each pixel a shape covers, feathered: where in `window` it reaches, and the coverage there."""
    corners = flattened(shape.points)
    reach = math.ceil(abs(shape.feather_px)) + 2
    around = _bounds(corners).grow(reach).intersect(window.grow(reach))
    seen = around.intersect(window)
    if seen.empty:
        return seen.within(window), np.zeros(seen.shape, np.float32)
    inside = area(corners, around)
    if shape.feather_px:
        inside = _feathered(inside, shape.feather_px)
    return seen.within(window), inside[seen.within(around)]


def _feathered(inside: Float32, feather_px: float) -> Float32:
    distance = edge_distance(inside, abs(feather_px) + 1)
    if distance is None:
        return inside
    width = np.float32(abs(feather_px))
    if feather_px > 0:
        return np.maximum(inside, ramp(np.asarray(1 - distance / width, np.float32)))
    return np.minimum(inside, ramp(np.asarray(-distance / width, np.float32)))


def _bounds(corners: Float64) -> Window:
    if not len(corners):
        return Window(0, 0, 0, 0)
    low, high = np.floor(corners.min(0)), np.ceil(corners.max(0))
    return Window(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
