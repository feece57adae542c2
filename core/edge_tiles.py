"""Work only where a matte has an edge: in tiles, each with as much around it as the work looks at.

What has the same coverage all around stays what it is, for everything that makes edges softer, calmer or wider. The
result is the same as of the whole picture. Knows nothing of what is done.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32

_BLOCK_PX = 32
_TILE_BLOCKS = 8
_GRID_PX = 16
"""Parts begin on this grid, so that what works on a smaller copy sees the same one in every tile."""

Place = tuple[slice, slice]


def near_edges(coverage: Float32, reach_px: float, work: Callable[[Float32, Place], Float32]) -> Float32:
    """`work` of every tile that has an edge within `reach_px`.

    Args:
        coverage: (H, W).
        reach_px: how far from a pixel `work` looks.
        work: given a contiguous part of the coverage and its place in the whole; gives as much back. What it makes of
            pixels that are nearer to the part's border than `reach_px`, where that is not the picture's, is not used.

    Returns:
        A new array; the very same one where there is no edge.
    """
    active = _active(coverage, reach_px)
    if not active.any():
        return coverage
    margin = math.ceil(reach_px / _GRID_PX) * _GRID_PX
    height, width = coverage.shape
    result = coverage.copy()
    tile = _BLOCK_PX * _TILE_BLOCKS
    for row, column in zip(*np.nonzero(_tiles(active)), strict=True):
        top, left = int(row) * tile, int(column) * tile
        bottom, right = min(top + tile, height), min(left + tile, width)
        rows = slice(max(0, top - margin), min(height, bottom + margin))
        columns = slice(max(0, left - margin), min(width, right + margin))
        made = work(np.ascontiguousarray(coverage[rows, columns]), (rows, columns))
        inside = slice(top - rows.start, bottom - rows.start), slice(left - columns.start, right - columns.start)
        result[top:bottom, left:right] = made[inside]
    return result


def _active(coverage: Float32, reach_px: float) -> npt.NDArray[np.bool_]:
    """Blocks around which not everything is the same."""
    height, width = coverage.shape
    strips = [coverage[top : top + _BLOCK_PX] for top in range(0, height, _BLOCK_PX)]
    columns = np.arange(0, width, _BLOCK_PX)
    low = np.minimum.reduceat(np.stack([strip.min(axis=0) for strip in strips]), columns, axis=1)
    high = np.maximum.reduceat(np.stack([strip.max(axis=0) for strip in strips]), columns, axis=1)
    around = np.ones((2 * math.ceil(reach_px / _BLOCK_PX) + 1,) * 2, np.uint8)
    return np.asarray(cv2.erode(low, around) != cv2.dilate(high, around), bool)


def _tiles(active: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    rows, columns = (np.arange(0, side, _TILE_BLOCKS) for side in active.shape)
    return np.asarray(np.logical_or.reduceat(np.logical_or.reduceat(active, rows, axis=0), columns, axis=1), bool)
