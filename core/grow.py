"""Grow and shrink a matte: every edge moves along its own normal, by any part of a pixel, and keeps its softness.

Lines of equal coverage are found (a half, and a low and a high one, so that a faint strand has an edge too). Every
pixel near an edge asks for the nearest place on a line, and reads the coverage from as far along its normal as the
matte grows. Only pixels near an edge are touched. Growing is a dilation with a disc: it never takes coverage away, and
no pixel gets more than there is within its reach. Knows nothing of layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import AnyFloat, Float32, UInt8

_LEVELS = (0.1, 0.9, 0.5)
"""Of the lines; where several meet in a cell, the last one counts. Each is as far from a half as another one, so that
shrinking is growing of what is outside."""
_CELL = 2
"""The nearest edge is looked for on a grid this coarse, in pixels, and from there exactly."""
_SLIDES_PX = 3.0, 2.0
"""How far along a straight edge the nearest place that is known may be from the true one: at first, and at last."""
_ROW = 4096
"""Places are read in rows this long; OpenCV makes no picture wider than 32767."""
_SLOPE = (1.0, 4.0, 6.0, 4.0, 1.0), (-1.0, -2.0, 0.0, 2.0, 1.0)
"""Across and along the slope: a smoothed difference over five pixels."""

_Ints = npt.NDArray[np.int32]


class _Vectors(NamedTuple):
    """Places or ways, in pixels of an array; whole numbers are the centres of pixels."""

    x: Float32
    y: Float32

    def plus(self, other: _Vectors, times: Float32 | float = 1.0) -> _Vectors:
        return _Vectors(self.x + other.x * times, self.y + other.y * times)

    def dot(self, other: _Vectors) -> Float32:
        return self.x * other.x + self.y * other.y

    def length(self) -> Float32:
        length: Float32 = np.sqrt(self.dot(self))
        return length

    def times(self, factor: Float32) -> _Vectors:
        return _Vectors(self.x * factor, self.y * factor)

    def at(self, numbers: npt.NDArray[np.intp] | _Ints) -> _Vectors:
        return _Vectors(self.x.take(numbers), self.y.take(numbers))


def grow(coverage: AnyFloat, by_px: float) -> AnyFloat:
    """Coverage whose edges lie `by_px` further out (further in where negative).

    Beyond its border the picture is taken to go on as it ends, so that a subject cut by the frame does not shrink
    away from it. What nowhere differs by a tenth from full or empty has no edge: it stays.

    Args:
        coverage: (H, W), 0-1.
        by_px: in pixels of the coverage; any part of one.

    Returns:
        The same shape and kind; the very same array where there is nothing to do.
    """
    if by_px == 0.0 or not coverage.size:
        return coverage
    reach_px = abs(by_px)
    soft, inside = _kinds(coverage)
    if by_px < 0:
        inside = ~inside
    outline = _outline(inside)
    place = _around(soft | outline, math.ceil(reach_px) + 3)
    if not outline[place].size:
        return coverage
    near = coverage[place].astype(np.float32)
    if by_px < 0:
        near = 1.0 - near
    edges = _Edges.of(near)
    x, y = _where(_within(soft[place] | outline[place], reach_px) & _between(near, -math.inf, 1 - 1e-7))
    if edges is None or not len(x):
        return coverage
    values = _moved(near, edges, x, y, reach_px)
    result = coverage.copy()
    result[place][y, x] = values if by_px > 0 else np.minimum(result[place][y, x], 1.0 - values)
    return result


def _kinds(coverage: AnyFloat) -> tuple[UInt8, UInt8]:
    """255 where the coverage is neither 0 nor 1, and where it is at least a half."""
    if coverage.dtype == np.float16:  # halves that are not negative are in the order of their bits
        bits = coverage.view(np.int16)
        return _between(bits, 1, 0x3BFF), _between(bits, 0x3800, 0x7C00)
    return _between(coverage, 1e-7, 1 - 1e-7), _between(coverage, 0.5, math.inf)


def _between(values: npt.NDArray[Any], least: float, most: float) -> UInt8:
    """255 where a value is neither less nor more."""
    return np.asarray(cv2.inRange(values, (least,), (most,)), np.uint8)


def _outline(inside: UInt8) -> UInt8:
    """255 on pixels inside that have a neighbour, up, down, left or right, that is not."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    beyond = cv2.erode(inside, cross, borderType=cv2.BORDER_CONSTANT, borderValue=(255,))
    return np.asarray(cv2.subtract(inside, beyond), np.uint8)


