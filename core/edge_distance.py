"""How far every pixel is from the edge of a matte: from the line where its coverage is a half, to a part of a pixel.

Knows coverage only. The nearest pixel of the outline is found, and how far beyond its centre the line runs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32, UInt8

_BESIDE_PX = 1.5
_Ints = npt.NDArray[np.int32]


def edge_distance(coverage: Float32, reach_px: float) -> Float32 | None:
    """Distance to the half line, negative inside.

    Beyond its border the picture is taken to go on as it ends: the border is no edge.

    Args:
        coverage: (H, W) float32, 0-1.
        reach_px: nobody asks how far further pixels are.

    Returns:
        (H, W) float32 in pixels, never beyond `reach_px` on either side; None where there is no edge.
    """
    inside = np.asarray(coverage >= 0.5, np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    outline = inside & ~np.asarray(cv2.erode(inside, cross, borderType=cv2.BORDER_CONSTANT, borderValue=(1,)), np.uint8)
    x, y, width, height = cv2.boundingRect(outline)
    if not width:
        return None
    margin = math.ceil(reach_px) + 2
    rows = slice(max(0, y - margin), y + height + margin)
    columns = slice(max(0, x - margin), x + width + margin)
    far = np.float32(reach_px)
    result = np.where(inside > 0, -far, far).astype(np.float32, copy=False)
    result[rows, columns] = _near(
        np.ascontiguousarray(coverage[rows, columns]), inside[rows, columns], outline[rows, columns], far
    )
    return result


def _near(coverage: Float32, inside: UInt8, outline: UInt8, far: np.float32) -> Float32:
    rough, labels = cv2.distanceTransformWithLabels(
        1 - outline, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    seeds = np.flatnonzero(outline)
    place_of = np.zeros(len(seeds) + 1, np.int32)
    place_of[labels.ravel()[seeds]] = np.arange(len(seeds), dtype=np.int32)
    width = coverage.shape[1]
    signed = np.where(inside > 0, -far, far).astype(np.float32).ravel()
    asked = np.flatnonzero((rough <= far + 2).ravel())
    nearest = place_of[labels.ravel()[asked]]
    row, column = (each.astype(np.float32) for each in np.divmod(asked.astype(np.int32), np.int32(width)))
    line = _Line.of(coverage, seeds)
    first = line.distance(nearest, row, column)
    # what OpenCV calls nearest is a pixel or three aside; what is nearest to the foot of that is nearest
    foot_row = np.clip(row - line.out_y[nearest] * first + np.float32(0.5), 0, coverage.shape[0] - 1)
    foot_column = np.clip(column - line.out_x[nearest] * first + np.float32(0.5), 0, width - 1)
    foot = foot_row.astype(np.int32) * np.int32(width) + foot_column.astype(np.int32)
    again = place_of[labels.ravel()[foot]]
    away = np.minimum(np.abs(first), np.hypot(column - line.x[again], row - line.y[again]))
    away = np.copysign(away, signed[asked])
    signed[asked] = np.clip(np.where(np.abs(first) < 1.0, first, away), -far, far)
    return signed.reshape(coverage.shape)


class _Line(NamedTuple):
    """Where the half line runs next to the pixels of the outline: a place on it, in pixels of the array, and the way
    out there, of length 1."""

    x: Float32
    y: Float32
    out_x: Float32
    out_y: Float32

    def distance(self, nearest: _Ints, row: Float32, column: Float32) -> Float32:
        """From the line next to these pixels of the outline; negative on its inner side.

        Beside its foot a straight line is as far as along its normal; further off the foot itself is what is nearest.
        """
        way_x, way_y = column - self.x[nearest], row - self.y[nearest]
        along = way_x * self.out_x[nearest] + way_y * self.out_y[nearest]
        away = np.copysign(np.hypot(way_x, way_y), along)
        return np.asarray(np.where(np.abs(away) < _BESIDE_PX, along, away), np.float32)

    @classmethod
    def of(cls, coverage: Float32, seeds: npt.NDArray[np.intp]) -> _Line:
        height, width = coverage.shape
        row, column = np.divmod(seeds, width)

        def beside(down: int, across: int) -> Float32:
            found = coverage[np.clip(row + down, 0, height - 1), np.clip(column + across, 0, width - 1)]
            return np.asarray(found, np.float32)

        up, low, left, right = beside(-1, 0), beside(1, 0), beside(0, -1), beside(0, 1)
        corners = (beside(-1, -1), beside(-1, 1), beside(1, -1), beside(1, 1))
        out_x = 2 * (left - right) + corners[0] - corners[1] + corners[2] - corners[3]
        out_y = 2 * (up - low) + corners[0] + corners[1] - corners[2] - corners[3]
        steep = np.maximum(np.hypot(out_x, out_y), 1e-6)
        out_x, out_y = out_x / steep, out_y / steep
        own = coverage.ravel()[seeds]
        lowest = np.minimum(np.minimum(up, low), np.minimum(left, right))
        beyond = np.clip((own - 0.5) / np.maximum(own - lowest, 1e-6), 0.0, 1.0)
        beyond *= np.maximum(np.abs(out_x), np.abs(out_y))
        places = column + out_x * beyond, row + out_y * beyond
        return cls(*(np.asarray(each, np.float32) for each in (*places, out_x, out_y)))
