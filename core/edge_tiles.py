"""Work only where a matte has an edge: in tiles, each with as much around it as the work looks at.

What has the same coverage all around stays what it is, for everything that makes edges softer, calmer or wider. The
result is the same as of the whole picture. Knows nothing of what is done.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt

from core.arrays import Float32

_BLOCK_PX = 32
_TILE_BLOCKS = 8
_FAR_PX = 40.0
"""Work that looks further than this is done in one piece: tiles would mostly be what lies around them."""
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

    def fill(tile: tuple[int, int, int, int]) -> None:
        top, left, bottom, right = tile
        rows = slice(max(0, top - margin), min(height, bottom + margin))
        columns = slice(max(0, left - margin), min(width, right + margin))
        made = work(np.ascontiguousarray(coverage[rows, columns]), (rows, columns))
        inside = slice(top - rows.start, bottom - rows.start), slice(left - columns.start, right - columns.start)
        result[top:bottom, left:right] = made[inside]

    tiles = _tiles(active, height, width, whole=reach_px > _FAR_PX)
    list(_workers().map(fill, tiles)) if len(tiles) > 1 else fill(tiles[0])
    return result


@functools.cache
def _workers() -> ThreadPoolExecutor:
    """NumPy and OpenCV let go of Python's lock while they work; no tile waits for another one."""
    return ThreadPoolExecutor(min(8, os.cpu_count() or 1), thread_name_prefix="edge tiles")


def _active(coverage: Float32, reach_px: float) -> npt.NDArray[np.bool_]:
    """Blocks around which not everything is the same."""
    height, width = coverage.shape
    strips = [coverage[top : top + _BLOCK_PX] for top in range(0, height, _BLOCK_PX)]
    columns = np.arange(0, width, _BLOCK_PX)
    low = np.minimum.reduceat(np.stack([strip.min(axis=0) for strip in strips]), columns, axis=1)
    high = np.maximum.reduceat(np.stack([strip.max(axis=0) for strip in strips]), columns, axis=1)
    around = np.ones((2 * math.ceil(reach_px / _BLOCK_PX) + 1,) * 2, np.uint8)
    return np.asarray(cv2.erode(low, around) != cv2.dilate(high, around), bool)


def _tiles(active: npt.NDArray[np.bool_], height: int, width: int, *, whole: bool) -> list[tuple[int, int, int, int]]:
    """Top, left, bottom, right of every tile with something to do; one around all of it where `whole`."""
    if whole:
        rows, columns = (np.flatnonzero(active.any(axis=axis)) * _BLOCK_PX for axis in (1, 0))
        bottom, right = int(rows[-1]) + _BLOCK_PX, int(columns[-1]) + _BLOCK_PX
        return [(int(rows[0]), int(columns[0]), min(bottom, height), min(right, width))]
    firsts = [np.arange(0, side, _TILE_BLOCKS) for side in active.shape]
    busy = np.logical_or.reduceat(np.logical_or.reduceat(active, firsts[0], axis=0), firsts[1], axis=1)
    side = _BLOCK_PX * _TILE_BLOCKS
    places = [(int(row) * side, int(column) * side) for row, column in zip(*np.nonzero(busy), strict=True)]
    return [(top, left, min(top + side, height), min(left + side, width)) for top, left in places]