def _around(edge: UInt8, margin_px: int) -> tuple[slice, slice]:
    """Rows and columns that hold every edge, with a margin; none where there is no edge."""
    x, y, width, height = cv2.boundingRect(edge)
    if not width:
        return slice(0, 0), slice(0, 0)
    return (
        slice(max(0, y - margin_px), y + height + margin_px),
        slice(max(0, x - margin_px), x + width + margin_px),
    )


def _where(chosen: UInt8) -> tuple[_Ints, _Ints]:
    """x and y of all that is not 0."""
    found = cv2.findNonZero(chosen) if chosen.size else None
    pixels = np.zeros((0, 2), np.int32) if found is None else np.reshape(found, (-1, 2))
    x, y = np.ascontiguousarray(pixels.T, np.int32)
    return x, y


def _within(edge: UInt8, reach_px: float) -> UInt8:
    """255 within reach of an edge, and a little further."""
    size = 2 * math.ceil(reach_px + 1) + 1
    return np.asarray(cv2.dilate(edge, np.ones((size, size), np.uint8)), np.uint8)


def _cells(places: _Vectors, shape: tuple[int, ...]) -> _Ints:
    """The cell of each place, counted along the rows of a grid of this shape; the nearest one from outside."""
    row = np.clip((places.y + 0.5) * (1 / _CELL), 0, shape[0] - 1).astype(np.int32)
    column = np.clip((places.x + 0.5) * (1 / _CELL), 0, shape[1] - 1).astype(np.int32)
    return np.asarray(row * np.int32(shape[1]) + column, np.int32)


