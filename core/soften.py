"""Feather, blur, streak and smooth: what makes the edge of a matte softer or calmer.

All take (H, W) float32 coverage, 0-1, and give a new array, or the very same one where there is nothing to do. Beyond
its border the picture is taken to go on as it ends. Knows nothing of layers.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.arrays import Float32
from core.edge_distance import edge_distance
from core.edge_tiles import Place, near_edges
from core.finish_steps import Side

_FINE_PX = 4.0
"""A blur that is wider than this is done on a smaller copy."""
_REACH = 3.2
"""Standard deviations after which a Gaussian is nothing."""
_APART_PX = 2.0
"""How far apart the places may be that a streak is the mean of."""


def ramp(part: Float32) -> Float32:
    """Smooth from 0 to 1 while `part` goes from 0 to 1, flat at both ends."""
    inside = np.clip(part, 0.0, 1.0)
    return np.asarray(inside * inside * (3.0 - 2.0 * inside), np.float32)


def feather(coverage: Float32, width_px: float, side: Side) -> Float32:
    """A soft edge `width_px` wide on one side of the old edge, or half of it on either side.

    `out` takes no coverage away and `in` gives none; pixels further from the edge stay as they are.
    """
    if width_px <= 0:
        return coverage
    return near_edges(coverage, width_px + 4, lambda part, _place: _feathered(part, width_px, side))


def _feathered(coverage: Float32, width_px: float, side: Side) -> Float32:
    out_px = {"out": width_px, "in": 0.0, "both": width_px / 2}[side]
    distance = edge_distance(coverage, width_px + 1)
    if distance is None:
        return coverage
    soft = ramp(np.asarray((out_px - distance) / np.float32(width_px), np.float32))
    if side == "out":
        return np.maximum(coverage, soft)
    if side == "in":
        return np.minimum(coverage, soft)
    return np.where(distance > 0, np.maximum(coverage, soft), np.minimum(coverage, soft))


def blur(coverage: Float32, size_px: float) -> Float32:
    """A Gaussian blur of this standard deviation; only where there is anything to blur."""
    if size_px <= 0:
        return coverage
    reach = math.ceil(_REACH * size_px) + 8 * max(1.0, size_px / _FINE_PX)
    return near_edges(coverage, reach, lambda part, _place: np.minimum(gaussian(part, size_px), 1.0))


def gaussian(values: Float32, size_px: float) -> Float32:
    """Of any values, the border repeated; within a thousandth of their range."""
    step = 1
    while size_px / step > _FINE_PX:
        step *= 2
    if step == 1 or min(values.shape) < 4 * step:
        return _gaussian(values, size_px)
    margin = math.ceil(_REACH * size_px / step) * step
    height, width = (-(-side // step) * step for side in values.shape)
    padded = cv2.copyMakeBorder(
        values,
        margin,
        margin + height - values.shape[0],
        margin,
        margin + width - values.shape[1],
        cv2.BORDER_REPLICATE,
    )
    small = cv2.resize(padded, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    # the mean of an area and the cubic on the way back have widths of their own
    rest = math.sqrt((size_px / step) ** 2 - (1 - 1 / step**2) / 12 - 1 / 12)
    small = _gaussian(np.asarray(small, np.float32), rest)
    whole = cv2.resize(small, (padded.shape[1], padded.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole[margin : margin + values.shape[0], margin : margin + values.shape[1]], np.float32)


def _gaussian(values: Float32, size_px: float) -> Float32:
    side = 2 * math.ceil(_REACH * size_px) + 1
    made = cv2.GaussianBlur(values, (side, side), size_px, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.float32)


def streak(coverage: Float32, x_px: Float32 | float, y_px: Float32 | float) -> Float32:
    """The mean along a straight way through every pixel, half of it before and half of it behind.

    Args:
        x_px, y_px: the way from end to end: one for all pixels, or (H, W) of them.
    """
    longest = float(np.max(np.hypot(x_px, y_px)))
    if longest <= 0:
        return coverage

    def work(part: Float32, place: Place) -> Float32:
        if np.ndim(x_px) == 0:
            return _streaked(part, np.asarray(x_px, np.float32), np.asarray(y_px, np.float32))
        return _streaked(part, np.asarray(x_px, np.float32)[place], np.asarray(y_px, np.float32)[place])

    return near_edges(coverage, longest + 2, work)


def _streaked(coverage: Float32, x_px: Float32, y_px: Float32) -> Float32:
    longest = float(np.max(np.hypot(x_px, y_px)))
    result, part = coverage, 0.25
    while longest * part * 4 > _APART_PX:  # the mean of two, of four, of eight places: each time half as far apart
        result = _two(result, x_px, y_px, part)
        part /= 2
    return result


def _two(values: Float32, x_px: Float32, y_px: Float32, part: float) -> Float32:
    """The mean of what stands `part` of the way before and behind."""
    there, back = (_moved(values, x_px * np.float32(way), y_px * np.float32(way)) for way in (part, -part))
    return np.asarray(cv2.addWeighted(there, 0.5, back, 0.5, 0.0), np.float32)


def _moved(values: Float32, x_px: Float32, y_px: Float32) -> Float32:
    height, width = values.shape
    if np.ndim(x_px) == 0:
        way = np.array([[1, 0, float(x_px)], [0, 1, float(y_px)]], np.float64)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(values, way, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)
    x = np.arange(width, dtype=np.float32)[None, :] + np.asarray(x_px, np.float32)
    y = np.arange(height, dtype=np.float32)[:, None] + np.asarray(y_px, np.float32)
    return np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def smooth(coverage: Float32, size_px: float, corners: float) -> Float32:
    """An outline without what is smaller than `size_px`, as soft as it was.

    The distance to the edge is averaged, and every pixel takes the coverage from as far along its normal as the edge
    moved there. Where it would move far, there is a corner: it is left alone, the more the nearer `corners` is to 1.
    """
    if size_px <= 0:
        return coverage
    reach = 4.5 * size_px + 3
    around = reach + 2 * _REACH * size_px + 8 * max(1.0, size_px / _FINE_PX)
    return near_edges(coverage, around, lambda part, _place: _smoothed(part, size_px, corners, reach))


def _smoothed(coverage: Float32, size_px: float, corners: float, reach: float) -> Float32:
    before = edge_distance(coverage, reach)
    if before is None:
        return coverage
    once = gaussian(before, size_px)
    way = 2.0 * once - gaussian(once, size_px) - before  # once alone would make what is round smaller
    way *= 1.0 - ramp(np.asarray(np.abs(before) / np.float32(reach / 3) - 1.0, np.float32))
    if corners > 0:
        most = np.float32(size_px * (0.62 - 0.5 * min(corners, 1.0)))
        way *= 1.0 - ramp(np.asarray((np.abs(way) - most) / most, np.float32))
    near = np.flatnonzero(np.abs(way.ravel()) > 0.01)
    if not len(near):
        return coverage
    calm = _gaussian(before, 0.8)
    across, down = cv2.Sobel(calm, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(calm, cv2.CV_32F, 0, 1, scale=1 / 8)
    far = way.ravel()[near]
    nx, ny = across.ravel()[near], down.ravel()[near]
    steep = np.maximum(np.hypot(nx, ny), 1e-3)
    row, column = np.divmod(near, coverage.shape[1])
    result = coverage.copy()
    result.ravel()[near] = _read(coverage, column + nx / steep * far, row + ny / steep * far)
    return result


def _read(values: Float32, x: Float32, y: Float32) -> Float32:
    """Bilinear, at any number of places."""
    row_px = 4096  # OpenCV makes no picture wider than 32767
    rows = -(-len(x) // row_px)
    padded = np.zeros((2, rows * row_px), np.float32)
    padded[0, : len(x)], padded[1, : len(x)] = x, y
    there_x, there_y = padded.reshape(2, rows, row_px)
    read = cv2.remap(values, there_x, there_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read.reshape(-1)[: len(x)], np.float32)