@dataclass(frozen=True)
class _Edges:
    """Lines of equal coverage: places on them with the way out of the matte there, and which is nearest to a cell.

    Args:
        feet: on a line.
        outward: of length 1; 0 where the coverage does not say (a thread one pixel thin).
        level: the coverage on that line.
        nearest: per cell of the grid, the number of the place nearest to it.
    """

    feet: _Vectors
    outward: _Vectors
    level: Float32
    nearest: _Ints

    @classmethod
    def of(cls, near: Float32) -> _Edges | None:
        """None where there is no line."""
        lines = [_where(_outline(_between(near, level, math.inf))) for level in _LEVELS]
        x, y = (np.concatenate(parts) for parts in zip(*lines, strict=True))
        if not len(x):
            return None
        level = np.repeat(np.array(_LEVELS, np.float32), [len(line) for line, _ in lines])
        outward = _outward(near, x, y)
        feet = _feet(near, x, y, outward, level)
        here = np.full((-(-near.shape[0] // _CELL), -(-near.shape[1] // _CELL)), -1, np.int32)
        here.reshape(-1)[_cells(feet, here.shape)] = np.arange(len(x), dtype=np.int32)
        known = here >= 0
        _distance, labels = cv2.distanceTransformWithLabels(
            _between(here, -1, -1), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        labels = np.asarray(labels, np.int32)
        of_label = np.zeros(int(labels.max()) + 1, np.int32)
        of_label[labels[known]] = here[known]
        return cls(feet, outward, level, of_label[labels])

    def away(self, places: _Vectors) -> tuple[_Vectors, _Vectors, Float32]:
        """From the nearest place of a line to each of these, the line's own way out there, and its coverage."""
        first, last = _SLIDES_PX
        away, _ = self._from(places, self._nearest(places), first)
        number = self._nearest(places.plus(away, -1.0))
        return (*self._from(places, number, last), self.level.take(number))

    def _nearest(self, places: _Vectors) -> _Ints:
        return np.asarray(self.nearest.reshape(-1).take(_cells(places, self.nearest.shape)), np.int32)

    def _from(self, places: _Vectors, number: _Ints, slide_px: float) -> tuple[_Vectors, _Vectors]:
        """Along a straight edge the line goes on beside the place that is known, for a little."""
        outward = self.outward.at(number)
        away = places.plus(self.feet.at(number), -1.0)
        aside = away.y * outward.x - away.x * outward.y  # along the line, to its left
        slide = np.clip(aside, -slide_px, slide_px)
        return _Vectors(away.x + outward.y * slide, away.y - outward.x * slide), outward


def _outward(near: Float32, x: _Ints, y: _Ints) -> _Vectors:
    """The way the coverage falls at each pixel, of length 1; 0 where it falls nowhere."""
    height, width = near.shape
    values = near.reshape(-1)
    fall_x, fall_y = np.zeros(len(x), np.float32), np.zeros(len(x), np.float32)
    across, along = _SLOPE
    columns = [np.clip(x + step, 0, width - 1) for step in range(-2, 3)]
    for row in range(5):
        start = np.clip(y + row - 2, 0, height - 1) * width
        for column in range(5):
            value = values.take(start + columns[column])
            fall_x -= value * np.float32(across[row] * along[column])
            fall_y -= value * np.float32(along[row] * across[column])
    length = np.sqrt(fall_x * fall_x + fall_y * fall_y)
    scale = np.where(length > 0.5, 1 / np.maximum(length, 0.5), 0.0).astype(np.float32)
    return _Vectors(fall_x, fall_y).times(scale)


def _feet(near: Float32, x: _Ints, y: _Ints, outward: _Vectors, level: Float32) -> _Vectors:
    """Where the coverage is `level` on the way out of each pixel of an outline."""
    places = _Vectors(x.astype(np.float32), y.astype(np.float32))
    here = near[y, x]
    beyond = _read(near, places.plus(outward))
    part = np.clip((here - level) / np.maximum(here - beyond, np.float32(1e-3)), 0.0, 1.0)
    return places.plus(outward, part)


def _read(values: Float32, places: _Vectors) -> Float32:
    """`values` between its pixels."""
    count = len(places.x)
    rows = -(-count // _ROW)
    padded = np.zeros((2, rows * _ROW), np.float32)
    padded[:, :count] = places
    x, y = padded.reshape(2, rows, _ROW)
    read = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read.reshape(-1)[:count], np.float32)


def _moved(near: Float32, edges: _Edges, x: _Ints, y: _Ints, reach_px: float) -> Float32:
    """What stands at these pixels when every edge of `near` has moved out by `reach_px`."""
    places = _Vectors(x.astype(np.float32), y.astype(np.float32))
    own = near[y, x]
    away, outward, level = edges.away(places)
    side = np.where(own >= level, np.float32(-1), np.float32(1))
    out = outward.plus(away, side)
    out = out.times(np.asarray(1 / np.maximum(out.length(), 1e-6), np.float32))
    taken = places.plus(out, -reach_px)
    found = _read(near, taken)
    # A thing thinner than the reach is crossed: what counts then is its middle, not what lies behind it.
    depth = reach_px - side * away.length()
    crossed = np.flatnonzero((found < 1.0) & (depth > 0.5))
    if len(crossed):
        place, value = taken.at(crossed), found[crossed]
        behind, _, level = edges.away(place)
        middle = np.maximum(0.0, (depth[crossed] - np.where(value >= level, -1, 1) * behind.length()) / 2)
        for aside in (-0.5, 0.5):
            back = np.clip(depth[crossed] - middle + np.float32(aside), 0.0, reach_px)
            value = np.maximum(value, _read(near, place.plus(out.at(crossed), back)))
        found[crossed] = value
    moved: Float32 = np.maximum(own, found)
    return moved
